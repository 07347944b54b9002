"""Command lines that are printed to be pasted: a shell makes the very words of them again."""

import os
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.cli.output import named, pasted
from remedy.text import printable

needs_bash = pytest.mark.skipif(not shutil.which("bash"), reason="no bash: nothing about pasting was shown")
NASTY = st.sampled_from(
    ["\n", "\x1b[31m", "\x1b]0;EVIL\x07", "'", '"', "\\", "$(id)", "`id`", "!", "\u202e", "ü", " ", "*", "~", ""]
)
WORDS = st.lists(
    st.lists(NASTY | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4), max_size=5).map("".join)
    | st.binary(max_size=12).map(lambda data: os.fsdecode(data.replace(b"\0", b""))),
    min_size=1,
    max_size=5,
)  # fmt: skip


def words_of_bash(line):
    """Let bash take a command line apart."""
    done = subprocess.run(["bash", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True)
    return done.stdout.split(b"\0")[:-1]


@needs_bash
@settings(max_examples=150, deadline=None)
@given(WORDS)
def test_a_shell_makes_the_very_words_again(words):
    line = pasted(words)
    assert printable(line) == line
    assert words_of_bash(line) == [os.fsencode(word) for word in words]


@needs_bash
@pytest.mark.parametrize("byte", range(1, 256))
def test_every_byte(byte):
    word = os.fsdecode(bytes([byte, 48, 97]))  # digits behind it are no part of its number
    assert words_of_bash(pasted([word, f"\x1b{word}"])) == [os.fsencode(word), b"\x1b" + os.fsencode(word)]


def test_what_no_file_can_be_called_is_shown_all_the_same():
    assert pasted(["\ud800"]) == r"$'\355\240\200'"


def test_plain_words_stay_plain():
    assert pasted(["remedy", "apply", "plan.json", "a b", "ü"]) == "remedy apply plan.json 'a b' 'ü'"
    assert pasted([]) == ""


@pytest.mark.parametrize(("name", "shown"), [("-o", "./-o"), ("-", "-"), ("a-b", "a-b"), ("./-o", "./-o"), ("", "")])
def test_no_name_is_taken_for_an_option(name, shown):
    assert named(name) == shown
