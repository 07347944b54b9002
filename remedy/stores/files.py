"""Opening what is no server: which kind of source a name stands for, and what it holds.

Law: a name is judged by what it says, then by the first bytes behind it; judging consumes nothing. Readers are imported
where they are needed, since most runs need none of them.
"""

import re
from collections.abc import Callable
from pathlib import Path

from remedy.addresses import PostofficeName
from remedy.admincsv import Layout
from remedy.errors import InputError, Refused, UsageError
from remedy.estate import Estate
from remedy.stores.base import Readable
from remedy.stores.kinds import SourceKind, is_url
from remedy.stores.ldif import LdifStore
from remedy.stores.places import Server
from remedy.stores.texts import called, peek_text, plainly, read_text, spend_stdin, stdin_shows
from remedy.text import fold, joined, printable

__all__ = ["SourceKind", "detect", "open_source", "owned", "read_text"]


_NAMES = {
    SourceKind.LDIF: re.compile(r"(?s:.*)\.ldi?f(\.gz)?"),
    SourceKind.CSV: re.compile(r"(?s:.*)\.csv"),
    SourceKind.JSON: re.compile(r"(?s:.*)\.json"),
    SourceKind.TOML: re.compile(r"(?s:.*)\.toml"),
    SourceKind.REG: re.compile(r"(?s:.*)\.reg"),
    SourceKind.GWART: re.compile(r"gwart[01]\.mta"),
    SourceKind.ADDR_MAP: re.compile(r"addr_map\.cfg"),
}
_SIGNS = {  # how the first line begins that is neither blank nor a comment
    SourceKind.LDIF: re.compile(r"(?:dn|version):", re.IGNORECASE),
    SourceKind.REG: re.compile(r"REGEDIT4|Windows Registry Editor"),
    SourceKind.TOML: re.compile(r"""\[{1,2}[ \t]*[\w."'-]+[ \t]*\]{1,2}[ \t]*(?:#|$)|[\w."'-]+[ \t]*="""),
    SourceKind.JSON: re.compile(r"[\[{]"),
    SourceKind.LISTDS: re.compile(
        r"Microsoft.* Mail .*\b(?:ListDS|ListQ)\b|Examining [^/\s]+/|Requestor name:", re.IGNORECASE | re.ASCII
    ),
    SourceKind.LISTUSER: re.compile(r"Microsoft.* Mail .*\bListUser\b|Name\s.*\bID number", re.IGNORECASE | re.ASCII),
    SourceKind.IMPORT_EXTRACT: re.compile(
        r"[ADMRT][ \t](?:.*[ \t])?PCM:[^/\s]+/[^/\s]|[ADMRT] .{30} [A-Z][A-Z0-9]{1,9}:\S", re.IGNORECASE | re.ASCII
    ),
    SourceKind.GWART: re.compile(
        r"(?:EX|X400|MS|MSA|SMTP|CCMAIL|NOTES|PROFS|SNADS|FAX)\s*,.*,\s*[0-9]{1,9}\s*,", re.IGNORECASE | re.ASCII
    ),
    SourceKind.ADDR_MAP: re.compile(r"[A-Za-z0-9]{1,10}/[A-Za-z0-9]{1,10}[ \t]+[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\s*$"),
}
_DOS = frozenset((SourceKind.IMPORT_EXTRACT, SourceKind.LISTDS, SourceKind.LISTUSER, SourceKind.ADDR_MAP))
_OF_ONE = {SourceKind.IMPORT_EXTRACT, SourceKind.LISTDS, SourceKind.LISTUSER, SourceKind.POSTOFFICE_FOLDER}
"""Kinds that tell of one postoffice, which the user may have to name."""
_OWNED = re.compile(r"([A-Za-z0-9]{1,10})/([A-Za-z0-9]{1,10})=((?s:.+))")


def _by_content(text: str) -> SourceKind | None:
    """Judge by the first line that is neither blank nor a comment nor the rest of one (RFC 2849 §2, TOML 1.0)."""
    from remedy.inventories.csv_rows import has_header
    from remedy.stores.administrator import begins

    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if has_header(line):
            return SourceKind.CSV
        if begins(line):
            return SourceKind.EXCHANGE_CSV
        kind = next((kind for kind, sign in _SIGNS.items() if sign.match(line.lstrip())), None)
        if kind or not line.startswith(" "):
            return kind
    return None


def _looked_at(name: str) -> SourceKind | None:
    """Judge by what is behind a name.

    Raises:
        InputError: it cannot be looked at, or is the folder of no postoffice.
    """
    with plainly(name):
        if name == "-" or not Path(name).is_dir():
            return _by_content(peek_text(name))
        from remedy.stores.folders import holds_networks

        if holds_networks(Path(name)):
            return SourceKind.POSTOFFICE_FOLDER
    raise InputError.of(
        name, "it is a folder, but GLB/NETWORK.GLB is not in it", "Name a file, or a postoffice's folder."
    )


def owned(name: str) -> tuple[PostofficeName | None, str]:
    """Part ``NETWORK/POSTOFFICE=SOURCE``: whose listing or folder a source is, where nothing in it says so."""
    found = _OWNED.fullmatch(name)
    if not found or is_url(name) or Path(name).exists():
        return None, name
    return PostofficeName.of(found[1], found[2]), found[3]


def detect(name: str, as_kind: str | None = None) -> SourceKind:
    """Tell what a source is; ``as_kind`` is what the user says it is.

    Raises:
        UsageError: there is no such kind, or nothing shows the kind.
        Refused: standard input is empty.
        InputError: it has to be looked at, and cannot be.
    """
    if as_kind is not None:
        if fold(as_kind) not in set(SourceKind):
            raise UsageError(f"--as {printable(as_kind)} is no kind of source; name one of {joined(SourceKind)}.")
        return SourceKind(fold(as_kind))
    if is_url(name):
        return SourceKind.LDAP
    kind = next((kind for kind, form in _NAMES.items() if form.fullmatch(fold(Path(name).name))), None)
    if kind is SourceKind.CSV:  # an export of the Administrator program has the same suffix
        return SourceKind.EXCHANGE_CSV if _looked_at(name) is SourceKind.EXCHANGE_CSV else kind
    if kind := kind or _looked_at(name):
        return kind
    if name == "-" and stdin_shows() and not peek_text(name).strip():
        raise Refused("Standard input is empty. Check the command in front of the pipe.")
    raise UsageError(f"Nothing shows what {printable(called(name))} is: say --as and one of {joined(SourceKind)}.")


def open_source(
    name: str,
    *,
    as_kind: str | None = None,
    strict: bool = False,
    layout: Layout | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> Readable | Estate:
    """Open a source: a directory is given as a store to read from, an inventory as what it tells.

    Raises:
        InputError: it cannot be read.
        UsageError: nothing shows its kind, or standard input was read before.
    """
    whose, name = owned(name)
    kind = detect(name, as_kind)
    if whose and kind not in _OF_ONE:
        what = f"{kind} says itself which postoffices it tells of"
        raise UsageError(f"{printable(called(name))}: {what}. Name it without {whose}= in front.")
    if name == "-" and kind in {SourceKind.LDIF, SourceKind.EXCHANGE_CSV}:
        spend_stdin()
    if kind is SourceKind.LDIF:
        return LdifStore(name, strict=strict, progress=progress)
    if kind is SourceKind.LDAP:
        return Server(url=name, progress=progress).reader()
    if kind is SourceKind.EXCHANGE_CSV:
        from remedy.stores.administrator import AdministratorStore

        return AdministratorStore(name, layout=layout, progress=progress)
    return _told(name, kind, whose)


def _told(name: str, kind: SourceKind, whose: PostofficeName | None) -> Estate:
    """Read what is no directory."""
    if kind is SourceKind.POSTOFFICE_FOLDER:
        from remedy.stores.folders import read_folder

        return read_folder(name, whose)
    from remedy.inventories import OF_ONE, READERS

    text = read_text(name, dos=kind in _DOS | _OF_ONE)
    return OF_ONE[kind](text, called(name), whose) if kind in OF_ONE else READERS[kind](text, called(name))
