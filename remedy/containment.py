"""What keeps a list server's answers out while the cure is carried out, where they come from, and what does not help.

Law: each way to contain a loop says what it costs and how it is taken back; what an article leaves open stays open.
"""

from dataclasses import dataclass
from typing import Any

from remedy.handbook import Said

__all__ = ["CONTROLS", "IN_QUEUES", "NO_CURE", "SOURCE_OF_LOOP", "Control", "contained"]


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
        where="Exchange 4.0 from Service Pack 3 on, 5.0 and 5.5 with a late one",
        versions=frozenset({"4.0sp3", "5.0", "5.5", "5.5sp4"}),
        unsure=frozenset({"5.0", "5.5"}),
        do=(
            Said(r"In the key `MSExchangeIMC\Parameters` set `TurfTable` (REG_MULTI_SZ), one sender a line, in any case, and "
                 "`TurfDir` (REG_SZ), a folder that is there; then restart the connector or service.",
                 "Q155683, Q166163, Q193926"),
            Said("Exchange 5.5 takes `@domain` too, which counts for that domain and those below it, `#@domain` for that "
                 "domain alone, `user@[ip]` and `@[ip]`.", "Q155683, Q193437"),
        ),
        effects=(
            Said("It is the From address that is compared.", "Q155683, Q166163"),
            Said("Every message with such an address is saved in `TurfDir` and not delivered; without that folder it is lost.",
                 "Q155683, Q197289"),
            Said("Wanted mail of the list goes the same way. Take the address from the From line of the events; the list may "
                 "write from several.", inferred=True),
        ),
        undo=(
            Said("Take the lines out again and restart the connector or service.", inferred=True),
            Said("On Exchange 5.5 restart the Information Store too, as after removing an entry under Message Filtering.",
                 "Q285860", inferred=True),
        ),
    ),
    Control(
        name="Message Filtering",
        where="the Internet Mail Service of Exchange 5.5 from Service Pack 1 (Q197289) or 2 (Q245465) on",
        versions=frozenset({"5.5", "5.5sp4"}),
        unsure=frozenset({"5.5"}),
        do=(
            Said("In its properties, page Connections, Message Filtering: add the sender or the domain, and clear the box that "
                 "deletes messages; then restart the service.", "Q245465"),
            Said("Make the folder `TurfDir` by hand: each entry sets its place to `C:\\TurfDir` anew.", "Q193926, Q197289"),
            Said("Before Service Pack 2 the dialog does not take `#@domain`.", "Q155683, Q193437"),
        ),
        effects=(
            Said("Every message of such a sender, wanted mail of the list too, is deleted for good; or saved, if the box is "
                 "clear and the folder is there. Event 4192 tells of each.", "Q245465, Q193926"),
            Said("`.` stands for an empty From address; never enter it, because reports of failed delivery have one.",
                 "Q247296, Q250507, Q200059", inferred=True),
        ),
        undo=(
            Said("Remove the entry and restart the service; an entry that was removed counts until the Information Store is "
                 "restarted.", "Q285860"),
        ),
    ),
)  # fmt: skip
"""The ways to contain a loop, the one that stands farthest outside first."""

SOURCE_OF_LOOP = (
    Said("Set Diagnostics Logging of MSExchangeMSMI to Maximum, and search the application log for the source "
         "`MSExchangeMSMI` and the description `POSTMASTER`.", "Q175447"),
    Said("Events that come again and again with the same details may show both ends: To names the postoffice, From the "
         "address of the list server. How many are too many no article says.", "Q175447"),
    Said("Event 2117 of that source is a report that was made. One with `[008]` or `[017]` of the same postoffice, just before "
         "the first of the others, is likely the cause; it is written without Maximum too.", "Q163020, Q175447, Q151791",
         inferred=True),
    Said("The MTA between the postoffices writes under the name that its service was given, not under a fixed source.",
         "Q152554"),
    Said("EXTERNAL writes `SYSTEM.LOG` at the postoffice: look for the subject Mail failure.", "Q99204, Q118675, Q131852"),
)  # fmt: skip

IN_QUEUES = (
    Said("Messages in the queue of the connector, and in that of each postoffice, can be viewed, returned or deleted.",
         "Exchange 5.5 online books, xmt02011"),
    Said("A message that was deleted does not come back.", inferred=True),
    Said("On Exchange 5.0 before its last service pack that takes the rights of a local Administrator.", "Q169669"),
    Said("If one is stuck in the queue of the MTA, stop the Microsoft Mail Connector Interchange before it is deleted.",
         "Q173344"),
    Said("The Internet Mail Service of 5.5 is flushed by the transfer mode None (Flush Queues).", "Q156063"),
    Said("Resetting INQUEUE3 of the connector's own postoffice loses the mail that is queued in it.", "Q175965"),
)  # fmt: skip

NO_CURE = (
    Said("Hop counts and circular routes (`[003]`, `[004]`) do not end this loop: each answer of the list server is a new "
         "message.", "Q128432, Q216161", inferred=True),
    Said("`DisableLoopbackConnection` (with an s at its end in Q146126) only keeps the service from connecting to itself.",
         "Q156063, Q146126"),
    Said("The limit that prohibits a mailbox to send and receive sends mail back, and before 5.5 Service Pack 4 it can start "
         "another loop.", "Q182557, Q238498"),
    Said("A custom recipient for NETWORK/PO/POSTMASTER, made by hand, is no cure: Exchange 4.0, as a requestor of directory "
         "synchronisation, may wipe the address list of that postoffice elsewhere.", "Q156996", inferred=True),
)  # fmt: skip


def contained(version: str | None) -> tuple[tuple[dict[str, Any], ...], tuple[Control, ...]]:
    """Give the controls that an estate can have, each with whether that is ``sure``; and those that its version has not.

    Where no version is stated every control is given, and none of Exchange's own is sure.
    """
    fitting = [each for each in CONTROLS if not (version and each.versions) or version in each.versions]
    known = ({"control": each, "sure": not each.versions or version in each.versions - each.unsure} for each in fitting)
    return tuple(known), tuple(each for each in CONTROLS if each not in fitting)
