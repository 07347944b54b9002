"""The judge of raw bytes: it may take too many records, never too few. And where records lie, and whether the last is cut."""

import gc
import time

import pytest

from remedy.dn import DN
from remedy.ldif import parse_record
from remedy.query import AllOf, AnyOf, Contains, Equal, Initial, Named, Present, Query, matches
from remedy.scan import batches, is_cut, judge

DN_LINE = "dn: cn=John,ou=SEATTLE,o=FABRIKAM"
MS = Initial("otherMailbox", "MS$")
POSTMASTER = Contains("otherMailbox", "/Postmaster")
CLASS = Equal("objectClass", "Remote-Address")

# condition, the lines behind the dn, whether the record is taken
TAKEN = [
    (Present("Target-Address"), "Target-Address: MS:N/P/A"),
    (Present("Target-Address"), "target-ADDRESS:"),
    (Present("Target-Address"), "Target-Address;x-a;y: b"),
    (Present("Target-Address"), "Target-Address:: Kg=="),
    (Present("Target-Address"), "Target-Address:< file:///x"),
    (Present("Target-Address"), "Target-Address"),
    (Present("Target-Address"), "Target-Address MS:N/P/A"),
    (Present("Target-Address"), "Tar\n get-Addr\n \n ess\n : x"),
    (Present("Target-Address"), "cn: a\n# c\n c\nTarget-Address: x"),
    (Present("2.5.4.3"), "2.5.4.3;x: a"),
    (MS, "otherMailbox: MS$N/P/A"),
    (MS, "otherMailbox:ms$n/p/a"),
    (MS, "otherMailbox:    mS$"),
    (MS, "otherMailbox: m\n s\n $x"),
    (MS, "otherMailbox:\n  MS$x"),
    (MS, "otherMailbox: SMTP$x\nOTHERMAILBOX;lang-de: MS$x"),
    (POSTMASTER, "otherMailbox: MS$N/P/POSTMASTER"),
    (POSTMASTER, "otherMailbox: MS$N/P/POST\n MASTER2"),
    (CLASS, "objectClass: remote-address"),
    (CLASS, "objectClass:  Remote-Address  "),
    (CLASS, "objectClass: person\nobjectClass: Remote-Address\ncn: x"),
    # what cannot be judged as it stands
    (MS, "otherMailbox:: TVMk"),
    (MS, "otherMailbox;lang-xx:: TVMk"),
    (MS, "otherMailbox:< file:///x"),
    (MS, "otherMailbox: SMTP$Jörg"),
    (MS, "otherMailbox: x\0"),
    (MS, "otherMailbox: x\ry"),
    (MS, "otherMailbox: SMTP$x\n\tcontinued"),
    (MS, "otherMailbox SMTP$x"),
    (MS, "otherMailbox;: SMTP$x"),
    (MS, "otherMailbox;a b: SMTP$x"),
    (Contains("cn", "kelvin"), "cn: \u212aelvin"),
    (Equal("cn", "Straße"), "cn: STRASSE"),
    (Equal("cn", "\u212a"), "cn: k"),
    (Equal("cn", "Jörg"), "cn: Jörg"),
    (Contains("cn", ""), "cn: x"),
    (Contains("cn", " "), "cn: x y"),
    (Initial("cn", ""), "cn:"),
    (Equal("cn", ""), "cn:   "),
    (Contains("cn", "a.c"), "cn: xA.Cx"),
    # made of others
    (AnyOf((CLASS, MS)), "otherMailbox: ms$x"),
    (AnyOf((CLASS, AllOf(()))), "sn: x"),
    (AllOf((AllOf(()), AllOf(()))), "sn: x"),
    (AllOf((CLASS, MS)), "objectClass: Remote-Address\notherMailbox: MS$"),
    (AllOf((AllOf(()), Present("sn"))), "sn: x"),
]
LEFT = [
    (Present("Target-Address"), "Target-Address-2: x\nx-Target-Address: y\nTarget-Addres: z"),
    (Present("Target-Address"), "cn: Target-Address: x\n# Target-Address: x\n#\n Target-Address: x"),
    (Present("Target-Address"), "cn: a\n Target-Address: x"),
    (Present("2.5.4"), "2.5.4.3: a"),
    (Present("2.5.4.3"), "2x5.4.3: a"),
    (MS, "otherMailbox: SMTP$MS$\ncn:: TVMk\ncn: MS$\nsn: Jörg"),
    (MS, "otherMailbox: xMS$"),
    (MS, "otherMailbox;lang-de;x-1: SMTP$x"),
    (MS, "otherMailbox2: MS$x"),
    (MS, "cn: x\n\tMS$"),
    (POSTMASTER, "otherMailbox: MS$N/P/POSTMAST0\ncn: /POSTMASTER"),
    (CLASS, "objectClass: Remote-Address-2\nobjectClass: person\nobjectClass:"),
    (CLASS, "objectClass: x Remote-Address"),
    (Equal("cn", "Jörg"), "cn: Jorg"),
    (Contains("cn", "a.c"), "cn: abc"),
    (Initial("cn", "ä"), "cn: a"),
    (Equal("cn", "\udcff"), "cn: a"),
    (Present("\udcff"), "cn: a"),
    (AnyOf(()), "cn: x"),
    (AnyOf((CLASS, MS)), "cn: x"),
    (AllOf((AllOf(()), Present("sn"))), "cn: x"),
    (AllOf((AnyOf(()), AllOf(()))), "cn: x"),
]


def variants(text):
    raw = text.encode(errors="surrogateescape")
    return (
        raw,
        raw + b"\n",
        raw.replace(b"\n", b"\r\n"),
        raw.replace(b"\n", b"\r\n") + b"\r\n",
        b"\n\n" + raw,
        raw.replace(b"\n", b"\r\n", 1),
    )


@pytest.mark.parametrize(("condition", "lines"), TAKEN)
def test_what_can_matter_is_taken(condition, lines):
    for raw in variants(f"{DN_LINE}\n{lines}"):
        assert judge(Query(condition, ()))(raw), raw


@pytest.mark.parametrize(("condition", "lines"), LEFT)
def test_what_cannot_matter_is_left(condition, lines):
    for raw in variants(f"{DN_LINE}\n{lines}"):
        assert not judge(Query(condition, ()))(raw), raw


NAMES_TAKEN = [
    "dn: cn=Big  Box,ou=SEATTLE,o=FABRIKAM",
    "dn:CN = big box ;o=x",
    "dn: 2.5.4.3=Big Box,o=x",
    "dn: OID.2.5.4.3=big box",
    "dn: cn=big box",
    "dn: cn=b\n ig\n  box,o=x",
    "DN:    commonName=Big Box  ,o=x",
    'dn: cn="other",o=x',
    r"dn: cn=o\74her,o=x",
    "dn: cn=#0401,o=x",
    "dn: cn=other+uid=x,o=x",
    "dn: cn=Jörg,o=x",
    "dn:: Y249eA==",
    "dn:< file:///x",
    "dn: cn=other\t,o=x",
    "dn: cn=other,o=x\ndn",
    "dn: nothing",
    "dn:",
    "dn;x: cn=other,o=x",
    "dn: cn=other\n\t,o=x",
]
NAMES_LEFT = [
    "dn: cn=other,o=x",
    "dn: cn=Big Box2,o=x",
    "dn: cn=Big Boxer Big Box,o=x",
    "dn: cn=BigBox,o=x",
    "dn: ou=x,cn=Big Box,o=x",
    r"dn: cn=other,ou=\,,o=x",
    "dn: cn=other,ou=Jörg",
    "dn: uid=other;cn=big box",
    "cn: big box",
    "dnx: y",
    "dn: cn=other\n\n",
]


@pytest.mark.parametrize(("lines", "taken"), [*((n, True) for n in NAMES_TAKEN), *((n, False) for n in NAMES_LEFT)])
def test_names_are_judged_by_their_first_value(lines, taken):
    can_matter = judge(Query(Named(DN.parse("CN=Big Box,ou=Seattle,o=Fabrikam")), ()))
    for raw in variants(f"{lines}\nsn: x"):
        assert can_matter(raw) is taken, raw


@pytest.mark.parametrize(
    "name",
    [
        r"cn=a\,b,o=x",
        "cn=Jörg,o=x",
        "cn=#0401,o=x",
        "cn=a+uid=b,o=x",
        "cn=a b,o=x",
        r"cn=\20,o=x",
        "",
        "cn=STRASSE",
        "cn=Straße",
    ],
)
def test_a_name_finds_itself_in_each_spelling(name):
    dn = DN.parse(name)
    for text in (name, str(dn), dn.normal, str(dn).upper().replace(",O=", " ;  O=")):
        raw = f"dn: {text}\ncn: x\n".encode()
        assert judge(Query(Named(dn), ()))(raw), text
        assert matches(Named(dn), parse_record(raw, 1, "x"))


def test_a_mailbox_that_cannot_matter_is_left_quickly():
    raw = (
        DN_LINE
        + "\nobjectClass: organizationalPerson\n"
        + "".join(f"otherMailbox: SMTP$john{n}@fabrikam.com\n" for n in range(30))
    ).encode()
    can_matter = judge(Query(AnyOf((POSTMASTER, CLASS, Present("Routing-List"))), ()))
    gc.disable()
    start = time.perf_counter()
    assert not any(can_matter(raw) for _ in range(2000))
    gc.enable()
    assert time.perf_counter() - start < 0.5  # 2,000 take about 0.03 s


WANTED = frozenset({"target-address", "objectclass", "dn"})


@pytest.mark.parametrize(
    ("text", "whole", "cut"),
    [
        ("Target-Address: MS:N", True, False),
        ("Target-Address: MS:N", False, False),
        ("Target-Addr", True, True),
        ("T", True, True),
        ("target-address", True, True),
        ("Target-Address;lang", True, True),
        ("Target-Addr;lang", True, False),
        ("Target-Address-2", True, False),
        ("descr", True, False),
        ("descr", False, True),
        ("Target-Address:: TVM6T", True, True),
        ("Target-Address;x:: TVM6T", True, True),
        ("Target-Address:: TVM6TQ=", True, True),
        ("Target-Address:: TVM6", True, False),
        ("Target-Address:: TV*", True, False),
        ("Target-Address:: TV*", False, False),
        ("photo:: TVM6T", True, False),
        ("photo:: TVM6T", False, True),
        ("Target-Address:< file:///x", False, False),
        ("Target-Address: J\udcf6rg", False, False),
        ("Target-Address: J\udcc3", False, True),
        ("Target-Address: J\udcc3", True, False),
        ("cn: a\0", False, False),
        ("dn: cn=a,o=x", True, False),
        ("dn: cn=a,o", True, True),
        ("dn: cn=a,o", False, True),
        ("dn:: Y249YQ==", True, False),
        ("dn:: Y249YSxv", True, True),
        ("dn:: /w==", True, True),
        ("d", True, True),
        (" x", True, False),
    ],
)
def test_whether_the_last_line_is_cut(text, whole, cut):
    assert is_cut(text.encode(errors="surrogateescape"), WANTED, whole=whole) is cut


def cut_up(data, size):
    pieces, rest = [], b""
    for batch, rest in batches(data[at : at + size] for at in range(0, len(data), size)):  # noqa: B007
        pieces += batch
    return pieces, rest


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_pieces_do_not_depend_on_blocks(size):
    data = b"a\nb\n\nc\r\n\r\nd\n\r\n\n\nlast\nline\n\n\r\n"
    pieces, rest = cut_up(data, size)
    assert [p.strip() for p in pieces if p.strip()] == [b"a\nb", b"c", b"d"]
    assert rest.strip() == b"last\nline"
    assert sum(p.count(b"\n") + 2 for p in pieces) + rest.count(b"\n") == data.count(b"\n")
    assert cut_up(b"", size) == ([], b"")
    assert cut_up(b"a", size) == ([], b"a")


def test_a_giant_record_is_joined_a_few_times_only():
    data = b"dn: cn=a\n" + b"x: y\n" * 200_000
    seen = list(batches(data[at : at + 1000] for at in range(0, len(data), 1000)))
    assert seen[-1] == ([], data)
    assert len(seen) < 15  # twice as much each time: the work stays linear
