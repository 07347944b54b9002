"""SYSTEM.LOG of a postoffice: what its programs noticed, among it the reports that could not be delivered (Q99204, Q118675)."""

import re

from remedy.eventlogs.base import Notes, TextForm
from remedy.eventlogs.dates import DATE, dates, stamp
from remedy.eventlogs.event import Event

__all__ = ["FORM"]

_BEGIN = rb"[ \t]*System log entry on:[ \t]*"
_HEAD = re.compile(_BEGIN.decode() + r"(?=\d)", re.IGNORECASE)


def _parse(text: str, where: int, notes: Notes) -> Event | None:
    """Read one entry."""
    found = _HEAD.match(text)
    when = stamp(text[found.end() :]) if found else None
    if when is None:
        return None
    notes.calendar.see(when)
    return Event(
        stamp=when, source="SYSTEM.LOG", text=text.replace("\r\n", "\n").partition("\n")[2].strip(), where=where
    )


FORM = TextForm(
    name="system-log",
    title="SYSTEM.LOG of a postoffice",
    begins=re.compile(_BEGIN + DATE, re.IGNORECASE),
    dates=dates(_BEGIN),
    parse=_parse,
    dos=True,
)
