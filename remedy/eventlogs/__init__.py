"""The formats of logs, each a file of its own; a new one is one file and one line here."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from remedy.eventlogs import dumpel, evt, evtx, sentlog, systemlog, tracking, vertical, viewer
from remedy.eventlogs.base import BinaryForm, Notes, TextForm

__all__ = ["BINARY_FORMS", "TEXT_FORMS", "binary_form_of", "form_of"]

TEXT_FORMS: Mapping[str, TextForm] = MappingProxyType({
    form.name: form
    for form in (tracking.FORM, sentlog.FORM, systemlog.FORM, vertical.FORM, dumpel.FORM, viewer.FORM)
})  # fmt: skip
"""Each format by its name; one that is more special stands before one that would take its lines too."""

BINARY_FORMS: tuple[BinaryForm, ...] = (evt.FORM, evtx.FORM)

_SAMPLE = 50
"""Records that are looked at, at most."""


def form_of(head: bytes) -> TextForm | None:
    """Tell in which format most of the first records of a log can be read; None if in none."""
    counts = {name: _readable(head, form) for name, form in TEXT_FORMS.items()}
    best = max(counts, key=lambda name: counts[name])
    return TEXT_FORMS[best] if counts[best] else None


def binary_form_of(head: bytes) -> BinaryForm | None:
    """Tell which binary format a log begins with; None if with none."""
    return next((form for form in BINARY_FORMS if form.begins.match(head)), None)


def _readable(head: bytes, form: TextForm) -> int:
    """Count the records that a format can read."""
    places: list[int] = []
    at = 0
    while len(places) < _SAMPLE and at < len(head):
        if form.begins.match(head, at):
            places.append(at)
        at = head.find(b"\n", at) + 1 or len(head)
    notes = Notes("")
    ends: Iterable[int] = (*places[1:], len(head))
    texts = (head[begin:end].decode("latin-1") for begin, end in zip(places, ends, strict=False))
    return sum(form.parse(text, 1, notes) is not None for text in texts)
