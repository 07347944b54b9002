"""Kill the real program at each call that changes a file while it changes a server; nothing is lost, nothing is sent twice."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from remedy.journal import read_log
from remedy.stores.places import Server
from tests.kill.test_kill import kills, shim, starter  # noqa: F401 - fixtures
from tests.servers.livedesk import ENTRIES, Desk
from tests.servers.slapd import Slapd

pytestmark = pytest.mark.server
ROOT = Path(__file__).parents[2]
YES = ["--yes", "--allow", "dirsync-wipe", "--allow", "creates-mailbox"]


@pytest.fixture
def desk(tmp_path):
    with Slapd(tmp_path / "slapd", entries=ENTRIES) as server:
        (tmp_path / "desk").mkdir()
        yield Desk(server, tmp_path / "desk")


def killed(desk, starter, *words, at=None, how="before", loads=False):  # noqa: F811 - the driver itself
    """Run the program to its early end, or with no place to end count its calls."""
    count = desk.folder.parent / "count"
    count.unlink(missing_ok=True)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "LD_PRELOAD": str(starter.shim)}
    env |= {"KILL_ROOT": str(desk.folder), "KILL_AT": str(at or 0), "KILL_HOW": how}
    if at is None:
        env["KILL_COUNT"] = str(count)
    done = (
        subprocess.run(
            [sys.executable, "-m", "remedy", *words], cwd=desk.folder, env=env, capture_output=True, text=True,
            check=False, timeout=60,
        )
        if loads
        else starter(words, desk.folder, env)
    )  # fmt: skip
    assert done.returncode == (0 if at is None else -signal.SIGKILL), done
    return count.read_text().split() if at is None else None


def afresh(desk):
    """Bring back the server and the folder as they were."""
    desk.server.reload(ENTRIES)
    for path in desk.folder.iterdir():
        if path.name != "plan.json":
            path.unlink()


def places(calls, *, all_ways):
    """Give each place to kill at: in CI before and within each line of the journal, in the soak everywhere."""
    for number, how in kills(calls, 1, all_ways=all_ways):
        if all_ways or calls[number - 1] == "write" or number % 9 == 0:
            yield number, how


def sweep(desk, starter, *, all_ways):  # noqa: F811 - the driver itself
    words = ("apply", "plan.json", desk.server.local_url, *YES, "--rate", "9")  # slow enough for a line a change
    calls = killed(desk, starter, *words, loads=all_ways)
    assert calls.count("write") >= 1 + 3 + 3 + 1  # begin, each intent, each end, the end
    for number, how in places(calls, all_ways=all_ways):
        afresh(desk)
        killed(desk, starter, *words, at=number, how=how, loads=all_ways)
        began = desk.journal.exists()
        if began:
            desk.truthful()
            shutil.copy(desk.journal, desk.folder.parent / "kept")
        after_kill = desk.server.export()
        report = desk.apply(resume=began)
        assert report.counts.planned == report.counts.applied + report.counts.already, (number, how)
        log = desk.truthful()
        assert not log.in_doubt, (number, how)
        assert log.end, (number, how)
        assert desk.planned_is_done()
        undone = desk.rollback()
        assert set(undone.ends) == {"undone"}
        assert "/POSTMASTER" not in desk.server.export("otherMailbox")
        if began:  # and the way back straight after the kill
            desk.server.stop()
            _bring_back(desk, after_kill)
            shutil.copy(desk.folder.parent / "kept", desk.journal)
            for path in desk.folder.glob("*.rollback*"):
                path.unlink()
            desk.rollback()
            assert "/POSTMASTER" not in desk.server.export("otherMailbox"), (number, how)


def sweep_back(desk, starter, *, all_ways):  # noqa: F811
    desk.apply()
    applied = desk.server.export()
    shutil.copy(desk.journal, desk.folder.parent / "applied")
    words = ("rollback", desk.journal.name, desk.server.local_url, "--yes")
    calls = killed(desk, starter, *words, loads=all_ways)
    for number, how in places(calls, all_ways=all_ways):
        desk.server.stop()
        _bring_back(desk, applied)
        for path in desk.folder.glob("*.rollback*"):
            path.unlink()
        shutil.copy(desk.folder.parent / "applied", desk.journal)
        killed(desk, starter, *words, at=number, how=how, loads=all_ways)
        own = desk.folder / f"{desk.journal.name}.rollback"
        if own.exists():
            log = read_log(own)
            assert len(log.dones) <= len(log.intends)
        assert desk.rollback().trouble is None
        assert "/POSTMASTER" not in desk.server.export("otherMailbox"), (number, how)


def _bring_back(desk, export):
    """Start the server with what an export shows."""
    server = desk.server
    for file in (server.root / "db").iterdir():
        file.unlink()
    server.seed.write_text(export)
    server.load(server.seed)
    server.start()
    assert Server(url=server.local_url)


def test_kill_apply(desk, starter):  # noqa: F811
    sweep(desk, starter, all_ways=False)


def test_kill_rollback(desk, starter):  # noqa: F811
    sweep_back(desk, starter, all_ways=False)


@pytest.mark.soak
def test_kill_apply_at_every_call(desk, starter):  # noqa: F811
    sweep(desk, starter, all_ways=True)


@pytest.mark.soak
def test_kill_rollback_at_every_call(desk, starter):  # noqa: F811
    sweep_back(desk, starter, all_ways=True)
