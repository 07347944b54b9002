"""The shape that JSON must have, as plain data: a type, a list of one shape, or a dict of shapes."""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["OPTIONAL", "misshapen"]

Shape = Any
"""``str``, ``int``, …, a tuple of those, ``[shape]``, ``{"key": shape}``, or ``OPTIONAL`` around any of them."""


class OPTIONAL:
    """A value that may be null."""

    def __init__(self, shape: Shape) -> None:
        """Wrap the shape of a value that is not null."""
        self.shape = shape


def misshapen(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """Give the path of every part of a value that has not its shape; keys that nobody knows are such parts too."""
    if isinstance(shape, OPTIONAL):
        if value is not None:
            yield from misshapen(value, shape.shape, path)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield path
            return
        for number, item in enumerate(value):
            yield from misshapen(item, shape[0], f"{path}[{number}]")
    elif isinstance(shape, Mapping):
        yield from _misshapen_keys(value, shape, path)
    elif not isinstance(value, shape) or (isinstance(value, bool) and shape is int):
        yield path


def _misshapen_keys(value: Any, shape: Mapping[str, Shape], path: str) -> Iterator[str]:
    """Look at each key of an object; the key ``*`` stands for any other."""
    if not isinstance(value, dict):
        yield path
        return
    for key in sorted({*shape, *value} - {"*"}):
        if key in value and type(value[key]) is shape.get(key):  # as most are
            continue
        below = f"{path}.{key}" if path else key
        if key in value and (key in shape or "*" in shape):
            yield from misshapen(value[key], shape.get(key, shape.get("*")), below)
        else:
            yield below
