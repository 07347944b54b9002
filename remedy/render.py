"""The one jinja2 room: finds templates, keeps them strict, quotes what they show.

Law: templates arrange, codecs encode. Every value reaches a page through a filter of ``QUOTING``; HTML is escaped
besides. A template can run nothing but the filters named here.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib.abc import Traversable
from importlib.resources import files
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from remedy.change import Modify, Op
from remedy.codes import CODES, HAZARDS
from remedy.errors import InputError, RemedyError
from remedy.ldif import parse_changes
from remedy.quoting import WORDS
from remedy.text import counted, printable

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["QUOTING", "diff", "md", "mdcode", "mdfence", "mdspan", "number", "outcomes", "render", "show", "showlines"]

_ADVICE = "Mend the template or the document, or leave --templates out to use the shipped one."
_STOP = "&#8288;"  # a word joiner: no reader makes a link, a mention or an issue number across it
_LINKED = re.compile(r":(?=//)|@|(?i:www\.)|\\#(?=[0-9])")
_MARKS = re.compile(r"[\\`*_\[\]<>&#|~$]")
_LEADING = re.compile(r"^([0-9]*)([-+=:]|(?<=[0-9])[.)])")


def show(value: object) -> str:
    """Give a value in one line of plain words; HTML is escaped besides."""
    if value is None or isinstance(value, bool):
        return {None: "not set", True: "yes", False: "no"}[value]
    return printable(json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value))


def showlines(value: object) -> str:
    """Give a text of several lines, each of them plain."""
    return "\n".join(map(printable, str(value).rstrip("\n").split("\n")))


def number(value: object, *nouns: str) -> str:
    """Give a whole number and nothing else (TypeError), with a noun in the singular and plural if asked for."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{show(value)} is no whole number")
    return counted(value, *nouns) if nouns else f"{value:,}"


def md(value: object) -> str:
    """Give a value as Markdown text that opens, closes and links nothing, in a sentence or a table cell."""
    text = " ".join(part for part in show(value).split(" ") if part)
    marked = _LEADING.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", text))
    return _LINKED.sub(rf"\g<0>{_STOP}", marked)


def mdspan(value: object) -> str:
    """Give a value as a Markdown code span, outside of tables."""
    text = show(value) or " "
    if not text.strip(" "):
        return f"`{text}`"
    pad = " " if {text[0], text[-1]} & {"`", " "} else ""
    return f"{_longer(text, 1)}{pad}{text}{pad}{_longer(text, 1)}"


def mdcode(value: object) -> str:
    r"""Give a value as a Markdown code span in a table cell, where ``\|`` is a bar in code too (GFM, tables)."""
    return mdspan(value).replace("|", "\\|")


def mdfence(value: object, language: str = "") -> str:
    """Give a text as a Markdown code block that no line of it can close."""
    fence = _longer(text := showlines(value), 3)
    return f"{fence}{language}\n{text}\n{fence}"


def _longer(text: str, least: int) -> str:
    """Give a run of backticks that is longer than every run in a text."""
    return "`" * max(least, 1 + max(map(len, re.findall("`+", text)), default=0))


_EACH: tuple[Callable[..., str], ...] = (md, mdcode, mdfence, mdspan, number, show, showlines)
QUOTING: Mapping[str, Callable[..., str]] = {each.__name__: each for each in _EACH}
"""The filters that make a value safe to show; in Markdown ``show`` is enough only for what ``mdfence`` takes."""


def diff(change: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give a change value by value: ``+`` or ``-``, the attribute, the value."""
    for found in parse_changes(change["ldif"].encode(errors="surrogatepass"), f"change {show(change['id'])}"):
        if isinstance(found, Modify):
            parts = [(mod.op, mod.attribute, mod.values) for mod in found.mods]
        else:
            parts = [(Op.ADD, each.name, each.values) for each in found.entry]
        for op, name, values in parts:
            sign = "+" if op is Op.ADD else "-"
            yield from ((sign, name, value.decode(errors="backslashreplace")) for value in values)


def outcomes(document: Mapping[str, Any], most: int = 40) -> tuple[dict[str, Any], ...]:
    """Join the postoffices with their traces and new holders; past ``most`` of them, those alike share a row."""
    rows = {row["address"]: row for row in document.get("postoffices", ())}
    new = {name: change["dn"] for change in document.get("changes", ()) for name in change["postoffices"]}
    groups: dict[object, dict[str, Any]] = {}
    for trace in document["traces"]:
        name = trace["postoffice"]
        row = rows.get(name, {"coverage": "", "confidence": "", "holders": []})
        ends = tuple(trace[side] and trace[side]["outcome"] for side in ("before", "after", "msmail_side"))
        alike = (trace["kind"], row["coverage"], row["confidence"], ends, new.get(name), len(row["holders"]))
        first = {"names": [], "holders": {}, "row": row, "trace": trace, "new": new.get(name)}
        group = groups.setdefault(name if len(document["traces"]) <= most else alike, first)
        group["names"].append(name)
        group["holders"].update((holder["dn"], holder["kind"]) for holder in row["holders"])
    return tuple(groups.values())


def render(template: str, context: Mapping[str, Any], *, folder: Path | None = None) -> str:
    """Fill a template (``plan.md``, ``plan.html``, …) with a document; a user's ``folder`` is looked in first.

    Raises:
        InputError: there is no such template, or it and the document do not fit together.
    """
    try:
        text = _environment(folder).get_template(template).render(context)
    except RemedyError:
        raise
    except Exception as error:  # a template can raise whatever its expressions do
        place, line = getattr(error, "filename", None), getattr(error, "lineno", None)
        for frame in extract_tb(error.__traceback__):
            place, line = (frame.filename, frame.lineno) if frame.filename.endswith(".j2") else (place, line)
        why = show(error) or type(error).__name__
        raise InputError.of(place or f"{template}.j2", why, _ADVICE, line=line) from error
    return text.encode(errors="backslashreplace").decode()


@lru_cache(maxsize=4)
def _environment(folder: Path | None) -> "Environment":
    """Build the strict environment: an undefined name is an error, and a template cannot run code."""
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(lambda name: _source(name, folder)),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name) and str(name).endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update({**QUOTING, **WORDS}, diff=diff, outcomes=outcomes)
    environment.globals.update(CODES=CODES, HAZARDS=HAZARDS)
    return environment


def _source(name: str, folder: Path | None) -> tuple[str, str, None]:
    """Read a template from the first place that has it."""
    parts = f"{name}.j2".split("/")
    for place in _places(folder):
        found = place.joinpath(*parts)
        if found.is_file() and not {"", ".", ".."} & set(parts) and "\\" not in name:
            try:
                return found.read_text(encoding="utf-8"), str(found), None
            except (OSError, ValueError) as error:
                raise InputError.of(str(found), f"the template cannot be read: {error}", _ADVICE) from error
    raise InputError.of(f"{show(name)}.j2", "there is no such template", "Check its name and --templates.")


def _places(folder: Path | None) -> Iterator[Traversable]:
    """Give the folders to look in: the user's, the installed one, the checkout's if this is one."""
    if folder and not folder.is_dir():
        raise InputError.of(str(folder), "there is no such folder of templates", "Check --templates.")
    yield from [folder] if folder else []
    yield files("remedy") / "templates"
    root = Path(__file__).resolve().parent.parent
    if (root / "pyproject.toml").is_file():  # else a stranger's site-packages/templates would be adopted
        yield root / "templates"
