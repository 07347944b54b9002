"""Queries: plain data, one meaning."""

import pytest

from remedy.dn import DN
from remedy.entry import Entry
from remedy.query import AllOf, AnyOf, Contains, Equal, Initial, Named, Present, Query, _Tests, matches

ENTRY = Entry.of(
    "cn=a,o=FABRIKAM",
    {
        "otherMailbox": ["MS$NWTRADERS/PO1/POSTMASTER", "SMTP$a@fabrikam.com"],
        "cn": " Kölsch ",
        "info": "",
        "photo": b"\xff",
    },
)
YES, NO = Present("cn"), Present("sn")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Present("OTHERmailbox"), True),
        (Present("info"), True),
        (Present("sn"), False),
        (Equal("otherMailbox", "ms$nwtraders/po1/postmaster"), True),
        (Equal("otherMailbox", "ms$nwtraders/po1"), False),
        (Equal("cn", "KÖLSCH"), True),
        (Equal("info", ""), True),
        (Equal("photo", "\\xff"), True),
        (Initial("otherMailbox", "Smtp$"), True),
        (Initial("cn", "kö"), True),
        (Initial("otherMailbox", "nwtraders"), False),
        (Contains("otherMailbox", "/Postmaster"), True),
        (Contains("otherMailbox", "/Postmaster", initial="ms"), True),
        (Contains("otherMailbox", "/Postmaster", initial="smtp"), False),
        (Contains("cn", " "), True),
        (Contains("otherMailbox", "/postmaster2"), False),
        (Named(DN.parse("CN=A, O=fabrikam")), True),
        (Named(DN.parse("cn=b,o=fabrikam")), False),
        (AnyOf((NO, YES)), True),
        (AnyOf((NO, NO)), False),
        (AnyOf(()), False),
        (AllOf((YES, YES)), True),
        (AllOf((YES, NO)), False),
        (AllOf(()), True),
    ],
)
def test_conditions_mean_what_they_say(condition, holds):
    assert matches(condition, ENTRY) is holds
    assert Query(condition, ()).wants(ENTRY) is holds


def test_nothing_else_is_a_condition():
    with pytest.raises(AssertionError):
        _Tests().take("x")


def test_bases_say_where_to_look():
    assert Query(YES, (), (DN.parse("o=WINGTIP"), DN.parse("o=Fabrikam"))).wants(ENTRY)
    assert not Query(YES, (), (DN.parse("o=WINGTIP"),)).wants(ENTRY)


def test_leaves_are_the_simple_conditions():
    named = Named(DN.parse("o=x"))
    assert list(Query(AnyOf((YES, AllOf((NO, named)))), ()).leaves()) == [YES, NO, named]
    assert list(Query(YES, ()).leaves()) == [YES]
