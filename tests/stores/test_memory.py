"""The directory in a dict: it refuses what a server refuses."""

import pytest

from remedy.change import Add, Delete, Mod, Modify, Op, reverse
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import Stale
from remedy.query import Present, Query
from remedy.stores.base import Notes
from remedy.stores.memory import MemoryStore

SITE = Entry.of("ou=SEATTLE,o=FABRIKAM", {"ou": "SEATTLE"})
BOX = Entry.of("cn=a,ou=SEATTLE,o=FABRIKAM", {"cn": "a", "otherMailbox": "MS$N/P/A"})


@pytest.fixture
def store():
    return MemoryStore([SITE, BOX], "rehearsal")


def test_it_is_read_by_query(store):
    assert list(store.read(Query(Present("cn"), ()))) == [BOX]
    assert list(store.read(Query(Present("cn"), (), (DN.parse("o=WINGTIP"),)))) == []
    assert list(store.read(Query(Present("cn"), (), (DN.parse("o=fabrikam"),)))) == [BOX]
    assert (store.notes(), store.name) == (Notes(entries=2), "rehearsal")


def test_changes_and_their_way_back(store):
    new = Entry.of("cn=b,ou=SEATTLE,o=FABRIKAM", {"cn": "b"})
    for change in (Add(new), Modify(BOX.dn, (Mod(Op.ADD, "otherMailbox", (b"ms$N/P/B",)),)), Delete(SITE)):
        before = store.entries()
        store.carry_out(change)
        assert set(store.entries()) != set(before)
        store.carry_out(reverse(change))
        assert set(store.entries()) == set(before)


@pytest.mark.parametrize(
    "change",
    [
        Add(Entry.of("CN=A,ou=seattle,o=fabrikam", {})),
        Delete(Entry.of("cn=gone", {})),
        Modify(DN.parse("cn=gone"), ()),
        Modify(BOX.dn, (Mod(Op.ADD, "info", (b"x",)), Mod(Op.ADD, "otherMailbox", (b"ms$n/p/a",)))),
    ],
)
def test_a_refused_change_changes_nothing(store, change):
    with pytest.raises(Stale):
        store.carry_out(change)
    assert store.entries() == (SITE, BOX)


def test_a_later_entry_of_the_same_name_wins():
    assert MemoryStore([SITE, Entry.of("OU=seattle,o=fabrikam", {"ou": "x"})]).entries()[0].text("ou") == "x"
