"""Where stdout goes away while a command that writes tells of it: what was done is said on stderr."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT

YES = ("--yes", "--allow", "dirsync-wipe")
APPLY = ("apply", "plan.json", "fabrikam.ldif", *YES)
ROLLBACK = ("rollback", "plan.json.journal", "fabrikam.ldif", "--yes")
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


@pytest.fixture
def planned(remedy):
    assert remedy("plan", "fabrikam.ldif", "-o", "plan.json").code == 0
    return Path("fabrikam.ldif").read_bytes()


def run(*words, stdout, merged=False):
    """Run the program with nobody, or a full disk, behind its stdout."""
    done = subprocess.run(
        [sys.executable, "-m", "remedy", *words], stdout=stdout, stderr=subprocess.STDOUT if merged else subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, timeout=60,
    )  # fmt: skip
    assert b"Traceback" not in (done.stderr or b"")
    assert b"Exception ignored" not in (done.stderr or b"")
    return done.returncode, (done.stderr or b"").decode()


@pytest.fixture
def nobody():
    """Give the end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_closed_pipe_behind_a_run_that_writes(planned, nobody, form):
    code, said = run(*APPLY, "--format", form, stdout=nobody)
    assert Path("fabrikam.ldif").read_bytes() != planned
    assert code == 141
    assert "plan.json.journal says what was done" in said
    code, said = run(*ROLLBACK, "--format", form, stdout=nobody)
    assert Path("fabrikam.ldif").read_bytes() == planned
    assert code == 141
    assert "plan.json.journal.rollback says what was undone" in said


def test_a_closed_pipe_behind_both_streams(planned, nobody):
    assert run(*APPLY, stdout=nobody, merged=True)[0] == 141
    assert Path("fabrikam.ldif").read_bytes() != planned


@pytest.mark.parametrize("words", [("--help",), ("survey", "--help"), ("survey", "fabrikam.ldif")])
def test_a_closed_pipe_behind_what_only_tells(here, nobody, words):
    assert run(*words, stdout=nobody) == (141, "")


@needs_full
def test_a_full_disk_behind_a_run_that_writes(planned):
    with Path("/dev/full").open("wb") as full:
        code, said = run(*APPLY, stdout=full)
        assert Path("fabrikam.ldif").read_bytes() != planned
        assert code == 1
        assert "No space left on device; plan.json.journal says what was done." in said
        code, said = run(*ROLLBACK, stdout=full)
        assert Path("fabrikam.ldif").read_bytes() == planned
        assert code == 1
        assert "says what was undone" in said


def test_a_file_that_may_not_be_looked_at_is_named(remedy, planned, monkeypatch):
    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", "closed/\x1bj")

    monkeypatch.setattr("remedy.execution.apply", refuse)
    ran = remedy(*APPLY)
    assert ran.code == 1
    assert "closed/\\u001bj: Permission denied" in ran.err
    assert "stdout" not in ran.err
