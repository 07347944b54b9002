"""The verb that leads back: rollback, previewed, asked for, and journalled itself."""

import glob
from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from remedy.apply import uninterrupted
from remedy.dn import DN
from remedy.errors import Interrupted, Refused, RemedyError, Stale
from remedy.journal import Journal, Log, read_log
from remedy.query import AnyOf, Named, Query
from remedy.stores.base import End, Live, Outcome
from remedy.stores.places import Target, place_of
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What a rollback took back, or would take back."""

    target: str
    dry_run: bool
    way: tuple[Back, ...]
    journal: str = ""
    outcomes: tuple[Outcome, ...] | None = None
    """What became of each step, as far as it was tried; None = nothing was tried."""

    @property
    def ends(self) -> tuple[str, ...]:
        """How each step ended: ``undone``, ``failed``, ``unknown`` or ``skipped``."""
        found = [_ENDS[outcome.end] for outcome in self.outcomes or ()]
        rest = "undone" if self.outcomes is None else "skipped"
        return (*found, *([rest] * (len(self.way) - len(found))))

    @property
    def unsure(self) -> bool:
        """Whether the end of some step is not known."""
        return "unknown" in self.ends

    @property
    def trouble(self) -> RemedyError | None:
        """What stood in the way."""
        return next((outcome.why for outcome in self.outcomes or () if outcome.why), None)

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
        with nullcontext() if wishes.dry_run else place.held(journal), closing(place.writer()) as store:
            doubts = _looked(log, store)
            way = backs(log, store, doubts, wishes.only)
            if way and not wishes.only:
                _accounted(journal, log.applied_ids(doubts) - {name for back in way for name in back.ids})
            undone = Undone(target=store.name, dry_run=wishes.dry_run, way=way)
            if wishes.dry_run or not way:
                return undone
            if not confirm(undone):
                raise Refused("Nothing was undone. Answer yes, or say --yes where nobody can be asked.")
            return _undone(undone, log, store, journal, own)
    except KeyboardInterrupt:
        if own.exists():
            told = f"interrupted; {printable(str(own))} says what was undone"
            raise Interrupted(f"{told}. Give the same command again to undo the rest.") from None
        raise


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
            outcomes = roll_back(undone.way, store, own)
            done = replace(undone, journal=str(place), outcomes=outcomes)
            if not done.unsure:
                own.write({"event": "end", "summary": done.to_dict()["summary"]})
    finally:
        own.close()
    return done


def _looked(log: Log, store: LdifTarget | Live) -> Mapping[int, bool]:
    """Find out whether a file is LDIF at all, and of each step in doubt whether it happened."""
    if isinstance(store, LdifTarget):
        for _ in store.read(Query(AnyOf((Named(DN(())),)), ())):
            pass
    return settled(log, store)


def _accounted(journal: Path, gone: frozenset[str]) -> None:
    """Refuse to go back where somebody else took some of the values away, and left others."""
    for place in sorted(journal.parent.glob(f"{glob.escape(journal.name)}.rollback*")):
        log = read_log(place)
        if log.begin.get("of") == str(journal.resolve()):
            gone -= log.applied_ids({event["n"]: True for event in log.in_doubt})  # what is gone was ours, then
    if gone:
        events = read_log(journal).intends.values()
        dns = dict.fromkeys(printable(event["dn"]) for event in events if gone & set(event["values"]))
        advice = "Find out who took it away; to undo the others, name each with --only."
        raise Stale(joined(dns), f"value {joined(sorted(gone))}", expected="as applied", found="gone", advice=advice)


def _free(journal: Path) -> Path:
    """Give the name of a journal for a rollback that is not taken yet."""
    number = 1
    while (place := journal.with_name(f"{journal.name}.rollback{number if number > 1 else ''}")).exists():
        number += 1
    return place
