"""Templates arrange, codecs encode: every value in every template passes a quoting filter."""

import re
from pathlib import Path

import pytest

from remedy import render as room
from remedy.quoting import LANGUAGES, PREPARING, WORDS
from remedy.render import IN_SCRIPTS, PICTURES, QUOTING, SCRIPTS, enough, unquoted

FOLDER = Path(__file__).parents[1] / "templates"
TEMPLATES = sorted(FOLDER.rglob("*.j2"))
IN_MARKDOWN = {"flow_mermaid", "timeline_mermaid", "md", "mdcode", "mdfence", "mdspan", "number"}
IN_FENCES = IN_MARKDOWN | {"show", "showlines"}
IN_HTML = {"flow_svg", "timeline_svg", "show", "showlines", "number"}


def parse(text):
    return room._environment(None).parse(text)


def allowed(name):
    """Give the filters that make a value safe in a template's language."""
    if name.startswith(SCRIPTS):
        return enough(name.removesuffix(".j2"))
    return IN_MARKDOWN if name.endswith(".md.j2") else IN_HTML if name.endswith(".html.j2") else set(QUOTING)


def faults(text, name):
    """Find the expressions of a template that no quoting filter guards, and what would lift the guard."""
    return unquoted(parse(text), allowed(name), fenced=IN_FENCES if name.endswith(".md.j2") else ())


def test_there_are_templates():
    assert {path.name for path in TEMPLATES} >= {"plan.md.j2", "plan.html.j2", "survey.md.j2", "trace.md.j2"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_every_expression_ends_in_a_quoting_filter(path):
    name = path.relative_to(FOLDER).as_posix()
    assert list(faults(path.read_text(encoding="utf-8"), name)) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{{ value }}", "own.md.j2"),
        ("{{ value | show }}", "own.md.j2"),
        ("{{ value | upper }}", "own.html.j2"),
        ("{{ value | md }}", "own.html.j2"),
        ("{{ value | show | safe }}", "own.html.j2"),
        ("{{ value | flow_mermaid }}", "own.html.j2"),
        ("{{ value | flow_svg }}", "own.md.j2"),
        ("{{ value | flow_svg | safe }}", "own.html.j2"),
        ("{{ value | flow_svg }}", "scripts/own.sh.j2"),
        ("{{ value | md if value else other }}", "own.md.j2"),
        ("{{ value | md if value }}", "own.md.j2"),
        ("{{ value ~ 'x' }}", "own.txt.j2"),
        ("{{ value.method() }}", "own.txt.j2"),
        ("{% autoescape false %}{{ value | show }}{% endautoescape %}", "own.html.j2"),
        ("{% filter upper %}x{% endfilter %}", "own.md.j2"),
        ("x = {{ value | powershell }}", "scripts/own.vbs.j2"),
        ("x = {{ value | sh }}", "scripts/own.ps1.j2"),
        ("{% set x %}{{ value }}{% endset %}{{ x | mdfence }}", "own.md.j2"),
        *((f"{{{{ value | {each} }}}}", "scripts/own.sh.j2") for each in sorted(set(QUOTING) - {"number"} | PREPARING)),
        ("{{ value }}", "scripts/own.sh.j2"),
        ("{{ (value | sh) ~ value }}", "scripts/own.sh.j2"),
        ("{{ value | sh | upper }}", "scripts/own.sh.j2"),
        ("{% filter replace(\"'\", '') %}{{ value | sh }}{% endfilter %}", "scripts/own.sh.j2"),
        ("{% print value %}", "scripts/own.sh.j2"),
        ("{{ value['key'] }}", "scripts/own.sh.j2"),
        ("{{ loop(value) }}", "scripts/own.sh.j2"),
        ("rem {{ value | comment }}", "scripts/own.cmd.j2"),
        ("{{ value | codec }}", "scripts/own.cmd.j2"),
        ("{{ value | cmd_data }}", "scripts/own.cmd.j2"),
        ("{{ value | codec }}", "scripts/own.csv.j2"),
        ("{{ value | comment }}", "scripts/own.ini.j2"),
    ],
)
def test_the_walk_finds_what_is_not_quoted(text, name):
    assert list(faults(text, name))


@pytest.mark.parametrize(
    "text",
    [
        *(f"{{{{ value | {each} }}}}" for each in sorted(IN_SCRIPTS)),
        "{{ 'one' if value else 'other' }}",
        "{{ value | ads_path | vbscript }}",
        "{% from 'x' import a, b as c %}{{ a(value) }}{{ c(value) }}",
        "{% import 'x' as parts %}{{ parts.words(value) }}",
        "{% macro own(x) %}{{ x | sh }}{% endmacro %}{{ own(value) }}",
    ],
)
def test_the_walk_lets_what_is_quoted_pass(text):
    assert list(faults(text, "scripts/own.txt.j2")) == []


@pytest.mark.parametrize(("ending", "own"), LANGUAGES.items())
def test_a_language_takes_its_own_words_and_no_other(ending, own):
    for word in IN_SCRIPTS:
        found = list(faults(f"{{{{ value | {word} }}}}", f"scripts/own.{ending}.j2"))
        assert bool(found) is (word not in own | {"number"}), word


def test_every_word_is_enough_or_prepares_for_one_that_is():
    assert set(WORDS) == (IN_SCRIPTS - {"number"}) | PREPARING


@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES if path.name.endswith(".html.j2")], ids=lambda path: path.name
)
def test_html_values_stand_in_text_or_in_double_quotes(path):
    text = path.read_text(encoding="utf-8")
    for tag in (piece.partition(">")[0] for piece in text.split("<")[1:]):
        places = tag.split("{{")[:-1]
        assert all("".join(places[: n + 1]).count('"') % 2 for n in range(len(places))), tag


def test_each_picture_belongs_to_one_language():
    assert set(PICTURES) == {"flow_mermaid", "flow_svg", "timeline_mermaid", "timeline_svg"}
    assert set(PICTURES) & IN_MARKDOWN == {"flow_mermaid", "timeline_mermaid"}
    assert set(PICTURES) & IN_HTML == {"flow_svg", "timeline_svg"}
    assert not set(PICTURES) & (set(QUOTING) | IN_SCRIPTS)


def comments(line):
    """Give the expressions of a line that are shown as a comment, each with what stands in front of it."""
    return [(line[: found.start()], found[1]) for found in re.finditer(r"\{\{ ([^{}]*?) \| comment \}\}", line)]


@pytest.mark.parametrize(
    "path",
    [path for path in TEMPLATES if path.name.endswith((".ldif.j2", ".vbs.j2", ".ps1.j2"))],
    ids=lambda path: path.name,
)
def test_in_a_script_only_fixed_words_are_shown_as_comments_outside_of_comments(path):
    mark = "'" if path.name.endswith(".vbs.j2") else "#"  # of LDIF too
    for line in path.read_text().splitlines():
        for front, shown in comments(line):
            assert front.startswith(mark) or shown in {"way", "digest"}, line


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_is_plain_text_with_one_newline_at_its_end(path):
    data = path.read_bytes()
    assert b"\r" not in data
    assert b"\t" not in data
    assert data.endswith(b"\n")
    assert not data.endswith(b"\n\n")
