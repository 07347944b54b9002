"""Reports on a terminal: each step with what became of it, and nothing that could play tricks."""

import pytest

from remedy.reports import apply_lines, rollback_lines, verify_lines
from remedy.wayback.steps import not_applied

EVIL = "\x1b]0;EVIL\x07\x1b[31m"
RESULTS = ("undone", "skipped", "unknown", "failed")


def text(lines):
    return "\n".join(line.text for line in lines)


def rolled_back(*results, dry_run=False, name="c1"):
    steps = [
        {"id": name, "dn": f"cn=m{number}", "values": [f"{name}.{number}"], "result": result, "by_hand": None}
        for number, result in enumerate(results)
    ]
    done = results.count("undone")
    return {"dry_run": dry_run, "steps": steps, "summary": {"steps": done, "values": done}}


def test_each_step_of_a_rollback_has_its_result():
    lines = [line.text.split() for line in rollback_lines(rolled_back(*RESULTS), 80)]
    assert lines[:4] == [[result, f"cn=m{n}:", f"c1.{n}"] for n, result in enumerate(RESULTS)]
    (last,) = [line.text for line in rollback_lines(rolled_back(*RESULTS), 99)][4:]
    assert last == "1 value of 1 entry undone; 1 entry skipped; 1 entry unknown; 1 entry failed."


def test_before_it_no_step_has_a_result():
    shown = text(rollback_lines(rolled_back("undone", "undone", dry_run=True), 80))
    assert shown == "  - cn=m0: c1.0\n  - cn=m1: c1.1\n2 values of 2 entries would be undone."


@pytest.mark.parametrize("dry_run", [True, False])
def test_ids_cannot_play_tricks(dry_run):
    value = {"id": EVIL, "dn": "cn=m", "what": "w", "result": "applied", "expected": "", "found": ""}
    counts = dict.fromkeys(("planned", "applied", "already", "skipped", "conflict", "failed"), 1)
    checked = {"id": EVIL, "landed": True, "missing": []}
    sums = dict.fromkeys(("delivering", "postoffices", "skipped", "landed", "changes"), 0)
    reports = [
        apply_lines({"dry_run": dry_run, "values": [value], "summary": counts}, 80),
        rollback_lines(rolled_back("undone", dry_run=dry_run, name=EVIL), 80),
        verify_lines({"changes": [checked], "findings": [], "summary": sums}, 80),
    ]
    for lines in reports:
        shown = text(lines)
        assert "EVIL" in shown
        assert "\x1b" not in shown
        assert "\x07" not in shown


def test_an_id_that_was_not_applied_cannot_play_tricks():
    with pytest.raises(Exception, match="EVIL") as caught:
        not_applied(frozenset({EVIL}), [{"values": [f"{EVIL}2"]}])
    assert "\x1b" not in str(caught.value)
