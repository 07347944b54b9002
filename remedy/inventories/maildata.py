"""The files of a postoffice's folder as bytes: the records of NETWORK.GLB and of XTN files, and the sizes of others.

Law: only documented bytes are read, and a record that is neither active nor deleted is never believed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from remedy.addresses import RESERVED_NETWORKS
from remedy.estate import MAILBAG_LIMIT
from remedy.text import counted, joined, printable

__all__ = ["BAG", "EXTERNAL", "NETWORK", "NETWORKS", "USER", "Files", "Network", "damage", "externals", "fits"]
__all__ += ["networks", "numbers", "said"]

NETWORKS = "GLB/NETWORK.GLB"
"""The file that names networks and gateways, and the XTN file of each network (Q87467)."""

NETWORK, EXTERNAL, BAG, USER = 122, 698, 116, 586
"""Bytes of a record of NETWORK.GLB (Q148666), an XTN file (Q86625, Q128243), a mailbag (Q146113), ACCESS.GLB (Q77926)."""

_ACTIVE, _DELETED = 1, 0  # Q148666, Q86625
_CONNECTION, _FFAPI = 0x10, 0x64  # Q148666; the value of an ordinary network is published nowhere

_NUMBER = re.compile(r"[0-9A-F]{8}", re.ASCII)
_SIZES = {  # bytes in front of the records, and of each; 0 = there are none (Q77926, Q264283, Q106510, Q132744)
    "GLB/MASTER.GLB": (176, 0), "GLB/CONTROL.GLB": (8, 0), "GLB/TID.GLB": (4, 0), "GLB/SRVCONF.GLB": (1024, 1024),
    "GLB/ACCESS.GLB": (0, USER), "GLB/ACCESS2.GLB": (0, 69), "GLB/ACCESS3.GLB": (0, 512), "GLB/NETPO.GLB": (4, 43),
    "GLB/GROUP.GLB": (4, 51), "MBG": (0, BAG), "KEY": (560, 0),
}  # fmt: skip

_UNMARKED = "records that are marked neither active nor deleted, not believed (Q148666, Q86625)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What is taken from a postoffice's folder; every name in upper case."""

    networks: bytes
    """What is in ``NETWORKS``."""
    externals: Mapping[str, bytes]
    """What is in each XTN file that is there, by its eight hexadecimal digits."""
    sizes: Mapping[str, int]
    """The bytes of each file that is only measured, by folder and name (``MBG/0000001F.MBG``)."""


@dataclass(frozen=True, slots=True)
class Network:
    """One active record of NETWORK.GLB: a network, or a gateway."""

    record: int
    """Its place, counted from 1."""
    type: int
    name: str
    number: str
    """What stands for the eight hexadecimal digits of its XTN file, in upper case; empty = it has none."""

    @property
    def key(self) -> tuple[str, str]:
        """What two records have in common if one repeats the other."""
        return self.name.upper(), self.number

    @property
    def is_gateway(self) -> bool:
        """Whether no postoffices stand behind it: Q148666 shows a gateway with a mailbag and no XTN file."""
        return self.type == _CONNECTION or not self.number or self.name.upper() in RESERVED_NETWORKS

    @property
    def has_file(self) -> bool:
        """Whether its XTN file has a name that such a file can have."""
        return _NUMBER.fullmatch(self.number) is not None

    @property
    def is_ffapi(self) -> bool:
        """Whether its postoffices are another system's, and have no mailboxes that ADMIN could make (Q148666)."""
        return self.type == _FFAPI


def _active(data: bytes, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield each whole record that is active, with its place."""
    for number, at in enumerate(range(0, len(data) - size + 1, size), 1):
        if data[at] == _ACTIVE:
            yield number, data[at : at + size]


def _text(record: bytes, at: int, length: int) -> str:
    """Read a field up to its NUL, in the code page of most postoffices (Q156063 §5.5), and make it harmless."""
    return printable(record[at : at + length].partition(b"\0")[0].decode("cp850").strip(" "))


def networks(data: bytes) -> tuple[Network, ...]:
    """Read the active records of NETWORK.GLB (Q148666: state, type, name, XTN file)."""
    return tuple(
        Network(number, record[0x01], _text(record, 0x02, 11), _text(record, 0x0D, 8).upper())
        for number, record in _active(data, NETWORK)
    )


def numbers(data: bytes) -> tuple[str, ...]:
    """Give the number of each XTN file that a NETWORK.GLB names for postoffices."""
    return tuple(dict.fromkeys(item.number for item in networks(data) if item.has_file and not item.is_gateway))


def externals(data: bytes) -> tuple[tuple[int, str], ...]:
    """Read the active records of an XTN file (Q86625: state, name): the place and the postoffice of each."""
    return tuple((number, _text(record, 0x001, 11)) for number, record in _active(data, EXTERNAL))


def damage(path: str, data: bytes, size: int) -> Iterator[str]:
    """Say which records of a file are not what they should be."""
    states = enumerate(data[: len(data) // size * size : size], 1)
    yield from said(path, _UNMARKED, [f"record {at}" for at, state in states if state not in {_ACTIVE, _DELETED}])
    if rest := len(data) % size:
        yield f"{path} ends in {counted(rest, 'byte')} too few for a record, left out (Q128243)"


def said(path: str, what: str, items: Iterable[str]) -> Iterator[str]:
    """Say one thing of several records at once, so that a damaged file does not fill the screen."""
    if items := tuple(items):
        yield f"{path} has {what}: {joined(items, most=5)}"


def fits(place: str, size: int) -> bool:
    """Tell whether a file has a size that it can have; of most files no size is known."""
    front, record = _SIZES.get(place) or _SIZES.get(place.partition("/")[0]) or (0, 1)
    if place.startswith("MBG/") and size > MAILBAG_LIMIT * BAG:
        return False
    return size >= front and (size - front) % record == 0 if record else size == front
