"""What every script is told: the changes of a plan as plain words, in order and on the way back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, overload

from remedy.change import Add, Change, Modify, Op, mods_of, reverse
from remedy.dialects import STAYS, by_name
from remedy.dn import DN
from remedy.errors import RemedyError
from remedy.hazards import hazards_of
from remedy.plan import Plan, Step
from remedy.text import printable

__all__ = ["ALL", "CONTEXT", "Format", "Piece", "Word", "Words", "context", "in_words", "taken_back", "top_of", "words"]

ALL = ("exchange55", "active-directory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file of a script: what is put into which template, and how it is written down."""

    name: str
    """Its place in the format's folder: ``apply.sh``, ``PO1/import.txt``."""
    template: str
    context: Mapping[str, Any]
    newline: str = "\n"
    encoding: str = "ascii"
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A language that scripts are written in."""

    title: str
    pieces: Callable[[Plan], Iterator[Piece]]
    dialects: tuple[str, ...] = ALL
    by_hand: bool = False
    """Whether it is about the steps by hand, and not about the changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One change as a template sees it: text only."""

    id: str
    dn: str
    reason: str
    new: bool
    """Whether the entry is made; then ``mods`` are its attributes."""
    mods: tuple[tuple[str, str, tuple[str, ...]], ...]
    """``add`` or ``delete``, the attribute, the values."""
    by_hand: str = ""
    """What is left for a person to do."""


class Words(Sequence[Word]):
    """Changes as words, made when a template asks for them: LDIF can say values that words cannot."""

    def __init__(self, make: Callable[[], tuple[Word, ...]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> tuple[Word, ...]:
        return self._make()

    @overload
    def __getitem__(self, at: int) -> Word: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Word, ...]: ...
    def __getitem__(self, at: int | slice) -> Word | tuple[Word, ...]:
        return self._made[at]

    def __len__(self) -> int:
        return len(self._made)


CONTEXT: Mapping[str, str] = {
    "plan": "the plan file as `remedy show --format json` prints it",
    "digest": "its digest, 64 hexadecimal digits",
    "steps": "the changes in order: id, dn, reason, new, mods (op, attribute, values), by_hand",
    "back": "the changes of the way back, newest first, in the same words",
    "title": "what the language is called",
    "hazards": "the hazards of the plan, each to be allowed by name before anything is written: name, detail",
}
"""What every template of a script is told; what else a format tells its templates stands in its own file."""


def context(plan: Plan, title: str) -> dict[str, Any]:
    """Give what every template of a script is told; see `CONTEXT`."""
    return {
        "plan": plan.to_dict(),
        "digest": plan.digest,
        "steps": Words(partial(words, plan.steps, plan.changes)),
        "back": Words(
            lambda: words(reversed(plan.steps), (taken_back(step, plan.dialect) for step in reversed(plan.steps)))
        ),
        "title": title,
        "hazards": hazards_of(plan),
    }


def in_words(plan: Plan, folder: str = "") -> Iterator[Piece]:
    """Give the file that says what the hazards of a plan are, for a language that can hold their names alone."""
    if hazards_of(plan):
        yield Piece(name=f"{folder}hazards.txt", template="scripts/hazards.txt", context={}, newline="\r\n")


def top_of(dn: DN) -> DN:
    """Give the part of a name that its whole directory lies under: the domain, or the organisation."""
    size = next((at for at, rdn in enumerate(reversed(dn.rdns)) if rdn[0].type.lower() != "dc"), len(dn))
    return DN(dn.rdns[len(dn) - max(1, size) :])


def taken_back(step: Step, dialect: str) -> Change:
    """Give the change that takes a step back on a live directory: a mailbox that was made keeps no postmaster address.

    Raises:
        RemedyError: it makes something else, which cannot be taken back over LDAP.
    """
    if isinstance(step.change, Add):
        if not by_name(dialect).postmasters(step.change.entry):
            raise RemedyError(
                f"{step.id}: {printable(str(step.change.dn))} would be made without a postmaster address, so that no "
                "script has a way back. Plan again with `remedy plan`."
            )
        return by_name(dialect).emptied(step.change.entry)
    return reverse(step.change)


def words(steps: Iterable[Step], changes: Iterable[Change]) -> tuple[Word, ...]:
    """Put changes into words.

    Raises:
        RemedyError: a value is no text, so no script can say it.
    """
    return tuple(_word(step, change) for step, change in zip(steps, changes, strict=True))


def _word(step: Step, change: Change) -> Word:
    """Put one change into words."""
    kept = isinstance(step.change, Add) and isinstance(change, Modify)
    mods = tuple((str(mod.op), mod.attribute, _texts(step, mod.attribute, mod.values)) for mod in mods_of(change))
    if isinstance(change, Add):
        classes = change.entry.exact("objectClass")
        mods = ((str(Op.ADD), "objectClass", _texts(step, "objectClass", classes)), *mods)
    by_hand = STAYS if kept else ""
    return Word(
        id=step.id,
        dn=str(change.dn),
        reason=step.reason,
        new=isinstance(change, Add),
        mods=mods,
        by_hand=by_hand,
    )


def _texts(step: Step, attribute: str, values: Iterable[bytes]) -> tuple[str, ...]:
    """Give values as text."""
    try:
        return tuple(value.decode() for value in values)
    except UnicodeDecodeError:
        raise RemedyError(
            f"{step.id}: a value of {printable(attribute)} is no text, so no script can say it. Apply the plan with "
            "`remedy apply`, or render it as ldif."
        ) from None
