"""``remedy show``: a saved plan in any form, from the file alone, and what is no plan (contract: gates of a plan file)."""

import copy
import hashlib
import json
import re
from pathlib import Path

import pytest

from remedy.demo import sample

SAMPLES = ("fabrikam.ldif", "postoffices.csv")
KEYS = (
    "schema", "dialect", "strategy", "options", "estate", "sinks", "changes", "manual", "hazards", "postoffices",
    "traces", "findings", "summary",
)  # fmt: skip


@pytest.fixture
def plan(remedy):
    """A plan with everything in it: changes, steps by hand, hazards."""
    remedy("plan", *SAMPLES, "--strategy", "both", "-o", "plan.json")
    return json.loads(Path("plan.json").read_text())


def signed(document):
    """Give a document the digest that it ought to have."""
    rest = {key: value for key, value in document.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {**rest, "digest": hashlib.sha256(text.encode()).hexdigest()}


def write(document):
    Path("other.json").write_text(json.dumps(document))
    return "other.json"


@pytest.mark.parametrize("form", ["text", "json", "ldif", "markdown", "html"])
def test_show_says_what_plan_said(remedy, plan, form):
    for name in SAMPLES:
        Path(name).unlink()
    shown = remedy("show", "plan.json", "--format", form)
    assert shown.code == 0
    for name in SAMPLES:
        Path(name).write_text(sample(name))
    assert shown.out == remedy("plan", *SAMPLES, "--strategy", "both", "--format", form).out


def test_standard_input_and_another_layout_are_the_same_plan(remedy, plan):
    text = remedy("show", "plan.json").out
    assert remedy("show", "-", stdin=Path("plan.json").read_bytes()).out == text
    assert remedy("show", write(plan)).out == text
    Path("marked.json").write_bytes(b"\xef\xbb\xbf" + Path("plan.json").read_bytes())
    assert remedy("show", "marked.json").out == text


def test_html_is_one_page_that_fetches_nothing(remedy, plan):
    page = remedy("show", "plan.json", "--format", "html").out
    assert page.startswith("<!DOCTYPE html>")
    assert not re.search(
        r"""(?i)<(?:script|link|img|iframe)\b|(?:src|href)\s*=\s*["']?(?:https?:)?//|@import|url\(\s*["']?http""", page
    )


def test_hostile_names_are_text_in_html_and_markdown(remedy, estate):
    evil = r"cn=\<script\>alert(1)\</script\>\, `x` | y,cn=Recipients,ou=SEATTLE,o=FABRIKAM"
    name = estate(("dn: cn=Postmaster,cn=Recipients,ou=SEATTLE,o=FABRIKAM", f"dn: {evil}"))
    assert "<script" not in remedy("plan", name, "--format", "html").out.lower()
    assert remedy("plan", name, "--format", "markdown").code == 0


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_is_missing_or_of_another_shape_is_1(remedy, plan, key):
    for value in (None, 5, "x", [1], {"a": 1}):
        changed = {**plan, key: value}
        if isinstance(value, type(plan[key])):
            continue
        for document in (changed, signed(changed)):
            assert remedy("show", write(document)).code == 1, (key, value)
    rest = {name: value for name, value in plan.items() if name != key}
    assert remedy("show", write(rest)).code == 1
    assert remedy("show", write(signed(rest))).code == 1


@pytest.mark.parametrize("key", ["sinks", "changes", "manual", "hazards", "traces", "findings", "postoffices"])
def test_items_of_another_shape_are_1(remedy, plan, key):
    for items in ([1], ["x"], [None], [{}], [{"a": 1}]):
        assert remedy("show", write(signed({**plan, key: items}))).code == 1, items


@pytest.mark.parametrize(
    "change",
    [{"ldif": "garbage"}, {"undo": "garbage"}, {"dn": "cn=other"}, {"ldif": ""}, {"id": 5}, {"postoffices": "x"}],
)
def test_a_change_that_is_not_one_is_1(remedy, plan, change):
    document = copy.deepcopy(plan)
    document["changes"][0].update(change)
    assert remedy("show", write(signed(document))).code == 1


def test_replace_is_never_taken(remedy, plan):
    document = copy.deepcopy(plan)
    document["changes"][0]["ldif"] = document["changes"][0]["ldif"].replace("add: ", "replace: ")
    assert remedy("show", write(signed(document))).code == 1


def test_an_unknown_hazard_is_1(remedy, plan):
    document = {**plan, "hazards": [{"name": "nosuch", "detail": "x"}]}
    assert remedy("show", write(signed(document))).code == 1


def _stronger(document, key):
    """Change one thing inside a key without changing its shape."""
    value = document[key]
    match value:
        case str():
            return {**document, key: value[::-1]}
        case dict():
            name, inner = next((name, inner) for name, inner in value.items() if isinstance(inner, str | int))
            return {**document, key: {**value, name: inner + 1 if isinstance(inner, int) else f"{inner}x"}}
        case _:
            return {**document, key: value[:-1]}


@pytest.mark.parametrize("key", [key for key in KEYS if key != "schema"] + ["digest"])
def test_a_plan_that_was_changed_is_stale(remedy, plan, key):
    assert plan[key], "there is something to change"
    ran = remedy("show", write(_stronger(plan, key)))
    assert ran.code == 5
    assert "digest" in ran.err
    assert plan["digest"] in ran.err, "expected and found"


def test_a_plan_of_a_newer_remedy_says_so(remedy, plan):
    ran = remedy("show", write(signed({**plan, "schema": "remedy/plan/2"})))
    assert ran.code == 1
    assert re.search("newer|update|upgrade", ran.err.lower())


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", "NaN", "x", '{"schema": "remedy/survey/1"}', "[" * 200_000, "\0\1\2"]
)
def test_what_is_no_plan_is_1(remedy, text):
    Path("a.json").write_text(text)
    ran = remedy("show", "a.json")
    assert ran.code == 1
    assert "a.json" in ran.err


def test_half_a_plan_is_1(remedy, plan):
    text = Path("plan.json").read_text()
    Path("plan.json").write_text(text[: len(text) // 2])
    assert remedy("show", "plan.json").code == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("",), 2),
        (("nosuch.json",), 1),
        (("folder",), 1),
        (("fabrikam.ldif",), 1),
        (("postoffices.csv",), 1),
        (("a", "b"), 2),
    ],
)
def test_what_cannot_be_shown(remedy, words, code):
    Path("folder").mkdir()
    assert remedy("show", *words).code == code
