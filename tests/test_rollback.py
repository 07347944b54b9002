"""The way back where a journal touches a record more than once."""

import random

import pytest

from remedy.ldif import dump_entry
from tests.conftest import mailbox
from tests.test_execution import Desk


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    desk.edit("WINGTIP/DEPOT;1", "WINGTIP/DEPOT;1\nRouting-List: MS:NWTRADERS/PO7;1\nRouting-List: MS:NWTRADERS/PO8;1")
    desk.replan()
    thief = dump_entry(mailbox("thief", "ms$NWTRADERS/PO7/POSTMASTER")).encode()
    desk.path.write_bytes(desk.old + thief)
    desk.apply(keep_going=True)
    desk.path.write_bytes(desk.data.replace(thief, b""))
    assert desk.apply(resume=True).counts.applied == 1
    return desk


def test_all_at_once_and_there_again(desk):
    new = desk.data
    undone = desk.rollback()
    assert desk.data == desk.old
    again = desk.rollback(desk.folder / undone.journal)
    assert desk.data == new
    desk.rollback(desk.folder / again.journal)
    assert desk.data == desk.old


@pytest.mark.parametrize("more", [1, 2, 3])
def test_empty_lines_more_or_less_in_front_of_a_touched_record_stay_as_they_are(desk, more):
    (name,) = {str(step.change.dn) for step in desk.plan.steps}
    head = f"\ndn: {name}"
    desk.edit(head, "\n" * more + head)
    desk.rollback()
    assert desk.data == desk.old.replace(head.encode(), b"\n" * more + head.encode())


@pytest.mark.parametrize("seed", range(6))
def test_value_by_value(desk, seed):
    ids = [item["id"] for step in desk.plan.steps for item in step.expects()]
    for name in random.Random(seed).sample(ids, len(ids)):
        assert [back.ids for back in desk.rollback(None, name).way] == [(name,)]
    assert desk.data == desk.old


@pytest.mark.parametrize("first", ["c1.1", "c1.2", "c1.3"])
def test_one_then_made_again_then_all(desk, first):
    desk.rollback(None, first)
    assert desk.apply(resume=True).counts.applied == 1
    desk.rollback()
    assert desk.data == desk.old


def test_value_by_value_where_line_ends_are_mixed(tmp_path):
    desk = Desk(tmp_path)
    lines = desk.path.read_bytes().splitlines()
    desk.path.write_bytes(b"".join(line + (b"\r\n" if number % 2 else b"\n") for number, line in enumerate(lines)))
    desk.replan()
    ids = [item["id"] for step in desk.plan.steps for item in step.expects()]
    for order in (ids, ids[::-1]):
        desk.apply()
        for name in order:
            desk.rollback(None, name)
        assert desk.data == desk.old
        desk.journal.unlink()
