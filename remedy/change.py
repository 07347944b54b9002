"""Changes to a directory as small sortable values that know their own way back.

Law: values are added or deleted one by one, never replaced; what deletes an entry keeps the whole of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from remedy.dn import DN
from remedy.entry import Entry, same_value
from remedy.errors import Stale
from remedy.text import joined, printable

__all__ = ["Add", "Change", "Delete", "Mod", "Modify", "Op", "modified", "mods_of", "ordered", "reverse", "touched"]


class Op(StrEnum):
    """What happens to the values of one attribute."""

    ADD = "add"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Mod:
    """Values to add to one attribute, or to delete from it."""

    op: Op
    attribute: str
    values: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse a change without values: deleting "the attribute" cannot be undone (UnboundID: isRevertible)."""
        if not self.values:
            raise ValueError(f"{self.op} of {self.attribute} names no value")

    def reverse(self) -> "Mod":
        """Give the change that takes this one back."""
        return Mod(Op.DELETE if self.op is Op.ADD else Op.ADD, self.attribute, self.values)


@dataclass(frozen=True, slots=True)
class Add:
    """A new entry."""

    entry: Entry

    @property
    def dn(self) -> DN:
        """The entry's name."""
        return self.entry.dn


@dataclass(frozen=True, slots=True)
class Modify:
    """Values added to one entry and deleted from it, in one request."""

    dn: DN
    mods: tuple[Mod, ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """An entry taken away, kept whole so that it can come back."""

    entry: Entry

    @property
    def dn(self) -> DN:
        """The entry's name."""
        return self.entry.dn


Change = Add | Modify | Delete


def reverse(change: Change) -> Change:
    """Give the change that takes this one back."""
    match change:
        case Add(entry):
            return Delete(entry)
        case Delete(entry):
            return Add(entry)
        case Modify(dn, mods):
            return Modify(dn, tuple(mod.reverse() for mod in reversed(mods)))
    assert_never(change)


def mods_of(change: Change) -> tuple[Mod, ...]:
    """Give a change as values that are added and deleted; of a new entry the class says nothing."""
    match change:
        case Modify(_, mods):
            return mods
        case Add(entry) | Delete(entry):
            op = Op.ADD if isinstance(change, Add) else Op.DELETE
            return tuple(Mod(op, item.name, item.values) for item in entry if item.base != "objectclass")
    assert_never(change)


def touched(changes: Iterable[Change]) -> tuple[str, ...]:
    """Name the attributes that changes touch."""
    return tuple(dict.fromkeys(mod.attribute for change in changes for mod in mods_of(change)))


def ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Sort changes: new parents before their children, then modifications, then children before their parents."""
    rank = {Add: 0, Modify: 1, Delete: 2}

    def key(change: Change) -> tuple[int, int, str]:
        depth = len(change.dn)
        return rank[type(change)], -depth if isinstance(change, Delete) else depth, change.dn.normal

    return tuple(sorted(changes, key=key))


def modified(entry: Entry, change: Modify) -> Entry:
    """Give the entry after a modification, as a server carries it out: all of it or nothing.

    Raises:
        Stale: a value to add is there already (in any case: RFC 4518), or one to delete is not (in its exact case).
    """
    for mod in change.mods:
        entry = _added(entry, mod) if mod.op is Op.ADD else _deleted(entry, mod)
    return entry


def _added(entry: Entry, mod: Mod) -> Entry:
    """Add values behind the last one of their attribute."""
    values = list(entry.exact(mod.attribute))
    for new in mod.values:
        if held := [old for old in values if same_value(old, new)]:
            raise Stale(str(entry.dn), mod.attribute, expected=f"no value {_shown([new])}", found=_shown(held))
        values.append(new)
    return entry.with_values(mod.attribute, tuple(values))


def _deleted(entry: Entry, mod: Mod) -> Entry:
    """Delete values in their exact spelling."""
    values = list(entry.exact(mod.attribute))
    for old in mod.values:
        if old not in values:
            like = [value for value in values if same_value(value, old)]
            raise Stale(str(entry.dn), mod.attribute, expected=_shown([old]), found=_shown(like) or "no such value")
        values.remove(old)
    return entry.with_values(mod.attribute, tuple(values))


def _shown(values: Iterable[bytes]) -> str:
    """Give values for a message."""
    return joined(printable(value.decode(errors="backslashreplace")) for value in values)
