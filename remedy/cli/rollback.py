"""``remedy rollback``: the way back that a journal shows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from remedy.cli.live import first_words, live, live_words
from remedy.cli.options import Given, GivenPath, common, formats, notes_of
from remedy.cli.output import confirmed, named, pasted, say, show_lines, width, write_json
from remedy.errors import Interrupted
from remedy.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    from remedy.stores.places import Server
    from remedy.undoing import Undone

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
    from remedy import undoing
    from remedy.reports import rollback_lines

    def confirm(preview: Undone) -> bool:
        _say_elsewhere(preview)
        return yes or confirmed(
            rollback_lines({**preview.to_dict(), "dry_run": True}, width()), f"Undo this in {target}?"
        )

    wishes = undoing.RollbackWishes(only=frozenset(only), dry_run=dry_run, asks=not yes)
    again = ["rollback", named(journal), named(target), *(word for name in only for word in ("--only", name))]
    try:
        undone = undoing.rollback(journal, target, wishes, confirm)
    except Interrupted:
        _say_line("To go on", again)
        raise
    notes_of(click.get_current_context()).done = f"{undone.journal} says what was undone" if undone.journal else ""
    if undone.dry_run:
        _say_elsewhere(undone)
    _say_the_ways(undone, again, str(target))
    if form == "json":
        write_json(undone.to_dict())
    else:
        show_lines(rollback_lines(undone.to_dict(), width()))
    if not undone.way:
        say("Nothing is left to undo: what this journal applied was taken back before.")
    sys.exit(_code(undone))


def _say_elsewhere(undone: Undone) -> None:
    """Say that a journal names another server."""
    if undone.elsewhere:
        say(f"The journal was written for {printable(undone.elsewhere)}. Is that the same directory?")


def _say_the_ways(undone: Undone, again: list[str], target: str) -> None:
    """Say what stood in the way, the command lines that lead on and back, and what is left for people."""
    if undone.trouble:
        say(f"remedy: {undone.trouble}")
        _say_line("To go on", again)
    if undone.journal:
        say(f"The journal of this rollback is {printable(undone.journal)}.")
        _say_line("To take it back", ["rollback", named(undone.journal), named(target)])
    ends = zip(undone.way, undone.ends, strict=True)
    for text in dict.fromkeys(back.by_hand for back, end in ends if back.by_hand and end == "undone"):
        say(f"By hand: {text}")


def _say_line(name: str, words: list[str]) -> None:
    """Say a command line that goes by the same settings and the same connection."""
    context = click.get_current_context()
    say(f"{name}: {pasted([*first_words(context), *words, *live_words(context)])}")


def _code(undone: Undone) -> int:
    """Give the exit code: 6 if some steps were taken back and others not, or nobody knows."""
    if undone.trouble is None:
        return 0
    return _PARTLY if undone.unsure or "undone" in undone.ends else undone.trouble.exit_code
