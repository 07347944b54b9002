"""Text: what compares equal, and what may reach a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remedy.text import counted, fold, joined, printable, squeeze

HOSTILE = (
    "\x00\x07\x08\t\n\r\x1b\x7f\x80\x9b\x85\u200b\u200e\u200f\u061c\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\ud800"
)


@pytest.mark.parametrize(
    ("one", "other"),
    [("PO1", "po1"), ("STRASSE", "straße"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("É", "é"), ("Microsoft", "MICROSOFT")],
)
def test_case_does_not_count(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("PO1", "PO2"), ("é", "e"), (" a", "a")])
def test_all_else_counts(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_is_case_folding_and_settles(text):
    assert fold(text) == text.casefold()
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "short"), [("  a  b ", "a b"), ("a b", "a b"), ("", ""), ("   ", ""), ("a\tb", "a\tb")]
)
def test_insignificant_blanks_go(text, short):
    assert squeeze(text) == short


@given(st.text(" a\t\u00a0B"))
def test_of_blanks_only_those_between_words_stay_and_one_of_each(text):
    assert squeeze(text) == " ".join(word for word in text.split(" ") if word)


@pytest.mark.parametrize("sign", HOSTILE, ids=lambda sign: f"U+{ord(sign):04X}")
def test_nothing_hostile_is_printed(sign):
    assert printable(f"a{sign}b") == f"a\\u{ord(sign):04x}b"


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_printed_cannot_move_the_cursor_or_turn_the_line(text):
    shown = printable(text)
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not any(unicodedata.category(sign) in {"Cc", "Zl", "Zp", "Cs"} for sign in shown)
    assert not any(unicodedata.bidirectional(sign) in turning for sign in shown)


@pytest.mark.parametrize("text", ["Fabrikam", "Zoë Łukasz 東京 🙂", "a=b,c;d"])
def test_ordinary_text_stays(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("postoffice",), "0 postoffices"),
        (1, ("postoffice",), "1 postoffice"),
        (1200, ("postoffice",), "1,200 postoffices"),
        (1, ("entry", "entries"), "1 entry"),
        (2, ("entry", "entries"), "2 entries"),
    ],
)
def test_numbers_have_their_nouns(number, words, said):
    assert counted(number, *words) == said


@pytest.mark.parametrize(
    ("items", "most", "said"),
    [
        ([], 0, ""),
        (["a"], 0, "a"),
        (["a", "b"], 0, "a and b"),
        (["a", "b", "c"], 0, "a, b and c"),
        (["a", "b", "c"], 3, "a, b and c"),
        (["a", "b", "c", "d"], 3, "a, b, c and 1 more"),
        ([str(n) for n in range(1003)], 2, "0, 1 and 1,001 more"),
    ],
)
def test_lists_are_sentences(items, most, said):
    assert joined(iter(items), most=most) == said
