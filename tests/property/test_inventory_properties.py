"""Inventories under arbitrary text: what is written reads back, and nothing but our own errors comes out."""

import csv
import gzip
import io
import json
import string
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from remedy.addresses import PostofficeName
from remedy.errors import InputError, RemedyError
from remedy.estate import Estate, Listing, PostofficeKind
from remedy.inventories import COLUMNS, READERS, dump_csv
from remedy.stores.files import SourceKind, detect, read_text
from remedy.text import printable

pytestmark = pytest.mark.no_cover

PARTS = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=10)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
HOSTILE = st.text("'\"=+-@\t\r\n ;,\u00a0a", max_size=8)
LISTINGS = st.builds(
    Listing,
    name=st.builds(PostofficeName, PARTS, PARTS),
    source=st.just("po"),
    kind=st.sampled_from(PostofficeKind),
    postmaster=st.sampled_from([True, False, None]),
    pending=st.none() | st.integers(0, 4096),
    users=st.none() | st.integers(0, 500),
    strategy=st.sampled_from(["", "exchange", "postoffice", "both", "skip"]),
    version=HOSTILE | WORDS,
    path=HOSTILE | WORDS,
    note=HOSTILE | WORDS,
)


def facts(listing):
    return {
        "network": listing.name.network,
        "postoffice": listing.name.name,
        **{column: getattr(listing, column) for column in COLUMNS[2:]},
    }


def told(kind, text):
    estate = READERS[kind](text, "po")
    assert (estate.faults, estate.oddities) == ((), ())
    return [facts(listing) for listing in estate.listings]


@given(st.lists(LISTINGS, max_size=4))
def test_what_is_written_as_csv_reads_back(listings):
    rows = [facts(listing) for listing in listings]
    text = dump_csv(rows)
    assert told("csv", text) == rows
    assert dump_csv(told("csv", text)) == text


@given(st.lists(LISTINGS, max_size=4))
def test_each_row_is_found_on_the_line_it_begins_on(listings):
    text = dump_csv(map(facts, listings))
    lines = io.StringIO(text, newline="").readlines()
    for listing, read in zip(listings, READERS["csv"](text, "po").listings, strict=True):
        line = int(read.where.removeprefix("line "))
        assert lines[line - 1].startswith(f"{listing.name.network},{listing.name.name},")


@given(st.lists(LISTINGS, max_size=4))
def test_what_is_written_holds_no_formula(listings):
    for row in csv.reader(io.StringIO(dump_csv(map(facts, listings)), newline=""), strict=True):
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in row)
        assert not any(cell.startswith(("\t", "\r", "\n")) for cell in row)


@given(st.lists(LISTINGS, max_size=4), st.sampled_from([None, 0, 2]))
def test_json_tells_the_same_facts(listings, indent):
    rows = [facts(listing) for listing in listings]
    assert told("json", json.dumps({"postoffices": rows}, indent=indent)) == rows


@given(st.lists(LISTINGS, min_size=1, max_size=4))
def test_toml_tells_the_same_facts(listings):
    rows = [facts(listing) for listing in listings]
    text, begins = "", []
    for row in rows:
        begins.append(f"line {text.count(chr(10)) + 1}")
        pairs = (f"{column} = {_toml(value)}\n" for column, value in row.items() if value is not None)
        text += "[[postoffice]]\n" + "".join(pairs)
    assert told("toml", text) == rows
    assert [listing.where for listing in READERS["toml"](text, "po").listings] == begins


def _toml(value):
    if not isinstance(value, str):
        return json.dumps(value)
    return '"' + "".join(f"\\U{ord(char):08x}" if ord(char) < 32 or char in '"\\\x7f' else char for char in value) + '"'


TEXTS = {
    "csv": ["network,postoffice,users,note\n", ",", '"', "\n", "\r", "A", ";", "'=", "9", "\0", "\ud800"],
    "json": ['{"postoffices": [', "{", '"network": "A"', '"users": ', "9", ",", "]", "}", "]}", "1e9", "\n", "\ud800"],
    "toml": ["[[postoffice]]\n", "postoffice = [", "[", "]", '"""', "'''", 'network = "A"\n', "users = ", "0x9", "1979-05-27", "\n", "#"],
}  # fmt: skip


@pytest.mark.parametrize("kind", TEXTS)
@given(data=st.data())
def test_arbitrary_text_gives_an_estate_or_our_own_error(kind, data):
    text = data.draw(
        st.text(max_size=40) | st.lists(st.sampled_from(TEXTS[kind]) | st.text(max_size=3), max_size=12).map("".join)
    )
    try:
        estate = READERS[kind](text, "po")
    except InputError as error:
        faults = error.faults
    else:
        assert isinstance(estate, Estate)
        faults = (*estate.faults, *estate.oddities)
    for fault in faults:
        assert fault.message == printable(fault.message)
        assert fault.line is None or 1 <= fault.line <= text.count("\n") + text.count("\r") + 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@settings(deadline=None)  # disks pause
@given(data=st.binary(max_size=60), packed=st.booleans())
@example(data=b"\x1f\x8b\x08", packed=False)
@example(data=b"\x1f\x8b\x08\0", packed=True)
@example(data=b"\xff\xfe\0", packed=False)
def test_arbitrary_bytes_give_text_or_our_own_error(folder, data, packed):
    path = folder / "source"
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    for judge in (detect, read_text):
        with suppress(RemedyError):
            judge(str(path))


@settings(deadline=None)  # disks pause
@given(data=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=60))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_as_it_was_written(folder, data, encoding):
    path = folder / "source"
    text = "network,postoffice\n" + data
    path.write_bytes(text.encode(encoding))
    assert read_text(str(path)) == text
    assert detect(str(path)) is SourceKind.CSV


@settings(deadline=None)  # disks pause
@given(name=st.text(max_size=20))
@example(name="\0")
@example(name="\ud800")
@example(name="x" * 5000)
@example(name="x/y.csv/z.csv")
@example(name="")
def test_arbitrary_names_are_a_kind_or_our_own_error(folder, name):
    name = f"{folder}/{name}"
    for judge in (detect, read_text):
        with suppress(RemedyError):
            judge(name)
