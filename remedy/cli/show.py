"""``remedy show``: a saved plan in any form, from the file alone."""

import click

from remedy import workflow
from remedy.cli.options import Given, common, formats
from remedy.cli.output import say, show_lines, width, write
from remedy.plan import Plan
from remedy.tables import plan_lines
from remedy.text import printable
from remedy.workflow import FORMS

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
    show_plan(workflow.load_plan(plan), form)


def show_plan(plan: Plan, form: str, *, saved_as: str | None = None) -> None:
    """Put a plan on stdout, and say on stderr where it was saved."""
    if form == "text":
        show_lines(plan_lines(plan.to_dict(), width()))
    else:
        write(workflow.show(plan, form))
    if saved_as:
        name = printable(saved_as)
        say(f"The plan is in {name}; look at it again with: remedy show {name}")
