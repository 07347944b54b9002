"""The text of a file or of standard input: packed or not, in whatever encoding people's tools write.

Law: looking at the beginning of something consumes nothing, and standard input is read once.
"""

import codecs
import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from os import fstat
from pathlib import Path
from typing import Any, BinaryIO
from weakref import WeakSet

from remedy.errors import InputError, UsageError

__all__ = [
    "STDIN",
    "blocks_of",
    "called",
    "codec_of",
    "peek_text",
    "plainly",
    "read_text",
    "spend_stdin",
    "stdin_shows",
]

STDIN = "standard input"
"""What ``-`` is called in messages and evidence."""

LIMIT = 256 << 20
"""Bytes that are read as one text, unpacked; a list of postoffices has far fewer."""

_HEAD = 1 << 16
_GZIP = b"\x1f\x8b\x08"  # RFC 1952 §2.3.1
_SPENT: "WeakSet[BinaryIO]" = WeakSet()
_TROUBLE: Mapping[type[Exception], tuple[str, str]] = {
    FileNotFoundError: ("there is no such file", "Check the name."),
    IsADirectoryError: ("it is a folder", "Name a file in it."),
    PermissionError: ("it may not be read", "Run remedy as somebody who may read it, or name a copy."),
    ValueError: ("no file can have this name", "Check the name."),
}


def called(name: str) -> str:
    """Give the name that messages use."""
    return STDIN if name == "-" else name


@contextmanager
def plainly(name: str) -> Iterator[None]:
    """Turn what the system says about a file into a sentence for its user."""
    try:
        yield
    except (OSError, ValueError) as error:
        said = str(getattr(error, "strerror", None) or error)
        known = (text for kind, text in _TROUBLE.items() if isinstance(error, kind))
        what, advice = next(known, (said, "Check the disk, and try again."))
        raise InputError.of(called(name), what, advice) from None


def _stdin() -> BinaryIO:
    """Give standard input, which can be read once."""
    stream: BinaryIO | None = getattr(sys.stdin, "buffer", None)
    if stream is None or stream.closed:
        raise InputError.of(STDIN, "nothing is connected to it", "Name a file.")
    if stream in _SPENT:
        raise UsageError("Standard input (-) can be read only once: save what it brings as a file, and name that file.")
    return stream


def stdin_shows() -> bool:
    """Tell whether standard input can be looked into without consuming it."""
    stream = _stdin()
    return stream.seekable() or isinstance(stream, io.BufferedReader)


def _waiting() -> bytes:
    """Give the beginning of standard input and leave it there."""
    stream = _stdin()
    if stream.seekable():
        place = stream.tell()
        data = stream.read(_HEAD)
        stream.seek(place)
        return data
    if not isinstance(stream, io.BufferedReader):
        return b""
    data = b""
    while len(data) < _HEAD and not _tells(data) and (block := stream.read1(_HEAD)):
        data += block
    sys.stdin = io.TextIOWrapper(io.BufferedReader(_Again(data, stream, sys.stdin)))
    return data


def _tells(data: bytes) -> bool:
    """Tell whether a whole line is there that is neither blank nor a comment; packed data tell nothing."""
    lines = () if data.startswith(_GZIP[:1]) else data.split(b"\n")[:-1]
    return any(line.strip() and not line.startswith((b"#", b" ")) for line in lines)


class _Again(io.RawIOBase):
    """A stream whose beginning was looked at, and comes once more."""

    def __init__(self, head: bytes, rest: BinaryIO, owner: object) -> None:
        self._head, self._rest = head, rest
        self._owner = owner  # without it the stream would be closed

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give what was looked at, then what follows."""
        data = self._head[: len(buffer)] if self._head else self._rest.read(len(buffer))
        self._head = self._head[len(data) :]
        buffer[: len(data)] = data
        return len(data)


def spend_stdin() -> None:
    """Say that somebody else reads standard input now.

    Raises:
        InputError: nothing is connected to it.
        UsageError: it was read before.
    """
    _SPENT.add(_stdin())


def _beginning(path: Path) -> bytes:
    """Give the first bytes of a file; of a named pipe nothing, because they could not be read again."""
    if path.exists() and not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(_HEAD)


def peek_text(name: str) -> str:
    """Give the first lines of a file or of standard input as far as they are text, and leave them there.

    Raises:
        InputError: it cannot be read.
        UsageError: standard input was read before.
    """
    with plainly(name):
        data = _waiting() if name == "-" else _beginning(Path(name))
    if data.startswith(_GZIP):
        try:
            data = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, _HEAD)
        except zlib.error:
            return ""
    return data.decode(codec_of(data), "replace")


def codec_of(data: bytes) -> str:
    """Name the encoding that the first bytes show: a BOM, the NULs of UTF-16 (as ldifde -u writes), else UTF-8."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = data[:1024]
    high, low = sample[0::2].count(0), sample[1::2].count(0)
    if 4 * max(high, low) > len(sample):  # at least every second character is Latin
        return "utf-16-be" if high > low else "utf-16-le"
    return "utf-8"


def blocks_of(
    path: str,
    name: str,
    size: int = 1 << 18,
    progress: Callable[[int, int | None], None] | None = None,
    part: tuple[int, int | None] = (0, None),
) -> Iterator[bytes]:
    """Yield a file, or standard input (``-``), as it lies there; ``name`` is what messages call it.

    ``progress`` is told, once a block, the bytes done and, if it is known, their total. ``part`` is where to begin and end.

    Raises:
        InputError: it cannot be read.
    """
    stdin, (done, end) = path == "-", part
    with plainly(name), nullcontext(sys.stdin.buffer) if stdin else Path(path).open("rb") as file:
        total = None if stdin else fstat(file.fileno()).st_size or None  # a pipe has no size
        if done:
            file.seek(done)
        while block := file.read(size if end is None else min(size, end - done)):
            done += len(block)
            if progress:
                progress(done, total)
            yield block


def _decoded(data: bytes, name: str, *, dos: bool) -> str:
    """Give bytes as text; what is not UTF-8 is what old spreadsheets write, Windows-1252, or DOS, code page 850.

    Raises:
        InputError: it is no text.
    """
    codec = codec_of(data)
    legacy = ("cp1252", "cp850") if dos else ("cp1252",)
    for encoding in (codec, *legacy) if codec == "utf-8" else (codec,):
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            if "\0" not in text:
                return text
    what = "it is no text in UTF-8, UTF-16 or Windows-1252"
    raise InputError.of(called(name), what, "Save it as text or CSV in UTF-8, and name that file.")


def read_text(name: str, *, dos: bool = False) -> str:
    """Read a file as text, or standard input (``-``), unpacked if it is packed with gzip.

    With ``dos`` it may be in the code page of a postoffice (Q156063 §5.5), and ends at Ctrl-Z, whatever follows.

    Raises:
        InputError: it cannot be read or is no text.
        UsageError: standard input was read before.
    """
    with plainly(name), nullcontext(_stdin()) if name == "-" else Path(name).open("rb") as file:
        data = file.read(LIMIT + 1)
        if name == "-":
            _SPENT.add(file)
    if data.startswith(_GZIP):
        try:
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(LIMIT + 1)
        except (OSError, EOFError, zlib.error):
            raise InputError.of(called(name), "its gzip packing is damaged", "Pack it again, or unpack it.") from None
    if len(data) > LIMIT:
        raise InputError.of(called(name), f"it is longer than {LIMIT >> 20} MiB", "Name a list of postoffices.")
    return _decoded(data.partition(b"\x1a")[0] if dos and codec_of(data) == "utf-8" else data, name, dos=dos)
