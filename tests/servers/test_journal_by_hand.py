"""A person with ldapmodify and the journal, and nothing else, gets there and back."""

import json

import pytest

from tests.test_execution import Desk

pytestmark = pytest.mark.server


def test_there_and_back_by_hand(tmp_path, slapd):
    (tmp_path / "desk").mkdir()
    desk = Desk(tmp_path / "desk")
    before = slapd.export("*")
    desk.path.write_text(before)
    desk.replan()
    assert desk.plan.steps
    desk.apply()
    events = [json.loads(line) for line in desk.journal.read_text().splitlines()]
    steps = [event for event in events if event["event"] == "intend"]
    for step in steps:
        slapd.modify(step["do"])
    after = slapd.export("*")
    assert after != before
    for step in steps:
        for value in [line for line in step["do"].splitlines() if line.startswith("otherMailbox")]:
            assert value in after
    for step in reversed(steps):
        slapd.modify(step["undo"])
    assert slapd.export("*") == before
