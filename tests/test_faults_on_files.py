"""More that can go wrong with a file: each ends with the old file or the new one, and a way on."""

import gzip
import os
import shutil
from pathlib import Path

import pytest

from remedy import journal as journal_room
from remedy.errors import InputError, RemedyError
from remedy.journal import read_log
from remedy.stores import target as target_room
from tests.test_execution import Desk, disk, needs_root  # noqa: F401 - a fixture


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@needs_root
def test_a_disk_that_has_no_room_for_the_backup(disk):  # noqa: F811 - the fixture itself
    place = disk("256k")
    desk = Desk(place)
    before = desk.names()
    filler = place / "filler"
    free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
    filler.write_bytes(b"x" * max(0, free - 4096))  # less than the file, more than the lock and the journal need
    with pytest.raises(InputError, match="the backup cannot be written: No space left"):
        desk.apply()
    assert desk.data == desk.old
    assert desk.names() == {*before, "filler"}
    filler.unlink()
    desk.apply()
    assert desk.data != desk.old
    desk.rollback()
    assert desk.data == desk.old


@needs_root
def test_a_disk_that_gets_full_before_the_way_back(disk):  # noqa: F811 - the fixture itself
    """At each size of what is left the file is the new or the old one, and the way back is open."""
    seen = set()
    place = disk("256k")
    for room in range(0, 64 << 10, 4096):
        desk = Desk(place)
        desk.apply()
        new, filler = desk.data, place / "filler"
        filler.write_bytes(b"")
        free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
        filler.write_bytes(b"x" * max(0, free - room))
        try:
            desk.rollback()
            seen.add("fine")
            assert desk.data == desk.old
        except InputError as error:
            seen.add(str(error).split(": ")[1])
            assert desk.data in {new, desk.old}
        filler.unlink()
        desk.rollback()
        assert desk.data == desk.old
        assert not [name for name in desk.names() if "remedy-new" in name or name.endswith(".lock")]
        for path in place.iterdir():
            path.unlink()
    assert "fine" in seen
    assert len(seen) > 1, seen


@pytest.mark.parametrize("kind", ["longer", "replaced", "deleted"])
def test_a_change_between_reading_and_the_rename_of_a_rollback_is_not_lost(desk, monkeypatch, kind):
    desk.apply()
    new, copied = desk.data, target_room.copy_changed

    def copy(*args):
        copied(*args)
        if kind == "longer":
            desk.path.write_bytes(new + b"\n")
        elif kind == "replaced":
            other = desk.folder / "other"
            other.write_bytes(new)
            other.replace(desk.path)
        else:
            desk.path.unlink()

    monkeypatch.setattr(target_room, "copy_changed", copy)
    with pytest.raises(RemedyError):
        desk.rollback()
    monkeypatch.undo()
    assert desk.data == new + b"\n" * (kind == "longer") if kind != "deleted" else not desk.path.exists()
    assert not [name for name in desk.names() if "remedy-new" in name or name.endswith(".lock")]
    if kind != "deleted":
        desk.rollback()
        assert desk.data == desk.old + b"\n" * (kind == "longer")


def test_the_folder_is_not_flushed_after_the_rename(desk, monkeypatch):
    real, calls = target_room.sync_folder, []

    def failing(folder):
        calls.append(folder)
        if len(calls) == 2:  # the first is the backup's
            raise OSError(5, "Input/output error")
        real(folder)

    monkeypatch.setattr(target_room, "sync_folder", failing)
    report = desk.apply()
    assert report.unsure
    assert "in place, but the disk did not confirm it" in str(report.trouble)
    assert "Nothing was changed" not in str(report.trouble)
    assert report.counts.applied == 0
    assert desk.data != desk.old
    assert len(read_log(desk.journal).in_doubt) == len(desk.plan.steps)
    monkeypatch.setattr(target_room, "sync_folder", real)
    report = desk.apply(resume=True)
    assert report.counts.already == report.counts.planned
    calls.append("so that the next is the second")
    calls[:] = calls[-1:]
    monkeypatch.setattr(target_room, "sync_folder", failing)
    undone = desk.rollback()
    assert undone.unsure
    assert "in place, but the disk did not confirm it" in str(undone.trouble)
    assert desk.data == desk.old
    monkeypatch.setattr(target_room, "sync_folder", real)
    assert desk.rollback().way == ()


def test_what_a_killed_run_left_of_a_further_backup_goes(desk):
    left = desk.folder / f".{desk.path.name}.{desk.plan.digest[:8]}.bak2.remedy-new"
    left.write_text("half")
    desk.apply()
    assert not left.exists()


def test_the_folder_of_the_journal_goes_while_it_is_begun(desk, monkeypatch):
    folder, claim = desk.folder / "journals", journal_room._claim
    folder.mkdir()

    def gone(beside, place):
        shutil.rmtree(folder)
        claim(beside, place)

    monkeypatch.setattr(journal_room, "_claim", gone)
    with pytest.raises(InputError, match="the journal cannot be written"):
        desk.apply(journal=folder / "journal")
    assert desk.data == desk.old


def test_a_packed_file_under_a_plain_name(desk):
    desk.path.write_bytes(gzip.compress(desk.old, mtime=0))
    packed = desk.data
    for run in (desk.apply, lambda: desk.apply(dry_run=True)):
        with pytest.raises(RemedyError) as caught:
            run()
        assert caught.value.exit_code in {1, 2}
        assert "unpack" in str(caught.value).lower()
        assert desk.data == packed
        assert desk.names() == {"export.ldif", "plan.json"}


@pytest.mark.parametrize("cut", [1, 5, 30, 200])
def test_a_file_that_is_cut_at_its_end(desk, cut):
    desk.path.write_bytes(desk.old[:-cut])
    data, ends = desk.data, []
    for dry_run in (True, False):
        try:
            report = desk.apply(dry_run=dry_run)
            ends.append(report.stop.exit_code if report.stop else report.counts)
        except RemedyError as error:
            ends.append(error.exit_code)
            assert desk.data == data
            assert not Path(desk.journal).exists()
    assert ends[0] == ends[1]
    if desk.journal.exists():
        desk.rollback()
        assert desk.data == data


def test_what_a_killed_run_left_beside_the_file_goes_with_the_next_one(desk):
    desk.apply()
    desk.rollback()
    left = desk.folder / ".export.ldif.remedy-new"
    left.write_bytes(b"half a file")
    assert desk.rollback().way == ()
    assert not left.exists()
