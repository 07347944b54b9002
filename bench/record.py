"""What a part has measured: printed as tables, and kept as a file of results (JSON) from which `bench.report` makes its own.

Law: what was asked for and what was found stand side by side, met or missed.
"""

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tabulate import tabulate

from bench.measuring import SMALLER, say

ROOT = Path(__file__).parent.parent
USUAL = ROOT / "bench" / "results"
RESULTS = Path(os.environ.get("BENCH_RESULTS", USUAL))
FOLDER = os.environ.get("BENCH_FOLDER")
"""Where files are written and read; None = the temporary folder."""
TIMES = "\N{MULTIPLICATION SIGN} "
COLUMNS = {"name": "what", "seconds": "s", "cpu": "CPU s", "mb_s": "MB/s", "mib": "peak, MiB"}
"""How columns are headed that do not head themselves."""


@dataclass(frozen=True)
class Target:
    """Something to be reached."""

    what: str
    """In words, for who has not read the bench."""
    found: float
    goal: float
    unit: str = ""
    most: bool = True
    """Whether it may be no more; otherwise no less."""

    @property
    def met(self):
        """Tell whether it is reached."""
        return self.found <= self.goal if self.most else self.found >= self.goal

    @property
    def near(self):
        """Give how much of the target is reached; 1 and more = all."""
        over, under = (self.goal, self.found) if self.most else (self.found, self.goal)
        return over / under if under else float(self.met)

    def words(self):
        """Give what it is, what was found, what it had to be, and the verdict."""
        unit = TIMES + self.unit[2:] if self.unit.startswith("x ") else self.unit
        goal = f"{'≤' if self.most else '≥'} {self.goal:g}"
        verdict = "met" if self.met else f"missed, reached {int(100 * self.near)}%"  # not rounded up to all of it
        return self.what, f"{number(self.found)} {unit}".strip(), goal, verdict


def panel(title, unit, bars, *, ours="remedy"):
    """Give what the plot shows side by side: (label, value); those whose labels begin with ``ours`` are ours."""
    drawn = [{"label": label, "value": value, "ours": label.startswith(ours)} for label, value in bars]
    return {"title": title, "unit": unit, "bars": drawn}


@dataclass(frozen=True, kw_only=True)
class Part:
    """All that a part has found."""

    name: str
    title: str
    rounds: int
    began: float
    """By `time.perf_counter`."""
    tables: dict[str, list[dict]]
    """Rows by title; each row a number, or text, by the name of its column."""
    targets: list[Target]
    panels: list[dict] = field(default_factory=list)


def number(value):
    """Write a number with as many figures as mean something."""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    figures = next((digits for below, digits in ((0.1, 3), (10, 2), (100, 1)) if abs(value) < below), 0)
    return f"{value:,.{figures}f}"


def table(heads, rows):
    """Arrange cells under their heads."""
    return tabulate(rows, heads, disable_numparse=True, colalign=("left", *["right"] * (len(heads) - 1)))


def targets_table(targets):
    """Show what was to be reached, and how near it is."""
    return table(("target", "found", "at most/least", ""), [target.words() for target in targets])


def machine(folder):
    """Say what it was measured on."""
    told = {}
    for path in ("/proc/cpuinfo", "/proc/meminfo"):
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            told.setdefault(name.strip(), value.strip())
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    holding = [(len(at), kind) for at, kind in mounts if Path(folder).resolve().is_relative_to(at)]
    return {
        "cpu": told.get("model name", platform.machine()),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(told["MemTotal"].split()[0]) / 2**20, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "filesystem": max(holding)[1],
    }


def commit():
    """Say what was measured; the results themselves, which each part writes, make nothing dirty."""

    def git(*words):
        done = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    told = git("describe", "--always", "--tags")
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/results", ":!README.md")
    return f"{told or 'unknown'}{' dirty' if changed else ''}"


def kept(part, folder):
    """Give a part as its file has it."""
    return {
        "part": part.name,
        "title": part.title,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "machine": machine(folder),
        "rounds": part.rounds,
        "minutes": round((time.perf_counter() - part.began) / 60, 1),
        "smaller": SMALLER,
        "tables": part.tables,
        "targets": [
            {
                "what": target.what, "found": target.found, "goal": target.goal, "unit": target.unit, "most": target.most,
                "met": target.met, "near": round(target.near, 3),
            }
            for target in part.targets
        ],
        "panels": part.panels,
    }  # fmt: skip


def finish(part, folder):
    """Show and keep what a part has found in a folder; end with 1 if a target is missed."""
    say(f"\n{part.title}: medians of {part.rounds} rounds")
    for title, rows in part.tables.items():
        names = list(dict.fromkeys(name for row in rows for name in row))
        cells = [[number(row.get(name, "")) for name in names] for row in rows]
        say(f"\n{title}\n{table([COLUMNS.get(name, name) for name in names], cells)}")
    say(f"\n{targets_table(part.targets)}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(kept(part, folder), indent=1, ensure_ascii=False)
    (RESULTS / f"{part.name}.json").write_text(text + "\n", encoding="utf-8")
    sys.exit(0 if all(target.met for target in part.targets) else 1)
