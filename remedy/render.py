"""The one jinja2 room: finds templates, keeps them strict, quotes what they show.

Law: templates arrange, codecs encode. Every value reaches a page through a filter of ``QUOTING``; HTML is escaped
besides. A template of a script that shows a value through no filter of ``IN_SCRIPTS`` is refused, whoever wrote it. A
template can run nothing but the filters named here.
"""

import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache, partial
from importlib.abc import Traversable
from importlib.resources import files
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from remedy.arranging import diff, outcomes
from remedy.codes import CODES, HAZARDS
from remedy.drawing import Drawing, loop_mermaid, loop_svg, typical
from remedy.errors import InputError, RemedyError
from remedy.quoting import LANGUAGES, PREPARING, WORDS
from remedy.text import counted, joined, printable
from remedy.timeline import timeline_chart, timeline_svg

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.nodes import Node, Template

__all__ = [
    "IN_SCRIPTS", "PICTURES", "QUOTING", "SCRIPTS", "diff", "enough", "flow_mermaid", "flow_svg", "held", "md", "mdcode",
    "mdfence", "mdspan", "number", "outcomes", "render", "renderer", "shipped", "show", "showlines", "typical", "unquoted",
]  # fmt: skip

SCRIPTS = "scripts/"
"""What the names of templates of scripts begin with."""

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


def flow_svg(trace: Mapping[str, Any]) -> Drawing:
    """Draw the ways of a trace for a page of HTML."""
    return loop_svg(trace)


def flow_mermaid(trace: Mapping[str, Any]) -> str:
    """Draw the ways of a trace as a Markdown code block that GitHub and wikis show as a picture."""
    return mdfence(loop_mermaid(trace), "mermaid")


def timeline_mermaid(diagnosis: Mapping[str, Any]) -> str:
    """Draw when loops ran, as a fence of Mermaid; nothing if there is none."""
    chart = timeline_chart(diagnosis)
    return mdfence(chart, "mermaid") if chart else ""


PICTURES: Mapping[str, Callable[..., str]] = {
    each.__name__: each for each in (flow_mermaid, flow_svg, timeline_mermaid, timeline_svg)
}
"""The filters that make a picture; what `flow_svg` and `timeline_svg` give is the only markup that HTML takes as it is."""

IN_SCRIPTS = frozenset(WORDS) - PREPARING | {number.__name__}
"""The filters that the last word about a value in a script may be, in one language or another."""


def render(template: str, context: Mapping[str, Any], *, folder: Path | None = None) -> str:
    """Fill a template (``plan.md``, ``plan.html``, …) with a document; a user's ``folder`` is looked in first.

    Raises:
        InputError: there is no such template, or it and the document do not fit together.
    """
    return renderer(folder)(template, context)


def renderer(folder: Path | None = None) -> Callable[[str, Mapping[str, Any]], str]:
    """Give what fills templates as `render` does; it reads each of the user's once, and the next one reads them anew."""
    environment = cache(partial(_environment.__wrapped__, folder)) if folder else partial(_environment, None)
    return lambda template, context: _filled(environment(strict=template.startswith(SCRIPTS)), template, context)


def _filled(environment: "Environment", template: str, context: Mapping[str, Any]) -> str:
    """Fill a template; whatever it raises is said with its place."""
    try:
        text = environment.get_template(template).render(context)
    except RemedyError:
        raise
    except Exception as error:  # a template can raise whatever its expressions do
        place, line = getattr(error, "filename", None), getattr(error, "lineno", None)
        for frame in extract_tb(error.__traceback__):
            place, line = (frame.filename, frame.lineno) if frame.filename.endswith(".j2") else (place, line)
        why = show(error) or type(error).__name__
        raise InputError.of(place or f"{template}.j2", why, _ADVICE, line=line) from error
    return text.encode(errors="backslashreplace").decode()


@lru_cache(maxsize=2)
def _environment(folder: Path | None, *, strict: bool = False) -> "Environment":
    """Build the environment: an undefined name is an error, and a template cannot run code; ``strict`` for scripts."""
    from jinja2 import FunctionLoader, StrictUndefined

    def load(name: str) -> tuple[str, str, None]:
        text, place, fresh = _source(name, folder)
        if strict:
            _guard(environment.parse(text, name, place), place, enough(name))
        return text, place, fresh

    environment: Environment = _sandbox()(
        loader=FunctionLoader(load),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name) and str(name).endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update({**QUOTING, **PICTURES, **WORDS}, diff=diff, outcomes=outcomes, typical=typical)
    environment.globals.update(CODES=CODES, HAZARDS=HAZARDS)
    for names, chance in ((environment.filters, "random"), (environment.globals, "lipsum")):
        names.pop(chance)  # same input, same bytes
    return environment


@lru_cache(maxsize=1)
def _sandbox() -> "type[Environment]":
    """Give the kind of environment in which a template reaches no file and no code, and no sum grows without end."""
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Sandbox(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if operator == "**" or not _is_small(left, right):
                raise SecurityError(f"{operator} could make something too large")
            return super().call_binop(context, operator, left, right)

    return Sandbox


def _is_small(left: Any, right: Any) -> bool:
    """Tell whether a product is no larger than 18 digits, or no longer than 100,000 characters or items."""
    sizes = [abs(each) if isinstance(each, int | float) else len(each) for each in (left, right)]
    return math.prod(sizes) <= (10**18 if all(isinstance(each, int | float) for each in (left, right)) else 100_000)


def unquoted(tree: "Template", filters: Collection[str], *, fenced: Collection[str] = ()) -> Iterator[int]:
    """Give the lines of a template where an expression ends in none of ``filters``, or where the guard would be lifted.

    Within a block that is set, those of ``fenced`` will do too.
    """
    from jinja2 import nodes

    macros = {macro.name for macro in tree.find_all(nodes.Macro)} | {
        each.target for each in tree.find_all(nodes.Import)
    }
    for each in tree.find_all(nodes.FromImport):
        macros |= {name if isinstance(name, str) else name[1] for name in each.names}
    inside = {id(each) for block in tree.find_all(nodes.AssignBlock) for each in block.find_all(nodes.Output)}
    for output in tree.find_all(nodes.Output):
        enough = {*filters, *fenced} if id(output) in inside else filters
        yield from (each.lineno for each in output.nodes if not _is_quoted(each, enough, macros))
    yield from (each.lineno for each in tree.find_all(nodes.Filter) if each.name in {"safe", "forceescape", "tojson"})
    yield from (each.lineno for each in tree.find_all((nodes.FilterBlock, nodes.EvalContextModifier, nodes.CallBlock)))


def _is_quoted(node: "Node | None", filters: Collection[str], macros: Collection[str]) -> bool:
    """Tell whether an expression can show nothing but what a filter wrote, or what stands in the template itself."""
    from jinja2 import nodes

    match node:
        case nodes.TemplateData() | nodes.Const():
            return True
        case nodes.Filter(name=name):  # a noun of `number` is shown as it is, so no value may be one
            given = (*node.args, *(each.value for each in node.kwargs), node.dyn_args, node.dyn_kwargs)
            return name in filters and all(each is None or isinstance(each, nodes.Const) for each in given)
        case nodes.CondExpr():
            return all(_is_quoted(each, filters, macros) for each in (node.expr1, node.expr2))
        case nodes.Call(node=nodes.Name(name=name) | nodes.Getattr(node=nodes.Name(name=name))):
            return name in macros
    return False


def enough(name: str) -> frozenset[str]:
    """Give the filters that the last word about a value may be in a template of a script: those of its language."""
    return LANGUAGES.get(name.rpartition(".")[2], IN_SCRIPTS) | {number.__name__}


def _guard(tree: "Template", place: str, filters: Collection[str]) -> None:
    """Refuse a template of a script that shows a value as it is."""
    for line in sorted(unquoted(tree, filters)):
        advice = f"End the expression in one of these filters: {joined(sorted(filters))}."
        raise InputError.of(place, "a value would stand in the script as it is", advice, line=line)


def shipped(prefix: str) -> tuple[str, ...]:
    """Give the names of our templates below a folder of them: ``scripts/ldapmodify``."""
    folders = (place.joinpath(*prefix.split("/")) for place in _places(None))
    found = next((each for each in folders if each.is_dir()), None)
    return tuple(sorted(_below(found, prefix))) if found else ()


def _below(folder: Traversable, prefix: str) -> Iterator[str]:
    """Give the names of the templates in a folder and in those below it."""
    for each in folder.iterdir():
        name = f"{prefix}/{each.name}"
        if each.is_dir():
            yield from _below(each, name)
        elif name.endswith(".j2"):
            yield name.removesuffix(".j2")


def held(folder: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Give those of some names of which a user's folder holds a template."""
    return tuple(name for name in names if (folder / f"{name}.j2").is_file())


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
