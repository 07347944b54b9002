"""The command line: a group of verbs, and the one boundary where errors become sentences and exit codes."""

import contextlib
import importlib
import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NoReturn

import click

import remedy
from remedy.errors import RemedyError

__all__ = ["main"]

_VERBS: Mapping[str, str] = MappingProxyType({
    "survey": "Show the postoffices, how each is covered, and what is wrong.",
    "plan": "Plan the smallest change set that covers every postoffice; writes nothing.",
    "show": "Show a saved plan in another form.",
    "trace": "Walk the mail flow of the article for each postoffice.",
    "explain": "Say what a finding or hazard means, why, and what to do.",
    "demo": "Write a sample estate and do the whole job on it.",
    "completion": "Print the completion script of a shell.",
})  # fmt: skip
"""Every command and its line in the help: the module of that name is loaded only when it is used."""

_EPILOG = """
\b
Exit codes:
  0 done            3 something to act on               6 partly applied
  1 failed          4 refused; the flag is named        7 cannot connect
  2 wrong usage     5 stale or in conflict              130 interrupted
"""


class _Group(click.Group):
    """Loads a verb when it is asked for, and turns errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _VERBS:
            return None
        command: click.Command = importlib.import_module(f"remedy.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))

    def main(self, args: Sequence[str] | None = None, **extra: Any) -> Any:  # type: ignore[override]
        """Run; whatever goes wrong ends in one sentence and the exit code of the contract."""
        words = list(sys.argv[1:] if args is None else args)
        alone = extra.pop("standalone_mode", True)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(
                stream, io.TextIOWrapper
            ):  # an old console cannot show every name: show which character it was
                stream.reconfigure(errors="backslashreplace")
        try:
            code = super().main(words, **{"prog_name": "remedy", **extra}, standalone_mode=False)
            _flushed()
        except Exception as error:
            if not alone and isinstance(error, RemedyError | click.ClickException):
                raise
            _stumbled(error, debug="--debug" in words)
        if alone:
            sys.exit(code if isinstance(code, int) else 0)
        return code


def _flushed() -> None:
    """Bring out what is still held back, so that a full disk is noticed."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def _stumbled(error: Exception, *, debug: bool) -> NoReturn:
    """Say what went wrong in a sentence, and end with its exit code."""
    match error:
        case RemedyError():
            _end(str(error), error.exit_code)
        case click.exceptions.Exit():
            sys.exit(error.exit_code)
        case click.ClickException():
            error.show()
            sys.exit(error.exit_code)
        case click.Abort():
            _end("interrupted; nothing was written to any directory.", 130)
        case BrokenPipeError():  # whoever read our output has seen enough: end as other tools do
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(128 + 13)
        case OSError() if not debug:
            _end(f"the output cannot be written: {error.strerror}. Check the disk and where stdout goes.", 1)
    if debug:
        traceback.print_exc()
    kind = f"{type(error).__name__}: {error}"
    _end(f"this is a fault of remedy ({kind}). Run it again with --debug and report what it prints.", 1)


def _end(sentence: str, code: int) -> NoReturn:
    """Say how it ended, and end."""
    with contextlib.suppress(OSError):
        click.echo(f"remedy: {sentence}", err=True)
    with contextlib.suppress(OSError):
        _flushed()
    sys.exit(code)


@click.group(
    cls=_Group,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "REMEDY", "max_content_width": 100},
)
@click.version_option(remedy.__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Find Microsoft Mail postoffices that make mail loops behind an Exchange server, and plan the cure (Q175447).

    \b
    Start here:
      remedy demo                           the whole job on a sample estate
      remedy survey export.ldif             what is wrong
      remedy plan export.ldif -o plan.json  what would be changed, with proof
    """
