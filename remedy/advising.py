"""What to do about loops: repair which postoffice, refuse whom meanwhile and how that is undone, and where to look next."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remedy.coverage import Coverage
from remedy.diagnosis import Diagnosis, Loop

__all__ = ["Advice", "advice"]


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do."""

    kind: str
    """``repair``, ``refuse``, ``decide``, ``verify``, ``look``, ``log`` or ``date-order``."""
    subject: str
    """The postoffice, domain or log it is about; empty = all."""
    text: str
    kb: str = ""
    undo: str = ""


_REPAIRS = {
    Coverage.EXPOSED: (
        "repair",
        (
            "Nobody holds the postmaster address. `remedy plan` gives it to an Exchange mailbox, with --strategy postoffice it "
            "asks for a POSTMASTER mailbox there."
        ),
    ),
    Coverage.FULL: (
        "repair",
        (
            "The POSTMASTER mailbox is full. Empty it, compress it, and see who empties it from now on; `remedy plan` can give "
            "the address to an Exchange mailbox besides."
        ),
    ),
    Coverage.CONFLICT: ("decide", "More than one entry holds the postmaster address: decide which one keeps it."),
}
_UNKNOWN = (
    "repair",
    (
        "Give the postoffice a POSTMASTER mailbox, or its postmaster address to an Exchange mailbox: `remedy plan` with a "
        "directory export says how. With --source this command says who holds the address."
    ),
)
_COVERED = (
    "verify",
    (
        "The sources say that somebody gets the mail. If the log goes on like this after that was done, send the test message "
        "of the runbook; a POSTMASTER mailbox on a postoffice may be full."
    ),
)
_SHADOW = (
    "decide",
    (
        "This is Exchange itself: the generator never makes a POSTMASTER address for it. Plan with --include-connector-po "
        "(experimental), and prove it with a test message."
    ),
)


def advice(diagnosis: Diagnosis, undecided: Iterable[str] = ()) -> Iterator[Advice]:
    """Yield what to do, in the order in which it is done; ``undecided`` names the logs whose dates can be read in two ways."""
    domains = dict.fromkeys(loop.pair.domain for loop in diagnosis.loops if loop.pair.domain)
    for domain in domains:
        yield Advice(
            "refuse",
            domain,
            "Until the postoffices are repaired, refuse mail from there: by the host that brings it or by the sender, in one "
            "of the ways below.",
            "Q175447, Q155920, Q155683",
            "Take the entry out again when every postoffice is proven: wanted mail from there stays out too.",
        )
    first: dict[str, Loop] = {}
    for loop in diagnosis.loops:
        first.setdefault(str(loop.pair.postoffice), loop)
    for name, loop in first.items():
        kind, text = _SHADOW if loop.shadow else _REPAIRS.get(loop.coverage, _COVERED) if loop.coverage else _UNKNOWN
        yield Advice(kind, name, text, "Q175447")
    yield from _looking(diagnosis)
    for name in undecided:
        yield Advice("date-order", name, "The dates can be read in two ways: say --date-order mdy, dmy or ymd.")


def _looking(diagnosis: Diagnosis) -> Iterator[Advice]:
    """Say where to look for what the logs do not show."""
    if any(loop.one_way for loop in (*diagnosis.loops, *diagnosis.suspects)):
        yield Advice(
            "log",
            "",
            "Only one direction is seen. Set Diagnostics Logging of MSExchangeMSMI to Maximum, all categories; if EXTERNAL on "
            "the postoffice makes the reports, read its SYSTEM.LOG and SENT.LOG too (inference).",
            "Q175447, Q99204, Q151215",
            "Set the logging back when the loop is found.",
        )
    if any(not loop.pair.domain for loop in diagnosis.loops):
        yield Advice(
            "look",
            "",
            "The log does not name the other end. Events 2448 and 2444 do: they are written only while Diagnostics Logging of "
            "MSExchangeMSMI is at Maximum (inference).",
            "Q175447, Q151791",
        )
    if not diagnosis.passes:
        yield Advice(
            "log",
            "",
            "No entry tells of mail to or from a postmaster. That proves nothing unless Diagnostics Logging of MSExchangeMSMI "
            "was at Maximum while mail looped (inference).",
            "Q175447, Q151791",
        )
