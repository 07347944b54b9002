"""The words that options take, where the rooms that give them their meaning take long to load; a test holds both together."""

__all__ = [
    "DATE_ORDERS",
    "EXPORT_OPTIONS",
    "FORMS",
    "GATES",
    "LOG_FORMS",
    "PAGES",
    "SASL",
    "SCRIPTS",
    "STRATEGIES",
    "VERSIONS",
]

DATE_ORDERS = ("mdy", "dmy", "ymd")
"""In which order the three numbers of a date stand (`remedy.eventlogs.dates`)."""

EXPORT_OPTIONS = ("ColumnSeparator", "QuoteCharacter", "MVSeparator", "CodePage")
"""What says how a table of the Exchange Administrator program is written, in the words of its options file."""

FORMS = ("text", "json", "ldif", "markdown", "html")
"""The forms of a plan."""

GATES = ("maybe-truncated", "addresses-unseen")
"""Findings that no plan is made past unless it is said that they mean nothing here."""

LOG_FORMS = ("message-tracking", "sent-log", "system-log", "event-properties", "dumpel", "event-viewer")
"""The formats of text that logs are read in (`remedy.eventlogs`)."""

PAGES = ("markdown", "html")
"""The forms of a runbook (`remedy.rendering`)."""

SASL = ("none", "external", "gssapi")
"""How somebody proves who he is without a password of his own (`remedy.stores.login`)."""

SCRIPTS = ("exchange-csv", "ldif", "ldapmodify", "ldifde", "vbscript", "powershell", "msmail")
"""The languages that a plan is written in (`remedy.scripts`)."""

STRATEGIES = ("exchange", "postoffice", "both", "mixed")
"""How postoffices are covered (`remedy.strategies`)."""

VERSIONS = ("4.0", "4.0sp3", "5.0", "5.5", "5.5sp4", "2000", "2003")
"""What `--exchange-version` takes."""
