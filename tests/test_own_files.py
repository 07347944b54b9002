"""The files of a run: none is another, none takes somebody's place, and what is said of them is true."""

from pathlib import Path

import pytest

from remedy.errors import InputError, Refused, RemedyError, Stale, UsageError
from remedy.ldif import dump_entry
from remedy.stores.apart import backup_of, beside, lock_of
from tests.conftest import mailbox
from tests.test_execution import Desk, results

OTHERS = dump_entry(mailbox("others")).encode()


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def own(desk):
    path = desk.path
    return {
        "journal": {"output": desk.journal},
        "backup": {
            "output": backup_of(desk.folder / "copy.ldif", desk.plan.digest),
            "journal": backup_of(backup_of(desk.folder / "copy.ldif", desk.plan.digest), desk.plan.digest),
        },
        "lock": {"journal": lock_of(path)},
        "backup of the target": {"journal": backup_of(path, desk.plan.digest)},
        "new file": {"journal": beside(path)},
        "new file of the copy": {"output": desk.folder / "copy.ldif", "journal": beside(desk.folder / "copy.ldif")},
        "new journal": {"output": beside(desk.journal)},
        "new backup": {"journal": beside(backup_of(path, desk.plan.digest))},
    }


@pytest.mark.parametrize(
    "name",
    [
        "journal",
        "backup",
        "lock",
        "backup of the target",
        "new file",
        "new file of the copy",
        "new journal",
        "new backup",
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_two_of_them_are_never_one(desk, name, dry_run):
    before = desk.snapshot()
    with pytest.raises(UsageError, match="would be one file"):
        desk.apply(dry_run=dry_run, **own(desk)[name])
    assert desk.snapshot() == before


def test_the_target_may_be_named_as_the_output(desk):
    desk.apply(output=desk.path, resume=False)
    assert desk.data != desk.old


def test_a_link_to_itself_is_said(desk):
    loop = desk.folder / "loop"
    loop.symlink_to(loop)
    with pytest.raises(InputError, match="leads to itself"):
        desk.apply(output=loop)


def test_a_journal_without_a_folder_leaves_nothing(desk):
    before = desk.names()
    with pytest.raises(InputError, match="its folder is not there"):
        desk.apply(journal=desk.folder / "nowhere" / "journal")
    assert desk.names() == before


# --- The copy ---------------------------------------------------------------------------------------------------------


def test_a_copy_that_others_changed_is_not_written_over(desk):
    copy = desk.folder / "copy.ldif"
    desk.apply(output=copy)
    assert desk.data == desk.old
    copy.write_bytes(copy.read_bytes() + OTHERS)
    changed = copy.read_bytes()
    report = desk.apply(output=copy, resume=True)
    assert set(results(report).values()) == {"already"}
    assert copy.read_bytes() == changed


def test_going_on_with_a_copy_applies_what_is_missing(desk):
    copy = desk.folder / "copy.ldif"
    report = desk.apply(output=copy)
    full = copy.read_bytes()
    first = report.values[0].id
    from remedy.undoing import RollbackWishes, rollback

    rollback(desk.journal, str(copy), RollbackWishes(only=frozenset({first})), lambda _: True)
    copy.write_bytes(copy.read_bytes() + OTHERS)
    again = desk.apply(output=copy, resume=True)
    assert [name for name, end in results(again).items() if end == "applied"] == [first]
    assert OTHERS in copy.read_bytes()
    assert sorted(copy.read_bytes().replace(OTHERS, b"").splitlines()) == sorted(full.splitlines())
    assert desk.data == desk.old


def test_a_file_that_appears_where_the_copy_was_to_go(desk):
    copy = desk.folder / "copy.ldif"
    with pytest.raises(Refused, match="is there already"):
        desk.apply(output=copy, confirm=lambda _: bool(copy.write_text("mine")))
    assert copy.read_text() == "mine"
    assert not desk.journal.exists()


def test_a_copy_leaves_its_origin_and_the_folder_of_it_alone(desk, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    before = desk.names()
    report = desk.apply(output=elsewhere / "copy.ldif", journal=elsewhere / "journal")
    assert desk.names() == before | {"elsewhere"}
    assert {path.name for path in elsewhere.iterdir()} == {"copy.ldif", "journal"}
    assert report.backup == ""


# --- The backup -------------------------------------------------------------------------------------------------------


def test_what_is_said_of_the_backup_after_going_on_is_true(desk):
    first = desk.apply()
    desk.rollback()
    desk.path.write_bytes(desk.data + b"\n" + OTHERS)
    before = desk.data
    report = desk.apply(resume=True)
    assert Path(report.backup).read_bytes() == before
    assert Path(first.backup).read_bytes() == desk.old
    assert report.backup != first.backup


def test_going_on_with_nothing_to_do_makes_no_further_backup(desk):
    first = desk.apply()
    names = desk.names()
    report = desk.apply(resume=True)
    assert report.counts.applied == 0
    assert desk.names() == names
    assert report.backup in {"", first.backup}


# --- The journals of rollbacks ----------------------------------------------------------------------------------------


def test_notes_beside_a_journal_do_no_harm(desk):
    desk.apply()
    (desk.folder / "plan.json.journal.rollback-notes.txt").write_text("remember the milk")
    (desk.folder / "plan.json.journal.rollback old").mkdir()
    desk.rollback()
    assert desk.data == desk.old


def test_a_folder_that_moved_keeps_the_way_back(desk, tmp_path):
    report = desk.apply()
    desk.rollback(None, report.values[0].id)
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)
    desk.folder, desk.path, desk.journal = moved, moved / "export.ldif", moved / "plan.json.journal"
    assert desk.apply(resume=True).counts.applied == 1
    desk.rollback(None, report.values[0].id)
    desk.rollback()
    assert desk.data == desk.old


def test_a_way_back_that_was_taken_is_told_from_one_that_is_gone(desk):
    desk.apply()
    desk.rollback()
    assert desk.rollback().way == ()
    (desk.folder / "plan.json.journal.rollback").unlink()
    with pytest.raises(Stale, match="none of it"):
        desk.rollback()


def test_a_dry_run_of_the_way_back_needs_no_right_to_write(desk, monkeypatch):
    desk.apply()
    before = desk.snapshot()
    monkeypatch.setattr("os.access", lambda *_: False)
    assert desk.rollback(dry_run=True).way
    with pytest.raises(InputError, match="may not be written"):
        desk.rollback()
    assert desk.snapshot() == before


def test_what_was_changed_and_could_not_be_noted_is_told(desk, no_room_for_ends):
    report = desk.apply()
    assert report.unsure
    assert report.counts.applied == report.counts.planned
    assert isinstance(report.trouble, RemedyError)
    no_room_for_ends()
    desk.rollback()
    assert desk.data == desk.old
