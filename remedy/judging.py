"""Judging: what will become of each value of a plan, from what the target holds now.

Law: an address that somebody else holds is never given to a second one, in whatever spelling.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from remedy.addresses import ProxyAddress
from remedy.change import Add, Mod, Modify, Op
from remedy.dn import DN
from remedy.entry import Entry, same_value
from remedy.errors import Stale
from remedy.plan import Step
from remedy.text import joined, printable

__all__ = ["GONE", "Counts", "Result", "Value", "conflicting", "counted_results", "first_conflict", "judged"]

GONE = "no such value"
"""What is found where a value to delete is not there in any case."""

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
    left, lost = _without(entry, step.change) if entry else (entry, frozenset())
    pairs = ((mod, value) for mod in step.change.mods for value in mod.values)
    for name, (mod, value) in zip(ids, pairs, strict=True):
        shown = _shown(value)
        judge = Value(name, str(step.change.dn), f"{mod.attribute}: {shown}", Result.APPLIED)
        if entry is None or left is None:
            yield replace(judge, result=Result.CONFLICT, expected="an entry of this name", found="none")
        elif mod.op is Op.ADD:
            names = tuple(dn for dn in holders(value) if _key(value) not in lost or DN.parse(dn) != entry.dn)
            yield _to_add(judge, left, mod, value, names)
        else:
            yield _to_delete(judge, entry, mod, value)


def _without(entry: Entry, change: Modify) -> tuple[Entry, frozenset[str | None]]:
    """Give an entry without what a change takes away, and the keys of the addresses that it loses.

    What goes by the same change is never there already, in whatever spelling: else it would be lost.
    """
    lost: set[str | None] = set()
    for mod in change.mods:
        if mod.op is Op.DELETE:
            held = entry.exact(mod.attribute)
            lost |= {_key(value) for value in held if value in mod.values}
            entry = entry.with_values(mod.attribute, tuple(value for value in held if value not in mod.values))
    return entry, frozenset(lost)


def _key(value: bytes) -> str | None:
    """Give the form in which two addresses are one; None if the value is no address."""
    try:
        return ProxyAddress.parse(value.decode()).key
    except ValueError:
        return None


def _to_add(judge: Value, left: Entry, mod: Mod, value: bytes, held_by: tuple[str, ...]) -> Value:
    """Judge a value to add: not there in any case, and nobody else holds the address (contract, Preconditions)."""
    if any(same_value(old, value) for old in left.values(mod.attribute)):
        return replace(judge, result=Result.ALREADY)
    others = [dn for dn in held_by if DN.parse(dn) != left.dn]
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
    return replace(judge, result=Result.CONFLICT, expected=_shown(value), found=joined(like) or GONE)


def _new_entry(name: str, new: Entry, entries: Mapping[DN, Entry], holders: Holders) -> Value:
    """Judge an entry to add: not there, its parent there, and nobody holds its addresses."""
    judge = Value(name, str(new.dn), "entry", Result.APPLIED)
    held = entries.get(new.dn)
    if held:
        same = all(held.shows(attribute.name, value) for attribute in new for value in attribute.values)
        found = "another one of this name"
        return replace(judge, result=Result.ALREADY) if same else conflicting(judge, "no entry of this name", found)
    if not any(new.dn.parent in {dn, dn.parent} for dn in entries):
        return conflicting(judge, f"its container {printable(str(new.dn.parent))}", "none")
    for attribute in new:
        for value in attribute.values:
            if others := holders(value):
                found = f"{joined(map(printable, others))} holding it"
                return conflicting(judge, f"nobody holding {_shown(value)}", found)
    return judge


def conflicting(judge: Value, expected: str, found: str) -> Value:
    """Make a judgement a conflict."""
    return replace(judge, result=Result.CONFLICT, expected=expected, found=found)


def _shown(value: bytes) -> str:
    """Give a value for a message."""
    return printable(value.decode(errors="backslashreplace"))
