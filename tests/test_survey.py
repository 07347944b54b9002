"""The survey: the same company whichever door it comes in by, and what is said when there is nothing to say."""

from itertools import product

import pytest

from remedy import workflow
from remedy.addresses import PostofficeName
from remedy.coverage import Coverage
from remedy.errors import Refused
from remedy.estate import Estate
from remedy.findings import Severity
from remedy.survey import Scope, survey
from tests.conftest import COMPANY, DIRECTORIES, INVENTORIES, connector, listed, mailbox


@pytest.mark.parametrize(("door", "kind"), list(product(DIRECTORIES, INVENTORIES)))
def test_the_company_is_the_same_through_every_door(company, door, kind):
    sources = company.directory(door=door), company.inventory(kind=kind)
    rows, traces = company.rows(*sources), company.traces(*sources)
    seen = {name: (row["coverage"], traces[name]["before"]["outcome"]) for name, row in rows.items()}
    assert seen == {name: (coverage, outcome) for name, (_, coverage, outcome, _) in COMPANY.items()}
    planned = {name for step in company.plan(*sources).steps for name in step.postoffices}
    assert planned == {name for name, (*_, planned) in COMPANY.items() if planned}


@pytest.mark.parametrize("kind", INVENTORIES)
def test_inventories_alone_show_the_same_postoffices(company, kind):
    rows = company.rows(company.inventory(kind=kind))
    full_or_there = {"NWTRADERS/PO2": "postoffice-mailbox", "WINGTIP/DEPOT": "full"}
    assert {name: row["coverage"] for name, row in rows.items()} == {
        name: full_or_there.get(name, "exposed") for name in COMPANY
    }


@pytest.mark.parametrize("door", DIRECTORIES)
def test_directories_alone_show_the_same_postoffices(company, door):
    rows = company.rows(company.directory(door=door))
    assert set(rows) == set(COMPANY)
    assert rows["NWTRADERS/PO2"]["coverage"] == "exchange-mailbox"
    assert rows["WINGTIP/DEPOT"]["coverage"] == "exposed"


def test_rows_are_sorted_and_counted(company):
    found = workflow.survey(company.directory(), company.inventory())
    assert [str(row.po.name) for row in found.rows] == sorted(COMPANY)
    counts = found.summary()
    assert counts == {
        "postoffices": 8, "covered": 4, "exposed": 2, "conflict": 1, "full": 1, "findings": len(found.findings),
    }  # fmt: skip


def test_an_error_finding_alarms_and_its_absence_does_not(company):
    found = workflow.survey(company.directory(), company.inventory())
    assert found.alarming
    errors = {item.code for item in found.findings if item.severity is Severity.ERROR}
    assert errors == {"exposed", "duplicate-address", "mailbox-full"}
    calm = found.ignoring(tuple(errors))
    assert not calm.alarming
    assert {item.code for item in calm.findings} == {item.code for item in found.findings} - errors
    assert not workflow.survey(company.inventory([listed("WINGTIP/TOYS", postmaster=True)])).alarming


@pytest.mark.parametrize(
    ("include", "exclude", "left"),
    [
        ((), (), {"NWTRADERS/PO1", "NWTRADERS/PO2", "WINGTIP/TOYS"}),
        (("nwtraders/*",), (), {"NWTRADERS/PO1", "NWTRADERS/PO2"}),
        (("*/PO1", "WINGTIP/*"), (), {"NWTRADERS/PO1", "WINGTIP/TOYS"}),
        ((), ("*/po?",), {"WINGTIP/TOYS"}),
        (("NWTRADERS/*",), ("*/PO2",), {"NWTRADERS/PO1"}),
    ],
)
def test_globs_choose_postoffices_without_case(company, include, exclude, left):
    source = company.directory([connector("MS:NWTRADERS/PO1;1", "MS:NWTRADERS/PO2;1", "MS:WINGTIP/TOYS;1")])
    scope = Scope(include, exclude)
    assert set(company.rows(source, scope=scope)) == left
    planned = {name for step in company.plan(source, scope=scope).steps for name in step.postoffices}
    assert planned == left
    traced = {name for name, row in company.traces(source, scope=scope).items() if row["kind"] != "shadow"}
    assert traced == left


def test_globs_that_leave_nothing_are_refused_with_what_there_is(company):
    with pytest.raises(Refused, match="WINGTIP/TOYS"):
        company.rows(company.inventory([listed("WINGTIP/TOYS")]), scope=Scope(include=("NWTRADERS/*",)))


@pytest.mark.parametrize(
    "entries", [[mailbox("jdoe")], [connector("MS:PROFS/HOST1;1", "MS:NWTRADERS/*;1")]], ids=["no-connector", "no-po"]
)
def test_no_postoffice_is_refused(company, entries):
    with pytest.raises(Refused, match="No Microsoft Mail postoffice"):
        workflow.survey(company.directory(entries))


def test_no_postoffice_but_bad_rows_shows_the_rows(company):
    source = company.inventory([listed("NWTRADERS/POSTOFFICE11"), listed("/PO1")])
    with pytest.raises(Refused) as caught:
        workflow.survey(source)
    assert all(f"{source}:{line}: " in str(caught.value) for line in (2, 3))


def test_an_empty_estate_is_refused():
    with pytest.raises(Refused):
        survey(Estate(), cap=150)


def test_the_scope_takes_names():
    assert Scope().takes(PostofficeName("NWTRADERS", "PO1"))
    assert not Scope(exclude=("nw*",)).takes(PostofficeName("NWTRADERS", "PO1"))


def test_a_survey_gives_its_estate_and_shadows(company):
    found = workflow.survey(company.directory())
    assert [str(row.po.name) for row in found.shadow_rows] == ["FABRIKAM/SEATTLE"]
    assert found.shadow_rows[0].coverage is Coverage.EXPOSED
    assert found.estate.connectors
