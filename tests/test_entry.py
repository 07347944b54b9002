"""Entries: attributes without case, values with their bytes."""

import copy
import dataclasses
import pickle

import pytest

from remedy.dn import DN
from remedy.entry import Attribute, Entry, same_value
from remedy.quick import Record

ENTRY = Entry.of(
    "cn=a,o=FABRIKAM",
    {
        "otherMailbox": ["MS$NWTRADERS/PO1/A", b"ms$nwtraders/po2/a"],
        "cn": "a",
        "otherMailbox;lang-en": "X",
        "photo": b"\xff",
    },
    "line 3",
)


def test_values_are_found_without_case_and_with_options():
    assert ENTRY.values("OTHERMAILBOX") == (b"MS$NWTRADERS/PO1/A", b"ms$nwtraders/po2/a", b"X")
    assert ENTRY.exact("othermailbox") == (b"MS$NWTRADERS/PO1/A", b"ms$nwtraders/po2/a")
    assert ENTRY.exact("otherMailbox;LANG-en") == (b"X",)
    assert ENTRY.values("otherMailbox;lang-en") == ()
    assert ENTRY.has("CN")
    assert not ENTRY.has("sn")


def test_text_is_readable_whatever_the_bytes():
    assert ENTRY.text("cn") == "a"
    assert ENTRY.text("sn") == ""
    assert ENTRY.texts("photo") == ("\\xff",)


def test_an_entry_keeps_order_name_and_place():
    assert [a.name for a in ENTRY] == ["otherMailbox", "cn", "otherMailbox;lang-en", "photo"]
    assert ENTRY.attributes[2].base == "othermailbox"
    assert (ENTRY.dn, ENTRY.where) == (DN.parse("CN=A,O=fabrikam"), "line 3")
    assert Entry.of(DN.parse("o=x"), {}).attributes == ()


@pytest.mark.parametrize(
    ("name", "values", "left"),
    [
        ("CN", (b"b",), Attribute("cn", (b"b",))),
        ("sn", (b"c",), Attribute("sn", (b"c",))),
    ],
)
def test_with_values_changes_one_attribute(name, values, left):
    changed = ENTRY.with_values(name, values)
    assert left in changed.attributes
    assert changed.values("otherMailbox") == ENTRY.values("otherMailbox")
    assert changed.where == "line 3"


def test_with_no_values_the_attribute_goes():
    assert not ENTRY.with_values("cn", ()).has("cn")
    assert ENTRY.with_values("sn", ()) == ENTRY


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b"a", b"a", True),
        (b"MS$N/P/A", b"ms$n/p/a", True),
        (b" a  b ", b"A b", True),
        ("Straße".encode(), b"STRASSE", True),
        (b"\xff", b"\xff", True),
        (b"\xff", b"\xfe", False),
        (b"a", b"b", False),
        (b"ab", b"a b", False),
    ],
)
def test_same_value_is_what_a_server_compares(one, other, same):
    assert same_value(one, other) is same
    assert same_value(other, one) is same


TEXT = b"dn: cn=a,o=FABRIKAM\ncn: a\nphoto:: /w=="


def test_an_entry_that_is_not_yet_read_is_like_one_that_is():
    read = Entry.of("cn=a,o=FABRIKAM", {"cn": "a", "photo": b"\xff"}, "line 7")
    unread = [Entry.unread(Record(TEXT, 7)) for _ in range(6)]
    assert unread[0] == read == unread[1] == unread[0]
    assert hash(unread[2]) == hash(read)
    assert repr(unread[3]) == repr(read)
    assert unread[4].values("PHOTO") == (b"\xff",)
    assert unread[5].with_values("cn", (b"b",)) == read.with_values("cn", (b"b",))


class _Watched:
    def __init__(self):
        self.asked = []

    def __getattr__(self, name):
        self.asked.append(name)
        return {"dn": DN.parse("cn=a"), "attributes": (), "where": "line 1"}[name]


def test_only_what_is_asked_for_is_read_and_only_once():
    source = _Watched()
    entry = Entry.unread(source)
    assert source.asked == []
    assert entry.dn is entry.dn
    assert source.asked == ["dn"]
    assert entry.values("cn") == entry.values("sn") == ()
    assert "attributes" in source.asked
    assert "where" not in source.asked


def test_an_entry_has_nothing_else():
    for entry in (ENTRY, Entry.unread(Record(TEXT, 7))):
        with pytest.raises(AttributeError):
            entry.colour  # noqa: B018 - it is asked for


@pytest.mark.parametrize("entry", [ENTRY, Entry.unread(Record(TEXT, 7))])
def test_an_entry_can_be_copied(entry):
    for twin in (
        copy.copy(entry),
        copy.deepcopy(entry),
        pickle.loads(pickle.dumps(entry)),
        dataclasses.replace(entry, where=entry.where),
    ):
        assert twin == entry
        assert twin.values("cn") == (b"a",)
    assert dataclasses.asdict(entry)["where"] == entry.where
