"""Copying a file with some of its bytes replaced; the others are copied by the system where it can.

Law: the bytes that are replaced are compared with those that were read, and of the others not one changes.
"""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import BinaryIO

from remedy.errors import Stale
from remedy.stores.rewrite import Touch

__all__ = ["copy_changed"]

_BLOCK = 1 << 20
_MOST = 1 << 30
"""Bytes that the system is asked to copy at once."""


def copy_changed(old: BinaryIO, new: BinaryIO, wanted: Iterable[Touch], name: str) -> None:
    """Copy a file with some bytes replaced, which are in the order of their places.

    Raises:
        Stale: the replaced ones are not as they were read, or the file is shorter.
    """
    place = 0
    for touch in wanted:
        size = touch.offset - place
        if size < 0:
            raise Stale(name, touch.dn, expected="one change of a record", found="two that overlap")
        if _passed(old, new, place, size) < size:
            raise Stale(name, "file", expected="the file that was read", found="a shorter one")
        if old.read(len(touch.old)) != touch.old:
            raise Stale(name, touch.dn, expected="the record that was read", found="other bytes in its place")
        new.write(touch.new)
        place = touch.offset + len(touch.old)
    _passed(old, new, place, sys.maxsize)


def _passed(old: BinaryIO, new: BinaryIO, place: int, size: int) -> int:
    """Copy so many bytes from a place on, or all that there are; give their number, and stand behind them."""
    done = _by_system(old, new, place, size)
    old.seek(place + done)
    while block := old.read(min(size - done, _BLOCK)):
        new.write(block)
        done += len(block)
    return done


def _by_system(old: BinaryIO, new: BinaryIO, place: int, size: int) -> int:
    """Let the system copy bytes, which saves half of the work; what it leaves, for whatever reason, is read and written."""
    done = 0
    if size and hasattr(os, "copy_file_range"):
        new.flush()
        with suppress(OSError):
            while count := os.copy_file_range(old.fileno(), new.fileno(), min(size - done, _MOST), place + done):
                done += count
    return done
