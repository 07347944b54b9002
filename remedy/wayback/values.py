"""The way back on a server: what a journal says was applied is undone, newest first, value by value.

Law: a value is taken back only in the very spelling in which it was written. A mailbox that was made stays: deleting it
over LDAP would orphan its store (Q284199).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from remedy.change import Add, Change, Mod, Modify, Op, mods_of, touched
from remedy.dialects import STAYS, by_name
from remedy.dn import DN
from remedy.entry import Entry, same_value
from remedy.errors import Stale
from remedy.journal import Log
from remedy.stores.base import Live
from remedy.text import joined, printable
from remedy.wayback.steps import Back, Event, not_applied, sound_changes

__all__ = ["backs", "settled"]

_LOOK = "Look at the entry: another hand was in it. Undo the rest value by value with --only."
_SEE = (
    "Bind as an account that may read it, then give the command again. If the entry really holds none, set it right by the "
    "LDIF in the journal; nothing was guessed."
)


@dataclass(frozen=True, slots=True)
class _Done:
    """One value that was applied."""

    id: str
    step: str
    dn: DN
    mod: Mod
    """What was done, of this one value."""
    new: bool = False
    """Whether the entry itself was made then."""


def settled(log: Log, target: Live) -> dict[int, bool]:
    """Say of each step that is in doubt whether it happened, by looking at the entry.

    Raises:
        InputError: the steps of the journal do not hold together.
        Stale: the entry is neither as it was nor as it was to become.
    """
    made = {event["n"]: sound_changes(event)[0] for event in log.intends.values()}
    doubts = {event["n"]: made[event["n"]] for event in log.in_doubt}
    entries = target.entries([change.dn for change in doubts.values()], touched(doubts.values()))
    return {number: _happened(number, change, entries.get(change.dn)) for number, change in doubts.items()}


def _happened(number: int, change: Change, entry: Entry | None) -> bool:
    """Compare an entry with both ends of a change, which a server makes as a whole or not at all (RFC 4511 §4.6)."""
    if isinstance(change, Add) and entry is None:
        return False
    if entry and isinstance(change, Modify) and not any(map(entry.has, touched([change]))):
        raise Stale(
            printable(str(change.dn)), f"step {number}", expected="the entry before or after it",
            found=f"no value of {joined(touched([change]))} at all, which this account may not see", advice=_SEE,
        )  # fmt: skip
    pairs = [(mod, value) for mod in mods_of(change) for value in mod.values] if entry else []
    ends = {entry.shows(mod.attribute, value) is (mod.op is Op.ADD) for mod, value in pairs} if entry else set()
    if len(ends) == 1:
        return ends.pop()
    found = "some of its values and not others" if entry else "no such entry"
    raise Stale(
        printable(str(change.dn)), f"step {number}", expected="the entry before or after it", found=found,
        advice="Another hand was in it. Look at the entry, and set it right by the LDIF in the journal.",
    )  # fmt: skip


def backs(log: Log, target: Live, doubts: Mapping[int, bool], only: frozenset[str]) -> tuple[Back, ...]:
    """Give the way back, newest step first; ``only`` picks values by their ids (empty = all of them).

    A value that is gone is left out: whether that is as it should be is for the caller to say.

    Raises:
        Stale: a value is there in another spelling, or one that ``only`` names is gone.
        RemedyError: an id in ``only`` is none that was applied.
    """
    done = [event for n, event in log.intends.items() if doubts.get(n, log.dones.get(n, {}).get("result") == "applied")]
    not_applied(only, done)
    latest: dict[str, tuple[_Done, ...]] = {}
    for event in done:
        for name, values in _values(event, str(log.begin.get("dialect", ""))):
            latest.pop(name, None)
            latest[name] = values
    wanted = [item for name, items in reversed(latest.items()) if not only or name in only for item in items]
    entries = target.entries([item.dn for item in wanted], [item.mod.attribute for item in wanted])
    return tuple(_steps(wanted, entries, strict=bool(only)))


def _values(event: Event, dialect: str) -> Iterator[tuple[str, tuple[_Done, ...]]]:
    """Give what a step did, by the ids of its values; of a new mailbox the addresses of postmasters count."""
    made, _ = sound_changes(event)
    if isinstance(made, Modify):
        values = [Mod(mod.op, mod.attribute, (value,)) for mod in made.mods for value in mod.values]
        names = event["values"]
        for name, some in (
            [(names[0], values)] if len(names) == 1 else zip(names, ([one] for one in values), strict=True)
        ):
            yield name, tuple(_Done(name, event["id"], made.dn, mod) for mod in some)
        return
    proxies, held = by_name(dialect).names.proxies, by_name(dialect).postmasters(made.entry)
    for name in event["values"]:
        yield name, tuple(_Done(name, event["id"], made.dn, Mod(Op.ADD, proxies, (value,)), new=True) for value in held)


def _steps(wanted: Iterable[_Done], entries: Mapping[DN, Entry], *, strict: bool) -> Iterator[Back]:
    """Make one request of what is taken back from one entry."""
    grouped: dict[DN, list[_Done]] = {}
    for item in wanted:
        if _is_left(item, entries.get(item.dn), strict=strict):
            grouped.setdefault(item.dn, []).append(item)
    for dn, items in grouped.items():
        mods = tuple(mod for op in (Op.DELETE, Op.ADD) for mod in _joined(items, op))
        by_hand = STAYS if any(item.new for item in items) else ""
        ids = tuple(dict.fromkeys(item.id for item in items))
        yield Back(items[0].step, Modify(dn, mods), ids, str(dn), by_hand=by_hand)


def _joined(items: Iterable[_Done], op: Op) -> Iterator[Mod]:
    """Put the values that one attribute gets back, or loses, together."""
    values: dict[str, list[bytes]] = {}
    for item in items:
        if item.mod.op is not op:
            values.setdefault(item.mod.attribute, []).extend(item.mod.values)
    for attribute, some in values.items():
        yield Mod(op, attribute, tuple(some))


def _is_left(item: _Done, entry: Entry | None, *, strict: bool) -> bool:
    """Tell whether what was done to a value is still in force; ``strict`` refuses if it is not.

    Raises:
        Stale: the value is there in another spelling.
    """
    held = entry.exact(item.mod.attribute) if entry else ()
    (value,) = item.mod.values
    variants = [old for old in held if same_value(old, value)]
    shown = printable(value.decode(errors="backslashreplace"))
    if item.mod.op is Op.ADD and variants == [value]:
        return True
    if item.mod.op is Op.DELETE and not variants and entry is not None:
        return True
    if [old for old in variants if old != value]:  # a server that compares without case may take away the wrong one
        others = joined(printable(old.decode(errors="backslashreplace")) for old in variants)
        raise Stale(printable(str(item.dn)), f"value {item.id}", expected=shown, found=others, advice=_LOOK)
    if strict:
        advice = "Leave that value out of --only."
        raise Stale(printable(str(item.dn)), f"value {item.id}", expected="as applied", found="gone", advice=advice)
    return False
