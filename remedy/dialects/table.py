"""The dialects by their names, and what is asked of all of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from remedy.dialects.active_directory import ACTIVE_DIRECTORY
from remedy.dialects.base import STAYS, Dialect, Wanted
from remedy.dialects.exchange55 import EXCHANGE55
from remedy.dialects.lifting import lift
from remedy.dialects.ordinary import Skim
from remedy.entry import Entry
from remedy.errors import UsageError
from remedy.query import AnyOf, Query

__all__ = [
    "DIALECTS",
    "STAYS",
    "Dialect",
    "Skim",
    "Wanted",
    "by_name",
    "by_root",
    "detect",
    "lift",
    "query",
    "shown",
    "skim",
]

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {dialect.name: dialect for dialect in (EXCHANGE55, ACTIVE_DIRECTORY)}
)


def by_name(name: str) -> Dialect:
    """Give a dialect.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in DIALECTS:
        raise UsageError(f"There is no dialect {name!r}; there are {', '.join(DIALECTS)}.")
    return DIALECTS[name]


def query(wanted: Wanted, name: str = "auto") -> Query:
    """Ask in the words of one dialect, or of all of them while it is not known which it is."""
    if name != "auto":
        return by_name(name).query(wanted)
    each = [dialect.query(wanted) for dialect in DIALECTS.values()]
    return Query(
        AnyOf(tuple(one.condition for one in each)), _every(each, "attributes"),
        contexts=_every(each, "contexts"), page_size=min(one.page_size for one in each),
        sweep=any(one.sweep for one in each), apart=_every(each, "apart"),
    )  # fmt: skip


def _every(queries: Iterable[Query], name: str) -> tuple[Any, ...]:
    """Give what stands in any of some queries under one name."""
    return tuple(dict.fromkeys(item for query in queries for item in getattr(query, name)))


def by_root(root: Entry | None, name: str = "auto") -> str:
    """Name the dialect whose signs the root of a server has; what has none says nothing, and its entries must show it."""
    signed = [dialect.name for dialect in DIALECTS.values() if root and any(map(root.has, dialect.root_signs))]
    return signed[0] if name == "auto" and len(signed) == 1 else name


def skim(wanted: Wanted, name: str = "auto") -> Skim:
    """Skim ordinary custom recipients off a directory of one dialect, or of whichever it turns out to be."""
    return Skim(DIALECTS.values() if name == "auto" else (by_name(name),), wanted)


def shown(entries: Iterable[Entry], besides: Mapping[str, int] = MappingProxyType({})) -> str:
    """Name the dialect whose own attributes most of some entries have; ``auto`` if no entry has any.

    ``besides`` are entries that are not at hand, counted by what they show.
    """
    votes = Counter(dialect.name for entry in entries for dialect in DIALECTS.values() if dialect.knows(entry))
    votes.update(besides)
    return max(DIALECTS, key=lambda known: votes[known]) if votes else "auto"


def detect(entries: Iterable[Entry], name: str = "auto") -> Dialect:
    """Say which dialect entries speak, unless ``name`` says it: the one that they show, else the first."""
    found = shown(entries) if name == "auto" else name
    return next(iter(DIALECTS.values())) if found == "auto" else by_name(found)
