"""The contract of a store: a place that holds a directory.

A store that can be read yields entries for a query, in a stable order, each at most once. It may yield more than
was asked for, never less, and it says by ``notes`` what it saw that the entries do not show. A store that can be
written is a store that can be read, plus ``carry_out``: changes that go together, all of them, or ``Stale`` and nothing
at all; ``intend`` says beforehand what they will touch, so that a journal can have it on disk before anything is sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from remedy.change import Change
from remedy.entry import Entry
from remedy.query import Query

__all__ = ["Notes", "Readable", "Writable"]


@dataclass(frozen=True, slots=True)
class Notes:
    """What a store noticed while it was read."""

    entries: int = 0
    """How many entries it holds, wanted or not."""
    truncated: str = ""
    """Why its end may be missing, in a sentence; empty if nothing says so."""


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


class Writable(Readable, Protocol):
    """A directory that can be changed."""

    def intend(self, changes: Sequence[Change]) -> tuple[Mapping[str, Any], ...]:
        """Say, for the journal, what each change is going to touch; nothing is written.

        Raises:
            Stale: an entry is not as its change expects it.
        """

    def carry_out(self, *changes: Change) -> None:
        """Make changes, all of them or none.

        Raises:
            Stale: an entry is not as its change expects it; nothing was changed.
        """
