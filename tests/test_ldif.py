"""RFC 2849 both ways: one table drives the reader and the writer."""

import base64

import pytest

from remedy.change import Add, Delete, Mod, Modify, Op
from remedy.dn import DN
from remedy.entry import Attribute, Entry
from remedy.errors import InputError
from remedy.ldif import dump_change, dump_changes, dump_entry, is_version, logical_lines, parse_changes, parse_record

BOX = "cn=John,ou=SEATTLE,o=FABRIKAM"


def entry(attributes, dn=BOX):
    return Entry.of(dn, attributes, "line 1")


def b64(value):
    return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()


# What is read from the text, and what the text is when it is written.
CASES = {
    "plain": (entry({"cn": "John"}), "cn: John\n"),
    "empty value": (entry({"info": ""}), "info:\n"),
    "several values in their order": (entry({"mail": ["b", "a", "c"]}), "mail: b\nmail: a\nmail: c\n"),
    "options": (entry({"cn;lang-de;x-a": "J"}), "cn;lang-de;x-a: J\n"),
    "object identifier": (
        entry({"2.5.4.3": "J", "1.2.840.113556.1.2.352;binary": "x"}),
        "2.5.4.3: J\n1.2.840.113556.1.2.352;binary: x\n",
    ),
    "underscore in a name": (entry({"ms_Exch_x": "1"}), "ms_Exch_x: 1\n"),
    "hyphens": (entry({"Home-MTA": "cn=MTA"}), "Home-MTA: cn=MTA\n"),
    "colon and less-than inside": (entry({"a": "b:<c"}), "a: b:<c\n"),
    "blank in front": (entry({"a": " b"}), f"a:: {b64(' b')}\n"),
    "colon in front": (entry({"a": ":b"}), f"a:: {b64(':b')}\n"),
    "less-than in front": (entry({"a": "<b"}), f"a:: {b64('<b')}\n"),
    "blank behind": (entry({"a": "b "}), f"a:: {b64('b ')}\n"),
    "one blank": (entry({"a": " "}), "a:: IA==\n"),
    "line feed": (entry({"a": "b\nc"}), f"a:: {b64('b' + chr(10) + 'c')}\n"),
    "carriage return": (entry({"a": "b\r"}), f"a:: {b64(b'b' + bytes([13]))}\n"),
    "nul": (entry({"a": "\0"}), "a:: AA==\n"),
    "escape character": (entry({"a": "\x1b[2J"}), f"a:: {b64(bytes([27]) + b'[2J')}\n"),
    "not ASCII": (entry({"cn": "Jörg"}), f"cn:: {b64('Jörg')}\n"),
    "any bytes": (entry({"photo": bytes(range(256))[:40]}), f"photo:: {b64(bytes(range(40)))}\n"),
    "hash in front": (entry({"a": "#b"}), "a: #b\n"),
    "a name that is not ASCII": (entry({"cn": "x"}, "cn=Jörg,o=FABRIKAM"), "cn: x\n"),
    "the root": (entry({"a": "b"}, ""), "a: b\n"),
    "no attribute": (entry({}), ""),
    "folded": (entry({"a": "x" * 100}), f"a: {'x' * 73}\n {'x' * 27}\n"),
    "folded twice": (entry({"a": "x" * 149}), f"a: {'x' * 73}\n {'x' * 75}\n x\n"),
    "just not folded": (entry({"a": "x" * 73}), f"a: {'x' * 73}\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_read_and_written(case):
    what, text = CASES[case]
    name = str(what.dn)
    head = f"dn: {name}\n" if name and name.isascii() else f"dn:: {b64(name)}\n" if name else "dn:\n"
    assert dump_entry(what) == f"{head}{text}\n"
    assert parse_record(f"{head}{text}\n".encode(), 1, "x.ldif") == what


RECORD = entry({"cn": ["John Doe", "Jörg"], "otherMailbox;lang-en": "MS$N/P/A", "photo": b"\xff\x00"})
LINES = [
    b"dn: cn=John,ou=SEATTLE,o=FABRIKAM",
    b"cn: John Doe",
    "cn: Jörg".encode(),
    b"otherMailbox;lang-en: MS$N/P/A",
    b"photo:: /wA=",
]
WHOLE = b"\n".join(LINES) + b"\n"


def folded_everywhere():
    text = WHOLE
    for at in range(1, len(text)):
        if b"\n" not in text[at - 1 : at + 1]:
            yield text[:at] + b"\n " + text[at:]
            yield text[:at] + b"\r\n " + text[at:]


def test_a_fold_at_any_byte_changes_nothing():
    variants = list(folded_everywhere())
    assert len(variants) > 150
    for text in variants:
        assert parse_record(text, 1, "x.ldif") == RECORD, text
    crumbs = b"\n".join(b"\n ".join(bytes([byte]) for byte in line) for line in LINES)
    assert parse_record(crumbs, 1, "x").attributes == RECORD.attributes


NOOP = {
    "CRLF": WHOLE.replace(b"\n", b"\r\n"),
    "mixed line ends": WHOLE.replace(b"\n", b"\r\n", 2),
    "no line end at the end": WHOLE[:-1],
    "empty lines around": b"\n\r\n" + WHOLE + b"\n\r\n",
    "comments": b"# a\n" + WHOLE.replace(b"\n", b"\n# cn: no\n"),
    "folded comments": WHOLE.replace(b"\ncn", b"\n#\n  cn: no\r\n cn\ncn"),
    "a comment that looks like a fold": WHOLE + b"# \n cn: x\n",
    "a blank-only fold": WHOLE.replace(b"John Doe", b"John\n \n  Doe"),
    "version": b"version: 1\n" + WHOLE,
    "version in other spelling": b"Version:1\n" + WHOLE,
    "changetype: add": WHOLE.replace(b"\ncn: John", b"\nchangetype: add\ncn: John"),
    "ChangeType: Add": WHOLE.replace(b"\ncn: John", b"\nChangeType:Add\ncn: John"),
    "no blank behind the colon": WHOLE.replace(b": ", b":"),
    "several blanks behind the colon": WHOLE.replace(b": ", b":    "),
    "case of later names": WHOLE.replace("cn: Jörg".encode(), "CN: Jörg".encode()),
    "DN:": WHOLE.replace(b"dn:", b"DN:"),
    "values apart": b"\n".join([LINES[0], LINES[1], LINES[3], LINES[2], LINES[4]]) + b"\n",
    "base64 for plain text": WHOLE.replace(b"cn: John Doe", b"cn:: " + b64("John Doe").encode()),
    "base64 name": WHOLE.replace(LINES[0], b"dn:: " + b64(BOX).encode()),
    "name spelled otherwise": WHOLE.replace(LINES[0], b'dn:  CN = "John" ; OU=SEATTLE , O=FABRIKAM'),
}


@pytest.mark.parametrize("text", NOOP.values(), ids=NOOP)
def test_what_makes_no_difference(text):
    read = parse_record(text, 1, "x.ldif")
    assert (read.dn, read.attributes) == (RECORD.dn, RECORD.attributes)


def test_an_entry_says_where_its_name_stands():
    assert parse_record(b"# a\n# b\n" + WHOLE, 41, "x").where == "line 43"
    assert parse_record(b"\r\nversion: 1\r\n" + WHOLE, 1, "x").where == "line 3"


FAULTS = {
    "no colon": ("dn: cn=a\ncn John\n", [(2, "no colon in 'cn John'")]),
    "a long line without a colon": (f"dn: cn=a\n{'x' * 99}\n", [(2, f"no colon in '{'x' * 60}'")]),
    "lone hyphen": ("dn: cn=a\n-\n", [(2, "no colon in '-'")]),
    "blank in a name": ("dn: cn=a\nother mailbox: x\n", [(2, "'other mailbox' is no attribute description")]),
    "no name": ("dn: cn=a\n: x\n", [(2, "'' is no attribute description")]),
    "blank before the colon": ("dn: cn=a\ncn : x\n", [(2, "'cn ' is no attribute description")]),
    "digit in front": ("dn: cn=a\n1cn: x\n", [(2, "'1cn' is no attribute")]),
    "half an identifier": ("dn: cn=a\n2.5.: x\n1: y\n", [(2, "'2.5.'"), (3, "'1'")]),
    "empty option": ("dn: cn=a\ncn;: x\n", [(2, "'cn;'")]),
    "range option": ("dn: cn=a\nmember;range=0-9: x\n", [(2, "'member;range=0-9'")]),
    "name not ASCII": ("dn: cn=a\ncñ: x\n", [(2, "'cñ'")]),
    "tab": ("dn: cn=a\ncn: b\n\tc\n", [(3, "with a space in front, not with a tab")]),
    "continuation first": (
        " cn: b\ndn: cn=a\n",
        [
            (1, "nothing in front of it to continue"),
        ],
    ),
    "empty line inside": ("dn: cn=a\n\ncn: b\n", [(2, "no colon in ''")]),
    "base64 alphabet": ("dn: cn=a\ncn:: a*b=\n", [(2, "the value of cn is not base64: only base64 data is allowed")]),
    "base64 padding": ("dn: cn=a\ncn:: YQ\n", [(2, "incorrect padding")]),
    "base64 blank": ("dn: cn=a\ncn:: YW Jj\n", [(2, "only base64 data")]),
    "base64 blank at the end": ("dn: cn=a\ncn:: YWJj \n", [(2, "only base64 data")]),
    "base64 too long": ("dn: cn=a\ncn:: YQ==YQ==\n", [(2, "excess data")]),
    "base64 folded": ("dn: cn=a\ncn: b\nsn:: Y\n Q\n =\n *\ncn\n", [(3, "sn is not base64"), (7, "no colon in 'cn'")]),
    "url": (
        "dn: cn=a\nphoto:< file:///etc/passwd\n",
        [(2, "photo:< names a file or URL, and remedy never follows one")],
    ),
    "url name": ("dn:< file:///x\n", [(1, "dn:<")]),
    "not UTF-8": (
        b"dn: cn=a\ncn: J\xf6rg\n",
        [(2, "the value of cn is not UTF-8 (byte 0xF6); convert the file, e.g. from code page 1252")],
    ),
    "nul": ("dn: cn=a\ncn: a\0b\n", [(2, "a NUL or a carriage return in the value of cn")]),
    "lone carriage return": ("dn: cn=a\ncn: a\rb\n", [(2, "a NUL or a carriage return")]),
    "doubled carriage return": ("dn: cn=a\r\ncn: a\r\r\n", [(2, "a NUL or a carriage return")]),
    "no dn": ("cn: a\n", [(1, "the record does not begin with dn:")]),
    "dn later": ("# x\ncn: a\ndn: cn=a\n", [(2, "the record does not begin with dn:"), (3, "a second dn: line")]),
    "nothing": ("# only a comment\n", [(1, "the record does not begin with dn:")]),
    "malformed dn": ("dn: John\n", [(1, "malformed distinguished name: no attribute type at character 1 of 'John'")]),
    "base64 dn not UTF-8": ("dn:: /w==\n", [(1, "malformed distinguished name")]),
    "dn that cannot be read": ("dn:: *\ncn\n", [(1, "the value of dn is not base64"), (2, "no colon")]),
    "dn without a colon": ("dn cn=a\ncn: a\n", [(1, "no colon in 'dn cn=a'")]),
    "second dn": (
        "dn: cn=a\ncn: a\n \ndn: cn=b\ncn: b\n",
        [(4, "a second dn: line; an empty line, without even a blank in it")],
    ),
    "version 2": ("version: 2\ndn: cn=a\n", [(1, "version 2 of LDIF is unknown; it must be 1")]),
    "changetype modify": (
        "dn: cn=a\nchangetype: modify\nadd: cn\ncn: b\n-\n",
        [(2, "changetype: modify: this is a change file, not an export"), (5, "no colon")],
    ),
    "changetype in base64": ("dn: cn=a\nchangetype:: ZGVsZXRl\n", [(2, "changetype: delete")]),
    "changetype unreadable": ("dn: cn=a\nchangetype:: *\n", [(2, "the value of changetype is not base64")]),
    "changetype later": ("dn: cn=a\ncn: a\nchangetype: add\n", [(3, "changetype: must follow the dn: line")]),
    "all at once": (
        "dn: a\ncn\nsn:: *\n\tx\ndn: cn=b\n",
        [(1, "malformed"), (2, "no colon"), (3, "not base64"), (4, "tab"), (5, "second dn")],
    ),
    "nothing reaches the terminal": ("dn: cn=a\ncn\x1b[2J\n", [(2, r"no colon in 'cn\u001b[2J'")]),
}


@pytest.mark.parametrize(("text", "faults"), FAULTS.values(), ids=FAULTS)
def test_every_fault_is_named_with_its_line(text, faults):
    raw = text if isinstance(text, bytes) else text.encode()
    for ends, offset in ((raw, 0), (raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), 0), (raw, 100)):
        with pytest.raises(InputError) as caught:
            parse_record(ends, 1 + offset, "export.ldif")
        assert [fault.line - offset for fault in caught.value.faults] == [line for line, _ in faults]
        for fault, (line, said) in zip(caught.value.faults, faults, strict=True):
            assert said in str(fault)
            assert str(fault).startswith(f"export.ldif:{line + offset}: ")
        assert str(caught.value).endswith("run the command again.")


def test_logical_lines_know_where_they_begin():
    raw = b"\r\ndn: a\r\n b\n# c\n d\ncn:\n  e\n\n"
    assert list(logical_lines(raw, 10)) == [(11, b"dn: ab"), (15, b"cn: e")]
    assert list(logical_lines(b"\n\r\n", 1)) == []


def test_only_version_1_is_a_version():
    assert is_version(b"VERSION:  1 ")
    assert not is_version(b"versions: 2")
    with pytest.raises(ValueError, match="version x"):
        is_version(b"version: x")


GATE = DN.parse("cn=Gate,o=FABRIKAM")
ADD, TAKE = (
    Mod(Op.ADD, "otherMailbox", (b"ms$N/P1/POSTMASTER", b"ms$N/P2/POSTMASTER")),
    Mod(Op.DELETE, "cn;lang-de", ("Tür".encode(),)),
)
CHANGES = {
    "add": (
        Add(Entry.of(GATE, {"objectClass": "person", "cn": "Gate"}, "line 1")),
        "changetype: add\nobjectClass: person\ncn: Gate\n",
    ),
    "delete": (Delete(Entry(GATE, ())), "changetype: delete\n"),
    "modify": (
        Modify(GATE, (ADD, TAKE)),
        """\
changetype: modify
add: otherMailbox
otherMailbox: ms$N/P1/POSTMASTER
otherMailbox: ms$N/P2/POSTMASTER
-
delete: cn;lang-de
cn;lang-de:: VMO8cg==
-
""",
    ),
    "modify nothing": (Modify(GATE, ()), "changetype: modify\n"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_changes_are_read_and_written(case):
    change, body = CHANGES[case]
    text = f"dn: cn=Gate,o=FABRIKAM\n{body}\n"
    assert dump_change(change) == text
    assert parse_changes(text.encode(), "x") == (change,)
    assert (
        parse_changes(b"\xef\xbb\xbf# hello\r\n\r\nversion: 1\r\n" + text.replace("\n", "\r\n").encode(), "x")[0].dn
        == GATE
    )


def test_a_deleted_entry_is_written_by_name_alone():
    assert dump_change(Delete(Entry.of(GATE, {"cn": "Gate"}))) == "dn: cn=Gate,o=FABRIKAM\nchangetype: delete\n\n"


def test_a_file_of_changes_begins_with_the_version():
    changes = (CHANGES["add"][0], CHANGES["modify"][0], CHANGES["delete"][0])
    text = dump_changes(changes, comments=["made by remedy"])
    assert text.startswith("version: 1\n\n# made by remedy\n\ndn: ")
    read = parse_changes(text.encode(), "x")
    assert [type(c) for c in read] == [Add, Modify, Delete]
    assert read[1:] == changes[1:]
    assert read[0].entry.where == "line 5"
    assert dump_changes([]) == "version: 1\n\n"
    assert parse_changes(b"", "x") == ()


@pytest.mark.parametrize(
    "comment", ["a\ndn: cn=evil", "a\r\n\r\nchangetype: delete", "\x1b]0;x\x07", "a\x85b\u2028c\u202ed", "\n"]
)
def test_a_comment_stays_a_comment(comment):
    change = CHANGES["delete"][0]
    for text in (dump_change(change, comments=[comment, "two"]), dump_changes([change], comments=[comment, "two"])):
        assert parse_changes(text.encode(), "x") == (change,)
        assert [line[:2] for line in text.splitlines() if "two" in line or "\\u" in line] == ["# ", "# "]
        assert text.isprintable() or set(text) - {"\n"} == {c for c in text if c.isprintable()}


def test_the_width_is_the_caller_s():
    long = entry({"a": "x" * 200})
    assert dump_entry(long, width=0).splitlines()[1] == "a: " + "x" * 200
    assert max(map(len, dump_entry(long, width=20).splitlines())) == 20
    assert parse_record(dump_entry(long, width=2).encode(), 1, "x").attributes == long.attributes
    modify = Modify(GATE, (Mod(Op.ADD, "a", (b"y" * 200,)),))
    assert "y" * 200 in dump_change(modify, width=0)
    assert "y" * 200 in dump_changes([modify], width=0)


@pytest.mark.parametrize("name", ["", "a b", "a\ndn", "cn:", "é", "-"])
def test_nothing_but_a_description_is_written_as_one(name):
    with pytest.raises(ValueError, match="no attribute description"):
        dump_entry(Entry(GATE, (Attribute(name, (b"x",)),)))
    with pytest.raises(ValueError, match="no attribute description"):
        dump_change(Modify(GATE, (Mod(Op.ADD, name, (b"x",)),)))


BAD_CHANGES = {
    "replace": ("changetype: modify\nreplace: cn\ncn: a\n-\n", [(3, "replace: cannot be taken back")]),
    "replace with nothing": ("changetype: modify\nreplace: cn\n-\n", [(3, "replace: cannot be taken back")]),
    "increment": (
        "changetype: modify\nincrement: n\nn: 1\n-\n",
        [(3, "begins with add: or delete:, not with 'increment'")],
    ),
    "delete of everything": (
        "changetype: modify\ndelete: cn\n-\n",
        [(3, "delete: cn names no value, and so cannot be taken back")],
    ),
    "add of nothing": ("changetype: modify\nadd: cn\n-\n", [(3, "add: cn names no value")]),
    "another attribute": ("changetype: modify\nadd: cn\nsn: a\n-\n", [(4, "sn: stands in a part that is about cn")]),
    "other options": ("changetype: modify\nadd: cn\ncn;lang-de: a\n-\n", [(4, "about cn")]),
    "not closed": ("changetype: modify\nadd: cn\ncn: a\n", [(4, "a line with - must close")]),
    "closed twice": ("changetype: modify\nadd: cn\ncn: a\n-\n-\n", [(6, "not with '-'")]),
    "no attribute": (
        "changetype: modify\nadd: a b\na b: x\n-\n",
        [(3, "'a b' is no attribute description"), (4, "'a b' is no attribute description")],
    ),
    "unreadable value": ("changetype: modify\nadd: cn\ncn:: *\n-\n", [(4, "not base64")]),
    "moddn": ("changetype: moddn\nnewrdn: cn=b\ndeleteoldrdn: 1\n", [(2, "moddn: remedy does not rename")]),
    "modrdn": ("changetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: 1\n", [(2, "modrdn: remedy does not rename")]),
    "unknown": ("changetype: wipe\n", [(2, "changetype: wipe is none of add, delete and modify")]),
    "control": ("control: 1.2.840.113556.1.4.805 true\nchangetype: delete\n", [(2, "control: is refused")]),
    "an export": ("cn: a\n", [(2, "no changetype: behind the dn:; this is no change file")]),
    "only a name": ("", [(1, "no changetype:")]),
    "delete with more": ("changetype: delete\ncn: a\n", [(3, "delete takes no further lines")]),
    "add with a second dn": ("changetype: add\ndn: cn=b\n", [(3, "a second dn:")]),
    "url": ("changetype: add\nphoto:< file:///x\n", [(3, "never follows one")]),
}


@pytest.mark.parametrize(("text", "faults"), BAD_CHANGES.values(), ids=BAD_CHANGES)
def test_what_cannot_be_taken_back_is_refused(text, faults):
    good = "dn: cn=z\nchangetype: delete\n\n"
    with pytest.raises(InputError) as caught:
        parse_changes(f"{good}dn: cn=a\n{text}\n{good}".encode(), "c.ldif")
    assert [fault.line for fault in caught.value.faults] == [line + 3 for line, _ in faults]
    for fault, (_, said) in zip(caught.value.faults, faults, strict=True):
        assert said in fault.message


def test_the_faults_of_all_records_come_together():
    with pytest.raises(InputError) as caught:
        parse_changes(b"version: 3\n\ndn: cn=a\nchangetype: modrdn\n\n\ncn: x\n\ndn: cn=c\ncn\n", "c.ldif")
    assert [fault.line for fault in caught.value.faults] == [1, 4, 7, 7, 10]
