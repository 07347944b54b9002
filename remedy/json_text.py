"""JSON as text, piece by piece: indented for people, and canonical for a digest; every key is a text.

Law: the pieces together are, byte for byte, what `json.dumps` gives. Where it indents, Python's encoder goes from bracket to
bracket by itself; here many values that stand equally deep come out of the quick one at once, and are put in their places.
"""

import json
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, islice
from operator import itemgetter
from types import NoneType
from typing import Any, NamedTuple

from remedy.patterns import Pattern, Rows, Words, placed

__all__ = ["canonical", "indented"]

_BATCH = 256
"""Items of a list that make one piece."""
_PLAIN = frozenset({str, int, float, bool, NoneType})
"""The types whose values surely hold no others."""

_Encode = Callable[[Any], str]


class _Style(NamedTuple):
    """How the values of a document are written."""

    encode: _Encode
    end: str
    """What stands before the last bracket of a list."""
    words: _Encode
    """What encodes some texts in lines, each text as ``encode`` writes it."""


def indented(document: Mapping[str, Any]) -> Iterator[str]:
    """Give a document as ``json.dumps(document, indent=2)`` does."""
    style = _Style(lambda some: _texts((some,), 1)[0], _line(1), _encoder(0))
    mark = "{"
    for key, head in zip(document, _heads(tuple(document)), strict=True):
        yield f"{mark}{_line(1)}{head}"
        yield from _listed(document[key], style)
        mark = ","
    yield f"{_line(0)}}}" if document else "{}"


def canonical(document: Mapping[str, Any]) -> Iterator[str]:
    """Give a document with sorted keys, compact, every character as itself."""
    encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
    style = _Style(encode, "", _encoder(0, ascii_only=False))
    mark = "{"
    for key in sorted(document):
        yield f"{mark}{encode(key)}:"
        yield from _listed(document[key], style)
        mark = ","
    yield "}" if document else "{}"


def _listed(value: Any, style: _Style) -> Iterator[str]:
    """Encode a value; rows and a long list come in several pieces, the last of which is the bracket."""
    if isinstance(value, Rows):
        pieces = _filled(value, style)
    elif isinstance(value, list | tuple) and len(value) > _BATCH:
        pieces = (_inner(value[at : at + _BATCH], style) for at in range(0, len(value), _BATCH))
    else:
        yield style.encode(value)
        return
    mark = "["
    for piece in pieces:
        yield f"{mark}{piece}"
        mark = ","
    yield f"{style.end}]" if mark == "," else "[]"


def _inner(some: Any, style: _Style) -> str:
    """Encode the items of a list, without its brackets."""
    return style.encode(some)[1 : -1 - len(style.end)]


def _filled(rows: Rows, style: _Style) -> Iterator[str]:
    """Encode rows by filling in the texts of their patterns.

    JSON writes each character of a text by itself, and leaves what marks a place as it is.
    """
    forms: dict[Pattern, tuple[str, Callable[[Words], Words]]] = {}
    for at in range(0, len(rows), _BATCH):
        some = rows.each[at : at + _BATCH]
        texts = iter(style.words([*chain.from_iterable(words for _, words in some)])[2:-2].split(f'",{_line(0)}"'))
        filled = []
        for pattern, words in some:
            if pattern not in forms:
                text, places = placed(_inner([pattern.value], style))
                forms[pattern] = (text, _picking(places))
            form, pick = forms[pattern]
            filled.append(form % pick(tuple(islice(texts, len(words)))))
        yield ",".join(filled)


def _picking(places: tuple[int, ...]) -> Callable[[Words], Words]:
    """Give what picks the words at some places, in their order."""
    return itemgetter(*places) if len(places) > 1 else lambda words: tuple(words[place] for place in places)


def _texts(values: Sequence[Any], depth: int) -> list[str]:
    """Lay out values whose brackets are closed at one depth."""
    kinds = set(map(type, values))
    if kinds <= _PLAIN:
        return _alike(values, None, depth) if values else []
    if kinds == {list}:
        return _lists(values, depth)
    shapes = list(map(_shape, values))
    if len(set(shapes)) == 1:
        return _alike(values, shapes[0], depth)
    places: dict[Hashable, list[int]] = {}
    for place, shape in enumerate(shapes):
        places.setdefault(shape, []).append(place)
    texts = [""] * len(values)
    for shape, some in places.items():
        for place, text in zip(some, _alike([values[place] for place in some], shape, depth), strict=True):
            texts[place] = text
    return texts


def _shape(value: Any) -> Hashable:
    """Give the keys of a dict; of a list that it is one, and nothing of what holds no others."""
    if isinstance(value, dict):
        return tuple(value)
    return list if isinstance(value, list | tuple) else None


def _alike(values: Sequence[Any], shape: Hashable, depth: int) -> list[str]:
    """Lay out values of one shape."""
    if isinstance(shape, tuple):
        return _dicts(values, shape, depth)
    if shape is list:
        return _lists(values, depth)
    return _encoder(0)(values)[1:-1].split(f",{_line(0)}")


def _lists(values: Sequence[Sequence[Any]], depth: int) -> list[str]:
    """Lay out lists."""
    line, end = _line(depth + 1), _line(depth)
    items = tuple(chain.from_iterable(values))
    if all(values) and set(map(type, items)) == {dict} and _are_flat(items):
        inner = _line(depth + 2)
        text = _encoder(depth + 2)(values)[3:-3].replace(f"}},{inner}{{", f"{line}}},{line}{{{inner}")
        return [f"[{line}{{{inner}{each}{line}}}{end}]" for each in text.split(f"}}],{inner}[{{")]
    texts = iter(_texts(items, depth + 1))
    return [f"[{line}{f',{line}'.join(islice(texts, len(value)))}{end}]" if value else "[]" for value in values]


def _dicts(values: Sequence[dict[str, Any]], keys: tuple[str, ...], depth: int) -> list[str]:
    """Lay out dicts with the same keys."""
    if not keys:
        return ["{}"] * len(values)
    line, end = _line(depth + 1), _line(depth)
    if _are_flat(values):
        texts = _encoder(depth + 1)(values)[2:-2].split(f"}},{line}{{")
        return [f"{{{line}{text}{end}}}" for text in texts]
    columns = (_texts(column, depth + 1) for column in zip(*map(dict.values, values), strict=True))
    rows = zip(*columns, strict=True)
    form = f",{line}".join(f"{head.replace('%', '%%')}%s" for head in _heads(keys))
    form = f"{{{line}{form}{end}}}"
    return [form % row for row in rows]


def _are_flat(values: Sequence[dict[str, Any]]) -> bool:
    """Tell whether dicts hold something, but nothing that holds others."""
    return all(values) and set(map(type, chain.from_iterable(map(dict.values, values)))) <= _PLAIN


def _heads(keys: tuple[str, ...]) -> list[str]:
    """Encode keys with what stands behind them."""
    return [f"{text}: " for text in _encoder(0)(keys)[1:-1].split(f",{_line(0)}")] if keys else []


def _line(depth: int) -> str:
    """Begin a line."""
    return "\n" + "  " * depth


@cache
def _encoder(depth: int, *, ascii_only: bool = True) -> _Encode:
    """Give what encodes a value with each item on a line of its own, all lines equally deep.

    Within a string a line feed is never itself: a bracket beside one is no part of a string.
    """
    marks = (f",{_line(depth)}", ": ")
    return json.JSONEncoder(separators=marks, ensure_ascii=ascii_only, check_circular=False).encode
