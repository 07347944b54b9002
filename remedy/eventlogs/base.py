"""What the readers of all logs share: how a log is told apart, and what its reading gives besides events."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from remedy.errors import InputError
from remedy.eventlogs.dates import Calendar
from remedy.eventlogs.event import Event

__all__ = ["BinaryForm", "Notes", "TextForm", "missing_library", "number_of"]

_NUMBER = re.compile(r"\d{1,10}", re.ASCII)

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
    edges: list[bytes] = field(default_factory=list)
    """How the first and the last record of a text log begin: they tell from when to when it goes."""
    span: tuple[int, ...] = ()
    """The dates of those two, as far as they can be read; which one is the later depends on the way the log runs."""
    dated: bool = False
    """Whether a date in it mattered."""
    lines: int = 0
    """Lines that belong to no record."""
    records: int = 0
    """Records that name a postmaster or a trouble, and could not be read."""
    heading: str = ""
    """The last heading that was read, for formats whose records are understood by it."""
    oddities: list[str] = field(default_factory=list)
    """Sentences on what is not as it should be."""
    keep: Keep | None = None

    @property
    def clock(self) -> str:
        """Whose time its dates are: ``UTC``, ``mdy?`` and the like where their order is unknown, empty = a machine's."""
        return "UTC" if self.utc else "" if self.calendar.order else f"{self.calendar.usual}?"

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
    marks: tuple[bytes, ...] = ()
    """What a heading holds that `parse` wants to know, in lower case; ``begins`` matches such headings, too."""
    dos: bool = False
    """Whether DOS programs write it, in the code page of a postoffice (Q156063 §5.5)."""
    utc: bool = False


class Read(Protocol):
    """Yields the events of a binary log that hold a word that matters.

    Raises:
        InputError: it is no such log, or the library that reads it is not installed.
    """

    def __call__(self, log: BinaryIO, notes: Notes) -> Iterator[Event]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryForm:
    """A format of binary logs: libraries want it as a file they can seek in, unpacked."""

    name: str
    title: str
    """What it is, in words."""
    begins: re.Pattern[bytes]
    """Matches the beginning of a file of it."""
    read: Read


def number_of(text: str) -> int | None:
    """Read the number of an event; None if it is none, or has more digits than Windows has numbers for."""
    return int(text) if _NUMBER.fullmatch(text) else None


def missing_library(notes: Notes, form: str, extra: str) -> InputError:
    """Make the error of a library that is not installed."""
    return InputError.of(
        notes.name,
        f"a log in the format {form} needs a library that is not installed",
        f"Run pip install 'remedy[{extra}]', or save the log as text in Event Viewer.",
    )
