"""What is a loop, rule by rule and bound by bound."""

import itertools
import math
import random
from array import array

import pytest

from remedy.loops import Rule, Verdict, evidence, judged, pace, steadiness, timed
from remedy.tally import Passes

ODD = (0.93, 1.02, 1.11, 0.88, 1.05, 0.97)


def one_way(*moments, kind=0):
    return Passes(array("q", moments), bytearray([kind] * len(moments)))


def spaced(count, gap, *, begin=1_000_007, uneven=ODD):
    """Moments at a pace that is a machine's and no timer's."""
    gaps = (int(gap * uneven[number % len(uneven)]) for number in range(count - 1))
    return list(itertools.accumulate(gaps, initial=begin))


def by_turns(laps, gap, *, proper=0, answer=3, uneven=ODD):
    """An answer and a report a lap."""
    moments = [at for each in spaced(laps + 1, gap, uneven=uneven) for at in (each, each + answer)]
    return Passes(array("q", moments), bytearray([0, 1] * (laps + 1)), proper)


def chance(rng, count, mean, shape=1):
    return [sum(rng.expovariate(shape / mean) for _ in range(shape)) for _ in range(count)]


# --- One direction


def test_a_steady_pace_is_a_loop():
    found = judged(one_way(*spaced(20, 100)))
    assert (found.verdict, found.rule, found.count, found.laps) == (Verdict.LOOP, Rule.STEADY, 20, 0)
    assert (found.first, found.last) == (1_000_007, 1_000_007 + sum(int(100 * ODD[n % 6]) for n in range(19)))
    assert found.per_hour == pytest.approx(36, rel=0.05)
    assert "20 passes" in evidence(found)


def test_the_same_backwards():
    assert judged(one_way(*reversed(spaced(20, 100)))).verdict is Verdict.LOOP


def test_reports_alone_are_judged_too():
    found = judged(one_way(*spaced(20, 100), kind=1))
    assert (found.verdict, found.count, found.reports) == (Verdict.LOOP, 20, 20)


@pytest.mark.parametrize(("count", "verdict"), [(0, Verdict.NOTHING), (4, Verdict.NOTHING), (5, Verdict.LOOP)])
def test_five_passes_by_a_clock_are_needed(count, verdict):
    assert judged(one_way(*(7 + number * 101 for number in range(count)))).verdict is verdict


def test_the_more_rivals_the_more_is_asked_for():
    passes = one_way(*spaced(9, 100))
    assert judged(passes, rivals=1).verdict is Verdict.LOOP
    assert judged(passes, rivals=100_000).verdict is Verdict.SUSPECT
    assert judged(passes, rivals=0).verdict is Verdict.LOOP


def test_a_queue_that_empties_itself_is_none():
    assert judged(one_way(*range(30))).verdict is Verdict.SUSPECT
    assert judged(one_way(*range(0, 600, 2))).verdict is Verdict.SUSPECT, "no longer than a backlog"
    assert judged(one_way(*range(0, 602, 2))).verdict is Verdict.LOOP


def test_a_pause_a_clock_set_back_and_a_late_lap_change_nothing():
    first = spaced(30, 100)
    night = [*first, *(moment + 40_000 for moment in first)]
    back = [*first, *(moment - 3600 + 3000 for moment in first)]
    late = [*first[:15], *(moment + 900 for moment in first[15:])]
    for moments in (night, back, late):
        found = judged(one_way(*moments))
        assert (found.rule, found.count) == (Rule.STEADY, len(moments))


def test_short_stretches_of_a_loop_belong_to_it_and_old_letters_do_not():
    first = spaced(30, 100)
    found = judged(one_way(5, *first, *(first[-1] + 20_000 + n * 90 for n in range(3))))
    assert (found.count, found.first) == (33, first[0])


def test_a_flood_is_a_loop_at_any_pace():
    rng = random.Random(5)
    moments = list(itertools.accumulate((int(rng.expovariate(1 / 30)) for _ in range(200)), initial=0))
    found = judged(one_way(*moments))
    assert found.rule is Rule.FLOOD
    assert "in the busiest hour" in evidence(found)
    assert judged(one_way(*(int(moment * 3) for moment in moments))).verdict is Verdict.SUSPECT


def test_what_people_write_recurs():
    found = judged(one_way(*map(int, itertools.accumulate(chance(random.Random(1), 100, 1800)))))
    assert (found.verdict, found.rule) == (Verdict.SUSPECT, Rule.RECURS)
    assert "nothing shows" in evidence(found)
    assert found.per_hour > 0
    assert judged(one_way(7)).per_hour == 0.0


def test_slow_gaps_must_be_steadier_since_two_people_make_steadier_ones():
    uneven = (0.6, 1.5, 0.8, 1.3, 0.7, 1.1)
    assert judged(one_way(*spaced(24, 280, uneven=uneven))).verdict is Verdict.LOOP
    assert judged(one_way(*spaced(24, 420, uneven=uneven))).verdict is Verdict.SUSPECT


@pytest.mark.parametrize("shape", [1, 2])
@pytest.mark.parametrize("gaps", [4, 9, 10, 19, 40])
def test_chance_falls_below_the_bound_once_in_a_thousand_times(gaps, shape):
    rng, rounds, deviate = random.Random(gaps), 4000, -3.09
    bound = steadiness(gaps, deviate, shape)
    low = sum(
        pace([0, *map(int, itertools.accumulate(chance(rng, gaps, 100_000, shape)))]) <= bound for _ in range(rounds)
    )
    assert low <= 4 * rounds / 1000


def test_pace_of_a_clock_of_chance_and_of_nothing():
    assert pace(range(0, 1000, 10)) == pytest.approx(0)
    assert pace([*map(int, itertools.accumulate(chance(random.Random(2), 5000, 10_000)))]) == pytest.approx(
        0.474, abs=0.05
    )
    assert pace([3]) == math.inf


# --- Timers


@pytest.mark.parametrize("period", [900, 1800, 3600, 7200, 86_400])
def test_a_timer_is_none_even_where_each_message_bounces(period):
    moments = [number * period + (7 * number) % 40 for number in range(24)]
    found = judged(one_way(*moments))
    assert (found.verdict, found.rule) == (Verdict.SUSPECT, Rule.TIMED)
    assert "timer" in evidence(found)
    both = Passes(array("q", (at for each in moments for at in (each, each + 4))), bytearray([0, 1] * 24), 24)
    assert judged(both).verdict is Verdict.SUSPECT


def test_two_timers_and_a_stray_letter_are_none():
    moments = sorted([*range(100, 3600 * 30, 3600), *range(1900, 3600 * 30, 3600), 5000])
    assert timed(moments)


def test_quick_ones_short_ones_and_loops_of_a_quarter_of_an_hour_are_no_timers():
    assert not timed(range(0, 30_000, 300))
    assert not timed(range(0, 3600, 900))
    assert not timed(spaced(30, 900))
    assert judged(one_way(*range(0, 30_000, 300))).verdict is Verdict.LOOP


# --- Both directions


def test_reports_by_their_own_words_make_four_laps_a_loop():
    found = judged(by_turns(4, 500, proper=4, uneven=(0.2, 2.0)))
    assert (found.verdict, found.rule, found.laps, found.count, found.reports) == (
        Verdict.LOOP,
        Rule.BOTH_WAYS,
        4,
        5,
        5,
    )
    assert "4 laps" in evidence(found)


def test_somebody_who_tries_three_times_again_is_none():
    assert judged(by_turns(3, 500, proper=4)).verdict is Verdict.NOTHING
    assert judged(by_turns(4, 500, proper=3, uneven=(0.2, 2.0))).verdict is Verdict.SUSPECT


def test_slow_laps_need_a_pace_besides():
    assert judged(by_turns(8, 20_000, proper=8, uneven=(0.1, 2.0))).verdict is Verdict.SUSPECT
    assert judged(by_turns(30, 20_000, proper=30)).verdict is Verdict.LOOP
    assert judged(by_turns(3, 90_000, proper=30)).verdict is Verdict.NOTHING, "a lap a day is none"


def test_several_people_whose_letters_come_back_are_none():
    passes = by_turns(6, 900, proper=6, uneven=(0.1, 2.0))
    assert judged(passes).verdict is Verdict.LOOP
    assert judged(passes, several=True).verdict is Verdict.SUSPECT


def test_letters_by_turns_are_a_loop_if_they_are_quicker_than_people_or_steady():
    uneven = (0.1, 2.0)
    assert judged(by_turns(10, 60, uneven=uneven)).rule is Rule.BOTH_WAYS
    assert judged(by_turns(9, 60, uneven=uneven)).rule is not Rule.BOTH_WAYS
    assert judged(by_turns(12, 1500, uneven=uneven)).verdict is Verdict.SUSPECT
    assert judged(by_turns(30, 1500)).rule is Rule.BOTH_WAYS


# --- The user's number


def test_a_threshold_overrules():
    found = judged(by_turns(5, 40_000), 6)
    assert (found.verdict, found.rule, found.count) == (Verdict.LOOP, Rule.ASKED, 6)
    assert "--threshold" in evidence(found)
    assert judged(one_way(*spaced(50, 100)), 51).verdict is Verdict.SUSPECT
