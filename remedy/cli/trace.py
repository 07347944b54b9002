"""``remedy trace``: the article's mail flow walked for each postoffice, before and after a plan."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from remedy.cli.live import live
from remedy.cli.options import Given, common, formats, reading, sources
from remedy.cli.output import show_lines, show_table, width, write, write_json

if TYPE_CHECKING:
    from remedy.addresses import PostofficeName
    from remedy.flow import Trace
    from remedy.reading import Manner, Source
    from remedy.survey import Scope

__all__ = ["command"]


class _Name(click.ParamType["PostofficeName"]):
    """A postoffice as NETWORK/PO."""

    name = "NETWORK/PO"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> PostofficeName:
        """Read the name, or say what is wrong with it."""
        from remedy.addresses import PostofficeName

        try:
            return value if isinstance(value, PostofficeName) else PostofficeName.parse(str(value))
        except ValueError as fault:
            self.fail(f"{fault}.", param, ctx)


@click.command("trace")
@sources
@click.option("--po", multiple=True, type=_Name(), help="Only this postoffice (may be repeated).")
@click.option("--plan", type=Given(), metavar="PLAN", help="Walk once more as if this plan were carried out.")
@formats("table", "json", "markdown", "html")
@reading
@live
@common
def command(
    sources: tuple[Source, ...],
    po: tuple[PostofficeName, ...],
    plan: str | None,
    form: str,
    *,
    scope: Scope,
    manner: Manner,
) -> None:
    """Walk the mail flow of Q175447 for each postoffice: from the list server's reply to a mailbox, or round and round.

    \b
    Markdown (with Mermaid) and HTML draw each kind of way that there is,
    with its real names; a loop is drawn as one.

    \b
    Exit code 3: a postoffice that is not skipped does not deliver
    (with --plan: would not).

    \b
    Examples:
      remedy trace export.ldif
      remedy trace export.ldif --po NWTRADERS/PO1 --plan plan.json
    """
    from remedy import workflow

    traces = workflow.trace(
        *sources,
        plan=workflow.load_plan(plan) if plan else None,
        only=po,
        scope=scope,
        manner=manner,
    )
    _show(traces, form)
    sys.exit(0 if all(map(_fine, traces)) else 3)


def _show(traces: tuple[Trace, ...], form: str) -> None:
    """Put the traces on stdout."""
    from remedy.documents import trace_document

    document = trace_document(traces)
    if form == "json":
        write_json(document)
    elif form in {"markdown", "html"}:
        from remedy.render import render

        write(render("trace.md" if form == "markdown" else "trace.html", document))
    else:
        from remedy.tables import trace_lines, trace_table

        show_table(trace_table(document))
        show_lines(trace_lines(document, width()))


def _fine(trace: Trace) -> bool:
    """Tell whether a postoffice delivers; skipped ones and the shadow postoffice do not count."""
    from remedy.estate import PostofficeKind
    from remedy.planning import DELIVERED

    walk = trace.after or trace.before
    return trace.po.kind is PostofficeKind.SHADOW or trace.po.skipped or walk.outcome in DELIVERED
