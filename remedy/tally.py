"""What moves between postmasters and the world, gathered: a few bytes for each pass, none for the text it stood in.

Law: memory grows with the passes that a log shows, by nine bytes each, and with the pairs up to a limit; what had to be
forgotten is counted and told. One pass writes each of its events once: events of one number are counted, those of different
numbers are never added, whatever numbers the messages have.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from remedy.addresses import PostofficeName
from remedy.eventlogs.dates import DateOrder, seconds_of
from remedy.traffic import Kind, Move

__all__ = ["Pair", "Passes", "Tally", "Trouble", "pooled"]

PAIRS_LIMIT = 20_000
"""Pairs of a postoffice and a peer that are followed at a time."""
TROUBLES_LIMIT = 10_000
_BAGS = 8
_CHANNELS = {2444: 2, 2448: 4, 2117: 6, 2113: 8}
"""Events that one pass writes one of each, above the bit that tells the direction; 0 = all others."""
_REPORT = 1


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
    """Of each: 0 = an answer came, 1 = a report went; more than that, which event tells it, until `once`."""
    proper: int = 0
    """Reports that are non-delivery reports by their own words."""
    codes: dict[str, int] = field(default_factory=dict)
    """How often each code of a report was seen."""

    def add(self, stamp: int, move: Move) -> None:
        """Add one."""
        self.stamps.append(stamp)
        self.kinds.append(_CHANNELS.get(move.number, 0) | (move.kind is Kind.REPORT))
        self.proper += move.proper
        if move.code:
            self.codes[move.code] = self.codes.get(move.code, 0) + 1

    def settle(self, order: DateOrder, *, mixed: bool = False) -> "Passes":
        """Turn stamps into seconds, in place, and give itself; what has no date in this order is left out.

        What several pairs were ``mixed`` from is put in the order of time.
        """
        kept = 0
        for stamp, kind in zip(self.stamps, self.kinds, strict=True):
            moment = seconds_of(stamp, order)
            if moment is not None:
                self.stamps[kept], self.kinds[kept] = moment, kind
                kept += 1
        del self.stamps[kept:], self.kinds[kept:]
        return pooled((self,)) if mixed else self

    def once(self) -> "Passes":
        """Give each pass once, of each direction by the event that tells of most."""
        counts = Counter(self.kinds)
        best = {
            max((kind for kind in counts if kind & _REPORT == way), key=lambda kind: (counts[kind], kind), default=way)
            for way in (0, _REPORT)
        }
        stamps = array("q", (stamp for stamp, kind in zip(self.stamps, self.kinds, strict=True) if kind in best))
        return Passes(stamps, bytearray(kind & _REPORT for kind in self.kinds if kind in best), self.proper, self.codes)

    def take(self, other: "Passes") -> None:
        """Take in what another pair shows in the same log."""
        self.stamps += other.stamps
        self.kinds += other.kinds
        self.proper += other.proper
        self.codes = dict(Counter(self.codes) + Counter(other.codes))


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
            elif move.postoffice is not None:
                self._pass(Pair(move.postoffice, move.peer.name, move.peer.domain, server.upper()), stamp, move)

    def _pass(self, pair: Pair, stamp: int, move: Move) -> None:
        """Note one pass."""
        if pair not in self.pairs and len(self.pairs) >= PAIRS_LIMIT:
            self._forget()
        self.pairs.setdefault(pair, Passes()).add(stamp, move)

    def _forget(self) -> None:
        """Make one of the pairs of a domain that were seen least, or let them go; a loop is not among them.

        A list server may write from a new address each time, so it is the domain that counts.
        """
        ranked = sorted(self.pairs, key=lambda pair: len(self.pairs[pair].stamps))
        room = PAIRS_LIMIT // 4
        for pair in ranked[: PAIRS_LIMIT // 2]:
            passes = self.pairs.pop(pair)
            whole = replace(pair, peer="")
            if pair.peer and pair.domain and (whole in self.pairs or room > 0):
                room -= whole not in self.pairs
                self.pairs.setdefault(whole, Passes()).take(passes)
            else:
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
        for part in (self.pairs, self.hints):
            for pair in list(part):
                passes = part.pop(pair)
                part[replace(pair, clock=clock)] = passes.settle(order, mixed=not pair.peer)
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
