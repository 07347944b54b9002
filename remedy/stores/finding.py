"""The records of an export that bear one of many names, found in blocks without looking at the others.

Law: it may take too many records, never too few: each whose name, as `remedy.editing.name_of` reads it, is wanted is taken.

How it is kept. The first letter of the line of a name stands right behind a line feed (at the beginning of a piece there
may be carriage returns between them): no fold, case or base64 can hide it. So the one regular expression goes through every
such line. It is refused only if its first value is plain text that stands there whole and is the first value of no
wanted name, or if it is read and says another name.
"""

import re
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from remedy.dn import DN
from remedy.editing import name_of
from remedy.errors import InputError
from remedy.scan import bounded
from remedy.stores.halves import Half, pays
from remedy.stores.pieces import Coding, Piece
from remedy.stores.texts import blocks_of, plainly
from remedy.text import fold, squeeze
from remedy.windows import Window, first_cut, piece_end, windows

__all__ = ["Finder", "line_at", "nothing_from"]

_FIRST = b"[dD]"
_VALUE = rb"[!$-*\--:<-\[\]-~ ]*+"
"""The first value of a name when no escape, quote, encoding, second part or fold can hide in it."""
_ENDS = rb"[,;]|\r?\n(?! )"
_FOLD = rb"\r?\n "


def _lines_of(front: bytes) -> re.Pattern[bytes]:
    """Compile what finds the lines of a name: its first value if that is easy to read, else nothing of it."""
    easy = rb": *+[A-Za-z0-9.-]++=(%b)(?=%b)" % (_VALUE, _ENDS)
    return re.compile(rb"%b%b(?:[nN](?:%b|(?=:)|%b)|%b)" % (front, _FIRST, easy, _FOLD, _FOLD))


_PLAIN, _RETURNS = _lines_of(rb"\n"), _lines_of(rb"\n\r*+")
_LINE = re.compile(rb"\r*([^\n]*(?:\n [^\n]*)*)")
_BLOCK = 1 << 20
_WINDOW = 1 << 18
"""Bytes that are looked at before more are read; so few stay close to the processor."""
_EACH = 1 << 16
"""Bytes that can be looked at in the time that a wanted record takes whoever asked for it."""


class Finder:
    """What finds the records of some names in a file that is written in UTF-8."""

    def __init__(self, path: Path, name: str, coding: Coding, wanted: Collection[DN]) -> None:
        self._path, self._name, self._begin = path, name, len(coding.mark)
        self._wanted = frozenset(wanted)
        self._leaves = frozenset(squeeze(fold(dn.leaf)).encode(errors="surrogatepass") for dn in self._wanted)

    def pieces(self, processes: int | None = None, block_size: int = _WINDOW) -> Generator[Piece, None, None]:
        """Yield the pieces that may be such records, in the order of the file; for large ones a second process helps.

        Raises:
            InputError: the file cannot be read, or has a piece that is longer than a record can be.
        """
        size = pays(str(self._path), processes)
        cut = self._middle(max(size - len(self._wanted) * _EACH, size // 4) // 2) if size else 0
        if not cut:
            yield from self._found(self._begin, None, block_size)
            return
        half = Half(lambda: self._told(cut, block_size))
        try:
            yield from self._found(self._begin, cut, block_size, half.take_in)
            for place, found in half.told():
                cut = place
                yield from (Piece(*item) for item in found)
            yield from self._found(cut, None, block_size)  # the end, and whatever was not told
        finally:
            half.close()

    def _middle(self, place: int) -> int:
        """Give a place near another one where a piece begins; 0 if there is none."""
        with plainly(self._name), self._path.open("rb") as file:
            file.seek(place)
            cut = first_cut(file.read(_BLOCK))
        return place + cut if cut > 0 else 0

    def _windows(self, begin: int, end: int | None, size: int) -> Iterator[tuple[int, Window]]:
        """Yield a part of the file in windows, each with the place of its data."""
        place = begin

        def fits(waiting: int) -> None:
            with suppress(InputError):
                return bounded(waiting, self._name, 0)
            return bounded(waiting, self._name, line_at(self._path, self._name, place))

        for window in windows(blocks_of(str(self._path), self._name, size, None, (begin, end)), fits):
            place = begin + window.place
            yield place - window.end, window

    def _found(
        self, begin: int, end: int | None, size: int, seen: Callable[[], None] = lambda: None
    ) -> Iterator[Piece]:
        """Yield what a part of the file holds; after each window ``seen`` is called."""
        for place, window in self._windows(begin, end, size):
            yield from (Piece(place + at, text) for at, text in self._look(window))
            seen()

    def _told(self, begin: int, size: int) -> Iterator[tuple[int, list[tuple[int, bytes]]]]:
        """Tell another process of the rest of the file, but for its last record, which shows what its end is."""
        for place, window in self._windows(begin, None, size):
            if not window.last:
                yield place + window.end, [(place + at, text) for at, text in self._look(window)]

    def _look(self, window: Window) -> Iterator[tuple[int, bytes]]:
        """Yield where pieces that may be wanted lie in a window, and their text."""
        data, floor = window.data, window.begin
        for at in self._lines(data, window.begin, window.end):
            if at < floor:  # a second name in one piece
                continue
            _, stop = piece_end(data, at, window.end)
            text = data[_begin(data, floor, at) : stop].lstrip(b"\r\n")
            yield stop - len(text), text
            floor = stop

    def _lines(self, data: bytes, begin: int, end: int) -> Iterator[int]:
        """Yield where lines of a name begin that may be wanted."""
        lines = _RETURNS if b"\r" in data else _PLAIN
        leaves, wanted = self._leaves, self._wanted
        for found in lines.finditer(data, begin - 1, end):
            leaf = found[1]
            if leaf is not None:
                leaf = leaf.lower()
                if (b" ".join(leaf.split()) if b" " in leaf else leaf) in leaves:
                    yield found.start() + 1
                continue
            line = _LINE.match(data, found.start() + 1, end)
            if line and name_of(line[1]) in wanted:
                yield found.start() + 1


def _begin(data: bytes, floor: int, at: int) -> int:
    """Give where the last empty line in front of a place ends, but no place before the floor, which may be one."""
    if data.endswith(b"\n\n", floor, at):
        return at
    found = data.rfind(b"\n\n", floor - 1, at), data.rfind(b"\n\r\n", floor - 1, at)
    return max(floor, *(place + 2 for place in found))


def line_at(path: Path, name: str, offset: int) -> int:
    """Give the number of the line at a place of a file that is written in UTF-8.

    Raises:
        InputError: the file cannot be read any more.
    """
    line, left = 1, offset
    with plainly(name), path.open("rb") as file:
        while left and (block := file.read(min(left, _BLOCK))):
            line += block.count(b"\n")
            left -= len(block)
    return line


def nothing_from(path: Path, name: str, offset: int) -> bool:
    """Tell whether nothing but blanks stands in such a file from a place on.

    Raises:
        InputError: the file cannot be read any more.
    """
    with plainly(name), path.open("rb") as file:
        file.seek(offset)
        return not any(block.strip() for block in iter(partial(file.read, _BLOCK), b""))
