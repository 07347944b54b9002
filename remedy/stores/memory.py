"""A directory in a dict, atomic like a server: the double that ships, and the room plans are rehearsed in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from remedy.change import Add, Change, Delete, Modify, modified
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import Stale
from remedy.query import Query
from remedy.stores.base import End, Notes, Outcome

__all__ = ["MemoryStore"]


class MemoryStore:
    """Entries by name; changes are refused as a server refuses them."""

    def __init__(self, entries: Iterable[Entry], name: str = "memory") -> None:
        """Load ``entries``; a later one of the same name takes the earlier one's place."""
        self.name = self.place = name
        self.window = 0
        self._entries = {entry.dn: entry for entry in entries}

    def read(self, query: Query) -> Iterator[Entry]:
        """Yield the entries that fulfil the query, in the order they came in."""
        yield from filter(query.judge(), tuple(self._entries.values()))

    def root(self) -> Entry | None:
        """Give nothing: it is no server."""
        return None

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def notes(self) -> Notes:
        """Say how many entries there are."""
        return Notes(entries=len(self._entries))

    def entries(self) -> tuple[Entry, ...]:
        """Give everything it holds."""
        return tuple(self._entries.values())

    def ready(self) -> None:
        """Wait for nobody."""

    def intend(
        self,
        changes: Sequence[Change],
        entries: Mapping[DN, Entry],  # noqa: ARG002 - it knows its entries
    ) -> tuple[Mapping[str, Any], ...]:
        """Say what each change is going to touch: nothing that its LDIF does not say."""
        MemoryStore(self.entries()).carry_out(*changes)
        return tuple({} for _ in changes)

    def carry_out_each(self, changes: Sequence[Change]) -> tuple[Outcome, ...]:
        """Make changes, all of them or none."""
        self.carry_out(*changes)
        return tuple(Outcome(End.MADE) for _ in changes)

    def carry_out(self, *changes: Change) -> None:
        """Make changes, all of them or none.

        Raises:
            Stale: an entry to add is there, one to change or delete is not, or a value is not as expected.
        """
        before = dict(self._entries)
        try:
            for change in changes:
                self._make(change)
        except Stale:
            self._entries = before
            raise

    def _make(self, change: Change) -> None:
        """Make one change."""
        match change:
            case Add(entry):
                self._add(entry)
            case Delete(entry):
                self._held(entry.dn)
                del self._entries[entry.dn]
            case Modify(dn):
                self._entries[dn] = modified(self._held(dn), change)

    def _add(self, entry: Entry) -> None:
        """Put a new entry in its place."""
        if entry.dn in self._entries:
            raise Stale(str(entry.dn), "entry", expected="no entry of this name", found="one")
        self._entries[entry.dn] = entry

    def _held(self, dn: DN) -> Entry:
        """Give an entry that must be there."""
        if dn not in self._entries:
            raise Stale(str(dn), "entry", expected="an entry of this name", found="none")
        return self._entries[dn]
