"""What the parts of `make bench` share: measuring, judging and keeping; what is measured is left to `make bench`."""

import json
import sys
import xml.etree.ElementTree as ET

import pytest

from bench import measuring, record, report
from bench.measuring import Rounds, Spent, run, short, shuffled, size, told
from bench.plot import LONGEST, WIDTH, drawn
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


PANELS = [
    panel("Survey of <1 M> entries", "s", [("remedy survey", 2.0), ("grep & co", 8.0), ("cat", 0.0)]),
    panel("Start-up", "ms", [("python -c pass", 10.0), ("remedy --help", 20.0)]),
    panel("Nothing to see", "s", [("remedy", 0.0)]),
]
SVG = "{http://www.w3.org/2000/svg}"


def results(folder, *, smaller=None, missed=False, commit="abc"):
    for name in ("startup", "exports", "other"):
        kept = {
            "part": name, "title": name.title(), "date": "2026-11-28", "commit": commit, "rounds": 3, "minutes": 1.5,
            "smaller": smaller or {}, "panels": PANELS,
            "machine": {"cpu": "C", "cores": 2, "memory_gib": 4.0, "kernel": "Linux 6", "python": "3.11", "filesystem": "ext4"},
            "targets": [
                {"what": f"{name} a|b", "found": 3.0 if missed else 0.5, "goal": 1, "unit": "x grep", "most": True, "met": True, "near": 1},
            ],
        }  # fmt: skip
        (folder / f"{name}.json").write_text(json.dumps(kept), encoding="utf-8")


def test_bars_begin_at_zero_and_are_as_long_as_what_they_show():
    root = ET.fromstring(drawn(PANELS, ["a machine"]))
    bars = [bar for bar in root.iter(f"{SVG}rect") if bar.get("height") == "14"]
    lengths = [float(bar.get("width")) for bar in bars]
    assert lengths[0] * 4 == lengths[1]
    assert lengths[2] == lengths[5] == 0
    assert lengths[3] * 2 == lengths[4]
    assert [bar.get("class") for bar in bars] == ["us", "peer", "peer", "peer", "us", "us"]
    assert len({bar.get("x") for bar in bars[:3]}) == 1


def test_the_picture_says_in_words_what_it_shows_and_is_the_same_each_time():
    picture = drawn(PANELS, ["a machine " * 30])
    root = ET.fromstring(picture)
    assert "Survey of <1 M> entries: remedy survey 2.00 s; grep & co 8.00 s" in root.find(f"{SVG}desc").text
    assert root.find(f"{SVG}title").text
    assert int(root.get("width")) == WIDTH <= 880
    assert picture == drawn(PANELS, ["a machine " * 30])


def test_nothing_overlaps_and_nothing_is_outside():
    root = ET.fromstring(drawn(PANELS * 2, ["a machine " * 30]))
    places = [(float(text.get("x")), float(text.get("y"))) for text in root.iter(f"{SVG}text")]
    assert len(set(places)) == len(places)
    assert all(0 < x < WIDTH and 0 < y < int(root.get("height")) for x, y in places)


@pytest.mark.parametrize("kind", ["label", "title"])
def test_a_text_that_may_not_fit_is_refused(kind):
    long = "x" * (LONGEST[kind] + 1)
    with pytest.raises(ValueError, match="may have"):
        drawn([panel(long if kind == "title" else "t", "s", [(long if kind == "label" else "l", 1.0)])], [])


def test_the_readme_has_a_place_for_the_results():
    text = report.README.read_text(encoding="utf-8")
    before, after = text.split(report.BEGIN)[0], text.split(report.END)[1]
    assert report.renewed(text, "new") == f"{before}{report.BEGIN}\nnew\n{report.END}{after}"
    assert report.renewed(report.renewed(text, "old"), "new") == report.renewed(text, "new")
    with pytest.raises(ValueError, match="bench:begin"):
        report.renewed("no place", "new")


@pytest.mark.parametrize("missed", [False, True])
def test_the_report_renews_the_readme(tmp_path, monkeypatch, capsys, missed):
    readme, folder = tmp_path / "README.md", tmp_path / "results"
    folder.mkdir()
    readme.write_text(f"a\n{report.BEGIN}\nold\n{report.END}\nb\n", encoding="utf-8")
    for where, name, value in (
        (report, "README", readme),
        (report, "ROOT", tmp_path),
        (record, "RESULTS", folder),
        (record, "USUAL", folder),
    ):
        monkeypatch.setattr(where, name, value)
    results(folder, missed=missed)
    with pytest.raises(SystemExit) as ended:
        report.main()
    text = readme.read_text(encoding="utf-8")
    assert ended.value.code == missed
    assert text.index("**Exports**") < text.index("**Startup**") < text.index("**Other**")
    assert "](results/speed.svg)" in text
    assert "C, 2 cores, 4.0 GiB, Linux 6, Python 3.11, ext4; 2026-11-28, commit abc." in text
    verdict = f"3.00 {TIMES}grep | ≤ 1 | **missed, reached 33%** |" if missed else f"0.50 {TIMES}grep | ≤ 1 | met |"
    assert f"| exports a\\|b | {verdict}" in text
    assert (folder / "speed.svg").is_file()
    assert ("0 met, 3 missed" if missed else "3 met, 0 missed") in capsys.readouterr().out


def test_small_results_stay_out_of_the_readme(tmp_path, monkeypatch, capsys):
    for where, name, value in (
        (report, "README", tmp_path / "none"),
        (record, "RESULTS", tmp_path),
        (record, "USUAL", tmp_path),
    ):
        monkeypatch.setattr(where, name, value)
    results(tmp_path, smaller={"BENCH_LARGE": 5})
    with pytest.raises(SystemExit):
        report.main()
    assert "left as it is: BENCH_LARGE=5" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()


def test_results_of_another_folder_stay_out_of_the_readme(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    results(tmp_path)
    with pytest.raises(SystemExit):
        report.main()
    assert "left as it is: it shows bench/results" in capsys.readouterr().out


def test_parts_of_different_days_say_so(tmp_path):
    results(tmp_path)
    parts = report.read(tmp_path)
    parts[0]["commit"] = "def dirty"
    assert report.said(parts, report.times_of) == (
        "2026-11-28, commit def dirty (exports); 2026-11-28, commit abc (startup, other)"
    )
