"""How the scripts of a plan are run: the line that only looks, the one that does it, and the one that leads back."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from remedy.errors import RemedyError, UsageError
from remedy.plan import Plan
from remedy.scripts import FORMATS, Format, format_of
from remedy.text import printable

__all__ = ["runnable"]

_CALLS = {
    ".sh": ("./{} -H URL -D NAME -y FILE", "", " --apply"),
    ".cmd": ("{} SERVER", "", " /apply"),
    ".vbs": ("cscript //nologo {} /server:SERVER", "", " /apply"),
    ".ps1": (".\\{} -Server SERVER", " -WhatIf", ""),
}
"""How a script is called, and what makes it only look, and what makes it do it."""
_BOUND = ' "cn=USER,dc=DOMAIN,cn=admin"'
_NO_SCRIPT = {
    "ldif": "Give change.ldif to a tool that takes change records, and stop at the first that fails; undo.ldif leads back.",
    "msmail": "README.txt lists the postoffices; steps.txt in the folder of each is what a person does there.",
}


def runnable(plan: Plan) -> tuple[tuple[dict[str, Any], ...], tuple[dict[str, str], ...]]:
    """Give the scripts that the plan can be written in, and those that fit its directory and cannot hold it, with why."""
    bare = replace(plan, traces=())  # no script tells of them, and each piece counts the digest of them all
    fitting: list[dict[str, Any]] = []
    unfit: list[dict[str, str]] = []
    for name, each in FORMATS.items():
        if not (plan.manual if each.by_hand else plan.steps):
            continue
        try:
            form = format_of(name, plan)
            who = _BOUND if (name, plan.dialect) == ("ldifde", "exchange55") else ""
            fitting.append(_format(name, form, [piece.name for piece in form.pieces(bare)], who))
        except UsageError:
            continue
        except RemedyError as fault:
            unfit.append({"name": name, "why": printable(str(fault))})
    return tuple(fitting), tuple(unfit)


def _format(name: str, form: Format, files: Iterable[str], who: str) -> dict[str, Any]:
    """Say how the scripts of one format are run: to look, to do it, and to lead back; ``who`` is what they bind as."""
    ways: dict[str, list[str]] = {"apply": [], "undo": []}
    for file in map(PurePosixPath, files):
        if file.stem in ways and file.suffix in _CALLS:
            ways[file.stem].append(str(file))
    return {
        "name": name,
        "title": form.title,
        "note": _NO_SCRIPT.get(name, ""),
        "look": [_call(file, 1, who) for file in ways["apply"]],
        "run": [_call(file, 2, who) for file in ways["apply"]],
        "back": [_call(file, 2, who) for file in reversed(ways["undo"])],
    }


def _call(file: str, how: int, who: str) -> str:
    """Give the line that calls a script."""
    suffix = PurePosixPath(file).suffix
    place = file if suffix == ".sh" else file.replace("/", "\\")
    return f"{_CALLS[suffix][0].format(place)}{who}{_CALLS[suffix][how]}"
