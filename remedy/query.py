"""What is wanted of a directory, as plain data: each store executes it in its own way.

Law: a store may hand over more entries than a query asks for, never fewer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from remedy.dn import DN
from remedy.entry import Entry
from remedy.text import fold

__all__ = [
    "AllOf",
    "AnyOf",
    "Condition",
    "Contains",
    "Equal",
    "Initial",
    "Leaf",
    "Named",
    "Present",
    "Query",
    "matches",
]


@dataclass(frozen=True, slots=True)
class Present:
    """The attribute has a value."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Equal:
    """A value of the attribute is this text, without case."""

    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class Initial:
    """A value of the attribute begins with this text, without case."""

    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class Contains:
    """A value of the attribute holds this text, without case."""

    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class Named:
    """The entry has this name."""

    dn: DN


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the conditions holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of the conditions holds."""

    conditions: tuple["Condition", ...]


Leaf = Present | Equal | Initial | Contains | Named
Condition = Leaf | AnyOf | AllOf


@dataclass(frozen=True, slots=True)
class Query:
    """Which entries, and which of their attributes."""

    condition: Condition
    attributes: tuple[str, ...]
    """The attributes to ask a server for by name (some are returned only then, SDK heuristics)."""
    bases: tuple[DN, ...] = ()
    """Where to look; none = everywhere."""
    page_size: int = 100
    """Entries a page on a server (Q246567: an Exchange 5.5 server gives 100 at most)."""

    def leaves(self) -> Iterator[Leaf]:
        """Give the conditions that are not made of others."""
        return _leaves(self.condition)

    def wants(self, entry: Entry) -> bool:
        """Tell whether an entry lies in one of the places to look and fulfils the condition."""
        inside = not self.bases or any(entry.dn.within(base) for base in self.bases)
        return inside and matches(self.condition, entry)


def _leaves(condition: Condition) -> Iterator[Leaf]:
    """Walk down to the simple conditions."""
    if isinstance(condition, AnyOf | AllOf):
        for part in condition.conditions:
            yield from _leaves(part)
    else:
        yield condition


def matches(condition: Condition, entry: Entry) -> bool:
    """Tell whether an entry fulfils a condition."""
    match condition:
        case AnyOf(conditions):
            return any(matches(part, entry) for part in conditions)
        case AllOf(conditions):
            return all(matches(part, entry) for part in conditions)
        case Named(dn):
            return entry.dn == dn
        case _:
            return any(_fits(condition, fold(text)) for text in entry.texts(condition.attribute))


def _fits(condition: Present | Equal | Initial | Contains, folded: str) -> bool:
    """Tell whether one folded value fulfils a condition on its attribute."""
    match condition:
        case Present():
            return True
        case Equal(_, value):
            return folded.strip(" ") == fold(value)
        case Initial(_, value):
            return folded.lstrip(" ").startswith(fold(value))
        case Contains(_, value):
            return fold(value) in folded
    assert_never(condition)
