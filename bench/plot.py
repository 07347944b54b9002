"""Draws what the parts have measured: bars from zero, ours in one colour, side by side, as SVG for the README.

Law: the same results make the same bytes; no text is wider than its place, and none depends on a colour to be understood.
"""

from html import escape
from textwrap import wrap

from bench.record import number

WIDTH, MARGIN, GAP = 880, 28, 32
COLUMN = (WIDTH - 2 * MARGIN - GAP) // 2
LABELS, VALUES = 168, 66
"""Room for what a bar is, left of it, and how long it is, right of it."""
BAR, PITCH, HEAD, BELOW, TOP = 14, 24, 30, 26, 64
LONGEST = {"label": 20, "title": 50, "note": 120}
"""Characters that surely fit their place, whatever sans serif there is."""
STYLE = """\
text { font: 12.5px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; \
fill: #59636e }
.card { fill: #ffffff; stroke: #d1d9e0 }
.name { font-size: 20px; font-weight: 600; fill: #1f2328 }
.title { font-size: 13.5px; font-weight: 600; fill: #1f2328 }
.ours { font-weight: 600; fill: #1f2328 }
.value { font-variant-numeric: tabular-nums }
rect.us { fill: #0f7b6c }
rect.peer { fill: #b4bcc5 }
line { stroke: #d1d9e0 }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .card { fill: #0d1117; stroke: #3d444d }
  .name, .title, .ours { fill: #f0f6fc }
  rect.us { fill: #2dd4bf }
  rect.peer { fill: #59616b }
  line { stroke: #3d444d }
}
"""


def fitted(text, kind):
    """Give a text as markup, if it surely fits."""
    if len(text) > LONGEST[kind]:
        raise ValueError(f"A {kind} may have {LONGEST[kind]} characters: {text}")
    return escape(text)


def words(kind, x, y, text):
    """Place a text; what is given is markup."""
    return f'<text class="{kind}" x="{x}" y="{y}">{text}</text>'


def panel_at(panel, x, y):
    """Draw one panel."""
    start, most = x + LABELS, max(bar["value"] for bar in panel["bars"])
    room = COLUMN - LABELS - VALUES
    yield words("title", x, y + 12, fitted(panel["title"], "title"))
    for at, bar in enumerate(panel["bars"]):
        top, length = y + HEAD + at * PITCH, f"{room * bar['value'] / most:.1f}" if most else "0"
        ours = " ours" if bar["ours"] else ""
        yield words(f"label{ours}", x, top + 11, fitted(bar["label"], "label"))
        yield f'<rect class="{"us" if ours else "peer"}" x="{start}" y="{top}" width="{length}" height="{BAR}" rx="2"/>'
        yield words(
            f"value{ours}", f"{start + float(length) + 7:.1f}", top + 11, f"{number(bar['value'])} {panel['unit']}"
        )
    bottom = y + HEAD + (len(panel["bars"]) - 1) * PITCH + BAR + 4
    yield f'<line x1="{start}.5" x2="{start}.5" y1="{y + HEAD - 4}" y2="{bottom}"/>'


def told(panels):
    """Say in words what is drawn, for who cannot see it."""
    for panel in panels:
        bars = (f"{bar['label']} {number(bar['value'])} {panel['unit']}" for bar in panel["bars"])
        yield f"{panel['title']}: {'; '.join(bars)}."


def drawn(panels, lines):
    """Draw all panels, two a row, below what the ``lines`` say of them."""
    notes = [piece for line in lines for piece in wrap(line, LONGEST["note"])]
    parts, y = [], TOP + 18 * len(notes) + 18
    for at in range(0, len(panels), 2):
        row = panels[at : at + 2]
        for column, panel in enumerate(row):
            parts += panel_at(panel, MARGIN + column * (COLUMN + GAP), y)
        y += HEAD + max(len(panel["bars"]) for panel in row) * PITCH + BELOW
    height, legend = y, WIDTH - MARGIN - 184
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"',
        'role="img" aria-labelledby="title desc">',
        '<title id="title">How fast remedy is, beside what users would otherwise use</title>',
        f'<desc id="desc">{escape(" ".join(told(panels)))}</desc>',
        f"<style>\n{STYLE}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
        words("name", MARGIN, 42, "Shorter is faster"),
        *(words("note", MARGIN, 63 + 18 * at, escape(line)) for at, line in enumerate(notes)),
        f'<rect class="us" x="{legend}" y="31" width="12" height="12" rx="2"/>',
        words("ours", legend + 18, 42, "remedy"),
        f'<rect class="peer" x="{legend + 84}" y="31" width="12" height="12" rx="2"/>',
        words("note", legend + 102, 42, "other tools"),
    ]
    return "\n".join([*head, *parts, "</svg>"]) + "\n"
