"""Loops in generated logs: how many are found and how many are none, and how fast a long log is read beside ``grep``.

Rounds are shuffled, medians are shown, and every run is a process of its own, its start-up included. ``BENCH_WORLDS``,
``BENCH_LOG_MIB`` and ``BENCH_ROUNDS`` make it smaller; of a small log the start of the program is the larger part.
"""

import random
import re
import tempfile
import time
from pathlib import Path

from bench.measuring import REMEDY, rounds, run, say, shuffled, size
from bench.record import FOLDER, Part, Target, finish, number, panel
from remedy.diagnosing import diagnose
from tests.logworld import FORMS, Manner, World, written

WORLDS = size("BENCH_WORLDS", 100)
LARGE_EVERY = 10  # of so many worlds, one has 100,000 events
MIB = size("BENCH_LOG_MIB", 1024)
TIMES, MEMORY, GROWTH = 10, 150, 1.25  # x grep; MiB; x of its share
NAMED = re.compile(r"postmaster", re.IGNORECASE)


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


def streamed(folder):
    """Measure long logs; give what was found, and how many MiB each has."""
    files = {f"{MIB // part} MiB": long_log(folder / f"{part}.txt", MIB // part) for part in (4, 2, 1)}
    files["all loop"] = long_log(folder / "loop.txt", min(64, MIB), all_loop=True)
    ours = (*REMEDY, "diagnose", "--format", "json")
    runs = {name: lambda _, path=path: run(*ours, path) for name, path in files.items()}
    grep = {f"grep {name}": lambda _, path=path: run("grep", "-c", "POSTMASTER", path) for name, path in files.items()}
    return shuffled(runs | grep, rounds(3)), {name: path.stat().st_size / (1 << 20) for name, path in files.items()}


def long_part(found, sizes):
    """Give the table of long logs, what was to be reached, and what is drawn."""
    rows = [
        found.row(
            name,
            **{
                "grep -c, s": found.median(f"grep {name}"), "x grep": found.ratio(name, f"grep {name}"),
                "MiB/s": sizes[name] / found.median(name),
            },
        )
        for name in sizes
    ]  # fmt: skip
    small, _, whole, _ = sizes
    peak = max(found.median(name, "mib") for name in sizes)
    targets = [
        Target(f"a log of {whole}", found.ratio(whole, f"grep {whole}"), TIMES, "x grep -c"),
        Target("logs, peak of a process", peak, MEMORY, "MiB"),
        Target(f"four times the log ({small} → {whole})", found.ratio(whole, small), GROWTH * 4, "x the time"),
    ]
    bars = [("remedy diagnose", found.median(whole)), ("grep -c", found.median(f"grep {whole}"))]
    return rows, targets, panel(f"Loops looked for in a log of {number(MIB)} MiB", "s", bars)


def main():
    """Measure, show, and judge."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="remedy-bench-", dir=FOLDER) as name:
        planted, found, missed, wrong, events = judged(Path(name) / "world.txt")
        say(f"Looked into {WORLDS} worlds; writing logs of up to {MIB} MiB …")
        rows, targets, drawn = long_part(*streamed(Path(name)))
        worlds = f"{WORLDS} generated worlds of {events:,} events"
        quality = [
            Target(f"{worlds}: of {planted} loops", missed, 0, "not found"),
            Target(f"{worlds}: of {found} findings", wrong, 0, "no loop"),
        ]
        sums = {
            "name": f"{WORLDS} worlds", "events": events, "planted": planted, "found": found,
            "precision": f"{(found - wrong) / found:.4f}", "recall": f"{(planted - missed) / planted:.4f}",
        }  # fmt: skip
        part = Part(
            name="diagnosis", title="Loops in logs", rounds=rounds(3), began=began,
            tables={"Loops": [sums], "Long logs": rows}, targets=quality + targets, panels=[drawn],
        )  # fmt: skip
        finish(part, name)


if __name__ == "__main__":
    main()
