"""How a postoffice is covered: the contract's table, with the message flow as its proof."""

from dataclasses import dataclass
from enum import StrEnum

from remedy.estate import Estate, Postoffice, Recipient, RecipientKind
from remedy.flow import Walk, walk
from remedy.own import Own, own_mailbox, points_back

__all__ = ["Coverage", "Row", "View", "judged"]


class Coverage(StrEnum):
    """What the sources show about mail to a postmaster address."""

    EXPOSED = "exposed"
    EXCHANGE = "exchange-mailbox"
    POSTOFFICE = "postoffice-mailbox"
    BOTH = "both"
    CONFLICT = "conflict"
    FULL = "full"


_UNCOVERED = frozenset({Coverage.EXPOSED, Coverage.FULL})


@dataclass(frozen=True, slots=True)
class Row:
    """One postoffice as the survey sees it."""

    po: Postoffice
    coverage: Coverage
    inferred: bool
    """Whether the coverage is only likely."""

    @property
    def walk(self) -> Walk:
        """The way of a list server's reply, followed when it is asked for."""
        return walk(self.po)

    @property
    def uncovered(self) -> bool:
        """Whether something has to be done for it."""
        return self.coverage in _UNCOVERED


@dataclass(frozen=True, slots=True)
class View:
    """The judged postoffices of an estate."""

    rows: tuple[Row, ...]
    shadow_rows: tuple[Row, ...]
    estate: Estate
    cap: int | None = None
    """Addresses that one entry is to hold at most; None = what the directory of each says."""

    def cap_of(self, recipient: Recipient) -> int:
        """Give the number of addresses that a recipient should hold at most."""
        return self.cap or recipient.cap


def judged(po: Postoffice) -> Row:
    """Judge one postoffice."""
    own = own_mailbox(po)
    return Row(po, _coverage(po, own), _inferred(po, own))


def _coverage(po: Postoffice, own: Own) -> Coverage:
    """Say how a postoffice is covered (contract: "What the words of a result mean")."""
    if len(po.holders) > 1:
        return Coverage.CONFLICT
    holder = po.holders[0] if po.holders else None
    if holder and holder.kind is RecipientKind.MAILBOX:
        known = True in po.told("postmaster") or own is Own.FULL
        return Coverage.BOTH if known and own is not Own.UNKNOWN else Coverage.EXCHANGE
    if holder and not points_back(holder, po):  # mail ends with the holder, whatever the postoffice has
        return Coverage.POSTOFFICE if holder.kind is RecipientKind.CUSTOM_RECIPIENT else Coverage.EXCHANGE
    if own is Own.FULL:
        return Coverage.FULL
    return Coverage.POSTOFFICE if holder or own is Own.ROOM else Coverage.EXPOSED


def _inferred(po: Postoffice, own: Own) -> bool:
    """Say whether the coverage is only likely: it hangs on an entry that is not seen, may be stale or leads elsewhere."""
    if not po.holders:
        return po.unseen
    if len(po.holders) != 1 or po.holders[0].kind is RecipientKind.MAILBOX:
        return False
    return not points_back(po.holders[0], po) or own not in {Own.ROOM, Own.FULL}
