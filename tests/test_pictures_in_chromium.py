"""Pictures as a browser lays them out: every word stands in its place, and no page is wider than a phone."""

import json
import re
import shutil
import subprocess
from itertools import product

import pytest

from remedy.drawing import loop_svg
from remedy.render import render
from tests.test_drawing import made

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(not BROWSER, reason="there is no Chromium on this machine to lay the pictures out")

MEASURE = """<!DOCTYPE html><meta charset="utf-8"><body><iframe width="320" height="800"></iframe><pre id="told"></pre><script>
const frame = document.querySelector("iframe");
frame.onload = () => {
  const page = frame.contentDocument, out = [];
  for (const text of page.querySelectorAll("svg text")) {
    const svg = text.ownerSVGElement.viewBox.baseVal, box = text.getBBox();
    const within = text.parentNode.matches(".halt") && text.parentNode.querySelector("rect").getBBox();
    const around = within || (text.parentNode.matches(".end") && text.parentNode.querySelector("g").getBBox());
    const lane = text.closest(".way, .back") ? 294 : svg.width;
    const [seen, all] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
    if (seen.left < all.left || seen.right > all.right || seen.top < all.top || seen.bottom > all.bottom) out.push(text.textContent);
    if (text.hasAttribute("transform")) continue;
    if (box.x < 0 || box.x + box.width > lane || box.y + box.height > svg.height) out.push(text.textContent);
    if (around && (box.x < around.x || box.x + box.width > around.x + around.width
      || box.y < around.y || box.y + box.height > around.y + around.height)) out.push(text.textContent);
  }
  const texts = page.querySelectorAll("svg text").length, wide = page.documentElement.scrollWidth;
  document.querySelector("pre").textContent = JSON.stringify({texts, wide, out});
};
frame.srcdoc = PAGE;
</script>"""


def measured(page, folder):
    file = folder / "measure.html"
    file.write_text(MEASURE.replace("PAGE", json.dumps(page).replace("</", "<\\/")), encoding="utf-8")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    done = subprocess.run(
        [*command, "--virtual-time-budget=5000", "--dump-dom", file.as_uri()],
        capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    return json.loads(re.search('<pre id="told">(.*?)</pre>', done.stdout)[1].replace("&quot;", '"'))


HOLDERS = (
    "cn=Postmaster,cn=Recipients,ou=SEATTLE,o=FABRIKAM", "W" * 400, "WM@% " * 90, "郵便局" * 90, "i" * 400, "🎪" * 200, "﷽" * 90,
)  # fmt: skip
ENDS = ("loops", "delivers", "delivers-until-full", "ambiguous", "unknown")


def test_every_word_stands_in_its_place_at_320_pixels(tmp_path):
    traces = [
        {**made(f"NETWORKMMM/POSTOFF{n}WW", holder, end), "kind": f"kind {n}"}
        for n, (holder, end) in enumerate(product(HOLDERS, ENDS))
    ]
    told = measured(render("trace.html", {"traces": traces}), tmp_path)
    assert told["texts"] == sum(loop_svg(trace).count("<text") for trace in traces)
    assert told["out"] == []
    assert told["wide"] <= 320
