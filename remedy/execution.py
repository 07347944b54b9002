"""The verb that writes: apply, with its gates in the order of the contract.

Order: shape of the file (1), digest (5), preconditions (5), hazards (4), confirmation (4); then the backup, then the
journal, then the change.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from remedy.apply import Request, Result, apply_changes, ended, first_conflict, judged, requests, uninterrupted
from remedy.errors import Interrupted, Refused, RemedyError, Stale
from remedy.journal import Journal, Log, read_log
from remedy.looking import Look, Report, looked
from remedy.plan import Plan
from remedy.stores.base import End, Live, Outcome
from remedy.stores.places import File, Target, place_of
from remedy.stores.target import LdifTarget
from remedy.text import joined, printable
from remedy.wayback import settled

__all__ = ["ApplyWishes", "Report", "apply"]

Store = LdifTarget | Live

_SETTLED = {True: "applied", False: "failed"}
_TURNS = 3  # how often a step is judged anew before what the server says counts


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyWishes:
    """Everything a user can ask of apply."""

    allow: frozenset[str] = frozenset()
    expect: str = ""
    """The digest that the plan must have."""
    dry_run: bool = False
    keep_going: bool = False
    resume: bool = False
    asks: bool = False
    """Whether somebody is asked, which takes time: a server is looked at again after it."""
    journal: Path = Path()
    output: Path | None = None
    """Where the changed copy goes; None = the target itself."""


def apply(
    plan: Plan,
    target: Target,
    wishes: ApplyWishes,
    confirm: Callable[[Report], bool],
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Carry a plan out on a file or a server, or with ``dry_run`` say what would become of each value.

    Raises:
        Stale: the digest or a precondition does not hold.
        Refused: a hazard is not allowed, or nobody confirmed.
        InputError: the target, its backup or the journal cannot be read or written.
        Unreachable: the server cannot be reached.
    """
    _expected(plan, wishes.expect)
    place = place_of(target)
    if wishes.output and isinstance(place, File):
        _free(wishes, place.path)
    if wishes.dry_run:
        with closing(place.reader()) as store:
            report = looked(plan, store).report(plan, place.name, frozenset())
        return replace(report, dry_run=True, stop=_gate(plan, report, wishes))
    try:
        with place.held(wishes.journal), closing(_Run(plan, place.writer(wishes.output), wishes, progress)) as run:
            return run.apply(confirm)
    except KeyboardInterrupt:
        if wishes.journal.exists():
            raise Interrupted(_stopped(wishes.journal)) from None
        raise


def _free(wishes: ApplyWishes, path: Path) -> None:
    """Refuse to write a copy over something else."""
    output = wishes.output
    if output and output.exists() and not wishes.resume and output.resolve() != path.resolve():
        raise Refused(f"{printable(str(output))} is there already. Name a new file with -o.")


def _expected(plan: Plan, expect: str) -> None:
    """Hold the plan against the digest that was approved."""
    if expect and expect.removeprefix("sha256:").lower() != plan.digest:
        advice = "Give the plan that was approved, or have this one approved."
        raise Stale("the plan", "digest", expected=printable(expect), found=f"sha256:{plan.digest}", advice=advice)


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


class _Run:
    """A run that writes: from the journal that it may go on with to the last word in it."""

    def __init__(
        self, plan: Plan, store: Store, wishes: ApplyWishes, progress: Callable[[int, int], None] | None
    ) -> None:
        self.plan, self.store, self.wishes, self.progress = plan, store, wishes, progress

    def close(self) -> None:
        """Let go of the target."""
        self.store.close()

    def apply(self, confirm: Callable[[Report], bool]) -> Report:
        """Go through the gates, then carry out."""
        log = self._resumed()
        doubts = self._settled(log) if log else {}
        look = looked(self.plan, self.store)
        report = look.report(self.plan, self.store.name, log.applied_ids(doubts) if log else frozenset())
        if stop := _gate(self.plan, report, self.wishes):
            raise stop
        if report.counts.applied and not confirm(report):
            raise Refused("Nothing was changed. Answer yes, or say --yes where nobody can be asked.")
        if self.wishes.asks and self.store.window:
            look = self._again(report)
        return self._carried_out(report, look, doubts)

    def _again(self, shown: Report) -> Look:
        """Look again, on a new line: what was shown to somebody must be what is done."""
        self.store.close()
        look = looked(self.plan, self.store)
        now = look.report(self.plan, self.store.name, frozenset()).values
        for old, new in zip(shown.values, now, strict=True):
            if old.result is not new.result:
                advice = "It changed while you were asked. Give the command again, to see what will become of it now."
                raise Stale(printable(new.dn), new.what, expected=old.result, found=new.result, advice=advice)
        return look

    def _resumed(self) -> Log | None:
        """Read the journal that the run goes on with; it must be of this plan and this target."""
        name = printable(str(self.wishes.journal))
        if not self.wishes.resume:
            if self.wishes.journal.exists():
                raise Refused(
                    f"The journal {name} is there already. Go on with it by --resume, or name another with --journal."
                )
            return None
        log = read_log(self.wishes.journal)
        advice = "Name the journal of this very run with --journal."
        for key, found in (("plan", f"sha256:{self.plan.digest}"), ("target", self.store.place)):
            if log.begin.get(key) != found:
                said = printable(str(log.begin.get(key)))
                raise Stale(name, key, expected=said, found=printable(found), advice=advice)
        return log

    def _settled(self, log: Log) -> Mapping[int, bool]:
        """Say of each step in doubt whether it happened, by looking where it would have happened."""
        output = self.wishes.output
        if output and not output.exists():
            return {event["n"]: False for event in log.in_doubt}
        return settled(log, LdifTarget(output) if output else self.store)

    def _carried_out(self, report: Report, look: Look, doubts: Mapping[int, bool]) -> Report:
        """Back the target up, journal, change."""
        unended = self.wishes.resume and read_log(self.wishes.journal).end is None
        if not report.counts.applied and not doubts and not unended:
            if self.wishes.output and isinstance(self.store, LdifTarget):
                self.store.replace(())
            return report
        backup = self._backup()
        journal = self._opened(backup)
        try:
            told = (
                {"event": "done", "n": n, "result": _SETTLED[happened], "settled": True}
                for n, happened in doubts.items()
            )
            journal.write(*told)
            with nullcontext() if self.store.window else uninterrupted():
                report = self._sent(report, look, journal)
                if not report.unsure:
                    journal.write({"event": "end", "summary": asdict(report.counts)})
        finally:
            journal.close()
        return replace(report, journal=str(self.wishes.journal), backup=backup)

    def _sent(self, report: Report, look: Look, journal: Journal) -> Report:
        """Send what is to be applied; where the directory was not as it was read, look again, and send what is left.

        A request that was refused was not made: sending what is left of it anew is no second try of the same thing.
        """
        values, steps = report.values, self.plan.steps
        trouble: RemedyError | None = None
        unsure = False
        for turn in range(_TURNS):
            todo = requests(steps, values)
            ends = apply_changes(
                todo, self.store, journal, look.entries, keep_going=self.wishes.keep_going, progress=self.progress
            )
            values, trouble = ended(values, todo, ends)
            unsure = any(outcome.end is End.UNKNOWN for outcome in ends)
            steps = tuple(step for step in steps if step.id in _outdated(todo, ends))
            if unsure or not steps or turn == _TURNS - 1:
                break
            look = looked(self.plan, self.store)
            fresh = {value.id: value for value in judged(steps, look.entries, look.holding)}
            values = tuple(fresh.get(value.id, value) for value in values)
            conflict = first_conflict(fresh.values())
            trouble = conflict
            if conflict and not self.wishes.keep_going:
                break
        if self.store.window and not unsure and any(value.result is Result.APPLIED for value in values):
            values = looked(self.plan, self.store).shared(self.plan, values)
        return replace(report, values=values, trouble=trouble, unsure=unsure)

    def _backup(self) -> str:
        """Copy a file before it is changed; a server keeps its before-images in the journal."""
        if not isinstance(self.store, LdifTarget):
            return ""
        backup = self.store.path.with_name(f"{self.store.path.name}.{self.plan.digest[:8]}.bak")
        if not (self.wishes.resume and backup.exists()):
            self.store.backup(backup)
        return str(backup)

    def _opened(self, backup: str) -> Journal:
        """Begin the journal, or go on with it."""
        if self.wishes.resume:
            return Journal.resume(self.wishes.journal)
        begin = {
            "kind": "apply",
            "plan": f"sha256:{self.plan.digest}",
            "dialect": self.plan.dialect,
            "target": self.store.place,
            "backup": backup,
            "changes": len(self.plan.steps),
        }
        return Journal.create(self.wishes.journal, begin, resume_hint="Go on with it by --resume.")


def _outdated(sent: Sequence[Request], outcomes: Sequence[Outcome]) -> set[str]:
    """Name the steps that were refused because the directory is not as it was read."""
    pairs = zip(sent, outcomes, strict=False)
    return {request.step for request, item in pairs if item.end is End.REFUSED and isinstance(item.why, Stale)}


def _stopped(journal: Path) -> str:
    """Say how to go on after an interruption."""
    return (
        f"interrupted; {printable(str(journal))} says what was done. Go on with the same command and --resume, or go back "
        f"with remedy rollback {printable(str(journal))} TARGET."
    )
