"""What must hold for any record, name and change, and for files nastier than any exporter writes."""

import gzip
import io
from contextlib import suppress

import ldap
import ldap.dn
import ldif as python_ldap_ldif
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from remedy.change import Add, Delete, Mod, Modify, Op, modified, reverse
from remedy.dn import DN, Ava
from remedy.entry import Attribute, Entry
from remedy.errors import InputError, Stale
from remedy.ldif import dump_change, dump_changes, dump_entry, parse_changes, parse_record
from remedy.query import AllOf, AnyOf, Contains, Equal, Initial, Named, Present, Query, matches
from remedy.scan import judge
from remedy.stores.ldif import LdifStore
from tests.property import reference_ldif as reference

pytestmark = pytest.mark.no_cover

modest = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)

# --- names -----------------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
tricky = st.text(' ,+"\\<>;=#\t\0aAbÄß\u212a\n', min_size=1, max_size=8)
types = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,6}|[0-9]{1,2}(\.[0-9]{1,3}){1,4}", fullmatch=True)
avas = st.builds(Ava, types, texts | tricky) | st.builds(
    Ava, types, st.binary(min_size=1, max_size=5).map(bytes.hex), encoded=st.just(value=True)
)
names = st.lists(st.lists(avas, min_size=1, max_size=2).map(tuple), max_size=4).map(lambda rdns: DN(tuple(rdns)))


@modest
@given(names)
def test_a_name_is_read_as_it_was_written(dn):
    assert DN.parse(str(dn)).rdns == dn.rdns


@modest
@given(names)
def test_the_normal_form_is_a_name_and_its_own_normal_form(dn):
    assert DN.parse(dn.normal) == dn
    assert DN.parse(dn.normal).normal == dn.normal


@modest
@given(st.text(' ,+"\\=#;aB1\t', max_size=14).map("cn={}".format) | st.text(max_size=10))
def test_any_text_is_a_name_or_a_value_error(text):
    with suppress(ValueError):
        dn = DN.parse(text)
        assert DN.parse(str(dn)).rdns == dn.rdns


@modest
@given(st.lists(st.builds(Ava, types, st.text('abcÄß ,+"\\<>;=#', min_size=1, max_size=8)), min_size=1, max_size=3))
def test_openldap_reads_the_names_we_write(parts):
    dn = DN(tuple((part,) for part in parts))
    assert [(kind, value) for ((kind, value, _),) in ldap.dn.str2dn(str(dn))] == [(p.type, p.value) for p in parts]


# --- records ---------------------------------------------------------------------------------------------------------

descriptions = st.from_regex(
    r"([a-zA-Z][a-zA-Z0-9_-]{0,8}|[0-9](\.[0-9]{1,3}){1,3})(;[a-z0-9-]{1,4}){0,2}", fullmatch=True
).filter(lambda name: name.lower() not in {"dn", "changetype", "control"})
values = (
    st.binary(max_size=90)
    | st.text(max_size=60).map(str.encode)
    | st.sampled_from([b" a", b"a ", b":a", b"<a", b"", b"\n", b"a\rb", b"\0", b"-"])
)


def as_entry(dn, attributes):
    unique = {name.lower(): (name, held) for name, held in attributes}
    return Entry(dn, tuple(Attribute(name, tuple(held)) for name, held in unique.values()), "line 1")


entries = st.builds(
    as_entry, names, st.lists(st.tuples(descriptions, st.lists(values, min_size=1, max_size=3)), max_size=5)
)
mods = st.builds(Mod, st.sampled_from(Op), descriptions, st.lists(values, min_size=1, max_size=3).map(tuple))
changes = (
    st.builds(Add, entries)
    | st.builds(lambda dn: Delete(Entry(dn, ())), names)
    | st.builds(Modify, names, st.lists(mods, max_size=3).map(tuple))
)


@modest
@given(entries, st.sampled_from([0, 2, 20, 76]))
def test_an_entry_is_read_as_it_was_written(entry, width):
    text = dump_entry(entry, width=width)
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= (width or 10_000)
    assert parse_record(text.encode(), 1, "x") == entry


@settings(max_examples=25, deadline=None)
@given(entries)
def test_a_record_folded_at_any_column_is_the_same(entry):
    raw = dump_entry(entry, width=0).encode()
    for at in range(1, len(raw) - 2):
        if b"\n" not in raw[at - 1 : at + 1]:
            assert parse_record(raw[:at] + b"\n " + raw[at:], 1, "x") == entry


@modest
@given(st.lists(changes, max_size=4), st.lists(st.text(max_size=30), max_size=2), st.sampled_from([0, 40, 76]))
def test_changes_are_read_as_they_were_written(many, comments, width):
    read = parse_changes(dump_changes(many, comments=comments, width=width).encode(), "x")
    assert [_placeless(change) for change in read] == [_placeless(change) for change in many]
    for change in many:
        assert _placeless(*parse_changes(dump_change(change, comments=comments).encode(), "x")) == _placeless(change)


def _placeless(change):
    return Add(Entry(change.dn, change.entry.attributes)) if isinstance(change, Add) else change


@modest
@given(st.lists(entries, max_size=4))
def test_python_ldap_reads_what_we_write(many):
    text = "version: 1\n\n" + "".join(dump_entry(entry) for entry in many)
    expected = [(str(e.dn), {a.name: list(a.values) for a in e}) for e in many]
    reader = python_ldap_ldif.LDIFRecordList(io.BytesIO(text.encode()))
    if expected and all(e.dn.rdns for e in many):
        reader.parse()
        assert reader.all_records == expected


@modest
@given(entries, st.lists(mods, max_size=3).map(tuple))
def test_the_way_back_leads_back(entry, steps):
    change = Modify(entry.dn, steps)
    try:
        after = modified(entry, change)
    except Stale:
        return
    back = modified(after, reverse(change))
    assert {a.name.lower(): set(a.values) for a in back} == {a.name.lower(): set(a.values) for a in entry}


@modest
@given(st.binary(max_size=80) | st.text("dn: cn=a\n\r :<#-;\tversionchangetypeadd1", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(raw):
    with suppress(InputError):
        assert parse_record(raw, 1, "x").where
    with suppress(InputError):
        assert isinstance(parse_changes(raw, "x"), tuple)


# --- files -----------------------------------------------------------------------------------------------------------

SAID = ["objectClass", "otherMailbox", "Target-Address", "cn"]
LINE_NAMES = [*SAID, "otherMailbox;lang-de", "objectclass;x", "Target-Address-2", "cn2", "info", "2.5.4.3", "Tar_get"]
LINE_VALUES = [
    "Remote-Address",
    "MS$N/P/POSTMASTER",
    "ms$n/p/b",
    "MS$",
    "SMTP$x",
    "",
    " ",
    "x",
    "Jörg",
    "STRASSE",
    "Straße",
    "\u212aelvin",
    "kelvin",
    "a b ",
    "remote-address ",
    "nn: dn: x",
    "Target-Address: y",
]
NAME_LINES = [
    "dn: cn=a,o=F",
    "dn: CN = A ; O=f",
    "dn: cn=b c,o=F",
    "dn: cn=B  C,o=F",
    "dn:: Y249YSxvPUY=",
    r"dn: cn=\61,o=F",
    "dn: cn=Jörg",
    'dn: cn="a",o=F',
    "dn: cn=x+sn=y",
    "dn: cn=x,o=F",
    "dn:",
]
BROKEN = [
    b"no colon",
    b"cn a",
    b"cn:: *",
    b"objectClass:: QQ",
    b"otherMailbox:< file:///x",
    b"cn: \xf6",
    b"info: \xff",
    b"cn: a\0",
    b"sn: \0",
    b"\ttab",
    b"dn: cn=a",
    b"-",
    b": x",
    b"cn;: y",
    b"changetype: add",
    b"Target-Address",
    b"Target-Address x",
    b"cn: a\rb",
    b"dn",
    b"other mailbox: x",
]
CONDITIONS = [
    Present("target-ADDRESS"),
    Equal("objectClass", "Remote-Address"),
    Initial("otherMailbox", "MS$"),
    Contains("otherMailbox", "/postmaster"),
    Equal("cn", "jörg"),
    Equal("cn", "straße"),
    Equal("cn", "\u212aELVIN"),
    Contains("cn", "ss"),
    Present("2.5.4.3"),
    Equal("info", ""),
    Named(DN.parse("cn=a,o=F")),
    Named(DN.parse("cn=b c,o=f")),
    Named(DN.parse("CN=JÖRG")),
    Named(DN.parse("")),
]


@st.composite
def nasty_lines(draw):
    """Give one logical line."""
    kind = draw(st.integers(0, 11))
    if kind == 0:
        return draw(st.sampled_from(BROKEN))
    if kind == 1:
        return b"#" + draw(st.sampled_from([b"", b" cn: x", b"Target-Address: y", b"\xff"]))
    name = "".join(c.upper() if draw(st.booleans()) else c.lower() for c in draw(st.sampled_from(LINE_NAMES)))
    value = draw(st.sampled_from(LINE_VALUES)).encode()
    if kind <= 3:
        return name.encode() + b"::" + b" " * draw(st.integers(0, 2)) + _b64(value)
    return name.encode() + b":" + b" " * draw(st.integers(0, 3)) + value


def _b64(value):
    import base64

    return base64.b64encode(value)


@st.composite
def nasty_files(draw):
    """Give a file: records of any lines, folded anywhere, with any line ends; the first and the last are good."""
    blocks = [[b"dn: o=F", b"cn: kelvin"]]
    for _ in range(draw(st.integers(0, 5))):
        head = draw(st.sampled_from(NAME_LINES)).encode()
        blocks.append([head, *draw(st.lists(nasty_lines(), max_size=5))])
    blocks += draw(st.lists(st.lists(nasty_lines(), max_size=3), max_size=1))
    blocks.append([b"dn: cn=last,o=F", b"cn: last"])
    if draw(st.booleans()):
        blocks[0].insert(0, b"version: 1")
    data = b""
    for block in blocks:
        for line in block:
            data += _folded(draw, line) + draw(st.sampled_from([b"\n", b"\r\n"]))
        data += draw(st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\n\r\n\n", b"\n  \n\n", b"\n# c\n x\n\n"]))
    return data if draw(st.booleans()) else data.rstrip(b"\r\n # cx")[: -draw(st.integers(0, 1)) or None]


def _folded(draw, line):
    for at in sorted(draw(st.sets(st.integers(1, max(1, len(line) - 1)), max_size=2)), reverse=True):
        line = line[:at] + draw(st.sampled_from([b"\n ", b"\r\n "])) + line[at:]
    return line


@st.composite
def conditions(draw):
    """Give a condition, simple or made of others."""
    simple = st.sampled_from(CONDITIONS)
    shape = draw(st.sampled_from([None, AnyOf, AllOf]))
    if shape is None:
        return draw(simple)
    inner = (
        simple
        | st.builds(AnyOf, st.lists(simple, max_size=2).map(tuple))
        | st.builds(AllOf, st.lists(simple, max_size=2).map(tuple))
    )
    return shape(tuple(draw(st.lists(inner, max_size=4))))


def _drained(path, query, **options):
    """Give entries, the lines of faults, and the notes."""
    store, found = LdifStore(path, **options), []
    try:
        for entry in store.read(query):
            found.append(entry)  # noqa: PERF402 - what came before an error counts
    except InputError as error:
        return found, [fault.line for fault in error.faults], store.notes()
    return found, [], store.notes()


def _dressed(data, dress):
    if dress.startswith("utf-16"):
        try:
            data = data.decode().encode(dress)
        except UnicodeDecodeError:
            assume(condition=False)
    return gzip.compress(data, mtime=0) if dress == "gzip" else data


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    nasty_files(),
    conditions(),
    st.sampled_from([1, 2, 3, 7, 64, 1 << 18]),
    st.sampled_from(["", "", "", "gzip", "utf-16", "utf-16-le"]),
)
@example(
    b"dn: o=F\ncn: a\n\ndn: cn=a\nobjectclass;lang-xx:: UmVtb3RlLUFkZHJlc3M=\n\ndn: cn=last\ncn: last\n",
    CONDITIONS[1],
    64,
    "",
)
def test_the_store_reads_as_the_reference_reads(tmp_path_factory, data, condition, block_size, dress):
    path = tmp_path_factory.getbasetemp() / "nasty.ldif"
    path.write_bytes(_dressed(data, dress))
    query = Query(condition, ())
    found = reference.records(data)

    strict = _drained(path, query, strict=True, block_size=block_size)
    assert strict[0] == reference.wanted(found, query)
    assert sorted(set(strict[1])) == reference.fault_lines(found)
    assert strict[2].entries == len(found)
    assert bool(strict[2].truncated) is not data.endswith(b"\n")

    entries_, lines, notes = _drained(path, query, block_size=block_size)
    assert entries_ == reference.wanted(found, query)
    assert (notes.truncated, bool(notes.entries)) == (strict[2].truncated, bool(strict[2].entries))
    # A record that fulfils the condition with its good lines alone matters whatever its other lines are.
    must = reference.fault_lines(r for r in found if r.dn is not None and matches(condition, r.entry))
    assert set(must) <= set(lines) <= set(strict[1])


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(nasty_files(), conditions())
def test_the_judge_takes_whatever_fulfils_the_condition(data, condition):
    can_matter = judge(Query(condition, ()))
    for raw in data.replace(b"\r\n", b"\n").split(b"\n\n"):
        with suppress(InputError):
            if matches(condition, parse_record(raw, 1, "x")):
                assert can_matter(raw)
                assert can_matter(raw.replace(b"\n", b"\r\n"))


GOOD = """\
version: 1

dn: o=F
cn: kelvin

dn: cn=b,o=F
objectClass: Remote-Address
otherMailbox:: TVMkTi9QL1BPU1RNQVNURVI=
Target-Address: MS:N/P/B

dn: cn=Jörg,o=F
objectClass: Remote-Address
cn: Jörg
Target-Address: MS:NETWORK/POSTOFF
 ICE/JOERG
""".encode()


def test_a_file_cut_anywhere_says_so_and_nothing_false(tmp_path):
    path = tmp_path / "cut.ldif"
    query = Query(Present("objectClass"), ("Target-Address", "otherMailbox", "cn"))
    whole = {e.dn: e for e in (r.entry for r in reference.records(GOOD))}
    for size in range(GOOD.index(b"cn: kelvin"), len(GOOD)):
        path.write_bytes(GOOD[:size])
        found, faults, notes = _drained(path, query)
        assert faults == [], size
        assert bool(notes.truncated) is (GOOD[size - 1 : size] != b"\n"), size
        *before, last = found or [None]
        assert all(entry == whole[entry.dn] for entry in before)
        if last:
            for name in ("objectClass", "cn", "otherMailbox", "Target-Address"):
                assert all(
                    full.startswith(value)
                    for value, full in zip(last.values(name), whole[last.dn].values(name), strict=False)
                )
