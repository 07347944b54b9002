"""The way of a reply as a picture: inline SVG for pages, Mermaid for wikis and pull requests.

Law: whatever a trace says becomes text of a picture and nothing else of it. A text that is too long is cut in sight and
stands whole in the title of its part. No part has an id, so that pictures can stand side by side on one page.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from remedy.text import squeeze
from remedy.ways import Flow, Halt, flows, shown, typical

__all__ = ["Drawing", "loop_mermaid", "loop_svg", "typical"]

Json = Mapping[str, Any]

_ROUND = "round and round again"

WIDTH = 320
_LEFT, _WIDE, _LANE = 4, 268, 296  # of the boxes: left edge and width; where the way back runs
_STEM, _SAYS = 28, 44  # where arrows run, and where the words beside them begin
_SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"
_MONO = "ui-monospace, 'Cascadia Mono', Consolas, 'Liberation Mono', Menlo, monospace"
_NARROW = frozenset("fijlrtI.,:;'|!()[] ")
_BROAD, _BROADEST = frozenset("wCDGHNOQU"), frozenset("mMW@%")
_NAME_LINES, _WHY_LINES = 3, 6
_BOLD, _MIDDLE = ' font-weight="600"', ' text-anchor="middle"'
_OUTLINE = 'fill="none" stroke="currentColor"'


class Drawing(str):
    """A picture that was made here out of escaped text: it stands in a page as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


# --- Text ------------------------------------------------------------------------------------------------------------


def _measured(character: str, size: int, *, mono: bool) -> float:
    """Give about the width of a character, rather too much than too little."""
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return size * 1.2
    if mono or not character.isascii():
        return size * 0.61
    if character in _NARROW:  # as in DejaVu Sans, the widest of those that a page may get
        return size * 0.4
    return size * (0.98 if character in _BROADEST else 0.78 if character in _BROAD else 0.67)


def _fitting(text: str, size: int, room: float, *, mono: bool) -> int:
    """Give how many characters fit into a line; one at least."""
    for number, character in enumerate(text):
        room -= _measured(character, size, mono=mono)
        if room < 0:
            return max(1, number)
    return len(text)


def _lines(text: str, size: int, room: int, most: int, *, mono: bool = False) -> list[str]:
    """Break a text where it may break best; what is past the last line is cut, and the cut shows."""
    lines: list[str] = []
    while text:
        fits = _fitting(text, size, room, mono=mono)
        if fits < len(text) and len(lines) == most - 1:
            return [*lines, text[: _fitting(text, size, room - size, mono=mono)] + "…"]
        if fits < len(text):
            marks = (",", "/") if mono else (" ", ",", "/")
            places = (text.rfind(mark, 0, fits + (mark == " ")) + 1 for mark in marks)
            fits = next((place for place in places if place > fits // 3), fits)
        lines.append(text[:fits])
        text = text[fits:]
    return lines


# --- SVG -------------------------------------------------------------------------------------------------------------


def loop_svg(trace: Json) -> Drawing:
    """Draw the ways of a trace for a page of HTML: one picture before and one after, which a wide page sets abreast."""
    return Drawing(f'<div class="flow">{"".join(_panel(trace, flow) for flow in flows(trace))}</div>')


def _panel(trace: Json, flow: Flow) -> str:
    """Draw one way from top to bottom."""
    parts, middles, y = [_heading(flow)], [], 44
    for number, halt in enumerate(flow.halts):
        if number:
            part, y = _arrow(halt.why, y)
            parts.append(part)
        ends = number == len(flow.halts) - 1 and flow.back is None
        part, bottom = _box(halt, y, ("double" if "delivers" in flow.outcome else "dashed") if ends else "plain")
        parts.append(part)
        middles.append((y + bottom) // 2)
        y = bottom
    if flow.back is not None:
        part, y = _way_back(flow.back_why, y, middles[flow.back])
        parts.append(part)
    title = escape(f"{flow.title}, {shown(trace['postoffice'])}: {flow.outcome}")
    return (
        f'<svg role="img" width="{WIDTH}" height="{y + 6}" viewBox="0 0 {WIDTH} {y + 6}" fill="currentColor"'
        f' font-family="{_SANS}"><title>{title}</title><desc>{escape(_told(flow))}</desc>{"".join(parts)}</svg>'
    )


def _told(flow: Flow) -> str:
    """Tell a way in words, for those who do not see it."""
    steps = [f"{halt.why} {halt.what}{halt.name and f' ({halt.name})'}.".strip() for halt in flow.halts]
    return " ".join([*steps, *([f"{flow.back_why} And {_ROUND}."] if flow.back is not None else [])])


def _text(x: int, y: int, text: str, size: int, more: str = "") -> str:
    """Write one line of text."""
    return f'<text x="{x}" y="{y}" font-size="{size}"{more}>{escape(text)}</text>'


def _polygon(*points: tuple[int, int]) -> str:
    """Draw a closed shape."""
    return f'points="{" ".join(f"{x},{y}" for x, y in points)}"'


def _heading(flow: Flow) -> str:
    """Draw the title, and how it ends as a word in a shape of its own."""
    look, mark = {"delivers": ("ok", "✓"), "delivers until full": ("ok", "✓")}.get(flow.outcome, ("warn", "?"))
    if flow.outcome in {"loops", "ambiguous", "bounces"}:
        look, mark = "bad", "✗"
    (word,) = _lines(f"{mark} {flow.outcome}", 13, 150, 1)
    wide = round(sum(_measured(each, 13, mono=False) for each in word) * 1.1) + 24
    x, end = WIDTH - 2 - wide, WIDTH - 2
    shape = f'<rect x="{x}" y="3" width="{wide}" height="26" rx="{13 if look == "ok" else 4}"'
    match flow.outcome:
        case "loops":
            corners = (x + 8, 3), (end - 8, 3), (end, 11), (end, 21), (end - 8, 29), (x + 8, 29), (x, 21), (x, 11)
            shape = f"<polygon {_polygon(*corners)}/>"
        case "ambiguous":
            shape = (
                f"<polygon {_polygon((x, 16), (x + 11, 3), (end - 11, 3), (end, 16), (end - 11, 29), (x + 11, 29))}/>"
            )
        case "delivers":
            shape += "/>"
        case "delivers until full":
            shape += f'/><rect x="{x + 3}" y="6" width="{wide - 6}" height="20" rx="10"/>'
        case _:
            shape += ' stroke-dasharray="4 3"/>'
    title, text = _text(_LEFT, 22, flow.title, 15, _BOLD), _text(x + wide // 2, 20, word, 13, _BOLD + _MIDDLE)
    return f'{title}<g class="end {look}"><g {_OUTLINE} stroke-width="1.5">{shape}</g>{text}</g>'


def _box(halt: Halt, y: int, border: str) -> tuple[str, int]:
    """Draw a place with its name, and give where it ends; ``border`` tells the last one."""
    names = _lines(halt.name, 12, _WIDE - 22, _NAME_LINES, mono=True)
    (what,) = _lines(halt.what, 14, _WIDE - 24, 1) or [""]
    high = 32 + 17 * len(names)
    dashes = ' stroke-dasharray="5 4"' if border == "dashed" else ""
    shape = f'<rect x="{_LEFT}" y="{y}" width="{_WIDE}" height="{high}" rx="8"{dashes}/>'
    if border == "double":
        shape += f'<rect x="{_LEFT + 3}" y="{y + 3}" width="{_WIDE - 6}" height="{high - 6}" rx="5"/>'
    mono = f' class="name" font-family="{_MONO}"'
    written = [_text(_LEFT + 12, y + 38 + 17 * number, name, 12, mono) for number, name in enumerate(names)]
    title = f"{halt.what}: {halt.name}" if halt.name else halt.what
    part = (
        f'<g class="halt"><title>{escape(title)}</title><g {_OUTLINE} stroke-width="1.5">{shape}</g>'
        f"{_text(_LEFT + 12, y + 21, what, 14, _BOLD)}{''.join(written)}</g>"
    )
    return part, y + high


def _words(why: str, y: int) -> tuple[str, int]:
    """Write the words beside an arrow, and give how far down it has to reach."""
    lines = _lines(why, 13, _LANE - 6 - _SAYS, _WHY_LINES)
    written = [_text(_SAYS, y + 20 + 17 * number, line.rstrip(" "), 13) for number, line in enumerate(lines)]
    return f"<title>{escape(why)}</title>{''.join(written)}", y + max(28, 17 * len(lines) + 17)


def _arrow(why: str, y: int) -> tuple[str, int]:
    """Draw the arrow to the next place, and give where it ends."""
    words, end = _words(why, y)
    head = _polygon((_STEM, end), (_STEM - 6, end - 10), (_STEM + 6, end - 10))
    line = f'<path {_OUTLINE} stroke-width="1.5" d="M{_STEM} {y}V{end - 9}"/>'
    return f'<g class="way">{words}{line}<polygon {head}/></g>', end


def _way_back(why: str, y: int, target: int) -> tuple[str, int]:
    """Draw the way back to a place where the message has been, and give how far down it reaches."""
    words, end = _words(why, y)
    right = _LEFT + _WIDE
    d = (
        f"M{_STEM} {y}V{end - 12}Q{_STEM} {end} {_STEM + 12} {end}H{_LANE - 12}Q{_LANE} {end} {_LANE} {end - 12}"
        f"V{target + 12}Q{_LANE} {target} {_LANE - 12} {target}H{right + 11}"
    )
    head = _polygon((right + 1, target), (right + 13, target - 7), (right + 13, target + 7))
    middle = (end + target) // 2
    turned = f'{_MIDDLE} transform="rotate(-90 {_LANE + 16} {middle})"{_BOLD}'
    word = _text(_LANE + 16, middle, _ROUND, 12, turned)
    line = f'<path {_OUTLINE} stroke-width="3" d="{d}"/>'
    return f'<g class="back bad">{words}{line}<polygon {head}/>{word}</g>', end + 4


# --- Mermaid ---------------------------------------------------------------------------------------------------------

_PLAIN = re.compile(r"(?<=[A-Za-z0-9])-(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])=|(?<=[A-Za-z])\.(?= |$)|[A-Za-z0-9 ,/]")
_MEANT = re.compile(
    r"(?<=:)(?=fa-)|(?<=\$)(?=\$)"
)  # an icon and a formula to Mermaid even by their numbers; a joiner parts them
_SHAPES = {
    "loops": ("{{", "}}"), "delivers": ("([", "])"), "delivers until full": ("[[", "]]"), "ambiguous": ("{", "}"),
}  # fmt: skip
_NAME, _WHY = 70, 200  # characters of a label


def loop_mermaid(trace: Json) -> str:
    """Write the ways of a trace as a Mermaid flowchart: one subgraph before, and one after that a plan leads to."""
    lines = ["flowchart LR"]
    drawn = flows(trace)
    for letter, flow in zip("ab", drawn, strict=False):
        lines += [f'  subgraph {letter}["{_label(f"{flow.title}, {flow.outcome}", _NAME)}"]', "    direction TB"]
        lines += [f"    {line}" for line in _chart(letter, flow)]
        lines += ["  end"]
    return "\n".join([*lines, *(['  a -.->|"the plan"| b'] if drawn[1:] else [])])


def _chart(letter: str, flow: Flow) -> Iterator[str]:
    """Give the boxes and arrows of one way, and how it ends in a shape of its own."""
    for number, halt in enumerate(flow.halts, 1):
        name = f"<br/>{_label(halt.name, _NAME)}" if halt.name else ""
        yield f'{letter}{number}["{_label(halt.what, _NAME)}{name}"]'
    for number, halt in enumerate(flow.halts[1:], 1):
        yield f'{letter}{number} -->|"{_label(halt.why, _WHY)}"| {letter}{number + 1}'
    last = len(flow.halts)
    if flow.back is not None:
        yield f'{letter}{last} ==>|"{_label(flow.back_why, _WHY)}"| {letter}{flow.back + 1}'
    opens, closes = _SHAPES.get(flow.outcome, ("[/", "/]"))
    yield f'{letter}0{opens}"{_label(flow.outcome, _NAME)}"{closes}'
    if last:
        yield f"{letter}{last} -.- {letter}0"


def _label(text: str, most: int) -> str:
    """Write a text as a part of a Mermaid label: every sign that could mean anything to it or to Markdown by its number."""
    words = squeeze(text) or " "
    cut = _MEANT.sub("\u2060", words if len(words) <= most else f"{words[: most - 1]}…")
    plain = {found.start() for found in _PLAIN.finditer(cut)}
    return "".join(each if n in plain else "#quot;" if each == '"' else f"#{ord(each)};" for n, each in enumerate(cut))
