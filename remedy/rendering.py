"""From a plan to the runbook and to the files of scripts: templates are filled, and text is written as each tool wants it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remedy.errors import RemedyError, UsageError
from remedy.plan import Plan
from remedy.render import SCRIPTS, held, render, renderer, shipped
from remedy.runbook import runbook_document
from remedy.scripts import Format, format_of
from remedy.scripts.base import context
from remedy.text import joined, printable

__all__ = ["PAGES", "Script", "Wanted", "not_used", "runbook", "runbooks", "scripts_of"]

PAGES = {"markdown": "md", "html": "html"}
"""The forms of a runbook, and how the names of its templates end."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a runbook is to be like."""

    name: str = "PLAN"
    """What the commands call the plan file."""
    summary: bool = False
    """Whether it is only the one page for managers."""
    logs: Mapping[str, Any] | None = None
    """What `remedy.diagnosed` made of logs."""
    templates: Path | None = None
    """A folder of the user whose templates count before ours."""


def runbook(
    plan: Plan,
    form: str = "markdown",
    *,
    name: str = "PLAN",
    summary: bool = False,
    logs: Mapping[str, Any] | None = None,
) -> str:
    """Write what people carry out and sign, as ``markdown`` or ``html``; see `Wanted` for the rest.

    Raises:
        UsageError: there is no such form.
    """
    return runbooks(plan, (form,), Wanted(name=name, summary=summary, logs=logs))[form]


def runbooks(plan: Plan, forms: Iterable[str], wanted: Wanted) -> dict[str, str]:
    """Write the same runbook in several forms, by their names.

    Raises:
        UsageError: there is no such form, or the user's folder can never serve.
        InputError: a template is missing or does not fit.
    """
    pages = {form: _page(form, summary=wanted.summary, templates=wanted.templates) for form in forms}
    document = runbook_document(plan, wanted.name, wanted.logs)
    return {form: render(page, document, folder=wanted.templates) for form, page in pages.items()}


def _page(form: str, *, summary: bool, templates: Path | None) -> str:
    """Name the template of a form; refuse a form that is none, and a folder that can never serve it."""
    if form not in PAGES:
        raise UsageError(f"There is no form {form!r} of a runbook; there are {joined(PAGES)}.")
    pages = [f"{page}.{PAGES[form]}" for page in ("runbook", "summary")]
    if templates and not held(templates, (*pages, *(f"_{each}.{PAGES[form]}" for each in ("parts", "book")))):
        looked = joined(f"{page}.j2" for page in pages)
        raise UsageError(f"--templates: {printable(str(templates))} holds no template of a runbook: {looked}.")
    return pages[summary]


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
