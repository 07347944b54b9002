"""Opening logs: text in any code page, packed or not, from a file or standard input, and the binary ones.

Law: a log is read once, block by block, and nothing of it is kept but what its reader gives.
"""

import codecs
import zlib
from collections.abc import Callable, Iterable, Iterator
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
_TELLING = 4
"""Bytes that tell an encoding, at least, where more may come."""
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
    texts = (_as_bytes(_plain(blocks, notes)) for blocks in followed(name, wait))
    yield from _of_blocks(_one_by_one(texts), notes, form)


def _plain(blocks: Iterator[bytes], notes: Notes) -> Iterator[bytes]:
    """Yield what can be read as it comes.

    Raises:
        InputError: it is packed or binary, so that only the whole tells something.
    """
    fresh = True
    for block in blocks:
        if fresh and block and (block.startswith(_GZIP) or binary_form_of(block)):
            what = "it is packed or a binary log, and only text can be followed"
            raise InputError.of(notes.name, what, "Run it without --follow.")
        fresh = fresh and not block
        yield block


def _one_by_one(texts: Iterable[Iterator[bytes]]) -> Iterator[bytes]:
    """Yield texts one after the other, each from the beginning of a line."""
    end = b"\n"
    for text in texts:
        begins = True
        for block in text:
            yield b"\n" + block if begins and block and end != b"\n" else block
            begins = begins and not block
            end = block[-1:] or end


def _of_blocks(blocks: Iterator[bytes], notes: Notes, form: str | None) -> Iterator[Event]:
    """Find out the format from the first blocks, and read on."""
    head = b""
    known = TEXT_FORMS[form] if form else None
    while known is None and len(head) < _HEAD and (block := next(blocks, None)) is not None:
        head += block
        known = form_of(head)
        if known is None and not block and _foreign(head):
            break
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
    scratch = Notes(notes.name, heading=notes.heading)
    edges = (known.parse(text_of(data, known), 1, scratch) for data in notes.edges)
    notes.span = tuple(event.stamp for event in edges if event)


def _foreign(head: bytes) -> bool:
    """Tell whether no line of a log that may go on looks like one of a log."""
    lines = [line for line in head.split(b"\n")[:-1] if line.strip()]
    forms = TEXT_FORMS.values()
    return bool(lines) and not any(
        form.begins.match(line) or form.heading.match(line) for line in lines for form in forms
    )


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
                if piece := engine.decompress(rest, _BLOCK):  # an empty one would say that no more is there yet
                    yield piece
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
    first = b""
    for block in blocks:
        first += block
        if len(first) >= _TELLING:  # a log that is followed may be empty yet, or have half a character
            break
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
