"""The public names, and what the README promises of them."""

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import remedy
import remedy.cli
import remedy.dialects

ROOT = Path(__file__).parent.parent


def test_all_is_what_is_there():
    assert sorted(remedy.__all__) == remedy.__all__
    assert all(hasattr(remedy, name) for name in remedy.__all__)


ORDERS = (
    "import remedy.survey, remedy.plan, remedy.runbook",
    "import remedy.workflow, remedy.rendering",
    "remedy.survey, remedy.plan, remedy.runbook; import remedy.runbook, remedy.plan, remedy.survey",
    "from remedy.plan import Plan; from remedy.survey import survey; from remedy.runbook import runbook_document",
    "from importlib import import_module; [import_module(f'remedy.{name}') for name in ('survey', 'plan', 'runbook')]",
    "from remedy import *; import remedy.plan",
    "import importlib, remedy.plan; importlib.reload(remedy); import remedy.survey",
)


@pytest.mark.parametrize("code", ORDERS)
def test_a_verb_with_the_name_of_a_room_stays_the_verb(code):
    check = (
        "from types import FunctionType; import sys\n"
        "assert all(type(verb) is FunctionType for verb in (remedy.survey, remedy.plan, remedy.runbook))\n"
        "from remedy import survey, plan, runbook; assert type(plan) is FunctionType\n"
        "from remedy.plan import Plan; assert Plan is remedy.Plan is sys.modules['remedy.plan'].Plan\n"
        "from remedy.survey import Survey; assert Survey is remedy.Survey"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import remedy\n{code}\n{check}"], cwd=ROOT, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_names_are_known_before_they_are_loaded():
    code = "import remedy, sys; assert {*remedy.__all__, '__version__'} <= set(dir(remedy)); print('remedy.plan' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True).stdout == b"False\n"
    assert set(remedy.__all__) == {*remedy._HOMES, "__version__"}


def test_what_is_not_there_is_said_as_ever():
    for package in (remedy, remedy.cli, remedy.dialects):
        with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'nosuch'"):
            _ = package.nosuch
    with pytest.raises(ImportError, match="cannot import name 'nosuch'"):
        exec("from remedy import nosuch")


def test_a_verb_can_be_replaced(monkeypatch):
    monkeypatch.setattr(remedy, "survey", len)
    assert remedy.survey("abc") == 3


def test_every_public_name_is_documented():
    for name in set(remedy.__all__) - {"__version__"}:
        assert getattr(remedy, name).__doc__


def test_readme_examples_hold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried > 5
    assert failed == 0


def test_readme_names_every_command_and_exit_code():
    from remedy.cli import _VERBS

    text = (ROOT / "README.md").read_text()
    for verb in set(_VERBS) - {"demo"}:
        assert f"remedy {verb}" in text
    for code in (0, 1, 2, 3, 4, 5, 130):
        assert f"| {code} |" in text


def test_unknown_form_is_refused(tmp_path):
    remedy.demo.write_sample(tmp_path / "estate")
    plan = remedy.plan(tmp_path / "estate" / "fabrikam.ldif")
    with pytest.raises(remedy.UsageError, match="There is no form 'pdf'"):
        remedy.show(plan, "pdf")
