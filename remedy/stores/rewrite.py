"""Rewriting an LDIF file: every byte that no change touches stays as it is, and the new file takes the old one's place whole.

Law: a touched record's old bytes are known before anything is written, and are compared again while it is written.
"""

from collections.abc import Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from remedy.change import Add, Modify, modified
from remedy.dn import DN
from remedy.editing import changed, core, ends_readably, logical, name_of, new_record
from remedy.entry import Attribute, Entry
from remedy.errors import InputError, Stale
from remedy.ldif import parse_record
from remedy.quick import quickly
from remedy.stores.finding import Finder, line_at, nothing_from
from remedy.stores.pieces import Coding, Piece, coding_of, pieces

__all__ = ["Record", "Touch", "is_end", "leading", "records", "touches"]


@dataclass(frozen=True, slots=True)
class Touch:
    """Bytes of a file that others take the place of."""

    dn: str
    offset: int
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands in a file."""

    offset: int
    text: bytes
    """From its first line to the end of its last, without that line's end; in UTF-8."""
    dn: DN
    said: Sequence[tuple[str, tuple[bytes, ...]]]
    """Each attribute with its values; many such plain tuples are held with less ado than entries."""
    coding: Coding

    @property
    def entry(self) -> Entry:
        """What it says."""
        return Entry(self.dn, tuple(map(Attribute._make, self.said)))

    @property
    def raw(self) -> bytes:
        """Its bytes in the file."""
        return self.coding.encode(self.text)

    def touch(self, change: Modify) -> Touch:
        """Say which bytes a change puts in the place of which.

        Raises:
            Stale: a value is not as the change expects it.
        """
        new = changed(self.text, modified(self.entry, change), change)
        return Touch(str(change.dn), self.offset, self.raw, self.coding.encode(new))


def touches(path: Path, name: str, changes: Sequence[Add | Modify]) -> tuple[Touch, ...]:
    """Say which bytes of a file change, in the order of the changes.

    Raises:
        Stale: an entry is not there, or is there already, or a value is not as its change expects it.
        InputError: the file or a touched record cannot be read.
    """
    parents = {change.dn.parent for change in changes if isinstance(change, Add)}
    search = _Search(path, name, {change.dn for change in changes}, parents)
    return tuple(search.touch(change) for change in changes)


def records(path: Path, name: str, dns: Collection[DN]) -> dict[DN, Record]:
    """Give the place and the bytes of some records, from their first line to the end of their last.

    Raises:
        InputError: the file cannot be read.
        Stale: a record is there twice.
    """
    return _Search(path, name, dns, ()).found


def is_end(path: Path, name: str, offset: int) -> bool:
    """Tell whether a record ends at a place of a file, so that another may stand behind it.

    Raises:
        InputError: the file cannot be read.
    """
    coding = coding_of(path, name)
    for piece in pieces(path, name, coding):
        if piece.offset <= offset <= piece.offset + len(coding.encode(piece.text)):
            record = coding.encode(core(piece.text))
            if record and piece.offset + len(record) == offset:
                return True
    return False


def leading(path: Path, data: bytes) -> int:
    """Count the bytes of the line ends that some bytes of a file begin with."""
    coding = coding_of(path, str(path))
    text = data if coding.plain else data.decode(coding.codec, "replace").encode()
    return max(0, len(data) - len(coding.encode(text.lstrip(b"\r\n"))))


class _Search:
    """One look through a file for the records that change, and for the places where new ones go."""

    def __init__(self, path: Path, name: str, wanted: Collection[DN], parents: Collection[DN]) -> None:
        self.path, self.name, self.wanted, self.parents = path, name, wanted, parents
        self.coding = coding_of(path, name)
        self.found: dict[DN, Record] = {}
        self.last: dict[DN, Piece] = {}
        self.ends: tuple[Piece, ...] = ()
        """The last two records."""
        self.cut: InputError | None = None
        """What is wrong with the record that was read last, if a file may end so."""
        with closing(self._pieces()) as found:
            for piece in found:
                self._look(piece)

    def _pieces(self) -> Generator[Piece, None, None]:
        """Yield the pieces that matter; where a new record goes, others show."""
        if self.parents or not self.coding.plain:
            yield from pieces(self.path, self.name, self.coding)
            return
        end = 0
        with closing(Finder(self.path, self.name, self.coding, self.wanted).pieces()) as found:
            for piece in found:
                yield piece
                end = piece.offset + len(piece.text)
        if self.cut and not nothing_from(self.path, self.name, end):
            raise self.cut

    def _look(self, piece: Piece) -> None:
        """Keep a piece that is touched or that a new record may stand behind."""
        if self.cut and piece.text.strip():
            raise self.cut
        dn = name_of(piece.text)
        if dn is None:
            return
        if dn in self.wanted:
            said = self._said(piece)
            if dn in self.found:
                found = f"a second one at line {self._line(piece)}"
                raise Stale(str(dn), "entry", expected="one record", found=found)
            self.found[dn] = Record(piece.offset, core(piece.text), dn, said, self.coding)
        if self.parents:
            self.ends = (*self.ends[-1:], piece)
            if dn.parent in self.parents:
                self.last[dn.parent] = piece

    def _line(self, piece: Piece) -> int:
        """Give the number of the first line of a piece."""
        return piece.line or line_at(self.path, self.name, piece.offset)

    def _said(self, piece: Piece) -> Sequence[tuple[str, tuple[bytes, ...]]]:
        """Read a record; the last line of a file may be cut, as `remedy.stores.ldif` lets it pass: it stays as it is."""
        text = piece.text.removesuffix(b"\r")  # at the very end it is half a line end
        if said := quickly(text):
            return said[2]
        try:
            return parse_record(text, 0, self.name).attributes
        except InputError:
            line = self._line(piece)
        try:
            return parse_record(text, line, self.name).attributes
        except InputError as fault:
            attributes = parse_record(_uncut(text), line, self.name).attributes
            self.cut = fault
            return attributes

    def touch(self, change: Add | Modify) -> Touch:
        """Say which bytes one change puts in the place of which."""
        if isinstance(change, Add):
            return self._added(change)
        if change.dn not in self.found:
            raise Stale(str(change.dn), "entry", expected="an entry of this name", found="none")
        return self.found[change.dn].touch(change)

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
