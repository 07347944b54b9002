"""A directory entry: a name and case-blind, ordered, multi-valued attributes whose values are bytes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from remedy.dn import DN
from remedy.text import fold, squeeze

__all__ = ["Attribute", "Entry", "Source", "same_value", "value_key"]


def same_value(one: bytes, other: bytes) -> bool:
    """Tell whether a server would take two values for one."""
    return one == other or value_key(one) == value_key(other)


@lru_cache(maxsize=1 << 14)
def value_key(value: bytes) -> str | bytes:
    """Give the form in which a server compares values: case and insignificant blanks do not count."""
    try:
        return squeeze(fold(value.decode()))
    except UnicodeDecodeError:
        return value


class Attribute(NamedTuple):
    """An attribute description and its values, in the order they stood."""

    name: str
    """The description as written, options included: ``otherMailbox;lang-en``."""
    values: tuple[bytes, ...]

    @property
    def base(self) -> str:
        """The folded name without options."""
        return _base(self.name)


class Source(Protocol):
    """What an entry is read from once somebody asks for a part of it; it never fails."""

    @property
    def dn(self) -> DN:
        """The name of the entry."""

    @property
    def attributes(self) -> Sequence[Attribute]:
        """Its attributes."""

    @property
    def where(self) -> str:
        """Where it was read."""


_new, _set = object.__new__, object.__setattr__
_PUT_OFF = frozenset({"dn", "attributes", "where"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a directory, or as much of it as was asked for."""

    dn: DN
    attributes: Sequence[Attribute]
    where: str = ""
    """Where it was read: ``line 12`` of an LDIF file; empty on a server."""
    _held: dict[str, tuple[bytes, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The values of each attribute without options, once they were asked for."""
    _source: Source | None = field(default=None, init=False, repr=False, compare=False)
    """Of one that is not yet read: what it is read from."""

    @classmethod
    def unread(cls, source: Source) -> "Entry":
        """Make an entry of which nothing is read before somebody asks."""
        entry = _new(cls)
        _set(entry, "_source", source)
        return entry

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Read what is not yet there; whatever is there is never looked for here."""
            if name == "_held":
                value = {}
            elif name in _PUT_OFF:
                value = getattr(self._source, name)
            else:
                raise AttributeError(name)
            _set(self, name, value)
            return value

    @classmethod
    def of(
        cls, dn: DN | str, attributes: Mapping[str, str | bytes | Iterable[str | bytes]], where: str = ""
    ) -> "Entry":
        """Make an entry from plain Python values."""
        name = DN.parse(dn) if isinstance(dn, str) else dn
        return cls(name, tuple(Attribute(key, _values(value)) for key, value in attributes.items()), where)

    def values(self, name: str) -> tuple[bytes, ...]:
        """Give all values of an attribute, those under options too (RFC 4512 §2.5.2: options make subtypes)."""
        return (self._held or self._filled()).get(_fold(name), ())

    def _filled(self) -> dict[str, tuple[bytes, ...]]:
        """Put the values of each attribute together."""
        held = self._held
        for written, values in self.attributes:
            base = _base(written)
            held[base] = held[base] + values if base in held else values
        return held

    def texts(self, name: str) -> tuple[str, ...]:
        r"""Give the values as text; bytes that are no UTF-8 become ``\xNN``."""
        return tuple([value.decode(errors="backslashreplace") for value in self.values(name)])

    def text(self, name: str) -> str:
        """Give the first value as text, or an empty one."""
        values = self.values(name)
        return values[0].decode(errors="backslashreplace") if values else ""

    def has(self, name: str) -> bool:
        """Tell whether the attribute is there."""
        return bool(self.values(name))

    def has_any(self, names: Iterable[str]) -> bool:
        """Tell whether one of some attributes is there."""
        held = self._held or self._filled()
        return not held.keys().isdisjoint(map(_fold, names)) and any(map(self.has, names))

    def with_values(self, name: str, values: tuple[bytes, ...]) -> "Entry":
        """Give the entry with exactly these values under the description ``name``; none of them drops it."""
        wanted, there = _fold(name), False
        rest: list[Attribute] = []
        for held in self.attributes:
            same = _fold(held.name) == wanted
            rest.append(Attribute(held.name, values) if same else held)
            there = there or same
        if not there:
            rest.append(Attribute(name, values))
        return Entry(self.dn, tuple(a for a in rest if a.values), self.where)

    def exact(self, name: str) -> tuple[bytes, ...]:
        """Give the values under exactly this description, options and all."""
        wanted = _fold(name)
        return tuple(value for a in self.attributes if _fold(a.name) == wanted for value in a.values)

    def shows(self, name: str, value: bytes) -> bool:
        """Tell whether a value is there as a server takes it: case, blanks and the spelling of a name do not count."""
        return any(same_value(held, value) or _same_name(held, value) for held in self.values(name))

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self.attributes)


@lru_cache(maxsize=4096)
def _base(name: str) -> str:
    """Fold the name of an attribute without its options; an export has few names, and each many times."""
    return fold(name.partition(";")[0])


_fold = lru_cache(maxsize=4096)(fold)
"""Names are folded again and again, and there are few."""


def _same_name(one: bytes, other: bytes) -> bool:
    """Tell whether two values are one distinguished name."""
    if b"=" not in one or b"=" not in other:
        return False
    try:
        return DN.parse(one.decode()) == DN.parse(other.decode())
    except ValueError:
        return False


def _values(value: str | bytes | Iterable[str | bytes]) -> tuple[bytes, ...]:
    """Give the values of one attribute as bytes."""
    many = (value,) if isinstance(value, str | bytes) else value
    return tuple(item.encode() if isinstance(item, str) else item for item in many)
