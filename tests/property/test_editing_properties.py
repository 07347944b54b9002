"""The text of one record: what is found without looking at every line is what a look at every line finds."""

from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy import editing
from remedy.editing import logical
from remedy.text import fold

NAMES = ["otherMailbox", "o", "Ou", "OTHERmailbox", "otherMailbox;lang-en", "mail", "dn", "1.2.3"]
LINES = st.sampled_from([
    "{name}: a", "{name}:: YQ==", "{name}: a\n b", "#{name}: a", "# x\n {name}: a", " {name}: a", "{name} : a", "{name}:< a", "",
    "{name}: \0", "-", "#", " ", "{name}:", "{name}:: ?", "x{name}: a", "{half}\n {rest}: a", "{half}\r\n {rest}: b", "\r",
    "{name}: a\n  b\n c", "{name}: " + 80 * "z", "\n {name}: y",
])  # fmt: skip


def spoken(line, name):
    return line.format(name=name, half=name[:2], rest=name[2:])


TEXTS = st.lists(st.tuples(LINES, st.sampled_from(NAMES), st.sampled_from(["\n", "\r\n", "\n\n", ""])), max_size=8).map(
    lambda items: "".join(spoken(line, name) + end for line, name, end in items).encode()
)


def last(text, name):
    """Give the last line of an attribute, by a look at each."""
    return next((line for line in reversed(logical(text)) if line.value_of(name) is not None), None)


def width(text):
    """Give the width of the first folded line, by a look at each pair of lines."""
    lines = text.replace(b"\r", b"").split(b"\n")
    folded = [len(a) for a, b in pairwise(lines) if b[:1] == b" " and a[:1] not in {b" ", b"#"}]
    return max(2, folded[0]) if folded else 0 if any(len(line) > 76 for line in lines) else 76


@settings(max_examples=1500, deadline=None)
@given(TEXTS, st.sampled_from(NAMES))
def test_the_last_line_of_an_attribute_is_that_of_a_look_at_each_line(text, name):
    assert editing._last(text, fold(name)) == last(text, fold(name))
    assert editing._width_of(text) == width(text)


LINE = editing._LOGICAL
PLANTED = {
    "lines without their folds": lambda text, at: LINE.match(text.replace(b"\n ", b"\n"), at),
    "a character too late": lambda text, at: LINE.match(text, at + 1),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_fault_is_found(monkeypatch, planted):
    lying = SimpleNamespace(match=PLANTED[planted], finditer=LINE.finditer)
    monkeypatch.setattr(editing, "_LOGICAL", lying)
    with pytest.raises(AssertionError):
        test_the_last_line_of_an_attribute_is_that_of_a_look_at_each_line()


@pytest.mark.parametrize("name", ["otherMailbox", "OU", "1.2.3"])
def test_a_line_is_found_in_either_case_and_at_the_very_beginning(name):
    text = f"{name.upper()}: a\nmail: b\n".encode()
    assert editing._last(text, fold(name)).value_of(fold(name)) == b"a"
