"""The verb that leads back: rollback, previewed, asked for, and journalled itself."""

from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from remedy.apply import Unnoted, uninterrupted
from remedy.errors import Interrupted, Partly, Refused, RemedyError, Stale
from remedy.journal import Journal, Log, read_log
from remedy.query import AllOf, Query
from remedy.stores.apart import same_file
from remedy.stores.base import End, Live, Outcome
from remedy.stores.places import File, Server, Target, place_of
from remedy.stores.target import LdifTarget
from remedy.text import joined, printable
from remedy.wayback import Back, backs, roll_back, settled

__all__ = ["RollbackWishes", "Undone", "rollback"]

_ENDS = {End.MADE: "undone", End.REFUSED: "failed", End.UNKNOWN: "unknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackWishes:
    """Everything a user can ask of rollback."""

    only: frozenset[str] = frozenset()
    dry_run: bool = False
    asks: bool = False
    """Whether somebody is asked, which takes time: a server is looked at again after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What a rollback took back, or would take back."""

    target: str
    dry_run: bool
    way: tuple[Back, ...]
    journal: str = ""
    outcomes: tuple[Outcome, ...] | None = None
    """What became of each step, as far as it was tried; None = nothing was tried."""
    fault: RemedyError | None = None
    """What stood in the way of the journal after something was undone."""
    elsewhere: str = ""
    """Where the journal was written for, if that is not where it is undone."""

    @property
    def ends(self) -> tuple[str, ...]:
        """How each step ended: ``undone``, ``failed``, ``unknown`` or ``skipped``."""
        found = [_ENDS[outcome.end] for outcome in self.outcomes or ()]
        rest = "undone" if self.outcomes is None else "skipped"
        return (*found, *([rest] * (len(self.way) - len(found))))

    @property
    def unsure(self) -> bool:
        """Whether the end of some step is not known."""
        return "unknown" in self.ends or self.fault is not None

    @property
    def trouble(self) -> RemedyError | None:
        """What stood in the way."""
        return next((outcome.why for outcome in self.outcomes or () if outcome.why), self.fault)

    def to_dict(self) -> dict[str, Any]:
        """Give it as ``remedy/rollback/1``."""
        steps = [
            {"id": back.id, "dn": back.dn, "values": list(back.ids), "result": end, "by_hand": back.by_hand or None}
            for back, end in zip(self.way, self.ends, strict=True)
        ]
        undone = [step for step in steps if step["result"] == "undone"]
        values = sum(len(back.ids) for back, end in zip(self.way, self.ends, strict=True) if end == "undone")
        return {
            "schema": "remedy/rollback/1",
            "target": self.target,
            "dry_run": self.dry_run,
            "journal": self.journal or None,
            "steps": steps,
            "summary": {"steps": len(undone), "values": values},
        }


def rollback(journal: Path, target: Target, wishes: RollbackWishes, confirm: Callable[[Undone], bool]) -> Undone:
    """Undo what a journal says was applied, newest first, or with ``dry_run`` say what would be undone.

    Raises:
        Stale: a record or a value was changed since.
        Refused: nobody confirmed.
        InputError: the journal or the target cannot be read or written.
        Unreachable: the server cannot be reached.
    """
    log, place, own = read_log(journal), place_of(target), _free(journal)
    try:
        with nullcontext() if wishes.dry_run else place.held(journal), closing(_opened(place, wishes)) as store:
            doubts = _looked(log, store)
            way = backs(log, store, doubts, wishes.only)
            if not wishes.only:
                _accounted(journal, store, log.applied_ids(doubts) - {name for back in way for name in back.ids})
            undone = Undone(target=store.name, dry_run=wishes.dry_run, way=way, elsewhere=_elsewhere(log, store))
            if wishes.dry_run or not way:
                return undone
            if not confirm(undone):
                raise Refused("Nothing was undone. Answer yes, or say --yes where nobody can be asked.")
            if wishes.asks and store.window:
                _same_again(log, store, wishes, way)
            return _undone(undone, log, store, journal, own)
    except KeyboardInterrupt:
        if own.exists():
            raise Interrupted(f"interrupted; {printable(str(own))} says what was undone.") from None
        raise


def _opened(place: File | Server, wishes: RollbackWishes) -> LdifTarget | Live:
    """Open what is to be changed; a file that is only looked at need not be ours to write."""
    if isinstance(place, File) and wishes.dry_run:
        return LdifTarget(place.path, name=place.name, writes=False)
    return place.writer()


def _elsewhere(log: Log, store: LdifTarget | Live) -> str:
    """Name the place that a journal was written for, if it is another one by name."""
    said = str(log.begin.get("target"))
    same = said == store.place if store.window else same_file(said, store.place)
    return "" if same else said


def _same_again(log: Log, store: LdifTarget | Live, wishes: RollbackWishes, shown: tuple[Back, ...]) -> None:
    """Look again, on a new line: what was shown to somebody must be what is undone.

    Raises:
        Stale: it is not the same any more.
    """
    store.close()
    now = backs(log, store, _looked(log, store), wishes.only)
    if [(back.change, back.ids) for back in now] != [(back.change, back.ids) for back in shown]:
        dns = joined(dict.fromkeys(printable(back.dn) for back in shown), most=3)
        advice = "Give the command again, to see what would be undone now."
        raise Stale(dns, "values", expected="as they were shown", found="changed while you were asked", advice=advice)


def _undone(undone: Undone, log: Log, store: LdifTarget | Live, journal: Path, place: Path) -> Undone:
    """Undo it, journalled."""
    begin = {
        "kind": "rollback",
        "plan": log.begin["plan"],
        "of": str(journal.resolve()),
        "target": store.place,
        "changes": len(undone.way),
    }
    own = Journal.create(place, begin, resume_hint="")
    try:
        with nullcontext() if store.window else uninterrupted():
            done = replace(undone, journal=str(place))
            try:
                done = replace(done, outcomes=roll_back(undone.way, store, own))
                if not done.unsure:
                    own.write({"event": "end", "summary": done.to_dict()["summary"]})
            except Unnoted as broken:
                done = replace(done, outcomes=broken.outcomes, fault=broken.why)
            except Partly as broken:
                done = replace(done, outcomes=tuple(Outcome(End.UNKNOWN, broken) for _ in undone.way))
    finally:
        own.close()
    return done


def _looked(log: Log, store: LdifTarget | Live) -> Mapping[int, bool]:
    """Find out whether a file is LDIF at all, and of each step in doubt whether it happened."""
    if isinstance(store, LdifTarget):
        next(iter(store.read(Query(AllOf(()), ()))), None)
    return settled(log, store)


def _accounted(journal: Path, store: LdifTarget | Live, gone: frozenset[str]) -> None:
    """Refuse to go back where somebody else took away what was applied; what earlier rollbacks took is accounted for.

    Raises:
        Stale: somebody did.
    """
    applied = gone
    for number in count(1):
        own = _numbered(journal, number)
        if not gone or not own.is_file():
            break
        log = read_log(own)
        ours = same_file(str(log.begin.get("of")), str(journal))
        if ours and not _elsewhere(log, store):
            gone -= log.applied_ids({event["n"]: True for event in log.in_doubt})  # what is gone was ours, then
    if gone:
        events = read_log(journal).intends.values()
        dns = dict.fromkeys(printable(_dn(event)) for event in events if gone & set(event["values"]))
        found, advice = "gone", "Find out who took it away; to undo the others, name each with --only."
        if gone == applied and len(gone) == len({name for event in events for name in event["values"]}):
            found = "none of it, or this account may not see it"
            advice = "Check that TARGET is the directory that was changed, and find out who took it away."
        raise Stale(
            joined(dns, most=3),
            f"value {joined(sorted(gone), most=5)}",
            expected="as applied",
            found=found,
            advice=advice,
        )


def _dn(event: Mapping[str, Any]) -> str:
    """Name the entry that a step touched."""
    return str(event.get("dn") or event["do"].partition("\n")[0].removeprefix("dn: "))


def _numbered(journal: Path, number: int) -> Path:
    """Name the journal of the first, second, … rollback of a run."""
    return journal.with_name(f"{journal.name}.rollback{number if number > 1 else ''}")


def _free(journal: Path) -> Path:
    """Give the name of a journal for a rollback that is not taken yet."""
    return next(place for number in count(1) if not (place := _numbered(journal, number)).exists())
