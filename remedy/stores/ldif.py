"""An LDIF file, streamed once: memory does not grow with it, and only the records that can matter are looked at.

Law: nothing is yielded that the file does not say, and no fault of a record that can matter is passed over. With
``strict`` every record is read; without, what is found does not depend on blocks or processes.
"""

import codecs
import re
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

from remedy.entry import Entry
from remedy.errors import Fault, InputError
from remedy.ldif import ADVICE, is_version, logical_lines, parse_record, unfold
from remedy.query import Query
from remedy.quick import entry_of
from remedy.scan import batches, bounded, is_cut
from remedy.sieve import Window, windows
from remedy.stores.base import Notes, Skim
from remedy.stores.halves import Choice, Found, Halves
from remedy.stores.texts import blocks_of, called
from remedy.text import fold

__all__ = ["LdifStore"]

_EXPORT = "Export the directory as LDIF, for instance with ldifde -f or ldapsearch -LLL, and give that file."
_GAP = re.compile(rb"\n\r?\n")
_RECORD = re.compile(rb"(?:\r?\n)*(?:#[^\n]*\n(?: [^\n]*\n)*)*dn:", re.IGNORECASE)
_LEAD = re.compile(rb"\A(?: *(?:\n|\Z)|#[^\n]*(?:\n|\Z)|version:[^\n]*(?:\n|\Z))*")
_CHANGE = re.compile(rb"\nchangetype: *+(?!add\n)")
_LOOKS = {
    "XML or HTML": re.compile(rb"\s*<"),
    "JSON": re.compile(rb"\s*[\[{]\s*[\"\[{}\]]"),
    "binary data": re.compile(rb"[^\n]*[\x00-\x08\x0e-\x1f]"),
    "LDIF whose beginning is missing": re.compile(rb"[a-z0-9;-]+:"),
    "a table, such as CSV": re.compile(rb"[^\n]*[,;\t]"),
}


class LdifStore:
    """An LDIF export on disk, or on standard input (``-``); see `remedy.stores.base.Readable`.

    ``strict`` parses every record. ``progress`` is told, once a block, the bytes done and, if it is known, their total.
    ``processes`` says how many read a file: 1, 2, or None for what pays.
    """

    def __init__(  # noqa: PLR0913 - options, each by name
        self,
        path: Path | str,
        *,
        name: str | None = None,
        strict: bool = False,
        progress: Callable[[int, int | None], None] | None = None,
        block_size: int = 1 << 18,
        processes: int | None = None,
    ) -> None:
        self.name, self._used = name or called(str(path)), False
        self._path, self._strict, self._progress, self._block_size = str(path), strict, progress, block_size
        self._processes = processes
        self._pass = _Pass(self.name, frozenset(), block_size)

    @property
    def stays(self) -> bool:
        """Whether it can be read again."""
        return self._path != "-"

    def read(self, query: Query, skim: Skim | None = None) -> Iterator[Entry]:
        """Yield the entries that the query wants, whole; those of which ``skim`` gives a gist it may get instead.

        Raises:
            InputError: the file cannot be read or is no export; or, once all is read, what is wrong with the records.
        """
        if self._used and not self.stays:
            raise InputError.of(self.name, "it can be read only once", "Save it as a file, and give that file.")
        self._used = True
        names = ("dn", *query.attributes, *(getattr(leaf, "attribute", "dn") for leaf in query.leaves()))
        self._pass = _Pass(self.name, frozenset(map(fold, names)), self._block_size)
        try:
            yield from filter(query.judge(), self._entries(query, skim))
        except (zlib.error, UnicodeError) as error:
            what = "damaged gzip data" if isinstance(error, zlib.error) else "text that is neither UTF-8 nor UTF-16"
            raise InputError.of(self.name, what, "Get the file again, or export the directory again.") from None
        if self._pass.faults:
            raise InputError(dict.fromkeys(self._pass.faults), ADVICE)

    def _entries(self, query: Query, skim: Skim | None) -> Iterator[Entry]:
        """Yield what may be wanted: every record with ``strict``, else those that the sieve holds back."""
        if self._strict or (choice := Choice.of(query, skim)) is None:
            return self._pass.every(self._blocks())
        return self._pass.chosen(Halves(self._path, self._blocks, self._processes), choice, skim)

    def _blocks(self, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield a part of the file as it lies there."""
        return blocks_of(self._path, self.name, self._block_size, self._progress, (begin, end))

    def root(self) -> Entry | None:
        """Give nothing: it is no server."""
        return None

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def notes(self) -> Notes:
        """Say how many records there are, as far as they were counted, and whether the end seems to be missing."""
        return Notes(entries=self._pass.count, truncated=self._pass.truncated)


class _Pass:
    """One reading of a file, and what was noticed on the way."""

    def __init__(self, name: str, wanted: frozenset[str], block_size: int) -> None:
        self.name, self.wanted, self.block_size = name, wanted, block_size
        self.count, self.truncated, self.line, self.strict = 0, "", 1, False
        self.faults: list[Fault] = []

    def every(self, blocks: Iterator[bytes]) -> Iterator[Entry]:
        """Yield each record, parsed: the reference."""
        self.strict = True
        last = b""
        for batch, last in batches(self._ldif(self._text(self._unpacked(blocks)))):
            for raw in batch:
                yield from self._piece(raw)
            bounded(len(last), self.name, self.line)
        yield from self._piece(self._mended(last, self.line))

    def chosen(self, file: Halves, choice: Choice, skim: Skim | None) -> Iterator[Entry]:
        """Yield the records that can matter, parsed; of the others only the first is looked at."""
        with closing(file):
            for window in windows(self._ldif(self._text(self._unpacked(file.first()))), self._bounded):
                if window.last and not file.shared:
                    yield from self._end(window, choice)
                    return
                rest = (yield from self._head(window, choice)) if not self.count else window
                if self.count:
                    file.share(choice)
                yield from self._found(choice.look(rest), skim)
            for found in file.told():
                yield from self._found(found, skim)
            for window in windows(file.rest(), self._bounded):
                yield from self._end(window, choice) if window.last else self._found(choice.look(window), skim)

    def _bounded(self, size: int) -> None:
        """Refuse a record that is too long."""
        bounded(size, self.name, self.line)

    def _head(self, window: Window, choice: Choice) -> Generator[Entry, None, Window]:
        """Look at each piece until there is a record; give what follows it."""
        data, at, end = window.data, window.begin, window.end
        while at < end and not self.count:
            gap = _GAP.search(data, at, end)
            stop, behind = gap.span() if gap else (end, end)
            line = self.line + data.count(b"\n", at, behind)
            yield from self._piece(data[at:stop], choice)
            at, self.line = behind, line
        return window._replace(begin=at)

    def _end(self, window: Window, choice: Choice) -> Iterator[Entry]:
        """Look at the end of the file."""
        *_, (_, last) = found = tuple(batches((window.data[window.begin :],)))
        for raw in (raw for pieces, _ in found for raw in pieces):
            yield from self._piece(raw, choice)
        yield from self._piece(self._mended(last, self.line), choice)

    def _piece(self, raw: bytes, choice: Choice | None = None) -> Iterator[Entry]:
        """Yield what stands between two empty lines if it is a record that can matter; go on behind it."""
        wanted = self._counts(raw, self.line) and (choice is None or choice.takes(raw))
        if wanted and (entry := self._parsed(raw, self.line)):
            yield entry
        self.line += raw.count(b"\n") + 2

    def _found(self, found: Found, skim: Skim | None) -> Iterator[Entry]:
        """Yield what a look at a window has found."""
        records, lines = found
        for line, raw, taken, said, gist in records:
            if gist and skim:
                skim.take(gist, f"line {self.line + line}")
                continue
            entry = entry_of(said, self.line + line) if said else None
            if entry is None and self._counts(raw, self.line + line) and taken:
                entry = self._parsed(raw, self.line + line)
            if entry:
                yield entry
        self.line += lines

    def _unpacked(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Undo gzip (RFC 1952; files put together are one), in pieces no longer than a block."""
        head = _head(blocks)
        if not head.startswith(b"\x1f\x8b"):
            yield from chain((head,), blocks)
            return
        gunzip = zlib.decompressobj(wbits=31)
        for block in chain((head,), blocks):
            rest = block
            while rest := rest.lstrip(b"\x00") if gunzip.eof else rest:  # behind the end there may be padding
                gunzip = zlib.decompressobj(wbits=31) if gunzip.eof else gunzip
                yield gunzip.decompress(rest, self.block_size)
                rest = gunzip.unused_data or gunzip.unconsumed_tail
        yield gunzip.flush()
        if not gunzip.eof:
            self.truncated = "The compressed data end too early."

    def _text(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield UTF-8 without a mark, whatever the file is written in."""
        head = _head(blocks)
        encoding = _utf16(head)
        if not encoding:
            yield from chain((head.removeprefix(codecs.BOM_UTF8),), blocks)
            return
        decoder = codecs.getincrementaldecoder(encoding)()
        for block in chain((head,), blocks):
            yield decoder.decode(block).encode()
        if decoder.getstate()[0]:
            self.truncated = "The last character is cut."

    def _ldif(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Pass the text on once its beginning shows that it is LDIF."""
        head = b""
        for block in blocks:
            head += block
            if self._begins(head, final=False):
                yield from chain((head,), blocks)
                return
        self._begins(head, final=True)
        yield head

    def _begins(self, head: bytes, *, final: bool) -> bool:
        """Tell whether a first ``dn:`` is there; complain if none can come any more."""
        rest = _LEAD.sub(b"", unfold(head).lower(), count=1)
        if rest.startswith(b"dn:"):
            return True
        part = rest.removesuffix(b"\n").removesuffix(b"\r")
        if rest and (final or not any(word.startswith(part) for word in (b"dn:", b"version:"))):
            looks = next((what for what, pattern in _LOOKS.items() if pattern.match(rest)), "something else")
            raise InputError.of(
                self.name, f"this is no LDIF: it does not begin with dn:, and looks like {looks}", _EXPORT
            )
        return False

    def _counts(self, raw: bytes, line: int) -> bool:
        """Count a piece between empty lines if it is a record."""
        if not _RECORD.match(raw) and not self._is_record(raw, line):
            return False
        first = not self.count
        self.count += self.strict or first
        if first and _CHANGE.search(unfold(raw.lower() + b"\n")):
            raise InputError.of(self.name, "this is a change file, not an export", "Give the export itself.")
        return True

    def _is_record(self, raw: bytes, line: int) -> bool:
        """Tell whether more than comments, blanks and the version is there."""
        lines = [(number, text) for number, text in logical_lines(raw + b"\n", line) if text.strip()]
        try:
            return bool(lines[1:] if lines and is_version(lines[0][1]) else lines)
        except ValueError as error:
            self.faults.append(Fault(self.name, lines[0][0], str(error)))
            return len(lines) > 1

    def _parsed(self, raw: bytes, line: int) -> Entry | None:
        """Parse a record; keep what is wrong with it for the end."""
        try:
            return parse_record(raw + b"\n", line, self.name)
        except InputError as error:
            self.faults += error.faults
            return None

    def _mended(self, raw: bytes, line: int) -> bytes:
        """Look whether the file ends too early; give its last record without a line that is cut."""
        whole = not raw or raw.endswith(b"\n")
        raw = raw.removesuffix(b"\r")  # at the very end it is half a line end
        if not whole:
            self.truncated = self.truncated or f"Line {line + raw.count(10)}, the last one, has no line end."
        number, text = max(logical_lines(raw, line), default=(line, b""))
        if not text or not is_cut(text, self.wanted, whole=whole):
            return raw
        self.truncated = self.truncated or f"Line {number}, the last one, is cut."
        return b"\n".join(raw.split(b"\n")[: number - line])


def _head(blocks: Iterator[bytes]) -> bytes:
    """Take blocks until a byte order mark would be seen."""
    head = b""
    while len(head) < len(codecs.BOM_UTF8) and (block := next(blocks, None)) is not None:
        head += block
    return head


def _utf16(head: bytes) -> str:
    """Name the kind of UTF-16, by its mark or by the NUL in a first letter; nothing if it is none."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return {0: "utf-16-be", 1: "utf-16-le"}.get(head.find(0, 0, 2), "")
