"""Survey, trace and plan documents as lines for a terminal: text with the name of a style, nothing printed here."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remedy.codes import CODES, HAZARDS
from remedy.text import counted, joined, printable

__all__ = [
    "Line",
    "Table",
    "explained",
    "filled",
    "findings_lines",
    "plan_lines",
    "survey_table",
    "trace_lines",
    "trace_table",
]

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text and how it looks."""

    text: str = ""
    style: str = ""
    """``head``, ``good``, ``bad``, ``warn``, ``faint`` or nothing."""


@dataclass(frozen=True, slots=True)
class Table:
    """Headers and rows; the style of a row goes by its last-named outcome or coverage."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


STYLES = {
    "exposed": "bad", "full": "bad", "conflict": "bad", "loops": "bad", "ambiguous": "bad", "error": "bad",
    "warning": "warn", "unknown": "warn", "bounces": "warn", "delivers-until-full": "good", "delivers": "good",
    "loop": "bad", "maybe": "warn", "exchange-mailbox": "good", "postoffice-mailbox": "good", "both": "good", "info": "faint",
}  # fmt: skip
"""How an outcome, a coverage or a severity looks."""


def survey_table(document: Json) -> Table:
    """Give the postoffices of a survey."""
    return Table(
        ("postoffice", "coverage", "held by", "known from"),
        tuple((po["address"], _coverage(po), _holders(po), _evidence(po)) for po in document["postoffices"]),
    )


def _coverage(po: Json) -> str:
    """Give a coverage, with a mark if it is only likely."""
    return f"{po['coverage']} ?" if po["confidence"] == "inferred" else str(po["coverage"])


def _holders(po: Json) -> str:
    """Give the holders by the first part of their names."""
    from remedy.dn import DN

    names = (printable(DN.parse(holder["dn"]).leaf) or "(no name)" for holder in po["holders"])
    return joined(names, most=3) or "-"


def _evidence(po: Json) -> str:
    """Give the kinds of evidence, with how many of each."""
    counts: dict[str, int] = {}
    for item in po["evidence"]:
        counts[item["kind"]] = counts.get(item["kind"], 0) + item["count"]
    return ", ".join(f"{kind} x{number}" if number > 1 else kind for kind, number in counts.items())


def findings_lines(findings: Iterable[Json], width: int) -> Iterator[Line]:
    """Give findings grouped by code, each group with what the code means and what to do."""
    groups: dict[str, list[Json]] = {}
    for finding in findings:
        groups.setdefault(finding["code"], []).append(finding)
    for code, group in groups.items():
        severity = group[0]["severity"]
        yield Line()
        yield Line(f"{severity}: {code} ({len(group)})", STYLES.get(severity, ""))
        yield from filled(CODES[code].meaning if code in CODES else "", width, "  ")
        yield from _group(code, group, width)
        for fix in dict.fromkeys(finding["fix"] for finding in group):
            yield from filled(f"Do: {fix}", width, "  ", "      ")


def _group(code: str, group: list[Json], width: int) -> Iterator[Line]:
    """Give what is said in one group; where only the subjects differ, only the subjects."""
    if code in {"exposed", "skipped", "ten-character-name"} and len(group) > 1:
        yield from filled(
            ", ".join(dict.fromkeys(printable(item["subject"]) for item in group)), width, "    ", style="faint"
        )
        return
    for item in group:
        yield from filled(f"- {printable(item['message'])}", width, "    ", "      ", style="faint")


def trace_table(document: Json) -> Table:
    """Give the outcomes of a trace document or a plan."""
    rows = ((_named(item), *_outcomes(item), item["msmail_side"]["outcome"]) for item in document["traces"])
    after = any(item["after"] for item in document["traces"])
    headers = ("postoffice", "before", "after", "from MS Mail") if after else ("postoffice", "outcome", "from MS Mail")
    return Table(headers, tuple(rows))


def _named(item: Json) -> str:
    """Give the postoffice of a trace; a shadow one is Exchange itself."""
    return f"{item['postoffice']} (Exchange)" if item["kind"] == "shadow" else str(item["postoffice"])


def _outcomes(item: Json) -> tuple[str, ...]:
    """Give the outcome before, and after if there is one."""
    return (item["before"]["outcome"], *((item["after"]["outcome"],) if item["after"] else ()))


def trace_lines(document: Json, width: int) -> Iterator[Line]:
    """Give every way with its steps; postoffices that go the same way to the same end stand together."""
    groups: dict[str, list[Json]] = {}
    for item in document["traces"]:
        key = repr([_shape(item, item[side]) for side in ("before", "after", "msmail_side")])
        groups.setdefault(key, []).append(item)
    for group in groups.values():
        yield Line()
        yield from filled(joined(map(_named, group), most=6), width, "", style="head")
        yield from _walk("from the Internet", group[0]["before"], width)
        if group[0]["after"]:
            yield from _walk("the same, after the plan", group[0]["after"], width)
        yield from _walk("from the Microsoft Mail side", group[0]["msmail_side"], width)


def _shape(item: Json, walk: Json | None) -> str:
    """Give a walk without the postoffice's name."""
    return "" if walk is None else repr(walk).replace(item["postoffice"], "*")


def _walk(title: str, walk: Json, width: int) -> Iterator[Line]:
    """Give one walk: each place, and between two of them why the message goes on."""
    outcome = walk["outcome"]
    yield Line(f"  {title}: {outcome}", STYLES.get(outcome, ""))
    places = [step["at"] for step in walk["path"]]
    for number, step in enumerate(walk["path"]):
        if step["why"]:
            yield from filled(step["why"], width, "      | ", style="faint")
        again = "  and round again" if step["at"] in places[:number] else ""
        yield Line(f"    {step['at']}{again}", "bad" if again else "")


def plan_lines(document: Json, width: int) -> Iterator[Line]:
    """Give a whole plan: the choice and its reason first, then each value, the dangers and the proof."""
    yield from _sinks(document, width)
    yield from _totals(document, width)
    yield from _changes(document, width)
    yield from _manual(document, width)
    yield from _hazards(document, width)
    yield from _proof(document, width)
    yield from _left_over(document, width)
    yield Line()
    yield Line(f"digest {document['digest']}", "faint")


_OWN = {"strategy-chosen", "strategy-not-followed", "sink-exported", "sink-restricted"}
"""Findings that only a plan makes."""


def _left_over(document: Json, width: int) -> Iterator[Line]:
    """Give the errors that the plan leaves, what there is to say about the sinks, and the names of the rest."""
    covered = {name for item in document["changes"] for name in item["postoffices"]}
    covered |= {item["postoffice"] for item in document["manual"]}
    sinks = {sink["dn"] for sink in document["sinks"]}
    left: list[Json] = []
    rest: list[str] = []
    for finding in document["findings"]:
        mends = finding["code"] == "exposed" and finding["subject"] in covered
        if (finding["severity"] == "error" and not mends) or finding["subject"] in sinks or finding["code"] in _OWN:
            left.append(finding)
        elif not mends:
            rest.append(finding["code"])
    yield from findings_lines(left, width)
    if rest:
        yield Line()
        names = ", ".join(dict.fromkeys(rest))
        yield from filled(f"Findings that the plan does not touch (remedy survey shows them): {names}", width, "", "  ")


def _sinks(document: Json, width: int) -> Iterator[Line]:
    """Give the chosen mailboxes."""
    for sink in document["sinks"]:
        word = "Use" if sink["action"] == "use" else "Create"
        number = counted(len(sink["proxies"]), "postmaster address", "postmaster addresses")
        yield from filled(f"{word} {printable(sink['dn'])}", width, "", "    ", style="head")
        yield from filled(f"for {number}: {printable(sink['reason'])}.", width, "    ")


def _totals(document: Json, width: int) -> Iterator[Line]:
    """Give the numbers in a sentence."""
    summary = document["summary"]
    open_ones = counted(summary["exposed"] + summary["full"], "postoffice is", "postoffices are")
    of = f"of {summary['postoffices']:,}; strategy {document['strategy']}, {document['dialect']}"
    text = f"{open_ones} exposed or full, {of}."
    if not document["changes"] and not document["manual"]:
        yield from filled(f"Nothing to do: {text}", width, "", style="good")
        return
    parts = [f"adds {counted(summary['values'], 'value')} to {counted(summary['changes'], 'entry', 'entries')}"]
    parts = parts if summary["changes"] else []
    parts += [f"has {counted(summary['manual'], 'step')} to take by hand"] if summary["manual"] else []
    yield from filled(f"{text} The plan {joined(parts)}.", width, "")


def _changes(document: Json, width: int) -> Iterator[Line]:
    """Give each value that comes or goes."""
    from remedy.change import Add, Modify, Op
    from remedy.ldif import parse_changes

    if document["changes"]:
        yield Line()
        yield Line("Changes", "head")
    for item in document["changes"]:
        (change,) = parse_changes(item["ldif"].encode(), item["id"])
        mark = "+" if isinstance(change, Add) else "~"
        yield from filled(f"{mark} {printable(item['dn'])}  [{item['id']}]", width, "  ", "      ")
        if "Experimental:" in item["reason"]:
            yield from filled(item["reason"][item["reason"].index("Experimental:") :], width, "      ", style="warn")
        if isinstance(change, Modify):
            for mod in change.mods:
                for value in mod.values:
                    yield _value("+" if mod.op is Op.ADD else "-", mod.attribute, value)
        elif isinstance(change, Add):
            for attribute in change.entry:
                for value in attribute.values:
                    yield _value("+", attribute.name, value)


def _value(mark: str, attribute: str, value: bytes) -> Line:
    """Give one value of a change, never wrapped, so that it can be copied."""
    shown = printable(value.decode(errors="backslashreplace"))
    return Line(f"      {mark} {attribute}: {shown}", "good" if mark == "+" else "bad")


def _manual(document: Json, width: int) -> Iterator[Line]:
    """Give the steps that people take."""
    if document["manual"]:
        yield Line()
        yield Line("By hand", "head")
    for item in document["manual"]:
        yield Line(f"  {item['postoffice']}")
        yield from filled(printable(item["text"]), width, "      ")


def _hazards(document: Json, width: int) -> Iterator[Line]:
    """Give the dangers, with the flag that allows each."""
    if document["hazards"]:
        yield Line()
        yield Line("Hazards: `remedy apply` stops at each until it is allowed", "head")
    for item in document["hazards"]:
        yield Line(f"  --allow {item['name']}", "warn")
        yield from filled(f"{printable(item['detail'])} {HAZARDS[item['name']].why}", width, "      ")


def _proof(document: Json, width: int) -> Iterator[Line]:
    """Give the outcomes before and after, postoffices of the same fate together."""
    fates: dict[tuple[str, ...], list[str]] = {}
    document_skips = {finding["subject"] for finding in document["findings"] if finding["code"] == "skipped"}
    for item in document["traces"]:
        skipped = " (skipped)" if item["postoffice"] in document_skips else ""
        fates.setdefault((*_outcomes(item), item["msmail_side"]["outcome"]), []).append(_named(item) + skipped)
    yield Line()
    yield Line("Proof: mail from the Internet to each postmaster address, before -> after", "head")
    for (before, after, side), names in fates.items():
        yield Line(f"  {before} -> {after}", STYLES.get(after, ""))
        yield from filled(joined(names, most=12), width, "      ")
        yield from filled(f"from the Microsoft Mail side: {side}", width, "      ", style="faint")
    note = "A proxy address does not help mail that comes from Microsoft Mail (Q164456); a POSTMASTER mailbox does."
    yield from filled(note, width, "  ", style="faint")


def explained(code: str, width: int) -> Iterator[Line]:
    """Give what a code means, why it matters, what to do and where it is written."""
    kind = {**HAZARDS, **CODES}[code]
    severity = kind.severity.value if kind.severity else "hazard"
    yield Line(f"{code} ({severity})", STYLES.get(severity, "warn"))
    for title, text in (("What", kind.meaning), ("Why", kind.why), ("Do", kind.fix), ("Source", kind.kb)):
        yield from filled(f"{title + ':':8}{text}", width, "  ", "          ")


def filled(text: str, width: int, first: str, rest: str | None = None, *, style: str = "") -> Iterator[Line]:
    """Break text into lines of a width."""
    wrapped: Sequence[str] = textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=first if rest is None else rest, break_on_hyphens=False
    )
    yield from (Line(line, style) for line in wrapped)
