"""Files that are written below a folder: each whole or not at all, few or many."""

import errno
import os
import stat
from pathlib import Path

import pytest

from remedy.errors import InputError, Refused
from remedy.stores.output import write_files, write_whole

FEW, MANY = 3, 100


def files(number):
    return {f"{n % 7}/{n}.txt": (b"%d\r\n" % n, n == 0) for n in range(number)}


def found(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("number", [FEW, MANY])
def test_all_are_there_and_nothing_else(tmp_path, number):
    write_files(tmp_path / "out", files(number))
    assert found(tmp_path / "out") == {name: data for name, (data, _) in files(number).items()}
    assert (tmp_path / "out/0/0.txt").stat().st_mode & stat.S_IXUSR
    assert not (tmp_path / "out/1/1.txt").stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize("number", [FEW, MANY])
def test_where_one_cannot_be_written_none_takes_its_place(tmp_path, number):
    write_files(tmp_path, files(number))
    before = found(tmp_path)
    worse = {name: (b"new", runs) for name, (_, runs) in files(number).items()} | {"0/0.txt/x": (b"", False)}
    with pytest.raises(InputError, match="-d"):
        write_files(tmp_path, worse, replace=True)
    assert found(tmp_path) == before


@pytest.mark.parametrize("number", [FEW, MANY])
def test_a_full_disk_leaves_nothing_behind(tmp_path, number, monkeypatch):
    def full(self, *_):
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match="Make room"):
        write_files(tmp_path, files(number))
    assert found(tmp_path) == {}


def test_what_is_there_already_is_kept(tmp_path):
    write_files(tmp_path, files(FEW))
    write_files(tmp_path, files(FEW))
    (tmp_path / "1/1.txt").write_bytes(b"mine")
    with pytest.raises(Refused, match="--replace"):
        write_files(tmp_path, files(FEW))
    write_files(tmp_path, files(FEW), replace=True)
    assert (tmp_path / "1/1.txt").read_bytes() == b"1\r\n"


@pytest.mark.parametrize("number", [FEW, MANY])
def test_a_folder_in_the_place_of_a_file_stops_it_before_anything_is_written(tmp_path, number):
    (tmp_path / "2/2.txt").mkdir(parents=True)
    with pytest.raises(Refused, match="--replace"):
        write_files(tmp_path, files(number))
    with pytest.raises(InputError, match=r"2/2\.txt: cannot be written.*\s+Take the folder of this name away"):
        write_files(tmp_path, files(number), replace=True)
    assert found(tmp_path) == {}


def test_a_link_that_leads_nowhere_is_somebodys_too(tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "1/1.txt").symlink_to(tmp_path / "absent")
    with pytest.raises(Refused, match="--replace"):
        write_files(tmp_path, files(FEW))
    assert (tmp_path / "1/1.txt").is_symlink()
    write_files(tmp_path, files(FEW), replace=True)
    assert (tmp_path / "1/1.txt").read_bytes() == b"1\r\n"
    assert not (tmp_path / "absent").exists()


def test_who_may_not_read_may_not_run(tmp_path):
    before = os.umask(0o077)
    try:
        write_files(tmp_path, files(FEW))
    finally:
        os.umask(before)
    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.rglob("*.txt")} == {"0o700", "0o600"}


def pieces_and_a_fault():
    yield "new"
    raise ZeroDivisionError


def test_pieces_make_one_file_and_a_fault_among_them_leaves_the_old_one(tmp_path):
    path = tmp_path / "plan.json"
    write_whole(str(path), iter(("ol", "d", "\udc80\n")))
    assert path.read_bytes() == b"old\\udc80\n"
    with pytest.raises(ZeroDivisionError):
        write_whole(str(path), pieces_and_a_fault())
    assert found(tmp_path) == {"plan.json": b"old\\udc80\n"}
