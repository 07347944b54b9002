"""What reaches the terminal: data on stdout, all else on stderr, colour and progress only where somebody looks."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

import click

from remedy.errors import InputError, Refused
from remedy.text import printable

if TYPE_CHECKING:
    from remedy.reading import Progress
    from remedy.tables import Line, Table

__all__ = [
    "Notes",
    "changing_of",
    "chosen_color",
    "confirmed",
    "named",
    "pasted",
    "progress_of",
    "say",
    "show_lines",
    "show_table",
    "shown_name",
    "width",
    "write",
    "write_json",
]

_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "": {},
    "head": {"bold": True},
    "good": {"fg": "green"},
    "bad": {"fg": "red"},
    "warn": {"fg": "yellow"},
    "faint": {"dim": True},
}
_SECRET = re.compile(r"(?<=:)//[^\n]*@")  # what a URL holds of a user and a password
_PLAYFUL = re.compile(rb"[^A-Za-z0-9 %+,./:=@_-]")
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
    if not _watched(sys.stdout):
        return 80
    import shutil

    return max(40, shutil.get_terminal_size().columns)


def write(text: str) -> None:
    """Put data on stdout, with one newline at its end."""
    click.echo(text.rstrip("\n"))


def write_json(document: Mapping[str, Any]) -> None:
    """Put JSON on stdout, in the order of the keys; every character is ASCII, so any terminal and file takes it."""
    from remedy.json_text import indented

    for piece in indented(document):
        click.echo(piece, nl=False)
    click.echo()


def shown_name(name: str) -> str:
    """Give the name of a source; what a URL may hold of a user and a password is struck out."""
    return _SECRET.sub("//***@", name)


def named(path: object) -> str:
    """Give a file name as an argument that no program takes for an option; ``-`` stays the standard stream."""
    name = str(path)
    return f"./{name}" if name.startswith("-") and name != "-" else name


def pasted(words: Iterable[str]) -> str:
    """Give a command line that a shell takes for these very words; what a terminal cannot show is spelt out."""
    import shlex

    return " ".join(shlex.quote(word) if printable(word) == word else _spelt(word) for word in words)


def _spelt(word: str) -> str:
    """Give a word in the ANSI-C quoting of shells, every byte that could play a trick as a number."""
    try:
        data = os.fsencode(word)
    except UnicodeEncodeError:
        data = word.encode(errors="surrogatepass")
    return f"$'{_PLAYFUL.sub(lambda found: b'%c%03o' % (92, ord(found[0])), data).decode()}'"


def say(text: str) -> None:
    """Put a message on stderr."""
    click.echo(text, err=True)


def show_lines(lines: "Iterable[Line]") -> None:
    """Put styled lines on stdout."""
    for line in lines:
        click.secho(line.text, **_LOOKS[line.style])


def confirmed(preview: "Iterable[Line]", question: str) -> bool:
    """Show a preview on stderr and ask; where nobody can answer, the answer is no.

    Raises:
        Refused: there is no terminal to ask on.
    """
    for line in preview:
        click.secho(line.text, err=True, **_LOOKS[line.style])
    if not _watched(sys.stdin):
        raise Refused("Nobody can be asked here, and nothing was changed. Say --yes to go on.")
    return click.confirm(question, err=True)


def show_table(table: "Table") -> None:
    """Put a table on stdout, each row in the colour of what it says."""
    from tabulate import tabulate

    from remedy.tables import STYLES

    text = tabulate(table.rows, table.headers, "simple", disable_numparse=True, maxcolwidths=_widths(table))
    head, rule, *body = text.splitlines()
    click.secho(head, bold=True)
    click.secho(rule, dim=True)
    for line in body:
        style = next((STYLES[word] for word in line.split() if word in STYLES), "")
        click.secho(line, **_LOOKS["" if style == "good" else style])


def _widths(table: "Table") -> list[int | None]:
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


@dataclass(slots=True)
class Notes:
    """What is told about a run besides its data: by ``-v`` on stderr, and all of it in the log file.

    Law: no password gets here, and no URL that may hold one and was not judged yet (`shown_name`).
    """

    verbose: int = 0
    """0 = nothing, 1 = settings and sources, 2 = timings too."""
    log_file: str | None = None
    debug: bool = False
    color: str = "auto"
    ranks: dict[str, int] = field(default_factory=dict)
    """How near to the command line each of the above was given."""
    config: str | None = None
    """The settings file that was named; empty = there is to be none."""
    defaults: Mapping[str, Mapping[str, Any]] | None = None
    """The defaults of each command from the settings file; None = it was not read yet."""
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The connection profiles of the settings file."""
    settings: str = ""
    """Which settings file that is, in words."""
    began: float = field(default_factory=time.monotonic)
    logged: bool = False
    done: str = ""
    """What a run that writes has done, in words, in case that somebody stops it while it tells of it."""

    def take(self, name: str, value: Any, rank: int) -> None:
        """Keep an option that can stand before and after the command: what is nearest to the command line counts."""
        if rank <= self.ranks.get(name, rank):
            self.ranks[name] = rank
            setattr(self, name, value)

    def tell(self, level: int, text: str) -> None:
        """Tell something to whoever asked for this much, and log it.

        Raises:
            InputError: the log cannot be written, and this is the first of it.
        """
        if self.verbose >= level:
            say(f"remedy: {printable(text)}")
        try:
            self._append("info", text)
        except InputError as fault:
            if not self.logged:
                raise
            self.log_file = None
            say(f"remedy: {fault}")

    def failed(self, sentence: str) -> None:
        """Log how a run failed; it was said already."""
        with suppress(InputError):
            self._append("error", sentence)

    def timed(self, what: str, began: float) -> None:
        """Tell how long something took."""
        self.tell(2, f"{what}: {time.monotonic() - began:.3f} s")

    def watching(self, shown: "Progress | None") -> "Progress | None":
        """Give what is told of the progress of reading, so that the time of each source is told."""
        if self.verbose < 2 and self.log_file is None:  # noqa: PLR2004 - the level of timings
            return shown
        began: dict[str, float] = {}

        def progress(name: str, done: int, total: int | None) -> None:
            if shown:
                shown(name, done, total)
            began.setdefault(name, time.monotonic())
            if total is not None and done >= total:
                self.timed(f"read {name}, {done:,} bytes", began.pop(name))

        return progress

    def _append(self, kind: str, text: str) -> None:
        """Put a text into the log, each line with its time."""
        if self.log_file is None:
            return
        from datetime import UTC, datetime

        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        lines = (printable(line) for line in text.split("\n") if line.strip())
        try:
            handle = os.open(self.log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "a", encoding="utf-8") as file:
                file.write("".join(f"{now} {kind} {line}\n" for line in lines))
        except (OSError, ValueError) as fault:
            what = getattr(fault, "strerror", None) or fault
            advice = "Name another file with --log-file."
            raise InputError.of(self.log_file, f"the log cannot be written: {what}.", advice) from None
        self.logged = True


def progress_of() -> "Progress | None":
    """Give something that shows progress on stderr; None where nobody looks."""
    return _Bar() if _watched(sys.stderr) else None


def changing_of() -> Callable[[int, int], None] | None:
    """Give something that shows on stderr how many changes were made; None where nobody looks."""
    bar = _Bar() if _watched(sys.stderr) else None
    return None if bar is None else lambda done, total: bar.show(done, total, f"{done:,} of {total:,} changes")


class _Bar:
    """A line on stderr that appears once work has taken a while, and goes when it is done."""

    def __init__(self) -> None:
        self.began = self.drawn = time.monotonic()
        self.shown = False

    def __call__(self, name: str, done: int, total: int | None) -> None:
        """Show how far the reading of a source is."""
        spent = max(time.monotonic() - self.began, 1e-6)
        part = f"{done * 100 // total:3} %" if total else f"{done / 1e6:,.1f} MB"
        self.show(done, total, f"{part} {done / spent / 1e6:,.1f} MB/s", f"Reading {printable(name)[-34:]}")

    def show(self, done: int, total: int | None, numbers: str, what: str = "Changing") -> None:
        """Draw the line anew, now and then."""
        now = time.monotonic()
        if total is not None and done >= total:
            if self.shown:
                click.echo("\r\x1b[K", nl=False, err=True)
            self.began, self.shown = now, False
        elif now - self.began > _AFTER_SECONDS and now - self.drawn > _EVERY_SECONDS:
            self.drawn = now
            filled = "#" * (done * 24 // total) if total else ""
            click.echo(f"\r\x1b[K{what} [{filled:24}] {numbers}", nl=False, err=True)
            self.shown = True
