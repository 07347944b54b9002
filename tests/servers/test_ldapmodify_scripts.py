"""The scripts for ldapmodify on real servers: they leave what `remedy apply` leaves, and give back what was there."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from remedy import workflow
from remedy.change import Delete
from remedy.codes import HAZARDS
from remedy.dn import DN
from remedy.entry import Entry
from remedy.execution import ApplyWishes, apply
from remedy.hazards import hazards_of
from remedy.ldif import dump_change, dump_entry, parse_changes, parse_line
from remedy.plan import Plan
from remedy.rendering import scripts_of
from remedy.stores.output import write_files
from remedy.undoing import RollbackWishes, rollback
from tests.active_directory import DOMAIN, USERS
from tests.scripts_harness import names, plans
from tests.servers.livedesk import ENTRIES, POSTMASTER
from tests.servers.proxy import Action, Proxy
from tests.servers.slapd import ACTIVE_DIRECTORY, Slapd

FEW = settings(
    max_examples=3, phases=[Phase.explicit, Phase.generate], database=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
SHELLS = (("sh",), ("dash",), ("bash", "--posix"), ("busybox", "sh"), ("mksh",), ("ksh",), ("zsh", "--emulate", "sh"))

server = pytest.mark.server


@dataclass
class Bench:
    """A plan as scripts in a folder of their own, and the server that they are run against."""

    server: object
    plan: Plan
    folder: Path
    login: list = field(default_factory=list)
    url: str = ""
    base: str | None = None
    env: dict = field(default_factory=dict)

    def __post_init__(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        write_files(
            self.folder, {each.name: (each.data, each.executable) for each in scripts_of(self.plan, ["ldapmodify"])}
        )
        self.home = self.folder / "ldapmodify"
        self.secret = self.folder / "pw"
        self.secret.write_text(self.server.password)
        self.secret.chmod(0o600)

    def words(self, way, *more, url="", user="", shell=("sh",)):
        login = self.login or ["-D", user or self.server.admin, "-y", str(self.secret), "--insecure-plain"]
        allow = [word for item in hazards_of(self.plan) if way == "apply" for word in ("--allow", item.name)]
        return [*shell, str(self.home / f"{way}.sh"), "-H", url or self.url or self.server.url, *login, *allow, *more]

    def run(self, way, *more, code=0, **where):
        done = subprocess.run(
            self.words(way, *more, **where), capture_output=True, text=True, env={**os.environ, **self.env},
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        assert self.server.password not in done.stdout + done.stderr
        return done.stdout + done.stderr

    def state(self):
        """Give what the server shows, each record as the set of its lines."""
        text = self.server.export("*", base=self.base).replace("\n ", "")
        records = [frozenset(record.splitlines()) for record in text.split("\n\n") if record.strip()]
        return {frozenset(line for line in record if not line.startswith(OWN)) for record in records}

    def kept(self, ending):
        return sorted(self.home.glob(f"*{ending}"))

    def remedy(self, place):
        """Do what ``remedy apply`` and then ``remedy rollback`` do; give what each left."""
        journal = self.folder / "remedy.journal"
        journal.unlink(missing_ok=True)
        apply(self.plan, place, ApplyWishes(allow=frozenset(HAZARDS), journal=journal), lambda _: True)
        there = self.state()
        rollback(journal, place, RollbackWishes(), lambda _: True)
        return there, self.state()


OWN = (
    "whenChanged:",
    "uSNChanged:",
    "whenCreated:",
    "uSNCreated:",
    "objectGUID",
    "objectSid",
    "lastLogon",
    "logonCount:",
    "sAMAccountName",
)
"""What Active Directory writes by itself."""


def alike(case, server, folder, refill, **more):
    """Hold the scripts against ``remedy`` in one case."""
    refill(case.entries)
    bench = Bench(server, case.plan, folder, **more)
    before = bench.state()
    bench.run("apply")
    assert bench.state() == before
    bench.run("apply", "--apply")
    there = bench.state()
    assert there != before
    assert "Nothing is left to do" in bench.run("apply", "--apply")
    bench.run("undo", "--apply")
    back = bench.state()
    if case.kind != "new" and not any(step.action == "add" for step in case.plan.steps):
        assert back == before
    refill(case.entries)
    for ours, theirs in zip((there, back), bench.remedy(server.direct()), strict=True):
        assert sorted(map(sorted, ours - theirs)) == sorted(map(sorted, theirs - ours))
    refill(case.entries)
    files = {each.name: each.data.decode("ascii") for each in scripts_of(case.plan, ["ldif"])}
    server.modify(files["ldif/change.ldif"])
    assert bench.state() == there
    server.modify(files["ldif/undo.ldif"])
    assert bench.state() == back


@pytest.fixture(scope="module")
def slapd_55(tmp_path_factory):
    with Slapd(tmp_path_factory.mktemp("e55") / "slapd", entries=ENTRIES) as running:
        yield running


@pytest.fixture(scope="module")
def slapd_ad(tmp_path_factory):
    with Slapd(tmp_path_factory.mktemp("ad") / "slapd", ACTIVE_DIRECTORY, entries=()) as running:
        yield running


@server
def test_they_do_what_remedy_does_on_exchange(slapd_55, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "scripts"

    @FEW
    @given(case=plans("exchange55"))
    def check(case):
        alike(case, slapd_55, folder, slapd_55.reload)

    check()


@server
def test_they_do_what_remedy_does_on_active_directory(slapd_ad, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "scripts"

    @FEW
    @given(case=plans("active-directory"))
    def check(case):
        alike(case, slapd_ad, folder, slapd_ad.reload)

    check()


@pytest.mark.samba
def test_they_do_what_remedy_does_on_samba(domain, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "scripts"
    more = {"url": domain.secure_url, "env": {"LDAPTLS_CACERT": str(domain.tls.authority)}, "base": USERS}

    def refill(entries):
        """Take all recipients away, and put entries into the directory."""
        shown = [domain.export("1.1", base=base) for base in (DOMAIN, f"CN=Configuration,{DOMAIN}")]
        lines = [line.encode() for text in shown for line in text.splitlines() if line.startswith("dn:")]
        there = [DN.parse(parse_line(line)[1].decode()) for line in lines]
        gone = sorted((dn for dn in there if dn.within(DN.parse(USERS))), key=len, reverse=True)
        left = {*there} - {*gone}
        domain.modify("".join(dump_change(Delete(Entry(dn, ()))) for dn in gone))
        domain._tool("ldapmodify", "-a", text="".join(dump_entry(entry) for entry in entries if entry.dn not in left))

    equals = names.map(lambda name: f"{name[:30]}=x")  # Samba reads no name with a bare one (4.17)

    @settings(FEW, max_examples=2)
    @given(case=plans("active-directory", alphabet=equals, values=names))
    def check(case):
        alike(case, domain, folder, refill, **more)

    check()


# --- One estate, and what can go wrong --------------------------------------------------------------------------------


@pytest.fixture
def bench(slapd_55, tmp_path):
    slapd_55.reload(ENTRIES)
    plan = workflow.plan(slapd_55.direct(), wishes=workflow.Wishes(max_proxies=7))
    assert [step.action for step in plan.steps] == ["add", "modify"]
    return Bench(slapd_55, plan, tmp_path / "scripts")


@pytest.fixture
def proxy(slapd_55):
    with Proxy(slapd_55.port) as between:
        yield between


def meddle(bench, dn, value):
    bench.server.modify(f"dn: {dn}\nchangetype: modify\nadd: otherMailbox\notherMailbox: {value}\n-\n")


def added(bench):
    """Give the values that the plan adds to the mailbox that is there."""
    return [value.decode() for value in bench.plan.steps[1].change.mods[0].values]


def is_done(bench):
    return not workflow.plan(bench.server.direct(), wishes=workflow.Wishes(max_proxies=7)).steps


@server
def test_without_apply_nothing_is_written(bench, proxy):
    before = bench.state()
    out = bench.run("apply", url=proxy.url)
    assert "2 of 2 entries would be changed" in out
    assert proxy.seen("searchRequest")
    assert proxy.writes() == []
    assert bench.state() == before
    assert {path.name for path in bench.home.iterdir()} == {"apply.sh", "undo.sh"}
    bench.run("apply", "--apply", url=proxy.url)
    assert len(proxy.writes()) == 2  # the proxy would have seen them
    assert is_done(bench)


@server
def test_what_is_kept_of_a_run(bench):
    bench.run("apply", "--apply")
    (before,), (sent,), (log,) = bench.kept(".before.ldif"), bench.kept(".sent.ldif"), bench.kept(".log")
    assert POSTMASTER in before.read_text()
    assert "MS$FABRIKAM/SEATTLE/POSTMAST0" in before.read_text()
    assert "PO1" not in before.read_text()
    assert [*map(dump_change, parse_changes(sent.read_bytes(), "sent"))] == [*map(dump_change, bench.plan.changes)]
    assert "2 of 2 entries were changed" in log.read_text()
    assert {oct(path.stat().st_mode & 0o77) for path in (before, sent, log, bench.home / "journal.txt")} == {"0o0"}


@server
@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_any_shell_of_posix_does(bench, shell):
    if not shutil.which(shell[0]):
        pytest.skip(f"{shell[0]} is not on this machine")
    before = bench.state()
    bench.run("apply", "--apply", shell=shell)
    assert is_done(bench)
    out = bench.run("undo", "--apply", shell=shell)
    assert "Q284199" in out
    assert {record for record in before if not any("MSPMGATE" in line for line in record)} <= bench.state()


@server
def test_a_hazard_must_be_allowed(bench):
    names = [item.name for item in hazards_of(bench.plan)]
    assert "creates-mailbox" in names
    before = bench.state()
    words = bench.words("apply", "--apply")
    for name in names:
        words.remove(name)
        words.remove("--allow")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 4, done.stderr
    flags = " ".join(f"--allow {name}" for name in names)
    assert f"the plan has hazards that nobody allowed. To go on: {flags}\n" in done.stderr
    looked = subprocess.run([word for word in words if word != "--apply"], capture_output=True, text=True, check=False)
    assert looked.returncode == 0, looked.stderr
    assert f"each is to be allowed: {flags}\n" in looked.stdout
    assert bench.state() == before


@server
def test_a_value_that_is_there_partly_stops_everything(bench):
    meddle(bench, POSTMASTER, added(bench)[0])
    before = bench.state()
    out = bench.run("apply", "--apply", code=5)
    assert f"STALE: {POSTMASTER}" in out
    assert added(bench)[0] in out
    assert "Make a new plan with remedy plan" in out
    assert bench.state() == before
    assert not (bench.home / "journal.txt").read_text()


@server
def test_what_is_there_in_another_case_is_there_and_is_not_taken_back(bench):
    for value in added(bench):
        meddle(bench, POSTMASTER, value.lower())
    before = bench.state()
    out = bench.run("apply", "--apply")
    assert "c2 is as wanted already" in out
    assert is_done(bench)
    bench.run("undo", "--apply")
    assert before <= bench.state()
    assert "in this very case" in bench.run("undo", "--all", "--apply", code=5)


@server
@pytest.mark.parametrize("spelt", ["ms${}", "MS:{}", "ms:{}"])
def test_an_address_that_somebody_else_holds_is_not_given_twice(bench, spelt):
    other = POSTMASTER.replace("Postmaster", "jdoe")
    meddle(bench, other, spelt.format(added(bench)[-1].partition("$")[2].lower()))
    before = bench.state()
    assert f"found dn: {other}" in bench.run("apply", "--apply", code=5)
    assert bench.state() == before


@server
def test_an_address_in_another_spelling_is_not_added(bench):
    meddle(bench, POSTMASTER, added(bench)[0].replace("$", ":"))
    assert "another spelling" in bench.run("apply", "--apply", code=5)


@server
def test_another_server_is_told_apart(bench):
    bench.server.reload([entry for entry in ENTRIES if "Recipients" not in str(entry.dn)])
    out = bench.run("apply", "--apply", code=5)
    assert "expected an entry of this name, found none" in out
    assert "expected its container, found none" in out


@server
def test_somebody_without_rights_changes_nothing(bench):
    before = bench.state()
    assert "Insufficient access" in bench.run("apply", "--apply", user="cn=reader,o=FABRIKAM", code=1)
    assert bench.state() == before
    bench.run("apply", "--apply")
    assert is_done(bench)


@server
def test_nobody_gets_in(bench):
    assert "Invalid credentials" in bench.run("apply", user="cn=nobody,o=FABRIKAM", code=7)
    assert "Cannot connect" in bench.run("apply", url="ldap://127.0.0.1:1", code=7)
    bench.env = {"LDAPTLS_CACERT": os.devnull, "LDAPTLS_REQCERT": "demand"}
    assert "ldap_start_tls" in bench.run("apply", "-ZZ", code=7)


@server
def test_the_local_socket_needs_no_password(bench):
    bench.login = ["-Y", "EXTERNAL", "-Q"]
    bench.run("apply", "--apply", url=bench.server.local_url)
    assert is_done(bench)


@server
def test_a_run_that_was_killed_goes_on(bench, proxy):
    before = bench.state()
    process = subprocess.Popen(bench.words("apply", "--apply", url=proxy.url), stdout=subprocess.DEVNULL)
    proxy.on("modifyRequest", nth=1, run=lambda _: process.kill())
    assert process.wait(20) == -signal.SIGKILL
    done = "c2 is as wanted already", "c2 changed"
    assert any(text in bench.run("apply", "--apply", url=proxy.url) for text in done)
    assert is_done(bench)
    bench.run("undo", "--apply", url=proxy.url)
    assert before <= bench.state()


@server
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_finishes_its_request_and_says_how_to_go_on(bench, proxy, number):
    words = bench.words("apply", "--apply", url=proxy.url)
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, text=True
    )
    proxy.on("addRequest", nth=1, run=lambda _: os.killpg(process.pid, number))
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130, out
    assert "c1 changed" in out
    assert "run it again to go on" in out
    assert len(proxy.writes()) == 1
    bench.run("apply", "--apply")
    assert is_done(bench)


@server
def test_a_lost_answer_is_no_guess(bench, proxy):
    proxy.on("addResponse", Action.CLOSE, nth=1)
    assert "may have been changed or not" in bench.run("apply", "--apply", url=proxy.url, code=6)
    assert "c1 is as wanted already" in bench.run("apply", "--apply", url=proxy.url)
    assert is_done(bench)


@server
def test_a_change_in_between_is_refused_by_the_server(bench, proxy):
    proxy.on("modifyRequest", nth=1, run=lambda _: meddle(bench, POSTMASTER, added(bench)[-1].upper()))
    assert "somebody changed the entry meanwhile" in bench.run("apply", "--apply", url=proxy.url, code=6)
    assert f"otherMailbox: {added(bench)[0]}\n" not in bench.server.export("otherMailbox")


@server
def test_a_tool_that_was_killed_is_no_refusal(bench):
    tools = bench.folder / "bin"
    tools.mkdir()
    (tools / "ldapmodify").write_text("#!/bin/sh\nkill -KILL $$\n")
    (tools / "ldapmodify").chmod(0o755)
    bench.env = {"PATH": f"{tools}:{os.environ['PATH']}"}
    assert "c1 may have been changed or not" in bench.run("apply", "--apply", code=6)


@server
@pytest.mark.parametrize(("nth", "code"), [(1, 1), (2, 6)])
def test_what_cannot_be_kept_for_a_moment_stops_it(bench, proxy, nth, code):
    room = bench.folder / "tmp"
    room.mkdir()
    bench.env = {"TMPDIR": str(room)}
    kind, lost = ("searchRequest", 1) if nth == 1 else ("addRequest", 1)
    proxy.on(kind, nth=lost, run=lambda _: [shutil.rmtree(path) for path in room.iterdir()])
    out = bench.run("apply", "--apply", url=proxy.url, code=code)
    assert f"stopped after {nth - 1} entries were changed" in out
    assert not list(room.iterdir())
    bench.run("apply", "--apply")
    assert is_done(bench)


@server
def test_whoever_reads_along_may_go_away(bench):
    room = bench.folder / "tmp"
    room.mkdir()
    reading, writing = os.pipe()
    os.close(reading)
    before = bench.state()
    done = subprocess.run(
        bench.words("apply", "--apply"), stdout=writing, stderr=subprocess.PIPE, check=False,
        env={**os.environ, "TMPDIR": str(room)},
    )  # fmt: skip
    os.close(writing)
    assert done.returncode == 1
    assert b"stopped after 0 entries" in done.stderr
    assert not list(room.iterdir())
    assert bench.state() == before


@server
def test_a_way_back_that_was_refused_can_be_tried_again(bench, proxy):
    before = bench.state()
    bench.run("apply", "--apply", url=proxy.url)
    there = bench.state()
    assert "was refused" in bench.run("undo", "--apply", url=proxy.url, user="cn=reader,o=FABRIKAM", code=1)
    proxy.on("modifyRequest", Action.CLOSE, nth=1)
    assert "may have been changed or not" in bench.run("undo", "--apply", url=proxy.url, code=6)
    assert bench.state() == there
    assert "2 of 2 entries were changed" in bench.run("undo", "--apply", url=proxy.url)
    assert before <= bench.state()
    assert "apply.sh noted nothing" in bench.run("undo", "--apply", url=proxy.url, code=2)


@server
def test_a_run_that_was_refused_beside_another_does_not_hide_it(bench):
    bench.run("apply", "--apply")
    journal = bench.home / "journal.txt"
    lines = journal.read_text().splitlines(keepends=True)
    refused = [line.replace("apply", "refused", 1) for line in lines]
    journal.write_text("".join([*lines, *lines, *refused]))
    assert "2 of 2 entries were changed" in bench.run("undo", "--apply")
    journal.write_text(journal.read_text() + "".join([*lines, *refused]))
    assert "apply.sh noted nothing" in bench.run("undo", "--apply", code=2)


@server
def test_what_was_noted_of_another_server_is_not_taken_back(bench, proxy):
    bench.run("apply", "--apply", url=proxy.url)
    there = bench.state()
    assert "apply.sh noted nothing" in bench.run("undo", "--apply", code=2)
    assert bench.state() == there
    bench.run("undo", "--apply", url=proxy.url)
    assert not is_done(bench)


@server
def test_what_is_there_with_an_option_is_there(bench):
    name = "otherMailbox;lang-de"
    lines = "".join(f"{name}: {value}\n" for value in added(bench))
    bench.server.modify(f"dn: {POSTMASTER}\nchangetype: modify\nadd: {name}\n{lines}-\n")
    assert "c2 is as wanted already" in bench.run("apply", "--apply")


@server
def test_what_was_changed_and_does_not_show_is_not_called_done(bench, proxy):
    (value, *_), again = added(bench), f"dn: {POSTMASTER}\nchangetype: modify\ndelete: otherMailbox\notherMailbox: "
    proxy.on("modifyResponse", nth=1, run=lambda _: bench.server.modify(f"{again}{value}\n-\n"))
    assert "c2 was changed, but does not show it" in bench.run("apply", "--apply", url=proxy.url, code=6)


@server
def test_what_was_refused_and_then_done_by_others_is_not_taken_back(bench):
    assert "was refused" in bench.run("apply", "--apply", user="cn=reader,o=FABRIKAM", code=1)
    wishes = ApplyWishes(allow=frozenset(HAZARDS), journal=bench.folder / "j")
    apply(bench.plan, bench.server.direct(), wishes, lambda _: True)
    there = bench.state()
    assert "apply.sh noted nothing" in bench.run("undo", "--apply", code=2)
    assert bench.state() == there


@server
def test_the_way_back_of_a_changed_entry_is_refused(bench):
    bench.run("apply", "--apply")
    value = added(bench)[0]
    bench.server.modify(f"dn: {POSTMASTER}\nchangetype: modify\ndelete: otherMailbox\notherMailbox: {value}\n-\n")
    before = bench.state()
    assert f"STALE: {POSTMASTER}" in bench.run("undo", "--apply", code=5)
    assert bench.state() == before


@server
def test_the_way_back_of_what_others_did_must_be_asked_for(bench):
    apply(
        bench.plan,
        bench.server.direct(),
        ApplyWishes(allow=frozenset(HAZARDS), journal=bench.folder / "j"),
        lambda _: True,
    )
    there = bench.state()
    assert "--all" in bench.run("undo", "--apply", code=2)
    assert bench.state() == there
    bench.run("undo", "--all", "--apply")
    assert not is_done(bench)
    bench.run("undo", "--all", "--apply")


@server
def test_there_and_back_twice(bench):
    bench.run("apply", "--apply")
    bench.run("undo", "--apply")
    for value in added(bench):  # somebody does it by hand, so that it is not ours to take back
        meddle(bench, POSTMASTER, value)
    bench.server.modify(f"dn: {bench.plan.steps[0].change.dn}\nchangetype: delete\n")
    there = bench.state()
    bench.run("apply", "--apply")
    bench.run("undo", "--apply")
    assert there <= bench.state()


@server
def test_a_mailbox_of_that_name_that_is_another_one(bench):
    dn = str(bench.plan.steps[0].change.dn)
    bench.server.modify(f"dn: {dn}\nchangetype: add\nobjectClass: organizationalPerson\nsn: x\n")
    assert "found another one" in bench.run("apply", "--apply", code=5)


class TestUsage:
    """Before anything is asked of a server."""

    @pytest.fixture
    def run(self, slapd_55, tmp_path):
        plan = workflow.plan(slapd_55.direct(), wishes=workflow.Wishes())
        bench = Bench(slapd_55, plan, tmp_path / "scripts")

        def run(*words, code=2, env=None):
            command = ["/bin/sh", str(bench.home / "apply.sh"), *words]
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=bench.folder)
            assert done.returncode == code, done.stderr
            assert done.stdout == ""
            return done.stderr

        return run

    LOGIN = ("-H", "ldaps://127.0.0.1:1", "-D", "cn=x", "-y", "pw")

    @server
    @pytest.mark.parametrize(
        ("words", "why"),
        [
            ((), "name the server"),
            (("-H",), "-H needs a value"),
            (("-H", "ldap://x"), "say who you are"),
            (("-H", "ldap://x", "-D", "cn=x"), "password in a file"),
            (("-H", "ldap://x", "-D", "cn=x", "-w", "hunter2"), "password in a file"),
            (("-H", "ldap://x", "-D", "cn=x", "-W"), "password in a file"),
            (("-H", "ldaps://x", "-D", "cn=x", "-y", "absent"), "there is no file absent"),
            (("-H", "ldaps://x ldap://y", "-D", "cn=x", "-y", "pw"), "name one server"),
            (("-H", "ldaps://x,ldap://y", "-D", "cn=x", "-y", "pw"), "name one server"),
            ((*LOGIN, "-c"), "there is no option -c"),
            ((*LOGIN, "--all"), "there is no option --all"),
            ((*LOGIN, "change.ldif"), "there is no option change.ldif"),
        ],
    )
    def test_wrong_words(self, run, words, why):
        err = run(*words)
        assert why in err
        assert "hunter2" not in err

    @server
    @pytest.mark.parametrize(("text", "why"), [("secret\n", "ends in a newline"), ("", "is empty")])
    def test_a_password_file_that_holds_more_or_less_than_the_password(self, run, tmp_path, text, why):
        (tmp_path / "scripts" / "own").write_text(text)
        assert why in run("-H", "ldaps://x", "-D", "cn=x", "-y", "own")

    @server
    def test_a_password_in_clear_is_refused(self, run):
        assert "--insecure-plain" in run("-H", "ldap://127.0.0.1:1", "-D", "cn=x", "-y", "pw", code=4)
        assert "--insecure-plain" in run("-H", "ldap://127.0.0.1:1", "-D", "cn=x", "-y", "pw", "-Z", code=4)
        for url in ("LDAP://127.0.0.1:1", "URL:ldap://127.0.0.1:1", "127.0.0.1:1"):
            assert "--insecure-plain" in run("-H", url, "-D", "cn=x", "-y", "pw", code=4)

    @server
    def test_a_missing_tool(self, run, tmp_path):
        (tmp_path / "bin").mkdir()
        for tool in ("awk", "mkdir", "date", "tail", "tr", "dirname", "ldapsearch"):
            (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
        assert "ldapmodify is missing" in run(*self.LOGIN, code=1, env={"PATH": str(tmp_path / "bin")})
