"""More that can go wrong with a file: each ends with the old file or the new one, and a way on."""

import gzip
import os
from pathlib import Path

import pytest

from remedy.errors import InputError, RemedyError
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


def test_the_folder_is_not_flushed_after_the_rename(desk, monkeypatch):
    real, calls = target_room.sync_folder, []

    def failing(folder):
        calls.append(folder)
        if len(calls) == 2:  # the first is the backup's
            raise OSError(5, "Input/output error")
        real(folder)

    monkeypatch.setattr(target_room, "sync_folder", failing)
    with pytest.raises(InputError, match="in place, but the disk did not confirm it") as caught:
        desk.apply()
    assert "Nothing was changed" not in str(caught.value)
    assert desk.data != desk.old
    monkeypatch.setattr(target_room, "sync_folder", real)
    report = desk.apply(resume=True)
    assert report.counts.already == report.counts.planned
    desk.rollback()
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
