"""Message tracking of Exchange: tracking.log of 4.0 to 5.5 (Q173280), and the log of 2000 and 2003 with a heading (Q246965).

The older has a line for a message and one below for each of its recipients; the later a line for each recipient. How the
older writes dates is in no article: any order is read. Both keep the time of Greenwich.
"""

import re

from remedy.eventlogs.base import Notes, TextForm, number_of
from remedy.eventlogs.dates import dates, moment
from remedy.eventlogs.event import Event

__all__ = ["FORM"]

_DATE = rb"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_TIME = rb"\d{1,2}:\d{1,2}(?::\d{1,2})?"
_OLD = rb"[^\t\r\n]{1,1024}\t *\d{1,5} *\t" + _DATE + rb"[ \t]+" + _TIME
_LATER = _DATE + rb"\t" + _TIME + rb"[^\t\r\n]{0,8}\t"
_IS_LATER = re.compile(_LATER.decode(), re.ASCII)
_HEADING = rb"#[ \t]*Date\t[^\r\n]*"
_COLUMNS = (
    "date", "time", "client-ip", "client-hostname", "partner-name", "server-hostname", "server-ip", "recipient-address",
    "event-id", "msgid", "priority", "recipient-report-status", "total-bytes", "number-recipients", "origination-time",
    "encryption", "service-version", "linked-msgid", "message-subject", "sender-address",
)  # fmt: skip
"""The columns of a later log, where its heading is lost (Q246965)."""
_GATEWAY, _PARTNER, _ORIGINATOR = 3, 4, 6
_FIELDS = 7


def _parse(text: str, where: int, notes: Notes) -> Event | None:
    """Read one record of either kind."""
    first, *others = text.splitlines() or [""]
    if _IS_LATER.match(first):
        return _later(first, where, notes)
    return _older(first, others, where, notes)


def _older(line: str, others: list[str], where: int, notes: Notes) -> Event | None:
    """Read a message and its recipients."""
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) > 3 and moment(fields[2]) is None:  # noqa: PLR2004 - date and time may stand in two columns
        fields[2:4] = [f"{fields[2]} {fields[3]}"]
    when = moment(fields[2]) if len(fields) >= _FIELDS else None
    number = number_of(fields[1]) if when else None
    if when is None or number is None:
        return None
    notes.calendar.see(when[0])
    recipients = [other.split("\t")[0].strip() for other in others]
    return Event(
        stamp=when[0],
        source=fields[_GATEWAY] or fields[_PARTNER],
        number=number,
        text=_said(fields[_ORIGINATOR], recipients, fields[0]),
        where=where,
    )


def _later(line: str, where: int, notes: Notes) -> Event | None:
    """Read a line by the names in the heading."""
    names = notes.heading.lstrip("# \t").lower().split("\t") if notes.heading else _COLUMNS
    fields = dict(zip((name.strip() for name in names), (field.strip() for field in line.split("\t")), strict=False))
    when = moment(f"{fields.get('date', '')} {fields.get('time', '')}")
    number = number_of(fields.get("event-id", ""))
    if when is None or number is None:
        return None
    notes.calendar.see(when[0])
    return Event(
        stamp=when[0],
        source=fields.get("partner-name", ""),
        number=number,
        computer=fields.get("server-hostname", ""),
        text=_said(fields.get("sender-address", ""), [fields.get("recipient-address", "")], fields.get("msgid", "")),
        where=where,
    )


def _said(sender: str, recipients: list[str], message: str) -> str:
    """Write sender, recipients and message as the events of the connector do."""
    rows = [f"From: {sender}", *(f"To: {recipient}" for recipient in recipients if recipient)]
    message = message.strip("<>")
    return "\n".join([*rows, f"Message ID <{message}>"] if message else rows)


FORM = TextForm(
    name="message-tracking",
    title="message tracking log of Exchange",
    begins=re.compile(_OLD + rb"|" + _LATER + rb"|" + _HEADING, re.IGNORECASE),
    dates=dates(rb"[\n\t]", rb"[ \t]+" + _TIME),
    parse=_parse,
    heading=re.compile(rb"\s*$|#[^\r\n]*\s*$", re.IGNORECASE),
    marks=(b"date\ttime\t",),
    utc=True,
)
