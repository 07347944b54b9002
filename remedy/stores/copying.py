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
_MOST = 1 << 25
"""Bytes that the system is asked to copy at once, and after which the disk begins with them."""


def copy_changed(old: BinaryIO, new: BinaryIO, wanted: Iterable[Touch], name: str) -> None:
    """Copy a file with some bytes replaced, which are in the order of their places.

    Raises:
        Stale: the replaced ones are not as they were read, or the file is shorter.
    """
    copy, place = _Copy(old, new), 0
    for touch in wanted:
        size = touch.offset - place
        if size < 0:
            raise Stale(name, touch.dn, expected="one change of a record", found="two that overlap")
        if copy.passed(place, size) < size:
            raise Stale(name, "file", expected="the file that was read", found="a shorter one")
        if old.read(len(touch.old)) != touch.old:
            raise Stale(name, touch.dn, expected="the record that was read", found="other bytes in its place")
        new.write(touch.new)
        place = touch.offset + len(touch.old)
    copy.passed(place, sys.maxsize)


class _Copy:
    """A copy in the making: the disk begins with what is written while the rest is copied, so that a flush has little left."""

    def __init__(self, old: BinaryIO, new: BinaryIO) -> None:
        self.old, self.new, self._begun = old, new, 0

    def passed(self, place: int, size: int) -> int:
        """Copy so many bytes from a place on, or all that there are; give their number, and stand behind them."""
        done = self._by_system(place, size)
        self.old.seek(place + done)
        while block := self.old.read(min(size - done, _BLOCK)):
            self.new.write(block)
            done += len(block)
        return done

    def _by_system(self, place: int, size: int) -> int:
        """Let the system copy bytes, which saves half of the work; what it leaves, for whatever reason, is read and written."""
        done, old, new = 0, self.old.fileno(), self.new.fileno()
        if size and hasattr(os, "copy_file_range"):
            self.new.flush()
            with suppress(OSError):
                while count := os.copy_file_range(old, new, min(size - done, _MOST), place + done):
                    done += count
                    self._begin(new)
        return done

    def _begin(self, new: int) -> None:
        """Let the disk begin: the system writes at once what it is told nobody needs; a fault of that is seen by the flush."""
        end = os.lseek(new, 0, os.SEEK_CUR)
        if end - self._begun >= _MOST:
            os.posix_fadvise(new, self._begun, end - self._begun, os.POSIX_FADV_DONTNEED)
            self._begun = end
