"""``remedy demo``: the whole job on a sample estate, command by command."""

import contextlib
import os
from pathlib import Path

import click

from remedy.cli.options import common
from remedy.cli.output import say, show_lines

__all__ = ["command"]


@click.command("demo")
@click.argument("folder", metavar="[FOLDER]", default="remedy-demo", type=click.Path(path_type=Path))
@common
@click.pass_context
def command(context: click.Context, folder: Path) -> None:
    """Write a sample estate into FOLDER (default ./remedy-demo) and do the whole job on it.

    \b
    Example:
      remedy demo
    """
    from remedy.demo import STORY, write_sample
    from remedy.tables import Line

    write_sample(folder)
    group = context.find_root().command
    with contextlib.chdir(folder):
        for chapter in STORY:
            show_lines(
                [
                    Line(),
                    Line(f"== {chapter.title}", "head"),
                    Line(f"$ remedy {' '.join(chapter.words)}", "good"),
                    Line(),
                ]
            )
            _told(group, chapter.words, context.color)
    say(
        f"\nThe files are in {folder}{os.sep}: the changed export,\n"
        "its backup, the plan and the journal. Go there and try\n"
        "  remedy rollback plan.json.journal fabrikam.ldif\n"
        "which leads back to the very bytes; then try it all on an export of your own."
    )


def _told(group: click.Command, words: tuple[str, ...], color: bool | None) -> None:  # noqa: FBT001 - click's own word
    """Run one command of the story; that it finds something to act on is part of the story."""
    try:
        group.main(list(words), prog_name="remedy", standalone_mode=False, color=color)
    except SystemExit as end:
        if end.code not in {0, 3}:
            raise
