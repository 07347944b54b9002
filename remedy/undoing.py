"""The verb that leads back: rollback, previewed, asked for, and journalled itself."""

import glob
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from remedy.apply import uninterrupted
from remedy.dn import DN
from remedy.errors import Interrupted, Refused, Stale
from remedy.journal import Journal, read_log
from remedy.query import AnyOf, Named, Query
from remedy.rollback import Back, backs, roll_back, settled
from remedy.stores.target import LdifTarget, locked, target_file
from remedy.text import joined, printable

__all__ = ["RollbackWishes", "Undone", "rollback"]


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

    def to_dict(self) -> dict[str, Any]:
        """Give it as ``remedy/rollback/1``."""
        steps = [{"id": back.id, "dn": back.touch.dn, "values": list(back.ids)} for back in self.way]
        values = sum(len(back.ids) for back in self.way)
        return {
            "schema": "remedy/rollback/1",
            "target": self.target,
            "dry_run": self.dry_run,
            "journal": self.journal or None,
            "steps": steps,
            "summary": {"steps": len(steps), "values": values},
        }


def rollback(journal: Path, target: str, wishes: RollbackWishes, confirm: Callable[[Undone], bool]) -> Undone:
    """Undo what a journal says was applied, newest first, or with ``dry_run`` say what would be undone.

    Raises:
        Stale: a record was changed since.
        Refused: nobody confirmed.
        InputError: the journal or the target cannot be read or written.
    """
    log = read_log(journal)
    path = target_file(target)
    with nullcontext() if wishes.dry_run else locked(path):
        store = LdifTarget(path, name=target)
        _readable(store)
        doubts = settled(log, store)
        way = backs(log, store, doubts, wishes.only)
        if way and not wishes.only:
            _accounted(journal, log.applied_ids(doubts) - {name for back in way for name in back.ids})
        undone = Undone(target=target, dry_run=wishes.dry_run, way=way)
        if wishes.dry_run or not way:
            return undone
        if not confirm(undone):
            raise Refused("Nothing was undone. Answer yes, or say --yes where nobody can be asked.")
        place = _free(journal)
        begin = {
            "kind": "rollback",
            "plan": log.begin["plan"],
            "of": str(journal.resolve()),
            "target": str(path.resolve()),
        }
        own = Journal.create(place, {**begin, "changes": len(way)}, resume_hint="")
        try:
            with uninterrupted():
                roll_back(way, store, own)
                own.write({"event": "end", "summary": undone.to_dict()["summary"]})
        except KeyboardInterrupt:
            raise Interrupted(f"interrupted; {printable(str(place))} says what was undone.") from None
        finally:
            own.close()
        return replace(undone, journal=str(place))


def _readable(store: LdifTarget) -> None:
    """Find out whether the target is LDIF at all, before its records are looked for."""
    for _ in store.read(Query(AnyOf((Named(DN(())),)), ())):
        pass


def _accounted(journal: Path, gone: frozenset[str]) -> None:
    """Refuse to go back where somebody else took some of the values away, and left others."""
    for place in sorted(journal.parent.glob(f"{glob.escape(journal.name)}.rollback*")):
        log = read_log(place)
        if log.begin.get("of") == str(journal.resolve()):
            gone -= log.applied_ids({})
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
