"""``remedy apply`` on LDIF files, seen from outside (contract: `remedy apply`, exit codes, order of gates).

The plan of most tests adds five values (c1.1 to c1.5) to one mailbox and has one hazard, dirsync-wipe.
"""

import fcntl
import gzip
import json
import os
import re
import select
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from remedy.demo import sample

ROOT = Path(__file__).parents[2]
EXPORT = sample("fabrikam.ldif")
SAMPLES = ("fabrikam.ldif", "postoffices.csv")
SITE = "cn=Recipients,ou=SEATTLE,o=FABRIKAM"
POSTMASTER = f"cn=Postmaster,{SITE}"
ALLOWED = ("--yes", "--allow", "dirsync-wipe")
MAY = (*ALLOWED, "--allow", "creates-mailbox")
NAMES = ("BRANCH", "OLDPO", "PO1", "PO2", "PO3")
VALUES = [f"otherMailbox: ms$NWTRADERS/{name}/POSTMASTER" for name in NAMES]
ENDS = ("applied", "already", "skipped", "conflict", "failed")
LAST = "otherMailbox: ms$nwtraders/po5/postmaster\n"
JDOE = "otherMailbox: ms$OLDNET/OLDPO/JDOE\n"
DONE = EXPORT.replace(LAST, LAST + "".join(f"{value}\n" for value in VALUES))
"""What the whole plan makes of the sample."""

TAKEN = (JDOE, JDOE + "otherMailbox: ms$nwtraders/po1/PostMaster\n")
"""Somebody else holds one of the five addresses by now, in another case."""


def read(name="fabrikam.ldif"):
    return Path(name).read_bytes().decode()


def files():
    return sorted(path.name for path in Path().iterdir())


def ids(document, end):
    return [value["id"] for value in document["values"] if value["result"] == end]


def adds_up(document):
    numbers = document["summary"]
    assert set(numbers) == {"planned", *ENDS}
    assert numbers["planned"] == sum(numbers[end] for end in ENDS) == len(document["values"])
    assert all(numbers[end] == len(ids(document, end)) for end in ENDS)
    return [numbers[end] for end in ENDS]


def flat(text):
    return " ".join(text.split())


def commands(text):
    """Give the `remedy …` command lines that a message tells the user to run, as words."""
    return [shlex.split(line) for line in re.findall(r"(?m)\bremedy ((?:apply|rollback|verify)\b.*)$", text)]


@pytest.fixture
def plan(remedy):
    """Write plan.json; give its digest without the name of the algorithm."""

    def write(*words, sources=SAMPLES, name="plan.json"):
        assert remedy("plan", *sources, *words, "-o", name).code == 0
        return json.loads(Path(name).read_text())["digest"].removeprefix("sha256:")

    return write


@pytest.fixture
def apply(process):
    """Run apply where it may end in 5 or 6 with a report on stdout."""

    def run(*words):
        ran = process("apply", *words, check=False)
        assert "Traceback" not in ran.err, ran.err
        assert "fault of remedy" not in ran.err, ran.err
        return ran

    return run


# --- The change itself -----------------------------------------------------------------------------------------------


def test_the_values_are_added_after_the_last_of_their_attribute_and_nothing_else_moves(remedy, plan, golden):
    digest = plan()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    assert ran.code == 0
    assert read() == DONE
    assert read(f"fabrikam.ldif.{digest[:8]}.bak") == EXPORT
    assert "plan.json.journal" in files()
    golden("apply.txt", ran.out)


def test_nothing_but_target_backup_and_journal_is_written(remedy, plan):
    digest = plan()
    before = set(files())
    remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    assert set(files()) - before == {f"fabrikam.ldif.{digest[:8]}.bak", "plan.json.journal"}


def test_what_is_said_at_the_end_is_the_way_back_and_works(remedy, plan):
    plan()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--journal", "my journal")
    (back,) = [words for words in commands(ran.err) if words[0] == "rollback"]
    assert remedy(*back, "--yes").code == 0
    assert read() == EXPORT


def test_json_is_the_only_thing_on_stdout(remedy, plan, golden):
    digest = plan()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--format", "json")
    assert ran.code == 0
    assert ran.json["schema"] == "remedy/apply/1"
    assert ran.json["plan"].removeprefix("sha256:") == digest
    assert adds_up(ran.json) == [5, 0, 0, 0, 0]
    assert ids(ran.json, "applied") == [f"c1.{number}" for number in range(1, 6)]
    assert {value["dn"] for value in ran.json["values"]} == {POSTMASTER}
    golden("apply.json", ran.out.replace(str(Path.cwd()), "HERE"))


def test_the_text_says_the_sum(remedy, plan):
    plan()
    text = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED).out
    assert re.search(r"5 values planned = 5 applied, 0 already, 0 skipped, 0 conflict, 0 failed", flat(text))


def test_applying_twice_is_already(remedy, plan):
    plan()
    remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--journal", "second", "--format", "json")
    assert ran.code == 0
    assert adds_up(ran.json) == [0, 5, 0, 0, 0]
    assert read() == DONE


def test_what_the_plan_found_exposed_is_covered_afterwards(remedy, plan):
    plan()
    remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    ran = remedy("plan", *SAMPLES, "--check", "--format", "json")
    assert (ran.code, ran.json["changes"], ran.json["manual"]) == (0, [], [])


@pytest.mark.parametrize("value", ["MS$nwTraders/pO2/PostMaster", "ms$NWTRADERS/PO2/postmaster"])
def test_a_value_in_another_case_is_already(remedy, plan, estate, value):
    plan()
    name = estate((LAST, f"{LAST}otherMailbox: {value}\n"))
    ran = remedy("apply", "plan.json", name, *ALLOWED, "--format", "json")
    assert (ran.code, adds_up(ran.json), ids(ran.json, "already")) == (0, [4, 1, 0, 0, 0], ["c1.4"])
    assert read(name).count("PO2/") + read(name).lower().count("po2/postmaster") >= 1
    assert "ms$NWTRADERS/PO2/POSTMASTER" not in read(name)
    journal = Path("plan.json.journal").read_text()
    assert "ms$NWTRADERS/PO2/POSTMASTER" not in journal, "present values are left out of the request"


def test_the_other_way_of_writing_the_address_is_already_too(remedy, plan, estate):
    plan()
    name = estate((LAST, LAST + "otherMailbox: ms:nwtraders/po2/POSTMASTER\n"))
    ran = remedy("apply", "plan.json", name, *ALLOWED, "--format", "json")
    assert (ran.code, ids(ran.json, "already")) == (0, ["c1.4"])


def test_the_name_of_the_entry_is_compared_as_a_directory_does(remedy, plan, estate):
    plan()
    name = estate((f"dn: {POSTMASTER}", "dn: CN=POSTMASTER , cn=recipients, OU=Seattle,o=fabrikam"))
    assert remedy("apply", "plan.json", name, *ALLOWED).code == 0
    assert read(name).count("/POSTMASTER\n") == DONE.count("/POSTMASTER\n")


def test_what_else_changed_at_the_entry_does_not_matter(remedy, plan, estate):
    plan()
    name = estate(("mail: Postmaster@seattle", "mail: chief@seattle"), ("cn: Postmaster\n", "cn: Chief\n"))
    assert remedy("apply", "plan.json", name, *ALLOWED).code == 0
    assert read(name).replace("chief@", "Postmaster@").replace("cn: Chief\n", "cn: Postmaster\n") == DONE


def test_a_link_stays_a_link(remedy, plan):
    plan()
    Path("fabrikam.ldif").rename("real.ldif")
    Path("fabrikam.ldif").symlink_to("real.ldif")
    remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    assert Path("fabrikam.ldif").is_symlink()
    assert read("real.ldif") == DONE


def test_a_plan_on_standard_input(remedy, plan):
    plan()
    data = Path("plan.json").read_bytes()
    ran = remedy("apply", "-", "fabrikam.ldif", *ALLOWED, "--journal", "j", stdin=data)
    assert (ran.code, read()) == (0, DONE)


def test_a_plan_on_standard_input_has_no_name_for_a_journal(remedy, plan):
    plan()
    ran = remedy("apply", "-", "fabrikam.ldif", *ALLOWED, stdin=Path("plan.json").read_bytes())
    if ran.code == 0:
        (back,) = [words for words in commands(ran.err) if words[0] == "rollback"]
        assert remedy(*back, "--yes").code == 0
    else:
        assert ran.code == 2
        assert "--journal" in ran.err


# --- The order of the gates ------------------------------------------------------------------------------------------

FAULTS = ("shape", "digest", "precondition", "hazard", "confirmation")
CODES = {"shape": 1, "digest": 5, "precondition": 5, "hazard": 4, "confirmation": 4}
PAIRS = [(first, second) for place, first in enumerate(FAULTS) for second in FAULTS[place:]]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_earlier_of_two_gates_speaks(remedy, plan, estate, first, second):
    digest = plan()
    faults = {first, second}
    target = estate(TAKEN) if "precondition" in faults else "fabrikam.ldif"
    before = read(target)
    text = Path("plan.json").read_text()
    if "digest" in faults:
        text = text.replace(f'"digest": "{digest}"', f'"digest": "{"0" * 64}"').replace(
            f'"digest": "sha256:{digest}"', f'"digest": "sha256:{"0" * 64}"'
        )
    if "shape" in faults:
        text = text.replace('"changes"', '"changed"')
    Path("plan.json").write_text(text)
    words = [] if "confirmation" in faults else ["--yes"]
    words += [] if "hazard" in faults else ["--allow", "dirsync-wipe"]
    ran = remedy("apply", "plan.json", target, *words)
    assert ran.code == CODES[first], ran
    said = {"shape": "plan", "digest": "digest", "precondition": "cn=jdoe", "hazard": "--allow dirsync-wipe",
            "confirmation": "--yes"}  # fmt: skip
    assert said[first] in ran.err
    assert read(target) == before
    assert "plan.json.journal" not in files()


def test_a_wrong_expectation_comes_before_everything_but_the_shape(remedy, plan, estate):
    plan()
    ran = remedy("apply", "plan.json", estate(TAKEN), "--expect", f"sha256:{'0' * 64}")
    assert ran.code == 5
    assert "digest" in ran.err
    assert "cn=jdoe" not in ran.err
    Path("plan.json").write_text("{}")
    assert remedy("apply", "plan.json", "changed.ldif", "--expect", f"sha256:{'0' * 64}").code == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"schema": "remedy/survey/1"}', "{" * 5000, "\0", "dn: o=X\n"]
)
def test_what_is_no_plan_is_1(remedy, text):
    Path("plan.json").write_text(text)
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    assert ran.code == 1
    assert "plan.json" in ran.err
    assert read() == EXPORT


@pytest.mark.parametrize("form", ["sha256:{}", "{}"])
def test_the_expected_digest_may_have_its_algorithm(remedy, plan, form):
    digest = plan()
    assert remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--expect", form.format(digest)).code == 0


@pytest.mark.parametrize("wrong", ["sha256:", "sha256:00", "00", "{:.8}", "sha256:{:.63}", "md5:{}", "{}0"])
def test_another_digest_is_5_and_both_are_shown(remedy, plan, wrong):
    digest = plan()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--expect", wrong.format(digest))
    assert ran.code in {2, 5}
    assert ran.code == 2 or digest in ran.err
    assert read() == EXPORT


def test_an_empty_expectation_is_a_variable_that_is_not_set(remedy, plan):
    plan()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--expect", "")
    assert ran.code in {2, 5}
    assert read() == EXPORT


def test_a_plan_that_was_not_approved_is_not_to_be_planned_again(remedy, plan):
    plan()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--expect", "0" * 64)
    assert "Plan again from what is there now" not in ran.err


def test_a_plan_edited_by_hand_is_5(remedy, plan):
    plan()
    text = Path("plan.json").read_text()
    Path("plan.json").write_text(text.replace("PO1/POSTMASTER", "PO9/POSTMASTER"))
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    assert ran.code == 5
    assert "digest" in ran.err
    assert "expected" in ran.err
    assert "found" in ran.err


# --- Hazards and the question ----------------------------------------------------------------------------------------


def test_the_exact_flags_are_named_and_they_do_it(remedy, plan):
    plan("--new-mailbox", "GATE")
    ran = remedy("apply", "plan.json", "fabrikam.ldif", "--yes")
    assert ran.code == 4
    flags = re.findall(r"--allow [a-z-]+", ran.err)
    assert flags == ["--allow creates-mailbox", "--allow dirsync-wipe"]
    assert remedy("apply", "plan.json", "fabrikam.ldif", "--yes", *" ".join(flags).split()).code == 0


def test_only_what_is_still_missing_is_asked_for(remedy, plan):
    plan("--new-mailbox", "GATE")
    ran = remedy("apply", "plan.json", "fabrikam.ldif", "--yes", "--allow", "dirsync-wipe")
    assert re.findall(r"--allow [a-z-]+", ran.err) == ["--allow creates-mailbox"]


@pytest.mark.parametrize("words", [("--allow", "everything"), ("--allow", ""), ("--force",), ("--allow",)])
def test_there_is_no_general_force(remedy, plan, words):
    plan()
    assert remedy("apply", "plan.json", "fabrikam.ldif", "--yes", *words).code == 2
    assert read() == EXPORT


def test_a_hazard_that_the_plan_has_not_may_be_allowed(remedy, plan):
    plan()
    assert remedy("apply", "plan.json", "fabrikam.ldif", *MAY).code == 0


def test_where_nobody_can_be_asked_the_flag_is_named(remedy, plan):
    plan()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", "--allow", "dirsync-wipe", stdin=b"yes\n")
    assert ran.code == 4
    assert "--yes" in ran.err
    assert read() == EXPORT
    assert "plan.json.journal" not in files()


def test_the_preview_does_not_say_that_it_is_done(remedy, plan):
    plan()
    text = flat(remedy("apply", "plan.json", "fabrikam.ldif", "--allow", "dirsync-wipe").err)
    assert all(value in text for value in VALUES)
    assert "planned = 5 applied" not in text


@pytest.mark.parametrize("words", [(), ("--yes",), ("--allow", "dirsync-wipe")])
def test_a_refusal_leaves_nothing_behind(remedy, plan, words):
    plan()
    before = files()
    assert remedy("apply", "plan.json", "fabrikam.ldif", *words).code == 4
    assert files() == before


def test_a_conflict_leaves_nothing_behind(remedy, plan, estate):
    plan()
    name = estate(TAKEN)
    before = files()
    assert remedy("apply", "plan.json", name, *ALLOWED).code == 5
    assert files() == before


@pytest.mark.parametrize("option", ["YES", "ALLOW", "EXPECT", "KEEP_GOING"])
def test_the_environment_never_opens_a_gate(remedy, plan, estate, option):
    plan()
    env = {f"REMEDY_APPLY_{option}": {"ALLOW": "dirsync-wipe", "EXPECT": "sha256:00"}.get(option, "1")}
    if option == "EXPECT":
        assert remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, env=env).code == 0
        return
    words = {"YES": ("--allow", "dirsync-wipe"), "ALLOW": ("--yes",), "KEEP_GOING": ALLOWED}[option]
    target = estate(TAKEN) if option == "KEEP_GOING" else "fabrikam.ldif"
    before = read(target)
    assert remedy("apply", "plan.json", target, *words, env=env).code == (5 if option == "KEEP_GOING" else 4)
    assert read(target) == before


def test_the_environment_gives_the_other_options(remedy, plan):
    plan()
    env = {"REMEDY_APPLY_DRY_RUN": "1", "REMEDY_APPLY_FORMAT": "json"}
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, env=env)
    assert (ran.code, adds_up(ran.json), read()) == (0, [5, 0, 0, 0, 0], EXPORT)
    assert remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, env={"REMEDY_APPLY_JOURNAL": "there"}).code == 0
    assert "there" in files()


LAUNCH = (
    "import os,signal,sys; os.login_tty(0); signal.signal(2, signal.SIG_DFL); os.execv(sys.executable, sys.argv[1:])"
)


@pytest.fixture
def terminal(here):
    """Run a command on a terminal of its own; type the keys when it asks."""

    def run(*words, keys):
        mine, its = os.openpty()
        child = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, sys.executable, "-m", "remedy", *words],
            stdin=its, stdout=its, stderr=its, cwd=here,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "80", "NO_COLOR": "1"},
        )  # fmt: skip
        os.close(its)
        said, end = b"", time.monotonic() + 30
        waiting = keys
        try:
            while time.monotonic() < end:
                if not select.select([mine], [], [], 0.1)[0]:
                    continue
                try:
                    more = os.read(mine, 4096)
                except OSError:
                    break
                if not more:
                    break
                said += more
                if waiting and b"?" in said and said.rstrip().endswith(b"]:"):
                    time.sleep(
                        0.2
                    )  # a signal between the question and the wait for its answer is heard at the next key
                    os.write(mine, waiting)
                    waiting = b""
            return child.wait(10), said.decode().replace("\r\n", "\n")
        finally:
            child.kill()
            child.wait()
            os.close(mine)

    return run


@pytest.mark.parametrize(
    ("keys", "code"),
    [(b"y\n", 0), (b"yes\n", 0), (b"n\n", 4), (b"\n", 4), (b"nonsense\nno\n", 4), (b"\x03", 130), (b"\x04", None)],
    ids=["y", "yes", "n", "enter", "nonsense", "ctrl-c", "ctrl-d"],
)
def test_on_a_terminal_it_asks(terminal, plan, keys, code):
    plan()
    ended, said = terminal("apply", "plan.json", "fabrikam.ldif", "--allow", "dirsync-wipe", keys=keys)
    assert all(value in said for value in VALUES), "the plan is shown before the question"
    assert "Traceback" not in said
    assert ended == code or (code is None and ended in {4, 130})
    assert read() == (DONE if code == 0 else EXPORT)
    if code != 0:
        assert [name for name in files() if "journal" in name or "bak" in name] == []
        assert "othing was" in said


# --- Preconditions ---------------------------------------------------------------------------------------------------


def asks_for(ran, *words):
    """Check the message of a conflict: one sentence with entry, attribute, expected and found."""
    assert ran.code == 5, ran
    for word in (*words, "expected", "found"):
        assert word in ran.err, word


@pytest.mark.parametrize(
    "pairs",
    [
        (TAKEN,),
        ((JDOE, JDOE + "otherMailbox: MS$NWTRADERS/PO1/POSTMASTER\n"),),
        ((JDOE, JDOE + "otherMailbox: ms:nwtraders/po1/postmaster\n"),),
        ((JDOE, JDOE + "OTHERMAILBOX:: bXMkTldUUkFERVJTL1BPMS9QT1NUTUFTVEVS\n"),),
        ((JDOE, JDOE + "otherMailbox: ms$NWTRADERS/PO1\n /POSTMASTER\n"),),
    ],
)
def test_somebody_else_holds_the_address(remedy, plan, estate, pairs):
    plan()
    name = estate(*pairs)
    before = read(name)
    ran = remedy("apply", "plan.json", name, *ALLOWED)
    asks_for(ran, POSTMASTER, "otherMailbox", "NWTRADERS/PO1/POSTMASTER", f"cn=jdoe,{SITE}")
    assert read(name) == before


def test_a_custom_recipient_holds_the_address(remedy, plan, estate):
    plan()
    name = estate(("Target-Address: MS:NWTRADERS/BRANCH/BKING", "Target-Address: MS:NWTRADERS/BRANCH/POSTMASTER"))
    asks_for(
        remedy("apply", "plan.json", name, *ALLOWED), POSTMASTER, "NWTRADERS/BRANCH/POSTMASTER", f"cn=bking,{SITE}"
    )


@pytest.mark.parametrize("pairs", [((f"dn: {POSTMASTER}\n", f"dn: cn=Postmaster2,{SITE}\n"),), "gone"])
def test_the_sink_is_gone(remedy, plan, estate, pairs):
    plan()
    start = EXPORT.index(f"dn: {POSTMASTER}")
    name = estate(*(((EXPORT[start : EXPORT.index("\n\n", start) + 2], ""),) if pairs == "gone" else pairs))
    asks_for(remedy("apply", "plan.json", name, *ALLOWED), POSTMASTER)


def test_a_folded_sink_with_a_folded_value_is_already(remedy, plan, estate):
    plan()
    name = estate((LAST, LAST + "otherMailbox: ms$NWTRADERS\n /po2/POSTMASTER\n"))
    ran = remedy("apply", "plan.json", name, *ALLOWED, "--format", "json")
    assert ids(ran.json, "already") == ["c1.4"]


# --- Keep going ------------------------------------------------------------------------------------------------------


def test_keep_going_leaves_out_what_conflicts(apply, plan, estate):
    plan()
    ran = apply("plan.json", estate(TAKEN), *ALLOWED, "--keep-going", "--format", "json")
    assert ran.code == 6
    assert adds_up(ran.json) == [4, 0, 0, 1, 0]
    (item,) = [value for value in ran.json["values"] if value["result"] == "conflict"]
    assert item["id"] == "c1.3"
    assert f"cn=jdoe,{SITE}" in item["found"]
    assert item["expected"]
    assert f"{VALUES[2]}\n" not in read("changed.ldif")
    assert all(f"{value}\n" in read("changed.ldif") for value in VALUES if value != VALUES[2])


def test_the_command_lines_after_6_go_on_and_go_back(apply, process, plan, estate):
    plan()
    name = estate(TAKEN)
    before = read(name)
    ran = apply("plan.json", name, *ALLOWED, "--keep-going", "--journal", "the journal")
    lines = commands(ran.err)
    assert [words for words in lines if "--resume" in words]
    assert [words for words in lines if words[0] == "rollback"]
    Path(name).write_text(read(name).replace(TAKEN[1], TAKEN[0]))  # the conflict is settled
    (resume,) = [words for words in lines if "--resume" in words]
    on = process(*resume, *([] if "--yes" in resume else ["--yes"]), check=False)
    assert on.code == 0, on
    assert read(name).count("/POSTMASTER\n") == DONE.count("/POSTMASTER\n")
    (back,) = [words for words in lines if words[0] == "rollback"]
    assert process(*back, "--yes").code == 0
    assert read(name) == before.replace(TAKEN[1], TAKEN[0])


def test_resumed_while_the_conflict_lasts_it_is_still_partly_applied(apply, plan, estate):
    plan()
    name = estate(TAKEN)
    apply("plan.json", name, *ALLOWED, "--keep-going")
    ran = apply("plan.json", name, *ALLOWED, "--keep-going", "--resume", "--format", "json")
    assert adds_up(ran.json) == [0, 4, 0, 1, 0]
    assert ran.code == 6
    assert "--resume" in ran.err
    assert "rollback" in ran.err


def test_keep_going_with_nothing_left_to_do_is_5_and_says_so(apply, plan, estate):
    plan()
    start = EXPORT.index(f"dn: {POSTMASTER}")
    name = estate((EXPORT[start : EXPORT.index("\n\n", start) + 2], ""))
    ran = apply("plan.json", name, *ALLOWED, "--keep-going", "--format", "json")
    assert ran.code == 5
    assert adds_up(ran.json) == [0, 0, 0, 5, 0]
    assert ran.err.strip(), "a failure without a word"
    assert "--resume" not in ran.err


def test_keep_going_without_a_conflict_is_an_ordinary_run(remedy, plan):
    plan()
    assert remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--keep-going").code == 0
    assert read() == DONE


# --- Dry run ---------------------------------------------------------------------------------------------------------


def test_a_dry_run_writes_nothing_and_predicts(remedy, plan, fits):
    plan()
    before = files()
    words = ("apply", "plan.json", "fabrikam.ldif", "--allow", "dirsync-wipe", "--dry-run")
    ran = remedy(*words, "--format", "json")
    assert (ran.code, adds_up(ran.json), read(), files()) == (0, [5, 0, 0, 0, 0], EXPORT, before)
    text = remedy(*words).out
    assert "would be" in text
    assert fits(text) == []
    real = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--format", "json")
    assert [value["result"] for value in real.json["values"]] == [value["result"] for value in ran.json["values"]]


def test_a_dry_run_works_in_a_folder_that_cannot_be_written(process, plan):
    plan()
    Path("closed").mkdir()
    Path("closed/fabrikam.ldif").write_text(EXPORT)
    Path("closed").chmod(0o555)
    try:
        assert process("apply", "plan.json", "closed/fabrikam.ldif", *ALLOWED, "--dry-run").code == 0
    finally:
        Path("closed").chmod(0o755)


def test_a_dry_run_asks_nothing_and_minds_no_journal(remedy, plan):
    plan()
    remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    journal = read("plan.json.journal")
    ran = remedy("apply", "plan.json", "fabrikam.ldif", "--allow", "dirsync-wipe", "--dry-run", "--format", "json")
    assert ran.code == 0
    assert adds_up(ran.json) == [0, 5, 0, 0, 0]
    assert read("plan.json.journal") == journal


def test_a_dry_run_predicts_a_conflict_value_by_value(apply, plan, estate):
    plan()
    name = estate(TAKEN)
    ran = apply("plan.json", name, *ALLOWED, "--dry-run", "--format", "json")
    assert ran.code == 5
    assert adds_up(ran.json)[3] == 1
    assert ids(ran.json, "conflict") == ["c1.3"]


def test_a_dry_run_that_keeps_going_has_nothing_to_resume(apply, plan, estate):
    plan()
    before = read(estate(TAKEN))
    ran = apply("plan.json", "changed.ldif", *ALLOWED, "--keep-going", "--dry-run", "--format", "json")
    assert adds_up(ran.json) == [4, 0, 0, 1, 0]
    assert ran.code in {5, 6}
    assert "--resume" not in ran.err
    assert read("changed.ldif") == before


# --- Journal and resume ----------------------------------------------------------------------------------------------


def test_a_journal_that_is_there_is_4_and_names_resume(remedy, plan):
    plan()
    Path("plan.json.journal").write_text("mine")
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    assert ran.code == 4
    assert "--resume" in ran.err
    assert "plan.json.journal" in ran.err
    assert (read("plan.json.journal"), read()) == ("mine", EXPORT)


@pytest.mark.parametrize("option", ["--journal", "-o"])
def test_an_empty_name_is_wrong_usage(remedy, plan, option):
    plan()
    assert remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, option, "").code == 2
    assert read() == EXPORT


def test_a_journal_cannot_go_to_standard_output(remedy, plan):
    plan()
    assert remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--journal", "-").code in {1, 2}
    assert "-" not in files()
    assert read() == EXPORT


@pytest.mark.parametrize("name", ["nosuch/journal", "fabrikam.ldif/journal"])
def test_a_journal_that_cannot_be_written_is_1_before_anything_changes(remedy, plan, name):
    plan()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--journal", name)
    assert ran.code == 1
    assert name in ran.err
    assert read() == EXPORT


def test_the_journal_is_json_lines_with_ldif_inside_and_no_secret_but_the_records(remedy, plan):
    digest = plan()
    remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    lines = [json.loads(line) for line in read("plan.json.journal").splitlines()]
    assert lines[0]["plan"].removeprefix("sha256:") == digest
    (step,) = [line for line in lines if "do" in line]
    assert re.findall(r"(?m)^otherMailbox: .*$", step["do"]) == VALUES
    assert "delete: otherMailbox" in step["undo"]
    assert "replace:" not in step["do"] + step["undo"]


def test_resume_after_success_is_already(remedy, plan):
    plan()
    remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--resume", "--format", "json")
    assert (ran.code, adds_up(ran.json), read()) == (0, [0, 5, 0, 0, 0], DONE)


def test_resume_without_a_journal_is_1(remedy, plan):
    plan()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--resume")
    assert ran.code in {1, 4}
    assert "plan.json.journal" in ran.err
    assert read() == EXPORT


def test_resume_with_another_plan_is_5(remedy, plan):
    plan()
    remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    Path("before.ldif").write_text(EXPORT)
    plan("--mailbox", "jdoe", sources=("before.ldif",), name="other.json")
    ran = remedy("apply", "other.json", "before.ldif", *ALLOWED, "--resume", "--journal", "plan.json.journal")
    assert ran.code == 5
    assert "expected" in ran.err
    assert "found" in ran.err
    assert read("before.ldif") == EXPORT


def test_resume_on_another_target_is_never_taken_for_done(remedy, plan):
    plan()
    remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    Path("other.ldif").write_text(EXPORT)
    ran = remedy("apply", "plan.json", "other.ldif", *ALLOWED, "--resume")
    assert ran.code in {4, 5} or read("other.ldif") == DONE
    assert ran.code == 0 or "other.ldif" in ran.err


@pytest.mark.parametrize("way", ["rollback", "restored"])
def test_resume_looks_at_the_target_and_not_at_the_journal_alone(remedy, plan, way):
    plan()
    remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    if way == "rollback":
        remedy("rollback", "plan.json.journal", "fabrikam.ldif", "--yes")
    else:
        Path("fabrikam.ldif").write_text(EXPORT)
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--resume")
    assert ran.code in {4, 5} or read() == DONE


@pytest.mark.parametrize("text", ["", "{}\n", "[]\n", '{"event": "begin"}\n', "dn: o=X\n", "\0\n"])
def test_resume_with_what_is_no_journal_is_1(remedy, plan, text):
    plan()
    Path("plan.json.journal").write_text(text)
    assert remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--resume").code == 1
    assert read() == EXPORT
    assert read("plan.json.journal") == text


# --- TARGET ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "codes"),
    [
        ("postoffices.csv", {1, 2}), ("fabrikam.ldif.gz", {1, 2}), ("-", {1, 2}), ("folder", {1, 2}), (".", {1, 2}),
        ("plan.json", {1, 2}), ("nosuch.ldif", {1}), ("nosuch/x.ldif", {1}), ("", {2}), ("http://example.com/", {1, 2}),
    ],
)  # fmt: skip
def test_what_cannot_be_changed_is_said_in_words_and_leaves_nothing(remedy, plan, target, codes):
    plan()
    Path("fabrikam.ldif.gz").write_bytes(gzip.compress(EXPORT.encode()))
    Path("folder").mkdir()
    before = files()
    ran = remedy("apply", "plan.json", target, *ALLOWED, stdin=EXPORT.encode())
    assert ran.code in codes
    assert target in ran.err or target == "-"
    assert files() == before


@pytest.mark.parametrize("target", ["ldap://127.0.0.1:1/", "ldaps://127.0.0.1:1/", "ldapi://%2Fnosuch/"])
def test_a_server_that_is_not_there(remedy, plan, target):
    plan()
    ran = remedy("apply", "plan.json", target, *ALLOWED)
    assert ran.code in {1, 7}
    assert target in ran.err or "127.0.0.1" in ran.err or "nosuch" in ran.err


def test_standard_input_cannot_be_unpacked(remedy, plan):
    plan()
    assert "unpack" not in remedy("apply", "plan.json", "-", *ALLOWED, stdin=b"dn: o=X\n").err


def test_two_at_once_is_4(process, plan):
    plan()
    with Path("fabrikam.ldif.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = process("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    assert ran.code in {1, 4}
    assert "fabrikam.ldif.lock" in ran.err
    assert read() == EXPORT


def test_a_file_in_the_place_of_the_backup_is_never_written_over(remedy, plan):
    digest = plan()
    name = f"fabrikam.ldif.{digest[:8]}.bak"
    Path(name).write_text("precious")
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED)
    assert read(name) == "precious"
    assert ran.code in {1, 4}
    assert name in ran.err
    assert read() == EXPORT


# --- Output ----------------------------------------------------------------------------------------------------------


def test_the_output_is_written_elsewhere_and_the_target_stays(remedy, plan):
    plan()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "-o", "new.ldif", "--format", "json")
    assert (ran.code, adds_up(ran.json)) == (0, [5, 0, 0, 0, 0])
    assert (read(), read("new.ldif")) == (EXPORT, DONE)


def test_the_output_is_written_also_when_there_is_nothing_to_change(remedy, plan):
    plan()
    Path("fabrikam.ldif").write_text(DONE)
    assert remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "-o", "new.ldif").code == 0
    assert read("new.ldif") == DONE


def test_a_dash_is_standard_output_or_refused(remedy, plan):
    plan()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "-o", "-")
    assert "-" not in files()
    assert (ran.code, ran.out) == (0, DONE) or ran.code == 2
    assert read() == EXPORT


@pytest.mark.parametrize("name", ["nosuch/new.ldif", "folder", "fabrikam.ldif/x"])
def test_an_output_that_cannot_be_written_changes_nothing(remedy, plan, name):
    plan()
    Path("folder").mkdir()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "-o", name)
    assert ran.code in {1, 4}
    assert name in ran.err
    assert read() == EXPORT


def test_the_rate_of_the_contract_is_an_option(remedy, plan):
    plan()
    assert remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--rate", "1000").code == 0
    assert read() == DONE


# --- Plans without changes -------------------------------------------------------------------------------------------


def test_a_plan_with_steps_by_hand_only_says_that_they_remain(remedy, plan):
    plan("--strategy", "postoffice")
    ran = remedy("apply", "plan.json", "fabrikam.ldif", "--yes")
    assert ran.code == 0
    assert "by hand" in flat(ran.out + ran.err).lower()
    assert read() == EXPORT
    assert files() == ["fabrikam.ldif", "plan.json", "postoffices.csv"]


def test_a_plan_with_nothing_to_do_asks_nothing(remedy, plan):
    plan("--include", "NWTRADERS/PO4")
    ran = remedy("apply", "plan.json", "fabrikam.ldif", "--format", "json")
    assert (ran.code, adds_up(ran.json)) == (0, [0, 0, 0, 0, 0])
    assert files() == ["fabrikam.ldif", "plan.json", "postoffices.csv"]


# --- A new mailbox ---------------------------------------------------------------------------------------------------


def test_a_new_mailbox_stands_after_the_last_child_of_its_container(remedy, plan, estate):
    plan("--new-mailbox", "GATE")
    zeta = "\ndn: cn=Zeta,ou=SEATTLE,o=FABRIKAM\nobjectClass: container\ncn: Zeta\n"
    name = estate(end=zeta)
    assert remedy("apply", "plan.json", name, *MAY).code == 0
    text = read(name)
    assert re.findall(r"(?m)^dn: cn=(\w+),", text)[-3:] == ["jdoe", "GATE", "Zeta"]
    start = text.index(f"dn: cn=GATE,{SITE}")
    record = text[start : text.index("\n\n", start) + 2]
    assert text.replace(record, "") == EXPORT + zeta
    assert all(f"{value}\n" in record for value in VALUES)


def test_a_new_mailbox_is_there_already(remedy, plan):
    plan("--new-mailbox", "GATE")
    remedy("apply", "plan.json", "fabrikam.ldif", *MAY)
    text = read()
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *MAY, "--journal", "second", "--format", "json")
    assert (ran.code, adds_up(ran.json)[0], adds_up(ran.json)[3], read()) == (0, 0, 0, text)


@pytest.mark.parametrize(
    ("pairs", "end", "found"),
    [
        ((), f"\ndn: cn=gate,{SITE}\nobjectClass: organizationalPerson\ncn: gate\n", "cn=GATE"),
        ((TAKEN,), "", "cn=jdoe"),
        (((JDOE, JDOE + "otherMailbox: ms$fabrikam/seattle/gate\n"),), "", "cn=jdoe"),
        ((("cn=Recipients", "cn=People"),), "", SITE),
    ],
    ids=["name taken", "address taken", "own address taken", "container gone"],
)
def test_a_new_mailbox_that_cannot_be_made(remedy, plan, estate, *, pairs, end, found):
    plan("--new-mailbox", "GATE")
    name = estate(*pairs, end=end)
    before = read(name)
    ran = remedy("apply", "plan.json", name, *MAY)
    asks_for(ran, f"cn=GATE,{SITE}", found)
    assert read(name) == before


# --- Wording ---------------------------------------------------------------------------------------------------------


def test_reports_fit_80_columns(remedy, apply, plan, estate, fits):
    plan()
    assert fits(apply("plan.json", estate(TAKEN), *ALLOWED, "--keep-going", "--dry-run").out) == []
    assert fits(remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED).out) == []
    assert fits(remedy("apply", "--help").out) == []


def test_hostile_text_in_the_target_is_shown_harmless(remedy, plan, estate):
    plan()
    evil = "\ndn:: Y249ZXZpbBtbMzFtLG89RkFCUklLQU0=\nobjectClass: organizationalPerson\notherMailbox: ms$NWTRADERS/PO1/POSTMASTER\n"
    assert remedy("apply", "plan.json", estate(end=evil), *ALLOWED).code == 5
