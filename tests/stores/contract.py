"""What every store that can be written owes: a change is made as it is meant, or refused and nothing is changed."""

import json
from collections.abc import Callable
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Words:
    """How one kind of directory says what the contract is about."""

    entries: tuple[Entry, ...]
    proxies: str
    value: Callable[[str], bytes]
    """Gives a proxy as this directory writes it."""
    name: Callable[[str], DN]
    """Gives the name of a recipient."""
    fresh: Callable[[str], Add]
    """Gives a new entry."""

    def adding(self, *values, dn=None):
        return Modify(dn or self.box, (Mod(Op.ADD, self.proxies, tuple(map(self.value, values))),))

    def deleting(self, *values, dn=None):
        return Modify(dn or self.box, (Mod(Op.DELETE, self.proxies, tuple(map(self.value, values))),))

    def swapping(self, old, new, dn=None):
        dn = dn or self.box
        return Modify(dn, (*self.deleting(old, dn=dn).mods, *self.adding(new, dn=dn).mods))

    @property
    def box(self):
        return self.name("cn=box")

    @property
    def other(self):
        return self.name(NAME.removesuffix(f",{RECIPIENTS}"))

    def good(self, name):
        """Give a change that fits, and the entry that it is about."""
        odd = (*self.deleting(*ODD, dn=self.other).mods, *self.adding("x$\u4f60\u597d (*)\\", dn=self.other).mods)
        return {
            "add": (self.adding("ms$NWTRADERS/PO2/POSTMASTER"), self.box),
            "add several": (self.adding("ms$N/A/POSTMASTER", "ms$N/B/POSTMASTER", "ms$N/C/POSTMASTER"), self.box),
            "delete": (self.deleting("ms$NWTRADERS/PO1/POSTMASTER"), self.box),
            "swap": (self.swapping("ms$NWTRADERS/PO1/POSTMASTER", "ms$NWTRADERS/PO2/POSTMASTER"), self.box),
            "odd values": (Modify(self.other, odd), self.other),
            "new entry": (self.fresh("new"), self.fresh("new").dn),
        }[name]

    def stale(self, name):
        """Give a change that does not fit, and the entry that it is about."""
        nobody = self.name("cn=nobody")
        return {
            "duplicate": (self.adding("ms$NWTRADERS/PO1/POSTMASTER"), self.box),
            "case variant": (self.adding("MS$nwtraders/po1/Postmaster"), self.box),
            "one of two is there": (self.adding("ms$N/A/POSTMASTER", "ms$NWTRADERS/PO1/POSTMASTER"), self.box),
            "stale swap": (self.swapping("ms$NWTRADERS/PO7/POSTMASTER", "ms$NWTRADERS/PO2/POSTMASTER"), self.box),
            "delete what is not there": (self.deleting("ms$NWTRADERS/PO7/POSTMASTER"), self.box),
            "delete another case": (self.deleting("MS$NWTRADERS/PO1/POSTMASTER"), self.box),
            "missing entry": (self.adding("ms$N/A/POSTMASTER", dn=nobody), nobody),
            "entry that is there": (self.fresh("box"), self.box),
        }[name]


GOOD = ("add", "add several", "delete", "swap", "odd values", "new entry")
STALE = (
    "duplicate", "case variant", "one of two is there", "stale swap", "delete what is not there", "delete another case",
    "missing entry", "entry that is there",
)  # fmt: skip


def _fresh55(alias):
    entry = mailbox(alias, "ms$NWTRADERS/PO9/POSTMASTER", sn="New")
    return Add(entry.with_values("cn", (alias.encode(),)).with_values("objectClass", (b"organizationalPerson",)))


EXCHANGE55 = Words(ENTRIES, "otherMailbox", str.encode, lambda leaf: DN.parse(f"{leaf},{RECIPIENTS}"), _fresh55)


def held(store, dn):
    """Read an entry anew; None if there is none."""
    found = [entry for entry in store.read(Query(AnyOf((Named(dn),)), ("uid",))) if entry.dn == dn]
    assert len(found) <= 1
    return found[0] if found else None


class StoreContract:
    """Give a fixture ``store`` that holds the entries of ``words``."""

    words = EXCHANGE55

    def settled(self, store):
        """Give a store that reads what is there now; a file has to be opened anew."""
        return store

    def values(self, store, dn):
        entry = held(store, dn)
        return sorted(entry.values(self.words.proxies)) if entry else None

    @pytest.mark.parametrize("name", GOOD)
    def test_a_change_is_made_and_undone(self, store, name):
        change, dn = self.words.good(name)
        before = self.values(store, dn)
        (facts,) = store.intend((change,), {entry.dn: entry for entry in self.words.entries})
        json.dumps(facts)
        assert self.values(store, dn) == before
        store.ready()
        store.carry_out(change)
        store = self.settled(store)
        entry = held(store, dn)
        for mod in change.mods if isinstance(change, Modify) else ():
            assert all(entry.shows(mod.attribute, value) is (mod.op is Op.ADD) for value in mod.values)
        if isinstance(change, Modify):
            store.carry_out(reverse(change))
            assert self.values(self.settled(store), dn) == before
        else:
            assert all(entry.shows(item.name, value) for item in change.entry for value in item.values)

    @pytest.mark.parametrize("name", STALE)
    def test_what_does_not_fit_is_refused_whole(self, store, name):
        change, dn = self.words.stale(name)
        before = self.values(store, dn)
        with pytest.raises(Stale) as caught:
            store.carry_out(change)
        assert str(change.dn).lower() in str(caught.value).lower()
        assert self.values(self.settled(store), dn) == before

    def test_several_at_once(self, store):
        words = self.words
        changes = (
            words.adding("ms$N/A/POSTMASTER"), words.adding("ms$N/B/POSTMASTER", dn=words.other), words.fresh("several"),
        )  # fmt: skip
        outcomes = store.carry_out_each(changes)
        assert [outcome.end for outcome in outcomes] == ["made"] * 3
        store = self.settled(store)
        assert words.value("ms$N/A/POSTMASTER") in self.values(store, words.box)
        assert words.value("ms$N/B/POSTMASTER") in self.values(store, words.other)
        assert held(store, words.fresh("several").dn)

    def test_it_says_what_it_is(self, store):
        assert store.name
        assert store.place
        assert store.window >= 0
        assert isinstance(held(store, self.words.box), Entry)
        store.close()
