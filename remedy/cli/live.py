"""Options of live directories, and what they turn names into: a URL, or ``@NAME`` of a profile, becomes a server."""

import functools
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from remedy.cli.options import Given, all_of, notes_of
from remedy.cli.secrets import password_of
from remedy.errors import UsageError
from remedy.stores.kinds import is_url
from remedy.text import joined, printable
from remedy.words import SASL

if TYPE_CHECKING:
    from remedy.reading import Manner
    from remedy.stores.login import Pace
    from remedy.stores.places import Server

__all__ = ["Number", "first_words", "live", "live_words"]

Command = TypeVar("Command", bound=Callable[..., Any])

_NAMES = ("bind_dn", "password_file", "sasl", "starttls", "ca_file", "insecure_plain", "page_size", "timeout")
_SAID = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)


class Number(click.FloatRange):
    """A number within a range; what is none (nan) lies in no range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what is no number."""
        found = super().convert(value, param, ctx)
        if math.isnan(found):
            self.fail(f"{value} is no number.", param, ctx)
        return found


_OPTIONS = all_of(
    click.option("--bind-dn", metavar="DN", type=Given(), help="Server: bind as this name."),
    click.option("--password-file", metavar="FILE", type=Given(), help="Server: its password is this file's first line."),
    click.option("--sasl", type=click.Choice(SASL), help="Server: bind by who runs this (default on ldapi://)."),
    click.option("--starttls", is_flag=True, help="Server: protect ldap:// by TLS."),
    click.option("--ca-file", metavar="FILE", type=Given(), help="Server: trust the authorities in this PEM file."),
    click.option(
        "--insecure-plain", is_flag=True, allow_from_autoenv=False, help="Server: send the password in clear text."
    ),
    click.option("--page-size", type=click.IntRange(1, 100_000), metavar="N", help="Server: entries a page."),
    click.option(
        "--timeout", type=Number(0, 86_400, min_open=True), default=30, metavar="SECONDS", show_default=True,
        help="Server: wait so long for each answer.",
    ),
)  # fmt: skip


def live(command: Command) -> Callable[..., Any]:
    """Give a command the options of live directories; what names a server among its arguments becomes one."""

    @functools.wraps(command)
    def opened(**given: Any) -> Any:
        options = {name: given.pop(name) for name in _NAMES}
        context = click.get_current_context()
        from remedy.stores.login import Pace

        pace = Pace(given["rate"], time.monotonic, time.sleep) if given.get("rate") else None

        def place(name: str) -> "str | Server":
            if not is_url(name) and not name.startswith("@"):
                return name
            return _server(context, name, options, pace)

        if "manner" in given:
            given["manner"] = _of_kind(context, given["manner"], given.get("sources", ()))
        if "sources" in given:
            given["sources"] = tuple(map(place, given["sources"]))
        if "target" in given:
            given["target"] = place(given["target"])
        return command(**given)

    return _OPTIONS(opened)


def live_words(context: click.Context) -> list[str]:
    """Give the live options that were said or set for this command, to be said again; a profile says its own."""
    target, words = str(context.params.get("target") or ""), list[str]()
    profile = _profile(context, target[1:]) if target.startswith("@") else {}
    for param in context.command.params:
        name, value = str(param.name), context.params.get(str(param.name))
        if name in profile and context.get_parameter_source(name) not in _SAID:
            continue
        if name in _NAMES and value and context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            shown = f"{value:g}" if isinstance(value, float) else str(value)
            words += [param.opts[0]] if value is True else [param.opts[0], shown]
    return words


def first_words(context: click.Context) -> list[str]:
    """Give how a command line begins that goes by the same settings."""
    config = notes_of(context).config
    return ["remedy", *(["--config", config] if config else ["--no-config"] if config == "" else [])]


def _of_kind(context: click.Context, manner: "Manner", names: Iterable[str]) -> "Manner":
    """Take the kind of directory from a profile, unless it was said."""
    if context.get_parameter_source("dialect") in _SAID:
        return manner
    kinds = {_profile(context, name[1:]).get("dialect") for name in names if name.startswith("@")} - {None}
    return replace(manner, dialect=str(kinds.pop())) if len(kinds) == 1 else manner


def _server(context: click.Context, name: str, options: Mapping[str, Any], pace: "Pace | None") -> "Server":
    """Make what leads to a server, by its URL or by the profile that names it."""
    from pathlib import Path

    from remedy.stores.login import Login, Sasl
    from remedy.stores.places import Server

    profile = _profile(context, name[1:]) if name.startswith("@") else {}
    chosen = {
        key: value if context.get_parameter_source(key) in _SAID else _cast(context, key, profile.get(key, value))
        for key, value in options.items()
    }
    url = str(profile.get("url", name))
    login = Login(
        bind_dn=chosen["bind_dn"] or "",
        sasl=Sasl(chosen["sasl"]) if chosen["sasl"] else None,
        starttls=chosen["starttls"],
        ca_file=Path(chosen["ca_file"]) if chosen["ca_file"] else None,
        insecure_plain=chosen["insecure_plain"],
        page_size=chosen["page_size"],
        timeout=chosen["timeout"],
        clock=time.monotonic,
    )
    file = chosen["password_file"]
    if file and not login.bind_dn:
        raise UsageError("--password-file needs --bind-dn: whose password is it?")
    if _origin(context, "password_file", profile) not in {
        "said",
        _origin(context, "bind_dn", profile),
    } and _named_beside(context, "password_file", profile) not in {"", login.bind_dn}:
        file = None  # it goes with another name
    login = replace(login, password=password_of(url, login.bind_dn, file))
    notes = notes_of(context)
    return Server(url=url, login=login, pace=pace, tell=lambda text: notes.tell(0, text), called=name)


def _origin(context: click.Context, name: str, profile: Mapping[str, Any]) -> str:
    """Say where the value of an option comes from."""
    if context.get_parameter_source(name) in _SAID:
        return "said"
    return "profile" if name in profile else "settings"


def _named_beside(context: click.Context, name: str, profile: Mapping[str, Any]) -> str:
    """Give the bind name that stands where an option that was not said comes from."""
    if _origin(context, name, profile) == "profile":
        return str(profile.get("bind_dn", ""))
    return str((context.default_map or {}).get("bind_dn") or "")


def _profile(context: click.Context, name: str) -> Mapping[str, Any]:
    """Give the profile of a name, its keys written as the parameters are."""
    profiles = notes_of(context).profiles
    if name not in profiles:
        known = f"there are {joined(sorted(profiles))}" if profiles else "the settings have none"
        raise UsageError(
            f"There is no profile @{printable(name)}; {known}. A file of that name is ./@{printable(name)}."
        )
    found = {key.replace("-", "_"): value for key, value in profiles[name].items()}
    if "url" not in found:
        raise UsageError(f"The profile @{printable(name)} has no url.")
    return found


def _cast(context: click.Context, name: str, value: Any) -> Any:
    """Give what a profile says as its option takes it."""
    (param,) = (param for param in context.command.params if param.name == name)
    return value if value is None or isinstance(value, bool) else param.type_cast_value(context, str(value))
