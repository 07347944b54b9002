"""Pictures of the ways: every step is a box in order, a loop closes, and no name does anything but be read."""

import html
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from markdown_it import MarkdownIt

from remedy import workflow
from remedy.courses import TABLE
from remedy.demo import write_sample
from remedy.documents import trace_rows
from remedy.drawing import Drawing, loop_mermaid, loop_svg, typical
from remedy.render import mdfence
from remedy.text import squeeze
from remedy.ways import PLACES, Halt, flows, shown
from tests.hostile import texts

ELEMENTS = {"div", "svg", "title", "desc", "g", "rect", "polygon", "path", "text"}
ATTRIBUTES = {
    "class", "role", "width", "height", "viewBox", "fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size",
    "font-weight", "text-anchor", "transform", "x", "y", "rx", "d", "points",
}  # fmt: skip
SAMPLE = ("NWTRADERS/PO1", "NWTRADERS/PO4", "NWTRADERS/HUBPO", "WINGTIP/SALES", "WINGTIP/TOYS", "FABRIKAM/SEATTLE")


@pytest.fixture(scope="module")
def traces(tmp_path_factory):
    """The traces of the sample estate, before and after its plan."""
    folder = tmp_path_factory.mktemp("estate")
    write_sample(folder)
    sources = (str(folder / "fabrikam.ldif"), str(folder / "postoffices.csv"))
    return trace_rows(workflow.trace(*sources, plan=workflow.plan(*sources)))


def at(traces, name):
    return next(trace for trace in traces if trace["postoffice"] == name)


def walked(outcome, *steps):
    return {"outcome": outcome, "path": [{"at": place, "why": why} for place, why in steps]}


def made(po, holder, outcome="delivers"):
    """A trace as a plan file could hold it, whoever wrote it."""
    before = walked(
        "loops",
        ("list-server", ""),
        ("internet-mail-service", f"The list server answers {po}/POSTMASTER; the answer comes in from the Internet."),
        ("directory", "Exchange looks the address up in its directory."),
        ("non-delivery-report", holder),
        ("list-server", holder),
    )
    after = walked(
        outcome, ("list-server", ""), ("directory", po), ("exchange-mailbox", f"The mailbox {holder} holds it.")
    )
    return {"postoffice": po, "kind": "msmail", "before": before, "after": after, "msmail_side": after}


def panels(drawing):
    return ET.fromstring(drawing).findall("svg")


def parts(panel, name):
    return [each for each in panel.iter("g") if name in each.get("class", "").split()]


def numbers(text):
    return [float(each) for each in re.findall(r"-?[0-9.]+", text)]


def walks(trace):
    """The ways that are drawn: one if nothing changes."""
    return [trace["before"]] if trace["after"] in (None, trace["before"]) else [trace["before"], trace["after"]]


def is_round(walk):
    places = [step["at"] for step in walk["path"]]
    return places[-1] in places[:-1]


class TestWays:
    @pytest.mark.parametrize(("place", "way"), [(place, way) for place, ways in TABLE.items() for way in ways])
    @settings(max_examples=20)
    @given(holder=texts)
    def test_names_are_read_out_of_every_sentence_that_has_one(self, place, way, holder):
        holder = holder or "x"
        why = way.says.format(po="NET/PO", address="NET/PO/POSTMASTER", holder=holder, holders=7, connector=holder)
        walk = walked("unknown", (place.value, ""), (way.to.value, why))
        (flow,) = flows({"postoffice": "NET/PO", "kind": "msmail", "before": walk, "after": None})
        first, last = flow.halts[0], flow.halts[-1]
        if place == "connector":
            assert first.name == (shown(holder) if "{connector}" in way.says and holder != "The connector" else "")
        assert last.what == PLACES[way.to]
        if way.to in {"exchange-mailbox", "not-known"}:
            assert last.name == (shown(holder) if "{holder}" in way.says else "")
        if way.to == "ambiguous-recipient":
            assert last.name == "7 entries"

    def test_one_kind_is_drawn_with_the_name_of_its_connector(self):
        def going(name, connector):
            path = (("connector", ""), ("postoffice", f"{connector} hands it to {name}."))
            return {"postoffice": name, "kind": "msmail", "before": walked("unknown", *path), "after": None}

        known, other = going("NET/PO2", "MS Mail Connector (PLUTO)"), going("NET/PO3", "MS Mail Connector (MARS)")
        (kind,) = typical([going("NET/PO1", "The connector"), known, other])
        assert kind == {"trace": known, "names": ["NET/PO1", "NET/PO2", "NET/PO3"]}
        assert flows(known)[0].halts[0].name == "MS Mail Connector (PLUTO)"

    def test_the_sample_has_its_real_names(self, traces):
        before, after = flows(at(traces, "NWTRADERS/PO1"))
        assert [(halt.what, halt.name) for halt in before.halts] == [
            ("List server on the Internet", ""),
            ("Internet Mail Service", ""),
            ("Exchange directory", "NWTRADERS/PO1/POSTMASTER"),
            ("Microsoft Mail connector", "MS Mail Connector (EXSRV1)"),
            ("Postoffice", "NWTRADERS/PO1"),
            ("Non-delivery report", "NWTRADERS/PO1/POSTMASTER"),
        ]
        assert (before.outcome, before.back, after.outcome, after.back) == ("loops", 0, "delivers", None)
        assert after.halts[-1].name == "cn=Postmaster,cn=Recipients,ou=SEATTLE,o=FABRIKAM"

    def test_a_way_from_elsewhere_is_drawn_all_the_same(self):
        walk = walked("no-such-end", ("no-place", "so it is said"))
        trace = {"postoffice": "N/P", "kind": "msmail", "before": walk, "after": None}
        (flow,) = flows(trace)
        assert (flow.title, flow.outcome) == ("Now", "no such end")
        assert flow.halts == (Halt("no place", "", "so it is said"),)
        assert "no such end" in loop_svg(trace)

    def test_a_way_without_a_step(self):
        trace = {"postoffice": "N/P", "kind": "msmail", "before": walked("unknown"), "after": None}
        assert parts(panels(loop_svg(trace))[0], "halt") == []
        assert read(loop_mermaid(trace)) == [("Now, unknown", [], [], "unknown")]

    @pytest.mark.parametrize("mark", ["\u0301", "\u20dd"])
    def test_marks_do_not_pile_up(self, mark):
        number = f"\\u{ord(mark):04x}"
        assert shown(f"e{mark * 4}x") == f"e{mark * 2}{number * 2}x"

    def test_what_xml_has_no_place_for_is_shown_by_its_number(self):
        assert shown("a\ufffe\uffff\0b") == "a\\ufffe\\uffff\\u0000b"


class TestTypical:
    def test_one_picture_for_each_kind_of_way(self, traces):
        kinds = typical(traces)
        assert [name for kind in kinds for name in kind["names"]] != []
        assert sorted(name for kind in kinds for name in kind["names"]) == sorted(
            trace["postoffice"] for trace in traces
        )
        assert all(kind["trace"]["postoffice"] in kind["names"] for kind in kinds)
        together = {tuple(kind["names"]) for kind in kinds}
        assert ("NWTRADERS/PO4", "NWTRADERS/PO5") in {names[-2:] for names in together if len(names) > 1}

    def test_thousands_of_postoffices_need_few(self):
        many = [
            made(f"NET{n % 7}/PO{n}", f"cn=sink{n // 150},o=FABRIKAM", "delivers" if n % 2 else "unknown")
            for n in range(5000)
        ]
        many = [{**trace, "before": trace["after"]} for trace in many]
        kinds = typical(many)
        assert len(kinds) == 2
        assert sum(len(kind["names"]) for kind in kinds) == 5000

    def test_another_end_or_another_reason_is_another_kind(self):
        one, other = made("N/P", "x"), made("N/P", "x", "unknown")
        assert len(typical([one, other, {**one, "kind": "shadow"}, {**one, "after": None}])) == 4
        assert typical([]) == ()


class TestSvg:
    @pytest.mark.parametrize("name", SAMPLE)
    def test_every_step_is_a_box_in_order(self, traces, name):
        trace = at(traces, name)
        drawn = panels(loop_svg(trace))
        assert len(drawn) == len(walks(trace))
        for panel, walk in zip(drawn, walks(trace), strict=True):
            steps = walk["path"][:-1] if is_round(walk) else walk["path"]
            boxes = parts(panel, "halt")
            assert [box.find("text").text for box in boxes] == [PLACES[step["at"]] for step in steps]
            tops = [float(box.find("g/rect").get("y")) for box in boxes]
            assert tops == sorted(tops)
            assert [way.find("title").text for way in parts(panel, "way")] == [step["why"] for step in steps[1:]]

    @pytest.mark.parametrize("name", SAMPLE)
    def test_arrows_lead_from_box_to_box_and_a_loop_closes(self, traces, name):
        trace = at(traces, name)
        for panel, walk in zip(panels(loop_svg(trace)), walks(trace), strict=True):
            shapes = [box.find("g/rect") for box in parts(panel, "halt")]
            spans = [(float(each.get("y")), float(each.get("y")) + float(each.get("height"))) for each in shapes]
            for ((_, low), (high, _)), way in zip(pairwise(spans), parts(panel, "way"), strict=True):
                _, start, _ = numbers(way.find("path").get("d"))
                assert (start, numbers(way.find("polygon").get("points"))[1]) == (low, high)
            assert len(parts(panel, "back")) == is_round(walk)
            for back in parts(panel, "back"):
                line, tip = numbers(back.find("path").get("d")), numbers(back.find("polygon").get("points"))[:2]
                top, bottom = spans[[step["at"] for step in walk["path"]].index(walk["path"][-1]["at"])]
                assert line[1] == spans[-1][1], "it begins at the last box"
                assert top < tip[1] < bottom, "and its head is at the side of the place where it has been"
                assert tip[0] == float(shapes[0].get("x")) + float(shapes[0].get("width")) + 1
                assert back.findall("text")[-1].text == "round and round again"

    @pytest.mark.parametrize(
        ("name", "titles"),
        [
            ("NWTRADERS/PO1", ["Before, NWTRADERS/PO1: loops", "After, NWTRADERS/PO1: delivers"]),
            ("NWTRADERS/HUBPO", ["Unchanged, NWTRADERS/HUBPO: delivers until full"]),
            ("WINGTIP/SALES", ["Unchanged, WINGTIP/SALES: ambiguous"]),
        ],
    )
    def test_before_and_after(self, traces, name, titles):
        drawn = panels(loop_svg(at(traces, name)))
        assert [panel.find("title").text for panel in drawn] == titles
        assert all(panel.get("role") == "img" for panel in drawn)

    def test_the_description_tells_the_way(self, traces):
        told = panels(loop_svg(at(traces, "NWTRADERS/PO1")))[0].find("desc").text
        for step in at(traces, "NWTRADERS/PO1")["before"]["path"]:
            assert step["why"] in told
        assert told.endswith("And round and round again.")

    def test_each_end_has_a_word_and_a_shape_of_its_own(self):
        shapes = set()
        for outcome in ("loops", "delivers", "delivers-until-full", "ambiguous", "unknown"):
            trace = {**made("N/P", "x", outcome), "before": None}
            trace["before"], trace["after"] = trace["msmail_side"], None
            (end,) = parts(panels(loop_svg(trace))[0], "end")
            assert end.find("text").text.split(" ", 1)[1] == outcome.replace("-", " ")
            drawn = [
                (each.tag, len(each.get("points", "").split()), each.get("stroke-dasharray")) for each in end.find("g")
            ]
            shapes.add(tuple(drawn))
        assert len(shapes) == 5

    def test_without_a_style_it_is_black_on_white(self, traces):
        for each in ET.fromstring(loop_svg(at(traces, "NWTRADERS/PO1"))).iter():
            assert each.get("fill") in {None, "none", "currentColor"}
            assert each.get("stroke") in {None, "currentColor"}

    def test_a_long_name_is_cut_in_sight_and_whole_in_the_title(self):
        holder = "cn=" + "Postmaster " * 40 + ",o=FABRIKAM"
        box = parts(panels(loop_svg(made("N/P", holder)))[1], "halt")[-1]
        names = [each.text for each in box.findall("text")[1:]]
        assert len(names) == 3
        assert names[-1].endswith("…")
        assert holder.startswith("".join(names)[:-1])
        assert box.find("title").text == f"Exchange mailbox: {holder}"

    def test_names_of_the_longest_postoffice_fit_one_line(self):
        box = parts(panels(loop_svg(made("NETWORKTEN/POSTOFFICE", "x")))[0], "halt")[2]
        assert [each.text for each in box.findall("text")][1:] == ["NETWORKTEN/POSTOFFICE/POSTMASTER"]

    def test_same_input_same_bytes_and_only_a_drawing_is_markup(self, traces):
        trace = at(traces, "NWTRADERS/PO1")
        assert loop_svg(trace) == loop_svg(trace)
        assert isinstance(loop_svg(trace), Drawing)
        assert type(loop_svg(trace).__html__()) is str
        assert not hasattr(loop_svg(trace).upper(), "__html__")

    @settings(max_examples=150, deadline=None)
    @given(po=texts, holder=texts)
    @example(po="</text></svg><script>alert(1)</script>", holder='"/><image href="http://x"/>')
    @example(po="]]>", holder="<![CDATA[&#0;&lt;")
    @example(po="\u202e\ufffe\0", holder="郵便局" * 100)
    def test_no_name_breaks_out_or_moves_anything(self, po, holder):
        drawing = loop_svg(made(po, holder))
        root = ET.fromstring(drawing)
        for each in root.iter():
            assert each.tag in ELEMENTS
            assert set(each.attrib) <= ATTRIBUTES
            assert each.tail is None
            assert each.text is None or each.tag in {"title", "desc", "text"}
        assert [len(parts(panel, "halt")) for panel in panels(drawing)] == [4, 3]
        for panel in panels(drawing):
            _, _, wide, high = numbers(panel.get("viewBox"))
            for each in panel.iter():
                for key, most in (("x", wide), ("y", high)):
                    assert (
                        0
                        <= float(each.get(key, 0))
                        + float(each.get({"x": "width", "y": "height"}[key], 0) if each is not panel else 0)
                        <= most
                    )
        box = parts(panels(drawing)[1], "halt")[-1]
        assert box.find("title").text == (f"Exchange mailbox: {shown(holder)}" if holder else "Exchange mailbox")
        told, name = "".join(each.text for each in box.findall("text")[1:]), shown(holder)
        assert told == name or (told.endswith("…") and name.startswith(told[:-1]))

    @given(po=texts, holder=texts)
    def test_no_line_is_longer_than_its_place(self, po, holder):
        for each in ET.fromstring(loop_svg(made(po, holder))).iter("text"):
            assert len(each.text) <= 70


LABEL = re.compile(r"(?:[A-Za-z0-9 ,/.=-]|#(?:[0-9]+|quot);)*")
NODE = re.compile(r'    ([ab][1-9][0-9]*)\["([^"]*)"\]')
END = re.compile(r'    [ab]0(?:\{\{"([^"]*)"\}\}|\(\["([^"]*)"\]\)|\[\["([^"]*)"\]\]|\{"([^"]*)"\}|\[/"([^"]*)"/\])')
EDGE = re.compile(r'    ([ab][1-9][0-9]*) (-->|==>)\|"([^"]*)"\| ([ab][1-9][0-9]*)')
TAIL = re.compile(r"    ([ab])([1-9][0-9]*) -\.- \1(0)")


def plain(label):
    """Read a label as Mermaid shows it: entities in nodes are text again before it looks for icons and formulas."""
    assert LABEL.fullmatch(label), label
    text = html.unescape(re.sub("#quot;", "&quot;", re.sub("#([0-9]+);", r"&#\1;", label)))
    assert not re.search(r":fa-|\$\$", text)
    return text.replace("\u2060", "")


def read(text):
    """Read the closed part of Mermaid that pictures are written in: each subgraph's title, boxes, arrows and end."""
    first, *lines = text.split("\n")
    assert first == "flowchart LR"
    found = []
    if len(re.findall("  subgraph", text)) == 2:
        assert lines.pop() == '  a -.->|"the plan"| b'
    for line in lines:
        if opened := re.fullmatch(r'  subgraph ([ab])\["([^"]*)"\]', line):
            found.append((plain(opened[2]), [], [], None))
        elif node := NODE.fullmatch(line):
            assert node[1][1:] == str(len(found[-1][1]) + 1)
            found[-1][1].append(tuple(plain(part) for part in node[2].split("<br/>")))
        elif edge := EDGE.fullmatch(line):
            found[-1][2].append((int(edge[1][1:]), edge[2], int(edge[4][1:]), plain(edge[3])))
        elif end := END.fullmatch(line):
            found[-1] = (*found[-1][:3], plain(next(filter(None, end.groups()))))
        else:
            assert line in {"    direction TB", "  end"} or TAIL.fullmatch(line), line
    return found


class TestMermaid:
    @pytest.mark.parametrize("name", SAMPLE)
    def test_a_reader_finds_the_same_boxes_and_arrows(self, traces, name):
        trace = at(traces, name)
        for flow, (title, boxes, arrows, end) in zip(flows(trace), read(loop_mermaid(trace)), strict=True):
            assert title == f"{flow.title}, {flow.outcome}"
            assert end == flow.outcome
            assert boxes == [tuple(filter(None, (halt.what, halt.name))) for halt in flow.halts]
            ahead = [(n, "-->", n + 1, halt.why) for n, halt in enumerate(flow.halts[1:], 1)]
            back = [] if flow.back is None else [(len(flow.halts), "==>", flow.back + 1, flow.back_why)]
            assert arrows == ahead + back

    def test_a_loop_closes(self, traces):
        before, after = read(loop_mermaid(at(traces, "NWTRADERS/PO1")))
        assert before[2][-1][:3] == (6, "==>", 1)
        assert {kind for _, kind, _, _ in after[2]} == {"-->"}

    def test_each_end_has_a_shape_of_its_own(self):
        lines = set()
        for outcome in ("loops", "delivers", "delivers-until-full", "ambiguous", "unknown"):
            (line,) = [
                line for line in loop_mermaid(made("N/P", "x", outcome)).split("\n") if line.startswith("    b0")
            ]
            lines.add(re.sub("[a-z0-9 ]+", "", line))
        assert len(lines) == 5

    @settings(max_examples=150, deadline=None)
    @given(po=texts, holder=texts)
    @example(po='"]; click a1 "javascript:alert(1)"', holder="x\n  end\nclick a1 href")
    @example(po="#quot;#35;", holder="style a:#35;b; %%{init: {}}%%")
    @example(po="fa:fa-ban", holder="fas:fa-x $$x^2$$ $$$")
    @example(po="1. list", holder="- [x](http://x) `a` **b** <img> fa:fa-ban www.x.com === ---")
    def test_no_name_is_more_than_text(self, po, holder):
        trace = made(po, holder)
        before, after = read(loop_mermaid(trace))
        assert (len(before[1]), len(after[1])) == (4, 3)
        name = squeeze(shown(holder))
        if name:
            told = after[1][-1][1]
            assert told == name or (len(told) == 70 and told.endswith("…") and name.startswith(told[:-1]))
        assert [arrow[:3] for arrow in before[2]] == [(1, "-->", 2), (2, "-->", 3), (3, "-->", 4), (4, "==>", 1)]

    @given(po=texts, holder=texts)
    def test_markdown_reads_one_fence(self, po, holder):
        text = loop_mermaid(made(po, holder))
        (fence,) = MarkdownIt("commonmark", {"html": True}).parse(mdfence(text, "mermaid"))
        assert (fence.type, fence.info, fence.content) == ("fence", "mermaid", text + "\n")
