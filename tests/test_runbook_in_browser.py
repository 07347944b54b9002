"""The runbook as a browser shows and prints it; only where there is a Chromium, which the tests do not install."""

import dataclasses
import os
import re
from pathlib import Path

import pytest

from remedy.demo import LOG, sample
from remedy.diagnosed import diagnosis_document
from remedy.diagnosing import diagnose
from remedy.rendering import runbook
from tests.browser import browsing, chromium
from tests.pdf import tables
from tests.scripts_harness import company_plan
from tests.test_render import plan_of, trace
from tests.test_runbook import large

pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium is installed here, so no page is opened in one")

HEADINGS = "[...document.querySelectorAll('h2')].map(each => each.textContent)"
WIDE = """[...document.querySelectorAll('body *')].filter(each => each.getBoundingClientRect().right > innerWidth + 1
    && !each.closest('.hidden, thead, .skip') && getComputedStyle(each).position !== 'absolute').map(each => each.outerHTML.slice(0, 90))"""
CONTRAST = """(() => {
    const parsed = text => (text.match(/[0-9.]+/g) || []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
    const behind = each => { for (; each; each = each.parentElement) {
        const back = parsed(getComputedStyle(each).backgroundColor); if (back.length === 3 || back[3] > 0) return back; }
        return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255]; };
    return [...document.querySelectorAll('body *')].filter(each => !each.closest('svg')
        && [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())).map(each => {
        const [a, b] = [light(parsed(getComputedStyle(each).color)), light(behind(each))].sort((x, y) => y - x);
        return [(a + 0.05) / (b + 0.05), each.outerHTML.slice(0, 90)]; }).filter(([ratio]) => ratio < 4.5);
})()"""


@pytest.fixture(scope="module")
def new():
    with browsing() as opened:
        yield opened


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Write a runbook, or its summary, and say where."""
    folder = tmp_path_factory.mktemp("runbook")

    def write(plan, name, *, summary=False, logs=None):
        path = folder / f"{name}.html"
        path.write_text(runbook(plan, "html", summary=summary, logs=logs), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module", params=["exchange55", "active-directory", "summary", "logs"])
def path(request, page, tmp_path_factory):
    name, logs = request.param, None
    if name == "logs":
        log = tmp_path_factory.mktemp("logs") / LOG
        log.write_text(sample(LOG), encoding="utf-8")
        found = diagnose(str(log), threshold=2)
        logs = diagnosis_document(found.diagnosis, found.notes)
    plan = company_plan("active-directory" if name == "active-directory" else "exchange55")
    return page(plan, name, summary=name == "summary", logs=logs)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_it_asks_for_nothing_complains_of_nothing_and_fits(new, path, width, dark):
    opened = new()
    opened.open(path, width=width, dark=dark)
    assert opened.run("document.documentElement.scrollWidth") <= width
    opened.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert opened.run("document.documentElement.scrollWidth") <= width
    if width == 360:
        assert opened.run(WIDE) == []
    assert opened.run(CONTRAST) == []
    assert opened.complaints() == []
    assert opened.asked() == [path.as_uri()]


@pytest.mark.skipif("AXE_CORE" not in os.environ, reason="AXE_CORE names no axe.min.js to look for barriers with")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_no_barrier(new, path, width, dark):
    opened = new()
    opened.open(path, width=width, dark=dark)
    opened.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    opened.run(Path(os.environ["AXE_CORE"]).read_text(encoding="utf-8") + "; 0")
    found = "axe.run(document).then(all => all.violations.map(each => [each.impact, each.id, each.nodes[0].html]))"
    assert opened.run(found) == []


def pages(data):
    """Give how many pages a PDF has, and the sizes of their paper."""
    sizes = {tuple(map(float, found.split())) for found in re.findall(rb"/MediaBox \[([0-9. ]+)\]", data)}
    return len(re.findall(rb"/Type /Page\b", data)), sizes


def uncut(opened):
    """Give the rows that a page break would cut: those that may break inside, and are no taller than a page."""
    opened.call("Emulation.setEmulatedMedia", media="print")
    found = opened.run(
        "const inside = each => each && (getComputedStyle(each).breakInside === 'avoid' || inside(each.parentElement));"
        "[...document.querySelectorAll('tr, .ticks > li, svg')].filter(each => !inside(each))"
        ".map(each => each.outerHTML.slice(0, 90))"
    )
    heads = opened.run("[...document.querySelectorAll('thead')].map(each => getComputedStyle(each).display)")
    assert set(heads) <= {"table-header-group"}
    return found


@pytest.mark.parametrize(("width", "height"), [(8.27, 11.69), (8.5, 11)], ids=["A4", "Letter"])
def test_it_prints_with_heads_repeated_and_no_row_cut(new, path, width, height):
    opened = new()
    opened.open(path, width=1024)
    data = opened.paper(width=width, height=height)
    assert data.startswith(b"%PDF")
    assert pages(data)[0] == (1 if path.name == "summary.html" else pages(data)[0])
    assert 1 <= pages(data)[0] < 40
    assert uncut(opened) == []


@pytest.fixture(scope="module")
def tall(page):
    """A runbook whose table of postoffices is as long as a page lets it be, and whose rows are many lines high."""
    names = [f"NET{number % 5}/PO{number}" for number in range(39)]
    plan = plan_of(" ".join(["in a container with a long name"] * 8), names)
    return page(dataclasses.replace(plan, traces=tuple(trace(name, "x") for name in names)), "tall")


def on_paper(new, path, **size):
    """Print a page, and give each table of several pages as the pages of its head and of its rows."""
    opened = new()
    opened.open(path, width=1024)
    every = [(rows[0][1], [pages for _, pages in rows[1:]]) for rows in tables(opened.paper(**size))]
    return [(head, rows) for head, rows in every if len(set().union(*rows)) > 1]


@pytest.mark.parametrize("size", [{"width": 8.27, "height": 11.69}, {"width": 8.5, "height": 11}], ids=["A4", "Letter"])
def test_no_row_of_a_pdf_is_cut_and_every_page_has_the_head_of_its_rows(new, tall, size):
    found = on_paper(new, tall, **size)
    assert len(found[0][1]) == 39
    assert len(found[0][0]) > 5
    for head, rows in found:
        assert [pages for pages in rows if len(pages) > 1] == []
        assert head == set().union(*rows)


def test_a_row_that_is_cut_or_has_no_head_would_be_seen(new, tall, tmp_path):
    text, path = tall.read_text(encoding="utf-8"), tmp_path / "broken.html"
    for rule, broken in (("tr, .diff li", ".diff li"), ("display: table-header-group", "display: table-row-group")):
        assert text.count(rule) == 1
        path.write_text(text.replace(rule, broken), encoding="utf-8")
        (head, rows), *_ = on_paper(new, path)
        assert any(len(pages) > 1 for pages in rows) or head != set().union(*rows)


def test_what_is_folded_on_the_screen_opens_for_print(new, page):
    opened = new()
    opened.open(page(large(300), "large"), width=1024)
    assert opened.run("document.querySelectorAll('details:not([open])').length") > 3
    hidden = "[...document.querySelectorAll('details')].filter(each => !each.lastElementChild.checkVisibility()).length"
    assert opened.run(hidden) > 3
    opened.call("Emulation.setEmulatedMedia", media="print")
    assert opened.run(hidden) == 0


def test_five_thousand_postoffices_open_on_a_phone(new, page):
    opened = new()
    opened.open(page(large(), "many"), width=360)
    assert opened.run("document.documentElement.scrollWidth") <= 360
    assert len(opened.run(HEADINGS)) == 11
    assert opened.complaints() == []
