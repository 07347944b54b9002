"""The verb that writes: apply, with its gates in the order of the contract.

Order: shape of the file (1), digest (5), preconditions (5), hazards (4), confirmation (4); then the backup, then the
journal, then the change.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from remedy.apply import Request, Unnoted, apply_changes, ended, outdated, requests, uninterrupted
from remedy.errors import InputError, Interrupted, Partly, Refused, RemedyError, Stale
from remedy.hazards import hazards_of
from remedy.journal import Journal, Log, read_log
from remedy.judging import Result, Value, first_conflict
from remedy.looking import Look, Report, judged_anew, looked
from remedy.plan import Plan
from remedy.stores.apart import apart, backup_of, free, same_file
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
    if isinstance(place, File):
        place, wishes = _settled_files(place, wishes, plan)
    if wishes.dry_run:
        with closing(place.reader()) as store:
            report = looked(plan, store).report(plan, place.name, frozenset())
        return replace(report, dry_run=True, stop=_gate(plan, report, wishes))
    try:
        held = place.held(wishes.journal, wishes.output)
        with held, closing(_Run(plan, place.writer(wishes.output), wishes, progress)) as run:
            return run.apply(confirm)
    except KeyboardInterrupt:
        if wishes.journal.exists():
            raise Interrupted(f"interrupted; {printable(str(wishes.journal))} says what was done.") from None
        raise


def _settled_files(place: File, wishes: ApplyWishes, plan: Plan) -> tuple[File, ApplyWishes]:
    """Settle which file is changed: a run that goes on with a copy that is there changes that copy.

    Raises:
        UsageError: two of the files that the run needs would be one.
        Refused: the copy would take the place of something else.
        InputError: the journal has no folder to lie in.
    """
    output = wishes.output
    apart(place.path, output, wishes.journal, plan.digest)
    if not wishes.dry_run and not wishes.journal.absolute().parent.is_dir():
        what = "the journal cannot be written: its folder is not there"
        raise InputError.of(str(wishes.journal), what, "Name another place with --journal.")
    if not output:
        return place, wishes
    if wishes.resume and output.exists():
        return File(output, str(output)), replace(wishes, output=None)
    free(output, place.path)
    return place, wishes


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
    missing = [hazard.name for hazard in hazards_of(plan) if hazard.name not in wishes.allow]
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
        done = log.applied_ids(doubts) if log else frozenset()
        report = look.report(self.plan, self.store.name, done)
        if stop := _gate(self.plan, report, self.wishes):
            raise stop
        if report.counts.applied and not confirm(report):
            raise Refused("Nothing was changed. Answer yes, or say --yes where nobody can be asked.")
        if self.wishes.asks and self.store.window:
            look = self._again(report, done)
        return self._carried_out(report, look, doubts)

    def _again(self, shown: Report, done: frozenset[str]) -> Look:
        """Look again, on a new line: what was shown to somebody must be what is done."""
        self.store.close()
        look = looked(self.plan, self.store)
        now = look.report(self.plan, self.store.name, done).values
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
        said, place = str(log.begin.get("target")), self.store.place
        same = said == place if self.store.window else same_file(said, place)
        plan = f"sha256:{self.plan.digest}"
        for key, found, fits in (("plan", plan, log.begin.get("plan") == plan), ("target", place, same)):
            if not fits:
                expected = printable(str(log.begin.get(key)))
                advice = f"Give the {key} as it was then, or name the journal of this very run with --journal."
                raise Stale(name, key, expected=expected, found=printable(found), advice=advice)
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
        backup = self._backup(report)
        if self.wishes.output and isinstance(self.store, LdifTarget):
            free(self.wishes.output, self.store.path)  # somebody may have been asked meanwhile
        journal = self._opened(backup)
        try:
            told = (
                {"event": "done", "n": n, "result": _SETTLED[happened], "settled": True}
                for n, happened in doubts.items()
            )
            journal.write(*told)
            with nullcontext() if self.store.window else uninterrupted():
                report = self._ended(self._sent(report, look, journal), journal)
        finally:
            journal.close()
        return replace(report, journal=str(self.wishes.journal), backup=backup)

    def _ended(self, report: Report, journal: Journal) -> Report:
        """Write the last word, unless something is in doubt."""
        if report.unsure:
            return report
        try:
            journal.write({"event": "end", "summary": asdict(report.counts)})
        except InputError as fault:
            return replace(report, trouble=fault, unsure=True)
        return report

    def _sent(self, report: Report, look: Look, journal: Journal) -> Report:
        """Send what is to be applied; where the directory was not as it was read, look again, and send what is left.

        A request that was refused was not made: sending what is left of it anew is no second try of the same thing.
        """
        values, steps = report.values, self.plan.steps
        trouble: RemedyError | None = None
        for turn in range(_TURNS):
            todo, before = requests(steps, values), values
            try:
                ends = apply_changes(
                    todo, self.store, journal, look.entries, keep_going=self.wishes.keep_going, progress=self.progress
                )
            except Partly as fault:
                return _broken(report, values, todo, fault)
            values, trouble = ended(values, todo, ends)
            if any(outcome.end is End.UNKNOWN for outcome in ends):
                return replace(report, values=values, trouble=trouble, unsure=True)
            late = tuple(step for step in steps if step.id in outdated(todo, ends))
            if not late or turn == _TURNS - 1:
                break
            try:
                look = looked(self.plan, self.store)
            except RemedyError as fault:
                return replace(report, values=values, trouble=fault, unsure=True)
            steps, values, conflict = judged_anew(late, look, before, values)
            trouble = trouble if steps != late else conflict
            if trouble and not self.wishes.keep_going:
                break
        return self._shared(replace(report, values=values, trouble=trouble))

    def _shared(self, report: Report) -> Report:
        """Look once more on a server whether somebody else has come to hold one of the addresses."""
        if not self.store.window or not any(value.result is Result.APPLIED for value in report.values):
            return report
        try:
            return replace(report, values=looked(self.plan, self.store).shared(self.plan, report.values))
        except RemedyError as fault:
            return replace(report, trouble=report.trouble or fault, unsure=True)

    def _backup(self, report: Report) -> str:
        """Copy a file before it is changed; a server keeps its before-images in the journal, and a copy its origin."""
        if not isinstance(self.store, LdifTarget) or self.wishes.output:
            return ""
        first = backup_of(self.store.path, self.plan.digest)
        if not report.counts.applied:
            return str(first) if first.exists() else ""
        names = (first, *(first.with_name(f"{first.name}{number}") for number in range(2, 100)))
        free_ones = (name for name in names if not name.exists() or self.store.is_copied_in(name))
        backup = next(free_ones, first) if self.wishes.resume else first
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


def _broken(report: Report, values: Sequence[Value], sent: Sequence[Request], fault: Partly) -> Report:
    """Say what is known of a run that broke off after something was made."""
    outcomes, why = [Outcome(End.UNKNOWN, fault)] * len(sent), RemedyError(str(fault))
    if isinstance(fault, Unnoted):
        outcomes, why = list(fault.outcomes), fault.why
    told, _ = ended(values, sent, outcomes)
    return replace(report, values=told, trouble=why, unsure=True)
