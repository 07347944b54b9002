"""``remedy render``: which formats there are, what is written where, and how it ends."""

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from remedy import workflow
from remedy.change import Add
from remedy.ldif import dump_change, parse_changes
from remedy.rendering import scripts_of
from remedy.scripts import FORMATS
from remedy.stores.memory import MemoryStore
from tests.conftest import addressing, connector, mailbox
from tests.scripts_harness import DIALECTS, company_plan, plans

OURS = ("ldif", "ldapmodify")


@pytest.fixture
def plan(here):
    """Write the plan of the one company down."""

    def write(dialect="exchange55", name="plan.json"):
        Path(name).write_text(workflow.show(company_plan(dialect), "json"), encoding="utf-8")
        return name

    return write


def files(folder):
    """Give what lies below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()
    }


def test_each_format_gets_a_folder_and_every_file_is_listed(remedy, plan):
    ran = remedy("render", plan(), *OURS, "-d", "new/scripts")
    assert ran.code == 0
    assert ran.out.splitlines() == [f"new/scripts/{name}" for name in (
        "ldif/change.ldif", "ldif/undo.ldif", "ldapmodify/apply.sh", "ldapmodify/undo.sh",
    )]  # fmt: skip
    assert "4 files written" in ran.err
    assert sorted(files("new/scripts")) == sorted(line.removeprefix("new/scripts/") for line in ran.out.splitlines())
    assert os.access("new/scripts/ldapmodify/apply.sh", os.X_OK)
    assert not os.access("new/scripts/ldif/change.ldif", os.X_OK)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_plan_gives_the_same_bytes(remedy, plan, dialect):
    fitting = [name for name, each in FORMATS.items() if dialect in each.dialects and not each.by_hand]
    for folder in ("one", "two"):
        assert remedy("render", plan(dialect), *fitting, "-d", folder).code == 0
    assert files("one") == files("two")
    assert remedy("render", plan(dialect), *reversed(fitting), "-d", "one").code == 0  # the same again is no harm
    assert files("one") == files("two")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_ldif_is_the_plan_and_its_way_back(remedy, plan, dialect):
    remedy("render", plan(dialect), "ldif", "-d", "out")
    made = company_plan(dialect)
    there = parse_changes(Path("out/ldif/change.ldif").read_bytes(), "change.ldif")
    assert [*map(dump_change, there)] == [*map(dump_change, made.changes)]
    back = parse_changes(Path("out/ldif/undo.ldif").read_bytes(), "undo.ldif")
    assert [change.dn for change in back] == [change.dn for change in reversed(there)]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", OURS)
def test_golden(remedy, plan, golden, dialect, name):
    folder = Path(__file__).parents[1] / "golden" / "scripts" / dialect / name
    folder.mkdir(parents=True, exist_ok=True)
    remedy("render", plan(dialect), name, "-d", "out")
    for file, data in files(f"out/{name}").items():
        golden(f"scripts/{dialect}/{name}/{file}", data.decode("ascii"))


@given(case=plans())
@settings(max_examples=20)
def test_show_and_render_give_the_same_records(case):
    (change, _) = scripts_of(case.plan, ["ldif"])
    shown = workflow.show(case.plan, "ldif")
    assert change.data.decode("ascii").endswith(shown.removeprefix("version: 1\n\n"))


def test_a_format_that_does_not_fit_is_wrong_usage_and_those_that_do_are_listed(remedy, plan):
    for dialect in DIALECTS:
        fitting = [name for name, each in FORMATS.items() if dialect in each.dialects]
        for name in {*FORMATS, "nonsense"} - {*fitting}:
            ran = remedy("render", plan(dialect), "ldif", name, "-d", "out")
            assert ran.code == 2
            assert all(word in ran.err for word in fitting)
            assert not [word for word in {*FORMATS} - {*fitting, name} if word in ran.err]
            assert not Path("out").exists()


def test_wrong_usage(remedy, plan):
    assert remedy("render", plan(), "-d", "out").code == 2
    assert remedy("render", plan(), "ldif").code == 2
    assert remedy("render").code == 2


def test_what_is_there_is_not_written_over_unless_asked(remedy, plan):
    remedy("render", plan(), "ldif", "-d", "out")
    held = files("out")
    Path("out/ldif/change.ldif").write_text("mine\n")
    ran = remedy("render", plan(), *OURS, "-d", "out")
    assert ran.code == 4
    assert "--replace" in ran.err
    assert Path("out/ldif/change.ldif").read_text() == "mine\n"
    assert not Path("out/ldapmodify").exists()
    assert remedy("render", plan(), "ldif", "-d", "out", "--replace").code == 0
    assert files("out") == held


def test_a_plan_that_was_changed_is_refused(remedy, plan):
    name = plan()
    document = json.loads(Path(name).read_text())
    document["changes"][0]["reason"] = "another"
    Path(name).write_text(json.dumps(document))
    assert remedy("render", name, "ldif", "-d", "out").code == 5
    assert not Path("out").exists()


@pytest.mark.parametrize("text", [None, "", "{}", "\x00"])
def test_what_is_no_plan_fails(remedy, text):
    if text is not None:
        Path("plan.json").write_text(text)
    assert remedy("render", "plan.json", "ldif", "-d", "out").code == 1
    assert not Path("out").exists()


def test_a_plan_without_changes_and_a_folder_that_cannot_be(remedy, plan):
    full = (addressing(), connector("MS:NWTRADERS/PO2;1"), mailbox("Postmaster", "ms$NWTRADERS/PO2/POSTMASTER"))
    Path("none.json").write_text(workflow.show(workflow.plan(MemoryStore(full)), "json"))
    ran = remedy("render", "none.json", "ldif", "-d", "out")
    assert ran.code == 1
    assert "changes nothing" in ran.err
    Path("file").write_text("x")
    ran = remedy("render", plan(), "ldif", "-d", "file")
    assert ran.code == 1
    assert "-d" in ran.err


def test_a_new_entry_that_no_script_could_take_back_is_refused(remedy):
    plan = company_plan("exchange55")
    entry = plan.steps[0].change.entry.with_values("otherMailbox", (b"MS$FABRIKAM/SEATTLE/MSPMGATE",))
    odd = replace(plan, steps=(replace(plan.steps[0], change=Add(entry)),))
    Path("odd.json").write_text(workflow.show(odd, "json"))
    for name in OURS:
        ran = remedy("render", "odd.json", name, "-d", "out")
        assert ran.code == 1
        assert "no script has a way back" in ran.err


def large(number):
    """Give a plan for many postoffices."""
    spaces = (f"MS:NET{at // 1000}/PO{at};1" for at in range(number))
    return workflow.plan(MemoryStore((addressing(), connector(*spaces), mailbox("Postmaster"))))


@pytest.mark.no_cover
def test_the_time_it_takes_grows_with_the_plan_and_no_faster():
    took = {}
    for number in (500, 2000):
        plan = large(number)
        scripts_of(plan, OURS)
        begun = time.process_time()
        scripts_of(plan, OURS)
        took[number] = time.process_time() - begun
    assert took[2000] < 10 * took[500] + 0.5
