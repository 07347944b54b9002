"""What there is to draw of a trace: the places on its ways with their real names, before and after.

Law: the names are read out of the very sentences that `courses.TABLE` makes, so that no picture says more than the walk does.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from remedy.courses import TABLE, Place
from remedy.text import printable

__all__ = ["PLACES", "Flow", "Halt", "flows", "shown", "typical"]

Json = Mapping[str, Any]

PLACES: Mapping[str, str] = {
    Place.LIST_SERVER: "List server on the Internet",
    Place.IMS: "Internet Mail Service",
    Place.DIRECTORY: "Exchange directory",
    Place.MAILBOX: "Exchange mailbox",
    Place.AMBIGUOUS: "Ambiguous recipient",
    Place.ELSEWHERE: "Not known where it ends",
    Place.CONNECTOR: "Microsoft Mail connector",
    Place.POSTOFFICE: "Postoffice",
    Place.POSTMASTER: "POSTMASTER mailbox",
    Place.REPORT: "Non-delivery report",
}
"""What the places are called in a picture."""

_WAYS = {str(place): ways for place, ways in TABLE.items()}
_GAP = "\0"
_NO_XML = re.compile("[\ufffe\uffff]")  # printable() leaves them, XML 1.0 §2.2 has no place for them


@dataclass(frozen=True, slots=True)
class Halt:
    """A place on the way, and why the message came there."""

    what: str
    name: str
    """Whose place it is, or which address counts there; may be empty."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One way as it is drawn."""

    title: str
    outcome: str
    halts: tuple[Halt, ...]
    back: int | None
    """The halt to which the last one leads back; None = the way ends there."""
    back_why: str


def flows(trace: Json) -> tuple[Flow, ...]:
    """Give the ways of a trace, before and after; one if there is no other, or nothing changes."""
    before, after = trace["before"], trace["after"]
    if not after or after == before:
        return (_flow(trace, before, "Unchanged" if after else "Now"),)
    return (_flow(trace, before, "Before"), _flow(trace, after, "After"))


def _flow(trace: Json, walk: Json, title: str) -> Flow:
    """Give one way: the last step closes it if it leads to a place where the message has been."""
    path = walk["path"]
    places = [step["at"] for step in path]
    back = places.index(places[-1]) if path and places[-1] in places[:-1] else None
    halts = [
        Halt(_called(step["at"]), _name(trace, step["at"], _found(trace, come, step, then)), shown(step["why"]))
        for come, step, then in zip((None, *places), path, (*path[1:], None), strict=False)
    ]
    kept = halts if back is None else halts[:-1]
    return Flow(
        title=title,
        outcome=shown(walk["outcome"]).replace("-", " "),
        halts=tuple(kept),
        back=back,
        back_why="" if back is None else halts[-1].why,
    )


def _called(place: object) -> str:
    """Give the words for a place."""
    return PLACES.get(str(place)) or shown(place).replace("-", " ")


def _found(trace: Json, come: object, step: Json, then: Json | None) -> str:
    """Give the name that the sentence into a place holds; that of a connector stands in the one out of it."""
    if step["at"] == Place.CONNECTOR:
        return _said(trace, step["at"], then)[1] if then else ""
    return _said(trace, come, step)[1]


def _name(trace: Json, place: object, found: str) -> str:
    """Give the real name that belongs to a place; ``found`` is the one that its sentence holds."""
    match place:
        case Place.LIST_SERVER:
            return shown(trace.get("list_server", ""))  # what logs show; a plan knows none
        case Place.POSTOFFICE:
            return shown(trace["postoffice"])
        case Place.DIRECTORY | Place.POSTMASTER | Place.REPORT:
            return shown(f"{trace['postoffice']}/POSTMASTER")
        case Place.MAILBOX | Place.ELSEWHERE | Place.CONNECTOR:
            return shown(found)
        case Place.AMBIGUOUS if found:
            return shown(f"{found} entries")
    return ""


def _said(trace: Json, come: object, step: Json) -> tuple[str, str]:
    """Give the sentence of the table that a step says, and what it names besides the postoffice; else nothing."""
    po, why = trace["postoffice"], str(step["why"])
    for way in _WAYS.get(str(come), ()):
        if way.to == step["at"]:
            said = way.says.format(po=po, address=f"{po}/POSTMASTER", holder=_GAP, holders=_GAP, connector=_GAP)
            head, gap, tail = said.partition(_GAP)
            if why == said or (gap and len(why) > len(head + tail) and why.startswith(head) and why.endswith(tail)):
                return way.says, why[len(head) : len(why) - len(tail)] if gap else ""
    return "", ""


def typical(traces: Iterable[Json]) -> tuple[dict[str, Any], ...]:
    """Give one ``trace`` of each kind, with the ``names`` of those that go the same ways to the same ends.

    It is the first one whose list server has a name, else the first one whose connector has one, if there is any.
    """
    kinds: dict[object, dict[str, Any]] = {}
    for trace in traces:
        kind = (trace["kind"], *(_kind(trace, trace[side]) for side in ("before", "after")))
        found = kinds.setdefault(kind, {"trace": trace, "names": []})
        found["names"].append(trace["postoffice"])
        if _named(trace) > _named(found["trace"]):
            found["trace"] = trace
    return tuple(kinds.values())


def _named(trace: Json) -> tuple[bool, bool]:
    """Tell whether a list server is known, and whether the way before the plan has a connector with a name."""
    path = trace["before"]["path"]
    connectors = (step["at"] == Place.CONNECTOR and _found(trace, None, step, then) for step, then in pairwise(path))
    return bool(trace.get("list_server")), any(connectors)


def _kind(trace: Json, walk: Json | None) -> object:
    """Give a way without the names on it."""
    path = walk["path"] if walk else ()
    steps = zip((None, *(step["at"] for step in path)), path, strict=False)
    says = ((step["at"], _said(trace, come, step)[0].replace("{connector}", "The connector")) for come, step in steps)
    return walk and (walk["outcome"], tuple(says))


def shown(value: object) -> str:
    """Give a text in which nothing moves, and marks do not pile up on one another."""
    text = _NO_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", printable(str(value)))
    if text.isascii():
        return text
    marks = [unicodedata.category(each) in {"Mn", "Me"} for each in text]
    return "".join(
        f"\\u{ord(each):04x}" if all(marks[n - 2 : n + 1]) and n > 1 else each for n, each in enumerate(text)
    )
