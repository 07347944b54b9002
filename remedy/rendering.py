"""From a plan to the files of its scripts: the templates are filled, and the text is written down as each tool wants it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from remedy.errors import RemedyError, UsageError
from remedy.plan import Plan
from remedy.render import SCRIPTS, held, renderer, shipped
from remedy.scripts import Format, format_of
from remedy.scripts.base import context
from remedy.text import joined, printable

__all__ = ["Script", "not_used", "scripts_of"]


@dataclass(frozen=True, slots=True)
class Script:
    """One file."""

    name: str
    """Its place, its format's folder in front: ``ldapmodify/apply.sh``."""
    data: bytes
    executable: bool = False
    template: str = ""
    """The template it was made with."""


def scripts_of(plan: Plan, formats: Iterable[str], *, templates: Path | None = None) -> tuple[Script, ...]:
    """Write a plan in the languages of some formats; templates in the user's folder count before ours.

    Raises:
        UsageError: a format is none, or does not fit the plan's directory; or the user's folder can never serve.
        RemedyError: a language cannot say what the plan holds.
        InputError: a template is missing or does not fit.
    """
    chosen = _chosen(plan, formats)
    if templates:
        _usable(templates, chosen)
    if not plan.pending:
        raise RemedyError("This plan changes nothing, so there is nothing to write scripts of.")
    return tuple(script for name, each in chosen.items() for script in _files(name, each, plan, templates))


def _chosen(plan: Plan, formats: Iterable[str]) -> dict[str, Format]:
    """Give the formats by name, each once."""
    return {name: format_of(name, plan) for name in dict.fromkeys(formats)}


def _files(name: str, form: Format, plan: Plan, templates: Path | None) -> Iterator[Script]:
    """Fill the templates of one format."""
    told, fill = context(plan, form.title), renderer(templates)
    for piece in form.pieces(plan):
        text = fill(piece.template, {**told, **piece.context})
        try:
            data = text.replace("\r\n", "\n").replace("\n", piece.newline).encode(piece.encoding)
        except UnicodeEncodeError as fault:
            what = printable(fault.object[fault.start : fault.end])
            raise RemedyError(
                f"{name}/{piece.name}: {what} cannot be written in {piece.encoding}. Leave the format {name} out, or apply "
                "the plan with `remedy apply`."
            ) from None
        yield Script(f"{name}/{piece.name}", data, piece.executable, piece.template)


def not_used(templates: Path, scripts: Iterable[Script], formats: Iterable[str]) -> str:
    """Say that the user's folder holds no template of these formats; empty if it holds one."""
    names = {script.template for script in scripts} | {name for each in formats for name in shipped(SCRIPTS + each)}
    names |= {name for name in shipped(SCRIPTS.rstrip("/")) if name.count("/") == 1}  # what several of them share
    if held(templates, names):
        return ""
    looked = joined((f"{name}.j2" for name in sorted(names, key=lambda name: (-name.count("/"), name))), most=6)
    return f"{printable(str(templates))} holds none of the templates that were looked for, so ours were used: {looked}."


def _usable(templates: Path, formats: Iterable[str]) -> None:
    """Refuse a user's folder that can never serve.

    Raises:
        UsageError: it holds no template that has the name of one of ours.
    """
    if not held(templates, shipped(SCRIPTS.rstrip("/"))):
        looked = joined((f"{name}.j2" for each in formats for name in shipped(SCRIPTS + each)), most=6)
        raise UsageError(
            f"--templates: {printable(str(templates))} holds no template of a script. They are looked for in it by the "
            f"names of ours: {looked}."
        )
