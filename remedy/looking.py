"""A look at a target: what it holds now of what matters to a plan, and what will become of each value.

Law: whoever holds an address of the plan is looked for over the whole directory, hidden entries and targets included.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from remedy.addresses import ProxyAddress
from remedy.apply import rehearsed, requests
from remedy.change import Add, Op, touched
from remedy.dialects import Wanted, by_name, lift, skim
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import RemedyError, Stale
from remedy.judging import GONE, Counts, Result, Value, counted_results, first_conflict, judged
from remedy.plan import Plan, Step
from remedy.stores.base import Readable
from remedy.taking import kept
from remedy.text import joined, printable

__all__ = ["Look", "Report", "judged_anew", "looked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of each value."""

    plan: str
    target: str
    dry_run: bool
    values: tuple[Value, ...]
    journal: str = ""
    backup: str = ""
    stop: RemedyError | None = None
    """The gate that a dry run found closed."""
    before: int = 0
    """Values that earlier runs of the same journal applied."""
    trouble: RemedyError | None = None
    """What stopped a run after its journal had begun."""
    unsure: bool = False
    """Whether the end of some request is not known."""
    unseen: tuple[str, ...] = ()
    """What the target may hold and did not show, in sentences."""

    @property
    def counts(self) -> Counts:
        """How many values came to which end."""
        return counted_results(self.values)

    def to_dict(self) -> dict[str, Any]:
        """Give it as ``remedy/apply/1``."""
        return {
            "schema": "remedy/apply/1",
            "plan": f"sha256:{self.plan}",
            "target": self.target,
            "dry_run": self.dry_run,
            "journal": self.journal or None,
            "backup": self.backup or None,
            "unseen": list(self.unseen),
            "values": [asdict(value) for value in self.values],
            "summary": asdict(self.counts),
        }


@dataclass(frozen=True, slots=True)
class Look:
    """What the target holds now of what matters to a plan."""

    entries: dict[DN, Entry]
    holders: Mapping[str, list[str]]
    """From the key of an address, the names of those that hold it."""
    unseen: tuple[str, ...] = ()
    """What the target may hold and did not show, in sentences."""

    def holding(self, value: bytes) -> tuple[str, ...]:
        """Name the entries that hold an address."""
        try:
            proxy = ProxyAddress.parse(value.decode())
        except (UnicodeDecodeError, ValueError):
            return ()
        return tuple(dict.fromkeys(self.holders.get(proxy.key, ()))) if proxy.is_ms else ()

    def shared(self, plan: Plan, values: Iterable[Value]) -> tuple[Value, ...]:
        """Say of each value that was applied whether somebody else has come to hold the address too."""
        others = {name: self._others(step, value) for step in plan.steps for name, value in _added(step)}
        return tuple(
            replace(
                value, result=Result.CONFLICT, expected="nobody else holding it",
                found=f"applied, and {joined(map(printable, others[value.id]))} holding it too",
            )
            if value.result is Result.APPLIED and others.get(value.id) else value
            for value in values
        )  # fmt: skip

    def _others(self, step: Step, values: tuple[bytes, ...]) -> tuple[str, ...]:
        """Name those besides the entry of a step that hold one of some addresses."""
        held = (dn for value in values for dn in self.holding(value))
        return tuple(dn for dn in dict.fromkeys(held) if DN.parse(dn) != step.change.dn)

    def report(self, plan: Plan, target: str, done: frozenset[str]) -> Report:
        """Say what becomes of each value; a rehearsal in memory proves that it can be done."""
        values = tuple(_told(value, done) for value in judged(plan.steps, self.entries, self.holding))
        rehearsed(self.entries.values(), [request.change for request in requests(plan.steps, values)])
        before = sum(value.result is Result.ALREADY and value.id in done for value in values)
        return Report(plan=plan.digest, target=target, dry_run=False, values=values, before=before, unseen=self.unseen)


def looked(plan: Plan, store: Readable) -> Look:
    """Read what matters to a plan: its entries, and over the whole directory whoever holds one of its addresses."""
    dialect = by_name(plan.dialect)
    names = tuple(step.change.dn for step in plan.steps)
    wanted = Wanted(
        dns=(*names, *(dn.parent for dn in names)), addresses=tuple(_addresses(plan)), attributes=touched(plan.changes)
    )
    entries: dict[DN, Entry] = {}
    ordinary = skim(wanted, plan.dialect)  # of which none holds an address of the plan
    for entry in kept(store, dialect.query(wanted), ordinary):
        if entry.dn in entries and entry.dn in names:
            raise Stale(
                printable(str(entry.dn)), "entry", expected="one record", found=f"a second one at {entry.where}"
            )
        entries[entry.dn] = entry
    holders: dict[str, list[str]] = {}
    estate = lift(dialect, entries.values(), store.name, wanted)
    for recipient in estate.recipients:
        for proxy in recipient.held:
            holders.setdefault(proxy.key, []).append(recipient.dn)
    touching = [entries[step.change.dn] for step in plan.steps if step.change.dn in entries]
    bare = [entry for entry in touching if entry.has(dialect.names.store) and not entry.has(dialect.names.proxies)]
    return Look(entries, holders, tuple(_unseen(store, estate.hidden.get(store.name), bare)))


def _unseen(store: Readable, hidden: int | None, bare: Iterable[Entry]) -> Iterator[str]:
    """Say what a server may hold and did not show, so that a second holder of an address might be missed."""
    notes, name = store.notes(), printable(store.name)
    if not notes.live:
        return
    if hidden == 0:
        yield (
            f"{name} shows no hidden object: a hidden one that holds an address would not be seen. Bind with a name that "
            "ends in cn=admin (Q185475)."
        )
    for entry in bare:
        yield (
            f"{printable(str(entry.dn))} shows no address at all, though Exchange generates some for a mailbox (Q147518): this "
            "account may not see them. Bind as one that may."
        )
    for place in notes.elsewhere:
        yield f"{printable(place)} was not read: whoever holds an address there was not seen."


def judged_anew(
    steps: tuple[Step, ...], look: Look, before: Sequence[Value], after: Sequence[Value]
) -> tuple[tuple[Step, ...], tuple[Value, ...], RemedyError | None]:
    """Judge steps that were refused by a new look: give those to try again, every value, and the first conflict.

    A step that looks as it did before is not tried again: the server sees something that it does not show us.
    """
    fresh = {value.id: value for value in judged(steps, look.entries, look.holding)}
    known = {value.id: value for value in before}
    moved = tuple(step for step in steps if any(fresh[item["id"]] != known[item["id"]] for item in step.expects()))
    ids = {item["id"] for step in moved for item in step.expects()}
    values = tuple(fresh[value.id] if value.id in ids else value for value in after)
    return moved, values, first_conflict(value for value in values if value.id in ids)


def _added(step: Step) -> Iterator[tuple[str, tuple[bytes, ...]]]:
    """Give the values that a step adds, by their ids; a new entry has one id for all of them."""
    ids = [item["id"] for item in step.expects()]
    if isinstance(step.change, Add):
        yield ids[0], tuple(value for attribute in step.change.entry for value in attribute.values)
        return
    pairs = ((mod.op, value) for mod in getattr(step.change, "mods", ()) for value in mod.values)
    for name, (op, value) in zip(ids, pairs, strict=True):
        if op is Op.ADD:
            yield name, (value,)


def _addresses(plan: Plan) -> Iterator[str]:
    """Give the Microsoft Mail addresses that the plan puts on entries."""
    for step in plan.steps:
        parts = step.change.entry if isinstance(step.change, Add) else getattr(step.change, "mods", ())
        for value in (value for part in parts for value in part.values):
            with suppress(UnicodeDecodeError, ValueError):
                proxy = ProxyAddress.parse(value.decode())
                if proxy.is_ms:
                    yield proxy.body


def _told(value: Value, done: frozenset[str]) -> Value:
    """Say of a value that is as it should be if it was this journal's doing; what it took away is not there any more."""
    ours = value.id in done and (value.result is Result.ALREADY or value.found == GONE)
    return replace(value, result=Result.ALREADY, expected="", found="applied by this journal") if ours else value
