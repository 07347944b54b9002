"""The public names, and what the README promises of them."""

import doctest
from pathlib import Path

import pytest

import remedy

ROOT = Path(__file__).parent.parent


def test_all_is_what_is_there():
    assert sorted(remedy.__all__) == remedy.__all__
    assert all(hasattr(remedy, name) for name in remedy.__all__)


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
