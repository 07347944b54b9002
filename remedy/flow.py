"""The article's message flow as a table: places, and the ways that lead from one to the next (Q175447).

Law: everything that decides where a message goes stands in ``TABLE`` and ``SIDE``; the walk below only follows them.
Every way whose condition holds is taken, so that no branch is overlooked. A message that comes to a place it has
been to goes round for ever: each lap is a new message, so no hop count stops it (Q128432).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

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

    @property
    def only(self) -> Recipient | None:
        """The holder of the address, if there is exactly one."""
        return self.po.holders[0] if len(self.po.holders) == 1 else None

    @property
    def shadow(self) -> bool:
        """Whether the postoffice is Exchange itself."""
        return self.po.kind is PostofficeKind.SHADOW


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


@dataclass(frozen=True, slots=True)
class _Branch:
    """One complete way."""

    path: tuple[Step, ...]
    end: Outcome
    later: bool


_ENDS = {
    Place.MAILBOX: Outcome.DELIVERS,
    Place.POSTMASTER: Outcome.UNTIL_FULL,
    Place.AMBIGUOUS: Outcome.AMBIGUOUS,
    Place.ELSEWHERE: Outcome.UNKNOWN,
    Place.RETURNED: Outcome.BOUNCES,
}


def walk(po: Postoffice) -> Walk:
    """Follow a list server's reply to the postmaster address of ``po`` along every branch."""
    return _judged(tuple(_branches(TABLE, Place.LIST_SERVER, po)))


def side_walk(po: Postoffice) -> Walk:
    """Follow mail from the Microsoft Mail side to the postmaster address of ``po`` along every branch."""
    return _judged(tuple(_branches(SIDE, Place.MS_MAIL, po)))


def _judged(branches: tuple[_Branch, ...]) -> Walk:
    """Give the outcome of all branches and the most telling one as the witness."""
    now = [branch for branch in branches if not branch.later]
    ends = {branch.end for branch in now}
    witness = next((branch for branch in now if branch.end is Outcome.LOOPS), now[0])
    return Walk(ends.pop() if len(ends) == 1 else Outcome.UNKNOWN, witness.path)


def _branches(table: Mapping[Place, tuple[Way, ...]], start: Place, po: Postoffice) -> Iterator[_Branch]:
    """Take every way that is open, until it ends or comes back to a place where it has been."""
    case = Case(po, own_mailbox(po))
    names = {"holder": printable(case.only.dn) if case.only else "", "connector": printable(po.connector)}
    words = {"po": po.name, "address": po.name.postmaster, "holders": len(po.holders), **names}
    pending = [_Branch((Step(start, ""),), Outcome.UNKNOWN, later=False)]
    while pending:
        branch = pending.pop()
        here = branch.path[-1].place
        if here in {step.place for step in branch.path[:-1]}:
            yield _Branch(branch.path, Outcome.LOOPS, branch.later)
        elif here in table:
            ways = [way for way in table[here] if way.when(case)]
            for way in reversed(ways):
                step = Step(way.to, way.says.format(**words))
                pending.append(_Branch((*branch.path, step), Outcome.UNKNOWN, branch.later or way.later))
        else:
            yield _Branch(branch.path, _ENDS[here], branch.later)
