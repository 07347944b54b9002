"""The stair: what makes a dialect, as tables of names and shapes; how it asks, and how it lowers intents."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from remedy.addresses import PostofficeName, ms_address
from remedy.change import Add, Change, Mod, Modify, Op
from remedy.dn import DN, from_slashes
from remedy.entry import Entry
from remedy.estate import Home
from remedy.intents import AddProxies, CreateMailbox, Intent
from remedy.query import AnyOf, Condition, Contains, Equal, Initial, Named, Present, Query

__all__ = ["ALWAYS", "STAYS", "Dialect", "Names", "Wanted", "named"]

STAYS = (
    "The mailbox stays: delete it in the Administrator program (Edit, Delete), or import it there with Mode=Delete; deleting "
    "it over LDAP would orphan its store (Q284199)."
)
"""What is left to do by hand where a mailbox that was made is taken back."""

ALWAYS = frozenset({"ms-mail-connector", "pulls"})
"""Classes whose entries count even if no attribute of them says anything."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Entries that are wanted besides those that show postoffices."""

    mailboxes: tuple[str, ...] = ()
    """Mailboxes as a user names them: by alias, or by distinguished name in either form."""
    dns: tuple[DN, ...] = ()
    addresses: tuple[str, ...] = ()
    """Microsoft Mail addresses whose holders must be seen, without their type."""
    attributes: tuple[str, ...] = ()
    """Attributes to be shown besides those that the dialect looks at."""
    new_alias: str = ""
    """How the aliases of new mailboxes begin: those that exist must be seen."""
    containers: tuple[DN, ...] = ()
    """Containers of which it must be seen whether anything is in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How a directory calls the attributes that matter."""

    proxies: str
    target: str
    routing: str
    template: str
    alias: str
    rdn: str
    display: str
    imported_from: str
    hidden: str
    deleted: str
    client: str
    exports: tuple[str, ...]
    store: str
    transfer: str
    computer: str
    primaries: tuple[tuple[str, ...], ...]
    """Further attributes that hold one address each; the names in one group show the same address."""
    restrictions: tuple[str, ...]
    """Attributes whose presence limits or forwards what a mailbox gets."""
    policies: tuple[str, ...] = ()
    """Attributes that say which address policies write to an entry."""
    legacy: str = ""
    """The attribute that holds the name an entry had, or has, in the directory of Exchange 5.5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A kind of directory."""

    name: str
    title: str
    names: Names
    classes: Mapping[str, str]
    """Folded object class (or OID) to what it means: a recipient kind, ``ms-mail-connector`` or ``pulls``."""
    signs: tuple[str, ...]
    """Attributes that only this kind of directory has."""
    separator: str
    """What stands between type and address of a proxy that is written."""
    cap: int
    """Addresses an entry should hold at most, all types together."""
    hard_cap: int
    """Past this many it is not known to work."""
    raised_cap: tuple[int, int] | None = None
    """A level of the directory, and what takes the place of ``hard_cap`` from there on; None = it never rises."""
    level_of: Callable[[Entry], int | None] = field(default=lambda _: None)
    """The level of the directory, if an entry or a server's root shows it."""
    generated: int
    """Addresses of its own that a new mailbox has."""
    page_size: int
    sweep: bool
    """Whether a server gives everything and we choose, because its own filters cannot be trusted."""
    contexts: tuple[str, ...] = ("namingContexts",)
    """Attributes of a server's root that name where to look; a base in its URL takes the first one's place."""
    root_signs: tuple[str, ...] = ()
    """Attributes of the root that only a server of this kind has; none = nothing is known of it."""
    versions: frozenset[str]
    """The versions of Exchange that keep such a directory, as ``--exchange-version`` names them."""
    skip: tuple[DN, ...] = ()
    """Parts of names of entries that only repeat others."""
    apart: tuple[DN, ...] = ()
    """First parts of the names of naming contexts in which nothing matters."""
    also: tuple[Condition, ...] = ()
    """What shows further entries that matter."""
    catalogue: tuple[tuple[int, int], ...] = ()
    """Ports of a server, each with the one under which the same host answers for every domain of its forest."""
    catalogue_sign: str = ""
    """The attribute of a server's root that is TRUE where it does."""
    hides: bool = True
    """Whether hidden entries show only to administrators."""
    earliest: str = ""
    """The earliest version that keeps such a directory; empty where that says nothing."""
    policy_of: Callable[[Entry], str] = field(default=lambda _: "")
    """What shows that address policies still write to an entry; empty if nothing does."""
    owns: Callable[[Entry], bool] = field(default=lambda _: True)
    """Whether an entry is to be changed here, and not in the other directory of a mixed organisation."""
    home_of: Callable[[Entry], Home | None] = field(default=lambda _: None)
    """Where a new mailbox on the server of a connector would live."""
    site_of: Callable[[Entry], str] = field(default=lambda entry: str(entry.dn))
    """The name of the site that an addressing entry belongs to."""
    new_mailbox: Callable[["Dialect", CreateMailbox], Entry] | None = None
    """The shape of a mailbox; None where mailboxes are not made over LDAP."""

    def query(self, wanted: Wanted | None = None) -> Query:
        """Ask for everything that shows postoffices, holds a postmaster address, or is wanted besides."""
        names, extra = self.names, wanted or Wanted()
        conditions: list[Condition] = [
            Present(names.routing),
            Present(names.template),
            Present(names.client),
            Initial(names.target, "MS"),
            Contains(names.proxies, "POSTMAST", initial="MS"),
            Equal(names.alias, "POSTMASTER"),
            *((Equal(names.hidden, "TRUE"),) if self.hides else ()),
            *self.also,
            *(Equal("objectClass", name) for name, kind in self.classes.items() if kind in ALWAYS),
            *(Named(dn) for dn in extra.dns),
        ]
        for address in extra.addresses:
            conditions += [Equal(name, f"MS{mark}{address}") for name in (names.proxies, names.target) for mark in "$:"]
        if extra.new_alias:
            conditions += [Initial(names.alias, extra.new_alias), Initial(names.rdn, extra.new_alias)]
        for mailbox in extra.mailboxes:
            conditions.append(Named(named(mailbox)) if "=" in mailbox else Equal(names.alias, mailbox))
        return Query(
            AnyOf(tuple(conditions)), tuple(dict.fromkeys((*self._attributes(), *extra.attributes))),
            contexts=self.contexts, page_size=self.page_size, sweep=self.sweep, apart=self.apart,
            everywhere=bool(extra.addresses),
            catalogue=self.catalogue, catalogue_sign=self.catalogue_sign,
        )  # fmt: skip

    def _attributes(self) -> tuple[str, ...]:
        """Name what to ask a server for: some attributes come only when they are named (SDK heuristics)."""
        names = self.names
        single = (names.proxies, names.target, names.routing, names.template, names.alias, names.rdn, names.display)
        more = (names.imported_from, names.hidden, names.deleted, names.client, names.store, names.transfer)
        primaries = (name for group in names.primaries for name in group)
        rest = (names.computer, *names.exports, *primaries, *names.restrictions, *names.policies, names.legacy)
        return tuple(filter(None, ("objectClass", *single, *more, *rest)))

    def skips(self, dn: DN) -> bool:
        """Tell whether an entry of this name only repeats another: names compare without case (RFC 4518 §2.2)."""
        return any(part.normal in dn.normal and any(DN((rdn,)) == part for rdn in dn.rdns) for part in self.skip)

    def knows(self, entry: Entry) -> bool:
        """Tell whether an entry can come only from this kind of directory."""
        return entry.has_any(self.signs)

    def most(self, shown: Iterable[Entry]) -> int:
        """Give the number of addresses past which an entry is not known to work, the lower one where no level shows."""
        levels = [level for entry in shown if (level := self.level_of(entry)) is not None]
        raised = self.raised_cap if self.raised_cap and levels and min(levels) >= self.raised_cap[0] else None
        return raised[1] if raised else self.hard_cap

    def lower(self, intent: Intent) -> Change:
        """Turn an intent into a change.

        Raises:
            TypeError: the directory has no mailboxes that are made over LDAP.
        """
        if isinstance(intent, AddProxies):
            values = tuple(self.postmaster(name) for name in intent.postoffices)
            return Modify(DN.parse(intent.recipient.dn), (Mod(Op.ADD, self.names.proxies, values),))
        if self.new_mailbox is None:
            raise TypeError(f"{self.name} has no mailboxes that are made over LDAP")
        return Add(self.new_mailbox(self, intent))

    def postmaster(self, name: PostofficeName) -> bytes:
        """Write the postmaster address of a postoffice as a secondary proxy: type in lower case (Q153028)."""
        return f"ms{self.separator}{name.postmaster}".encode()

    def postmasters(self, entry: Entry) -> tuple[bytes, ...]:
        """Give the postmaster addresses that an entry holds as proxies, as they are spelt."""
        held = ((value, ms_address(value)) for value in entry.exact(self.names.proxies))
        return tuple(value for value, ms in held if ms and ms.is_postmaster)

    def emptied(self, entry: Entry) -> Modify:
        """Take its postmaster addresses from a mailbox that was made; it stays: its store would be orphaned (Q284199)."""
        return Modify(entry.dn, (Mod(Op.DELETE, self.names.proxies, self.postmasters(entry)),))


def named(text: str) -> DN:
    """Read a distinguished name in LDAP or Administrator form.

    Raises:
        ValueError: it is neither.
    """
    return from_slashes(text) if text.startswith("/") else DN.parse(text)
