"""Templates arrange, codecs encode: every value in every template passes a quoting filter."""

from pathlib import Path

import pytest
from jinja2 import nodes

from remedy import render as room
from remedy.render import QUOTING

FOLDER = Path(__file__).parents[1] / "templates"
TEMPLATES = sorted(FOLDER.rglob("*.j2"))
IN_MARKDOWN = {"md", "mdcode", "mdfence", "mdspan", "number"}
IN_FENCES = IN_MARKDOWN | {"show", "showlines"}
IN_HTML = {"show", "showlines", "number"}
IN_SCRIPTS = {
    ".cmd.j2": {"cmd_word"},  # cmd.exe has no quoting that holds, so no comment is allowed either
    "lines.txt.j2": {"cmd_data"},
    ".csv.j2": {"admin_cell"},
    ".ini.j2": {"admin_option"},
    ".ldf.j2": {"codec", "comment"},
    ".ldif.j2": {"codec", "comment"},
}


def parse(text):
    return room._environment(None).parse(text)


def allowed(name):
    """Give the filters that make a value safe in a template's language."""
    for ending, filters in IN_SCRIPTS.items():
        if name.endswith(ending):
            return filters
    return IN_MARKDOWN if name.endswith(".md.j2") else IN_HTML if name.endswith(".html.j2") else set(QUOTING)


def is_quoted(node, filters, macros):
    """Tell whether an expression can show nothing that is not quoted."""
    match node:
        case nodes.TemplateData() | nodes.Const():
            return True
        case nodes.Filter(name=name):
            return name in filters
        case nodes.CondExpr():
            return node.expr2 is not None and all(is_quoted(each, filters, macros) for each in (node.expr1, node.expr2))
        case nodes.Call(node=nodes.Name(name=name)):
            return name in macros
        case nodes.Call(node=nodes.Getattr(node=nodes.Name(name=name))):
            return name in macros
    return False


def faults(text, name):
    """Find the expressions of a template that no quoting filter guards, and what would lift the guard."""
    tree = parse(text)
    macros = {macro.name for macro in tree.find_all(nodes.Macro)} | {
        each.target for each in tree.find_all(nodes.Import)
    }
    fenced = {id(each) for block in tree.find_all(nodes.AssignBlock) for each in block.find_all(nodes.Output)}
    for output in tree.find_all(nodes.Output):
        filters = allowed(name) | (IN_FENCES if id(output) in fenced and name.endswith(".md.j2") else set())
        yield from (each.lineno for each in output.nodes if not is_quoted(each, filters, macros))
    yield from (each.lineno for each in tree.find_all(nodes.Filter) if each.name in {"safe", "forceescape", "tojson"})
    yield from (each.lineno for each in tree.find_all((nodes.FilterBlock, nodes.EvalContextModifier, nodes.CallBlock)))


def test_there_are_templates():
    assert {path.name for path in TEMPLATES} >= {"plan.md.j2", "plan.html.j2", "survey.md.j2", "trace.md.j2"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_every_expression_ends_in_a_quoting_filter(path):
    assert list(faults(path.read_text(encoding="utf-8"), path.name)) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{{ value }}", "own.md.j2"),
        ("{{ value | show }}", "own.md.j2"),
        ("{{ value | upper }}", "own.html.j2"),
        ("{{ value | md }}", "own.html.j2"),
        ("{{ value | show | safe }}", "own.html.j2"),
        ("{{ value | md if value else other }}", "own.md.j2"),
        ("{{ value | md if value }}", "own.md.j2"),
        ("{{ value ~ 'x' }}", "own.txt.j2"),
        ("{{ value.method() }}", "own.txt.j2"),
        ("{% autoescape false %}{{ value | show }}{% endautoescape %}", "own.html.j2"),
        ("{% filter upper %}x{% endfilter %}", "own.md.j2"),
        ("{% set x %}{{ value }}{% endset %}{{ x | mdfence }}", "own.md.j2"),
        ("rem {{ value | comment }}", "own.cmd.j2"),
        ("{{ value | codec }}", "own.cmd.j2"),
        ("{{ value | cmd_data }}", "own.cmd.j2"),
        ("{{ value | codec }}", "own.csv.j2"),
        ("{{ value | comment }}", "own.ini.j2"),
    ],
)
def test_the_walk_finds_what_is_not_quoted(text, name):
    assert list(faults(text, name))


@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES if path.name.endswith(".html.j2")], ids=lambda path: path.name
)
def test_html_values_stand_in_text_or_in_double_quotes(path):
    text = path.read_text(encoding="utf-8")
    for tag in (piece.partition(">")[0] for piece in text.split("<")[1:]):
        places = tag.split("{{")[:-1]
        assert all("".join(places[: n + 1]).count('"') % 2 for n in range(len(places))), tag


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_is_plain_text_with_one_newline_at_its_end(path):
    data = path.read_bytes()
    assert b"\r" not in data
    assert b"\t" not in data
    assert data.endswith(b"\n")
    assert not data.endswith(b"\n\n")
