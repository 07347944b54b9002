"""Binary logs of Windows since Vista (.evtx), into which its Event Viewer turns older ones.

Law: what the library passes over in silence is counted all the same, by the numbers in the headers of the file's chunks.
"""

import json
import re
import struct
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from remedy.errors import InputError
from remedy.eventlogs.base import BinaryForm, Notes, missing_library
from remedy.eventlogs.dates import Calendar, DateOrder, stamp_of
from remedy.eventlogs.event import Event
from remedy.eventlogs.sparse import matters

__all__ = ["FORM"]

_FILE = struct.Struct("<8s3Q I4H 76s I")
_CHUNK = struct.Struct("<8s4Q")
_HEAD, _SIZE = 4096, 65_536
_MOST = _SIZE // 24  # a record has 24 bytes before its content
_DIRTY = 1
_FAULTS = (OSError, ValueError, OverflowError, RuntimeError, MemoryError)


def _read(log: BinaryIO, notes: Notes) -> Iterator[Event]:
    """Yield the events that hold a word that matters."""
    try:
        from evtx import PyEvtxParser
    except ImportError as error:
        raise missing_library(notes, FORM.name, "evtx") from error
    notes.utc, notes.calendar = True, Calendar(DateOrder.YMD)
    expected, chunks = _expected(log, notes)
    try:
        log.seek(0)
        records = iter(PyEvtxParser(log).records_json())
    except _FAULTS as error:
        raise InputError.of(
            notes.name,
            "the library evtx cannot read this as a log of events",
            "Save the log again in Event Viewer as text.",
        ) from error
    read = faults = 0
    while faults <= chunks * _MOST:
        try:
            record = next(records, None)
            if record is None:
                break
            read += 1
            event = _event(record["data"], record["event_record_id"])
        except _FAULTS as error:
            faults += 1
            notes.record(str(error).encode())
            continue
        if event:
            yield event
    if expected > read + faults:
        notes.odd(
            f"{expected - read - faults} of {expected} records are missing, going by the numbers in the log: the file is cut "
            "or damaged, or was copied while Windows wrote it."
        )


def _event(data: str, number: int) -> Event | None:
    """Make an event of a record, if it matters."""
    event = _dict(json.loads(data).get("Event"))
    text = "\n".join(_strings(event.get("EventData") or event.get("UserData")))
    if not matters(text):
        return None
    system = _dict(event.get("System"))
    when = _attribute(system.get("TimeCreated"), "SystemTime")
    return Event(
        stamp=stamp_of(datetime.fromisoformat(when[:19])),
        source=_attribute(system.get("Provider"), "EventSourceName") or _attribute(system.get("Provider"), "Name"),
        category=_text(system.get("Task")),
        number=int(_text(system.get("EventID"))),
        computer=_text(system.get("Computer")),
        text=text,
        where=number,
    )


def _dict(value: Any) -> dict[str, Any]:
    """Give an element's content, whatever stands where one is expected."""
    return value if isinstance(value, dict) else {}


def _attribute(element: Any, name: str) -> str:
    """Give an attribute of an element."""
    return str(_dict(_dict(element).get("#attributes")).get(name, ""))


def _text(element: Any) -> str:
    """Give the text of an element, with or without attributes."""
    return str(element.get("#text", "") if isinstance(element, dict) else "" if element is None else element)


def _strings(value: Any) -> Iterator[str]:
    """Give all strings below an element, in order, without attributes."""
    if isinstance(value, dict):
        for name, below in value.items():
            if name != "#attributes":
                yield from _strings(below)
    elif isinstance(value, list):
        for below in value:
            yield from _strings(below)
    elif value is not None:
        yield str(value)


def _expected(log: BinaryIO, notes: Notes) -> tuple[int, int]:
    """Give how many records there should be, and the chunks; tell what is odd about the headers."""
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
    count = 0
    for place in range(-(-there // _SIZE)):
        log.seek(_HEAD + place * _SIZE)
        data = log.read(_CHUNK.size)
        if len(data) == _CHUNK.size and data.startswith(b"ElfChnk\0"):
            _, first, last, *_ = _CHUNK.unpack(data)
            count += max(0, min(last - first + 1, _MOST))
    return count, -(-there // _SIZE)


FORM = BinaryForm(
    name="evtx",
    title="binary log of Windows since Vista (.evtx)",
    begins=re.compile(rb"ElfFile\0"),
    read=_read,
)
