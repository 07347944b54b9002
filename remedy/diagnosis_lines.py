"""A diagnosis as lines for a terminal: the loops, when they ran, what started them, and what to do."""

from collections.abc import Iterator, Mapping
from typing import Any

from remedy.arranging import together
from remedy.tables import Line, Table, filled
from remedy.text import counted, joined, printable
from remedy.timeline import far_end

__all__ = ["diagnosis_lines", "loops_table"]

Json = Mapping[str, Any]

_BLOCKS = " ▁▂▃▄▅▆▇█"
_PLAIN = " .:-=+*#@"
_DATES = {
    "utc": "times are UTC",
    "unsure": "the order of its dates shows nowhere",
    "torn": "no order fits all its dates",
    "none": "no date in it matters",
}
"""What is said of dates whose order was not found."""


def loops_table(document: Json) -> Table:
    """Give the loops, and what is suspected."""
    rows = [*(("loop", loop) for loop in document["loops"]), *(("maybe", loop) for loop in document["suspects"])]
    return Table(
        ("is", "postoffice", "other end", "passes", "/hour", "last"), tuple(_row(word, loop) for word, loop in rows)
    )


def _row(word: str, loop: Json) -> tuple[str, ...]:
    """Give one of them; the other end by its domain, which is what can be refused."""
    last = loop["last"].replace("T", " ")[:16] + ("Z" if loop["last"].endswith("Z") else "")
    far = loop["domain"] or far_end(loop)
    return word, loop["postoffice"], far, f"{loop['count']:,}", f"{loop['per_hour']:,.1f}", last


def _ends(loop: Json) -> str:
    """Give the two ends."""
    return f"{loop['postoffice']} <-> {far_end(loop)}"


def diagnosis_lines(document: Json, width: int, *, plain: bool = False) -> Iterator[Line]:
    """Give everything but the table; ``plain`` draws with ASCII."""
    yield from _timeline(document, width, _PLAIN if plain else _BLOCKS)
    yield from _evidence(document, width)
    yield from _causes(document["causes"], width)
    yield from _advice(document["advice"], width)
    yield from _ways(document["containment"], width)
    yield from _reading(document, width)


def _timeline(document: Json, width: int, marks: str) -> Iterator[Line]:
    """Draw when each loop ran, all on one scale."""
    loops = document["loops"]
    if not loops:
        return
    name = max(len(loop["postoffice"]) for loop in loops)
    yield Line()
    yield Line("When they ran", "head")
    for loop in loops:
        bars = _fitted(loop["timeline"], width - name - 6)
        most = max(bars) or 1
        drawn = "".join(marks[0 if not bar else 1 + (len(marks) - 2) * (bar - 1) // max(most - 1, 1)] for bar in bars)
        yield Line(f"  {loop['postoffice']:{name}} |{drawn}|", "bad")
    begin, end = (moment.replace("T", " ") for moment in document["span"])
    yield from filled(f"{begin} to {end}", width, " " * (name + 4 if name + 48 <= width else 2), style="faint")


def _fitted(bars: list[int], most: int) -> list[int]:
    """Put neighbours together until so many parts of the time are left, and eight at least."""
    each = -(-len(bars) // max(8, most))
    return [sum(bars[place : place + each]) for place in range(0, len(bars), each)]


def _evidence(document: Json, width: int) -> Iterator[Line]:
    """Say what shows each."""
    for title, key, style in (("Loops", "loops", "bad"), ("Suspicions", "suspects", "warn")):
        if document[key]:
            yield Line()
            yield Line(f"{title}: what shows them", "head")
        for loop in document[key]:
            cover = f"; the sources say: {loop['coverage']}" if loop["coverage"] else ""
            shadow = "; it is Exchange itself" if loop["shadow"] else ""
            yield from filled(_ends(loop), width, "  ", "    ", style=style)
            times = f"From {loop['first'].replace('T', ' ')} to {loop['last'].replace('T', ' ')}{_running(loop)}: "
            yield from filled(f"{times}{loop['evidence']}{cover}{shadow}.", width, "    ", style="faint")


def _running(loop: Json) -> str:
    """Say whether it goes on to the end of the logs."""
    if loop["running"] is None:
        return ""
    return (
        ", and on as the log ends" if loop["running"] else f"; the log goes on to {loop['log_end'].replace('T', ' ')}"
    )


def _causes(causes: list[Json], width: int) -> Iterator[Line]:
    """Say what went wrong there."""
    if causes:
        yield Line()
        yield Line("What went wrong there", "head")
    for cause in causes:
        code = f"[{cause['code']}] " if cause["code"].isdecimal() else ""
        when = {
            "keeps-alive": "in the reports of the loop itself: it keeps the loop alive (inference)",
            "before": f"{_ago(cause['seconds_before'])} before the loop" if cause["role"] == "before" else "",
            "during": "while it ran",
        }[cause["role"]]
        bags = f" Named: {joined(map(printable, cause['mailbags']), most=3)}." if cause["mailbags"] else ""
        kb = f" ({cause['kb']})" if cause["kb"] else ""
        text = f"{cause['postoffice']}: {code}{cause['meaning']}; {counted(cause['count'], 'time')}, {when}.{bags}{kb}"
        yield from filled(text, width, "  ", "    ", style="warn")
        yield from filled(
            f"Look: {cause['check']}" if cause["check"] else "", width, "    ", "          ", style="faint"
        )


def _ago(seconds: int) -> str:
    """Give a span in words."""
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return counted(seconds // size, word)
    return counted(seconds, "second")


def _advice(advice: list[Json], width: int) -> Iterator[Line]:
    """Say what to do."""
    if advice:
        yield Line()
        yield Line("What to do", "head")
    for number, item in enumerate(together(advice), 1):
        subject = f"{joined(map(printable, item['subjects']))}: " if item["subjects"] else ""
        kb = f" ({item['kb']})" if item["kb"] else ""
        yield from filled(
            f"{number}. {item['kind']}: {subject}{item['text']}{kb}".replace("`", ""), width, "  ", "     "
        )
        yield from filled(f"Undo: {item['undo']}" if item["undo"] else "", width, "     ", "           ", style="faint")


def _ways(ways: list[Json], width: int) -> Iterator[Line]:
    """Say how mail is refused, and how that is taken back."""
    if ways:
        yield Line()
        yield from filled(
            "How mail is refused: one that works is enough, and each has a price", width, "", style="head"
        )
    for way in ways:
        sure = "" if way["sure"] else "; check the version first"
        yield from filled(f"{way['name']} ({way['where']}{sure})", width, "  ", "    ", style="warn")
        for part, title in (("do", "Do"), ("effects", "Cost"), ("undo", "Undo")):
            said = " ".join(map(_said, way[part])).replace("`", "")
            yield from filled(
                f"{title}: {said}", width, "    ", " " * (6 + len(title)), style="faint" if part != "do" else ""
            )


def _said(item: Json) -> str:
    """Give a sentence with what it rests on."""
    rests = "; ".join(filter(None, ("inference" if item["inferred"] else "", item["kb"])))
    return f"{item['text']} ({rests})" if rests else str(item["text"])


def _reading(document: Json, width: int) -> Iterator[Line]:
    """Say what was read, and what of it was not understood."""
    yield Line()
    for log in document["logs"]:
        odd = "".join(f"; {text}" for text in log["oddities"])
        order = log["date_order"]
        said = _DATES.get(order, f"dates are {order}")
        yield from filled(
            f"{printable(log['name'])}: {log['format'] or 'nothing'}, {said}{odd}.", width, "", "  ", style="faint"
        )
    unread, summary = document["unread"], document["summary"]
    forgotten = (
        f" {counted(summary['forgotten'], 'pair')} had to be forgotten, there were too many."
        if summary["forgotten"]
        else ""
    )
    yield from filled(
        f"Not understood: {counted(unread['records'], 'record')} and {counted(unread['lines'], 'line')} "
        f"(--unread FILE keeps them).{forgotten}",
        width, "", "  ", style="faint",
    )  # fmt: skip
    yield from filled(
        f"{counted(summary['loops'], 'loop')} at {counted(summary['postoffices'], 'postoffice')}, "
        f"{counted(summary['suspects'], 'suspicion')}; {counted(summary['passes'], 'message')} to and from postmasters.",
        width, "", style="head",
    )  # fmt: skip
