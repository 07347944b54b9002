"""LDIF change records (RFC 2849): for every tool that takes them."""

from collections.abc import Iterable, Iterator

from remedy.change import Add, Change
from remedy.dialects import STAYS
from remedy.ldif import dump_change
from remedy.plan import Plan, Step
from remedy.quoting import Encoded, comment
from remedy.scripts.base import Format, Piece, taken_back

__all__ = ["FORMAT", "both_ways", "records"]


def records(steps: Iterable[Step], changes: Iterable[Change], *, width: int = 76) -> Encoded:
    """Write change records, each with its reason above it."""
    pairs = zip(steps, changes, strict=True)
    return Encoded(
        "".join(
            dump_change(change, comments=[comment(f"{step.id}: {step.reason}")], width=width) for step, change in pairs
        )
    )


def _pieces(plan: Plan) -> Iterator[Piece]:
    """Give the way there and the way back."""
    yield from both_ways(plan)


def both_ways(plan: Plan, *, width: int = 76, newline: str = "\n", suffix: str = "ldif") -> Iterator[Piece]:
    """Give the records of the way there and of the way back, as files that a script can carry out."""
    back = tuple(reversed(plan.steps))
    ways = {
        "change": records(plan.steps, plan.changes, width=width),
        "undo": records(back, (taken_back(step, plan.dialect) for step in back), width=width),
    }
    stays = any(isinstance(change, Add) for change in plan.changes)
    for name, text in ways.items():
        by_hand = (STAYS,) if name == "undo" and stays else ()
        told = {"digest": plan.digest, "way": name, "records": text, "by_hand": by_hand}
        yield Piece(name=f"{name}.{suffix}", template="scripts/ldif/records.ldif", context=told, newline=newline)


FORMAT = Format(title="LDIF change records", pieces=_pieces)
