"""What is kept of a log: each pass once, in the order of the log, and never more than fits."""

import sys

from remedy import tally as room
from remedy.addresses import PostofficeName
from remedy.eventlogs.dates import DateOrder
from remedy.tally import Pair, Passes, Tally, pooled
from remedy.traffic import Kind, Move, Peer

PO = PostofficeName("NET", "PO1")
LIST = Peer("listserv@lists.example.org", "lists.example.org")
DAY = 86_400


def stamp(second, day=14):
    return ((5 * 10_000 + day) * 10_000 + 97) * DAY + second


def reply(number=0, peer=LIST, po=PO):
    return Move(kind=Kind.REPLY, postoffice=po, peer=peer, number=number)


def report(number=0, **more):
    return Move(kind=Kind.REPORT, postoffice=PO, peer=LIST, number=number, **more)


def trouble(code="017", po=PO, bag="MBG"):
    return Move(kind=Kind.TROUBLE, postoffice=po, code=code, mailbag=bag)


def told(*seconds, server="EXSRV1", move=None):
    """A log with a pass at each of these seconds of a day."""
    one = Tally()
    for second in seconds:
        one.add(stamp(second), server, (move or reply(),))
    one.finish(DateOrder.MDY)
    return one


def only(one):
    (passes,) = one.pairs.values()
    return passes


def test_each_event_of_a_pass_counts_for_itself_and_the_most_frequent_counts():
    one = Tally()
    for lap in range(5):
        for place, number in enumerate((2448, 2444) if lap else (2448,)):
            one.add(stamp(lap * 60 + place), "EXSRV1", (reply(number),))
        one.add(stamp(lap * 60 + 9), "EXSRV1", (report(2117, code="002", proper=True),))
    one.finish(DateOrder.MDY)
    once = only(one).once()
    assert list(once.kinds) == [0, 1] * 5
    assert (once.proper, once.codes) == (5, {"002": 5})
    assert len(only(one).stamps) == 14


def test_events_that_share_a_number_of_a_message_are_passes_all_the_same():
    assert len(only(told(0, 60, 120, 180)).once().stamps) == 4


def test_an_unknown_server_and_one_in_other_case():
    one = Tally()
    for name in ("exsrv1", "EXSRV1"):
        one.add(stamp(1), name, (reply(),))
    assert [pair.server for pair in one.pairs] == ["EXSRV1"]
    assert one.stamped
    assert not Tally().stamped


def test_a_day_that_no_calendar_has_is_left_out():
    one = Tally()
    one.add(stamp(1), "", (reply(), trouble()))
    one.add(stamp(1, day=32), "", (reply(), trouble()))
    one.finish(DateOrder.MDY)
    assert len(only(one).stamps) == 1
    assert len(next(iter(one.troubles.values())).stamps) == 1


def test_what_names_no_postoffice_is_no_pass():
    one = Tally()
    one.add(stamp(1), "", (reply(po=None),))
    assert not one.stamped


def test_the_clock_stands_beside_what_was_told_by_it():
    one = Tally()
    one.add(stamp(1), "", (reply(), trouble(), Move(kind=Kind.HINT, postoffice=PO, number=10_000)))
    one.finish(DateOrder.MDY, "UTC")
    assert {pair.clock for pair in (*one.pairs, *one.hints)} == {"UTC"}
    assert [each.clock for each in one.troubles.values()] == ["UTC"]


def test_logs_that_overlap_tell_of_an_event_once():
    one = told(0, 60, 60, 120)
    one.take(told(60, 120, 180))
    assert [moment % DAY for moment in only(one).stamps] == [0, 60, 60, 120, 180]


def test_logs_of_other_hours_follow_one_another_whichever_comes_first():
    for first, second in (((0, 60), (120, 180)), ((120, 180), (0, 60))):
        one = told(*first)
        one.take(told(*second))
        assert [moment % DAY for moment in only(one).stamps] == [0, 60, 120, 180]


def test_a_log_without_known_days_adds_nothing():
    empty = Tally()
    empty.add(stamp(1, day=32), "EXSRV1", (reply(),))
    empty.finish(DateOrder.MDY)
    for one, other in ((told(0, 60), empty), (empty, told(0, 60))):
        one.take(other)
        assert len(only(one).stamps) == 2


def test_hints_and_troubles_are_taken_too():
    hint = Move(kind=Kind.HINT, postoffice=PO, number=10_000)
    one = told(0, 60, move=hint)
    one.take(told(60, 120, move=hint))
    assert [len(passes.stamps) for passes in one.hints.values()] == [3]
    one.take(told(0, move=hint, server="EXSRV2"))
    assert len(one.hints) == 2
    one.take(told(5, 6, move=trouble()))
    one.take(told(6, 7, move=trouble(bag="OTHER")))
    (found,) = one.troubles.values()
    assert ([moment % DAY for moment in found.stamps], found.bags) == ([5, 6, 7], {"MBG": 2, "OTHER": 2})


def test_only_so_many_mailbags_and_troubles(monkeypatch):
    monkeypatch.setattr(room, "TROUBLES_LIMIT", 3)
    one = Tally()
    for number in range(20):
        one.add(stamp(number), "", (trouble(bag=f"BAG{number}"),))
        one.add(stamp(number), "", (trouble(bag=""), trouble(po=PostofficeName("NET", f"P{number}"))))
    assert len(one.troubles) == 3
    assert one.forgotten > 0
    assert all(len(each.bags) <= 8 for each in one.troubles.values())


# --- Too many pairs


def many(monkeypatch, peers, limit=100):
    monkeypatch.setattr(room, "PAIRS_LIMIT", limit)
    one = Tally()
    for number, peer in enumerate(peers):
        one.add(stamp(number), "EXSRV1", (reply(peer=peer), report() if number % 10 == 0 else reply()))
    one.finish(DateOrder.MDY)
    return one


def test_forgetting_keeps_loops(monkeypatch):
    one = many(monkeypatch, (Peer(f"u@h{number}.net", f"h{number}.net") for number in range(1000)))
    kept = one.pairs[Pair(PO, LIST.name, LIST.domain, "EXSRV1")]
    assert len(kept.stamps) == 1000
    assert len(one.pairs) <= 100
    assert one.forgotten > 0


def test_a_domain_that_writes_from_ever_new_addresses_is_kept_as_one(monkeypatch):
    one = many(monkeypatch, (Peer(f"bounce-{number}@l.net", "l.net") for number in range(1000)))
    assert one.forgotten == 0
    whole = pooled(passes for pair, passes in one.pairs.items() if pair.domain == "l.net")
    assert [moment % DAY for moment in whole.stamps] == list(range(1000))


def test_peers_without_a_domain_are_let_go(monkeypatch):
    assert many(monkeypatch, (Peer(f"n/p/u{number}") for number in range(1000))).forgotten > 800


def test_hundreds_of_thousands_of_peers_take_no_more_room_than_the_limit():
    one = Tally()
    for number in range(60_000):
        one.add(stamp(number % DAY), "EXSRV1", (reply(peer=Peer(f"u@h{number}.net", f"h{number}.net")),))
    assert len(one.pairs) <= room.PAIRS_LIMIT
    assert one.forgotten >= 60_000 - 2 * room.PAIRS_LIMIT


def test_a_pass_takes_nine_bytes():
    passes = Passes()
    for second in range(10_000):
        passes.add(second, reply())
    assert sys.getsizeof(passes.stamps) + sys.getsizeof(passes.kinds) < 9 * 10_000 * 1.2


def test_codes_are_pooled():
    one, other = Passes(), Passes()
    one.add(1, report(code="002"))
    other.add(0, report(code="002"))
    other.add(2, report(code="017"))
    whole = pooled((one, other))
    assert (list(whole.stamps), whole.codes) == ([0, 1, 2], {"002": 2, "017": 1})
