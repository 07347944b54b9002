"""The mail estate: what the sources tell about postoffices, recipients, connectors and synchronisation.

Names of directory entries are opaque here: ``dn`` is for people, ``order`` is the form in which two are the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from remedy.addresses import AddressSpace, PostofficeName
from remedy.errors import Fault
from remedy.recipients import Home, Recipient, RecipientKind, joined_up, united

__all__ = [
    "MAILBAG_LIMIT", "USER_LIMIT", "Connector", "Estate", "Evidence", "EvidenceKind", "Home", "Listing", "Mailbag",
    "Postoffice", "PostofficeKind", "Recipient", "RecipientKind", "Requestor", "Sighting", "Site",
]  # fmt: skip

MAILBAG_LIMIT = 4096
"""Messages that fit into one Microsoft Mail mailbag, read and unread (Q138054, Q175447)."""

USER_LIMIT = 500
"""Local users a postoffice can have (Q123376)."""


class PostofficeKind(StrEnum):
    """What a postoffice name stands for."""

    MSMAIL = "msmail"
    SHADOW = "shadow"
    FFAPI = "ffapi"
    GATEWAY = "gateway"
    WORKGROUP = "workgroup"


class EvidenceKind(StrEnum):
    """How a postoffice became known."""

    ROUTING_LIST = "routing-list"
    GWART = "gwart"
    SYSTEM_RECIPIENT = "system-recipient"
    TARGET_ADDRESS = "target-address"
    PROXY = "proxy"
    REQUESTOR = "requestor"
    POSTOFFICE_FOLDER = "postoffice-folder"
    REGISTRY = "registry"
    LISTDS = "listds"
    IMPORT_EXTRACT = "import-extract"
    LISTUSER = "listuser"
    ADDR_MAP = "addr-map"
    INVENTORY = "inventory"


_DEFINING = (EvidenceKind.ROUTING_LIST, EvidenceKind.GWART)
"""What shows that a connector has an address space."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that shows a postoffice."""

    source: str
    where: str
    kind: EvidenceKind
    value: str
    count: int = 1
    """How many such things the source shows; the first is the one described."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A postoffice name with the evidence for it."""

    name: PostofficeName
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """Something with address spaces."""

    dn: str
    order: str
    source: str
    where: str = ""
    name: str = ""
    """What people call it: the last part of its name."""
    spaces: tuple[AddressSpace, ...] = ()
    is_ms_mail: bool = False
    evidence: EvidenceKind = EvidenceKind.ROUTING_LIST
    """What its address spaces are as evidence."""
    home: Home | None = None
    side: str = ""
    """The kind of directory that shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requestor:
    """A directory synchronisation partner."""

    dn: str
    order: str
    source: str
    where: str = ""
    client: str = ""
    """The ``order`` of the hidden recipient that stands for the other side."""
    pulls: bool = False
    """Whether Exchange is the requestor and a postoffice the server (Q152924 speaks of this)."""
    exports: tuple[str, ...] = ()
    """The ``order`` of each container whose recipients go to the other side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The addressing of an Exchange site."""

    dn: str
    order: str
    own: PostofficeName | None = None
    """The shadow postoffice: the network and postoffice that Exchange's own addresses carry."""
    domain: str = ""
    """The domain of its SMTP addresses."""
    templates: tuple[str, ...] = ()
    """Its address templates as they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What an inventory, or what a tool wrote into a file, says of one postoffice."""

    name: PostofficeName
    source: str
    where: str = ""
    evidence: EvidenceKind = EvidenceKind.INVENTORY
    shows: str = ""
    """What shows it, as it stands there; empty = its name."""
    kind: PostofficeKind | None = None
    """What the name stands for; None = not said, which means a Microsoft Mail postoffice."""
    postmaster: bool | None = None
    """Whether it has a POSTMASTER mailbox; None = not known."""
    pending: int | None = None
    """Messages in that mailbox, 0-4096."""
    synchronised: bool = False
    """Whether directory synchronisation is seen to carry that mailbox's address, or a list shows it that may come so."""
    mailbag: str = ""
    """The number of that mailbox's mailbag: eight hexadecimal digits, upper case."""
    users: int | None = None
    """Local users, 0-500."""
    strategy: str = ""
    version: str = ""
    path: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbag:
    """The mailbag of a mailbox, as it lies in a postoffice's folder."""

    postoffice: PostofficeName
    number: str
    """Eight hexadecimal digits, upper case: the names of its files."""
    records: int
    """Messages that it holds at most: deleted ones count until it is compressed (Q146113)."""
    source: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postoffice:
    """A postoffice with all that is known of it."""

    name: PostofficeName
    kind: PostofficeKind = PostofficeKind.MSMAIL
    mailbag: Mailbag | None = None
    """The mailbag of its POSTMASTER mailbox, if its number and its size are known."""
    evidence: tuple[Evidence, ...] = ()
    holders: tuple[Recipient, ...] = ()
    """The directory entries that hold its postmaster address."""
    connector: str = ""
    """What the Microsoft Mail connector is called that has it defined; empty where that is not known, or several have."""
    unseen: bool = False
    """Whether somebody may hold it whom the sources do not show: addresses are missing in them."""
    listings: tuple[Listing, ...] = ()

    def told(self, fact: str) -> tuple[object, ...]:
        """Give the different things the inventories say about one fact, blanks left out."""
        if not self.listings:
            return ()
        values = [getattr(listing, fact) for listing in self.listings]
        return tuple(dict.fromkeys(value for value in values if value not in {None, ""}))

    @property
    def synchronised(self) -> bool:
        """Whether a source shows that directory synchronisation carries its postmaster address."""
        return any(item.synchronised for item in self.listings)

    @property
    def pending(self) -> int | None:
        """The highest number of messages that an inventory gives for its POSTMASTER."""
        return max((item.pending for item in self.listings if item.pending is not None), default=None)

    @property
    def users(self) -> int | None:
        """The highest number of local users that an inventory gives."""
        return max((item.users for item in self.listings if item.users is not None), default=None)

    @property
    def strategy(self) -> str:
        """The strategy an inventory asks for; the last one counts."""
        return next((item.strategy for item in reversed(self.listings) if item.strategy), "")

    @property
    def skipped(self) -> bool:
        """Whether an inventory takes it out of planning."""
        return self.strategy == "skip"

    @property
    def defined(self) -> bool:
        """Whether a connector has an address space for it."""
        return any(item.kind in _DEFINING for item in self.evidence)


_Sourced = TypeVar("_Sourced", Connector, Requestor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """Everything the sources tell."""

    connectors: tuple[Connector, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    requestors: tuple[Requestor, ...] = ()
    sites: tuple[Site, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    """Postoffices seen in the targets of ordinary custom recipients."""
    listings: tuple[Listing, ...] = ()
    mailbags: tuple[Mailbag, ...] = ()
    faults: tuple[Fault, ...] = ()
    """Inventory rows that could not be understood."""
    oddities: tuple[Fault, ...] = ()
    """What an inventory or a tool's file holds that nobody knows, or that is not what it seems."""
    truncated: Mapping[str, str] = field(default_factory=dict)
    """Why the end of a source may be missing, for each where it may."""
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The other servers that hold parts of a source; they were not asked."""
    clashes: tuple[tuple[str, str], ...] = ()
    """Entries of which two sources show different values, each with a sentence."""
    hidden: Mapping[str, int] = field(default_factory=dict)
    """Hidden objects seen in each directory source."""
    to_see_hidden: Mapping[str, str] = field(default_factory=dict)
    """How to get hidden objects into a source, for each where that is special."""
    unseen: Mapping[str, str] = field(default_factory=dict)
    """Why addresses are not seen, for each source with entries whose addresses it does not show."""

    def merged(self, other: "Estate") -> "Estate":
        """Give one estate of two: entries of one name become one entry that holds what either shows."""
        return Estate(
            connectors=_each((*self.connectors, *other.connectors)),
            recipients=joined_up(united((*self.recipients, *other.recipients))),
            requestors=_each((*self.requestors, *other.requestors)),
            sites=_unique((*self.sites, *other.sites)),
            sightings=self.sightings + other.sightings,
            listings=self.listings + other.listings,
            mailbags=self.mailbags + other.mailbags,
            faults=self.faults + other.faults,
            oddities=self.oddities + other.oddities,
            clashes=self.clashes + other.clashes,
            truncated={**self.truncated, **other.truncated},
            elsewhere={**self.elsewhere, **other.elsewhere},
            hidden={**self.hidden, **other.hidden},
            to_see_hidden={**self.to_see_hidden, **other.to_see_hidden},
            unseen={**self.unseen, **other.unseen},
        )


def _each(items: Iterable[_Sourced]) -> tuple[_Sourced, ...]:
    """Put items in the order of their names; one that two sources show stands there as each of them shows it."""
    return tuple(sorted(items, key=lambda item: item.order))


def _unique(items: Iterable[Site]) -> tuple[Site, ...]:
    """Keep the first of each name, in the order of the names."""
    first = {item.order: item for item in reversed(tuple(items))}
    return tuple(first[order] for order in sorted(first))
