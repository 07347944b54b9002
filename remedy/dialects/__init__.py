"""The kinds of directory: one file each, and this dict of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from remedy.dialects.base import Dialect, Wanted
from remedy.dialects.exchange55 import EXCHANGE55
from remedy.dialects.lift import lift
from remedy.entry import Entry
from remedy.errors import UsageError
from remedy.query import AnyOf, Query

__all__ = ["DIALECTS", "Dialect", "Wanted", "by_name", "by_root", "detect", "lift", "query"]

DIALECTS: Mapping[str, Dialect] = MappingProxyType({dialect.name: dialect for dialect in (EXCHANGE55,)})


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
    attributes = tuple(dict.fromkeys(attribute for one in each for attribute in one.attributes))
    return Query(
        AnyOf(tuple(one.condition for one in each)), attributes,
        contexts=tuple(dict.fromkeys(context for one in each for context in one.contexts)),
        page_size=min(one.page_size for one in each), sweep=any(one.sweep for one in each),
    )  # fmt: skip


def by_root(root: Entry | None, name: str = "auto") -> str:
    """Name the dialect that the root of a server shows: the one whose signs it has, else the one that has none."""
    if name != "auto" or root is None:
        return name
    signed = [dialect.name for dialect in DIALECTS.values() if any(map(root.has, dialect.root_signs))]
    plain = [dialect.name for dialect in DIALECTS.values() if not dialect.root_signs]
    found = signed or plain
    return found[0] if len(found) == 1 else name


def detect(entries: Iterable[Entry], name: str = "auto") -> Dialect:
    """Say which dialect entries speak: the one whose own attributes most of them have, else the first."""
    if name != "auto":
        return by_name(name)
    votes = Counter(dialect.name for entry in entries for dialect in DIALECTS.values() if dialect.knows(entry))
    return by_name(max(DIALECTS, key=lambda known: votes[known]))
