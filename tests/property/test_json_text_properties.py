"""JSON as text: byte for byte what Python's own encoder gives, of whatever there is."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from remedy import json_text
from remedy.courses import Outcome
from remedy.json_text import canonical, indented
from remedy.patterns import Pattern, Rows

HOSTILE = [
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ": {",
    "},\n  {",
    '",\n    "',
    "null",
    "%s",
    "%",
    "\r\u2028\u2029\x7f",
    "\ud800",
    "ü😀",
]
TEXTS = st.text(st.characters(), max_size=6) | st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join)
SCALARS = TEXTS | st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(Outcome)
KEYS = st.sampled_from(["at", "why", "%s"]) | TEXTS


def held(values):
    lists = st.lists(values, max_size=5)
    return lists | lists.map(tuple) | st.dictionaries(KEYS, values, max_size=4)


VALUES = st.recursive(SCALARS, held, max_leaves=40)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=5)
EMPTY = {
    "none": {},
    "nothing": [],
    "of": [{}, [], (), {"at": []}, {"at": {}}],
    "flat": [{"at": 1, "why": "},\n{"}, {"%s": 2}],
}


@pytest.fixture(params=[1, 2, 256])
def _batch(request, monkeypatch):
    monkeypatch.setattr(json_text, "_BATCH", request.param)


@pytest.mark.usefixtures("_batch")
@example(document=EMPTY)
@example(document={})
@given(document=DOCUMENTS)
def test_an_indented_text_is_the_encoder_s_own(document):
    assert "".join(indented(document)) == json.dumps(document, indent=2)


@pytest.mark.usefixtures("_batch")
@example(document=EMPTY)
@example(document={})
@given(document=DOCUMENTS)
def test_a_canonical_text_is_the_encoder_s_own(document):
    assert "".join(canonical(document)) == json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def escaped(text):
    return text.replace("%", "%%")


PLACED = st.lists(TEXTS.map(escaped) | st.sampled_from([f"%({number})s" for number in range(3)])).map("".join)
PATTERNS = st.recursive(
    PLACED | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(KEYS.map(escaped), values, max_size=4),
    max_leaves=20,
).map(Pattern)


@st.composite
def rows(draw):
    patterns = draw(st.lists(PATTERNS, min_size=1, max_size=3))
    words = st.lists(TEXTS, min_size=3, max_size=5).map(tuple)
    return Rows(draw(st.lists(st.tuples(st.sampled_from(patterns), words), max_size=5)))


@pytest.mark.usefixtures("_batch")
@example(some=Rows([]))
@example(some=Rows([(Pattern({"%%": ["%(0)s%(1)s%%", "", "ü"]}), ("\ud83d", "\ude00", '",\n"'))]))
@example(some=Rows([(Pattern({"at": "none"}), ())]))
@given(some=rows())
def test_rows_are_written_as_if_they_were_filled_in_first(some):
    document, plain = {"rows": some, "some": 1}, {"rows": list(some), "some": 1}
    assert "".join(indented(document)) == json.dumps(plain, indent=2)
    assert "".join(canonical(document)) == json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_a_long_list_comes_in_pieces():
    document = {"rows": [{"name": f"r{number}", "path": [{"at": "x"}] * (number % 3)} for number in range(1000)]}
    for pieces in (list(indented(document)), list(canonical(document))):
        assert max(map(len, pieces)) < sum(map(len, pieces)) / 3


def test_what_is_no_json_is_refused():
    with pytest.raises(TypeError, match="bytes is not JSON serializable"):
        "".join(indented({"rows": [{"value": b"x"}]}))
