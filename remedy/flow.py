"""The article's message flow as a table: places, and the ways that lead from one to the next (Q175447).

Law: everything that decides where a message goes stands in ``TABLE`` and ``SIDE``; the walk below only follows them.
Every way whose condition holds is taken, so that no branch is overlooked. A message that comes to a place it has
been to goes round for ever: each lap is a new message, so no hop count stops it (Q128432).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from remedy.estate import MAILBAG_LIMIT, Postoffice, PostofficeKind, Recipient, RecipientKind
from remedy.text import printable

__all__ = [
    "TABLE", "Outcome", "Own", "Place", "Step", "Trace", "Walk", "own_mailbox", "points_back", "side_walk", "walk",
]  # fmt: skip


class Own(StrEnum):
    """What is known of the postoffice's own POSTMASTER mailbox."""

    MISSING = "missing"
    """An inventory says there is none."""
    UNKNOWN = "unknown"
    """Nothing shows one; the flow takes it for missing, as the article does."""
    ROOM = "room"
    """It is there and not full."""
    FULL = "full"
    """Its mailbag holds 4096 messages."""
    CLAIMED = "claimed"
    """Something points at it that may be stale, or sources disagree."""


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


def own_mailbox(po: Postoffice) -> Own:
    """Say what the sources show of a postoffice's own POSTMASTER mailbox."""
    told = po.told("postmaster")
    synchronised = any(_synchronised(holder, po) for holder in po.holders)
    claimed = any(points_back(holder, po) for holder in po.holders)
    if False in told:
        return Own.CLAIMED if claimed else Own.UNKNOWN if True in told else Own.MISSING
    if po.pending is not None and po.pending >= MAILBAG_LIMIT:
        return Own.FULL
    if True in told or synchronised:
        return Own.ROOM
    return Own.CLAIMED if claimed else Own.UNKNOWN


def points_back(holder: Recipient, po: Postoffice) -> bool:
    """Tell whether a recipient sends mail for the postmaster address on to the postoffice itself."""
    return holder.target is not None and holder.target.ms == po.name.postmaster


def _synchronised(holder: Recipient, po: Postoffice) -> bool:
    """Tell whether a recipient shows that directory synchronisation saw the POSTMASTER mailbox."""
    return bool(holder.imported_from) and points_back(holder, po)


@dataclass(frozen=True, slots=True)
class Case:
    """What the ways ask about."""

    po: Postoffice
    own: Own
    only: Recipient | None
    """The holder of the address, if there is exactly one."""
    shadow: bool
    """Whether the postoffice is Exchange itself."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a place."""

    to: Place
    says: str
    when: Callable[[Case], bool] = lambda _: True
    later: bool = False
    """Whether it opens only when the mailbox has filled up."""


def _mailbox(case: Case) -> bool:
    return case.only is not None and case.only.kind is RecipientKind.MAILBOX


def _sent_back(case: Case) -> bool:
    return case.only is not None and not _mailbox(case) and points_back(case.only, case.po)


def _other(case: Case) -> bool:
    return case.only is not None and not _mailbox(case) and not _sent_back(case)


TABLE: Mapping[Place, tuple[Way, ...]] = {
    Place.LIST_SERVER: (Way(Place.IMS, "The list server answers {address}; the answer comes in from the Internet."),),
    Place.IMS: (Way(Place.DIRECTORY, "Exchange looks the address up in its directory."),),
    Place.DIRECTORY: (
        Way(
            Place.AMBIGUOUS,
            "{holders} entries hold it, so Exchange cannot choose and reports an ambiguous recipient (Q251152).",
            lambda case: len(case.po.holders) > 1,
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
            lambda case: not case.po.holders and not case.shadow and not case.po.unseen,
        ),
        Way(
            Place.ELSEWHERE,
            "Somebody may hold it whose addresses the sources do not show; if nobody does, it goes round.",
            lambda case: not case.po.holders and case.po.unseen,
        ),
        Way(
            Place.REPORT,
            "Nobody holds it, and {po} is the connector's own postoffice: it has no mailboxes (inference).",
            lambda case: not case.po.holders and case.shadow and not case.po.unseen,
        ),
    ),
    Place.CONNECTOR: (
        Way(Place.POSTOFFICE, "The connector hands it to {po}.", lambda case: not case.po.connector),
        Way(Place.POSTOFFICE, "{connector} hands it to {po}.", lambda case: case.po.connector != ""),
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
            lambda case: case.po.defined and not case.shadow,
        ),
        Way(
            Place.POSTOFFICE,
            "If the connector has {po} defined, it reroutes it and asks no directory (Q164456).",
            lambda case: not case.po.defined and not case.shadow,
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


@dataclass(frozen=True, slots=True)
class Walk:
    """How a message ends, with the way it takes as the witness."""

    outcome: Outcome
    path: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """The walks of one postoffice: from the Internet, before and after a plan, and from the Microsoft Mail side."""

    po: Postoffice
    before: Walk
    after: Walk | None
    msmail_side: Walk


_Branch = tuple[Outcome, bool, tuple[Step, ...]]
"""How one complete way ends, whether it opens only later, and its places; the words are not filled in."""
_ENDS = {
    Place.MAILBOX: Outcome.DELIVERS,
    Place.POSTMASTER: Outcome.UNTIL_FULL,
    Place.AMBIGUOUS: Outcome.AMBIGUOUS,
    Place.ELSEWHERE: Outcome.UNKNOWN,
    Place.RETURNED: Outcome.BOUNCES,
}
_STARTS = {Place.LIST_SERVER: TABLE, Place.MS_MAIL: SIDE}


def walk(po: Postoffice) -> Walk:
    """Follow a list server's reply to the postmaster address of ``po`` along every branch."""
    return _walked(Place.LIST_SERVER, po)


def side_walk(po: Postoffice) -> Walk:
    """Follow mail from the Microsoft Mail side to the postmaster address of ``po`` along every branch."""
    return _walked(Place.MS_MAIL, po)


def _walked(start: Place, po: Postoffice) -> Walk:
    """Ask every way whether it is open, and fill in the words of where the open ones lead."""
    only = po.holders[0] if len(po.holders) == 1 else None
    case = Case(po, own_mailbox(po), only, po.kind is PostofficeKind.SHADOW)
    course = _course(start, tuple([way.when(case) for ways in _STARTS[start].values() for way in ways]))
    words = {
        "po": str(po.name), "address": str(po.name.postmaster), "holders": len(po.holders),
        "holder": printable(only.dn) if only else "", "connector": printable(po.connector),
    }  # fmt: skip
    steps = [Step(step.place, step.says.format(**words)) if "{" in step.says else step for step in course.path]
    return Walk(course.outcome, tuple(steps))


@cache
def _course(start: Place, answers: tuple[bool, ...]) -> Walk:
    """Give the outcome of all branches and the most telling one as the witness; many postoffices give the same answers."""
    given = iter(answers)
    opened = {place: [way for way in ways if next(given)] for place, ways in _STARTS[start].items()}
    now = [(end, path) for end, later, path in _branches(opened, start) if not later]
    ends = {end for end, _ in now}
    witness = next((path for end, path in now if end is Outcome.LOOPS), now[0][1])
    return Walk(ends.pop() if len(ends) == 1 else Outcome.UNKNOWN, witness)


def _branches(opened: Mapping[Place, list[Way]], start: Place) -> Iterator[_Branch]:
    """Take every way that is open, until it ends or comes back to a place where it has been."""
    pending: list[tuple[bool, tuple[Step, ...]]] = [(False, (Step(start, ""),))]
    while pending:
        later, path = pending.pop()
        here = path[-1].place
        if here in {step.place for step in path[:-1]}:
            yield Outcome.LOOPS, later, path
        elif here in opened:
            ways = reversed(opened[here])
            pending += [(later or way.later, (*path, Step(way.to, way.says))) for way in ways]
        else:
            yield _ENDS[here], later, path
