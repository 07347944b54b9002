"""From passes to loops with their causes, their order and what to do; and the same as a document."""

import json
import random

import pytest

from remedy import workflow
from remedy.addresses import PostofficeName
from remedy.advising import advice
from remedy.diagnosed import diagnosis_document, moment
from remedy.diagnosis import diagnosed
from remedy.eventlogs.base import Notes
from remedy.eventlogs.dates import Calendar, DateOrder
from remedy.loops import Rule
from remedy.tally import Tally
from remedy.traffic import Kind, Move, Peer
from tests.conftest import ROWS
from tests.test_tally import LIST, stamp

ODD = (93, 102, 111, 88, 105, 97)
CLOCK = DateOrder.MDY


def named(text):
    return PostofficeName(*text.split("/"))


class Log:
    """A log as it is gathered."""

    def __init__(self):
        self.tally = Tally()

    def loop(
        self, po="NET/PO1", laps=30, begin=40_000, server="EXSRV1", peer=LIST, *, reports=False, servers=(), code="002"
    ):
        at, luck = begin, random.Random(7)
        for lap in range(laps):
            here = servers[luck.randrange(len(servers))] if servers else server
            far = peer(lap) if callable(peer) else peer
            self.tally.add(stamp(at), here, (Move(kind=Kind.REPLY, postoffice=named(po), peer=far, number=2444),))
            if reports:
                move = Move(kind=Kind.REPORT, postoffice=named(po), peer=far, number=2117, code=code, proper=True)
                self.tally.add(stamp(at + 5), here, (move,))
            at += ODD[lap % 6]
        return self

    def add(self, at, kind, po="NET/PO1", server="EXSRV1", **more):
        self.tally.add(stamp(at), server, (Move(kind=kind, postoffice=po and named(po), **more),))
        return self

    def found(self, clock="", **more):
        self.tally.finish(CLOCK, clock)
        return diagnosed(self.tally, **more)


def ends(loops):
    return [
        (str(loop.pair.postoffice), loop.pair.peer, loop.pair.domain, loop.pair.server, loop.peers) for loop in loops
    ]


# --- Which pairs


def test_a_loop_by_its_two_ends():
    found = Log().loop().add(5, Kind.REPLY, peer=Peer("kim@h.net", "h.net")).found()
    assert ends(found.loops) == [("NET/PO1", LIST.name, LIST.domain, "EXSRV1", 1)]
    assert found.suspects == ()
    assert found.loops[0].one_way
    assert found.passes == 31


def test_a_list_server_with_ever_new_addresses_is_found_by_its_domain():
    found = Log().loop(peer=lambda lap: Peer(f"bounce-{lap}@l.net", "l.net")).found()
    assert ends(found.loops) == [("NET/PO1", "", "l.net", "EXSRV1", 30)]
    assert "from 30 addresses" in found.loops[0].evidence


def test_a_loop_over_several_servers_is_found():
    found = Log().loop(laps=40, servers=("EXSRV1", "EXSRV2", "EXSRV3")).found()
    assert ("NET/PO1", LIST.name, LIST.domain, "", 1) in ends(found.loops)
    assert {(str(loop.pair.postoffice), loop.pair.domain) for loop in found.loops} == {("NET/PO1", LIST.domain)}


def test_people_of_one_domain_whose_letters_came_back_are_none():
    log = Log()
    for number, gap in enumerate((0, 900, 1000, 4200, 4300, 9000, 9100)):
        peer = Peer(f"u{number}@big.net", "big.net")
        log.add(gap, Kind.REPLY, peer=peer).add(gap + 4, Kind.REPORT, peer=peer, proper=True, code="002")
    assert log.found().loops == ()


def test_reports_that_name_nobody_belong_to_the_busiest_peer():
    log = Log().loop(laps=6)
    for at in range(40_005, 40_600, 100):
        log.add(at, Kind.REPORT, peer=Peer("administrator"), proper=True, code="029")
    log.add(1, Kind.REPLY, peer=Peer("kim@h.net", "h.net"))
    (loop,) = log.found().loops
    assert (loop.pair.peer, loop.found.rule, loop.codes) == (LIST.name, Rule.BOTH_WAYS, {"029": 6})
    assert not loop.one_way


def test_postmasters_without_a_sender_count_where_nothing_else_does():
    log = Log()
    for lap in range(30):
        log.add(lap * 100 + lap % 7, Kind.HINT, number=10_000).add(
            lap * 100 + lap % 7, Kind.HINT, po="NET/PO2", number=10_000
        )
    log.loop(po="NET/PO2")
    assert {str(loop.pair.postoffice): loop.pair.domain for loop in log.found().loops} == {
        "NET/PO1": "",
        "NET/PO2": LIST.domain,
    }


def test_a_timer_is_a_suspicion_and_a_threshold_makes_a_loop():
    log = Log()
    for hour in range(12):
        log.add(hour * 3600, Kind.REPLY, peer=LIST)
    assert [loop.found.rule for loop in log.found().suspects] == [Rule.TIMED]
    assert [loop.found.rule for loop in diagnosed(log.tally, threshold=12).loops] == [Rule.ASKED]


@pytest.mark.parametrize("laps", range(12, 24))
def test_the_same_loop_by_two_clocks_is_one(laps):
    one, other = Log().loop().tally, Log().loop(laps=laps).tally
    one.finish(CLOCK)
    other.finish(CLOCK, "UTC")
    one.take(other)
    assert [loop.found.count for loop in diagnosed(one).loops] == [30]


# --- What started it, and what comes first


def test_causes_the_nearest_before_the_loop_first():
    log = Log().loop(reports=True)
    log.add(39_000, Kind.TROUBLE, code="017", mailbag="NET/PO1/KIM").add(
        39_900, Kind.TROUBLE, code="008", mailbag="INQUEUE3.KEY"
    )
    log.add(39_950, Kind.TROUBLE, po=None, code="mailbag", mailbag="00000004.MBG")
    log.add(39_960, Kind.TROUBLE, po=None, code="retry", server="OTHER").add(
        100, Kind.TROUBLE, po="NET/PO2", code="017"
    )
    log.add(41_000, Kind.TROUBLE, code="005").add(41_000, Kind.TROUBLE, po=None, code="retry").add(
        5, Kind.TROUBLE, code="003"
    )
    causes = [(cause.code, cause.role, cause.before, cause.own) for cause in log.found().causes]
    assert causes == [
        ("008", "before", 100, True), ("017", "before", 1000, True), ("005", "during", None, True),
        ("mailbag", "before", 50, False), ("002", "keeps-alive", None, True),
    ]  # fmt: skip


def test_causes_of_the_loop_that_began_first():
    log = Log().loop(begin=50_000).loop(begin=40_000, peer=Peer("x@y.org", "y.org"))
    log.add(39_000, Kind.TROUBLE, code="017")
    assert [cause.before for cause in log.found().causes] == [1000]


def test_exposed_postoffices_come_first_and_are_repaired(company):
    known = workflow.survey(company.directory(), company.inventory())
    rows = {str(row.po.name): row.coverage for row in known.rows}
    log = Log()
    for place, po in enumerate(sorted([*rows, "FABRIKAM/SEATTLE", "NOWHERE/PO"])):
        log.loop(po=po, laps=30 + place)
    found = log.found(known=known)
    covered = [
        loop.coverage is not None and loop.coverage.value in {"exchange-mailbox", "postoffice-mailbox", "both"}
        for loop in found.loops
    ]
    assert len(covered) == len(rows) + 2 >= len(ROWS)
    assert covered == sorted(covered)
    assert [str(loop.pair.postoffice) for loop in found.loops if loop.shadow] == ["FABRIKAM/SEATTLE"]
    kinds = {item.subject: item.kind for item in advice(found)}
    expected = {"exposed": "repair", "full": "repair", "conflict": "decide"}
    assert {name: kinds[name] for name in rows} == {
        name: expected.get(cover.value, "verify") for name, cover in rows.items()
    }
    assert (kinds["FABRIKAM/SEATTLE"], kinds["NOWHERE/PO"]) == ("decide", "repair")


def test_advice_in_the_order_in_which_it_is_done():
    found = Log().loop().found()
    items = list(advice(found, ["a.txt"]))
    assert [(item.kind, item.subject) for item in items] == [
        ("refuse", LIST.domain), ("repair", "NET/PO1"), ("log", ""), ("date-order", "a.txt"),
    ]  # fmt: skip
    assert items[0].undo
    assert [item.kind for item in advice(Log().found())] == ["log"]
    assert "look" in {item.kind for item in advice(Log().loop(peer=Peer()).found())}
    both = Log().loop(reports=True).found()
    assert "log" not in {item.kind for item in advice(both)}


# --- The document


def test_the_document():
    log = (
        Log()
        .loop(reports=True, laps=48)
        .loop(po="NET/PO2", peer=Peer())
        .add(30_000, Kind.TROUBLE, code="017", mailbag="NET/PO1/KIM")
    )
    log.add(41_000, Kind.TROUBLE, code="005")
    for at in (1, 5000, 30_000, 50_000, 52_000):
        log.add(at, Kind.REPLY, po="NET/PO3", peer=Peer("kim@h.net", "h.net"))
    notes = Notes("a.txt", Calendar(CLOCK), form="dumpel", dated=True, lines=2, records=1)
    found = log.found()
    document = diagnosis_document(found, [notes])
    assert list(document)[:2] == ["schema", "loops"]
    assert document["schema"] == "remedy/diagnosis/1"
    loop, other = document["loops"]
    assert {key: loop[key] for key in ("postoffice", "peer", "domain", "count", "first", "last")} == {
        "postoffice": "NET/PO1", "peer": LIST.name, "domain": LIST.domain, "count": 48, "first": "1997-05-14T11:06:40",
        "last": moment(found.loops[0].found.last, ""),
    }  # fmt: skip
    assert loop["per_hour"] == pytest.approx(36, rel=0.03)
    assert sum(loop["timeline"]) == 48
    assert (other["peer"], other["domain"]) == (None, None)
    assert [each["postoffice"] for each in document["suspects"]] == ["NET/PO3"]
    assert [(each["code"], each["role"], each["names_postoffice"]) for each in document["causes"]] == [
        ("017", "before", True), ("005", "during", True), ("002", "keeps-alive", True),
    ]  # fmt: skip
    assert document["unread"] == {"records": 1, "lines": 2}
    assert document["logs"][0]["date_order"] == "mdy"
    assert document["summary"] == {"loops": 2, "suspects": 1, "postoffices": 2, "passes": 48 * 2 + 35, "forgotten": 0}
    json.dumps(document)


def test_a_code_that_no_article_explains():
    document = diagnosis_document(Log().loop(reports=True, code="099").found(), [])
    assert document["causes"][0]["meaning"] == "a code that no article explains"


@pytest.mark.parametrize(
    ("orders", "utc", "dated", "shown"),
    [
        ({DateOrder.DMY}, False, True, "dmy"), (set(DateOrder), False, True, "unsure"), (set(), False, True, "torn"),
        (set(DateOrder), True, True, "utc"), (set(DateOrder), False, False, "none"),
    ],
)  # fmt: skip
def test_how_the_order_of_dates_is_told(orders, utc, dated, shown):
    notes = Notes("a.txt", utc=utc, dated=dated)
    notes.calendar._left = orders
    document = diagnosis_document(Log().found(), [notes])
    assert document["logs"][0]["date_order"] == shown
    assert ("date-order" in {item["kind"] for item in document["advice"]}) is (shown == "unsure")


def test_moments_of_every_clock():
    assert [moment(0, clock) for clock in ("", "UTC", "mdy?", "dmy?", "ymd?")] == [
        "1970-01-01T00:00:00", "1970-01-01T00:00:00Z", "01/01/1970 00:00:00", "01/01/1970 00:00:00", "1970/01/01 00:00:00",
    ]  # fmt: skip


def test_moments_outside_the_span_of_the_loops_are_no_bars():
    log = Log().loop()
    for at in (1, 5000, 30_000, 50_000, 52_000):
        log.add(at, Kind.REPLY, po="NET/PO3", peer=Peer("kim@h.net", "h.net"))
    (suspect,) = diagnosis_document(log.found(), [])["suspects"]
    assert sum(suspect["timeline"]) == 0
