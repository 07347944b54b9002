"""The checks: what there is to say about an estate, one function a subject, each giving findings."""

from collections.abc import Callable, Iterable, Iterator

from remedy.addresses import POSTMASTER, AddressSpace, SpaceKind, is_mangled
from remedy.coverage import Coverage, Row, View
from remedy.estate import MAILBAG_LIMIT, USER_LIMIT, PostofficeKind, Recipient, RecipientKind
from remedy.findings import Finding, sort_findings
from remedy.own import Own, own_mailbox
from remedy.roster import own_names
from remedy.text import counted, fold, joined, printable

__all__ = ["checked", "judged_sinks", "lies_in"]

_NEAR = 0.8  # contract: near-limit from 80 % on; 3,277 of 4,096 messages


def checked(view: View) -> tuple[Finding, ...]:
    """Run every check."""
    return sort_findings(finding for check in _CHECKS for finding in check(view))


def _exposed(view: View) -> Iterator[Finding]:
    """Report postoffices whose postmaster address nobody holds."""
    for row in view.rows:
        name = str(row.po.name)
        if row.po.skipped:
            yield Finding("skipped", name, f"{name} is {row.coverage}, but an inventory says to skip it.")
        elif row.coverage is Coverage.EXPOSED:
            address = row.po.name.postmaster
            text = f"Nobody holds {address}: a reply to a report loops."
            if row.po.unseen:
                text = (
                    f"Nobody is seen to hold {address}, but not every address is shown. If nobody does, a reply loops."
                )
            yield Finding("exposed", name, text)
        elif row.coverage is Coverage.CONFLICT:
            held = joined(f"{holder.kind} {printable(holder.dn)}" for holder in row.po.holders)
            text = f"{row.po.name.postmaster} is held by {held}. Decide which one keeps it; the others must lose it."
            yield Finding("duplicate-address", name, text)


def _mailbags(view: View) -> Iterator[Finding]:
    """Report full mailbags, filling ones, and postoffices without room for a POSTMASTER."""
    for row in view.rows:
        if not (row.po.listings or row.po.mailbag):
            continue
        name, pending, users = str(row.po.name), row.po.pending, row.po.users
        if row.po.skipped:
            continue
        if own_mailbox(row.po) is Own.FULL:
            text = f"The POSTMASTER mailbox of {name} holds {pending:,} messages, which is all it takes."
            yield Finding("mailbox-full", name, text)
        elif pending is not None and pending >= _NEAR * MAILBAG_LIMIT:
            text = f"The POSTMASTER mailbox of {name} holds {pending:,} of {MAILBAG_LIMIT:,} messages."
            yield Finding("near-limit", name, text)
        elif (bag := row.po.mailbag) and bag.records >= _NEAR * MAILBAG_LIMIT:
            text = f"The POSTMASTER mailbox of {name} holds at most {bag.records:,} of {MAILBAG_LIMIT:,} messages"
            fix = "Compress the postoffice, which drops deleted messages (Q146113), then measure again."
            yield Finding("near-limit", name, f"{text} ({printable(bag.source)} {bag.where}).", fix)
        if users is not None and users >= USER_LIMIT and True not in row.po.told("postmaster"):
            yield Finding("user-limit", name, f"{name} has {users} users: there is no room for a POSTMASTER mailbox.")


def _names(view: View) -> Iterator[Finding]:
    """Report names of exactly ten characters."""
    for row in view.rows:
        for part in sorted({row.po.name.network, row.po.name.name}):
            if len(part) == 10:  # noqa: PLR2004 - Q127003, Q128627: exactly ten
                text = f"{part} has exactly ten characters."
                yield Finding("ten-character-name", str(row.po.name), text)


def _disagreements(view: View) -> Iterator[Finding]:
    """Report what two sources tell differently."""
    for row in view.rows:
        if not row.po.listings:
            continue
        for fact in ("kind", "postmaster", "pending", "users", "strategy"):
            if len(row.po.told(fact)) > 1:
                told = joined(
                    f"{printable(item.source)} {item.where} says {_said(getattr(item, fact))}"
                    for item in row.po.listings
                    if getattr(item, fact) not in {None, ""}
                )
                yield Finding("sources-disagree", str(row.po.name), f"{fact}: {told}.")
        yield from _against_directory(row)
        if (bag := row.po.mailbag) and (row.po.pending or 0) > bag.records:
            text = f"pending: an inventory says {row.po.pending:,}, but {printable(bag.source)} {bag.where}"
            yield Finding("sources-disagree", str(row.po.name), f"{text} shows at most {bag.records:,}.")


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


def _spaces(view: View) -> Iterator[Finding]:
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


def _recipients(view: View) -> Iterator[Finding]:
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


def _systems(view: View) -> Iterator[Finding]:
    """Report $SYSTEM recipients that no requestor names (Q180434)."""
    named = {requestor.client for requestor in view.estate.requestors}
    own = own_names(view.estate)
    for recipient in view.estate.recipients:
        target = recipient.target.ms if recipient.target else None
        if target and target.is_system and target.postoffice not in own and recipient.order not in named:
            text = f"{printable(recipient.dn)} stands for {target}, and no requestor names it."
            yield Finding("stale-system-recipient", recipient.dn, text)


def _shadows(view: View) -> Iterator[Finding]:
    """Report the shadow postoffices' own postmaster addresses."""
    for row in view.shadow_rows:
        address = row.po.name.postmaster
        if row.po.holders:
            held = joined(printable(holder.dn) for holder in row.po.holders)
            text = (
                f"{address} belongs to Exchange itself and is held by {held}; only a test message proves that it works."
            )
        else:
            text = f"{address} belongs to Exchange itself; reports of the connector come from it ({row.walk.outcome})."
        yield Finding("shadow-postmaster", str(row.po.name), text)


def _reading(view: View) -> Iterator[Finding]:
    """Report what was wrong with the sources themselves."""
    for source, sentence in view.estate.truncated.items():
        yield Finding("maybe-truncated", source, sentence)
    for fault in view.estate.faults:
        yield Finding(
            "inventory-row", fault.source if fault.line is None else f"{fault.source}:{fault.line}", f"{fault}."
        )
    for fault in view.estate.oddities:
        yield Finding("inventory-column", fault.source, f"{fault}.")
    for dn, sentence in view.estate.clashes:
        yield Finding("sources-disagree", dn, sentence)
    for listing in view.estate.listings:
        if listing.kind in {PostofficeKind.GATEWAY, PostofficeKind.SHADOW}:
            text = f"{printable(listing.source)} {listing.where} calls {listing.name} a {listing.kind}."
            yield Finding("not-a-postoffice", str(listing.name), text)
        elif listing.name.reserved:
            text = f"{printable(listing.source)} {listing.where}: {listing.name} has a name kept for gateways."
            yield Finding("reserved-network", str(listing.name), text)


def _unseen(view: View) -> Iterator[Finding]:
    """Report what a directory may hold that its source does not show."""
    for source, servers in view.estate.elsewhere.items():
        text = f"{printable(source)} leaves parts of the directory to {joined(map(printable, servers), most=5)}."
        yield Finding("not-asked", source, text)
    for source, hidden in view.estate.hidden.items():
        if not hidden:
            fix = view.estate.to_see_hidden.get(source, "")
            yield Finding("no-hidden-objects-seen", source, f"{printable(source)} shows no hidden object.", fix)
    for source, why in view.estate.unseen.items():
        yield Finding("addresses-unseen", source, f"{printable(source)}: {why}.")


def _sinks(view: View) -> Iterator[Finding]:
    """Report on the mailboxes that hold postmaster addresses already."""
    held = [item for item in view.estate.recipients if item.kind is RecipientKind.MAILBOX and item.postmasters]
    yield from judged_sinks(view, held)


def lies_in(order: str, containers: Iterable[str]) -> bool:
    """Tell whether a name is one of some containers or lies below one; all of them are in normal form."""
    return any(order == container or order.endswith("," + container) for container in containers)


def judged_sinks(view: View, sinks: Iterable[Recipient]) -> Iterator[Finding]:
    """Report what speaks against mailboxes as sinks."""
    exports = {order for requestor in view.estate.requestors for order in requestor.exports}
    for sink in sinks:
        if sink.restrictions:
            text = f"{printable(sink.dn)} has {printable(joined(sink.restrictions))}."
            yield Finding("sink-restricted", sink.dn, text)
        if lies_in(sink.order, exports):
            text = f"{printable(sink.dn)} lies in a container that directory synchronisation exports."
            yield Finding("sink-exported", sink.dn, text)
        cap = view.cap_of(sink)
        if cap and sink.addresses >= _NEAR * cap:
            text = f"{printable(sink.dn)} holds {counted(sink.addresses, 'address', 'addresses')}; the cap is {cap}."
            yield Finding("near-limit", sink.dn, text)
        if sink.policy:
            yield Finding("address-policy", sink.dn, f"{printable(sink.dn)}: {printable(sink.policy)}.")
        if sink.copies:
            text = f"{printable(sink.dn)} stands in the other directory as {printable(joined(sink.copies))}"
            yield Finding("copied-entry", sink.dn, f"{text}; the first one owns the mailbox.")
        elif not sink.owned:
            text = (
                f"the message store of {printable(sink.dn)} is named as one of Exchange 5.5, whose directory owns it."
            )
            yield Finding("copied-entry", sink.dn, text)


_CHECKS: tuple[Callable[[View], Iterator[Finding]], ...] = (
    _exposed, _mailbags, _names, _disagreements, _spaces, _recipients, _systems, _shadows, _reading, _unseen,
    _sinks,
)  # fmt: skip
