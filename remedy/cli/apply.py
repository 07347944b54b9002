"""``remedy apply``: carry a plan out on an LDIF file or a server, journalled, with the way back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from remedy.cli.live import Number, first_words, live, live_words
from remedy.cli.options import Given, GivenPath, common, formats, notes_of
from remedy.cli.output import changing_of, confirmed, named, pasted, say, show_lines, width, write_json
from remedy.codes import HAZARDS
from remedy.errors import Interrupted, Stale
from remedy.text import counted, printable

if TYPE_CHECKING:
    from remedy.execution import ApplyWishes, Report
    from remedy.plan import Plan
    from remedy.stores.places import Server

__all__ = ["command"]

_PARTLY = 6
"""The contract's exit code of a run that applied some values and left others out."""
_HAZARDS = click.Choice(list(HAZARDS))


@click.command("apply")
@click.argument("plan", metavar="PLAN", type=Given())
@click.argument("target", metavar="TARGET", type=Given())
@click.option("--yes", is_flag=True, allow_from_autoenv=False, help="Do not ask.")
@click.option("--expect", type=Given(), metavar="sha256:...", allow_from_autoenv=False, help="The approved digest.")
@click.option("--allow", multiple=True, type=_HAZARDS, allow_from_autoenv=False, help="Allow this hazard.")
@click.option("--journal", type=GivenPath(), metavar="FILE", help="Where the journal goes (default PLAN.journal).")
@click.option("--resume", is_flag=True, help="Go on with the journal of a run that did not end.")
@click.option("--dry-run", is_flag=True, help="Read the target and say what would become of each value.")
@click.option("--keep-going", is_flag=True, allow_from_autoenv=False, help="Leave values in conflict out.")
@click.option("--rate", type=Number(0.001, 100_000), metavar="N", help="Server: changes a second at most.")
@click.option("-o", "--output", type=GivenPath(), metavar="FILE", help="Write the changed copy here instead.")
@formats("text", "json")
@live
@common
def command(*, plan: str, target: str | Server, form: str, yes: bool, **given: Any) -> None:
    """Carry PLAN out on TARGET, an LDIF file or a server; every precondition is checked first.

    \b
    A file is backed up and replaced whole; every other byte stays as it is.
    On a server each entry is changed by one request, which says what must
    hold for it. The journal is on disk before each change, and `remedy
    rollback` leads back by it.

    \b
    Examples:
      remedy apply plan.json export.ldif --dry-run
      remedy apply plan.json export.ldif --yes --expect sha256:3f2a...
      remedy apply plan.json ldaps://exsrv1.fabrikam.com/o=FABRIKAM \\
        --bind-dn dc=FABRIKAM,cn=jsmith,cn=admin --password-file pw
    """
    from remedy import execution
    from remedy.reports import apply_lines
    from remedy.saved import load_plan

    if plan == "-" and not given["journal"]:
        raise click.UsageError("A plan from standard input needs --journal FILE.")
    del given["rate"]  # the server knows it; one request carries all changes of a file
    given["journal"] = given["journal"] or Path(f"{plan}.journal")
    given |= {"allow": frozenset(given["allow"]), "expect": given["expect"] or "", "asks": not yes}
    wishes = execution.ApplyWishes(**given)

    def confirm(preview: Report) -> bool:
        _say_unseen(preview)
        lines = apply_lines({**preview.to_dict(), "dry_run": True}, width())
        return yes or confirmed(lines, f"Apply {counted(preview.counts.applied, 'value')} to {target}?")

    loaded = load_plan(plan)
    try:
        report = execution.apply(loaded, target, wishes, confirm, changing_of())
    except Interrupted:
        _say_the_lines(_PARTLY, plan, str(target), wishes)
        raise
    _told(report, loaded, plan, str(target), wishes, form)


def _told(report: Report, loaded: Plan, plan: str, target: str, wishes: ApplyWishes, form: str) -> None:
    """Tell everything that there is to tell, and end with the exit code that says it."""
    from remedy.reports import apply_lines

    notes_of(click.get_current_context()).done = f"{report.journal} says what was done" if report.journal else ""
    if report.dry_run:
        _say_unseen(report)
    if not report.stop:  # before anything goes to a reader that may have gone away
        _say_the_ways(report, plan, target, wishes)
    if form == "json":
        write_json(report.to_dict())
    else:
        show_lines(apply_lines(report.to_dict(), width()))
    _say_what_waits(loaded)
    if report.stop:
        raise report.stop
    sys.exit(_code(report))


def _say_unseen(report: Report) -> None:
    """Say what the target may hold and did not show."""
    for text in report.unseen:
        say(f"Not seen: {text}")


def _say_what_waits(plan: Plan) -> None:
    """Say what no program can carry out, and that there is nothing to do."""
    if plan.manual:
        steps = counted(len(plan.manual), "step waits", "steps wait")
        say(f"{steps} for people; remedy show lists them under By hand.")
    elif not plan.steps:
        say("The plan changes nothing.")


def _say_the_ways(report: Report, plan: str, target: str, wishes: ApplyWishes) -> None:
    """Say what stood in the way, where the files are, and the command lines that lead on and back."""
    from remedy.judging import first_conflict

    if stop := report.trouble or first_conflict(report.values):
        say(f"remedy: {stop}")
    if report.journal:
        backup = (
            f"The old file is in {printable(report.backup)}, the journal in" if report.backup else "The journal is in"
        )
        say(f"{backup} {printable(report.journal)}.")
    if report.journal or _code(report) == _PARTLY:
        _say_the_lines(_code(report), plan, target, wishes)


def _say_the_lines(code: int, plan: str, target: str, wishes: ApplyWishes) -> None:
    """Say the command lines that lead on and back."""
    context = click.get_current_context()
    first, more = first_words(context), live_words(context)
    target, place, plan, journal = (named(name) for name in (target, wishes.output or target, plan, wishes.journal))
    rate = context.params.get("rate")
    if code == _PARTLY:
        words = [*first, "apply", plan, target, "--resume", "--journal", journal]
        words += ["-o", place] if wishes.output else []
        words += [word for name in sorted(wishes.allow) for word in ("--allow", name)]
        words += ["--keep-going"] if wishes.keep_going else []
        words += ["--rate", f"{rate:g}"] if rate else []
        say(f"To go on: {pasted([*words, *more])}")
    if plan != "-":
        say(f"To prove it: {pasted([*first, 'verify', place, '--plan', plan, *more])}")
    say(f"To go back: {pasted([*first, 'rollback', journal, place, *more])}")


def _code(report: Report) -> int:
    """Give the exit code: 6 if some values were left out or are in doubt, else that of what stood in the way."""
    counts = report.counts
    if report.unsure:
        return _PARTLY
    if counts.conflict or counts.failed:
        partly = (counts.applied or report.before or _applied_too(report)) and not report.dry_run
        return _PARTLY if partly else report.trouble.exit_code if report.trouble else Stale.exit_code
    return 0


def _applied_too(report: Report) -> bool:
    """Tell whether a value was applied and somebody else came to hold it at the same moment."""
    return any(value.found.startswith("applied, ") for value in report.values)
