"""What reaches the terminal: data on stdout, all else on stderr, colour and progress only where somebody looks."""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

import click

from remedy.reading import Progress
from remedy.tables import STYLES, Line, Table

__all__ = ["chosen_color", "json_text", "progress_of", "say", "show_lines", "show_table", "width", "write"]

_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "": {},
    "head": {"bold": True},
    "good": {"fg": "green"},
    "bad": {"fg": "red"},
    "warn": {"fg": "yellow"},
    "faint": {"dim": True},
}
_AFTER_SECONDS = 0.5
_EVERY_SECONDS = 0.1


def chosen_color(choice: str) -> bool | None:
    """Say whether to colour: True, False, or None for each stream by itself."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return False if os.environ.get("TERM") == "dumb" else None


def _watched(stream: TextIO | None) -> bool:
    """Tell whether somebody looks at a stream; it is None if it was closed before we began."""
    return stream is not None and stream.isatty()


def width() -> int:
    """Give the columns to fill: a terminal's, and 80 where nobody looks."""
    return max(40, shutil.get_terminal_size().columns if _watched(sys.stdout) else 80)


def json_text(document: Mapping[str, Any]) -> str:
    """Give a document as JSON in the order of its keys; every character is ASCII, so any terminal and file takes it."""
    return json.dumps(document, indent=2)


def write(text: str) -> None:
    """Put data on stdout, with one newline at its end."""
    click.echo(text.rstrip("\n"))


def say(text: str) -> None:
    """Put a message on stderr."""
    click.echo(text, err=True)


def show_lines(lines: Iterable[Line]) -> None:
    """Put styled lines on stdout."""
    for line in lines:
        click.secho(line.text, **_LOOKS[line.style])


def show_table(table: Table) -> None:
    """Put a table on stdout, each row in the colour of what it says."""
    from tabulate import tabulate

    text = tabulate(table.rows, table.headers, "simple", disable_numparse=True, maxcolwidths=_widths(table))
    head, rule, *body = text.splitlines()
    click.secho(head, bold=True)
    click.secho(rule, dim=True)
    for line in body:
        style = next((STYLES[word] for word in line.split() if word in STYLES), "")
        click.secho(line, **_LOOKS["" if style == "good" else style])


def _widths(table: Table) -> list[int | None]:
    """Share the width of the terminal among the columns: the last ones give way first."""
    needs = [
        max(len(head) + 2, *map(len, cells))  # tabulate leaves two blanks behind a header
        for head, *cells in zip(table.headers, *table.rows, strict=True)
    ]
    spare = width() - 2 * (len(needs) - 1) - sum(needs)
    limits: list[int | None] = [None] * len(needs)
    for column in range(len(needs) - 1, 0, -1):
        if spare < 0:
            limits[column] = max(12, len(table.headers[column]) + 2, needs[column] + spare)
            spare += needs[column] - (limits[column] or 0)
    return limits


def progress_of() -> Progress | None:
    """Give something that shows progress on stderr; None where nobody looks."""
    return _Bar() if _watched(sys.stderr) else None


class _Bar:
    """A line on stderr that appears once work has taken a while, and goes when it is done."""

    def __init__(self) -> None:
        self.began = self.drawn = time.monotonic()
        self.shown = False

    def __call__(self, name: str, done: int, total: int | None) -> None:
        """Show how far the reading of a file is."""
        spent = time.monotonic() - self.began
        if total is not None and done >= total:
            if self.shown:
                click.echo("\r\x1b[K", nl=False, err=True)
            self.began, self.shown = time.monotonic(), False
        elif spent > _AFTER_SECONDS and time.monotonic() - self.drawn > _EVERY_SECONDS:
            self.drawn = time.monotonic()
            rate = done / spent / 1e6
            part = f"{done * 100 // total:3} % " if total else f"{done / 1e6:,.0f} MB "
            filled = "#" * (done * 24 // total) if total else ""
            click.echo(f"\r\x1b[KReading {name[-40:]} [{filled:24}] {part}{rate:,.0f} MB/s", nl=False, err=True)
            self.shown = True
