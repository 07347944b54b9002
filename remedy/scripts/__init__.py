"""Scripts for people whose estate lets no new tool write: the same changes, each with its inverse, in their own language.

Law: a script says only what the plan says. To add a language, write one file here, its templates, and a line below.
"""

from collections.abc import Mapping

from remedy.errors import UsageError
from remedy.plan import Plan
from remedy.scripts import exchange_csv, ldif, ldifde
from remedy.scripts.base import Format, Piece
from remedy.text import joined

__all__ = ["FORMATS", "Format", "Piece", "format_of"]

FORMATS: Mapping[str, Format] = {
    "exchange-csv": exchange_csv.FORMAT,
    "ldif": ldif.FORMAT,
    "ldifde": ldifde.FORMAT,
}
"""Each language by the word that ``remedy render`` takes."""


def format_of(name: str, plan: Plan) -> Format:
    """Give a format that a plan can be written in.

    Raises:
        UsageError: there is none of that name, or it does not fit the plan's directory; the fitting ones are listed.
    """
    fitting = [word for word, each in FORMATS.items() if plan.dialect in each.dialects]
    if name not in fitting:
        why = f"does not fit a plan for {plan.dialect}" if name in FORMATS else "is no format of a script"
        raise UsageError(f"{name} {why}; these are: {joined(fitting)}.")
    return FORMATS[name]
