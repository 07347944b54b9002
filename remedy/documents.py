"""Survey, trace and plan as JSON documents: plain values with a stable order of keys."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from remedy.courses import Course
from remedy.coverage import Row
from remedy.estate import Evidence, Postoffice, PostofficeKind, Recipient
from remedy.findings import Finding
from remedy.flow import Trace, Words
from remedy.own import Own, own_mailbox
from remedy.patterns import Pattern, Rows
from remedy.survey import Survey
from remedy.verify import Landing

__all__ = ["findings_rows", "inventory_rows", "postoffice_rows", "survey_document", "trace_document", "trace_rows"]

_THEN = len(Words._fields)
"""Where the words begin that speak of a postoffice as it is after a plan."""


def survey_document(survey: Survey) -> dict[str, Any]:
    """Give a survey as ``remedy/survey/1``."""
    return {
        "schema": "remedy/survey/1",
        "postoffices": postoffice_rows(survey.rows),
        "findings": findings_rows(survey.findings),
        "summary": survey.summary(),
    }


def postoffice_rows(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Give the postoffices."""
    return [_postoffice(row) for row in rows]


def _postoffice(row: Row) -> dict[str, Any]:
    """Give one postoffice."""
    po = row.po
    return {
        "address": str(po.name),
        "network": po.name.network,
        "name": po.name.name,
        "kind": po.kind.value,
        "coverage": row.coverage.value,
        "confidence": "inferred" if row.inferred else "shown",
        "holders": [_holder(holder, po) for holder in po.holders],
        "evidence": [_evidence(item) for item in po.evidence],
    }


def _holder(holder: Recipient, po: Postoffice) -> dict[str, str]:
    """Give one holder with the address as it is spelt there."""
    return {"dn": holder.dn, "kind": holder.kind.value, "address": str(holder.holds(po.name.postmaster)[0])}


def _evidence(item: Evidence) -> dict[str, Any]:
    """Give one piece of evidence."""
    return {
        "source": item.source,
        "where": item.where,
        "kind": item.kind.value,
        "value": item.value,
        "count": item.count,
    }


def findings_rows(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Give the findings."""
    return [finding.to_dict() for finding in findings]


def verify_document(survey: Survey, landings: Iterable[Landing]) -> dict[str, Any]:
    """Give a verification as ``remedy/verify/1``."""
    rows = [
        {"postoffice": str(row.po.name), "outcome": row.walk.outcome.value, "skipped": row.po.skipped}
        for row in survey.rows
    ]
    changes = [{"id": item.id, "landed": item.landed, "missing": list(item.missing)} for item in landings]
    fine = {"delivers", "delivers-until-full"}
    return {
        "schema": "remedy/verify/1",
        "postoffices": rows,
        "changes": changes,
        "findings": findings_rows(survey.findings),
        "summary": {
            "postoffices": len(rows),
            "skipped": sum(bool(row["skipped"]) for row in rows),
            "delivering": sum(row["outcome"] in fine and not row["skipped"] for row in rows),
            "changes": len(changes),
            "landed": sum(item["landed"] for item in changes),
            "findings": len(survey.findings),
        },
    }


def trace_document(traces: Iterable[Trace]) -> dict[str, Any]:
    """Give traces as ``remedy/trace/1``."""
    return {"schema": "remedy/trace/1", "traces": trace_rows(traces)}


def trace_rows(traces: Iterable[Trace]) -> Rows:
    """Give the traces: those of postoffices that are alike differ in a few words."""
    return Rows((_pattern(*_shape(trace)), _words(trace)) for trace in traces)


def _words(trace: Trace) -> tuple[str, ...]:
    """Give the words of a trace: as it is before, then as it is after."""
    return (*trace.before.words, *trace.after.words) if trace.after else trace.before.words


def _shape(trace: Trace) -> tuple[PostofficeKind, Course, Course | None, Course]:
    """Give what is alike in many traces."""
    return trace.po.kind, trace.before.course, trace.after.course if trace.after else None, trace.msmail_side.course


@cache
def _pattern(kind: PostofficeKind, before: Course, after: Course | None, side: Course) -> Pattern:
    """Give what traces of some courses have in common."""
    now, then = ({name: f"%({at + number})s" for number, name in enumerate(Words._fields)} for at in (0, _THEN))
    return Pattern(
        {
            "postoffice": now["po"],
            "kind": kind.value,
            "before": _walk(before, now),
            "after": _walk(after, then) if after else None,
            "msmail_side": _walk(side, now),
        }
    )


def _walk(course: Course, words: Mapping[str, str]) -> dict[str, Any]:
    """Give one walk with its witness."""
    says = (step.says.replace("%", "%%").format_map(words) for step in course.path)
    path = [{"at": step.place.value, "why": why} for step, why in zip(course.path, says, strict=True)]
    return {"outcome": course.outcome.value, "path": path}


def inventory_rows(survey: Survey) -> list[dict[str, object]]:
    """Give the postoffices in the columns of a native inventory, which reads back."""
    return [_listed(row.po) for row in survey.rows]


def _listed(po: Postoffice) -> dict[str, object]:
    """Give one postoffice as an inventory row: only what inventories can know, the last word of each."""
    last = {fact: next(reversed(po.told(fact)), "") for fact in ("version", "path", "note")}
    known = {Own.ROOM: "yes", Own.FULL: "yes", Own.MISSING: "no"}.get(own_mailbox(po), "")
    return {
        "network": po.name.network,
        "postoffice": po.name.name,
        "kind": po.kind.value,
        "postmaster": known,
        "pending": "" if po.pending is None else po.pending,
        "users": "" if po.users is None else po.users,
        "strategy": po.strategy,
        "version": last["version"],
        "path": last["path"],
        "note": last["note"],
    }
