"""From everything the sources tell, the real postoffices: whatever shows one is kept as evidence.

Law: shadow, gateway and reserved names are no postoffices, however often they are seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from remedy.addresses import PostofficeName, SpaceKind
from remedy.estate import (
    Connector,
    Estate,
    Evidence,
    EvidenceKind,
    Listing,
    Mailbag,
    Postoffice,
    PostofficeKind,
    Recipient,
    RecipientKind,
    Sighting,
)
from remedy.text import fold

__all__ = ["enrolled", "own_names", "postoffices", "shadows", "sightings"]

_USUAL = PostofficeKind.MSMAIL
_RANKS = {kind: rank for rank, kind in enumerate(EvidenceKind)}
_BY_ORDER = attrgetter("order")


def own_names(estate: Estate) -> frozenset[PostofficeName]:
    """Give the shadow postoffices: read from site addressing and inventories, never computed (Q198898, Q164863).

    Without either, the primary addresses of the mailboxes that were read show them; a tool's file tells only of its own.
    """
    listed = _of_kind(estate, PostofficeKind.SHADOW)
    by_people = (item for item in estate.listings if item.kind and item.evidence is EvidenceKind.INVENTORY)
    told = {site.own for site in estate.sites if site.own} | (listed & {item.name for item in by_people})
    return frozenset((told or _generated(estate)) | listed)


def _of_kind(estate: Estate, kind: PostofficeKind) -> set[PostofficeName]:
    """Give the names that are of a kind, by what counts of all that is said of each."""
    told: dict[PostofficeName, list[Listing]] = {}
    for item in estate.listings:
        if item.kind:
            told.setdefault(item.name, []).append(item)
    return {name for name, listings in told.items() if _kind(listings) is kind}


def _generated(estate: Estate) -> set[PostofficeName]:
    """Give the prefixes of generated Microsoft Mail addresses."""
    mailboxes = (item for item in estate.recipients if item.kind is RecipientKind.MAILBOX)
    found = ((proxy.primary, proxy.ms) for item in mailboxes for proxy in item.proxies)
    return {ms.postoffice for primary, ms in found if primary and ms and not ms.is_postmaster}


def sightings(estate: Estate) -> tuple[Sighting, ...]:
    """Give every postoffice name that a source shows, with its evidence, whatever it stands for."""
    return (
        *(sighting for connector in estate.connectors for sighting in _routed(connector)),
        *(sighting for recipient in estate.recipients for sighting in _held(recipient)),
        *_requested(estate),
        *estate.sightings,
        *(_listed(listing) for listing in estate.listings),
    )


def enrolled(estate: Estate) -> tuple[tuple[Postoffice, ...], tuple[Postoffice, ...]]:
    """Give the real postoffices and the shadow ones, each sorted by name."""
    own, seen = own_names(estate), sightings(estate)
    others = own | _of_kind(estate, PostofficeKind.GATEWAY)
    real = {name for name in {sighting.name for sighting in seen} - others if not name.reserved}
    every = _described(estate, seen, real | own)
    shadow = (replace(po, kind=PostofficeKind.SHADOW) for po in every if po.name in own)
    return tuple(po for po in every if po.name not in own), tuple(shadow)


def postoffices(estate: Estate) -> tuple[Postoffice, ...]:
    """Give the real postoffices, sorted by name."""
    return enrolled(estate)[0]


def shadows(estate: Estate) -> tuple[Postoffice, ...]:
    """Give the shadow postoffices, sorted by name."""
    return enrolled(estate)[1]


def _described(estate: Estate, seen: Iterable[Sighting], names: Iterable[PostofficeName]) -> tuple[Postoffice, ...]:
    """Gather what is known of each name."""
    evidence: dict[PostofficeName, list[Evidence]] = {name: [] for name in sorted(names)}
    for sighting in seen:
        if (known := evidence.get(sighting.name)) is not None:
            known.append(sighting.evidence)
    holders, connectors = _by_postmaster(estate.recipients), _by_space(estate.connectors)
    bags = {(bag.postoffice, bag.number): bag for bag in estate.mailbags}
    listings: dict[PostofficeName, list[Listing]] = {}
    for listing in estate.listings:
        listings.setdefault(listing.name, []).append(listing)
    return tuple(
        Postoffice(
            name=name,
            kind=_kind(told) if told else _USUAL,
            mailbag=_mailbag(told, bags) if bags else None,
            evidence=_counted(found),
            connector=connectors.get(name, ""),
            holders=tuple(holders.get(name, ())),
            unseen=bool(estate.unseen),
            listings=told,
        )
        for name, found in evidence.items()
        for told in (tuple(listings.get(name, ())),)
    )


def _kind(listings: Iterable[Listing]) -> PostofficeKind:
    """Give what a name stands for: what people wrote counts before what tools wrote, and the last one said counts."""
    told = [(item.evidence is EvidenceKind.INVENTORY, item.kind) for item in listings if item.kind]
    return next((kind for by_people in (True, False) for who, kind in reversed(told) if who is by_people), _USUAL)


def _mailbag(listings: Iterable[Listing], bags: Mapping[tuple[PostofficeName, str], Mailbag]) -> Mailbag | None:
    """Find the mailbag of the POSTMASTER mailbox: one source tells its number, a postoffice's folder its size."""
    found = (bags.get((item.name, item.mailbag)) for item in listings if item.mailbag)
    return next((bag for bag in found if bag), None)


def _requested(estate: Estate) -> tuple[Sighting, ...]:
    """Give the postoffices that requestors point at, through the recipient that stands for them."""
    clients = {recipient.order: recipient for recipient in estate.recipients}
    return tuple(
        Sighting(ms.postoffice, Evidence(item.source, item.where, EvidenceKind.REQUESTOR, item.dn))
        for item in estate.requestors
        if (client := clients.get(item.client)) and client.target and (ms := client.target.ms)
    )


def _routed(connector: Connector) -> Iterable[Sighting]:
    """Give the postoffices that a connector has an address space for."""
    for name, text in _spaces(connector):
        yield Sighting(name, Evidence(connector.source, connector.where, connector.evidence, text))


def _spaces(connector: Connector) -> Iterable[tuple[PostofficeName, str]]:
    """Give the address spaces of a connector that name a postoffice, as they stand."""
    for space in connector.spaces:
        if space.kind is SpaceKind.POSTOFFICE and space.postoffice:
            yield space.postoffice, space.text


def _held(recipient: Recipient) -> Iterable[Sighting]:
    """Give the postoffices that a recipient's target or postmaster addresses show, from each source that has it."""
    for source, where in ((recipient.source, recipient.where), *recipient.also):
        if recipient.target and (target := recipient.target.ms):
            kind = EvidenceKind.SYSTEM_RECIPIENT if target.is_system else EvidenceKind.TARGET_ADDRESS
            yield Sighting(target.postoffice, Evidence(source, where, kind, str(recipient.target)))
        for proxy in recipient.proxies:
            if (ms := proxy.ms) and ms.is_postmaster:
                yield Sighting(ms.postoffice, Evidence(source, where, EvidenceKind.PROXY, str(proxy)))


def _listed(listing: Listing) -> Sighting:
    """Give the postoffice of an inventory row, or of what a tool's file says."""
    shown = listing.shows or str(listing.name)
    return Sighting(listing.name, Evidence(listing.source, listing.where, listing.evidence, shown))


def _counted(found: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Keep one custom recipient's target a source, with the number of them; keep all else as it is."""
    if len(found) == 1:
        return (found[0],)
    kept: dict[object, Evidence] = {}
    more: dict[object, int] = {}
    for number, item in enumerate(found):
        key: object = (item.source, item.kind) if item.kind is EvidenceKind.TARGET_ADDRESS else number
        if key in kept:
            more[key] = more.get(key, 0) + item.count
        else:
            kept[key] = item
    for key, count in more.items():
        kept[key] = replace(kept[key], count=kept[key].count + count)
    return tuple(sorted(kept.values(), key=lambda item: (_RANKS[item.kind], item.source, item.value)))


def _by_postmaster(recipients: Iterable[Recipient]) -> dict[PostofficeName, list[Recipient]]:
    """Index recipients, in the order of their names, by the postoffices whose postmaster address they hold."""
    index: dict[PostofficeName, list[Recipient]] = {}
    for recipient in sorted(recipients, key=_BY_ORDER):
        for name in recipient.postmasters:
            index.setdefault(name, []).append(recipient)
    return index


def _by_space(connectors: Iterable[Connector]) -> dict[PostofficeName, str]:
    """Name the Microsoft Mail connector of each postoffice that one alone has defined."""
    first: dict[PostofficeName, Connector] = {}
    several: set[PostofficeName] = set()
    for connector in connectors:
        for name, _ in _spaces(connector):
            other = first.setdefault(name, connector)
            if other is not connector and fold(other.name) != fold(connector.name):
                several.add(name)
    return {name: one.name for name, one in first.items() if one.is_ms_mail and name not in several}
