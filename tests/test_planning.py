"""Putting a plan together: the rehearsal, the traces, and that a plan is held to its word."""

import pytest

from remedy import planning, workflow
from remedy.addresses import PostofficeName
from remedy.change import Add, Modify
from remedy.dialects import Wanted
from remedy.errors import RemedyError, Stale
from remedy.planning import after, traced
from remedy.reading import Manner, read
from remedy.roster import postoffices
from remedy.strategies.base import Decision
from remedy.survey import survey
from tests.conftest import COMPANY, ENTRIES, RECIPIENTS, addressing, connector, listed, mailbox


def test_the_parts_of_a_plan_are_told(company):
    plan = company.plan(company.directory(), company.inventory(), exchange_version="5.5")
    document = plan.to_dict()
    assert document["dialect"] == "exchange55"
    assert document["estate"] == {
        "sites": [{"site": "ou=SEATTLE,o=FABRIKAM", "shadow": "FABRIKAM/SEATTLE"}],
        "domain": "seattle.fabrikam.com",
        "version": "5.5",
    }
    assert document["options"]["exchange_version"] == "5.5"
    assert document["options"]["max_proxies"] == 150
    (change,) = document["changes"]
    assert (change["id"], change["action"]) == ("c1", "modify")
    assert change["postoffices"] == ["NWTRADERS/PO1", "WINGTIP/DEPOT"]
    assert [item["value"] for item in change["expects"]] == [
        "ms$NWTRADERS/PO1/POSTMASTER",
        "ms$WINGTIP/DEPOT/POSTMASTER",
    ]
    assert change["before"] == {"otherMailbox": list(ENTRIES[5].texts("otherMailbox"))}
    (sink,) = document["sinks"]
    assert sink["proxies"] == ["NWTRADERS/PO1/POSTMASTER", "WINGTIP/DEPOT/POSTMASTER"]
    assert document["summary"] | {"findings": 0} == {
        "postoffices": 8, "covered": 4, "exposed": 2, "conflict": 1, "full": 1, "findings": 0,
        "changes": 1, "values": 2, "sinks": 1, "manual": 0, "hazards": 0,
    }  # fmt: skip
    assert document["summary"]["findings"] == len(document["findings"])


def test_an_estate_of_which_little_is_known(company):
    plan = company.plan(company.directory([connector("MS:NWTRADERS/PO1;1"), mailbox("jdoe")]), mailbox="jdoe")
    assert plan.estate == {"sites": [], "domain": None, "version": None}
    assert plan.to_dict()["options"]["mailbox"] == "jdoe"


def test_a_plan_shows_before_and_after_of_every_postoffice_and_the_shadow_last(company):
    plan = company.plan(company.directory(), company.inventory())
    assert [item["postoffice"] for item in plan.traces] == [*sorted(COMPANY), "FABRIKAM/SEATTLE"]
    ends = {item["postoffice"]: (item["before"]["outcome"], item["after"]["outcome"]) for item in plan.traces}
    for name, (_, _, outcome, planned) in COMPANY.items():
        assert ends[name] == (outcome, "delivers" if planned else outcome)
    assert ends["FABRIKAM/SEATTLE"] == ("loops", "loops")


def test_steps_stand_in_the_order_they_are_carried_out_in(company):
    entries = [addressing(), connector(*(f"MS:NWTRADERS/P{n};1" for n in range(9))), mailbox("Postmaster")]
    plan = company.plan(company.directory(entries), max_proxies=7)
    assert [step.id for step in plan.steps] == ["c1", "c2", "c3"]
    assert [type(step.change) for step in plan.steps] == [Add, Add, Modify]
    assert sum(len(step.postoffices) for step in plan.steps) == 9


def test_a_plan_that_would_not_help_is_no_plan(company):

    reading = read([company.directory()], Wanted(), Manner())
    view = survey(reading.estate, cap=150)
    made = workflow.plan(company.directory())
    traces = traced(view, reading.estate)
    with pytest.raises(RemedyError, match="NWTRADERS/PO1"):
        planning._proven(traces, made.steps, Decision())


def test_the_rehearsal_refuses_what_a_server_would_refuse(company):
    reading = read([company.directory()], Wanted(), Manner())
    steps = workflow.plan(company.directory()).steps
    with pytest.raises(Stale):
        after(reading, "exchange55", (*steps, *steps), [])


def test_what_is_done_by_hand_counts_as_done(company):
    reading = read(
        [company.inventory([listed("NWTRADERS/PO1", postmaster=False, pending=3)])],
        Wanted(),
        Manner(),
    )
    (po,) = postoffices(after(reading, "exchange55", (), [PostofficeName("NWTRADERS", "PO1")]))
    assert po.told("postmaster") == (True,)
    assert po.pending is None


def test_without_a_plan_there_is_no_after(company):
    view = survey(read([company.directory()], Wanted(), Manner()).estate, cap=150)
    assert {item.after for item in traced(view, None)} == {None}


def test_a_plan_of_nothing(company):
    plan = company.plan(company.inventory([listed("NWTRADERS/PO1", postmaster=True)]), strategy="postoffice")
    assert not plan.pending
    assert plan.changes == ()
    assert plan.summary["values"] == 0


def test_a_new_mailbox_has_no_image_of_before(company):
    (change,) = company.plan(company.directory([addressing(), connector("MS:NWTRADERS/PO1;1")])).to_dict()["changes"]
    assert change["before"] is None
    assert change["dn"] == f"cn=MSPMGATE,{RECIPIENTS}"
    assert change["expects"] == [{"id": "c1.1", "entry": "absent"}]
