"""When passes between a postoffice and a peer are a loop: judged by what the log shows, each judgement with its evidence.

Law: a loop is called one only where chance, people and queues make it improbable: both directions by turns, a pace so steady
that messages of their own accord keep it once in a thousand times, or a flood. All else that recurs is a suspicion.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from remedy.tally import Passes
from remedy.text import counted

__all__ = ["Judgement", "Rule", "Verdict", "judged", "pace"]

LAP_LIMIT = 3600
"""Seconds from one pass to the next beyond which passes in one direction are no run (an assumption: a lap is shorter)."""
TURN_LIMIT = 86_400
"""The same where both directions are seen: no lap takes longer than a day."""
LAPS = 3
"""Laps that show a loop where the reports are non-delivery reports by their own words: twice may be chance."""
LAPS_OF_MAIL = 10
"""Laps that do where nothing says that they are reports: people write to one another too."""
FEWEST = 5
"""Passes in one direction; of fewer no pace can be told."""
SHORTEST = 60
"""Seconds that a run lasts at least: a queue that empties itself is shorter."""
FLOOD = 60
"""Passes in one hour that are a loop at any pace: nobody writes so often to a postmaster (an assumption)."""
SUSPECT = 5
_ONCE_IN_1000 = -3.09
"""The normal deviate that is fallen below once in a thousand times."""
_ONCE_IN_100 = -2.33


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
    moments: tuple[int, ...] = ()
    """When each pass was, in the order of time."""

    @property
    def per_hour(self) -> float:
        """Passes an hour, by the median interval where there is one."""
        spent = self.last - self.first
        return (self.count - 1) * 3600 / spent if self.count > 1 and spent > 0 else 0.0


def judged(passes: Passes, threshold: int | None = None, *, answered_elsewhere: bool = False) -> Judgement:
    """Judge the passes of one pair, in the order of the log.

    ``threshold`` is the number of passes from which the user calls it a loop, whatever their pace. ``answered_elsewhere`` tells
    that the log shows reports of other postoffices in that time: then none here means that mail is delivered.
    """
    moments, kinds = passes.stamps, passes.kinds
    replies = sum(kind == 0 for kind in kinds)
    main = 0 if replies else 1
    own = [moment for moment, kind in zip(moments, kinds, strict=True) if kind == main]
    if threshold is not None:
        found = _summed(Verdict.LOOP, Rule.ASKED, own, passes, _laps(kinds))
        return found if len(own) >= threshold else _nothing(own, passes)
    if turns := _by_turns(passes):
        return turns
    runs = [run for run in _runs(own, LAP_LIMIT) if len(run) >= FEWEST]
    steady = [run for run in runs if max(run) - min(run) >= SHORTEST and pace(run) <= _steadiness(len(run) - 1)]
    flooding = [run for run in runs if _busiest(run) >= FLOOD and max(run) - min(run) >= 10 * SHORTEST]
    for rule, some in ((Rule.STEADY, steady), (Rule.FLOOD, flooding)):
        if some:
            verdict = Verdict.SUSPECT if answered_elsewhere and 1 not in kinds else Verdict.LOOP
            within = [moment for run in some for moment in run]
            return _summed(verdict, rule, within, passes, 0)
    return _nothing(own, passes)


def _nothing(own: Sequence[int], passes: Passes) -> Judgement:
    """Give what is no loop; what recurs is worth a look."""
    verdict = Verdict.SUSPECT if len(own) >= SUSPECT else Verdict.NOTHING
    return _summed(verdict, Rule.RECURS, own, passes, _laps(passes.kinds))


def _by_turns(passes: Passes) -> Judgement | None:
    """Judge by answers and reports that follow one another."""
    if not (0 in passes.kinds and 1 in passes.kinds):
        return None
    found: list[int] = []
    laps = 0
    for begin, end in _stretches(passes.stamps, TURN_LIMIT):
        kinds, moments = passes.kinds[begin:end], passes.stamps[begin:end]
        turns = _laps(kinds)
        own = [moment for moment, kind in zip(moments, kinds, strict=True) if kind == 0]
        quick = _median(_gaps(own)) < LAP_LIMIT
        even = len(own) >= FEWEST and pace(own) <= _steadiness(len(own) - 1, _ONCE_IN_100)
        if turns >= LAPS and (passes.proper >= LAPS or (quick and (even or turns >= LAPS_OF_MAIL))):
            found += own
            laps += turns
    return _summed(Verdict.LOOP, Rule.BOTH_WAYS, found, passes, laps) if found else None


def _summed(verdict: Verdict, rule: Rule, own: Sequence[int], passes: Passes, laps: int) -> Judgement:
    """Put the numbers together."""
    moments = tuple(sorted(own))
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


def _gaps(moments: Sequence[int]) -> list[int]:
    """Give the seconds between passes, whichever way the log runs; a clock that was set back counts as it was."""
    return [abs(later - earlier) for earlier, later in itertools.pairwise(moments)]


def _stretches(moments: Sequence[int], limit: int) -> list[tuple[int, int]]:
    """Part a sequence where more than ``limit`` seconds pass."""
    cuts = [place + 1 for place, gap in enumerate(_gaps(moments)) if gap >= limit]
    return list(zip([0, *cuts], [*cuts, len(moments)], strict=True))


def _runs(moments: Sequence[int], limit: int) -> list[Sequence[int]]:
    """Give the stretches themselves."""
    return [moments[begin:end] for begin, end in _stretches(moments, limit)]


def _median(numbers: Sequence[float]) -> float:
    """Give the middle one."""
    if not numbers:
        return 0.0
    ranked, middle = sorted(numbers), len(numbers) // 2
    return float(ranked[middle]) if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2


def _busiest(moments: Sequence[int]) -> int:
    """Give the most passes that lie within one hour."""
    ranked, begin, most = sorted(moments), 0, 0
    for place, moment in enumerate(ranked):
        while moment - ranked[begin] >= LAP_LIMIT:
            begin += 1
        most = max(most, place - begin + 1)
    return most


def pace(moments: Sequence[int]) -> float:
    """Give how uneven the gaps of a run are: 0 = a clock, about 0.58 = by chance (Moran's statistic).

    It is the logarithm of their mean less the mean of their logarithms. The largest tenth is left out: an MTA that waits once
    does not make a loop less of one.
    """
    gaps = sorted(max(gap, 1) for gap in _gaps(moments))
    kept = gaps[: len(gaps) - len(gaps) // 10]
    if not kept:
        return math.inf
    return math.log(sum(kept) / len(kept)) - sum(map(math.log, kept)) / len(kept)


def _steadiness(gaps: int, deviate: float = _ONCE_IN_1000) -> float:
    """Give the unevenness that chance falls below as seldom as ``deviate`` says, for a number of gaps.

    Bartlett's approximation to Moran's statistic by chi-square, and Wilson and Hilferty's to its quantile; without the
    largest tenth the gaps of chance are more even, by a fifth.
    """
    free = gaps - 1
    quantile = free * max(0.0, 1 - 2 / (9 * free) + deviate * math.sqrt(2 / (9 * free))) ** 3
    bound = quantile * (1 + (gaps + 1) / (6 * gaps)) / (2 * gaps)
    return bound * (0.8 if gaps >= 10 else 1.0)  # noqa: PLR2004 - where a tenth is one gap


def evidence(found: Judgement) -> str:
    """Say in a sentence what shows it."""
    numbers = f"{counted(found.count, 'pass', 'passes')}, one in {found.median:,.0f} s at the median"
    match found.rule:
        case Rule.BOTH_WAYS:
            return f"answers and reports by turns: {counted(found.laps, 'lap')}; {numbers}"
        case Rule.STEADY:
            return f"a pace that chance keeps less than once in a thousand times: {numbers}"
        case Rule.FLOOD:
            return f"a flood: {found.busiest:,} in the busiest hour; {numbers}"
        case Rule.ASKED:
            return f"as many as --threshold asks for: {numbers}"
        case Rule.RECURS:
            return f"it recurs, and nothing shows that one message causes the next: {numbers}"
