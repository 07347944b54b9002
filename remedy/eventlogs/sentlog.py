"""SENT.LOG and RECV.LOG of a postoffice: a row for each message its MTA sent or received (Q151215).

The number of the message's file stands at the end of its row or in the line below; a log tells in its heading which it is.
"""

import re

from remedy.eventlogs.base import Notes, TextForm
from remedy.eventlogs.dates import DATE, TIME, dates, moment
from remedy.eventlogs.event import Event

__all__ = ["FORM"]

_HEADING = rb"[ \t]*DATE[ \t]+(?:SENT|RECEIVED)\b[^\r\n]*"
_ROW = rb"[ \t]*" + DATE + rb"[ \t]+" + TIME + rb"(?: ?[AaPp][Mm]|[AaPp])?[ \t]+\d+[ \t]+(?!\d+[ \t])[^\r\n]{0,400}?/"
_BEHIND = re.compile(r"[ \t]+(\d+)[ \t]+(\S+)(?:[ \t]+(\S*[/:]\S*))?", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"(?<!\S)[0-9A-Fa-f]{8}(?!\S)")
_YEAR = re.compile(r"\d+[./-]\d+[./-](\d+)")
_LOGS = {"SENT": "SENT.LOG", "RECEIVED": "RECV.LOG"}
_TENS = range(10, 20)


def _parse(text: str, where: int, notes: Notes) -> Event | None:
    """Read one row."""
    text = text.lstrip(" \t")
    when = moment(text)
    if when is None:
        notes.odd(
            f"Line {where} has a date that no calendar has; some programs write such after 1999 (Q192156, Q259219)."
        )
        return None
    found = _BEHIND.match(text, when[1])
    if not found or "/" not in f"{found[2]}{found[3]}":
        return None
    notes.calendar.see(when[0])
    _doubt_year(text, notes)
    said = [f"From: {found[2]}", *([f"To: {found[3]}"] if found[3] else [])]
    said += [f"Message ID <{number}>" for number in _NUMBER.findall(text, found.end())]
    return Event(stamp=when[0], source=_source(notes.heading), text="\n".join(said), where=where)


def _doubt_year(text: str, notes: Notes) -> None:
    """Tell of a year that cannot be taken at its word."""
    found = _YEAR.match(text)
    year = found[1] if found else ""
    if len(year) == 3:  # noqa: PLR2004 - the years since 1900
        notes.odd(f"The year {year} is read as {1900 + int(year)}: some programs count the years since 1900 (Q192156).")
    elif len(year) == 2 and int(year) in _TENS:  # noqa: PLR2004 - two digits of a year
        notes.odd(
            f"The year {year} may not be 20{year}: programs without a fix for the year 2000 write 10 for each year from 2000 "
            "to 2009, and 11 for each of the next ten (Q192156, Q192085, Q259219). Dates are shown as they are written."
        )


def _source(heading: str) -> str:
    """Tell which of the two logs it is."""
    words = heading.upper().split()
    return _LOGS.get(words[1], "") if len(words) > 1 else "SENT.LOG or RECV.LOG"


FORM = TextForm(
    name="sent-log",
    title="SENT.LOG or RECV.LOG of a postoffice",
    begins=re.compile(_ROW + rb"|" + _HEADING, re.IGNORECASE),
    dates=dates(rb"\n[ \t]*", rb"[ \t]+" + TIME + rb"[ \t]+\d+[ \t]"),
    parse=_parse,
    heading=re.compile(rb"\s*$|[\s-]+$|" + _HEADING + rb"\s*$", re.IGNORECASE),
    marks=(b"date sent", b"date received"),
    dos=True,
)
