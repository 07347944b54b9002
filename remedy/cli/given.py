"""What may stand behind an option: a text, a file to write, the code of a finding."""

from typing import TYPE_CHECKING

import click

from remedy.text import fold, joined, printable

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

__all__ = ["CodeName", "Given", "GivenPath"]


class Given(click.ParamType[str]):
    """A text that is not empty: an unset shell variable is no wish."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse an empty text."""
        if not str(value).strip():
            self.fail("it is empty. Is a shell variable not set?", param, ctx)
        return str(value)


class GivenPath(click.ParamType["Path"]):
    """A file to write: named, and not standard output."""

    name = "path"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> "Path":
        """Refuse an empty name and ``-``."""
        from pathlib import Path

        if str(value) == "-":
            self.fail("this has to be a file, not standard input or output.", param, ctx)
        return value if isinstance(value, Path) else Path(Given().convert(value, param, ctx))


class CodeName(click.ParamType[str]):
    """The code of a finding or hazard, in any case."""

    name = "CODE"

    def __init__(self, *, hazards: bool = False) -> None:
        self.hazards = hazards

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, those of hazards last."""
        from remedy.codes import CODES, HAZARDS

        return (*CODES, *(HAZARDS if self.hazards else ()))

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the code as it is written in the table, or name those that look like it."""
        codes = self.codes
        found = next((code for code in codes if fold(code) == fold(str(value))), None)
        if found is None:
            from difflib import get_close_matches

            near = get_close_matches(fold(str(value)), codes, n=3, cutoff=0.5)
            hint = f" Do you mean {joined(near)}?" if near else " `remedy survey` shows the codes that matter."
            self.fail(f"there is no code {printable(str(value))}.{hint}", param, ctx)
        return found

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG002
        """Complete a code."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(code) for code in self.codes if code.startswith(fold(incomplete))]
