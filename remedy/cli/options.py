"""Options that several commands share, and what they turn into."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from remedy.cli.output import chosen_color, progress_of
from remedy.dialects import DIALECTS
from remedy.reading import Manner
from remedy.stores.files import SourceKind
from remedy.survey import Scope

__all__ = ["common", "formats", "output_file", "reading", "sources"]

Command = TypeVar("Command", bound=Callable[..., Any])


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


sources = click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)


def formats(*names: str) -> Callable[[Command], Command]:
    """Give a command its output formats; the first is the default."""
    return click.option(
        "--format", "form", type=click.Choice(names), default=names[0], show_default=True, help="What stdout carries."
    )


def reading(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of how sources are read and which postoffices count, as ``manner`` and ``scope``."""
    kinds = click.Choice([kind.value for kind in SourceKind])
    dialects = click.Choice(["auto", *DIALECTS])

    @functools.wraps(command)
    def read(
        *,
        include: tuple[str, ...],
        exclude: tuple[str, ...],
        as_kind: str | None,
        dialect: str,
        strict: bool,
        **rest: Any,
    ) -> None:
        manner = Manner(dialect=dialect, as_kind=as_kind, strict=strict, progress=progress_of())
        command(scope=Scope(include, exclude), manner=manner, **rest)

    return _all(
        click.option("--include", multiple=True, metavar="GLOB", help="Only postoffices whose NETWORK/PO matches."),
        click.option(
            "--exclude", multiple=True, metavar="GLOB", help="Leave out postoffices whose NETWORK/PO matches."
        ),
        click.option("--as", "as_kind", type=kinds, help="Read the sources as this kind instead of detecting it."),
        click.option("--strict", is_flag=True, help="Check every line of every LDIF record."),
        click.option("--dialect", type=dialects, default="auto", show_default=True, help="The kind of directory."),
    )(read)


def output_file(what: str) -> Callable[[Command], Command]:
    """Give a command ``-o FILE``."""
    return click.option("-o", "--output", metavar="FILE", help=f"Write {what} to this file (- is stdout).")
