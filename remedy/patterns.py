"""Rows of plain data that differ in a few words: one pattern for many of them, filled in when somebody looks at a row.

Law: whatever is made of a pattern and of words, each by itself, and put together then, is what is made of the row.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

__all__ = ["Pattern", "Rows", "Words", "placed"]

Words = tuple[str, ...]

_PLACE = re.compile(r"%%|%\((\d+)\)s")


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Plain data in whose texts ``%(0)s`` stands for the first word; a per cent sign is ``%%``, in keys too.

    No key has a word in it: keys are put in order before there are words.
    """

    value: Any

    def filled(self, words: Words) -> Any:
        """Give the data with the words in their places."""
        return _filled(self.value, {str(number): word for number, word in enumerate(words)})


class Rows(Sequence[dict[str, Any]]):
    """Rows of which each is made when it is looked at."""

    __slots__ = ("each",)
    __hash__ = None  # type: ignore[assignment]  # as that of a list

    def __init__(self, each: Iterable[tuple[Pattern, Words]]) -> None:
        """Keep the pattern of each row, with its words."""
        self.each = tuple(each)

    def __len__(self) -> int:
        return len(self.each)

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> "Rows": ...
    def __getitem__(self, at: int | slice) -> "dict[str, Any] | Rows":
        if isinstance(at, slice):
            return Rows(self.each[at])
        pattern, words = self.each[at]
        row: dict[str, Any] = pattern.filled(words)
        return row

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (pattern.filled(words) for pattern, words in self.each)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)


def placed(text: str) -> tuple[str, tuple[int, ...]]:
    """Give a text with ``%s`` for each place, and the numbers of the words that come there."""
    found = (number for number in _PLACE.findall(text) if number)
    return _PLACE.sub(lambda place: "%s" if place[1] else place[0], text), tuple(map(int, found))


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    """Put words in their places."""
    if isinstance(value, str):
        return value % words if "%" in value else value
    if isinstance(value, dict):
        return {_filled(key, words): _filled(held, words) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(held, words) for held in value]
    return value
