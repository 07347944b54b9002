"""Microsoft Mail addresses as values: a value that exists is valid; ``parse`` and ``str`` are inverse."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple

from remedy.text import fold

__all__ = [
    "POSTMASTER",
    "AddressSpace",
    "MsAddress",
    "PostofficeName",
    "ProxyAddress",
    "SpaceKind",
    "is_mangled",
    "ms_address",
]

POSTMASTER = "POSTMASTER"
"""The mailbox that Microsoft Mail sends non-delivery reports from (Q175447)."""

RESERVED_NETWORKS = frozenset({
    "ATTMAIL", "COMPUSERVE", "DISOSS", "EASYLINK", "ENVOY", "FAX", "GTE", "MCI", "MHS", "MSMAIL", "OV", "PROFS", "SMTP",
    "SNADS", "SOURCE", "VMGATE", "X400", "*EMS",
})  # fmt: skip
"""Network names the connector keeps for gateways (Q175978)."""

_PART = re.compile(r"[A-Za-z0-9]{1,10}", re.ASCII)  # Q96003 [69]-[71]: letters and digits; Q116466: 10/10/10
_PROXY = re.compile(r"\s*([A-Za-z][A-Za-z0-9_-]*)([:$])(.*)", re.ASCII | re.DOTALL)
_SPACE = re.compile(r"\s*([A-Za-z0-9_-]+):(.*)", re.ASCII | re.DOTALL)
_COST = re.compile(r"(.*?);\s*(\d+)\s*", re.ASCII | re.DOTALL)
_GENERATED = re.compile(r"POSTMAST\d", re.ASCII | re.IGNORECASE)  # Q175447: the generator makes POSTMAST0


def _part_fault(role: str, part: str) -> str | None:
    """Say what is wrong with one part of an address, or None."""
    if _PART.fullmatch(part):
        return None
    if not part:
        return f"the {role} is empty"
    if len(part) > 10:  # noqa: PLR2004 - Q116466: each part at most 10 characters
        return f"the {role} {part!r} has {len(part)} characters; at most 10 are allowed"
    return f"the {role} {part!r} holds characters other than letters and digits"


class PostofficeName(NamedTuple):
    """The two names of a postoffice, ``NETWORK/POSTOFFICE``: 1-10 letters or digits each, kept in upper case."""

    network: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "PostofficeName":
        """Read ``NETWORK/POSTOFFICE`` in any case.

        Raises:
            ValueError: it is no such name; the message says why.
        """
        network, slash, name = text.partition("/")
        if not slash:
            raise ValueError(f"{text!r} is not NETWORK/POSTOFFICE")
        return cls.of(network, name)

    @staticmethod
    def of(network: str, name: str) -> "PostofficeName":
        """Check the two parts, with blanks around them dropped (route entries are padded, Q162841).

        Raises:
            ValueError: a part is empty, too long or not alphanumeric.
        """
        return _name(network, name)

    @property
    def postmaster(self) -> "MsAddress":
        """The address its non-delivery reports come from."""
        return MsAddress(self, POSTMASTER)

    @property
    def reserved(self) -> bool:
        """Whether the network name is kept for gateways (Q175978)."""
        return self.network in RESERVED_NETWORKS

    def __str__(self) -> str:
        return f"{self.network}/{self.name}"


@lru_cache(maxsize=1 << 15)
def _name(network: str, name: str) -> PostofficeName:
    """Check the parts of a name; routes, targets, proxies and a rehearsal show each once more."""
    network, name = network.strip(), name.strip()
    fault = _part_fault("network name", network) or _part_fault("postoffice name", name)
    if fault:
        raise ValueError(fault)
    return PostofficeName(network.upper(), name.upper())


class MsAddress(NamedTuple):
    """``NETWORK/POSTOFFICE/MAILBOX``; the mailbox may be one that only programs have (``$SYSTEM``)."""

    postoffice: PostofficeName
    mailbox: str

    @classmethod
    def parse(cls, text: str) -> "MsAddress":
        """Read ``NETWORK/POSTOFFICE/MAILBOX`` in any case.

        Raises:
            ValueError: there are not three parts, or a part is empty, too long or not alphanumeric.
        """
        parts = text.split("/")
        if len(parts) != 3:  # noqa: PLR2004 - NETWORK/POSTOFFICE/MAILBOX
            raise ValueError(f"{text!r} is not NETWORK/POSTOFFICE/MAILBOX")
        mailbox = parts[2].strip()
        fault = _part_fault("mailbox name", mailbox.removeprefix("$"))
        if fault:
            raise ValueError(fault)
        return cls(PostofficeName.of(parts[0], parts[1]), mailbox.upper())

    @property
    def is_postmaster(self) -> bool:
        """Whether non-delivery reports come from here."""
        return self.mailbox == POSTMASTER

    @property
    def is_system(self) -> bool:
        """Whether it is the directory synchronisation mailbox (Q87416)."""
        return self.mailbox == "$SYSTEM"

    def __str__(self) -> str:
        return f"{self.postoffice}/{self.mailbox}"


def is_mangled(mailbox: str) -> bool:
    """Tell whether a mailbox name is what the generator makes of POSTMASTER (Q175447: POSTMAST0)."""
    return _GENERATED.fullmatch(mailbox.strip()) is not None


@dataclass(frozen=True)
class ProxyAddress:
    """One e-mail address of a recipient: ``TYPE$body`` (Exchange 5.5 LDAP) or ``TYPE:body`` (everything else).

    The case of the type is data: upper = primary, lower = secondary (Q153028). All else compares without case.
    """

    type: str
    body: str
    separator: str = field(default=":", compare=False)

    @classmethod
    def parse(cls, text: str) -> "ProxyAddress":
        """Read ``TYPE:body`` or ``TYPE$body``.

        Raises:
            ValueError: there is no type in front.
        """
        found = _PROXY.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} has no address type in front")
        return cls(found[1], found[3].strip(), found[2])

    @property
    def primary(self) -> bool:
        """Whether it is the address of its type that others see (Q153028)."""
        return self.type.isupper()

    @property
    def is_ms(self) -> bool:
        """Whether it is a Microsoft Mail (PC) address."""
        return fold(self.type) == "ms"

    @cached_property
    def ms(self) -> MsAddress | None:
        """The Microsoft Mail address in it; None for another type or an address that cannot exist."""
        if not self.is_ms:
            return None
        try:
            return MsAddress.parse(self.body)
        except ValueError:
            return None

    @property
    def key(self) -> str:
        """The form in which two addresses are the same address (SDK:directry_2hdf: case does not count)."""
        return fold(f"{self.type}:{self.body}")

    def __str__(self) -> str:
        return f"{self.type}{self.separator}{self.body}"


def ms_address(value: bytes) -> MsAddress | None:
    """Give the Microsoft Mail address that the value of a directory is; None if it is none."""
    try:
        return ProxyAddress.parse(value.decode()).ms
    except ValueError:
        return None


class SpaceKind(StrEnum):
    """What an address space of a connector means to us."""

    POSTOFFICE = "postoffice"
    WILDCARD = "wildcard"
    RESERVED = "reserved"
    APPLETALK = "appletalk"
    INVALID = "invalid"
    SMTP = "smtp"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AddressSpace:
    """One routing entry of a connector, ``TYPE:address;cost`` (Q199412).

    The form of MS values is an inference from the X.400 one: ``;1`` and ``;;1`` are both read.
    """

    kind: SpaceKind
    text: str
    """The value as it stands in the directory."""
    postoffice: PostofficeName | None = None
    fault: str = ""
    """Why it is INVALID."""

    @classmethod
    def parse(cls, text: str) -> "AddressSpace":
        """Read any routing entry; what cannot be understood is INVALID, never an exception."""
        return _space(text)

    @classmethod
    def of_type(cls, text: str) -> "AddressSpace":
        """Judge a routing entry by its type."""
        found = _SPACE.fullmatch(text)
        if not found:
            return cls(SpaceKind.INVALID, text, fault="it has no address type in front")
        kind, rest = fold(found[1]), found[2]
        if kind != "ms":
            return cls({"msa": SpaceKind.APPLETALK, "smtp": SpaceKind.SMTP}.get(kind, SpaceKind.OTHER), text)
        costed = _COST.fullmatch(rest)
        address = (costed[1] if costed else rest).strip().rstrip("; \t")
        return cls._of_ms(text, address)

    @classmethod
    def _of_ms(cls, text: str, address: str) -> "AddressSpace":
        """Judge the address part of a space of type MS."""
        network, _, rest = address.partition("/")
        name, _, _ = rest.partition("/")
        if network.strip().upper() in RESERVED_NETWORKS:
            return cls(SpaceKind.RESERVED, text)
        # A blank tail stands for "everything below" (Q148389 for the mailbox; Q229961 for a blank address).
        # Explicit * and % are documented for address spaces in general (X55 xog04003), not for type MS.
        if any(mark in address for mark in "*%") or not name.strip():
            return cls(SpaceKind.WILDCARD, text)
        try:
            return cls(SpaceKind.POSTOFFICE, text, PostofficeName.of(network, name))
        except ValueError as fault:
            return cls(SpaceKind.INVALID, text, fault=str(fault))


@lru_cache(maxsize=1 << 15)
def _space(text: str) -> AddressSpace:
    """Read a routing entry; a rehearsal reads each once more."""
    return AddressSpace.of_type(text)
