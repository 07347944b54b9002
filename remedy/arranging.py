"""What pages show in another order than the plan file has it: values one by one, postoffices that are alike."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from remedy.change import Modify, Op
from remedy.ldif import parse_changes
from remedy.text import printable

__all__ = ["alike", "diff", "outcomes", "together"]


def diff(change: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give a change value by value: ``+`` or ``-``, the attribute, the value."""
    for found in parse_changes(change["ldif"].encode(errors="surrogatepass"), f"change {printable(str(change['id']))}"):
        if isinstance(found, Modify):
            parts = [(mod.op, mod.attribute, mod.values) for mod in found.mods]
        else:
            parts = [(Op.ADD, each.name, each.values) for each in found.entry]
        for op, name, values in parts:
            sign = "+" if op is Op.ADD else "-"
            yield from ((sign, name, value.decode(errors="backslashreplace")) for value in values)


def outcomes(document: Mapping[str, Any], most: int = 40) -> tuple[dict[str, Any], ...]:
    """Join the postoffices with their traces and new holders; past ``most`` of them, those alike share a row."""
    rows = {row["address"]: row for row in document.get("postoffices", ())}
    new = {name: change["dn"] for change in document.get("changes", ()) for name in change["postoffices"]}
    hand = {step["postoffice"] for step in document.get("manual", ())}
    groups: dict[object, dict[str, Any]] = {}
    for trace in document["traces"]:
        name = trace["postoffice"]
        row = rows.get(name, {"coverage": "", "confidence": "", "holders": []})
        ends = tuple(trace[side] and trace[side]["outcome"] for side in ("before", "after", "msmail_side"))
        alike = (
            trace["kind"],
            row["coverage"],
            row["confidence"],
            ends,
            new.get(name),
            len(row["holders"]),
            name in hand,
        )
        first = {"names": [], "holders": {}, "row": row, "trace": trace, "new": new.get(name), "by_hand": name in hand}
        group = groups.setdefault(name if len(document["traces"]) <= most else alike, first)
        group["names"].append(name)
        group["holders"].update((holder["dn"], holder["kind"]) for holder in row["holders"])
    return tuple(groups.values())


def together(advice: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Give what is to be done, once for all ``subjects`` for which it is the same, in the order of the first of each."""
    groups: dict[object, dict[str, Any]] = {}
    for item in advice:
        same = {key: value for key, value in item.items() if key != "subject"}
        group = groups.setdefault(tuple(same.values()), {**same, "subjects": []})
        group["subjects"] += [item["subject"]] if item["subject"] else []
    return tuple(groups.values())


def alike(steps: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Give steps by hand as texts, each with the ``names`` of the postoffices it is for.

    Where it is for several, NETWORK/PO stands in the text for the name of each.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for step in steps:
        name = rf"(?<![A-Za-z0-9]){re.escape(step['postoffice'])}(?![A-Za-z0-9])"
        groups.setdefault(re.sub(name, "NETWORK/PO", step["text"]), []).append(step)
    return tuple(
        {"text": text if len(group) > 1 else group[0]["text"], "names": [step["postoffice"] for step in group]}
        for text, group in groups.items()
    )
