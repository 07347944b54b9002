"""The jinja2 room: where templates come from, what quoting does, and what the shipped pages show."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from remedy import render as room
from remedy.change import Add, Mod, Modify, Op
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import InputError
from remedy.plan import Plan, Step
from remedy.render import diff, md, mdcode, mdfence, mdspan, number, outcomes, render, show, showlines

PAGES = ("plan.md", "plan.html", "survey.md", "trace.md", "trace.html")
ROOT = Path(__file__).parents[1]


def walk(outcome, text):
    return {"outcome": outcome, "path": [{"at": "list-server", "why": ""}, {"at": "directory", "why": text}]}


def trace(name, text, *, kind="msmail", before="loops", after="delivers", side="unknown"):
    ends = [walk(end, text) for end in (before, after, side)]
    return dict(zip(("postoffice", "kind", "before", "after", "msmail_side"), (name, kind, *ends), strict=True))


def row(name, text, coverage="exposed", holders=()):
    return {
        "address": name, "network": "NET", "name": "PO", "kind": "msmail", "coverage": coverage,
        "confidence": "shown", "holders": [{"dn": dn, "kind": "mailbox", "address": text} for dn in holders],
        "evidence": [{"source": text, "where": text, "kind": "routing-list", "value": text, "count": 2}],
    }  # fmt: skip


def finding(code, severity, text):
    return {"code": code, "severity": severity, "subject": text, "message": text, "fix": text}


def plan_document(text="cn=Postmaster", names=("NWTRADERS/PO1", "NWTRADERS/PO2"), *, busy=True):
    """Give a plan document in which ``text`` stands wherever a source can put a word of its own."""
    return plan_of(text, names, busy=busy).to_dict()


def plan_of(text="cn=Postmaster", names=("NWTRADERS/PO1", "NWTRADERS/PO2"), *, busy=True):
    """Give such a plan."""
    written = text.encode(errors="ignore").decode() or "x"  # a name is text; lone surrogates stand in values
    entry = DN.parse("ou=SEATTLE,o=FABRIKAM").child("cn", written)
    value = text.encode(errors="surrogatepass") or b"x"
    adds = tuple(f"ms${name}/POSTMASTER".encode() for name in names or ["NWTRADERS/PO1"])
    swap = Modify(entry, (Mod(Op.DELETE, "otherMailbox", (value,)), Mod(Op.ADD, "otherMailbox", adds)))
    new = Add(Entry.of(DN.parse("o=FABRIKAM").child("cn", written), {"cn": value, "otherMailbox": [b"y"]}))
    before = Entry.of(entry, {"otherMailbox": [value, b"MS$FABRIKAM/SEATTLE/A"]})
    steps = (
        Step(id="c1", reason=text, postoffices=tuple(names), change=new),
        Step(id="c2", reason=text, postoffices=(text,), change=swap, before=before),
    )
    rows = [row(name, text, holders=[text] if n else []) for n, name in enumerate(names)]
    traces = [trace(name, text) for name in names]
    return Plan(
        dialect="exchange55",
        strategy=text,
        options={"mailbox": text, "max_proxies": 150, "like": None, "exclude": [text], "include_connector_po": False},
        estate={"sites": [{"site": text, "shadow": text}], "domain": text, "version": None},
        sinks=({"dn": text, "action": "create", "reason": text, "proxies": [text]},) if busy else (),
        steps=steps if busy else (),
        manual=tuple({"postoffice": name, "text": text} for name in names) if busy else (),
        hazards=({"name": "creates-mailbox", "detail": text}, {"name": text, "detail": text}) if busy else (),
        postoffices=tuple(rows),
        traces=(*traces, trace("FABRIKAM/SEATTLE", text, kind="shadow", after="loops")),
        findings=(finding("exposed", "error", text), finding(text, "warning", text), finding(text, "info", text)),
        summary=dict.fromkeys(
            ("postoffices", "covered", "exposed", "conflict", "full", "findings", "changes", "values", "sinks", "manual",
             "hazards"), 2,
        ),
    )  # fmt: skip


class TestQuoting:
    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ("plain words", "plain words"),
            ("a|b", r"a\|b"),
            ("*_`[]<>&#~$", r"\*\_\`\[\]\<\>\&\#\~\$"),
            ("back\\slash", r"back\\slash"),
            ("two\nlines", r"two\\u000alines"),
            ("- item", r"\- item"),
            ("+ item", r"\+ item"),
            ("12. item", r"12\. item"),
            ("1) item", r"1\) item"),
            ("===", r"\==="),
            ("   four", "four"),
            ("http://fabrikam.com", "http:&#8288;//fabrikam.com"),
            ("WWW.fabrikam.com", "WWW.&#8288;fabrikam.com"),
            ("@admin", "@&#8288;admin"),
            ("see #12", r"see \#&#8288;12"),
            ("\u202eevil", r"\\u202eevil"),
            ("\udc80", r"\\udc80"),
            ("", ""),
            (None, "not set"),
        ],
    )
    def test_markdown(self, value, shown):
        assert md(value) == shown

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("``a", "``` ``a ```"), (" a", "`  a `"), ("", "` `"),
            ("  ", "`  `"), ("a|b", "`a|b`"), ("a\n", "`a\\u000a`"), ("a\\", "`a\\`"),
        ],
    )  # fmt: skip
    def test_code_span(self, value, shown):
        assert mdspan(value) == shown
        assert mdcode(value) == shown.replace("|", "\\|")

    def test_fence_is_longer_than_any_run_in_the_text(self):
        assert mdfence("a\n````\nb\n", "diff") == "`````diff\na\n````\nb\n`````"
        assert mdfence("") == "```\n\n```"

    def test_lines_stay_lines_and_nothing_else_does(self):
        assert showlines("a\r\nb\u2028c\x1b[31m\n") == "a\\u000d\nb\\u2028c\\u001b[31m"

    @pytest.mark.parametrize(
        ("value", "shown"), [(True, "yes"), (False, "no"), (None, "not set"), (5, "5"), (["é"], '["é"]')]
    )
    def test_show(self, value, shown):
        assert show(value) == shown

    def test_number(self):
        assert number(1200) == "1,200"
        assert number(1, "step") == "1 step"
        assert number(2, "mailbox", "mailboxes") == "2 mailboxes"

    @pytest.mark.parametrize("value", ["5", True, None, 1.5])
    def test_number_lets_nothing_else_through(self, value):
        with pytest.raises(TypeError, match="no whole number"):
            number(value)


class TestArrangement:
    def test_diff_reads_the_ldif_and_nothing_else(self):
        new, swap = plan_document("é")["changes"]
        assert [line[0] for line in diff(swap)] == ["-", "+", "+"]
        assert ("-", "otherMailbox", "é") in list(diff(swap))
        assert list(diff(new)) == [("+", "cn", "é"), ("+", "otherMailbox", "y")]

    def test_diff_of_nonsense_is_an_input_error(self):
        with pytest.raises(InputError, match="change c9"):
            list(diff({"id": "c9", "ldif": "\ud800 nonsense"}))

    def test_few_postoffices_have_a_row_each_and_many_share_one(self):
        document = plan_document()
        assert [group["names"] for group in outcomes(document)] == [
            ["NWTRADERS/PO1"],
            ["NWTRADERS/PO2"],
            ["FABRIKAM/SEATTLE"],
        ]
        many = plan_document(names=[f"NWTRADERS/PO{n}" for n in range(5000)])
        groups = outcomes(many)
        assert sum(len(group["names"]) for group in groups) == 5001
        assert len(groups) == 3

    def test_a_trace_without_an_end_afterwards(self):
        document = {"traces": [{**trace("NWTRADERS/PO1", "x"), "after": None}]}
        assert outcomes(document, 0)[0]["new"] is None


class TestLookUp:
    def test_nothing_loads_jinja2_before_it_is_needed(self):
        code = "import sys, remedy.render; sys.exit('jinja2' in sys.modules)"
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)

    def test_the_users_folder_comes_first_and_the_shipped_one_after_it(self, tmp_path):
        (tmp_path / "trace.md.j2").write_text("mine: {{ traces | length | number }}\n", encoding="utf-8")
        assert render("trace.md", {"traces": []}, folder=tmp_path) == "mine: 0\n"
        assert render("plan.md", plan_document(), folder=tmp_path) == render("plan.md", plan_document())

    def test_a_users_template_can_build_on_the_shipped_pieces(self, tmp_path):
        (tmp_path / "own.md.j2").write_text(
            '{% import "_parts.md" as parts %}{{ parts.words("a-b") }}', encoding="utf-8"
        )
        assert render("own.md", {}, folder=tmp_path) == "a b"

    def test_the_installed_folder_comes_before_the_checkout(self, tmp_path, monkeypatch):
        (tmp_path / "templates").mkdir()
        (tmp_path / "templates" / "own.md.j2").write_text("installed", encoding="utf-8")
        monkeypatch.setattr(room, "files", lambda _: tmp_path)
        room._environment.cache_clear()
        assert render("own.md", {}) == "installed"
        assert render("plan.md", plan_document())
        room._environment.cache_clear()

    def test_a_strangers_templates_are_not_adopted(self, tmp_path, monkeypatch):
        (tmp_path / "templates").mkdir()
        (tmp_path / "templates" / "plan.md.j2").write_text("stranger", encoding="utf-8")
        monkeypatch.setattr(room, "__file__", str(tmp_path / "remedy" / "render.py"))
        monkeypatch.setattr(room, "files", lambda _: tmp_path / "nowhere")
        room._environment.cache_clear()
        with pytest.raises(InputError, match="there is no such template"):
            render("plan.md", {})
        room._environment.cache_clear()

    @pytest.mark.parametrize("name", ["absent.md", "../secret", "/etc/passwd", "a//b", "..\\secret", "", "."])
    def test_a_missing_template(self, tmp_path, name):
        (tmp_path / "secret.j2").write_text("secret", encoding="utf-8")
        folder = tmp_path / "mine"
        folder.mkdir()
        with pytest.raises(InputError, match="there is no such template"):
            render(name, {}, folder=folder)

    def test_a_missing_folder(self, tmp_path):
        with pytest.raises(InputError, match="no such folder of templates"):
            render("plan.md", {}, folder=tmp_path / "absent")

    @pytest.mark.parametrize(
        ("text", "line", "why"),
        [
            ("a\n{% if %}", 2, "Expected an expression"),
            ("a\nb\n{{ absent }}", 3, "'absent' is undefined"),
            ("{{ 1 | nosuch }}", 1, "No filter named"),
            ("a\n{{ 'x' | number }}", 2, "x is no whole number"),
            ("{{ ''.__class__.__mro__ }}", 1, "unsafe"),
            ("{% include 'absent.md' %}", None, "there is no such template"),
            ("{{ 1 / 0 }}", 1, "division by zero"),
        ],
    )
    def test_a_faulty_template_is_one_sentence_with_its_place(self, tmp_path, text, line, why):
        (tmp_path / "own.md.j2").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=why) as caught:
            render("own.md", {}, folder=tmp_path)
        (fault,) = caught.value.faults
        assert fault.line == line
        assert "\n" not in fault.message

    def test_a_template_that_is_no_text(self, tmp_path):
        (tmp_path / "own.md.j2").write_bytes(b"\xff\xfe\x80")
        with pytest.raises(InputError, match="cannot be read"):
            render("own.md", {}, folder=tmp_path)

    def test_what_no_filter_touched_can_still_be_written(self, tmp_path):
        (tmp_path / "own.txt.j2").write_text("{{ name }}", encoding="utf-8")
        assert render("own.txt", {"name": "\udc80"}, folder=tmp_path) == "\\udc80"

    def test_html_is_escaped_and_the_rest_is_not(self, tmp_path):
        for name in ("own.html", "own.txt"):
            (tmp_path / f"{name}.j2").write_text("{{ name | show }}", encoding="utf-8")
        assert render("own.html", {"name": "<b>"}, folder=tmp_path) == "&lt;b&gt;"
        assert render("own.txt", {"name": "<b>"}, folder=tmp_path) == "<b>"

    def test_a_document_of_another_shape(self):
        with pytest.raises(InputError, match="undefined"):
            render("plan.md", {"summary": {}})


class TestPages:
    @pytest.mark.parametrize("page", PAGES)
    def test_same_input_same_bytes(self, page):
        assert render(page, plan_document()) == render(page, plan_document())

    @pytest.mark.parametrize("page", ["plan.md", "plan.html"])
    def test_a_plan_shows_its_parts_in_order(self, page):
        document = plan_document()
        text = render(page, document)
        heads = [
            "Plan against mail loops", "sha256:" + document["digest"], "Mailboxes that take the mail, and why", "Changes",
            "Hazards", "Steps by hand", "Postoffices, before and after", "Mail from the Microsoft Mail side", "Findings",
            "How this was planned", "How to carry it out", "remedy verify TARGET --plan PLAN",
        ]  # fmt: skip
        places = [text.rindex(head) if head == "Findings" else text.index(head) for head in heads]
        assert len(places) == len(heads)
        assert places[:7] == sorted(places[:7]) or page == "plan.html"
        for sentence in (
            "(Q164456)",
            "not equivalent (inference)",
            "Exchange itself",
            "Q284199",
            "--allow creates-mailbox",
        ):
            assert sentence in text

    @pytest.mark.parametrize("page", ["plan.md", "plan.html"])
    def test_the_changes_stand_value_by_value(self, page):
        text = render(page, plan_document())
        assert "otherMailbox: ms$NWTRADERS/PO1/POSTMASTER" in text
        assert ("- otherMailbox: cn=Postmaster" if page == "plan.md" else ">removed: <") in text

    @pytest.mark.parametrize("page", ["plan.md", "plan.html"])
    def test_only_known_hazards_reach_a_command_line(self, page):
        assert "--allow ;" not in render(page, plan_document("; rm -r /"))

    @pytest.mark.parametrize("page", ["plan.md", "plan.html"])
    def test_a_plan_with_nothing_to_do_says_so(self, page):
        text = render(page, plan_document(busy=False))
        assert "There is nothing to do:" in text
        assert "The plan makes" not in text
        assert "needs no" in text

    @pytest.mark.parametrize("page", PAGES)
    def test_empty_lists(self, page):
        document = plan_document(names=(), busy=False) | {"findings": [], "traces": [], "postoffices": []}
        assert "None." in render(page, document)

    @pytest.mark.no_cover
    @pytest.mark.parametrize("page", ["plan.md", "plan.html"])
    def test_thousands_of_postoffices_stay_legible(self, page):
        names = [f"NWTRADERS/PO{n}" for n in range(5000)]
        document = plan_document(names=names)
        document["findings"] = [finding("exposed", "error", name) for name in names]
        text = render(page, document)
        assert "4,999 postoffices" in text
        assert text.count("NWTRADERS/PO4999") >= 3
        if page == "plan.md":
            assert sum("NWTRADERS/PO" in line and line.startswith("|") for line in text.splitlines()) < 10

    @pytest.mark.parametrize("page", ["plan.html", "trace.html"])
    def test_a_page_needs_nothing_from_outside(self, page):
        text = render(page, plan_document())
        for word in ("<script", "<link", "<img", "url(", "@import", " onclick", "javascript:"):
            assert word not in text

    @pytest.mark.parametrize("page", ["trace.md", "trace.html"])
    def test_traces_without_a_plan_have_no_column_for_afterwards(self, page):
        document = {"traces": [{**trace("NWTRADERS/PO1", "x"), "after": None}]}
        text = render(page, document)
        assert "Reply now" in text
        assert "After" not in text
        assert "after the plan" not in text

    @pytest.mark.parametrize("page", ["trace.md", "trace.html"])
    def test_a_picture_for_each_kind_of_way_and_not_for_each_postoffice(self, page):
        traces = [trace(f"NWTRADERS/PO{n}", "x", after="loops" if n % 5 else "delivers") for n in range(5000)]
        text = render(page, {"traces": traces})
        assert text.count("```mermaid" if page == "trace.md" else '<div class="flow">') == 2
        assert "1,000 postoffices" in text
        assert len(text) < 2_000_000
        names = (each["postoffice"] for each in traces)
        assert page == "trace.md" or set(names) <= set(re.findall("NWTRADERS/PO[0-9]+", text))

    def test_only_what_was_drawn_is_markup(self, tmp_path):
        (tmp_path / "own.html.j2").write_text("{{ t | flow_svg }}|{{ t | flow_svg | upper }}|{{ t.postoffice }}")
        drawn, lost, name = render("own.html", {"t": trace("<b>", "<i>")}, folder=tmp_path).split("|")
        assert drawn.startswith("<div")
        assert "<b>" not in drawn
        assert "<i>" not in drawn
        assert "<" not in lost + name

    @pytest.mark.parametrize("name", ["flow_svg", "flow_mermaid"])
    def test_a_picture_of_anything_else_is_an_input_error(self, tmp_path, name):
        (tmp_path / "own.html.j2").write_text(f"{{{{ 'text' | {name} }}}}")
        with pytest.raises(InputError):
            render("own.html", {}, folder=tmp_path)
