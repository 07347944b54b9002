"""The lock beside a target, and what is left of a run that was killed.

Law: a lock file is empty; one that is not is somebody's file, and is neither taken over nor taken away.
"""

import glob
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from remedy.errors import InputError, Refused
from remedy.stores.apart import beside, lock_of
from remedy.stores.output import remedy_of
from remedy.text import printable

__all__ = ["locked", "without"]


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold the lock of a target; the system lets go of it whatever happens to us.

    Raises:
        Refused: another run holds it, or something that is no lock has its name.
        InputError: the lock file cannot be made.
    """
    place = Path(os.path.realpath(target))
    path = lock_of(place)
    handle = _opened(path)
    try:
        _held(path, handle)
        try:
            _swept(place)
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    """Open a lock file, made if it is not there."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as fault:
        if isinstance(fault, PermissionError) and os.path.lexists(path):
            what = f"{printable(str(path))} is another user's: a run of theirs may be going on."
            raise Refused(f"{what} Wait until it has ended; if there is none, have that file taken away.") from None
        if path.is_symlink() or path.is_dir():
            raise _no_lock(path) from None
        advice = f"{remedy_of(fault)}, or work on a copy in another folder."
        raise InputError.of(str(path), f"the lock file cannot be made: {fault.strerror}", advice) from None


def _held(path: Path, handle: int) -> None:
    """Take the lock."""
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        mine = path.exists() and os.path.samestat(path.stat(), os.fstat(handle))
    except OSError:
        mine = False
    if not mine:  # held by another run, or taken away by one that ended just now
        raise Refused(f"Another run holds {printable(str(path))}. Wait until it has ended, then try again.")
    found = os.fstat(handle)
    if found.st_size or not stat.S_ISREG(found.st_mode):
        raise _no_lock(path)


def _no_lock(path: Path) -> Refused:
    """Say that something else has the name of the lock."""
    return Refused(
        f"{printable(str(path))} is in the place of the lock file and is none. Move it away, then try again."
    )


def _swept(target: Path) -> None:
    """Take away what a run that was killed left of the new file or of a backup; only who holds the lock writes them."""
    without(beside(target))
    for left in target.parent.glob(f".{glob.escape(target.name)}.????????.bak*.remedy-new"):
        without(left)


def without(path: Path) -> None:
    """Take a half-written file away, if it ever was there."""
    with suppress(OSError):
        path.unlink()
