"""The tables of the Exchange Administrator program: their separators, and how several values stand in one cell.

Law: one value of many is never read as two, nor two as one (Q156063, Q165394).
"""

import codecs
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from remedy.errors import UsageError
from remedy.text import fold, joined, printable
from remedy.words import EXPORT_OPTIONS

__all__ = ["OPTIONS", "Layout", "read_option"]

OPTIONS = EXPORT_OPTIONS
"""The keys of an options file that say how a table is written (Q152472, Q190706)."""

_COLUMNS = ",;\t"
_SEVERAL = '%&^#@!$"'  # Q190706
_MARK = re.compile(r"[!-/:-@\[\]-`{-~\t]", re.ASCII)  # the backslash is kept for escapes
_BACKSLASHED = {"r": "\r", "n": "\n"}  # Q156063
_FIRST = "obj-class"
_UNICODE = {"unicode": "utf-16", "1200": "utf-16-le", "1201": "utf-16-be", "65001": "utf-8"}
_NAMES = {fold(name): name for name in OPTIONS} | {"quoteseparator": "QuoteCharacter"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written; the defaults are those of the program."""

    column: str = ""
    """What separates columns; empty = what the header shows."""
    quote: str = '"'
    several: str = "%"
    """What separates the values in one cell."""
    encoding: str = ""
    """The encoding, as Python calls it; empty = Unicode where the file shows it, else the ANSI code page 1252."""

    def __post_init__(self) -> None:
        """Refuse a mark that would mean two things."""
        marks = [mark for mark in (self.column, self.quote, self.several) if mark]
        if len(set(marks)) < len(marks):
            shown = joined(OPTIONS[:3])
            raise UsageError(f"--export-option: {shown} must differ; they are {joined(map(repr, marks))}.")

    @classmethod
    def of(cls, options: Iterable[str]) -> "Layout":
        """Give the layout that ``NAME=VALUE`` options say; the last one of a name counts.

        Raises:
            UsageError: there is no such option or value, or two marks are the same.
        """
        told: dict[str, str] = {}
        for text in options:
            try:
                name, value = read_option(text)
            except ValueError as fault:
                raise UsageError(f"--export-option {printable(text)}: {fault}") from None
            told[_FIELDS[name]] = value
        return cls(**told)

    def headed(self, line: str) -> "Layout | None":
        """Give the layout with the column separator that a header shows; None if it shows none."""
        if self.column:
            return self
        rest = fold(line).lstrip().removeprefix(self.quote).lstrip().removeprefix(_FIRST)
        mark = rest.lstrip(" ").removeprefix(self.quote).lstrip(" ")[:1]
        return replace(self, column=mark) if mark and mark in _COLUMNS else None

    def values(self, cell: str) -> tuple[str, ...]:
        """Give the values in a cell, without blank ones; their order is no data (Q190706)."""
        if "\\" not in cell:
            return tuple(filter(str.strip, cell.split(self.several)))
        parts, rest = [""], iter(cell)
        for mark in rest:
            if mark == self.several:
                parts.append("")
            else:
                parts[-1] += self._meant(next(rest, "")) if mark == "\\" else mark
        return tuple(filter(str.strip, parts))

    def text(self, cell: str) -> str:
        """Give the one value in a cell of a column that holds no more."""
        if "\\" not in cell:
            return cell
        rest = iter(cell)
        return "".join(self._meant(next(rest, "")) if mark == "\\" else mark for mark in rest)

    def _meant(self, mark: str) -> str:
        """Say what a backslash and the character behind it mean; a backslash before any other is one itself."""
        if mark in {"\\", "%", self.several}:
            return mark
        return _BACKSLASHED.get(mark, f"\\{mark}")


def read_option(text: str) -> tuple[str, str]:
    """Read ``NAME=VALUE`` in the Administrator's own names; give the name, and what the value means.

    Raises:
        ValueError: there is no such option, or it does not take the value; the sentence says what there is.
    """
    written, equals, value = text.partition("=")
    name = _NAMES.get(fold(written.strip()))
    if name is None or not equals:
        raise ValueError(f"write NAME=VALUE, NAME being one of {joined(OPTIONS)}.")
    return name, _READ[name](value)


def _mark(value: str) -> str:
    """Read a character, or its ASCII code as the options file has it."""
    code = value.strip()
    mark = chr(int(code)) if re.fullmatch("[0-9]{1,3}", code) else value
    if not _MARK.fullmatch(mark):
        raise ValueError("its value is one punctuation mark or tab, or the ASCII code of one, such as 44 or 59.")
    return mark


def _several(value: str) -> str:
    """Read the separator of values."""
    mark = _mark(value)
    if mark not in _SEVERAL:
        raise ValueError(f"its value is one of {' '.join(_SEVERAL)} or the ASCII code of one, such as 37 (Q190706).")
    return mark


def _encoding(value: str) -> str:
    """Read a code page."""
    page = fold(value.strip())
    if page in _UNICODE:
        return _UNICODE[page]
    number = re.fullmatch("0*([0-9]{2,5})", page)
    with suppress(LookupError):
        return codecs.lookup(f"cp{number[1] if number else '?'}").name
    raise ValueError("its value is Unicode or the number of a code page, such as 1252 or 850.")


_READ: Mapping[str, Callable[[str], str]] = {
    "ColumnSeparator": _mark,
    "QuoteCharacter": _mark,
    "MVSeparator": _several,
    "CodePage": _encoding,
}
_FIELDS = dict(zip(OPTIONS, ("column", "quote", "several", "encoding"), strict=True))
