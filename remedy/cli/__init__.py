"""The command line: what it answers at once, and behind ``main`` all else.

Law: ``--help`` and ``--version`` load nothing but this; click alone takes longer than the whole of it.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import remedy

TYPE_CHECKING = False  # as in typing, which is not needed to start
if TYPE_CHECKING:
    from typing import Any

    from remedy.cli.group import main

__all__ = ["OPTIONS", "answered", "help_text", "main"]

_VERBS: Mapping[str, str] = MappingProxyType({
    "survey": "Show the postoffices, how each is covered, and what is wrong.",
    "plan": "Plan the smallest change set that covers every postoffice; writes nothing.",
    "show": "Show a saved plan in another form.",
    "render": "Write a plan as scripts of other tools, each with its inverse.",
    "runbook": "Write the document that people carry out and sign.",
    "trace": "Walk the mail flow of the article for each postoffice.",
    "apply": "Carry a plan out on a file or a server, journalled, with the way back.",
    "rollback": "Undo what a journal says was applied.",
    "verify": "Read the sources anew and prove each postoffice.",
    "diagnose": "Find the loops in event logs, with their two ends and what started them.",
    "explain": "Say what a finding or hazard means, why, and what to do.",
    "demo": "Write a sample estate and do the whole job on it.",
    "completion": "Print the completion script of a shell.",
})  # fmt: skip
"""Every command and its line in the help: the module of that name is loaded only when it is used."""

OPTIONS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "version": ("--version", "Show the version and exit."),
    "color": (
        "--color [auto|always|never]", "Colour the output (auto: on a terminal; NO_COLOR and FORCE_COLOR are heeded).",
    ),
    "verbose": ("-v, --verbose", "Say which settings and sources are read; -vv how long it takes."),
    "log_file": ("--log-file FILE", "Append what -vv says, and errors, to this file."),
    "debug": ("--debug", "Show a traceback if remedy itself fails."),
    "config": ("--config FILE", "Take defaults from this file, not from the nearest remedy.toml."),
    "no_config": ("--no-config", "Take defaults from no file."),
    "help": ("-h, --help", "Show this message and exit."),
})  # fmt: skip
"""The options that may stand before a command, as the help writes them, and what each is for."""

_ABOUT = "Find Microsoft Mail postoffices that make mail loops behind an Exchange server, and plan the cure (Q175447)."
_START = """\
  Start here:
    remedy demo                           the whole job on a sample estate
    remedy survey export.ldif             what is wrong
    remedy plan export.ldif -o plan.json  what would be changed, with proof
"""
_CODES = """\
  Exit codes:
    0 done            3 something to act on               6 partly applied
    1 failed          4 refused; the flag is named        7 cannot connect
    2 wrong usage     5 stale or in conflict              130 interrupted
"""
_WIDEST, _NARROWEST = 98, 50


def answered(words: Sequence[str]) -> bool:
    """Answer ``--version`` or ``--help``, if that is all there is to the command line; else tell that it was not."""
    if list(words) not in (["--version"], ["--help"], ["-h"]) or os.environ.get("_REMEDY_COMPLETE"):
        return False
    if sys.stdout is None:
        return False
    try:
        sys.stdout.write(f"remedy {remedy.__version__}\n" if words[0] == "--version" else help_text(_width()))
        sys.stdout.flush()
    except OSError as error:
        from remedy.cli.group import stumbled

        stumbled(error)
    return True


def help_text(width: int) -> str:
    """Give the help of the whole program, its lines as long as ``width`` at most."""
    options, commands = (list(_columns(rows, width)) for rows in (OPTIONS.values(), _VERBS.items()))
    about = [f"  {line}" for line in _wrapped(_ABOUT, width - 2)]
    parts = (["Usage: remedy [OPTIONS] COMMAND [ARGS]..."], about, [_START.rstrip("\n")],
             ["Options:", *options], ["Commands:", *commands], [_CODES.rstrip("\n")])  # fmt: skip
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _columns(rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """Set names and what is said of them in two columns."""
    pairs = list(rows)
    first = max(len(name) for name, _ in pairs) + 2
    for name, text in pairs:
        head, *rest = _wrapped(text, width - first - 2)
        yield f"  {name:{first}}{head}"
        yield from (f"  {'':{first}}{line}" for line in rest)


def _wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines."""
    import textwrap

    return textwrap.wrap(text, width, replace_whitespace=False)


def _width() -> int:
    """Give the columns to fill, as click reckons them for the help of a command."""
    import shutil

    return max(min(shutil.get_terminal_size().columns - 2, _WIDEST), _NARROWEST)


def __getattr__(name: str) -> "Any":
    """Load the commands when they are asked for."""
    if name != "main":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from remedy.cli.group import main

    return main
