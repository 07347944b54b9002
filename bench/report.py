"""Makes of the results of all parts one table, the README's section on speed, and its picture: ``python -m bench.report``.

Law: what is missed stands beside what is met, and the README is renewed only from parts that were measured at full size.
"""

import json
import sys
from pathlib import Path

from bench import record
from bench.measuring import say
from bench.plot import drawn
from bench.record import ROOT, Target, targets_table

ORDER = ("exports", "rewriting", "live", "inventories", "startup", "diagnosis")
"""Of the parts, in table and picture; others follow by their names."""
README = ROOT / "README.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
PICTURE = "speed.svg"


def read(folder):
    """Give the results there are, in their order."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return sorted(found, key=lambda part: ORDER.index(part["part"]) if part["part"] in ORDER else len(ORDER))


def targets_of(part):
    """Give the targets of a part as they were."""
    return [
        Target(**{name: each[name] for name in ("what", "found", "goal", "unit", "most")}) for each in part["targets"]
    ]


def grouped(parts, what):
    """Give what each part says of something, by what it says: mostly one thing, said by all."""
    groups = {}
    for part in parts:
        groups.setdefault(what(part), []).append(part["title"].lower())
    return groups


def said(parts, what):
    """Say something of all parts; where they differ, which part it is said of."""
    groups = grouped(parts, what)
    return "; ".join(text if len(groups) == 1 else f"{text} ({', '.join(names)})" for text, names in groups.items())


def machine_of(part):
    """Say in words what a part was measured on."""
    told = part["machine"]
    return (
        f"{told['cpu']}, {told['cores']} cores, {told['memory_gib']} GiB, {told['kernel']}, "
        f"Python {told['python']}, {told['filesystem']}"
    )


def times_of(part):
    """Say when a part was measured, and what of."""
    return f"{part['date']}, commit {part['commit']}"


def rounds_of(part):
    """Say what the figures of a part are."""
    return f"medians of {part['rounds']} rounds"


def section(parts, link):
    """Write what the README says: on what, when, the picture, and all targets."""
    targets = [target for part in parts for target in targets_of(part)]
    met, minutes = sum(target.met for target in targets), sum(part["minutes"] for part in parts)
    lines = [
        f"Measured on {said(parts, machine_of)}; {said(parts, times_of)}.",
        f"Figures are {said(parts, rounds_of)}; {minutes:.0f} minutes in all. {met} of {len(targets)} targets are met.",
        "",
        f"![Bars: what remedy takes, beside other tools]({link})",
        "",
        "| what | found | target | |",
        "|---|---|---|---|",
    ]
    for part in parts:
        lines.append(f"| **{part['title']}** | | | |")
        for target in targets_of(part):
            what, found, goal, verdict = (text.replace("|", "\\|") for text in target.words())
            lines.append(f"| {what} | {found} | {goal} | {verdict if target.met else f'**{verdict}**'} |")
    return "\n".join(lines)


def renewed(text, written):
    """Put a section in the place of the one between the two comments."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{written}\n{END}{after}"


def summary(parts):
    """Show all targets as a table, and what is missed."""
    targets = [target for part in parts for target in targets_of(part)]
    missed = sum(not target.met for target in targets)
    return f"{targets_table(targets)}\n\n{len(targets) - missed} met, {missed} missed"


def main():
    """Make everything; end with 1 if a target is missed."""
    folder = Path(record.RESULTS)
    parts = read(folder)
    if not parts:
        sys.exit(f"No results in {folder}.")
    panels = [panel for part in parts for panel in part["panels"]]
    notes = (said(parts, machine_of), said(parts, times_of))
    (folder / PICTURE).write_text(drawn(panels, notes), encoding="utf-8")
    say(f"\nAll targets\n{summary(parts)}\n")
    smaller = {name: value for part in parts for name, value in part["smaller"].items()}
    if smaller:
        told = ", ".join(f"{name}={value}" for name, value in smaller.items())
        say(f"README.md is left as it is: {told} made it smaller.")
    elif folder.resolve() != record.USUAL:
        say(f"README.md is left as it is: it shows {record.USUAL.relative_to(ROOT)}, not {folder}.")
    else:
        link = (folder / PICTURE).resolve().relative_to(ROOT).as_posix()
        README.write_text(renewed(README.read_text(encoding="utf-8"), section(parts, link)), encoding="utf-8")
        say("README.md is renewed.")
    sys.exit(0 if all(target.met for part in parts for target in targets_of(part)) else 1)


if __name__ == "__main__":
    main()
