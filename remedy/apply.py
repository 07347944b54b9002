"""Carrying changes out: rehearsed in memory, journalled, sent, and counted.

Law: apply obeys the changes alone, never what made them; before anything is sent its intent is on disk; what may or
may not have happened is looked up, never guessed.
"""

import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from remedy.change import Change, Mod, Modify, reverse
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import Partly, RemedyError, Stale
from remedy.journal import Journal
from remedy.judging import Result, Value, conflicting
from remedy.ldif import dump_change
from remedy.plan import Step
from remedy.stores.base import End, Outcome, Writable
from remedy.stores.memory import MemoryStore

__all__ = [
    "Request",
    "Unnoted",
    "apply_changes",
    "ended",
    "intend",
    "outdated",
    "rehearsed",
    "requests",
    "uninterrupted",
]

_RESULTS = {End.MADE: "applied", End.REFUSED: "failed"}
"""What the journal says of a step; of one whose end is unknown it says nothing."""


class Unnoted(Partly):
    """Changes were made, and then something stood in the way of noting or going on."""

    def __init__(self, outcomes: Sequence[Outcome], why: RemedyError) -> None:
        """Keep what became of each change, as far as they went."""
        self.outcomes, self.why = tuple(outcomes), why
        super().__init__(str(why))


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the target: what is left of a step, with the ids of its values."""

    step: str
    change: Change
    ids: tuple[str, ...]


def requests(steps: Iterable[Step], values: Iterable[Value]) -> tuple[Request, ...]:
    """Give what is to be sent: each step with only those values that are to be applied; none is left out silently."""
    wanted = {value.id for value in values if value.result is Result.APPLIED}
    found = (_request(step, wanted) for step in steps)
    return tuple(request for request in found if request.ids)


def _request(step: Step, wanted: set[str]) -> Request:
    """Give what is left of one step."""
    ids = [item["id"] for item in step.expects()]
    kept = tuple(name for name in ids if name in wanted)
    if not isinstance(step.change, Modify):
        return Request(step.id, step.change, kept)
    names = iter(ids)
    mods = [(mod, tuple(value for value in mod.values if next(names) in wanted)) for mod in step.change.mods]
    left = tuple(Mod(mod.op, mod.attribute, values) for mod, values in mods if values)
    return Request(step.id, Modify(step.change.dn, left), kept)


def ended(
    values: Iterable[Value], sent: Sequence[Request], outcomes: Sequence[Outcome]
) -> tuple[tuple[Value, ...], RemedyError | None]:
    """Give the values with what became of them, and the first thing that stood in the way."""
    ends = dict(zip((request.ids for request in sent), outcomes, strict=False))
    found = {name: ends.get(ids) for ids in (request.ids for request in sent) for name in ids}
    told = tuple(_ended(value, found[value.id]) if value.id in found else value for value in values)
    return told, next((outcome.why for outcome in outcomes if outcome.why), None)


def _ended(value: Value, outcome: Outcome | None) -> Value:
    """Say of one value what became of it."""
    if outcome is None:
        return replace(value, result=Result.SKIPPED, found="nothing: it was not sent")
    if outcome.end is End.MADE:
        return value
    if outcome.end is End.REFUSED and isinstance(outcome.why, Stale):
        return conflicting(value, outcome.why.expected, outcome.why.found)
    unsure = "nobody knows: " if outcome.end is End.UNKNOWN else ""
    return replace(value, result=Result.FAILED, found=f"{unsure}{outcome.why}")


def outdated(sent: Sequence[Request], outcomes: Sequence[Outcome]) -> set[str]:
    """Name the steps that were refused because the directory is not as it was read."""
    pairs = zip(sent, outcomes, strict=False)
    return {request.step for request, item in pairs if item.end is End.REFUSED and isinstance(item.why, Stale)}


def rehearsed(entries: Iterable[Entry], changes: Sequence[Change]) -> MemoryStore:
    """Make changes on a copy in memory, by the rules of a server.

    Raises:
        Stale: one of them cannot be made.
    """
    room = MemoryStore(entries)
    room.carry_out(*changes)
    return room


def intend(number: int, request: Request, fact: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write a step for the journal, with its way back; ``fact`` is what the target knows of it."""
    words = {"do": dump_change(request.change), "undo": dump_change(reverse(request.change))}
    return {"event": "intend", "n": number, "id": request.step, "values": list(request.ids), **words, **fact}


def apply_changes(  # noqa: PLR0913 - what is to be done, where, and how
    wanted: Sequence[Request],
    store: Writable,
    journal: Journal,
    entries: Mapping[DN, Entry],
    *,
    keep_going: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Outcome, ...]:
    """Carry out requests window by window: every intent is on disk, then they are made, then that is noted.

    After a window in which something stood in the way nothing more is sent, unless we are to ``keep_going``: what was not
    sent is missing at the end. After a window of which something is unknown nothing is sent in any case.

    Raises:
        Stale: the store takes all or none, and an entry is not as it was; nothing was made.
        InputError: the journal or the target cannot be written; nothing was made.
        Unnoted: the same, after something was made.
    """
    outcomes: list[Outcome] = []
    size = store.window or max(1, len(wanted))
    for start in range(0, len(wanted), size):
        some = wanted[start : start + size]
        store.ready()
        with uninterrupted():
            ends = _window(some, store, journal, entries, outcomes)
        if progress:
            progress(len(outcomes), len(wanted))
        bad = {outcome.end for outcome in ends}
        if End.UNKNOWN in bad or (End.REFUSED in bad and not keep_going):
            break
    return tuple(outcomes)


def _window(
    wanted: Sequence[Request], store: Writable, journal: Journal, entries: Mapping[DN, Entry], outcomes: list[Outcome]
) -> tuple[Outcome, ...]:
    """Carry out requests that are on their way at once; ``outcomes`` gets what became of them."""
    changes = [request.change for request in wanted]
    try:
        facts = store.intend(changes, entries)
        first = journal.next
        journal.write(*(intend(*step) for step in zip(count(first), wanted, facts, strict=False)))
        ends = store.carry_out_each(changes)
        outcomes += ends
        dones = [(number, _RESULTS[item.end]) for number, item in enumerate(ends, first) if item.end in _RESULTS]
        journal.write(*({"event": "done", "n": number, "result": result} for number, result in dones))
    except RemedyError as fault:
        if outcomes:
            raise Unnoted(outcomes, fault) from None
        raise
    return ends


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let a request in flight end before an interruption is heard."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
