"""What an event of a log says about postmasters: an answer that comes to one, a report that goes out from one, or a trouble.

Law: who stands in a text is read leniently, because nobody knows how the connector writes an Internet sender (it is an
encapsulated X.400 address); what cannot be read as an address is kept as it stands and never made one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from remedy.addresses import PostofficeName
from remedy.eventlogs.event import Event
from remedy.text import fold, squeeze

__all__ = ["Kind", "Move", "Peer", "moves", "peer_of"]

ROUTING, SENT, DEBUG, DISK, RETURNED = 2444, 2448, 10000, 2010, 2117
"""Events of MSExchangeMSMI (Q175447, edition of 1999; Q163020)."""


_LONG = 1024
"""Characters within which an address stands, and of a text that is worth remembering."""


class Kind(StrEnum):
    """Which way something goes."""

    REPLY = "reply"
    """A message to the postmaster of a postoffice."""
    REPORT = "report"
    """A message from it, or the report that one to it was not delivered."""
    HINT = "hint"
    """A postmaster is named, and neither sender nor direction (10000)."""
    TROUBLE = "trouble"
    """Mail to others was not delivered, or an MTA could not work: what starts a loop."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end."""

    name: str = ""
    """Its address as far as it can be read, in lower case; empty = unknown."""
    domain: str = ""
    """Its Internet domain; empty = unknown, or it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What one event says about one postoffice."""

    kind: Kind
    postoffice: PostofficeName | None
    peer: Peer = Peer()
    number: int = 0
    """The event that says it: one pass writes several, but one of each (an inference)."""
    code: str = ""
    """Of a non-delivery report, ``002``; ``mailbag`` (2010) or ``retry`` (4254) where an event has none."""
    mailbag: str = ""
    """The file or the mailbox that takes no more, as it is named."""
    proper: bool = False
    """Whether it is a non-delivery report by its own words."""


_PART = r"[A-Z0-9]{1,10}"
_BOX = re.compile(
    rf"(?<![A-Z0-9$/\\])({_PART})\s*\$?/\s*({_PART})\s*\$?/\s*(\$?[A-Z0-9]{{1,10}})(?![A-Z0-9/])",
    re.IGNORECASE | re.ASCII,
)
"""NETWORK/PO/MAILBOX; entries of routes are padded (Q162841), X.400 writes ``$/`` (Q176425)."""
_CAPSULE = re.compile(rf"IMCEAMS-({_PART})_({_PART})_(\$?[A-Z0-9]{{1,10}})@", re.IGNORECASE | re.ASCII)
_INTERNET = re.compile(
    r"(?<![\w.+-])([A-Z0-9!#%&'*+?^_`{|}~.()-]{1,128}?)>?(?:@|\(a\)|\(040\)|\+40)<?"  # Q249349, Q254725
    r"([A-Z0-9-]{1,63}(?:\.[A-Z0-9-]{1,63}){1,10})",
    re.IGNORECASE | re.ASCII,
)
_LABEL = re.compile(r"(?<!\S)(From|To)[ \t]*:", re.IGNORECASE)
_FOLDED = re.compile(r"\n[ \t]+(?!(?:From|To|Subject|Date|Time)\b|\[)(?=\S)", re.IGNORECASE)
"""Where a long address goes on in the next line."""
_CODE = re.compile(r"\[(0\d\d)\]")
_BAG = re.compile(r"\b((?:[0-9A-F]{8}|INQUEUE\d)\.(?:KEY|MBG))\b", re.IGNORECASE)
_PLACE = re.compile(rf"problem has been detected on\s+({_PART})\s*/\s*({_PART})", re.IGNORECASE | re.ASCII)
_FAILURE = re.compile(r"^\s*Subject\s*:\s*Mail failure", re.IGNORECASE | re.MULTILINE)


def moves(event: Event) -> Iterator[Move]:
    """Yield what an event says about postmasters and about troubles; nothing, if it says neither."""
    text = event.text
    if found := _CODE.search(text):
        yield from _reported(event, found)
    elif event.number == DISK and "inserting data into" in text:
        yield Move(kind=Kind.TROUBLE, postoffice=None, code="mailbag", mailbag=_bag(text))
    elif "in the next cycle" in text:
        yield Move(kind=Kind.TROUBLE, postoffice=None, code="retry")
    elif len(text) <= _LONG:
        yield from _known_passing(event.number or 0, _unnumbered(event))
    else:
        yield from _passing(event.number or 0, text)


def _unnumbered(event: Event) -> str:
    """Give a text without the numbers of messages that it begins with: of one pair, what is left is always the same."""
    begins = event.text.find("From:") if event.number in {ROUTING, SENT} and event.text.startswith("Message ID") else -1
    return event.text[max(begins, 0) :]


@lru_cache(maxsize=4096)
def _known_passing(number: int, text: str) -> tuple[Move, ...]:
    """Read it; a loop says the same again and again."""
    return tuple(_passing(number, text))


def peer_of(text: str) -> Peer:
    """Give whoever a text names: by an Internet address in any disguise, else by one of Microsoft Mail, else as it is."""
    return _peer(text[:_LONG])


@lru_cache(maxsize=4096)
def _peer(text: str) -> Peer:
    """Read it; a loop says the same again and again."""
    for found in _INTERNET.finditer(text):
        if not found[1].upper().startswith("IMCEA"):
            domain = found[2].lower()
            return Peer(f"{found[1].lower()}@{domain}", domain)
    box = _BOX.search(text)
    return Peer("/".join(box.groups()).lower() if box else fold(squeeze(text.strip()))[:128])


def _postoffice(network: str, name: str) -> PostofficeName:
    """Give a name whose parts were found to be right."""
    return PostofficeName(network.upper(), name.upper())


def _boxes(text: str) -> tuple[tuple[PostofficeName, str], ...]:
    """Give the addresses of Microsoft Mail in a text, each once."""
    return _known_boxes(text) if len(text) <= _LONG else _known_boxes.__wrapped__(text)


@lru_cache(maxsize=4096)
def _known_boxes(text: str) -> tuple[tuple[PostofficeName, str], ...]:
    """Find them."""
    found = [hit for form in (_BOX, _CAPSULE) for hit in form.finditer(text)]
    return tuple(dict.fromkeys((_postoffice(hit[1], hit[2]), hit[3].upper()) for hit in found))


def _postmasters(text: str) -> list[PostofficeName]:
    """Give the postoffices whose postmasters a text names."""
    return [name for name, box in _boxes(text) if box == "POSTMASTER"]


def _labelled(text: str) -> tuple[str, str]:
    """Give what stands behind From: and behind To:, everywhere in a text."""
    if "\n " in text or "\n\t" in text:
        text = _FOLDED.sub(" ", text)
    said: dict[str, list[str]] = {"from": [], "to": []}
    hits = list(_LABEL.finditer(text))
    ends = (*(hit.start() for hit in hits[1:]), len(text))
    for hit, end in zip(hits, ends, strict=bool(hits)):
        said[hit[1].lower()].append(text[hit.end() : end].strip(" \t").partition("\n")[0].strip())
    return "\n".join(said["from"]), "\n".join(said["to"])


def _bag(text: str) -> str:
    """Give the file of a mailbag that a text names."""
    found = _BAG.search(text)
    return found[1].upper() if found else ""


def _reported(event: Event, code: re.Match[str]) -> Iterator[Move]:
    """Read a non-delivery report: who wrote what was not delivered, why, and to whom it did not go."""
    text, number = event.text, event.number or 0
    writer = _labelled(text[: code.start()])[0] or _unnamed(text[: code.start()])
    lost = _boxes(text[code.end() :])
    sender, failed = peer_of(writer), _postmasters(writer)
    for name in failed:  # the report of a postmaster was itself not delivered
        to = peer_of(_labelled(text)[1] or _address(text[code.end() :]))
        yield Move(kind=Kind.REPORT, postoffice=name, peer=to, number=number, code=code[1], proper=True)
    for name, box in lost:
        if box == "POSTMASTER":
            yield Move(kind=Kind.REPORT, postoffice=name, peer=sender, number=number, code=code[1], proper=True)
        elif not failed:
            bag = _bag(text) or f"{name}/{box}"
            yield Move(kind=Kind.TROUBLE, postoffice=name, peer=sender, code=code[1], mailbag=bag)
    if not lost and not failed and (place := _PLACE.search(text)):
        yield Move(
            kind=Kind.TROUBLE, postoffice=_postoffice(*place.groups()), peer=sender, code=code[1], mailbag=_bag(text)
        )


def _unnamed(text: str) -> str:
    """Give the writer where only insertion strings are left of a report, and no label."""
    return "" if _PLACE.search(text) or _LABEL.search(text) else _address(text)


def _address(text: str) -> str:
    """Give the first address in a text, whatever else it says."""
    found = _INTERNET.search(text) or _BOX.search(text)
    return found[0] if found else ""


def _passing(number: int, text: str) -> Iterator[Move]:
    """Read an event of a message that passes."""
    writer, reader = _labelled(text)
    if not writer and not reader:
        yield from _unlabelled(number, text)
        return
    returned = number == RETURNED  # a report without a code
    masters = _postmasters(reader)
    for name in masters:
        kind = Kind.REPORT if returned else Kind.REPLY
        yield Move(kind=kind, postoffice=name, peer=peer_of(writer), number=number, proper=returned)
    if not masters:
        for name in _postmasters(writer):
            proper = returned or _FAILURE.search(text) is not None
            yield Move(kind=Kind.REPORT, postoffice=name, peer=peer_of(reader), number=number, proper=proper)


def _unlabelled(number: int, text: str) -> Iterator[Move]:
    """Read insertion strings: the sender stands before the recipient, as in the texts they belong to (an inference)."""
    for name in _postmasters(text):
        place = next((hit for hit in _BOX.finditer(text) if hit[3].upper() == "POSTMASTER"), None)
        before, after = (text[: place.start()], text[place.end() :]) if place else (text, "")
        sender, reader = peer_of(before[-_LONG:]), peer_of(after)
        if number == DEBUG:
            yield Move(kind=Kind.HINT, postoffice=name, number=number)
        elif sender.domain or number == SENT:
            peer = sender if sender.domain else reader if reader.domain else Peer()
            yield Move(kind=Kind.REPLY, postoffice=name, peer=peer, number=number)
        elif reader.domain:
            yield Move(kind=Kind.REPORT, postoffice=name, peer=reader, number=number)
        else:
            yield Move(kind=Kind.REPLY if number == ROUTING else Kind.HINT, postoffice=name, number=number)
