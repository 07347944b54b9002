"""From sources to one estate: each is opened, asked what its dialect asks for, lifted and merged."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from remedy.admincsv import Layout
from remedy.codes import CODES
from remedy.dialects import DIALECTS, Dialect, Wanted, by_name, detect, lift
from remedy.dn import DN
from remedy.entry import Attribute, Entry
from remedy.errors import Refused, UsageError
from remedy.estate import Estate
from remedy.stores.base import Readable
from remedy.stores.files import open_source
from remedy.stores.places import Server
from remedy.taking import Taken, lifted, take
from remedy.text import counted, fold, joined, printable
from remedy.words import GATES

__all__ = ["GATES", "Manner", "Progress", "Reading", "Side", "Source", "read", "unhidden"]

Source = str | Path | Server | Readable | Estate
"""A file or URL by name, what leads to a server, a store that is open already, or facts that were read before."""

Progress = Callable[[str, int, int | None], None]
"""Told of each source's name, the bytes done, and the bytes in all if they are known."""


@dataclass(frozen=True, slots=True)
class Side:
    """One kind of directory, as the sources show it."""

    dialect: Dialect
    entries: tuple[Entry, ...]
    """Those that matter, one of each name, but for ordinary custom recipients of which only a gist was kept."""
    hard_cap: int
    """Addresses past which an entry is not known to work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the sources gave."""

    estate: Estate
    inventories: Estate
    """The part of the estate that inventories told."""
    ordinary: Estate
    """The part of the estate that custom recipients told of which no entry was kept."""
    sides: tuple[Side, ...]
    """Never none; two where an organisation has two kinds of directory."""
    directories: tuple[str, ...]
    """The sources that are directories."""
    wanted: Wanted

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The directory entries that matter, of every side."""
        return tuple(entry for side in self.sides for entry in side.entries)

    def side(self, name: str) -> Side:
        """Give the side of a dialect; one that no source shows has no entries."""
        unseen = Side(by_name(name), (), by_name(name).hard_cap)
        return next((side for side in self.sides if side.dialect.name == name), unseen)

    def lifted(self, entries: Iterable[Entry], name: str) -> Estate:
        """Give the estate as it would be with other entries; those that no source shows are of the side ``name``."""
        kinds = {entry.dn: side.dialect.name for side in self.sides for entry in side.entries}
        parted: dict[str, list[Entry]] = {}
        for entry in entries:
            parted.setdefault(kinds.get(entry.dn, name), []).append(entry)
        estate = Estate()
        for kind, some in parted.items():
            estate = estate.merged(lift(by_name(kind), some, "after", self.wanted))
        return estate.merged(self.ordinary).merged(self.inventories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How sources are read."""

    dialect: str = "auto"
    as_kind: str | None = None
    strict: bool = False
    export: Layout = field(default_factory=Layout)
    """How the tables of the Administrator program are written."""
    progress: Progress | None = None
    tell: Callable[[str], None] | None = None
    """Told, of each server, what kind of directory it is taken for."""


def read(sources: Iterable[Source], wanted: Wanted, manner: Manner) -> Reading:
    """Read every source and merge what they tell.

    Raises:
        InputError: a source is unreadable or malformed.
        Refused: a source is empty.
        UsageError: no source was given, or one is of no known kind.
    """
    sources = tuple(sources)
    if [str(source) for source in sources if isinstance(source, str | Path)].count("-") > 1:
        raise UsageError("Standard input (-) can be read once: name it once.")
    opened = [_opened(source, manner) for source in sources]
    if not opened:
        raise UsageError("Name at least one source: an LDIF export or an inventory.")
    stores = [source for source in opened if not isinstance(source, Estate)]
    listed = [source for source in opened if isinstance(source, Estate)]
    taken = _judged([take(store, wanted, manner.dialect, alone=len(stores) == 1) for store in stores])
    if manner.tell:
        for item in taken:
            if item.store.notes().live:
                manner.tell(_kind_of(item))
    directory = Estate()
    for item in taken:
        directory = directory.merged(lifted(item, wanted))
    directory = replace(directory, unseen=dict(_unseen(taken)))
    inventories = Estate()
    for estate in listed:
        inventories = inventories.merged(estate)
    return Reading(
        estate=replace(directory.merged(inventories), clashes=tuple(_clashes(taken))),
        inventories=inventories,
        ordinary=Estate(sightings=tuple(sighting for item in taken for sighting in item.sightings)),
        sides=tuple(_sides(taken)) or (Side(detect(()), (), detect(()).hard_cap),),
        directories=tuple(store.name for store in stores),
        wanted=wanted,
    )


def unhidden(estate: Estate, allow: Collection[str]) -> None:
    """Refuse to plan on sources that may hide a holder of an address; ``allow`` names the `GATES` that stand open.

    Raises:
        Refused: something in them is cut, or was not exported.
    """
    if estate.truncated and "maybe-truncated" not in allow:
        sentences = " ".join(estate.truncated.values())
        raise Refused(f"{sentences} Export again, or plan with --allow maybe-truncated if the file is whole.")
    if estate.unseen and "addresses-unseen" not in allow:
        each = " ".join(f"{printable(source)}: {why}." for source, why in estate.unseen.items())
        raise Refused(f"{each} {CODES['addresses-unseen'].fix.replace('`', '')}")


def _opened(source: Source, manner: Manner) -> Readable | Estate:
    """Open a source that is given by name."""
    if not isinstance(source, str | Path | Server):
        return source
    name, tell = source.name if isinstance(source, Server) else str(source), manner.progress
    progress = None if tell is None else lambda done, total: tell(name, done, total)
    if isinstance(source, Server):
        return replace(source, progress=source.progress or progress).reader()
    opened = open_source(name, as_kind=manner.as_kind, strict=manner.strict, layout=manner.export, progress=progress)
    if isinstance(opened, Estate) and not (opened.listings or opened.connectors or opened.faults):
        raise Refused(f"{printable(name)} lists no postoffice. Check that it is the right file.")
    return opened


def _judged(taken: list[Taken]) -> list[Taken]:
    """Settle what kind each directory is; one that does not show it is what another one is."""
    known = next((item.kind for item in taken if item.kind != "auto"), detect(()).name)
    return [item if item.kind != "auto" else replace(item, kind=known) for item in taken]


def _sides(taken: Iterable[Taken]) -> Iterator[Side]:
    """Put the directories of one kind together, in the order of the kinds."""
    items = tuple(taken)
    for name, dialect in DIALECTS.items():
        some = [item for item in items if item.kind == name]
        if some:
            entries = _united(entry for item in some for entry in item.entries)
            roots = (item.root for item in some if item.root)
            yield Side(dialect, entries, dialect.most((*roots, *entries)))


def _kind_of(taken: Taken) -> str:
    """Say what kind of directory a server is taken for, and what shows it."""
    dialect = by_name(taken.kind)
    showing = sum(map(dialect.knows, taken.entries))
    shows = f"{counted(showing, 'entry shows', 'entries show')} it" if showing else "nothing shows it: see --dialect"
    return f"{printable(taken.store.name)}: taken for the kind {dialect.name}, {dialect.title}; {shows}."


def _unseen(taken: Sequence[Taken]) -> Iterator[tuple[str, str]]:
    """Name the sources whose addresses are not seen; an export of one container shows nobody outside of it."""
    nobody = bool(taken) and all(item.store.notes().recipients == 0 for item in taken)
    for item in taken:
        notes = item.store.notes()
        if notes.unseen:
            yield item.store.name, notes.unseen
        elif nobody:
            yield (
                item.store.name,
                "it has no recipient in it, so nobody knows who holds an address; give an export of the recipients too",
            )


def _clashes(taken: Iterable[Taken]) -> Iterator[tuple[str, str]]:
    """Name the entries of which two sources show different values, and say which sources and attributes."""
    first: dict[DN, tuple[Entry, Readable]] = {}
    for item in taken:
        for entry in item.entries:
            known, store = first.setdefault(entry.dn, (entry, item.store))
            if known is entry:
                continue
            apart = store.notes().dialect != item.store.notes().dialect  # a table has words of its own for classes
            shared = (a for a in entry if known.has(a.name) and not (apart and a.base == "objectclass"))
            if names := [a.name for a in shared if set(known.exact(a.name)) != set(a.values)]:
                both = f"{printable(store.name)} and {printable(item.store.name)}"
                text = f"{both} show different values of {joined(names)}"
                yield str(entry.dn), f"{printable(str(entry.dn))}: {text}; all of them are taken for true."


def _united(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Make entries of one name one, with every value that either shows."""
    first: dict[DN, Entry] = {}
    for entry in entries:
        first[entry.dn] = _both(first[entry.dn], entry) if entry.dn in first else entry
    return tuple(first.values())


def _both(one: Entry, other: Entry) -> Entry:
    """Add to an entry the values that another of its name has beyond it."""
    attributes = {fold(attribute.name): attribute for attribute in one}
    for attribute in other:
        known = attributes.get(fold(attribute.name), Attribute(attribute.name, ()))
        values = dict.fromkeys((*known.values, *attribute.values))
        attributes[fold(attribute.name)] = Attribute(known.name, tuple(values))
    return Entry(one.dn, tuple(attributes.values()), one.where)
