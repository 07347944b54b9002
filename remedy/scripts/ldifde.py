"""Records for ldifde with the batch files that carry them out (facts §6.2).

Law: a batch file holds words of the closed alphabet and nothing else of a plan; names of entries are read from a file.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from remedy.addresses import ms_address
from remedy.change import Add, Change, Op, mods_of
from remedy.dialects import by_name
from remedy.dn import DN
from remedy.errors import RemedyError
from remedy.plan import Plan
from remedy.quoting import cmd_data, cmd_word
from remedy.scripts.base import Format, Piece, in_words, taken_back, top_of
from remedy.scripts.ldif import both_ways
from remedy.text import fold

__all__ = ["FORMAT"]

_TITLE = "records and batch files for ldifde"
_UNQUIET = re.compile(r"\\([^,+=#])|([^A-Za-z0-9 ,=._$/()+@#:'\\-])", re.DOTALL)
"""What could end double quotes or be read twice; of escaped characters also the blank and the backslash."""


@dataclass(frozen=True, slots=True)
class _Way:
    """One way, there or back."""

    name: str
    """``apply`` or ``undo``."""
    records: str
    """The file of its records."""
    changes: tuple[Change, ...]
    stays: bool = False
    """Whether a mailbox that was made stays."""


def _pieces(plan: Plan) -> Iterator[Piece]:
    """Give the records, and for each way its batch file and what that looks at first."""
    back = tuple(taken_back(step, plan.dialect) for step in reversed(plan.steps))
    stays = any(isinstance(change, Add) for change in plan.changes)
    ways = (_Way("apply", "change.ldf", plan.changes), _Way("undo", "undo.ldf", back, stays))
    for change in (change for way in ways for change in way.changes):
        _carried(change)
    for piece in both_ways(plan, width=0, newline="\r\n", suffix="ldf"):  # unwrapped: bb125087
        yield replace(piece, template="scripts/ldifde/records.ldf")
    yield from in_words(plan)
    for way in ways:
        yield from _batch(plan, way)


def _carried(change: Change) -> None:
    """Refuse what ldifde does not take."""
    if any(not value for mod in mods_of(change) for value in mod.values):
        raise RemedyError(
            f"{change.dn}: ldifde takes no empty value (Q271886). Leave the format ldifde out, or apply the plan with "
            "`remedy apply`."
        )


def _batch(plan: Plan, way: _Way) -> Iterator[Piece]:
    """Give the batch file of one way, the names it looks for, and the addresses that nobody may hold yet."""
    names_of = by_name(plan.dialect).names
    addresses, others = _addresses(way.changes, names_of.proxies, names_of.target)
    wanted = [*_places(way.changes), *(("below", top_of(change.dn)) for change in way.changes if addresses)]
    names = [(word, _named(dn, plan.dialect)) for word, dn in dict.fromkeys(wanted)]
    checks = tuple(f"{word} {dn}" for word, dn in names if _sayable(dn))
    told = {
        "digest": plan.digest,
        "way": way.name,
        "records": way.records,
        "exchange55": plan.dialect == "exchange55",
        "attributes": _attributes(way.changes),
        "addresses": bool(addresses),
        "unsaid": len(names) - len(checks) + others,
        "stays": way.stays,
    }
    yield Piece(name=f"{way.name}.cmd", template="scripts/ldifde/run.cmd", context=told, newline="\r\n")
    data = {f"{way.name}.check": checks, f"{way.name}.addresses": addresses}
    for name, lines in data.items():
        if lines or name.endswith(".check"):
            yield Piece(name=name, template="scripts/lines.txt", context={"lines": lines}, newline="\r\n")


def _places(changes: Iterable[Change]) -> Iterator[tuple[str, DN]]:
    """Give the entries that must be there, and those that must not."""
    for change in changes:
        if isinstance(change, Add):
            yield from (("exists", change.dn.parent), ("absent", change.dn))
        else:
            yield ("exists", change.dn)


def _named(dn: DN, dialect: str) -> str:
    """Write a name; in Active Directory what a batch file cannot hand on stands as its bytes (RFC 4514 §2.4).

    Exchange 5.5 reads names by RFC 1779, which knows no bytes.
    """
    return str(dn) if dialect == "exchange55" else _UNQUIET.sub(_as_bytes, str(dn))


def _as_bytes(found: re.Match[str]) -> str:
    """Give a character, escaped or not, as its bytes."""
    return "".join(f"\\{byte:02X}" for byte in (found[1] or found[2]).encode())


def _sayable(text: str) -> bool:
    """Tell whether a batch file can hand a text on."""
    try:
        cmd_data(text)
    except ValueError:
        return False
    return True


def _attributes(changes: Iterable[Change]) -> tuple[str, ...]:
    """Name the attributes to keep; none where a batch file cannot name them, which keeps them all."""
    names = tuple(dict.fromkeys(mod.attribute for change in changes for mod in mods_of(change)))
    try:
        return tuple(map(cmd_word, names))
    except ValueError:
        return ()


def _addresses(changes: Sequence[Change], proxies: str, target: str) -> tuple[tuple[str, ...], int]:
    """Give the lines that ldifde would write of who holds what is added; and count the values that are not looked for.

    Only Microsoft Mail addresses are looked for; what the same way takes from an entry is held, and rightly so.
    """
    mods = [mod for change in changes for mod in mods_of(change) if fold(mod.attribute) == fold(proxies)]
    keys = {op: [ms_address(value) for mod in mods if mod.op is op for value in mod.values] for op in Op}
    found = [ms for ms in keys[Op.ADD] if ms and ms not in keys[Op.DELETE]]
    lines = tuple(f"{name}: ms{mark}{ms}" for ms in found for name in (proxies, target) for mark in ":$")
    return lines, len(keys[Op.ADD]) - len(found)


FORMAT = Format(title=_TITLE, pieces=_pieces)
