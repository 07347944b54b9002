"""Copying with the system's help and without it: the same bytes, whatever it does."""

import errno
import os

import pytest

from remedy.errors import Stale
from remedy.stores.copying import copy_changed
from remedy.stores.rewrite import Touch

OLD = b"dn: o=FABRIKAM\n" + b"x" * 5000 + b"\nend\n"
WANTED = [
    Touch("o=FABRIKAM", 0, b"dn", b"DN"),
    Touch("o=FABRIKAM", 2, b"", b"!"),
    Touch("end", 5016, b"end", b"the end"),
]
NEW = b"DN!: o=FABRIKAM\n" + b"x" * 5000 + b"\nthe end\n"


def refused(number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    return refuse


def little(source, target, count, offset):
    """Copy a little, then nothing any more: what some file systems do."""
    return real(source, target, min(count, 700), offset) if offset < 2000 else 0


real = getattr(os, "copy_file_range", None)  # Windows and macOS have none


@pytest.mark.parametrize(
    "system", [*([real, little] if real else []), refused(errno.EXDEV), refused(errno.ENOSYS), None]
)
def test_whatever_the_system_does(tmp_path, monkeypatch, system):
    if system is None:
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    else:
        monkeypatch.setattr(os, "copy_file_range", system, raising=False)
    path, other = tmp_path / "old", tmp_path / "new"
    path.write_bytes(OLD)
    with path.open("rb") as old, other.open("wb") as new:
        copy_changed(old, new, WANTED, "old")
    assert other.read_bytes() == NEW
    for wrong in (Touch("x", 1, b"dn", b""), Touch("x", 9999, b"", b"y"), Touch("x", 5016, b"end\n+", b"y")):
        with path.open("rb") as old, other.open("wb") as new, pytest.raises(Stale):
            copy_changed(old, new, [wrong], "old")
    with path.open("rb") as old, other.open("wb") as new, pytest.raises(Stale, match="overlap"):
        copy_changed(old, new, [WANTED[0], Touch("x", 1, b"n", b"")], "old")
