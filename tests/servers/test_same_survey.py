"""One company, whichever door it comes in by: file, memory, server; and a change that leads there and back."""

import json

import pytest

from remedy import workflow
from remedy.codes import HAZARDS
from remedy.documents import survey_document, trace_document
from remedy.execution import ApplyWishes, apply
from remedy.reading import Manner
from remedy.stores.login import Login
from remedy.stores.memory import MemoryStore
from remedy.stores.places import Server
from remedy.undoing import RollbackWishes, rollback
from tests.conftest import COMPANY, ENTRIES, RECIPIENTS, ROWS, ldif, mailbox
from tests.servers.people import peopled
from tests.servers.slapd import Slapd

pytestmark = pytest.mark.server
ALL = peopled(ENTRIES, "o=FABRIKAM")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Slapd(tmp_path_factory.mktemp("same") / "slapd", entries=ENTRIES) as running:
        yield running


def without_places(document):
    """Leave out what names the source itself."""

    def clean(item):
        if isinstance(item, dict):
            return {key: clean(value) for key, value in item.items() if key not in {"source", "where", "digest"}}
        return [clean(one) for one in item] if isinstance(item, list) else item

    return clean(json.loads(json.dumps(document)))


def reader(server, **more):
    return Login(bind_dn=server.dn("reader"), password=lambda: "secret", insecure_plain=True, **more)


DOORS = {
    "memory": lambda _server, _path: MemoryStore(ALL, name="memory"),
    "ldapi": lambda server, _path: server.local_url,
    "with a base": lambda server, _path: f"{server.local_url}/o=FABRIKAM",
    "one a page": lambda server, _path: Server(url=server.url, login=reader(server, page_size=1)),
    "three a page": lambda server, _path: Server(url=server.url, login=reader(server, page_size=3)),
    "as the dialect says": lambda server, _path: Server(url=server.url, login=reader(server)),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_shows_the_same(server, tmp_path, door):
    path = tmp_path / "export.ldif"
    path.write_text(ldif(ALL), encoding="utf-8")
    source = DOORS[door](server, path)
    assert without_places(survey_document(workflow.survey(source))) == without_places(
        survey_document(workflow.survey(str(path)))
    )
    assert trace_document(workflow.trace(source)) == trace_document(workflow.trace(str(path)))
    for wishes in ({}, {"strategy": "both"}, {"max_proxies": 4}, {"new_mailbox": "MSPMGATE"}, {"mailbox": "jdoe"}):
        asked = workflow.Wishes(**wishes)
        plans = [workflow.plan(one, wishes=asked).to_dict() for one in (source, str(path))]
        assert without_places(plans[0]) == without_places(plans[1])


def test_the_export_of_the_server_shows_the_same(server, tmp_path):
    path = tmp_path / "export.ldif"
    path.write_text(server.export("*"), encoding="utf-8")
    rows = [row.po.name for row in workflow.survey(str(path)).rows]
    assert [str(name) for name in rows] == sorted(COMPANY)
    assert without_places(survey_document(workflow.survey(str(path)))) == without_places(
        survey_document(workflow.survey(server.local_url))
    )


def test_an_inventory_beside_a_server_counts(server, company):
    inventory = company.inventory(ROWS)
    rows = company.rows(server.local_url, inventory)
    assert {name: row["coverage"] for name, row in rows.items()} == {name: facts[1] for name, facts in COMPANY.items()}


def test_whoever_does_not_see_hidden_entries_is_told(server):
    user = Login(bind_dn=server.dn("user"), password=lambda: "secret", insecure_plain=True)
    found = workflow.survey(Server(url=server.url, login=user))
    assert "no-hidden-objects-seen" in {finding.code for finding in found.findings}
    assert "no-hidden-objects-seen" not in {f.code for f in workflow.survey(server.local_url).findings}


def test_the_kind_is_said_aloud(server):
    said = []
    workflow.survey(server.local_url, manner=Manner(tell=said.append))
    assert said == [f"{server.local_url}: taken for the kind exchange55, Exchange 5.5 directory; 10 entries show it."]


@pytest.mark.parametrize("wishes", [{}, {"max_proxies": 5}, {"new_mailbox": "MSPMGATE", "include_connector_po": True}])
@pytest.mark.parametrize("planned_on", ["file", "server"])
def test_there_and_back(tmp_path, wishes, planned_on):
    with Slapd(tmp_path / "slapd", entries=(*ENTRIES, mailbox("zz"))) as server:
        before = server.export()
        path = tmp_path / "export.ldif"
        path.write_text(before, encoding="utf-8")
        asked = workflow.Wishes(**wishes)
        plan = workflow.plan(str(path) if planned_on == "file" else server.local_url, wishes=asked)
        journal = tmp_path / "journal"
        report = apply(plan, server.local_url, ApplyWishes(allow=frozenset(HAZARDS), journal=journal), lambda _: True)
        assert report.counts.planned == report.counts.applied > 0
        assert workflow.plan(server.local_url, wishes=asked).steps == ()
        assert all(item.landed for item in workflow.verify(server.local_url, plan=plan).landings)
        undone = rollback(journal, server.local_url, RollbackWishes(), lambda _: True)
        after = server.export()
        made = [back for back in undone.way if back.by_hand]
        if not made:
            assert sorted(after.splitlines()) == sorted(before.splitlines())
        assert all("Q284199" in back.by_hand for back in made)
        again = rollback(tmp_path / "journal.rollback", server.local_url, RollbackWishes(), lambda _: True)
        assert set(again.ends) == {"undone"}
        assert workflow.plan(server.local_url, wishes=asked).steps == ()


def test_views_repeat_recipients_and_do_not_count(tmp_path):
    view = mailbox("jdoe", "ms$NWTRADERS/PO3/POSTMASTER", dn="cn=jdoe,ou=_ABVIEWS_,o=FABRIKAM")
    with Slapd(tmp_path / "slapd", entries=(*ENTRIES, view), unique=False) as server:
        rows = {str(row.po.name): row.coverage for row in workflow.survey(server.local_url).rows}
        assert rows["NWTRADERS/PO3"] == "exchange-mailbox"
        assert RECIPIENTS
