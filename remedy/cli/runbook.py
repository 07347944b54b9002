"""``remedy runbook``: the document that people carry out and sign, from a saved plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from remedy.cli.options import Given, common, formats, notes_of, output_file
from remedy.cli.output import progress_of, say, write
from remedy.errors import UsageError
from remedy.text import joined, printable
from remedy.words import DATE_ORDERS, PAGES

if TYPE_CHECKING:
    from remedy.plan import Plan

__all__ = ["command"]

_ENDINGS = {".html": "html", ".htm": "html", ".md": "markdown", ".markdown": "markdown"}


@click.command("runbook")
@click.argument("plan", metavar="PLAN", type=Given())
@output_file("the runbook, in the form that its ending names,")
@click.option("--log", multiple=True, metavar="LOG", type=Given(), help="A log whose loops are shown; see diagnose.")
@click.option(
    "--date-order",
    type=click.Choice(DATE_ORDERS),
    help="How dates are written, if a log cannot tell.",
)
@click.option("--summary", is_flag=True, help="Only the page for managers.")
@click.option(
    "--templates",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Take templates from here first, by the names of ours: FOLDER/runbook.html.j2.",
)
@formats(*PAGES)
@common
def command(
    plan: str,
    output: str | None,
    log: tuple[str, ...],
    date_order: str | None,
    form: str,
    templates: Path | None,
    *,
    summary: bool,
) -> None:
    """Write the runbook of PLAN: what to check, contain, type, prove, take back and keep, and who signs.

    \b
    Everything in it is from the plan. FILE ends in .html for one page that
    needs nothing from outside, and prints; or in .md for wikis and pull
    requests. stdout has it in the form of --format.

    \b
    Examples:
      remedy runbook plan.json > runbook.md
      remedy runbook plan.json --format html > runbook.html
      remedy runbook plan.json -o runbook.html > runbook.md
      remedy runbook plan.json --log application.txt -o runbook.html
      remedy runbook plan.json --summary --format html > summary.html
    """
    from remedy.rendering import Wanted, runbooks
    from remedy.saved import load_plan
    from remedy.stores.output import write_whole

    written = _form(output) if output and output != "-" else None
    made = load_plan(plan)
    name = "PLAN" if plan == "-" else plan
    shown = _logs(log, made, date_order) if log else None
    wanted = Wanted(name=name, summary=summary, logs=shown, templates=templates)
    texts = runbooks(made, {form, written or form}, wanted)
    if output and written:
        write_whole(output, texts[written])
    write(texts[form])
    if output and written:
        say(f"The runbook is in {printable(output)}; the plan is sha256:{made.digest[:12]}….")


def _logs(names: tuple[str, ...], plan: Plan, order: str | None) -> dict[str, Any]:
    """Read logs, and join what they show with what the plan says of each postoffice."""
    from remedy.diagnosed import diagnosis_document
    from remedy.diagnosing import LogManner, diagnose
    from remedy.eventlogs.dates import DateOrder

    progress = notes_of(click.get_current_context()).watching(progress_of())
    found = diagnose(*names, known=plan, manner=LogManner(order=DateOrder(order) if order else None, progress=progress))
    return diagnosis_document(found.diagnosis, found.notes, version=plan.estate["version"])


def _form(output: str) -> str:
    """Give the form that a file name asks for.

    Raises:
        UsageError: it asks for none.
    """
    form = _ENDINGS.get(Path(output).suffix.lower())
    if form is None:
        raise UsageError(f"-o: {printable(output)} must end in {joined(_ENDINGS)}, which says how it is written.")
    return form
