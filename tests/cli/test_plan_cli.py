"""``remedy plan``: the choice, the change set, the file, the gates (contract: `remedy plan`, Findings and hazards)."""

import hashlib
import json
import os
import re
import stat
from pathlib import Path

import pytest

from remedy.demo import sample

EXPORT = sample("fabrikam.ldif")
SAMPLES = ("fabrikam.ldif", "postoffices.csv")
SITE = "cn=Recipients,ou=SEATTLE,o=FABRIKAM"
HOME = "cn=Microsoft Private MDB,cn=EXSRV1,cn=Servers,cn=Configuration,ou=SEATTLE,o=FABRIKAM"
POSTMASTER = f"cn=Postmaster,{SITE}"
KEYS = {
    "digest", "dialect", "strategy", "options", "estate", "sinks", "changes", "manual", "hazards", "postoffices",
    "traces", "findings", "summary",
}  # fmt: skip


def mailbox(alias, *values):
    lines = [f"dn: cn={alias},{SITE}", "objectClass: organizationalPerson", f"uid: {alias}", f"Home-MDB: {HOME}"]
    return "\n" + "\n".join([*lines, *(f"otherMailbox: {value}" for value in values)]) + "\n"


def record(name):
    """One record of the sample, comments and all."""
    start = EXPORT.index(f"dn: cn={name},")
    return EXPORT[start : EXPORT.index("\n\n", start) + 2]


NO_SINK = ((record("Postmaster"), ""), (record("wtadmin"), ""), (record("wtsales"), ""))
"""Without them no mailbox holds a postmaster address, and none is called so."""


def hazards(ran):
    return [hazard["name"] for hazard in ran.json["hazards"]]


# --- Forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "name"), [("text", "plan.txt"), ("ldif", "plan.ldif"), ("json", "plan.json"), ("markdown", "plan.md")]
)
def test_the_plan_of_the_sample_in_each_form(remedy, golden, form, name):
    ran = remedy("plan", *SAMPLES, "--format", form)
    assert (ran.code, ran.err) == (0, "")
    golden(name, ran.out)


def test_the_first_lines_are_the_choice_and_its_reason(remedy):
    first = " ".join(remedy("plan", *SAMPLES).out.split("\n\n")[0].split())
    assert POSTMASTER in first
    assert "already holds" in first


def test_the_text_fits_80_columns(remedy, fits):
    for words in ((), ("--strategy", "both"), ("--new-mailbox", "GATE"), ("--max-proxies", "4")):
        assert fits(remedy("plan", *SAMPLES, *words).out, but=("+ ", "- ")) == []


def test_the_file_is_what_json_prints_and_stdout_follows_the_format(remedy):
    printed = remedy("plan", *SAMPLES, "--format", "json").out
    written = remedy("plan", *SAMPLES, "-o", "plan.json", "--format", "ldif")
    assert Path("plan.json").read_bytes() == printed.encode()
    assert written.out == remedy("plan", *SAMPLES, "--format", "ldif").out
    assert "plan.json" in written.err
    assert remedy("plan", *SAMPLES, "-o", "-").out == printed


def test_json_has_the_keys_of_the_contract(remedy):
    document = remedy("plan", *SAMPLES, "--strategy", "both", "--format", "json").json
    assert document["schema"] == "remedy/plan/1"
    assert set(document) == KEYS | {"schema"}
    assert {"sites", "domain", "version"} <= set(document["estate"])
    assert all({"dn", "action", "reason", "proxies"} <= set(item) for item in document["sinks"])
    keys = {"id", "dn", "action", "reason", "postoffices", "expects", "before", "ldif", "undo"}
    assert all(keys <= set(item) for item in document["changes"])
    assert all({"postoffice", "text"} <= set(item) for item in document["manual"])
    assert all({"name", "detail"} <= set(item) for item in document["hazards"])
    assert document["postoffices"] == remedy("survey", *SAMPLES, "--format", "json").json["postoffices"]


def test_the_digest_is_of_everything_else_in_canonical_json(remedy):
    document = remedy("plan", *SAMPLES, "--format", "json").json
    rest = {key: value for key, value in document.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert document["digest"].removeprefix("sha256:") == hashlib.sha256(text.encode()).hexdigest()


def test_the_ldif_is_the_forward_change_of_rfc_2849(remedy):
    text = remedy("plan", *SAMPLES, "--format", "ldif").out
    assert text.startswith("version: 1\n")
    assert re.findall(r"(?m)^dn: (.*)$", text) == [POSTMASTER]
    assert re.findall(r"(?m)^(changetype|add|delete|replace): ?(.*)$", text) == [
        ("changetype", "modify"),
        ("add", "otherMailbox"),
    ]
    assert re.findall(r"(?m)^otherMailbox: (.*)$", text) == [
        f"ms$NWTRADERS/{name}/POSTMASTER" for name in ("BRANCH", "OLDPO", "PO1", "PO2", "PO3")
    ]
    assert re.search(r"(?m)^-$", text)


def test_same_input_same_bytes_whoever_asks_and_when(process):
    one = process("plan", *SAMPLES, "--format", "json", env={"TZ": "UTC", "USER": "a", "PYTHONHASHSEED": "1"})
    two = process("plan", *SAMPLES, "--format", "json", env={"TZ": "Asia/Tokyo", "USER": "b", "PYTHONHASHSEED": "2"})
    assert one == two


# --- Exit codes ------------------------------------------------------------------------------------------------------


def test_only_check_turns_pending_work_into_3(remedy):
    assert remedy("plan", *SAMPLES).code == 0
    assert remedy("plan", *SAMPLES, "--check").code == 3
    assert remedy("plan", "postoffices.csv", "--strategy", "postoffice", "--check").code == 3
    assert remedy("plan", *SAMPLES, "--include", "NWTRADERS/PO4", "--check").code == 0
    assert remedy("plan", *SAMPLES, "--include", "WINGTIP/SALES", "--check").code == 0, "a conflict is not planned"


def test_a_plan_carried_out_leaves_nothing_to_plan(remedy, estate):
    added = "".join(
        f"otherMailbox: {value}\n"
        for value in re.findall(r"(?m)^otherMailbox: (.*)$", remedy("plan", *SAMPLES, "--format", "ldif").out)
    )
    last = "otherMailbox: ms$nwtraders/po5/postmaster\n"
    ran = remedy("plan", estate((last, last + added)), "postoffices.csv", "--check", "--format", "json")
    assert (ran.code, ran.json["changes"], ran.json["manual"]) == (0, [], [])


@pytest.mark.parametrize("strategy", ["exchange", "both", "mixed"])
def test_an_inventory_alone_has_no_mailbox(remedy, strategy):
    ran = remedy("plan", "postoffices.csv", "--strategy", strategy)
    assert ran.code == 4
    assert "--strategy postoffice" in ran.err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fabrikam.ldif", "--strategy", "nosuch"),
        ("fabrikam.ldif", "--max-proxies", "0"),
        ("fabrikam.ldif", "--max-proxies", "many"),
        ("fabrikam.ldif", "--max-proxies", "1"),
        ("fabrikam.ldif", "--exchange-version", "6"),
        ("fabrikam.ldif", "--allow", "everything"),
        ("fabrikam.ldif", "--mailbox", ""),
        ("fabrikam.ldif", "--mailbox", "cn=bad,,x="),
        ("fabrikam.ldif", "--mailbox", "jdoe", "--new-mailbox", "GATE"),
        ("fabrikam.ldif", "--like", "jdoe"),
        ("fabrikam.ldif", "--new-mailbox", "GATE", "--container", "no name"),
        ("fabrikam.ldif", "-o", ""),
        ("fabrikam.ldif", "--format", "xml"),
    ],
)
def test_wrong_usage_is_2(remedy, words):
    assert remedy("plan", *words).code == 2


@pytest.mark.parametrize(
    "alias", ["POSTMASTER", "postmaster", "ADMIN", "POSTMAST0", "TOOLONGALIAS", "a b", "P\u00d6ST", "a/b"]
)
def test_a_new_mailbox_never_gets_an_alias_that_the_generator_mangles(remedy, alias):
    assert remedy("plan", "fabrikam.ldif", "--new-mailbox", alias).code == 2


# --- The sink --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Postmaster", "pOSTMASTER", POSTMASTER, "CN=postmaster , cn=recipients, OU=Seattle,O=fabrikam"]
)
def test_a_mailbox_is_named_by_alias_or_name_without_case(remedy, name):
    (sink,) = remedy("plan", "fabrikam.ldif", "--mailbox", name, "--format", "json").json["sinks"]
    assert (sink["dn"], sink["action"]) == (POSTMASTER, "use")
    assert "--mailbox" in sink["reason"]


@pytest.mark.parametrize("name", ["nosuch", "*", "evil\x1b[31m\nname", "\u202eevil", f"cn=nosuch,{SITE}"])
def test_a_mailbox_that_is_not_there_is_said_in_words(remedy, name):
    ran = remedy("plan", "fabrikam.ldif", "--mailbox", name)
    assert ran.code in {1, 4}
    assert "--mailbox" in ran.err


@pytest.mark.parametrize("name", ["hubpostm", f"cn=hubpostm,{SITE}"])
def test_a_custom_recipient_is_no_sink(remedy, name):
    ran = remedy("plan", "fabrikam.ldif", "--mailbox", name)
    assert ran.code == 4
    assert "Q157007" in ran.err


def test_the_mailbox_that_holds_most_comes_first(remedy, estate):
    rich = mailbox("rich", *(f"ms$WINGTIP/P{number}/POSTMASTER" for number in range(3)))
    (sink,) = remedy("plan", estate(end=rich), "--format", "json").json["sinks"]
    assert sink["dn"] == f"cn=rich,{SITE}"


def test_a_tie_goes_by_name(remedy, estate):
    twins = mailbox("b", "ms$WINGTIP/P1/POSTMASTER") + mailbox("A", "ms$WINGTIP/P2/POSTMASTER")
    (sink,) = remedy("plan", estate(*NO_SINK, end=twins), "--format", "json").json["sinks"]
    assert sink["dn"] == f"cn=A,{SITE}"


def test_next_comes_the_mailbox_called_postmast0(remedy, estate):
    name = estate(*NO_SINK, end=mailbox("chief", "MS$FABRIKAM/SEATTLE/POSTMAST7"))
    (sink,) = remedy("plan", name, "--format", "json").json["sinks"]
    assert (sink["dn"], sink["action"]) == (f"cn=chief,{SITE}", "use")


def test_last_comes_a_new_mailbox_on_the_connectors_server(remedy, estate):
    ran = remedy("plan", estate(*NO_SINK), "--format", "json")
    (sink,) = ran.json["sinks"]
    assert (sink["dn"], sink["action"]) == (f"cn=MSPMGATE,{SITE}", "create")
    assert "creates-mailbox" in hazards(ran)
    assert "EXSRV1" in ran.json["changes"][0]["ldif"]
    assert "changetype: add" in remedy("plan", "changed.ldif", "--format", "ldif").out


def test_a_taken_alias_is_not_taken_again(remedy, estate):
    taken = mailbox("MSPMGATE", "MS$FABRIKAM/SEATTLE/MSPMGATE").replace(
        f"Home-MDB: {HOME}", f"Home-MDB: {HOME}\nDeliv-Cont-Length: 5"
    )
    (sink,) = remedy("plan", estate(*NO_SINK, end=taken), "--format", "json").json["sinks"]
    assert sink["dn"] == f"cn=MSPMGATE2,{SITE}"
    assert remedy("plan", "changed.ldif", "--new-mailbox", "mspmgate").code == 4


def test_a_container_that_no_source_shows_is_not_guessed(remedy):
    ran = remedy("plan", "fabrikam.ldif", "--new-mailbox", "GATE", "--container", "cn=Nowhere,ou=SEATTLE,o=FABRIKAM")
    assert ran.code in {1, 4}
    assert "cn=Nowhere" in ran.err


def test_past_the_cap_further_sinks_are_planned(remedy, inventory):
    name = inventory(*(f"WINGTIP,P{number}" for number in range(400)))
    sinks = remedy("plan", "fabrikam.ldif", name, "--include", "WINGTIP/P*", "--format", "json").json["sinks"]
    # Postmaster has 3 values in otherMailbox, 1 SMTP and 1 X.400 address; every address on an entry counts.
    assert len(sinks[0]["proxies"]) == 145
    assert sum(len(sink["proxies"]) for sink in sinks) == 400
    assert [sink["dn"].split(",")[0] for sink in sinks][:3] == ["cn=Postmaster", "cn=wtadmin", "cn=wtsales"]
    assert len({sink["dn"] for sink in sinks}) == len(sinks)


# --- Strategies and options ------------------------------------------------------------------------------------------


def test_postoffice_plans_steps_by_hand_only(remedy):
    document = remedy("plan", *SAMPLES, "--strategy", "postoffice", "--format", "json").json
    assert (document["changes"], document["sinks"]) == ([], [])
    assert {step["postoffice"] for step in document["manual"]} == {
        f"NWTRADERS/{name}" for name in ("BRANCH", "OLDPO", "PO1", "PO2", "PO3")
    }


def test_both_gives_each_both_and_keeps_it_out_of_dirsync(remedy):
    document = remedy("plan", "fabrikam.ldif", "--strategy", "both", "--format", "json").json
    planned = {name for change in document["changes"] for name in change["postoffices"]}
    assert planned == {step["postoffice"] for step in document["manual"]}
    assert all("directory synchroni" in step["text"] for step in document["manual"])


def test_mixed_chooses_one_for_each(remedy, inventory):
    name = inventory("NWTRADERS,PO1,,,,,postoffice", "NWTRADERS,PO2,,,,,exchange", "NWTRADERS,BRANCH,,,,,both")
    document = remedy("plan", "fabrikam.ldif", name, "--strategy", "mixed", "--format", "json").json
    planned = {name for change in document["changes"] for name in change["postoffices"]}
    by_hand = {step["postoffice"] for step in document["manual"]}
    assert "NWTRADERS/PO1" in by_hand - planned
    assert "NWTRADERS/PO2" in planned - by_hand
    assert "NWTRADERS/BRANCH" in planned & by_hand
    told = {
        finding["subject"]: finding["message"]
        for finding in document["findings"]
        if finding["code"] == "strategy-chosen"
    }
    assert {"NWTRADERS/PO1", "NWTRADERS/PO2", "NWTRADERS/BRANCH"} <= set(told)
    assert all("because" in message for message in told.values())


@pytest.mark.parametrize("strategy", ["mixed", "exchange"])
def test_the_text_says_why_a_strategy_was_chosen_or_not_followed(remedy, inventory, strategy):
    text = remedy("plan", "fabrikam.ldif", inventory("NWTRADERS,PO1,,,,,postoffice"), "--strategy", strategy).out
    assert "an inventory asks" in " ".join(text.split())


def test_a_strategy_that_is_not_followed_is_a_finding(remedy, inventory):
    name = inventory("NWTRADERS,PO1,,,,,postoffice")
    findings = remedy("plan", "fabrikam.ldif", name, "--format", "json").json["findings"]
    assert "NWTRADERS/PO1" in [finding["subject"] for finding in findings if finding["code"] == "strategy-not-followed"]


def test_a_skipped_postoffice_is_not_planned_and_said_so(remedy):
    ran = remedy("plan", *SAMPLES)
    assert "LAB/POSTMASTER" not in remedy("plan", *SAMPLES, "--format", "ldif").out
    assert "NWTRADERS/LAB (skipped)" in ran.out


def test_the_shadow_postoffice_is_planned_only_when_asked_and_marked(remedy):
    address = "FABRIKAM/SEATTLE/POSTMASTER"
    assert address not in remedy("plan", "fabrikam.ldif", "--format", "ldif").out
    assert f"ms${address}" in remedy("plan", "fabrikam.ldif", "--include-connector-po", "--format", "ldif").out
    assert "experimental" in remedy("plan", "fabrikam.ldif", "--include-connector-po").out.lower()
    assert "experimental" in remedy("plan", "fabrikam.ldif", "--include-connector-po", "--format", "json").out.lower()


@pytest.mark.parametrize(
    ("version", "there"),
    [((), True), (("4.0",), True), (("4.0sp3",), False), (("5.0",), False), (("5.5",), False), (("5.5sp4",), False)],
)
def test_dirsync_wipe_goes_by_the_version(remedy, version, there):
    words = [word for text in version for word in ("--exchange-version", text)]
    assert ("dirsync-wipe" in hazards(remedy("plan", "fabrikam.ldif", *words, "--format", "json"))) == there


def test_no_requestor_no_dirsync_wipe(remedy, estate):
    name = estate((record("HUBPO Requestor"), ""))
    assert hazards(remedy("plan", name, "--format", "json")) == []


def test_a_version_of_the_other_directory_silences_nothing(remedy):
    ran = remedy("plan", "fabrikam.ldif", "--exchange-version", "2003", "--format", "json")
    assert ran.code == 2 or "dirsync-wipe" in hazards(ran)


@pytest.mark.parametrize(("number", "there"), [(150, False), (200, False), (201, True)])
def test_over_limit(remedy, number, there):
    ran = remedy("plan", "fabrikam.ldif", "--max-proxies", number, "--format", "json")
    assert ("over-limit" in hazards(ran)) == there


def test_every_hazard_names_the_flag_that_allows_it(remedy):
    text = remedy("plan", "fabrikam.ldif", "--new-mailbox", "GATE", "--max-proxies", "300").out
    assert re.findall(r"--allow (\S+)", text) == ["creates-mailbox", "dirsync-wipe", "over-limit"]


def test_only_secondary_addresses_are_added_to_what_is_there(remedy):
    for change in remedy("plan", *SAMPLES, "--format", "json").json["changes"]:
        assert re.findall(r"(?m)^otherMailbox: MS\$", change["ldif"]) == []
        assert "delete:" not in change["ldif"]
        assert "delete: otherMailbox" in change["undo"]


def test_the_proof_stands_in_the_file(remedy):
    document = remedy("plan", *SAMPLES, "--format", "json").json
    planned = {name for change in document["changes"] for name in change["postoffices"]}
    ends = {
        trace["postoffice"]: (trace["before"]["outcome"], trace["after"]["outcome"]) for trace in document["traces"]
    }
    assert {ends[name] for name in planned} == {("loops", "delivers")}
    others = {name: end for name, end in ends.items() if name not in planned}
    assert all(before == after for before, after in others.values())


# --- Writing the file ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["/nosuchfolder/plan.json", "folder", "/proc/nope/plan.json", "fabrikam.ldif/plan.json"]
)
def test_a_place_that_cannot_be_written_is_1(remedy, target):
    Path("folder").mkdir()
    ran = remedy("plan", "fabrikam.ldif", "-o", target)
    assert ran.code == 1
    assert target in ran.err


def test_an_older_plan_is_replaced_whole_and_keeps_its_permissions(remedy):
    Path("plan.json").write_text("x" * 200_000)
    Path("plan.json").chmod(0o640)
    remedy("plan", "fabrikam.ldif", "-o", "plan.json")
    assert remedy("show", "plan.json").code == 0
    assert stat.S_IMODE(Path("plan.json").stat().st_mode) == 0o640
    assert sorted(path.name for path in Path().iterdir()) == ["fabrikam.ldif", "plan.json", "postoffices.csv"]


def test_a_link_stays_a_link(remedy):
    Path("real.json").write_text("old")
    Path("plan.json").symlink_to("real.json")
    remedy("plan", "fabrikam.ldif", "-o", "plan.json")
    assert Path("plan.json").is_symlink()
    assert Path("real.json").read_text() == remedy("plan", "fabrikam.ldif", "--format", "json").out


def test_what_is_no_file_is_never_replaced(process):
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        ran = process("plan", "fabrikam.ldif", "--include", "*/PO1", "-o", "pipe")
        assert ran.code in {0, 1}
        assert stat.S_ISFIFO(Path("pipe").stat().st_mode)
    finally:
        os.close(reader)
