"""What may be kept of an entry in its place, where whoever reads needs no more of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from remedy.entry import Entry
from remedy.query import Query

__all__ = ["Brief", "Skim"]


@dataclass(frozen=True, slots=True)
class Brief:
    """A shorter way to the gist of an entry that says but one thing."""

    attribute: str
    """It has one value, which begins as the query wants it."""
    besides: Query
    """What it must not fulfil."""
    gist: Callable[[str, str, int], tuple[Any, ...] | None]
    """Gives the gist of it, from its name, that value, and a number that another one of its name has if it is the same."""


class Skim(Protocol):
    """Takes off entries that need not be kept whole, while a place is read and in whichever process reads them."""

    @property
    def briefs(self) -> Sequence[Brief]:
        """Give the shorter ways that there are."""

    def gist(self, entry: Entry) -> tuple[Any, ...] | None:
        """Give what is kept of an entry, in values that `marshal` knows; None if it must be kept. Nothing else is changed."""

    def take(self, gist: Any, where: Callable[[], str]) -> None:
        """Take a gist in, in the order of the entries; ``where`` names the place of its entry, at once or never."""
