"""Import files of the Administrator: hostile text comes back as it was, by two readers, or is refused (facts §5.3)."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from remedy.dn import DN, from_slashes, to_slashes
from remedy.quoting import admin_cell, admin_deletion, admin_option, admin_values
from tests.readers import admin

EVIL = (
    "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "=MCITelex.blt", "~DEL", "~del<SMTP:x>", 'a","b', '"', "a,b", "50% off", "%PATH%", "a%b",
    "back\\slash", "\\", "\\%", "a\r\nMailbox,Delete,x", "\n", "\t=1", "\x00", "\x07\x1b[31m", "\u202etxt", "\u200f", "\u2028", "\x85",
    "\xa0x\xa0", " x", "x ", "Größe €", "\u65e5\u672c", "\udc80", "\ufeff", "[Export]", ";", "a;b", "a'b", "'a'",
)  # fmt: skip
texts = st.one_of(
    st.sampled_from(EVIL),
    st.lists(st.sampled_from((*EVIL, *"abc,%\\\"=~+-@<>;'\r\n\t €ß")), max_size=6).map("".join),
    st.text(),
)


def said(write, *args):
    """Give what a filter writes, or None if it refuses; a refusal shows nothing that could play tricks."""
    try:
        return write(*args)
    except UnicodeError:
        return None
    except ValueError as refusal:
        shown = str(refusal)
    assert shown.isascii()
    assert shown.isprintable()
    return None


@given(st.lists(texts, min_size=1, max_size=4))
def test_cells_come_back_through_csv_and_by_the_rules_of_the_administrator_or_are_refused(cells):
    written = [said(admin_cell, cell) for cell in cells]
    kept = [cell for cell, text in zip(cells, written, strict=True) if text is not None]
    line = ",".join(text for text in written if text is not None)
    assert line.encode("cp1252").decode("cp1252") == line
    assert not any(mark in line for mark in "\r\n\0\t")
    if kept and any(kept):
        assert next(csv.reader(io.StringIO(line, newline=""), strict=True)) == kept
    assert not kept or admin.fields(line) == kept


@given(texts)
def test_no_cell_is_a_formula_or_begins_with_a_blank(text):
    written = said(admin_cell, text)
    if written is not None:
        assert written.strip('"')[:1] not in {"=", "+", "-", "@", "\t", "\r", " "}


@given(st.lists(texts, min_size=1, max_size=5))
@example(["MS:NWTRADERS/PO1/POSTMASTER", "a%b\\c", "two\r\nlines"])
def test_values_come_back_by_the_rules_of_the_administrator_or_are_refused(values):
    text = said(admin_values, values)
    if text is not None:
        assert admin.parted(text) == values
        assert not {"\r", "\n"} & set(text)
        assert said(admin_cell, text) in {text, f'"{text}"', None}


@pytest.mark.parametrize("value", ["", "=x", "~x", "~del<SMTP:x>", "~DEL"])
def test_what_means_a_file_or_a_deletion_is_no_value(value):
    assert said(admin_values, ["x", value]) is None


@given(texts)
@example("MS:NWTRADERS/PO1/POSTMASTER")
def test_a_deletion_takes_away_that_value_or_is_refused(text):
    written = said(admin_deletion, text)
    if written is not None:
        assert written == f"~del<{text}>"
        assert not set(text) & set('<>%\\"\r\n~=\0')
        assert text == text.strip()


@given(texts)
@example("/o=FABRIKAM/ou=SEATTLE/cn=Recipients")
def test_an_option_is_one_line_and_its_own_value(text):
    written = said(admin_option, text)
    if written is not None:
        assert f"Key={written}".splitlines() == [f"Key={text}"]
        assert written.encode("cp1252").decode("cp1252") == text
        assert not set(text) & set('";%\0\t[') or "[" in text[1:]


names = st.text(
    st.one_of(st.sampled_from("/=,+\"\\<>;# '"), st.characters(exclude_categories=["Cs"])), min_size=1, max_size=8
)


@given(st.lists(names, min_size=1, max_size=4))
@example(["MSPMGATE", "Recipients"])
def test_a_name_comes_back_from_its_slash_form_or_is_refused(parts):
    dn = DN(())
    for part in reversed(parts):
        dn = dn.child("cn", part)
    text = said(to_slashes_ascii, dn)
    if text is not None:
        assert from_slashes(text) == dn
        assert admin.slashed(text) == dn
        assert text.count("/") == len(parts)


def to_slashes_ascii(dn):
    """Give the slash form; the sentence of a refusal shows the name as it is, and is quoted where it is shown."""
    try:
        return to_slashes(dn)
    except ValueError:
        raise ValueError("refused") from None


def test_a_name_of_many_parts_or_in_bytes_has_no_slash_form():
    for text in ("cn=a+sn=b,o=F", "cn=#0401AF,o=F"):
        with pytest.raises(ValueError, match="between slashes"):
            to_slashes(DN.parse(text))
