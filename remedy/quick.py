"""A record as exporters write it, read in a fraction of the time that the reference reader takes.

Law: what this reads, `remedy.ldif.parse_record` reads in the same way and without a fault; of anything else it reads nothing.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from typing import NamedTuple

from remedy.dn import DN
from remedy.entry import Attribute, Entry
from remedy.ldif import parse_record

__all__ = ["Lines", "Record", "entries_in", "entry_of", "name_in", "quickly", "sound"]

_DESCRIPTION = re.compile(rb"[A-Za-z][A-Za-z0-9_-]*+(?:;[A-Za-z0-9-]++)*+")
_WHOLE = re.compile(rb"(?:%b:(?!<)[^\n]*+\n)++" % _DESCRIPTION.pattern)
_PARTS = re.compile(rb"([^:]++):([:<]?) *+([^\n]*+)\n")
"""One line behind the other, if none begins with a colon and one is in the last; whatever else is wrong shows in the names."""
_MISPLACED = {"dn", "changetype"}
_MISPLACED_LINE = re.compile(rb"\n(?:dn|changetype)[:;]", re.IGNORECASE)
_NAME = re.compile(rb"dn:(:?) *+([^\n]*+)\n", re.IGNORECASE)
_CODED = re.compile(rb"\n[^:\n]*+:: *+([^\n]*+)")

Lines = tuple[int, str, tuple[tuple[str, tuple[bytes, ...]], ...]]
"""Line feeds in front of the first line; the name of the entry; each attribute with its values."""


def sound(raw: bytes) -> bytes | None:
    """Give the unfolded lines of a record that has no comment, no version, no changetype and no fault but in its names.

    Its last line feed may be cut off.
    """
    body = _body(b"%b\n" % raw)
    if not _is_written_well(body) or body[:3].lower() != b"dn:" or _MISPLACED_LINE.search(body):
        return None
    try:
        for value in _CODED.findall(body):
            binascii.a2b_base64(value, strict_mode=True)
    except ValueError:
        return None
    return body


def _body(raw: bytes) -> bytes:
    """Unfold a record, which need not end in a line feed, and take the empty lines around it away."""
    text = raw.replace(b"\r\n", b"\n") if b"\r" in raw else raw
    return b"%b\n" % text.strip(b"\n").replace(b"\n ", b"")


def _is_written_well(body: bytes) -> bool:
    """Tell whether some lines are names and values that can be read as they stand."""
    return bool(_WHOLE.fullmatch(body)) and _is_text(body)


def _is_text(body: bytes) -> bool:
    """Tell whether there is nothing in some lines that must be in base64."""
    return b"\0" not in body and b"\r" not in body and (body.isascii() or _is_utf8(body))


def quickly(raw: bytes) -> Lines | None:
    """Give what the lines of a record say, if it has no comment, no version, no changetype and no fault."""
    body = _body(raw)
    if body.startswith(b":") or b"\n:" in body or body.rfind(b":") < body.rfind(b"\n", 0, -1) or not _is_text(body):
        return None
    held: dict[bytes, list[bytes]] = {}
    try:
        (first, mark, value), *rest = _PARTS.findall(body)
        said = (_decoded(mark, value) if mark else value).decode()
        for written, mark, value in rest:
            plain = _decoded(mark, value) if mark else value
            if written in held:
                held[written].append(plain)
            else:
                held[written] = [plain]
    except ValueError:
        return None
    names = _names(tuple(held))
    if first.lower() != b"dn" or len(names) < len(held):
        return None
    lead = raw[: len(raw) - len(raw.lstrip(b"\r\n"))].count(b"\n")
    return lead, said, tuple(zip(names, map(tuple, held.values()), strict=True))


def _decoded(mark: bytes, value: bytes) -> bytes:
    """Decode a value in base64.

    Raises:
        ValueError: it is a URL, or no base64.
    """
    if mark == b"<":
        raise ValueError
    return binascii.a2b_base64(value, strict_mode=True)


class Record(NamedTuple):
    """A sound record, of which nothing is read before somebody asks; see `remedy.entry.Source`."""

    text: bytes
    """The last line feed may be cut off."""
    line: int
    """Where its first line stands, from 1 on."""

    @property
    def dn(self) -> DN:
        """Its name."""
        name = name_in(_body(self.text + b"\n"))
        assert name is not None
        return _dn(name)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Its attributes."""
        text = self.text + b"\n"
        said = quickly(text)
        return tuple(map(_attribute, said[2])) if said else tuple(parse_record(text, 1, ""))

    @property
    def where(self) -> str:
        """Its place."""
        return f"line {self.line}"


_dn = lru_cache(maxsize=1 << 10)(DN.parse)  # one is looked at, and soon after taken
_attribute = partial(tuple.__new__, Attribute)  # without a detour
_record = partial(tuple.__new__, Record)


def entries_in(text: bytes, run: Iterable[tuple[int, int, int]], line: int) -> Iterator[Entry]:
    """Yield the sound records in a text that begins with a line: how many lines below it each is, where it begins and ends."""
    for below, begin, end in run:
        yield Entry.unread(_record((text[begin:end], line + below)))


def name_in(body: bytes) -> str | None:
    """Give the name of a sound record as it is written; None if it is in base64 that hides no text."""
    if not (found := _NAME.match(body)):
        return None
    mark, value = found.groups()
    try:
        return (_decoded(mark, value) if mark else value).decode()
    except ValueError:
        return None


def entry_of(body: bytes) -> Entry | None:
    """Give a sound record as an entry, of which nobody knows where it stands; None if its name is none."""
    name = name_in(body)
    with suppress(ValueError):
        if name is not None:
            _dn(name)
            return Entry.unread(Record(body, 0))
    return None


def _is_utf8(text: bytes) -> bool:
    """Tell whether bytes are UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=512)
def _names(written: tuple[bytes, ...]) -> tuple[str, ...]:
    """Give attribute descriptions as text, if each is one and there only once; an export has few sets."""
    names = tuple(filter(None, map(_name, written)))
    folded = {name.lower() for name in names}
    return names if len(folded) == len(written) and folded.isdisjoint(_MISPLACED) else ()


@lru_cache(maxsize=4096)
def _name(written: bytes) -> str:
    """Give an attribute description as text, and always the same one; nothing if it is none."""
    return written.decode() if _DESCRIPTION.fullmatch(written) else ""
