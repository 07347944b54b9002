"""The format ldapmodify: what the script is told to ask and where, before any shell or server sees it."""

import re

import pytest

from remedy import workflow
from remedy.change import mods_of
from remedy.dn import DN
from remedy.scripts.base import top_of
from remedy.scripts.ldapmodify import FORMAT
from remedy.stores.memory import MemoryStore
from tests.conftest import addressing, connector, mailbox
from tests.scripts_harness import company_plan

SPELT = {"exchange55": ("otherMailbox", "Target-Address"), "active-directory": ("proxyAddresses", "targetAddress")}


def told(plan):
    """Give what each way is told."""
    return {piece.name.removesuffix(".sh"): piece.context for piece in FORMAT.pieces(plan)}


@pytest.mark.parametrize("number", [1, 25, 26, 60])
def test_everybody_who_may_hold_an_address_is_asked_for(number):
    spaces = (f"MS:NET/PO{at};1" for at in range(number))
    plan = workflow.plan(MemoryStore((addressing(), connector(*spaces), mailbox("Postmaster"))))
    (entry,) = told(plan)["apply"]["entries"]
    terms = [re.findall(r"\(([\w-]+)=([^)]*)\)", text) for text in entry.asks]
    assert all(len({value[3:] for _, value in some}) <= 25 for some in terms)
    assert sorted(term for some in terms for term in some) == sorted(
        (name, f"MS{mark}NET/PO{at}/POSTMASTER")
        for at in range(number)
        for name in SPELT["exchange55"]
        for mark in "$:"
    )


@pytest.mark.parametrize("dialect", SPELT)
def test_what_a_server_does_not_say_is_an_error_only_where_it_would_say(dialect):
    plan = company_plan(dialect)
    ways = told(plan)
    assert [way["trusted"] for way in ways.values()] == [dialect == "active-directory"] * 2
    added = [value for change in plan.changes for mod in mods_of(change) for value in mod.values]
    for name in SPELT[dialect]:
        assert all(f"({name}=" in text for entry in ways["apply"]["entries"] for text in entry.asks)
    assert added
    assert not any(entry.asks for entry in ways["undo"]["entries"])


@pytest.mark.parametrize(
    ("name", "top"),
    [
        ("cn=x,cn=Recipients,ou=SEATTLE,o=FABRIKAM", "o=FABRIKAM"),
        ("CN=x,OU=a,DC=child,DC=fabrikam,DC=com", "DC=child,DC=fabrikam,DC=com"),
        ("cn=x,dc=local", "dc=local"),
        ("dc=x,ou=y,o=z", "o=z"),
        ("o=FABRIKAM", "o=FABRIKAM"),
    ],
)
def test_they_are_asked_for_over_the_whole_directory(name, top):
    assert top_of(DN.parse(name)) == DN.parse(top)
