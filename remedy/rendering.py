"""From a plan to the files of its scripts: the templates are filled, and the text is written down as each tool wants it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from remedy.errors import RemedyError
from remedy.plan import Plan
from remedy.render import render
from remedy.scripts import Piece, format_of
from remedy.text import printable

__all__ = ["Script", "scripts_of"]


@dataclass(frozen=True, slots=True)
class Script:
    """One file."""

    name: str
    """Its place, its format's folder in front: ``ldapmodify/apply.sh``."""
    data: bytes
    executable: bool = False


def scripts_of(plan: Plan, formats: Iterable[str], *, templates: Path | None = None) -> tuple[Script, ...]:
    """Write a plan in the languages of some formats; templates in the user's folder count before ours.

    Raises:
        UsageError: a format is none, or does not fit the plan's directory.
        RemedyError: a language cannot say what the plan holds.
        InputError: a template is missing or does not fit.
    """
    names = tuple(dict.fromkeys(formats))
    chosen = [(name, format_of(name, plan)) for name in names]
    if not plan.pending:
        raise RemedyError("This plan changes nothing, so there is nothing to write scripts of.")
    return tuple(script for name, each in chosen for script in _files(name, each.pieces(plan), templates))


def _files(name: str, pieces: Iterable[Piece], templates: Path | None) -> Iterator[Script]:
    """Fill the templates of one format."""
    for piece in pieces:
        text = render(piece.template, piece.context, folder=templates)
        try:
            data = text.replace("\r\n", "\n").replace("\n", piece.newline).encode(piece.encoding)
        except UnicodeEncodeError as fault:
            what = printable(fault.object[fault.start : fault.end])
            raise RemedyError(
                f"{name}/{piece.name}: {what} cannot be written in {piece.encoding}. Leave the format {name} out, or apply "
                "the plan with `remedy apply`."
            ) from None
        yield Script(f"{name}/{piece.name}", data, piece.executable)
