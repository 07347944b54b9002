"""From what logs show to loops with their two ends, what started them, and what is only suspected.

Law: what is called a loop has the numbers beside it that show it; what started it is the nearest trouble before it, and is
called that, not its proof.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from remedy.addresses import PostofficeName
from remedy.coverage import Coverage
from remedy.estate import PostofficeKind
from remedy.loops import FEWEST, Judgement, Rule, Verdict, evidence, judged, patience
from remedy.ndr import STARTERS
from remedy.plan import Plan
from remedy.survey import Survey
from remedy.tally import Pair, Passes, Tally, Trouble, pooled

__all__ = ["Cause", "Diagnosis", "Loop", "diagnosed"]

BEFORE = 86_400
"""Seconds before the first pass within which a trouble may have started a loop (an assumption)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A trouble on the postoffice of a loop, or on the server that saw it; or what its own reports say."""

    postoffice: PostofficeName
    """The postoffice of the loop."""
    code: str
    role: str
    """``before`` or ``during`` the loop, or ``keeps-alive``: the reports of the loop itself have this code."""
    count: int
    first: int
    last: int
    clock: str
    bags: tuple[str, ...]
    """The mailbags that were named, the most frequent first."""
    before: int | None
    """Seconds from the last one before the loop to its first pass; None if it came with the loop or later."""
    own: bool
    """Whether the trouble names this postoffice; else it only happened on the same server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A pair that loops, or may."""

    pair: Pair
    found: Judgement
    peers: int = 1
    """Addresses of the far end that take part."""
    codes: Mapping[str, int]
    """The codes of the reports, with how often."""
    coverage: Coverage | None = None
    """How the sources say that the postoffice is covered; None = they do not know it, or there are none."""
    shadow: bool = False
    """Whether it is Exchange's own postoffice."""
    log_end: int | None = None
    """The last moment of the logs that show it, whatever they tell of; None = unknown."""

    @property
    def running(self) -> bool | None:
        """Whether it goes on to the end of the logs; None = unknown."""
        if self.log_end is None:
            return None
        return self.log_end - self.found.last <= patience(self.found)

    @property
    def evidence(self) -> str:
        """What shows it, in a sentence."""
        several = f", from {self.peers} addresses" if self.peers > 1 else ""
        return evidence(self.found) + several

    @property
    def one_way(self) -> bool:
        """Whether the log shows one direction only."""
        return not self.found.laps


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What the logs show."""

    loops: tuple[Loop, ...]
    """Those to repair first, first."""
    suspects: tuple[Loop, ...]
    causes: tuple[Cause, ...]
    passes: int
    """Messages to and reports of postmasters that were seen in all."""
    forgotten: int


def diagnosed(
    tally: Tally,
    *,
    threshold: int | None = None,
    known: Survey | Plan | None = None,
    ends: Mapping[tuple[PostofficeName, str], int] | None = None,
) -> Diagnosis:
    """Judge everything that logs show, and join it with what a survey, or the one in a plan, knows.

    ``ends`` says of each postoffice and clock when the logs that show it end.
    """
    covers, until = _covers(known), ends or {}
    found = [
        replace(_joined(loop, covers), log_end=until.get((loop.pair.postoffice, loop.pair.clock)))
        for loop in _loops(tally, threshold)
    ]
    loops = sorted((loop for loop in found if loop.found.verdict is Verdict.LOOP), key=_urgency)
    suspects = sorted((loop for loop in found if loop.found.verdict is Verdict.SUSPECT), key=_urgency)
    causes = tuple(cause for loop in _each_postoffice(loops) for cause in _causes(loop, tally.troubles.values()))
    return Diagnosis(
        loops=tuple(_once(loops)),
        suspects=tuple(_once(suspects)),
        causes=causes,
        passes=sum(len(passes.once().stamps) for passes in (*tally.pairs.values(), *_unseen(tally).values())),
        forgotten=tally.forgotten,
    )


def _loops(tally: Tally, threshold: int | None) -> Iterator[Loop]:
    """Yield what loops and what may: address by address, over all servers, domain by domain, and without a sender."""
    pairs = _attached({pair: passes.once() for pair, passes in tally.pairs.items()})
    rivals = sum(len(passes.stamps) >= FEWEST for passes in pairs.values()) + len(tally.hints)
    judge = partial(_judged, threshold=threshold, rivals=rivals)
    left: dict[Pair, Passes] = {}
    for pair, passes in pairs.items():
        loop = judge(pair, passes)
        if loop.found.verdict is Verdict.LOOP or loop.found.rule is Rule.TIMED:
            yield loop
        else:
            left[pair] = passes
    for over in (_every_server, _whole_domain):
        found, left = _together(left, over, judge)
        yield from found
    yield from (loop for pair, passes in left.items() if (loop := judge(pair, passes)).found.verdict is Verdict.SUSPECT)
    yield from (judge(pair, passes.once()) for pair, passes in _unseen(tally).items())


def _unseen(tally: Tally) -> dict[Pair, Passes]:
    """Give the postmasters that were named without a sender, where nothing else tells of them."""
    seen = {(pair.postoffice, pair.server) for pair in tally.pairs}
    return {pair: passes for pair, passes in tally.hints.items() if (pair.postoffice, pair.server) not in seen}


def _every_server(pair: Pair) -> Pair:
    """Give what a pair is part of where several servers carry one loop."""
    return replace(pair, server="")


def _whole_domain(pair: Pair) -> Pair:
    """Give what it is part of where a list server writes from a new address each time."""
    return replace(pair, server="", peer="") if pair.domain else pair


def _together(
    pairs: Mapping[Pair, Passes], over: Callable[[Pair], Pair], judge: Callable[..., Loop]
) -> tuple[list[Loop], dict[Pair, Passes]]:
    """Judge pairs together that are parts of one; give what loops, and the pairs of which none does."""
    parts: dict[Pair, list[Pair]] = {}
    for pair in pairs:
        parts.setdefault(over(pair), []).append(pair)
    loops, left = [], dict(pairs)
    for whole, some in parts.items():
        peers = {pair.peer for pair in some}
        if len(some) < 2 or sum(len(pairs[pair].stamps) for pair in some) < FEWEST:  # noqa: PLR2004 - together
            continue
        loop = judge(whole, pooled(pairs[pair] for pair in some), several=len(peers) > 1)
        if loop.found.verdict is Verdict.LOOP:
            servers = {pair.server for pair in some}
            there = replace(whole, server=servers.pop()) if len(servers) == 1 else whole
            loops.append(replace(loop, pair=there, peers=len(peers)))
            for pair in some:
                del left[pair]
    return loops, left


def _judged(pair: Pair, passes: Passes, *, threshold: int | None, rivals: int, several: bool = False) -> Loop:
    """Judge one pair."""
    return Loop(pair=pair, found=judged(passes, threshold, rivals=rivals, several=several), codes=passes.codes)


def _attached(pairs: Mapping[Pair, Passes]) -> dict[Pair, Passes]:
    """Count reports whose addressee the log does not name (Q175958) to the busiest peer of the same postoffice."""
    whole, busiest = dict(pairs), dict[Pair, Pair]()
    for pair, passes in pairs.items():
        if 0 in passes.kinds:
            place = replace(pair, peer="", domain="")
            best = busiest.setdefault(place, pair)
            busiest[place] = max(best, pair, key=lambda each: (len(pairs[each].stamps), each))
    for pair, passes in pairs.items():
        best = busiest.get(replace(pair, peer="", domain=""), pair)
        if best != pair and not pair.domain and "/" not in pair.peer and 0 not in passes.kinds:
            whole[best] = pooled((whole[best], passes))
            del whole[pair]
    return whole


_Cover = tuple[Coverage | None, bool]
"""How a postoffice is covered, and whether it is Exchange's own."""


def _covers(known: Survey | Plan | None) -> Mapping[PostofficeName, _Cover]:
    """Give what is known of each postoffice."""
    if isinstance(known, Survey):
        rows = (*known.rows, *known.shadow_rows)
        return {row.po.name: (row.coverage, row.po.kind is PostofficeKind.SHADOW) for row in rows}
    if isinstance(known, Plan):
        own: dict[PostofficeName, _Cover] = {
            PostofficeName.parse(trace["postoffice"]): (None, trace["kind"] == PostofficeKind.SHADOW)
            for trace in known.traces
        }
        judged = {PostofficeName.parse(row["address"]): (Coverage(row["coverage"]), False) for row in known.postoffices}
        return {**own, **judged}
    return {}


def _joined(loop: Loop, covers: Mapping[PostofficeName, _Cover]) -> Loop:
    """Add what is known of the postoffice."""
    coverage, shadow = covers.get(loop.pair.postoffice, (None, False))
    return replace(loop, coverage=coverage, shadow=shadow)


def _urgency(loop: Loop) -> tuple[object, ...]:
    """Rank: what is still exposed or not known before what is covered, then the fastest."""
    covered = loop.coverage in {Coverage.EXCHANGE, Coverage.POSTOFFICE, Coverage.BOTH}
    return (covered, -loop.found.per_hour, -loop.found.count, loop.pair)


def _once(loops: Iterable[Loop]) -> Iterator[Loop]:
    """Leave out a loop that a log of another clock shows too; the one with more passes stays."""
    best: dict[tuple[object, ...], Loop] = {}
    for loop in loops:
        key = (loop.pair.postoffice, loop.pair.peer, loop.pair.domain, loop.pair.server)
        if key not in best or best[key].found.count < loop.found.count:
            best[key] = loop
    yield from best.values()


def _each_postoffice(loops: Iterable[Loop]) -> Iterator[Loop]:
    """Give the loop of each postoffice that began first."""
    first: dict[PostofficeName, Loop] = {}
    for loop in loops:
        known = first.get(loop.pair.postoffice)
        if known is None or loop.found.first < known.found.first:
            first[loop.pair.postoffice] = loop
    yield from first.values()


def _causes(loop: Loop, troubles: Iterable[Trouble]) -> Iterator[Cause]:
    """Yield the troubles that may have started a loop, the nearest before it first; then what keeps it alive."""
    found = [cause for trouble in troubles if (cause := _cause(loop, trouble))]
    yield from sorted(found, key=_nearness)
    for code, count in sorted(loop.codes.items()):
        yield Cause(
            postoffice=loop.pair.postoffice, code=code, role="keeps-alive", count=count, first=loop.found.first,
            last=loop.found.last, clock=loop.pair.clock, bags=(), before=None, own=True,
        )  # fmt: skip


def _cause(loop: Loop, trouble: Trouble) -> Cause | None:
    """Judge whether a trouble has to do with a loop."""
    own, here = trouble.postoffice == loop.pair.postoffice, trouble.clock == loop.pair.clock
    if trouble.code not in STARTERS or not (trouble.stamps and here and (own or trouble.postoffice is None)):
        return None
    earlier = [moment for moment in trouble.stamps if moment <= loop.found.first]
    before = loop.found.first - max(earlier) if earlier else None
    if not own and (before is None or before > BEFORE or loop.pair.server not in {"", trouble.server}):
        return None
    bags = tuple(sorted(trouble.bags, key=lambda bag: (-trouble.bags[bag], bag)))
    return Cause(
        postoffice=loop.pair.postoffice, code=trouble.code, role="during" if before is None else "before",
        count=len(trouble.stamps), first=min(trouble.stamps), last=max(trouble.stamps), clock=loop.pair.clock, bags=bags,
        before=before, own=own,
    )  # fmt: skip


def _nearness(cause: Cause) -> tuple[object, ...]:
    """Rank: what names the postoffice, before the loop, nearest to it."""
    late = cause.before is None or cause.before > BEFORE
    return (not cause.own, late, cause.before or 0, STARTERS.index(cause.code))
