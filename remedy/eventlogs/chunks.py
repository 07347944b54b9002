"""The chunks of records in a binary log of Windows since Vista: how many records their headers tell of."""

import struct
from typing import BinaryIO

from remedy.eventlogs.base import Notes

__all__ = ["expected_records"]

_FILE = struct.Struct("<8s3Q I4H 76s I")
_CHUNK = struct.Struct("<8s4Q")
_HEAD, _SIZE = 4096, 65_536
_MOST = _SIZE // 24  # a record has 24 bytes before its content
_DIRTY = 1


def expected_records(log: BinaryIO, notes: Notes) -> tuple[int, int]:
    """Give how many records there should be, and could be at most; tell what is odd about the headers."""
    log.seek(0, 2)
    size = log.tell()
    log.seek(0)
    head = log.read(_FILE.size)
    if len(head) < _FILE.size:
        return 0, 0
    *_, told, _, flags = _FILE.unpack(head)
    there = max(size - _HEAD, 0)
    if flags & _DIRTY:
        notes.odd("The log was not closed: it was copied while Windows wrote it, and its newest records may miss.")
    elif told > there // _SIZE:
        notes.odd(f"The log says that it has {told} chunks of records, and has {there // _SIZE}: the file is cut.")
    count = damaged = 0
    for place in range(-(-there // _SIZE)):
        log.seek(_HEAD + place * _SIZE)
        data = log.read(_CHUNK.size)
        if len(data) == _CHUNK.size and data.startswith(b"ElfChnk\0"):
            _, first, last, *_ = _CHUNK.unpack(data)
            count += max(0, min(last - first + 1, _MOST))
        else:
            damaged += place < told
    if damaged:
        notes.odd(f"{damaged} of {told} chunks of records are damaged or cut off.")
    return count, -(-there // _SIZE) * _MOST
