"""Writing files whole or not at all."""

import os
import tempfile
from pathlib import Path

from remedy.errors import InputError

__all__ = ["sync_folder", "write_whole"]


def write_whole(name: str, text: str) -> None:
    """Write a text file: the old one or the whole new one is there, whatever happens.

    A link stays one: what it points at is written. A device or pipe is written to, never replaced.

    Raises:
        InputError: it cannot be written; the sentence says why.
    """
    path = Path(name).resolve()
    data = text.encode(errors="backslashreplace")
    try:
        if path.exists() and not path.is_file():
            _write_into(path, data)
        else:
            _replace(path, data)
    except OSError as fault:
        raise InputError.of(name, f"cannot be written: {fault.strerror}", "Name another file with -o.") from None


def _write_into(path: Path, data: bytes) -> None:
    """Write to what is no regular file."""
    with path.open("wb", buffering=0) as file:
        file.write(data)


def _replace(path: Path, data: bytes) -> None:
    """Write beside a file, flush, and take its place in one step."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_mode(path))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """Give the permissions that the file has, or that a new one would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def sync_folder(folder: Path) -> None:
    """See a new name in a folder onto the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
