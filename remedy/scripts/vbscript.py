"""VBScript on ADSI, for Windows Script Host: what the administrators of Exchange 5.5 and 2000 have at hand.

Law: one statement a value, one SetInfo an entry; what ADSI cannot do in one SetInfo is refused.
"""

from collections.abc import Iterator

from remedy.change import Op, mods_of
from remedy.errors import RemedyError
from remedy.plan import Plan
from remedy.quoting import ads_path
from remedy.scripts.base import Format, Piece
from remedy.scripts.calls import deeds
from remedy.text import fold, joined, printable

__all__ = ["FORMAT"]


def _pieces(plan: Plan) -> Iterator[Piece]:
    """Give the way there and the way back.

    Raises:
        RemedyError: a change adds values to an attribute and deletes others of it.
    """
    for step in plan.steps:
        ways = {op: {fold(mod.attribute) for mod in mods_of(step.change) if mod.op is op} for op in Op}
        if both := sorted(ways[Op.ADD] & ways[Op.DELETE]):  # each PutEx overwrites the one before (Platform SDK, PutEx)
            raise RemedyError(
                f"{step.id}: {joined(map(printable, both))} gets and loses values in one change, which ADSI cannot send in "
                "one request. Render the plan in another format, or apply it with `remedy apply`."
            )
    for told in deeds(plan, ads_path):
        file = f"{told['way']}.vbs"
        yield Piece(name=file, template=f"scripts/vbscript/{file}", context=told, newline="\r\n")


FORMAT = Format(title="VBScript on ADSI", pieces=_pieces)
