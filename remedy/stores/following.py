"""A text log that grows: what is in it, and what is written to it from then on, through rotation too."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from remedy.errors import InputError
from remedy.stores.texts import plainly

__all__ = ["Wait", "followed"]

Wait = Callable[[], bool]
"""Called whenever nothing new is there: it waits a moment, and says whether to go on."""

_BLOCK = 1 << 18


def followed(name: str, wait: Wait) -> Iterator[Iterator[bytes]]:
    """Yield the blocks of a file as it grows, and ``b""`` each time that nothing more is there, before ``wait`` is called.

    A file that was cut is read from its beginning; of one that was moved away the rest is read, then the new one: each time
    that is another text, with an encoding of its own.

    Raises:
        InputError: it cannot be read.
    """
    going = _Going(name, wait)
    while going.on:
        yield going.blocks()


class _Going:
    """The following of one name, whatever files have it in turn."""

    def __init__(self, name: str, wait: Wait) -> None:
        self._name, self._wait = name, wait
        self.on = True
        """Whether there may be another text."""

    def blocks(self) -> Iterator[bytes]:
        """Yield one text as it grows."""
        with plainly(self._name):
            if Path(self._name).exists() and not Path(self._name).is_dir() and not Path(self._name).is_file():
                raise InputError.of(
                    self._name, "it is no file", "Only a file can be followed: run it without --follow."
                )
            handle = os.open(self._name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            yield from self._grown(handle)
        finally:
            os.close(handle)

    def _grown(self, handle: int) -> Iterator[bytes]:
        """Yield a file until another one has taken its place, it was cut, or it is enough."""
        place = 0
        while True:
            with plainly(self._name):
                block = os.read(handle, _BLOCK)
            place += len(block)
            yield block
            if block:
                continue
            if _moved(self._name, handle) or os.fstat(handle).st_size < place:
                return
            if not self._wait():
                self.on = False
                return


def _moved(name: str, handle: int) -> bool:
    """Tell whether another file has the name now, and all of this one is read; no file at all is no other one yet."""
    try:
        return not os.path.samestat(Path(name).stat(), os.fstat(handle)) and not _left(handle)
    except OSError:
        return False


def _left(handle: int) -> bool:
    """Tell whether a file has more than what was read of it."""
    return os.lseek(handle, 0, os.SEEK_CUR) < os.fstat(handle).st_size
