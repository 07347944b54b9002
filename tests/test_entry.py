"""Entries: attributes without case, values with their bytes."""

import pytest

from remedy.dn import DN
from remedy.entry import Attribute, Entry, same_value

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
