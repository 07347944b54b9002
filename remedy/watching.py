"""Loops while they run: a log is followed, and each loop is told of when it begins and when it ends."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from remedy.loops import Judgement, Verdict, evidence, judged, patience
from remedy.tally import Pair, Passes
from remedy.traffic import Kind, Move

__all__ = ["News", "Watch"]

_KEPT = 500
"""Passes of a pair that are remembered."""
_FORGOTTEN = 2000
"""Pairs that are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A loop begins or ends."""

    begins: bool
    pair: Pair
    found: Judgement

    @property
    def evidence(self) -> str:
        """What shows it."""
        return evidence(self.found)


@dataclass(slots=True)
class _Watched:
    """One pair."""

    passes: Passes = field(default_factory=Passes)
    last: int = 0
    """When something came last, by the log."""
    heard: float = 0.0
    """The same by the clock of whoever watches."""
    loop: Judgement | None = None


class Watch:
    """What goes on in a log that is followed."""

    def __init__(self, threshold: int | None = None) -> None:
        self._threshold = threshold
        self._pairs: dict[Pair, _Watched] = {}

    def see(self, moment: int, server: str, moves: Iterable[Move], now: float) -> Iterator[News]:
        """Take in what one event says, at a moment of the log, and ``now`` by one's own clock; in seconds both."""
        for pair in [
            pair for pair, each in self._pairs.items() if each.loop and moment - each.last > patience(each.loop)
        ]:
            yield self._ended(pair)
        for move in moves:
            if move.kind in {Kind.REPLY, Kind.REPORT} and move.postoffice:
                pair = Pair(move.postoffice, move.peer.name, move.peer.domain, server.upper())
                yield from self._passed(pair, moment, move, now)

    def idle(self, now: float) -> Iterator[News]:
        """Tell of the loops from which nothing has come for long."""
        for pair in [
            pair for pair, each in self._pairs.items() if each.loop and now - each.heard > patience(each.loop)
        ]:
            yield self._ended(pair)

    def _passed(self, pair: Pair, moment: int, move: Move, now: float) -> Iterator[News]:
        """Note one pass, and judge anew."""
        each = self._pairs.pop(pair, None) or _Watched()
        self._pairs[pair] = each  # the one that was heard last stands last
        each.passes.add(moment, move)
        each.last, each.heard = moment, now
        if len(each.passes.stamps) > _KEPT:
            del each.passes.stamps[:-_KEPT], each.passes.kinds[:-_KEPT]
        self._forget()
        found = judged(each.passes.once(), self._threshold)
        if found.verdict is not Verdict.LOOP:
            return
        fresh, each.loop = each.loop is None, found
        if fresh:
            yield News(begins=True, pair=pair, found=found)

    def _ended(self, pair: Pair) -> News:
        """Let a loop end; what comes later is another one."""
        each = self._pairs.pop(pair)
        found = judged(each.passes.once(), self._threshold)
        return News(
            begins=False, pair=pair, found=found if found.verdict is Verdict.LOOP or not each.loop else each.loop
        )

    def _forget(self) -> None:
        """Let the pair go that was silent for longest, and is no loop; the one that was just heard stays."""
        if len(self._pairs) > _FORGOTTEN:
            *before, _ = self._pairs
            for pair in [pair for pair in before if not self._pairs[pair].loop][:1]:
                del self._pairs[pair]
