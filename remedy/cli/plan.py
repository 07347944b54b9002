"""``remedy plan``: the smallest change set that covers every postoffice; nothing is written to any directory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from remedy.cli.live import live
from remedy.cli.options import Given, common, formats, output_file, reading, sources
from remedy.cli.output import write_json
from remedy.cli.show import show_plan
from remedy.words import FORMS, GATES, STRATEGIES, VERSIONS

if TYPE_CHECKING:
    from remedy.reading import Manner, Source
    from remedy.survey import Scope

__all__ = ["command"]


@click.command("plan")
@sources
@click.option(
    "--strategy",
    type=click.Choice(STRATEGIES),
    default="exchange",
    show_default=True,
    help="Which resolution of Q175447.",
)
@click.option("--mailbox", type=Given(), metavar="DN|ALIAS", help="The existing mailbox that takes postmaster mail.")
@click.option("--new-mailbox", type=Given(), metavar="ALIAS", help="Create a mailbox of this alias for it.")
@click.option("--like", type=Given(), metavar="DN|ALIAS", help="A new mailbox lives where this one lives.")
@click.option("--container", type=Given(), metavar="DN", help="A new mailbox lies in this container.")
@click.option("--max-proxies", type=click.IntRange(min=1), metavar="N", help="Addresses that one entry holds at most.")
@click.option(
    "--exchange-version", type=click.Choice(VERSIONS), help="The oldest Exchange version in the organization."
)
@click.option(
    "--include-connector-po", is_flag=True, help="Plan the shadow postoffice's own address too (experimental)."
)
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice(GATES),
    allow_from_autoenv=False,
    help="Plan in spite of this.",
)
@output_file("the plan")
@formats(*FORMS)
@click.option("--check", is_flag=True, help="Exit with 3 if there is anything to do.")
@reading
@live
@common
def command(
    *,
    sources: tuple[Source, ...],
    output: str | None,
    form: str,
    check: bool,
    scope: Scope,
    manner: Manner,
    **wished: Any,
) -> None:
    """Plan the smallest change set that covers every exposed or full postoffice, and prove that it helps.

    Nothing is written to any directory. The plan file (-o) is what `remedy show` reads.

    \b
    Examples:
      remedy plan export.ldif
      remedy plan export.ldif -o plan.json --mailbox Postmaster
      remedy plan export.ldif --format ldif > changes.ldif
      remedy plan postoffices.csv --strategy postoffice
    """
    from itertools import chain

    from remedy import workflow
    from remedy.json_text import indented
    from remedy.stores.output import write_whole

    wished["allow"] = frozenset(wished["allow"])
    wishes = workflow.Wishes(**{name: value for name, value in wished.items() if value is not None})
    made = workflow.plan(*sources, wishes=wishes, scope=scope, manner=manner)
    if output == "-":
        write_json(made.document())
    else:
        if output:
            write_whole(output, chain(indented(made.document()), "\n"))
        show_plan(made, form, saved_as=output)
    sys.exit(3 if check and made.pending else 0)
