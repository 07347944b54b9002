"""``remedy rollback``: the way back that a journal shows."""

import shlex
from pathlib import Path

import click

from remedy import undoing
from remedy.cli.options import Given, GivenPath, common, formats
from remedy.cli.output import confirmed, json_text, say, show_lines, width, write
from remedy.reports import rollback_lines
from remedy.undoing import RollbackWishes, Undone

__all__ = ["command"]


@click.command("rollback")
@click.argument("journal", metavar="JOURNAL", type=GivenPath())
@click.argument("target", metavar="TARGET", type=Given())
@click.option("--yes", is_flag=True, allow_from_autoenv=False, help="Do not ask.")
@click.option("--only", multiple=True, metavar="ID", type=Given(), help="Undo only this value, c1.2 for instance.")
@click.option("--dry-run", is_flag=True, help="Say what would be undone.")
@formats("text", "json")
@common
def command(journal: Path, target: str, form: str, *, yes: bool, only: tuple[str, ...], dry_run: bool) -> None:
    """Undo what JOURNAL says was applied to TARGET, newest first; records get their very bytes back.

    \b
    It stops (5) where a record was changed since. The rollback has a journal
    of its own, so it can be rolled back too.

    \b
    Examples:
      remedy rollback plan.json.journal export.ldif --dry-run
      remedy rollback plan.json.journal export.ldif --only c1.2
    """

    def confirm(preview: Undone) -> bool:
        return yes or confirmed(
            rollback_lines({**preview.to_dict(), "dry_run": True}, width()), f"Undo this in {target}?"
        )

    undone = undoing.rollback(journal, target, RollbackWishes(only=frozenset(only), dry_run=dry_run), confirm)
    if form == "json":
        write(json_text(undone.to_dict()))
    else:
        show_lines(rollback_lines(undone.to_dict(), width()))
    if not undone.way:
        say("Nothing is left to undo: what this journal applied is not there any more.")
    if undone.journal:
        place = shlex.quote(undone.journal)
        say(
            f"The journal of this rollback is {undone.journal}; to take it back: remedy rollback {place} {shlex.quote(target)}"
        )
