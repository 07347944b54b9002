"""Line numbers of places in a text: counted when somebody asks for one, since of a large export hardly any are shown.

Law: what is told does not depend on whether the text can be read again.
"""

from collections.abc import Callable, Iterator

from remedy.windows import Window

__all__ = ["Lines"]


_AHEAD = 1 << 18
"""Bytes that are read at once where the next places may be near."""


class Lines:
    """The lines of one text, asked for in the order of their places or nearly so.

    ``again`` yields the text between two places once more; without it the lines of each window that is left are counted.
    """

    def __init__(self, again: Callable[[int, int], Iterator[bytes]] | None) -> None:
        self._again = again
        self._known = self._floor = (0, 1)
        self._window, self._end = Window(b"", 0, 0, 0, last=False), 0

    def enter(self, window: Window) -> None:
        """Go on to the part of the text that follows."""
        if not self._again or (self._covers(self._known[0], self._end) and self._known[0] > self._window.start):
            self.at(self._end)  # where some are asked for, the next ones may be near
        if not self._again:
            self._floor = self._known
        self._window, self._end = window, window.place

    def end(self) -> int:
        """Give the line in which that part ends."""
        return self.at(self._end)

    def know(self, *places: tuple[int, int]) -> None:
        """Be told two places, the first one not behind the second, and the lines in which they lie."""
        self._floor, self._known = places

    def at(self, place: int) -> int:
        """Give the line, from 1 on, in which a place lies, in bytes from the beginning of the text."""
        if place < self._known[0]:
            self._known = self._floor if place >= self._floor[0] else (0, 1)
        known, line = self._known
        if self._again and not self._covers(known, place) and 0 < place - known <= _AHEAD:
            data = b"".join(self._again(known, known + _AHEAD))
            self._window = Window(data, 0, len(data), known + len(data), last=False)
        if self._covers(known, place):
            window = self._window
            line += window.data.count(b"\n", window.inside(known), window.inside(place))
        elif self._again:
            line += sum(part.count(b"\n") for part in self._again(known, place))
        self._known = place, line
        return line

    def _covers(self, begin: int, end: int) -> bool:
        """Tell whether the part of the text at hand has what stands between two places."""
        return self._window.start <= begin <= end <= self._window.place
