"""The lock and the replacing of a target."""

import os
from pathlib import Path

import pytest

from remedy.errors import InputError, Refused, Stale
from remedy.stores import target as room
from remedy.stores.rewrite import Touch
from remedy.stores.target import LdifTarget, locked


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
    copied = room._copy

    def copy(*args):
        copied(*args)
        seen.append(os.fstat(args[1].fileno()).st_mode & 0o777)

    monkeypatch.setattr(room, "_copy", copy)
    LdifTarget(path).replace([])
    assert seen == [0o600]


def test_no_file(tmp_path):
    with pytest.raises(InputError):
        LdifTarget(tmp_path / "nonesuch")
