"""Opening logs: text in any code page, packed or not, from a file or standard input, and the binary ones.

Law: a log is read once, block by block, and nothing of it is kept but what its reader gives.
"""

import codecs
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeVar

from remedy.errors import InputError
from remedy.eventlogs import BINARY_FORMS, TEXT_FORMS, binary_form_of, form_of
from remedy.eventlogs.base import Notes, TextForm
from remedy.eventlogs.event import Event
from remedy.eventlogs.sparse import records
from remedy.stores.following import Wait, followed
from remedy.stores.texts import blocks_of, called, codec_of, spend_stdin
from remedy.text import joined

__all__ = ["Progress", "decoded", "events_as_they_come", "events_of", "kept"]

Progress = Callable[[int, int | None], None]
Result = TypeVar("Result")

_GZIP = b"\x1f\x8b\x08"
_BLOCK = 1 << 18  # as much as fits into the cache of a processor core
_HEAD = 1 << 20
"""Bytes that are looked at for the format, at most."""


def events_of(name: str, notes: Notes, *, form: str | None = None, progress: Progress | None = None) -> Iterator[Event]:
    """Yield the events of a log that can matter; ``notes`` is told the rest.

    Raises:
        InputError: it cannot be read, or is no log that is known.
        UsageError: standard input was read before.
    """
    if name == "-":
        spend_stdin()
    blocks = _unpacked(blocks_of(name, called(name), _BLOCK, progress), notes)
    head = next(blocks, b"")
    if binary := binary_form_of(head):
        with TemporaryFile() as file:
            file.writelines(chain((head,), blocks))
            notes.form = binary.name
            yield from binary.read(file, notes)
    else:
        yield from _of_blocks(_as_bytes(chain((head,), blocks)), notes, form)


def events_as_they_come(name: str, notes: Notes, wait: Wait, *, form: str | None = None) -> Iterator[Event]:
    """Yield the events of a text log, and those that are written to it from then on, until ``wait`` says that it is enough.

    Raises:
        InputError: it cannot be read, or is no text log that is known.
    """
    yield from _of_blocks(_as_bytes(followed(name, wait)), notes, form)


def _of_blocks(blocks: Iterator[bytes], notes: Notes, form: str | None) -> Iterator[Event]:
    """Find out the format from the first blocks, and read on."""
    head = b""
    known = TEXT_FORMS[form] if form else None
    while known is None and len(head) < _HEAD and (block := next(blocks, None)) is not None:
        head += block
        known = form_of(head)
    if not head and known is None:
        notes.odd("it is empty")
        return
    if known is None:
        titles = joined((*(each.title for each in TEXT_FORMS.values()), *(each.title for each in BINARY_FORMS)))
        raise InputError.of(notes.name, "it is no log that is known", f"Name one of these: {titles}.")
    notes.form, notes.utc = known.name, known.utc
    for line, data in records(chain((head,), blocks), known, notes):
        event = known.parse(text_of(data, known), line, notes)
        if event is None:
            notes.record(data)
        else:
            yield event


@contextmanager
def kept(name: str) -> Iterator[Callable[[bytes], None]]:
    """Give what writes bytes to a file of this name, which is new or was emptied.

    Raises:
        InputError: it cannot be written.
    """
    with _writing(name, lambda: Path(name).open("wb", buffering=0)) as file:

        def keep(data: bytes) -> None:
            _writing(name, lambda: file.write(data))

        yield keep


def _writing(name: str, deed: Callable[[], Result]) -> Result:
    """Do something with a file that is written, or say why it cannot be."""
    try:
        return deed()
    except (OSError, ValueError) as fault:
        what = f"cannot be written: {getattr(fault, 'strerror', None) or fault}"
        raise InputError.of(name, what, "Name another file with --unread.") from None


def text_of(data: bytes, form: TextForm) -> str:
    """Give a record as text: UTF-8 if it is, else the code page that programs of its kind write."""
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8")
    return decoded(data, dos=form.dos)


def decoded(data: bytes, *, dos: bool) -> str:
    """Give bytes as text of DOS (code page 850, Q156063 §5.5) or of Windows (1252), whatever they are."""
    return data.decode("cp850" if dos else "cp1252", "replace")


def _unpacked(blocks: Iterator[bytes], notes: Notes) -> Iterator[bytes]:
    """Yield what gzip packed, member by member, in pieces of a block; anything else as it is."""
    first = next(blocks, b"")
    if not first.startswith(_GZIP):
        yield from chain((first,), blocks)
        return
    engine, inside = zlib.decompressobj(zlib.MAX_WBITS | 16), True
    try:
        for block in chain((first,), blocks):
            rest = block
            while rest:
                yield engine.decompress(rest, _BLOCK)
                rest = engine.unconsumed_tail
                inside = not engine.eof
                if engine.eof:
                    rest, engine = engine.unused_data.lstrip(b"\0"), zlib.decompressobj(zlib.MAX_WBITS | 16)
        if inside:
            raise zlib.error  # noqa: TRY301 - it ends in the middle, and half a log must not look like a whole one
    except zlib.error:
        raise InputError.of(notes.name, "its gzip packing is damaged", "Pack it again, or unpack it.") from None


def _as_bytes(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield UTF-16 as UTF-8, and anything else as it is; half a character at the end is shown as one that is unknown."""
    first = next(filter(None, blocks), b"")  # a log that is followed may be empty yet
    codec = codec_of(first)
    if codec == "utf-8-sig":
        first, codec = first.removeprefix(codecs.BOM_UTF8), "utf-8"
    if codec == "utf-8":
        yield from chain((first,), blocks)
        return
    decoder = codecs.getincrementaldecoder(codec)("replace")
    for block in chain((first,), blocks):
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
