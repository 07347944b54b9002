"""The way back: what a journal says was applied, undone; on a file byte by byte, on a server value by value."""

from collections.abc import Mapping, Sequence

from remedy.apply import Request, apply_changes
from remedy.change import touched
from remedy.journal import Journal, Log
from remedy.stores.base import Live, Outcome
from remedy.stores.target import LdifTarget
from remedy.wayback import records, values
from remedy.wayback.steps import Back

__all__ = ["Back", "backs", "roll_back", "settled"]

Target = LdifTarget | Live


def settled(log: Log, target: Target) -> Mapping[int, bool]:
    """Say of each step that is in doubt whether it happened, by looking.

    Raises:
        InputError: the steps of the journal do not hold together.
        Stale: what is there is neither what was nor what was to be.
    """
    return records.settled(log, target) if isinstance(target, LdifTarget) else values.settled(log, target)


def backs(log: Log, target: Target, doubts: Mapping[int, bool], only: frozenset[str]) -> tuple[Back, ...]:
    """Give the way back, newest step first; ``only`` picks values by their ids (empty = all of them).

    Raises:
        Stale: something was changed since.
        RemedyError: an id in ``only`` is none that was applied.
    """
    if isinstance(target, LdifTarget):
        return records.backs(log, target, doubts, only)
    return values.backs(log, target, doubts, only)


def roll_back(way: Sequence[Back], target: Target, journal: Journal) -> tuple[Outcome, ...]:
    """Undo steps, and say what became of each; what was not tried any more is missing at the end.

    Raises:
        Stale: a file is not as it was when it was read; nothing was undone.
        InputError: the journal or the file cannot be written.
    """
    if isinstance(target, LdifTarget):
        return records.roll_back(way, target, journal)
    entries = target.entries([back.change.dn for back in way], touched(back.change for back in way))
    return apply_changes([Request(back.id, back.change, back.ids) for back in way], target, journal, entries)
