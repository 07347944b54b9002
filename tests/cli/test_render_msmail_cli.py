"""``remedy render PLAN msmail``: golden steps for the one company, what lands in the folder, and what is refused."""

from pathlib import Path

import pytest

from remedy.ldif import dump_entry
from tests.active_directory import peopled_ad
from tests.conftest import ENTRIES, ROWS, as_csv, ldif, listed

HARD = (
    listed("NWTRADERS/CROWDED", users=500, postmaster=False),
    listed("NWTRADERS/NOTES", kind="ffapi"),
    listed("ABCDEFGHIJ/0123456789"),
)
SIDES = {
    "exchange55": lambda: ldif(ENTRIES),
    "active-directory": lambda: "version: 1\n\n" + "".join(map(dump_entry, peopled_ad(ENTRIES))),
}


@pytest.fixture
def planned(remedy):
    def plan(*words, side="exchange55", rows=(*ROWS, *HARD)):
        Path("company.ldif").write_text(SIDES[side](), encoding="utf-8")
        Path("rows.csv").write_text(as_csv(rows), encoding="utf-8")
        assert remedy("plan", "company.ldif", "rows.csv", *words, "-o", "plan.json").code == 0
        return "plan.json"

    return plan


@pytest.mark.parametrize("side", list(SIDES))
def test_golden(remedy, planned, golden, side):
    ran = remedy("render", planned("--strategy", "postoffice", side=side), "msmail", "-d", "out")
    assert ran.code == 0
    names = ran.out.splitlines()
    assert sorted(names) == sorted(str(path) for path in Path("out").rglob("*.txt"))
    data = {name: Path(name).read_bytes() for name in names}
    assert all(
        text.count(b"\n") == text.count(b"\r\n") == text.count(b"\r") and text.isascii() for text in data.values()
    )
    text = "".join(f"=== {name}\n{each.decode()}" for name, each in data.items()).replace("\r\n", "\n")
    golden(f"msmail-{side}.txt", text)


def test_both_resolutions_say_what_synchronisation_must_not_do(remedy, planned):
    remedy("render", planned("--strategy", "both", "--mailbox", "jdoe"), "msmail", "-d", "out")
    assert "(Q251152)" in Path("out/msmail/NWTRADERS-PO1/steps.txt").read_text()
    full = Path("out/msmail/WINGTIP-DEPOT/steps.txt").read_text()
    assert "select N for" in full
    assert "import" not in {path.stem for path in Path("out/msmail/WINGTIP-DEPOT").iterdir()}


def test_lines_fit_on_a_sheet_of_80_columns(remedy, planned, fits):
    remedy("render", planned("--strategy", "postoffice"), "msmail", "-d", "out")
    for path in Path("out").rglob("*.txt"):
        wide = [line for line in fits(path.read_text()) if "remedy survey" not in line]
        assert wide == [], path


def test_what_the_steps_tell_to_look_at_afterwards_is_read_as_said(remedy, planned):
    remedy("render", planned("--strategy", "postoffice"), "msmail", "-d", "out")
    assert "remedy verify NWTRADERS/PO1=AFTER.TXT" in Path("out/msmail/NWTRADERS-PO1/steps.txt").read_text()
    Path("AFTER.TXT").write_text("Name           ID number\r\nAdmin          00000000\r\nPOSTMASTER     00000004\r\n")
    ran = remedy("verify", "NWTRADERS/PO1=AFTER.TXT", "--format", "json")
    assert ran.code == 0
    assert [row["outcome"] for row in ran.json["postoffices"]] == ["delivers-until-full"]


def test_a_plan_without_steps_by_hand_says_which_strategy_makes_them(remedy, planned):
    ran = remedy("render", planned("--exclude", "WINGTIP/DEPOT"), "msmail", "-d", "out")
    assert ran.code == 1
    assert "--strategy postoffice, both or mixed" in ran.err
    assert not Path("out").exists()


def test_a_plan_of_steps_by_hand_alone_says_so_to_the_other_formats(remedy, planned):
    ran = remedy("render", planned("--strategy", "postoffice"), "ldif", "-d", "out")
    assert ran.code == 1
    assert "by hand: see msmail" in ran.err


def test_what_is_there_is_kept_unless_it_is_to_be_replaced(remedy, planned):
    plan = planned("--strategy", "postoffice")
    assert remedy("render", plan, "msmail", "-d", "out").code == 0
    assert remedy("render", plan, "msmail", "-d", "out").code == 0
    Path("out/msmail/README.txt").write_text("signed")
    ran = remedy("render", plan, "msmail", "-d", "out")
    assert ran.code == 4
    assert "--replace" in ran.err
    assert Path("out/msmail/README.txt").read_text() == "signed"
    assert remedy("render", plan, "msmail", "-d", "out", "--replace").code == 0
    assert "signed" not in Path("out/msmail/README.txt").read_text()
    assert not list(Path("out").rglob(".*"))


def test_a_template_of_ones_own(remedy, planned):
    plan, own = planned("--strategy", "postoffice"), Path("tpl/scripts/msmail/steps.txt.j2")
    own.parent.mkdir(parents=True)
    own.write_text("{{ task.postoffice | comment }}\n")
    ran = remedy("render", plan, "msmail", "-d", "out", "--templates", "tpl")
    assert (ran.code, "looked for" in ran.err) == (0, False)
    assert Path("out/msmail/NWTRADERS-PO1/steps.txt").read_bytes() == b"NWTRADERS/PO1\r\n"
    own.write_text("\n{{ task.postofice | comment }}\n")
    ran = remedy("render", plan, "msmail", "-d", "out2", "--templates", "tpl")
    assert (ran.code, Path("out2").exists()) == (1, False)
    assert "tpl/scripts/msmail/steps.txt.j2:2: " in ran.err


def test_a_folder_of_templates_that_does_nothing_is_said(remedy, planned):
    plan = planned("--strategy", "postoffice")
    assert remedy("render", plan, "msmail", "-d", "out", "--templates", "nosuch").code == 2
    Path("tpl/scripts/ldif").mkdir(parents=True)
    ran = remedy("render", plan, "msmail", "-d", "out", "--templates", "tpl")
    assert ran.code == 2
    assert "scripts/msmail/README.txt.j2" in ran.err
    Path("tpl/scripts/ldif/records.ldif.j2").write_text("")
    ran = remedy("render", plan, "msmail", "-d", "out", "--templates", "tpl")
    assert ran.code == 0
    assert (
        "tpl holds none of the templates that were looked for, so ours were used: scripts/msmail/README.txt.j2"
        in ran.err
    )
