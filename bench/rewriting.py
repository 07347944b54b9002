"""Changes of a large export and the way back, beside a flushed copy of the file and python-ldap; against fixed targets.

Every run is a process of its own, in an order shuffled each round; medians are shown, and ratios are those of one round. Ours
are timed from the changes in hand to the new file in its place, the journal and all flushes included. ``BENCH_LARGE``,
``BENCH_SMALL``, ``BENCH_CHANGES`` and ``BENCH_ROUNDS`` make it smaller; ``BENCH_FOLDER`` says where
5 GB are free.
"""

import filecmp
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.exports import LARGE, SMALL, write
from bench.measuring import Rounds, Spent, rounds, run, say, short, size
from bench.record import FOLDER, Part, Target, finish, panel

CHANGES = size("BENCH_CHANGES", 5_000)

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
        return Spent(*json.loads(done.stdout))

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


def measured(desk, times):
    """Run everything in a new order each round; give, for each, what every round took."""
    runs = {
        ("cp and sync",): lambda: (desk.fresh("large"),),
        ("change", "rollback"): lambda: desk.there_and_back("large"),
        ("change of a quarter", "rollback of a quarter"): lambda: desk.there_and_back("quarter"),
        ("change, small", "rollback, small"): lambda: desk.there_and_back("small"),
        ("python-ldap, small",): desk.python_ldap,
    }
    found = Rounds({label: [] for labels in runs for label in labels})
    for turn in range(times):
        order = list(runs)
        random.Random(turn).shuffle(order)
        for labels in order:
            for label, took in zip(labels, runs[labels](), strict=True):
                found[label].append(took)
    return found


def targets_of(found):
    """Give what was to be reached."""
    changes, copy = f"of {short(CHANGES)} records in {short(LARGE)}", "x cp and flush"
    more = f"four times the entries ({short(LARGE // 4)} → {short(LARGE)})"
    return [
        Target(f"change {changes}", found.ratio("change", "cp and sync"), 2, copy),
        Target(f"rollback {changes}", found.ratio("rollback", "cp and sync"), 2, copy),
        Target(f"{more}, peak of a change", found.ratio("change", "change of a quarter", "mib"), 1.1, "x the memory"),
        Target(f"{more}, peak of a rollback", found.ratio("rollback", "rollback of a quarter", "mib"), 1.1, "x the memory"),
        Target(
            f"change of {short(CHANGES)} records in {short(SMALL)}", found.ratio("python-ldap, small", "change, small"), 15,
            "x as fast as python-ldap", most=False,
        ),
    ]  # fmt: skip


def main():
    """Measure, show, and judge."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="remedy-bench-", dir=FOLDER) as name:
        say(f"Writing exports of {LARGE:,} and {SMALL:,} entries …")
        found = measured(Desk(Path(name)), rounds(3))
        bars = {"cp and sync": "cp and sync", "remedy, change": "change", "remedy, rollback": "rollback"}
        part = Part(
            name="rewriting", title="Changes of large exports", rounds=rounds(3), began=began,
            tables={f"{CHANGES:,} changes": [found.row(label) for label in found]}, targets=targets_of(found),
            panels=[
                panel(
                    f"{short(CHANGES)} changes in {short(LARGE)} entries", "s",
                    [(label, found.median(name)) for label, name in bars.items()],
                )
            ],
        )  # fmt: skip
        finish(part, name)


if __name__ == "__main__":
    main()
