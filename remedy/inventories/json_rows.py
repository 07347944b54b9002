"""Inventories as JSON (RFC 8259): ``{"postoffices": [{…}]}``, with the line of each row."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from remedy.errors import Fault, InputError
from remedy.estate import Estate
from remedy.inventories.cells import LONGEST_INT
from remedy.inventories.native import Row, gather, lines_of, stray

__all__ = ["read_json"]

_KEY = "postoffices"
_ADVICE = 'Write it as {"postoffices": [{"network": "…", "postoffice": "…"}]} and read it again.'
_BETWEEN = re.compile(r"[ \t\r\n,:]*")  # what stands between values; the text is known to be JSON when this is used


@dataclass(frozen=True, slots=True)
class _Object:
    """A JSON object with every key as often as it stands there."""

    pairs: tuple[tuple[str, object], ...]

    @classmethod
    def of(cls, pairs: list[tuple[str, object]]) -> "_Object":
        """Keep the pairs that the decoder found."""
        return cls(tuple(pairs))


def _whole(digits: str) -> int | str:
    """Read a number, but leave one as text that Python would refuse to read; as text it is a fault of its row."""
    return int(digits) if len(digits) <= LONGEST_INT else digits


_DECODER = json.JSONDecoder(object_pairs_hook=_Object.of, parse_int=_whole)


def _after(text: str, at: int) -> int:
    """Find the next value from an offset on."""
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _items(text: str, at: int) -> Iterator[tuple[int, object]]:
    """Yield what stands in the brackets that open at an offset: each value, or keys and values by turns."""
    at = _after(text, at + 1)
    while text[at] not in "]}":
        value, end = _DECODER.raw_decode(text, at)
        yield at, value
        at = _after(text, end)


def _members(text: str, source: str, line: Callable[[int], int]) -> tuple[int, tuple[Fault, ...]]:
    """Find where the array of rows opens, and what else stands beside it.

    Raises:
        InputError: there is no such array, or more than one.
    """
    start = _after(text, 0)
    flat = list(_items(text, start)) if text[start] == "{" else []
    members = [(key, at) for (_, key), (at, _) in zip(flat[::2], flat[1::2], strict=True)]
    arrays = [at for key, at in members if key == _KEY]
    if len(arrays) != 1 or text[arrays[0]] != "[":
        how = "more than one" if len(arrays) > 1 else "no"
        place = line(arrays[-1] if arrays else start)
        raise InputError.of(source, f'it is JSON, but holds {how} array "{_KEY}"', _ADVICE, line=place)
    return arrays[0], tuple(stray(str(key), source, line(at), _KEY) for key, at in members if key != _KEY)


def _rows(text: str, array: int, source: str, line: Callable[[int], int]) -> Iterator[Row | Fault]:
    """Yield each element of the array."""
    for at, value in _items(text, array):
        if isinstance(value, _Object):
            yield Row(line(at), value.pairs)
        else:
            yield Fault(source, line(at), "a row must be an object that holds the columns")


def _read(text: str, source: str) -> Estate:
    """Read a text that is JSON."""
    line = lines_of(text)
    array, strays = _members(text, source, line)
    estate = gather(_rows(text, array, source, line), source)
    return replace(estate, oddities=strays + estate.oddities)


def read_json(text: str, source: str) -> Estate:
    """Read an inventory; an empty one tells nothing.

    Raises:
        InputError: it is no JSON, or JSON of another shape.
    """
    if not text.strip():
        return Estate()
    try:
        _DECODER.decode(text)
        return _read(text, source)
    except json.JSONDecodeError as fault:
        message = f"it is no JSON: {fault.msg} (column {fault.colno})"
        raise InputError.of(source, message, "Mend that line and read it again.", line=fault.lineno) from fault
    except RecursionError:
        raise InputError.of(source, "its brackets are nested too deeply", _ADVICE) from None
