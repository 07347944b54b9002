"""LDIF, RFC 2849, both ways: the reference reader and the writer.

Law: no other room unfolds, splits, decodes or writes a line of LDIF; what this one writes, this one reads back.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from remedy.change import Add, Change, Delete, Mod, Modify, Op
from remedy.dn import DN
from remedy.entry import Attribute, Entry
from remedy.errors import Fault, InputError
from remedy.text import fold, printable

__all__ = [
    "Field", "Kind", "dump_change", "dump_changes", "dump_entry", "logical_lines", "parse_changes", "parse_line",
    "parse_record", "split_line", "split_records", "unfold",
]  # fmt: skip

_NAME = rb"(?:[A-Za-z][A-Za-z0-9_-]*|[0-9]+(?:\.[0-9]+)+)(?:;[A-Za-z0-9-]+)*"
"""An attribute description (RFC 4512 §2.5); the underscore is no part of it but is met in real exports."""
_DESCRIPTION = re.compile(_NAME)
_LINE = re.compile(rb"(%b)(:[:<]?) *([^\x00\r]*)" % _NAME, re.DOTALL)
_LINE_END = re.compile(rb"\n(?! )")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_PLAIN_TEXT = re.compile(rb"(?:[!-9;=-~](?:[ -~]*[!-~])?)?")
"""RFC 2849 §2, SAFE-STRING, less the controls that could play tricks on a terminal and less a blank at the end."""
_ADVICE = "Mend the lines named here, or export the directory again, and run the command again."
_SHOWN = 60


class Kind(StrEnum):
    """How the value of a line is written; the value of a member is the mark behind the name."""

    PLAIN = ":"
    BASE64 = "::"
    URL = ":<"


_KINDS = {kind.encode(): kind for kind in Kind}


class Field(NamedTuple):
    """One logical line, taken apart."""

    line: int
    """The physical line on which it begins."""
    name: str
    """The attribute description; ``-`` for the line that closes a modification, empty where none can be read."""
    value: bytes | None
    """The decoded value; None where it cannot be read."""


def unfold(raw: bytes) -> bytes:
    """Join folded lines (RFC 2849 §2 note 2) and make every line end a line feed."""
    text = raw.replace(b"\r\n", b"\n") if b"\r" in raw else raw
    return text.replace(b"\n ", b"")


def split_records(data: bytes) -> list[bytes]:
    """Cut data at each empty line; two line feeds are gone between any two pieces, and pieces may be empty."""
    return _BLANK_LINE.split(data) if b"\r" in data else data.split(b"\n\n")


def logical_lines(raw: bytes, line: int) -> Iterator[tuple[int, bytes]]:
    """Yield the unfolded lines of a record that are no comments, each with the physical line on which it begins.

    ``line`` is the number of the first physical line of ``raw``. Empty lines at either end are passed over.
    """
    text = raw.replace(b"\r\n", b"\n") if b"\r" in raw else raw
    body = text.lstrip(b"\n")
    line += len(text) - len(body)
    body = body.rstrip(b"\n")
    for piece in _LINE_END.split(body) if body else ():
        if not piece.startswith(b"#"):
            yield line, unfold(piece)
        line += piece.count(b"\n") + 1


def split_line(text: bytes) -> tuple[str, Kind, bytes]:
    """Split a logical line into the attribute description, the kind of its value, and the value as written.

    Raises:
        ValueError: it cannot be split; the message is a sentence about why.
    """
    found = _LINE.fullmatch(text)
    if not found:
        raise ValueError(_why_malformed(text))
    return found[1].decode(), _KINDS[found[2]], found[3]


def parse_line(text: bytes) -> tuple[str, bytes]:
    """Read a logical line: the attribute description and the decoded value.

    Raises:
        ValueError: it cannot be read; the message is a sentence about why.
    """
    name, kind, written = split_line(text)
    match kind:
        case Kind.URL:  # RFC 2849 §4: whoever wrote the file would choose what we open
            raise ValueError(f"{name}:< names a file or URL, and remedy never follows one; put the value in its place")
        case Kind.BASE64:
            return name, _from_base64(name, written)
        case Kind.PLAIN:
            return name, written if written.isascii() else _utf8(name, written)


def parse_record(raw: bytes, line: int, source: str) -> Entry:
    """Read one content record, or one ``changetype: add`` record, strictly.

    ``raw`` is the record as it stands in the file; ``line`` is the number of its first physical line.

    Raises:
        InputError: something in it is malformed; every fault of the record is in the error.
    """
    reading = _Reading(raw, line, source)
    number, dn = reading.take_dn()
    reading.drop_changetype()
    entry = Entry(dn, reading.attributes(), f"line {number}")
    reading.finish()
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
        line += raw.count(b"\n") + 2
        reading.drop_version()
        change = reading.change() if reading.fields else None
        faults += reading.faults
        changes += [change] if change else []
    if faults:
        raise InputError(faults, _ADVICE)
    return tuple(changes)


def dump_entry(entry: Entry, *, width: int = 76) -> str:
    """Write an entry as a content record; ``width`` is where lines are folded, 0 = nowhere."""
    return "".join((_line("dn", str(entry.dn).encode(), width), *_attribute_lines(entry, width), "\n"))


def dump_change(change: Change, *, comments: Iterable[str] = (), width: int = 76) -> str:
    """Write a change record, with ``comments`` above it.

    Raises:
        ValueError: an attribute description of it is none.
    """
    lines = [f"# {printable(comment)}\n" for comment in comments]
    lines.append(_line("dn", str(change.dn).encode(), width))
    match change:
        case Add(entry):
            lines += ["changetype: add\n", *_attribute_lines(entry, width)]
        case Delete():
            lines.append("changetype: delete\n")
        case Modify(_, mods):
            lines.append("changetype: modify\n")
            for mod in mods:
                lines.append(_line(mod.op.value, mod.attribute.encode(), width))
                lines += [_line(mod.attribute, value, width) for value in mod.values]
                lines.append("-\n")  # RFC 2849 §2: it closes every mod-spec, the last one too
    return "".join((*lines, "\n"))


def dump_changes(changes: Iterable[Change], *, comments: Iterable[str] = (), width: int = 76) -> str:
    """Write a file of changes: the version, ``comments``, the records."""
    lines = [f"# {printable(comment)}\n" for comment in comments]
    head = ["version: 1\n", "\n", *lines, *(["\n"] if lines else [])]
    return "".join((*head, *(dump_change(change, width=width) for change in changes)))


class _Reading:
    """One record being read: the fields not yet used, and every fault found so far."""

    def __init__(self, raw: bytes, line: int, source: str) -> None:
        self.source, self.line = source, line
        self.faults: list[Fault] = []
        self.fields = [self._field(number, text) for number, text in logical_lines(raw, line)]

    def _field(self, line: int, text: bytes) -> Field:
        """Take one logical line apart."""
        if text == b"-":
            return Field(line, "-", b"")
        try:
            return Field(line, *parse_line(text))
        except ValueError as error:
            self.blame(line, str(error))
        found = _LINE.match(text)
        return Field(line, found[1].decode() if found else "", None)

    def blame(self, line: int, message: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(self.source, line, message))

    def finish(self) -> None:
        """Raise what was found."""
        if self.faults:
            raise InputError(sorted(self.faults, key=lambda fault: fault.line or 0), _ADVICE)

    def drop_version(self) -> None:
        """Pass over the version (RFC 2849 §2, version-spec); files put together have several."""
        if self.fields and self.fields[0].name.lower() == "version":
            version = self.fields.pop(0)
            if version.value not in {None, b"1"}:
                self.blame(version.line, f"version {_shown(version.value or b'')} of LDIF is unknown; it must be 1")

    def take_dn(self) -> tuple[int, DN]:
        """Use up the name with which a record begins; give it and its line."""
        self.drop_version()
        first = self.fields[0] if self.fields else Field(self.line, "-", None)
        if first.name.lower() != "dn":
            if first.name:
                self.blame(first.line, "the record does not begin with dn:")
            return first.line, DN(())
        del self.fields[0]
        try:
            return first.line, DN.parse(first.value.decode() if first.value else "")
        except UnicodeDecodeError:
            self.blame(first.line, "the distinguished name is not UTF-8")
        except ValueError as error:
            self.blame(first.line, f"malformed distinguished name: {error}")
        return first.line, DN(())

    def drop_changetype(self) -> None:
        """Pass over ``changetype: add``: some exporters write a directory as additions."""
        if self.fields and self.fields[0].name.lower() == "changetype":
            field = self.fields.pop(0)
            kind = field.value or b""
            if field.value is not None and kind.lower() != b"add":
                self.blame(field.line, f"changetype: {_shown(kind)}: this is a change file, not an export")

    def attributes(self) -> tuple[Attribute, ...]:
        """Use up the rest as attributes; lines of one description are put together where it stood first."""
        merged: dict[str, tuple[str, list[bytes]]] = {}
        for line, name, value in self.fields:
            key = name.lower()
            if key == "dn":
                self.blame(line, "a second dn: line; an empty line, without even a blank in it, must stand before it")
            elif key == "changetype":
                self.blame(line, "changetype: must follow the dn: line")
            elif key == "-":
                self.blame(line, "no colon in '-'")
            elif value is not None:
                merged.setdefault(key, (name, []))[1].append(value)
        return tuple(Attribute(name, tuple(values)) for name, values in merged.values())

    def change(self) -> Change | None:
        """Use up the whole as one change; None if there are faults in it."""
        _, dn = self.take_dn()
        field = self.fields.pop(0) if self.fields else Field(self.line, "", None)
        change: Change | None = None
        match field.name.lower(), (field.value or b"").lower():
            case "changetype", b"add":
                change = Add(Entry(dn, self.attributes(), f"line {self.line}"))
            case "changetype", b"delete":
                for extra in self.fields:
                    self.blame(extra.line, "changetype: delete takes no further lines")
                change = Delete(Entry(dn, ()))
            case "changetype", b"modify":
                change = Modify(dn, self._mods())
            case "changetype", (b"modrdn" | b"moddn") as kind:
                self.blame(field.line, f"changetype: {kind.decode()}: remedy does not rename entries")
            case "changetype", kind:
                self.blame(field.line, f"changetype: {_shown(kind)} is unknown; it is add, delete or modify")
            case "control", _:
                self.blame(field.line, "control: is refused; with it nobody could promise the way back")
            case _:
                self.blame(field.line, "no changetype: after the dn: line; this is an export, not a change file")
        return None if self.faults else change

    def _mods(self) -> tuple[Mod, ...]:
        """Use up the blocks of a modification (RFC 2849 §2, mod-spec)."""
        if self.fields and self.fields[-1].name != "-":
            self.blame(self.fields[-1].line, "a line with - must close each part of a modification")
        rest = iter(self.fields)
        mods = [self._mod(head, list(takewhile(lambda field: field.name != "-", rest))) for head in rest]
        return tuple(mod for mod in mods if mod)

    def _mod(self, head: Field, body: list[Field]) -> Mod | None:
        """Read one block: ``add:`` or ``delete:`` with the attribute, then values of that attribute."""
        op, name = head.name.lower(), (head.value or b"").decode(errors="backslashreplace")
        for field in body:
            if field.name and fold(field.name) != fold(name):
                self.blame(field.line, f"{field.name}: stands in a part that is about {printable(name)}")
        if op == "replace":
            self.blame(head.line, "replace: cannot be taken back; delete: the old values and add: the new ones")
        elif op not in set(Op):
            self.blame(head.line, f"a part of a modification begins with add: or delete:, not with {head.name}:")
        elif not _DESCRIPTION.fullmatch(name.encode()):
            self.blame(head.line, f"'{printable(name)}' is no attribute description")
        elif not body:
            self.blame(head.line, f"{op}: {name} names no value, and so cannot be taken back; name each value")
        if self.faults:
            return None
        return Mod(Op(op), name, tuple(field.value for field in body if field.value is not None))


def _why_malformed(text: bytes) -> str:
    """Say why a logical line cannot be split."""
    name, colon, _ = text.partition(b":")
    if text.startswith(b" "):
        return "a continuation line with nothing in front of it to continue"
    if text.startswith(b"\t"):  # RFC 2849 §2 note 2: SEP SPACE, and nothing else
        return "a line is continued with a space in front, not with a tab"
    if not colon:
        return f"no colon in '{_shown(text)}'"
    if not _DESCRIPTION.fullmatch(name):
        return f"'{_shown(name)}' is no attribute description"
    what = "NUL" if b"\x00" in text else "carriage return"
    return f"a {what} in the value of {name.decode()}; such a value must be in base64"


def _from_base64(name: str, written: bytes) -> bytes:
    """Decode base64, strictly."""
    try:
        return binascii.a2b_base64(written, strict_mode=True)
    except binascii.Error as error:
        raise ValueError(f"the value of {name} is not base64: {str(error).lower()}") from None


def _utf8(name: str, written: bytes) -> bytes:
    """Give a plain value back if it is UTF-8 (exporters such as ldifde -u write it, beyond RFC 2849 §2)."""
    try:
        written.decode()
    except UnicodeDecodeError as error:
        what = f"the value of {name} is not UTF-8 (byte 0x{written[error.start]:02X})"
        raise ValueError(f"{what}; convert the file, e.g. from code page 1252, or export with base64") from None
    return written


def _shown(text: bytes) -> str:
    """Give a piece of the input for a message."""
    return printable(text[:_SHOWN].decode(errors="backslashreplace"))


def _attribute_lines(entry: Entry, width: int) -> list[str]:
    """Write every value of an entry."""
    return [_line(attribute.name, value, width) for attribute in entry for value in attribute.values]


def _line(name: str, value: bytes, width: int) -> str:
    """Write one line, in base64 where it must be, folded."""
    if not _DESCRIPTION.fullmatch(name.encode()):
        raise ValueError(f"{name!r} is no attribute description")
    if _PLAIN_TEXT.fullmatch(value):
        text = f"{name}: {value.decode()}" if value else f"{name}:"
    else:
        text = f"{name}:: {binascii.b2a_base64(value, newline=False).decode()}"
    if not width or len(text) <= width:
        return f"{text}\n"
    rest = range(width, len(text), width - 1)
    return "\n ".join((text[:width], *(text[at : at + width - 1] for at in rest))) + "\n"
