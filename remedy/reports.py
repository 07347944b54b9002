"""Reports of apply, rollback and verify as lines for a terminal."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from remedy.tables import STYLES, Line, Table, filled, findings_lines
from remedy.text import counted, printable

__all__ = ["apply_lines", "rollback_lines", "verify_lines", "verify_table"]

Json = Mapping[str, Any]

_PREDICTED = {"applied": "to apply"}
_ENDS = {"undone": "good", "skipped": "warn", "unknown": "bad", "failed": "bad"}
_LOOKS = {"applied": "good", "already": "", "skipped": "warn", "conflict": "bad", "failed": "bad"}


def apply_lines(document: Json, width: int) -> Iterator[Line]:
    """Give what becomes of each value, or would become of it, and the sum."""
    entry = ""
    for item in document["values"]:
        if item["dn"] != entry:
            entry = item["dn"]
            yield from filled(printable(entry), width, "  ", "      ")
        result = _PREDICTED.get(item["result"], item["result"]) if document["dry_run"] else item["result"]
        yield Line(f"    {result:9}{printable(item['id']):7}{item['what']}", _LOOKS[item["result"]])
        if item["found"]:
            expected = f"expected {item['expected']}, " if item["expected"] else ""
            yield from filled(f"{expected}found {item['found']}", width, "             ", style="faint")
    numbers = document["summary"]
    ends = ", ".join(f"{numbers[end]:,} {end}" for end in _LOOKS)
    mode = "would be " if document["dry_run"] else ""
    yield from filled(f"{counted(numbers['planned'], 'value')} planned = {mode}{ends}.", width, "", "  ", style="head")


def rollback_lines(document: Json, width: int) -> Iterator[Line]:
    """Give each step that is taken back, or would be, and what became of it."""
    steps, summary = document["steps"], document["summary"]
    for step in steps:
        said = "-" if document["dry_run"] else f"{step['result']:8}"
        text = f"{said} {printable(step['dn'])}: {', '.join(map(printable, step['values']))}"
        yield from filled(text, width, "  ", "      ", style="" if document["dry_run"] else _ENDS[step["result"]])
    does = "would be undone" if document["dry_run"] else "undone"
    others = Counter(step["result"] for step in steps if step["result"] != "undone")
    rest = "".join(f"; {counted(others[end], 'entry', 'entries')} {end}" for end in _ENDS if others[end])
    done = f"{counted(summary['values'], 'value')} of {counted(summary['steps'], 'entry', 'entries')} {does}"
    yield from filled(f"{done}{rest}.", width, "", "  ", style="head")


def verify_table(document: Json) -> Table:
    """Give the outcome of each postoffice."""
    return Table(
        ("postoffice", "outcome"), tuple((item["postoffice"], _outcome(item)) for item in document["postoffices"])
    )


def _outcome(item: Json) -> str:
    """Give an outcome, with a word if the postoffice does not count."""
    return f"{item['outcome']} (skipped)" if item["skipped"] else str(item["outcome"])


def verify_lines(document: Json, width: int) -> Iterator[Line]:
    """Give what became of each change, the findings and the sum."""
    rows: Iterable[Json] = document["changes"]
    for item in rows:
        yield Line(
            f"{printable(item['id']):7}{'landed' if item['landed'] else 'not landed'}",
            "good" if item["landed"] else "bad",
        )
        for value in item["missing"]:
            yield from filled(f"not there: {value}", width, "       ", "         ")
    shown = [item for item in document["findings"] if item["severity"] == "error" or item["code"] == "moved-besides"]
    yield from findings_lines(shown, width)
    if others := dict.fromkeys(item["code"] for item in document["findings"] if item not in shown):
        yield Line()
        yield from filled(f"Findings of less weight (remedy survey shows them): {', '.join(others)}", width, "", "  ")
    summary = document["summary"]
    changes = f"; {summary['landed']} of {counted(summary['changes'], 'change')} landed" if summary["changes"] else ""
    judged = summary["postoffices"] - summary["skipped"]
    text = f"{summary['delivering']:,} of {counted(judged, 'postoffice')} deliver{changes}."
    text += f" {counted(summary['skipped'], 'postoffice')} skipped." if summary["skipped"] else ""
    yield Line()
    fine = summary["delivering"] == judged and summary["landed"] == summary["changes"]
    yield Line(text, STYLES["delivers"] if fine else STYLES["loops"])
