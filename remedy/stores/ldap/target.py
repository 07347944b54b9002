"""A live directory to change: one request an entry, with what must hold for it; what nobody answered is unknown.

Law: a request is sent once. Where the server cannot check what must hold, the entry is read, compared, changed and read
again. No entry is ever deleted: over LDAP that orphans a mailbox's store (Q284199).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from remedy.change import Change, Modify, Op, modified, mods_of, touched
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import RemedyError, Stale
from remedy.ldif import dump_entry
from remedy.stores.base import End, Outcome
from remedy.stores.ldap.results import Result, Unasserted, refused_write
from remedy.stores.ldap.store import LdapStore
from remedy.stores.ldap.wire import Lost
from remedy.stores.login import Login, Pace
from remedy.text import fold, printable

__all__ = ["LdapTarget"]

_WINDOW = 128
_DEAF = 0.2  # seconds that a window may take at a pace: an interruption is heard between two
_UNKNOWN = Outcome(End.UNKNOWN)


class LdapTarget(LdapStore):
    """A server that may be changed; see `remedy.stores.base.Writable`."""

    def __init__(
        self,
        url: str,
        login: Login | None = None,
        *,
        pace: Pace | None = None,
        progress: Callable[[int, int | None], None] | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """Name the server; ``pace`` is how fast changes are sent (None = as fast as it takes them)."""
        super().__init__(url, login, progress=progress, tell=tell)
        self.place = self.at.target
        self.window = max(1, int(min(_WINDOW, pace.rate * _DEAF))) if pace else _WINDOW
        self._pause = pace.wait if pace else None

    def ready(self) -> None:
        """Wait until the next change may be sent; an interruption is heard meanwhile."""
        if self._pause:
            self._pause()

    def intend(self, changes: Sequence[Change], entries: Mapping[DN, Entry]) -> tuple[Mapping[str, Any], ...]:
        """Say which entry each change touches, and which values of the attributes that it touches are there."""
        return tuple({"dn": str(change.dn), "before": _image(change, entries.get(change.dn))} for change in changes)

    def carry_out(self, *changes: Change) -> None:
        """Make one change.

        Raises:
            RemedyError: it was not made, and why; or, as `Lost`, nobody knows.
        """
        (change,) = changes
        (outcome,) = self.carry_out_each((change,))
        if outcome.why:
            raise outcome.why

    def carry_out_each(self, changes: Sequence[Change]) -> tuple[Outcome, ...]:
        """Make changes of different entries, and say what became of each."""
        if self.asserts and not any(map(_deletes, changes)):
            outcomes = list(self._sent(changes, asserted=True))
        else:  # that a value to delete is there in its exact case, no server can be told
            outcomes = list(self._compared(changes, asserted=self.asserts))
        unsure = [place for place, outcome in enumerate(outcomes) if isinstance(outcome.why, Unasserted)]
        again = self._compared([changes[place] for place in unsure], asserted=False)
        for place, outcome in zip(unsure, again, strict=True):
            outcomes[place] = outcome  # it was refused, so it was not made: this is no second try of the same thing
        return tuple(outcomes)

    def _compared(self, changes: Sequence[Change], *, asserted: bool) -> tuple[Outcome, ...]:
        """Make changes by reading each entry, comparing it, changing it and reading it again."""
        if not changes:
            return ()
        try:
            entries = self.shown([change.dn for change in changes], touched(changes))
        except RemedyError as fault:  # nothing was sent yet
            return tuple(Outcome(End.REFUSED, fault) for _ in changes)
        misfits = [_misfit(change, entries.get(change.dn)) for change in changes]
        some = [change for change, misfit in zip(changes, misfits, strict=True) if misfit is None]
        made = iter(self._read_back(some, self._sent(some, asserted=asserted)))
        return tuple(Outcome(End.REFUSED, misfit) if misfit else next(made) for misfit in misfits)

    def _sent(self, changes: Sequence[Change], *, asserted: bool) -> tuple[Outcome, ...]:
        """Send changes and note the answers; without one, nobody knows."""
        outcomes = [_UNKNOWN for _ in changes]

        def take(place: int, result: Result) -> None:
            change = changes[place]
            names = touched([change]) if isinstance(change, Modify) else ()
            why = refused_write(str(change.dn), result, names) if result.code else None
            outcomes[place] = Outcome(End.REFUSED, why) if why else Outcome(End.MADE)

        try:
            self.wire.make(changes, take, self._pause, asserted=asserted)
        except Lost as fault:
            return self._looked_up(changes, outcomes, fault)
        return tuple(outcomes)

    def _looked_up(self, changes: Sequence[Change], outcomes: Sequence[Outcome], fault: Lost) -> tuple[Outcome, ...]:
        """Ask on a new line what became of changes that nobody answered for; what is not there may come yet."""
        self.close()
        unsure = [change for change, item in zip(changes, outcomes, strict=True) if item.end is End.UNKNOWN]
        try:
            entries = self.shown([change.dn for change in unsure], touched(unsure))
        except RemedyError:
            entries = {}
        there = {change.dn for change in unsure if _seen(change, entries.get(change.dn)).end is End.MADE}
        found = (
            item if item.end is not End.UNKNOWN else Outcome(End.MADE) if change.dn in there else replace(item, why=fault)
            for change, item in zip(changes, outcomes, strict=True)
        )  # fmt: skip
        return tuple(found)

    def _read_back(self, changes: Sequence[Change], outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
        """Look whether what the server says was made is there."""
        try:
            entries = self.shown([change.dn for change in changes], touched(changes))
        except RemedyError as fault:
            return tuple(Outcome(End.UNKNOWN, fault) if item.end is End.MADE else item for item in outcomes)
        pairs = zip(changes, outcomes, strict=True)
        return tuple(
            item if item.end is not End.MADE else _seen(change, entries.get(change.dn)) for change, item in pairs
        )


def _deletes(change: Change) -> bool:
    """Tell whether a change takes a value away."""
    return any(mod.op is Op.DELETE for mod in mods_of(change))


def _image(change: Change, entry: Entry | None) -> str:
    """Write what an entry holds of the attributes that a change touches; nothing if there is no entry."""
    if entry is None:
        return ""
    touched = {fold(mod.attribute) for mod in change.mods} if isinstance(change, Modify) else set()
    return dump_entry(Entry(entry.dn, tuple(item for item in entry if fold(item.name) in touched)))


def _misfit(change: Change, entry: Entry | None) -> RemedyError | None:
    """Say why a change does not fit the entry as it is now; None if it does."""
    if isinstance(change, Modify):
        if entry is None:
            return Stale(printable(str(change.dn)), "entry", expected="an entry of this name", found="none")
        try:
            modified(entry, change)
        except Stale as why:
            return why
        return None
    if entry is not None:
        return Stale(printable(str(change.dn)), "entry", expected="no entry of this name", found="one")
    return None


def _seen(change: Change, entry: Entry | None) -> Outcome:
    """Compare an entry with what a change was to make of it."""
    for mod in mods_of(change) if entry else ():
        for value in mod.values:
            if entry and entry.shows(mod.attribute, value) is not (mod.op is Op.ADD):
                return Outcome(End.UNKNOWN, _unseen(change, f"{mod.op} {mod.attribute}"))
    return Outcome(End.MADE) if entry else Outcome(End.UNKNOWN, _unseen(change, "the entry"))


def _unseen(change: Change, what: str) -> Stale:
    """Say that an entry does not show what the server said it did."""
    return Stale(
        printable(str(change.dn)), what, expected="as the server said that it made it", found="something else",
        advice="Somebody else may have changed it at the same moment: look at the entry, then go on with --resume.",
    )  # fmt: skip
