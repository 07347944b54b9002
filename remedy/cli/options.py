"""Options that several commands share, and what they turn into."""

import difflib
import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from remedy.cli.output import chosen_color, progress_of
from remedy.dialects import DIALECTS
from remedy.reading import Manner
from remedy.stores.files import SourceKind
from remedy.survey import Scope
from remedy.text import fold, joined, printable

__all__ = ["CodeName", "Given", "common", "formats", "output_file", "reading", "sources"]

Command = TypeVar("Command", bound=Callable[..., Any])


class Given(click.ParamType[str]):
    """A text that is not empty: an unset shell variable is no wish."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse an empty text."""
        if not str(value).strip():
            self.fail("it is empty. Is a shell variable not set?", param, ctx)
        return str(value)


class CodeName(click.ParamType[str]):
    """The code of a finding or hazard, in any case."""

    name = "CODE"

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = tuple(codes)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the code as it is written in the table, or name those that look like it."""
        found = next((code for code in self.codes if fold(code) == fold(str(value))), None)
        if found is None:
            near = difflib.get_close_matches(fold(str(value)), self.codes, n=3, cutoff=0.5)
            hint = f" Do you mean {joined(near)}?" if near else " `remedy survey` shows the codes that matter."
            self.fail(f"there is no code {printable(str(value))}.{hint}", param, ctx)
        return found

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """Complete a code."""
        return [CompletionItem(code) for code in self.codes if code.startswith(fold(incomplete))]


def _all(*decorators: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Make one decorator of several, in the order they are to stand in the help."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def common(command: Command) -> Command:
    """Give a command the options that every command has."""
    color = click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        expose_value=False,
        callback=lambda context, _, value: setattr(context, "color", chosen_color(value)),
        is_eager=True,
        help="Colour the output (auto: on a terminal; NO_COLOR and FORCE_COLOR are heeded).",
    )
    debug = click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback if remedy itself fails.")
    return _all(color, debug)(command)


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
    dialects = click.Choice(["auto", *DIALECTS])

    @functools.wraps(command)
    def read(*, include: tuple[str, ...], exclude: tuple[str, ...], **given: Any) -> None:
        dialect, kind, strict = given.pop("dialect"), given.pop("as"), given.pop("strict")
        manner = Manner(dialect=dialect, as_kind=kind, strict=strict, progress=progress_of())
        command(scope=Scope(include, exclude), manner=manner, **given)

    return _all(
        click.option("--include", multiple=True, metavar="GLOB", help="Only postoffices whose NETWORK/PO matches."),
        click.option(
            "--exclude", multiple=True, metavar="GLOB", help="Leave out postoffices whose NETWORK/PO matches."
        ),
        click.option(
            "--as", type=kinds, metavar="KIND", help=f"Read the sources as this kind: {', '.join(SourceKind)}."
        ),
        click.option("--strict", is_flag=True, help="Check every line of every LDIF record."),
        click.option("--dialect", type=dialects, default="auto", show_default=True, help="The kind of directory."),
    )(read)


def output_file(what: str) -> Callable[[Command], Command]:
    """Give a command ``-o FILE``."""
    return click.option(
        "-o", "--output", metavar="FILE", type=Given(), help=f"Write {what} to this file (- is stdout)."
    )
