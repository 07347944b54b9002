"""The laws that import-linter cannot see: who may load what, print, open files, and ask the clock."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import remedy
from remedy.cli import _VERBS
from remedy.demo import write_sample

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "remedy").rglob("*.py"))
HEAVY = {
    "ldap3": "remedy/stores/ldap/",
    "jinja2": "remedy/render.py",
    "click": "remedy/cli/",
    "tabulate": "remedy/cli/",
}
DOORS = ("remedy/stores/", "remedy/journal.py", "remedy/config.py", "remedy/render.py", "remedy/cli/")
SHARED = {"__init__", "table", "base", "lifting", "administrator"}
"""Rooms of the dialects that are none: the last one holds the columns that one of them has in a table."""
LIGHT = {"codes", "dialects", "errors", "stores", "stores.kinds", "text", "words"}
"""What the options of a command are made of."""
CEILING = 300
LONGEST = 45


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_heavy_libraries_stay_in_their_rooms(path: Path):
    for name in set(imports(ast.parse(path.read_text()))) & set(HEAVY):
        assert relative(path).startswith(HEAVY[name])


def called(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield f".{node.func.attr}" if ast.unparse(node.func.value) != "cells" else ast.unparse(node.func)


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_only_doors_open_files_and_only_the_porch_prints(path: Path):
    calls = set(called(ast.parse(path.read_text())))
    if not relative(path).startswith(DOORS) and path.name != "demo.py":
        assert not calls & {"open", ".read_text", ".read_bytes", ".write_text", ".write_bytes", ".open"}
    assert "print" not in calls


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_clock_and_environment_are_asked_only_in_the_porch(path: Path):
    names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    if not relative(path).startswith("remedy/cli/"):
        assert not names & {"environ", "getenv", "monotonic", "now", "today", "utcnow", "gethostname", "getuser"}


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_rooms_and_functions_stay_small(path: Path):
    text = path.read_text()
    assert len(text.splitlines()) <= CEILING
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST, node.name


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_no_left_overs(path: Path):
    text = path.read_text()
    assert not [word for word in ("TODO", "FIXME", "XXX", "NotImplementedError", "placeholder") if word in text]


def loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sys.modules, *{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.splitlines()[-1].split())


def run_by(*words: str) -> set[str]:
    """Give what a command line loads."""
    run = (
        f"sys.argv = ['remedy', *{words!r}]\nfrom remedy.__main__ import run\ntry:\n    run()\nexcept SystemExit: pass"
    )
    return loaded_by(run)


def rooms(loaded: set[str]) -> set[str]:
    return {name.removeprefix("remedy.") for name in loaded if name.startswith("remedy.")}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("plan")
    write_sample(folder / "estate")
    made = remedy.plan(folder / "estate/fabrikam.ldif", folder / "estate/postoffices.csv")
    (folder / "plan.json").write_text(remedy.show(made, "json"))
    return str(folder / "plan.json")


def test_importing_the_package_loads_no_room_and_no_library():
    loaded = loaded_by("import remedy")
    assert not loaded & {*HEAVY, "typing", "re", "dataclasses"}
    assert rooms(loaded) == set()


@pytest.mark.parametrize("word", ["--version", "--help", "-h"])
def test_help_and_version_load_the_porch_alone(word: str):
    loaded = run_by(word)
    assert not loaded & {*HEAVY, "typing", "dataclasses"}
    assert rooms(loaded) == {"__main__", "cli"}


@pytest.mark.parametrize("words", [("completion", "bash"), *((verb, "--help") for verb in _VERBS)], ids=" ".join)
def test_the_help_of_a_command_loads_none_of_its_work(words: tuple[str, ...]):
    loaded = run_by(*words)
    assert not loaded & (set(HEAVY) - {"click"})
    assert {name for name in rooms(loaded) if not re.match(r"__main__|cli\b", name)} <= LIGHT


def test_explaining_and_showing_load_nothing_that_plans(plan: str):
    for words in (("explain", "exposed"), ("show", plan), ("show", plan, "--format", "json")):
        loaded = run_by(*words)
        assert not loaded & (set(HEAVY) - {"click"})
        assert not rooms(loaded) & {"workflow", "reading", "render", "survey", "strategies", "dialects.table"}
    assert not rooms(run_by("explain", "exposed")) & {"plan", "change", "ldif"}


def test_readers_are_loaded_where_they_are_needed():
    loaded = loaded_by("import remedy.reading")
    assert "remedy.stores.files" in loaded
    assert not [
        name for name in loaded if re.match(r"remedy\.(inventories|stores\.(administrator|folders|ldap))", name)
    ]


def test_dialects_do_not_know_one_another():
    for path in (ROOT / "remedy/dialects").glob("*.py"):
        if path.stem in SHARED:
            continue
        siblings = {other.stem for other in path.parent.glob("*.py")} - {path.stem, *SHARED}
        assert not [name for name in siblings if f"remedy.dialects.{name}" in path.read_text()]
