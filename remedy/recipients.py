"""Recipients: whatever mail can be addressed to, with its addresses, and how two views of one become one.

Law: a holder must never be missed, so what becomes one keeps every address that either view shows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from remedy.addresses import MsAddress, PostofficeName, ProxyAddress
from remedy.text import fold

__all__ = ["Home", "Recipient", "RecipientKind", "joined_up", "united"]


class RecipientKind(StrEnum):
    """What holds an address."""

    MAILBOX = "mailbox"
    CUSTOM_RECIPIENT = "custom-recipient"
    DISTRIBUTION_LIST = "distribution-list"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a new mailbox beside this one would live, in the directory's own words."""

    store: str
    transfer: str
    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Anything in the directory that mail can be addressed to."""

    dn: str
    order: str
    kind: RecipientKind
    source: str
    where: str = ""
    alias: str = ""
    proxies: tuple[ProxyAddress, ...] = ()
    addresses: int = 0
    """E-mail addresses of every type on the entry, its primary ones included."""
    target: ProxyAddress | None = None
    """Where a custom recipient sends its mail on to."""
    imported_from: str = ""
    """The requestor that synchronised it in (Q155727); empty if made by hand."""
    hidden: bool = False
    restrictions: tuple[str, ...] = ()
    """Limits and forwarding that the directory shows, as ``attribute: value``."""
    policy: str = ""
    """What shows that address policies still write to it; empty if nothing does."""
    home: Home | None = None
    side: str = ""
    """The kind of directory that shows it."""
    cap: int = 0
    """Addresses that it should hold at most, all types together; 0 = not known."""
    twin: str = ""
    """The ``order`` of the entry that stands for it in the other directory of a mixed organisation."""
    owned: bool = True
    """Whether its own directory is the one to change it in; the other one gets copies."""
    copies: tuple[str, ...] = ()
    """The names of the entries that stand for it in the other directory."""
    also: tuple[tuple[str, str], ...] = ()
    """Further sources that show it, each with the place."""

    @property
    def held(self) -> tuple[ProxyAddress, ...]:
        """Every address that mail can reach it by: its proxies and its target."""
        return (*self.proxies, *((self.target,) if self.target else ()))

    def holds(self, address: MsAddress) -> tuple[ProxyAddress, ...]:
        """Give the spellings in which it holds an address."""
        return tuple(proxy for proxy in self.held if proxy.ms == address)

    @property
    def postmasters(self) -> frozenset[PostofficeName]:
        """The postoffices whose postmaster address it holds."""
        return frozenset(ms.postoffice for proxy in self.held if (ms := proxy.ms) and ms.is_postmaster)


def united(items: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Make recipients of one name one, in the order of the names."""
    first: dict[str, Recipient] = {}
    for item in items:
        known = first.get(item.order)
        first[item.order] = _both(known, item) if known else item
    return tuple(first[order] for order in sorted(first))


def joined_up(items: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Make entries that stand for one recipient in two directories one: the one in the directory that owns it."""
    known = {item.order: item for item in items}
    for item in tuple(known.values()):
        other = known.get(item.twin)
        if item.order not in known or other is None or other.side == item.side:
            continue
        owner, copy = (item, other) if item.owned else (other, item)
        del known[copy.order]
        known[owner.order] = replace(_both(owner, copy), copies=(*owner.copies, copy.dn))
    return tuple(known[order] for order in sorted(known))


def _both(known: Recipient, other: Recipient) -> Recipient:
    """Give a recipient with what another view of it shows besides."""
    each: dict[tuple[str, str], ProxyAddress] = {}
    for proxy in (*known.proxies, *other.proxies):
        each.setdefault((proxy.type, fold(proxy.body)), proxy)
    proxies = tuple(each.values())
    return replace(
        known,
        proxies=proxies,
        addresses=max(known.addresses, other.addresses) + len(proxies) - max(len(known.proxies), len(other.proxies)),
        target=known.target or other.target,
        also=(*known.also, (other.source, other.where), *other.also),
    )
