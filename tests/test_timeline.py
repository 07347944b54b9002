"""When loops ran, drawn: whatever a log says stays text."""

import re
from xml.etree import ElementTree as ET

import pytest

from remedy.timeline import far_end, timeline_chart, timeline_svg

HOSTILE = ["<script>alert(1)</script>", "a\"b'c&d", "]]>", "x" * 500, "日本語", "\u202eabc"]


def loop(**facts):
    base = {
        "postoffice": "NWTRADERS/PO1", "peer": "listserv@lists.proseware.com", "domain": "lists.proseware.com", "count": 23,
        "first": "1999-01-14T21:57:34", "last": "1999-01-15T00:09:23", "running": None, "log_end": None, "timeline": [0, 1, 2, 0, 5] + [0] * 43,
    }  # fmt: skip
    return base | facts


def document(*loops):
    return {"loops": list(loops), "span": ["1999-01-14T21:57:34", "1999-01-15T00:09:23"]}


def test_a_bar_for_each_part_in_which_something_passed():
    tree = ET.fromstring(timeline_svg(document(loop())))
    bars = list(tree.iter("rect"))
    assert len(bars) == 3
    heights = [float(bar.get("height")) for bar in bars]
    assert heights == sorted(heights)
    assert heights[-1] == 30.0
    assert heights[0] >= 3.0
    assert all(0 <= float(bar.get("x")) <= 320 for bar in bars)
    assert "NWTRADERS/PO1: 23 passes." in tree.find("desc").text


def test_a_lane_for_each_loop_on_one_scale():
    tree = ET.fromstring(timeline_svg(document(loop(), loop(postoffice="NWTRADERS/PO2", peer=None))))
    words = [each.text for each in tree.iter("text")]
    assert words[:2] == ["NWTRADERS/PO1 and listserv@lists.proseware.…", "NWTRADERS/PO2 and *@lists.proseware.com, 23…"]
    assert words[2:] == ["1999-01-14 21:57:34", "1999-01-15 00:09:23"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_stays_text(text):
    tree = ET.fromstring(timeline_svg(document(loop(peer=text))))
    assert {each.tag for each in tree.iter()} == {"svg", "title", "desc", "g", "text", "rect", "path"}


def test_nothing_is_drawn_of_nothing():
    assert timeline_svg({"loops": [], "span": []}) == ""
    assert timeline_chart({"loops": [], "span": []}) == ""


def test_mermaid_shows_only_what_cannot_mean_anything_to_it():
    text = timeline_chart(document(loop(peer="x :crit, 1\nsection evil")))
    assert (
        text.splitlines()[-1]
        == "  NWTRADERS/PO1 and lists.proseware.com :crit, 1999-01-14T21:57:34, 1999-01-15T00:09:23"
    )
    assert re.fullmatch(r"[A-Za-z0-9 /.:,%_\n-]+", text)
    assert timeline_chart(document(loop(first="05/06/1997 10:00:00"))) == ""


def test_the_other_end_is_named_as_far_as_it_is_known():
    assert far_end(loop()) == "listserv@lists.proseware.com"
    assert far_end(loop(peer=None)) == "*@lists.proseware.com"
    assert far_end(loop(peer=None, domain=None)) == "not shown"
