"""What the readers of all logs share: how a log is told apart, and what its reading gives besides events."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from remedy.eventlogs.dates import Calendar
from remedy.eventlogs.event import Event

__all__ = ["BinaryForm", "Notes", "Source", "TextForm"]

Keep = Callable[[bytes], None]
"""Takes what was not understood, as it lies in the log."""


@dataclass(slots=True)
class Notes:
    """What the reading of one log gives besides its events; it grows while the log is read."""

    name: str
    calendar: Calendar = field(default_factory=Calendar)
    form: str = ""
    """The format, by its name."""
    utc: bool = False
    """Whether its times are those of Greenwich, and not of a machine's clock."""
    dated: bool = False
    """Whether a date in it mattered."""
    lines: int = 0
    """Lines that belong to no record."""
    records: int = 0
    """Records that name a postmaster or a trouble, and could not be read."""
    oddities: list[str] = field(default_factory=list)
    """Sentences on what is not as it should be."""
    keep: Keep | None = None

    def line(self, data: bytes) -> None:
        """Note a line that belongs to no record."""
        self.lines += 1
        self._kept(data)

    def record(self, data: bytes) -> None:
        """Note a record that could not be read."""
        self.records += 1
        self._kept(data)

    def odd(self, sentence: str) -> None:
        """Note something odd, once."""
        if sentence not in self.oddities:
            self.oddities.append(sentence)

    def _kept(self, data: bytes) -> None:
        """Give away what was not understood."""
        if self.keep:
            self.keep(data if data.endswith(b"\n") else data + b"\n")


class Parse(Protocol):
    """Reads one record of a text log, whose first line has the number ``where``; None if it cannot be."""

    def __call__(self, text: str, where: int, notes: Notes) -> Event | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TextForm:
    """A format of text logs."""

    name: str
    title: str
    """What it is, in words."""
    begins: re.Pattern[bytes]
    """Matches at the beginning of a line with which a record begins."""
    dates: re.Pattern[bytes]
    """Finds the date of a record (`remedy.eventlogs.dates.dates`)."""
    parse: Parse
    heading: re.Pattern[bytes] = re.compile(rb"\s*$")
    """Matches a whole line that belongs to no record and is known all the same."""
    dos: bool = False
    """Whether DOS programs write it, in the code page of a postoffice (Q156063 §5.5)."""
    utc: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A binary log: libraries want it as a file they can seek in."""

    name: str
    path: str
    """Where it lies, unpacked."""


class BinaryForm(Protocol):
    """A format of binary logs."""

    name: str
    title: str
    signature: bytes
    """How a file of it begins."""

    def read(self, log: Source, notes: Notes) -> Iterator[Event]:
        """Yield its events.

        Raises:
            InputError: it is damaged, or the library that reads it is not installed.
        """
