"""The JSON documents: their keys are the contract's, in a stable order."""

import json

from remedy import workflow
from remedy.documents import inventory_rows, survey_document, trace_document
from remedy.inventories import COLUMNS
from remedy.inventories.native import dump_csv
from tests.conftest import RECIPIENTS, listed


def test_the_survey_document(company):
    document = survey_document(workflow.survey(company.directory(), company.inventory()))
    assert list(document) == ["schema", "postoffices", "findings", "summary"]
    assert document["schema"] == "remedy/survey/1"
    for row in document["postoffices"]:
        assert list(row) == [
            "address", "network", "name", "kind", "coverage", "confidence", "holders", "evidence",
        ]  # fmt: skip
        assert row["address"] == f"{row['network']}/{row['name']}"
        assert all(list(item) == ["dn", "kind", "address"] for item in row["holders"])
        assert all({"source", "where", "kind", "value"} <= set(item) for item in row["evidence"])
    assert all(list(item) == ["code", "severity", "subject", "message", "fix"] for item in document["findings"])
    assert set(document["summary"]) == {"postoffices", "covered", "exposed", "conflict", "full", "findings"}
    assert json.loads(json.dumps(document)) == document


def test_holders_are_shown_as_they_are_spelt(company):
    rows = {row["address"]: row for row in survey_document(workflow.survey(company.directory()))["postoffices"]}
    assert rows["NWTRADERS/PO3"]["holders"] == [
        {"dn": f"cn=Postmaster,{RECIPIENTS}", "kind": "mailbox", "address": "ms$nwtraders/po3/postmaster"}
    ]
    assert rows["NWTRADERS/HUBPO"]["holders"][0]["kind"] == "custom-recipient"
    assert rows["WINGTIP/TOYS"]["confidence"] == "inferred"
    assert [item["kind"] for item in rows["NWTRADERS/HUBPO"]["evidence"]] == [
        "routing-list",
        "system-recipient",
        "target-address",
        "proxy",
        "requestor",
    ]


def test_the_trace_document(company):
    document = trace_document(workflow.trace(company.directory(), plan=company.plan(company.directory())))
    assert list(document) == ["schema", "traces"]
    assert document["schema"] == "remedy/trace/1"
    for row in document["traces"]:
        assert {"postoffice", "before", "after", "msmail_side"} <= set(row)
        for walk in (row["before"], row["after"], row["msmail_side"]):
            assert list(walk) == ["outcome", "path"]
            assert walk["path"]
    assert trace_document(workflow.trace(company.directory()))["traces"][0]["after"] is None


FACTS = [
    listed("NWTRADERS/PO1", kind="ffapi", users=3, version="3.5", path=r"\\NWSRV1\MAILDATA", note="a, b"),
    listed("NWTRADERS/PO2", kind="msmail", postmaster=True, pending=4096),
    listed("NWTRADERS/PO3", kind="msmail", postmaster=False, strategy="skip"),
    listed("NWTRADERS/PO4", kind="msmail", postmaster=True, pending=0, users=0),
]


def test_the_columns_of_an_inventory_read_back(company):
    rows = inventory_rows(workflow.survey(company.inventory(FACTS, "json")))
    assert [list(row) for row in rows] == [list(COLUMNS)] * 4
    words = {True: "yes", False: "no"}
    for row, facts in zip(rows, FACTS, strict=True):
        assert {k: v for k, v in row.items() if v != ""} == {
            k: words[v] if isinstance(v, bool) else v for k, v in facts.items()
        }
    path = company.folder / "again.csv"
    path.write_text(dump_csv(rows))
    assert inventory_rows(workflow.survey(str(path))) == rows


def test_what_the_directory_shows_of_the_own_mailbox_is_told(company):
    rows = {
        f"{row['network']}/{row['postoffice']}": row for row in inventory_rows(workflow.survey(company.directory()))
    }
    assert rows["NWTRADERS/HUBPO"]["postmaster"] == "yes"
    assert rows["WINGTIP/TOYS"]["postmaster"] == ""
    assert rows["NWTRADERS/PO3"]["postmaster"] == ""
