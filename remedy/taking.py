"""One directory taken in: the entries of it that matter, what kind of directory they show, and what they mean.

Law: what is kept of it is enough for the estate that all of its entries make.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from remedy.dialects import Skim, Wanted, by_name, by_root, detect, lift, query, shown, skim
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import InputError, Refused
from remedy.estate import Estate, Sighting
from remedy.query import Query
from remedy.stores.base import Readable
from remedy.stores.ldif import LdifStore
from remedy.text import printable

__all__ = ["Taken", "kept", "lifted", "take"]

_NOTHING_HELD = "holds no entry. Check the export: an empty one would look like a clean one."
_NOTHING_SHOWN = "shows no entry. Check the base in the URL and what the account may see: nothing would look clean."
"""Some servers (389 Directory Server) end a search in pages below a base that is not there in success."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one directory gave."""

    store: Readable
    entries: tuple[Entry, ...]
    kind: str
    """The name of its dialect; ``auto`` as long as nothing shows it."""
    root: Entry | None
    sightings: tuple[Sighting, ...] = ()
    """Of ordinary custom recipients that are not among the entries."""
    hidden: int = 0
    """How many of those are hidden."""


def take(store: Readable, wanted: Wanted, dialect: str, *, alone: bool) -> Taken:
    """Read the entries that matter, and refuse a store without any entry.

    Of ordinary custom recipients only a gist is kept, if that is enough and no other directory is to be compared: a large
    export has many.
    """
    if alone and isinstance(store, LdifStore) and store.stays and not wanted.containers:
        skimmed = skim(wanted, dialect)
        taken = _taken(store, wanted, dialect, skimmed)
        kind = taken.kind if taken.kind != "auto" else detect(()).name
        if skimmed.fits(kind, taken.entries):
            sights = skimmed.sights
            return replace(taken, sightings=sights.sightings(store.name), hidden=sights.hidden)
    return _taken(store, wanted, dialect, None)


def _taken(store: Readable, wanted: Wanted, dialect: str, skimmed: Skim | None) -> Taken:
    """Read the entries that matter, skimmed or not."""
    with closing(store):
        root = store.root()
        kind = store.notes().dialect or by_root(root, dialect)
        entries = tuple(kept(store, query(wanted, kind), skimmed))
    if not (notes := store.notes()).entries:
        raise Refused(f"{printable(store.name)} {_NOTHING_SHOWN if notes.live else _NOTHING_HELD}")
    seen: dict[DN, Entry] = {}
    for entry in entries:
        first = seen.setdefault(entry.dn, entry)
        if first is entry or first.attributes == entry.attributes:
            continue
        if skimmed:  # it may not be the first one
            skimmed.doubtful = True
        else:
            raise InputError.of(
                store.name,
                f"{entry.where}: the entry {printable(str(entry.dn))} stands twice, first at {first.where}, and differs",
                "Export again, or take the outdated record out.",
            )
    held = tuple(seen.values())
    votes = skimmed.votes if skimmed else {}
    return Taken(store, held, shown(held, votes) if kind == "auto" else kind, root)


def kept(store: Readable, asked: Query, skimmed: Skim | None) -> Iterator[Entry]:
    """Yield the entries of which a gist is not enough; only of a file can one be taken."""
    if skimmed is None or not isinstance(store, LdifStore):
        yield from store.read(asked)
        return
    for entry in store.read(asked, skimmed):
        if gist := skimmed.gist(entry):
            skimmed.take(gist, partial(str, entry.where))
        else:
            yield entry


def lifted(taken: Taken, wanted: Wanted) -> Estate:
    """Give what a store's entries mean."""
    store, notes = taken.store, taken.store.notes()
    truncated = {store.name: f"{printable(store.name)}: {notes.truncated}"} if notes.truncated else {}
    elsewhere = {store.name: notes.elsewhere} if notes.elsewhere else {}
    estate = lift(by_name(taken.kind), taken.entries, store.name, wanted)
    estate = replace(
        estate,
        sightings=taken.sightings + estate.sightings,
        hidden={name: count + taken.hidden for name, count in estate.hidden.items()},
    )
    special = {store.name: notes.to_see_hidden} if notes.to_see_hidden else {}
    hidden = {} if notes.recipients == 0 else estate.hidden  # a table of connectors alone has nobody to hide
    return replace(estate, truncated=truncated, elsewhere=elsewhere, hidden=hidden, to_see_hidden=special)
