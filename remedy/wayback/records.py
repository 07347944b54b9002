"""The way back on an LDIF file: what a journal says was applied is undone, newest first, record by record.

Law: a record gets its very bytes back, and only if its bytes are those that were written; anything else stops the run.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count

from remedy.apply import Request, Unnoted, intend
from remedy.change import Add, Change, Delete, Mod, Modify, Op, reverse
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import InputError, Stale
from remedy.journal import Journal, Log
from remedy.ldif import dump_change
from remedy.stores.base import End, Outcome
from remedy.stores.rewrite import Record, Touch, is_end, leading, records, touches
from remedy.stores.target import LdifTarget, facts_of
from remedy.text import joined, printable
from remedy.wayback.steps import Back, Event, change_in, name_in, not_applied, sound_changes

__all__ = ["backs", "roll_back", "settled"]

Found = Mapping[DN, Record]

_ADVICE = "Undo the later change first; or undo this one by hand: the journal holds its LDIF."
_GONE = "Leave that value out of --only."


def settled(log: Log, target: LdifTarget) -> dict[int, bool]:
    """Say of each step that is in doubt whether it happened, by looking at the record.

    Raises:
        InputError: the steps of the journal do not hold together.
        Stale: the record is neither as it was nor as it was to become.
    """
    for event in log.intends.values():
        sound_changes(event, whole=_is_whole)
    found = _found(log.in_doubt, target)
    return {event["n"]: _happened(event, target, found) for event in log.in_doubt}


def _found(events: Iterable[Event], target: LdifTarget) -> Found:
    """Give the records that some steps touched, by one look through the file."""
    dns = {name_in(event["dn"]) for event in events}
    return records(target.path, target.name, dns) if dns else {}


def _is_whole(event: Event, made: Change, undo: Change) -> bool:
    """Tell whether the bytes of a step belong to its change."""
    try:
        dn, ends = name_in(event["dn"]), (bool(event["old"]), bool(event["new"]))
    except (ValueError, KeyError):
        return False
    kinds = {Add: (Delete, (False, True)), Modify: (Modify, (True, True)), Delete: (Add, (True, False))}
    whole = not isinstance(made, Modify) or len(_values(made)) == len(event["values"])
    return whole and made.dn == dn and (type(undo), ends) == kinds[type(made)]


def _happened(event: Event, target: LdifTarget, found: Found) -> bool:
    """Compare a record with both ends of a step."""
    old, new = _bytes(event, "old"), _bytes(event, "new")
    record = found.get(name_in(event["dn"]))
    now = record.raw if record else b""
    lead = leading(target.path, old or new) if not (old and new) else 0
    if now == new[lead if not old else 0 :]:
        return True
    if now == old[lead if not new else 0 :]:
        return False
    raise Stale(
        printable(event["dn"]),
        f"step {event['n']}",
        expected="the record before or after it",
        found="neither",
        advice=_ADVICE,
    )


def backs(log: Log, target: LdifTarget, doubts: Mapping[int, bool], only: frozenset[str]) -> tuple[Back, ...]:
    """Give the way back, newest step first; ``only`` picks values by their ids (empty = all of them).

    Raises:
        Stale: a record was changed since.
        RemedyError: an id in ``only`` is none that was applied.
    """
    done = [event for n, event in log.intends.items() if doubts.get(n, log.dones.get(n, {}).get("result") == "applied")]
    not_applied(only, done)
    wanted = [event for event in _merged(done) if not only or not only.isdisjoint(event["values"])]
    found = _found((event for event in wanted if event["new"]), target)
    return tuple(back for event in reversed(wanted) for back in _back(event, log, target, only, found))


def _back(event: Event, log: Log, target: LdifTarget, only: frozenset[str], found: Found) -> Iterator[Back]:
    """Give the way back of one step of which some values are wanted."""
    ids = tuple(name for name in event["values"] if not only or name in only)
    made = change_in(event["do"])
    old, new, dn = _bytes(event, "old"), _bytes(event, "new"), name_in(event["dn"])
    if not new:  # a record that a way back took out: it is put in again
        undo = change_in(event["undo"])
        assert isinstance(undo, Add)
        yield Back(event["id"], undo, ids, event["dn"], _again(event, log, target, undo))
        return
    if not old:
        if (place := _unchanged(event, target, found.get(dn), new)) is not None:
            yield Back(event["id"], reverse(made), ids, event["dn"], Touch(event["dn"], place, new, b""))
        return
    assert isinstance(made, Modify)
    record, whole = _ours(event, found.get(dn), made, old)
    if not whole.mods:  # all of it is undone already
        return
    if len(ids) == len(event["values"]):
        there = set(_values(whole))
        left = tuple(name for name, value in zip(ids, _values(made), strict=True) if value in there)
        yield Back(event["id"], whole, left, event["dn"], Touch(event["dn"], record.offset, record.raw, old))
        return
    part = _part(made, event["values"], ids)
    there = set(_values(whole))
    pairs = zip(event["values"], _values(made), strict=True)
    if gone := [name for name, value in pairs if name in ids and value not in there]:
        raise Stale(printable(event["dn"]), f"value {joined(gone)}", expected="as applied", found="gone", advice=_GONE)
    yield Back(event["id"], part, ids, event["dn"], record.touch(part))


def _merged(done: Iterable[Event]) -> tuple[Event, ...]:
    """Put the steps of a journal that touch one record together: a run that went on touches it once more."""
    found: dict[DN, Event] = {}
    for event in done:
        dn = name_in(event["dn"])
        found[dn] = _together(found.pop(dn), event) if dn in found else event
    return tuple(found.values())


def _together(first: Event, then: Event) -> Event:
    """Make one step of two; what was taken back in between and made again counts once."""
    one, two = (change_in(event["do"]) for event in (first, then))
    if not (isinstance(one, Modify) and isinstance(two, Modify)):
        return then
    ids = tuple(name for name in first["values"] if name not in then["values"])
    kept = reverse(_part(one, first["values"], ids)) if ids else Modify(one.dn, ())
    assert isinstance(kept, Modify)
    whole = Modify(two.dn, (*kept.mods, *two.mods))
    return {
        **then,
        "values": [*ids, *then["values"]],
        "do": dump_change(whole),
        "undo": dump_change(reverse(whole)),
        "old": first["old"],
        "apart": first.get("apart", False) or first["new"] != then["old"],
    }


def _again(event: Event, log: Log, target: LdifTarget, undo: Add) -> Touch:
    """Put the very bytes of a record back where they were, or, if no record ends there now, where a new one goes."""
    touch = touches(target.path, target.name, [undo])[0]
    before = (item for item in log.intends.values() if item["offset"] < event["offset"])
    place = event["offset"] + sum(len(_bytes(item, "new")) - len(_bytes(item, "old")) for item in before)
    place = place if is_end(target.path, target.name, place) else touch.offset
    return Touch(touch.dn, place, touch.old, _bytes(event, "old"))


def _ours(event: Event, record: Record | None, made: Modify, old: bytes) -> tuple[Record, Modify]:
    """Give a record in which nothing but our own values changed, and the way back of those that are still there.

    Values that were taken back one by one may be gone; without the others the record must be the old one, byte for byte.
    """
    if record is None:
        raise Stale(printable(event["dn"]), "record", expected="the one that was written", found="none", advice=_ADVICE)
    left = tuple(_left(mod, record.entry) for mod in reversed(made.mods))
    back = Modify(name_in(event["dn"]), tuple(mod.reverse() for mod in left if mod))
    if not event.get("apart") and record.raw == (old if not back.mods else _bytes(event, "new")):
        return record, back
    if back.mods and record.touch(back).new == old:
        return record, back
    raise Stale(printable(event["dn"]), "record", expected="as it was written", found="changed since", advice=_ADVICE)


def _left(mod: Mod, entry: Entry) -> Mod | None:
    """Give the part of a modification that is still in force."""
    held = entry.exact(mod.attribute)
    kept = tuple(value for value in mod.values if (value in held) is (mod.op is Op.ADD))
    return Mod(mod.op, mod.attribute, kept) if kept else None


def _values(change: Modify) -> tuple[tuple[str, bytes], ...]:
    """Give what a modification touches, value by value."""
    return tuple((mod.attribute, value) for mod in change.mods for value in mod.values)


def _part(made: Change, values: list[str], ids: tuple[str, ...]) -> Modify:
    """Give the way back of some values of a modification."""
    assert isinstance(made, Modify)
    names = iter(values)
    mods = [(mod, tuple(value for value in mod.values if next(names) in ids)) for mod in made.mods]
    kept = tuple(Mod(mod.op, mod.attribute, found) for mod, found in mods if found)
    back = reverse(Modify(made.dn, kept))
    assert isinstance(back, Modify)
    return back


def _unchanged(event: Event, target: LdifTarget, record: Record | None, new: bytes) -> int | None:
    """Give the place of a new record that is as it was written, the line ends before it included; None if it is gone."""
    if record is None:
        return None
    lead = leading(target.path, new)
    place = record.offset - lead
    if place >= 0 and record.raw == new[lead:] and target.bytes_at(place, len(new)) == new:
        return place
    raise Stale(printable(event["dn"]), "record", expected="as it was written", found="changed since", advice=_ADVICE)


def roll_back(way: Sequence[Back], target: LdifTarget, journal: Journal) -> tuple[Outcome, ...]:
    """Undo steps together; the way back has a journal of its own, so that it can be taken back too.

    Raises:
        Stale: the file is not as it was when it was read; nothing was undone.
        InputError: the journal or the file cannot be written; nothing was undone.
        Unnoted: it was undone, and that could not be noted.
    """
    touched = [back.touch for back in way if back.touch is not None]
    facts = map(facts_of, touched)
    first = journal.next
    journal.write(
        *(
            intend(number, Request(back.id, back.change, back.ids), fact)
            for number, back, fact in zip(count(first), way, facts, strict=False)
        )
    )
    target.replace(touched)
    outcomes = tuple(Outcome(End.MADE) for _ in way)
    try:
        journal.write(*({"event": "done", "n": number, "result": "applied"} for number, _ in enumerate(way, first)))
    except InputError as fault:
        raise Unnoted(outcomes, fault) from None
    return outcomes


def _bytes(event: Event, key: str) -> bytes:
    """Read bytes from the journal."""
    return base64.b64decode(event[key])
