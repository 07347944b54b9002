"""How all parts measure: each run a process of its own, in an order shuffled each round, and what is made of the rounds.

Law: a ratio is the median of the ratios of each round, so that both sides saw the same machine.
"""

import os
import random
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.servers.slapd import PATH

STOPWATCH = Path(__file__).with_name("stopwatch.py")
DROP = "import os, sys\nf = os.open(sys.argv[1], os.O_RDONLY)\nos.posix_fadvise(f, 0, 0, os.POSIX_FADV_DONTNEED)\n"
REMEDY = (sys.executable, "-W", "ignore", "-m", "remedy")
SMALLER = {}
"""What this run was told to make smaller than it is, by variable."""
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "LC_ALL": "C",
    "PATH": PATH,
}
"""Compiled modules are kept, as an installed program has them."""


def say(text):
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def short(count):
    """Write a count as people say it: 250 k, 1 M."""
    for unit, name in ((1_000_000, " M"), (1_000, " k")):
        if count >= unit:
            return f"{count / unit:.4g}{name}"
    return str(count)


def size(name, usual):
    """Give how large something is to be, and keep in mind if that is less than usual."""
    wanted = int(os.environ.get(name, usual))
    if wanted < usual:
        SMALLER[name] = wanted
    return wanted


def rounds(usual):
    """Give how many rounds there are to be."""
    return int(os.environ.get("BENCH_ROUNDS", usual))


class Spent(NamedTuple):
    """What one run took."""

    seconds: float
    cpu: float
    """Seconds of processor, of all its processes."""
    mib: float
    """The peak of its largest process."""


def told(*command, codes=(0, 3)):
    """Run a process to its end; give what it took, and the end of what it printed."""
    command = [sys.executable, "-I", "-S", STOPWATCH, *command]
    done = subprocess.run(list(map(str, command)), capture_output=True, env=ENVIRONMENT, check=False)
    line, _, said = done.stdout.partition(b"\n")
    seconds, cpu, kib, code = map(float, line.split())
    assert code in codes, (command, done.stderr[-2000:])
    return Spent(seconds, cpu, kib / 1024), said.decode(errors="replace")


def run(*command, cold=None, codes=(0, 3)):
    """Run a process to its end; give what it took. A ``cold`` file is dropped from memory before."""
    if cold:
        subprocess.run([sys.executable, "-c", DROP, str(cold)], check=True)
    return told(*command, codes=codes)[0]


class Rounds(dict):
    """What each run took, by its name, round by round."""

    def median(self, name, what="seconds"):
        """Give the median of a run."""
        return statistics.median(getattr(spent, what) for spent in self[name])

    def ratio(self, one, other, what="seconds"):
        """Give how many times one run is the other."""
        pairs = zip(self[one], self[other], strict=True)
        return statistics.median(getattr(a, what) / getattr(b, what) for a, b in pairs)

    def row(self, name, **more):
        """Give the medians of a run, and what else there is to say of it."""
        return {"name": name, **{what: self.median(name, what) for what in Spent._fields}, **more}


def shuffled(runs, times, *, warm=0):
    """Run everything in a new order each round; each run is told its turn. The first ``warm`` rounds do not count."""
    found = Rounds({name: [] for name in runs})
    for turn in range(-warm, times):
        order = list(runs)
        random.Random(turn).shuffle(order)
        for name in order:
            spent = runs[name](turn)
            if turn >= 0:
                found[name].append(spent)
    return found
