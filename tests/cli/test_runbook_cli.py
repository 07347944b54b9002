"""``remedy runbook``: what goes to stdout and to the file, in which form, and how it ends."""

import re
from pathlib import Path

import pytest

from remedy import workflow
from tests.scripts_harness import DIALECTS, company_plan

FORMS = {"markdown": "md", "html": "html"}
BEGINS = {"markdown": "# Runbook against mail loops", "html": "<!DOCTYPE html>"}
PICTURES = re.compile(r"(?s)(?<=<style>).*?(?=</style>)|<svg .*?</svg>|(?<=```mermaid\n).*?(?=\n```)")
"""What the golden files leave out: it is drawn and styled elsewhere, and tests/test_drawing.py looks at it."""


@pytest.fixture
def plan(here):
    """Write the plan of the one company down."""

    def write(dialect="exchange55", name="plan.json"):
        Path(name).write_text(workflow.show(company_plan(dialect), "json"), encoding="utf-8")
        return name

    return write


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("form", "ending"), FORMS.items())
def test_golden(remedy, plan, golden, *, dialect, form, ending):
    folder = Path(__file__).parents[1] / "golden" / "runbook"
    folder.mkdir(exist_ok=True)
    ran = remedy("runbook", plan(dialect), "-o", f"runbook.{ending}")
    assert ran.code == 0
    text = Path(f"runbook.{ending}").read_text(encoding="utf-8")
    assert len(PICTURES.findall(text)) > 3
    golden(f"runbook/{dialect}.{ending}", PICTURES.sub("…", text))
    summary = remedy("runbook", plan(dialect), "--summary", "--format", form).out
    golden(f"runbook/{dialect}-summary.{ending}", PICTURES.sub("…", summary))


@pytest.mark.parametrize(
    ("words", "form"), [((), "markdown"), (("--format", "html"), "html"), (("-o", "-"), "markdown")]
)
def test_stdout_follows_the_format(remedy, plan, words, form):
    ran = remedy("runbook", plan(), *words)
    assert ran.code == 0
    assert ran.out.lstrip().startswith(BEGINS[form])
    assert ran.err == ""


@pytest.mark.parametrize(
    ("name", "form"), [("a.html", "html"), ("a.HTM", "html"), ("a.md", "markdown"), ("new.markdown", "markdown")]
)
def test_a_file_follows_its_ending_and_stdout_still_the_format(remedy, plan, name, form):
    for asked in FORMS:
        ran = remedy("runbook", plan(), "-o", name, "--format", asked)
        assert ran.code == 0
        assert Path(name).read_text(encoding="utf-8").lstrip().startswith(BEGINS[form])
        assert ran.out.lstrip().startswith(BEGINS[asked])
        assert f"The runbook is in {name}" in ran.err


def test_an_ending_that_says_nothing_is_2_and_nothing_is_written(remedy, plan):
    for name in ("runbook", "runbook.pdf", "runbook.txt"):
        ran = remedy("runbook", plan(), "-o", name)
        assert ran.code == 2
        assert ".html, .htm, .md and .markdown" in ran.err
        assert not Path(name).exists()


def test_the_lines_name_the_plan_as_it_was_given(remedy, plan):
    assert "remedy apply 'my plan.json' TARGET --dry-run" in remedy("runbook", plan(name="my plan.json")).out
    text = remedy("runbook", "-", stdin=Path(plan()).read_bytes()).out
    assert "remedy apply PLAN TARGET --dry-run" in text


def test_the_whole_story_from_the_sample(remedy):
    remedy("plan", "fabrikam.ldif", "postoffices.csv", "--exchange-version", "5.5", "-o", "plan.json")
    text = remedy("runbook", "plan.json").out
    assert "IMCEAMS-NWTRADERS_PO1_POSTMASTER@seattle.fabrikam.com" in text
    assert "Check the service pack first." in text


def test_templates_of_ones_own(remedy, plan):
    Path("mine").mkdir()
    Path("mine/summary.md.j2").write_text("mine: {{ book.signs | length | number }}\n", encoding="utf-8")
    assert remedy("runbook", plan(), "--summary", "--templates", "mine").out == "mine: 9\n"
    assert remedy("runbook", plan(), "--templates", "mine").out.startswith(BEGINS["markdown"])
    Path("other").mkdir()
    ran = remedy("runbook", plan(), "--templates", "other")
    assert ran.code == 2
    assert "runbook.md.j2 and summary.md.j2" in ran.err


@pytest.mark.parametrize(
    ("words", "code"),
    [((), 2), (("",), 2), (("nosuch.json",), 1), (("fabrikam.ldif",), 1), (("plan.json", "--format", "pdf"), 2)],
)
def test_what_cannot_be_written(remedy, plan, words, code):
    plan()
    assert remedy("runbook", *words).code == code


def test_a_plan_that_was_changed_is_stale(remedy, plan):
    text = Path(plan()).read_text(encoding="utf-8")
    Path("plan.json").write_text(text.replace("exchange55", "exchange5x"), encoding="utf-8")
    assert remedy("runbook", "plan.json", "-o", "a.html").code == 5
    assert not Path("a.html").exists()


def test_a_file_that_cannot_be_written_is_1(remedy, plan):
    assert remedy("runbook", plan(), "-o", "nosuch/a.html").code == 1
