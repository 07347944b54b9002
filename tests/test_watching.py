"""Loops while they run: told of once when they begin, and once when they end."""

import pytest

from remedy.addresses import PostofficeName
from remedy.traffic import Kind, Move, Peer
from remedy.watching import Watch

PO = PostofficeName("NWTRADERS", "PO1")
LIST = Peer("listserv@lists.proseware.com", "lists.proseware.com")


def reply(peer=LIST, number=2444):
    return Move(kind=Kind.REPLY, postoffice=PO, peer=peer, number=number)


def report(peer=LIST, *, proper=True):
    return Move(kind=Kind.REPORT, postoffice=PO, peer=peer, proper=proper, number=2117)


def told(watch, events):
    """Feed events (seconds, moves) whose log and clock run together."""
    return [(at, news) for at, moves in events for news in watch.see(at, "EXSRV1", moves, float(at))]


def test_a_loop_is_told_of_once_when_it_begins():
    watch = Watch()
    news = told(watch, [(100 * n, [reply()] if n % 2 else [report()]) for n in range(40)])
    assert [(each.begins, each.pair.postoffice, each.pair.domain) for _, each in news] == [(True, PO, LIST.domain)]
    assert watch.running == 1
    assert "by turns" in news[0][1].evidence


def test_it_ends_when_the_log_goes_on_without_it():
    watch = Watch()
    told(watch, [(60 * n, [reply()]) for n in range(20)])
    news = told(watch, [(60 * 20 + 500, [reply(Peer("a@contoso.com", "contoso.com"))])])
    assert news == []  # ten minutes have not passed
    news = told(watch, [(60 * 20 + 700, [])])
    assert [each.begins for _, each in news] == [False]
    assert news[0][1].found.count == 20
    assert watch.running == 0


def test_it_ends_when_nothing_more_is_written():
    watch = Watch()
    told(watch, [(60 * n, [reply()]) for n in range(20)])
    heard = float(60 * 19)
    assert list(watch.idle(heard + 599)) == []
    assert [each.begins for each in watch.idle(heard + 601)] == [False]
    assert list(watch.idle(heard + 5000)) == []


def test_a_slow_loop_is_waited_for_as_long_as_its_laps_are():
    watch = Watch()
    told(watch, [(1000 * n, [reply()]) for n in range(20)])
    assert list(watch.idle(19_000 + 5_900.0)) == []
    assert len(list(watch.idle(19_000 + 6_100.0))) == 1


def test_it_can_begin_again():
    watch = Watch()
    events = [(60 * n, [reply()]) for n in range(12)] + [(100_000 + 60 * n, [reply()]) for n in range(12)]
    assert [each.begins for _, each in told(watch, events)] == [True, False, True]


def test_two_events_of_one_pass_are_counted_once():
    watch = Watch(threshold=10)
    events = [(60 * n, [reply(number=number)]) for n in range(9) for number in (2448, 2444)]
    assert told(watch, events) == []
    assert [each.found.count for _, each in told(watch, [(600, [reply()])])] == [10]


def test_hints_and_troubles_are_no_passes():
    watch = Watch(threshold=2)
    moves = [
        Move(kind=Kind.HINT, postoffice=PO, number=10000),
        Move(kind=Kind.TROUBLE, postoffice=PO, code="017", number=2117),
    ]
    assert told(watch, [(60 * n, moves) for n in range(50)]) == []


@pytest.mark.parametrize("pairs", [5_000])
def test_memory_is_bounded_and_no_running_loop_is_forgotten(pairs):
    watch = Watch()
    told(watch, [(60 * n, [reply()]) for n in range(20)])
    told(watch, [(1200 + n % 60, [reply(Peer(f"{n}@contoso.com", "contoso.com"))]) for n in range(pairs)])
    assert len(watch._pairs) <= 2_001
    assert watch.running == 1
    told(watch, [(1300 + 60 * n, [reply()]) for n in range(2_000)])
    assert max(len(each.passes.stamps) for each in watch._pairs.values()) <= 500
