"""What moves between postmasters and the world, gathered: a few bytes for each pass, none for the text it stood in.

Law: memory grows with the passes that a log shows, by nine bytes each, and with the pairs up to a limit; what had to be
forgotten is counted and told.
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from remedy.addresses import PostofficeName
from remedy.eventlogs.dates import DateOrder, seconds_of
from remedy.traffic import Kind, Move

__all__ = ["Pair", "Passes", "Tally", "Trouble", "pooled"]

PAIRS_LIMIT = 50_000
"""Pairs of a postoffice and a peer that are followed at a time."""
TROUBLES_LIMIT = 10_000
_RECENT = 4096
_BAGS = 8


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """The two ends between which mail goes, and the server that saw it."""

    postoffice: PostofficeName
    peer: str
    domain: str
    server: str
    clock: str = ""
    """Whose time it is: ``UTC``, ``mdy?`` and the like where the order of dates is unknown, else that of the server."""


@dataclass(slots=True)
class Passes:
    """What went between two ends, in the order of the log."""

    stamps: "array[int]" = field(default_factory=lambda: array("q"))
    """As written; in seconds once the log is read."""
    kinds: bytearray = field(default_factory=bytearray)
    """Of each: 0 = an answer came, 1 = a report went."""
    proper: int = 0
    """Reports that are non-delivery reports by their own words."""
    codes: dict[str, int] = field(default_factory=dict)
    """How often each code of a report was seen."""

    def add(self, stamp: int, move: Move) -> None:
        """Add one."""
        self.stamps.append(stamp)
        self.kinds.append(move.kind is Kind.REPORT)
        self.proper += move.proper
        if move.code:
            self.codes[move.code] = self.codes.get(move.code, 0) + 1

    def settled(self, order: DateOrder) -> "Passes":
        """Give the same in seconds; what has no date in this order is left out."""
        both = ((seconds_of(stamp, order), kind) for stamp, kind in zip(self.stamps, self.kinds, strict=True))
        known = [(moment, kind) for moment, kind in both if moment is not None]
        stamps, kinds = array("q", (moment for moment, _ in known)), bytearray(kind for _, kind in known)
        return Passes(stamps, kinds, self.proper, self.codes)


@dataclass(slots=True)
class Trouble:
    """What went wrong at a place, of one kind."""

    postoffice: PostofficeName | None
    code: str
    server: str
    clock: str = ""
    stamps: "array[int]" = field(default_factory=lambda: array("q"))
    bags: dict[str, int] = field(default_factory=dict)
    """The mailbags that were named, with how often."""


class Tally:
    """What one log shows; `finish` turns its dates into seconds."""

    def __init__(self) -> None:
        self.pairs: dict[Pair, Passes] = {}
        self.hints: dict[Pair, Passes] = {}
        """Postmasters that were named without a sender (10000)."""
        self.troubles: dict[tuple[PostofficeName | None, str, str, str], Trouble] = {}
        self.forgotten = 0
        """Pairs that were let go because there were too many."""
        self._recent: OrderedDict[tuple[str, str, PostofficeName, bool], None] = OrderedDict()

    @property
    def stamped(self) -> bool:
        """Whether anything was dated yet."""
        return bool(self.pairs or self.hints or self.troubles)

    def add(self, stamp: int, server: str, moves: Iterable[Move]) -> None:
        """Add what one event says."""
        for move in moves:
            if move.kind is Kind.TROUBLE:
                self._trouble(stamp, server, move)
            elif move.postoffice is not None and move.kind is Kind.HINT:
                self.hints.setdefault(Pair(move.postoffice, "", "", server.upper()), Passes()).add(stamp, move)
            elif move.postoffice is not None and not self._known(server, move):
                self._pass(Pair(move.postoffice, move.peer.name, move.peer.domain, server.upper()), stamp, move)

    def _known(self, server: str, move: Move) -> bool:
        """Tell whether another event told of this message already: 2448 and 2444 share its number (an inference)."""
        if not move.message or move.postoffice is None:
            return False
        key = (server, move.message, move.postoffice, move.kind is Kind.REPORT)
        known = key in self._recent
        self._recent[key] = None
        self._recent.move_to_end(key)
        if len(self._recent) > _RECENT:
            self._recent.popitem(last=False)
        return known

    def _pass(self, pair: Pair, stamp: int, move: Move) -> None:
        """Note one pass."""
        if pair not in self.pairs and len(self.pairs) >= PAIRS_LIMIT:
            self._forget()
        self.pairs.setdefault(pair, Passes()).add(stamp, move)

    def _forget(self) -> None:
        """Let the pairs go that were seen least; a loop is not among them."""
        ranked = sorted(self.pairs, key=lambda pair: len(self.pairs[pair].stamps))
        for pair in ranked[: PAIRS_LIMIT // 2]:
            del self.pairs[pair]
            self.forgotten += 1

    def _trouble(self, stamp: int, server: str, move: Move) -> None:
        """Note a trouble."""
        key = (move.postoffice, move.code, server.upper(), "")
        if key not in self.troubles and len(self.troubles) >= TROUBLES_LIMIT:
            self.forgotten += 1
            return
        trouble = self.troubles.setdefault(key, Trouble(*key))
        trouble.stamps.append(stamp)
        if move.mailbag in trouble.bags or (move.mailbag and len(trouble.bags) < _BAGS):
            trouble.bags[move.mailbag] = trouble.bags.get(move.mailbag, 0) + 1

    def finish(self, order: DateOrder, clock: str = "") -> int:
        """Turn every date into seconds, the log being read; give how many there are of no day in this order."""
        before = self._dates()
        self.pairs = {replace(pair, clock=clock): passes.settled(order) for pair, passes in self.pairs.items()}
        self.hints = {replace(pair, clock=clock): passes.settled(order) for pair, passes in self.hints.items()}
        self.troubles = {(*key[:3], clock): trouble for key, trouble in self.troubles.items()}
        for trouble in self.troubles.values():
            known = (seconds_of(stamp, order) for stamp in trouble.stamps)
            trouble.clock, trouble.stamps = clock, array("q", (moment for moment in known if moment is not None))
        return before - self._dates()

    def _dates(self) -> int:
        """Count the dates."""
        return sum(len(each.stamps) for kept in (self.pairs, self.hints, self.troubles) for each in kept.values())

    def keep(self, takes: Callable[[PostofficeName], bool]) -> None:
        """Keep only what is about some postoffices; troubles of no postoffice stay."""
        self.pairs = {pair: passes for pair, passes in self.pairs.items() if takes(pair.postoffice)}
        self.hints = {pair: passes for pair, passes in self.hints.items() if takes(pair.postoffice)}

    def take(self, other: "Tally") -> None:
        """Take in what another log shows, both being finished."""
        for pair, passes in other.pairs.items():
            self.pairs[pair] = _merged(self.pairs[pair], passes) if pair in self.pairs else passes
        for pair, passes in other.hints.items():
            self.hints[pair] = _merged(self.hints[pair], passes) if pair in self.hints else passes
        for key, trouble in other.troubles.items():
            own = self.troubles.setdefault(key, Trouble(*key))
            own.stamps = array("q", sorted({*own.stamps, *trouble.stamps}))
            own.bags = {
                bag: max(own.bags.get(bag, 0), trouble.bags.get(bag, 0)) for bag in {**own.bags, **trouble.bags}
            }
        self.forgotten += other.forgotten


def _merged(one: Passes, other: Passes) -> Passes:
    """Put what two logs show together: where they tell of the same hours, what both tell counts once."""
    apart = (
        not (one.stamps and other.stamps) or min(other.stamps) > max(one.stamps) or min(one.stamps) > max(other.stamps)
    )
    codes = {code: max(one.codes.get(code, 0), other.codes.get(code, 0)) for code in {**one.codes, **other.codes}}
    if apart:
        first, second = (
            (one, other) if not other.stamps or (one.stamps and one.stamps[0] < other.stamps[0]) else (other, one)
        )
        return Passes(first.stamps + second.stamps, first.kinds + second.kinds, one.proper + other.proper, codes)
    both = sorted(_union(one, other))
    stamps, kinds = array("q", (moment for moment, _ in both)), bytearray(kind for _, kind in both)
    return Passes(stamps, kinds, max(one.proper, other.proper), codes)


def _union(one: Passes, other: Passes) -> Iterator[tuple[int, int]]:
    """Give each moment and kind as often as the log has it that has it more often."""
    counts: list[dict[tuple[int, int], int]] = []
    for passes in (one, other):
        seen: dict[tuple[int, int], int] = {}
        for key in zip(passes.stamps, passes.kinds, strict=True):
            seen[key] = seen.get(key, 0) + 1
        counts.append(seen)
    for key in {**counts[0], **counts[1]}:
        yield from [key] * max(counts[0].get(key, 0), counts[1].get(key, 0))


def pooled(passes: Iterable[Passes]) -> Passes:
    """Put the passes of several pairs together, in the order of time."""
    some = list(passes)
    both = sorted(item for each in some for item in zip(each.stamps, each.kinds, strict=True))
    codes: dict[str, int] = {}
    for each in some:
        for code, count in each.codes.items():
            codes[code] = codes.get(code, 0) + count
    stamps, kinds = array("q", (moment for moment, _ in both)), bytearray(kind for _, kind in both)
    return Passes(stamps, kinds, sum(each.proper for each in some), codes)
