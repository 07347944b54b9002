"""``remedy render``: a plan as scripts in the languages of the consoles, each with its inverse."""

from pathlib import Path

import click

from remedy.cli.options import Given, GivenPath, common
from remedy.cli.output import say, write
from remedy.text import counted, joined, printable
from remedy.words import SCRIPTS

__all__ = ["command"]


class Word(click.Choice[str]):
    """The word of a format; whether it fits is said when the plan is known, with the list of those that do."""

    def convert(self, value: str, _param: click.Parameter | None, _context: click.Context | None) -> str:
        """Take any word."""
        return value


@click.command("render")
@click.argument("plan", metavar="PLAN", type=Given())
@click.argument("formats", metavar="FORMAT...", type=Word(SCRIPTS), nargs=-1, required=True)
@click.option(
    "-d", "--folder", required=True, type=GivenPath(), metavar="FOLDER", help="Where the scripts go; made if need be."
)
@click.option(
    "--templates",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Take templates from here first, by the names of ours: FOLDER/scripts/ldif/records.ldif.j2.",
)
@click.option("--replace", is_flag=True, help="Write over scripts that are there.")
@common
def command(plan: str, formats: tuple[str, ...], folder: Path, templates: Path | None, *, replace: bool) -> None:
    """Write a plan as scripts of other tools, each with its inverse.

    \b
    Nothing is carried out. Each format gets a folder of its own below FOLDER;
    what is written there is listed. A script checks first that it runs against
    the right directory, keeps a log, and stops at the first failure. The steps
    by hand of a plan are the format msmail, a folder for each postoffice.

    \b
    Examples:
      remedy render plan.json ldapmodify -d scripts
      remedy render plan.json ldif exchange-csv vbscript -d scripts
      remedy render plan.json msmail -d steps
    """
    from remedy.rendering import not_used, scripts_of
    from remedy.saved import load_plan
    from remedy.scripts import FORMATS
    from remedy.stores.output import write_files

    made = load_plan(plan)
    files = scripts_of(made, formats, templates=templates)
    write_files(folder, {each.name: (each.data, each.executable) for each in files}, replace=replace)
    if templates and (note := not_used(templates, files, formats)):
        say(note)
    write("".join(f"{printable(str(folder / each.name))}\n" for each in files))
    number, titles = counted(len(files), "file"), joined(FORMATS[name].title for name in dict.fromkeys(formats))
    say(f"{number} written: {titles}. Read them before anybody runs them; the plan is sha256:{made.digest[:12]}….")
