"""``remedy verify``, seen from outside (contract: `remedy verify`, exit code 3)."""

import json
import re
from pathlib import Path

import pytest

from remedy.demo import sample

EXPORT = sample("fabrikam.ldif")
SAMPLES = ("fabrikam.ldif", "postoffices.csv")
SITE = "cn=Recipients,ou=SEATTLE,o=FABRIKAM"
ALLOWED = ("--yes", "--allow", "dirsync-wipe", "--allow", "creates-mailbox")
DELIVERS = {"delivers", "delivers-until-full"}
PILOT = ("--include", "NWTRADERS/*")
"""Of WINGTIP, SALES is held twice and nobody knows about TOYS."""

VALUE = "otherMailbox: ms$NWTRADERS/PO1/POSTMASTER\n"


def edit(old, new, name="fabrikam.ldif"):
    text = Path(name).read_text()
    assert old in text, old
    Path(name).write_text(text.replace(old, new))


def outcomes(ran):
    return {row["postoffice"]: row["outcome"] for row in ran.json["postoffices"]}


def landed(ran):
    return {change["id"]: change["landed"] for change in ran.json["changes"]}


@pytest.fixture
def verify(remedy):
    def run(*words):
        return remedy("verify", *words, "--format", "json")

    return run


@pytest.fixture
def applied(remedy):
    """Plan and apply on the sample."""

    def do(*words):
        assert remedy("plan", *SAMPLES, *words, "-o", "plan.json").code == 0
        assert remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED).code == 0

    return do


# --- Exit code and rows ------------------------------------------------------------------------------------------------


def test_before_the_plan_is_applied_it_is_3(verify):
    ran = verify(*SAMPLES, *PILOT)
    assert ran.code == 3
    assert {name for name, outcome in outcomes(ran).items() if outcome not in DELIVERS} - {"NWTRADERS/LAB"} == {
        f"NWTRADERS/{name}" for name in ("BRANCH", "OLDPO", "PO1", "PO2", "PO3")
    }
    assert ran.json["changes"] == []


def test_after_it_every_one_delivers_and_it_is_0(verify, applied):
    applied()
    ran = verify(*SAMPLES, *PILOT, "--plan", "plan.json")
    assert ran.code == 0
    assert {outcome for name, outcome in outcomes(ran).items() if name != "NWTRADERS/LAB"} <= DELIVERS
    assert landed(ran) == {"c1": True}


def test_without_a_plan_it_is_the_outcomes_alone(verify, applied):
    applied()
    assert verify(*SAMPLES, *PILOT).code == 0
    assert verify(*SAMPLES).code == 3, "WINGTIP/SALES is held twice, nobody knows about TOYS"


@pytest.mark.parametrize(("name", "code"), [("SALES", 3), ("TOYS", 3), ("WAREHOUSE1", 0)])
def test_each_outcome_has_its_code(verify, name, code):
    assert verify(*SAMPLES, "--include", f"WINGTIP/{name}").code == code


def test_errors_among_the_findings_do_not_count(verify, applied):
    applied()
    ran = verify(*SAMPLES, "--include", "NWTRADERS/PO2")
    assert [finding["code"] for finding in ran.json["findings"] if finding["severity"] == "error"]
    assert ran.code == 0, "exit by outcomes only"


def test_a_skipped_postoffice_does_not_count_and_is_said(verify, remedy):
    assert verify(*SAMPLES, "--include", "NWTRADERS/LAB").code == 0
    assert "skipped" in remedy("verify", *SAMPLES, "--include", "NWTRADERS/LAB").out


def test_a_skipped_postoffice_is_not_counted_as_failing(remedy, applied):
    applied()
    text = remedy("verify", *SAMPLES, *PILOT).out
    assert "8 of 9" not in text
    (row,) = [line for line in text.splitlines() if line.startswith("NWTRADERS/LAB")]
    assert "skipped" in row


def test_the_keys_are_those_of_the_contract(verify, applied):
    applied()
    document = verify(*SAMPLES, "--plan", "plan.json").json
    assert document["schema"] == "remedy/verify/1"
    assert set(document) == {"schema", "postoffices", "changes", "findings", "summary"}
    assert all(set(row) >= {"postoffice", "outcome"} for row in document["postoffices"])
    assert all(set(row) >= {"id", "landed"} for row in document["changes"])
    assert all(row["landed"] in {True, False} for row in document["changes"])
    assert all(set(row) >= {"code", "severity", "subject", "message", "fix"} for row in document["findings"])
    survey = [row["address"] for row in json.loads(Path("plan.json").read_text())["postoffices"]]
    assert [row["postoffice"] for row in document["postoffices"]] == survey


def test_the_outcomes_are_those_of_trace(verify, remedy, applied):
    applied()
    traces = remedy("trace", *SAMPLES, "--format", "json").json["traces"]
    told = {trace["postoffice"]: trace["before"]["outcome"] for trace in traces}
    ran = verify(*SAMPLES)
    assert outcomes(ran) == {name: told[name] for name in outcomes(ran)}


# --- Has it landed? ------------------------------------------------------------------------------------------------------


def test_a_change_not_carried_out_has_not_landed(verify, remedy):
    remedy("plan", *SAMPLES, "-o", "plan.json")
    ran = verify(*SAMPLES, *PILOT, "--plan", "plan.json")
    assert (ran.code, landed(ran)) == (3, {"c1": False})


def test_a_change_somebody_undid_has_not_landed(verify, applied):
    applied()
    edit(VALUE, "")
    ran = verify(*SAMPLES, *PILOT, "--plan", "plan.json")
    assert (ran.code, landed(ran)) == (3, {"c1": False})


def test_all_deliver_but_not_by_this_plan_is_3(verify, applied):
    applied()
    edit(VALUE, "")
    edit("otherMailbox: ms$OLDNET/OLDPO/JDOE\n", f"otherMailbox: ms$OLDNET/OLDPO/JDOE\n{VALUE}")
    assert verify(*SAMPLES, *PILOT).code == 0
    ran = verify(*SAMPLES, *PILOT, "--plan", "plan.json")
    assert (ran.code, landed(ran)) == (3, {"c1": False})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (VALUE, VALUE.lower().replace("othermailbox", "otherMailbox")),
        (VALUE, "otherMailbox:: bXMkTldUUkFERVJTL1BPMS9QT1NUTUFTVEVS\n"),
        (f"dn: cn=Postmaster,{SITE}", "dn: CN=POSTMASTER, CN=RECIPIENTS,OU=SEATTLE,O=FABRIKAM"),
    ],
    ids=["case", "base64", "name"],
)
def test_another_spelling_has_landed(verify, applied, old, new):
    applied()
    edit(old, new)
    ran = verify(*SAMPLES, *PILOT, "--plan", "plan.json")
    assert (ran.code, landed(ran)) == (0, {"c1": True})


def test_a_sink_that_is_gone_has_nothing(verify, applied):
    applied()
    edit(f"dn: cn=Postmaster,{SITE}", f"dn: cn=Chief,{SITE}")
    ran = verify(*SAMPLES, *PILOT, "--plan", "plan.json")
    assert (ran.code, landed(ran)) == (3, {"c1": False})


def test_a_new_mailbox_has_landed_or_not(verify, remedy, applied):
    applied("--new-mailbox", "GATE")
    ran = verify(*SAMPLES, *PILOT, "--plan", "plan.json")
    assert (ran.code, landed(ran)) == (0, {"c1": True})
    remedy("rollback", "plan.json.journal", "fabrikam.ldif", "--yes")
    ran = verify(*SAMPLES, *PILOT, "--plan", "plan.json")
    assert (ran.code, landed(ran)) == (3, {"c1": False})


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (VALUE, VALUE + "otherMailbox: ms$X/Y/POSTMASTER\n", "ms$X/Y/POSTMASTER"),
        ("otherMailbox: ms$NWTRADERS/PO4/POSTMASTER\n", "", "PO4/POSTMASTER"),
    ],
    ids=["came", "went"],
)
def test_what_moved_besides_is_a_finding(verify, applied, old, new, word):
    applied()
    before = {finding["message"] for finding in verify(*SAMPLES, "--plan", "plan.json").json["findings"]}
    edit(old, new)
    ran = verify(*SAMPLES, "--plan", "plan.json")
    assert landed(ran) == {"c1": True}
    more = [finding for finding in ran.json["findings"] if finding["message"] not in before]
    assert any(word in finding["message"] for finding in more if "besides" in finding["code"]), more


def test_nothing_moved_besides_after_a_plain_apply(verify, applied):
    applied()
    assert "besides" not in verify(*SAMPLES, "--plan", "plan.json").out


def test_what_has_not_landed_has_not_moved_besides(verify, applied):
    applied()
    edit(VALUE, "")
    findings = verify(*SAMPLES, "--plan", "plan.json").json["findings"]
    assert [finding for finding in findings if "besides" in finding["code"] and "PO1" in finding["message"]] == []


def test_a_plan_of_steps_by_hand_goes_by_the_outcomes(verify, remedy):
    remedy("plan", *SAMPLES, "--strategy", "postoffice", "-o", "plan.json")
    ran = verify(*SAMPLES, *PILOT, "--plan", "plan.json")
    assert (ran.code, landed(ran)) == (3, {})
    edit("NWTRADERS,PO3,msmail,,", "NWTRADERS,PO3,msmail,yes,", "postoffices.csv")
    assert outcomes(verify(*SAMPLES, *PILOT))["NWTRADERS/PO3"] == "delivers-until-full"


# --- Faults of use -------------------------------------------------------------------------------------------------------


def test_wrong_usage_is_2(remedy, here):
    assert remedy("verify").code == 2
    assert remedy("verify", "fabrikam.ldif", "--plan", "").code == 2
    assert remedy("verify", "fabrikam.ldif", "--format", "xml").code == 2


def test_a_plan_that_is_none_is_1_and_an_edited_one_5(remedy, here):
    assert remedy("verify", "fabrikam.ldif", "--plan", "nosuch").code == 1
    assert remedy("verify", "fabrikam.ldif", "--plan", "fabrikam.ldif").code == 1
    remedy("plan", *SAMPLES, "-o", "plan.json")
    edit("PO1/POSTMASTER", "PO9/POSTMASTER", "plan.json")
    ran = remedy("verify", "fabrikam.ldif", "--plan", "plan.json")
    assert ran.code == 5
    assert "digest" in ran.err


def test_sources_without_a_postoffice_are_refused(remedy, here):
    Path("empty.ldif").write_text("")
    Path("none.ldif").write_text("dn: o=X\no: X\n")
    assert [remedy("verify", name).code for name in ("empty.ldif", "none.ldif", "nosuch.ldif")] == [4, 4, 1]
    assert remedy("verify", *SAMPLES, "--include", "NO/*").code == 4


def test_it_reads_standard_input_and_leaves_nothing_behind(remedy, applied):
    applied()
    listed = sorted(path.name for path in Path().iterdir())
    data = Path("fabrikam.ldif").read_bytes()
    words = ("postoffices.csv", *PILOT, "--plan", "plan.json", "--format", "json")
    assert remedy("verify", "-", *words, stdin=data).json == remedy("verify", "fabrikam.ldif", *words).json
    assert sorted(path.name for path in Path().iterdir()) == listed


# --- Wording -------------------------------------------------------------------------------------------------------------


def test_the_table_says_outcomes_changes_and_the_sum(remedy, applied, golden, fits):
    applied()
    ran = remedy("verify", *SAMPLES, "--plan", "plan.json")
    assert (ran.code, ran.err) == (3, "")
    assert re.search(r"(?m)^NWTRADERS/PO1 +delivers$", ran.out)
    assert re.search(r"c1 .*landed", ran.out)
    assert fits(ran.out) == []
    golden("verify.txt", ran.out)


def test_a_value_that_has_not_landed_is_named(remedy, applied):
    applied()
    edit(VALUE, "")
    out = remedy("verify", *SAMPLES, "--plan", "plan.json").out
    assert "not landed" in out
    assert "ms$NWTRADERS/PO1/POSTMASTER" in out, "which value of the five is missing?"


def test_help_fits_80_columns(remedy, here, fits):
    assert fits(remedy("verify", "--help").out) == []
