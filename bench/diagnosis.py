"""Loops in generated logs: how many are found and how many are none, and how fast a long log is read beside ``grep``.

Rounds are shuffled, medians are shown, and every run is a process of its own, its start-up included. ``BENCH_WORLDS``,
``BENCH_LOG_MIB`` and ``BENCH_ROUNDS`` make it smaller; of a small log the start of the program is the larger part.
"""

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tabulate import tabulate

from bench.live import measured, say
from remedy.diagnosing import diagnose
from tests.logworld import FORMS, Manner, World, written

WORLDS = int(os.environ.get("BENCH_WORLDS", "100"))
LARGE_EVERY = 10  # of so many worlds, one has 100,000 events
MIB = int(os.environ.get("BENCH_LOG_MIB", "1024"))
TIMES, MEMORY, GROWTH = 10, 150, 1.25  # x grep; MiB; x of its share
NAMED = re.compile(r"postmaster", re.IGNORECASE)
CHILD = """\
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=False)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


def manner_of(seed):
    """Give a way of writing a world down, and what else differs."""
    luck = random.Random(seed)
    manner = Manner(
        form=tuple(FORMS)[seed % len(FORMS)],
        order=luck.choice(("mdy", "dmy", "ymd")),
        codec=luck.choice(("cp850", "cp1252", "utf-8", "utf-16-le")),
        newest_first=luck.random() < 0.3,
        set_back=luck.random() < 0.3,
        cut=luck.random() < 0.3,
    )
    return manner, luck.choice((1, 2, 5, 12, 25, 50)), luck.choice((1, 1, 3))


def judged(path):
    """Diagnose every world; give planted, found, missed and wrong loops, and the events."""
    sums = [0, 0, 0, 0, 0]
    for seed in range(WORLDS):
        manner, loops, servers = manner_of(seed)
        events = 100_000 if seed % LARGE_EVERY == 0 else 2_000
        world = World(seed, loops=loops, events=events, servers=servers)
        path.write_bytes(written(world, manner))
        found = diagnose(str(path)).diagnosis.loops
        ends = {(str(loop.pair.postoffice), loop.pair.domain) for loop in found}
        missed, wrong = world.planted - ends, ends - world.planted
        for place, some in enumerate((world.planted, ends, missed, wrong, world.records)):
            sums[place] += len(some)
        if missed or wrong:
            say(f"World {seed} ({manner}): missed {sorted(missed)}, wrong {sorted(wrong)}")
    return sums


def long_log(path, size, *, all_loop=False):
    """Write a log of at least ``size`` MiB: a world, and then what else happens on servers, again and again."""
    world = World(7, loops=5, events=40_000, days=2)
    if all_loop:
        world.records = [each for each in world.records if "lists0" in each.text and "POSTMASTER" in each.text]
    data = written(world, Manner())
    if not all_loop:
        world.records = [each for each in world.records if not NAMED.search(each.text)]
    more = written(world, Manner())
    with path.open("wb") as file:
        while file.tell() < size << 20:
            file.write(more if file.tell() else data)
    return path


def run(*command):
    """Run a process to its end; give its seconds. With /dev/null for stdout, GNU grep stops at the first match."""
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode in {0, 3}, done.stderr
    return time.perf_counter() - began, None


def memory_of(*command):
    """Give the most memory a process takes, in MiB."""
    done = subprocess.run([sys.executable, "-c", CHILD, *command], capture_output=True, text=True, check=False)
    return int(done.stdout) / 1024


def streamed(folder):
    """Measure long logs; give whether every target is met."""
    command = (sys.executable, "-W", "ignore", "-m", "remedy", "diagnose", "--format", "json")
    files = {f"{MIB // part} MiB": long_log(folder / f"{part}.txt", MIB // part) for part in (4, 2, 1)}
    files["all loop"] = long_log(folder / "loop.txt", min(64, MIB), all_loop=True)
    runs = {name: lambda _, path=path: run(*command, str(path)) for name, path in files.items()}
    grep = {
        f"grep {name}": lambda _, path=path: run("grep", "-c", "POSTMASTER", str(path)) for name, path in files.items()
    }
    found = measured(runs | grep)
    sizes = {name: path.stat().st_size / (1 << 20) for name, path in files.items()}
    rooms = {name: memory_of(*command, str(path)) for name, path in files.items()}
    rows = [
        (
            name, f"{found[name]:.2f}", f"{found[f'grep {name}']:.2f}", f"{found[name] / found[f'grep {name}']:.1f}",
            f"{sizes[name] / found[name]:.1f}", f"{rooms[name]:.0f}",
        )
        for name in files
    ]  # fmt: skip
    heads = ("log", "diagnose, s", "grep -c, s", "x grep", "MiB/s", "peak, MiB")
    say(f"\nLong logs\n{tabulate(rows, heads, disable_numparse=True)}")
    small, _, whole, _ = files
    met = {
        f"Within {TIMES} x grep": found[whole] <= TIMES * found[f"grep {whole}"],
        f"Under {MEMORY} MiB": max(rooms.values()) < MEMORY,
        "Linear": found[whole] <= GROWTH * 4 * found[small],
    }
    for what, held in met.items():
        say(f"{what}: {'yes' if held else 'no'}")
    return all(met.values())


def main():
    """Measure, show, and judge."""
    with tempfile.TemporaryDirectory(prefix="remedy-bench-") as name:
        planted, found, missed, wrong, events = judged(Path(name) / "world.txt")
        precision, recall = (found - wrong) / found, (planted - missed) / planted
        say(
            f"Loops in {WORLDS} worlds of {events:,} events: {planted} planted, {found} found; "
            f"precision {precision:.4f}, recall {recall:.4f}"
        )
        fast = streamed(Path(name))
    sys.exit(0 if fast and not missed and not wrong else 1)


if __name__ == "__main__":
    main()
