"""LDIF, RFC 2849, both ways: the reference reader and the writer.

Law: no other room unfolds, splits, decodes or writes a line of LDIF; what this one writes, this one reads back.
"""

import binascii
import re
from bisect import insort
from collections.abc import Iterable, Iterator
from itertools import dropwhile, takewhile
from typing import NamedTuple

from remedy.change import Add, Change, Delete, Mod, Modify, Op
from remedy.dn import DN
from remedy.entry import Attribute, Entry
from remedy.errors import Fault, InputError
from remedy.text import fold, printable

__all__ = [
    "ADVICE", "RESERVED", "dump_change", "dump_changes", "dump_entry", "dump_value", "is_version", "logical_lines",
    "parse_changes", "parse_line", "parse_record", "split_records", "unfold",
]  # fmt: skip

ADVICE = "Mend the lines named here, or export the directory again, and run the command again."
RESERVED = frozenset({"dn", "version", "changetype", "control"})
"""Names in front of a colon that are no attributes (RFC 2849 §2)."""
_NAME = rb"(?:[A-Za-z][A-Za-z0-9_-]*|[0-9]+(?:\.[0-9]+)+)(?:;[A-Za-z0-9-]+)*"
"""An attribute description (RFC 4512 §2.5); the underscore is no part of it but is met in real exports."""
_DESCRIPTION = re.compile(_NAME)
_LINE = re.compile(rb"(%b)(:[:<]?) *([^\x00\r]*)" % _NAME)
_LINE_END = re.compile(rb"\n(?! )")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_PLAIN = re.compile(rb"(?:[!-9;=-~](?:[ -~]*[!-~])?)?")
"""RFC 2849 §2, SAFE-STRING, less a blank at the end, and less the controls that could play tricks on a terminal."""
_MALFORMED = (
    (rb" ", "a continuation line with nothing in front of it to continue"),
    (rb"\t", "a line is continued with a space in front, not with a tab"),  # RFC 2849 §2 note 2: SEP SPACE
    (rb"[^:]*\Z", "no colon in '{line}'"),
    (rb"(?!%b:)" % _NAME, "'{name}' is no attribute description"),
    (rb"", "a NUL or a carriage return in the value of {name}; such a value must be in base64"),
)
_MISPLACED = {
    "dn": "a second dn: line; an empty line, without even a blank in it, must stand before it",
    "changetype": "changetype: must follow the dn: line",
    "-": "no colon in '-'",
}
_REFUSED = {
    "control": "control: is refused; with it nobody could promise the way back",
    "replace": "replace: cannot be taken back; delete: the old values and add: the new ones",
    "modrdn": "changetype: modrdn: remedy does not rename entries",
    "moddn": "changetype: moddn: remedy does not rename entries",
}


class _Field(NamedTuple):
    """One logical line: where it begins, the description (``-`` for itself, empty if unreadable), the decoded value."""

    line: int
    name: str
    value: bytes | None


def unfold(raw: bytes) -> bytes:
    """Join folded lines (RFC 2849 §2 note 2) and make every line end a line feed."""
    text = raw.replace(b"\r\n", b"\n") if b"\r" in raw else raw
    return text.replace(b"\n ", b"")


def split_records(data: bytes) -> list[bytes]:
    """Cut data at each empty line; two line feeds are gone between any two pieces, and pieces may be empty."""
    return _EMPTY_LINE.split(data) if b"\r" in data else data.split(b"\n\n")


def logical_lines(raw: bytes, line: int) -> Iterator[tuple[int, bytes]]:
    """Yield the unfolded lines that are no comments, each with the physical line (the first is ``line``) it begins on."""
    text = raw.replace(b"\r\n", b"\n").rstrip(b"\n")
    body = text.lstrip(b"\n")
    line += len(text) - len(body)
    for piece in _LINE_END.split(body) if body else ():
        if not piece.startswith(b"#"):
            yield line, piece.replace(b"\n ", b"")
        line += piece.count(b"\n") + 1


def parse_line(text: bytes) -> tuple[str, bytes]:
    """Read a logical line: the attribute description and the decoded value.

    Raises:
        ValueError: it cannot be read; the message says why.
    """
    found = _LINE.fullmatch(text)
    if not found:
        why = next(message for pattern, message in _MALFORMED if re.match(pattern, text))
        raise ValueError(why.format(line=_shown(text), name=_shown(text.partition(b":")[0])))
    name, mark, written = found[1].decode(), found[2], found[3]
    if mark == b":<":  # RFC 2849 §4: whoever wrote the file would choose what we open
        raise ValueError(f"{name}:< names a file or URL, and remedy never follows one; put the value in its place")
    try:
        if mark == b"::":
            return name, binascii.a2b_base64(written, strict_mode=True)
        if not written.isascii():  # beyond RFC 2849 §2, but ldifde -u and others write UTF-8
            written.decode()
    except binascii.Error as error:
        raise ValueError(f"the value of {name} is not base64: {str(error).lower()}") from None
    except UnicodeDecodeError as error:
        what = f"the value of {name} is not UTF-8 (byte 0x{written[error.start]:02X})"
        raise ValueError(f"{what}; convert the file, e.g. from code page 1252, or export with base64") from None
    return name, written


def is_version(text: bytes) -> bool:
    """Tell whether a logical line gives the version (RFC 2849 §2, version-spec).

    Raises:
        ValueError: it gives a version that nobody has defined.
    """
    name, _, version = text.partition(b":")
    if name.lower() == b"version" and version.strip(b" ") != b"1":
        raise ValueError(f"version {_shown(version.strip())} of LDIF is unknown; it must be 1")
    return name.lower() == b"version"


def parse_record(raw: bytes, line: int, source: str) -> Entry:
    """Read one content record, or one of ``changetype: add``, strictly; its first physical line has number ``line``.

    Raises:
        InputError: something in it is malformed; every fault of the record is in the error.
    """
    reading = _Reading(raw, line, source)
    number, dn = reading.take_dn()
    if reading.fields and reading.fields[0].name.lower() == "changetype":  # some exporters write additions
        place, _, kind = reading.fields.pop(0)
        if kind is not None and kind.lower() != b"add":
            reading.blame(place, f"changetype: {_shown(kind)}: this is a change file, not an export")
    entry = Entry(dn, reading.attributes(), f"line {number}")
    if reading.faults:
        raise InputError(reading.faults, ADVICE)
    return entry


def parse_changes(data: bytes, source: str) -> tuple[Change, ...]:
    """Read a file of changes (RFC 2849 §2, ldif-changes) strictly; only what can be taken back is read.

    Raises:
        InputError: something is malformed or cannot be taken back; every fault of the data is in the error.
    """
    faults: list[Fault] = []
    changes: list[Change] = []
    line = 1
    for raw in split_records(data.removeprefix(b"\xef\xbb\xbf")):
        reading = _Reading(raw + b"\n", line, source)
        change = reading.change() if reading.fields else None
        faults += reading.faults
        changes += [change] if change else []
        line += raw.count(b"\n") + 2
    if faults:
        raise InputError(faults, ADVICE)
    return tuple(changes)


def dump_entry(entry: Entry, *, width: int = 76) -> str:
    """Write an entry as a content record, folded at ``width`` (0 = nowhere)."""
    lines = [dump_value(attribute.name, value, width) for attribute in entry for value in attribute.values]
    return "".join((dump_value("dn", str(entry.dn).encode(), width), *lines, "\n"))


def dump_change(change: Change, *, comments: Iterable[str] = (), width: int = 76) -> str:
    """Write a change record with ``comments`` above it, folded at ``width`` (0 = nowhere)."""
    lines = [f"# {printable(comment)}\n" for comment in comments]
    lines.append(dump_value("dn", str(change.dn).encode(), width))
    lines.append(f"changetype: {type(change).__name__.lower()}\n")
    if isinstance(change, Add):
        lines += [dump_value(attribute.name, value, width) for attribute in change.entry for value in attribute.values]
    elif isinstance(change, Modify):
        for mod in change.mods:
            lines.append(dump_value(mod.op, mod.attribute.encode(), width))
            lines += [dump_value(mod.attribute, value, width) for value in mod.values]
            lines.append("-\n")  # RFC 2849 §2: it closes every mod-spec, the last one too
    return "".join((*lines, "\n"))


def dump_changes(changes: Iterable[Change], *, comments: Iterable[str] = (), width: int = 76) -> str:
    """Write a file of changes: the version, ``comments``, the records."""
    head = "".join(f"# {printable(comment)}\n" for comment in comments)
    records = (dump_change(change, width=width) for change in changes)
    return "".join(("version: 1\n\n", f"{head}\n" if head else "", *records))


class _Reading:
    """One record being read: the fields not yet used, and every fault found so far."""

    def __init__(self, raw: bytes, line: int, source: str) -> None:
        self.source, self.line = source, line
        self.faults: list[Fault] = []
        lines = list(logical_lines(raw, line))
        try:  # files that were put together have several versions
            lines = lines[1:] if lines and is_version(lines[0][1]) else lines
        except ValueError as error:
            self.blame(lines.pop(0)[0], str(error))
        self.fields = [self._field(number, text) for number, text in lines]

    def _field(self, line: int, text: bytes) -> _Field:
        """Take one logical line apart."""
        if text == b"-":
            return _Field(line, "-", b"")
        try:
            return _Field(line, *parse_line(text))
        except ValueError as error:
            self.blame(line, str(error))
        found = _LINE.match(text)
        return _Field(line, found[1].decode() if found else "", None)

    def blame(self, line: int, message: str) -> None:
        """Note a fault, in the order of the lines."""
        insort(self.faults, Fault(self.source, line, message), key=lambda fault: fault.line or 0)

    def take_dn(self) -> tuple[int, DN]:
        """Use up the name with which a record begins; give it and its line."""
        readable = list(dropwhile(lambda field: not field.name, self.fields))
        line, kind, value = readable[0] if readable else _Field(self.line, "", None)
        if kind.lower() == "dn":
            self.fields = readable[1:]
        elif readable == self.fields:  # else the first line is blamed already
            self.blame(line, "the record does not begin with dn:")
        try:
            return line, DN.parse(value.decode() if kind.lower() == "dn" and value else "")
        except ValueError as error:
            self.blame(line, f"malformed distinguished name: {error}")
        return line, DN(())

    def attributes(self) -> tuple[Attribute, ...]:
        """Use up the rest as attributes; lines of one description are put together where it stood first."""
        merged: dict[str, tuple[str, list[bytes]]] = {}
        for line, name, value in self.fields:
            if name.lower() in _MISPLACED:
                self.blame(line, _MISPLACED[name.lower()])
            elif value is not None:
                merged.setdefault(name.lower(), (name, []))[1].append(value)
        return tuple(Attribute(name, tuple(values)) for name, values in merged.values())

    def change(self) -> Change | None:
        """Use up the whole as one change; None if there are faults in it."""
        change: Change = Delete(Entry(self.take_dn()[1], ()))
        line, name, value = self.fields.pop(0) if self.fields else _Field(self.line, "-", b"")
        kind = _shown(value.lower()) if value is not None else ""
        if name and name.lower() != "changetype":
            self.blame(line, _REFUSED.get(name.lower(), "no changetype: behind the dn:; this is no change file"))
        elif kind == "add":
            change = Add(Entry(change.dn, self.attributes(), f"line {self.line}"))
        elif kind == "modify":
            change = Modify(change.dn, self._mods())
        elif value is not None and kind != "delete":
            self.blame(line, _REFUSED.get(kind, f"changetype: {kind} is none of add, delete and modify"))
        elif value is not None and self.fields:
            self.blame(self.fields[0].line, "changetype: delete takes no further lines")
        return None if self.faults else change

    def _mods(self) -> tuple[Mod, ...]:
        """Use up the parts of a modification (RFC 2849 §2, mod-spec)."""
        if self.fields and self.fields[-1].name != "-":
            self.blame(self.fields[-1].line, "a line with - must close each part of a modification")
        rest = iter(self.fields)
        mods = [self._mod(head, list(takewhile(lambda field: field.name != "-", rest))) for head in rest]
        return tuple(mod for mod in mods if mod)

    def _mod(self, head: _Field, body: list[_Field]) -> Mod | None:
        """Read one part: ``add:`` or ``delete:`` with the attribute, then values of that attribute."""
        op, about = head.name.lower(), printable((head.value or b"").decode(errors="backslashreplace"))
        for field in body:
            if field.name and fold(field.name) != fold(about):
                self.blame(field.line, f"{field.name}: stands in a part that is about {about}")
        if op not in set(Op):
            self.blame(head.line, _REFUSED.get(op, f"a part begins with add: or delete:, not with '{head.name}'"))
        elif not _DESCRIPTION.fullmatch(head.value or b""):
            self.blame(head.line, f"'{about}' is no attribute description")
        elif not body:
            self.blame(head.line, f"{op}: {about} names no value, and so cannot be taken back; name each value")
        values = tuple(field.value for field in body if field.value is not None)
        return None if self.faults else Mod(Op(op), about, values)


def _shown(text: bytes) -> str:
    """Give a piece of the input for a message."""
    return printable(text[:60].decode(errors="backslashreplace"))


def dump_value(name: str, value: bytes, width: int) -> str:
    """Write one line, in base64 where it must be, folded; a name that is none never gets into a file."""
    if not _DESCRIPTION.fullmatch(name.encode()):
        raise ValueError(f"{name!r} is no attribute description")
    if _PLAIN.fullmatch(value):
        text = f"{name}: {value.decode()}" if value else f"{name}:"
    else:
        text = f"{name}:: {binascii.b2a_base64(value, newline=False).decode()}"
    if not width or len(text) <= width:
        return f"{text}\n"
    rest = (text[at : at + width - 1] for at in range(width, len(text), width - 1))
    return "\n ".join((text[:width], *rest)) + "\n"
