"""The text of tables that old Windows programs write, line by line: Unicode, or an ANSI code page.

Law: memory does not grow with a file, and no byte is read as a character that it does not stand for.
"""

import codecs
from collections.abc import Callable, Iterator
from itertools import chain

from remedy.errors import InputError
from remedy.stores.texts import blocks_of, called, codec_of

__all__ = ["LINE_LIMIT", "lines_of"]

LINE_LIMIT = 1 << 24
"""Characters of one line."""

_ANSI = "cp1252"  # Q183496: what the Administrator program takes for ANSI
_GZIP = b"\x1f\x8b"
_AGAIN = "Export again, as Unicode if you can, or say what the file is written in: --export-option CodePage=850."


def lines_of(name: str, encoding: str = "", progress: Callable[[int, int | None], None] | None = None) -> Iterator[str]:
    """Yield the lines of a file or of standard input with their ends; ``encoding`` counts where no mark shows another.

    Raises:
        InputError: it cannot be read, is no text, or not text of this encoding.
    """
    rest, number = "", 0
    for text in _decoded(name, blocks_of(name, name, progress=progress), encoding):
        if "\0" in text:
            raise InputError.of(called(name), "there are binary data in it", _AGAIN, line=number + 1)
        *lines, rest = f"{rest}{text}".split("\n")
        number += len(lines)
        yield from (f"{line}\n" for line in lines)
        if len(rest) > LINE_LIMIT:
            what = f"a line of more than {LINE_LIMIT >> 20} million characters"
            raise InputError.of(
                called(name), what, "Export again, and check that the file has no hole.", line=number + 1
            )
    if rest:
        yield rest


def _decoded(name: str, blocks: Iterator[bytes], encoding: str) -> Iterator[str]:
    """Yield the text in pieces, without a byte order mark."""
    head = b""
    while len(head) < 1024 and (block := next(blocks, b"")):  # noqa: PLR2004 - as much as `codec_of` looks at
        head += block
    if head.startswith(_GZIP):
        raise InputError.of(called(name), "it is packed with gzip", "Unpack it, and name the file.")
    shown = codec_of(head)
    chosen = shown if shown != "utf-8" else encoding
    decoder = codecs.getincrementaldecoder(chosen)() if chosen else None
    line = 1
    for block in chain((head,), blocks, (b"",)):
        if decoder is None and not block.isascii():
            block, chosen = _judged(block, blocks)  # noqa: PLW2901 - what decides may stand in the next one
            decoder = codecs.getincrementaldecoder(chosen)()
        try:
            text = decoder.decode(block, final=not block) if decoder else block.decode("ascii")
        except UnicodeDecodeError as fault:
            line += block.count(b"\n", 0, fault.start)
            raise InputError.of(called(name), _misfit(fault, chosen), _AGAIN, line=line) from None
        line += text.count("\n")
        yield text


def _judged(block: bytes, blocks: Iterator[bytes]) -> tuple[bytes, str]:
    """Name the encoding that the first character beyond ASCII shows: UTF-8, as an editor may have saved it, or ANSI.

    The block comes back with what was read to see that character whole.
    """
    start = next(at for at, byte in enumerate(block) if byte > 0x7F)  # noqa: PLR2004 - the end of ASCII
    while len(block) < start + 4 and (more := next(blocks, b"")):
        block += more
    try:
        whole = bool(codecs.getincrementaldecoder("utf-8")().decode(block[start : start + 4]))
    except UnicodeDecodeError as fault:
        whole = fault.start > 0
    return block, "utf-8" if whole else _ANSI


def _misfit(fault: UnicodeDecodeError, encoding: str) -> str:
    """Say that a byte is no character; DOS programs have letters where the ANSI code page has none (Q183496)."""
    byte = f"the byte {fault.object[fault.start]:02X}" if fault.object else "its end"
    oem = (
        ": it may be text of DOS (OEM), whose letters would be taken for others (Q183496)" if encoding == _ANSI else ""
    )
    return f"{byte} is no character in {encoding}{oem}"
