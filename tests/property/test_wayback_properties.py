"""The steps of a journal: what is read quickly is what the reference reads, and refused if that refuses it."""

from unittest import mock

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from remedy.change import Mod, Modify, Op, reverse
from remedy.errors import InputError
from remedy.ldif import dump_change, parse_changes
from remedy.wayback import steps
from remedy.wayback.steps import sound_changes
from tests.property.test_wire_properties import changes, descriptions, names

SPOILT = st.sampled_from([
    lambda text: text, lambda text: f"# said\n{text}", lambda text: text[:-1], lambda text: text.replace(": ", ":  "),
    lambda text: text + text, lambda _: "", lambda text: text.replace("dn:", "dn::", 1), lambda text: text.replace("\n", "\r\n"),
    lambda text: text.replace("add", "delete"), lambda text: text.replace("modify", "delete"), lambda text: f"version: 1\n{text}",
])  # fmt: skip
WIDTHS = st.sampled_from([76, 0, 20])


PLAIN_VALUES = st.lists(st.text("aB: -=#", min_size=1, max_size=80).map(str.encode), min_size=1, max_size=3).map(tuple)


def reference(event):
    """Read both ends of a step by the reference reader; what it cannot read is None."""
    try:
        (made,), (undo,) = (parse_changes(event[key].encode(), "journal") for key in ("do", "undo"))
    except (ValueError, InputError):
        return None
    count = sum(len(mod.values) for mod in made.mods) if isinstance(made, Modify) else 1
    return (made, undo) if made.dn == undo.dn and len(event["values"]) in {1, count} else None


def check(step):
    """Hold what is read of a step against the reference."""
    made, other, widths, spoil, ids = step
    undo = other or reverse(made)
    texts = [
        change(dump_change(item, width=width)) for change, item, width in zip(spoil, (made, undo), widths, strict=True)
    ]
    event = {"n": 1, "values": ["c"] * ids, "do": texts[0], "undo": texts[1]}
    try:
        found = sound_changes(event)
    except InputError:
        found = None
    assert found == reference(event)


PLAIN = st.builds(
    Modify,
    names,
    st.lists(st.builds(Mod, st.sampled_from(Op), descriptions, PLAIN_VALUES), min_size=1, max_size=3).map(tuple),
)
STEPS = st.tuples(
    PLAIN | changes, st.none() | changes, st.tuples(WIDTHS, WIDTHS), st.tuples(SPOILT, SPOILT), st.integers(1, 4)
)


@settings(max_examples=800, deadline=None)
@given(STEPS)
def test_the_steps_of_a_journal_are_those_of_the_reference(step):
    check(step)


PLANTED = {
    "whatever the way back says": ("_written", lambda made, _: reverse(made)),
    "the step itself": ("_written", lambda made, undo: made if undo.startswith("dn") else None),
    "no values": ("_written", lambda made, _: Modify(made.dn, ())),
    "lines that are not plain": ("dump_change", lambda _: mock.ANY),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_fault_is_found(monkeypatch, planted):
    name, fault = PLANTED[planted]
    monkeypatch.setattr(steps, name, fault)
    steps.change_in.cache_clear()
    try:
        with pytest.raises(AssertionError):
            settings(max_examples=800, deadline=None, phases=[Phase.generate])(given(STEPS)(check))()
    finally:
        steps.change_in.cache_clear()


@pytest.mark.parametrize("part", ["add: x\nx: a\n-\n", "add: x\nadd: x\n-\n", "add: x\nx: -\n-\n", "-\n", "add: x\n"])
def test_what_is_not_plain_is_seen_soon_however_long_it_is(part):
    text = "dn: cn=x\nchangetype: modify\n" + 500 * part  # there is no empty line at its end
    assert steps._plainly(text) is None
