"""The records of a text log that can matter, found without reading the others.

Law: it may take too many records, never too few: whatever line holds one of the words is inside a record that is taken, or
is told as a line of none. Memory is a block and a record, however long the log or one of its lines.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from remedy.eventlogs.base import Notes, TextForm

__all__ = ["RECORD_LIMIT", "WORDS", "matters", "records"]

WORDS = (b"postmaster", b"inserting data into", b"in the next cycle")
"""What a record that matters holds, in lower case: the mailbox of the loop; a mailbag that takes no more (2010, Q163020); an
MTA that cannot deliver (4254, Q152903)."""

CODE = re.compile(rb"\[(?=0\d\d\])")
"""Or the code of a non-delivery report. Its one fixed byte lets the search leap from bracket to bracket."""

_Find = Callable[[bytes, int], int]

_WORDS = tuple(word.decode() for word in WORDS)
_CODE = re.compile(CODE.pattern.decode())

RECORD_LIMIT = 1 << 16
"""Bytes of one record; an event of Windows has at most 32 K characters of text, and what follows is left out."""

_PATIENCE, _LONG_PATIENCE = 2, 20
"""Empty blocks after which a record is taken for whole: one whose last line has an end, and one whose last line has none."""

_EDGE = 1 << 12
"""Bytes of a record in which its date stands."""
_NOW_AND_THEN = 1 << 16
"""Bytes from one date that is looked at to the next, besides those of all records that matter."""


def matters(text: str) -> bool:
    """Tell whether a text holds one of the words."""
    low = text.lower()
    return any(word in low for word in _WORDS) or _CODE.search(low) is not None


def _finders(marks: Iterable[bytes]) -> list[_Find]:
    """Give what finds each thing to look for from a place on, or -1."""

    def of(word: bytes) -> _Find:
        return lambda data, place: data.find(word, place)

    def code(data: bytes, place: int) -> int:
        found = CODE.search(data, place)
        return found.start() if found else -1

    return [*map(of, (*WORDS, *marks)), code]


def records(blocks: Iterable[bytes], form: TextForm, notes: Notes) -> Iterator[tuple[int, bytes]]:
    """Yield each record that holds one of the words, with the number of its first line.

    An empty block says that no more is there yet. After a few of them what is there is given as it stands, and once: of a
    record that goes on after that, the rest is left out.
    """
    scan, silent = _Scan(form, notes), 0
    for block in blocks:
        silent = 0 if block else silent + 1
        if block:
            scan.take(block)
            scan.date()
        if block or silent == (_PATIENCE if scan.data.endswith(b"\n") else _LONG_PATIENCE):
            yield from scan.found(last=False, still=not block)
    yield from scan.found(last=True)


class _Scan:
    """A window on the log, which begins at a record once there was one."""

    def __init__(self, form: TextForm, notes: Notes) -> None:
        self._form, self._notes = form, notes
        self._finders = _finders(form.marks)
        self.data = b""
        self._at, self._line = 0, 1
        """A place in ``data``, and the number of its line."""
        self._dated = b""
        """The date that was looked at last."""
        self._inside = False
        """Whether a record has begun."""
        self._broken = False
        """Whether ``data`` begins in the middle of a line."""
        self._given = False
        """Whether the record that ``data`` begins with was given as it stood."""

    def take(self, block: bytes) -> None:
        """Move on."""
        self.data += block

    def date(self) -> None:
        """Look at the date of a record now and then, as long as the order of its numbers is unknown."""
        for place in range(0, len(self.data) if self._notes.calendar.open else 0, _NOW_AND_THEN):
            found = self._form.dates.search(self.data, place)
            if found and found[1] != self._dated:
                self._dated = found[1]
                self._notes.calendar.look(found[1])

    def found(self, *, last: bool, still: bool = False) -> Iterator[tuple[int, bytes]]:
        """Yield the records in the window that matter, and keep what the next block may go on with.

        ``still`` gives the record at the end as it stands, too.
        """
        place = self._before_records(last=last)
        low = self.data.lower()
        following = [find(low, place) for find in self._finders]
        while (hit := min((at for at in following if at >= 0), default=-1)) >= 0:
            begin = self._begin(hit, place)
            end = self._end(hit, begin)
            if end is None and not last:
                if still and begin is not None:
                    yield from self._record(begin, len(self.data))
                    self._given = True
                self._keep(place if begin is None else begin, most=len(self.data))  # its end comes within another limit
                return
            end = len(self.data) if end is None else end
            if begin is None:
                self._notes.line(self.data[max(place, hit - 200) : min(end, hit + 200)])
            else:
                yield from self._record(begin, end)
            self._given, place = False, end
            ahead = zip(following, self._finders, strict=True)
            following = [find(low, end) if 0 <= at < end else at for at, find in ahead]
        begin = self._begin(len(self.data), 0 if last else place)
        if last and begin is not None:
            self._notes.edges[1:] = [self.data[begin : begin + _EDGE]]
        self._keep(len(self.data) if last else self._last_line(place) if begin is None else begin, most=RECORD_LIMIT)

    def _record(self, begin: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Yield a record, if it is no heading and was not given before."""
        if not (self._given or self._headed(begin, end)):
            yield self._number(begin), self.data[begin : min(end, begin + RECORD_LIMIT)]

    def _headed(self, begin: int, end: int) -> bool:
        """Note a heading that begins like a record; lines below it that hold a word are lines of no record."""
        below = self.data.find(b"\n", begin, end) + 1 or end
        if not self._form.heading.match(self.data, begin, below):
            return False
        self._notes.heading = self.data[begin:below].decode("latin-1").strip()
        rest = self.data[below : min(end, below + RECORD_LIMIT)]
        if matters(rest.decode("latin-1")):
            self._notes.line(rest)
        return True

    def _before_records(self, *, last: bool) -> int:
        """Tell of the lines before the first record; give where that begins."""
        place = 0
        while not self._inside and place < len(self.data):
            if not self._broken and self._form.begins.match(self.data, place):
                self._inside = True
                self._notes.edges.append(self.data[place : place + _EDGE])
                break
            end = self.data.find(b"\n", place)
            if end < 0 and not last and len(self.data) - place < RECORD_LIMIT:
                break
            end = len(self.data) if end < 0 else end + 1
            if not (self._broken or self._form.heading.match(self.data, place, end)):
                self._notes.line(self.data[place : min(end, place + RECORD_LIMIT)])
            self._broken = self.data[end - 1 : end] != b"\n"
            place = end
        return place

    def _begin(self, at: int, floor: int) -> int | None:
        """Find where the record begins that a place lies in; None if it lies in none."""
        while at >= floor:
            line = self.data.rfind(b"\n", floor, at) + 1 or floor
            if (line or not self._broken) and self._form.begins.match(self.data, line):
                return line
            at = line - 1
        return None

    def _end(self, hit: int, begin: int | None) -> int | None:
        """Find where the record ends that a place lies in; None if that is not in the window yet."""
        limit = (hit if begin is None else begin) + RECORD_LIMIT
        at = self.data.find(b"\n", hit) + 1
        while at:
            if at >= len(self.data):
                return None
            if self._form.begins.match(self.data, at) or at > max(limit, hit):
                return at
            at = self.data.find(b"\n", at) + 1
        return len(self.data) if len(self.data) > max(limit, hit + RECORD_LIMIT) else None

    def _last_line(self, floor: int) -> int:
        """Give where the last line begins."""
        return self.data.rfind(b"\n", floor) + 1 or floor

    def _number(self, place: int) -> int:
        """Give the number of the line that a place lies in."""
        self._line += self.data.count(b"\n", self._at, place)
        self._at = place
        return self._line

    def _keep(self, place: int, most: int) -> None:
        """Keep the window from a place on, and no more of it than so many bytes."""
        cut = max(place, len(self.data) - most)
        self._number(cut)
        self._at = 0
        self._broken = (self._broken and cut == 0) or (cut > 0 and self.data[cut - 1 : cut] != b"\n")
        self.data = self.data[cut:]
