"""Which kind of source a name is, the text behind it, and what opening it gives."""

import gzip
import io
import os
import sys
from pathlib import Path

import pytest

from remedy.errors import Fault, InputError, UsageError
from remedy.inventories import READERS
from remedy.stores import texts
from remedy.stores.files import SourceKind, detect, open_source, read_text
from remedy.stores.ldif import LdifStore

CSV = "network,postoffice\nNWTRADERS,SALES\n"
LDIF = "dn: cn=Recipients,ou=Fabrikam,o=Northwind\nobjectClass: container\n"
KINDS = (
    "ldap, ldif, csv, json, toml, exchange-csv, gwart, import-extract, listds, reg, addr-map, listuser "
    "and postoffice-folder"
)


@pytest.fixture
def write(tmp_path):
    def writer(content, name="source"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return writer


@pytest.fixture
def stdin(monkeypatch):
    def feed(content):
        data = content if isinstance(content, bytes) else content.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return feed


@pytest.fixture
def pipe(monkeypatch):
    """A real pipe as standard input: nothing in it can be read twice."""
    ends = []

    def feed(content):
        out, into = os.pipe()
        os.write(into, content.encode())
        os.close(into)
        ends.append(os.fdopen(out, encoding="utf-8"))
        monkeypatch.setattr(sys, "stdin", ends[-1])

    yield feed
    for end in ends:
        end.close()


# --- Kinds ---------------------------------------------------------------------------------------------------------

NAMES = [
    ("ldap://mail.fabrikam.com/o=Northwind", "ldap"),
    ("LDAPS://mail.fabrikam.com:636/", "ldap"),
    ("ldapi://%2Fvar%2Frun%2Fldapi/", "ldap"),
    ("export.ldif", "ldif"),
    ("no/such/EXPORT.LDF", "ldif"),
    ("export.ldif.gz", "ldif"),
    ("export.ldf.GZ", "ldif"),
    ("po.json", "json"),
    ("po.TOML", "toml"),
    ("requestors.reg", "reg"),
    ("GWART0.MTA", "gwart"),
    ("mtadata/gwart1.mta", "gwart"),
    ("Addr_Map.cfg", "addr-map"),
]


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_a_name_tells_the_kind(name, kind):
    assert detect(name) == kind


CONTENTS = [
    ("dn: o=Northwind\n", "ldif"),
    ("\n\n# extended LDIF\n#\n# a comment that\n  goes on\nVersion: 1\n", "ldif"),
    ("DN:: bz1Ob3J0aHdpbmQ=\n", "ldif"),
    ("\ufeffdn: o=Northwind\n", "ldif"),
    ('{"postoffices": []}', "json"),
    ("\n [\n", "json"),
    ('[{"network": 1}]', "json"),
    ("[1, 2]", "json"),
    ("[[postoffice]]\n", "toml"),
    ("# ours\n\n  [[ postoffice ]] # x\n", "toml"),
    ("# ours\n['x'.y]\n", "toml"),
    ("postoffice = [\n", "toml"),
    ("network,postoffice\n", "csv"),
    (' "Postoffice";"Network"\n', "csv"),
    ("note\tnetwork\tpostoffice", "csv"),
    ("Obj-Class,Mode,Directory Name\n", "exchange-csv"),
    ('\ufeff"OBJ-CLASS"\t"Mode"\n', "exchange-csv"),
    ("obj-class", "exchange-csv"),
    ("REGEDIT4\n", "reg"),
    ("Windows Registry Editor Version 5.00\n", "reg"),
]


@pytest.mark.parametrize(("content", "kind"), CONTENTS)
@pytest.mark.parametrize(
    "encode",
    [
        str.encode,
        lambda text: text.lstrip("\ufeff").encode("utf-16"),
        lambda text: gzip.compress(text.encode(), mtime=0),
    ],
)
def test_first_bytes_tell_the_kind(write, content, kind, encode):
    assert detect(write(encode(content), "source.txt")) == kind


@pytest.mark.parametrize(
    "content", ["", "Dear all,\n", "Obj-Classes,a\n", "# nothing but this\n", b"\x1f\x8b\x08broken", b"\0\1\2"]
)
def test_an_unknown_kind_asks_for_as(write, content):
    name = write(content, "notes.txt")
    with pytest.raises(UsageError) as caught:
        detect(name)
    assert str(caught.value) == f"Nothing shows what {name} is: say --as and one of {KINDS}."


@pytest.mark.parametrize(
    ("content", "kind"), [(CSV, "csv"), ("", "csv"), ("a,b", "csv"), ("Obj-Class,Mode", "exchange-csv"), (LDIF, "csv")]
)
def test_a_csv_may_be_an_export_of_the_administrator_program(write, content, kind):
    assert detect(write(content, "PO.CSV")) == kind


@pytest.mark.parametrize("kind", SourceKind)
def test_as_overrides(kind):
    assert detect("no/such.csv", as_kind=kind.value.upper()) is kind


def test_as_takes_only_kinds():
    with pytest.raises(UsageError) as caught:
        detect("po.csv", as_kind="excel\x1b")
    assert str(caught.value) == f"--as excel\\u001b is no kind of source; name one of {KINDS}."


@pytest.mark.parametrize("glb", ["GLB/NETWORK.GLB", "glb/network.glb", "Glb/Network.GLB"])
def test_a_folder_with_network_glb_is_a_postoffice(tmp_path, glb):
    (tmp_path / "GLB2").write_text("a file")
    (tmp_path / glb).parent.mkdir()
    (tmp_path / glb).write_text("")
    assert detect(str(tmp_path)) is SourceKind.POSTOFFICE_FOLDER


@pytest.mark.parametrize("name", ["MAILDATA", "MAILDATA.CSV"])
def test_another_folder_is_none(tmp_path, name):
    folder = tmp_path / name
    (folder / "GLB").mkdir(parents=True)
    (folder / "GLB" / "MASTER.GLB").write_text("")
    with pytest.raises(InputError) as caught:
        detect(str(folder))
    assert str(caught.value) == (
        f"{folder}: it is a folder, but GLB/NETWORK.GLB is not in it\nName a file, or a postoffice's folder."
    )


def test_a_named_pipe_is_not_looked_into(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UsageError, match="say --as"):
        detect(str(tmp_path / "pipe"))
    assert detect(str(tmp_path / "pipe.csv")) is SourceKind.CSV


# --- Text ----------------------------------------------------------------------------------------------------------

UMLAUT = "network,postoffice,note\r\nNWTRADERS,SALES,Zürich\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_encodings(write, encoding, pack):
    assert read_text(write(pack(UMLAUT.encode(encoding)))) == UMLAUT


def test_an_empty_file_is_empty_text(write):
    assert read_text(write("")) == ""


NO_TEXT = "it is no text in UTF-8, UTF-16 or Windows-1252\nSave it as text or CSV in UTF-8, and name that file."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04\x14\0\x06\0\x08\0\x81", NO_TEXT),
        (b"a\x81b", NO_TEXT),
        (b"abcdefgh\0", NO_TEXT),
        (b"\xef\xbb\xbfZ\xfcrich", NO_TEXT),
        ("A".encode("utf-16") + b"\0", NO_TEXT),
        ("A".encode("utf-32"), NO_TEXT),
        (gzip.compress(b"abc", mtime=0)[:-1], "its gzip packing is damaged\nPack it again, or unpack it."),
        (b"\x1f\x8b\x08", "its gzip packing is damaged\nPack it again, or unpack it."),
        (
            gzip.compress(b"abc" * 99, mtime=0)[:12] + b"\xff" * 20,
            "its gzip packing is damaged\nPack it again, or unpack it.",
        ),
    ],
)
def test_what_is_no_text_is_said_to_be_none(write, content, message):
    name = write(content)
    with pytest.raises(InputError) as caught:
        read_text(name)
    assert str(caught.value) == f"{name}: {message}"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_is_too_long_is_not_read(write, monkeypatch, pack):
    monkeypatch.setattr(texts, "LIMIT", 1 << 20)
    assert len(read_text(write(pack(b"x" * (1 << 20))))) == 1 << 20
    with pytest.raises(InputError, match="it is longer than 1 MiB"):
        read_text(write(pack(b"x" * ((1 << 20) + 1))))


@pytest.mark.parametrize("judge", [read_text, detect, open_source])
def test_a_missing_file(tmp_path, judge):
    name = str(tmp_path / "po")
    with pytest.raises(InputError) as caught:
        judge(name)
    assert str(caught.value) == f"{name}: there is no such file\nCheck the name."


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(13, "x"), "it may not be read\nRun remedy as somebody who may read it, or name a copy."),
        (OSError(5, "Input/output error"), "Input/output error\nCheck the disk, and try again."),
        (OSError("broken"), "broken\nCheck the disk, and try again."),
    ],
)
@pytest.mark.parametrize("judge", [read_text, detect])
def test_what_the_system_says_is_a_sentence(write, monkeypatch, error, message, judge):
    def refuse(*_):
        raise error

    name = write(CSV)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError) as caught:
        judge(name)
    assert str(caught.value) == f"{name}: {message}"


def test_a_folder_has_no_text(tmp_path):
    with pytest.raises(InputError, match="it is a folder\nName a file in it"):
        read_text(str(tmp_path))


def test_a_name_that_no_file_can_have():
    with pytest.raises(InputError, match="no file can have this name\nCheck the name"):
        read_text("a\0b")


# --- Standard input ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("feed", ["stdin", "pipe"])
def test_standard_input_is_judged_and_then_read_whole(request, feed):
    request.getfixturevalue(feed)(CSV)
    assert detect("-") is SourceKind.CSV
    assert open_source("-") == READERS["csv"](CSV, "standard input")
    for again in (read_text, detect, open_source):
        with pytest.raises(UsageError) as caught:
            again("-")
        assert str(caught.value) == (
            "Standard input (-) can be read only once: save what it brings as a file, and name that file."
        )


def test_another_standard_input_can_be_read_again(stdin):
    for _ in range(2):
        stdin(CSV)
        assert read_text("-") == CSV


@pytest.mark.parametrize("feed", ["stdin", "pipe"])
@pytest.mark.parametrize("as_kind", [None, "ldif"])
def test_ldif_is_left_for_its_store(request, feed, as_kind):
    request.getfixturevalue(feed)(LDIF)
    store = open_source("-", as_kind=as_kind)
    assert isinstance(store, LdifStore)
    assert store.name == "standard input"
    assert sys.stdin.buffer.read() == LDIF.encode()
    with pytest.raises(UsageError):
        open_source("-", as_kind="csv")


def test_unknown_standard_input_asks_for_as(stdin):
    stdin("Dear all,")
    with pytest.raises(UsageError, match="Nothing shows what standard input is: say --as and one of ldap, "):
        open_source("-")


class Terminal(io.RawIOBase):
    """A stream that can neither seek nor peek."""


def test_a_stream_that_cannot_be_looked_into_asks_for_as(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Terminal()))
    with pytest.raises(UsageError, match="say --as"):
        detect("-")


def test_no_standard_input_at_all(monkeypatch, stdin):
    stdin(CSV)
    sys.stdin.buffer.close()
    with pytest.raises(InputError, match="nothing is connected to it"):
        read_text("-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError) as caught:
        detect("-")
    assert caught.value.faults == (Fault("standard input", None, "nothing is connected to it"),)


# --- Opening -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("po.csv", CSV),
        ("po.json", '{"postoffices": [{"network": "NWTRADERS", "postoffice": "SALES"}]}'),
        ("po.toml", '[[postoffice]]\nnetwork = "NWTRADERS"\npostoffice = "SALES"\n'),
        ("po.json.txt", '{"postoffices": [{"network": "NWTRADERS", "postoffice": 11223344556}]}'),
    ],
)
def test_an_inventory_is_opened_as_what_it_tells(write, name, content):
    path = write(content, name)
    assert open_source(path) == READERS[name.split(".")[1]](content, path)


def test_an_export_is_opened_as_a_store(write):
    name = write(LDIF, "export.ldif")
    seen = []
    store = open_source(name, strict=True, progress=lambda done, total: seen.append((done, total)))
    assert isinstance(store, LdifStore)
    assert store.name == name


def test_a_url_is_a_server_that_nobody_asked_yet():
    store = open_source("ldap://mail.fabrikam.com/o=FABRIKAM")
    assert type(store).__name__ == "LdapStore"
    assert store.name == "ldap://mail.fabrikam.com/o=FABRIKAM"
    with pytest.raises(UsageError, match="names no host"):
        open_source("ldap:///")


def test_the_kinds_of_one_postoffice_are_those_whose_reader_is_told_its_name():
    from remedy.inventories import OF_ONE
    from remedy.stores.files import _OF_ONE

    assert {str(kind) for kind in _OF_ONE} == {*OF_ONE, "postoffice-folder"}
