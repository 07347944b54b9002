"""The group of verbs, and the one boundary where errors become sentences and exit codes."""

import contextlib
import dataclasses
import functools
import importlib
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import click
from click.core import ParameterSource

import remedy
from remedy.cli import _VERBS, OPTIONS, help_text
from remedy.cli.options import everywhere, from_settings, notes_of, settable, shared, url_of
from remedy.cli.output import Notes
from remedy.errors import RemedyError, UsageError
from remedy.text import printable

__all__ = ["main", "stumbled"]

_PIPE = 128 + 13
"""How a shell tells that a program was ended by a closed pipe."""


class _Context(click.Context):
    """Where a verb runs: its defaults come from the settings file, which help and completion never look at."""

    def lookup_default(self, name: str, call: bool = True) -> Any:  # noqa: FBT001, FBT002 - click's signature
        """Read the settings file when the first default is asked for: what was said is known by then."""
        own = any(
            param.name == name for param in self.command.params
        )  # --help, which click adds, is asked first of all
        if self.default_map is None and own and self.info_name != "completion" and not self.resilient_parsing:
            self.default_map = dict(_defaults(notes_of(self)).get(str(self.info_name), {}))
        return super().lookup_default(name, call)  # type: ignore[call-overload]

    def get_help(self) -> str:
        """Give the help, which is the same whatever is set."""
        self.default_map = {}
        return super().get_help()


def _command(verb: str) -> click.Command:
    """Load a verb; ``all`` stands for each of them."""
    if verb == "all":
        return shared
    command: click.Command = importlib.import_module(f"remedy.cli.{verb}").command
    command.context_class = _Context
    return command


def _defaults(notes: Notes) -> Mapping[str, Mapping[str, Any]]:
    """Give the defaults of each verb that the settings file sets; it is read once.

    Raises:
        InputError: something is wrong with it.
        Refused: it belongs to somebody else.
    """
    if notes.defaults is not None:
        return notes.defaults
    from pathlib import Path

    from remedy import config

    verbs = [verb for verb in _VERBS if verb != "completion"]
    found = None
    if notes.config is None:
        with contextlib.suppress(FileNotFoundError):  # the working folder itself may be gone
            found = config.nearest(Path.cwd(), os.geteuid() if hasattr(os, "geteuid") else None)
        notes.settings = "no settings file: neither remedy.toml nor [tool.remedy], here or above"
    elif notes.config:
        found = config.named(Path(notes.config).absolute())
    else:
        notes.settings = "no settings file is read, as was said (--no-config)"
    notes.defaults = {verb: {} for verb in verbs}
    if found:
        tables = {name: functools.partial(_checks, name) for name in ("all", *verbs)}
        own = _checks("survey")
        keys = {key: own.get(key, url_of) for key in config.PROFILE}
        given = config.settled(found, tables, lambda: keys)
        notes.profiles = given.pop("profile", {})
        set_here = {
            name: {str(settable(_command(name))[key].name): value for key, value in table.items()}
            for name, table in given.items()
        }
        notes.settings = f"settings: {found.path}"
        notes.defaults = {verb: {**set_here.get("all", {}), **set_here.get(verb, {})} for verb in verbs}
    return notes.defaults


def _checks(verb: str) -> dict[str, Callable[[object], object]]:
    """Give the check of each option of a verb."""
    command = _command(verb)
    return {name: functools.partial(from_settings, option, command) for name, option in settable(command).items()}


class _Gone(Exception):  # noqa: N818 - nobody erred
    """Whoever read our output has gone; of the system's own error for it click makes an end without a word."""


class _Group(click.Group):
    """Loads a verb when it is asked for, and turns errors into exit codes."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the command line; help may be printed here."""
        try:
            return super().make_context(*args, **extra)
        except BrokenPipeError:
            raise _Gone from None

    def invoke(self, ctx: click.Context) -> Any:
        """Carry the verb out."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _Gone from None

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _VERBS:
            return None
        return _command(cmd_name)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the help that is written without click too."""
        formatter.write(help_text(formatter.width))

    def main(self, args: Sequence[str] | None = None, **extra: Any) -> Any:  # type: ignore[override]
        """Run; whatever goes wrong ends in one sentence and the exit code of the contract."""
        words = list(sys.argv[1:] if args is None else args)
        alone = extra.pop("standalone_mode", True)
        notes = _begun()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(
                stream, io.TextIOWrapper
            ):  # an old console cannot show every name: show which character it was
                stream.reconfigure(errors="backslashreplace")
        try:
            code = super().main(words, **{"prog_name": "remedy", "obj": notes, **extra}, standalone_mode=False)
            _flushed()
        except Exception as error:
            if not alone and isinstance(error, RemedyError | click.ClickException):
                raise
            stumbled(error, notes, debug=notes.debug or "--debug" in words)
        if alone:
            sys.exit(code if isinstance(code, int) else 0)
        return code


def _begun() -> Notes:
    """Begin the notes of a run; one inside another (the demo) tells as much, but goes by no settings."""
    outer = click.get_current_context(silent=True)
    notes = outer.find_object(Notes) if outer else None
    if notes is None:
        return Notes()
    return dataclasses.replace(
        notes, ranks=dict(notes.ranks), defaults={}, settings="", began=Notes().began, logged=True
    )


def _flushed() -> None:
    """Bring out what is still held back, so that a full disk is noticed."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def stumbled(error: Exception, notes: Notes | None = None, *, debug: bool = False) -> NoReturn:
    """Say what went wrong in a sentence, and end with its exit code."""
    notes = notes or Notes()
    done = printable(notes.done)
    match error:
        case RemedyError():
            _end(notes, str(error), error.exit_code)
        case click.exceptions.Exit():
            sys.exit(error.exit_code)
        case click.ClickException():
            error.show()
            notes.failed(error.format_message())
            sys.exit(error.exit_code)
        case click.Abort():
            _end(notes, f"interrupted; {done or 'nothing was written to any directory'}.", 130)
        case BrokenPipeError() | _Gone():  # whoever read our output has seen enough: end as other tools do
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if done:
                _end(notes, f"nobody read the output to its end; {done}.", _PIPE)
            sys.exit(_PIPE)
        case OSError(filename=None) if not debug:
            what = "; ".join(filter(None, (f"the output cannot be written: {error.strerror}", done)))
            _end(notes, f"{what}. Check the disk and where stdout goes.", 1)
        case OSError() if not debug:
            what = "; ".join(filter(None, (f"{printable(str(error.filename))}: {error.strerror}", done)))
            _end(notes, f"{what}. Check the name, and that you may use what it names.", 1)
    if debug:
        import traceback

        traceback.print_exc()
    kind = f"{type(error).__name__}: {error}"
    _end(notes, f"this is a fault of remedy ({kind}). Run it again with --debug and report what it prints.", 1)


def _end(notes: Notes, sentence: str, code: int) -> NoReturn:
    """Say how it ended, and end."""
    with contextlib.suppress(OSError):
        click.echo(f"remedy: {sentence}", err=True)
    notes.failed(sentence)
    with contextlib.suppress(OSError):
        _flushed()
    sys.exit(code)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "REMEDY", "max_content_width": 100},
)
@click.version_option(remedy.__version__, message="%(prog)s %(version)s")
@everywhere
@click.option("--config", metavar="FILE", help=OPTIONS["config"][1])
@click.option("--no-config", is_flag=True, help=OPTIONS["no_config"][1])
@click.pass_context
def main(context: click.Context, config: str | None, *, no_config: bool) -> None:
    """Find the mail loops and plan their cure; `remedy.cli` has the help."""
    notes, said = notes_of(context), context.get_parameter_source
    if no_config and config is not None and said("config") is said("no_config"):
        raise UsageError("--config names a file and --no-config wants none: say one of them.")
    if config is not None and not (no_config and said("no_config") is ParameterSource.COMMANDLINE):
        if not config.strip():
            raise UsageError("--config is empty. Is a shell variable not set?")
        notes.config = config
    elif no_config:
        notes.config = ""
