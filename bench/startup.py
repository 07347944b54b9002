"""How long the commands take that do next to nothing, beside Python itself and the small commands of other tools.

Every run is a process of its own, rounds are shuffled, and medians are compared with those of ``python -c pass`` in the same
run. The end is 1 if a target is missed. ``BENCH_ROUNDS`` makes it smaller.
"""

import sys
import tempfile
import time
from pathlib import Path

import remedy
from bench.measuring import rounds, run, shuffled
from bench.record import FOLDER, Part, Target, finish, panel
from remedy.demo import write_sample

ROUNDS = rounds(21)
BARE = "python -c pass"
TARGETS = {"import remedy": 2.5, "remedy --version": 4.0, "remedy --help": 4.0}
"""Times Python alone, at most."""
WARM = 1
"""Rounds that do not count: the first one compiles the modules, which an installed program has."""
DRAWN = ("remedy --version", "remedy --help", "remedy show plan.json", "pip --version")


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


def main():
    """Measure, show, and judge."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="remedy-bench-", dir=FOLDER) as name:
        estate, plan = Path(name) / "estate", Path(name) / "plan.json"
        write_sample(estate)
        made = remedy.plan(estate / "fabrikam.ldif", estate / "postoffices.csv")
        plan.write_text(remedy.show(made, "json"), encoding="utf-8")
        runs = {label: lambda _, words=words: run(*words) for label, words in commands(str(plan)).items()}
        found = shuffled(runs, ROUNDS, warm=WARM)
        more = [{"x bare": found.ratio(label, BARE), "x bare, CPU": found.ratio(label, BARE, "cpu")} for label in found]
        bars = [(label.removesuffix(" plan.json"), 1000 * found.median(label)) for label in (BARE, *DRAWN)]
        part = Part(
            name="startup", title="Start-up", rounds=ROUNDS, began=began,
            tables={"Start-up": [found.row(label, **row) for label, row in zip(found, more, strict=True)]},
            targets=[Target(label, found.ratio(label, BARE), most, f"x {BARE}") for label, most in TARGETS.items()],
            panels=[panel("Start-up", "ms", bars)],
        )  # fmt: skip
        finish(part, name)


if __name__ == "__main__":
    main()
