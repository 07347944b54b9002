"""PowerShell with the Active Directory module, or with the shell of Exchange 2010 and later.

Law: what a script does not do by itself is said by ``-WhatIf``; policies are somebody's, and are reported, never written.
"""

from collections.abc import Iterator

from remedy.change import Add
from remedy.errors import RemedyError
from remedy.plan import Plan
from remedy.scripts.base import Format, Piece
from remedy.scripts.calls import deeds

__all__ = ["FORMAT"]


def _pieces(plan: Plan) -> Iterator[Piece]:
    """Give the way there and the way back.

    Raises:
        RemedyError: an entry is made; Active Directory makes mailboxes of its users with other means (facts §4.4).
    """
    if made := [step.id for step in plan.steps if isinstance(step.change, Add)]:
        raise RemedyError(f"{made[0]} makes an entry, which no PowerShell script of ours does. Render it as ldif.")
    for told in deeds(plan):
        file = f"{told['way']}.ps1"
        yield Piece(name=file, template=f"scripts/powershell/{file}", context=told, newline="\r\n")


FORMAT = Format(title="PowerShell", pieces=_pieces, dialects=("active-directory",))
