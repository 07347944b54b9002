"""Ctrl-C at each call that changes a file: the run ends as if nothing had been begun, or with all of it done."""

import pytest

from remedy.journal import read_log
from tests.kill.test_kill import WISHES, YES, Desk, shim, starter  # noqa: F401 - fixtures

STEP = 2
"""Of the calls that are killed at, every second one is interrupted: an interruption waits for the end of the step anyway."""
WORDS = ("apply", "plan.json", "export.ldif", *YES)


@pytest.fixture(params=list(WISHES))
def desk(tmp_path, starter, request):  # noqa: F811 - the driver itself
    return Desk(tmp_path, starter, request.param)


def sweep_apply(desk, step):
    desk.fresh()
    calls, ends = desk.calls(*WORDS), set()
    for number in range(1, len(calls) + 1, step):
        desk.fresh()
        done = desk.command(*WORDS, at=number, how="sigint")
        assert done.returncode in {0, 130}, (number, done)
        assert desk.data in {desk.old, desk.new}, number
        ends.add((done.returncode, desk.data == desk.new))
        assert desk.data == desk.old or "nothing was written" not in done.stderr
        if not desk.journal.exists():
            assert done.returncode == 130
            assert desk.data == desk.old
            desk.command(*WORDS, code=0)
            continue
        log = read_log(desk.journal)
        assert not log.in_doubt, (number, "the journal is closed")
        if done.returncode == 130:
            assert "--resume" in done.stderr or "says what was done" in done.stderr, (number, done)
        desk.command(*WORDS, "--resume", code=0)
        assert desk.data == desk.new
        assert desk.tidy() == set()
        desk.rollback()
        assert desk.data == desk.old
    assert {(130, False), (130, True)} <= ends


def sweep_rollback(desk, step):
    words = ("rollback", "plan.json.journal", "export.ldif", "--yes")
    desk.fresh(desk.applied)
    calls = desk.calls(*words)
    for number in range(1, len(calls) + 1, step):
        desk.fresh(desk.applied)
        done = desk.command(*words, at=number, how="sigint")
        assert done.returncode in {0, 130}, (number, done)
        assert desk.data in {desk.old, desk.new}, number
        assert desk.data == desk.new or "nothing was written" not in done.stderr
        desk.command(*words, code=0)
        assert desk.data == desk.old


def test_interrupt_apply(desk):
    sweep_apply(desk, STEP * desk.every)


def test_interrupt_rollback(desk):
    sweep_rollback(desk, STEP * desk.every)


@pytest.mark.soak
def test_interrupt_apply_at_every_call(desk):
    desk.loads = True
    sweep_apply(desk, 1)


@pytest.mark.soak
def test_interrupt_rollback_at_every_call(desk):
    desk.loads = True
    sweep_rollback(desk, 1)
