"""A POSIX shell script round OpenLDAP's ldapsearch and ldapmodify: it looks first, notes, changes one entry at a time.

Law: an entry is changed as a whole or not at all, and only if it is as the plan expects it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remedy.addresses import ms_address
from remedy.change import Add, Change, Modify, Op, mods_of
from remedy.dialects import STAYS, by_name
from remedy.dialects.base import Dialect
from remedy.dn import DN
from remedy.ldif import dump_value
from remedy.plan import Plan, Step
from remedy.quoting import ldap_dn, ldap_filter
from remedy.scripts.base import Format, Piece, taken_back, top_of

__all__ = ["FORMAT"]

_TITLE = "A shell script for ldapmodify (OpenLDAP)"
_MOST = 25
"""Addresses that one search looks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Lines of LDIF that belong together."""

    op: str
    """``add`` or ``delete``; empty for the lines of a new entry."""
    attribute: str
    lines: tuple[str, ...]
    looked: bool = True
    """Whether an entry that shows these values is taken to be as wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One entry as the script is told of it."""

    id: str
    reason: str
    dn: str
    line: str
    """The name as a line of LDIF."""
    kind: str
    """``changed``, ``new``, or ``emptied``: a new one on the way back."""
    container: str
    attributes: tuple[str, ...]
    """What to look at."""
    parts: tuple[_Part, ...]
    asks: tuple[str, ...]
    """Filters that find whoever holds an address that is added."""
    top: str
    """Where they are looked for."""
    by_hand: str


def _pieces(plan: Plan) -> Iterator[Piece]:
    """Give the way there and the way back."""
    dialect, back = by_name(plan.dialect), tuple(reversed(plan.steps))
    ways = {
        "apply": _told(plan.steps, plan.changes, dialect),
        "undo": _told(back, (taken_back(step, plan.dialect) for step in back), dialect),
    }
    for way, entries in ways.items():
        told = {
            "title": _TITLE,
            "digest": plan.digest,
            "way": way,
            "trusted": not dialect.sweep,  # 5.5: equality on otherMailbox is unknown [U]
            "entries": entries,
            "by_hand": tuple(dict.fromkeys(entry.by_hand for entry in entries if entry.by_hand)),
        }
        yield Piece(name=f"{way}.sh", template=f"scripts/ldapmodify/{way}.sh", context=told, executable=True)


def _told(steps: Iterable[Step], changes: Iterable[Change], dialect: Dialect) -> tuple[_Told, ...]:
    """Put changes into words."""
    return tuple(_entry(step, change, dialect) for step, change in zip(steps, changes, strict=True))


def _entry(step: Step, change: Change, dialect: Dialect) -> _Told:
    """Put one change into words."""
    new, emptied = isinstance(change, Add), isinstance(step.change, Add) and isinstance(change, Modify)
    names = dict.fromkeys(mod.attribute for mod in mods_of(change))
    return _Told(
        id=step.id,
        reason=step.reason,
        dn=ldap_dn(change.dn),
        line=dump_value("dn", str(change.dn).encode(), 0).rstrip("\n"),
        kind="new" if new else "emptied" if emptied else "changed",
        container=ldap_dn(change.dn.parent) if new else "",
        attributes=("*",) if new else tuple(names),
        parts=tuple(_new_parts(change) if isinstance(change, Add) else _parts(change)),
        asks=tuple(_asks(change, dialect)),
        top=ldap_dn(top_of(change.dn)),
        by_hand=STAYS if emptied else "",
    )


def _parts(change: Change) -> Iterator[_Part]:
    """Give the parts of a modification."""
    for mod in mods_of(change):
        yield _Part(op=str(mod.op), attribute=mod.attribute, lines=_lines(mod.attribute, mod.values))


def _new_parts(change: Add) -> Iterator[_Part]:
    """Give the attributes of a new entry; a server may show names, and classes with those above them, in its own way."""
    for item in change.entry:
        looked = item.base != "objectclass" and not any(map(_is_name, item.values))
        yield _Part(op="", attribute=item.name, lines=_lines(item.name, item.values), looked=looked)


def _lines(name: str, values: Iterable[bytes]) -> tuple[str, ...]:
    """Write values as lines of LDIF, folded nowhere."""
    return tuple(dump_value(name, value, 0).rstrip("\n") for value in values)


def _is_name(value: bytes) -> bool:
    """Tell whether a value is a distinguished name."""
    try:
        return b"=" in value and bool(DN.parse(value.decode()).rdns)
    except ValueError:
        return False


def _asks(change: Change, dialect: Dialect) -> Iterator[str]:
    """Give filters for whoever holds an address that is added, as a proxy or as a target, with either mark."""
    added = [value for mod in mods_of(change) if mod.op is Op.ADD for value in mod.values]
    addresses = tuple(dict.fromkeys(filter(None, map(ms_address, added))))
    names = (dialect.names.proxies, dialect.names.target)
    for start in range(0, len(addresses), _MOST):
        some = addresses[start : start + _MOST]
        terms = (f"({name}={ldap_filter(f'MS{mark}{text}')})" for text in some for name in names for mark in "$:")
        yield f"(|{''.join(terms)})"


FORMAT = Format(title=_TITLE, pieces=_pieces)
