"""What a run says when the server shows less than it holds, or goes away after the work is done."""

import os
import shlex
import signal
import socket
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from remedy.apply import Request, Unnoted, apply_changes
from remedy.dn import DN
from remedy.errors import InputError, RemedyError, Stale, Unreachable
from remedy.journal import Journal, read_log
from remedy.query import Present, Query
from remedy.stores.ldap import LdapStore, LdapTarget
from remedy.stores.login import Login
from remedy.stores.places import Server
from remedy.undoing import RollbackWishes, rollback
from tests.conftest import RECIPIENTS, custom, mailbox
from tests.servers.lies import found, paged_done, refusal, rewritten, search_done
from tests.servers.livedesk import ENTRIES, POSTMASTER, Desk, one_by_one
from tests.servers.proxy import Action, Proxy, Reply
from tests.servers.slapd import ACCESS, Slapd
from tests.servers.test_live_runs import YES, login, ran, started

pytestmark = pytest.mark.server
CHANGE = {"modifyRequest", "addRequest"}
BLIND = 'access to attrs=otherMailbox by dn.exact="cn=writer,{suffix}" =w by * break\n'


@pytest.fixture
def server(tmp_path):
    with Slapd(tmp_path / "slapd", entries=ENTRIES, access=BLIND + ACCESS) as running:
        yield running


@pytest.fixture
def proxy(server):
    with Proxy(server.port) as between:
        yield between


@pytest.fixture
def desk(server, tmp_path):
    (tmp_path / "desk").mkdir()
    made = Desk(server, tmp_path / "desk")
    (made.folder / "pw").write_text("secret\n")
    (made.folder / "pw").chmod(0o600)
    return made


def changing(ldif):
    return f"changetype: modify\n{ldif}-\n"


def search_after_the_writes(proxy):
    """Tell whether a message is a search that comes when all three changes were answered."""

    def is_one(message):
        answers = [other for other in proxy.log if other.kind in {"modifyResponse", "addResponse"}]
        return message.kind == "searchRequest" and len(answers) >= 3

    return is_one


# --- After the work is done -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [Action.CLOSE, Action.STALL, *(lambda m, code=code: Reply(search_done(m.id, code, "no")) for code in (4, 50, 51))],
    ids=["close", "stall", "4", "50", "51"],
)
def test_the_look_after_the_work_fails(desk, proxy, server, trouble):
    proxy.on(search_after_the_writes(proxy), trouble)
    words = ["apply", "plan.json", f"{proxy.url}/", *login(server), *YES, "--timeout", "1"]
    _, err = ran(desk, *words, code=6)
    log = desk.truthful()
    assert len(log.applied()) == 3
    assert log.end is None
    proxy.traps.clear()
    lines = dict(line.split(": ", 1) for line in err.splitlines() if line.startswith("To "))
    assert set(lines) == {"To go on", "To prove it", "To go back"}
    out, _ = ran(desk, *shlex.split(lines["To go on"])[1:], "--yes")
    assert "0 applied" in out
    assert desk.truthful().end
    ran(desk, *shlex.split(lines["To go back"])[1:], "--yes")
    assert "/POSTMASTER" not in server.export("otherMailbox")


def test_what_was_made_and_could_not_be_noted_is_told(desk, no_room_for_ends):
    report = desk.apply()
    assert report.unsure
    assert report.counts.applied == report.counts.planned
    no_room_for_ends()
    assert len(desk.truthful().in_doubt) == 3
    assert desk.apply(resume=True).counts.already == report.counts.planned
    desk.rollback()
    assert "/POSTMASTER" not in desk.server.export("otherMailbox")


def test_a_way_back_that_could_not_be_noted_is_told(desk, request):
    desk.apply()
    ending = request.getfixturevalue("no_room_for_ends")
    undone = desk.rollback()
    assert undone.unsure
    assert "no room" in str(undone.trouble)
    ending()
    assert "/POSTMASTER" not in desk.server.export("otherMailbox")
    assert desk.rollback().way == ()


def test_nothing_was_made_is_said_so(desk, tmp_path):
    class Refusing(Journal):
        def write(self, *events):  # noqa: ARG002 - every line is refused
            raise InputError.of("journal", "no room", "Make room.")

    journal = Refusing(tmp_path / "journal", None, os.open(tmp_path / "journal", os.O_CREAT | os.O_WRONLY))
    with closing(LdapTarget(desk.url)) as target, pytest.raises(InputError) as caught:
        apply_changes([Request("c1", step.change, ("c1.1",)) for step in desk.plan.steps], target, journal, {})
    assert not isinstance(caught.value, Unnoted)
    assert "/POSTMASTER" not in desk.server.export("otherMailbox")


# --- Before the first request -----------------------------------------------------------------------------------------


def test_every_intent_of_a_window_is_on_disk_before_its_first_request(desk, proxy):
    seen = []
    proxy.on(lambda m: m.kind in CHANGE, run=lambda _: seen.append(desk.journal.read_bytes().count(b'"intend"')))
    desk.through(proxy).apply()
    assert seen == [3, 3, 3]
    assert desk.journal.read_bytes().count(b'"done"') == 3


@pytest.mark.parametrize("base", ["", f"/{RECIPIENTS}", "/ou=SEATTLE,o=FABRIKAM"])
@pytest.mark.parametrize(
    "holder",
    [
        mailbox("bob", "ms$NWTRADERS/PO3/POSTMASTER", dn="cn=bob,cn=Recipients,ou=PORTLAND,o=FABRIKAM"),
        custom("po3", "MS:NWTRADERS/PO3/POSTMASTER", dn="cn=po3,cn=Recipients,ou=PORTLAND,o=FABRIKAM"),
        custom("po3", "MS:nwtraders/po3/postmaster", Hide_From_Address_Book="TRUE"),
    ],
    ids=["mailbox elsewhere", "target elsewhere", "hidden target"],
)
def test_a_holder_anywhere_is_found(tmp_path, base, holder):
    with Slapd(tmp_path / "slapd", entries=(*ENTRIES, holder)) as server:
        (tmp_path / "desk").mkdir()
        with Slapd(tmp_path / "other", entries=ENTRIES) as clean:
            made = Desk(clean, tmp_path / "desk")
        before = server.export()
        _, err = ran(made, "apply", "plan.json", f"{server.local_url}{base}", *YES, code=5)
        assert str(holder.dn) in err
        assert server.export() == before


def test_without_a_root_the_organisation_is_searched(tmp_path, server):
    other = Login(bind_dn=server.admin, password=lambda: "secret", insecure_plain=True)
    query = Query(Present("objectClass"), (), everywhere=True)
    with Proxy(server.port) as proxy, closing(LdapStore(f"{proxy.url}/{RECIPIENTS}", other)) as store:
        proxy.on(lambda m: m.kind == "searchRequest" and m.dn == "", lambda m: Reply(search_done(m.id, 32)))
        assert DN.parse("o=FABRIKAM") in {entry.dn for entry in store.read(query)}


def test_who_does_not_see_is_told(tmp_path):
    hidden = custom("po3", "MS:NWTRADERS/PO3/POSTMASTER", Hide_From_Address_Book="TRUE")
    unseen = 'access to filter=(Hide-From-Address-Book=TRUE) by dn.exact="cn=writer,{suffix}" none by * break\n'
    (tmp_path / "desk").mkdir()
    with Slapd(tmp_path / "clean", entries=ENTRIES) as clean:
        desk = Desk(clean, tmp_path / "desk", wishes={})
    with Slapd(tmp_path / "slapd", entries=(*ENTRIES, hidden), access=unseen + ACCESS) as server:
        (desk.folder / "pw").write_text("secret\n")
        (desk.folder / "pw").chmod(0o600)
        words = ["apply", "plan.json", f"{server.url}/", *login(server, server.dn("writer")), *YES, "--dry-run"]
        _, err = ran(desk, *[word for word in words if word != "--yes"])
        assert "Not seen: " in err
        assert "shows no hidden object" in err
        _, err = ran(desk, "apply", "plan.json", server.local_url, *YES, code=5)
        assert "Not seen" not in err


def test_who_may_not_read_addresses_is_told(desk, server):
    blind = login(server, server.dn("writer"))
    out, err = ran(desk, "apply", "plan.json", f"{server.url}/", *blind, "--dry-run", *YES[1:])
    assert f"Not seen: {POSTMASTER} shows no address at all" in err
    assert "applied" in out


def test_what_cannot_be_read_is_not_guessed(desk, proxy, server):
    desk.pace = one_by_one()
    proxy.on(lambda m: m.kind == "modifyRequest", Action.CLOSE, nth=1)
    desk.through(proxy, timeout=1.0)
    report = desk.apply()
    assert report.unsure
    blind = Login(bind_dn=server.dn("writer"), password=lambda: "secret", insecure_plain=True)
    desk.login, seeing = blind, desk.login
    assert len(read_log(desk.journal).in_doubt) == 1
    with pytest.raises(Stale, match="may not see"):
        desk.apply(resume=True)
    with pytest.raises(Stale, match="may not see"):
        desk.rollback()
    desk.login = seeing
    desk.apply(resume=True)
    assert desk.planned_is_done()


def test_what_the_server_sees_and_does_not_show_ends_the_tries(desk, proxy, server):
    desk.apply()
    desk.journal.unlink()
    desk.through(proxy)
    blind = Login(bind_dn=server.dn("writer"), password=lambda: "secret", insecure_plain=True)
    desk.login = blind
    desk.plan = replace(desk.plan, steps=desk.plan.steps[-1:])
    report = desk.apply()
    assert report.counts.applied == 0
    assert report.counts.conflict == report.counts.planned
    assert len(proxy.writes()) == 2  # with what must hold, and once more after a comparison, since that was refused


# --- The way back -----------------------------------------------------------------------------------------------------


def test_a_way_back_that_finds_nothing_says_so(desk, server, tmp_path):
    ran(desk, "apply", "plan.json", server.local_url, *YES)
    with Slapd(tmp_path / "other", entries=ENTRIES) as other:
        before = other.export()
        _, err = ran(desk, "rollback", "plan.json.journal", other.local_url, "--yes", code=5)
        assert "TARGET is the directory" in err
        assert other.export() == before
    ran(desk, "rollback", "plan.json.journal", server.local_url, "--yes")
    _, err = ran(desk, "rollback", "plan.json.journal", server.local_url, "--yes")
    assert "Nothing is left to undo" in err


def test_a_way_back_under_another_name_says_so(desk, proxy, server):
    ran(desk, "apply", "plan.json", server.local_url, *YES)
    _, err = ran(desk, "rollback", "plan.json.journal", f"{proxy.url}/", *login(server), "--dry-run")
    assert f"The journal was written for {desk.place.reader().at.target}" in err
    ran(desk, "rollback", "plan.json.journal", f"{proxy.url}/", *login(server), "--yes")
    assert "/POSTMASTER" not in server.export("otherMailbox")


def respelt(desk):
    value = desk.plan.steps[-1].change.mods[0].values[0].decode()
    swap = f"delete: otherMailbox\notherMailbox: {value}\n-\nadd: otherMailbox\notherMailbox: {value.upper()}\n"
    desk.server.modify(f"dn: {POSTMASTER}\n{changing(swap)}")
    return value.upper()


def test_what_changes_while_somebody_is_asked_is_not_undone(desk):
    desk.apply()
    with pytest.raises(Stale):
        rollback(desk.journal, desk.place, RollbackWishes(asks=True), lambda _: bool(respelt(desk)))
    assert not list(desk.folder.glob("*.rollback"))


@pytest.mark.parametrize("asserts", [True, False])
def test_a_value_in_another_spelling_is_never_deleted(desk, monkeypatch, asserts):
    monkeypatch.setattr(LdapTarget, "asserts", asserts)
    desk.apply()
    undone = rollback(desk.journal, desk.place, RollbackWishes(), lambda _: bool(respelt(desk)))
    assert isinstance(undone.trouble, Stale)
    value = desk.plan.steps[-1].change.mods[0].values[0].decode()
    assert value.upper() in desk.server.export("otherMailbox")


def test_a_server_that_hung_up_while_somebody_was_asked(desk, proxy):
    desk.through(proxy)
    desk.apply()
    undone = rollback(desk.journal, desk.place, RollbackWishes(asks=True), lambda _: proxy.cut() or True)
    assert set(undone.ends) == {"undone"}


@pytest.mark.parametrize("action", [Action.CLOSE, Action.STALL])
@pytest.mark.parametrize("kind", ["modifyRequest", "modifyResponse"])
def test_a_way_back_under_fire(desk, proxy, kind, action):
    desk.apply()
    desk.through(proxy, timeout=1.0)
    proxy.on(kind, action, nth=1)
    undone = desk.rollback()
    assert undone.unsure or set(undone.ends) == {"undone"}
    proxy.traps.clear()
    assert desk.rollback().trouble is None
    assert "/POSTMASTER" not in desk.server.export("otherMailbox")


@pytest.mark.parametrize("code", [50, 51, 53])
def test_a_way_back_that_is_refused(desk, proxy, code):
    desk.apply()
    desk.through(proxy)
    proxy.on("modifyRequest", lambda message: Reply(refusal(message, code, "no")), nth=1)
    undone = desk.rollback()
    assert str(code) in str(undone.trouble)
    assert "failed" in undone.ends
    proxy.traps.clear()
    desk.rollback()
    assert "/POSTMASTER" not in desk.server.export("otherMailbox")


# --- Somebody stops it ------------------------------------------------------------------------------------------------


def test_a_pace_is_no_deafness(desk, proxy, server):
    words = ["apply", "plan.json", f"{proxy.url}/", *login(server), *YES, "--rate", "0.1", "--keep-going"]
    with started(desk, *words) as process:
        proxy.wait_for(lambda message: message.kind in {"addResponse", "modifyResponse"}, 1)
        time.sleep(0.3)
        sent, began = len(proxy.writes()), time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert time.monotonic() - began < 4
    assert process.returncode == 130
    assert out == ""
    assert len(proxy.writes()) == sent
    lines = dict(line.split(": ", 1) for line in err.splitlines() if line.startswith("To "))
    on = shlex.split(lines["To go on"])
    assert {"--resume", "--keep-going", "--rate", "0.1"} <= set(on)
    on[on.index("0.1")] = "1000"
    ran(desk, *on[1:], "--yes")
    assert desk.planned_is_done()
    ran(desk, *shlex.split(lines["To go back"])[1:], "--yes")
    assert "/POSTMASTER" not in server.export("otherMailbox")


@pytest.mark.parametrize(
    "words",
    [*(("--rate", bad) for bad in ("nan", "inf", "0", "1e-320")), *(("--timeout", bad) for bad in ("nan", "inf"))],
)
def test_numbers_that_are_none(desk, server, words):
    ran(desk, "apply", "plan.json", server.local_url, *YES, *words, code=2)
    assert not desk.journal.exists()


# --- Waiting has an end -----------------------------------------------------------------------------------------------


@contextmanager
def talker(what):
    """Listen, and say something to everybody who comes: ``what`` is called with the socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            try:
                sock, _ = listening.accept()
                with sock:
                    what(sock)
            except OSError:
                pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"ldap://127.0.0.1:{listening.getsockname()[1]}/o=FABRIKAM"
    thread.join(10)


def drips(sock):
    for byte in b"\x30\x84\x00\x00\x00\x10" + b"\x02" * 400:
        sock.sendall(bytes([byte]))
        time.sleep(0.05)


def floods(sock):
    sock.sendall(b"\x30\x84\x7f\xff\xff\xff")
    while True:
        sock.sendall(b"\x00" * 65536)


@pytest.mark.parametrize("what", [drips, floods])
def test_a_stranger_may_neither_drip_nor_flood(what):
    with talker(what) as url:
        store = LdapStore(url, Login(timeout=0.6, clock=time.monotonic))
        began = time.monotonic()
        with closing(store), pytest.raises(Unreachable):
            list(store.read(Query(Present("uid"), ())))
        assert time.monotonic() - began < 5


def admin(server, **more):
    return Login(bind_dn=server.admin, password=lambda: "secret", insecure_plain=True, **more)


def test_an_answer_in_drips_ends_when_it_was_said(server, proxy):
    def drip(message):
        time.sleep(0.25)
        return message.raw

    proxy.on("searchResEntry", drip)
    with closing(LdapStore(f"{proxy.url}/o=FABRIKAM", admin(server, timeout=0.6, clock=time.monotonic))) as store:
        assert list(store.read(Query(Present("uid"), (), sweep=True)))  # each answer comes in time


def test_empty_pages_with_ever_new_cookies(server, proxy):
    pages = iter(range(10_000))
    empty = set()

    def rule(message):
        if message.kind == "searchResEntry" and message.dn:
            return Action.SWALLOW
        if message.kind == "searchResDone" and message.id not in empty and message.controls:
            return paged_done(message.id, f"more {next(pages)}")
        if message.kind == "searchRequest" and message.controls:
            cookie = message.raw.find(b"more ")
            return Reply(paged_done(message.id, f"more {next(pages)}")) if cookie > 0 else Action.PASS
        return Action.PASS

    proxy.rule = rule
    with (
        closing(LdapStore(f"{proxy.url}/o=FABRIKAM", admin(server, page_size=5))) as store,
        pytest.raises(Unreachable, match="empty pages"),
    ):
        list(store.read(Query(Present("uid"), (), sweep=True)))


def spoilt(server, proxy, change):
    """Read through a proxy that changes the attributes of entries."""
    proxy.on(lambda m: m.kind == "searchResEntry" and "cn=jdoe" in m.dn.lower(), lambda m: rewritten(m, change))
    with closing(LdapStore(f"{proxy.url}/o=FABRIKAM", admin(server))) as store:
        return [entry for entry in store.read(Query(Present("uid"), (), sweep=True)) if entry.dn.leaf == "jdoe"]


@pytest.mark.parametrize("part", ["0-0", "5-9", "x"])
def test_parts_that_lead_nowhere(server, proxy, part):
    def change(attributes):
        values = attributes.pop("uid", [b"jdoe"])
        attributes[f"uid;range={part}"] = values

    if part == "x":
        spoilt(server, proxy, change)
        return
    with pytest.raises(InputError, match="do not come"):
        spoilt(server, proxy, change)


def test_an_option_beside_a_part_is_no_part(server, proxy):
    def change(attributes):
        attributes["userCertificate;binary"] = [b"\x30\x00"]
        attributes["mail;range=0-*"] = [b"a"]

    (entry,) = spoilt(server, proxy, change)
    assert entry.values("userCertificate") == (b"\x30\x00",)
    assert entry.values("mail") == (b"a",)


def test_a_root_that_names_no_name(server, proxy):
    proxy.on(
        lambda m: m.kind == "searchResEntry" and m.dn == "",
        lambda m: found(m.id, "", {"namingContexts": [b"no name", b"", b"o=FABRIKAM"]}),
    )
    with closing(LdapStore(f"{proxy.url}/", admin(server))) as store:
        assert list(store.read(Query(Present("uid"), (), sweep=True)))


def test_the_place_that_cannot_be_searched_is_named(server):
    with closing(LdapStore(server.local_url)) as store, pytest.raises(RemedyError, match="ou=NOWHERE"):
        list(store.read(Query(Present("uid"), (), bases=(DN.parse("ou=NOWHERE,o=FABRIKAM"),))))
    assert Server(url=server.local_url)
