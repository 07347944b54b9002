"""``remedy trace``: the walk before and after, and how it ends (contract: `remedy trace`)."""

import re
from pathlib import Path

import pytest

SAMPLES = ("fabrikam.ldif", "postoffices.csv")
WANT = {
    "NWTRADERS/BRANCH": "loops", "NWTRADERS/HUBPO": "delivers-until-full", "NWTRADERS/LAB": "loops",
    "NWTRADERS/OLDPO": "loops", "NWTRADERS/PO1": "loops", "NWTRADERS/PO2": "loops", "NWTRADERS/PO3": "loops",
    "NWTRADERS/PO4": "delivers", "NWTRADERS/PO5": "delivers", "WINGTIP/SALES": "ambiguous", "WINGTIP/TOYS": "unknown",
    "WINGTIP/WAREHOUSE1": "delivers-until-full", "FABRIKAM/SEATTLE": "loops",
}  # fmt: skip


def test_the_sample_as_a_table(remedy, golden, fits):
    ran = remedy("trace", *SAMPLES)
    assert (ran.code, ran.err) == (3, "")
    assert fits(ran.out) == []
    golden("trace.txt", ran.out)


def test_the_sample_after_the_plan(remedy, golden):
    remedy("plan", *SAMPLES, "-o", "plan.json")
    ran = remedy("trace", *SAMPLES, "--plan", "plan.json")
    assert ran.code == 3, "a conflict and an unknown remain"
    golden("trace-after.txt", ran.out)


def test_the_table_after_a_plan_fits_80_columns(remedy, fits):
    remedy("plan", *SAMPLES, "-o", "plan.json")
    assert fits(remedy("trace", *SAMPLES, "--plan", "plan.json").out) == []


def test_the_sample_as_markdown(remedy, golden):
    golden("trace.md", remedy("trace", *SAMPLES, "--format", "markdown").out)


@pytest.mark.parametrize(("form", "name"), [("markdown", "trace-after.md"), ("html", "trace-after.html")])
def test_the_pictures_of_the_sample(remedy, golden, form, name):
    remedy("plan", *SAMPLES, "-o", "plan.json")
    ran = remedy("trace", *SAMPLES, "--plan", "plan.json", "--format", form)
    assert (ran.code, ran.err) == (3, "")
    golden(name, re.sub("(?s)(?<=<style>\n).*(?=</style>)", "", ran.out))


def test_html_is_one_page_that_fetches_nothing_and_names_every_postoffice(remedy):
    page = remedy("trace", *SAMPLES, "--format", "html").out
    assert page.startswith("<!DOCTYPE html>")
    assert "Content-Security-Policy" in page
    assert not re.search(
        r"(?i)<(?:script|link|img|iframe|image|use)\b|\bon[a-z]+=|(?:src|href)=\"(?!#)|@import|url\(|://", page
    )
    assert not re.search(r"<svg[^<]* id=|<g[^<]* id=", page)
    assert all(f"<code>{name}</code>" in page for name in WANT)


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_hostile_names_are_text_in_pictures(remedy, estate, form):
    evil = r"cn=\<script\>alert(1)\</script\>\, `x` | \"\]\; click a1,cn=Recipients,ou=SEATTLE,o=FABRIKAM"
    name = estate(("dn: cn=Postmaster,cn=Recipients,ou=SEATTLE,o=FABRIKAM", f"dn: {evil}"))
    page = remedy("trace", name, "--format", form).out
    pictures = re.findall("(?s)```mermaid\n.*?\n```" if form == "markdown" else "(?s)<svg.*?</svg>", page)
    assert any("alert" in picture for picture in pictures)
    assert "<script" not in (page if form == "html" else "".join(pictures)).lower()
    assert not any('"];' in picture for picture in pictures)


def test_json_has_the_keys_of_the_contract(remedy):
    document = remedy("trace", *SAMPLES, "--format", "json").json
    assert document["schema"] == "remedy/trace/1"
    for item in document["traces"]:
        assert {"postoffice", "before", "after", "msmail_side"} <= set(item)
        assert item["after"] is None
        assert {"outcome", "path"} <= set(item["before"])
        assert {"outcome", "path"} <= set(item["msmail_side"])
        assert item["before"]["path"], "the way is the witness"
    assert {item["postoffice"]: item["before"]["outcome"] for item in document["traces"]} == WANT


def test_a_loop_shows_its_cycle(remedy):
    (item,) = remedy("trace", *SAMPLES, "--po", "NWTRADERS/PO1", "--format", "json").json["traces"]
    places = [step["at"] for step in item["before"]["path"]]
    assert places[0] == places[-1], "round and round"
    assert len(set(places)) == len(places) - 1


def test_the_shadow_postoffice_has_a_row_of_its_own(remedy):
    ran = remedy("trace", *SAMPLES)
    assert "FABRIKAM/SEATTLE (Exchange)" in ran.out


@pytest.mark.parametrize("name", ["NWTRADERS/PO1", "nwtraders/po1", "NwTraders/Po1"])
def test_a_postoffice_is_named_without_case(remedy, name):
    ran = remedy("trace", *SAMPLES, "--po", name, "--format", "json")
    assert [item["postoffice"] for item in ran.json["traces"]] == ["NWTRADERS/PO1"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("NWTRADERS/PO1", 3), ("NWTRADERS/PO4", 0), ("NWTRADERS/HUBPO", 0), ("WINGTIP/SALES", 3), ("WINGTIP/TOYS", 3),
        ("NWTRADERS/LAB", 0),
    ],
)  # fmt: skip
def test_the_exit_code_goes_by_the_outcome(remedy, name, code):
    assert remedy("trace", *SAMPLES, "--po", name).code == code


def test_options_repeat(remedy):
    ran = remedy("trace", *SAMPLES, "--po", "NWTRADERS/PO5", "--po", "NWTRADERS/PO4", "--format", "json")
    assert ran.code == 0
    assert {item["postoffice"] for item in ran.json["traces"]} == {"NWTRADERS/PO4", "NWTRADERS/PO5"}
    only = remedy("trace", *SAMPLES, "--include", "WINGTIP/*", "--exclude", "*/T*", "--format", "json").json["traces"]
    assert {item["postoffice"] for item in only} - {"FABRIKAM/SEATTLE"} == {"WINGTIP/SALES", "WINGTIP/WAREHOUSE1"}


@pytest.mark.parametrize(
    "name", ["", "NWTRADERS", "NWTRADERS/TOOLONGNAME", "NWTRADERS/PO1/POSTMASTER", "NW TRADERS/PO1", "/", "N/\x1b[2J"]
)
def test_what_is_no_name_is_wrong_usage(remedy, name):
    assert remedy("trace", "fabrikam.ldif", "--po", name).code == 2


def test_a_postoffice_that_no_source_shows_is_refused(remedy):
    ran = remedy("trace", *SAMPLES, "--po", "NWTRADERS/NOPE")
    assert ran.code == 4
    assert "NWTRADERS/NOPE" in ran.err


def test_the_plan_makes_the_difference(remedy):
    remedy("plan", *SAMPLES, "-o", "plan.json")
    ran = remedy("trace", *SAMPLES, "--plan", "plan.json", "--po", "NWTRADERS/PO1", "--format", "json")
    (item,) = ran.json["traces"]
    assert (ran.code, item["before"]["outcome"], item["after"]["outcome"]) == (0, "loops", "delivers")
    assert item["msmail_side"]["outcome"] != "delivers", "a proxy does not help mail from Microsoft Mail (Q164456)"


def test_without_the_change_the_loop_is_back(remedy):
    remedy("plan", *SAMPLES, "--include", "*/PO2", "-o", "plan.json")
    items = remedy("trace", *SAMPLES, "--plan", "plan.json", "--format", "json").json["traces"]
    ends = {item["postoffice"]: item["after"]["outcome"] for item in items}
    assert (ends["NWTRADERS/PO1"], ends["NWTRADERS/PO2"]) == ("loops", "delivers")


def test_a_plan_that_the_sources_do_not_fit_is_stale(remedy, estate):
    remedy("plan", *SAMPLES, "-o", "plan.json")
    ran = remedy("trace", "postoffices.csv", "--plan", "plan.json")
    assert ran.code == 5
    assert "cn=Postmaster" in ran.err
    taken = "\ndn: cn=thief,cn=Recipients,ou=SEATTLE,o=FABRIKAM\nobjectClass: organizationalPerson\nuid: thief\nHome-MDB: cn=x\notherMailbox: ms$NWTRADERS/PO1/POSTMASTER\n"
    ran = remedy("trace", estate(end=taken), "postoffices.csv", "--plan", "plan.json")
    assert ran.code in {3, 5}, "somebody else holds it meanwhile"


@pytest.mark.parametrize(("name", "code"), [("nosuch.json", 1), ("fabrikam.ldif", 1), ("", 2)])
def test_what_is_no_plan(remedy, name, code):
    assert remedy("trace", "fabrikam.ldif", "--plan", name).code == code


def test_standard_input_serves_once(remedy):
    remedy("plan", *SAMPLES, "-o", "plan.json")
    plan = Path("plan.json").read_bytes()
    assert remedy("trace", *SAMPLES, "--plan", "-", "--po", "NWTRADERS/PO1", stdin=plan).code == 0
    assert remedy("trace", "-", "--plan", "-", stdin=plan).code == 2


def test_skipped_postoffices_do_not_count(remedy, inventory):
    assert remedy("trace", inventory("NWTRADERS,PO1,,,,,skip", "NWTRADERS,PO2,,yes,0")).code == 0
