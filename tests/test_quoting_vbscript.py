"""No text breaks out of VBScript's quoting, or changes in it: by a reader of the closed language that is written."""

import re

import pytest
from hypothesis import example, given, settings

from remedy.quoting import ads_path, vbscript
from remedy.scripts.calls import pieces
from tests.hostile import PARTS, texts
from tests.readers.vbs import evaluated
from tests.windows_scripts import cscript, engine


def units(text):
    return text.encode("utf-16-le", "surrogatepass")


@settings(max_examples=300)
@given(text=texts)
@example(text="".join(PARTS))
def test_a_text_comes_back_from_literals_chrw_and_ampersands_alone(text):
    written = vbscript(text)
    assert re.fullmatch(r"[ -~]+", written)
    assert evaluated(written) == units(text)


@settings(max_examples=200)
@given(text=texts)
def test_a_long_text_in_pieces_is_the_text_and_no_piece_is_long(text):
    parts = pieces(text * 20)
    assert "".join(parts) == text * 20
    assert all(len(vbscript(part)) <= 400 for part in parts)
    assert all(parts[1:])


@settings(max_examples=100)
@given(text=texts)
def test_every_slash_of_a_path_has_one_backslash_more(text):
    assert ads_path(text).replace("\\/", "/") == text.replace("\\/", "/")
    assert ads_path(text).count("/") == ads_path(text).count("\\/")


@pytest.mark.parametrize(
    "wrong", ['"a', 'a"', '"a" "b"', '"a" + "b"', "ChrW(&H41)", "ChrW(65", '"é"', '"a" & x', "", '"a"\n']
)
def test_the_reader_takes_nothing_else(wrong):
    with pytest.raises(AssertionError):
        evaluated(wrong)


@pytest.mark.skipif(bool(engine()), reason=engine() or "there is an engine")
def test_the_engine_of_wine_reads_hostile_ascii_as_it_is_and_each_chrw_as_its_number(tmp_path):
    samples = [part for part in PARTS if not re.search(r"\[U", part)]
    lines = [f"WScript.Echo {vbscript(f'<{part}>')}" for part in samples]
    shim = 'Function ChrW(code)\n    ChrW = "[U" & code & "]"\nEnd Function\n'
    script = tmp_path / "say.vbs"
    script.write_bytes(("\n".join(lines) + "\n" + shim).replace("\n", "\r\n").encode("ascii"))
    code, said = cscript(tmp_path, {"say": ()})["say"]
    assert code == 0
    assert said.splitlines() == [f"<{''.join(map(as_shown, part))}>" for part in samples]


def as_shown(char):
    """Give a character as the shim shows it."""
    if " " <= char <= "~":
        return char
    every = units(char)
    numbers = (int.from_bytes(every[at : at + 2], "little", signed=True) for at in range(0, len(every), 2))
    return "".join(f"[U{number}]" for number in numbers)
