"""Changing the text of one LDIF record: every line that no value asks to change stays byte for byte.

Law: pure text in, text out; what a line says is read by the LDIF room, never here.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from remedy.change import Mod, Modify, Op
from remedy.dn import DN
from remedy.entry import Entry
from remedy.ldif import dump_entry, dump_value, parse_line, unfold
from remedy.text import fold

__all__ = ["Line", "changed", "core", "ends_readably", "logical", "name_of", "new_record"]

_WIDTH = 76
_COMMENT = ord("#")
_LOGICAL = re.compile(rb"[^\n]*(?:\n [^\n]*)*(?:\n|\Z)")


class Line(NamedTuple):
    """A logical line and where it lies in its piece; what it says is read when it is asked."""

    text: bytes
    """The piece."""
    start: int
    content: int
    """Where its content ends and its line end begins."""
    end: int

    @property
    def says(self) -> bool:
        """Whether it is neither a comment nor empty; one that nobody can read says something too."""
        return self.content > self.start and self.text[self.start] != _COMMENT

    @property
    def name(self) -> str:
        """Its folded attribute description; empty for a comment, an empty line or one that nobody can read."""
        return self.said()[0]

    def said(self) -> tuple[str, bytes]:
        """Give its name and its value."""
        try:
            name, value = parse_line(unfold(self.text[self.start : self.content]))
        except ValueError:
            return "", b""
        return fold(name), value

    def value_of(self, name: str) -> bytes | None:
        """Give its value if it is one of an attribute, else None; nothing can hide the first letter of a line."""
        if self.text[self.start : self.start + 1].lower() != name[:1].encode():
            return None
        said, value = self.said()
        return value if said == name else None


def _line(found: re.Match[bytes]) -> Line:
    """Give a logical line that was found."""
    text, (start, end) = found.string, found.span()
    content = end - text.endswith(b"\n", start, end)
    return Line(text, start, content - text.endswith(b"\r", start, content), end)


def _lines(text: bytes) -> Iterator[Line]:
    """Yield the logical lines of a piece."""
    return (_line(found) for found in _LOGICAL.finditer(text) if found[0])


def _last(text: bytes, name: str) -> Line | None:
    """Give the last line of an attribute; only those that begin with its first letter are looked at."""
    lines, begin = b"\n%b" % text.lower(), b"\n%b" % name[:1].encode()
    at = lines.rfind(begin)
    while at >= 0:
        found = _LOGICAL.match(text, at)
        if found and (line := _line(found)).value_of(name) is not None:
            return line
        at = lines.rfind(begin, 0, at + 1)
    return None


def logical(text: bytes) -> list[Line]:
    """Take a piece apart into logical lines."""
    return list(_lines(text))


def core(text: bytes) -> bytes:
    """Give a piece up to the end of its last line that says something; what follows belongs to nobody."""
    body = text.rstrip(b"\n")
    if body and not body.endswith(b"\r") and b"\n#" not in body and not body.startswith(b"#"):
        return body  # without a comment the last line that is not empty says something
    return text[: next((line.content for line in reversed(logical(text)) if line.says), 0)]


def ends_readably(text: bytes) -> bool:
    """Tell whether the last line of a piece that says something can be read."""
    return next((bool(line.name) for line in reversed(logical(text)) if line.says), True)


def name_of(text: bytes) -> DN | None:
    """Read the name of the record in a piece; None if there is none, or none that can be read."""
    for line in _lines(text):
        if (value := line.value_of("dn")) is not None:
            try:
                return DN.parse(value.decode())
            except ValueError:
                return None
    return None


def _line_end(text: bytes) -> bytes:
    """Give the line end that a piece uses."""
    ends = (text[line.content : line.end] for line in _lines(text))
    return next((end for end in ends if end in {b"\n", b"\r\n"}), b"\r\n" if text.endswith(b"\r") else b"\n")


def _width_of(text: bytes) -> int:
    """Give the width at which a piece is folded; 0 if it holds longer lines unfolded."""
    plain = text.replace(b"\r", b"")
    physical = plain.split(b"\n")
    if b"\n " in plain:
        for line, below in pairwise(physical):
            if below.startswith(b" ") and not line.startswith((b" ", b"#")):
                return max(2, len(line))
    return 0 if max(map(len, physical)) > _WIDTH else _WIDTH


def changed(text: bytes, after: Entry, change: Modify) -> bytes:
    """Write a record with its values changed; every other line stays byte for byte."""
    spelt = {fold(attribute.name): attribute.name for attribute in after}
    for mod in change.mods:
        text = (
            _deleted(text, mod)
            if mod.op is Op.DELETE
            else _with(text, mod, spelt.get(fold(mod.attribute), mod.attribute))
        )
    return text


def _with(text: bytes, mod: Mod, name: str) -> bytes:
    """Put values behind the last one of their attribute, else behind the last line of the record."""
    last = _last(text, fold(mod.attribute)) or next(line for line in reversed(logical(text)) if line.name)
    behind, end, width = last.content, _line_end(text), _width_of(text)
    written = b"".join(
        end + dump_value(name, value, width=width).encode().rstrip(b"\n").replace(b"\n", end) for value in mod.values
    )
    return text[:behind] + written + text[behind:]


def _deleted(text: bytes, mod: Mod) -> bytes:
    """Take the lines of values out."""
    name = fold(mod.attribute)
    for value in mod.values:
        lines = logical(text)
        at = next(n for n, line in enumerate(lines) if line.value_of(name) == value)
        text = text[: lines[at - 1].content] + text[lines[at].content :]  # with the line end that was put before it
    return text


def new_record(entry: Entry, lines: Sequence[Line], text: bytes) -> bytes:
    """Write a new record as its neighbour is written, an empty line before it."""
    end = _line_end(text)
    record = dump_entry(entry, width=_width_of(text)).encode().rstrip(b"\n")
    if any(line.name == "changetype" for line in lines):
        first = re.match(rb"[^\n]*(?:\n [^\n]*)*", record)
        assert first is not None
        record = first[0] + b"\nchangetype: add" + record[first.end() :]
    return end + end + record.replace(b"\n", end)
