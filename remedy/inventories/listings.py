"""What the texts of DOS and Windows tools have in common: their lines, and what is gathered from them.

Law: a line that nobody knows is counted and never guessed at; a name that cannot be is a fault and never an exception.
"""

import io
from collections.abc import Iterator
from dataclasses import replace

from remedy.addresses import PostofficeName
from remedy.errors import Fault, InputError
from remedy.estate import Estate, EvidenceKind, Listing
from remedy.inventories.cells import read_part, shown
from remedy.text import counted, fold, joined

__all__ = ["Gathering", "lines_in", "postoffice_in"]


def lines_in(text: str, *, dos: bool = True) -> Iterator[tuple[int, str]]:
    """Yield each line that is not blank with its number: form feeds part pages, and Ctrl-Z ends a text of ``dos``.

    In a text of Windows it ends nothing: there it may stand inside a value.
    """
    whole = text.partition("\x1a")[0] if dos else text.rstrip("\x1a")
    for number, line in enumerate(io.StringIO(whole, newline=None), 1):
        plain = line.replace("\f", "").rstrip()
        if plain:
            yield number, plain


def postoffice_in(text: str) -> PostofficeName:
    """Read ``NETWORK/POSTOFFICE``.

    Raises:
        ValueError: it is no such name; the message says why, and is short.
    """
    network, slash, name = text.partition("/")
    if not slash:
        raise ValueError(f"{shown(text)} is not NETWORK/POSTOFFICE")
    return PostofficeName(read_part("network", network), read_part("postoffice", name))


class Gathering:
    """What the lines of a text have given so far: one listing a postoffice, one fault a wrong name."""

    def __init__(self, source: str, evidence: EvidenceKind) -> None:
        self.source, self.evidence = source, evidence
        self.listings: dict[PostofficeName, Listing] = {}
        self.faults: dict[str, Fault] = {}
        self.oddities: list[Fault] = []
        self.known = 0
        """Lines that were understood, whether or not they tell anything."""
        self._strange: list[int] = []

    def see(self, line: int, name: str, shows: str = "") -> Listing | None:
        """Note that a line shows a postoffice; give what is known of it, or None if it cannot be one."""
        self.known += 1
        try:
            postoffice = postoffice_in(name)
        except ValueError as fault:
            self.wrong(line, fold(name), str(fault))
            return None
        first = Listing(
            name=postoffice, source=self.source, where=f"line {line}", evidence=self.evidence, shows=shows or name
        )
        return self.listings.setdefault(postoffice, first)

    def tell(self, listing: Listing, **facts: object) -> None:
        """Add facts to what is known of a postoffice."""
        self.listings[listing.name] = replace(listing, **facts)  # type: ignore[arg-type]

    def wrong(self, line: int, what: str, message: str) -> None:
        """Note what is wrong with a line that is understood; the same thing is told once."""
        self.known += 1
        self.faults.setdefault(what, Fault(self.source, line, message))

    def odd(self, line: int | None, message: str) -> None:
        """Note something that is not what it seems."""
        self.oddities.append(Fault(self.source, line, message))

    def strange(self, line: int) -> None:
        """Note that a line is not understood."""
        self._strange.append(line)

    def check(self, whose: PostofficeName | None, shown_by: str) -> None:
        """Compare the postoffice that the user named with those that the text says it is of."""
        if whose and whose not in self.listings:
            names = joined(map(str, self.listings), most=3) or "none"
            self.odd(None, f"it was named as a text of {whose}, but {shown_by} {names}")

    def estate(self, what: str, advice: str) -> Estate:
        """Give everything as an estate; ``what`` names the format.

        Raises:
            InputError: not one line is of that format.
        """
        if self._strange and not self.known:
            line = self._strange[0]
            raise InputError.of(self.source, f"no line of it is one of {what}", advice, line=line)
        if self._strange:
            several = f"{counted(len(self._strange), 'line')}, this one first, are not understood"
            self.odd(self._strange[0], several if len(self._strange) > 1 else "this line is not understood")
        faults, oddities = tuple(self.faults.values()), tuple(self.oddities)
        return Estate(listings=tuple(self.listings.values()), faults=faults, oddities=oddities)
