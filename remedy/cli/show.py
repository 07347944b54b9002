"""``remedy show``: a saved plan in any form, from the file alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from remedy.cli.options import Given, common, formats
from remedy.cli.output import say, show_lines, width, write, write_json
from remedy.text import printable
from remedy.words import FORMS

if TYPE_CHECKING:
    from remedy.plan import Plan

__all__ = ["command", "show_plan"]


@click.command("show")
@click.argument("plan", metavar="PLAN", type=Given())
@formats(*FORMS)
@common
def command(plan: str, form: str) -> None:
    """Show a saved plan: as text, JSON, the forward LDIF, Markdown or one HTML page.

    \b
    Examples:
      remedy show plan.json
      remedy show plan.json --format html > plan.html
    """
    from remedy.saved import load_plan

    show_plan(load_plan(plan), form)


def show_plan(plan: Plan, form: str, *, saved_as: str | None = None) -> None:
    """Put a plan on stdout, and say on stderr where it was saved."""
    if form == "text":
        from remedy.tables import plan_lines

        show_lines(plan_lines(plan.to_dict(), width()))
    elif form == "json":
        write_json(plan.document())
    else:
        from remedy.saved import show

        write(show(plan, form))
    if saved_as:
        name = printable(saved_as)
        say(f"The plan is in {name}; look at it again with: remedy show {name}")
