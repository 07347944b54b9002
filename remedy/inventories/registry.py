"""A registry export (``.reg``): the postoffices that the connector reaches over the network (Q158812, Q177417).

Law: only one key is looked at; other keys hold what others must not see (Q150811), so nothing of them is ever repeated.
"""

import re
from collections.abc import Iterator
from contextlib import suppress

from remedy.errors import InputError
from remedy.estate import Estate, EvidenceKind, PostofficeKind
from remedy.inventories.listings import Gathering, lines_in
from remedy.inventories.shadow import is_shadow
from remedy.text import fold

__all__ = ["read_registry"]

_HEADERS = {"regedit4": "cp1252", "windows registry editor version 5.00": "utf-16-le"}
"""Each version by its first line, with the encoding of the strings that it writes as numbers."""

_KEY = re.compile(
    r"\[HKEY_LOCAL_MACHINE\\SYSTEM\\(?:CurrentControlSet|ControlSet[0-9]{3})\\Services\\MSExchangeMSMI\\Parameters\\Admin\]",
    re.ASCII | re.IGNORECASE,
)
_VALUE = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=\s*(.*)')
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BYTES = re.compile(r"hex\([12]\):(.*)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)")
_PATH = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\MSExchangeMSMI\Parameters\Admin"
_ADVICE = f"On the server of the Microsoft Mail connector export the key {_PATH} with REGEDIT (Q158812)."


def read_registry(text: str, source: str) -> Estate:
    """Read a registry export.

    Raises:
        InputError: it is no export, or the key is not in it.
    """
    found = Gathering(source, EvidenceKind.REGISTRY)
    lines = lines_in(text, dos=False)
    first, header = next(lines, (1, ""))
    if not header:
        return found.estate("a registry export", _ADVICE)
    encoding = _HEADERS.get(fold(header.strip()))
    if not encoding:
        raise InputError.of(source, "it does not begin as a registry export does", _ADVICE, line=first)
    inside = False
    for line, row in _joined(lines):
        if row.startswith("["):
            inside = bool(_KEY.fullmatch(row))
            found.known += inside
        elif inside and not row.startswith((";", "@")):
            _take(found, line, row, encoding)
    if not found.known:
        raise InputError.of(source, r"it does not hold the key MSExchangeMSMI\Parameters\Admin", _ADVICE)
    return found.estate("a registry export", _ADVICE)


def _joined(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield each line without the blanks around it; numbers may go on behind a backslash, keys and comments do not."""
    for line, row in lines:
        parts = [row.strip()]
        while parts[-1].endswith("\\") and not parts[0].startswith(("[", ";")):
            parts[-1] = parts[-1][:-1]
            parts.append(next(lines, (0, ""))[1].strip())
        yield line, "".join(parts)


def _take(found: Gathering, line: int, row: str, encoding: str) -> None:
    """Keep what one value of the key shows."""
    value = _VALUE.fullmatch(row)
    name = _plain(value[1]) if value else ""
    told = _string(value[2], encoding) if value else None
    if told is None or "/" not in name:
        found.strange(line)
        return
    path = told.partition(" /")[0].strip()  # Q158812: the UNC, then /Z; what else may follow is nobody's business
    if listing := found.see(line, name):
        kind = PostofficeKind.SHADOW if is_shadow(path) else None  # None = nothing shows what it is
        found.tell(listing, path=listing.path or path, kind=listing.kind or kind)


def _plain(text: str) -> str:
    """Take off the backslashes that escape quotes and backslashes."""
    return _ESCAPED.sub(r"\1", text)


def _string(data: str, encoding: str) -> str | None:
    """Read a string in quotes, or one that is written as numbers; None = it is something else."""
    if quoted := _TEXT.fullmatch(data.strip()):
        return _plain(quoted[1])
    if numbers := _BYTES.fullmatch(data.strip()):
        with suppress(ValueError):
            octets = bytes(int(number, 16) for number in numbers[1].split(",") if number.strip())
            return octets.decode(encoding, "replace").partition("\0")[0]
    return None
