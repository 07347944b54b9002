"""The words that options take, where the rooms that give them their meaning take long to load; a test holds both together."""

__all__ = ["EXPORT_OPTIONS", "FORMS", "GATES", "LOG_FORMS", "SASL", "SCRIPTS", "STRATEGIES", "VERSIONS"]

EXPORT_OPTIONS = ("ColumnSeparator", "QuoteCharacter", "MVSeparator", "CodePage")
"""What says how a table of the Exchange Administrator program is written, in the words of its options file."""

FORMS = ("text", "json", "ldif", "markdown", "html")
"""The forms of a plan."""

GATES = ("maybe-truncated", "addresses-unseen")
"""Findings that no plan is made past unless it is said that they mean nothing here."""

LOG_FORMS = ("tracking", "sentlog", "systemlog", "vertical", "dumpel", "viewer")
"""The formats of text that logs are read in (`remedy.eventlogs`)."""

SASL = ("none", "external", "gssapi")
"""How somebody proves who he is without a password of his own (`remedy.stores.login`)."""

SCRIPTS = ("exchange-csv", "ldif", "ldapmodify", "ldifde", "vbscript", "powershell", "msmail")
"""The languages that a plan is written in (`remedy.scripts`)."""

STRATEGIES = ("exchange", "postoffice", "both", "mixed")
"""How postoffices are covered (`remedy.strategies`)."""

VERSIONS = ("4.0", "4.0sp3", "5.0", "5.5", "5.5sp4", "2000", "2003")
"""What `--exchange-version` takes."""
