"""The lock and the replacing of a target."""

import errno
import os
from pathlib import Path

import pytest

from remedy.errors import InputError, Refused, Stale
from remedy.stores import target as room
from remedy.stores.rewrite import Touch
from remedy.stores.target import LdifTarget, locked, target_file


def test_a_lock_is_let_go_of_whatever_happens(tmp_path):
    path = tmp_path / "export.ldif"
    path.write_text("dn: o=FABRIKAM\n")
    with pytest.raises(ValueError, match="mine"), locked(path):
        raise ValueError("mine")
    assert list(tmp_path.iterdir()) == [path]
    with locked(path), pytest.raises(Refused), locked(path):
        pass
    with locked(path):
        pass


def test_a_lock_that_was_taken_away_while_we_came_is_none(tmp_path, monkeypatch):
    path = tmp_path / "export.ldif"
    real = os.open

    def slow(name, *args):
        handle = real(name, *args)
        Path(name).unlink()  # the run that held it ends just now
        return handle

    monkeypatch.setattr(room.os, "open", slow)
    with pytest.raises(Refused), locked(path):
        pass


@pytest.mark.parametrize(
    "touches",
    [
        [Touch("o=FABRIKAM", 0, b"dn: o=WINGTIP", b"x")],
        [Touch("o=FABRIKAM", 0, b"dn: o=FABRIKAM", b"x"), Touch("o=FABRIKAM", 4, b"o", b"y")],
        [Touch("o=FABRIKAM", 99, b"", b"y")],
    ],
)
def test_other_bytes_than_expected(tmp_path, touches):
    path = tmp_path / "export.ldif"
    path.write_text("dn: o=FABRIKAM\n")
    with pytest.raises(Stale):
        LdifTarget(path).replace(touches)
    assert path.read_text() == "dn: o=FABRIKAM\n"
    assert list(tmp_path.iterdir()) == [path]


def test_the_new_file_is_nobody_elses_while_it_is_written(tmp_path, monkeypatch):
    path = tmp_path / "export.ldif"
    path.write_text("dn: o=FABRIKAM\n")
    path.chmod(0o600)
    seen = []
    copied = room.copy_changed

    def copy(*args):
        copied(*args)
        seen.append(os.fstat(args[1].fileno()).st_mode & 0o777)

    monkeypatch.setattr(room, "copy_changed", copy)
    LdifTarget(path).replace([])
    assert seen == [0o600]


def test_no_file(tmp_path):
    with pytest.raises(InputError):
        LdifTarget(tmp_path / "nonesuch")


def test_a_link_that_leads_to_itself(tmp_path):
    loop, path = tmp_path / "loop", tmp_path / "export.ldif"
    loop.symlink_to(loop)
    path.write_text("dn: o=FABRIKAM\n")
    with pytest.raises(InputError, match="leads to itself"):
        LdifTarget(loop)
    with pytest.raises(InputError, match="leads to itself"):
        LdifTarget(path, output=loop)
    with pytest.raises(InputError, match="no such file"):
        target_file(str(loop))
    with locked(loop):
        pass
    assert set(tmp_path.iterdir()) == {loop, path}


def test_a_lock_file_that_a_killed_run_left_is_taken_over(tmp_path):
    path = tmp_path / "export.ldif"
    (tmp_path / "export.ldif.lock").touch()
    with locked(path):
        pass
    assert not list(tmp_path.iterdir())


def _file(lock):
    lock.write_text("precious")


def _link(lock):
    lock.symlink_to(lock.with_name("victim"))


@pytest.mark.parametrize("make", [_file, _link, Path.mkdir, os.mkfifo])
def test_what_is_no_lock_is_nobodys_to_take_away(tmp_path, make):
    path, lock = tmp_path / "export.ldif", tmp_path / "export.ldif.lock"
    make(lock)
    before = lock.lstat()
    with pytest.raises(Refused, match=r"export\.ldif\.lock is in the place of the lock"), locked(path):
        pass
    assert lock.lstat() == before
    assert list(tmp_path.iterdir()) == [lock]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
@pytest.mark.parametrize("there", [True, False])
def test_a_lock_that_may_not_be_opened(tmp_path, monkeypatch, number, there):
    path, lock = tmp_path / "export.ldif", tmp_path / "export.ldif.lock"
    if there:
        lock.touch()

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Refused if there else InputError, match=r"export\.ldif\.lock") as caught, locked(path):
        pass
    assert ("another user" in str(caught.value)) is there
    assert lock.exists() is there


def test_a_file_with_two_names_is_not_torn_apart(tmp_path):
    path, other = tmp_path / "export.ldif", tmp_path / "other.ldif"
    path.write_text("dn: o=FABRIKAM\n")
    other.hardlink_to(path)
    with pytest.raises(InputError, match=r"(?s)it has 2 names .* -o"):
        LdifTarget(path)
    LdifTarget(path, output=tmp_path / "copy.ldif").replace([])
    assert (tmp_path / "copy.ldif").read_text() == path.read_text()
    assert path.samefile(other)


def test_a_folder_that_may_not_be_looked_into(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "stat", refuse)
    with pytest.raises(InputError, match=r"closed/export\.ldif: it may not be read"):
        target_file("closed/export.ldif")


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "Make room"), (errno.ENAMETOOLONG, "a shorter name"), (errno.EACCES, "Get leave"),
        (errno.ENOENT, "Make its folder"), (errno.EIO, "Check the disk"),
    ],
)  # fmt: skip
def test_the_advice_fits_what_is_wrong(tmp_path, monkeypatch, number, advice):
    path = tmp_path / "export.ldif"
    path.write_text("dn: o=FABRIKAM\n")

    def fail(*_):
        raise OSError(number, os.strerror(number))

    target = LdifTarget(path)
    monkeypatch.setattr(room, "_fresh", fail)
    for verb in (lambda: target.replace([]), lambda: target.backup(tmp_path / "export.bak")):
        with pytest.raises(InputError, match=advice) as caught:
            verb()
        assert os.strerror(number) in str(caught.value)
        assert "Nothing was changed" in str(caught.value)
