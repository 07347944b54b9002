"""Scripts for people whose estate lets no new tool write: the same changes, each with its inverse, in their own language.

Law: a script says only what the plan says. To add a language, write one file here, its templates, and a line below.
"""

from collections.abc import Mapping

from remedy.errors import RemedyError, UsageError
from remedy.plan import Plan
from remedy.scripts import exchange_csv, ldapmodify, ldif, ldifde, msmail, powershell, vbscript
from remedy.scripts.base import Format, Piece
from remedy.text import joined

__all__ = ["FORMATS", "Format", "Piece", "format_of"]

FORMATS: Mapping[str, Format] = {
    "exchange-csv": exchange_csv.FORMAT,
    "ldif": ldif.FORMAT,
    "ldapmodify": ldapmodify.FORMAT,
    "ldifde": ldifde.FORMAT,
    "vbscript": vbscript.FORMAT,
    "powershell": powershell.FORMAT,
    "msmail": msmail.FORMAT,
}
"""Each language by the word that ``remedy render`` takes."""


def format_of(name: str, plan: Plan) -> Format:
    """Give a format that a plan can be written in.

    Raises:
        UsageError: there is none of that name, or it does not fit the plan's directory; the fitting ones are listed.
        RemedyError: the plan has nothing for it.
    """
    fitting = [word for word, each in FORMATS.items() if plan.dialect in each.dialects]
    if name not in fitting:
        why = f"does not fit a plan for {plan.dialect}" if name in FORMATS else "is no format of a script"
        raise UsageError(f"{name} {why}; these are: {joined(fitting)}.")
    found = FORMATS[name]
    if found.by_hand and not plan.manual:
        raise RemedyError(
            f"{name} is about steps by hand, and this plan has none. Plan with --strategy postoffice, both or mixed, which "
            "make them, or leave it out."
        )
    if plan.manual and not (found.by_hand or plan.steps):
        raise RemedyError(
            f"This plan changes no entry, so {name} has nothing to say. Its steps are by hand: see msmail."
        )
    return found
