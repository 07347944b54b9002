"""When loops ran, as a picture: a lane for each, all on one scale; inline SVG for pages, Mermaid for wikis and pull requests.

Law: as in `remedy.drawing`, whatever a log says becomes text of a picture and nothing else of it.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from remedy.drawing import WIDTH, Drawing
from remedy.text import counted
from remedy.ways import shown

__all__ = ["far_end", "timeline_chart", "timeline_svg"]

Json = Mapping[str, Any]

_LANE, _HIGH = 58, 30  # a lane's height, and that of its highest bar
_WORDS = 44
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?")


def far_end(loop: Json) -> str:
    """Name the other end of a loop: an address, all of a domain, or that it is unknown; nothing in it moves."""
    return shown(loop["peer"] or (f"*@{loop['domain']}" if loop["domain"] else "not shown"))


def timeline_svg(diagnosis: Json) -> Drawing:
    """Draw when the loops of a diagnosis ran; nothing if there is none."""
    loops = diagnosis["loops"]
    if not loops:
        return Drawing("")
    high = _LANE * len(loops) + 26
    lanes = "".join(_lane(loop, 4 + _LANE * number) for number, loop in enumerate(loops))
    begin, end = (moment.replace("T", " ") for moment in diagnosis["span"])
    axis = (
        f'<text x="4" y="{high - 6}" font-size="11">{escape(begin)}</text>'
        f'<text x="{WIDTH - 4}" y="{high - 6}" font-size="11" text-anchor="end">{escape(end)}</text>'
    )
    told = " ".join(f"{loop['postoffice']}: {counted(loop['count'], 'pass', 'passes')}." for loop in loops)
    return Drawing(
        f'<svg role="img" width="{WIDTH}" height="{high}" viewBox="0 0 {WIDTH} {high}" fill="currentColor" font-family="'
        f"system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif\"><title>When the loops ran</title>"
        f"<desc>{escape(told)}</desc>{lanes}{axis}</svg>"
    )


def _lane(loop: Json, top: int) -> str:
    """Draw the passes of one loop, as many bars as the time has parts."""
    bars: Sequence[int] = loop["timeline"]
    most, wide = max((*bars, 1)), (WIDTH - 8) / len(bars)
    floor = top + 18 + _HIGH
    tall = [max(3.0, _HIGH * bar / most) if bar else 0.0 for bar in bars]  # one that is there can be seen
    drawn = "".join(
        f'<rect x="{4 + wide * number:.1f}" y="{floor - high:.1f}" width="{wide - 1:.1f}" height="{high:.1f}"/>'
        for number, high in enumerate(tall)
        if high
    )
    whole = f"{loop['postoffice']} and {far_end(loop)}, {counted(loop['count'], 'pass', 'passes')}"
    name = whole if len(whole) <= _WORDS else f"{whole[: _WORDS - 1]}…"
    return (
        f'<g><title>{escape(whole)}</title><text x="4" y="{top + 12}" font-size="12">{escape(name)}</text>'
        f'<g class="bad">{drawn}</g><path d="M4 {floor}H{WIDTH - 4}" fill="none" stroke="currentColor"/></g>'
    )


def timeline_chart(diagnosis: Json) -> str:
    """Write the loops as a Mermaid Gantt chart, those whose time is known; nothing if there is none."""
    lines = []
    for loop in diagnosis["loops"]:
        if _MOMENT.fullmatch(loop["first"]) and _MOMENT.fullmatch(loop["last"]):
            begin, end = (loop[key].rstrip("Z") for key in ("first", "last"))
            lines.append(f"  {loop['postoffice']} and {loop['domain'] or 'an unknown end'} :crit, {begin}, {end}")
    head = ["gantt", "  title When the loops ran", "  dateFormat YYYY-MM-DDTHH:mm:ss", "  axisFormat %m-%d %H:%M"]
    return "\n".join([*head, *lines]) if lines else ""
