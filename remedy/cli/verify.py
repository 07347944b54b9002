"""``remedy verify``: a fresh look at the sources that proves each postoffice."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from remedy.cli.live import live
from remedy.cli.options import Given, common, formats, reading, sources
from remedy.cli.output import show_lines, show_table, width, write_json

if TYPE_CHECKING:
    from remedy.reading import Manner, Source
    from remedy.survey import Scope

__all__ = ["command"]


@click.command("verify")
@sources
@click.option("--plan", type=Given(), metavar="PLAN", help="Check too that each change of this plan has landed.")
@formats("table", "json")
@reading
@live
@common
def command(sources: tuple[Source, ...], plan: str | None, form: str, *, scope: Scope, manner: Manner) -> None:
    """Read the sources anew and prove each postoffice; with --plan, that each change landed and nothing else moved.

    \b
    Exit code 3: a postoffice that is not skipped does not deliver, or a
    change has not landed.

    \b
    Example:
      remedy verify export.ldif --plan plan.json
    """
    from remedy import workflow
    from remedy.documents import verify_document
    from remedy.reports import verify_lines, verify_table

    loaded = workflow.load_plan(plan) if plan else None
    found = workflow.verify(*sources, plan=loaded, scope=scope, manner=manner)
    document = verify_document(found.survey, found.landings)
    if form == "json":
        write_json(document)
    else:
        show_table(verify_table(document))
        show_lines(verify_lines(document, width()))
    sys.exit(0 if found.proven else 3)
