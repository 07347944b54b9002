"""Reading: what is a source, what is refused, and how several become one."""

from pathlib import Path

import pytest

from remedy import workflow
from remedy.dialects import Wanted
from remedy.errors import InputError, Refused, RemedyError, UsageError
from remedy.estate import Estate
from remedy.reading import Manner, read
from remedy.stores.base import Notes
from remedy.stores.ldif import LdifStore
from remedy.stores.memory import MemoryStore
from tests.conftest import ENTRIES, ROWS, connector, custom, ldif, listed, mailbox, system

SPACES = connector("MS:NWTRADERS/PO1;1")


def test_no_source_is_wrong_usage():
    with pytest.raises(UsageError):
        workflow.survey()


@pytest.mark.parametrize("text", ["version: 1\n", "# nothing\n"])
def test_an_empty_export_is_refused_or_no_export(company, text):
    path = company.folder / "export.ldif"
    path.write_text(text)
    with pytest.raises(RemedyError) as caught:
        workflow.survey(str(path))
    assert caught.value.exit_code in {1, 4}
    assert "export.ldif" in str(caught.value)


def test_an_empty_store_is_refused():
    with pytest.raises(Refused, match=r"memory holds no entry\. Check the export"):
        workflow.survey(MemoryStore([]))


def test_a_server_that_shows_nothing_is_refused_with_its_own_advice(monkeypatch):
    monkeypatch.setattr(MemoryStore, "notes", lambda _: Notes(live=True))
    with pytest.raises(Refused, match=r"memory shows no entry\. Check the base in the URL") as caught:
        workflow.survey(MemoryStore([]))
    assert "export" not in str(caught.value)


@pytest.mark.parametrize("kind", ["csv", "json", "toml"])
def test_an_empty_inventory_is_refused(company, kind):
    path = company.folder / f"list.{kind}"
    path.write_text("")
    with pytest.raises(Refused, match="list"):
        workflow.survey(str(path))


def test_what_is_not_there_is_said(company):
    with pytest.raises(InputError, match=r"missing\.ldif"):
        workflow.survey(str(company.folder / "missing.ldif"))


def test_a_path_a_store_and_an_estate_are_sources(company):
    inventory = read([company.inventory()], Wanted(), Manner()).estate
    path = Path(company.directory())
    found = read([path, MemoryStore([system("WINGTIP/ONLYHERE")]), inventory], Wanted(), Manner())
    assert found.directories == (str(path), "memory")
    assert len(found.inventories.listings) == len(ROWS)
    assert {str(row.po.name) for row in workflow.survey(path, MemoryStore([system("WINGTIP/ONLYHERE")])).rows} >= {
        "WINGTIP/ONLYHERE"
    }


def test_several_exports_are_one_directory(company):
    halves = company.directory(ENTRIES[:6]), company.directory(ENTRIES[6:])
    for order in (halves, halves[::-1]):
        both, whole = company.rows(*order), company.rows(company.directory())
        assert {name: row["coverage"] for name, row in both.items()} == {
            name: row["coverage"] for name, row in whole.items()
        }
        plans = company.plan(*order), company.plan(company.directory())
        assert plans[0].changes == plans[1].changes


def test_a_holder_in_another_export_is_seen(company):
    one = company.directory([SPACES, mailbox("Postmaster")])
    other = company.directory([mailbox("keeper", "ms$NWTRADERS/PO1/POSTMASTER")])
    assert company.plan(one).pending
    assert not company.plan(one, other).pending


def test_an_entry_of_two_exports_has_the_values_of_both(company):
    one = company.directory([SPACES, mailbox("a", "ms$NWTRADERS/PO1/POSTMASTER")])
    two = company.directory([connector("MS:NWTRADERS/PO2;1"), mailbox("a", "ms$NWTRADERS/PO3/POSTMASTER")])
    rows = company.rows(one, two)
    assert {name: row["coverage"] for name, row in rows.items()} == {
        "NWTRADERS/PO1": "exchange-mailbox",
        "NWTRADERS/PO2": "exposed",
        "NWTRADERS/PO3": "exchange-mailbox",
    }
    (step,) = company.plan(one, two).steps
    assert set(step.before.texts("otherMailbox")) == {
        "MS$FABRIKAM/SEATTLE/A",
        "ms$NWTRADERS/PO1/POSTMASTER",
        "ms$NWTRADERS/PO3/POSTMASTER",
    }
    assert any(code == "sources-disagree" for code, _ in company.codes(one, two))


def test_two_exports_that_agree_do_not_disagree(company):
    assert not any(code == "sources-disagree" for code, _ in company.codes(company.directory(), company.directory()))


def test_a_postoffice_keeps_the_evidence_from_each_source(company):
    sources = [company.directory([SPACES]), company.directory([SPACES]), company.inventory([listed("NWTRADERS/PO1")])]
    (row,) = company.rows(*sources).values()
    assert [(item["source"], item["kind"]) for item in row["evidence"]] == [
        (sources[0], "routing-list"),
        (sources[1], "routing-list"),
        (sources[2], "inventory"),
    ]


def test_a_postoffice_keeps_the_evidence_of_a_recipient_from_each_source(company):
    sources = [company.directory([system("NWTRADERS/PO1")]) for _ in range(2)]
    (row,) = company.rows(*sources).values()
    assert [item["source"] for item in row["evidence"]] == sources


def test_an_entry_that_stands_twice_is_read_once(company):
    assert company.rows(company.directory([SPACES, SPACES]))["NWTRADERS/PO1"]["coverage"] == "exposed"


def test_an_entry_that_stands_twice_and_differs_is_no_export(company):
    with pytest.raises(InputError, match="twice"):
        company.rows(company.directory([SPACES, connector("MS:NWTRADERS/PO2;1")]))


def test_progress_is_told_of_each_source(company):
    told = []
    source = company.directory()
    workflow.survey(source, manner=Manner(progress=lambda *words: told.append(words)))
    size = Path(source).stat().st_size
    assert told[-1] == (source, size, size)


def test_the_dialect_and_the_kind_can_be_said(company):
    path = company.folder / "export.txt"
    path.write_text(ldif(ENTRIES))
    rows = company.rows(str(path), manner=Manner(as_kind="ldif", dialect="exchange55"))
    assert len(rows) == 8
    with pytest.raises(UsageError, match="x400"):
        company.rows(str(path), manner=Manner(dialect="x400"))


def test_strict_reads_every_record(company):
    path = company.folder / "export.ldif"
    path.write_text(ldif([SPACES]) + "dn: cn=x,o=FABRIKAM\nobjectClass: container\nnonsense\n\n")
    assert company.rows(str(path))
    with pytest.raises(InputError, match="nonsense"):
        company.rows(str(path), manner=Manner(strict=True))


def test_all_faults_of_a_run_are_said_at_once(company):
    path = company.folder / "export.ldif"
    broken = "dn: cn={},o=FABRIKAM\nTarget-Address: MS:NWTRADERS/PO1/X\nnonsense\n\n"
    path.write_text(ldif([SPACES]) + broken.format("a") + broken.format("b"))
    with pytest.raises(InputError) as caught:
        company.rows(str(path))
    assert len(caught.value.faults) == 2
    assert all(fault.line for fault in caught.value.faults)


def test_what_was_read_can_be_lifted_again():
    found = read([MemoryStore([SPACES, custom("a", "MS:NWTRADERS/PO2/A")])], Wanted(), Manner())
    assert isinstance(found.lifted(found.entries, "exchange55"), Estate)
    assert len(found.lifted(found.entries, "exchange55").sightings) == 1
    assert not found.lifted([], "exchange55").connectors


@pytest.mark.parametrize(
    ("more", "passes"),
    [
        ("", 1),
        ("dn: cn=u1,ou=_ABVIEWS_,o=F\nTarget-Address: MS:N/P/A\n\n", 1),  # a view repeats recipients (Q192306)
        ("dn: cn=gone,o=F\nIs-Deleted: TRUE\nTarget-Address: MS:N/P/A\n\n", 1),
        ("dn: cn=odd,o=F\nIs-Deleted: FALSE\nTarget-Address: MS:N/P/A\n\n", 2),
        ("dn: cn=U1,o=F\nTarget-Address: MS:N/P/A\n\n", 2),
    ],
)
def test_an_export_is_read_once_more_only_if_too_little_was_kept_of_it(tmp_path, monkeypatch, more, passes):
    reads, read_once = [], LdifStore.read
    monkeypatch.setattr(LdifStore, "read", lambda self, *query: reads.append(1) or read_once(self, *query))
    path = tmp_path / "export.ldif"
    path.write_text("".join(f"dn: cn=u{n},o=F\nTarget-Address: MS:N/P/A\n\n" for n in range(3)) + more)
    (sighting,) = read((path,), Wanted(), Manner()).estate.sightings
    assert sighting.evidence.count == 3 + (more.startswith("dn: cn=odd"))
    assert sighting.evidence.where == "cn=u0,o=F (line 1)"
    assert len(reads) == passes
