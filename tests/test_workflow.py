"""The verbs: what each gives and refuses, and that none of them writes."""

import hashlib
import json
from pathlib import Path

import pytest

from remedy import workflow
from remedy.addresses import PostofficeName
from remedy.errors import InputError, Refused, RemedyError, Stale, UsageError
from remedy.ldif import parse_changes
from remedy.workflow import FORMS, Wishes
from tests.conftest import ENTRIES, INVENTORIES, addressing, connector, ldif, listed, mailbox

PO1 = PostofficeName("NWTRADERS", "PO1")


def state(folder: Path) -> dict[str, tuple[str, int, int]]:
    """What lies in a folder: the bytes and the times of each file."""
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns, path.stat().st_ino)
        for path in folder.iterdir()
    }


@pytest.mark.parametrize("door", ["ldif", "ldif-gz", "ldif-utf16"])
@pytest.mark.parametrize("kind", INVENTORIES)
def test_no_verb_writes(company, door, kind):
    sources = company.directory(door=door), company.inventory(kind=kind)
    plan_file = company.folder / "plan.json"
    plan_file.write_text(workflow.show(company.plan(*sources), "json"))
    for path in company.folder.iterdir():
        path.chmod(0o444)
    before = state(company.folder)
    workflow.survey(*sources)
    for strategy in ("exchange", "postoffice", "both", "mixed"):
        company.plan(*sources, strategy=strategy)
    company.plan(*sources, new_mailbox="GATE", max_proxies=4)
    plan = workflow.load_plan(str(plan_file))
    workflow.trace(*sources, plan=plan)
    for form in FORMS:
        workflow.show(plan, form)
    workflow.explain("exposed")
    assert state(company.folder) == before


def test_show_gives_every_form(company):
    plan = company.plan(company.directory(), company.inventory())
    shown = {form: workflow.show(plan, form) for form in FORMS}
    assert json.loads(shown["json"]) == plan.to_dict()
    assert parse_changes(shown["ldif"].encode(), "plan") == plan.changes
    assert all("NWTRADERS/PO1/POSTMASTER" in shown[form] for form in ("text", "json", "ldif", "markdown", "html"))
    with pytest.raises(UsageError, match="yaml"):
        workflow.show(plan, "yaml")


def test_the_ldif_is_the_forward_change_only_and_one_record_an_entry(company):
    entries = [addressing(), connector(*(f"MS:NWTRADERS/P{n};1" for n in range(9))), mailbox("Postmaster")]
    text = workflow.show(company.plan(company.directory(entries), max_proxies=7), "ldif")
    assert text.startswith("version: 1\n")
    assert "replace:" not in text
    assert "delete:" not in text
    names = [line for line in text.splitlines() if line.startswith("dn:")]
    assert len(names) == len(set(names)) == 3


def test_the_ldif_of_nothing_is_still_ldif(company):
    plan = company.plan(company.directory([addressing(), mailbox("a", "ms$NWTRADERS/PO1/POSTMASTER")]))
    assert parse_changes(workflow.show(plan, "ldif").encode(), "plan") == ()


def test_a_plan_file_is_loaded(company):
    plan = company.plan(company.directory())
    path = company.folder / "plan.json"
    path.write_text(workflow.show(plan, "json"))
    assert workflow.load_plan(str(path)).to_dict() == plan.to_dict()
    path.write_text(path.read_text().replace("PO1", "PO9"))
    with pytest.raises(Stale):
        workflow.load_plan(str(path))
    with pytest.raises(InputError):
        workflow.load_plan(str(company.folder / "missing.json"))


def test_trace_picks_postoffices(company):
    found = workflow.trace(company.directory(), only=[PO1])
    assert [item.po.name for item in found] == [PO1]
    with pytest.raises(Refused, match="WINGTIP/NOWHERE"):
        workflow.trace(company.directory(), only=[PO1, PostofficeName("WINGTIP", "NOWHERE")])


def test_trace_can_pick_the_shadow(company):
    (found,) = workflow.trace(company.directory(), only=[PostofficeName("FABRIKAM", "SEATTLE")])
    assert found.po.kind == "shadow"


@pytest.mark.parametrize("wishes", [{}, {"mailbox": "jdoe"}, {"new_mailbox": "GATE"}, {"strategy": "both"}], ids=str)
def test_trace_with_a_plan_gives_what_the_plan_promised(company, wishes):
    sources = company.directory(), company.inventory()
    plan = company.plan(*sources, **wishes)
    rows = company.traces(*sources, plan=plan)
    assert {name: row["after"] for name, row in rows.items()} == {t["postoffice"]: t["after"] for t in plan.traces}


def test_a_plan_from_an_export_holds_for_another_source_of_the_same(company):
    plan = company.plan(company.directory(), company.inventory())
    rows = company.traces(company.directory(door="memory"), company.inventory(kind="toml"), plan=plan)
    assert rows["NWTRADERS/PO1"]["after"]["outcome"] == "delivers"


def test_a_plan_that_does_not_fit_the_sources_is_stale(company):
    plan = company.plan(company.directory())
    others = [entry for entry in ENTRIES if entry.dn != plan.changes[0].dn]
    for entries in (others, [*others, mailbox("Postmaster", "MS$nwtraders/po1/postmaster")]):
        with pytest.raises(Stale) as caught:
            workflow.trace(company.directory(entries), plan=plan)
        assert str(plan.changes[0].dn) in str(caught.value)


def test_bad_rows_stop_a_plan_and_not_a_survey(company):
    sources = company.directory(), company.inventory([listed("NWTRADERS/POSTOFFICE1"), listed("NWTRADERS/P-2")])
    assert workflow.survey(*sources).rows
    with pytest.raises(InputError) as caught:
        company.plan(*sources)
    assert [fault.line for fault in caught.value.faults] == [2, 3]


def test_a_cut_export_stops_a_plan_until_it_is_allowed(company):
    path = company.folder / "export.ldif"
    path.write_text(ldif(ENTRIES).rstrip("\n"))
    with pytest.raises(Refused, match="--allow maybe-truncated"):
        company.plan(str(path))
    plan = company.plan(str(path), allow=frozenset({"maybe-truncated"}))
    assert plan.steps
    assert "maybe-truncated" in {item["code"] for item in plan.findings}


def test_the_options_are_kept_as_they_were_asked(company):
    asked = {"mailbox": "cn=jdoe, cn=Recipients,ou=SEATTLE,o=FABRIKAM", "max_proxies": 99, "exchange_version": "5.5sp4"}
    options = company.plan(company.directory(), **asked).options
    assert {key: options[key] for key in asked} == asked
    assert options["new_mailbox"] is None
    assert options["include_connector_po"] is False


def test_wishes_are_frozen():
    with pytest.raises(AttributeError):
        Wishes().mailbox = "jdoe"


def test_every_refusal_is_an_error_of_ours(company):
    for wishes in ({"mailbox": "nobody"}, {"new_mailbox": "jdoe"}, {"max_proxies": 1}, {"like": "jdoe"}):
        with pytest.raises(RemedyError):
            company.plan(company.directory(), **wishes)


def test_an_unknown_strategy_is_no_traceback(company):
    with pytest.raises(UsageError, match="There is no strategy 'x'"):
        workflow.plan(company.directory(), wishes=workflow.Wishes(strategy="x"))
