"""From logs by name to a diagnosis: each is opened, read, gathered and judged, and joined with a survey of the sources."""

from collections.abc import Callable
from dataclasses import dataclass

from remedy.diagnose import Diagnosis, diagnosed
from remedy.eventlogs.base import Keep, Notes
from remedy.eventlogs.dates import Calendar, DateOrder
from remedy.stores.logs import events_of
from remedy.stores.texts import called
from remedy.survey import Survey
from remedy.tally import Tally
from remedy.traffic import moves

__all__ = ["Logs", "Manner", "diagnose"]

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How logs are read."""

    order: DateOrder | None = None
    """The order of dates, if the user says it."""
    form: str | None = None
    """The format of every log, if the user says it."""
    keep: Keep | None = None
    """Given what was not understood."""
    progress: Progress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """What logs gave."""

    diagnosis: Diagnosis
    notes: tuple[Notes, ...]
    """What the reading of each gave besides."""


def diagnose(
    *names: str, threshold: int | None = None, survey: Survey | None = None, manner: Manner | None = None
) -> Logs:
    """Find the loops that logs show, with their two ends and what started them.

    ``threshold`` is the number of passes that makes a loop, whatever their pace.

    Raises:
        InputError: a log cannot be read, or is none that is known.
        UsageError: standard input was named twice.
    """
    whole, told, how = Tally(), [], manner or Manner()
    for name in names:
        notes = Notes(called(name), calendar=Calendar(how.order), keep=how.keep)
        tell = None if how.progress is None else _named(how.progress, name)
        tally = Tally()
        for event in events_of(name, notes, form=how.form, progress=tell):
            tally.add(event.stamp, event.computer, moves(event))
        notes.dated = tally.stamped
        unsure = "" if notes.calendar.order else f"{notes.calendar.usual}?"
        tally.finish(notes.calendar.usual, "UTC" if notes.utc else unsure)
        whole.take(tally)
        told.append(notes)
    return Logs(diagnosis=diagnosed(whole, threshold=threshold, survey=survey), notes=tuple(told))


def _named(progress: Progress, name: str) -> Callable[[int, int | None], None]:
    """Give what tells the progress of one log."""
    return lambda done, total: progress(name, done, total)
