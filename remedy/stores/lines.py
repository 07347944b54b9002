"""Line numbers of places in a text: counted when somebody asks for one, since of a large export hardly any are shown.

Law: what is told does not depend on whether the text can be read again.
"""

from collections.abc import Callable, Iterator

from remedy.windows import Window

__all__ = ["Lines"]


class Lines:
    """The lines of one text, asked for in the order of their places or nearly so.

    ``again`` yields the text between two places once more; without it the lines of each window that is left are counted.
    """

    def __init__(self, again: Callable[[int, int], Iterator[bytes]] | None) -> None:
        self._again = again
        self._known = self._floor = (0, 1)
        self._window = Window(b"", 0, 0, 0, last=False)

    def enter(self, window: Window) -> None:
        """Go on to the part of the text that follows."""
        if not self._again:
            self.at(self._window.place)
            self._floor = self._known
        self._window = window

    def end(self) -> int:
        """Give the line in which that part ends."""
        return self.at(self._window.place)

    def at(self, place: int) -> int:
        """Give the line, from 1 on, in which a place lies, in bytes from the beginning of the text."""
        if place < self._known[0]:
            self._known = self._floor
        known, line = self._known
        window = self._window
        if window.start <= known <= place <= window.place:
            line += window.data.count(b"\n", window.inside(known), window.inside(place))
        elif self._again and known < place:
            line += sum(part.count(b"\n") for part in self._again(known, place))
        self._known = place, line
        return line
