"""Resolution 1 of Q175447 for people at their postoffices: what IMPORT reads, and the steps around it.

Law: what is done by hand is what the plan says; a folder's name and a transaction hold a postoffice's name and nothing
else, and a name is letters and digits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from remedy.addresses import POSTMASTER, PostofficeName
from remedy.errors import RemedyError
from remedy.estate import MAILBAG_LIMIT, USER_LIMIT, PostofficeKind
from remedy.plan import Plan
from remedy.quoting import Encoded, comment
from remedy.scripts.base import Format, Piece
from remedy.strategies.postoffice import FULL_NAME_LIMIT, full_name
from remedy.text import printable

__all__ = ["FORMAT", "Task", "tasks", "transaction"]

_WIDTH = 72
_FULL, _CROWDED = "full", "user-limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What there is to do at one postoffice; all of it stands in the plan."""

    postoffice: str
    folder: str
    """``NETWORK-PO``: a name has no dash, so no two postoffices share a folder."""
    what: str
    """``make`` a POSTMASTER mailbox, ``empty`` the one that is there, or ``none``: the postoffice can have none."""
    kind: str
    crowded: bool
    """Whether the plan knows that it has all the users it takes (Q123376)."""
    beside: bool
    """Whether the plan gives its address to an Exchange mailbox too."""
    full_name: str
    said: tuple[str, ...]
    """What the plan says, in lines."""


def transaction(code: str, name: PostofficeName) -> Encoded:
    """Write a transaction of IMPORT: code in column 1, full name in 3-32, address from 34 on (Q104869, Q131151)."""
    return Encoded(f"{code} {full_name(name):<{FULL_NAME_LIMIT}} PCM:{name}/{POSTMASTER}")


def tasks(plan: Plan) -> tuple[tuple[PostofficeName, Task], ...]:
    """Give what a plan leaves to people, by postoffice.

    Raises:
        RemedyError: what it names is no postoffice, or none that it shows.
    """
    shown = {_named(row["address"]): row for row in plan.postoffices}
    crowded = {item["subject"] for item in plan.findings if item["code"] == _CROWDED}
    beside = {name for step in plan.steps for name in step.postoffices}
    said: dict[PostofficeName, list[str]] = {}
    for item in plan.manual:
        said.setdefault(_named(item["postoffice"]), []).append(item["text"])
    if unknown := [str(name) for name in said if name not in shown]:
        raise RemedyError(f"The plan has a step for {unknown[0]}, but does not show that postoffice. Plan again.")
    return tuple(
        (name, _task(name, shown[name], texts, crowded=str(name) in crowded, beside=str(name) in beside))
        for name, texts in sorted(said.items())
    )


def _named(text: str) -> PostofficeName:
    """Read a name: it becomes part of a path and of a transaction."""
    try:
        return PostofficeName.parse(text)
    except ValueError:
        raise RemedyError(f"The plan names {printable(text)}, which is no postoffice. Plan again.") from None


def _task(name: PostofficeName, row: Mapping[str, Any], texts: list[str], *, crowded: bool, beside: bool) -> Task:
    """Say what there is to do at one postoffice."""
    what = "none" if row["kind"] != PostofficeKind.MSMAIL else "empty" if row["coverage"] == _FULL else "make"
    return Task(
        postoffice=str(name),
        folder=f"{name.network}-{name.name}",
        what=what,
        kind=row["kind"],
        crowded=crowded and what == "make",
        beside=beside,
        full_name=full_name(name),
        said=tuple(line for text in texts for line in wrap(comment(text), _WIDTH)),
    )


def _pieces(plan: Plan) -> Iterator[Piece]:
    """Give the overview, and the files of each postoffice."""
    every = tasks(plan)
    told = {"limits": {"users": USER_LIMIT, "messages": MAILBAG_LIMIT}}
    yield _piece("README", "", {**told, "tasks": tuple(task for _, task in every)})
    for name, task in every:
        yield _piece("steps", task.folder, {**told, "task": task})
        if task.what == "make":
            yield _piece("import", task.folder, {"row": transaction("A", name)})
            yield _piece("undo", task.folder, {"row": transaction("D", name)})


def _piece(file: str, folder: str, told: Mapping[str, Any]) -> Piece:
    """Give one file, as DOS has it: ours are ASCII, a user's own words have the code page of a postoffice (Q156063)."""
    name = f"{folder}/{file}.txt" if folder else f"{file}.txt"
    return Piece(name=name, template=f"scripts/msmail/{file}.txt", context=told, newline="\r\n", encoding="cp850")


FORMAT = Format(title="steps at Microsoft Mail postoffices", pieces=_pieces, by_hand=True)
