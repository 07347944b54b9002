"""The stair upwards: entries of any dialect into what they mean."""

from collections.abc import Iterable
from functools import partial

from remedy.addresses import AddressSpace, PostofficeName
from remedy.dialects.base import Dialect, Wanted, named
from remedy.dialects.ordinary import Ordinary, Sights, alias_of, proxies_of, proxy_of, target_of, where_of
from remedy.dn import DN
from remedy.entry import Entry
from remedy.estate import Connector, Estate, Requestor, Site
from remedy.recipients import Home, Recipient, RecipientKind
from remedy.text import fold

__all__ = ["lift"]

_KINDS = (
    RecipientKind.CUSTOM_RECIPIENT,
    RecipientKind.DISTRIBUTION_LIST,
    RecipientKind.MAILBOX,
    RecipientKind.OTHER,
)
"""In the order in which a class counts: a custom recipient is also a person."""


def lift(dialect: Dialect, entries: Iterable[Entry], source: str, wanted: Wanted | None = None) -> Estate:
    """Turn the entries of one source into what they mean."""
    lifted = _Lift(dialect, source, wanted or Wanted())
    for entry in entries:
        lifted.take(entry)
    return lifted.estate()


class _Lift:
    """Gathers what the entries of one source mean."""

    def __init__(self, dialect: Dialect, source: str, wanted: Wanted) -> None:
        self.dialect, self.names, self.source = dialect, dialect.names, source
        self.ordinary, self.sights = Ordinary(dialect, wanted), Sights()
        self.connectors: list[Connector] = []
        self.recipients: list[Recipient] = []
        self.requestors: list[Requestor] = []
        self.sites: list[Site] = []
        self.hidden = 0

    def take(self, entry: Entry) -> None:
        """Look at one entry."""
        names = self.names
        if self.ordinary.is_passed_over(entry):
            return
        kinds = {kind for name in entry.texts("objectClass") if (kind := self.dialect.classes.get(fold(name)))}
        if entry.has(names.routing) or "ms-mail-connector" in kinds:
            self._connector(entry, ms_mail="ms-mail-connector" in kinds)
        if entry.has(names.template) and not entry.has(names.proxies):
            self._site(entry)
        if entry.has(names.client) or "pulls" in kinds:
            self._requestor(entry, pulls="pulls" in kinds)
        if self._addressable(entry, kinds):
            self._recipient(entry, kinds)

    def _addressable(self, entry: Entry, kinds: set[str]) -> bool:
        """Tell whether mail can be sent to an entry."""
        known = bool(kinds & set(RecipientKind))
        return known or entry.has(self.names.proxies) or entry.has(self.names.target)

    def _connector(self, entry: Entry, *, ms_mail: bool) -> None:
        """Take an entry with address spaces."""
        self.connectors.append(
            Connector(
                dn=str(entry.dn),
                order=entry.dn.normal,
                source=self.source,
                where=where_of(entry.dn, entry.where),
                name=entry.dn.leaf,
                spaces=tuple(AddressSpace.parse(text) for text in entry.texts(self.names.routing)),
                is_ms_mail=ms_mail or fold(entry.dn.leaf).startswith("ms mail connector"),
                home=self.dialect.home_of(entry),
                side=self.dialect.name,
            )
        )

    def _site(self, entry: Entry) -> None:
        """Take the addressing of a site; the text form of its MS template is an inference, so two parts will do."""
        templates = entry.texts(self.names.template)
        self.sites.append(
            Site(
                dn=self.dialect.site_of(entry),
                order=DN.parse(self.dialect.site_of(entry)).normal,
                own=next(filter(None, map(_own, templates)), None),
                domain=next(filter(None, map(_domain, templates)), ""),
                templates=templates,
            )
        )

    def _requestor(self, entry: Entry, *, pulls: bool) -> None:
        """Take a directory synchronisation partner."""
        exports = (text for name in self.names.exports for text in entry.texts(name))
        self.requestors.append(
            Requestor(
                dn=str(entry.dn),
                order=entry.dn.normal,
                source=self.source,
                where=where_of(entry.dn, entry.where),
                client=_order(entry.text(self.names.client)),
                pulls=pulls,
                exports=tuple(filter(None, map(_order, exports))),
            )
        )

    def _recipient(self, entry: Entry, kinds: set[str]) -> None:
        """Take a recipient; an ordinary custom recipient is only evidence for its postoffice."""
        hidden = self.ordinary.is_hidden(entry)
        if found := self.ordinary.target_of(entry):
            name, proxy = found
            where = partial(where_of, entry.dn, entry.where)
            self.sights.take((name.network, name.name), str(proxy), where, hidden=hidden)
            return
        recipient = self._described(entry, self._kind(entry, kinds))
        target = recipient.target.ms if recipient.target else None
        self.hidden += hidden or bool(target and target.is_system)
        self.recipients.append(recipient)

    def _kind(self, entry: Entry, kinds: set[str]) -> RecipientKind:
        """Say what a recipient is."""
        for kind in _KINDS:
            if kind in kinds:
                return kind
        if entry.has(self.names.store):
            return RecipientKind.MAILBOX
        return RecipientKind.CUSTOM_RECIPIENT if entry.has(self.names.target) else RecipientKind.OTHER

    def _described(self, entry: Entry, kind: RecipientKind) -> Recipient:
        """Read everything about a recipient."""
        names = self.names
        home = Home(entry.text(names.store), entry.text(names.transfer), str(entry.dn.parent))
        return Recipient(
            dn=str(entry.dn),
            order=entry.dn.normal,
            kind=kind,
            source=self.source,
            where=where_of(entry.dn, entry.where),
            alias=alias_of(entry, names),
            proxies=proxies_of(entry, names),
            addresses=len(entry.values(names.proxies)) + sum(any(map(entry.has, group)) for group in names.primaries),
            target=target_of(entry, names),
            imported_from=entry.text(names.imported_from),
            hidden=self.ordinary.is_hidden(entry),
            restrictions=tuple(f"{name}: {text}" for name in names.restrictions for text in entry.texts(name)),
            home=home if home.store else None,
            policy=self.dialect.policy_of(entry),
            side=self.dialect.name,
            cap=self.dialect.cap,
            twin=_order(entry.text(names.legacy)) if names.legacy else "",
            owned=self.dialect.owns(entry),
        )

    def estate(self) -> Estate:
        """Give what was gathered."""
        return Estate(
            connectors=tuple(self.connectors),
            recipients=tuple(self.recipients),
            requestors=tuple(self.requestors),
            sites=tuple(self.sites),
            sightings=self.sights.sightings(self.source),
            hidden={self.source: self.hidden + self.sights.hidden} if self.dialect.hides else {},
        )


def _order(text: str) -> str:
    """Give the normal form of a name that is a value; empty if it is none."""
    try:
        return named(text).normal
    except ValueError:
        return ""


def _own(template: str) -> PostofficeName | None:
    """Read the network and postoffice of a site from its MS template, whatever stands behind them."""
    proxy = proxy_of(template)
    if not proxy or not proxy.is_ms:
        return None
    network, _, rest = proxy.body.partition("/")
    try:
        return PostofficeName.of(network, rest.partition("/")[0])
    except ValueError:
        return None


def _domain(template: str) -> str:
    """Read the domain of a site from its SMTP template."""
    proxy = proxy_of(template)
    return proxy.body.rpartition("@")[2] if proxy and fold(proxy.type) == "smtp" else ""
