"""Event Viewer, "Save As": Date, Time, Source, Type, Category, Event, User, Computer, Description by tab, comma or blank.

A description goes on in the lines that follow, without any mark in front (Q169117, Q162841).
"""

import re

from remedy.eventlogs.base import Notes, TextForm, number_of
from remedy.eventlogs.dates import DATE, TIME, dates, moment
from remedy.eventlogs.event import Event

__all__ = ["FORM", "columns"]

_BEHIND = rb"\"?[\t,; ]\"?[\t ]*"
_USER = r"N/A|[^\s\\]+(?: [^\s\\]+)?\\\S+"
_TYPES = "Information|Informational|Warning|Error|Success Audit|Failure Audit|Success|None"
_BLANKS = re.compile(
    rf"\s+(?P<source>\S.{{0,256}}?)\s{{1,40}}(?:{_TYPES})\s{{1,40}}(?P<category>.{{0,60}}?)\s{{0,40}}"
    rf"(?<!\S)(?P<number>\d{{1,5}})\s+(?:{_USER}|\S+)\s+"
    r"(?P<computer>\S+)\s*(?P<text>.*)",
    re.IGNORECASE | re.ASCII,
)
"""What stands behind the time where blanks part the columns: the names of the types show where the source ends.

What is bounded is so because lines may be anything, and patterns try everything."""


def columns(text: str, mark: str, most: int) -> list[str]:
    """Part a line at a mark into columns, quoted or not; what is past ``most`` of them is the last one, as it is.

    How descriptions are quoted by Windows NT is unknown: one that is in quotes loses them, another stays.
    """
    if '"' not in text:
        return text.split(mark, most)
    parts: list[str] = []
    while len(parts) < most:
        quoted = text.startswith('"')
        end = text.find(f'"{mark}', 1) if quoted else text.find(mark)
        if end < 0:
            break
        parts.append(text[1:end] if quoted else text[:end])
        text = text[end + 1 + quoted :]
    return [*parts, text]


def _parse(text: str, where: int, notes: Notes) -> Event | None:
    """Read one event."""
    text = text.replace("\r\n", "\n").removeprefix('"')
    when = moment(text)
    if when is None:
        return None
    stamp, end = when
    rest = text[end:].removeprefix('"')
    mark = rest[:1]
    fields = _by_blanks(rest) if mark == " " else _by_mark(rest[1:], mark) if mark else None
    if fields is None:
        return None
    notes.calendar.see(stamp)
    source, category, number, computer, description = fields
    return Event(
        stamp=stamp, source=source, category=category, number=number, computer=computer, text=description, where=where
    )


def _by_mark(rest: str, mark: str) -> tuple[str, str, int, str, str] | None:
    """Read the columns behind the time where a mark parts them."""
    head, _, more = rest.partition("\n")
    fields = [field.strip() for field in columns(head, mark, 6)]
    number = number_of(fields[3]) if len(fields) >= 6 else None  # noqa: PLR2004 - the columns
    if number is None or fields[0].isdecimal():
        return None
    source, _, category, _, _, computer, *said = fields
    text = "\n".join((*said, more)).strip()
    if text.startswith('"'):
        text = text[1:].removesuffix('"').replace('""', '"')
    return source, category, number, computer, text


def _by_blanks(rest: str) -> tuple[str, str, int, str, str] | None:
    """Read the columns behind the time where blanks part them."""
    head, _, more = rest.partition("\n")
    found = _BLANKS.match(head)
    if not found or found["source"].isdecimal():
        return None
    text = f"{found['text'].strip()}\n{more}".strip()
    return found["source"], found["category"].strip(), int(found["number"]), found["computer"], text


FORM = TextForm(
    name="event-viewer",
    title="text or comma-delimited text of Event Viewer",
    begins=re.compile(rb"\"?" + DATE + _BEHIND + TIME),
    dates=dates(rb"\n\"?", _BEHIND + TIME),
    heading=re.compile(rb"\s*$|\"?Date\"?[\t,; ]", re.IGNORECASE),
    parse=_parse,
)
