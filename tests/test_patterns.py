"""Rows that differ in a few words: to whoever looks at them, they are rows like any others."""

import pytest

from remedy.patterns import Pattern, Rows

PATTERN = Pattern({"po": "%(0)s", "path": [{"why": "100 %% of %(1)s, says %(0)s."}, {"why": "Nobody."}], "count": 1})
FILLED = {"po": "A", "path": [{"why": "100 % of B%s, says A."}, {"why": "Nobody."}], "count": 1}
ROWS = Rows([(PATTERN, ("A", "B%s")), (Pattern({"po": None}), ())])


def test_they_are_a_sequence_of_what_they_say():
    assert list(ROWS) == [FILLED, {"po": None}]
    assert len(ROWS) == 2
    assert ROWS[0] == FILLED
    assert ROWS[1:] == [{"po": None}]
    assert (FILLED, {"po": None}) == ROWS
    assert [FILLED] != ROWS
    assert ROWS != 1


def test_each_look_gives_a_row_of_its_own():
    ROWS[0]["path"].clear()
    assert ROWS[0] == FILLED


def test_they_have_no_hash_as_a_list_has_none():
    with pytest.raises(TypeError):
        hash(ROWS)
