"""Distinguished names: read as RFC 4514, RFC 1779 and old exporters write them, compared in one normal form.

Law: no other room splits, escapes or compares a distinguished name.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache

from remedy.text import fold, squeeze

__all__ = ["DN", "Ava", "from_slashes", "to_slashes"]

_TYPE = re.compile(r"[ \t]*(?:OID\.)?([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)[ \t]*=[ \t]*", re.IGNORECASE | re.ASCII)
_HEX = re.compile(r"#((?:[0-9A-Fa-f]{2})+)[ \t]*(?=[,;+]|$)", re.ASCII)
_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{2})|(.))", re.DOTALL | re.ASCII)
_PLAIN = re.compile(r"(?:[^\\\",;+]|\\.)*", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^\\"]|\\.)*)"[ \t]*', re.DOTALL)
_HARMLESS = re.compile(r"[\w.$/()-](?:[\w .$/()-]*[\w.$/()-])?", re.ASCII)
_EASY = re.compile(r"([A-Za-z][A-Za-z0-9-]*+)=([\w.$/()-]++),([A-Za-z].*+)", re.ASCII)
"""A name whose first part has nothing in it that is read in any other way than as it stands."""
_SAME_TYPE = {
    "commonname": "cn", "2.5.4.3": "cn", "organizationname": "o", "2.5.4.10": "o",
    "organizationalunitname": "ou", "2.5.4.11": "ou", "domaincomponent": "dc", "0.9.2342.19200300.100.1.25": "dc",
}  # fmt: skip
"""Other spellings of the naming attributes (RFC 4519 §2)."""


@dataclass(frozen=True, slots=True)
class Ava:
    """One attribute type and value of a name."""

    type: str
    value: str
    """The value without any escape; of an encoded one its hexadecimal digits."""
    encoded: bool = False
    """Whether the value was given as ``#`` and the BER encoding (RFC 4514 §2.4)."""

    @property
    def normal(self) -> str:
        """The form in which two are compared."""
        kind = fold(self.type)
        value = f"#{self.value.lower()}" if self.encoded else _escaped(squeeze(fold(self.value)) or " ")
        return f"{_SAME_TYPE.get(kind, kind)}={value}"

    def __str__(self) -> str:
        return f"{self.type}=#{self.value}" if self.encoded else f"{self.type}={_escaped(self.value)}"


@dataclass(frozen=True, eq=False)
class DN:
    """A distinguished name, leaf first; equal to another if the normal forms are equal."""

    rdns: tuple[tuple[Ava, ...], ...]

    @classmethod
    def parse(cls, text: str) -> "DN":
        r"""Read a name: blanks round ``,`` ``;`` ``+`` ``=``, RFC 1779 quotes, ``\,`` and ``\2C`` are understood.

        Raises:
            ValueError: it is no distinguished name; the message says from where on.
        """
        if easy := _EASY.fullmatch(text):  # one of many in a container
            parent = _parent(easy[3])
            if parent:
                leaf = Ava(easy[1], easy[2])
                dn = cls(((leaf,), *parent.rdns))
                dn.__dict__.update(normal=f"{leaf.normal},{parent.normal}", _text=f"{leaf},{parent}")
                return dn
        return cls._parsed(text)

    @classmethod
    def _parsed(cls, text: str) -> "DN":
        """Read a name of any kind."""
        rdns: list[tuple[Ava, ...]] = []
        avas: list[Ava] = []
        position, end = 0, len(text)
        if not text.strip(" \t"):
            return cls(())
        while True:
            ava, position = _read_ava(text, position)
            avas.append(ava)
            mark = text[position : position + 1]
            position += 1
            if mark == "+":
                continue
            rdns.append(tuple(avas))
            avas = []
            if position > end:
                return cls(tuple(rdns))

    @cached_property
    def normal(self) -> str:
        """The form in which two names are compared; it is itself a name."""
        return ",".join("+".join(sorted(ava.normal for ava in rdn)) for rdn in self.rdns)

    @property
    def parent(self) -> "DN":
        """The name one step up; of the root the root."""
        return DN(self.rdns[1:])

    @property
    def leaf(self) -> str:
        """The value of the first part; empty for the root."""
        return self.rdns[0][0].value if self.rdns else ""

    def child(self, kind: str, value: str) -> "DN":
        """Give the name one step down."""
        return DN(((Ava(kind, value),), *self.rdns))

    def within(self, other: "DN") -> bool:
        """Tell whether this is ``other`` or lies below it."""
        size = len(other.rdns)
        return len(self.rdns) >= size and DN(self.rdns[len(self.rdns) - size :]) == other

    def __len__(self) -> int:
        return len(self.rdns)

    def __eq__(self, other: object) -> bool:
        return self.normal == other.normal if isinstance(other, DN) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.normal)

    @cached_property
    def _text(self) -> str:
        return ",".join("+".join(map(str, rdn)) for rdn in self.rdns)

    def __str__(self) -> str:
        return self._text


@lru_cache(maxsize=1 << 12)
def _parent(text: str) -> DN | None:
    """Read the name of a container; None if it is none."""
    with suppress(ValueError):
        return DN.parse(text)
    return None


def _read_ava(text: str, position: int) -> tuple[Ava, int]:
    """Read one type and value; give them and the place of the separator behind them."""
    kind = _TYPE.match(text, position)
    if not kind:
        raise ValueError(f"no attribute type at character {position + 1} of {text!r}")
    position = kind.end()
    if encoded := _HEX.match(text, position):
        return Ava(kind[1], encoded[1], encoded=True), encoded.end()
    if quoted := _QUOTED.match(text, position):
        value, position = _unescaped(quoted[1]), quoted.end()
    else:
        plain = _PLAIN.match(text, position)
        assert plain is not None
        value, position = _unescaped(_trimmed(plain[0])), plain.end()
    if position < len(text) and text[position] not in ",;+":
        raise ValueError(f"character {position + 1} of {text!r} needs a backslash in front")
    if not value:
        raise ValueError(f"no value behind {kind[1]}= in {text!r}")
    return Ava(kind[1], value), position


def _trimmed(raw: str) -> str:
    """Drop trailing blanks that no backslash protects."""
    bare = raw.rstrip(" \t")
    slashes = len(bare) - len(bare.rstrip("\\"))
    return bare + raw[len(bare) : len(bare) + 1] if slashes % 2 else bare


def _unescaped(raw: str) -> str:
    """Decode backslash escapes; pairs of hexadecimal digits are bytes of UTF-8 (RFC 4514 §2.4)."""
    if "\\" not in raw:
        return raw
    data = bytearray()
    position = 0
    for found in _ESCAPE.finditer(raw):
        data += raw[position : found.start()].encode()
        data += bytes([int(found[1], 16)]) if found[1] else found[2].encode()
        position = found.end()
    data += raw[position:].encode()
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ValueError(f"the escapes in {raw!r} are not UTF-8") from None


def _escaped(value: str) -> str:
    """Escape what RFC 4514 §2.4 says must be escaped, and the controls: a tab at either end would be lost.

    RFC 4514 lets an equals sign stand alone; RFC 1779 and RFC 2253 do not, and Samba reads no name with a bare one.
    """
    if _HARMLESS.fullmatch(value):
        return value
    text = re.sub(r'([,+"\\<>;=])', r"\\\1", value)
    text = re.sub("[\x00-\x1f\x7f]", lambda found: f"\\{ord(found[0]):02X}", text)
    if text[:1] in {" ", "#"}:
        text = "\\" + text
    return text[:-1] + "\\ " if len(value) > 1 and value.endswith(" ") else text


def from_slashes(text: str) -> DN:
    """Read the Administrator form, organisation first: ``/o=ORG/ou=SITE/cn=Recipients/cn=ALIAS`` (Q284199).

    A comma or plus in it separates nothing, so ``/o=Fabrikam, Inc`` is one part.

    Raises:
        ValueError: it is no such name.
    """
    return DN(tuple(_part(part) for part in reversed(text.split("/")) if part))


def _part(text: str) -> tuple[Ava, ...]:
    """Read one part of the Administrator form: as it would be written in a name, else as it stands.

    Raises:
        ValueError: it has no type or no value.
    """
    kind = _TYPE.match(text)
    if not kind or kind.end() == len(text):
        raise ValueError(f"no attribute type in front of a value in {text!r}")
    with suppress(ValueError):
        rdns = DN.parse(text).rdns
        if len(rdns) == len(rdns[0]) == 1:
            return rdns[0]
    return (Ava(kind[1], text[kind.end() :]),)


def to_slashes(dn: DN) -> str:
    """Write the Administrator form.

    Raises:
        ValueError: a part of the name holds what would have to be escaped, and the form knows no escapes.
    """
    parts = [(rdn[0], str(rdn[0]).replace("\\=", "=")) for rdn in reversed(dn.rdns) if len(rdn) == 1]
    if len(parts) < len(dn) or any("/" in text or text != f"{ava.type}={ava.value}" for ava, text in parts):
        raise ValueError(f"{dn} has a part that cannot stand between slashes")
    return "".join(f"/{text}" for _, text in parts)
