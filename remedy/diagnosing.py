"""From logs by name to a diagnosis: each is opened, read, gathered and judged, and joined with a survey of the sources."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from remedy.addresses import PostofficeName
from remedy.diagnosis import Diagnosis, diagnosed
from remedy.errors import InputError
from remedy.eventlogs.base import Keep, Notes
from remedy.eventlogs.dates import Calendar, DateOrder, seconds_of
from remedy.plan import Plan
from remedy.stores.logs import events_as_they_come, events_of
from remedy.stores.texts import called
from remedy.survey import Scope, Survey
from remedy.tally import Tally
from remedy.text import counted
from remedy.traffic import moves
from remedy.watching import News, Watch

__all__ = ["LogManner", "Logs", "diagnose", "follow"]

Key = tuple[PostofficeName, str]
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogManner:
    """How logs are read."""

    order: DateOrder | None = None
    """The order of dates, if the user says it."""
    form: str | None = None
    """The format of every log, if the user says it."""
    scope: Scope | None = None
    """The postoffices that are looked at."""
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
    *names: str, threshold: int | None = None, known: Survey | Plan | None = None, manner: LogManner | None = None
) -> Logs:
    """Find the loops that logs show, with their two ends and what started them.

    ``threshold`` is the number of passes that makes a loop, whatever their pace; ``known`` says how postoffices are covered.

    Raises:
        InputError: a log cannot be read, is none that is known, or has dates of no day in the order that the user says.
        UsageError: standard input was named twice.
    """
    whole, told, how = Tally(), [], manner or LogManner()
    ends: dict[Key, int] = {}
    for name in names:
        notes = Notes(called(name), calendar=Calendar(how.order), keep=how.keep)
        tell = None if how.progress is None else _named(how.progress, name)
        tally = Tally()
        for event in events_of(name, notes, form=how.form, progress=tell):
            tally.add(event.stamp, event.computer, moves(event))
        notes.dated = tally.stamped
        if lost := tally.finish(notes.calendar.usual, notes.clock):
            _undated(lost, notes, how)
        if how.scope:
            tally.keep(how.scope.takes)
        for pair in (*tally.pairs, *tally.hints):
            ends.update(_later(ends, (pair.postoffice, pair.clock), notes))
        whole.take(tally)
        told.append(notes)
    return Logs(diagnosis=diagnosed(whole, threshold=threshold, known=known, ends=ends), notes=tuple(told))


def _later(ends: Mapping[Key, int], key: Key, notes: Notes) -> Iterator[tuple[Key, int]]:
    """Give the end of a log that shows a postoffice, if no log that does goes on longer."""
    moments = (seconds_of(stamp, notes.calendar.usual) for stamp in notes.span)
    known = [moment for moment in moments if moment is not None]
    if len(known) > 1:
        yield key, max(*known, ends.get(key, known[0]))


def _named(progress: Progress, name: str) -> Callable[[int, int | None], None]:
    """Give what tells the progress of one log."""
    return lambda done, total: progress(name, done, total)


def follow(
    name: str, wait: Callable[[Notes, Watch], bool], clock: Callable[[], float], *, threshold: int | None = None,
    manner: LogManner | None = None,
) -> Iterator[tuple[Notes, News]]:  # fmt: skip
    """Read a text log and go on as it grows; yield each loop that begins and each that ends.

    ``wait`` is called whenever nothing new is there: it waits, tells what `Watch.idle` yields, and says whether to go on.
    ``clock`` counts seconds.

    Raises:
        InputError: the log cannot be read, is none that is known, or has a date of no day in the order that the user says.
    """
    how, watch = manner or LogManner(), Watch(threshold)
    notes = Notes(called(name), calendar=Calendar(how.order), keep=how.keep)
    for event in events_as_they_come(name, notes, lambda: wait(notes, watch), form=how.form):
        moment = seconds_of(event.stamp, notes.calendar.usual)
        if moment is None:
            _undated(1, notes, how)
            continue
        some = (
            move for move in moves(event) if not (how.scope and move.postoffice) or how.scope.takes(move.postoffice)
        )
        for news in watch.see(moment, event.computer, some, clock()):
            yield notes, news


def _undated(count: int, notes: Notes, how: LogManner) -> None:
    """Tell of entries that are of no day in the order of dates; that is an error of the user who says the order."""
    what = f"the order {notes.calendar.usual} gives no day for {counted(count, 'entry', 'entries')}"
    if how.order:
        raise InputError.of(notes.name, what, "Leave --date-order out, or name another order.")
    notes.odd(what)
