"""Resolution 1 of Q175447: a POSTMASTER mailbox on each postoffice, made by hand and kept from filling up."""

from collections.abc import Mapping

from remedy.addresses import PostofficeName
from remedy.estate import USER_LIMIT, Postoffice, PostofficeKind
from remedy.intents import CreatePostmaster
from remedy.own import Own, own_mailbox
from remedy.strategies.base import Decision, Limits, Options, pending
from remedy.survey import Survey

__all__ = ["FULL_NAME_LIMIT", "barred", "can_have_postmaster", "decide", "full_name", "no_room", "step"]

FULL_NAME_LIMIT = 30
"""Characters in the full name of a mailbox at most (Q104869, Q96003 [72])."""

_BARS: Mapping[PostofficeKind, str] = {
    PostofficeKind.FFAPI: "on which ADMIN cannot make a mailbox (an inference)",
    PostofficeKind.WORKGROUP: "to which no other postoffice can be connected (Q132560)",
}
"""Why no POSTMASTER mailbox is made on a postoffice of a kind."""


def decide(survey: Survey, options: Options, limits: Limits) -> Decision:  # noqa: ARG001 - every strategy is asked alike
    """Give one step by hand for each postoffice that is not covered."""
    wanted = set(pending(survey))
    return Decision(
        manual=tuple(CreatePostmaster(row.po.name, step(row.po)) for row in survey.rows if row.po.name in wanted)
    )


def can_have_postmaster(po: Postoffice) -> bool:
    """Tell whether a postoffice has a POSTMASTER mailbox, or one can be made on it."""
    room = po.users is None or po.users < USER_LIMIT or own_mailbox(po) in {Own.ROOM, Own.FULL}
    return po.kind is PostofficeKind.MSMAIL and room


def full_name(name: PostofficeName) -> str:
    """Give the full name of a POSTMASTER mailbox: no two are the same (Q166545), and the longest names fit too."""
    whole = f"Postmaster {name}"
    return whole if len(whole) <= FULL_NAME_LIMIT else f"Postmstr {name}"


def barred(po: Postoffice) -> str:
    """Say what kind a postoffice is of, and why no POSTMASTER mailbox is made on it."""
    return f"of kind {po.kind}, {_BARS.get(po.kind, 'of which nobody knows whether it can have such a mailbox')}"


def no_room(po: Postoffice) -> str:
    """Say why a postoffice cannot have a POSTMASTER mailbox."""
    if po.kind is not PostofficeKind.MSMAIL:
        return f"it is {barred(po)}"
    return f"it has {po.users} users, which is all it takes (Q123376)"


def step(po: Postoffice, *, beside: bool = False) -> str:
    """Say what to do on one postoffice; ``beside`` a mailbox that holds its address, synchronisation must not bring one."""
    if po.kind is not PostofficeKind.MSMAIL:
        return f"{po.name} is {barred(po)}, and gets no POSTMASTER mailbox: cover it with --strategy exchange."
    apart = (
        "Take it out of directory synchronisation (Q131151): else two entries may hold its address (inference; Q251152). "
        if beside
        else ""
    )
    if own_mailbox(po) is Own.FULL:
        return (
            f"Empty the POSTMASTER mailbox of {po.name}: log on as POSTMASTER, move or delete its messages (Q138054), then "
            f"Local-Admin, Storage, Compress with EXTERNAL stopped (Q146113). {apart}Name the person who empties it from now "
            "on."
        )
    room = ""
    if not can_have_postmaster(po):
        room = f"{po.name} has {po.users} users, which is all it takes: free one first (Q123376). "
    return (
        f'{room}On {po.name} run ADMIN.EXE, Local-Admin, Create: mailbox POSTMASTER, full name "{full_name(po.name)}" '
        "(Q166545: distinct names), and answer N to take it out of directory synchronisation (Q131151). Name the person "
        "who empties it: at 4096 messages the loop comes back (Q175447, Q138054)."
    )
