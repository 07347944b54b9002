"""Exports of the Administrator program on the command line: as a source, never as a target, and how it is told of them."""

from pathlib import Path

import pytest

from tests.administrator import EVERYTHING, Style, export
from tests.conftest import ENTRIES, ldif

BARS = Style("|", "'", "#")
SAID = (
    "--export-option",
    "ColumnSeparator=124",
    "--export-option",
    "QuoteSeparator='",
    "--export-option",
    "MVSeparator=#",
)


@pytest.fixture
def table(here):
    def write(*missing, style=Style(), name="export.csv", encoding="cp1252"):  # noqa: B008 - frozen
        header = [column for column in EVERYTHING if column not in missing]
        Path(name).write_bytes(export(ENTRIES, header, style).encode(encoding))
        return name

    return write


def test_it_is_surveyed_planned_traced_and_verified_like_ldif(remedy, table):
    table()
    Path("export.ldif").write_text(ldif(ENTRIES))
    for words in (("survey",), ("plan",), ("trace",), ("verify",)):
        one, two = (remedy(*words, name) for name in ("export.csv", "export.ldif"))
        assert one.code == two.code
    assert remedy("plan", "export.csv", "--format", "ldif").out == remedy("plan", "export.ldif", "--format", "ldif").out


def test_a_plan_of_it_is_applied_to_the_directory_and_never_to_itself(remedy, table):
    table()
    Path("export.ldif").write_text(ldif(ENTRIES))
    assert remedy("plan", "export.csv", "-o", "plan.json").code == 0
    before = Path("export.csv").read_bytes()
    ran = remedy("apply", "plan.json", "export.csv", "--yes", "--allow", "dirsync-wipe")
    assert ran.code == 1
    assert "export of the Exchange Administrator program" in ran.err
    assert "LDIF" in ran.err
    assert Path("export.csv").read_bytes() == before
    assert remedy("apply", "plan.json", "export.ldif", "--yes", "--allow", "dirsync-wipe").code == 0


@pytest.mark.parametrize("verb", ["survey", "plan", "trace", "verify"])
def test_every_command_that_reads_sources_takes_the_options(remedy, table, verb):
    table(style=BARS)
    ran = remedy(verb, "export.csv", *SAID)
    assert ran.code == remedy(verb, table(name="plain.csv")).code
    assert remedy(verb, "export.csv", "--export-option", "ColumnSeparator=59").code == 1


def test_the_options_come_from_environment_and_settings_too(remedy, table):
    table(style=BARS)
    value = "ColumnSeparator=124 QuoteCharacter=39 MVSeparator=35"
    assert remedy("survey", "export.csv", env={"REMEDY_SURVEY_EXPORT_OPTION": value}).code == 3
    Path("remedy.toml").write_text(f"[survey]\nexport-option = {value.split()}\n")
    assert remedy("survey", "export.csv").code == 3
    Path("remedy.toml").write_text('[survey]\nexport-option = "Colour=1"\n')
    ran = remedy("survey", "export.csv")
    assert ran.code == 1
    assert "MVSeparator" in ran.err


@pytest.mark.parametrize(
    "option", ["", "x", "Colour=1", "ColumnSeparator=xx", "MVSeparator=59", "CodePage=klingon\x1b", 'MVSeparator="']
)
def test_wrong_options_are_wrong_usage(remedy, table, option):
    table()
    ran = remedy("survey", "export.csv", "--export-option", option)
    assert ran.code == 2
    assert "--export-option" in ran.err


def test_an_unknown_option_lists_those_there_are(remedy, table):
    ran = remedy("survey", table(), "--export-option", "Colour=1")
    assert all(name in ran.err for name in ("ColumnSeparator", "QuoteCharacter", "MVSeparator", "CodePage"))


def test_blindness_is_an_error_and_a_gate_with_its_flag(remedy, table):
    table("Secondary-Proxy-Addresses")
    ran = remedy("survey", "export.csv", "--format", "json")
    assert ran.code == 3
    assert {po["confidence"] for po in ran.json["postoffices"] if po["coverage"] == "exposed"} == {"inferred"}
    assert "exposed ?" in remedy("survey", "export.csv").out
    refused = remedy("plan", "export.csv", "-o", "plan.json")
    assert refused.code == 4
    assert "--allow addresses-unseen" in refused.err
    assert not Path("plan.json").exists()
    assert remedy("plan", "export.csv", "--allow", "maybe-truncated").code == 4
    assert remedy("plan", "export.csv", env={"REMEDY_PLAN_ALLOW": "addresses-unseen"}).code == 4
    allowed = remedy("plan", "export.csv", "--allow", "addresses-unseen", "--format", "json")
    assert allowed.code == 0
    assert "addresses-unseen" in {item["code"] for item in allowed.json["findings"]}
    traced = remedy("trace", "export.csv", "--po", "NWTRADERS/PO1")
    assert traced.code == 3
    assert "whose addresses the sources do not show" in " ".join(traced.out.replace("|", " ").split())


def test_it_comes_through_a_pipe(remedy, table):
    data = Path(table(encoding="utf-16")).read_bytes()
    assert remedy("survey", "-", stdin=data).code == 3
    assert remedy("survey", "-", "--as", "exchange-csv", stdin=data).code == 3
    assert remedy("survey", "-", stdin=data, env={}).out == remedy("survey", "-", stdin=data).out


def test_faults_are_all_said(remedy, table):
    with Path(table()).open("a", newline="") as file:
        file.write("Mailbox,x\r\nMailbox\r\n")
    ran = remedy("survey", "export.csv")
    assert ran.code == 1
    assert ran.err.count("event 291") == 2
    assert "export.csv:13: " in ran.err
    assert "export.csv:14: " in ran.err


def test_the_kind_is_said_with_v(remedy, table):
    assert "reading export.csv as exchange-csv" in remedy("survey", table(), "-v").err
