"""``remedy completion``: the completion script of a shell."""

import click

from remedy.cli.options import common
from remedy.cli.output import write

__all__ = ["command"]


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
@common
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      remedy completion bash > /etc/bash_completion.d/remedy
      remedy completion powershell >> $PROFILE
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"This click has no completion for {shell}: install click 8.5 or later.")
    group = context.find_root().command
    write(kind(group, {}, "remedy", "_REMEDY_COMPLETE").source())
