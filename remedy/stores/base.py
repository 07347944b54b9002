"""The contract of a store: a place that holds a directory.

A store that can be read yields entries for a query, in a stable order, each at most once. It may yield more than
was asked for, never less, and it says by ``notes`` what it saw that the entries do not show. A store that can be
written is a store that can be read, plus ``carry_out``: changes that go together, all of them, or ``Stale`` and nothing
at all; ``intend`` says beforehand what they will touch, so that a journal can have it on disk before anything is sent.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from remedy.change import Change
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import RemedyError
from remedy.query import Query

__all__ = ["End", "Live", "Notes", "Outcome", "Readable", "Writable"]


@dataclass(frozen=True, slots=True)
class Notes:
    """What a store noticed while it was read."""

    entries: int = 0
    """How many entries it holds, wanted or not; at least one, where counting them all would cost more than reading."""
    truncated: str = ""
    """Why its end may be missing, in a sentence; empty if nothing says so."""
    elsewhere: tuple[str, ...] = ()
    """Other servers, or parts of this one, that were not read."""
    live: bool = False
    """Whether it is a server, which shows what the one who asks may see."""
    dialect: str = ""
    """The kind of directory, where no other can be written like this; known before anything is read."""
    recipients: int | None = None
    """How many entries mail can be sent to, if they were counted."""
    unseen: str = ""
    """What keeps addresses of its entries from being seen, in half a sentence; empty if nothing does."""
    to_see_hidden: str = ""
    """How to get hidden entries into it; empty where that goes by the rights of who asks."""


class Readable(Protocol):
    """A directory that can be read."""

    name: str
    """The place as the user wrote it."""

    def read(self, query: Query) -> Iterator[Entry]:
        """Yield the entries that a query wants.

        Raises:
            InputError: something wanted is malformed; every fault of the run is in it.
        """

    def notes(self) -> Notes:
        """Say what was noticed; complete once ``read`` is exhausted."""

    def root(self) -> Entry | None:
        """Give what a server says of itself; None for what is no server, or says nothing."""

    def close(self) -> None:
        """Let go of what is open."""


class End(StrEnum):
    """How a change ended."""

    MADE = "made"
    REFUSED = "refused"
    """It was not made, for sure."""
    UNKNOWN = "unknown"
    """It may have been made: nobody said."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change."""

    end: End
    why: RemedyError | None = None
    """What stood in the way; `Stale` if the directory is not as it was read."""


class Writable(Readable, Protocol):
    """A directory that can be changed."""

    place: str
    """The place in the one spelling that a journal keeps."""
    window: int
    """How many changes are on their way at once, after one flush of the journal; 0 = all of them, or none."""

    def ready(self) -> None:
        """Wait until the next changes may be sent; nothing is in flight meanwhile."""

    def intend(self, changes: Sequence[Change], entries: Mapping[DN, Entry]) -> tuple[Mapping[str, Any], ...]:
        """Say, for the journal, what each change is going to touch; nothing is written. ``entries`` are as they were read.

        Raises:
            Stale: an entry is not as its change expects it.
        """

    def carry_out(self, *changes: Change) -> None:
        """Make changes, all of them or none; a server takes one.

        Raises:
            Stale: an entry is not as its change expects it; nothing was changed.
        """

    def carry_out_each(self, changes: Sequence[Change]) -> tuple[Outcome, ...]:
        """Make changes of different entries, and say what became of each.

        Raises:
            Stale: the place takes all or none, and an entry is not as its change expects it; nothing was changed.
        """


class Live(Writable, Protocol):
    """A server: what was done there is looked up by name."""

    def entries(self, names: Iterable[DN], attributes: Sequence[str] = ()) -> Mapping[DN, Entry]:
        """Give the entries of these names that are there.

        Raises:
            Unreachable: the server cannot be asked.
        """
