"""Putting a plan together: lower a decision, rehearse it in memory, and hold it to its word."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from remedy.addresses import PostofficeName
from remedy.change import ordered
from remedy.courses import Outcome
from remedy.documents import findings_rows, postoffice_rows, trace_rows
from remedy.errors import RemedyError
from remedy.estate import Estate, Listing, Postoffice, PostofficeKind
from remedy.findings import sort_findings
from remedy.flow import Trace, both_walks, walk
from remedy.hazards import hazards
from remedy.plan import Plan, Step
from remedy.reading import Reading, Side
from remedy.roster import enrolled, own_names
from remedy.stores.memory import MemoryStore
from remedy.strategies.base import Decision, Reasoned, Sink
from remedy.survey import Survey
from remedy.text import joined

__all__ = ["DELIVERED", "after", "planned", "traced"]

DELIVERED = frozenset({Outcome.DELIVERS, Outcome.UNTIL_FULL})
"""The outcomes that need nobody's attention."""


def planned(reading: Reading, side: Side, view: Survey, decision: Decision, stated: dict[str, Any]) -> Plan:
    """Lower a decision for one side of the organisation, rehearse it in memory, and put the plan together."""
    version, dialect = stated["exchange_version"] or "", side.dialect
    steps = _steps(reading, side, decision)
    manual = [{"postoffice": str(step.postoffice), "text": step.text} for step in decision.manual]
    traces = traced(view, after(reading, dialect.name, steps, [step.postoffice for step in decision.manual]))
    _proven(traces, steps, decision)
    changes = [step.change for step in steps]
    known = _version(reading, version)
    dangers = hazards(reading.estate, changes, version=known, cap=stated["max_proxies"], hard_cap=side.hard_cap)
    findings = sort_findings((*view.findings, *decision.findings))
    return Plan(
        dialect=dialect.name,
        strategy=stated["strategy"],
        options=stated,
        estate=_estate(reading.estate, version),
        sinks=tuple(_sink(item) for item in decision.sinks),
        steps=steps,
        manual=tuple(manual),
        hazards=tuple(danger.to_dict() for danger in dangers),
        postoffices=tuple(postoffice_rows(view.rows)),
        traces=trace_rows(traces),
        findings=tuple(findings_rows(findings)),
        summary=_summary(replace(view, findings=findings), steps, decision, len(dangers)),
    )


def _version(reading: Reading, stated: str) -> str:
    """Give the version of Exchange to judge by; another directory's version says nothing of this one."""
    dialects = [side.dialect for side in reading.sides]
    if any(stated in dialect.versions for dialect in dialects):
        return stated
    return min(dialect.earliest for dialect in dialects)


def _sink(sink: Sink) -> dict[str, Any]:
    """Give a sink as the plan file shows it."""
    return {
        "dn": sink.dn,
        "action": sink.action,
        "reason": sink.reason,
        "proxies": [str(name.postmaster) for name in sink.proxies],
    }


def _estate(estate: Estate, version: str) -> dict[str, Any]:
    """Give what a runbook has to know of the estate."""
    sites = [{"site": site.dn, "shadow": str(site.own) if site.own else None} for site in estate.sites]
    domain = next((site.domain for site in estate.sites if site.domain), None)
    return {"sites": sites, "domain": domain, "version": version or None}


def _summary(view: Survey, steps: tuple[Step, ...], decision: Decision, dangers: int) -> dict[str, int]:
    """Count everything."""
    return {
        **view.summary(),
        "changes": len(steps),
        "values": sum(len(sink.proxies) for sink in decision.sinks),
        "sinks": len(decision.sinks),
        "manual": len(decision.manual),
        "hazards": dangers,
    }


def _steps(reading: Reading, side: Side, decision: Decision) -> tuple[Step, ...]:
    """Lower the intents and number the changes in the order they are carried out."""
    lowered = {(change := side.dialect.lower(item.intent)).dn: (item, change) for item in decision.intents}
    held = {entry.dn: entry for entry in side.entries}
    own = own_names(reading.estate)
    return tuple(
        Step(
            id=f"c{number}",
            reason=_reason(lowered[change.dn][0], own),
            postoffices=tuple(map(str, lowered[change.dn][0].intent.postoffices)),
            change=change,
            before=held.get(change.dn),
        )
        for number, change in enumerate(ordered(change for _, change in lowered.values()), 1)
    )


def _reason(item: Reasoned, own: Collection[PostofficeName]) -> str:
    """Say what a step does and why; an address of the connector's own postoffice is marked experimental."""
    text = item.intent.describe()
    trial = joined(str(name) for name in item.intent.postoffices if name in own)
    mark = f" Experimental: {trial} is Exchange itself; prove it with a test message." if trial else ""
    return f"{text[0].upper()}{text[1:]}: {item.reason}.{mark}"


def after(reading: Reading, name: str, steps: Iterable[Step], done: Iterable[PostofficeName]) -> Estate:
    """Give the estate as it is once every change is made and every step by hand is done: a rehearsal in memory.

    ``name`` is the dialect of the changes.
    """
    room = MemoryStore(reading.entries)
    room.carry_out(*(step.change for step in steps))
    estate = reading.lifted(room.entries(), name)
    made = set(done)
    if made:  # some cannot have a POSTMASTER, whatever a step says of them
        made -= {po.name for po in enrolled(estate)[0] if po.kind is not PostofficeKind.MSMAIL}
    kept = tuple(item for item in estate.listings if item.name not in made)
    new = tuple(Listing(name=name, source="plan", postmaster=True) for name in sorted(made))
    return replace(estate, listings=kept + new, unseen=reading.estate.unseen)


def traced(view: Survey, later: Estate | None) -> tuple[Trace, ...]:
    """Walk every postoffice before, after and from the Microsoft Mail side; the shadow ones stand last."""
    then: dict[PostofficeName, Postoffice] = {}
    if later:
        then = {po.name: po for some in enrolled(later) for po in some}
    rows = (*view.rows, *view.shadow_rows)
    return tuple(
        Trace(row.po, before, walk(then[row.po.name]) if later else None, side)
        for row in rows
        for before, side in (both_walks(row.po),)
    )


def _helped(trace: Trace, covered: Collection[str]) -> frozenset[Outcome]:
    """Give the outcomes that show help; of a step by hand nobody knows, where holders of addresses were not exported."""
    unseen = trace.po.unseen and str(trace.po.name) not in covered
    return DELIVERED | {Outcome.UNKNOWN} if unseen else DELIVERED


def _proven(traces: tuple[Trace, ...], steps: tuple[Step, ...], decision: Decision) -> None:
    """Hold the plan to its word: whatever it covers must deliver afterwards."""
    covered = {name for step in steps for name in step.postoffices}
    by_hand = {str(step.postoffice) for step in decision.manual}
    helped = {PostofficeKind.MSMAIL: covered | by_hand, PostofficeKind.SHADOW: frozenset[str]()}
    judged = [trace for trace in traces if str(trace.po.name) in helped.get(trace.po.kind, covered)]
    failing = [
        str(trace.po.name) for trace in judged if trace.after and trace.after.outcome not in _helped(trace, covered)
    ]
    if failing:
        raise RemedyError(
            f"The plan would not help {joined(failing, most=5)}; this is a fault of remedy. Please report it."
        )
