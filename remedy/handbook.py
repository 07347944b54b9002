"""What every runbook says whatever the plan is: each sentence once, with the articles it rests on.

Law: a sentence is as sure as its source; what was only inferred says so, and what nobody could find out is called unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "CONTROLS", "ENDINGS", "EVENTS", "IN_QUEUES", "NO_CURE", "SIGNS", "SINK_CHECKS", "SOURCE_OF_LOOP", "TESTING", "UNKNOWNS",
    "UPKEEP", "WATCHING", "Control", "Event", "Said",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence or two; what stands between backticks is a word to type or to look for."""

    text: str
    kb: str = ""
    inferred: bool = False
    """Whether it follows from what its sources say, and none of them says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One way to keep a list server's answers out while the cure is carried out."""

    name: str
    where: str
    """What has it, in words."""
    versions: frozenset[str]
    """The versions of Exchange that have it; empty = it is none of Exchange's."""
    unsure: frozenset[str] = frozenset()
    """Those of them that have it only from some service pack on."""
    do: tuple[Said, ...]
    effects: tuple[Said, ...]
    undo: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """What the Microsoft Mail Connector Interchange writes of one pass of a loop."""

    number: int
    category: str
    text: str
    kb: str


_ROW_FILTER = "Q245465, Q247296, Q193926, Q197289, Q285860"

CONTROLS = (
    Control(
        name="Firewall or relay host",
        where="whatever stands between Exchange and the Internet",
        versions=frozenset(),
        do=(
            Said("Refuse the host of the list server there; the documentation of that host says how.", "Q175447"),
            Said("If there is such a host, this is the place: Exchange itself sees only the last host on the way.", "Q175447",
                 inferred=True),
        ),
        effects=(Said("All mail of the refused host stays out, wanted mail of its lists too.", inferred=True),),
        undo=(Said("Take the rule out again once every postoffice is proven.", "Q175447", inferred=True),),
    ),
    Control(
        name="Accept or Reject by Host",
        where="the Internet Mail Connector of Exchange 4.0, the Internet Mail Service of 5.0 and 5.5",
        versions=frozenset({"4.0", "4.0sp3", "5.0", "5.5", "5.5sp4"}),
        do=(
            Said("In its properties, page Connections, Accept or Reject by Host: add the IP address and the mask of the list "
                 "server with the action that rejects.", "Q175447, Q155920"),
            Said("An entry that accepts a narrower range overrides it.", "Q155920"),
        ),
        effects=(
            Said("A host that is rejected is told `521 <domain> access denied`.", "Q155920"),
            Said("All mail of that host stays out, wanted mail of its lists too.", inferred=True),
            Said("The host that counts is the last one on the way. Behind a firewall or relay it would be that one, and all "
                 "Internet mail would stay out: refuse the list server there instead.", "Q175447", inferred=True),
        ),
        undo=(Said("Take the entry out again once every postoffice is proven.", "Q175447", inferred=True),),
    ),
    Control(
        name="Senders in the registry (TurfTable, TurfDir)",
        where="Exchange 4.0 from Service Pack 3 on, 5.0 and 5.5",
        versions=frozenset({"4.0sp3", "5.0", "5.5", "5.5sp4"}),
        do=(
            Said(r"In the key `MSExchangeIMC\Parameters` set `TurfTable` (REG_MULTI_SZ), one sender a line, in any case, and "
                 "`TurfDir` (REG_SZ); then restart the connector or service.", "Q155683, Q166163"),
            Said("Exchange 5.5 takes `@domain` too, which counts for subdomains, `#@domain` for that domain alone, "
                 "`user@[ip]` and `@[ip]`.", "Q155683, Q193437"),
        ),
        effects=(
            Said("It is the From address that is compared.", "Q155683, Q166163"),
            Said("Every message with such an address is held back, wanted mail of the list too. Take the address from the "
                 "From line of the events; the list may write from several.", inferred=True),
        ),
        undo=(
            Said("Take the lines out again and restart the connector or service.", inferred=True),
            Said("On Exchange 5.5 restart the Information Store too, as after removing an entry under Message Filtering.",
                 inferred=True),
        ),
    ),
    Control(
        name="Message Filtering",
        where="the Internet Mail Service of Exchange 5.5 from Service Pack 1 on",
        versions=frozenset({"5.5", "5.5sp4"}),
        unsure=frozenset({"5.5"}),
        do=(
            Said("In its properties, page Connections, Message Filtering: add the sender or the domain, then restart the "
                 "service.", _ROW_FILTER),
            Said("`TurfDir` must exist (event 4192 says if it does not), and the dialog sets it anew.", _ROW_FILTER),
            Said("Before Service Pack 2 the dialog does not take `#@domain`.", "Q155683, Q193437"),
        ),
        effects=(
            Said("Every message of such a sender is held back, wanted mail of the list too.", inferred=True),
            Said("`.` stands for an empty From address; never enter it, because reports of failed delivery have one.",
                 f"{_ROW_FILTER}; Q250507, Q200059", inferred=True),
        ),
        undo=(
            Said("Remove the entry and restart the service; an entry that was removed counts until the Information Store is "
                 "restarted.", _ROW_FILTER),
        ),
    ),
)  # fmt: skip
"""The ways to contain a loop, the one that stands farthest outside first."""

SOURCE_OF_LOOP = (
    Said("Set Diagnostics Logging of MSExchangeMSMI to Maximum, and search the application log for the source "
         "`MSExchangeMSMI` and the description `POSTMASTER`.", "Q175447"),
    Said("Events that come again and again with the same details show both ends: To names the postoffice, From the address "
         "of the list server. How many are too many no article says.", "Q175447"),
)  # fmt: skip

IN_QUEUES = (
    Said("Messages in the queue of the connector, and in that of each postoffice, can be viewed, returned or deleted.",
         "Exchange 5.5 online books, xmt02011"),
    Said("A message that was deleted does not come back.", inferred=True),
    Said("On Exchange 5.0 that takes the rights of a local Administrator.", "Q169669"),
    Said("If one is stuck, stop the Microsoft Mail Connector Interchange first.", "Q173344"),
    Said("The Internet Mail Service of 5.5 is flushed by the transfer mode None (Flush Queues).", "Q156063"),
    Said("Resetting INQUEUE3 of the connector's own postoffice loses the mail in it.", "Q175965"),
)  # fmt: skip

NO_CURE = (
    Said("Hop counts and circular routes (`[003]`, `[004]`) do not end this loop: each answer of the list server is a new "
         "message.", "Q128432, Q216161", inferred=True),
    Said("`DisableLoopbackConnection` only keeps the service from connecting to itself.", "Q156063, Q146126"),
    Said("Prohibiting a mailbox to receive can start another loop.", "Q238498, Q182557"),
)  # fmt: skip

SINK_CHECKS = (
    Said("Each mailbox that takes the mail has no receive limit, no rules, no out-of-office reply and no forwarding. Mail "
         "that it refuses can start another loop; so can mail that it answers or sends on.", "Q238498, Q182557",
         inferred=True),
    Said("None of them lies in a container that directory synchronisation exports; to hide it is not enough.",
         "Q149192, Q200062"),
    Said("Somebody is named who reads and empties each of them, and knows that it must never answer: reports that a "
         "postoffice sends now carry its name.", "Q175707", inferred=True),
)  # fmt: skip

TESTING = (
    Said("Send from a mailbox outside of the organisation, one that answers nothing by itself. A message from Microsoft Mail "
         "shows nothing: the connector reroutes it and asks no directory. Nor does one from an Exchange user, who may get it "
         "back.", "Q164456, Q156545", inferred=True),
    Said("The prefix must be in upper case.", "Q271575"),
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
             "replaces primary ones; what it does to secondary ones of Microsoft Mail is not known.",
             "Q188680, Q291086, Q202295"),
        Said("Verify too after a server was moved with the Move Server Wizard, which makes addresses anew, and after the "
             "Microsoft Mail type was switched off in site addressing, which takes such addresses away.",
             "Q196421, Q176033, Q170377"),
        Said("A postoffice that is added later is exposed until it is planned: survey after each, and plan again.",
             "Q175447", inferred=True),
        Said("The first report of a loop has a cause of its own, which this change does not remove: mailbag contention "
             "(`[008]`), a full mailbag (`[017]`), an MTA that does not run.", "Q163020, Q138054, Q237695"),
    ),
    "active-directory": (
        Said("After a change of recipient policies verify again: the Recipient Update Service may make another address the "
             "primary one.", "Q318072"),
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
        Said("Whether the connector of Exchange 2000 and 2003 writes the same events, and reroutes mail as that of 4.0 to 5.5 "
             "does: the articles are about those."),
        Said("Whether versions of Exchange later than 2003 warn of addresses of the type `ms`."),
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
