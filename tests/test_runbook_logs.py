"""The runbook with logs: both ends of each loop, drawn and named, and no word of a log anything but text."""

import itertools
import re

import pytest

from remedy.demo import LOG, sample
from remedy.diagnosed import diagnosis_document
from remedy.diagnosing import diagnose
from remedy.rendering import runbook
from tests.scripts_harness import company_plan

HOSTILE = (
    "<script>alert(1)</script>", "a\"b'c&d", "`tick` | pipe", "]]> --> {{ 7 * 7 }}", "\x1b[31mred\x07", "\u202eabc", "[x](http://y)",
    "# head\n- item\n```\nfence",
)  # fmt: skip


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    path = tmp_path_factory.mktemp("logs") / LOG
    path.write_text(sample(LOG), encoding="utf-8")
    found = diagnose(str(path), known=company_plan("exchange55"))
    return {**diagnosis_document(found.diagnosis, found.notes, version="5.5"), "logs": []}


def played(logs, text):
    """Give the same with a hostile text wherever a log can say something."""
    loops = [{**loop, "peer": text, "domain": None, "server": text, "evidence": text} for loop in logs["loops"]]
    causes = [{**cause, "mailbags": [text], "code": text} for cause in logs["causes"]]
    read = [
        {"name": text, "format": text, "date_order": "mdy", "unread": {"records": 0, "lines": 0}, "oddities": [text]}
    ]
    return {**logs, "loops": loops, "suspects": loops, "causes": causes, "logs": read}


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_both_ends_stand_in_it_and_what_started_it(form, logs):
    plain, text = runbook(company_plan("exchange55"), form), runbook(company_plan("exchange55"), form, logs=logs)
    assert "lists.proseware.com" not in plain
    for word in (
        "The loops in the logs",
        "listserv@lists.proseware.com",
        "answers and reports by turns",
        "017",
        "MKELLER",
    ):
        assert word in text
    assert "part 2 names the ends of each, as far as the logs do" in text


def test_the_list_server_is_named_in_the_picture_of_its_postoffice(logs):
    text = runbook(company_plan("exchange55"), "html", logs=logs)
    pictures = re.findall(r"(?s)<svg.*?</svg>", text)
    named = [picture for picture in pictures if "lists.proseware.com</text>" in picture and "List server" in picture]
    assert named
    assert all("NWTRADERS/PO1" in picture for picture in named)
    assert "When the loops ran" in text


def test_no_loop_is_said_too(logs):
    none = {**logs, "loops": [], "suspects": [], "causes": [], "span": [], "summary": {**logs["summary"], "loops": 0}}
    for form in ("markdown", "html"):
        text = runbook(company_plan("exchange55"), form, logs=none)
        assert "The logs that were read show no loop." in text
        assert "The logs show no loop." in text
        assert "Nothing in" in text


def test_headings_and_tables_stay_for_everybody(logs):
    text = runbook(company_plan("exchange55"), "html", logs=logs)
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert text.count("<caption>") == text.count("<table")
    assert len(re.findall(r"<th(?=[ >])", text)) == len(re.findall(r'<th scope="(?:col|row)"', text))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_log_says_stays_text(hostile, logs):
    base = runbook(company_plan("exchange55"), "html", logs=logs)
    text = runbook(company_plan("exchange55"), "html", logs=played(logs, hostile))
    assert set(re.findall(r"<([a-z]+)", text)) <= set(re.findall(r"<([a-z]+)", base)) | {"details", "summary"}
    markdown = runbook(company_plan("exchange55"), "markdown", logs=played(logs, hostile))
    assert not [character for character in markdown + text if ord(character) < 32 and character != "\n"]


def test_the_plan_says_what_covers_it(logs):
    assert [loop["coverage"] for loop in logs["loops"]] == ["exposed"]
    assert logs["advice"][1]["kind"] == "repair"


def test_of_two_list_servers_the_more_urgent_is_drawn(logs):
    slower = {**logs["loops"][0], "domain": "slow.contoso.com", "peer": "list@slow.contoso.com"}
    text = runbook(company_plan("exchange55"), "html", logs={**logs, "loops": [*logs["loops"], slower]})
    drawn = [picture for picture in re.findall(r"(?s)<svg.*?</svg>", text) if "List server" in picture]
    assert any("lists.proseware.com</text>" in picture for picture in drawn)
    assert not any("slow.contoso.com</text>" in picture for picture in drawn)
