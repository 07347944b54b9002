"""Import files for the Administrator of Exchange 4.0 to 5.5, with the batch files that carry them out (facts §5).

Law: a row says no more than the plan; what the Administrator has no documented words for is refused, never guessed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from remedy.addresses import ms_address
from remedy.change import Add, Change, Delete, Modify, Op, mods_of
from remedy.dn import DN, to_slashes
from remedy.entry import Entry
from remedy.errors import RemedyError
from remedy.plan import Plan
from remedy.quoting import admin_cell, admin_deletion, admin_option, admin_values, cmd_data
from remedy.scripts.base import Format, Piece, in_words, taken_back
from remedy.text import fold, printable

__all__ = ["FORMAT"]

_A_ROW = 25  # no limit of a line is documented (facts §5.5)
_SECONDARY = "Secondary-Proxy-Addresses"  # Q153028, Q155594
_COLUMNS = (
    "Obj-Class",  # the first column (event 226, Q184532)
    "Mode",  # the second (event 222)
    "Directory Name",  # it identifies the object (events 219, 225)
    "Alias Name", "Home-Server", "Delivery-Mechanism", "Last name", "Display Name", "Admin-Description",  # Q244595
    "Obj-Container",
    _SECONDARY,  # the last one, and never empty (Q188649)
)  # fmt: skip
_NEW = {"Alias Name", "Home-Server", "Delivery-Mechanism", "Last name", "Display Name", "Admin-Description"}
_KINDS = {"mailbox": "Mailbox", "distribution-list": "DL"}
_PLAIN_MS = re.compile(r"MS:[A-Za-z0-9]+/[A-Za-z0-9]+/[A-Za-z0-9]+")
_TYPE = re.compile(r"[a-z][a-z0-9]{0,7}")  # at most 8 characters (event 232); lower case = secondary (Q153028)
_GIVEN = {"sn": "Last name", "cn": "Display Name", "uid": "Alias Name", "admin-description": "Admin-Description"}
_MADE = {"home-mdb": "Microsoft Private MDB", "home-mta": "Microsoft MTA"}
_FIXED = {"mapi-recipient": b"TRUE", "mdb-use-defaults": b"TRUE", "mailpreferenceoption": b"0"}
_GENERATED = {"mail", "textencodedoraddress", "objectclass"}
"""What the Administrator makes by itself: every kind of address that the site has (Q146128, Q147518)."""

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """One way, there or back, for one container."""

    name: str
    """``apply`` or ``undo``."""
    sheet: str
    """The import file, without its ending."""
    changes: tuple[Change, ...]
    stays: bool
    """Whether a mailbox that was made stays."""


def _pieces(plan: Plan) -> Iterator[Piece]:
    """Give the files of each container below a site: that is as much as one export and one import look at."""
    there = plan.changes
    back = tuple(taken_back(step, plan.dialect) for step in reversed(plan.steps))
    places = tuple(dict.fromkeys(_container(change.dn) for change in there))
    kinds = _kinds(plan)
    for number, place in enumerate(places, 1):
        folder = f"part{number}/" if len(places) > 1 else ""
        mine, after = ([change for change in way if _container(change.dn) == place] for way in (there, back))
        stays = any(isinstance(change, Add) for change in mine)
        ways = (
            _Way(name="apply", sheet="import", changes=tuple(mine), stays=False),
            _Way(name="undo", sheet="undo", changes=tuple(after), stays=stays),
        )
        yield from _options(folder, place)
        yield from in_words(plan, folder)
        for way in ways:
            yield from _sheet(plan, kinds, folder, way)


def _options(folder: str, place: DN) -> Iterator[Piece]:
    """Give the options of import and export, and the first line of an export."""
    with _refusing(place):
        told = {"site": admin_option(to_slashes(place.parent)), "container": admin_option(place.leaf)}
    for name in ("import.ini", "export.ini", "header.csv"):
        template = f"scripts/exchange-csv/{name}"
        yield Piece(name=f"{folder}{name}", template=template, context=told, newline="\r\n", encoding="cp1252")


def _sheet(plan: Plan, kinds: Mapping[DN, str], folder: str, way: _Way) -> Iterator[Piece]:
    """Give an import file, its batch file, and what that looks for."""
    rows: list[Row] = []
    checks: list[str] = []
    for change in way.changes:
        with _refusing(change.dn):
            about = _identity(change.dn, kinds)
            rows += _created(change.entry, about) if isinstance(change, Add) else _changed(change, about)
            checks += _look("absent" if isinstance(change, Add) else "exists", about)
    given, taken, others = _moved(way.changes)
    columns = [name for name in _COLUMNS if name not in _NEW or any(name in row for row in rows)]
    told = {
        "digest": plan.digest,
        "way": way.name,
        "sheet": way.sheet,
        "part": folder.rstrip("/"),
        "creates": any(isinstance(change, Add) for change in way.changes),
        "deletes": any(mod.op is Op.DELETE for change in way.changes for mod in mods_of(change)),
        "unsaid": len(way.changes) - len(checks) + others,
        "given": bool(given),
        "taken": bool(taken),
        "stays": way.stays,
    }
    table = {"columns": columns, "rows": [[row.get(name, "") for name in columns] for row in rows]}
    for name, template, context in (
        (f"{way.name}.cmd", "exchange-csv/run.cmd", told),
        (f"{way.sheet}.csv", "exchange-csv/import.csv", table),
    ):
        code = "cp1252" if name.endswith(".csv") else "ascii"  # ANSI, not OEM (Q183496)
        yield Piece(
            name=f"{folder}{name}", template=f"scripts/{template}", context=context, newline="\r\n", encoding=code
        )
    for word, lines in {"check": checks, "given": given, "taken": taken}.items():
        if lines or word == "check":
            name = f"{folder}{way.name}.{word}"
            yield Piece(name=name, template="scripts/lines.txt", context={"lines": lines}, newline="\r\n")


def _moved(changes: Sequence[Change]) -> tuple[list[str], list[str], int]:
    """Give the addresses that are given and those that are taken away, and count the given ones that are not looked for.

    What moves within the same file is held before and after. Only Microsoft Mail addresses are looked for.
    """
    found: dict[Op, list[str]] = {op: [] for op in Op}
    for mod in (mod for change in changes for mod in mods_of(change) if fold(mod.attribute) == "othermailbox"):
        found[mod.op] += [_secondary(value) for value in mod.values if not value.startswith(b"MS$")]
    given, taken = (
        [text for text in found[op] if _PLAIN_MS.fullmatch(text) and text not in found[other]]
        for op, other in ((Op.ADD, Op.DELETE), (Op.DELETE, Op.ADD))
    )
    return given, taken, len(found[Op.ADD]) - len(given)


@contextmanager
def _refusing(dn: DN) -> Iterator[None]:
    """Turn what cannot be said into a sentence about an entry."""
    try:
        yield
    except UnicodeError:
        why = "a value of it has a character that is not in code page 1252 (Q183496)"
    except ValueError as fault:
        why = str(fault)
    else:
        return
    raise RemedyError(
        f"{printable(str(dn))}: {why}, so the Administrator cannot be told. Leave the format exchange-csv out, or apply the "
        "plan with `remedy apply`."
    )


def _changed(change: Modify | Delete, about: Row) -> Iterator[Row]:
    """Give the rows of a change: additions 25 addresses a row, deletions one."""
    for mod in mods_of(change):
        if fold(mod.attribute) != "othermailbox":
            raise ValueError(f"{printable(mod.attribute)} is no list of addresses")
        values = [_secondary(value) for value in mod.values]
        if mod.op is Op.ADD:
            yield from _added(about, values)
        else:  # one value a row (Q184536)
            yield from ({**about, _SECONDARY: _cell(admin_deletion(value))} for value in values)


def _added(about: Row, values: Sequence[str]) -> Iterator[Row]:
    """Give the rows that add addresses; with OverwriteProperties=No they are appended (Q236983)."""
    for at in range(0, len(values), _A_ROW):
        yield {**about, _SECONDARY: _cell(admin_values(values[at : at + _A_ROW]))}


def _created(entry: Entry, about: Row) -> Iterator[Row]:
    """Give the rows of a new mailbox: one that creates it, the others add what is left (Q244595)."""
    given = {"Delivery-Mechanism": "0", "Home-Server": _single(_server(entry))}
    addresses: list[str] = []
    for item in entry:
        name = fold(item.name)
        if name == "othermailbox":
            addresses += [_secondary(value) for value in item.values if not _is_generated(entry, value)]
        elif name in _GIVEN and len(item.values) == 1:
            given[_GIVEN[name]] = _single(item.values[0].decode())
        elif name not in {*_GENERATED, *_MADE} and item.values != (_FIXED.get(name),):
            raise ValueError(f"{printable(item.name)} is none of what it gives to a new mailbox")
    if not {"Alias Name", "Display Name"} <= set(given):
        raise ValueError("a new mailbox without alias or display name would be given one")
    if not addresses:
        raise ValueError("a new mailbox without further addresses would leave the last column empty (Q188649)")
    first, *rest = _added(about, addresses)
    yield {**first, **given, "Mode": "Create"}
    yield from rest


def _server(entry: Entry) -> str:
    """Give the home server, which must be said (event 292, Q259503); store and transfer agent cannot be (Q264587)."""
    found = {name: DN.parse(entry.text(name)) for name in _MADE}
    servers = {dn.parent for dn in found.values()}
    if len(servers) != 1 or any(fold(dn.leaf) != fold(_MADE[name]) for name, dn in found.items()):
        raise ValueError("its store and its transfer agent are not those of one server")
    return servers.pop().leaf


def _is_generated(entry: Entry, value: bytes) -> bool:
    """Tell whether an address is the primary one that the site generates; it cannot be suppressed (Q146128)."""
    found = ms_address(value)
    if found and found.is_postmaster and value.startswith(b"MS$"):
        raise ValueError("a new mailbox called POSTMASTER would be given POSTMAST0 as its address (Q175447)")
    return value.startswith(b"MS$") and found is not None and found.mailbox == entry.text("uid").upper()


def _secondary(value: bytes) -> str:
    """Write a secondary address as the Administrator wants it, its type in upper case (Q155594).

    Raises:
        ValueError: it is a primary one, is spelt in a way that would not come back, or has a type that is too long.
    """
    kind, _, body = value.decode().partition("$")
    if not _TYPE.fullmatch(kind) or not body or body != body.strip():
        raise ValueError(f"{printable(value.decode())} is no secondary address of the form type$address")
    return f"{kind.upper()}:{body}"


def _cell(text: str) -> str:
    """Give the text of a cell that can be written."""
    admin_cell(text)
    return text


def _single(text: str) -> str:
    r"""Give the only value of a column, where no source says that ``\%`` and ``\\`` are read."""
    if text and admin_values([text]) != text:
        raise ValueError(f"{printable(text)} cannot be told from a list of values")
    return _cell(text)


def _identity(dn: DN, kinds: Mapping[DN, str]) -> Row:
    """Give the cells that name an object (Q184532); the container in its slash form (Q244595)."""
    kind = kinds.get(dn, "")
    if kind == "custom-recipient":
        raise ValueError("an import can replace the target of a custom recipient (Q157007)")
    if kind not in _KINDS:
        raise ValueError("the plan does not show that it is a mailbox or a distribution list")
    return {
        "Obj-Class": _KINDS[kind],
        "Mode": "Modify",
        "Directory Name": _single(dn.leaf),
        "Obj-Container": _single(to_slashes(dn.parent)),
    }


def _look(word: str, about: Row) -> Iterator[str]:
    """Give what a batch file looks for in an export: the beginning of a line; nothing if that cannot be said."""
    name = about["Directory Name"]
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]*", name):  # no comma and no quote: the export puts none round it
        yield cmd_data(f"{word} {about['Obj-Class']},{name},")


def _kinds(plan: Plan) -> dict[DN, str]:
    """Say what the objects are that a plan names: its sinks are mailboxes, and it shows the kind of each holder."""
    named = [(holder["dn"], holder["kind"]) for row in plan.postoffices for holder in row["holders"]]
    named += [(sink["dn"], "mailbox") for sink in plan.sinks]
    made = {change.dn: "mailbox" for change in plan.changes if isinstance(change, Add)}
    return {name: kind for dn, kind in named if (name := _parsed(dn))} | made


def _parsed(text: str) -> DN | None:
    """Read a name; None if it is none."""
    try:
        return DN.parse(text)
    except ValueError:
        return None


def _container(dn: DN) -> DN:
    """Give the container of a site that an entry lies in, such as its Recipients."""
    with _refusing(dn):
        if [rdn[0].type.lower() for rdn in dn.rdns[-2:]] != ["ou", "o"] or len(dn) < 4:  # noqa: PLR2004 - name, container, site
            raise ValueError("it lies in no container of a site")
    return DN(dn.rdns[-3:])


FORMAT = Format(
    title="import files and batch files for the Exchange Administrator", pieces=_pieces, dialects=("exchange55",)
)
