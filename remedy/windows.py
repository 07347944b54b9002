"""A stream of text in windows: cut where an empty line ends, so that no record lies in two of them."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

__all__ = ["GAP", "Window", "behind", "first_cut", "piece_end", "windows"]

GAP = re.compile(rb"\n\r?\n")
"""The line feed that ends a line, and the empty line behind it."""

_CUT = re.compile(rb"\n\r?\n(?=[^\r\n])")
_CUT_HERE = re.compile(rb"\n\r?\n\Z")


class Window(NamedTuple):
    """A part of a stream that begins and ends behind an empty line."""

    data: bytes
    begin: int
    """A line feed stands in front of it."""
    end: int
    place: int
    """Where its end lies in the stream."""
    last: bool
    """Whether it goes to the end of the stream."""

    @property
    def start(self) -> int:
        """Where its beginning lies in the stream."""
        return self.place - self.end + self.begin

    def inside(self, place: int) -> int:
        """Give where in the data a place of the stream is."""
        return self.end - self.place + place


def windows(blocks: Iterable[bytes], bounded: Callable[[int], None], place: int = 0) -> Iterator[Window]:
    """Cut a stream behind empty lines that something follows; the last record is in the last window, and alone as a rule.

    ``bounded`` is told how many bytes wait for an empty line, ``place`` is where the stream begins.
    """
    rest, waiting, tail = [b"\n"], 0, b""
    for block in blocks:
        cut = _first_cut(tail, block)
        if cut < 0:
            rest.append(block)
            waiting += len(block)
            bounded(waiting)
            tail = (tail + block)[-3:]
            continue
        place += waiting + cut
        seam = b"".join((*rest, block[:cut]))
        yield Window(seam, 1, len(seam), place, last=False)
        if not cut:
            block, cut = b"\n" + block, 1  # noqa: PLW2901 - a line feed stands in front of every window
        last = _last_cut(block, cut)
        if last > cut:
            place += last - cut
            yield Window(block, cut, last, place, last=False)
        rest, waiting, tail = [b"\n", block[last:]], len(block) - last, block[last:][-3:]
    data = b"".join(rest)
    yield Window(data, 1, len(data), place + waiting, last=True)


def piece_end(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Give where a piece ends that begins at or before a place, and where the next one begins; ``end`` if no gap follows."""
    gap = GAP.search(data, at, end)
    return gap.span() if gap else (end, end)


def first_cut(data: bytes) -> int:
    """Give where something follows an empty line for the first time; -1 if nowhere."""
    found = _CUT.search(data)
    return found.end() if found else -1


def _first_cut(tail: bytes, block: bytes) -> int:
    """Give the same for a block, where the empty line may have begun in what stood before."""
    lead = len(block) - len(block.lstrip(b"\r\n"))
    if lead < len(block) and _CUT_HERE.search((tail + block[:lead])[-3:]):
        return lead
    return first_cut(block)


def _last_cut(block: bytes, cut: int) -> int:
    """Give where that is for the last time, from such a place on."""
    end = len(block.rstrip(b"\r\n"))
    last = behind(block, b"\n\r\n", cut, end) if b"\r" in block else cut  # first, since the other may be nowhere
    last = behind(block, b"\n\n", last, end)
    return last if block[last : last + 1] not in {b"\r", b"\n"} else cut


def behind(data: bytes, gap: bytes, floor: int, at: int) -> int:
    """Give where the last gap in front of a place ends, but no place before the floor, which may be one."""
    found = data.rfind(gap, max(floor - 1, 0), at)
    return floor if found < 0 else max(floor, found + len(gap))
