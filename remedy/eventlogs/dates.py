"""Dates as logs write them: three numbers whose order the region of a machine decides, and no line says.

Law: an order is told by dates that can be read in no other, never by what is usual.
"""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

__all__ = ["DATE", "TIME", "Calendar", "DateOrder", "dates", "moment", "seconds_of", "stamp", "stamp_of", "written"]

DATE = rb"(?:\d{3,4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})"
"""The look of a date; its three numbers come in any order."""

TIME = rb"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?"

_MOMENT = re.compile(
    r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})[\s,;\"]+(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?"
    r"(?:\s*([AaPp])\.?[Mm]\b|([AaPp])\b)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _TEN = 86_400, 10_000
_PIVOT = 70  # Windows NT, and with it all of this, is younger than 1970: a year below is one after 2000


class DateOrder(StrEnum):
    """In which order the three numbers of a date stand."""

    MDY = "mdy"
    DMY = "dmy"
    YMD = "ymd"


_PLACES = {DateOrder.MDY: (2, 0, 1), DateOrder.DMY: (2, 1, 0), DateOrder.YMD: (0, 1, 2)}


def stamp(text: str) -> int | None:
    """Read the date and time that a text begins with; None if there is none, or no calendar and no clock can show it."""
    found = moment(text)
    return found[0] if found else None


def moment(text: str) -> tuple[int, int] | None:
    """Give `stamp` with the place where the time ends."""
    found = _MOMENT.match(text)
    if not found:
        return None
    packed = _packed(found)
    if packed is None or not _is_day(packed // _DAY):
        return None
    return packed, found.end()


def _packed(found: re.Match[str]) -> int | None:
    """Make one number of a date and a time, the date first, in the order in which it is written."""
    *numbers, half, letter = found.groups()
    half = half or letter
    a, b, c, hour, minute, second = (int(number or 0) for number in numbers)
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - a clock face
            return None
        hour = hour % 12 + (12 if half in "Pp" else 0)
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 - no leap seconds in Windows
        return None
    return ((a * _TEN + b) * _TEN + c) * _DAY + hour * 3600 + minute * 60 + second


def stamp_of(moment: datetime) -> int:
    """Give the stamp of a moment that is known, year first."""
    second = moment.hour * 3600 + moment.minute * 60 + moment.second
    return ((moment.year * _TEN + moment.month) * _TEN + moment.day) * _DAY + second


def seconds_of(packed: int, order: DateOrder) -> int | None:
    """Give the seconds since 1970, by the clock of the machine that wrote it; None if there is no such day."""
    date, second = divmod(packed, _DAY)
    begin = _midnight(date, order)
    return None if begin is None else begin + second


@lru_cache(maxsize=4096)
def _is_day(date: int) -> bool:
    """Tell whether three numbers are a day in any order."""
    return any(_midnight(date, order) is not None for order in DateOrder)


@lru_cache(maxsize=4096)
def _midnight(date: int, order: DateOrder) -> int | None:
    """Give the second at which a day begins."""
    numbers = (date // _TEN // _TEN, date // _TEN % _TEN, date % _TEN)
    year, month, day = (numbers[place] for place in _PLACES[order])
    if year < 1000:  # noqa: PLR2004 - two digits, or the years since 1900 that Q192156 shows: 100 is 2000
        year += 2000 if year < _PIVOT else 1900
    try:
        return int((datetime(year, month, day, tzinfo=UTC) - _EPOCH).total_seconds())
    except ValueError:
        return None


def written(seconds: int) -> str:
    """Give a moment as ISO 8601 writes it, without a zone: a clock somewhere showed it."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


class Calendar:
    """What the dates of one log have told so far about their order."""

    def __init__(self, order: DateOrder | None = None) -> None:
        self._left = {order} if order else set(DateOrder)
        self._seen = not order
        """Whether what stands in the log is to be looked at: nobody contradicts a user."""

    @property
    def order(self) -> DateOrder | None:
        """The order, if only one is left."""
        return next(iter(self._left)) if len(self._left) == 1 else None

    @property
    def open(self) -> bool:
        """Whether another date can still tell something."""
        return self._seen and len(self._left) > 1

    @property
    def torn(self) -> bool:
        """Whether no order fits all dates."""
        return not self._left

    @property
    def usual(self) -> DateOrder:
        """One of the orders that fit, to measure spans of a day with; nothing is shown by it."""
        return self.order or min(self._left or set(DateOrder), key=list(DateOrder).index)

    def see(self, packed: int) -> None:
        """Take a date into account."""
        if self._seen:
            self._left = {order for order in self._left if seconds_of(packed, order) is not None}

    def look(self, date: bytes) -> None:
        """Take a date into account that stands alone."""
        day = stamp(date.decode("ascii") + " 00:00")
        if day is not None:
            self.see(day)


def dates(before: bytes, after: bytes = rb"[\s,;\"]+" + TIME) -> re.Pattern[bytes]:
    """Give what finds the date of a record, as its group 1, between two things."""
    return re.compile(before + rb"(" + DATE + rb")(?=" + after + rb")")
