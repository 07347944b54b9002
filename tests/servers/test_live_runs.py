"""The real program at a real server: what it sends, what a user reads, and how it ends when somebody stops it."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from remedy.journal import read_log
from tests.conftest import RECIPIENTS
from tests.servers.lies import Ranges, reference
from tests.servers.livedesk import ENTRIES, POSTMASTER, Desk
from tests.servers.proxy import Proxy
from tests.servers.slapd import Slapd

pytestmark = pytest.mark.server
ROOT = Path(__file__).parents[2]
YES = ["--yes", "--allow", "dirsync-wipe", "--allow", "creates-mailbox"]


@pytest.fixture
def server(tmp_path):
    with Slapd(tmp_path / "slapd", entries=ENTRIES) as running:
        yield running


@pytest.fixture
def desk(server, tmp_path):
    (tmp_path / "desk").mkdir()
    found = Desk(server, tmp_path / "desk")
    (found.folder / "pw").write_text("secret\n")
    (found.folder / "pw").chmod(0o600)
    return found


@pytest.fixture
def proxy(server):
    with Proxy(server.port) as between:
        yield between


def login(server, name=None):
    return ["--bind-dn", name or server.admin, "--password-file", "pw", "--insecure-plain"]


def started(desk, *words, **more):
    env = {**os.environ, "PYTHONPATH": str(ROOT), **more.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-m", "remedy", *words], cwd=desk.folder, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
    )  # fmt: skip


def ran(desk, *words, code=0, env=None):
    with started(desk, *words, env=env or {}) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == code, (out, err)
    assert "Traceback" not in err
    assert "fault of remedy" not in err
    assert "secret" not in out + err
    return out, err


def test_nothing_that_only_looks_sends_a_write(desk, proxy, server):
    ran(desk, "apply", "plan.json", server.local_url, *YES)
    proxied = [f"{proxy.url}/", *login(server)]
    shutil.copy(desk.journal, desk.folder / "kept")
    ran(desk, "survey", *proxied)
    ran(desk, "plan", *proxied, "-o", "again.json")
    ran(desk, "trace", *proxied, "--plan", "again.json")
    ran(desk, "verify", *proxied, "--plan", "plan.json")
    ran(desk, "rollback", "kept", *proxied, "--dry-run")
    ran(desk, "apply", "plan.json", *proxied, "--dry-run", *YES[1:])
    server.reload(ENTRIES)
    ran(desk, "apply", "plan.json", *proxied, "--dry-run", *YES[1:])
    assert proxy.seen("searchRequest")
    assert proxy.writes() == []
    ran(desk, "apply", "plan.json", *proxied, *YES, "--journal", "second")
    assert len(proxy.writes()) == 3  # the proxy would have seen them


def test_referrals_are_never_followed(desk, server):
    with Proxy(server.port) as proxy, Proxy(server.port) as elsewhere:
        done = lambda message: message.kind == "searchResDone"  # noqa: E731 - a name for it
        proxy.on(done, lambda message: [reference(message.id, f"{elsewhere.url}/o=FABRIKAM"), message.raw])
        out, _ = ran(desk, "survey", f"{proxy.url}/", *login(server), "--format", "json", code=3)
        assert elsewhere.connections == 0
        found = {item["code"]: item["message"] for item in json.loads(out)["findings"]}
        assert elsewhere.url in found["not-asked"]


@pytest.mark.parametrize("step", [1, 2, 3])
def test_values_that_come_in_parts_are_put_together(desk, proxy, server, step):
    ran(desk, "apply", "plan.json", server.local_url, *YES)
    proxy.rule = Ranges("otherMailbox", step)
    out, _ = ran(desk, "survey", f"{proxy.url}/", *login(server), "--format", "json")
    straight, _ = ran(desk, "survey", server.local_url, "--format", "json")
    clean = lambda text: re.sub(r"ldapi?://[^ \"]*", "", text)  # noqa: E731 - a name for it
    assert clean(out) == clean(straight)
    undone, _ = ran(desk, "rollback", "plan.json.journal", f"{proxy.url}/", *login(server), "--yes")
    assert "undone" in undone
    assert "/POSTMASTER" not in server.export("otherMailbox")


def test_rights_are_missing(desk, server):
    _, err = ran(desk, "apply", "plan.json", f"{server.url}/", *login(server, server.dn("reader")), *YES, code=1)
    assert "insufficientAccessRights" in err
    assert "Permissions Admin" in err
    log = read_log(desk.journal)
    assert not log.applied_ids({})
    out, _ = ran(desk, "apply", "plan.json", f"{server.url}/", *login(server), *YES, "--resume")
    assert "5 applied" in out


def test_the_command_lines_that_are_printed_work(desk, proxy, server):
    proxy.on("modifyRequest", proxy_close(), nth=1)
    _, err = ran(desk, "apply", "plan.json", f"{proxy.url}/", *login(server), *YES, code=6)
    proxy.traps.clear()
    lines = dict(line.split(": ", 1) for line in err.splitlines() if line.startswith("To "))
    assert set(lines) == {"To go on", "To prove it", "To go back"}
    for name in ("To go on", "To prove it", "To go back"):
        words = shlex.split(lines[name])
        assert words[0] == "remedy"
        ran(desk, *words[1:], *([] if name == "To prove it" else ["--yes"]))
    assert "/POSTMASTER" not in server.export("otherMailbox")


def proxy_close():
    from tests.servers.proxy import Action

    return Action.CLOSE


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_somebody_stops_it(desk, proxy, server, how):
    words = ["apply", "plan.json", f"{proxy.url}/", *login(server), *YES, "--rate", "2"]
    with started(desk, *words) as process:
        proxy.wait_for(lambda message: message.kind in {"addResponse", "modifyResponse"}, 1)
        process.send_signal(how)
        out, err = process.communicate(timeout=30)
    assert process.returncode in {130, -signal.SIGTERM}, err
    if how is signal.SIGINT:
        assert process.returncode == 130
        assert "--resume" in err
        assert out == ""
    log = desk.truthful()
    assert 1 <= len(log.dones) < 3
    assert not log.in_doubt
    sent = len(proxy.writes())
    ran(desk, "apply", "plan.json", f"{proxy.url}/", *login(server), *YES, "--resume")
    assert len(proxy.writes()) == 3
    assert sent < 3
    assert desk.planned_is_done()
    ran(desk, "rollback", "plan.json.journal", f"{proxy.url}/", *login(server), "--yes")
    assert "/POSTMASTER" not in server.export("otherMailbox")


def test_a_rate_is_kept(desk, server):
    began = time.monotonic()
    ran(desk, "apply", "plan.json", server.local_url, *YES, "--rate", "4")
    assert time.monotonic() - began > 0.5  # three changes, a quarter of a second between them


def last_value(desk):
    """The last address of the plan: one more for a mailbox that is there."""
    return desk.plan.steps[-1].change.mods[0].values[-1].decode()


@pytest.mark.parametrize("change", [str, str.upper, str.lower], ids=["the same", "upper case", "lower case"])
def test_since_the_plan_somebody_added_one_of_the_values(desk, server, change):
    theirs = change(last_value(desk))
    server.modify(f"dn: {POSTMASTER}\nchangetype: modify\nadd: otherMailbox\notherMailbox: {theirs}\n-\n")
    out, _ = ran(desk, "apply", "plan.json", server.local_url, *YES, "--format", "json")
    results = [item["result"] for item in json.loads(out)["values"]]
    assert results.count("already") == 1
    assert results.count("applied") == len(results) - 1
    assert desk.planned_is_done()
    assert theirs in server.export("otherMailbox")
    ran(desk, "rollback", "plan.json.journal", server.local_url, "--yes")
    assert server.export("otherMailbox").upper().count("/POSTMASTER") == 1  # theirs stays


def test_since_the_plan_the_mailbox_went_away(desk, server):
    server.modify(f"dn: {POSTMASTER}\nchangetype: delete\n")
    before = server.export()
    _, err = ran(desk, "apply", "plan.json", server.local_url, *YES, code=5)
    assert POSTMASTER in err
    assert server.export() == before


def test_since_the_plan_somebody_took_an_address(desk, server):
    taken = f"changetype: modify\nadd: otherMailbox\notherMailbox: {last_value(desk).lower()}\n-\n"
    server.modify(f"dn: cn=jdoe,{RECIPIENTS}\n{taken}")
    before = server.export()
    _, err = ran(desk, "apply", "plan.json", server.local_url, *YES, code=5)
    assert f"cn=jdoe,{RECIPIENTS}" in err
    assert server.export() == before


def test_what_changed_since_is_not_taken_back(desk, server):
    ran(desk, "apply", "plan.json", server.local_url, *YES)
    value = next(v.decode() for v in desk.plan.steps[-1].change.mods[0].values)
    swap = f"dn: {POSTMASTER}\nchangetype: modify\ndelete: otherMailbox\notherMailbox: {value}\n-\nadd: otherMailbox\n"
    server.modify(f"{swap}otherMailbox: {value.upper()}\n-\n")
    before = server.export()
    _, err = ran(desk, "rollback", "plan.json.journal", server.local_url, "--yes", code=5)
    assert value.upper() in err
    assert server.export() == before
    server.modify(f"dn: {POSTMASTER}\nchangetype: modify\ndelete: otherMailbox\notherMailbox: {value}\n-\n")
    before = server.export()
    _, err = ran(desk, "rollback", "plan.json.journal", server.local_url, "--yes", code=5)
    assert "gone" in err
    assert server.export() == before
    ids = [item["id"] for step in desk.plan.steps for item in step.expects()]
    gone = next(item["id"] for item in desk.plan.steps[-1].expects())
    others = [word for name in ids if name != gone for word in ("--only", name)]
    _, err = ran(desk, "rollback", "plan.json.journal", server.local_url, "--yes", *others)
    assert "Q284199" in err
    assert "/POSTMASTER" not in server.export("otherMailbox")
    assert f"cn=MSPMGATE,{RECIPIENTS}" in server.export("cn")
