"""Binary logs of Windows NT to 2003 (.evt): a ring of records between a header and a record that ends them (MS-EVEN §2.2.3).

Descriptions are in no such log, only the strings that are inserted into them.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from remedy.errors import InputError
from remedy.eventlogs.base import BinaryForm, Notes, missing_library
from remedy.eventlogs.dates import Calendar, DateOrder, stamp_of
from remedy.eventlogs.event import Event
from remedy.eventlogs.ring import compare, open_ring
from remedy.eventlogs.sparse import matters

__all__ = ["FORM"]

_FAULTS = (OSError, ValueError, OverflowError, RuntimeError, MemoryError)


def _read(log: BinaryIO, notes: Notes) -> Iterator[Event]:
    """Yield the events that hold a word that matters."""
    try:
        import pyevt
    except ImportError as error:
        raise missing_library(notes, FORM.name, "evt") from error
    notes.utc, notes.calendar = True, Calendar(DateOrder.YMD)
    ring, expected = open_ring(log, notes)
    library = pyevt.file()
    try:
        ring.seek(0)
        library.open_file_object(ring)
        count, freed = library.number_of_records, library.number_of_recovered_records
    except _FAULTS as error:
        raise InputError.of(
            notes.name,
            "libevt cannot read this as a log of events",
            "Save the log again in Event Viewer, as text if need be.",
        ) from error
    if library.is_corrupted() and not expected:  # of a whole ring that wraps it says so, too
        notes.odd("The log is damaged: libevt reads it only in part.")
    seen: set[int] = set()
    yield from _records(library.get_record, count, None, seen, notes)
    yield from _records(library.get_recovered_record, freed, expected, seen, notes)
    compare(expected, seen, notes)


def _records(
    get: Callable[[int], Any], count: int, within: range | None, seen: set[int], notes: Notes
) -> Iterator[Event]:
    """Yield what matters of so many records; of the ones the ring has freed, only those that should be there."""
    for place in range(count):
        number = 0
        try:
            record = get(place)
            number = record.identifier
            if number in seen or (within is not None and number not in within):
                continue
            seen.add(number)
            text = "\n".join(string or "" for string in record.strings).replace("\r\n", "\n")
            event = _event(record, number, text) if matters(text) else None
        except _FAULTS:
            notes.record(f"record {number}".encode())
            continue
        if event:
            yield event


def _event(record: Any, number: int, text: str) -> Event:
    """Make an event of a record."""
    return Event(
        stamp=stamp_of(datetime.fromtimestamp(record.get_creation_time_as_integer(), UTC)),
        source=record.source_name or "",
        category=str(record.event_category),
        number=record.event_identifier & 0xFFFF,  # what is above tells severity and origin (MS-EVEN §2.2.3)
        computer=record.computer_name or "",
        text=text,
        where=number,
    )


FORM = BinaryForm(
    name="evt",
    title="binary log of Windows NT to 2003 (.evt)",
    begins=re.compile(rb".{4}LfLe", re.DOTALL),
    read=_read,
)
