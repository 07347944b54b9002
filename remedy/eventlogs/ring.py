"""The ring of records in a binary log of Windows NT: where it begins and ends, when its header does not know.

Law: while Windows writes a log, its header is old, and only the record that ends the ring is true (MS-EVEN §2.2.3); libevt
goes by the header alone, and reads what was cut without a word.
"""

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

from remedy.eventlogs.base import Notes

__all__ = ["compare", "open_ring"]

_HEADER = struct.Struct("<12I")
_END = struct.Struct("<10I")
_MARK = struct.pack("<5I", _END.size, 0x11111111, 0x22222222, 0x33333333, 0x44444444)
_DIRTY = 1
_BLOCK = 1 << 20


class _Mended(io.RawIOBase):
    """A log with another header."""

    def __init__(self, log: BinaryIO, header: bytes) -> None:
        self._log, self._header = log, header

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._log.seek(offset, whence)

    def tell(self) -> int:
        return self._log.tell()

    def read(self, size: int = -1) -> bytes:
        at = self._log.tell()
        data = self._log.read(size)
        return self._header[at : at + len(data)] + data[max(0, len(self._header) - at) :]


def open_ring(log: BinaryIO, notes: Notes) -> tuple[io.RawIOBase | BinaryIO, range]:
    """Give the log with a true header, and the numbers of the records that should be in it; tell what is odd."""
    log.seek(0)
    head = log.read(_HEADER.size)
    if len(head) < _HEADER.size:
        return log, range(0)
    *first, start, end, following, oldest, most, flags, days, size = _HEADER.unpack(head)
    last = max(_ends(log), default=None)
    if last is None:
        notes.odd(
            "The record that ends the log is missing: the file is cut, or was copied while Windows wrote it (Q255861)."
        )
    elif flags & _DIRTY:
        notes.odd(
            "The log was not closed: it was copied while Windows wrote it (Q255861), and may lack its newest records."
        )
        following, oldest, start, end = last
        return _Mended(log, _HEADER.pack(*first, start, end, following, oldest, most, flags & ~_DIRTY, days, size)), (
            range(oldest, following) if oldest else range(0)
        )
    return log, range(oldest, following) if oldest else range(0)


def _ends(log: BinaryIO) -> Iterator[tuple[int, int, int, int]]:
    """Find records that end the ring: the next number, the oldest, and where the ring begins and ends."""
    kept = b""
    while block := log.read(_BLOCK):
        yield from _ends_in(kept + block)
        kept = (kept + block)[1 - _END.size :]
    log.seek(_HEADER.size)
    yield from _ends_in(kept + log.read(_END.size - 1))  # it may lie across the seam


def _ends_in(window: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Find them in a part of the log."""
    at = window.find(_MARK)
    while 0 <= at <= len(window) - _END.size:
        *_, start, end, following, oldest, size = _END.unpack_from(window, at)
        if size == _END.size:
            yield following, oldest, start, end
        at = window.find(_MARK, at + 1)


def compare(expected: range, seen: set[int], notes: Notes) -> None:
    """Tell how many records did not come out."""
    missing = len(expected) - sum(number in expected for number in seen)
    if missing:
        notes.odd(
            f"{missing} of {len(expected)} records are missing, going by the first and last numbers in the log: the file is "
            "cut or damaged, or was copied while Windows wrote it (Q255861)."
        )
