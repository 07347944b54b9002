"""Survey, trace and plan as JSON documents: plain values with a stable order of keys."""

from collections.abc import Iterable
from typing import Any

from remedy.coverage import Row
from remedy.estate import Evidence, Postoffice, Recipient
from remedy.findings import Finding
from remedy.flow import Trace, Walk
from remedy.own import Own, own_mailbox
from remedy.survey import Survey
from remedy.verify import Landing

__all__ = ["findings_rows", "inventory_rows", "postoffice_rows", "survey_document", "trace_document", "trace_rows"]


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


def trace_rows(traces: Iterable[Trace]) -> list[dict[str, Any]]:
    """Give the traces."""
    return [
        {
            "postoffice": str(trace.po.name),
            "kind": trace.po.kind.value,
            "before": _walk(trace.before),
            "after": _walk(trace.after) if trace.after else None,
            "msmail_side": _walk(trace.msmail_side),
        }
        for trace in traces
    ]


def _walk(walk: Walk) -> dict[str, Any]:
    """Give one walk with its witness."""
    return {
        "outcome": walk.outcome.value,
        "path": [{"at": step.place.value, "why": step.says} for step in walk.path],
    }


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
