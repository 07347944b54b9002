"""A text log that grows: what is in it, and what is written to it from then on, through rotation too."""

import codecs
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from remedy.stores.texts import plainly

__all__ = ["Wait", "followed"]

Wait = Callable[[], bool]
"""Called whenever nothing new is there: it waits a moment, and says whether to go on."""

_BLOCK = 1 << 18


def followed(name: str, wait: Wait) -> Iterator[bytes]:
    """Yield a file block by block, and ``b""`` each time that nothing more is there, before ``wait`` is called.

    A file that was cut is read from its beginning; of one that was moved away the rest is read, then the new one.

    Raises:
        InputError: it cannot be read.
    """
    more = True
    while more:
        with plainly(name):
            handle = os.open(name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            more = yield from _grown(name, handle, wait)
        finally:
            os.close(handle)


def _grown(name: str, handle: int, wait: Wait) -> Generator[bytes, None, bool]:
    """Yield one file as it grows; return whether another one has taken its place."""
    begins, place = True, 0
    while True:
        block = os.read(handle, _BLOCK)
        place += len(block)
        yield block.removeprefix(codecs.BOM_UTF8) if begins else block
        begins = begins and not block
        if block:
            continue
        if _moved(name, handle):
            return True
        if os.fstat(handle).st_size < place:
            place, begins = os.lseek(handle, 0, os.SEEK_SET), True
        elif not wait():
            return False


def _moved(name: str, handle: int) -> bool:
    """Tell whether another file has the name now, and all of this one is read; no file at all is no other one yet."""
    try:
        return not os.path.samestat(Path(name).stat(), os.fstat(handle)) and not _left(handle)
    except OSError:
        return False


def _left(handle: int) -> bool:
    """Tell whether a file has more than what was read of it."""
    return os.lseek(handle, 0, os.SEEK_CUR) < os.fstat(handle).st_size
