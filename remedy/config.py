"""``remedy.toml``, or ``[tool.remedy]`` in a ``pyproject.toml``: found, read and judged; what is in it are defaults.

Law: what opens a gate, and what is secret, is never taken from a file.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remedy.errors import Fault, InputError, Refused
from remedy.text import joined, printable

__all__ = ["PROFILE", "Check", "Found", "named", "nearest", "settled"]

Check = Callable[[object], object]
"""Gives a value as its option takes it, or raises ValueError with what is wrong with it."""

PROFILE = ("url", "bind-dn", "password-file", "sasl", "starttls", "ca-file", "page-size", "timeout", "dialect")
"""The keys of a connection profile."""

NEVER = frozenset({"yes", "allow", "expect", "insecure-plain", "keep-going"})
"""The options that are said anew each time (contract, all commands)."""

_INSIDE: Mapping[str, tuple[str, ...]] = {"remedy.toml": (), "pyproject.toml": ("tool", "remedy")}
_LIMIT = 1 << 20  # bytes of a settings file
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_MEND = "Mend it, or go on without it: remedy --no-config ..."


@dataclass(frozen=True, slots=True)
class Found:
    """A settings file that was read, and not judged yet."""

    path: Path
    text: str
    tables: Any
    """What it holds for us; a table if all is well."""

    @property
    def inside(self) -> tuple[str, ...]:
        """The keys that lead to our tables."""
        return _INSIDE.get(self.path.name, ())

    def fault(self, keys: tuple[str, ...], message: str) -> Fault:
        """Make the fault of what stands under some keys."""
        *tables, key = (*self.inside, *keys)
        shown = f"[{'.'.join(tables)}] {key}" if tables else key
        return Fault(str(self.path), _line(self.text, (*tables, key)), f"{printable(shown)}: {message}")


def nearest(folder: Path, user: int | None) -> Found | None:
    """Find the settings of a working folder: there or in the nearest folder above; ``user`` is who runs us.

    Raises:
        Refused: the file belongs to somebody else.
        InputError: it cannot be read, or is no TOML.
    """
    for path in (place / name for place in (folder, *folder.parents) for name in _INSIDE):
        there = False
        with suppress(OSError):
            there = path.is_file()
        if there and (found := _read(path, user)):
            return found
    return None


def named(path: Path) -> Found:
    """Read the settings file that somebody names; naming it is trusting it.

    Raises:
        InputError: it cannot be read, is no TOML, or holds nothing for us.
    """
    found = _read(path, None)
    if found is None:
        raise InputError.of(str(path), "there is no [tool.remedy] in it", "Name a file that has settings of remedy.")
    return found


def _read(path: Path, user: int | None) -> Found | None:
    """Read a file; None if it is a pyproject.toml that says nothing of us."""
    from remedy.stores.texts import plainly

    with plainly(str(path)), path.open("rb") as file:
        owners = {os.fstat(file.fileno()).st_uid, path.lstat().st_uid}
        data = file.read(_LIMIT + 1)
    foreign = user is not None and not owners <= {0, user}
    inside = _INSIDE.get(path.name, ())
    if foreign and not inside:
        raise _refusal(path)
    if inside and inside[-1].encode() not in data:
        return None
    text, tables = _parsed(str(path), data)
    for key in inside:
        tables = tables.get(key) if isinstance(tables, dict) else None
    if tables is None:
        return None
    if foreign:
        raise _refusal(path)
    return Found(path, text, tables)


def _refusal(path: Path) -> Refused:
    """Say that a file is somebody else's."""
    name = printable(str(path))
    return Refused(
        f"{name} belongs to another user, who could steer you by it. Take it over, or read it and then say "
        f"remedy --config {name} ... to use it, or remedy --no-config ... to do without."
    )


def _parsed(name: str, data: bytes) -> tuple[str, Any]:
    """Give the text of a file and what it says as TOML 1.0."""
    import tomllib

    if len(data) > _LIMIT:
        raise InputError.of(name, f"it is longer than {_LIMIT >> 20} MiB", _MEND)
    try:
        text = data.decode("utf-8-sig")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as fault:
        raise InputError.of(name, "it is no UTF-8 text", _MEND, line=data.count(b"\n", 0, fault.start) + 1) from None
    except RecursionError:
        raise InputError.of(name, "its brackets are nested too deeply", _MEND) from None
    except ValueError as fault:
        place = _PLACE.search(str(fault))
        last = data.rstrip().count(b"\n") + 1
        line = int(place[1]) if place and place[1] else last if place else None
        raise InputError.of(name, f"it is no TOML: {_PLACE.sub('', str(fault))}.", _MEND, line=line) from None


def settled(
    found: Found,
    tables: Mapping[str, Callable[[], Mapping[str, Check]]],
    profile: Callable[[], Mapping[str, Check]] = lambda: dict.fromkeys(PROFILE, _scalar),
) -> dict[str, dict[str, Any]]:
    """Judge every key of a file and give what each table sets; ``tables`` are those there can be, and their keys.

    The profiles stand under ``profile``, by their names; ``profile`` gives the keys that each of them can have.

    Raises:
        InputError: tables or keys are unknown or forbidden, or values are none that their options take: all of them.
    """
    values, faults = dict[str, dict[str, Any]](), list[Fault]()
    for name, table in _table(found, (), found.tables, faults).items():
        if name == "profile":
            for who, keys in _table(found, (name,), table, faults).items():
                values.setdefault(name, {})[who] = _judged(found, (name, who), keys, profile(), faults)
        elif name in tables:
            values[name] = _judged(found, (name,), table, tables[name](), faults)
        else:
            faults.append(found.fault((name,), f"there is no such table.{_near(name, (*tables, 'profile'))}"))
    if faults:
        raise InputError(faults, _MEND)
    return values


def _table(found: Found, keys: tuple[str, ...], given: Any, faults: list[Fault]) -> dict[str, Any]:
    """Give a table, or note that it is none."""
    if isinstance(given, dict):
        return given
    faults.append(found.fault(keys, "it is no table. Options stand in a table named like their command, or in [all]."))
    return {}


def _judged(
    found: Found, keys: tuple[str, ...], given: Any, known: Mapping[str, Check], faults: list[Fault]
) -> dict[str, object]:
    """Give what a table sets, and note what is wrong with it."""
    values: dict[str, object] = {}
    for written, value in _table(found, keys, given, faults).items():
        key = written.replace("_", "-")
        try:
            if key in values:
                raise ValueError("it is given twice.")  # noqa: TRY301 - as the checks say it
            values[key] = _checked(key, value, known)
        except ValueError as fault:
            faults.append(found.fault((*keys, written), str(fault)))
    return values


def _scalar(value: object) -> object:
    """Take what a key of a profile can be."""
    if not isinstance(value, str | int | float):
        raise ValueError("it is neither a text nor a number, true or false.")  # noqa: TRY004 - as checks do
    return value


def _checked(key: str, value: object, known: Mapping[str, Check]) -> object:
    """Give a value as its option takes it.

    Raises:
        ValueError: it is none, or the option cannot be given here.
    """
    if key in NEVER:
        raise ValueError(f"it is never taken from a file. Say --{key} on the command line, each time.")
    if key in known:
        return known[key](value)
    if "password" in key:
        raise ValueError("passwords never stand in a settings file. Name the file that holds it: password-file.")
    raise ValueError(f"there is no such option here.{_near(key, known)}")


def _near(word: str, known: Iterable[str]) -> str:
    """Name what somebody may have meant."""
    from difflib import get_close_matches

    near = get_close_matches(word.replace("_", "-").lower(), tuple(known), n=3)
    return f" Do you mean {joined(near)}?" if near else ""


def _line(text: str, keys: tuple[str, ...]) -> int | None:
    """Find where a key is set: on the last line that names it and before which it is not there."""
    lines = text.split("\n")
    for number in range(len(lines), 0, -1):
        if keys[-1] in lines[number - 1] and _lacks("\n".join(lines[: number - 1]), keys):
            return number
    return None


def _lacks(text: str, keys: tuple[str, ...]) -> bool:
    """Tell whether text is whole as TOML, and does not set a key."""
    import tomllib

    try:
        inner: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    for key in keys:
        if not isinstance(inner, dict) or key not in inner:
            return True
        inner = inner[key]
    return False
