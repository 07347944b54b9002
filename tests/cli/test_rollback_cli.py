"""``remedy rollback`` on LDIF files, seen from outside (contract: `remedy rollback`, exit codes)."""

import gzip
import json
import re
import shlex
from pathlib import Path

import pytest

from remedy.demo import sample

EXPORT = sample("fabrikam.ldif")
SAMPLES = ("fabrikam.ldif", "postoffices.csv")
SITE = "cn=Recipients,ou=SEATTLE,o=FABRIKAM"
POSTMASTER = f"cn=Postmaster,{SITE}"
ALLOWED = ("--yes", "--allow", "dirsync-wipe", "--allow", "creates-mailbox")
VALUES = [f"otherMailbox: ms$NWTRADERS/{name}/POSTMASTER" for name in ("BRANCH", "OLDPO", "PO1", "PO2", "PO3")]
LAST = "otherMailbox: ms$nwtraders/po5/postmaster\n"
BACK = ("rollback", "plan.json.journal", "fabrikam.ldif")


def with_values(*numbers):
    """Give the sample as it is with some of the five values, by number."""
    return EXPORT.replace(LAST, LAST + "".join(f"{VALUES[number - 1]}\n" for number in numbers))


DONE = with_values(1, 2, 3, 4, 5)


def read(name="fabrikam.ldif"):
    return Path(name).read_bytes().decode()


def edit(old, new, name="fabrikam.ldif"):
    text = read(name)
    assert old in text, old
    Path(name).write_bytes(text.replace(old, new).encode())
    return read(name)


def files():
    return sorted(path.name for path in Path().iterdir())


def line(text):
    """Give the words of the one `remedy rollback …` line that a message names."""
    (found,) = re.findall(r"remedy rollback (.*)$", text, re.MULTILINE)
    return ["rollback", *shlex.split(found)]


@pytest.fixture
def applied(remedy):
    """Plan and apply on the sample."""

    def do(*words, sources=SAMPLES, target="fabrikam.ldif"):
        assert remedy("plan", *sources, *words, "-o", "plan.json").code == 0
        ran = remedy("apply", "plan.json", target, *ALLOWED)
        assert ran.code == 0
        return read(target)

    return do


# --- The way back ----------------------------------------------------------------------------------------------------


def test_the_very_bytes_come_back(remedy, applied, golden):
    assert applied() == DONE
    ran = remedy(*BACK, "--yes")
    assert ran.code == 0
    assert read() == EXPORT
    golden("rollback.txt", ran.out)


def test_json_is_the_only_thing_on_stdout(remedy, applied, golden):
    applied()
    ran = remedy(*BACK, "--yes", "--format", "json")
    assert ran.json["schema"] == "remedy/rollback/1"
    golden("rollback.json", ran.out)


def test_others_may_have_changed_other_records(remedy, applied):
    applied()
    edit("cn: John Doe\n", "cn: John D. Doe, moved by somebody else\n")
    assert remedy(*BACK, "--yes").code == 0
    assert read() == EXPORT.replace("cn: John Doe\n", "cn: John D. Doe, moved by somebody else\n")


def test_records_may_have_moved_in_the_file(remedy, applied):
    applied()
    edit("version: 1\n", "version: 1\n\ndn: cn=A new one,o=FABRIKAM\ncn: A new one\n")
    assert remedy(*BACK, "--yes").code == 0
    assert read() == EXPORT.replace("version: 1\n", "version: 1\n\ndn: cn=A new one,o=FABRIKAM\ncn: A new one\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cn: Postmaster\n", "cn: Chief\n"),
        (f"{VALUES[0]}\n", ""),
        (f"{VALUES[0]}\n", f"{VALUES[0].upper()}\n"),
        (f"{VALUES[4]}\n", f"{VALUES[4]}\notherMailbox: ms$NEW/PO/POSTMASTER\n"),
        (f"dn: {POSTMASTER}\n", f"dn: cn=Postmaster2,{SITE}\n"),
    ],
    ids=["another attribute", "value gone", "value in another case", "value more", "renamed"],
)
@pytest.mark.parametrize("words", [("--yes",), ("--dry-run",)])
def test_a_touched_record_that_changed_since_is_5(remedy, applied, old, new, words):
    applied()
    before = edit(old, new)
    listed = files()
    ran = remedy(*BACK, *words)
    assert ran.code == 5
    for word in (POSTMASTER, "expected", "found"):
        assert word in ran.err
    assert "lan again" not in ran.err, "a rollback is not helped by a new plan"
    assert read() == before
    assert files() == listed


def test_what_was_there_already_is_not_undone(remedy, applied, here):
    Path("fabrikam.ldif").write_text(with_values(4))
    remedy("plan", "fabrikam.ldif", "postoffices.csv", "-o", "x.json")
    Path("fabrikam.ldif").write_text(EXPORT)
    assert remedy("plan", *SAMPLES, "-o", "plan.json").code == 0
    Path("fabrikam.ldif").write_text(with_values(4))
    assert remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED).code == 0
    assert remedy(*BACK, "--yes").code == 0
    assert read() == with_values(4)


def test_the_copy_that_output_made_leads_back_too(remedy):
    remedy("plan", *SAMPLES, "-o", "plan.json")
    ran = remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "-o", "new.ldif")
    assert remedy(*line(ran.err), "--yes").code == 0
    assert (read(), read("new.ldif")) == (EXPORT, EXPORT)


def test_only_what_had_landed_of_a_partial_run(process, remedy, estate):
    remedy("plan", *SAMPLES, "-o", "plan.json")
    jdoe = "otherMailbox: ms$OLDNET/OLDPO/JDOE\n"
    name = estate((jdoe, jdoe + "otherMailbox: ms$nwtraders/po1/postmaster\n"))
    before = read(name)
    ran = process("apply", "plan.json", name, *ALLOWED, "--keep-going", check=False)
    assert ran.code == 6
    back = remedy("rollback", "plan.json.journal", name, "--yes", "--format", "json")
    assert back.code == 0
    assert "c1.3" not in back.out
    assert read(name) == before


# --- The question ----------------------------------------------------------------------------------------------------


def test_where_nobody_can_be_asked_the_flag_is_named(remedy, applied):
    applied()
    listed = files()
    ran = remedy(*BACK, stdin=b"yes\n")
    assert ran.code == 4
    assert "--yes" in ran.err
    assert all(value in ran.err for value in ("c1.1", "c1.5", POSTMASTER)), "the preview"
    assert "entry undone" not in ran.err, "the preview must not say that it is done"
    assert (read(), files()) == (DONE, listed)


def test_the_environment_never_says_yes(remedy, applied):
    applied()
    assert remedy(*BACK, env={"REMEDY_ROLLBACK_YES": "1"}).code == 4
    assert read() == DONE


def test_a_dry_run_writes_nothing(remedy, applied):
    applied()
    listed = files()
    ran = remedy(*BACK, "--dry-run")
    assert ran.code == 0
    assert "would be undone" in ran.out
    assert (read(), files()) == (DONE, listed)


# --- Only some values ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("numbers", [(2,), (1, 5), (5, 1), (3, 3), (1, 2, 3, 4, 5)])
def test_only_these_values(remedy, applied, numbers):
    applied()
    words = [word for number in numbers for word in ("--only", f"c1.{number}")]
    assert remedy(*BACK, "--yes", *words).code == 0
    assert read() == with_values(*({1, 2, 3, 4, 5} - set(numbers)))


def test_a_whole_entry_as_the_help_promises(remedy, applied):
    applied()
    if "or entry" in " ".join(remedy("rollback", "--help").out.split()):
        assert remedy(*BACK, "--yes", "--only", "c1").code == 0
        assert read() == EXPORT


@pytest.mark.parametrize("word", ["c9", "c1.9", "c1.0", "c1.", "*", "PO1", "c1.2,c1.3", "c1.2 "])
def test_an_unknown_id_is_said_with_those_there_are(remedy, applied, word):
    applied()
    ran = remedy(*BACK, "--yes", "--only", "c1.1", "--only", word)
    assert ran.code in {1, 2}
    assert word.strip() in ran.err
    assert "c1.2" in ran.err
    assert read() == DONE


def test_an_empty_id_is_wrong_usage(remedy, applied):
    applied()
    assert remedy(*BACK, "--yes", "--only", "").code == 2
    assert read() == DONE


def test_one_after_the_other_leads_back_too(remedy, applied):
    applied()
    left = {1, 2, 3, 4, 5}
    for number in (3, 1, 5):
        assert remedy(*BACK, "--yes", "--only", f"c1.{number}").code == 0
        left -= {number}
        assert read() == with_values(*left)
    assert remedy(*BACK, "--yes").code == 0
    assert read() == EXPORT


def test_a_value_undone_twice_is_named(remedy, applied):
    applied()
    remedy(*BACK, "--yes", "--only", "c1.3")
    ran = remedy(*BACK, "--yes", "--only", "c1.3")
    assert ran.code in {0, 5}
    assert "c1.3" in ran.out + ran.err
    assert read() == with_values(1, 2, 4, 5)


# --- Of a rollback, twice, of another ---------------------------------------------------------------------------------


def test_a_rollback_can_be_rolled_back_by_the_line_it_prints(remedy, applied):
    applied()
    text = DONE
    ran = remedy(*BACK, "--yes")
    for _ in range(3):
        text = EXPORT if text == DONE else DONE
        assert read() == text
        ran = remedy(*line(ran.err), "--yes")
        assert ran.code == 0


def test_a_partial_rollback_can_be_rolled_back(remedy, applied):
    applied()
    ran = remedy(*BACK, "--yes", "--only", "c1.2", "--only", "c1.4")
    assert remedy(*line(ran.err), "--yes").code == 0
    assert read() == DONE


def test_a_second_rollback_says_that_it_is_done(remedy, applied):
    applied()
    remedy(*BACK, "--yes")
    listed = files()
    ran = remedy(*BACK, "--yes")
    assert ran.code in {0, 5}
    assert "lan again" not in ran.err
    assert re.search(r"already|before|undone|nothing", ran.out + ran.err)
    assert (read(), files()) == (EXPORT, listed)


def test_apply_and_back_again_under_another_journal(remedy, applied):
    applied()
    remedy(*BACK, "--yes")
    assert remedy("apply", "plan.json", "fabrikam.ldif", *ALLOWED, "--journal", "second").code == 0
    assert read() == DONE
    assert remedy("rollback", "second", "fabrikam.ldif", "--yes").code == 0
    assert read() == EXPORT


def test_a_target_that_it_was_never_applied_to(remedy, applied):
    applied()
    Path("other.ldif").write_text(EXPORT)
    ran = remedy("rollback", "plan.json.journal", "other.ldif", "--yes")
    assert ran.code in {0, 5}, "5, or nothing to undo"
    assert read("other.ldif") == EXPORT
    assert "other.ldif.lock" not in files()


def test_a_copy_of_the_changed_file_is_as_good(remedy, applied):
    """Files have no identity, only preconditions."""
    applied()
    Path("fabrikam.ldif").rename("moved.ldif")
    assert remedy("rollback", "plan.json.journal", "moved.ldif", "--yes").code == 0
    assert read("moved.ldif") == EXPORT


# --- What is no journal, what is no target -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "\n", "{}\n", "null\n", "[]\n", '{"event": "begin"}\n', "dn: o=X\n", "\0\n", "{" * 5000]
)
def test_what_is_no_journal_is_1(remedy, here, text):
    Path("journal").write_text(text)
    ran = remedy("rollback", "journal", "fabrikam.ldif", "--yes")
    assert ran.code == 1
    assert "journal" in ran.err
    assert read() == EXPORT


@pytest.mark.parametrize("name", ["nosuch", "fabrikam.ldif", "plan.json", "."])
def test_another_file_than_a_journal_is_1(remedy, applied, name):
    applied()
    assert remedy("rollback", name, "fabrikam.ldif", "--yes").code == 1
    assert read() == DONE


def test_a_journal_edited_by_hand_does_no_harm(remedy, applied):
    applied()
    journal = read("plan.json.journal").replace("PO1/POSTMASTER", "PO4/POSTMASTER")
    Path("plan.json.journal").write_text(journal)
    ran = remedy(*BACK, "--yes")
    assert (ran.code in {1, 5} and read() == DONE) or read() == EXPORT


def test_a_run_that_changed_nothing_leaves_nothing_to_undo(remedy, applied):
    applied()
    lines = [json.loads(text) for text in read("plan.json.journal").splitlines()]
    Path("begun").write_text(json.dumps(lines[0]) + "\n")
    ran = remedy("rollback", "begun", "fabrikam.ldif", "--yes")
    assert ran.code == 0
    assert read() == DONE
    assert "0 values" in ran.out


@pytest.mark.parametrize(
    ("target", "codes"),
    [
        ("postoffices.csv", {1, 2}), ("fabrikam.ldif.gz", {1, 2}), ("-", {1, 2}), ("folder", {1, 2}), ("nosuch.ldif", {1}),
        ("nosuch/x.ldif", {1}), ("", {2}), ("ldap://127.0.0.1:1/", {1, 7}),
    ],
)  # fmt: skip
def test_what_cannot_be_changed_is_said_in_words_and_leaves_nothing(remedy, applied, target, codes):
    applied()
    Path("fabrikam.ldif.gz").write_bytes(gzip.compress(DONE.encode()))
    Path("folder").mkdir()
    listed = files()
    ran = remedy("rollback", "plan.json.journal", target, "--yes", stdin=DONE.encode())
    assert ran.code in codes
    assert target in ran.err or target == "-"
    assert "where stdout goes" not in ran.err
    assert files() == listed


# --- A new mailbox -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["", "\ndn: cn=Zeta,ou=SEATTLE,o=FABRIKAM\nobjectClass: container\ncn: Zeta\n"])
def test_the_record_of_a_new_mailbox_goes_and_comes_back(remedy, applied, end):
    Path("fabrikam.ldif").write_text(EXPORT + end)
    done = applied("--new-mailbox", "GATE")
    assert f"dn: cn=GATE,{SITE}\n" in done
    ran = remedy(*BACK, "--yes")
    assert (ran.code, read()) == (0, EXPORT + end)
    again = remedy(*line(ran.err), "--yes")
    assert (again.code, read()) == (0, done)
    assert remedy(*line(again.err), "--yes").code == 0
    assert read() == EXPORT + end


def test_a_new_mailbox_that_somebody_uses_by_now_is_5(remedy, applied):
    applied("--new-mailbox", "GATE")
    before = edit("sn: GATE\n", "sn: GATE\ntelephoneNumber: 1\n")
    ran = remedy(*BACK, "--yes")
    assert ran.code == 5
    assert f"cn=GATE,{SITE}" in ran.err
    assert read() == before


# --- Wording -----------------------------------------------------------------------------------------------------------


def test_reports_fit_80_columns(remedy, applied, fits):
    applied()
    for words in (("--dry-run",), ("--yes",)):
        assert fits(remedy(*BACK, *words).out) == []
    assert fits(remedy("rollback", "--help").out) == []
