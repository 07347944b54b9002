"""An LDIF file, streamed once: memory does not grow with it, and only the records that can matter are looked at.

Law: nothing is yielded that the file does not say, and no fault of a record that can matter is passed over. With
``strict`` every record is read; without, what is found does not depend on blocks or processes.
"""

import os
import re
import stat
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import cached_property, partial
from pathlib import Path

from remedy.entry import Entry
from remedy.errors import Fault, InputError
from remedy.gists import Skim
from remedy.ldif import ADVICE, is_version, logical_lines, parse_record, unfold
from remedy.query import Query
from remedy.quick import Record, entries_in
from remedy.scan import RECORD_LIMIT, batches, bounded, is_certain, is_cut
from remedy.stores.base import Notes
from remedy.stores.choice import Choice, Found, choice_of
from remedy.stores.decoding import Decoding
from remedy.stores.halves import Halves, changed
from remedy.stores.lines import Lines
from remedy.stores.texts import blocks_of, called
from remedy.text import fold
from remedy.windows import Window, piece_end, windows

__all__ = ["LdifStore"]

_RECORD = re.compile(rb"(?:\r?\n)*(?:#[^\n]*\n(?: [^\n]*\n)*)*dn:", re.IGNORECASE)
_CHANGE = re.compile(rb"\nchangetype: *+(?!add\n)")


_Line = Callable[[], int]
"""The number of a line, for whoever must know it: it may have to be counted."""


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
        self._identity: tuple[int, ...] = ()
        self._pass = self._new(frozenset())

    @cached_property
    def stays(self) -> bool:
        """Whether it can be read again: standard input and pipes cannot."""
        try:
            return self._path != "-" and stat.S_ISREG(os.stat(self._path).st_mode)  # noqa: PTH116 - as cheap as can be
        except (OSError, ValueError):
            return False

    def read(self, query: Query, skim: Skim | None = None) -> Iterator[Entry]:
        """Yield the entries that the query wants, whole; those of which ``skim`` gives a gist it may get instead.

        Raises:
            InputError: the file cannot be read or is no export; or, once all is read, what is wrong with the records.
        """
        if self._used and self._path == "-":
            raise InputError.of(self.name, "it can be read only once", "Save it as a file, and give that file.")
        self._used = True
        names = ("dn", *query.attributes, *(getattr(leaf, "attribute", "dn") for leaf in query.leaves()))
        self._pass = self._new(frozenset(map(fold, names)))
        try:
            entries, all_of_them = self._entries(query, skim), is_certain(query.condition) and not query.bases
            yield from entries if all_of_them else filter(query.judge(), entries)
        except (zlib.error, UnicodeError) as error:
            what = "damaged gzip data" if isinstance(error, zlib.error) else "text that is neither UTF-8 nor UTF-16"
            raise InputError.of(self.name, what, "Get the file again, or export the directory again.") from None
        if self._pass.faults:
            raise InputError(dict.fromkeys(self._pass.faults), ADVICE)

    def _new(self, wanted: frozenset[str]) -> "_Pass":
        """Begin a reading of the file."""
        decoding = Decoding(self.name, self._block_size)

        def again(begin: int, end: int) -> Iterator[bytes]:
            """Yield a part of the text once more."""
            lead = decoding.lead or 0
            self._still_there(max(1, begin + lead))
            return blocks_of(self._path, self.name, self._block_size, part=(begin + lead, end + lead))

        return _Pass(decoding, wanted, again if self.stays else None)

    def _entries(self, query: Query, skim: Skim | None) -> Iterator[Entry]:
        """Yield what may be wanted: every record with ``strict``, else those that the sieve holds back."""
        if self._strict:
            return self._pass.every(self._blocks())
        choice = choice_of(query, skim)
        file = Halves(self._path, self.name, self._blocks, self._processes, choice.share)
        return self._pass.chosen(file, choice, skim)

    def _blocks(self, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield a part of the file as it lies there."""
        if not begin:
            self._identity = self._now(0)
        self._still_there(begin)
        return blocks_of(self._path, self.name, self._block_size, self._progress, (begin, end))

    def _now(self, place: int) -> tuple[int, ...]:
        """Say which file stands under the name now, if it goes on at least to a place; nothing if it is none."""
        try:
            found = os.stat(self._path)  # noqa: PTH116 - as cheap as can be
        except (OSError, ValueError):
            return ()
        return (found.st_dev, found.st_ino) if found.st_size >= place else ()

    def _still_there(self, place: int) -> None:
        """Refuse to go on with another file, or with one that ends too early.

        Raises:
            InputError: it is not the file that was begun.
        """
        if place and self._now(place) != self._identity:
            raise changed(self.name)

    def root(self) -> Entry | None:
        """Give nothing: it is no server."""
        return None

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def notes(self) -> Notes:
        """Say how many records there are, as far as they were counted, and whether the end seems to be missing."""
        return Notes(entries=self._pass.count, truncated=self._pass.decoding.truncated)


class _Pass:
    """One reading of a file, and what was noticed on the way."""

    def __init__(
        self, decoding: Decoding, wanted: frozenset[str], again: Callable[[int, int], Iterator[bytes]] | None
    ) -> None:
        self.name, self.wanted, self.decoding, self.again = decoding.name, wanted, decoding, again
        self.count, self.strict = 0, False
        self.lines = Lines(None)
        self.faults: list[Fault] = []

    def every(self, blocks: Iterator[bytes]) -> Iterator[Entry]:
        """Yield each record, parsed: the reference."""
        self.strict = True
        last, line = b"", 1
        for batch, last in batches(self.decoding.text(blocks)):
            for raw in batch:
                yield from self._piece(raw, partial(int, line))
                line += raw.count(b"\n") + 2
            bounded(len(last), self.name, line)
        yield from self._piece(self._mended(last, partial(int, line)), partial(int, line))

    def chosen(self, file: Halves, choice: Choice, skim: Skim | None) -> Iterator[Entry]:
        """Yield the records that can matter, parsed; of the others only the first is looked at."""
        with closing(file):
            for number, window in enumerate(windows(self.decoding.text(file.first()), self._bounded)):
                if not number and self.decoding.lead is not None:
                    self.lines = Lines(self.again)
                self.lines.enter(window)
                if window.last and not file.shared:
                    yield from self._end(window, choice)
                    return
                rest = (yield from self._head(window, choice)) if not self.count else window
                if self.count:
                    file.share(choice, self.decoding.lead or 0)
                yield from self._found(choice.look(rest), skim)
            for found in file.told():
                yield from self._found(found, skim)
            yield from self._rest(file, choice, skim)

    def _rest(self, file: Halves, choice: Choice, skim: Skim | None) -> Iterator[Entry]:
        """Look at what a second process has not told of."""
        blocks, begin = file.rest()
        self.lines.enter(Window(b"", 0, 0, begin, last=False))
        for window in windows(blocks, self._bounded, begin):
            self.lines.enter(window)
            yield from self._end(window, choice) if window.last else self._found(choice.look(window), skim)

    def _bounded(self, size: int) -> None:
        """Refuse a record that is too long."""
        if size > RECORD_LIMIT:
            bounded(size, self.name, self.lines.end())

    def _head(self, window: Window, choice: Choice) -> Generator[Entry, None, Window]:
        """Look at each piece until there is a record; give what follows it."""
        data, at, end = window.data, window.begin, window.end
        while at < end and not self.count:
            stop, behind = piece_end(data, at, end)
            line = partial(self.lines.at, window.start + at - window.begin)
            yield from self._piece(data[at:stop], line, choice)
            at = behind
        return window._replace(begin=at)

    def _end(self, window: Window, choice: Choice) -> Iterator[Entry]:
        """Look at the end of the file."""
        begins, lines = partial(self.lines.at, window.start), 0
        *_, (_, last) = found = tuple(batches((window.data[window.begin :],)))
        for raw in (raw for pieces, _ in found for raw in pieces):
            yield from self._piece(raw, _below(begins, lines), choice)
            lines += raw.count(b"\n") + 2
        line = _below(begins, lines)
        yield from self._piece(self._mended(last, line), line, choice)

    def _piece(self, raw: bytes, line: _Line, choice: Choice | None = None) -> Iterator[Entry]:
        """Yield what stands between two empty lines if it is a record that can matter."""
        wanted = self._counts(raw, line) and (choice is None or choice.takes(raw))
        if wanted and (entry := self._parsed(raw, line())):
            yield entry

    def _found(self, found: Found, skim: Skim | None) -> Iterator[Entry]:
        """Yield what a look at a window has found."""
        for place, raw, taken, body, gist in found:
            line = partial(self.lines.at, place)
            if gist and skim:
                skim.take(gist, partial(self._where, place))
            elif isinstance(body, bytes):
                yield Entry.unread(Record(body, line()))
            elif body:
                text, lines, run = body
                self.lines.know((place, first := line()), (place + len(text), first + lines))
                yield from entries_in(text, run, first)
            elif self._counts(raw, line) and taken and (entry := self._parsed(raw, line())):
                yield entry

    def _where(self, place: int) -> str:
        """Name the line at a place."""
        return f"line {self.lines.at(place)}"

    def _counts(self, raw: bytes, line: _Line) -> bool:
        """Count a piece between empty lines if it is a record."""
        if not _RECORD.match(raw) and not self._is_record(raw, line):
            return False
        first = not self.count
        self.count += self.strict or first
        if first and _CHANGE.search(unfold(raw.lower() + b"\n")):
            raise InputError.of(self.name, "this is a change file, not an export", "Give the export itself.")
        return True

    def _is_record(self, raw: bytes, line: _Line) -> bool:
        """Tell whether more than comments, blanks and the version is there."""
        lines = [(number, text) for number, text in logical_lines(raw + b"\n", 0) if text.strip()]
        try:
            return bool(lines[1:] if lines and is_version(lines[0][1]) else lines)
        except ValueError as error:
            self.faults.append(Fault(self.name, line() + lines[0][0], str(error)))
            return len(lines) > 1

    def _parsed(self, raw: bytes, line: int) -> Entry | None:
        """Parse a record; keep what is wrong with it for the end."""
        try:
            return parse_record(raw + b"\n", line, self.name)
        except InputError as error:
            self.faults += error.faults
            return None

    def _mended(self, raw: bytes, line: _Line) -> bytes:
        """Look whether the file ends too early; give its last record without a line that is cut."""
        whole, seen = not raw or raw.endswith(b"\n"), self.decoding
        raw = raw.removesuffix(b"\r")  # at the very end it is half a line end
        if not whole:
            seen.truncated = seen.truncated or f"Line {line() + raw.count(10)}, the last one, has no line end."
        number, text = max(logical_lines(raw, 0), default=(0, b""))
        if not text or not is_cut(text, self.wanted, whole=whole):
            return raw
        seen.truncated = seen.truncated or f"Line {line() + number}, the last one, is cut."
        return b"\n".join(raw.split(b"\n")[:number])


def _below(line: _Line, lines: int) -> _Line:
    """Give the line that stands some lines below another."""
    return lambda: line() + lines
