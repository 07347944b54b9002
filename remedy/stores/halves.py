"""The second half of a large file, looked at by a second process.

Law: what is found does not depend on there being one. If it dies, or cannot be had, whatever it has not told is read here;
when it is no longer needed it is gone, and so is the pipe.
"""

import marshal
import os
import signal
import stat
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from remedy.errors import InputError
from remedy.stores.choice import Choice, Found, Seen
from remedy.windows import first_cut, windows

__all__ = ["Halves", "changed"]

_LARGE = 32 << 20
"""Bytes from which on a second process pays: to have one costs some milliseconds."""
_SIZE = 4
_MOST_KEPT = 1 << 24
"""Bytes of what was told that are taken in before they are needed; past them the second process waits."""
_CUT = 1 << 20
"""Bytes in which the place is looked for where a file is parted."""
_PIPE = 1 << 17
"""Bytes that are read at once of what is told."""


def changed(name: str) -> InputError:
    """Say that a file is no longer the one that was begun: parts of two files are no export."""
    what = "it changed while it was read"
    return InputError.of(name, what, "Let whoever writes it finish, then give the command again.")


def _shortened(seen: Seen) -> Seen:
    """Leave out the text of a run: it can be read again."""
    place, raw, taken, said, gist = seen
    if not isinstance(said, tuple):
        return seen
    text, lines, run = said
    return place, raw, taken, ((len(text), zlib.crc32(text)), lines, run), gist


def _cut(path: str, place: int) -> int:
    """Give where the second half of a file begins, behind the next empty line; 0 if it is packed, or has no such place."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as cheap as can be
            if b"\0" in (head := file.read(4)) or head.startswith((b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")):
                return 0
            file.seek(place)
            cut = first_cut(file.read(_CUT))
    except OSError:
        return 0
    return place + cut if cut > 0 else 0


class Halves:
    """A file that two processes read if that pays: a first half, what the second one tells of the other, and the rest.

    ``share`` is how much of it the first process looks at: less than half if it has more to do with what is found.
    """

    def __init__(
        self,
        path: str,
        name: str,
        blocks: Callable[[int, int | None], Iterator[bytes]],
        processes: int | None,
        share: float,
    ) -> None:
        self._name, self._blocks = name, blocks
        size = pays(path, processes)
        self._cut = self._place = _cut(path, int(size * share)) if size else 0
        self._lead = 0
        self._half: Half | None = None

    @property
    def shared(self) -> bool:
        """Whether the second half is in other hands."""
        return self._half is not None

    def first(self) -> Iterator[bytes]:
        """Yield the first half; all of it if nobody shares it."""
        if self._cut:
            for block in self._blocks(0, self._cut):
                yield block
                if self._half:
                    self._half.take_in()
        if not self._half:
            begin, self._cut = self._cut, 0  # too late to share it
            yield from self._blocks(begin, None)

    def share(self, choice: Choice, lead: int) -> None:
        """Let a second process look at the second half of a file, of which some first bytes are no text."""
        if self._cut and not self._half:
            self._lead = lead
            self._half = Half(lambda: self._work(choice))

    def _work(self, choice: Choice) -> Iterator[tuple[int, Found]]:
        """Look at the second half, but for its last record: what it is depends on the end of the file."""
        for window in windows(self._blocks(self._cut, None), lambda _: None, self._cut - self._lead):
            if window.last:
                return
            yield window.place, [_shortened(seen) for seen in choice.look(window)]

    def told(self) -> Iterator[Found]:
        """Yield what the second process has found."""
        for place, found in self._half.told() if self._half else ():
            self._place = place + self._lead
            yield [self._whole(seen) for seen in found]

    def _whole(self, seen: Seen) -> Seen:
        """Put the text of a run back, of which only the length and a check sum were told."""
        place, raw, taken, said, gist = seen
        if not isinstance(said, tuple):
            return seen
        (length, check), lines, run = said
        begin = place + self._lead
        text = b"".join(self._blocks(begin, begin + length))
        if zlib.crc32(text) != check:
            raise changed(self._name)
        return place, raw, taken, (text, lines, run), gist

    def rest(self) -> tuple[Iterator[bytes], int]:
        """Give what nobody has told of, and where in the text it begins."""
        return self._blocks(self._place, None), self._place - self._lead

    def close(self) -> None:
        """Let go of the second process."""
        if self._half:
            self._half.close()


def pays(path: str, processes: int | None) -> int:
    """Give the size of a file if two processes are to read it, else 0; ``processes`` None means: if it pays."""
    if processes == 1 or not hasattr(os, "fork") or sys.platform in {"win32", "darwin"}:
        return 0
    try:
        status = os.stat(path)  # noqa: PTH116 - as cheap as can be
    except (OSError, ValueError):
        return 0
    if not stat.S_ISREG(status.st_mode):
        return 0
    alone = threading.active_count() == 1
    several = hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1
    return status.st_size if processes == 2 or (alone and several and status.st_size >= _LARGE) else 0  # noqa: PLR2004


class Half:
    """A second process: what ``work`` yields there comes out here."""

    def __init__(self, work: Callable[[], Iterator[Any]]) -> None:
        self._pid, self._pipe = 0, -1
        self._kept = bytearray()
        with suppress(OSError):
            self._pipe, there = os.pipe()
            self._begin(work, there)

    def _begin(self, work: Callable[[], Iterator[Any]], there: int) -> None:
        """Start the process."""
        try:
            self._pid = os.fork()
        except OSError:
            os.close(there)
            raise
        if self._pid == 0:  # pragma: no cover - the other process
            code = 1
            try:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                os.close(self._pipe)
                with open(there, "wb", buffering=0) as pipe:
                    _tell(work(), pipe)
                code = 0
            finally:
                os._exit(code)
        os.close(there)
        os.set_blocking(self._pipe, False)

    def take_in(self) -> None:
        """Take what was told so far, so that the other process need not wait."""
        while self._pipe >= 0 and len(self._kept) < _MOST_KEPT:
            try:
                data = os.read(self._pipe, _PIPE)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._shut()
            self._kept += data

    def told(self) -> Iterator[Any]:
        """Yield everything that was told whole; if the process died early there is less of it."""
        at = 0
        if self._pipe >= 0:
            os.set_blocking(self._pipe, True)
        while True:
            size = _SIZE + int.from_bytes(self._kept[at : at + _SIZE], "big")
            if len(self._kept) - at >= max(size, _SIZE + 1):
                yield marshal.loads(memoryview(self._kept)[at + _SIZE : at + size])  # noqa: S302 - we wrote it
                at += size
                continue
            del self._kept[:at]
            at = 0
            if self._pipe < 0:
                return
            self._read_more()

    def _read_more(self) -> None:
        """Wait for more."""
        try:
            data = os.read(self._pipe, _PIPE)
        except OSError:
            data = b""
        if not data:
            self._shut()
        self._kept += data

    def _shut(self) -> None:
        """Close the pipe."""
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1

    def close(self) -> None:
        """End the process, whatever it does."""
        self._shut()
        if self._pid > 0:
            with suppress(OSError):
                os.kill(self._pid, signal.SIGKILL)
            with suppress(OSError):
                os.waitpid(self._pid, 0)
            self._pid = 0


def _tell(told: Iterator[Any], pipe: BinaryIO) -> None:  # pragma: no cover - the other process
    """Write everything down."""
    for item in told:
        data = marshal.dumps(item)
        view = memoryview(len(data).to_bytes(_SIZE, "big") + data)
        while view:
            view = view[pipe.write(view) :]
