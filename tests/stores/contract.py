"""What every store that can be written owes: a change is made as it is meant, or refused and nothing is changed."""

import json

import pytest

from remedy.change import Add, Mod, Modify, Op, reverse
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import Stale
from remedy.query import AnyOf, Named, Query
from tests.conftest import RECIPIENTS, made, mailbox

ODD = (
    "x$caf\u00e9 \u041f\u043e\u0447\u0442\u0430",
    "x$a (b) * c \\2a d",
    "x$ends with a backslash\\",
    "x$" + "l" * 900,
)
NAME = f'cn=Doe\\, J\\+\\"#1,{RECIPIENTS}'
ENTRIES = (
    made(RECIPIENTS, {"objectClass": "container", "cn": "Recipients", "rdn": "Recipients"}),
    mailbox("box", "ms$NWTRADERS/PO1/POSTMASTER", sn="Box"),
    mailbox("other", *ODD, dn=NAME, sn="Other"),
)
BOX = DN.parse(f"cn=box,{RECIPIENTS}")
OTHER = DN.parse(NAME)
PROXIES = "otherMailbox"


def adding(*values, dn=BOX):
    return Modify(dn, (Mod(Op.ADD, PROXIES, tuple(value.encode() for value in values)),))


def deleting(*values, dn=BOX):
    return Modify(dn, (Mod(Op.DELETE, PROXIES, tuple(value.encode() for value in values)),))


def swapping(old, new, dn=BOX):
    return Modify(dn, (*deleting(old, dn=dn).mods, *adding(new, dn=dn).mods))


def fresh(alias="new"):
    entry = mailbox(alias, "ms$NWTRADERS/PO9/POSTMASTER", sn="New")
    return Add(entry.with_values("cn", (alias.encode(),)).with_values("objectClass", (b"organizationalPerson",)))


def held(store, dn):
    """Read an entry anew; None if there is none."""
    found = [entry for entry in store.read(Query(AnyOf((Named(dn),)), (PROXIES, "uid"))) if entry.dn == dn]
    assert len(found) <= 1
    return found[0] if found else None


def values(store, dn=BOX):
    entry = held(store, dn)
    return sorted(entry.values(PROXIES)) if entry else None


GOOD = {
    "add": (adding("ms$NWTRADERS/PO2/POSTMASTER"), BOX),
    "add several": (adding("ms$N/A/POSTMASTER", "ms$N/B/POSTMASTER", "ms$N/C/POSTMASTER"), BOX),
    "delete": (deleting("ms$NWTRADERS/PO1/POSTMASTER"), BOX),
    "swap": (swapping("ms$NWTRADERS/PO1/POSTMASTER", "ms$NWTRADERS/PO2/POSTMASTER"), BOX),
    "odd values": (Modify(OTHER, (*deleting(*ODD).mods, *adding("x$\u4f60\u597d (*)\\").mods)), OTHER),
    "new entry": (fresh(), fresh().dn),
}
STALE = {
    "duplicate": (adding("ms$NWTRADERS/PO1/POSTMASTER"), BOX),
    "case variant": (adding("MS$nwtraders/po1/Postmaster"), BOX),
    "one of two is there": (adding("ms$N/A/POSTMASTER", "ms$NWTRADERS/PO1/POSTMASTER"), BOX),
    "stale swap": (swapping("ms$NWTRADERS/PO7/POSTMASTER", "ms$NWTRADERS/PO2/POSTMASTER"), BOX),
    "delete what is not there": (deleting("ms$NWTRADERS/PO7/POSTMASTER"), BOX),
    "missing entry": (
        adding("ms$N/A/POSTMASTER", dn=DN.parse(f"cn=nobody,{RECIPIENTS}")),
        DN.parse(f"cn=nobody,{RECIPIENTS}"),
    ),
    "entry that is there": (fresh("box"), BOX),
}


class StoreContract:
    """Give a fixture ``store`` that holds `ENTRIES`; what could be a ``reread`` store reads the same place."""

    def settled(self, store):
        """Give a store that reads what is there now; a file has to be opened anew."""
        return store

    @pytest.mark.parametrize("name", GOOD)
    def test_a_change_is_made_and_undone(self, store, name):
        change, dn = GOOD[name]
        before = values(store, dn)
        (facts,) = store.intend((change,), {entry.dn: entry for entry in ENTRIES})
        json.dumps(facts)
        assert values(store, dn) == before
        store.carry_out(change)
        store = self.settled(store)
        entry = held(store, dn)
        for mod in change.mods if isinstance(change, Modify) else ():
            assert all(entry.shows(mod.attribute, value) is (mod.op is Op.ADD) for value in mod.values)
        if isinstance(change, Modify):
            store.carry_out(reverse(change))
            assert values(self.settled(store), dn) == before
        else:
            assert all(entry.shows(item.name, value) for item in change.entry for value in item.values)

    @pytest.mark.parametrize("name", STALE)
    def test_what_does_not_fit_is_refused_whole(self, store, name):
        change, dn = STALE[name]
        before = values(store, dn)
        with pytest.raises(Stale) as caught:
            store.carry_out(change)
        assert str(dn) in str(caught.value)
        assert values(self.settled(store), dn) == before

    def test_several_at_once(self, store):
        changes = (adding("ms$N/A/POSTMASTER"), adding("ms$N/B/POSTMASTER", dn=OTHER), fresh())
        outcomes = store.carry_out_each(changes)
        assert [outcome.end for outcome in outcomes] == ["made"] * 3
        store = self.settled(store)
        assert b"ms$N/A/POSTMASTER" in values(store)
        assert b"ms$N/B/POSTMASTER" in values(store, OTHER)
        assert held(store, fresh().dn).text("uid") == "new"

    def test_it_says_what_it_is(self, store):
        assert store.name
        assert store.place
        assert store.window >= 0
        assert isinstance(held(store, BOX), Entry)
        store.close()
