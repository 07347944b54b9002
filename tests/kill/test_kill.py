"""Kill the real program at each call that changes a file, and see that nothing is lost.

The driver is a small library of the tests, put in front of the C library: the product has no hook for this.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from remedy import execution, workflow
from remedy.codes import HAZARDS
from remedy.execution import ApplyWishes
from remedy.journal import read_log
from remedy.undoing import RollbackWishes, rollback
from tests.conftest import ENTRIES, RECIPIENTS, ldif, made, mailbox
from tests.kill.starter import Starter

ROOT = Path(__file__).parents[2]
CONTAINER = made(RECIPIENTS, {"objectClass": "container", "rdn": "Recipients"})
YES = ["--yes", "--allow", "dirsync-wipe", "--allow", "creates-mailbox"]
WRITES = {"write", "copy"}
WISHES = {
    "one-sink": {},
    "two-entries": {"max_proxies": 7, "allow": frozenset()},
}


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    """Build the driver."""
    if sys.platform != "linux" or not shutil.which("gcc"):
        why = "no gcc on Linux: nothing about kills was shown"
        pytest.fail(why, pytrace=False) if os.environ.get("CI") else pytest.skip(why)
    place = tmp_path_factory.mktemp("shim") / "shim.so"
    subprocess.run(
        ["gcc", "-O1", "-shared", "-fPIC", "-o", place, Path(__file__).parent / "shim.c", "-ldl"], check=True
    )
    return place


@pytest.fixture(scope="session")
def starter(shim):
    """Load the program once for all runs."""
    with Starter(shim) as start:
        yield start


class Desk:
    """A folder with a file and a plan that can be set up anew in no time."""

    loads = False
    """Whether each run loads the program anew."""

    def __init__(self, folder, starter, kind, coding="utf-8", output=""):
        self.words = ("apply", "plan.json", "export.ldif", *YES, *(["-o", output] if output else []))
        self.name, self.output = output or "export.ldif", output
        self.folder, self.starter, self.count = folder / "work", starter, folder / "count"
        self.every = 1 if kind == "two-entries" else 3  # the smaller case is swept whole by make soak
        self.origin = folder / "origin"
        self.origin.mkdir()
        entries = (CONTAINER, *ENTRIES, mailbox("zz"))
        if kind == "two-entries":
            sick = [entry for entry in entries if entry.dn.leaf != "Postmaster"]
            entries = (
                *sick,
                mailbox("Postmaster", "ms$NWTRADERS/PO2/POSTMASTER", *(f"smtp$a{n}@fabrikam.com" for n in range(3))),
            )
            entries = (*entries, *_more())
        path = self.origin / "export.ldif"
        path.write_bytes(ldif(entries).encode(coding))
        self.old = path.read_bytes()
        plan = workflow.plan(str(path), wishes=workflow.Wishes(**WISHES[kind]))
        self.steps = len(plan.steps)
        (self.origin / "plan.json").write_text(workflow.show(plan, "json"))
        self.fresh()
        self.command(*self.words, code=0)
        self.new = self.data
        self.applied = folder / "applied"
        shutil.copytree(self.folder, self.applied)

    def fresh(self, origin=None):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(origin or self.origin, self.folder)

    @property
    def data(self):
        """What the run changes; before that, a copy is what it is a copy of."""
        place = self.folder / self.name
        return (place if place.exists() else self.folder / "export.ldif").read_bytes()

    @property
    def journal(self):
        return self.folder / "plan.json.journal"

    def command(self, *words, code=None, at=None, how="before"):
        """Run the real program, perhaps to its early end."""
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        if at is not None:
            env |= {
                "LD_PRELOAD": str(self.starter.shim),
                "KILL_ROOT": str(self.folder),
                "KILL_AT": str(at),
                "KILL_HOW": how,
            }
            if not at:
                env["KILL_COUNT"] = str(self.count)
        done = (
            subprocess.run(
                [sys.executable, "-m", "remedy", *words], cwd=self.folder, env=env, capture_output=True, text=True,
                check=False, timeout=60,
            )
            if self.loads
            else self.starter(words, self.folder, env)
        )  # fmt: skip
        assert code is None or done.returncode == code, done
        assert "Traceback" not in done.stderr
        assert "fault of remedy" not in done.stderr, done.stderr
        return done

    def calls(self, *words):
        """Count the calls of a whole run; give their names."""
        self.count.unlink(missing_ok=True)
        self.command(*words, code=0, at=0)
        return self.count.read_text().split()

    def apply(self, **more):
        plan = workflow.load_plan(str(self.folder / "plan.json"))
        output = self.folder / self.output if self.output else None
        wishes = ApplyWishes(allow=frozenset(HAZARDS), journal=self.journal, output=output, **more)
        return execution.apply(plan, str(self.folder / "export.ldif"), wishes, lambda _: True)

    def rollback(self, journal=None, *only):
        path = str(self.folder / self.name)
        return rollback(journal or self.journal, path, RollbackWishes(only=frozenset(only)), lambda _: True)

    def tidy(self):
        return {path.name for path in self.folder.iterdir() if "remedy-new" in path.name or path.suffix == ".lock"}

    def save(self):
        place = self.folder.with_name("killed")
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.folder, place)
        return place


def _more():
    """A connector that names more postoffices than the sink has room for."""
    from tests.conftest import connector

    return (connector(*(f"MS:WINGTIP/PO{n};1" for n in range(6)), server="EXSRV2"),)


@pytest.fixture(params=list(WISHES))
def desk(tmp_path, starter, request):
    return Desk(tmp_path, starter, request.param)


def kills(calls, every, *, all_ways):
    """Give each place to kill at: before each call says as much as after the one in front of it.

    In CI that is before and within each line that is written, and before every second one of the other calls.
    """
    for number, name in list(enumerate(calls, 1))[::every]:
        last = number == len(calls)
        if name not in WRITES and number % 2 and not (all_ways or last):
            continue
        yield number, "before"
        if name in WRITES:
            yield number, "torn"
        if all_ways or last:
            yield number, "after"


def sweep_apply(desk, every, *, all_ways, real):
    desk.loads = real
    desk.fresh()
    calls = desk.calls(*desk.words)
    assert desk.data == desk.new
    assert {"open", "write", "copy", "fsync", "link", "rename", "unlink"} <= set(calls)
    for number, how in kills(calls, every, all_ways=all_ways):
        desk.fresh()
        done = desk.command(*desk.words, at=number, how=how)
        assert done.returncode == -signal.SIGKILL, (number, how, done)
        assert desk.data in {desk.old, desk.new}, (number, how)
        began = desk.journal.exists()
        if began:
            read_log(desk.journal)
        killed = desk.save()
        if real:
            desk.command(*desk.words, *(["--resume"] if began else []), code=0)
        else:
            counts = desk.apply(resume=began).counts
            assert counts.planned == counts.applied + counts.already
        assert desk.data == desk.new, (number, how)
        assert desk.tidy() == set(), (number, how)
        log = read_log(desk.journal)
        assert {item["result"] for item in log.dones.values()} <= {"applied", "failed"}
        made = {event["id"] for event in log.applied()}
        assert len(made) == desk.steps
        assert desk.output or len(log.applied()) == desk.steps  # a copy is made anew, of the same old file
        assert not log.in_doubt
        assert log.end, (number, how)
        desk.rollback()
        assert desk.data == desk.old
        if began and (killed / desk.name).exists():
            desk.fresh(killed)
            if real:
                desk.command("rollback", "plan.json.journal", desk.name, "--yes", code=0)
            else:
                desk.rollback()
            assert desk.data == desk.old, (number, how)


def sweep_rollback(desk, every, *, all_ways, real):
    desk.loads = real
    words = ["rollback", "plan.json.journal", "export.ldif", "--yes"]
    desk.fresh(desk.applied)
    calls = desk.calls(*words)
    assert desk.data == desk.old
    for number, how in kills(calls, every, all_ways=all_ways):
        desk.fresh(desk.applied)
        done = desk.command(*words, at=number, how=how)
        assert done.returncode == -signal.SIGKILL, (number, how, done)
        assert desk.data in {desk.old, desk.new}, (number, how)
        own = desk.folder / "plan.json.journal.rollback"
        began, killed = own.exists(), desk.save()
        if real:
            desk.command(*words, code=0)
        else:
            desk.rollback()
        assert desk.data == desk.old, (number, how)
        assert not [name for name in desk.tidy() if name.endswith(".lock")]
        if began:
            desk.fresh(killed)
            desk.rollback(own)  # the way back of the way back
            assert desk.data == desk.new, (number, how)


def test_kill_apply(desk):
    sweep_apply(desk, desk.every, all_ways=False, real=False)


def test_kill_rollback(desk):
    sweep_rollback(desk, desk.every, all_ways=False, real=False)


@pytest.mark.soak
def test_kill_apply_in_every_way(desk):
    sweep_apply(desk, 1, all_ways=True, real=True)


@pytest.mark.soak
def test_kill_rollback_in_every_way(desk):
    sweep_rollback(desk, 1, all_ways=True, real=True)


KINDS = {"utf-16": {"coding": "utf-16"}, "copy": {"output": "copy.ldif"}}


@pytest.fixture(params=list(KINDS))
def other_desk(tmp_path, starter, request):
    """A file of another kind, or one that is copied."""
    return Desk(tmp_path, starter, "two-entries", **KINDS[request.param])


def test_kill_apply_of_another_kind(other_desk):
    sweep_apply(other_desk, 5, all_ways=False, real=False)
    if other_desk.output:
        assert (other_desk.folder / "export.ldif").read_bytes() == other_desk.old


@pytest.mark.soak
def test_kill_apply_of_another_kind_in_every_way(other_desk):
    sweep_apply(other_desk, 1, all_ways=True, real=True)


def sweep_rollback_of_one(desk, every, *, all_ways):
    """Kill a rollback of one value: it is there or gone, and the others are there."""
    desk.loads = all_ways
    (first, *more), *_ = [event["values"] for event in read_log(desk.journal).applied()]
    again = 5 if more else 0  # of a step of one value nothing is left; of several one is gone that was named
    words = ["rollback", "plan.json.journal", "export.ldif", "--yes", "--only", first]
    desk.fresh(desk.applied)
    calls = desk.calls(*words)
    part, ends = desk.data, set()
    assert part not in {desk.old, desk.new}
    for number, how in kills(calls, every, all_ways=all_ways):
        desk.fresh(desk.applied)
        done = desk.command(*words, at=number, how=how)
        assert done.returncode == -signal.SIGKILL, (number, how, done)
        assert desk.data in {desk.new, part}, (number, how)
        ends.add(desk.data)
        own = desk.folder / "plan.json.journal.rollback"
        began, killed = own.exists(), desk.save()
        desk.command(*words, code=0 if desk.data == desk.new else again)
        assert desk.data == part, (number, how)
        assert not [name for name in desk.tidy() if name.endswith(".lock")]
        desk.rollback()
        assert desk.data == desk.old, (number, how)
        if began:
            desk.fresh(killed)
            desk.rollback(own)  # the way back of the way back
            assert desk.data == desk.new, (number, how)
    assert ends == {desk.new, part}


def test_kill_rollback_of_one_value(tmp_path, starter):
    sweep_rollback_of_one(Desk(tmp_path, starter, "one-sink"), 4, all_ways=False)


@pytest.mark.soak
def test_kill_rollback_of_one_value_in_every_way(desk):
    sweep_rollback_of_one(desk, 1, all_ways=True)


def test_kill_a_resumed_run(desk):
    """Kill, resume, kill, resume …: each of them is a kill, and it still ends well."""
    desk.loads = True
    desk.fresh()
    for part in (0.6, 0.3, 0.9):
        words = [*desk.words, *(["--resume"] if desk.journal.exists() else [])]
        before = desk.save()
        calls = desk.calls(*words)
        desk.fresh(before)
        done = desk.command(*words, at=max(1, int(len(calls) * part)), how="before")
        assert done.returncode == -signal.SIGKILL, (part, calls)
        assert desk.journal.exists()
        assert desk.data in {desk.old, desk.new}
    desk.apply(resume=True)
    assert desk.data == desk.new
    for line in desk.journal.read_text().splitlines():
        assert json.loads(line)["event"] in {"begin", "intend", "done", "end"}
    assert desk.tidy() == set()
    desk.rollback()
    assert desk.data == desk.old
