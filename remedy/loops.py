"""When passes between a postoffice and a peer are a loop: judged by what the log shows, each judgement with its evidence.

Law: a loop is called one only where chance, people, timers and queues make it improbable: both directions by turns, a pace so
steady that chance keeps it in one log of a thousand, or a flood. All else that recurs is a suspicion.
"""

import itertools
import math
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from remedy.tally import Passes
from remedy.text import counted

__all__ = ["Judgement", "Rule", "Verdict", "evidence", "judged", "pace", "patience", "steadiness", "timed"]

LAP_LIMIT = 3 * 3600
"""Seconds from one pass to the next beyond which passes in one direction are no run (an assumption: a lap is shorter)."""
TURN_LIMIT = 86_400
"""The same where both directions are seen: no lap takes longer than a day."""
LAPS = 4
"""Laps that show a loop where the reports are non-delivery reports by their own words: people try again two or three times."""
LAPS_OF_MAIL = 10
"""Laps that do where nothing says that they are reports, at a pace that people do not keep."""
FEWEST = 5
"""Passes in one direction; of fewer no pace can be told."""
PEOPLE = 300
"""Seconds that two people need for a lap, each reading and writing a letter that MTAs fetch in turn (an assumption)."""
TRIES = 3600
"""Seconds within which somebody tries again whose letter came back (an assumption)."""
SHORTEST = 60
"""Seconds that a run lasts at least: a queue that empties itself is shorter."""
AT_ONCE, BACKLOG = 2, 600
"""At a pass in so few seconds a run may be a queue that empties itself as long as it lasts no more than the other: no lap
through two MTAs and a list server is so quick, and no queue to a postmaster is that long (assumptions)."""
FLOOD = 60
"""Passes in one hour that are a loop at any pace: nobody writes so often to a postmaster (an assumption)."""
SUSPECT, LAPS_OF_SILENCE, QUIET = 5, 6, 600
HOUR = 3600
_CHANCE = 0.001
"""In how many logs chance may make a loop of what is none."""
_RIVALS = 1000
"""Runs among which one is judged, if nobody counted them: a log of a large site has about as many."""
_SAMPLE = 20_000
"""Gaps that tell a pace; more of them say nothing new."""
_TIMERS = ((900, 1, 5), (3600, 2, 12))
"""A timer fires at the same second of quarters of an hour, or at two of every hour: its delays do not add up, as those of a
loop do. After how many periods that shows is the third number. Timers that are quicker look like loops."""
_LATE = 60
"""Seconds within which what a timer sends comes (an assumption)."""


class Verdict(StrEnum):
    """What a pair is."""

    LOOP = "loop"
    SUSPECT = "suspect"
    NOTHING = "nothing"


class Rule(StrEnum):
    """What shows it."""

    BOTH_WAYS = "both-ways"
    STEADY = "steady"
    FLOOD = "flood"
    ASKED = "threshold"
    TIMED = "timer"
    RECURS = "recurs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found of one pair, with the numbers that show it."""

    verdict: Verdict
    rule: Rule
    count: int = 0
    """Passes of the loop: answers to the postmaster, or reports where only those are seen."""
    reports: int = 0
    laps: int = 0
    first: int = 0
    """Seconds since 1970, by the clock of the log."""
    last: int = 0
    median: float = 0.0
    """Seconds from one pass to the next."""
    busiest: int = 0
    """Most passes within one hour."""
    moments: Sequence[int] = ()
    """When each pass was, in the order of time."""

    @property
    def per_hour(self) -> float:
        """Passes an hour from the first to the last, pauses included."""
        spent = self.last - self.first
        return (self.count - 1) * HOUR / spent if self.count > 1 and spent > 0 else 0.0


def judged(passes: Passes, threshold: int | None = None, *, rivals: int = _RIVALS, several: bool = False) -> Judgement:
    """Judge the passes of one pair, in the order of the log.

    ``threshold`` is the number of passes from which the user calls it a loop, whatever their pace. ``rivals`` is the number of
    runs that are judged in all. ``several`` tells that the far end is more than one address: no one of them tries again.
    """
    main = 0 if 0 in passes.kinds else 1
    own = array("q", (moment for moment, kind in zip(passes.stamps, passes.kinds, strict=True) if kind == main))
    if threshold is not None:
        found = _summed(Verdict.LOOP, Rule.ASKED, own, passes, _laps(passes.kinds))
        return found if len(own) >= threshold else _nothing(Rule.RECURS, own, passes)
    if timed(own):
        return _nothing(Rule.TIMED, own, passes)
    chance = _deviate(_CHANCE / max(rivals, 1))
    if turns := _by_turns(passes, chance, several=several):
        return turns
    runs = [run for run in _runs(own) if len(run) >= FEWEST and _lasts(run)]
    steady = [run for run in runs if _even(run, chance)]
    flooding = [run for run in runs if _busiest(run) >= FLOOD and max(run) - min(run) >= BACKLOG]
    for rule, some in ((Rule.STEADY, steady), (Rule.FLOOD, flooding)):
        if some:
            return _summed(Verdict.LOOP, rule, _alike(own, some), passes, 0)
    return _nothing(Rule.RECURS, own, passes)


def patience(found: Judgement) -> float:
    """Give the seconds of silence after which a loop has ended: so many median laps, and so many seconds at least."""
    return max(QUIET, LAPS_OF_SILENCE * found.median)


def timed(moments: Sequence[int]) -> bool:
    """Tell whether nine of ten passes keep to the clock, as what a timer sends does, and chance would not do that."""
    count = len(moments)
    return count >= FEWEST and any(
        len({moment // period for moment in moments}) >= max(least, 0.9 * count / most)
        and (most * _LATE / period) ** (0.9 * count - most) <= _CHANCE
        and _kept(moments, period, most) >= 0.9 * count
        for period, most, least in _TIMERS
    )


def _kept(moments: Iterable[int], period: int, most: int) -> int:
    """Count the moments that lie in a few short parts of a period, those with most of them in it."""
    left, kept = sorted(moment % period for moment in moments), 0
    for _ in range(most):
        twice = [*left, *(phase + period for phase in left)]
        ends = ((bisect_right(twice, phase + _LATE) - place, phase) for place, phase in enumerate(left))
        held, begin = max(ends, default=(0, 0))
        kept += held
        left = [phase for phase in left if (phase - begin) % period > _LATE]
    return kept


def _nothing(rule: Rule, own: Sequence[int], passes: Passes) -> Judgement:
    """Give what is no loop; what recurs is worth a look."""
    verdict = Verdict.SUSPECT if len(own) >= SUSPECT else Verdict.NOTHING
    return _summed(verdict, rule, own, passes, _laps(passes.kinds))


def _by_turns(passes: Passes, chance: float, *, several: bool) -> Judgement | None:
    """Judge by answers and reports that follow one another."""
    if not (0 in passes.kinds and 1 in passes.kinds):
        return None
    found: list[int] = []
    laps = 0
    for begin, end in _stretches(passes.stamps, TURN_LIMIT):
        kinds, moments = passes.kinds[begin:end], passes.stamps[begin:end]
        turns = _laps(kinds)
        own = array("q", (moment for moment, kind in zip(moments, kinds, strict=True) if kind == 0))
        lap = _median(_gaps(own))
        known = passes.proper >= LAPS and lap <= (PEOPLE if several else TRIES)
        quick = turns >= LAPS_OF_MAIL and lap <= PEOPLE
        if turns >= LAPS and (known or quick or (len(own) >= FEWEST and _even(own, chance))):
            found += own
            laps += turns
    return _summed(Verdict.LOOP, Rule.BOTH_WAYS, found, passes, laps) if found else None


def _summed(verdict: Verdict, rule: Rule, own: Iterable[int], passes: Passes, laps: int) -> Judgement:
    """Put the numbers together."""
    moments = array("q", sorted(own))
    return Judgement(
        verdict=verdict,
        rule=rule,
        count=len(moments),
        reports=sum(passes.kinds),
        laps=laps,
        first=moments[0] if moments else 0,
        last=moments[-1] if moments else 0,
        median=_median(_gaps(moments)),
        busiest=_busiest(moments),
        moments=moments,
    )


def _laps(kinds: Sequence[int]) -> int:
    """Count how often an answer was followed by a report and that by an answer; the log may run backwards."""
    turns = sum(one != other for one, other in itertools.pairwise(kinds))
    return turns // 2


def _gaps(moments: Sequence[int]) -> "array[int]":
    """Give the seconds between passes, whichever way the log runs; a clock that was set back counts as it was."""
    return array("q", (abs(later - earlier) for earlier, later in itertools.pairwise(moments)))


def _stretches(moments: Sequence[int], limit: int) -> list[tuple[int, int]]:
    """Part a sequence where more than ``limit`` seconds pass."""
    cuts = [place + 1 for place, gap in enumerate(_gaps(moments)) if gap >= limit]
    return list(zip([0, *cuts], [*cuts, len(moments)], strict=True))


def _runs(moments: Sequence[int]) -> list[Sequence[int]]:
    """Give the stretches of passes in one direction."""
    return [moments[begin:end] for begin, end in _stretches(moments, LAP_LIMIT)]


def _lasts(run: Sequence[int]) -> bool:
    """Tell whether a run is longer than a queue takes to empty itself."""
    return max(run) - min(run) >= (BACKLOG if _median(_gaps(run)) <= AT_ONCE else SHORTEST)


def _alike(moments: Sequence[int], some: Sequence[Sequence[int]]) -> list[int]:
    """Give the runs that are part of a loop, being not much slower than one that shows it: too short ones too."""
    slowest = 3 * max(_median(_gaps(run)) for run in some)
    return [moment for run in _runs(moments) if len(run) > 1 and _median(_gaps(run)) <= slowest for moment in run]


def _median(numbers: Sequence[int]) -> float:
    """Give the middle one."""
    if not numbers:
        return 0.0
    ranked, middle = sorted(numbers), len(numbers) // 2
    return float(ranked[middle]) if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2


def _busiest(moments: Iterable[int]) -> int:
    """Give the most passes that lie within one hour."""
    ranked, begin, most = sorted(moments), 0, 0
    for place, moment in enumerate(ranked):
        while moment - ranked[begin] >= HOUR:
            begin += 1
        most = max(most, place - begin + 1)
    return most


def pace(moments: Sequence[int]) -> float:
    """Give how uneven the gaps of a run are: 0 = a clock, about 0.58 = by chance (Moran's statistic).

    It is the logarithm of their mean less the mean of their logarithms. The largest tenth is left out: an MTA that waits once
    does not make a loop less of one.
    """
    gaps = sorted(max(gap, 1) for gap in _gaps(moments[: _SAMPLE + 1]))
    kept = gaps[: len(gaps) - len(gaps) // 10]
    if not kept:
        return math.inf
    return math.log(sum(kept) / len(kept)) - sum(map(math.log, kept)) / len(kept)


def _even(run: Sequence[int], chance: float) -> bool:
    """Tell whether a run is steadier than chance makes it, or than two people who answer one another.

    A gap between two letters of one of them is the sum of two delays, so it varies less than one of chance (a gamma
    distribution, of shape 2 instead of 1); but they need their time.
    """
    gaps = min(len(run) - 1, _SAMPLE)
    return pace(run) <= steadiness(gaps, chance, 1 if _median(_gaps(run)) <= PEOPLE else 2)


def steadiness(gaps: int, deviate: float, shape: int = 1) -> float:
    """Give the unevenness that gaps of chance fall below as seldom as the normal deviate says.

    Bartlett's approximation to Moran's statistic by chi-square, and Wilson and Hilferty's to its quantile; without the
    largest tenth the gaps of chance are more even, by a quarter (tests/test_loops.py counts how often chance falls below).
    """
    free = gaps - 1
    quantile = free * max(0.0, 1 - 2 / (9 * free) + deviate * math.sqrt(2 / (9 * free))) ** 3
    bound = quantile * (1 + (gaps + 1) / (6 * gaps * shape)) / (2 * gaps * shape)
    return bound * (0.76 if gaps >= 10 else 1.0)  # noqa: PLR2004 - where a tenth is one gap


def _deviate(chance: float) -> float:
    """Give the normal deviate below which lies so small a part of all (Abramowitz and Stegun 26.2.23)."""
    root = math.sqrt(-2 * math.log(chance))
    above = 2.515517 + root * (0.802853 + root * 0.010328)
    return above / (1 + root * (1.432788 + root * (0.189269 + root * 0.001308))) - root


def evidence(found: Judgement) -> str:
    """Say in a sentence what shows it."""
    shown = {
        Rule.BOTH_WAYS: f"answers and reports by turns: {counted(found.laps, 'lap')}",
        Rule.STEADY: "a pace that chance keeps in less than one log of a thousand",
        Rule.FLOOD: f"a flood: {found.busiest:,} in the busiest hour",
        Rule.ASKED: "as many as --threshold asks for",
        Rule.TIMED: "it keeps to the clock as a timer does, so no message causes the next",
        Rule.RECURS: "it recurs, and nothing shows that one message causes the next",
    }[found.rule]
    return f"{shown}; {counted(found.count, 'pass', 'passes')}, one in {found.median:,.0f} s at the median"
