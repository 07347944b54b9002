"""The sample estate, and the story that is told on it."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from remedy.errors import InputError, Refused
from remedy.stores.output import write_whole

__all__ = ["STORY", "Chapter", "sample", "write_sample"]

SAMPLES = ("fabrikam.ldif", "postoffices.csv")
"""The sources of the sample estate."""

LOG = "application.txt"
"""Its application log, as Event Viewer saves it."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One command of the story, and why it comes now."""

    title: str
    words: tuple[str, ...]


STORY = (
    Chapter(
        "Mail goes round and round. The application log knows between whom, and what started it.",
        ("diagnose", LOG, "--source", SAMPLES[0], "--source", SAMPLES[1]),
    ),
    Chapter("What else is wrong? The export and an inventory, read together.", ("survey", *SAMPLES)),
    Chapter(
        "Why does mail loop? One postoffice, followed step by step.",
        ("trace", *SAMPLES, "--po", "NWTRADERS/PO1"),
    ),
    Chapter(
        "What would be changed, and does it help? Nothing is written to the directory.",
        ("plan", *SAMPLES, "--exchange-version", "5.5", "-o", "plan.json"),
    ),
    Chapter(
        "The proof: the same postoffice, as if the plan were carried out.",
        ("trace", *SAMPLES, "--po", "NWTRADERS/PO1", "--plan", "plan.json"),
    ),
    Chapter(
        "Do it: backed up, journalled first, and every other byte stays as it is.",
        ("apply", "plan.json", "fabrikam.ldif", "--yes"),
    ),
    Chapter(
        "Look again: what delivers now, and what is left for people to decide?",
        ("verify", *SAMPLES, "--plan", "plan.json"),
    ),
    Chapter(
        "And the way back, if it is wanted (shown only).",
        ("rollback", "plan.json.journal", "fabrikam.ldif", "--dry-run"),
    ),
)
"""What `remedy demo` does."""


def sample(name: str) -> str:
    """Give the text of one file of the sample estate."""
    return files("remedy.samples").joinpath(name).read_text(encoding="utf-8")


def write_sample(folder: str | Path) -> None:
    """Write the sample estate into a folder that is empty or not there yet.

    Raises:
        Refused: there is something in the folder.
        InputError: the folder cannot be made.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is there and is no empty folder. Name another: remedy demo FOLDER")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise InputError.of(str(folder), f"cannot be made: {fault.strerror}", "Name another folder.") from None
    for name in (*SAMPLES, LOG):
        write_whole(str(folder / name), sample(name))
