"""A record that is read quickly is read as the reference reads it, put together of whatever may be in the way."""

import os
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy import quick
from remedy.errors import InputError
from remedy.ldif import parse_record
from remedy.quick import Record, entry_of, quickly, sound

HEADS = [b"dn: cn=a,o=F\n", b"dn: cn=a,o=F\n", b"dn:: Y249YSxvPUY=\n", b"DN:o=F\r\n", b""]
BITS = [
    b"\n", b"\n", b"\r\n", b" ", b":", b"::", b"<", b"cn", b"CN", b"sn", b"-", b"\t", b"#", b"QUJD", b"QQ==", b"=", b"\0", b"\xc3\xb6",
    b"\xff", b";x", b"a b", b"changetype: add", b"1.2.3", b"\n ", b": ", b"cn: x\n", b"sn:: QUI=\n", b"\r", b"version: 1\n", b"_x-1",
]  # fmt: skip


def reference(raw):
    """Give the entry, as far as the record has no fault but in its name; None of any other."""
    try:
        return parse_record(raw + b"\n", 1, "x"), True
    except InputError as error:
        return None, all(fault.message.startswith("malformed distinguished name") for fault in error.faults)


def check(raw):
    """Compare one record; tell whether it was read quickly."""
    if b"\n\n" in raw or b"\n\r\n" in raw:
        return False
    entry, well = reference(raw)
    said, body = quickly(raw), sound(raw)
    if said:
        assert well, raw
        if entry:
            assert (f"line {1 + said[0]}", list(said[2])) == (entry.where, [tuple(item) for item in entry]), raw
    if body and entry_of(body):
        assert entry is not None, raw
        for text in (body, raw, raw + b"\n\n"):
            assert (Record(text, 1).dn, Record(text, 1).attributes) == (entry.dn, entry.attributes), raw
    return bool(said)


def test_a_carriage_return_at_the_end_is_half_a_line_end_only_where_a_line_feed_was_cut_off():
    text = b"dn: o=B\nx: y\r"
    assert quickly(text) is None
    assert sound(text) == b"dn: o=B\nx: y\n"
    assert Record(text, 1).attributes == parse_record(text + b"\n", 1, "x").attributes
    assert sound(text + b"\r") is None


@settings(max_examples=3000, deadline=None)
@given(st.sampled_from(HEADS), st.lists(st.sampled_from(BITS), max_size=9))
def test_it_says_what_the_reference_says(head, bits):
    check(head + b"".join(bits))


def made(seed, count):
    """Give records from a seed."""
    pick = random.Random(seed)
    for _ in range(count):
        yield pick.choice(HEADS) + b"".join(pick.choice(BITS) for _ in range(pick.randint(0, 9)))


def test_it_is_no_empty_word():
    assert sum(map(check, made(1, 20_000))) > 2000


@pytest.mark.soak
def test_of_a_million_records():
    seed, count = int(os.environ.get("SOAK_SEED", "2")), int(os.environ.get("SOAK_RECORDS", "1000000"))
    assert sum(map(check, made(seed, count))) > count // 10


PLANTED = {
    "any name": ("_names", lambda written: tuple(name.decode(errors="replace") for name in written)),
    "a URL": ("_decoded", lambda _, value: value),
    "any text": ("_is_text", lambda _: True),
    "any lines": ("_is_written_well", lambda _: True),
    "the base64 of sound ones": ("_CODED", re.compile(rb"(?!)")),
    "a second name": ("_MISPLACED_LINE", re.compile(rb"(?!)")),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_fault_is_found(monkeypatch, planted):
    monkeypatch.setattr(quick, *PLANTED[planted])
    with pytest.raises((AssertionError, InputError, ValueError)):
        list(map(check, made(3, 100_000)))
