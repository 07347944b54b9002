"""Judging value by value: what the same change takes away is never there already, so that no address is lost."""

from dataclasses import replace

import pytest

from remedy.apply import requests
from remedy.change import Mod, Modify, Op
from remedy.judging import Result
from remedy.looking import looked
from remedy.plan import Step
from remedy.stores.memory import MemoryStore
from tests.conftest import ENTRIES, RECIPIENTS, mailbox
from tests.scripts_harness import company_plan

BOX = mailbox("jdoe", "ms$NWTRADERS/LAB/POSTMASTER", "MS:NWTRADERS/OLD/POSTMASTER", "X$held", dn=f"cn=own,{RECIPIENTS}")
OTHER = mailbox("other", "MS:NWTRADERS/PO1/POSTMASTER", dn=f"cn=other,{RECIPIENTS}")


def changing(*mods):
    """Judge one change of the mailbox by hand; give the results, and the addresses it holds when the rest is carried out."""
    change = Modify(
        BOX.dn, tuple(Mod(op, "otherMailbox", values) for op, *values in mods for values in [tuple(values)])
    )
    step = Step(id="c1", reason="", postoffices=(), change=change, before=BOX)
    plan = replace(company_plan("exchange55"), steps=(step,))
    store = MemoryStore((*ENTRIES, BOX, OTHER))
    values = looked(plan, store).report(plan, "memory", frozenset()).values
    store.carry_out(*(request.change for request in requests(plan.steps, values)))
    (entry,) = (entry for entry in store.entries() if entry.dn == BOX.dn)
    return [value.result for value in values], {
        value for value in entry.values("otherMailbox") if b"jdoe" not in value.lower()
    }


KEPT = {b"ms$NWTRADERS/LAB/POSTMASTER", b"MS:NWTRADERS/OLD/POSTMASTER", b"X$held"}


@pytest.mark.parametrize(
    ("old", "new", "results"),
    [
        (b"ms$NWTRADERS/LAB/POSTMASTER", b"MS$NWTRADERS/LAB/POSTMASTER", [Result.APPLIED, Result.APPLIED]),
        (b"MS:NWTRADERS/OLD/POSTMASTER", b"ms$NWTRADERS/OLD/POSTMASTER", [Result.APPLIED, Result.APPLIED]),
        (b"X$held", b"x$HELD", [Result.APPLIED, Result.APPLIED]),
    ],
)
def test_a_value_that_takes_the_place_of_another_spelling_of_itself(old, new, results):
    found, held = changing((Op.DELETE, old), (Op.ADD, new))
    assert found == results
    assert held == KEPT - {old} | {new}


@pytest.mark.parametrize("new", [b"MS$NWTRADERS/LAB/POSTMASTER", b"ms:NWTRADERS/LAB/POSTMASTER"])
def test_without_that_it_is_there_already(new):
    assert changing((Op.ADD, new)) == ([Result.ALREADY], KEPT)


@pytest.mark.parametrize("new", [b"ms$nwtraders/old/postmaster", b"ms:NWTRADERS/OLD/POSTMASTER"])
def test_what_cannot_be_taken_away_is_there_still(new):
    found, held = changing((Op.DELETE, b"MS:nwtraders/OLD/POSTMASTER"), (Op.ADD, new))
    assert found == [Result.CONFLICT, Result.ALREADY]
    assert held == KEPT


def test_what_somebody_else_holds_is_not_given_to_a_second_one():
    found, held = changing((Op.DELETE, b"X$held"), (Op.ADD, b"ms$NWTRADERS/PO1/POSTMASTER"))
    assert found == [Result.APPLIED, Result.CONFLICT]
    assert held == KEPT - {b"X$held"}
