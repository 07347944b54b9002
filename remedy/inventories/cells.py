"""What each column of an inventory may hold (contract, SOURCE and TARGET): one raw value in, its meaning out.

A value is what a cell, a JSON value or a TOML value gives; a ``ValueError`` is the sentence for the row's fault.
"""

import re
from collections.abc import Collection, Mapping

from remedy.addresses import PostofficeName
from remedy.estate import MAILBAG_LIMIT, USER_LIMIT, PostofficeKind
from remedy.text import fold, joined, printable

__all__ = ["CELL_LIMIT", "LONGEST_INT", "read_kind", "read_number", "read_part", "read_strategy", "read_text"]
__all__ += ["read_truth", "shown"]

CELL_LIMIT = 32_767
"""Characters that a cell of a spreadsheet can hold; more could not be written out and read back."""

LONGEST_INT = 18
"""Digits that are read as a number; no count of ours has more than four."""

_SHOWN = 40
_TRUTHS: Mapping[str, bool | None] = (
    {"": None} | dict.fromkeys(("yes", "y", "true", "1"), True) | dict.fromkeys(("no", "n", "false", "0"), False)
)
_KINDS = tuple(map(str, PostofficeKind))
_STRATEGIES = ("exchange", "postoffice", "both", "skip")
_LIMITS = {"pending": MAILBAG_LIMIT, "users": USER_LIMIT}
_DIGITS = re.compile(f"[0-9]{{1,{LONGEST_INT}}}")
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")  # read_text of stores/files.py could not read it back


def shown(text: str) -> str:
    """Give a piece of a file in quotes, short enough for a message and harmless to a terminal."""
    return f"'{printable(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…')}'"


def _plain(column: str, raw: object) -> str:
    """Give a value as text; JSON and TOML have values that no cell can have."""
    match raw:
        case None:
            return ""
        case bool():
            return "true" if raw else "false"
        case str():
            return raw
        case int() if abs(raw) < 10**LONGEST_INT:
            return str(raw)
        case int():
            what = "a number of that length"
        case float():
            what = f"{raw}; quotes make it text"
        case _:
            what = "a list, a table or a date"
    raise ValueError(f"{column} must be text or a whole number, not {what}")


def read_text(column: str, raw: object) -> str:
    """Read free text, as it stands.

    Raises:
        ValueError: it is no text, too long, or no file could hold it.
    """
    text = _plain(column, raw)
    if isinstance(raw, bool):
        raise ValueError(f"{column} must be text, not {text}; quotes make it text")  # noqa: TRY004 - a row's fault
    if len(text) > CELL_LIMIT:
        raise ValueError(f"{column} has {len(text):,} characters; at most {CELL_LIMIT:,} fit into a cell")
    if found := _UNWRITABLE.search(text):
        raise ValueError(f"{column} holds {shown(found[0])}, a character that no text file can hold")
    return text


def read_part(column: str, raw: object) -> str:
    """Read one part of the postoffice's name; ``PostofficeName`` knows what is right.

    Raises:
        ValueError: it is no such part.
    """
    text = read_text(column, raw).strip()
    try:
        name = PostofficeName.of(*((text, "X") if column == "network" else ("X", text)))
    except ValueError as fault:
        raise ValueError(str(fault).replace(repr(text), shown(text))) from None
    return name.network if column == "network" else name.name


def read_number(column: str, raw: object) -> int | None:
    """Read a count; blank = not known.

    Raises:
        ValueError: it is no whole number or too high.
    """
    text = _plain(column, raw).strip()
    if not text:
        return None
    if _DIGITS.fullmatch(text) and int(text) <= _LIMITS[column]:
        return int(text)
    raise ValueError(f"{column} is {shown(text)}; it must be a whole number from 0 to {_LIMITS[column]} or blank")


def _choice(column: str, raw: object, choices: Collection[str]) -> str:
    """Read one of several words, or blank."""
    text = _plain(column, raw).strip()
    if text and fold(text) not in choices:
        raise ValueError(f"{column} is {shown(text)}; it must be one of {joined(choices)}, or blank")
    return fold(text)


def read_kind(column: str, raw: object) -> PostofficeKind | None:
    """Read what the name stands for; blank = not said, which means a Microsoft Mail postoffice.

    Raises:
        ValueError: it is no such word.
    """
    word = _choice(column, raw, _KINDS)
    return PostofficeKind(word) if word else None


def read_strategy(column: str, raw: object) -> str:
    """Read the strategy that is asked for; blank = none.

    Raises:
        ValueError: it is no such word.
    """
    return _choice(column, raw, _STRATEGIES)


def read_truth(column: str, raw: object) -> bool | None:
    """Read yes or no; blank = not known.

    Raises:
        ValueError: it is neither.
    """
    text = _plain(column, raw).strip()
    if fold(text) not in _TRUTHS:
        raise ValueError(f"{column} is {shown(text)}; it must be yes, no or blank")
    return _TRUTHS[fold(text)]
