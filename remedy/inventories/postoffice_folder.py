"""What a postoffice's folder tells: the postoffices it knows, and how full its mailbags are at most.

Law: what does not fit the documented bytes is left out and said, once a file, never guessed at.
"""

import re
from collections.abc import Container, Iterable, Iterator

from remedy.addresses import PostofficeName
from remedy.errors import Fault
from remedy.estate import MAILBAG_LIMIT, Estate, EvidenceKind, Listing, Mailbag, PostofficeKind
from remedy.inventories.cells import shown
from remedy.inventories.maildata import (
    BAG,
    EXTERNAL,
    NETWORK,
    NETWORKS,
    USER,
    Files,
    Network,
    damage,
    externals,
    fits,
    networks,
    said,
)
from remedy.text import counted, printable

__all__ = ["read_postoffice"]

_BAGS = re.compile(r"MBG/([0-9A-F]{8})\.MBG", re.ASCII)
_NAMELESS = "records without a name of 1 to 10 letters or digits, left out (Q96003)"
_TWICE = "records that repeat what stands above them, taken once (Q164509)"
_GATEWAYS = "records taken for gateways, behind which no postoffice is looked for (Q87467, Q148666)"
_LOST = "networks that do not name their XTN file by eight hexadecimal digits; their postoffices are not seen"
_MISSING = "networks whose XTN file is not in the folder; their postoffices are not seen"


def _name(network: str, postoffice: str) -> PostofficeName | None:
    """Give a name that can exist, or None."""
    try:
        return PostofficeName.of(network, postoffice)
    except ValueError:
        return None


def _why_not(network: Network, files: Files, taken: Container[tuple[str, str]]) -> str:
    """Say why a network is not looked into; empty = it is."""
    if network.is_gateway:
        return _GATEWAYS
    if not _name(network.name, "X"):
        return _NAMELESS
    if not network.has_file:
        return _LOST
    if network.key in taken:
        return _TWICE
    return "" if network.number in files.externals else _MISSING


def _sorted_out(files: Files, *, shadow: bool) -> tuple[tuple[Network, ...], tuple[str, ...]]:
    """Give the networks that have postoffices, and what there is to say of the others."""
    taken: dict[tuple[str, str], Network] = {}
    others: dict[str, list[str]] = {}
    for network in networks(files.networks):
        if why := _why_not(network, files, taken):
            if not (shadow and network.name.upper() == "MSMAIL"):  # Q201120: each shadow postoffice has that one
                others.setdefault(why, []).append(f"record {network.record} ({shown(network.name)})")
        else:
            taken[network.key] = network
    return tuple(taken.values()), tuple(line for why in others for line in said(NETWORKS, why, others[why]))


def _listings(files: Files, known: Iterable[Network], source: str, notes: list[str]) -> Iterator[Listing]:
    """Yield each postoffice that networks hold, once, and note what does not fit."""
    seen: set[PostofficeName] = set()
    for network in known:
        path, data = f"XTN/{network.number}.XTN", files.externals[network.number]
        notes += damage(path, data, EXTERNAL)
        nameless: list[str] = []
        twice: list[str] = []
        for record, text in externals(data):
            name, place = _name(network.name, text), f"{path} record {record}"
            if name is None or name in seen:
                (nameless if name is None else twice).append(f"record {record} ({shown(text)})")
                continue
            seen.add(name)
            kind = PostofficeKind.FFAPI if network.is_ffapi else None
            evidence = EvidenceKind.POSTOFFICE_FOLDER
            yield Listing(name=name, source=source, where=place, evidence=evidence, shows=place, kind=kind)
        notes += (*said(path, _NAMELESS, nameless), *said(path, _TWICE, twice))


def _own(files: Files, source: str, whose: PostofficeName, *, shadow: bool) -> Listing:
    """Give the postoffice whose folder it is; deleted users keep their rows, so their number is only a bound."""
    rows = files.sizes.get("GLB/ACCESS.GLB")
    return Listing(
        name=whose,
        source=source,
        where="by its place" if shadow else "",
        evidence=EvidenceKind.POSTOFFICE_FOLDER,
        kind=PostofficeKind.SHADOW if shadow else None,
        path=source,
        note="" if rows is None else f"at most {counted(rows // USER, 'user')}: ACCESS.GLB counts deleted ones too",
    )


def _mailbags(files: Files, source: str, whose: PostofficeName) -> Iterator[Mailbag]:
    """Yield each numbered mailbag with the messages that it holds at most (Q146113); none holds more than its limit."""
    for place, size in sorted(files.sizes.items()):
        if found := _BAGS.fullmatch(place):
            records = min(-(-size // BAG), MAILBAG_LIMIT)
            yield Mailbag(postoffice=whose, number=found[1], records=records, source=source, where=place)


def _nameless(source: str, *, shadow: bool) -> str:
    """Say that the postoffice's own name is published nowhere in its files, and how to give it."""
    what = "it is the connector's own postoffice of an Exchange server, and " if shadow else ""
    way = f"write NETWORK/POSTOFFICE={printable(source)} to have it listed and its mailbags measured"
    return f"{what}its own name cannot be read from its files: {way}"


def read_postoffice(files: Files, source: str, whose: PostofficeName | None, *, shadow: bool = False) -> Estate:
    """Give the estate that a postoffice's folder tells of; ``shadow`` says that it is a connector's own."""
    known, others = _sorted_out(files, shadow=shadow)
    notes = [] if whose else [_nameless(source, shadow=shadow)]
    notes += (*damage(NETWORKS, files.networks, NETWORK), *others)
    listings = tuple(_listings(files, known, source, notes))
    odd = (
        f"{place} of {counted(size, 'byte')}" for place, size in sorted(files.sizes.items()) if not fits(place, size)
    )
    notes += said("the folder", "sizes that no sound file has (Q77926, Q132744)", odd)
    return Estate(
        listings=(*([_own(files, source, whose, shadow=shadow)] if whose else []), *listings),
        mailbags=tuple(_mailbags(files, source, whose)) if whose else (),
        oddities=tuple(Fault(source, None, line) for line in notes),
    )
