"""The columns of Exchange Administrator exports, and what each is in the directory that Exchange 5.5 shows over LDAP.

Law: what a table does not show is named as not shown; it is never taken for not there.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from remedy.addresses import PostofficeName, ProxyAddress
from remedy.dialects.base import named
from remedy.dialects.exchange55 import CLASSES, EXCHANGE55, NAMES, home_on
from remedy.dn import DN, Ava
from remedy.entry import Entry
from remedy.text import fold

__all__ = ["COLUMNS", "CONTAINER", "HIDDEN", "NAME", "Column", "entry_of", "generated", "unseen"]

NAME, CONTAINER, HIDDEN = "Directory Name", "Obj-Container", "Hide from AB"  # Q184532, Q244595, Q185155
_SECONDARY, _PRIMARY, _BOTH = "Secondary-Proxy-Addresses", "E-mail Addresses", "Proxy-Addresses"
_TARGET = "E-mail Address"
_SERVER = "Home-Server"
_OBJECTS = {"mailbox": "organizationalPerson", "remote": "Remote-Address", "dl": "groupOfNames"}  # Q184532
_TRUTHS = {"1": "TRUE", "true": "TRUE", "yes": "TRUE", "0": "FALSE", "false": "FALSE", "no": "FALSE"}
_RECIPIENTS = {"mailbox", "custom-recipient", "distribution-list"}
_CONFIGURATION = DN.parse("cn=Configuration")

Pair = tuple[str, str]
"""An attribute and a value."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of a table tells."""

    pair: Callable[[str], Pair]
    """From a value, the attribute that holds it over LDAP, and how it is written there."""
    several: bool = False
    """Whether a cell can hold more than one."""


def _as(attribute: str, meant: Callable[[str], str] = str) -> Callable[[str], Pair]:
    """Put the values of a column into one attribute."""
    return lambda value: (attribute, meant(value))


@lru_cache(4096)
def _slashed(value: str) -> str:
    """Write a name in LDAP form; what is none stays as it is."""
    with suppress(ValueError):
        return str(named(value)) if value.startswith("/") else value
    return value


def _truth(value: str) -> str:
    """Write a truth as LDAP does; the table has numbers (Q244595)."""
    return _TRUTHS.get(fold(value.strip()), value)


def _address(value: str, *, primary: bool | None = None) -> Pair:
    """Put an address where LDAP shows it; ``primary`` is None where the case of the type says it (Q153028).

    The first SMTP and X.400 address have attributes of their own (SELFADSI).
    """
    try:
        proxy = ProxyAddress.parse(value)
    except ValueError:
        return NAMES.proxies, value
    first = proxy.primary if primary is None else primary
    own = {"smtp": NAMES.primaries[0][0], "x400": NAMES.primaries[1][0]}.get(fold(proxy.type))
    if first and own:
        return own, proxy.body
    kind = proxy.type.upper() if first else proxy.type.lower()
    return NAMES.proxies, f"{kind}{EXCHANGE55.separator}{proxy.body}"


_TOLD: Mapping[str, Column] = {
    "Obj-Class": Column(_as("objectClass", lambda value: _OBJECTS.get(fold(value.strip()), value.strip()))),
    "Object-Class": Column(_as("objectClass"), several=True),  # raw mode: OIDs (Q199412)
    NAME: Column(_as(NAMES.rdn)),
    "Common-Name": Column(_as(NAMES.rdn)),  # the same in raw mode (SELFADSI), as "Mail-nickname" is the alias
    "Alias Name": Column(_as(NAMES.alias)),  # SDK:sch_attr_9ztx
    "Mail-nickname": Column(_as(NAMES.alias)),
    _PRIMARY: Column(lambda value: _address(value, primary=True), several=True),  # Q188628
    _SECONDARY: Column(lambda value: _address(value, primary=False), several=True),  # Q155594: its types are upper case
    _BOTH: Column(_address, several=True),  # raw mode
    _TARGET: Column(_as(NAMES.target)),  # Q235329
    NAMES.target: Column(_as(NAMES.target)),
    HIDDEN: Column(_as(NAMES.hidden, _truth)),
    NAMES.hidden: Column(_as(NAMES.hidden, _truth)),
    NAMES.deleted: Column(_as(NAMES.deleted, _truth)),
    _SERVER: Column(_as(_SERVER)),
    CONTAINER: Column(_as(CONTAINER)),
    **{name: Column(_as(name)) for name in (NAMES.imported_from, NAMES.computer)},
    **{name: Column(_as(name), several=True) for name in (NAMES.routing, NAMES.template)},  # Q185155
    **{name: Column(_as(name, _slashed)) for name in (NAMES.store, NAMES.transfer, NAMES.client)},
    **{name: Column(_as(name, _slashed), several=True) for name in (*NAMES.exports, *NAMES.restrictions)},
}
COLUMNS: Mapping[str, tuple[str, Column]] = {fold(name): (name, column) for name, column in _TOLD.items()}
"""Each column that tells something, by its folded name, with the name as the program writes it."""


def entry_of(pairs: Iterable[Pair], where: str) -> Entry:
    """Make the entry of one row.

    Raises:
        ValueError: the row does not say its name.
    """
    values: dict[str, list[str]] = {}
    for attribute, value in pairs:
        values.setdefault(attribute, []).append(value)
    place, server = (values.pop(column, [""])[0].strip() for column in (CONTAINER, _SERVER))
    name = values.get(NAMES.rdn, [""])[0]
    if not name.strip():
        raise ValueError(f"{NAME} is blank")
    entry = Entry.of(_container(place).child("cn", name), values, where)
    return _at_home(entry, server) if server else entry


@lru_cache(1024)
def _container(text: str) -> DN:
    """Read where an object lies.

    Raises:
        ValueError: it is no whole name.
    """
    with suppress(ValueError):
        if text.startswith("/") and len(found := named(text)):
            return found
    raise ValueError(f"{CONTAINER} is {text!r}, and not a whole name such as /o=FABRIKAM/ou=SEATTLE/cn=Recipients")


def _at_home(entry: Entry, server: str) -> Entry:
    """Say of a mailbox on which server's store it lives (inference: in its own site), of all else the server's name."""
    own = _home(entry.dn.rdns[1:], server) if "mailbox" in _kinds(entry) else {NAMES.computer: server}
    for name, value in own.items():
        entry = entry if entry.has(name) else entry.with_values(name, (value.encode(),))
    return entry


@lru_cache(1024)
def _home(rdns: tuple[tuple[Ava, ...], ...], server: str) -> Mapping[str, str]:
    """Say where the mailboxes of a container live that are on a server."""
    home = home_on(_site(rdns), server)
    return {NAMES.store: home.store, NAMES.transfer: home.transfer}


@lru_cache(1024)
def _site(rdns: tuple[tuple[Ava, ...], ...]) -> DN:
    """Give the site of a container: the first part above all cn."""
    while rdns and fold(rdns[0][0].type) == "cn":
        rdns = rdns[1:]
    return DN(rdns)


def generated(entry: Entry) -> tuple[DN, PostofficeName] | None:
    """Give the site of a mailbox, and the postoffice of the address that was made for it; None if it shows none."""
    if "mailbox" not in _kinds(entry):
        return None
    for value in entry.texts(NAMES.proxies):
        if (
            value.startswith(f"MS{EXCHANGE55.separator}")
            and (ms := ProxyAddress.parse(value).ms)
            and not ms.is_postmaster
        ):
            return _site(entry.dn.rdns[1:]), ms.postoffice
    return None


def _kinds(entry: Entry) -> set[str]:
    """Say what the class of an entry shows."""
    return {kind for name in entry.texts("objectClass") if (kind := CLASSES.get(fold(name)))}


@lru_cache(1024)
def _configures(rdns: tuple[tuple[Ava, ...], ...]) -> bool:
    """Tell whether a container lies in the configuration of a site."""
    return any(DN((rdn,)) == _CONFIGURATION for rdn in rdns)


def unseen(columns: tuple[str, ...], entry: Entry) -> tuple[str, ...] | None:
    """Name the columns that are missing of those that show the addresses of an entry; ``columns`` are folded.

    None, if it is nobody mail is sent to: no class shows a recipient, and it lies in the configuration.
    """
    kinds = _kinds(entry)
    if not kinds & _RECIPIENTS and _configures(entry.dn.rdns[1:]):
        return None
    return _missing(columns, points="mailbox" not in kinds and "distribution-list" not in kinds)


@lru_cache(64)
def _missing(columns: tuple[str, ...], *, points: bool) -> tuple[str, ...]:
    """Name the columns that are missing for a recipient; ``points`` says whether it may have a target."""
    missing = [] if fold(_BOTH) in columns else [name for name in (_SECONDARY, _PRIMARY) if fold(name) not in columns]
    if points and not {fold(_TARGET), fold(NAMES.target)} & {*columns}:
        missing.append(_TARGET)
    return tuple(missing)
