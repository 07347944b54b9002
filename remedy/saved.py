"""Saved plans: read from a file, and shown in any form.

Law: looking at a plan loads nothing that making one needs.
"""

from remedy.errors import UsageError
from remedy.json_text import indented
from remedy.plan import Plan
from remedy.stores.texts import read_text
from remedy.words import FORMS

__all__ = ["FORMS", "load_plan", "show"]


def load_plan(name: str) -> Plan:
    """Read a plan file.

    Raises:
        InputError: it is no plan file.
        Stale: it was changed after it was made.
    """
    return Plan.from_json(read_text(name), name)


def show(plan: Plan, form: str = "text", *, width: int = 80) -> str:
    """Give a plan as ``text``, ``json``, ``ldif`` (the forward change), ``markdown`` or ``html``.

    Raises:
        UsageError: there is no such form.
    """
    match form:
        case "text":
            from remedy.tables import plan_lines

            return "".join(f"{line.text}\n" for line in plan_lines(plan.to_dict(), width))
        case "json":
            return "".join(indented(plan.document())) + "\n"
        case "ldif":
            from remedy.ldif import dump_changes
            from remedy.scripts.ldif import records

            return dump_changes(()) + records(plan.steps, plan.changes)
        case "markdown" | "html":
            from remedy.render import render

            return render("plan.md" if form == "markdown" else "plan.html", plan.to_dict())
    raise UsageError(f"There is no form {form!r}; there are {', '.join(FORMS)}.")
