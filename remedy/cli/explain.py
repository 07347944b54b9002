"""``remedy explain``: what a finding or hazard means."""

import click

from remedy.cli.options import CodeName, common, formats
from remedy.cli.output import show_lines, width, write_json

__all__ = ["command"]


@click.command("explain")
@click.argument("code", type=CodeName(hazards=True), metavar="CODE")
@formats("text", "json")
@common
def command(code: str, form: str) -> None:
    """Say what a finding or hazard means, why it matters, what to do, and where it is written.

    \b
    Example:
      remedy explain duplicate-address
    """
    if form == "text":
        from remedy.tables import explained

        show_lines(explained(code, width()))
        return
    from remedy.codes import CODES, HAZARDS

    kind = {**HAZARDS, **CODES}[code]
    severity = kind.severity.value if kind.severity else "hazard"
    document = {"schema": "remedy/explain/1", "code": code, "severity": severity}
    write_json({**document, "meaning": kind.meaning, "why": kind.why, "fix": kind.fix, "kb": kind.kb})
