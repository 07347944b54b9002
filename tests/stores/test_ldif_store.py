"""An LDIF file on disk: every dress it comes in, every fault with its line, every end that is missing."""

import gzip
import io
import os
import sys
import tracemalloc
import zlib

import pytest

from remedy.dn import DN
from remedy.errors import InputError
from remedy.query import AnyOf, Equal, Named, Present, Query
from remedy.stores.base import Notes
from remedy.stores.ldif import LdifStore

QUERY = Query(AnyOf((Present("Target-Address"), Equal("objectClass", "MS-Mail-Connector"))), ("otherMailbox",))
TEXT = """\
version: 1

# the company
dn: o=FABRIKAM
objectClass: organization

# wanted
dn: cn=MS Mail Connector (EXSRV1),o=FABRIKAM
objectClass: MS-Mail-Connector
Routing-List: MS:NWTRADERS/PO1;1

dn: cn=jdoe,o=FABRIKAM
objectClass: organizationalPerson
cn: Jörg Dö

dn: cn=asmith,o=FABRIKAM
objectClass: Remote-Address
Target-Address: MS:NWTRADERS/PO1/ASM
 ITH
"""
CONNECTOR, SMITH = "cn=MS Mail Connector (EXSRV1),o=FABRIKAM", "cn=asmith,o=FABRIKAM"


@pytest.fixture
def write(tmp_path):
    def write(data, **options):
        path = tmp_path / "export.ldif"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return LdifStore(path, **options)

    return write


def drained(store, query=QUERY):
    """Give what was yielded, the faults, and the notes."""
    entries, faults = [], []
    try:
        for entry in store.read(query):
            entries.append(entry)  # noqa: PERF402 - what came before an error counts
    except InputError as error:
        faults = [(fault.line, fault.message) for fault in error.faults]
    return entries, faults, store.notes()


def crlf(text):
    return text.replace("\n", "\r\n")


DRESSES = {
    "plain": TEXT.encode(),
    "CRLF": crlf(TEXT).encode(),
    "mixed": TEXT.replace("\n", "\r\n", 9).encode(),
    "UTF-8 with a mark": TEXT.encode("utf-8-sig"),
    "UTF-16 with a mark": TEXT.encode("utf-16"),
    "UTF-16 BE with a mark": b"\xfe\xff" + crlf(TEXT).encode("utf-16-be"),
    "UTF-16 LE": crlf(TEXT).encode("utf-16-le"),
    "UTF-16 BE": TEXT.encode("utf-16-be"),
    "UTF-16 that begins with dn": TEXT.partition("y\n")[2].encode("utf-16-le"),
    "gzip": gzip.compress(TEXT.encode(), mtime=0),
    "gzip in two parts and padding": gzip.compress(TEXT[:99].encode(), mtime=0)
    + gzip.compress(TEXT[99:].encode(), mtime=0)
    + bytes(512),
    "gzip of UTF-16": gzip.compress(crlf(TEXT).encode("utf-16"), mtime=0),
    "version directly before the name": TEXT.replace("version: 1\n\n# the company\n", "version: 1\n").encode(),
    "no version": TEXT.removeprefix("version: 1\n\n").encode(),
    "version between comments": ("# a\n\n#b\n folded\n\n# c\n" + TEXT).encode(),
    "folded dn": TEXT.replace("dn: o=", "d\n n\n :\n  o=", 1).encode(),
    "DN": TEXT.replace("dn:", "DN:").encode(),
    "folded version": TEXT.replace("version: 1", "ver\n sion: 1").encode(),
    "empty lines everywhere": ("\n\r\n\n" + TEXT.replace("\n\n", "\n\n\r\n\n\n") + "\n\n\n").encode(),
    "blanks only": TEXT.replace("\n\n", "\n\n   \n\n").encode(),
    "files put together": (
        TEXT.partition("\ndn: cn=as")[0] + "\nversion: 1\n\ndn: cn=as" + TEXT.partition("\ndn: cn=as")[2]
    ).encode(),
    "comments behind": (TEXT + "\n# numEntries: 4\n").encode(),
    "ldapsearch's own words behind": (TEXT + "\n# search result\n").encode(),
}


@pytest.mark.parametrize("block_size", [1, 7, 64, 1 << 18])
@pytest.mark.parametrize("data", DRESSES.values(), ids=DRESSES)
def test_a_file_says_the_same_in_every_dress(write, data, block_size):
    for strict in (False, True):
        entries, faults, notes = drained(write(data, block_size=block_size, strict=strict))
        assert [(str(e.dn), e.text("Routing-List"), e.text("Target-Address")) for e in entries] == [
            (CONNECTOR, "MS:NWTRADERS/PO1;1", ""),
            (SMITH, "", "MS:NWTRADERS/PO1/ASMITH"),
        ]
        assert (faults, notes) == ([], Notes(entries=4 if strict else 1))


def test_where_is_the_physical_line(write):
    for data in (TEXT, crlf(TEXT), TEXT.encode("utf-16")):
        assert [e.where for e in drained(write(data))[0]] == ["line 8", "line 16"]
    assert [e.where for e in drained(write("\n\n" + TEXT.replace("o=F", "o=\n F", 1)))[0]] == ["line 11", "line 19"]


def test_an_entry_comes_whole_and_only_if_it_is_wanted(write):
    everything, _, _ = drained(write(TEXT), Query(Present("objectClass"), ()))
    assert [len(e.attributes) for e in everything] == [1, 2, 2, 2]
    maybe = "dn: cn=a\nobjectClass:: cGVyc29u\n\n" + TEXT
    assert [str(e.dn) for e in drained(write(maybe))[0]] == [CONNECTOR, SMITH]
    below = Query(QUERY.condition, (), (DN.parse("o=WINGTIP"), DN.parse("cn=asmith,o=fabrikam")))
    assert [str(e.dn) for e in drained(write(TEXT), below)[0]] == [SMITH]
    assert [str(e.dn) for e in drained(write(TEXT), Query(Named(DN.parse("CN=ASMITH, O=Fabrikam")), ()))[0]] == [SMITH]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\r\n",
        b"# nothing\n",
        b"version: 1\n",
        b"version: 1\n\n# x\n y\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        gzip.compress(b"", mtime=0),
    ],
)
def test_an_empty_file_has_no_entries(write, data):
    assert drained(write(data)) == ([], [], Notes())
    assert drained(write(data, strict=True, block_size=1)) == ([], [], Notes())


BROKEN = TEXT.replace("objectClass: organizationalPerson", "objectClass organizationalPerson\nphoto:< file:///x")


def test_only_records_that_matter_are_checked(write):
    wanted = BROKEN.replace("Routing-List: MS", "Routing List: MS").replace(
        "Target-Address: M", "info: \x00\nTarget-Address: M"
    )
    assert drained(write(wanted))[1] == [
        (10, "'Routing List' is no attribute description"),
        (13, "no colon in 'objectClass organizationalPerson'"),  # the condition mentions it
        (14, "photo:< names a file or URL, and remedy never follows one; put the value in its place"),
        (19, "a NUL or a carriage return in the value of info; such a value must be in base64"),
    ]
    unneeded = TEXT.replace("cn: Jörg Dö", "cn: ok\nno colon here\n\tand a tab\nphoto:< file:///x\nsn:: *")
    entries, faults, notes = drained(write(unneeded))
    assert (len(entries), faults, notes) == (2, [], Notes(entries=1))


@pytest.mark.parametrize(
    "dress",
    [
        str.encode,
        lambda t: crlf(t).encode(),
        lambda t: t.encode("utf-16"),
        lambda t: gzip.compress(t.encode(), mtime=0),
    ],
)
def test_strict_checks_every_record(write, dress):
    text = TEXT.replace("cn: Jörg Dö", "cn: o\n k\nno colon\n\tand a tab\nphoto:< file:///x\nsn:: *")
    entries, faults, _ = drained(write(dress(text), strict=True, block_size=32))
    assert [line for line, _ in faults] == [16, 17, 18, 19]
    assert len(entries) == 2


def test_the_error_names_the_file_and_what_to_do(write):
    store = write("dn: cn=a\nTarget-Address:: *\nsn: x\n", name="old.ldif")
    with pytest.raises(InputError) as caught:
        list(store.read(QUERY))
    assert (
        str(caught.value).splitlines()[0]
        == "old.ldif:2: the value of Target-Address is not base64: only base64 data is allowed"
    )
    assert str(caught.value).endswith("run the command again.")


def test_windows_bytes_are_a_fault_where_they_matter(write):
    data = TEXT.encode("cp1252")
    assert drained(write(data))[1] == []
    ((line, said),) = drained(write(data, strict=True))[1]
    assert line == 14
    assert "not UTF-8 (byte 0xF6); convert the file" in said


@pytest.mark.parametrize(
    ("version", "line"), [("version: 2\n\n", 1), ("version: 2\n", 1), ("version:\n\n", 1), ("# a\nversion: 1.0\n\n", 2)]
)
def test_another_version_is_a_fault(write, version, line):
    _, faults, notes = drained(write(version + TEXT.removeprefix("version: 1\n\n")))
    assert [fault[0] for fault in faults] == [line]
    assert "of LDIF is unknown; it must be 1" in faults[0][1]
    assert notes.entries == 1


def test_a_version_fault_is_told_once(write):
    assert len(drained(write("version: 2\ndn: cn=a\nTarget-Address: x\n"))[1]) == 1


NO_LDIF = {
    "CSV": ("Obj-Class,Directory Name\nMailbox,a\n", "a table, such as CSV"),
    "csvde": ("DN;objectClass\n", "a table"),
    "XML": ('<?xml version="1.0"?>\n<a/>', "XML or HTML"),
    "HTML": ("\n  <html>", "XML or HTML"),
    "JSON": ('{"postoffices": []}', "JSON"),
    "binary": (b"\x7fELF\x02\x01\x01\x00rest", "binary data"),
    "zip": (b"PK\x03\x04rest\n\n", "binary data"),
    "no name": ("cn: a\ndn: cn=a\n", "LDIF whose beginning is missing"),
    "words": ("hello world\n", "something else"),
    "half a name": ("d", "something else"),
    "half a name and more": ("d\n\nn: x\n", "something else"),
    "half a version": ("vers", "something else"),
    "continuation": (" dn: cn=a\n", "something else"),
    "NULs": (bytes(4000), "binary data"),
    "comments, then words": ("# a\n# b\n\n# c\nhello\n", "something else"),
    "UTF-16 CSV": ("a,b\n".encode("utf-16"), "a table"),
}


@pytest.mark.parametrize("block_size", [1, 1 << 18])
@pytest.mark.parametrize(("data", "looks"), NO_LDIF.values(), ids=NO_LDIF)
def test_what_is_no_ldif_is_refused_and_named(write, data, looks, block_size):
    store = write(data, block_size=block_size)
    with pytest.raises(InputError) as caught:
        list(store.read(QUERY))
    assert f"and looks like {looks if block_size > 1 else ''}" in str(caught.value)
    assert str(caught.value).endswith("and give that file.")


def test_a_giant_that_is_no_ldif_is_refused_at_once(write):
    seen = []
    store = write(b"x" * 5_000_000, block_size=1000, progress=lambda done, total: seen.append((done, total)))
    with pytest.raises(InputError):
        list(store.read(QUERY))
    assert seen == [(1000, 5_000_000)]


@pytest.mark.parametrize("kind", ["modify", "delete", "modrdn", "ADDITION"])
def test_a_change_file_is_no_export(write, kind):
    with pytest.raises(InputError, match="this is a change file, not an export"):
        list(write(f"version: 1\n\ndn: cn=a\nChange\n Type: {kind}\n\n{TEXT}").read(QUERY))
    assert drained(write("dn: cn=a\nchangetype: add\ncn: a\n\n" + TEXT))[1] == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfed\x00n\x00:\x00\x00\xdcx\x00", "neither UTF-8 nor UTF-16"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-8] + b"\x00" * 8, "damaged gzip data"),
        (gzip.compress(TEXT.encode(), mtime=0) + b"rest", "damaged gzip data"),
        (b"\x1f\x8b\x08junk-junk-junk-junk", "damaged gzip data"),
    ],
)
def test_what_cannot_be_decoded_is_refused(write, data, said):
    with pytest.raises(InputError, match=said):
        list(write(data).read(QUERY))


@pytest.mark.parametrize("end", ["one", "folder", "nul\0"])
def test_what_cannot_be_opened_is_refused(tmp_path, end):
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError) as caught:
        list(LdifStore(f"{tmp_path}/{end}").read(QUERY))
    assert len(str(caught.value).splitlines()) == 2
    assert caught.value.advice.endswith(".")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read_is_refused(write, tmp_path):
    store = write(TEXT)
    (tmp_path / "export.ldif").chmod(0)
    with pytest.raises(InputError):
        list(store.read(QUERY))


# What stands at the end; whether the file counts as truncated; whether the last record is yielded; the faults.
ENDS = {
    "whole": ("Target-Address: x\n", False, True, []),
    "no line end": ("Target-Address: x", True, True, []),
    "half a line end": ("Target-Address: x\r", True, True, []),
    "no line end behind a comment": ("Target-Address: x\n# y", True, True, []),
    "name cut": ("Target-Address: x\nTarget-Addr\n", True, True, []),
    "name cut, no line end": ("Target-Address: x\nTarget-Addr", True, True, []),
    "any name cut, no line end": ("Target-Address: x\ndesc", True, True, []),
    "option cut": ("Target-Address: x\notherMailbox;la\n", True, True, []),
    "asked-for name cut": ("Target-Address: x\notherM\n", True, True, []),
    "base64 cut": ("Target-Address: x\nTarget-Address:: TVM6TkV\n", True, True, []),
    "base64 cut in its fold": ("Target-Address: x\nTarget-Address:: TVM\n 6TkV\n", True, True, []),
    "base64 cut, half a line end": ("Target-Address: x\nTarget-Address:: TVM6TkV\r", True, True, []),
    "only line cut": ("Target-Address:: TVM6TkV\n", True, False, []),
    "only name cut": ("Target-Ad", True, False, []),
    "name of no interest cut": ("Target-Address: x\ndescrip\n", False, False, [19]),
    "base64 of no interest cut": ("Target-Address: x\nphoto:: TVM6TkV\n", False, False, [19]),
    "a mistake, not a cut": ("Target-Address: x\nTarget-Address:: TV*\n", False, False, [19]),
    "a mistake before the end": ("sn\nTarget-Address: x\n", False, False, [18]),
    "a character cut": (b"Target-Address: x\ncn: J\xc3", True, True, []),
    "an empty line behind": ("Target-Address: x\nTarget-Addr\n\n\n", True, True, []),
}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("case", ENDS)
def test_how_a_file_ends(write, case, strict):
    end, truncated, yielded, faults = ENDS[case]
    head = TEXT.partition("Target-Address")[0].replace("cn=asmith", "cn=last").encode()
    end = end if isinstance(end, bytes) else end.encode()
    for data in (head + end, (head + end).replace(b"\n", b"\r\n")):
        entries, found, notes = drained(write(data, strict=strict, block_size=64))
        assert bool(notes.truncated) is truncated, notes
        assert ("cn=last,o=FABRIKAM" in [str(e.dn) for e in entries]) is yielded
        assert [line for line, _ in found] == faults
        assert notes.entries == (4 if strict else 1)
        assert all(e.texts("Target-Address") == ("x",) for e in entries[1:])


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", ["d", "dn", "dn:: Y249YQ", "dn: cn=b,o", "dn: cn=b,", "dn: c"])
def test_a_cut_name_drops_the_record(write, name, strict):
    for end in ("", "\n", "\r\n", "\n\n"):
        entries, faults, notes = drained(write(f"{TEXT}\n{name}{end}", strict=strict))
        assert (len(entries), faults, notes.entries) == (2, [], 4 if strict else 1)
        assert "Line 21, the last one," in notes.truncated


def test_a_sentence_says_where_the_end_is_missing(write):
    assert drained(write(TEXT[:-1]))[2].truncated == "Line 19, the last one, has no line end."
    assert drained(write(TEXT + "Target\n"))[2].truncated == "Line 20, the last one, is cut."
    assert drained(write(TEXT.encode("utf-16")[:-1]))[2].truncated == "The last character is cut."
    assert (
        drained(write(gzip.compress(TEXT.encode(), mtime=0)[:-9]))[2].truncated == "The compressed data end too early."
    )


@pytest.mark.parametrize("block_size", [1, 50, 1 << 18])
def test_a_packed_file_may_end_anywhere(write, block_size):
    packed = gzip.compress(TEXT.encode() + b"\ndn: cn=asmith,o=FABRIKAM\nTarget-Address: x\n" * 300, mtime=0)
    for size in range(200, len(packed), 4):
        entries, faults, notes = drained(write(packed[:size], block_size=block_size))
        assert notes.truncated
        plain = zlib.decompressobj(wbits=31).decompress(packed[:size])
        assert (entries, faults, notes.entries) == (*(same := drained(write(plain)))[:2], same[2].entries)


def test_progress_is_told_once_a_block(write, tmp_path):
    seen = []
    data = gzip.compress(os.urandom(500).hex().join(["dn: cn=a\ncn: ", "\n"]).encode(), mtime=0)
    list(write(data, block_size=100, progress=lambda *args: seen.append(args)).read(QUERY))
    assert [done for done, _ in seen] == [*range(100, len(data), 100), len(data)]
    assert {total for _, total in seen} == {len(data)}


def test_standard_input_is_read_once(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    store = LdifStore("-", progress=lambda *args: seen.append(args))
    assert len(drained(store)[0]) == 2
    assert seen == [(len(TEXT.encode()), None)]
    with pytest.raises(InputError, match="standard input: it can be read only once"):
        list(store.read(QUERY))
    assert not sys.stdin.buffer.closed


def test_a_pipe_has_no_size(tmp_path):
    pipe, seen = tmp_path / "pipe", []
    os.mkfifo(pipe)
    if child := os.fork():
        assert len(drained(LdifStore(pipe, progress=lambda *args: seen.append(args)))[0]) == 2
        os.waitpid(child, 0)
    else:  # pragma: no cover - the other process
        pipe.write_bytes(TEXT.encode())
        os._exit(0)
    assert {total for _, total in seen} == {None}


def test_a_file_can_be_read_again(write):
    store = write(TEXT)
    assert store.notes() == Notes()
    assert drained(store) == drained(store)


def test_memory_does_not_grow_with_the_file(write):
    record = "dn: cn=user{},o=FABRIKAM\nobjectClass: organizationalPerson\ninfo: " + "x" * 900 + "\n\n"
    data = "".join(record.format(n) for n in range(8000)).encode()
    store = write(data)
    tracemalloc.start()
    assert drained(store) == ([], [], Notes(entries=1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(data) > 7_000_000
    assert peak < 3_000_000


def test_a_record_larger_than_a_block(write):
    values = "".join(f"Routing-List: MS:NET/PO{n};1\n" for n in range(20_000))
    text = f"dn: cn=c\nobjectClass: MS-Mail-Connector\n{values}\n{TEXT}"
    entries, _, notes = drained(write(text, block_size=512))
    assert len(entries[0].values("Routing-List")) == 20_000
    assert notes.entries == 1
