"""The option that says how tables of the Exchange Administrator program are written."""

import click

from remedy.text import joined, printable
from remedy.words import EXPORT_OPTIONS

__all__ = ["export_option"]


class _Said(click.ParamType[str]):
    """``NAME=VALUE`` as the program's options file has it."""

    name = "NAME=VALUE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what is no such option, and say what there is."""
        from remedy.admincsv import read_option

        try:
            read_option(str(value))
        except ValueError as fault:
            self.fail(f"{printable(str(value))}: {fault}", param, ctx)
        return str(value)


export_option = click.option(
    "--export-option", multiple=True, type=_Said(), metavar="NAME=VALUE",
    help=f"Administrator export: its {joined(EXPORT_OPTIONS)}, as in its options file.",
)  # fmt: skip
