"""The dangers of a plan, by name, each with the numbers that make it one."""

from collections.abc import Iterable, Iterator

from remedy.change import Add, Change, Delete, Modify, Op
from remedy.codes import HAZARDS
from remedy.estate import Estate
from remedy.findings import Hazard
from remedy.plan import Plan
from remedy.text import counted, joined, printable

__all__ = ["hazards", "hazards_of"]

_ORDER = tuple(HAZARDS)
_MANY = 20  # contract: many-changes past 20 entries
_UNSAFE_VERSIONS = {"", "4.0"}  # Q152924: fixed in 4.0 SP3


def hazards(estate: Estate, changes: Iterable[Change], *, version: str, cap: int, hard_cap: int) -> tuple[Hazard, ...]:
    """Name the dangers of carrying out some changes on an estate."""
    every = tuple(changes)
    found = (*_by_themselves(every), *_found(estate, every, version, cap, hard_cap))
    return tuple(sorted(found, key=lambda hazard: _ORDER.index(hazard.name)))


def hazards_of(plan: Plan) -> tuple[Hazard, ...]:
    """Give each danger that is to be allowed before a plan is carried out, by whatever means.

    These are the ones that it names, and then those that its changes show by themselves and that it does not name.
    """
    named = {item["name"]: Hazard(item["name"], item["detail"]) for item in plan.hazards}
    found = {hazard.name: hazard for hazard in _by_themselves(plan.changes)}
    return (*named.values(), *(found[name] for name in sorted(found.keys() - named.keys())))


def _by_themselves(changes: tuple[Change, ...]) -> Iterator[Hazard]:
    """Look for each danger that the changes alone show."""
    created = [str(change.dn) for change in changes if isinstance(change, Add)]
    if created:
        yield Hazard("creates-mailbox", f"{counted(len(created), 'new mailbox', 'new mailboxes')}: {_named(created)}.")
    taken = [change for change in changes if _deletes(change)]
    if taken:
        names = _named(str(change.dn) for change in taken)
        yield Hazard("takes-address", f"values are removed from {counted(len(taken), 'entry', 'entries')}: {names}.")
    touched = [change for change in changes if not _only_adds_values(change)]
    if taken or len(touched) > _MANY:
        yield Hazard("many-changes", f"the plan touches {counted(len(changes), 'entry', 'entries')}.")


def _found(estate: Estate, changes: tuple[Change, ...], version: str, cap: int, hard_cap: int) -> Iterator[Hazard]:
    """Look for each danger that the estate and the options show."""
    pulling = dict.fromkeys(requestor.dn for requestor in estate.requestors if requestor.pulls)
    if changes and pulling and version in _UNSAFE_VERSIONS:
        stated = f"version {version}" if version else "the version is not stated"
        yield Hazard(
            "dirsync-wipe", f"Exchange is a directory synchronisation requestor ({_named(pulling)}); {stated}."
        )
    if changes and cap > hard_cap:
        yield Hazard("over-limit", f"--max-proxies {cap} is past {hard_cap}, the highest number known to work.")


def _deletes(change: Change) -> bool:
    """Tell whether a change takes something away."""
    return isinstance(change, Delete) or (
        isinstance(change, Modify) and any(mod.op is Op.DELETE for mod in change.mods)
    )


def _only_adds_values(change: Change) -> bool:
    """Tell whether a change only adds values to an entry, which never counts (contract: many-changes)."""
    return isinstance(change, Modify) and not _deletes(change)


def _named(dns: Iterable[str]) -> str:
    """Give a few names."""
    return joined(map(printable, dns), most=3)
