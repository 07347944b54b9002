"""Changes of a large export and the way back, beside a flushed copy of the file and python-ldap; against fixed targets.

Every run is a process of its own, in an order shuffled each round; medians are shown, and ratios are those of one round. Ours
are timed from the changes in hand to the new file in its place, the journal and all flushes included. ``BENCH_LARGE``,
``BENCH_SMALL``, ``BENCH_CHANGES`` and ``BENCH_ROUNDS`` make it smaller; ``BENCH_FOLDER`` says where
5 GB are free.
"""

import filecmp
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tabulate import tabulate

from bench.exports import FOLDER, LARGE, SMALL, run, write
from bench.live import CHANGES, ROUNDS, say

COPY = 'cp "$0" "$1" && sync "$1"'


class Desk:
    """A folder with exports, and a copy of one of them to work on."""

    def __init__(self, folder):
        self.origin, self.work = folder / "origin", folder / "work"
        self.origin.mkdir()
        self.sizes = {"large": LARGE, "quarter": LARGE // 4, "small": SMALL}
        for name, count in self.sizes.items():
            write(self.origin / f"{name}.ldif", count)

    def fresh(self, name):
        """Lay a new copy on the empty desk, flushed so that nobody else pays for it; give what it took."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir()
        return run("sh", "-c", COPY, self.origin / f"{name}.ldif", self.work / "export.ldif")

    def do(self, verb, name):
        """Run one client."""
        words = (verb, self.work / "export.ldif", self.sizes[name], min(CHANGES, self.sizes[name]))
        done = subprocess.run(
            [sys.executable, "-m", "bench.rewriters", *map(str, words)], capture_output=True, text=True, check=True
        )
        return tuple(json.loads(done.stdout))

    def there_and_back(self, name):
        """Change a copy and roll it back: give what each took."""
        self.fresh(name)
        there = self.do("change", name)
        back = self.do("rollback", name)
        assert filecmp.cmp(self.origin / f"{name}.ldif", self.work / "export.ldif", shallow=False)
        return there, back

    def python_ldap(self):
        """Do the same by python-ldap."""
        self.fresh("small")
        return (self.do("python-ldap", "small"),)


def measured(desk):
    """Run everything in a new order each round; give, for each, what every round took."""
    runs = {
        ("cp and sync",): lambda: (desk.fresh("large"),),
        ("change", "rollback"): lambda: desk.there_and_back("large"),
        ("change of a quarter", "rollback of a quarter"): lambda: desk.there_and_back("quarter"),
        ("change, small", "rollback, small"): lambda: desk.there_and_back("small"),
        ("python-ldap, small",): desk.python_ldap,
    }
    found = {label: [] for labels in runs for label in labels}
    for turn in range(ROUNDS):
        order = list(runs)
        random.Random(turn).shuffle(order)
        for labels in order:
            for label, took in zip(labels, runs[labels](), strict=True):
                found[label].append(took)
    return found


def judged(found):
    """Give each target: what it is, what was found, what it has to be, and whether it may not be more."""

    def ratio(one, other, what=0):
        return statistics.median(a[what] / b[what] for a, b in zip(found[one], found[other], strict=True))

    return [
        ("change / cp and sync", ratio("change", "cp and sync"), 2, True),
        ("rollback / cp and sync", ratio("rollback", "cp and sync"), 2, True),
        ("memory of four times the entries: change", ratio("change", "change of a quarter", 2), 1.1, True),
        ("memory of four times the entries: rollback", ratio("rollback", "rollback of a quarter", 2), 1.1, True),
        ("python-ldap / change", ratio("python-ldap, small", "change, small"), 15, False),
    ]


def main():
    """Measure, show, and judge."""
    with tempfile.TemporaryDirectory(prefix="remedy-bench-", dir=FOLDER) as name:
        say(f"Writing exports of {LARGE:,} and {SMALL:,} entries …")
        found = measured(Desk(Path(name)))
    rows = [
        (label, *(f"{statistics.median(took[what] for took in rounds):.{digits}f}" for what, digits in enumerate((2, 2, 0))))
        for label, rounds in found.items()
    ]  # fmt: skip
    say(f"\n{CHANGES:,} changes; medians of {ROUNDS} rounds on {os.cpu_count()} processors")
    say(tabulate(rows, ("what", "s", "CPU s", "MiB"), disable_numparse=True))
    targets = judged(found)
    missed = [label for label, value, goal, most in targets if (value > goal if most else value < goal)]
    rows = [
        (label, f"{value:.2f}", f"{'≤' if most else '≥'} {goal}", "missed" if label in missed else "met")
        for label, value, goal, most in targets
    ]
    say(f"\nTargets\n{tabulate(rows, ('ratio', 'found', 'target', ''), disable_numparse=True)}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
