"""Whatever a directory says: it cannot leave its cell, tag or fence, and it cannot change a page's shape."""

from html.parser import HTMLParser

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from remedy.codes import CODES, HAZARDS
from remedy.render import QUOTING, md, mdcode, mdfence, mdspan, render, show, showlines
from remedy.runbook import runbook_document
from tests.test_render import plan_document, plan_of

pytestmark = pytest.mark.no_cover

MARKS = "|`*_[]<>&\\#\n\r~$@:/.-+=!\"'(){}^% \tax19\u202e\u061c\u2028\ufeff\xa0\udc80é\U0001f4ee"
TEXTS = st.one_of(
    st.text(st.sampled_from(MARKS), min_size=1, max_size=30),
    st.text(st.characters(), min_size=1, max_size=30),
    st.sampled_from(
        [
            "<script>alert(1)</script>", "</code></pre></details></main>", '"><img src=x onerror=alert(1)>', "<!-- ", "-->",
            "<![CDATA[", "]]>", "&lt;b&gt;", "&#60;b&#62;", "{{ 7 * 7 }}", "{% raw %}", "```\n# Heading\n```", "~~~", "a\n\n# b",
            "| a | b |\n|---|---|", "\\|", "\\\\|", "`|`", "``", "[x](javascript:alert(1))", "![x](http://x)", "<http://x>",
            "http://fabrikam.com", "www.fabrikam.com", "a@fabrikam.com", "@fabrikam", "#1", "    indented", "- [ ] task", "1. x",
            "---", "***", "===", ":--", "> quote", "[a]: http://x", "[^1]", "<details>", "x" * 3000, "\u202etxt.exe", "\udc80",
        ]
    ),
)  # fmt: skip

MEANT = {*CODES, *HAZARDS, "NWTRADERS/PO1", "NWTRADERS/PO2", "FABRIKAM/SEATTLE"}
"""Words that pages are to treat in their own way."""

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class Shape(HTMLParser):
    """The tags of a page, with every attribute."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.words = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(attrs)))

    def handle_endtag(self, tag):
        self.tags.append(("/" + tag, ()))

    def handle_data(self, data):
        self.words.append(data)

    def handle_comment(self, data):
        self.tags.append(("comment", data))

    def unknown_decl(self, data):
        self.tags.append(("declaration", data))

    def handle_pi(self, data):
        self.tags.append(("instruction", data))


def shape(text):
    """Give the tokens of a Markdown page, without its words."""
    return [
        (each.type, each.tag, each.nesting, each.level)
        for token in READER.parse(text)
        for each in (token, *(token.children or ()))
        if each.type != "text"
    ]


def words(text):
    """Give what a reader sees of inline Markdown, the word joiners left out."""
    return "".join(each.content for token in READER.parse(text) for each in token.children or ()).replace("\u2060", "")


def cells(text):
    """Give what a reader sees in the cells of a table."""
    inline = [token for token in READER.parse(text) if token.type == "inline"]
    return ["".join(each.content for each in token.children).replace("\u2060", "") for token in inline]


def seen(value):
    """Give what a reader is to see of a value in a sentence."""
    return " ".join(part for part in show(value).split(" ") if part)


@given(TEXTS)
def test_a_sentence_shows_the_value_and_is_nothing_but_text(value):
    for page in (md(value), f"- {md(value)}", f"text {md(value)} text", f"# {md(value)}", f"1. a\n2. {md(value)}"):
        assert not {kind for kind, *_ in shape(page)} & {
            "code_inline",
            "em_open",
            "strong_open",
            "html_inline",
            "link_open",
        }
    assert words(f"x {md(value)}") == f"x {seen(value)}".strip()
    assert [kind for kind, *_ in shape(f"x\n{md(value)}y")] == [
        "paragraph_open",
        "inline",
        "softbreak",
        "paragraph_close",
    ]


@given(TEXTS, TEXTS)
def test_a_cell_stays_one_cell(one, other):
    table = f"| a | b | c |\n|---|---|---|\n| {md(one)} | {mdcode(other)} | end |\n"
    head = ["a", "b", "c"]
    assert [text.strip() for text in cells(table)] == [*head, seen(one).strip(), show(other).strip(), "end"]


@given(TEXTS)
def test_a_code_span_shows_the_value_exactly(value):
    (span,) = [
        each for token in READER.parse(f"x {mdspan(value)} y") for each in token.children or () if each.tag == "code"
    ]
    assert span.content == show(value)


@given(TEXTS)
def test_a_fence_holds_every_line(value):
    tokens = READER.parse(f"before\n\n{mdfence(value, 'diff')}\n\nafter")
    assert [token.type for token in tokens if token.nesting == 0] == ["inline", "fence", "inline"]
    (fence,) = [token for token in tokens if token.type == "fence"]
    assert fence.info == "diff"
    assert fence.content == showlines(value) + "\n"


@given(TEXTS)
def test_nothing_becomes_a_link_or_a_mention(value):
    text = "".join(each.content for token in READER.parse(md(value)) for each in token.children or ())
    assert not any(found in text.lower() for found in ("://", "www.f", "@f", "@a", "#1"))


@given(TEXTS)
def test_what_is_shown_can_be_written(value):
    for name, quoted in QUOTING.items():
        if name != "number":
            quoted(value).encode()
            assert not set(quoted(value)) & set("\r\t\u202e\u2028\ufeff\x1b")


@pytest.mark.parametrize("page", ["plan.md", "survey.md", "trace.md"])
@settings(max_examples=40, deadline=None)
@given(value=TEXTS)
@example(value="`|`\n\n# x <details> www.x.com\udc80")
def test_a_markdown_page_keeps_its_shape(page, value):
    assume(value not in MEANT)
    assert shape(render(page, plan_document(value))) == shape(render(page, plan_document("x")))


@settings(max_examples=60, deadline=None)
@given(value=TEXTS)
@example(value="</code><script>alert(1)</script>\"' onclick=x\udc80")
def test_an_html_page_keeps_its_shape(value):
    assume(value not in MEANT)
    page = Shape(render("plan.html", plan_document(value)))
    assert page.tags == Shape(render("plan.html", plan_document("x"))).tags
    assert show(value) in "".join(page.words)


def outside(tags):
    """Give the tags of a page that stand in no picture, and those that do."""
    beside, drawn, depth = [], [], 0
    for tag, attributes in tags:
        depth += tag == "div" and ("class", "flow") in attributes
        (drawn if depth else beside).append(tag)
        depth -= tag == "/div" and depth
    return beside, drawn


@settings(max_examples=60, deadline=None)
@given(value=TEXTS)
@example(value="</title></svg></div><script>alert(1)</script>\"' onclick=x\udc80")
def test_a_page_with_pictures_keeps_its_shape(value):
    beside, drawn = outside(Shape(render("trace.html", plan_document(value))).tags)
    plain, pictures = outside(Shape(render("trace.html", plan_document("x"))).tags)
    assert beside == plain
    assert set(drawn) == set(pictures)
    assert drawn.count("svg") == pictures.count("svg") == 3


def bound(value):
    """Give the document of a runbook; the scripts that a plan fits are its own matter, and why it fits none is a text."""
    document = runbook_document(plan_of(value))
    form = {"name": "ldif", "title": value, "note": value}
    other = {**form, "note": "", "look": [value], "run": [value, value], "back": []}
    return {
        **document,
        "book": {**document["book"], "formats": [form, other], "unfit": [{"name": "ldif", "why": value}]},
    }


@pytest.mark.parametrize("page", ["runbook.md", "summary.md"])
@settings(max_examples=30, deadline=None)
@given(value=TEXTS)
@example(value="`|`\n\n# x <details> www.x.com\udc80")
@example(value="- [ ] x\n```\n$(x)")
def test_a_runbook_in_markdown_keeps_its_shape(page, value):
    assume(value not in MEANT)
    assert shape(render(page, bound(value))) == shape(render(page, bound("x")))


@pytest.mark.parametrize("page", ["runbook.html", "summary.html"])
@settings(max_examples=30, deadline=None)
@given(value=TEXTS)
@example(value="</code><script>alert(1)</script>\"' onclick=x\udc80")
def test_a_runbook_in_html_keeps_its_shape(page, value):
    assume(value not in MEANT)
    found, plain = (Shape(render(page, bound(each))) for each in (value, "x"))
    assert [tag for tag in found.tags if not drawn(tag)] == [tag for tag in plain.tags if not drawn(tag)]
    assert show(value) in "".join(found.words)


def drawn(tag):
    """Tell whether a tag is a part of a picture: how long its lines are goes by the text (tests/test_drawing.py)."""
    return tag[0].lstrip("/") in {"svg", "g", "rect", "text", "title", "desc", "path", "polygon"}
