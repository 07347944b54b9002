"""The pieces of an LDIF file: what stands between empty lines, and where it lies.

Law: whatever the file is written in, a piece is text in UTF-8, and its place is in the bytes of the file.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from remedy.errors import InputError
from remedy.scan import bounded
from remedy.stores.decoding import marked
from remedy.stores.texts import plainly
from remedy.windows import GAP

__all__ = ["Coding", "Piece", "coding_of", "pieces"]


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands between empty lines, from its first line that is not empty."""

    offset: int
    """Where it begins in the file, in bytes."""
    text: bytes
    """Its text in UTF-8."""
    line: int = 0
    """The number of its first line; 0 = nobody counted."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How a file is written."""

    codec: str
    mark: bytes

    @property
    def plain(self) -> bool:
        """Whether the bytes of the file are the text."""
        return self.codec == "utf-8"

    def encode(self, text: bytes) -> bytes:
        """Give the bytes of a text as they stand in the file."""
        return text if self.plain else text.decode().encode(self.codec)


def coding_of(path: Path, name: str) -> Coding:
    """Tell how a file is written from its first bytes.

    Raises:
        InputError: it cannot be read.
    """
    with plainly(name), path.open("rb") as file:
        return Coding(*marked(file.read(4)))


def pieces(path: Path, name: str, coding: Coding, block_size: int = 1 << 20) -> Iterator[Piece]:
    """Cut a file at its empty lines, knowing where each piece lies in it: the reference.

    Raises:
        InputError: it cannot be read, or has a piece that is longer than a record can be.
    """
    offset, line, rest = len(coding.mark), 1, b""
    for text, more in _texts(path, name, coding, block_size):
        rest += text
        cuts = [gap.end() for gap in GAP.finditer(rest)] + ([] if more else [len(rest)])
        for start, end in pairwise((0, *cuts)):
            part = rest[start:end].lstrip(b"\r\n")
            begins = end - len(part)
            offset += len(coding.encode(rest[start:begins]))
            line += rest.count(b"\n", start, begins)
            yield Piece(offset, part, line)
            offset += len(coding.encode(part))
            line += part.count(b"\n")
        rest = rest[cuts[-1] :] if cuts else rest
        bounded(len(rest), name, line)


def _texts(path: Path, name: str, coding: Coding, block_size: int) -> Iterator[tuple[bytes, bool]]:
    """Yield a file as UTF-8 without its mark, and whether more may come; half a character at its end is no text."""
    with plainly(name):
        file = path.open("rb")
    with file:
        file.seek(len(coding.mark))
        decoder = None if coding.plain else codecs.getincrementaldecoder(coding.codec)()
        for block in iter(partial(file.read, block_size), b""):
            yield (_utf8(decoder, block, name) if decoder else block), True
    yield b"", False


def _utf8(decoder: codecs.IncrementalDecoder, block: bytes, name: str) -> bytes:
    """Decode a block."""
    try:
        return decoder.decode(block).encode()
    except UnicodeError:
        advice = "Get the file again, or export the directory again."
        raise InputError.of(name, "text that is neither UTF-8 nor UTF-16", advice) from None
