"""What every runbook says whatever the plan is: each sentence once, with the articles it rests on.

Law: a sentence is as sure as its source; what was only inferred says so, and what nobody could find out is called unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "BY_HAND", "ENDINGS", "EVENTS", "IMPORTING", "SIGNS", "SINK_CHECKS", "TESTING", "UNKNOWNS", "UPKEEP", "WATCHING", "Event",
    "Said",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence or two; what stands between backticks is a word to type or to look for."""

    text: str
    kb: str = ""
    inferred: bool = False
    """Whether it follows from what its sources say, and none of them says it."""


@dataclass(frozen=True, slots=True)
class Event:
    """What the Microsoft Mail Connector Interchange writes of one pass of a loop."""

    number: int
    category: str
    text: str
    kb: str


BY_HAND = (
    Said("ADMIN.EXE offers the default password of the postoffice, which is `password` unless it was changed: give the mailbox "
         "one of its own, of 8 characters at most.", "Q118927, Q96003"),
    Said("It sends a message of welcome, which is no test message. In which order it asks its questions is not known.",
         "Q108841"),
    Said("Take IMPORT.EXE only from 3.2.18 on (Windows NT: 3.5.33): earlier ones spoil the numbers of users.",
         "Q111556, Q216193", inferred=True),
)  # fmt: skip

IMPORTING = (
    Said("With which code `admin.exe` ends is not documented. A file `.err` or `.e01` beside the CSV file tells that rows "
         "failed, and the application log why, source `MSExchangeDSImp`: 181 is no permission, 238 an address that the entry "
         "named there holds already; 222, 226 and 291 tell of columns that are not as they were written.",
         "Exchange SDK; Q177938, Q184532, Q188649"),
    Said("Save no CSV file from a spreadsheet: Excel cuts cells over 255 characters.", "Q155414, Q188649"),
    Said("The way back takes single addresses away, which needs a later Dapi.dll: a hotfix of 5.0, or a service pack of 5.5.",
         "Q184536"),
)  # fmt: skip

SINK_CHECKS = (
    Said("Each mailbox that takes the mail has no receive limit, no rules, no out-of-office reply and no forwarding. Mail "
         "that it refuses can start another loop; so can mail that it answers or sends on.", "Q238498, Q182557",
         inferred=True),
    Said("None of them lies in a container that directory synchronisation exports, or its trust level keeps it back; to hide "
         "one that was exported before is not enough.", "Q149192, Q200062", inferred=True),
    Said("Somebody is named who reads and empties each of them, and knows that it must never answer: reports that a "
         "postoffice sends now carry its name.", "Q175707", inferred=True),
)  # fmt: skip

TESTING = (
    Said("Send from a mailbox outside of the organisation, one that answers nothing by itself. A message from Microsoft Mail "
         "shows nothing: the connector reroutes it and asks no directory. Nor does one from an Exchange user, who may get it "
         "back.", "Q164456, Q156545", inferred=True),
    Said("The prefix must be in upper case. Where a server on the way changes that, the message comes back.", "Q271575"),
    Said("The form of the address is documented for users of Microsoft Mail; that it serves for POSTMASTER follows.",
         "Q175707", inferred=True),
)  # fmt: skip

EVENTS = (
    Event(10000, "Debug Data", "Recipient is MS:NETWORK/PO/POSTMASTER", "Q175447"),
    Event(2448, "Sent", "Message ID <…> received from Exchange, created in MS Mail; To: NETWORK/PO/POSTMASTER",
          "Q175447, Q151473"),
    Event(2444, "Routing", "Message ID <…> processed from INQUEUE; To: NETWORK/PO/POSTMASTER", "Q175447, Q169117"),
)  # fmt: skip
"""In the order of one pass (an inference); their numbers stand in the edition of Q175447 of 1999."""

WATCHING = (
    Said("They are written only while Diagnostics Logging of MSExchangeMSMI is at Maximum. Set it back when the watch ends.",
         "Q175447, Q151791", inferred=True),
    Said("Event 10000 has other texts too; it counts only with a postmaster address.", "Q166589, Q169682, Q151791"),
    Said("Of an address that an Exchange mailbox now holds, no new one may come.", "Q175447", inferred=True),
    Said("Of a postoffice with a POSTMASTER mailbox of its own, one of each for a message is right: the mail does pass the "
         "connector. The same details again and again are the loop.", "Q175447", inferred=True),
    Said("That no report comes is no proof of health: the MTA may send none where a postoffice cannot be reached.", "Q277831"),
)  # fmt: skip

UPKEEP: Mapping[str, tuple[Said, ...]] = {
    "exchange": (
        Said("Read and empty each Exchange mailbox that takes the mail; leave it without limits, rules, out-of-office reply "
             "and forwarding.", "Q238498, Q182557", inferred=True),
    ),
    "postoffice": (
        Said("Nothing empties a POSTMASTER mailbox by itself. At 4096 messages, read and unread, it takes no more, and the "
             "loop comes back.", "Q138054, Q175447", inferred=True),
        Said("The Windows client empties it by signing in, with inbox synchronisation off; with the DOS client messages are "
             "moved or deleted.", "Q138054"),
        Said("Space comes back only by Local-Admin, Storage, Compress, with EXTERNAL and the gateways stopped.",
             "Q146113, Q101749"),
        Said("`remedy survey --fail-on near-limit` on the folder of a postoffice tells a scheduler before it is full. Until "
             "a compress the number is an upper bound.", "Q146113"),
    ),
    "all": (
        Said("Run `remedy verify` on fresh sources after every change of site addressing. The update of all addresses "
             "replaces primary ones; what it does to secondary ones of Microsoft Mail is not known. So answer No where it "
             "asks whether to update all recipients, or plan and apply again.", "Q188680, Q291086, Q202295", inferred=True),
        Said("Verify too after the Move Server Wizard or the Internet Mail Wizard ran, which write over SMTP addresses; of "
             "others nothing is said. And after the Microsoft Mail type was switched off in site addressing of Exchange 5.5, "
             "which takes such addresses away.", "Q196421, Q202295, Q176033"),
        Said("A postoffice that is added later is exposed until it is planned: survey after each, and plan again.",
             "Q175447", inferred=True),
        Said("The first report of a loop has a cause of its own, which this change does not remove: mailbag contention "
             "(`[008]`), a full mailbag (`[017]`), an MTA that does not run.", "Q175447, Q163020, Q138054"),
        Said("Contention is most often two EXTERNALs at one mailbag; else look for an EXTERNAL before 3.2.18, files without "
             "an owner on NetWare, files in P1 older than two days, and damaged ACCESS files. If it is a mailbag of the "
             "connector's own postoffice, look whether the MTA runs.", "Q237695, Q163020"),
    ),
    "active-directory": (
        Said("After a change of recipient policies verify again: the Recipient Update Service takes no address away, but may "
             "make another one the primary.", "Exchange team blog, 2007-01-05"),
        Said("Exchange 2003 has no connector for Microsoft Mail: the server of Exchange 2000 or 5.5 that has it must stay as "
             "long as the postoffices do.", "What's New in Exchange Server 2003", inferred=True),
    ),
}  # fmt: skip
"""What keeps the cure working: for mailboxes of Exchange, for those of postoffices, for all, for Active Directory."""

UNKNOWNS: Mapping[str, tuple[Said, ...]] = {
    "all": (
        Said("What the update of all addresses, after a change of site addressing, does to secondary Microsoft Mail "
             "addresses."),
        Said("How the sender from the Internet is written in events 2444 and 2448: look for the domain by eye."),
        Said("Whether Exchange 5.5 or the connector has a switch that sends no reports to the Internet: none was found."),
    ),
    "exchange55": (
        Said("Whether a mailbox of Exchange 5.0 or 5.5 takes more than 200 addresses; 4.0 does not.", "Q146345"),
        Said("Whether ldifde works with Exchange 5.5: its scripts are untested there."),
        Said("Whether an Exchange 5.5 server keeps the lower case of `ms` as it was written. `remedy verify` compares without "
             "case."),
    ),
    "active-directory": (
        Said("Whether the connector of Exchange 2000 writes the same events, and reroutes mail as that of 4.0 to 5.5 does: the "
             "articles are about those."),
        Said("Whether versions of Exchange later than 2003 warn of addresses of the type `ms`."),
    ),
    "creates": (
        Said("What an Exchange 5.5 server must be told of a mailbox that is made over LDAP: the sources differ, so send a "
             "message to it first."),
    ),
    "shadow": (
        Said("Whether the connector takes mail for the postmaster of its own postoffice where a mailbox holds that address: "
             "prove it with a test message.", "Q191163, Q166589"),
    ),
}  # fmt: skip
"""What was looked for and not found: nobody may rely on either answer."""

ENDINGS = (
    (0, "done", "Go on with the verification."),
    (1, "failed", "Do what the last sentence says, and begin with the dry run again."),
    (4, "refused", "Nothing was changed. Allow nothing that was not approved."),
    (5, "stale, or in conflict", "What was expected and found is printed. Plan again, and have the new digest approved."),
    (6, "partly applied, or in doubt", "Use the line for going on that is printed, or roll back; the journal knows."),
    (7, "no connection", "Check the server, the name and the password, and begin with the dry run again."),
    (130, "interrupted", "Use the line for going on that is printed, or roll back; the journal knows."),
)  # fmt: skip
"""How `remedy apply` can end, by its exit code, and what comes then."""

SIGNS = (
    "Prepared", "Read by a second person, digest compared", "Approved by the change board", "Prechecks done", "Carried out",
    "Steps by hand done", "Verified", "Containment taken back", "Takes over the maintenance",
)  # fmt: skip
"""Who signs, in this order."""
