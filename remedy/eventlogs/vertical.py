"""One event as Windows 2000 copies it: a line for each of its fields, and the description below (Q254893)."""

import re

from remedy.eventlogs.base import Notes, TextForm, number_of
from remedy.eventlogs.dates import dates, stamp
from remedy.eventlogs.event import Event

__all__ = ["FORM"]

_FIELD = re.compile(
    r"[ \t]*(?:Event )?(Type|Source|Category|ID|Date|Time|User|Computer)[ \t]*:[ \t]*(.*)", re.IGNORECASE
)
_TEXT = re.compile(r"^[ \t]*Description[ \t]*:[ \t]*", re.IGNORECASE | re.MULTILINE)


def _parse(text: str, where: int, notes: Notes) -> Event | None:
    """Read one event."""
    head, *description = _TEXT.split(text.replace("\r\n", "\n"), maxsplit=1)
    found = (_FIELD.match(line) for line in head.splitlines())
    fields = {field[1].lower(): field[2].strip() for field in found if field}
    when = stamp(f"{fields.get('date', '')} {fields.get('time', '')}")
    number = number_of(fields.get("id", ""))
    if when is None or number is None:
        return None
    notes.calendar.see(when)
    return Event(
        stamp=when,
        source=fields.get("source", ""),
        category=fields.get("category", ""),
        number=number,
        computer=fields.get("computer", ""),
        text="".join(description).strip(),
        where=where,
    )


FORM = TextForm(
    name="event-properties",
    title="events copied from their properties, a line a field",
    begins=re.compile(rb"[ \t]*Event Type[ \t]*:", re.IGNORECASE),
    dates=dates(rb"\n[ \t]*Date[ \t]*:[ \t]*", rb"\s+Time[ \t]*:"),
    parse=_parse,
)
