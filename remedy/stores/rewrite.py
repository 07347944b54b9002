"""Rewriting an LDIF file: every byte that no change touches stays as it is, and the new file takes the old one's place whole.

Law: a touched record's old bytes are known before anything is written, and are compared again while it is written.
"""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from remedy.change import Add, Modify, modified
from remedy.dn import DN
from remedy.editing import changed, core, ends_readably, logical, name_of, new_record
from remedy.entry import Entry
from remedy.errors import InputError, Stale
from remedy.ldif import parse_record
from remedy.query import AnyOf, Named, Query
from remedy.scan import bounded, judge
from remedy.stores.texts import plainly

__all__ = ["Record", "Touch", "is_end", "leading", "records", "touches"]

_GAP = re.compile(rb"\n\r?\n")


@dataclass(frozen=True, slots=True)
class Touch:
    """Bytes of a file that others take the place of."""

    dn: str
    offset: int
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between empty lines, from its first line that is not empty."""

    offset: int
    """Where it begins in the file, in bytes."""
    text: bytes
    """Its text in UTF-8."""
    line: int


@dataclass(frozen=True, slots=True)
class _Coding:
    """How a file is written."""

    codec: str
    mark: bytes

    def encode(self, text: bytes) -> bytes:
        """Give the bytes of a text as they stand in the file."""
        return text if self.codec == "utf-8" else text.decode().encode(self.codec)


def touches(path: Path, name: str, changes: Sequence[Add | Modify]) -> tuple[Touch, ...]:
    """Say which bytes of a file change, in the order of the changes.

    Raises:
        Stale: an entry is not there, or is there already, or a value is not as its change expects it.
        InputError: the file or a touched record cannot be read.
    """
    search = _Search(name, changes)
    for piece in _pieces(path, name, search.coding_is):
        search.look(piece)
    return tuple(search.touch(change) for change in changes)


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands in a file."""

    offset: int
    raw: bytes
    """Its bytes, from its first line to the end of its last, without that line's end."""
    entry: Entry


def records(path: Path, name: str, dns: Sequence[DN]) -> dict[DN, Record]:
    """Give the place and the bytes of some records, from their first line to the end of their last.

    Raises:
        InputError: the file cannot be read.
        Stale: a record is there twice.
    """
    search = _Search(name, [Modify(dn, ()) for dn in dns])
    for piece in _pieces(path, name, search.coding_is):
        search.look(piece)
    encode = search.coding.encode
    return {dn: Record(piece.offset, encode(core(piece.text)), entry) for dn, (piece, entry) in search.found.items()}


def is_end(path: Path, name: str, offset: int) -> bool:
    """Tell whether a record ends at a place of a file, so that another may stand behind it.

    Raises:
        InputError: the file cannot be read.
    """
    coding: list[_Coding] = []
    for piece in _pieces(path, name, coding.append):
        if piece.offset <= offset <= piece.offset + len(coding[0].encode(piece.text)):
            record = coding[0].encode(core(piece.text))
            if record and piece.offset + len(record) == offset:
                return True
    return False


def leading(path: Path, data: bytes) -> int:
    """Count the bytes of the line ends that some bytes of a file begin with."""
    with path.open("rb") as file:
        coding = _coding_of(file.read(4))
    text = data if coding.codec == "utf-8" else data.decode(coding.codec).encode()
    return len(data) - len(coding.encode(text.lstrip(b"\r\n")))


def _coding_of(head: bytes) -> _Coding:
    """Tell how a file is written from its first bytes."""
    for mark, codec in (
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF8, "utf-8"),
    ):
        if head.startswith(mark):
            return _Coding(codec, mark)
    return _Coding({0: "utf-16-be", 1: "utf-16-le"}.get(head.find(0, 0, 2), "utf-8"), b"")


def _pieces(path: Path, name: str, told: Callable[[_Coding], None], block_size: int = 1 << 20) -> Iterator[_Piece]:
    """Cut a file at its empty lines, knowing where each piece lies in it."""
    with plainly(name):
        file = path.open("rb")
    with file:
        coding = _coding_of(file.read(4))
        told(coding)
        file.seek(len(coding.mark))
        decoder = codecs.getincrementaldecoder(coding.codec)() if coding.codec != "utf-8" else None
        offset, line, rest, more = len(coding.mark), 1, b"", True
        while more:
            block = file.read(block_size)
            more = bool(block)
            rest += _utf8(decoder, block, name) if decoder else block
            cuts = [gap.end() for gap in _GAP.finditer(rest)] + ([] if more else [len(rest)])
            for start, end in pairwise((0, *cuts)):
                text = rest[start:end].lstrip(b"\r\n")
                begins = end - len(text)
                offset += len(coding.encode(rest[start:begins]))
                line += rest.count(b"\n", start, begins)
                yield _Piece(offset, text, line)
                offset += len(coding.encode(text))
                line += text.count(b"\n")
            rest = rest[cuts[-1] :] if cuts else rest
            bounded(len(rest), name, line)


def _utf8(decoder: codecs.IncrementalDecoder, block: bytes, name: str) -> bytes:
    """Decode a block; half a character at the very end of a file belongs to no line."""
    try:
        return decoder.decode(block).encode()
    except UnicodeError:
        advice = "Get the file again, or export the directory again."
        raise InputError.of(name, "text that is neither UTF-8 nor UTF-16", advice) from None


class _Search:
    """One look through a file for the records that change, and for the places where new ones go."""

    def __init__(self, name: str, changes: Sequence[Add | Modify]) -> None:
        self.name = name
        self.wanted = {change.dn for change in changes}
        self.parents = {change.dn.parent for change in changes if isinstance(change, Add)}
        self.judge = judge(Query(AnyOf(tuple(Named(dn) for dn in self.wanted)), ()))
        self.found: dict[DN, tuple[_Piece, Entry]] = {}
        self.last: dict[DN, _Piece] = {}
        self.ends: tuple[_Piece, ...] = ()
        """The last two records."""
        self.cut: InputError | None = None
        """What is wrong with the record that was read last, if a file may end so."""
        self.coding = _Coding("utf-8", b"")

    def coding_is(self, coding: _Coding) -> None:
        """Take note of how the file is written."""
        self.coding = coding

    def look(self, piece: _Piece) -> None:
        """Keep a piece that is touched or that a new record may stand behind."""
        if self.cut and piece.text.strip():
            raise self.cut
        if self.judge(piece.text) and (dn := name_of(piece.text)) in self.wanted:
            entry = self._entry(piece)
            if dn in self.found:
                raise Stale(str(dn), "entry", expected="one record", found=f"a second one at line {piece.line}")
            self.found[entry.dn] = (piece, entry)
        if self.parents and (dn := name_of(piece.text)):
            self.ends = (*self.ends[-1:], piece)
            if dn.parent in self.parents:
                self.last[dn.parent] = piece

    def _entry(self, piece: _Piece) -> Entry:
        """Read a record; the last line of a file may be cut, as `remedy.stores.ldif` lets it pass: it stays as it is."""
        text = piece.text.removesuffix(b"\r")  # at the very end it is half a line end
        try:
            return parse_record(text, piece.line, self.name)
        except InputError as fault:
            entry = parse_record(_uncut(text), piece.line, self.name)
            self.cut = fault
            return entry

    def touch(self, change: Add | Modify) -> Touch:
        """Say which bytes one change puts in the place of which."""
        if isinstance(change, Add):
            return self._added(change)
        if change.dn not in self.found:
            raise Stale(str(change.dn), "entry", expected="an entry of this name", found="none")
        piece, entry = self.found[change.dn]
        old = core(piece.text)
        new = changed(old, modified(entry, change), change)
        return Touch(str(change.dn), piece.offset, self.coding.encode(old), self.coding.encode(new))

    def _added(self, change: Add) -> Touch:
        """Put a new record behind the last one of its container, else behind the last one of the file.

        A record in which a file was cut must stay the last one, or nobody could tell that it was.
        """
        if change.dn in self.found:
            raise Stale(str(change.dn), "entry", expected="no entry of this name", found="one")
        if not self.ends:
            raise Stale(str(change.dn), "file", expected="records", found="none")
        piece = self.last.get(change.dn.parent, self.ends[-1])
        if piece is self.ends[-1] and not ends_readably(piece.text):
            piece = self.ends[0]
        text = new_record(change.entry, logical(piece.text), piece.text)
        offset = piece.offset + len(self.coding.encode(core(piece.text)))
        return Touch(str(change.dn), offset, b"", self.coding.encode(text))


def _uncut(text: bytes) -> bytes:
    """Give a piece without its last line that is no comment, if nobody can read that."""
    last = [line for line in logical(text) if line.says][-1]
    return text if last.name else text[: last.start]
