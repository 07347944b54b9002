"""``remedy survey``: the postoffices, how each is covered, and what is wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from remedy.cli.live import live
from remedy.cli.options import CodeName, common, formats, reading, sources
from remedy.cli.output import show_lines, show_table, width, write, write_json
from remedy.text import counted

if TYPE_CHECKING:
    from remedy.reading import Manner, Source
    from remedy.survey import Scope, Survey

__all__ = ["command"]


@click.command("survey")
@sources
@formats("table", "json", "csv", "markdown")
@click.option("--ignore", multiple=True, metavar="CODE", type=CodeName(), help="Leave out findings of this code.")
@click.option(
    "--fail-on", multiple=True, metavar="CODE", type=CodeName(), help="End with 3 on findings of this code too."
)
@reading
@live
@common
def command(
    sources: tuple[Source, ...],
    form: str,
    ignore: tuple[str, ...],
    fail_on: tuple[str, ...],
    *,
    scope: Scope,
    manner: Manner,
) -> None:
    """Show the postoffices, how each is covered, who holds its postmaster address, and what is wrong.

    \b
    SOURCE is a server (ldap://host/base, ldaps://, ldapi://, or @PROFILE),
    an LDIF or Administrator export (*.ldif, *.ldf, *.csv), an inventory
    (*.csv, *.json, *.toml), or what other tools write: GWART0.MTA, IMPORT -x,
    LISTDS, LISTQ, LISTUSER, *.reg, ADDR_MAP.CFG, or a postoffice's folder;
    NETWORK/PO=SOURCE says whose it is. Several are merged.
    Exit code 3: there is an error finding, or one named by --fail-on.

    \b
    Examples:
      remedy survey export.ldif
      remedy survey export.ldif postoffices.csv --format json
      remedy survey ldaps://exsrv1.fabrikam.com/o=FABRIKAM \\
        --bind-dn dc=FABRIKAM,cn=jsmith,cn=admin
      remedy survey postoffices.csv --fail-on near-limit  # for a scheduler
      remedy survey export.ldif --include 'NWTRADERS/*' --ignore exposed
    """
    from remedy import workflow

    found = workflow.survey(*sources, scope=scope, manner=manner).ignoring(ignore)
    _show(found, form)
    sys.exit(3 if found.alarming or any(item.code in fail_on for item in found.findings) else 0)


def _show(found: Survey, form: str) -> None:
    """Put the survey on stdout."""
    from remedy.documents import inventory_rows, survey_document

    document = survey_document(found)
    if form == "json":
        write_json(document)
    elif form == "csv":
        from remedy.inventories.native import dump_csv

        write(dump_csv(inventory_rows(found)))
    elif form == "markdown":
        from remedy.render import render

        write(render("survey.md", document))
    else:
        from remedy.tables import Line, findings_lines, survey_table

        show_table(survey_table(document))
        show_lines(findings_lines(document["findings"], width()))
        summary = document["summary"]
        numbers = ", ".join(f"{summary[word]:,} {word}" for word in ("covered", "exposed", "conflict", "full"))
        show_lines([Line(), Line(f"{counted(summary['postoffices'], 'postoffice')}: {numbers}.", "head")])
