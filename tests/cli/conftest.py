"""Running the program: inside this process where that is enough, as a process of its own where it is not.

Golden files lie in tests/golden. To write them anew after an intended change, and then read the diff:
``pytest --update-golden`` with the test files
"""

import json
import os
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from remedy.cli import main
from remedy.demo import sample

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
CODES = {0, 1, 2, 3, 4, 5, 6, 7, 130}
MARKS = {0x7F, *range(0x80, 0xA0), *range(0x200E, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A)}


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    def sane(self, *, colour: bool = False):
        """What holds for every command whatever it is given (contract: exit codes, all commands)."""
        assert self.code in CODES, self
        assert "Traceback" not in self.err, self.err
        assert "fault of remedy" not in self.err, self.err
        for text in (self.out, self.err):
            loose = {character for character in text if ord(character) < 32 or ord(character) in MARKS}
            assert loose <= ({"\n", "\t", "\x1b"} if colour else {"\n", "\t"}), loose
        if self.code not in {0, 3}:
            assert self.out == "", "data on stdout of a command that failed"
            assert self.err.strip(), "a failure without a word"
        return self


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working folder with the sample estate in it, and no variable that changes what is said."""
    for name in [name for name in os.environ if name.startswith("REMEDY_")] + ["NO_COLOR", "FORCE_COLOR"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    for name in ("fabrikam.ldif", "postoffices.csv"):
        Path(name).write_text(sample(name), encoding="utf-8")
    return tmp_path


@pytest.fixture
def remedy(here):
    """Run a command inside this process; what holds always is checked always."""

    def run(*words, stdin=b"", env=None, colour=False):
        result = CliRunner().invoke(main, [str(word) for word in words], input=stdin, env=env, prog_name="remedy")
        return Ran(result.exit_code, result.stdout, result.stderr).sane(colour=colour)

    return run


@pytest.fixture
def process(here):
    """Run a command as a process of its own."""

    def run(*words, stdin=b"", env=None, check=True, **more):
        surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
        done = subprocess.run(
            [sys.executable, "-m", "remedy", *map(str, words)],
            input=stdin,
            env=surroundings,
            cwd=here,
            timeout=60,
            check=False,
            capture_output=not more,
            **more,
        )
        ran = Ran(done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode())
        return ran.sane(colour=True) if check else ran

    return run


@pytest.fixture
def estate(here):
    """Write the sample export anew with some text put in the place of other text, or put at its end."""

    def write(*pairs, end="", name="changed.ldif"):
        text = sample("fabrikam.ldif")
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        Path(name).write_bytes((text + end).encode())
        return name

    return write


@pytest.fixture
def inventory(here):
    """Write rows as a CSV inventory with every column."""

    def write(
        *rows, name="rows.csv", head="network,postoffice,kind,postmaster,pending,users,strategy,version,path,note"
    ):
        Path(name).write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
        return name

    return write


@pytest.fixture
def golden(request):
    """Compare with a file in tests/golden, or write it if --update-golden was given."""

    def check(name, text):
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return check


@pytest.fixture
def fits():
    """Tell which lines are wider than a terminal of 80 columns, wide characters counted twice."""

    def wide(text, *, but=()):
        def cells(line):
            return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)

        return [line for line in text.splitlines() if cells(line) > 80 and not line.lstrip().startswith(but or "\0")]

    return wide
