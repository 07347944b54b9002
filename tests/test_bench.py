"""What the parts of `make bench` share: measuring, judging and keeping; what is measured is left to `make bench`."""

import json
import sys

import pytest

from bench import measuring, record
from bench.measuring import Rounds, Spent, run, short, shuffled, size, told
from bench.record import TIMES, Part, Target, finish, machine, number, panel


def rounds(**seconds):
    return Rounds({name: [Spent(each, each, 10.0) for each in found] for name, found in seconds.items()})


def part(*targets, **more):
    usual = {
        "name": "part",
        "title": "A part",
        "rounds": 3,
        "began": 0.0,
        "tables": {"Rows": [{"name": "a", "seconds": 1.0}]},
    }
    return Part(**usual | more, targets=list(targets))


def test_a_ratio_is_the_median_of_the_ratios_of_each_round():
    found = rounds(one=(1.0, 20.0, 3.0), other=(1.0, 10.0, 1.0))
    assert found.ratio("one", "other") == 2
    assert found.median("one") / found.median("other") == 3


def test_every_round_runs_everything_in_an_order_of_its_own():
    turns = []
    runs = {name: lambda turn, name=name: turns.append((turn, name)) or Spent(1.0, 1.0, 1.0) for name in "abcdef"}
    found = shuffled(runs, 3, warm=1)
    orders = ["".join(name for at, name in turns if at == turn) for turn in range(-1, 3)]
    assert {"".join(sorted(order)) for order in orders} == {"abcdef"}
    assert len(set(orders)) > 1
    assert all(len(each) == 3 for each in found.values())


def test_a_run_is_measured_alone():
    big = bytearray(64 << 20)
    spent = run(sys.executable, "-c", "import time; time.sleep(0.05)")
    assert spent.seconds >= 0.05
    assert spent.cpu < 10
    assert spent.mib < 40, len(big)


def test_what_a_run_prints_is_read_to_its_end():
    spent, said = told(sys.executable, "-c", "print('x' * 10**6); print('end')")
    assert said.endswith("x\nend\n")
    assert spent.mib > 0


def test_a_run_that_fails_is_no_measurement():
    with pytest.raises(AssertionError, match="what went wrong"):
        run(sys.executable, "-c", "import sys; sys.exit('what went wrong')")


def test_what_was_made_smaller_is_kept_in_mind(monkeypatch):
    monkeypatch.setattr(measuring, "SMALLER", {})
    monkeypatch.setenv("BENCH_A", "5")
    monkeypatch.setenv("BENCH_B", "50")
    assert [size("BENCH_A", 10), size("BENCH_B", 10), size("BENCH_C", 10)] == [5, 50, 10]
    assert measuring.SMALLER == {"BENCH_A": 5}


@pytest.mark.parametrize(
    ("count", "said"), [(300, "300"), (5_000, "5 k"), (250_000, "250 k"), (1_000_000, "1 M"), (1_500_000, "1.5 M")]
)
def test_short_counts(count, said):
    assert short(count) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0123, "0.012"), (1.234, "1.23"), (12.34, "12.3"), (1234.5, "1,234"), (5000, "5,000"), ("x", "x")],
)
def test_numbers(value, said):
    assert number(value) == said


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target("a", 3.0, 0.75, "x grep"), ("a", f"3.00 {TIMES}grep", "≤ 0.75", "missed, reached 25%")),
        (Target("a", 0.75, 0.75, "x grep"), ("a", f"0.75 {TIMES}grep", "≤ 0.75", "met")),
        (
            Target("a", 15.0, 30, "x as fast as b", most=False),
            ("a", f"15.0 {TIMES}as fast as b", "≥ 30", "missed, reached 50%"),
        ),
        (Target("a", 30.0, 30, most=False), ("a", "30.0", "≥ 30", "met")),
        (Target("a", 0, 0, "not found"), ("a", "0 not found", "≤ 0", "met")),
        (Target("a", 2.001, 2), ("a", "2.00", "≤ 2", "missed, reached 99%")),
        (Target("a", 2, 0, "not found"), ("a", "2 not found", "≤ 0", "missed, reached 0%")),
    ],
)
def test_a_target_is_met_or_missed_in_words(target, words):
    assert target.words() == words


def test_what_was_found_is_shown_and_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(record, "RESULTS", tmp_path / "results")
    with pytest.raises(SystemExit) as ended:
        finish(part(Target("a", 1.0, 2), Target("b", 3.0, 2), panels=[panel("P", "s", [("remedy", 1.0)])]), tmp_path)
    assert ended.value.code == 1
    kept = json.loads((tmp_path / "results" / "part.json").read_text(encoding="utf-8"))
    assert [target["met"] for target in kept["targets"]] == [True, False]
    assert kept["tables"] == {"Rows": [{"name": "a", "seconds": 1.0}]}
    assert kept["panels"][0]["bars"] == [{"label": "remedy", "value": 1.0, "ours": True}]
    shown = capsys.readouterr().out
    assert "medians of 3 rounds" in shown
    assert "missed, reached 66%" in shown


def test_a_part_that_meets_everything_ends_well(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    with pytest.raises(SystemExit) as ended:
        finish(part(Target("a", 1.0, 2)), tmp_path)
    assert ended.value.code == 0


def test_the_machine_is_named(tmp_path):
    told = machine(tmp_path)
    assert set(told) == {"cpu", "cores", "memory_gib", "kernel", "python", "filesystem"}
    assert all(told.values())
