"""The survey: how each postoffice is covered, and what there is to say about the estate.

Coverage follows the contract's table; the outcome comes from the message flow, so that the two cannot drift apart
unnoticed (a test holds them together).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase

from remedy.addresses import POSTMASTER, AddressSpace, PostofficeName, SpaceKind, is_mangled
from remedy.errors import Refused
from remedy.estate import MAILBAG_LIMIT, USER_LIMIT, Estate, Postoffice, PostofficeKind, Recipient, RecipientKind
from remedy.findings import Finding, Severity, sort_findings
from remedy.flow import Outcome, Own, Walk, own_mailbox, walk
from remedy.roster import own_names, postoffices, shadows
from remedy.text import counted, fold, joined, printable

__all__ = ["Coverage", "Row", "Scope", "Survey", "judged_sinks", "survey"]

_NEAR = 0.8  # contract: near-limit from 80 % on; 3,277 of 4,096 messages


class Coverage(StrEnum):
    """What the sources show about mail to a postmaster address."""

    EXPOSED = "exposed"
    EXCHANGE = "exchange-mailbox"
    POSTOFFICE = "postoffice-mailbox"
    BOTH = "both"
    CONFLICT = "conflict"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which postoffices are looked at, by patterns on NETWORK/POSTOFFICE without case."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def takes(self, name: PostofficeName) -> bool:
        """Tell whether a postoffice is inside."""
        text = fold(str(name))
        wanted = not self.include or any(fnmatchcase(text, fold(glob)) for glob in self.include)
        return wanted and not any(fnmatchcase(text, fold(glob)) for glob in self.exclude)


@dataclass(frozen=True, slots=True)
class Row:
    """One postoffice as the survey sees it."""

    po: Postoffice
    coverage: Coverage
    inferred: bool
    """Whether the coverage is only likely."""
    walk: Walk

    @property
    def uncovered(self) -> bool:
        """Whether something has to be done for it."""
        return self.coverage in {Coverage.EXPOSED, Coverage.FULL}


@dataclass(frozen=True, slots=True)
class Survey:
    """The postoffices, the shadow postoffices, and the findings."""

    rows: tuple[Row, ...]
    shadow_rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    estate: Estate
    cap: int
    """Addresses that one entry should hold at most."""

    def ignoring(self, codes: tuple[str, ...]) -> "Survey":
        """Give the survey without the findings of some codes."""
        return replace(self, findings=tuple(item for item in self.findings if item.code not in codes))

    @property
    def alarming(self) -> bool:
        """Whether a finding is an error."""
        return any(item.severity is Severity.ERROR for item in self.findings)

    def summary(self) -> dict[str, int]:
        """Count the postoffices by coverage."""
        covers = [row.coverage for row in self.rows]
        covered = {Coverage.EXCHANGE, Coverage.POSTOFFICE, Coverage.BOTH}
        return {
            "postoffices": len(covers),
            "covered": sum(cover in covered for cover in covers),
            "exposed": covers.count(Coverage.EXPOSED),
            "conflict": covers.count(Coverage.CONFLICT),
            "full": covers.count(Coverage.FULL),
            "findings": len(self.findings),
        }


def survey(estate: Estate, *, cap: int, scope: Scope | None = None) -> Survey:
    """Judge every postoffice of an estate; ``cap`` is the number of addresses that an entry should hold at most.

    Raises:
        Refused: there is no postoffice, or none inside the scope.
    """
    every = postoffices(estate)
    if not every:
        raise Refused(
            "No Microsoft Mail postoffice was found in the sources, so nothing can be said. Check that the export "
            "holds the connectors and the custom recipients, or give an inventory as a further source."
        )
    rows = tuple(_row(po) for po in every if (scope or Scope()).takes(po.name))
    if not rows:
        known = joined((str(po.name) for po in every), most=5)
        raise Refused(f"--include and --exclude leave no postoffice; the sources show {known}. Widen the patterns.")
    shadow_rows = tuple(_row(po) for po in shadows(estate))
    base = Survey(rows, shadow_rows, (), estate, cap)
    return replace(base, findings=sort_findings(finding for judge in _JUDGES for finding in judge(base)))


def _row(po: Postoffice) -> Row:
    """Judge one postoffice."""
    own = own_mailbox(po)
    return Row(po, _coverage(po, own), _inferred(po, own), walk(po))


def _coverage(po: Postoffice, own: Own) -> Coverage:
    """Say how a postoffice is covered (contract: "What the words of a result mean")."""
    if len(po.holders) > 1:
        return Coverage.CONFLICT
    holder = po.holders[0] if po.holders else None
    if holder and holder.kind is RecipientKind.MAILBOX:
        known = True in po.told("postmaster") or own is Own.FULL
        return Coverage.BOTH if known and own is not Own.UNKNOWN else Coverage.EXCHANGE
    if own is Own.FULL:
        return Coverage.FULL
    if holder:
        return Coverage.POSTOFFICE if holder.kind is RecipientKind.CUSTOM_RECIPIENT else Coverage.EXCHANGE
    return Coverage.POSTOFFICE if own is Own.ROOM else Coverage.EXPOSED


def _inferred(po: Postoffice, own: Own) -> bool:
    """Say whether the coverage is only likely: it hangs on an entry that may be stale or leads elsewhere."""
    if len(po.holders) != 1 or po.holders[0].kind is RecipientKind.MAILBOX:
        return False
    return own not in {Own.ROOM, Own.FULL}


def _exposed(view: Survey) -> Iterator[Finding]:
    """Report postoffices whose postmaster address nobody holds."""
    for row in view.rows:
        name = str(row.po.name)
        if row.po.skipped:
            yield Finding("skipped", name, f"{name} is {row.coverage}, but an inventory says to skip it.")
        elif row.coverage is Coverage.EXPOSED:
            yield Finding("exposed", name, f"Nobody holds {row.po.name.postmaster}: a reply to a report loops.")
        elif row.coverage is Coverage.CONFLICT:
            held = joined(f"{holder.kind} {printable(holder.dn)}" for holder in row.po.holders)
            text = f"{row.po.name.postmaster} is held by {held}. Decide which one keeps it; the others must lose it."
            yield Finding("duplicate-address", name, text)


def _mailbags(view: Survey) -> Iterator[Finding]:
    """Report full mailbags, filling ones, and postoffices without room for a POSTMASTER."""
    for row in view.rows:
        name, pending, users = str(row.po.name), row.po.pending, row.po.users
        if row.po.skipped:
            continue
        if own_mailbox(row.po) is Own.FULL:
            text = f"The POSTMASTER mailbox of {name} holds {pending:,} messages, which is all it takes."
            yield Finding("mailbox-full", name, text)
        elif pending is not None and pending >= _NEAR * MAILBAG_LIMIT:
            text = f"The POSTMASTER mailbox of {name} holds {pending:,} of {MAILBAG_LIMIT:,} messages."
            yield Finding("near-limit", name, text)
        if users is not None and users >= USER_LIMIT and True not in row.po.told("postmaster"):
            yield Finding("user-limit", name, f"{name} has {users} users: there is no room for a POSTMASTER mailbox.")


def _names(view: Survey) -> Iterator[Finding]:
    """Report names of exactly ten characters."""
    for row in view.rows:
        for part in sorted({row.po.name.network, row.po.name.name}):
            if len(part) == 10:  # noqa: PLR2004 - Q127003, Q128627: exactly ten
                text = f"{part} has exactly ten characters."
                yield Finding("ten-character-name", str(row.po.name), text)


def _disagreements(view: Survey) -> Iterator[Finding]:
    """Report what two sources tell differently."""
    for row in view.rows:
        for fact in ("kind", "postmaster", "pending", "users", "strategy"):
            if len(row.po.told(fact)) > 1:
                told = joined(
                    f"{printable(item.source)} {item.where} says {_said(getattr(item, fact))}"
                    for item in row.po.listings
                    if getattr(item, fact) not in {None, ""}
                )
                yield Finding("sources-disagree", str(row.po.name), f"{fact}: {told}.")
        yield from _against_directory(row)


def _said(value: object) -> str:
    """Give an inventory's value in its own words."""
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _against_directory(row: Row) -> Iterator[Finding]:
    """Report an inventory that denies what the directory or it itself shows."""
    if False not in row.po.told("postmaster"):
        return
    name = str(row.po.name)
    for holder in row.po.holders:
        if holder.kind is RecipientKind.CUSTOM_RECIPIENT:
            text = f"an inventory says that there is no POSTMASTER, but {printable(holder.dn)} points at it."
            yield Finding("sources-disagree", name, text)
    if row.po.pending:
        text = f"an inventory says that there is no POSTMASTER, but also that it holds {row.po.pending:,} messages."
        yield Finding("sources-disagree", name, text)


def _spaces(view: Survey) -> Iterator[Finding]:
    """Report address spaces that name no postoffice."""
    for connector in view.estate.connectors:
        for space in connector.spaces:
            if space.kind is SpaceKind.SMTP and connector.is_ms_mail:
                text = f"{printable(connector.dn)} carries the address space {printable(space.text)}."
                yield Finding("smtp-space-on-ms-connector", connector.dn, text)
            elif space.kind in _SPACE_CODES:
                code, says = _SPACE_CODES[space.kind]
                text = f"The address space {printable(space.text)} {says}{_because(space)}."
                yield Finding(code, connector.dn, text)


_SPACE_CODES = {
    SpaceKind.WILDCARD: ("wildcard-address-space", "covers more than one postoffice"),
    SpaceKind.RESERVED: ("reserved-network", "carries a network name that is kept for gateways"),
    SpaceKind.APPLETALK: ("appletalk-address-space", "is for AppleTalk"),
    SpaceKind.INVALID: ("invalid-address", "is no Microsoft Mail address"),
}


def _because(space: AddressSpace) -> str:
    """Give the reason why a space is invalid."""
    return f": {printable(space.fault)}" if space.fault else ""


def _recipients(view: Survey) -> Iterator[Finding]:
    """Report recipients that hold postmaster addresses in a way that needs a look."""
    for recipient in view.estate.recipients:
        yield from _spellings(recipient)
        if recipient.kind is RecipientKind.MAILBOX:
            if fold(recipient.alias) == fold(POSTMASTER):
                text = f"The mailbox {printable(recipient.dn)} is called {printable(recipient.alias)}."
                yield Finding("alias-postmaster", recipient.dn, text)
        elif recipient.postmasters:
            yield _foreign_holder(recipient)


def _spellings(recipient: Recipient) -> Iterator[Finding]:
    """Report postmaster addresses that are generated, primary, reserved or impossible."""
    for proxy in recipient.held:
        if not proxy.is_ms:
            continue
        mailbox, ms, shown = proxy.body.rpartition("/")[2].strip(), proxy.ms, printable(str(proxy))
        if is_mangled(mailbox):
            text = f"{printable(recipient.dn)} has {shown}, which gets no postmaster mail."
            yield Finding("postmast0", recipient.dn, text)
        elif fold(mailbox) != fold(POSTMASTER):
            continue
        elif not ms:
            yield Finding("invalid-address", recipient.dn, f"{shown} is no Microsoft Mail address.")
        elif ms.postoffice.reserved:
            yield Finding("reserved-network", recipient.dn, f"{shown} carries a network name kept for gateways.")
        elif proxy.primary and recipient.kind is RecipientKind.MAILBOX and proxy in recipient.proxies:
            yield Finding("primary-postmaster", recipient.dn, f"{shown} is the primary address of its mailbox.")


def _foreign_holder(recipient: Recipient) -> Finding:
    """Report a holder that is no mailbox, with how to check it."""
    held = joined((str(name.postmaster) for name in sorted(recipient.postmasters)), most=3)
    if recipient.kind is not RecipientKind.CUSTOM_RECIPIENT:
        text = f"{printable(recipient.dn)} ({recipient.kind}) holds {held}."
        return Finding("holder-is-not-a-mailbox", recipient.dn, text)
    if recipient.imported_from:
        text = (
            f"{printable(recipient.dn)}, synchronised in by {printable(recipient.imported_from)}, holds {held}: the "
            "postoffice has a POSTMASTER mailbox."
        )
        fix = "Keep POSTMASTER out of directory synchronisation before the address is moved to an Exchange mailbox."
        return Finding("custom-recipient-holds-postmaster", recipient.dn, text, fix)
    text = f"{printable(recipient.dn)}, made by hand or left over, holds {held}: it may point at nothing."
    return Finding("custom-recipient-holds-postmaster", recipient.dn, text)


def _systems(view: Survey) -> Iterator[Finding]:
    """Report $SYSTEM recipients that no requestor names (Q180434)."""
    named = {requestor.client for requestor in view.estate.requestors}
    own = own_names(view.estate)
    for recipient in view.estate.recipients:
        target = recipient.target.ms if recipient.target else None
        if target and target.is_system and target.postoffice not in own and recipient.order not in named:
            text = f"{printable(recipient.dn)} stands for {target}, and no requestor names it."
            yield Finding("stale-system-recipient", recipient.dn, text)


def _shadows(view: Survey) -> Iterator[Finding]:
    """Report the shadow postoffices' own postmaster addresses."""
    for row in view.shadow_rows:
        address = row.po.name.postmaster
        if row.walk.outcome is Outcome.DELIVERS:
            text = f"{address} is held by {printable(row.po.holders[0].dn)}; only a test message proves that it works."
        else:
            text = f"{address} belongs to Exchange itself; reports of the connector come from it ({row.walk.outcome})."
        yield Finding("shadow-postmaster", str(row.po.name), text)


def _reading(view: Survey) -> Iterator[Finding]:
    """Report what was wrong with the sources themselves."""
    for sentence in view.estate.truncated:
        yield Finding("maybe-truncated", sentence.partition(":")[0], sentence)
    for fault in view.estate.faults:
        yield Finding("inventory-row", f"{fault.source}:{fault.line}", fault.message)
    for fault in view.estate.oddities:
        yield Finding("inventory-column", fault.source, fault.message)
    for source, hidden in view.estate.hidden.items():
        if not hidden:
            yield Finding("no-hidden-objects-seen", source, f"{printable(source)} shows no hidden object.")
    for listing in view.estate.listings:
        if listing.kind in {PostofficeKind.GATEWAY, PostofficeKind.SHADOW}:
            text = f"{printable(listing.source)} {listing.where} calls {listing.name} a {listing.kind}."
            yield Finding("not-a-postoffice", str(listing.name), text)
        elif listing.name.reserved:
            text = f"{printable(listing.source)} {listing.where}: {listing.name} has a name kept for gateways."
            yield Finding("reserved-network", str(listing.name), text)


def _sinks(view: Survey) -> Iterator[Finding]:
    """Report on the mailboxes that hold postmaster addresses already."""
    held = [item for item in view.estate.recipients if item.kind is RecipientKind.MAILBOX and item.postmasters]
    yield from judged_sinks(view, held)


def judged_sinks(view: Survey, sinks: list[Recipient]) -> Iterator[Finding]:
    """Report what speaks against mailboxes as sinks."""
    exports = {order for requestor in view.estate.requestors for order in requestor.exports}
    for sink in sinks:
        if sink.restrictions:
            text = f"{printable(sink.dn)} has {printable(joined(sink.restrictions))}."
            yield Finding("sink-restricted", sink.dn, text)
        if any(sink.order == order or sink.order.endswith("," + order) for order in exports):
            text = f"{printable(sink.dn)} lies in a container that directory synchronisation exports."
            yield Finding("sink-exported", sink.dn, text)
        if sink.addresses >= _NEAR * view.cap:
            text = (
                f"{printable(sink.dn)} holds {counted(sink.addresses, 'address', 'addresses')}; the cap is {view.cap}."
            )
            yield Finding("near-limit", sink.dn, text)


_JUDGES: tuple[Callable[[Survey], Iterator[Finding]], ...] = (
    _exposed, _mailbags, _names, _disagreements, _spaces, _recipients, _systems, _shadows, _reading, _sinks,
)  # fmt: skip
