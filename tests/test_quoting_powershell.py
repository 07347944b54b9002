"""No text breaks out of PowerShell's quoting, or changes in it: by a grammar of PowerShell, and an evaluator of few nodes."""

import re

import pytest
from hypothesis import example, given, settings

from remedy.quoting import powershell
from remedy.scripts.calls import pieces
from tests.hostile import PARTS, texts
from tests.readers.ps1 import evaluated


def units(text):
    return text.encode("utf-16-le", "surrogatepass")


@pytest.mark.parametrize(
    ("text", "written"), [("", "''"), ("it's", "'it''s'"), ("a\u2019b", "('' + 'a' + [char]8217 + 'b')")]
)
def test_texts_and_how_they_are_written(text, written):
    assert powershell(text) == written


@settings(max_examples=300)
@given(text=texts)
@example(text="".join(PARTS))
def test_a_text_comes_back_from_one_expression_of_literals_casts_and_sums(text):
    written = powershell(text)
    assert re.fullmatch(r"[ -~]+", written)
    assert evaluated(written) == units(text)


@settings(max_examples=100)
@given(text=texts)
def test_a_long_text_in_pieces_is_the_text_and_no_piece_is_long(text):
    parts = pieces(text * 20)
    assert "".join(parts) == text * 20
    assert all(len(powershell(part)) <= 400 for part in parts)


@pytest.mark.parametrize(
    "wrong",
    [
        "'a",
        "'a'; 'b'",
        "'a' + $b",
        '"a"',
        "('' + [char]65 + (Get-Date))",
        "[char]65",
        "[int]65",
        "'a'\n'b'",
        "$(1)",
        "'a' # x",
        "@'\na\n'@",
    ],
)
def test_the_reader_takes_nothing_else(wrong):
    with pytest.raises((AssertionError, ValueError)):
        assert evaluated(wrong) != units("A")


@pytest.mark.parametrize("curly", "\u2018\u2019\u201a\u201b")
def test_a_curly_quote_would_end_a_literal_in_powershell_so_none_is_ever_written(curly):
    assert curly not in powershell(f"a{curly}; calc; {curly}")
