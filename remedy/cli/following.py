"""What ``remedy diagnose --follow`` prints: a line when a loop begins, and one when it ends."""

import json
import time
from collections.abc import Iterable

from remedy.cli.output import show_lines, write
from remedy.diagnosed import moment
from remedy.diagnosing import LogManner, follow
from remedy.eventlogs.base import Notes
from remedy.tables import Line
from remedy.text import counted, printable
from remedy.watching import News, Watch

__all__ = ["followed"]

_EVERY_SECONDS = 0.5


def followed(name: str, form: str, threshold: int | None, manner: LogManner) -> int:
    """Follow a log until somebody interrupts; give the exit code, should there be an end."""
    seen = 0

    def wait(notes: Notes, watch: Watch) -> bool:
        _tell(watch.idle(time.monotonic()), form, notes.clock)
        time.sleep(_EVERY_SECONDS)
        return True

    for notes, news in follow(name, wait, time.monotonic, threshold=threshold, manner=manner):
        seen += news.begins
        _tell((news,), form, notes.clock)
    return 3 if seen else 0


def _tell(news: Iterable[News], form: str, clock: str) -> None:
    """Print what is new."""
    for each in news:
        at = moment(each.found.first if each.begins else each.found.last, clock)
        if form == "json":
            write(json.dumps(_document(each, at)))
        else:
            show_lines([Line(_sentence(each, at), "bad" if each.begins else "good")])


def _sentence(news: News, at: str) -> str:
    """Say it in a line."""
    far = printable(news.pair.peer) or "an unknown end"
    both = f"{news.pair.postoffice} <-> {far}"
    if news.begins:
        return f"{at} loop begins: {both}: {news.evidence}"
    return f"{at} loop ends: {both}: {counted(news.found.count, 'pass', 'passes')} at least, then nothing more"


def _document(news: News, at: str) -> dict[str, object]:
    """Say it as JSON."""
    return {
        "schema": "remedy/loop-event/1",
        "event": "begins" if news.begins else "ends",
        "at": at,
        "postoffice": str(news.pair.postoffice),
        "peer": news.pair.peer or None,
        "domain": news.pair.domain or None,
        "server": news.pair.server or None,
        "count": news.found.count,
        "evidence": news.evidence,
    }
