"""The bytes of a file as the text of an export: unpacked, in UTF-8, and seen to be LDIF before anything is made of it.

Law: what comes out is what the file says; an end that is missing is told, never made up.
"""

import codecs
import re
import zlib
from collections.abc import Iterator
from itertools import chain

from remedy.errors import InputError
from remedy.ldif import unfold

__all__ = ["Decoding", "marked"]

_EXPORT = "Export the directory as LDIF, for instance with ldifde -f or ldapsearch -LLL, and give that file."
_LEAD = re.compile(rb"\A(?: *(?:\n|\Z)|#[^\n]*(?:\n|\Z)|version:[^\n]*(?:\n|\Z))*")
_LOOKS = {
    "XML or HTML": re.compile(rb"\s*<"),
    "JSON": re.compile(rb"\s*[\[{]\s*[\"\[{}\]]"),
    "binary data": re.compile(rb"[^\n]*[\x00-\x08\x0e-\x1f]"),
    "LDIF whose beginning is missing": re.compile(rb"[a-z0-9;-]+:"),
    "a table, such as CSV": re.compile(rb"[^\n]*[,;\t]"),
}


class Decoding:
    """One reading of a file as text."""

    def __init__(self, name: str, block_size: int) -> None:
        self.name, self._block_size = name, block_size
        self.truncated = ""
        """Why the end seems to be missing."""
        self.lead: int | None = 0
        """How many bytes of the file stand in front of the text, which follows as it is; None if it was made of others."""

    def text(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Give the text of the blocks of a file."""
        return self._ldif(self._text(self._unpacked(blocks)))

    def _unpacked(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Undo gzip (RFC 1952; files put together are one), in pieces no longer than a block."""
        head = _head(blocks)
        if not head.startswith(b"\x1f\x8b"):
            yield from chain((head,), blocks)
            return
        self.lead = None
        gunzip = zlib.decompressobj(wbits=31)
        for block in chain((head,), blocks):
            rest = block
            while rest := rest.lstrip(b"\x00") if gunzip.eof else rest:  # behind the end there may be padding
                gunzip = zlib.decompressobj(wbits=31) if gunzip.eof else gunzip
                yield gunzip.decompress(rest, self._block_size)
                rest = gunzip.unused_data or gunzip.unconsumed_tail
        yield gunzip.flush()
        if not gunzip.eof:
            self.truncated = "The compressed data end too early."

    def _text(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield UTF-8 without a mark, whatever the file is written in."""
        head = _head(blocks)
        codec, mark = marked(head)
        head = head.removeprefix(mark)
        if codec == "utf-8":
            self.lead = None if self.lead is None else len(mark)
            yield from chain((head,), blocks)
            return
        self.lead = None
        decoder = codecs.getincrementaldecoder(codec)()
        for block in chain((head,), blocks):
            yield decoder.decode(block).encode()
        if decoder.getstate()[0]:
            self.truncated = "The last character is cut."

    def _ldif(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Pass the text on once its beginning shows that it is LDIF."""
        head = b""
        for block in blocks:
            head += block
            if self._begins(head, final=False):
                yield from chain((head,), blocks)
                return
        self._begins(head, final=True)
        yield head

    def _begins(self, head: bytes, *, final: bool) -> bool:
        """Tell whether a first ``dn:`` is there; complain if none can come any more."""
        rest = _LEAD.sub(b"", unfold(head).lower(), count=1)
        if rest.startswith(b"dn:"):
            return True
        part = rest.removesuffix(b"\n").removesuffix(b"\r")
        if rest and (final or not any(word.startswith(part) for word in (b"dn:", b"version:"))):
            looks = next((what for what, pattern in _LOOKS.items() if pattern.match(rest)), "something else")
            raise InputError.of(
                self.name, f"this is no LDIF: it does not begin with dn:, and looks like {looks}", _EXPORT
            )
        return False


def _head(blocks: Iterator[bytes]) -> bytes:
    """Take blocks until a byte order mark would be seen."""
    head = b""
    while len(head) < len(codecs.BOM_UTF8) and (block := next(blocks, None)) is not None:
        head += block
    return head


def marked(head: bytes) -> tuple[str, bytes]:
    """Name the codec of a file and the mark it begins with: by the mark, or by the NUL in a first letter of UTF-16."""
    for mark, codec in (
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF8, "utf-8"),
    ):
        if head.startswith(mark):
            return codec, mark
    return {0: "utf-16-be", 1: "utf-16-le"}.get(head.find(0, 0, 2), "utf-8"), b""
