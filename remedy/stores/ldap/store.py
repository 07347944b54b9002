"""A live directory to read: pages until the server says that there is no more, and nothing less.

Law: a search that does not end in success counts for nothing; names are compared in their normal form only.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import unquote

from remedy.dn import DN
from remedy.entry import Attribute, Entry
from remedy.errors import InputError, RemedyError
from remedy.query import AnyOf, Condition, Named, Query, matcher
from remedy.stores.base import Notes
from remedy.stores.ldap.connection import connect, described
from remedy.stores.ldap.filters import filters
from remedy.stores.ldap.place import Place
from remedy.stores.ldap.results import refused_read
from remedy.stores.ldap.wire import ASSERTION, Found, Wire
from remedy.stores.login import Login
from remedy.text import fold, printable

__all__ = ["LdapStore"]

_ROOT = ("*", "+", "namingContexts", "supportedControl", "defaultNamingContext", "configurationNamingContext")
_WINDOW = 64  # requests on their way at once
_NO_ENTRY = 32
_NOWHERE = DN(())
_RANGE = re.compile(r"([^;]+(?:;(?!range=)[^;]+)*);range=(\d+)-(\d+|\*)", re.IGNORECASE | re.ASCII)
_REFERENCE = re.compile(r"ldaps?://[^/]*/([^?]*)", re.IGNORECASE)


class LdapStore:
    """A server; see `remedy.stores.base.Readable`. It is connected to when it is first asked something.

    ``progress`` is told, once a page, the bytes that came; ``tell`` is told in a sentence how we are connected.
    """

    def __init__(
        self,
        url: str,
        login: Login | None = None,
        *,
        progress: Callable[[int, int | None], None] | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.at, self.login = Place.parse(url), login or Login()
        self.name = self.at.name
        self._progress, self._tell = progress, tell
        self._open: Wire | None = None
        self._root: tuple[Entry | None] | None = None
        self._seen = 0
        self._references: set[str] = set()

    @property
    def wire(self) -> Wire:
        """The line to the server, opened when it is needed."""
        if self._open is None:
            self._open = connect(self.at, self.login)
            if self._tell:
                self._tell(described(self.at, self.login) + ".")
        return self._open

    def close(self) -> None:
        """Hang up; asking again connects again."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def root(self) -> Entry | None:
        """Give what the server says of itself; None if it says nothing (Exchange 5.5: unknown [U])."""
        if self._root is None:
            ((found, result),) = self.wire.bases([("", _ROOT)])
            self._root = (Entry(_NOWHERE, found.attributes) if found and not result.code else None,)
        return self._root[0]

    def offers(self, control: str) -> bool:
        """Tell whether the server says that it knows a control."""
        root = self.root()
        return root is not None and control in root.texts("supportedControl")

    @property
    def asserts(self) -> bool:
        """Whether a change can say what must hold for its entry (RFC 4528)."""
        return self.offers(ASSERTION)

    def read(self, query: Query) -> Iterator[Entry]:
        """Yield the entries that the query wants: those wanted by name whole, the others with the attributes it names.

        Raises:
            Unreachable: the server cannot be reached.
            InputError: a search did not end in success; what was yielded before counts for nothing.
        """
        self._seen, self._references = 0, set()
        wanted, others = _apart(query.condition)
        given: set[DN] = set()
        for entry in self.entries(wanted, query.attributes).values():
            given.add(entry.dn)
            yield entry
        texts = tuple(filters(query))
        places = self._places(query) if texts else ()
        for entry in self._found(replace(query, condition=others), texts, places):
            if entry.dn not in given:
                given.add(entry.dn)
                yield entry
        yield from (entry for entry in self._catalogued(query) if entry.dn not in given)
        if self._progress:
            self._progress(self.wire.taken, self.wire.taken)

    def _found(self, query: Query, texts: Iterable[str], places: Sequence[DN]) -> Iterator[Entry]:
        """Yield what the searches bring that fulfils the query; what lies beyond the URL's base is not ours to insist on."""
        fulfils = matcher(query.condition)
        deep = any(isinstance(leaf, Named) for leaf in query.leaves())
        for text in texts:
            for place in places:
                others = [other for other in places if other != place]
                try:
                    for found in self._search(str(place), text, query, others):
                        if deep or fulfils(Entry(_NOWHERE, found.attributes)):
                            entry = self._entry(found)
                            if not deep or fulfils(entry):
                                yield entry
                except InputError:
                    if not query.everywhere or not len(self.at.base) or self.at.base.within(place):
                        raise
                    self._references.add(f"{self.name} ({place})")

    def _catalogued(self, query: Query) -> Iterator[Entry]:
        """Yield what the same host knows of the other domains of its forest; if it does not say, it was not asked."""
        ports, root = dict(query.catalogue), self.root()
        if not root or self.at.port not in ports or fold(root.text(query.catalogue_sign)) != "true":
            return
        catalogue = LdapStore(
            self.at.on(ports[self.at.port]).name, self.login, progress=self._progress, tell=self._tell
        )
        try:
            entries = tuple(catalogue.read(replace(query, catalogue=(), bases=(_NOWHERE,))))
        except RemedyError:
            self._references.add(catalogue.name)
            return
        finally:
            catalogue.close()
        self._references = set()  # whatever domain was named, the catalogue holds it
        yield from entries

    def entries(self, names: Iterable[DN], attributes: Sequence[str] = ()) -> dict[DN, Entry]:
        """Read entries by name, with all they hold; those that are not there are left out.

        Raises:
            Unreachable: the server cannot be reached.
            InputError: the server does not answer for one of them.
        """
        return self.shown(names, ("*", *attributes))

    def shown(self, names: Iterable[DN], attributes: Sequence[str]) -> dict[DN, Entry]:
        """Read entries by name, with some attributes only; see `entries`."""
        wanted = [name for name in dict.fromkeys(names) if len(name)]
        asked = tuple(dict.fromkeys(attributes))
        held: dict[DN, Entry] = {}
        for start in range(0, len(wanted), _WINDOW):
            some = wanted[start : start + _WINDOW]
            for name, (found, result) in zip(some, self.wire.bases([(str(name), asked) for name in some]), strict=True):
                if result.code not in {0, _NO_ENTRY}:
                    raise refused_read(f"{self.name}: {name}", result, 0)
                if found:
                    whole = self._whole(found)
                    held[name] = (
                        Entry(name, whole.attributes) if whole.name == str(name).encode() else self._entry(whole)
                    )
        self._seen += len(held)
        return held

    def notes(self) -> Notes:
        """Say how many entries came, and which other servers were named."""
        return Notes(entries=self._seen, elsewhere=tuple(sorted(self._references)), live=True)

    def _places(self, query: Query) -> tuple[DN, ...]:
        """Say where to search."""
        if query.bases:
            return query.bases
        if self.at.port in {port for _, port in query.catalogue}:
            return (_NOWHERE if query.everywhere else self.at.base,)
        root = self.root()
        names = [root.texts(context) if root else () for context in query.contexts]
        if len(self.at.base) and not query.everywhere:
            names[:1] = [(str(self.at.base),)]
        texts = [text for some in names for text in some if text] or (root.texts("namingContexts") if root else ())
        places = tuple(dict.fromkeys(filter(None, map(_name_or_none, texts))))
        if not places and not len(self.at.base):
            what = "it does not say where its directory begins"
            raise InputError.of(self.name, what, "Write the base into the URL: ldap://host/o=ORGANISATION.")
        return places or (_top(self.at.base),)

    def _search(self, base: str, text: str, query: Query, others: Sequence[DN]) -> Iterator[Found]:
        """Yield what one search brings, every page of it; a reference to one of the ``others`` leads to no gap."""
        size, named = self.login.page_size or query.page_size, set[str]()
        for entries, result in self.wire.pages(base, text, _named(query), size, named):
            self._references |= {url for url in named if not _is_known(url, others, query.apart)}
            if result.code:
                where = f"{self.name}: {base}" if base and base not in self.name else self.name
                raise refused_read(where, result, self._seen)
            self._seen += len(entries)
            if self._progress:
                self._progress(self.wire.taken, None)
            for found in entries:
                yield self._whole(found)

    def _whole(self, found: Found) -> Found:
        """Fetch what a server gave a part of only: ``member;range=0-999`` (MS-ADTS, range retrieval)."""
        if not any(_RANGE.fullmatch(attribute.name) for attribute in found.attributes):
            return found
        gathered: dict[str, Attribute] = {}
        for attribute in found.attributes:
            name, values, part = attribute.name, attribute.values, _RANGE.fullmatch(attribute.name)
            while part:
                name, last = part[1], part[3]
                part = None
                if last != "*":
                    more, part = self._further(found, name, int(last) + 1)
                    values += more.values
            known = gathered.get(fold(name), Attribute(name, ()))
            gathered[fold(name)] = Attribute(known.name, known.values + values)
        return Found(found.name, tuple(gathered.values()))

    def _further(self, found: Found, name: str, start: int) -> tuple[Attribute, re.Match[str]]:
        """Ask for the values of an attribute from one on; give them, and which they are."""
        dn = str(self._entry(found).dn)
        ((more, result),) = self.wire.bases([(dn, (f"{name};range={start}-*",))])
        if result.code:
            raise refused_read(f"{self.name}: {dn}", result, 0)
        parts = [(item, _RANGE.fullmatch(item.name)) for item in more.attributes if item.values] if more else []
        rest = [(item, part) for item, part in parts if part and _goes_on(part, name, start)]
        if len(rest) != 1:
            what = f"the values of {printable(name)} of {printable(dn)} from number {start + 1} on do not come"
            raise InputError.of(self.name, what, "Somebody may be changing them: try again.")
        return rest[0]

    def _entry(self, found: Found) -> Entry:
        """Give an entry its name."""
        try:
            return Entry(DN.parse(found.name.decode()), found.attributes)
        except ValueError as fault:
            shown = printable(found.name.decode(errors="backslashreplace"))
            what = f"an entry has the name {shown}, which is none: {printable(str(fault))}"
            raise InputError.of(self.name, what, "Export the directory to LDIF, and correct that name there.") from None


def _goes_on(part: re.Match[str], name: str, start: int) -> bool:
    """Tell whether a part of an attribute's values is the one that begins at a number."""
    return fold(part[1]) == fold(name) and int(part[2]) == start and (part[3] == "*" or int(part[3]) >= start)


def _name_or_none(text: str) -> DN | None:
    """Read a name; None if it is none, or the root's."""
    try:
        return DN.parse(text) or None
    except ValueError:
        return None


def _top(base: DN) -> DN:
    """Give the top of the directory that a base lies in, as far as its name shows it: the organisation, if it ends in one."""
    top = DN(base.rdns[-1:])
    return top if len(top) and fold(top.rdns[0][0].type) == "o" else base


def _is_known(url: str, places: Sequence[DN], apart: Sequence[DN]) -> bool:
    """Tell whether a reference leads to a place that is searched anyway, or to one where nothing matters."""
    found = _REFERENCE.match(url)
    try:
        dn = DN.parse(unquote(found[1])) if found else _NOWHERE
    except ValueError:
        return False
    return dn in places or (len(dn) > 0 and DN(dn.rdns[:1]) in apart)


def _named(query: Query) -> tuple[str, ...]:
    """Name the attributes to ask for: what is looked at must come too."""
    looked_at = (getattr(leaf, "attribute", "") for leaf in query.leaves())
    return tuple(dict.fromkeys(name for name in ("objectClass", *query.attributes, *looked_at) if name))


def _apart(condition: Condition) -> tuple[tuple[DN, ...], Condition]:
    """Part the entries that are wanted by name from the rest of a condition."""
    parts = condition.conditions if isinstance(condition, AnyOf) else (condition,)
    names = tuple(part.dn for part in parts if isinstance(part, Named))
    return names, AnyOf(tuple(part for part in parts if not isinstance(part, Named)))
