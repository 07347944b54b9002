"""Changes: values added and deleted one by one, all or nothing, and the way back."""

import pytest

from remedy.change import Add, Delete, Mod, Modify, Op, modified, ordered, reverse
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import Stale

SINK = Entry.of(
    "cn=Gate,o=FABRIKAM", {"otherMailbox": ["MS$FABRIKAM/SEATTLE/GATE", "ms$NWTRADERS/PO1/POSTMASTER"], "cn": "Gate"}
)


def change(*mods):
    return Modify(
        SINK.dn, tuple(Mod(Op(op), attribute, tuple(v.encode() for v in values)) for op, attribute, *values in mods)
    )


def test_values_are_added_and_deleted_in_place():
    after = modified(
        SINK,
        change(
            ("add", "OTHERMAILBOX", "x", "y"),
            ("delete", "otherMailbox", "ms$NWTRADERS/PO1/POSTMASTER"),
            ("add", "info", "i"),
        ),
    )
    assert after.texts("otherMailbox") == ("MS$FABRIKAM/SEATTLE/GATE", "x", "y")
    assert after.text("info") == "i"
    assert [a.name for a in after] == ["otherMailbox", "cn", "info"]


def test_the_last_value_takes_its_attribute_away():
    assert not modified(SINK, change(("delete", "cn", "Gate"))).has("cn")


def test_options_make_another_attribute():
    after = modified(SINK, change(("add", "cn;lang-de", "Gate")))
    assert after.exact("cn;lang-de") == (b"Gate",)


@pytest.mark.parametrize(
    ("mods", "said"),
    [
        ([("add", "otherMailbox", "MS$nwtraders/po1/postmaster")], "found ms$NWTRADERS/PO1/POSTMASTER"),
        ([("add", "cn", "GATE")], "expected no value GATE, found Gate"),
        ([("add", "info", "a", "A")], "expected no value A, found a"),
        (
            [("delete", "otherMailbox", "MS$NWTRADERS/PO1/POSTMASTER")],
            "expected MS$NWTRADERS/PO1/POSTMASTER, found ms$NWTRADERS/PO1/POSTMASTER",
        ),
        ([("delete", "cn", "other")], "found no such value"),
        ([("delete", "sn", "x\x1b[2J")], r"expected x\u001b[2J"),
        ([("add", "info", "i"), ("delete", "sn", "x")], "sn"),
    ],
)
def test_what_is_not_as_expected_is_stale(mods, said):
    with pytest.raises(Stale) as caught:
        modified(SINK, change(*mods))
    assert said in str(caught.value)
    assert "cn=Gate,o=FABRIKAM" in str(caught.value)


def test_the_way_back_runs_backwards():
    there = change(("delete", "cn", "Gate"), ("add", "cn", "gate"))
    assert modified(modified(SINK, there), reverse(there)) == SINK.with_values("cn", ()).with_values("cn", (b"Gate",))
    assert reverse(reverse(there)) == there
    assert reverse(Add(SINK)) == Delete(SINK)
    assert reverse(Delete(SINK)) == Add(SINK)


def test_nothing_else_is_a_change():
    with pytest.raises(AssertionError):
        reverse("x")


def test_no_change_is_without_values():
    with pytest.raises(ValueError, match="delete of cn names no value"):
        Mod(Op.DELETE, "cn", ())


def test_parents_come_first_and_go_last():
    site, box = Entry.of("ou=S,o=F", {}), Entry.of("cn=a,ou=S,o=F", {})
    modify = Modify(DN.parse("cn=z,o=F"), ())
    wanted = (Add(site), Add(box), modify, Delete(box), Delete(site))
    assert ordered(reversed(wanted)) == wanted
    assert ordered([Add(Entry.of("o=b", {})), Add(Entry.of("o=A", {}))])[0].dn == DN.parse("o=a")
