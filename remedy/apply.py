"""Carrying changes out: judged value by value, rehearsed in memory, journalled, sent, and counted.

Law: apply obeys the changes alone, never what made them; before anything is sent its intent is on disk; what may or
may not have happened is looked up, never guessed.
"""

import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count
from typing import Any

from remedy.change import Add, Change, Mod, Modify, Op, reverse
from remedy.dn import DN
from remedy.entry import Entry, same_value
from remedy.errors import RemedyError, Stale
from remedy.journal import Journal
from remedy.ldif import dump_change
from remedy.plan import Step
from remedy.stores.base import End, Outcome, Writable
from remedy.stores.memory import MemoryStore
from remedy.text import joined, printable

__all__ = [
    "Counts", "Request", "Result", "Value", "apply_changes", "counted_results", "ended", "first_conflict", "intend", "judged",
    "rehearsed", "requests", "uninterrupted",
]  # fmt: skip

_RESULTS = {End.MADE: "applied", End.REFUSED: "failed"}
"""What the journal says of a step; of one whose end is unknown it says nothing."""

Holders = Callable[[bytes], tuple[str, ...]]
"""From a value of an address attribute, the names of the entries that hold that address."""


class Result(StrEnum):
    """What became of one value."""

    APPLIED = "applied"
    ALREADY = "already"
    SKIPPED = "skipped"
    CONFLICT = "conflict"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one entry: the unit that is counted, selected and rolled back."""

    id: str
    dn: str
    what: str
    """``attribute: value``, or ``entry`` for a new one."""
    result: Result
    """In a judgement, APPLIED means: will be."""
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many values came to which end; the first number is the sum of the others."""

    planned: int
    applied: int
    already: int
    skipped: int
    conflict: int
    failed: int


def counted_results(values: Iterable[Value]) -> Counts:
    """Count values by what became of them."""
    ends = Counter(value.result for value in values)
    return Counts(ends.total(), *(ends[result] for result in Result))


def judged(steps: Iterable[Step], entries: Mapping[DN, Entry], holders: Holders) -> tuple[Value, ...]:
    """Say of each value what will become of it, from what the target holds now."""
    return tuple(value for step in steps for value in _judged(step, entries, holders))


def first_conflict(values: Iterable[Value]) -> Stale | None:
    """Give the first value that cannot be applied as what stops a run."""
    for value in values:
        if value.result is Result.CONFLICT:
            return Stale(printable(value.dn), value.what, expected=value.expected, found=value.found)
    return None


def _judged(step: Step, entries: Mapping[DN, Entry], holders: Holders) -> Iterator[Value]:
    """Judge the values of one step; their ids are those of `Step.expects`."""
    entry = entries.get(step.change.dn)
    ids = [item["id"] for item in step.expects()]
    if isinstance(step.change, Add):
        yield _new_entry(ids[0], step.change.entry, entries, holders)
        return
    assert isinstance(step.change, Modify)
    pairs = ((mod, value) for mod in step.change.mods for value in mod.values)
    for name, (mod, value) in zip(ids, pairs, strict=True):
        shown = _shown(value)
        judge = Value(name, str(step.change.dn), f"{mod.attribute}: {shown}", Result.APPLIED)
        if entry is None:
            yield replace(judge, result=Result.CONFLICT, expected="an entry of this name", found="none")
        elif mod.op is Op.ADD:
            yield _to_add(judge, entry, mod, value, holders)
        else:
            yield _to_delete(judge, entry, mod, value)


def _to_add(judge: Value, entry: Entry, mod: Mod, value: bytes, holders: Holders) -> Value:
    """Judge a value to add: not there in any case, and nobody else holds the address (contract, Preconditions)."""
    if any(same_value(old, value) for old in entry.values(mod.attribute)):
        return replace(judge, result=Result.ALREADY)
    held_by = holders(value)
    others = [dn for dn in held_by if DN.parse(dn) != entry.dn]
    if len(others) < len(held_by) and not others:  # the same address, spelt another way
        return replace(judge, result=Result.ALREADY)
    if others:
        held = f"{joined(map(printable, others))} holding it"
        return replace(judge, result=Result.CONFLICT, expected="nobody holding it", found=held)
    return judge


def _to_delete(judge: Value, entry: Entry, mod: Mod, value: bytes) -> Value:
    """Judge a value to delete: there in its exact case."""
    if value in entry.values(mod.attribute):
        return judge
    like = [_shown(old) for old in entry.values(mod.attribute) if same_value(old, value)]
    return replace(judge, result=Result.CONFLICT, expected=_shown(value), found=joined(like) or "no such value")


def _new_entry(name: str, new: Entry, entries: Mapping[DN, Entry], holders: Holders) -> Value:
    """Judge an entry to add: not there, its parent there, and nobody holds its addresses."""
    judge = Value(name, str(new.dn), "entry", Result.APPLIED)
    held = entries.get(new.dn)
    if held:
        same = all(held.shows(attribute.name, value) for attribute in new for value in attribute.values)
        found = "another one of this name"
        return replace(judge, result=Result.ALREADY) if same else _conflict(judge, "no entry of this name", found)
    if not any(new.dn.parent in {dn, dn.parent} for dn in entries):
        return _conflict(judge, f"its container {printable(str(new.dn.parent))}", "none")
    for attribute in new:
        for value in attribute.values:
            if others := holders(value):
                found = f"{joined(map(printable, others))} holding it"
                return _conflict(judge, f"nobody holding {_shown(value)}", found)
    return judge


def _conflict(judge: Value, expected: str, found: str) -> Value:
    """Make a judgement a conflict."""
    return replace(judge, result=Result.CONFLICT, expected=expected, found=found)


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
        return _conflict(value, outcome.why.expected, outcome.why.found)
    unsure = "nobody knows: " if outcome.end is End.UNKNOWN else ""
    return replace(value, result=Result.FAILED, found=f"{unsure}{outcome.why}")


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
        InputError: the journal or the target cannot be written.
    """
    outcomes: list[Outcome] = []
    size = store.window or max(1, len(wanted))
    for start in range(0, len(wanted), size):
        some = wanted[start : start + size]
        with uninterrupted():
            ends = _window(some, store, journal, entries)
        outcomes += ends
        if progress:
            progress(len(outcomes), len(wanted))
        bad = {outcome.end for outcome in ends}
        if End.UNKNOWN in bad or (End.REFUSED in bad and not keep_going):
            break
    return tuple(outcomes)


def _window(
    wanted: Sequence[Request], store: Writable, journal: Journal, entries: Mapping[DN, Entry]
) -> tuple[Outcome, ...]:
    """Carry out requests that are on their way at once."""
    changes = [request.change for request in wanted]
    facts = store.intend(changes, entries)
    first = journal.next
    journal.write(*(intend(*step) for step in zip(count(first), wanted, facts, strict=False)))
    outcomes = store.carry_out_each(changes)
    dones = [
        (number, _RESULTS[outcome.end]) for number, outcome in enumerate(outcomes, first) if outcome.end in _RESULTS
    ]
    journal.write(*({"event": "done", "n": number, "result": result} for number, result in dones))
    return outcomes


def _shown(value: bytes) -> str:
    """Give a value for a message."""
    return printable(value.decode(errors="backslashreplace"))


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
