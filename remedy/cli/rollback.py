"""``remedy rollback``: the way back that a journal shows."""

import shlex
import sys
from pathlib import Path

import click

from remedy import undoing
from remedy.cli.live import first_words, live, live_words
from remedy.cli.options import Given, GivenPath, common, formats, notes_of
from remedy.cli.output import confirmed, json_text, say, show_lines, width, write
from remedy.reports import rollback_lines
from remedy.stores.places import Server
from remedy.text import printable
from remedy.undoing import RollbackWishes, Undone

__all__ = ["command"]

_PARTLY = 6
"""The contract's exit code of a run that did some of its work and not the rest."""


@click.command("rollback")
@click.argument("journal", metavar="JOURNAL", type=GivenPath())
@click.argument("target", metavar="TARGET", type=Given())
@click.option("--yes", is_flag=True, allow_from_autoenv=False, help="Do not ask.")
@click.option("--only", multiple=True, metavar="ID", type=Given(), help="Undo only this value, c1.2 for instance.")
@click.option("--dry-run", is_flag=True, help="Say what would be undone.")
@formats("text", "json")
@live
@common
def command(journal: Path, target: str | Server, form: str, *, yes: bool, only: tuple[str, ...], dry_run: bool) -> None:
    """Undo what JOURNAL says was applied to TARGET, newest first.

    \b
    Records of a file get their very bytes back; on a server the values go
    that came, and a mailbox that was made stays. It stops (5) where something
    was changed since. The rollback has a journal of its own, so it can be
    rolled back too.

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
    notes_of(click.get_current_context()).done = f"{undone.journal} says what was undone" if undone.journal else ""
    if form == "json":
        write(json_text(undone.to_dict()))
    else:
        show_lines(rollback_lines(undone.to_dict(), width()))
    if not undone.way:
        say("Nothing is left to undo: what this journal applied is not there any more.")
    for text in dict.fromkeys(back.by_hand for back in undone.way if back.by_hand):
        say(f"By hand: {text}")
    context = click.get_current_context()
    first, more = first_words(context), live_words(context)
    if undone.trouble:
        say(f"remedy: {undone.trouble}")
        say(f"To go on: {shlex.join([*first, 'rollback', str(journal), str(target), *more])}")
    if undone.journal:
        words = shlex.join([*first, "rollback", undone.journal, str(target), *more])
        say(f"The journal of this rollback is {printable(undone.journal)}; to take it back: {words}")
    sys.exit(_code(undone))


def _code(undone: Undone) -> int:
    """Give the exit code: 6 if some steps were taken back and others not, or nobody knows."""
    if undone.trouble is None:
        return 0
    return _PARTLY if undone.unsure or "undone" in undone.ends else undone.trouble.exit_code
