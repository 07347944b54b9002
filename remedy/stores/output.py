"""Writing files whole or not at all."""

import errno
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from remedy.errors import InputError, Refused
from remedy.text import joined, printable

__all__ = ["remedy_of", "sync_folder", "write_files", "write_whole"]

_FEW = 64 if hasattr(os, "sync") else sys.maxsize
"""Files that are flushed one by one at most."""
_REMEDIES: Mapping[int | None, str] = {
    errno.ENOSPC: "Make room",
    errno.EDQUOT: "Make room",
    errno.EFBIG: "Make room",
    errno.ENOENT: "Make its folder",
    errno.ENOTDIR: "Make its folder",
    errno.EISDIR: "Take the folder of this name away",
    errno.ENAMETOOLONG: "Give the file a shorter name",
    errno.ELOOP: "Mend the link, which leads to itself",
    errno.EACCES: "Get leave to write there",
    errno.EPERM: "Get leave to write there",
    errno.EROFS: "Get leave to write there",
}
"""What to do about a file that cannot be written, by what the system says."""


def write_whole(name: str, text: str | Iterable[str]) -> None:
    """Write a text file, given whole or in pieces: the old one or the whole new one is there, whatever happens.

    A link stays one: what it points at is written. A device or pipe is written to, never replaced.

    Raises:
        InputError: it cannot be written; the sentence says why.
    """
    path = Path(name).resolve()
    pieces = (text,) if isinstance(text, str) else text
    data = (piece.encode(errors="backslashreplace") for piece in pieces)
    try:
        if path.exists() and not path.is_file():
            _write_into(path, data)
        else:
            _replace(path, data)
    except OSError as fault:
        raise InputError.of(name, f"cannot be written: {fault.strerror}", "Name another file with -o.") from None


def write_files(folder: Path, files: Mapping[str, tuple[bytes, bool]], *, replace: bool = False) -> None:
    """Write files below a folder, each whole or not at all; a true one may be executed.

    Raises:
        Refused: a file is there already and holds something else, and nothing was said of replacing it; none is written.
        InputError: one cannot be written; the sentence says why.
    """
    paths = {folder / name: content for name, content in files.items()}
    try:
        held = [path for path, (data, _) in paths.items() if os.path.lexists(path) and not _is(path, data)]
        if held and not replace:
            names = joined((printable(str(path)) for path in held), most=3)
            hold = "hold" if len(held) > 1 else "holds"
            raise Refused(
                f"{names} {hold} something else. Name another folder with -d, or write over it with --replace."
            )
        if folders := [path for path in held if path.is_dir()]:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(folders[0]))
        _put_all(paths)
    except OSError as fault:
        advice = f"{remedy_of(fault)}, or name another folder with -d."
        where = str(fault.filename2 or fault.filename or folder)
        raise InputError.of(where, f"cannot be written: {fault.strerror}", advice) from None


def _put_all(files: Mapping[Path, tuple[bytes, bool]]) -> None:
    """Write files beside their places, flush all at once, which takes a second and not one each, and put them there."""
    waiting: dict[Path, str] = {}
    try:
        for path, (data, _) in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            waiting[path] = _beside(path, (data,), flush=len(files) <= _FEW)
        if len(files) > _FEW:
            os.sync()
        for path, (_, executable) in files.items():
            Path(waiting[path]).chmod(_mode(path) | (0o111 & ~_mask() if executable else 0))
            Path(waiting[path]).replace(path)
            del waiting[path]
    finally:
        for temporary in waiting.values():
            Path(temporary).unlink(missing_ok=True)


def _is(path: Path, data: bytes) -> bool:
    """Tell whether a path is a file of just these bytes."""
    return path.is_file() and path.read_bytes() == data


def _write_into(path: Path, data: Iterable[bytes]) -> None:
    """Write to what is no regular file."""
    with path.open("wb", buffering=0) as file:
        for piece in data:
            file.write(piece)


def _replace(path: Path, data: Iterable[bytes]) -> None:
    """Write beside a file, flush, and take its place in one step."""
    temporary = _beside(path, data)
    try:
        Path(temporary).chmod(_mode(path))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _beside(path: Path, data: Iterable[bytes], *, flush: bool = True) -> str:
    """Write a file beside another; give its name."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(data)
            file.flush()
            if flush:
                os.fsync(file.fileno())
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return temporary


def _mode(path: Path) -> int:
    """Give the permissions that the file has, or that a new one would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    return 0o666 & ~_mask()


def _mask() -> int:
    """Give the permissions that this process takes from new files."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def remedy_of(fault: OSError) -> str:
    """Say what to do where a file cannot be written; a sentence can go on behind it."""
    return _REMEDIES.get(fault.errno, "Check the disk")


def sync_folder(folder: Path) -> None:
    """See a new name in a folder onto the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
