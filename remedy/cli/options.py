"""Options that several commands share, and what they turn into."""

import functools
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from remedy.cli import OPTIONS
from remedy.cli.exports import export_option
from remedy.cli.given import CodeName, Given, GivenPath
from remedy.cli.output import Notes, chosen_color, progress_of, shown_name
from remedy.dialects import NAMES
from remedy.errors import RemedyError
from remedy.stores.kinds import SourceKind, is_url

__all__ = [
    "CodeName",
    "Given",
    "GivenPath",
    "all_of",
    "common",
    "everywhere",
    "formats",
    "from_settings",
    "notes_of",
    "output_file",
    "reading",
    "settable",
    "shared",
    "sources",
    "url_of",
]

Command = TypeVar("Command", bound=Callable[..., Any])


def all_of(*decorators: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Make one decorator of several, in the order they are to stand in the help."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def notes_of(context: click.Context) -> Notes:
    """Give the notes of this run."""
    return context.ensure_object(Notes)


_NEARNESS = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP)


def _noted(context: click.Context, param: click.Parameter, value: Any) -> None:
    """Keep an option that every command has, whether it stands before or after the command."""
    if context.resilient_parsing:
        return
    notes, source = notes_of(context), context.get_parameter_source(param.name or "")
    if source in _NEARNESS:
        notes.take(param.name or "", value, _NEARNESS.index(source))
    context.color = chosen_color(notes.color)


class _Log(Given):
    """The name of a log file, which stays the same wherever the program goes."""

    name = "FILE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse stdout, which carries data and nothing else."""
        if value == "-":
            self.fail("a log is a file of its own; -v puts what it holds on stderr.", param, ctx)
        from pathlib import Path

        return str(Path(super().convert(value, param, ctx)).absolute())


everywhere = all_of(
    click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        expose_value=False,
        callback=_noted,
        help=OPTIONS["color"][1],
    ),
    click.option(
        "-v", "--verbose", count=True, expose_value=False, callback=_noted,
        help=OPTIONS["verbose"][1],
    ),
    click.option(
        "--log-file", metavar="FILE", type=_Log(), expose_value=False, callback=_noted,
        help=OPTIONS["log_file"][1],
    ),
    click.option(
        "--debug", is_flag=True, expose_value=False, callback=_noted, help=OPTIONS["debug"][1]
    ),
)  # fmt: skip
"""Gives a command, or the group, the options that every command has."""


@click.command("all")
@everywhere
def shared() -> None:
    """Stand for every command: what the table [all] of the settings can hold."""


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that every command has, and tell what it reads and how long it takes."""

    @functools.wraps(command)
    def told(*args: Any, **given: Any) -> None:
        context = click.get_current_context()
        notes, began = notes_of(context), time.monotonic()
        if notes.settings:
            notes.tell(1, notes.settings)
        for text in _read_by(context):
            notes.tell(1, text)
        notes.timed("start", notes.began)
        try:
            command(*args, **given)
        finally:
            notes.timed(str(context.info_name), began)

    return everywhere(told)


_READ_AS: Mapping[str, str] = {"sources": "", "target": "", "plan": "a plan", "journal": "a journal"}


def _read_by(context: click.Context) -> Iterable[str]:
    """Say which files a command reads, and as what; of those that cannot be, the command itself tells."""
    notes = notes_of(context)
    if not notes.verbose and notes.log_file is None:
        return
    from remedy.stores.files import detect

    for param in context.command.params:
        name = str(param.name)
        if name not in _READ_AS or not (isinstance(param, click.Argument) or name == "plan"):
            continue
        given = context.params.get(name) or ()
        for file in given if isinstance(given, tuple) else (given,):
            with suppress(RemedyError):
                kind: str | None = SourceKind.LDAP if str(file).startswith("@") else None
                kind = _READ_AS[name] or kind or detect(str(file), context.params.get("as"))
                yield f"reading {shown_name(str(file))} as {kind}"


def settable(command: click.Command) -> dict[str, click.Option]:
    """Give the options that environment and settings may set, by their long names."""
    options = (option for option in command.params if isinstance(option, click.Option) and option.allow_from_autoenv)
    return {word[2:]: option for option in options for word in option.opts if word.startswith("--")}


def from_settings(option: click.Option, command: click.Command, value: object) -> object:
    """Give a value of the settings file as click takes it from there.

    Raises:
        ValueError: the option does not take it; the sentence is click's.
    """
    if option.is_flag:
        if not isinstance(value, bool):
            raise ValueError(f"{value!r} is neither true nor false.")
        return value
    values = value if isinstance(value, list) and option.multiple else [value]
    if any(isinstance(one, bool) or not isinstance(one, str | int | float) for one in values):
        raise ValueError(f"it is no text or number{', nor a list of them' if option.multiple else ''}.")
    words = [str(one) for one in values]
    wanted = words if option.multiple else words[0]
    try:
        option.type_cast_value(click.Context(command), wanted)
    except click.BadParameter as fault:
        raise ValueError(fault.message) from None
    return wanted


def url_of(value: object) -> object:
    """Give the URL of a profile.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str) or not is_url(value):
        raise ValueError("it is no URL that begins with ldap://, ldaps:// or ldapi://.")
    return value


sources = click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=Given())


def formats(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command its output formats, the first being the default, as ``form``."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def formed(**given: Any) -> None:
            command(form=given.pop("format"), **given)

        option = click.option("--format", type=click.Choice(names), default=names[0], show_default=True)
        return option(formed)

    return decorate


def reading(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of how sources are read and which postoffices count, as ``manner`` and ``scope``."""
    kinds = click.Choice([kind.value for kind in SourceKind])
    dialects = click.Choice(["auto", *NAMES])

    @functools.wraps(command)
    def read(*, include: tuple[str, ...], exclude: tuple[str, ...], **given: Any) -> None:
        from remedy.admincsv import Layout
        from remedy.reading import Manner
        from remedy.survey import Scope

        dialect, kind, strict = given.pop("dialect"), given.pop("as"), given.pop("strict")
        notes = notes_of(click.get_current_context())
        progress = notes.watching(progress_of())
        manner = Manner(
            dialect=dialect, as_kind=kind, strict=strict, progress=progress, tell=functools.partial(notes.tell, 0),
            export=Layout.of(given.pop("export_option")),
        )  # fmt: skip
        command(scope=Scope(include, exclude), manner=manner, **given)

    return all_of(
        click.option("--include", multiple=True, metavar="GLOB", help="Only postoffices whose NETWORK/PO matches."),
        click.option(
            "--exclude", multiple=True, metavar="GLOB", help="Leave out postoffices whose NETWORK/PO matches."
        ),
        click.option(
            "--as", type=kinds, metavar="KIND", help=f"Read the sources as this kind: {', '.join(SourceKind)}."
        ),
        click.option("--strict", is_flag=True, help="Check every line of every LDIF record."),
        export_option,
        click.option("--dialect", type=dialects, default="auto", show_default=True, help="The kind of directory."),
    )(read)


def output_file(what: str) -> Callable[[Command], Command]:
    """Give a command ``-o FILE``."""
    return click.option(
        "-o", "--output", metavar="FILE", type=Given(), help=f"Write {what} to this file (- is stdout)."
    )
