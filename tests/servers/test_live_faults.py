"""Under fire: whatever the server or the line does, the journal tells the truth, and both ways lead to the right end."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from remedy.change import Mod, Modify, Op
from remedy.dn import DN
from remedy.errors import InputError, Refused, Stale, Unreachable
from remedy.judging import Result
from remedy.plan import Step
from remedy.stores.ldap import LdapTarget
from tests.active_directory import USERS
from tests.conftest import mailbox
from tests.servers.lies import notice, refusal, search_done
from tests.servers.livedesk import ENTRIES, Desk, one_by_one
from tests.servers.proxy import Action, Proxy, Reply
from tests.servers.samba import SambaAD
from tests.servers.slapd import Slapd

pytestmark = pytest.mark.server
AD_ENTRIES = (*ENTRIES, mailbox("Second", "MS$OLD/PO/POSTMAST1"), mailbox("Third", "MS$OLD/PO/POSTMAST2"))
"""There no mailbox is made, so that there are more to use."""
AD_SINK, AD_OTHER = f"cn=Postmaster,{USERS}", f"cn=jdoe,{USERS}"
ANY = {"modifyRequest", "addRequest"}
ANSWER = {"modifyResponse", "addResponse"}


OPEN = ["ldap server require strong auth=no"]
"""What lets a proxy read along: a domain controller wants TLS otherwise."""
MOODS = ("unique", "not unique", "unique, read and compared", "not unique, read and compared")


@pytest.fixture(scope="module")
def controller(tmp_path_factory, template, certificates):
    with SambaAD(tmp_path_factory.mktemp("faults") / "dc", template, certificates.good, OPEN) as running:
        yield running


@pytest.fixture(params=[*MOODS, pytest.param("Samba", marks=pytest.mark.samba)])
def server(tmp_path, request, monkeypatch):
    if request.param == "Samba":
        running = request.getfixturevalue("controller")
        if running.process is None or running.process.poll() is not None:
            running.start()
        running.refill(AD_ENTRIES)
        yield running
        return
    if "compared" in request.param:
        monkeypatch.setattr(LdapTarget, "asserts", False)
    with Slapd(tmp_path / "slapd", entries=ENTRIES, unique=request.param.startswith("unique")) as running:
        yield running


@pytest.fixture
def proxy(server):
    with Proxy(server.port, host=server.address) as between:
        yield between


@pytest.fixture
def desk(server, proxy, tmp_path):
    (tmp_path / "desk").mkdir()
    words = {"proxies": "proxyAddresses", "sink": AD_SINK, "other": AD_OTHER} if isinstance(server, SambaAD) else {}
    return Desk(server, tmp_path / "desk", **words).through(proxy, timeout=1.0)


def is_answer(message):
    return message.kind in ANSWER


def is_change(message):
    return message.kind in ANY


def goes_on_and_back(desk, proxy):
    """Go on with the run; then go back to what was there before it."""
    proxy.traps.clear()
    sent = len(proxy.writes())
    report = desk.apply(resume=True)
    assert report.counts.planned == report.counts.applied + report.counts.already
    log = desk.truthful()
    assert not log.in_doubt
    assert log.end
    assert desk.planned_is_done()
    assert len(proxy.writes()) - sent <= len(desk.plan.steps)
    back(desk)


def back(desk):
    """Undo everything: the mailboxes that were made stay, without the addresses of postmasters."""
    undone = desk.rollback()
    assert set(undone.ends) <= {"undone"}
    assert "/POSTMASTER" not in desk.shown()


@pytest.mark.parametrize("pace", [None, one_by_one()], ids=["together", "one by one"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_an_answer_is_lost_with_its_line(desk, proxy, nth, pace):
    desk.pace = pace
    proxy.on(is_answer, Action.CLOSE, nth=nth)
    report = desk.apply()
    desk.truthful()
    if pace:  # each was looked up on a new line and found
        assert report.counts.applied == report.counts.planned
        assert len(proxy.writes()) == 3
    else:
        assert report.counts.applied >= nth
    for message in proxy.writes():
        assert [other.dn for other in proxy.writes()].count(message.dn) == 1
    if report.unsure:
        goes_on_and_back(desk, proxy)
    else:
        assert desk.planned_is_done()
        back(desk)


@pytest.mark.parametrize("action", [Action.CLOSE, Action.STALL])
@pytest.mark.parametrize("nth", [1, 3])
def test_a_request_is_lost(desk, proxy, nth, action):
    desk.pace = one_by_one()
    proxy.on(is_change, action, nth=nth)
    report = desk.apply()
    assert report.unsure
    assert "the connection is lost" in str(report.trouble)
    log = desk.truthful()
    assert [event["n"] for event in log.in_doubt] == [nth]
    assert log.end is None
    assert report.counts.skipped == sum(len(step.expects()) for step in desk.plan.steps[nth:])
    goes_on_and_back(desk, proxy)


@pytest.mark.parametrize("asks", [False, True])
def test_a_plan_that_takes_values_away_goes_on_too(desk, proxy, asks):
    names = [DN.parse(desk.sink), DN.parse(desk.other)]
    store = desk.server.direct().reader()
    held = store.entries(names)
    store.close()
    mods = [
        (
            Mod(Op.DELETE, desk.proxies, held[dn].values(desk.proxies)[:1]),
            Mod(Op.ADD, desk.proxies, (b"x$%d" % number,)),
        )
        for number, dn in enumerate(names)
    ]
    steps = (
        Step(id=f"c{number}", reason="", postoffices=(), change=Modify(dn, some), before=held[dn])
        for number, (dn, some) in enumerate(zip(names, mods, strict=True), 1)
    )
    desk.plan, desk.pace = replace(desk.plan, steps=tuple(steps)), one_by_one()
    proxy.on(lambda message: is_change(message) and DN.parse(message.dn) == names[1], Action.CLOSE, nth=1)
    assert desk.apply().unsure
    proxy.traps.clear()
    report = desk.apply(resume=True, asks=asks)
    assert [value.result for value in report.values] == [Result.ALREADY] * 2 + [Result.APPLIED] * 2
    assert report.before == 2
    desk.rollback()
    assert {dn: set(entry.values(desk.proxies)) for dn, entry in desk.held().items()} == {
        str(dn): set(held[dn].values(desk.proxies)) for dn in names
    }


def test_the_way_back_settles_what_is_in_doubt(desk, proxy):
    desk.pace = one_by_one()
    proxy.on(is_change, Action.CLOSE, nth=2)
    assert desk.apply().unsure
    back(desk)


def test_an_answer_never_comes(desk, proxy):
    desk.pace = one_by_one()
    proxy.on(is_answer, Action.STALL, nth=2)
    report = desk.apply()
    desk.truthful()
    assert report.counts.applied == report.counts.planned  # a new line showed that it was made
    assert len(proxy.writes()) == 3


@pytest.mark.parametrize("restarted", [True, False])
def test_the_server_is_killed(desk, proxy, restarted):
    def kill(_):
        desk.server.kill()
        if restarted:
            keeper.submit(desk.server.start).result()
        done.set()

    done = threading.Event()
    desk.pace = one_by_one()
    proxy.on(is_change, nth=2, run=kill)
    with ThreadPoolExecutor(1) as keeper:  # a server ends with the thread that started it
        report = desk.apply()
        assert done.wait(10)
        _after_the_kill(desk, proxy, report, restarted=restarted)


def _after_the_kill(desk, proxy, report, *, restarted):
    if not restarted:
        assert report.unsure
        with pytest.raises(Unreachable):
            desk.apply(resume=True)
        desk.server.start()
    desk.truthful()
    if report.unsure:
        goes_on_and_back(desk, proxy)


def of_the_sink(desk):
    """Give a value that the plan adds to the sink."""
    (step,) = (step for step in desk.plan.steps if str(step.change.dn).lower() == desk.sink.lower())
    return step.change.mods[0].values[0].decode()


def test_somebody_adds_one_of_the_values(desk, proxy):
    value = of_the_sink(desk)

    def meddle(_):
        desk.meddle(desk.sink, value.upper())

    proxy.on("modifyRequest", nth=1, run=meddle)
    report = desk.apply()
    lost = (
        0 if isinstance(desk.server, SambaAD) else 1
    )  # it takes a variant in another case (facts §2.5), and no assertion
    assert report.counts.already == lost, report.values
    assert report.counts.planned == report.counts.applied + lost
    desk.truthful()
    assert desk.planned_is_done()
    if lost:
        desk.rollback()
    else:  # both spellings are there, and which of them would go?
        with pytest.raises(Stale, match=value.upper()):
            desk.rollback()
    assert value.upper() in desk.shown()  # theirs stays


def test_somebody_else_takes_an_address(desk, proxy):
    value = desk.plan.steps[-1].change.mods[0].values[0].decode()

    def meddle(_):
        desk.meddle(desk.other, value)

    proxy.on("modifyRequest", nth=1, run=meddle)
    report = desk.apply()
    (bad,) = (item for item in report.values if item.result is Result.CONFLICT)
    assert f"{desk.other} holding it".lower() in bad.found.lower()
    desk.truthful()
    proxy.traps.clear()
    desk.rollback()
    assert desk.shown().count("/POSTMASTER") == 1


def test_the_mailbox_goes_away_in_between(desk, proxy):
    proxy.on("modifyRequest", nth=1, run=lambda _: desk.server.modify(f"dn: {desk.sink}\nchangetype: delete\n"))
    report = desk.apply()
    assert {item.result for item in report.values if item.dn.lower() == desk.sink.lower()} == {Result.CONFLICT}
    desk.truthful()


@pytest.mark.parametrize("code", [50, 53, 11, 51, 10])
def test_the_server_refuses_a_change(desk, proxy, code):
    desk.pace = one_by_one()
    there = ["ldap://127.0.0.1:9/"] if code == 10 else ()
    proxy.on(is_change, lambda message: Reply(refusal(message, code, "no", referrals=there)), nth=2)
    report = desk.apply()
    first, second, *_ = (len(step.expects()) for step in desk.plan.steps)
    assert (report.counts.applied, report.counts.failed) == (first, second)
    assert isinstance(report.trouble, InputError)
    assert str(code) in str(report.trouble)
    desk.truthful()
    goes_on_and_back(desk, proxy)


def test_with_keep_going_the_rest_is_applied(desk, proxy):
    desk.pace = one_by_one()
    proxy.on(is_change, lambda message: Reply(refusal(message, 50)), nth=1)
    report = desk.apply(keep_going=True)
    assert report.counts.failed == len(desk.plan.steps[0].expects())
    assert report.counts.skipped == 0
    goes_on_and_back(desk, proxy)


@pytest.mark.parametrize(
    ("lie", "error"),
    [
        *((lambda m, code=code: search_done(m.id, code, "no more"), InputError) for code in (3, 4, 11, 50, 51, 12, 10)),
        (lambda _: Action.CLOSE, Unreachable),
        (lambda _: Action.STALL, Unreachable),
        (lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n", Unreachable),
        (lambda _: b"\x30\x84\xff\xff\xff\xff", Unreachable),
        (lambda _: b"\x30\x03\x02\x01\x07", Unreachable),
        (lambda _: notice("going down"), Unreachable),
    ],
)  # fmt: skip
def test_a_search_that_ends_badly_changes_nothing(desk, server, proxy, lie, error):
    searches = []
    proxy.on("searchRequest", run=lambda m: searches.append(m.id) if m.dn.lower() == server.suffix.lower() else None)
    whole = isinstance(server, SambaAD)  # Samba 4.17 falls over where a small page ends at a reference
    desk.login = replace(desk.login, timeout=0.5, page_size=None if whole else 2)
    proxy.on(lambda m: m.kind == "searchResDone" and m.id in searches, lie, nth=1 if whole else 2)
    with pytest.raises(error) as caught:
        desk.apply()
    assert str(caught.value).endswith((".", ".\n"))
    assert proxy.writes() == []
    assert [path.name for path in desk.folder.iterdir()] == ["plan.json"]


def test_a_journal_is_of_one_plan_and_one_server(desk, proxy):
    desk.apply()
    with pytest.raises(Refused, match="--resume"):
        desk.apply()
    direct = desk.server.direct()
    desk.url, desk.login = direct.url, direct.login
    with pytest.raises(Stale, match="target"):
        desk.apply(resume=True)
