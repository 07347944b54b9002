"""Binary logs of Windows since Vista (.evtx), into which its Event Viewer turns older ones.

The library passes over what is cut without a word, so records are counted by the headers, too (`remedy.eventlogs.chunks`).
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from remedy.errors import InputError
from remedy.eventlogs.base import BinaryForm, Notes, missing_library
from remedy.eventlogs.chunks import expected_records
from remedy.eventlogs.dates import Calendar, DateOrder, stamp_of
from remedy.eventlogs.event import Event
from remedy.eventlogs.sparse import matters

__all__ = ["FORM"]

_FAULTS = (OSError, ValueError, OverflowError, RuntimeError, MemoryError)


def _read(log: BinaryIO, notes: Notes) -> Iterator[Event]:
    """Yield the events that hold a word that matters."""
    try:
        from evtx import PyEvtxParser
    except ImportError as error:
        raise missing_library(notes, FORM.name, "evtx") from error
    notes.utc, notes.calendar = True, Calendar(DateOrder.YMD)
    expected, most = expected_records(log, notes)
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
    while faults <= most:
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
    event = _dict(_dict(json.loads(data)).get("Event"))
    text = "\n".join(_strings(event.get("EventData") or event.get("UserData"))).replace("\r\n", "\n")
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


FORM = BinaryForm(
    name="evtx",
    title="binary log of Windows since Vista (.evtx)",
    begins=re.compile(rb"ElfFile\0"),
    read=_read,
)
