"""Resolution 1 of Q175447: a POSTMASTER mailbox on each postoffice, made by hand and kept from filling up."""

from remedy.estate import USER_LIMIT, Postoffice, PostofficeKind
from remedy.flow import Own, own_mailbox
from remedy.intents import CreatePostmaster
from remedy.strategies.base import Decision, Limits, Options, pending
from remedy.survey import Survey

__all__ = ["can_have_postmaster", "decide"]


def decide(survey: Survey, options: Options, limits: Limits) -> Decision:  # noqa: ARG001 - every strategy is asked alike
    """Give one step by hand for each postoffice that is not covered."""
    wanted = set(pending(survey))
    return Decision(
        manual=tuple(CreatePostmaster(row.po.name, _step(row.po)) for row in survey.rows if row.po.name in wanted)
    )


def can_have_postmaster(po: Postoffice) -> bool:
    """Tell whether a POSTMASTER mailbox can be made on a postoffice."""
    return po.kind is PostofficeKind.MSMAIL and (po.users is None or po.users < USER_LIMIT)


def _step(po: Postoffice) -> str:
    """Say what to do on one postoffice."""
    if po.kind is not PostofficeKind.MSMAIL:
        return (
            f"{po.name} is of kind {po.kind} and cannot have a POSTMASTER mailbox: cover it with --strategy exchange."
        )
    if own_mailbox(po) is Own.FULL:
        return (
            f"Empty the POSTMASTER mailbox of {po.name}: log on as POSTMASTER, move or delete its messages (Q138054), then "
            "Local-Admin, Storage, Compress with EXTERNAL stopped (Q146113). Name the person who empties it from now on."
        )
    room = ""
    if po.users is not None and po.users >= USER_LIMIT:
        room = f"{po.name} has {po.users} users, which is all it takes: free one first (Q123376). "
    return (
        f'{room}On {po.name} run ADMIN.EXE, Local-Admin, Create: mailbox POSTMASTER, full name "Postmaster {po.name}" '
        "(Q166545: distinct names), and answer N to take it out of directory synchronisation (Q131151). Name the person "
        "who empties it: at 4096 messages the loop comes back (Q138054)."
    )
