"""The hazards of a plan stand at the head of every script, and gate its forward way as they gate ``remedy apply``."""

import re
from dataclasses import replace

import pytest

from remedy import workflow
from remedy.hazards import hazards_of
from remedy.rendering import scripts_of
from remedy.scripts import FORMATS
from remedy.stores.memory import MemoryStore
from tests.active_directory import peopled_ad
from tests.conftest import ENTRIES

EVIL = "x\r\ncalc & rem _\n' _"
SWITCHES = {
    "ldapmodify": "--allow {}",
    "ldifde": "/allow {}",
    "exchange-csv": "/allow {}",
    "vbscript": "/allow:{}",
    "powershell": "'{}'",
}
EACH = [
    (dialect, name)
    for name in SWITCHES
    for dialect in ("exchange55", "active-directory")
    if dialect in FORMATS[name].dialects
]


def plan_of(dialect):
    """Give a plan that has hazards."""
    entries = peopled_ad(ENTRIES) if dialect == "active-directory" else ENTRIES
    wishes = workflow.Wishes(new_mailbox="GATE") if dialect == "exchange55" else workflow.Wishes(max_proxies=900)
    return workflow.plan(MemoryStore(entries), wishes=wishes)


def files(plan, name):
    """Give the files of a format as text, by name."""
    return {script.name.rpartition("/")[2]: script.data.decode("cp1252") for script in scripts_of(plan, [name])}


def scripts(made, way):
    """Give the scripts of one way; what is read by one is none."""
    return [text for name, text in made.items() if re.fullmatch(rf"{way}\.(sh|cmd|vbs|ps1)", name)]


def test_there_are_hazards():
    assert {item.name for item in hazards_of(plan_of("exchange55"))} == {"creates-mailbox", "dirsync-wipe"}
    assert {item.name for item in hazards_of(plan_of("active-directory"))} == {"over-limit"}


@pytest.mark.parametrize(("dialect", "name"), EACH)
def test_each_hazard_is_at_the_head_and_its_detail_is_told(dialect, name):
    plan = plan_of(dialect)
    made = files(plan, name)
    for hazard in hazards_of(plan):
        for text in (*scripts(made, "apply"), *scripts(made, "undo")):
            assert hazard.name in text.partition("1 failed")[0].partition("1  failed")[0]
        told = " ".join("".join(made.values()).replace('"', " ").replace("' ", " ").replace("#", " ").split())
        assert hazard.detail in told


@pytest.mark.parametrize(("dialect", "name"), EACH)
def test_the_way_there_is_gated_with_the_very_switch_and_the_way_back_is_not(dialect, name):
    plan = plan_of(dialect)
    made = files(plan, name)
    (there,), (back,) = scripts(made, "apply"), scripts(made, "undo")
    for hazard in hazards_of(plan):
        assert SWITCHES[name].format(hazard.name) in there
        assert SWITCHES[name].format(hazard.name) not in back
    assert "the plan has hazards that nobody allowed" in there
    assert "The plan has hazards" in there, "a dry run says so too"
    assert "nobody allowed." not in back


@pytest.mark.parametrize(("dialect", "name"), EACH)
def test_a_plan_without_hazards_asks_for_no_leave(dialect, name):
    entries = peopled_ad(ENTRIES) if dialect == "active-directory" else ENTRIES
    plan = workflow.plan(MemoryStore(entries), wishes=workflow.Wishes(exchange_version="5.5"))
    assert hazards_of(plan) == ()
    made = files(plan, name)
    assert "hazards.txt" not in made
    assert "nobody allowed:" not in "".join(made.values())
    assert "The plan has hazards" not in "".join(made.values())


@pytest.mark.parametrize("name", [name for dialect, name in EACH if dialect == "exchange55"])
def test_what_a_plan_does_not_name_its_changes_show(name):
    made = files(replace(plan_of("exchange55"), hazards=()), name)
    assert SWITCHES[name].format("creates-mailbox") in made[scripts_name(made)]


def scripts_name(made):
    """Give the name of the script of the way there."""
    return next(name for name in made if re.fullmatch(r"apply\.(sh|cmd|vbs|ps1)", name))


def test_records_name_the_hazards_and_who_allows_them():
    plan = plan_of("exchange55")
    for name in ("ldif", "ldifde"):
        for file, text in files(plan, name).items():
            if file.endswith((".ldif", ".ldf")):
                assert all(f"# Hazard of the plan, {item.name}: {item.detail}" in text for item in hazards_of(plan))
                assert ("allows" in text.partition("dn:")[0]) == file.startswith("change")


@pytest.mark.parametrize(("dialect", "name"), [*EACH, ("exchange55", "ldif"), ("active-directory", "ldif")])
def test_what_a_plan_file_says_of_a_hazard_stays_a_comment(dialect, name):
    plan = plan_of(dialect)
    long = " ".join([EVIL, "word " * 200])
    named = tuple({"name": item["name"], "detail": long} for item in plan.hazards)
    for file, text in files(replace(plan, hazards=named), name).items():
        lines = text.splitlines()
        mark = {"vbs": "'", "txt": " ", "ps1": "#", "sh": "#", "ldif": "#", "ldf": "#"}.get(file.rpartition(".")[2])
        assert all(line.startswith(mark) for line in lines if "calc & rem" in line)
        assert file.endswith((".cmd", ".check", ".addresses", ".given", ".taken", ".csv", ".ini")) == (
            not any("calc & rem" in line for line in lines)
        )
        if file.endswith((".vbs", ".ps1")):
            assert max(map(len, lines)) <= 450
        assert not (file.endswith(".vbs") and any(line.endswith("_") for line in lines))


def test_powershell_asks_for_leave_after_all_is_looked_at_and_before_anything_is_written():
    text = files(plan_of("active-directory"), "powershell")["apply.ps1"]
    places = [text.index(word) for word in ("if ($wrong) {", "Stop-Script 4", "$PSCmdlet.ShouldProcess")]
    assert places == sorted(places)
