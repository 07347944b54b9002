"""Inventories as TOML 1.0: ``[[postoffice]]``, with the line of each row."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from remedy.errors import Fault, InputError
from remedy.estate import Estate
from remedy.inventories.native import Row, gather, lines_of, stray

__all__ = ["read_toml"]

_KEY = "postoffice"
_ADVICE = 'Begin each postoffice with a line [[postoffice]], then network = "…" and postoffice = "…".'
# Strings and comments are tokens too, so that nothing inside of them is taken for a header (TOML 1.0).
_TOKEN = re.compile(
    r"""
    ^[ \t]*(?P<header> \[\[ [ \t]* (?P<q>["']?) postoffice (?P=q) [ \t]* \]\] )
    | ^[ \t]*(?P<key> \[? [ \t]* (?P<k>["']?) postoffice (?P=k) [ \t]* (?: [\].] | = [ \t]* [^"'\s] ) )
    | \"{3} (?: \\. | [^\\] )*? \"{3,5}
    | '{3} .*? '{3,5}
    | " (?: \\. | [^"\\\n] )* "
    | ' [^'\n]* '
    | \# [^\n]*
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_LONG = re.compile(r"[0-9_]{4300,}")  # more digits than Python turns into a number


def _document(text: str, source: str) -> dict[str, object]:
    """Parse the text.

    Raises:
        InputError: it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        place = _PLACE.search(str(fault))
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        message = f"it is no TOML: {_PLACE.sub('', str(fault))}"
        raise InputError.of(source, message, "Mend that line and read it again.", line=line) from fault
    except ValueError as fault:
        found = _LONG.search(text)
        line = lines_of(text)(found.start()) if found else 1
        raise InputError.of(
            source, "a number in it is too long", "Mend that line and read it again.", line=line
        ) from fault
    except RecursionError:
        raise InputError.of(source, "its brackets are nested too deeply", _ADVICE) from None


def _lines(text: str, rows: int) -> list[int | None]:
    """Give the line on which each row begins: its header, or the key before an inline array."""
    line = lines_of(text)
    tokens = list(_TOKEN.finditer(text))
    headers: list[int | None] = [line(found.start("header")) for found in tokens if found["header"]]
    keys = [line(found.start("key")) for found in tokens if found["key"]]
    return headers if len(headers) == rows else [next(iter(keys), None)] * rows


def _rows(elements: Sequence[object], text: str, source: str) -> Iterator[Row | Fault]:
    """Yield each element of the array."""
    for line, element in zip(_lines(text, len(elements)), elements, strict=True):
        if isinstance(element, dict):
            yield Row(line, tuple(element.items()))
        else:
            yield Fault(source, line, "a row must be a table that holds the columns")


def read_toml(text: str, source: str) -> Estate:
    """Read an inventory; an empty one tells nothing.

    Raises:
        InputError: it is no TOML, or TOML of another shape.
    """
    if not text.strip():
        return Estate()
    document = _document(text, source)
    elements = document.pop(_KEY, None)
    if not isinstance(elements, list):
        message = f"it is TOML, but holds no array [[{_KEY}]]"
        raise InputError.of(source, message, _ADVICE, line=_lines(text, 1)[0] or 1)
    estate = gather(_rows(elements, text, source), source)
    strays = tuple(stray(key, source, None, _KEY) for key in document)
    return replace(estate, oddities=strays + estate.oddities)
