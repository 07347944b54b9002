"""``remedy diagnose``: the loops that logs show, their two ends, what started them, and what to do."""

from __future__ import annotations

import sys
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

import click

from remedy.cli.live import live
from remedy.cli.options import Given, GivenPath, common, formats, notes_of, reading
from remedy.cli.output import progress_of, show_lines, show_table, width, write, write_json
from remedy.errors import UsageError
from remedy.text import printable
from remedy.words import DATE_ORDERS, LOG_FORMS, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from remedy.diagnosing import LogManner, Logs
    from remedy.reading import Manner, Source
    from remedy.survey import Scope

__all__ = ["command"]


@click.command("diagnose")
@click.argument("logs", metavar="LOG...", nargs=-1, required=True, type=Given())
@click.option(
    "--source", "sources", multiple=True, metavar="SOURCE", type=Given(), help="A directory or inventory to join."
)
@click.option(
    "--date-order",
    type=click.Choice(DATE_ORDERS),
    help="How dates are written, if the log cannot tell.",
)
@click.option("--threshold", type=click.IntRange(min=2), metavar="N", help="Call N passes a loop, whatever their pace.")
@click.option("--log-format", type=click.Choice(LOG_FORMS), metavar="FORMAT", help="Read every log in this format.")
@click.option(
    "--unread", metavar="FILE", type=GivenPath(), help="Keep the records and lines that were not understood here."
)
@click.option(
    "--exchange-version", type=click.Choice(VERSIONS), help="The version whose ways to refuse mail are shown."
)
@click.option("--follow", is_flag=True, help="Go on as the log grows, and say when a loop begins and ends.")
@formats("table", "json", "markdown")
@reading
@live
@common
def command(
    logs: tuple[str, ...],
    sources: tuple[Source, ...],
    date_order: str | None,
    threshold: int | None,
    log_format: str | None,
    exchange_version: str | None,
    unread: Path | None,
    form: str,
    *,
    follow: bool,
    scope: Scope,
    manner: Manner,
) -> None:
    """Find mail loops in logs: the postoffice to repair, the host to refuse meanwhile, and what started each.

    \b
    LOG is what Event Viewer saves (text, comma-delimited text, .evt, .evtx),
    output of dumpel, events copied from their properties, SENT.LOG, RECV.LOG
    or SYSTEM.LOG of a postoffice, or a message tracking log; packed with gzip
    or not; - is standard input.
    Exit code 3: there is a loop.

    \b
    Examples:
      remedy diagnose application.txt
      remedy diagnose application.txt --source export.ldif
      remedy diagnose *.csv --date-order dmy --format json
      remedy diagnose application.txt --follow
    """
    from remedy import workflow
    from remedy.cli.following import followed
    from remedy.diagnosing import diagnose
    from remedy.stores.logs import kept

    _fitting(logs, sources, form, unread, follow=follow)
    known = workflow.survey(*sources, scope=scope, manner=manner) if sources else None
    with kept(str(unread)) if unread else nullcontext() as keep:
        how = _manner(date_order, log_format, scope, keep)
        if follow:
            sys.exit(followed(logs[0], form, threshold, how))
        found = diagnose(*logs, threshold=threshold, known=known, manner=how)
    _show(found, exchange_version, form)
    sys.exit(3 if found.diagnosis.loops else 0)


def _manner(order: str | None, form: str | None, scope: Scope, keep: Callable[[bytes], None] | None) -> LogManner:
    """Say how logs are read."""
    from remedy.diagnosing import LogManner
    from remedy.eventlogs.dates import DateOrder

    return LogManner(
        order=DateOrder(order) if order else None,
        form=form,
        scope=scope,
        keep=keep,
        progress=notes_of(click.get_current_context()).watching(progress_of()),
    )


def _show(found: Logs, version: str | None, form: str) -> None:
    """Put the diagnosis on stdout."""
    from remedy.diagnosed import diagnosis_document

    document = diagnosis_document(found.diagnosis, found.notes, version=version)
    if form == "json":
        write_json(document)
    elif form == "markdown":
        from remedy.arranging import together
        from remedy.render import render

        write(render("diagnosis.md", {**document, "advice": together(document["advice"])}))
    else:
        from remedy.diagnosis_lines import diagnosis_lines, loops_table
        from remedy.tables import Line

        if document["loops"] or document["suspects"]:
            show_table(loops_table(document))
        else:
            show_lines([Line("No loop is shown.", "head")])
        show_lines(diagnosis_lines(document, width(), plain=not _shows_blocks()))


def _fitting(
    logs: tuple[str, ...], sources: tuple[Source, ...], form: str, unread: Path | None, *, follow: bool
) -> None:
    """Refuse what --follow cannot do, and what --unread would destroy."""
    if unread:
        _spare(unread, (*logs, *sources))
    if follow and (len(logs) > 1 or logs[0] == "-"):
        raise UsageError("--follow goes with one log, which is a file. Follow several in several windows.")
    if follow and sources:
        raise UsageError(
            "--follow joins no --source: it tells of loops while they run. Run it without --follow for that."
        )
    if follow and form == "markdown":
        raise UsageError("--follow writes a line for each loop, or with --format json a document a line.")


def _spare(unread: Path, names: tuple[Source, ...]) -> None:
    """Refuse to empty what is to be read."""
    for name in names:
        with suppress(OSError, ValueError):  # what cannot be looked at is told of when it is read
            if unread.samefile(str(name)):
                raise UsageError(
                    f"--unread {printable(str(unread))} is to be read, and would be emptied. Name another file."
                )


def _shows_blocks() -> bool:
    """Tell whether stdout takes characters beyond ASCII."""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    return encoding.startswith("utf")
