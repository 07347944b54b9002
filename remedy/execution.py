"""The verb that writes: apply, with its gates in the order of the contract.

Order: shape of the file (1), digest (5), preconditions (5), hazards (4), confirmation (4); then the backup, then the
journal, then the change.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from remedy.addresses import ProxyAddress
from remedy.apply import (
    Counts,
    Result,
    Value,
    apply_changes,
    counted_results,
    first_conflict,
    judged,
    rehearsed,
    requests,
    uninterrupted,
)
from remedy.change import Add
from remedy.dialects import Wanted, by_name, lift
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import Interrupted, Refused, RemedyError, Stale
from remedy.journal import Journal, Log, read_log
from remedy.plan import Plan
from remedy.rollback import settled
from remedy.stores.base import Readable
from remedy.stores.ldif import LdifStore
from remedy.stores.target import LdifTarget, locked, target_file
from remedy.text import joined, printable

__all__ = ["ApplyWishes", "Report", "apply"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyWishes:
    """Everything a user can ask of apply."""

    allow: frozenset[str] = frozenset()
    expect: str = ""
    """The digest that the plan must have."""
    dry_run: bool = False
    keep_going: bool = False
    resume: bool = False
    journal: Path = Path()
    output: Path | None = None
    """Where the changed copy goes; None = the target itself."""


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
            "values": [asdict(value) for value in self.values],
            "summary": asdict(self.counts),
        }


def apply(plan: Plan, target: str, wishes: ApplyWishes, confirm: Callable[[Report], bool]) -> Report:
    """Carry a plan out on an LDIF file, or with ``dry_run`` say what would become of each value.

    Raises:
        Stale: the digest or a precondition does not hold.
        Refused: a hazard is not allowed, or nobody confirmed.
        InputError: the target, its backup or the journal cannot be read or written.
    """
    _expected(plan, wishes.expect)
    path = target_file(target)
    if wishes.output and wishes.output.exists() and not wishes.resume and wishes.output.resolve() != path.resolve():
        raise Refused(f"{printable(str(wishes.output))} is there already. Name a new file with -o.")
    if wishes.dry_run:
        report = _judged(plan, target, LdifStore(path, name=target), frozenset())
        return replace(report, dry_run=True, stop=_gate(plan, report, wishes))
    with locked(path):
        store = LdifTarget(path, name=target, output=wishes.output)
        log = _resumed(plan, store, wishes)
        doubts = _settled(log, store, wishes)
        report = _judged(plan, target, store, log.applied_ids(doubts) if log else frozenset())
        if stop := _gate(plan, report, wishes):
            raise stop
        if report.counts.applied and not confirm(report):
            raise Refused("Nothing was changed. Answer yes, or say --yes where nobody can be asked.")
        return _carried_out(plan, store, wishes, report, doubts)


def _expected(plan: Plan, expect: str) -> None:
    """Hold the plan against the digest that was approved."""
    if expect and expect.removeprefix("sha256:").lower() != plan.digest:
        advice = "Give the plan that was approved, or have this one approved."
        raise Stale("the plan", "digest", expected=printable(expect), found=f"sha256:{plan.digest}", advice=advice)


def _resumed(plan: Plan, store: LdifTarget, wishes: ApplyWishes) -> Log | None:
    """Read the journal that a run goes on with; it must be of this plan and this target."""
    name = printable(str(wishes.journal))
    if not wishes.resume:
        if wishes.journal.exists():
            raise Refused(
                f"The journal {name} is there already. Go on with it by --resume, or name another with --journal."
            )
        return None
    log = read_log(wishes.journal)
    advice = "Name the journal of this very run with --journal."
    for key, found in (("plan", f"sha256:{plan.digest}"), ("target", str((wishes.output or store.path).resolve()))):
        if log.begin.get(key) != found:
            raise Stale(name, key, expected=printable(str(log.begin.get(key))), found=printable(found), advice=advice)
    return log


def _settled(log: Log | None, store: LdifTarget, wishes: ApplyWishes) -> dict[int, bool]:
    """Say of each step in doubt whether it happened, by looking where it would have happened."""
    if not log:
        return {}
    place = store
    if wishes.output:
        if not wishes.output.exists():
            return {event["n"]: False for event in log.in_doubt}
        place = LdifTarget(wishes.output)
    return settled(log, place)


def _judged(plan: Plan, target: str, store: Readable, done: frozenset[str]) -> Report:
    """Read the target and say what becomes of each value; a rehearsal in memory proves that it can be done."""
    dialect = by_name(plan.dialect)
    names = tuple(step.change.dn for step in plan.steps)
    wanted = Wanted(dns=(*names, *(dn.parent for dn in names)), addresses=tuple(_addresses(plan)))
    entries: dict[DN, Entry] = {}
    for entry in store.read(dialect.query(wanted)):
        if entry.dn in entries and entry.dn in names:
            raise Stale(
                printable(str(entry.dn)), "entry", expected="one record", found=f"a second one at {entry.where}"
            )
        entries[entry.dn] = entry
    holders: dict[str, list[str]] = {}
    for recipient in lift(dialect, entries.values(), target, wanted).recipients:
        for proxy in recipient.held:
            holders.setdefault(proxy.key, []).append(recipient.dn)
    values = judged(plan.steps, entries, lambda value: _held(holders, value))
    values = tuple(_told(value, done) for value in values)
    rehearsed(entries.values(), [request.change for request in requests(plan.steps, values)])
    before = sum(value.result is Result.ALREADY and value.id in done for value in values)
    return Report(plan=plan.digest, target=target, dry_run=False, values=values, before=before)


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
    """Say of a value that is there already if it was this journal's doing."""
    ours = value.result is Result.ALREADY and value.id in done
    return replace(value, found="applied by this journal") if ours else value


def _held(holders: Mapping[str, list[str]], value: bytes) -> tuple[str, ...]:
    """Name the entries that hold an address."""
    try:
        proxy = ProxyAddress.parse(value.decode())
    except (UnicodeDecodeError, ValueError):
        return ()
    return tuple(dict.fromkeys(holders.get(proxy.key, ()))) if proxy.is_ms else ()


def _gate(plan: Plan, report: Report, wishes: ApplyWishes) -> RemedyError | None:
    """Give the first gate that is closed: preconditions, then hazards."""
    conflict = first_conflict(report.values)
    if conflict and not wishes.keep_going:
        return conflict
    missing = [hazard["name"] for hazard in plan.hazards if hazard["name"] not in wishes.allow]
    if missing and report.counts.applied:
        flags = " ".join(f"--allow {name}" for name in missing)
        return Refused(f"The plan has hazards that nobody allowed: {joined(missing)}. To go on: {flags}")
    return None


def _carried_out(
    plan: Plan, store: LdifTarget, wishes: ApplyWishes, report: Report, doubts: Mapping[int, bool]
) -> Report:
    """Back the target up, journal, change."""
    todo = requests(plan.steps, report.values)
    unended = wishes.resume and read_log(wishes.journal).end is None
    if not todo and not doubts and not unended:
        if wishes.output:
            store.replace(())
        return report
    backup = store.path.with_name(f"{store.path.name}.{plan.digest[:8]}.bak")
    if not (wishes.resume and backup.exists()):
        store.backup(backup)
    journal = _opened(plan, store, wishes, backup)
    try:
        for number, happened in doubts.items():
            journal.write(
                {"event": "done", "n": number, "result": "applied" if happened else "failed", "settled": True}
            )
        with uninterrupted():
            if todo:
                apply_changes(todo, store, journal)
            journal.write({"event": "end", "summary": asdict(report.counts)})
    except KeyboardInterrupt:
        raise Interrupted(_stopped(wishes.journal)) from None
    finally:
        journal.close()
    return replace(report, journal=str(wishes.journal), backup=str(backup))


def _stopped(journal: Path) -> str:
    """Say how to go on after an interruption."""
    return (
        f"interrupted; {printable(str(journal))} says what was done. Go on with the same command and --resume, or go back "
        f"with remedy rollback {printable(str(journal))} TARGET."
    )


def _opened(plan: Plan, store: LdifTarget, wishes: ApplyWishes, backup: Path) -> Journal:
    """Begin the journal, or go on with it."""
    if wishes.resume:
        return Journal.resume(wishes.journal)
    begin = {
        "kind": "apply",
        "plan": f"sha256:{plan.digest}",
        "dialect": plan.dialect,
        "target": str((wishes.output or store.path).resolve()),
        "backup": str(backup),
        "changes": len(plan.steps),
    }
    return Journal.create(wishes.journal, begin, resume_hint="Go on with it by --resume.")
