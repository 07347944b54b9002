"""The codes of non-delivery reports that EXTERNAL, the PCMTA and the connector write, and what each means for a loop."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["CODES_OF_REPORTS", "STARTERS", "Code"]


@dataclass(frozen=True, slots=True)
class Code:
    """One code."""

    text: str
    """What it says, in short."""
    kb: str
    check: str = ""
    """What to look at on the postoffice it names."""


CODES_OF_REPORTS: Mapping[str, Code] = MappingProxyType({
    "001": Code("it could not be delivered, or the mailbag is missing", "Q264331"),
    "002": Code(
        "it was addressed to a mailbox that does not exist", "Q127919, Q131116",
        "Give the postoffice its POSTMASTER mailbox, or an Exchange mailbox its postmaster address.",
    ),
    "003": Code("too many hops", "Q154783"),
    "004": Code("it went round in a circle between postoffices", "Q128627, Q162841"),
    "005": Code(
        "too many attempts to send it", "Q118675, Q119884", "See whether the MTA of that postoffice runs and reaches it."
    ),
    "007": Code("the group it was addressed to exists no more", "Q117895"),
    "008": Code(
        "mailbag contention: it could not be put into the mailbag", "Q163020, Q237695",
        "Look for two MTAs on one postoffice, files without an owner on NetWare and old files in P1, and compare the "
        "version of EXTERNAL with 3.2.18. Where it is the outbound mailbag on the connector postoffice, a stopped MTA is "
        "the usual reason.",
    ),
    "009": Code("it was larger than allowed", "Q131852"),
    "012": Code("it is damaged", "Q121733"),
    "016": Code("its message file is missing", "Q99204"),
    "017": Code(
        "the mailbag is full: 4096 messages, read and unread", "Q138054, Q146113",
        "Have the mailbox emptied; then stop EXTERNAL and the gateways, and compress with Local-Admin, Storage, Compress.",
    ),
    "018": Code("its attachment is missing", "Q118675"),
    "021": Code("its routing file is missing", "Q103960, Q136379"),
    "024": Code("its routing file is damaged", "Q194549"),
    "025": Code("the postoffice does not give its list of users away", "Q147602"),
    "029": Code("it could not be read", "Q175958"),
    "030": Code("an address stands in it twice, or two entries hold one address", "Q165396"),
    "mailbag": Code(
        "a mailbag of the connector postoffice took no more (event 2010)", "Q163020",
        "See whether the MTA that empties it runs: a stopped one is the usual reason.",
    ),
    "retry": Code(
        "an MTA could not deliver and tries again (event 4254)", "Q152903",
        "See whether the server it names can be reached, and whether its files are there in the case that the MTA expects.",
    ),
})  # fmt: skip
"""Each code by its number; the last two stand for events that have none."""

STARTERS = ("017", "008", "mailbag", "001", "005", "retry")
"""Those that can start a loop, the best explanation first: Q175447 names contention, full mailbags and delivery that fails."""
