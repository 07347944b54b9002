"""Steps of a journal and of the way back, whatever the target is."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from remedy.change import Change, Mod, Modify, Op, reverse
from remedy.dn import DN
from remedy.errors import InputError, RemedyError
from remedy.ldif import dump_change, parse_changes
from remedy.stores.rewrite import Touch
from remedy.text import joined, printable

__all__ = ["Back", "Event", "change_in", "name_in", "not_applied", "sound_changes"]

Event = Mapping[str, Any]

_KEPT = 1 << 13
"""What so many steps say is kept: it is asked for again and again."""

_PLAIN = re.compile(r"dn: (.+)\nchangetype: modify\n((?:(?:add|delete): .++\n(?:(?!-\n).++\n)++-\n)++)\n")
_PART = re.compile(r"(add|delete): (.++)\n((?:(?!-\n).++\n)++)-\n")

name_in = lru_cache(maxsize=_KEPT)(DN.parse)
"""Read the name in a step."""


@dataclass(frozen=True, slots=True)
class Back:
    """One step of the way back."""

    id: str
    change: Change
    """What is done now."""
    ids: tuple[str, ...]
    """The values that it takes back."""
    dn: str
    touch: Touch | None = None
    """The bytes of a record in a file; None on a server."""
    by_hand: str = ""
    """What is left for a person to do."""


@lru_cache(maxsize=_KEPT)
def change_in(text: str) -> Change:
    """Read the change in a step.

    Raises:
        ValueError: it is not one change.
        InputError: it cannot be read.
    """
    if plain := _plainly(text):
        return plain
    (change,) = parse_changes(text.encode(), "journal")
    return change


def _plainly(text: str) -> Modify | None:
    """Read a modification in plain lines, if the text is what the LDIF room writes of it, which is what it reads back."""
    found = _PLAIN.fullmatch(text.replace("\n ", ""))
    with suppress(ValueError):
        if found:
            mods = (
                Mod(Op(op), name, tuple(line.removeprefix(f"{name}: ").encode() for line in lines.splitlines()))
                for op, name, lines in _PART.findall(found[2])
            )
            change = Modify(name_in(found[1]), tuple(mods))
            return change if dump_change(change) == text else None
    return None


def sound_changes(
    event: Event, whole: Callable[[Event, Change, Change], bool] = lambda *_: True
) -> tuple[Change, Change]:
    """Give what a step did and what undoes it, if they and its values belong together; ``whole`` may ask for more.

    Raises:
        InputError: they do not.
    """
    what = f"step {event['n']} does not say one thing"
    fault = InputError.of("the journal", what, "Give the journal as `remedy` wrote it.")
    try:
        made = change_in(event["do"])
        undo = _written(made, event["undo"]) or change_in(event["undo"])
        fits = made.dn == undo.dn and _is_named(made, event["values"]) and whole(event, made, undo)
    except (ValueError, KeyError, InputError):
        raise fault from None
    if not fits:
        raise fault
    return made, undo


def _written(made: Change, undo: str) -> Modify | None:
    """Give the way back of a modification if it is what a text says: what the LDIF room writes, it reads back."""
    back = reverse(made)
    return back if isinstance(back, Modify) and dump_change(back) == undo else None


def _is_named(made: Change, ids: Collection[str]) -> bool:
    """Tell whether the values of a change have their ids: each its own, or one for the addresses of a new mailbox."""
    count = sum(len(mod.values) for mod in made.mods) if isinstance(made, Modify) else 1
    return len(ids) in {1, count}


def not_applied(only: frozenset[str], done: Iterable[Event]) -> None:
    """Refuse ids that are none of those that were applied.

    Raises:
        RemedyError: there are some.
    """
    known = {name for event in done for name in event["values"]}
    if missing := sorted(only - known):
        raise RemedyError(
            f"--only: the journal has applied no {joined(map(printable, missing))}; "
            f"it has applied {joined(map(printable, sorted(known)), most=8)}."
        )
