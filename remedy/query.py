"""What is wanted of a directory, as plain data: each store executes it in its own way.

Law: a store may hand over more entries than a query asks for, never fewer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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
    "matcher",
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
    initial: str = ""
    """What the value begins with, outer blanks aside; the text stands behind it."""


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
    contexts: tuple[str, ...] = ("namingContexts",)
    """Attributes of a server's root that name what everywhere is; a base in its URL takes the first one's place."""
    everywhere: bool = False
    """Whether a base in the URL counts for nothing: whoever is looked for may be anywhere."""
    page_size: int = 100
    """Entries a page on a server (Q246567: an Exchange 5.5 server gives 100 at most)."""
    sweep: bool = False
    """Whether a server is to give everything, because its own filters cannot be trusted (facts on 5.5, §8.4)."""
    apart: tuple[DN, ...] = ()
    """First parts of the names of places where nothing matters: whoever else keeps such a place is not missed."""
    catalogue: tuple[tuple[int, int], ...] = ()
    """Ports of a server, each with the one under which the same host answers for a whole forest of directories."""
    catalogue_sign: str = ""
    """The attribute of a server's root that is TRUE where it does."""

    def leaves(self) -> Iterator[Leaf]:
        """Give the conditions that are not made of others."""
        return _leaves(self.condition)

    def judge(self) -> Callable[[Entry], bool]:
        """Give what tells whether an entry lies in one of the places to look and fulfils the condition."""
        fulfils, bases = matcher(self.condition), self.bases
        if not bases:
            return fulfils
        return lambda entry: fulfils(entry) and any(entry.dn.within(base) for base in bases)

    def wants(self, entry: Entry) -> bool:
        """Tell it of one entry."""
        return self.judge()(entry)


def _leaves(condition: Condition) -> Iterator[Leaf]:
    """Walk down to the simple conditions."""
    if isinstance(condition, AnyOf | AllOf):
        for part in condition.conditions:
            yield from _leaves(part)
    else:
        yield condition


@dataclass(slots=True)
class _Tests:
    """What is asked of one attribute: many comparisons cost hardly more than one."""

    present: bool = False
    equals: set[str] = field(default_factory=set)
    initials: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()

    def take(self, leaf: Present | Equal | Initial | Contains) -> None:
        """Ask one thing more."""
        match leaf:
            case Present():
                self.present = True
            case Equal(_, value):
                self.equals.add(fold(value))
            case Initial(_, value):
                self.initials += (fold(value),)
            case Contains(_, value, initial):
                self.parts += ((fold(initial), fold(value)),)
            case _:
                assert_never(leaf)

    def hold(self, value: bytes) -> bool:
        """Tell whether a value is one that was asked for; case and outer blanks do not count."""
        if self.present:
            return True
        folded = fold(value.decode(errors="backslashreplace"))
        return (
            folded.strip(" ") in self.equals
            or folded.lstrip(" ").startswith(self.initials)
            or any(folded.lstrip().startswith(initial) and part in folded for initial, part in self.parts)
        )


def matcher(condition: Condition) -> Callable[[Entry], bool]:
    """Give what tells whether an entry fulfils a condition."""
    if isinstance(condition, AllOf):
        each = [matcher(part) for part in condition.conditions]
        return lambda entry: all(fulfils(entry) for fulfils in each)
    tests: dict[str, _Tests] = {}
    names: set[DN] = set()
    others: list[Callable[[Entry], bool]] = []
    for part in condition.conditions if isinstance(condition, AnyOf) else (condition,):
        match part:
            case Named(dn):
                names.add(dn)
            case AnyOf() | AllOf():
                others.append(matcher(part))
            case _:
                tests.setdefault(fold(part.attribute), _Tests()).take(part)

    def fulfils(entry: Entry) -> bool:
        for name, asked in tests.items():
            values = entry.values(name)
            if values and any(map(asked.hold, values)):
                return True
        return (bool(names) and entry.dn in names) or any(other(entry) for other in others)

    return fulfils


def matches(condition: Condition, entry: Entry) -> bool:
    """Tell whether an entry fulfils a condition."""
    return matcher(condition)(entry)
