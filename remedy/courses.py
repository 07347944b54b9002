"""The article's message flow as a table: places, and the ways that lead from one to the next (Q175447).

Law: everything that decides where a message goes stands in ``TABLE`` and ``SIDE``; what is below only follows them.
Every way whose condition holds is taken, so that no branch is overlooked. A message that comes to a place it has
been to goes round for ever: each lap is a new message, so no hop count stops it (Q128432).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from remedy.own import Own
from remedy.recipients import RecipientKind

__all__ = ["SIDE", "TABLE", "Case", "Course", "Outcome", "Place", "Step", "courses"]


class Outcome(StrEnum):
    """How it ends."""

    LOOPS = "loops"
    DELIVERS = "delivers"
    UNTIL_FULL = "delivers-until-full"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"
    BOUNCES = "bounces"


class Place(StrEnum):
    """Where a message can be."""

    LIST_SERVER = "list-server"
    IMS = "internet-mail-service"
    DIRECTORY = "directory"
    MAILBOX = "exchange-mailbox"
    AMBIGUOUS = "ambiguous-recipient"
    ELSEWHERE = "not-known"
    CONNECTOR = "connector"
    POSTOFFICE = "postoffice"
    POSTMASTER = "postmaster-mailbox"
    REPORT = "non-delivery-report"
    MS_MAIL = "ms-mail-sender"
    RETURNED = "returned-to-sender"


class Case(NamedTuple):
    """What the ways ask about: what is the same in two postoffices leads the same way."""

    own: Own
    holders: int
    """How many hold the address; 2 = several."""
    only: RecipientKind | None
    """What the holder is, if there is just one."""
    back: bool
    """Whether that one sends it on to the postoffice."""
    shadow: bool
    """Whether the postoffice is Exchange itself."""
    unseen: bool
    defined: bool
    connector: bool
    """Whether it is known which connector has it defined."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a place."""

    to: Place
    says: str
    when: Callable[[Case], bool] = lambda _: True
    later: bool = False
    """Whether it opens only when the mailbox has filled up."""


def _mailbox(case: Case) -> bool:
    return case.only is RecipientKind.MAILBOX


def _sent_back(case: Case) -> bool:
    return case.back and not _mailbox(case)


def _other(case: Case) -> bool:
    return case.holders == 1 and not _mailbox(case) and not _sent_back(case)


TABLE: Mapping[Place, tuple[Way, ...]] = {
    Place.LIST_SERVER: (Way(Place.IMS, "The list server answers {address}; the answer comes in from the Internet."),),
    Place.IMS: (Way(Place.DIRECTORY, "Exchange looks the address up in its directory."),),
    Place.DIRECTORY: (
        Way(
            Place.AMBIGUOUS,
            "{holders} entries hold it, so Exchange cannot choose and reports an ambiguous recipient (Q251152).",
            lambda case: case.holders > 1,
        ),
        Way(Place.MAILBOX, "The mailbox {holder} holds it.", lambda case: _mailbox(case) and not case.shadow),
        Way(
            Place.ELSEWHERE,
            "The mailbox {holder} holds it, but no document says whether mail for {po}, which is Exchange itself, gets there.",
            lambda case: _mailbox(case) and case.shadow,
        ),
        Way(Place.CONNECTOR, "The custom recipient {holder} holds it and sends it on to {po}.", _sent_back),
        Way(Place.ELSEWHERE, "{holder} holds it, which is no mailbox: where the mail ends is not shown.", _other),
        Way(
            Place.CONNECTOR,
            "Nobody holds it, so it is routed to the connector by its address space.",
            lambda case: not case.holders and not case.shadow and not case.unseen,
        ),
        Way(
            Place.ELSEWHERE,
            "Somebody may hold it whose addresses the sources do not show; if nobody does, it goes round.",
            lambda case: not case.holders and case.unseen,
        ),
        Way(
            Place.REPORT,
            "Nobody holds it, and {po} is the connector's own postoffice: it has no mailboxes (inference).",
            lambda case: not case.holders and case.shadow and not case.unseen,
        ),
    ),
    Place.CONNECTOR: (
        Way(Place.POSTOFFICE, "The connector hands it to {po}.", lambda case: not case.connector),
        Way(Place.POSTOFFICE, "{connector} hands it to {po}.", lambda case: case.connector),
    ),
    Place.POSTOFFICE: (
        Way(Place.POSTMASTER, "{po} has a POSTMASTER mailbox.", lambda case: case.own is Own.ROOM),
        Way(
            Place.REPORT,
            "Once that mailbox holds 4096 messages, {po} cannot deliver (Q138054).",
            lambda case: case.own is Own.ROOM,
            later=True,
        ),
        Way(Place.POSTMASTER, "{po} may have a POSTMASTER mailbox.", lambda case: case.own is Own.CLAIMED),
        Way(Place.REPORT, "{po} may have no POSTMASTER mailbox.", lambda case: case.own is Own.CLAIMED),
        Way(Place.REPORT, "The POSTMASTER mailbox of {po} is full.", lambda case: case.own is Own.FULL),
        Way(Place.REPORT, "{po} has no POSTMASTER mailbox.", lambda case: case.own is Own.MISSING),
        Way(Place.REPORT, "Nothing shows a POSTMASTER mailbox on {po}.", lambda case: case.own is Own.UNKNOWN),
    ),
    Place.REPORT: (
        Way(Place.LIST_SERVER, "A non-delivery report goes out as {address}; the list server takes it for a request."),
    ),
}
"""The way of a reply from the Internet."""

SIDE: Mapping[Place, tuple[Way, ...]] = {
    Place.MS_MAIL: (Way(Place.CONNECTOR, "A Microsoft Mail postoffice sends to {address}."),),
    Place.CONNECTOR: (
        Way(
            Place.POSTOFFICE,
            "The connector has {po} defined and reroutes it; it asks no directory (Q164456).",
            lambda case: case.defined and not case.shadow,
        ),
        Way(
            Place.POSTOFFICE,
            "If the connector has {po} defined, it reroutes it and asks no directory (Q164456).",
            lambda case: not case.defined and not case.shadow,
        ),
        Way(
            Place.ELSEWHERE,
            "{po} is Exchange itself; no document says whether an entry of that address takes it.",
            lambda case: case.shadow,
        ),
    ),
    Place.POSTOFFICE: (
        Way(Place.POSTMASTER, "{po} has a POSTMASTER mailbox.", lambda case: case.own is Own.ROOM),
        Way(
            Place.ELSEWHERE,
            "Nothing shows for certain whether {po} has a POSTMASTER mailbox.",
            lambda case: case.own in {Own.CLAIMED, Own.UNKNOWN},
        ),
        Way(
            Place.RETURNED,
            "{po} has no POSTMASTER mailbox with room, so the sender gets a report.",
            lambda case: case.own in {Own.FULL, Own.MISSING},
        ),
    ),
}
"""The way of mail from the Microsoft Mail side, which no proxy address helps (Q164456)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One place on the way, and why the message went there."""

    place: Place
    says: str


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How a message ends, with the way it takes as the witness; many postoffices share it."""

    outcome: Outcome
    path: tuple[Step, ...]
    """Each step with the names of its words in braces."""


_ENDS = {
    Place.MAILBOX: Outcome.DELIVERS,
    Place.POSTMASTER: Outcome.UNTIL_FULL,
    Place.AMBIGUOUS: Outcome.AMBIGUOUS,
    Place.ELSEWHERE: Outcome.UNKNOWN,
    Place.RETURNED: Outcome.BOUNCES,
}
_STARTS = {Place.LIST_SERVER: TABLE, Place.MS_MAIL: SIDE}


@cache
def courses(case: Case) -> tuple[Course, Course]:
    """Give the courses of a reply from the Internet and of mail from the Microsoft Mail side."""
    return _course(Place.LIST_SERVER, case), _course(Place.MS_MAIL, case)


def _course(start: Place, case: Case) -> Course:
    """Give the outcome of all branches and the most telling one as the witness."""
    now = [(end, path) for end, later, path in _branches(start, case) if not later]
    ends = {end for end, _ in now}
    witness = next((path for end, path in now if end is Outcome.LOOPS), now[0][1])
    return Course(ends.pop() if len(ends) == 1 else Outcome.UNKNOWN, witness)


def _branches(start: Place, case: Case) -> Iterator[tuple[Outcome, bool, tuple[Step, ...]]]:
    """Take every way that is open, until it ends or comes back to a place where it has been.

    Of each branch it is told how it ends, and whether it opens only later.
    """
    table = _STARTS[start]
    pending: list[tuple[bool, tuple[Step, ...]]] = [(False, (Step(start, ""),))]
    while pending:
        later, path = pending.pop()
        here = path[-1].place
        if here in {step.place for step in path[:-1]}:
            yield Outcome.LOOPS, later, path
        elif here in table:
            ways = [way for way in reversed(table[here]) if way.when(case)]
            pending += [(later or way.later, (*path, Step(way.to, way.says))) for way in ways]
        else:
            yield _ENDS[here], later, path
