"""``remedy demo``: the whole job on a sample estate (contract: default ./remedy-demo, must be empty or absent)."""

from pathlib import Path

import pytest

from remedy.demo import write_sample


def names(folder):
    """Give the names of what lies in a folder."""
    return [path.name for path in Path(folder).iterdir()]


def test_it_tells_the_whole_story(remedy, golden):
    ran = remedy("demo")
    assert ran.code == 0
    assert "loops" in ran.out
    assert "delivers" in ran.out
    assert [line for line in ran.out.splitlines() if line.startswith("$ remedy ")]
    golden("demo.txt", ran.out)


def test_its_commands_do_the_same_by_hand(remedy, monkeypatch):
    out = remedy("demo").out
    write_sample("by-hand")
    monkeypatch.chdir("by-hand")
    for line in (line for line in out.splitlines() if line.startswith("$ remedy ")):
        ran = remedy(*line.removeprefix("$ remedy ").split())
        assert ran.code in {0, 3}
        assert ran.out in out, line


def test_the_folder_can_be_named_and_may_be_there_but_empty(remedy):
    Path("here/and/there").mkdir(parents=True)
    assert remedy("demo", "here/and/there").code == 0
    assert {"fabrikam.ldif", "postoffices.csv", "plan.json"} <= set(names("here/and/there"))
    assert not Path("remedy-demo").exists()
    assert remedy("demo", "new/folder").code == 0


@pytest.mark.parametrize("name", ["full", "fabrikam.ldif"])
def test_what_is_there_is_never_written_over(remedy, name):
    Path("full").mkdir()
    Path("full/mine.txt").write_text("mine")
    before = Path("fabrikam.ldif").read_bytes()
    ran = remedy("demo", name)
    assert ran.code == 4
    assert name in ran.err
    assert names("full") == ["mine.txt"]
    assert Path("fabrikam.ldif").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_1(remedy):
    assert remedy("demo", "fabrikam.ldif/folder").code == 1


def test_a_second_demo_is_refused_and_leaves_the_first_alone(remedy):
    remedy("demo")
    before = {name: Path("remedy-demo", name).read_bytes() for name in names("remedy-demo")}
    assert remedy("demo").code == 4
    assert {name: Path("remedy-demo", name).read_bytes() for name in names("remedy-demo")} == before


def test_it_comes_back_to_the_folder_it_was_called_in(remedy, here):
    remedy("demo")
    assert Path.cwd() == here


def test_the_demo_fits_80_columns(remedy, fits):
    assert fits(remedy("demo").out, but=("+ ", "$ ", "== ")) == []
