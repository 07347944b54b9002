"""Writing files whole or not at all."""

import os
import tempfile
from pathlib import Path

from remedy.errors import InputError

__all__ = ["write_whole"]


def write_whole(name: str, text: str) -> None:
    """Write a text file: the old one or the whole new one is there, whatever happens.

    Raises:
        InputError: it cannot be written; the sentence says why.
    """
    path = Path(name)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(_mode(path))
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise InputError.of(name, f"cannot be written: {fault.strerror}", "Name another file with -o.") from None


def _mode(path: Path) -> int:
    """Give the permissions that the file has, or that a new one would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
