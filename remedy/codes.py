"""The table of codes: what each finding and hazard means, why it matters, what to do, and where it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

__all__ = ["CODES", "HAZARDS", "OWN", "Code", "Severity"]


class Severity(StrEnum):
    """How much a finding matters; errors decide exit codes."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Code:
    """The meaning of one code."""

    severity: Severity | None
    """None for a hazard."""
    meaning: str
    why: str
    fix: str
    kb: str = "Q175447"


_error, _warning, _info = (partial(Code, severity) for severity in Severity)
_hazard = partial(Code, None)


OWN = "a rule of remedy's own"
"""Where no article says it."""

CODES: Mapping[str, Code] = {
    "exposed": _error(
        "Nobody is seen to hold the postmaster address of this postoffice.",
        "A list server's answer to a non-delivery report bounces there, and the loop runs.",
        "Run `remedy plan` and apply what it plans, or create a POSTMASTER mailbox on the postoffice.",
    ),
    "duplicate-address": _error(
        "Two or more directory entries hold the same postmaster address.",
        "Exchange cannot choose between them and returns mail as for an ambiguous recipient.",
        "Decide which entry keeps the address and remove it from the others in Administrator.",
        "Q251152, Q168367",
    ),
    "mailbox-full": _error(
        "The POSTMASTER mailbox of this postoffice holds 4096 messages.",
        "A mailbag takes 4096 messages, read and unread; mail to a full one bounces as if there were none.",
        "Empty the mailbox, compress the postoffice, and say who empties it from now on.",
        "Q138054, Q175447",
    ),
    "maybe-truncated": _error(
        "A part of an export may be missing: its end, the end of a value, or a column.",
        "Postoffices or holders of an address may stand in the part that is not there. The Administrator program puts values "
        "of more than 255 characters into files of their own, which are not read.",
        "Export again and compare sizes; plan with `--allow maybe-truncated` only if the file is whole.",
        "Q152436, Q184532; the rest is a rule of remedy's own",
    ),
    "addresses-unseen": _error(
        "A source does not show the addresses of its recipients.",
        "Whoever holds a postmaster address by one of them is not seen. The Administrator program exports secondary "
        "addresses only if the column is named in the first line of the file; a second holder makes an address ambiguous.",
        "Export again with the columns E-mail Address, E-mail Addresses and Secondary-Proxy-Addresses; plan with `--allow "
        "addresses-unseen` only if nobody holds such an address.",
        "Q153028, Q148339, Q155594, Q251152",
    ),
    "postmast0": _warning(
        "An address ends in POSTMAST and a digit.",
        "The address generator makes POSTMAST0 of POSTMASTER, so this entry does not get postmaster mail.",
        "Keep it; the plan adds the right secondary addresses explicitly.",
    ),
    "custom-recipient-holds-postmaster": _warning(
        "A custom recipient holds the postmaster address.",
        "Made by directory synchronisation it shows that the postoffice has a POSTMASTER mailbox (inference). Made by hand it "
        "may point at nothing. Either way the address is taken: a second holder would make it ambiguous.",
        "Check in ADMIN.EXE on the postoffice (Local-Admin) that POSTMASTER exists. If it does not, create it, or delete "
        "the custom recipient and plan again.",
        "Q251152, Q168367",
    ),
    "holder-is-not-a-mailbox": _warning(
        "The only holder of the postmaster address is neither a mailbox nor a custom recipient.",
        "Where its mail ends depends on members or rules that are not read here.",
        "Send a test message from outside and see where it ends, or move the address to a mailbox.",
        OWN,
    ),
    "alias-postmaster": _warning(
        "A mailbox is called POSTMASTER.",
        "The address generator makes NETWORK/PO/POSTMAST0 for it, never NETWORK/PO/POSTMASTER.",
        "Nothing has to be renamed: explicit secondary addresses do the work.",
    ),
    "invalid-address": _warning(
        "An address space or a postmaster address is no Microsoft Mail address.",
        "Network, postoffice and mailbox have 1 to 10 characters each, and IMPORT takes letters and digits only; nothing shows "
        "that anything else is delivered.",
        "Correct the value in Administrator.",
        "Q116466, Q96003",
    ),
    "reserved-network": _warning(
        "An address carries a network name that is kept for gateways.",
        "Such a name stands for a gateway and not for postoffices; the connector refuses it for them.",
        "Nothing, if a gateway is meant; else rename the network on the postoffice.",
        "Q175978",
    ),
    "wildcard-address-space": _warning(
        "An address space of a connector covers more than one postoffice.",
        "Postoffices behind it are known only if something else names them, so some may be missing here.",
        "List them in an inventory and give it as a further source.",
        "Exchange 5.5 online books, Operations (xog04003); Q148389",
    ),
    "appletalk-address-space": _info(
        "An address space is of type MSA (Microsoft Mail for AppleTalk Networks).",
        "AppleTalk servers are no PC postoffices, and Q175447 is about those.",
        "Nothing.",
        "Q175978",
    ),
    "stale-system-recipient": _warning(
        "A $SYSTEM recipient that no requestor names.",
        "It can survive the requestor it was made for, so the postoffice may be gone. An export without the "
        "Configuration container shows the same.",
        "Check whether the postoffice exists; if it does not, delete the recipient in Administrator.",
        "Q180434, Q163625",
    ),
    "primary-postmaster": _warning(
        "A mailbox has a postmaster address as its primary Microsoft Mail address.",
        "Mail from that mailbox goes out as the postmaster of a postoffice.",
        "Make the generated address the primary one again and keep this one as secondary.",
        "Q153028",
    ),
    "shadow-postmaster": _warning(
        "The postmaster address of the connector's own (shadow) postoffice.",
        "Non-delivery reports of the connector itself come from there, and the generator makes only POSTMAST0 for it, "
        "so it can be the end of a loop too (inference from Q191163, Q166589).",
        "`remedy plan --include-connector-po` plans the address; no document says whether the connector accepts it, so "
        "prove it with a test message.",
        "Q191163, Q166589, Q163020",
    ),
    "near-limit": _warning(
        "A mailbag or an address list is at 80 % of its limit or above.",
        "A full POSTMASTER mailbag bounces mail again; an entry past its limit takes no further address.",
        "Empty and compress the mailbag, or plan with further sinks (`--max-proxies`).",
        "Q138054, Q146345",
    ),
    "no-hidden-objects-seen": _warning(
        "A directory source shows not one hidden object.",
        "$SYSTEM recipients are hidden, and a hidden entry may hold an address. Without an administrative view they "
        "are not shown, and a duplicate would not be noticed.",
        "Export, or bind, with a name that ends in cn=admin, under an account with View-Only Admin rights or better.",
        "Q185475, Q147084",
    ),
    "not-asked": _warning(
        "A server leaves parts of the directory to other servers, and they were not asked.",
        "A postoffice may be known there only, or an address be held there; referrals are never followed, because that "
        "would hand our password to a server that somebody else names.",
        "Name those servers as further sources, if they hold recipients or connectors.",
        "RFC 4511 §4.5.3; following none is a rule of remedy's own",
    ),
    "smtp-space-on-ms-connector": _warning(
        "An SMTP address space stands on a Microsoft Mail connector.",
        "Internet mail lands on the connector now and then and bounces (events 2375 and 2371).",
        "Remove the SMTP address space from that connector.",
        "Q169117",
    ),
    "sources-disagree": _warning(
        "Two sources say different things about one postoffice or entry.",
        "One of them is out of date; what follows from it is uncertain.",
        "Find out which one is right and correct the other.",
        OWN,
    ),
    "inventory-row": _warning(
        "A row of an inventory cannot be understood.",
        "The postoffice in it is not looked at.",
        "Correct the row; `remedy plan` waits for it.",
        OWN,
    ),
    "inventory-column": _warning(
        "An inventory or a tool's listing holds something that remedy does not know, or that is not what it seems.",
        "What stands there is not used: a postoffice or a fact about it may be overlooked.",
        "Rename an unknown column or take it out; look at an unknown line, and list in an inventory what it tells.",
        OWN,
    ),
    "user-limit": _warning(
        "The postoffice has 500 local users.",
        "A postoffice takes 500, so there is no room for a POSTMASTER mailbox.",
        "Free a user, or cover this postoffice with the strategy `exchange`.",
        "Q123376",
    ),
    "ten-character-name": _warning(
        "A network or postoffice name has exactly ten characters.",
        "EXTERNAL 3.2.16 sees a circular route where another postoffice is named like its first nine characters.",
        "Use an EXTERNAL later than 3.2.16 on such a postoffice.",
        "Q128627, Q111558",
    ),
    "sink-restricted": _warning(
        "A mailbox that takes postmaster mail has limits or forwarding.",
        "Mail past a limit is sent back (Q182557) and can start a new loop (Q238498); so can forwarded or answered mail "
        "(inference).",
        "Give it no receive limit, no rules, no out-of-office reply and no forwarding.",
        "Q238498, Q182557",
    ),
    "sink-exported": _warning(
        "A mailbox that takes postmaster mail lies in a container that directory synchronisation exports.",
        "Its addresses can reach Microsoft Mail, and before 4.0 SP3 wipe the list of a postoffice (inference).",
        "Move it to a container that is not exported; hiding one that was exported before is not enough.",
        "Q149192, Q200062, Q152924",
    ),
    "address-policy": _info(
        "Recipient policies may write to a mailbox that takes postmaster mail.",
        "The Recipient Update Service takes no address away, but it may make another one the primary; the plan adds "
        "secondary addresses only.",
        "Verify again after a change of policies; whether they apply is set on the mailbox by its owner, never by remedy.",
        "Q318072; Exchange team blog, 2007-01-05",
    ),
    "copied-entry": _info(
        "A mailbox that takes postmaster mail stands in both directories of a mixed organisation.",
        "A change belongs into the directory that owns the mailbox; the Active Directory Connector copies it to the other. "
        "Which one owns it is inferred from where its message store is named.",
        "After replication run `remedy verify` on the other directory too; name the mailbox by its distinguished name with "
        "`--mailbox` if the other one owns it.",
        "Windows IT Pro, Bulk object manipulation in Exchange 2000; Q249831",
    ),
    "not-a-postoffice": _info(
        "An inventory names a gateway or a shadow postoffice.",
        "A shadow postoffice is Exchange itself, and a gateway leads to another system: neither has mailboxes (inference).",
        "Nothing.",
        "Q199534, Q175978",
    ),
    "moved-besides": _warning(
        "Another value of an attribute that the plan changed came or went since the plan was made.",
        "Somebody else works on the same entry.",
        "Look at the entry and ask who changed it; `remedy rollback` stops at a record that others changed.",
        OWN,
    ),
    "strategy-chosen": _info(
        "Which resolution a postoffice gets, and why.",
        "The strategy `mixed` chooses one for each postoffice.",
        "Ask for another in the `strategy` column of an inventory.",
        OWN,
    ),
    "strategy-not-followed": _info(
        "An inventory asks for another resolution than the one that is planned.",
        "Only the strategy `mixed` follows the `strategy` column of inventories.",
        "Plan with `--strategy mixed`, or take the word out of the inventory.",
        OWN,
    ),
    "skipped": _info(
        "An inventory says to skip this postoffice.",
        "It takes no part in planning and in exit codes.",
        "Take `skip` out of the inventory to have it planned.",
        OWN,
    ),
}
"""Every finding, by its stable code."""

HAZARDS: Mapping[str, Code] = {
    "creates-mailbox": _hazard(
        "The plan creates a mailbox.",
        "An entry made over LDAP gets no generated addresses and no Windows account, and deleting it over LDAP later "
        "would orphan its store.",
        "Create it in Administrator and name it with `--mailbox`, or allow it by name.",
        "Q284199, Q303028",
    ),
    "dirsync-wipe": _hazard(
        "Exchange pulls from a directory synchronisation server, and its version is before 4.0 SP3 or not stated.",
        "If it is 4.0 before SP3, it may send a replacement for the whole postoffice of a secondary address, which wipes that "
        "postoffice's address list elsewhere.",
        "State the version with `--exchange-version` if it is 4.0 SP3 or later; else install 4.0 SP3 first.",
        "Q152924",
    ),
    "over-limit": _hazard(
        "More addresses are put on one entry than is known to work.",
        "Exchange 4.0 fails past 200 addresses on a mailbox; no document raises that for 5.0 or 5.5. Active Directory is said "
        "to take about 800 values of an entry on Windows 2000, and 1,200 from the forest level of Windows Server 2003 on.",
        "Leave `--max-proxies` at its default; further sinks are planned by themselves.",
        "Q146345; limits of Active Directory as quoted by ldapwiki and TechNet wiki 31919",
    ),
    "takes-address": _hazard(
        "The plan takes an address away from another holder.",
        "Mail that reached that holder so far will not reach it any more.",
        "Look at each removed value before allowing it.",
        OWN,
    ),
    "many-changes": _hazard(
        "The plan deletes or moves values, or touches more than 20 entries.",
        "A mistake would be a large one.",
        "Look at the whole plan before allowing it.",
        OWN,
    ),
}
"""Every hazard, by the name it is allowed by."""
