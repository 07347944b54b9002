"""A plan as a flat list of calls, for languages in which a script is data first and machinery after.

Law: each value is a statement of its own, and a long text several, so that no line of a script comes near a limit.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from remedy.change import Op
from remedy.dialects import by_name
from remedy.dn import DN
from remedy.errors import RemedyError
from remedy.plan import Plan
from remedy.quoting import comment
from remedy.scripts.base import Word, context

__all__ = ["PIECE", "Deed", "Value", "deeds", "pieces"]

PIECE = 160
"""How much of a text a statement holds, in characters of the script."""
_WIDE = 34  # what one character beyond ASCII takes at most: two UTF-16 units, each a ChrW(-nnnnn) or a [char]nnnnn

Pieces = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """One value that is added or deleted."""

    id: str
    """The unit that it belongs to, as the plan counts them: ``c1.3``."""
    op: str
    attribute: str
    text: Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """The change of one entry."""

    id: str
    name: Pieces
    reason: Pieces
    """In words that are printed."""
    kind: str = ""
    """The class of an entry that is made; empty where one is changed."""
    leaf: Pieces = ()
    parent: Pieces = ()
    values: tuple[Value, ...]
    by_hand: Pieces = ()


def pieces(text: str, most: int = PIECE) -> Pieces:
    """Cut a text so that each piece is short when it is quoted; there is at least one."""
    found, start, size = [], 0, 0
    for place, char in enumerate(text):
        cost = _WIDE if not " " <= char <= "~" else 2 if char in "\"'" else 1
        if size and size + cost > most:
            found.append(text[start:place])
            start, size = place, 0
        size += cost
    return (*found, text[start:])


def deeds(plan: Plan, written: Callable[[DN], str] = str) -> Iterator[dict[str, Any]]:
    """Give what templates are told besides, for the way there and the way back; ``written`` writes names down.

    Raises:
        RemedyError: a new entry has not exactly one class.
    """
    words, names = context(plan, ""), by_name(plan.dialect).names
    ids = {word.id: _units(word) for word in words["steps"]}
    for way, key in (("apply", "steps"), ("undo", "back")):
        calls = tuple(_deed(word, ids[word.id], written) for word in words[key])
        yield {"way": way, "deeds": calls, "dialect": plan.dialect, "proxies": names.proxies, "target": names.target}


def _units(word: Word) -> Mapping[tuple[str, str], str]:
    """Name the units of a change as the plan counts them: a new entry is one, else each value is."""
    values = ((name, value) for _, name, every in word.mods for value in every)
    return {pair: f"{word.id}.{1 if word.new else number}" for number, pair in enumerate(values, 1)}


def _deed(word: Word, ids: Mapping[tuple[str, str], str], written: Callable[[DN], str]) -> Deed:
    """Put one change into calls."""
    name = DN.parse(word.dn)
    kinds = tuple(chain.from_iterable(each for _, attribute, each in word.mods if attribute == "objectClass"))
    if word.new and len(kinds) != 1:
        raise RemedyError(f"{word.id}: a new entry needs exactly one object class, and this has {len(kinds)}.")
    return Deed(
        id=word.id,
        name=pieces(written(name)),
        reason=pieces(comment(word.reason)),
        kind=kinds[0] if word.new else "",
        leaf=pieces(written(DN(name.rdns[:1]))) if word.new else (),
        parent=pieces(written(name.parent)) if word.new else (),
        values=tuple(_values(word, ids)),
        by_hand=pieces(comment(word.by_hand)) if word.by_hand else (),
    )


def _values(word: Word, ids: Mapping[tuple[str, str], str]) -> Iterator[Value]:
    """Give the values of a change, the deleted ones first: that is the order in which one request means them."""
    for wanted in (Op.DELETE, Op.ADD):
        for op, attribute, every in word.mods:
            if op == wanted and not (word.new and attribute == "objectClass"):
                yield from (Value(ids[attribute, value], op, attribute, pieces(value)) for value in every)
