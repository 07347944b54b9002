"""A diagnosis as a JSON document: plain values with a stable order of keys."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from remedy.advising import Advice, advice
from remedy.containment import contained
from remedy.diagnosis import Cause, Diagnosis, Loop
from remedy.eventlogs.base import Notes
from remedy.eventlogs.dates import written
from remedy.handbook import Said
from remedy.ndr import CODES_OF_REPORTS

__all__ = ["diagnosis_document", "moment"]

_BARS = 48
"""Parts of the time line of a loop."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AS_WRITTEN = {"mdy?": "%m/%d/%Y %H:%M:%S", "dmy?": "%d/%m/%Y %H:%M:%S", "ymd?": "%Y/%m/%d %H:%M:%S"}
"""How dates are shown of which the order is unknown: in the order in which the log has them."""


def diagnosis_document(diagnosis: Diagnosis, notes: Iterable[Notes], *, version: str | None = None) -> dict[str, Any]:
    """Give a diagnosis as ``remedy/diagnosis/1``; ``version`` of Exchange decides which ways to refuse mail there are."""
    logs = [_log(each) for each in notes]
    undecided = [log["name"] for log in logs if log["date_order"] == "unsure"]
    first = [loop.found.first for loop in diagnosis.loops]
    span = (min(first, default=0), max((loop.found.last for loop in diagnosis.loops), default=0))
    return {
        "schema": "remedy/diagnosis/1",
        "loops": [_loop(loop, span) for loop in diagnosis.loops],
        "span": _span(diagnosis.loops),
        "suspects": [_loop(loop, span) for loop in diagnosis.suspects],
        "causes": [_cause(cause) for cause in diagnosis.causes],
        "advice": [_advice(item) for item in advice(diagnosis, undecided)],
        "containment": _containment(version) if any(loop.pair.domain for loop in diagnosis.loops) else [],
        "unread": {
            "records": sum(log["unread"]["records"] for log in logs),
            "lines": sum(log["unread"]["lines"] for log in logs),
        },
        "logs": logs,
        "summary": {
            "loops": len(diagnosis.loops),
            "suspects": len(diagnosis.suspects),
            "postoffices": len({loop.pair.postoffice for loop in diagnosis.loops}),
            "passes": diagnosis.passes,
            "forgotten": diagnosis.forgotten,
        },
    }


def _containment(version: str | None) -> list[dict[str, Any]]:
    """Give the ways to keep a list server's mail out, what each costs, and how it is taken back."""
    return [
        {
            "name": each["control"].name,
            "where": each["control"].where,
            "sure": each["sure"],
            **{part: [_said(item) for item in getattr(each["control"], part)] for part in ("do", "effects", "undo")},
        }
        for each in contained(version)[0]
    ]


def _said(item: Said) -> dict[str, Any]:
    """Give a sentence with what it rests on."""
    return {"text": item.text, "kb": item.kb, "inferred": item.inferred}


def moment(seconds: int, clock: str) -> str:
    """Give a moment as ISO 8601, with Z if it is Greenwich's; in the order of the log where that is unknown."""
    if clock in _AS_WRITTEN:
        return (_EPOCH + timedelta(seconds=seconds)).strftime(_AS_WRITTEN[clock])
    return written(seconds) + ("Z" if clock == "UTC" else "")


def _loop(loop: Loop, span: tuple[int, int]) -> dict[str, Any]:
    """Give one loop or suspicion."""
    pair, found = loop.pair, loop.found
    return {
        "postoffice": str(pair.postoffice),
        "peer": pair.peer or None,
        "domain": pair.domain or None,
        "server": pair.server or None,
        "count": found.count,
        "first": moment(found.first, pair.clock),
        "last": moment(found.last, pair.clock),
        "per_hour": round(found.per_hour, 2),
        "median_seconds": round(found.median, 1),
        "busiest_hour": found.busiest,
        "running": loop.running,
        "log_end": None if loop.log_end is None else moment(loop.log_end, pair.clock),
        "laps": found.laps,
        "reports": found.reports,
        "peers": loop.peers,
        "rule": found.rule.value,
        "evidence": loop.evidence,
        "coverage": loop.coverage.value if loop.coverage else None,
        "shadow": loop.shadow,
        "timeline": _bars(found.moments, span),
    }


def _span(loops: Iterable[Loop]) -> list[str]:
    """Give the moments at which the first of the loops began and the last one was seen."""
    moments = [(seconds, loop.pair.clock) for loop in loops for seconds in (loop.found.first, loop.found.last)]
    return [moment(*min(moments)), moment(*max(moments))] if moments else []


def _bars(moments: Iterable[int], span: tuple[int, int]) -> list[int]:
    """Count the passes in each part of the time that all loops together take."""
    begin, end = span
    bars = [0] * _BARS
    for each in moments:
        if begin <= each <= end:
            bars[min(_BARS - 1, (each - begin) * _BARS // (end - begin + 1))] += 1
    return bars


def _cause(cause: Cause) -> dict[str, Any]:
    """Give one cause."""
    known = CODES_OF_REPORTS.get(cause.code)
    return {
        "postoffice": str(cause.postoffice),
        "code": cause.code,
        "role": cause.role,
        "count": cause.count,
        "first": moment(cause.first, cause.clock),
        "last": moment(cause.last, cause.clock),
        "seconds_before": cause.before,
        "mailbags": list(cause.bags),
        "names_postoffice": cause.own,
        "meaning": known.text if known else "a code that no article explains",
        "check": known.check if known else "",
        "kb": known.kb if known else "",
    }


def _advice(item: Advice) -> dict[str, Any]:
    """Give one thing to do."""
    return {"kind": item.kind, "subject": item.subject, "text": item.text, "undo": item.undo, "kb": item.kb}


def _log(notes: Notes) -> Mapping[str, Any]:
    """Give what the reading of one log gave."""
    order = notes.calendar.order
    torn = "torn" if notes.calendar.torn else "unsure" if notes.dated else "none"
    return {
        "name": notes.name,
        "format": notes.form or None,
        "date_order": "utc" if notes.utc else order.value if order else torn,
        "unread": {"records": notes.records, "lines": notes.lines},
        "oddities": list(notes.oddities),
    }
