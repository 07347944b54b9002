"""What the sources show of a postoffice's own POSTMASTER mailbox."""

from enum import StrEnum

from remedy.estate import MAILBAG_LIMIT, Postoffice, Recipient

__all__ = ["Own", "own_mailbox", "points_back"]


class Own(StrEnum):
    """What is known of the postoffice's own POSTMASTER mailbox."""

    MISSING = "missing"
    """An inventory says there is none."""
    UNKNOWN = "unknown"
    """Nothing shows one; the flow takes it for missing, as the article does."""
    ROOM = "room"
    """It is there and not full."""
    FULL = "full"
    """Its mailbag holds 4096 messages."""
    CLAIMED = "claimed"
    """Something points at it that may be stale, or sources disagree."""


def own_mailbox(po: Postoffice) -> Own:
    """Say what the sources show of a postoffice's own POSTMASTER mailbox."""
    if not (po.listings or po.holders):
        return Own.UNKNOWN
    told = po.told("postmaster")
    claims = [holder for holder in po.holders if points_back(holder, po)]
    if False in told:
        return Own.CLAIMED if claims else Own.UNKNOWN if True in told else Own.MISSING
    if po.pending is not None and po.pending >= MAILBAG_LIMIT:
        return Own.FULL
    if True in told or any(holder.imported_from for holder in claims):  # synchronisation saw the mailbox
        return Own.ROOM
    return Own.CLAIMED if claims else Own.UNKNOWN


def points_back(holder: Recipient, po: Postoffice) -> bool:
    """Tell whether a recipient sends mail for the postmaster address on to the postoffice itself."""
    return holder.target is not None and holder.target.ms == po.name.postmaster
