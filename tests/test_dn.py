"""Distinguished names: read in every spelling, written in one, compared in the normal form."""

import pytest

from remedy.dn import DN, Ava, from_slashes, to_slashes

JOHN = DN(((Ava("cn", "John"),), (Ava("ou", "SEATTLE"),), (Ava("o", "FABRIKAM"),)))

SAME = [
    "cn=John,ou=SEATTLE,o=FABRIKAM",
    "CN=john, OU=Seattle ,O = fabrikam",
    "cn=John;ou=SEATTLE;o=FABRIKAM",
    'cn="John",ou="SEATTLE" , o=FABRIKAM',
    "commonName=John,organizationalUnitName=SEATTLE,organizationName=FABRIKAM",
    "2.5.4.3=John,OID.2.5.4.11=SEATTLE,oid.2.5.4.10=FABRIKAM",
    r"cn=\4aohn,ou=SEATTLE,o=FABRIKAM",
    "\tcn\t=\tJohn\t,ou=SEATTLE,o=FABRIKAM",
    "cn=  John  ,ou=SEATTLE,o=FABRIKAM",
]


@pytest.mark.parametrize("text", SAME)
def test_spellings_of_one_name_are_equal(text):
    assert DN.parse(text) == JOHN
    assert hash(DN.parse(text)) == hash(JOHN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cn=a", "cn=b"),
        ("cn=a", "uid=a"),
        ("cn=a,o=x", "cn=a"),
        ("cn=ab", "cn=a b"),
        ("cn=a+uid=b", "cn=a,uid=b"),
        ("cn=#4161", "cn=Aa"),
        (r"cn=\#4161", "cn=#4161"),
    ],
)
def test_different_names_are_unequal(one, other):
    assert DN.parse(one) != DN.parse(other)
    assert DN.parse(one) != one


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"cn=Contoso\, Ltd", "Contoso, Ltd"),
        ('cn="Wingtip, Toys"', "Wingtip, Toys"),
        (r'cn="say \"hi\""', 'say "hi"'),
        (r"cn=J\c3\b6rg", "Jörg"),
        ("cn=Jörg", "Jörg"),
        (r"cn=\20a\20", " a "),
        (r"cn=\ a\ ", " a "),
        (r"cn=a\\", "a\\"),
        (r"cn=a\\ ", "a\\"),
        (r"cn=a\\\ ", "a\\ "),
        (r"cn=\#a", "#a"),
        ("cn=#a", "#a"),
        ("cn=a=b", "a=b"),
        ("cn=<a>", "<a>"),
        (r"cn=a\09", "a\t"),
        (r"cn=\00", "\0"),
        ("cn=a\nb", "a\nb"),
        (r"cn=\zb", "zb"),
    ],
)
def test_values_lose_their_escapes_and_get_them_back(text, value):
    dn = DN.parse(text)
    assert dn.leaf == value
    assert DN.parse(str(dn)).leaf == value
    assert DN.parse(dn.normal) == dn


def test_an_equals_sign_is_escaped_as_every_standard_reads_it():
    dn = DN.parse("cn=a=b,cn=A\\+B=C,o=x")
    assert str(dn) == r"cn=a\=b,cn=A\+B\=C,o=x"  # RFC 1779, RFC 2253, RFC 4514
    assert DN.parse(str(dn)) == dn == DN.parse(r"cn=a\3Db,cn=A\2BB\=C,o=x")
    assert to_slashes(DN.parse("cn=a=b,o=x")) == "/o=x/cn=a=b"
    with pytest.raises(ValueError, match="between slashes"):
        to_slashes(DN.parse(r"cn=a\\\=b,o=x"))


def test_encoded_values_stay_encoded():
    dn = DN.parse("cn=#04024A6F ,o=x")
    assert dn.rdns[0][0] == Ava("cn", "04024A6F", encoded=True)
    assert str(dn) == "cn=#04024A6F,o=x"
    assert dn == DN.parse("cn=#04024a6f,o=X")


def test_parts_of_several_values_have_no_order():
    assert DN.parse("cn=a+uid=b,o=x") == DN.parse("UID=B + CN=A,o=x")
    assert str(DN.parse("cn=a + uid=b,o=x")) == "cn=a+uid=b,o=x"


def test_blanks_inside_count_as_one_and_only_blanks_as_a_blank():
    assert DN.parse("cn=a   b") == DN.parse("cn=A b")
    blank = DN.parse(r"cn=\20\20")
    assert DN.parse(blank.normal) == blank == DN.parse(r"cn=\ ")


def test_case_is_folded_beyond_ascii():
    assert DN.parse("cn=STRASSE") == DN.parse("cn=Straße")


@pytest.mark.parametrize("text", ["", "  ", "\t"])
def test_the_root_is_empty(text):
    root = DN.parse(text)
    assert (len(root), root.leaf, str(root), root.normal) == (0, "", "", "")
    assert root.parent == root


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("John", "no attribute type at character 1"),
        ("cn=a,", "no attribute type at character 6"),
        ("cn=a,,o=x", "no attribute type at character 6"),
        ("cn=a,b", "no attribute type at character 6"),
        ("=a", "no attribute type at character 1"),
        ("c_n=a", "no attribute type"),
        ("cn=", "no value behind cn="),
        ("cn=,o=x", "no value behind cn="),
        ('cn=""', "no value behind cn="),
        ('cn=a"b', "character 5"),
        ('cn="a"b', "character 7"),
        ('cn="a', "character 4"),
        ("cn=a\\", "character 5"),
        (r"cn=\ff\fe", "not UTF-8"),
        ("cn=#4161\n", "no attribute type at character 10"),
    ],
)
def test_malformed_names_are_refused_with_a_reason(text, said):
    with pytest.raises(ValueError, match=said):
        DN.parse(text)


def test_a_name_knows_its_family():
    assert JOHN.parent == DN.parse("ou=SEATTLE,o=FABRIKAM")
    assert JOHN.parent.child("cn", "John") == JOHN
    assert str(JOHN.child("cn", "a,b")) == r"cn=a\,b,cn=John,ou=SEATTLE,o=FABRIKAM"
    assert JOHN.within(JOHN)
    assert JOHN.within(DN.parse("O=fabrikam"))
    assert JOHN.within(DN(()))
    assert not JOHN.parent.within(JOHN)
    assert not JOHN.within(DN.parse("o=WINGTIP"))
    assert len(JOHN) == 3


def test_the_administrators_form_is_read_from_the_other_end():
    assert from_slashes("/o=FABRIKAM/ou=SEATTLE/cn=John") == JOHN
    assert from_slashes("") == DN(())
    with pytest.raises(ValueError, match="no attribute type"):
        from_slashes("/o=FABRIKAM/John")
    with pytest.raises(ValueError, match="no attribute type"):
        from_slashes("/o=FABRIKAM/cn=")


@pytest.mark.parametrize("value", ["Fabrikam, Inc", "A+B", "A+cn=B", "a, cn=b", '"quoted" and more', "semi;colon"])
def test_nothing_but_a_slash_separates_in_the_administrators_form(value):
    assert from_slashes(f"/o=FABRIKAM/ou={value}") == DN(((Ava("ou", value),), (Ava("o", "FABRIKAM"),)))
