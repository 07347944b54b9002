"""Ordinary custom recipients: each shows its postoffice and nothing else, so that only how many there are is kept of them.

Law: an estate is the same whether they were skimmed off while a source was read, or lifted one by one.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from remedy.addresses import PostofficeName, ProxyAddress, is_mangled
from remedy.dialects.base import ALWAYS, Dialect, Names, Wanted, named
from remedy.dn import DN
from remedy.entry import Entry
from remedy.estate import Evidence, EvidenceKind, Sighting
from remedy.gists import Brief
from remedy.query import AnyOf, Equal, Initial, Present, Query
from remedy.text import fold

__all__ = ["Ordinary", "Sights", "Skim", "alias_of", "proxies_of", "proxy_of", "target_of", "where_of"]

Gist = tuple[str, int, int, str, str, str, str, bool]
"""Kind of directory; hashes of name and attributes; network and postoffice; name; target; whether it is hidden."""


def alias_of(entry: Entry, names: Names) -> str:
    """Give the alias of a recipient."""
    return entry.text(names.alias) or entry.text(names.rdn) or entry.dn.leaf


def proxies_of(entry: Entry, names: Names) -> tuple[ProxyAddress, ...]:
    """Give the proxies of a recipient that are addresses."""
    return tuple(filter(None, map(proxy_of, entry.texts(names.proxies))))


def target_of(entry: Entry, names: Names) -> ProxyAddress | None:
    """Give the address that a custom recipient sends its mail on to."""
    return proxy_of(entry.text(names.target))


def proxy_of(text: str) -> ProxyAddress | None:
    """Read an address; None if it is none."""
    try:
        return ProxyAddress.parse(text)
    except ValueError:
        return None


def where_of(dn: DN | str, where: str) -> str:
    """Say where an entry stands: its name, and its line in a file."""
    return f"{dn} ({where})" if where else str(dn)


class Ordinary:
    """Tells which custom recipients are only evidence for their postoffice."""

    def __init__(self, dialect: Dialect, wanted: Wanted) -> None:
        self.dialect, self.names = dialect, dialect.names
        self.aliases = {fold(text) for text in wanted.mailboxes if "=" not in text}
        self.dns = {*wanted.dns, *(named(text) for text in wanted.mailboxes if "=" in text)}
        self.new_alias = fold(wanted.new_alias)
        self.addresses = {fold(address) for address in wanted.addresses}

    def target_of(self, entry: Entry) -> tuple[PostofficeName, ProxyAddress] | None:
        """Give where an ordinary custom recipient sends its mail on to; None of any other entry."""
        found = self.place_of(target_of(entry, self.names))
        if not found or any(map(self._matters, (*proxies_of(entry, self.names), found[1]))) or self._is_wanted(entry):
            return None
        return found

    def place_of(self, proxy: ProxyAddress | None) -> tuple[PostofficeName, ProxyAddress] | None:
        """Give the postoffice of a target, if nothing is special about it."""
        target = proxy.ms if proxy else None
        if proxy is None or target is None or target.is_postmaster or target.is_system or is_mangled(target.mailbox):
            return None
        return target.postoffice, proxy

    def _matters(self, proxy: ProxyAddress) -> bool:
        """Tell whether an address is that of a postmaster, or one whose holders must be seen."""
        if not proxy.is_ms:
            return False
        return fold(proxy.body) in self.addresses or bool((ms := proxy.ms) and ms.is_postmaster)

    def _is_wanted(self, entry: Entry) -> bool:
        """Tell whether a recipient is asked for, or has taken an alias that a new mailbox might get."""
        alias = fold(alias_of(entry, self.names))
        if alias in self.aliases or (self.dns and entry.dn in self.dns):
            return True
        return self.has_taken(alias, entry.dn)

    def has_taken(self, alias: str, dn: DN) -> bool:
        """Tell whether a folded alias, or the first part of a name, is one that a new mailbox might get."""
        names = (alias, dn.normal.partition(",")[0].partition("=")[2]) if self.new_alias else ()
        return any(name.startswith(self.new_alias) for name in names)

    def is_hidden(self, entry: Entry) -> bool:
        """Tell whether it is hidden from the address book."""
        return fold(entry.text(self.names.hidden)) == "true"

    def is_passed_over(self, entry: Entry) -> bool:
        """Tell whether an entry does not count: a tombstone, or one that only repeats another."""
        return self.dialect.skips(entry.dn) or fold(entry.text(self.names.deleted)) == "true"

    def is_nothing_else(self, entry: Entry) -> bool:
        """Tell whether a recipient is no connector, site or requestor besides, nor one that does not count."""
        names, dialect = self.names, self.dialect
        if entry.has_any((names.routing, names.template, names.client, names.deleted)):
            return False
        kinds = (dialect.classes.get(fold(name)) for name in entry.texts("objectClass"))
        return not any(kind in ALWAYS for kind in kinds) and not dialect.skips(entry.dn)


def _gist(dialect: Dialect, dn: DN, found: tuple[PostofficeName, ProxyAddress], digest: int, *, hidden: bool) -> Gist:
    """Put a gist together."""
    postoffice, proxy = found
    return dialect.name, hash(dn.normal), digest, postoffice.network, postoffice.name, str(dn), str(proxy), hidden


def _briefs(rule: Ordinary, dialects: Iterable[Dialect], wanted: Wanted) -> Iterator[Brief]:
    """Say what shows an ordinary custom recipient without looking at its entry: of all that is asked for its target alone."""
    dialect, target = rule.dialect, Initial(rule.names.target, "MS")
    if wanted.mailboxes or wanted.addresses:  # those are compared in more ways than a query has
        return
    asked = [leaf for each in dialects for leaf in each.query(wanted).leaves() if leaf != target]
    signs = [Present(sign) for each in dialects if each is not dialect for sign in each.signs]
    more = (Present(rule.names.deleted), Equal(rule.names.hidden, "TRUE"))

    def gist(name: str, value: str, digest: int) -> Gist | None:
        """Give the gist of such an entry."""
        try:
            dn = DN.parse(name)
        except ValueError:
            return None
        if value[:1].isspace() or dialect.skips(dn) or rule.has_taken("", dn):
            return None
        found = rule.place_of(proxy_of(value))
        return _gist(dialect, dn, found, digest, hidden=False) if found else None

    if rule.names.target in dialect.signs:
        yield Brief(rule.names.target, Query(AnyOf((*asked, *signs, *more)), ()), gist)


@dataclass(slots=True)
class _Sight:
    """The first recipient that shows a postoffice, and how many do."""

    where: str
    value: str
    count: int = 0


class Sights:
    """How many ordinary custom recipients show each postoffice, and how many of them are hidden."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], _Sight] = {}
        self.hidden = 0

    def take(self, postoffice: tuple[str, str], value: str, where: Callable[[], str], *, hidden: bool) -> None:
        """Count one; ``where`` says where it stands, and is asked of the first one that shows a postoffice."""
        if (sight := self._found.get(postoffice)) is None:
            sight = self._found[postoffice] = _Sight(where(), value)
        sight.count += 1
        self.hidden += hidden

    def sightings(self, source: str) -> tuple[Sighting, ...]:
        """Give them as evidence of a source."""
        return tuple(
            Sighting(
                PostofficeName(*postoffice),
                Evidence(source, sight.where, EvidenceKind.TARGET_ADDRESS, sight.value, sight.count),
            )
            for postoffice, sight in self._found.items()
        )


class Skim:
    """Takes ordinary custom recipients off while a source is read; see `remedy.gists.Skim`."""

    def __init__(self, dialects: Iterable[Dialect], wanted: Wanted) -> None:
        dialects = tuple(dialects)
        self._rules = {dialect.name: Ordinary(dialect, wanted) for dialect in dialects}
        self.briefs = tuple(brief for rule in self._rules.values() for brief in _briefs(rule, dialects, wanted))
        self._seen: dict[int, int] = {}
        self.sights, self.votes = Sights(), Counter[str]()
        self.doubtful = False
        """Whether two of them have one name and different attributes, so that every entry must be looked at."""

    def gist(self, entry: Entry) -> Gist | None:
        """Give all that is kept of an entry, or None if it must be kept whole."""
        rules = self._rules.values()
        known = [rule for rule in rules if rule.dialect.knows(entry)] if len(rules) > 1 else tuple(rules)
        if len(known) != 1 or not (found := known[0].target_of(entry)) or not known[0].is_nothing_else(entry):
            return None
        rule = known[0]
        return _gist(rule.dialect, entry.dn, found, hash(entry.attributes), hidden=rule.is_hidden(entry))

    def take(self, gist: Gist, where: Callable[[], str]) -> None:
        """Count what a gist was given of, once; a second one of its name says the same, or is a reason for doubt."""
        kind, key, digest, network, name, dn, value, hidden = gist
        if (known := self._seen.get(key)) is not None:
            self.doubtful |= known != digest
            return
        self._seen[key] = digest
        self.votes[kind] += 1
        self.sights.take((network, name), value, lambda: where_of(dn, where()), hidden=hidden)

    def fits(self, kind: str, entries: Iterable[Entry]) -> bool:
        """Tell whether the estate is what it would be had nothing been taken off.

        It is not if the source turns out to be another kind of directory, or if an entry that was kept has the name of
        one that was not, or is just as ordinary.
        """
        if self.doubtful or not self.votes:
            return not self.doubtful
        if set(self.votes) != {kind}:
            return False
        rule = self._rules[kind]
        return not any(
            hash(entry.dn.normal) in self._seen or (rule.target_of(entry) and not rule.is_passed_over(entry))
            for entry in entries
        )
