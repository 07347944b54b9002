r"""Dumpel of the Resource Kit: one line an event, only the insertion strings of its text (Q129266).

Old versions have the user before the source, later ones behind it; whoever is ``N/A`` or ``DOMAIN\\user`` is the user.
"""

import re

from remedy.eventlogs.base import Notes, TextForm
from remedy.eventlogs.dates import DATE, TIME, dates, moment
from remedy.eventlogs.event import Event

__all__ = ["FORM"]

_BETWEEN = rb"[\t, ]+"
_BEHIND = re.compile(r"[\t, ]+(\d{1,2})[\t, ]+(\d{1,5})[\t, ]+(\d{1,5})(\t|,| +)", re.ASCII)
_USER = re.compile(r"N/A|[^\s\\]+(?: [^\s\\]+)?\\[^\\]+")
_ONE = r"(?:N/A|(?:NT AUTHORITY|[^\s\\]+)\\\S+)"
_LATER = re.compile(rf"(\S.{{0,256}}?) {{1,40}}{_ONE} +(\S+) *")
_OLD = re.compile(rf"{_ONE} +(\S+) +(\S+) *")


def _parse(text: str, where: int, notes: Notes) -> Event | None:
    """Read one event."""
    text = " ".join(text.split("\r\n")).strip()
    when = moment(text)
    found = _BEHIND.match(text, when[1]) if when else None
    if when is None or not found:
        return None
    mark, rest = found[4][:1], text[found.end() :]
    fields = _by_blanks(rest) if mark == " " else _by_mark(rest, mark)
    if fields is None:
        return None
    source, computer, strings = fields
    notes.calendar.see(when[0])
    return Event(
        stamp=when[0],
        source=source,
        category=found[2],
        number=int(found[3]),
        computer=computer,
        text=strings,
        where=where,
    )


def _by_mark(rest: str, mark: str) -> tuple[str, str, str] | None:
    """Read source, computer and strings where a mark parts the columns."""
    fields = rest.split(mark, 3)
    if len(fields) < 3:  # noqa: PLR2004 - user, source, computer
        return None
    first, second, computer, *strings = (field.strip() for field in fields)
    source = second if _USER.fullmatch(first) else first
    return source, computer, "".join(strings)


def _by_blanks(rest: str) -> tuple[str, str, str] | None:
    """Read them where blanks part the columns; a source of several words shows only in later versions."""
    old = _OLD.match(rest)
    found = old or _LATER.match(rest)
    return (found[1], found[2], rest[found.end() :].strip()) if found else None


FORM = TextForm(
    name="dumpel",
    title="output of dumpel",
    begins=re.compile(DATE + _BETWEEN + TIME + rb"(?: ?[AaPp][Mm])?[\t, ]+\d{1,2}[\t, ]+\d{1,5}[\t, ]+\d{1,5}[\t, ]"),
    dates=dates(rb"\n", _BETWEEN + TIME),
    parse=_parse,
)
