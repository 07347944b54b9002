"""How long the commands take that do next to nothing, beside Python itself and the small commands of other tools.

Every run is a process of its own, rounds are shuffled, and medians are compared with those of ``python -c pass`` in the same
run. The end is 1 if a target is missed. ``BENCH_ROUNDS`` makes it smaller.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tabulate import tabulate

import remedy
from bench.live import PATH, say
from remedy.demo import write_sample

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "21"))
BARE = "python -c pass"
TARGETS = {"import remedy": 2.5, "remedy --version": 4.0, "remedy --help": 4.0}
"""Times Python alone, at most."""
WARM = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PATH": PATH,
}
"""Compiled modules are kept, as an installed program has them; the first round, which makes them, does not count."""


def commands(plan):
    """Give what is measured by name."""
    python, module = [sys.executable, "-c"], [sys.executable, "-m"]
    program = [*python, "from remedy.__main__ import run; run()"]  # what the script of an installed copy does
    ours = (
        "--version",
        "--help",
        "survey --help",
        "completion bash",
        "explain exposed",
        "show plan.json",
        "show plan.json --format json",
    )
    return {
        BARE: [*python, "pass"],
        "import remedy": [*python, "import remedy"],
        **{f"remedy {words}": [*program, *words.replace("plan.json", plan).split()] for words in ours},
        "python -m remedy --version": [*module, "remedy", "--version"],
        "import click": [*python, "import click"],
        "import ldap3": [*python, "import ldap3"],
        "pip --version": [*module, "pip", "--version"],
        "ldapsearch -VV": ["ldapsearch", "-VV"],
    }


def spent(command):
    """Run a process to its end; give its seconds, and those that it computed (user and system)."""
    began = time.perf_counter()
    with subprocess.Popen(command, env=WARM, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, state, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(state)
    assert process.returncode == 0, command
    return time.perf_counter() - began, used.ru_utime + used.ru_stime


def measured(runs):
    """Run everything in a new order each round; give the medians of each."""
    found = {name: [] for name in runs}
    for turn in range(-1, ROUNDS):
        order = list(runs)
        random.Random(turn).shuffle(order)
        for name in order:
            one = spent(runs[name])
            if turn >= 0:
                found[name].append(one)
    return {name: [statistics.median(column) for column in zip(*each, strict=True)] for name, each in found.items()}


def main():
    """Measure, show, and judge."""
    with tempfile.TemporaryDirectory(prefix="remedy-bench-") as name:
        estate, plan = Path(name) / "estate", Path(name) / "plan.json"
        write_sample(estate)
        made = remedy.plan(estate / "fabrikam.ldif", estate / "postoffices.csv")
        plan.write_text(remedy.show(made, "json"), encoding="utf-8")
        found = measured(commands(str(plan)))
    bare = found[BARE]
    rows = [
        (
            name, f"{1000 * wall:.0f}", f"{wall / bare[0]:.2f}", f"{1000 * used:.0f}", f"{used / bare[1]:.2f}",
            f"<= {TARGETS[name]:g}" if name in TARGETS else "",
        )
        for name, (wall, used) in found.items()
    ]  # fmt: skip
    heads = ("command", "ms", "x bare", "user+sys, ms", "x bare", "target")
    say(f"\nStart-up, medians of {ROUNDS} rounds\n{tabulate(rows, heads, disable_numparse=True)}")
    near = {name: found[name][0] / bare[0] / most for name, most in TARGETS.items()}
    for name, share in near.items():
        say(f"{name}: {share:.0%} of what it may take{'' if share <= 1 else ': MISSED'}")
    sys.exit(1 if max(near.values()) > 1 else 0)


if __name__ == "__main__":
    main()
