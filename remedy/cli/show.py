"""``remedy show``: a saved plan in any form, from the file alone."""

import click

from remedy import workflow
from remedy.cli.options import common, formats
from remedy.cli.output import json_text, say, show_lines, width, write
from remedy.ldif import dump_change, dump_changes
from remedy.plan import Plan
from remedy.render import render
from remedy.tables import plan_lines
from remedy.text import printable

__all__ = ["FORMATS", "command", "show_plan"]

FORMATS = ("text", "json", "ldif", "markdown", "html")
"""The forms of a plan."""


@click.command("show")
@click.argument("plan", metavar="PLAN")
@formats(*FORMATS)
@common
def command(plan: str, form: str) -> None:
    r"""Show a saved plan: as text, JSON, the forward LDIF, Markdown or one HTML page.

    \b
    Examples:
      remedy show plan.json
      remedy show plan.json --format html > plan.html
    """
    show_plan(workflow.load_plan(plan), form)


def show_plan(plan: Plan, form: str, *, saved_as: str | None = None) -> None:
    """Put a plan on stdout."""
    document = plan.to_dict()
    if form == "json":
        write(json_text(document))
    elif form == "ldif":
        write(ldif_of(plan))
    elif form in {"markdown", "html"}:
        write(render("plan.md" if form == "markdown" else "plan.html", document))
    else:
        show_lines(plan_lines(document, width()))
        if saved_as:
            say(f"The plan is in {printable(saved_as)}; look at it again with: remedy show {printable(saved_as)}")


def ldif_of(plan: Plan) -> str:
    """Give the forward change as RFC 2849 change records, each with its reason as a comment."""
    records = (dump_change(step.change, comments=[f"{step.id}: {step.reason}"]) for step in plan.steps)
    return "".join((dump_changes(()), *records))
