"""Resolution 2 of Q175447: Exchange mailboxes hold the postmaster address of each postoffice as a secondary one.

Law: an address that anybody holds already is never added again; only secondary addresses are added.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from remedy.addresses import POSTMASTER, PostofficeName, is_mangled
from remedy.checks import judged_sinks, lies_in
from remedy.errors import Refused, UsageError
from remedy.estate import Connector, Estate, Home, Postoffice, PostofficeKind, Recipient, RecipientKind, Site
from remedy.findings import Finding
from remedy.intents import AddProxies, CreateMailbox, CreatePostmaster, Intent
from remedy.strategies.base import Decision, Limits, Options, Reasoned, Sink, find_recipient, pending
from remedy.strategies.postoffice import barred, step
from remedy.survey import Survey
from remedy.text import counted, fold, printable

__all__ = ["NEW_ALIAS", "decide", "first_choice", "is_taken"]

NEW_ALIAS = "MSPMGATE"
"""The alias of a new mailbox: the generator leaves it alone (facts: design rule 4)."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A mailbox that could take addresses."""

    dn: str
    room: int
    reason: str
    recipient: Recipient | None = None
    alias: str = ""
    home: Home | None = None


def decide(survey: Survey, options: Options, limits: Limits) -> Decision:
    """Spread the missing postmaster addresses over as few mailboxes as hold them.

    Raises:
        UsageError: the options contradict one another or the alias cannot be kept.
        Refused: there is no mailbox to use and nothing shows where a new one would live.
    """
    _checked(options, limits)
    rows = {row.po.name: row.po for row in survey.rows}
    todo = [rows[name] for name in pending(survey)]
    wanted = [po.name for po in todo if not is_taken(po)]
    if options.include_connector_po:
        wanted += [row.po.name for row in survey.shadow_rows if not row.po.holders]
    emptied = tuple(_emptied(po) for po in todo if is_taken(po))
    return _spread(wanted, survey, options, limits).plus(Decision(manual=emptied))


def is_taken(po: Postoffice) -> bool:
    """Tell whether somebody holds the address, or directory synchronisation will bring an entry that does (Q251152)."""
    return bool(po.holders) or po.synchronised


def _checked(options: Options, limits: Limits) -> None:
    """Refuse options that cannot be meant."""
    if options.mailbox and options.new_mailbox:
        raise UsageError("--mailbox and --new-mailbox exclude each other: name the mailbox to use, or the one to make.")
    if (options.like or options.container) and not options.new_mailbox:
        raise UsageError("--like and --container shape a new mailbox: give its alias with --new-mailbox.")
    alias = options.new_mailbox
    if alias and not (alias.isascii() and alias.isalnum() and len(alias) <= 10):  # noqa: PLR2004 - Q116466
        raise UsageError(
            f"--new-mailbox {printable(alias)}: take 1 to 10 letters or digits; the generator changes others."
        )
    if fold(alias) in {fold(POSTMASTER), "admin"} or is_mangled(alias):
        raise UsageError(
            f"--new-mailbox {alias}: the address generator changes this alias (Q175447) or mail for it is diverted "
            f"(Q164464). Take another, {NEW_ALIAS} for instance."
        )
    if limits.cap <= limits.generated:
        raise UsageError(
            f"--max-proxies {limits.cap}: a mailbox has {limits.generated} addresses of its own; allow more."
        )


def _spread(wanted: list[PostofficeName], survey: Survey, options: Options, limits: Limits) -> Decision:
    """Fill one mailbox after the other, in a fixed order."""
    sinks: list[Sink] = []
    intents: list[Reasoned] = []
    used: list[Recipient] = []
    candidates = _candidates(survey.estate, options, limits)
    while wanted:
        candidate = next(candidates)
        names, wanted = tuple(wanted[: candidate.room]), wanted[candidate.room :]
        action = "use" if candidate.recipient else "create"
        sinks.append(Sink(candidate.dn, action, candidate.reason, names))
        intents.append(Reasoned(candidate.reason, _intent(candidate, names, survey.estate)))
        used += [candidate.recipient] if candidate.recipient else []
    findings = (*judged_sinks(survey.view, used), *_exported(intents, survey))
    return Decision(sinks=tuple(sinks), intents=tuple(intents), findings=findings)


def _intent(candidate: _Candidate, names: tuple[PostofficeName, ...], estate: Estate) -> Intent:
    """Say what is wanted of a candidate."""
    if candidate.recipient:
        return AddProxies(candidate.recipient, names)
    assert candidate.home is not None
    return CreateMailbox(candidate.alias, candidate.home, _site_of(candidate.home, estate), names)


def _exported(intents: list[Reasoned], survey: Survey) -> Iterator[Finding]:
    """Report new mailboxes that would lie in a container that directory synchronisation exports."""
    exports = {order for requestor in survey.estate.requestors for order in requestor.exports}
    for item in intents:
        if isinstance(item.intent, CreateMailbox) and lies_in(fold(item.intent.home.container), exports):
            text = (
                f"The new mailbox {item.intent.alias} would lie in a container that directory synchronisation exports."
            )
            yield Finding("sink-exported", item.intent.home.container, text)


def first_choice(estate: Estate, options: Options) -> Recipient | None:
    """Give the mailbox to begin with in a mixed organisation; None where a new one is to be made.

    Raises:
        RemedyError: the user named a mailbox, and there is none of that name.
    """
    if options.mailbox:
        return _asked_for(estate, options)
    if options.new_mailbox:
        return None
    return next(iter((*_holders(estate, mixed=True), *_mangled(estate, mixed=True))), None)


def _mailboxes(estate: Estate, *, mixed: bool) -> list[Recipient]:
    """Give the mailboxes that may be changed; where both directories were read, each only in the one that owns it."""
    return [m for m in estate.recipients if m.kind is RecipientKind.MAILBOX and (m.owned or not mixed)]


def _holders(estate: Estate, *, mixed: bool) -> list[Recipient]:
    """Give the mailboxes that hold postmaster addresses, those with most of them first."""
    held = (m for m in _mailboxes(estate, mixed=mixed) if m.postmasters)
    return sorted(held, key=lambda m: (-len(m.postmasters), m.order))


def _mangled(estate: Estate, *, mixed: bool) -> list[Recipient]:
    """Give the other mailboxes with an address that the generator made of POSTMASTER."""
    others = (m for m in _mailboxes(estate, mixed=mixed) if not m.postmasters and _is_generated(m))
    return sorted(others, key=lambda m: m.order)


def _candidates(estate: Estate, options: Options, limits: Limits) -> Iterator[_Candidate]:
    """Give the mailboxes to fill, in the order of preference; the last ones are new, without end."""
    holders = list(filter(limits.reach, _holders(estate, mixed=limits.mixed)))
    if options.mailbox:
        asked = _asked_for(estate, options)
        yield from _with_room([asked], limits, lambda _: "it was named with --mailbox")
        yield from _with_room([holder for holder in holders if holder != asked], limits, _holding)
    elif not options.new_mailbox:
        yield from _with_room(holders, limits, _holding)
        mangled = list(filter(limits.reach, _mangled(estate, mixed=limits.mixed)))
        yield from _with_room(mangled, limits, lambda _: "its address ends in POSTMAST and a digit (Q175447)")
    yield from _new(estate, options, limits)


def _asked_for(estate: Estate, options: Options) -> Recipient:
    """Give the mailbox that the user named."""
    found = find_recipient(estate, options.mailbox, "--mailbox")
    if found.kind is not RecipientKind.MAILBOX:
        raise Refused(
            f"--mailbox: {printable(found.dn)} is a {found.kind}. Name a mailbox: on a custom recipient a second address "
            "can overwrite the target (Q157007)."
        )
    return found


def _with_room(mailboxes: list[Recipient], limits: Limits, reason: Callable[[Recipient], str]) -> Iterator[_Candidate]:
    """Give the mailboxes that have room for an address."""
    for mailbox in mailboxes:
        if mailbox.addresses < limits.cap:
            yield _Candidate(mailbox.dn, limits.cap - mailbox.addresses, reason(mailbox), mailbox)


def _holding(mailbox: Recipient) -> str:
    """Say why a mailbox that holds postmaster addresses is chosen."""
    number = counted(len(mailbox.postmasters), "postmaster address", "postmaster addresses")
    return f"it already holds {number}, the most of all mailboxes with room"


def _is_generated(mailbox: Recipient) -> bool:
    """Tell whether a mailbox has an address that the generator made of POSTMASTER."""
    return any((ms := proxy.ms) is not None and is_mangled(ms.mailbox) for proxy in mailbox.proxies)


def _new(estate: Estate, options: Options, limits: Limits) -> Iterator[_Candidate]:
    """Give new mailboxes without end."""
    home, why = _home(estate, options, limits)
    taken = {fold(item.alias) for item in estate.recipients} | {_leaf(item.order) for item in estate.recipients}
    base = options.new_mailbox or NEW_ALIAS
    if options.new_mailbox and fold(base) in taken:
        raise Refused(
            f"--new-mailbox {base}: the alias is taken. Use that mailbox with --mailbox {base}, or choose another."
        )
    number = 0
    while True:
        number += 1
        digits = str(number) if number > 1 else ""
        alias = base[: 10 - len(digits)] + digits  # Q116466: at most 10 characters
        if fold(alias) not in taken:
            yield _Candidate(f"cn={alias},{home.container}", limits.cap - limits.generated, why, alias=alias, home=home)


def _leaf(order: str) -> str:
    """Give the value of the first part of a name in normal form."""
    return order.partition(",")[0].partition("=")[2]


def _home(estate: Estate, options: Options, limits: Limits) -> tuple[Home, str]:
    """Say where new mailboxes live, and why there."""
    if not limits.creates:
        raise Refused("No mailbox is made in this directory: name the one to use with --mailbox.")
    asked = "it was asked for with --new-mailbox" if options.new_mailbox else "no existing mailbox has room for them"
    if options.like:
        model = find_recipient(estate, options.like, "--like")
        if not model.home:
            raise Refused(f"--like: {printable(model.dn)} shows no message store. Name a mailbox that has one.")
        home, why = model.home, f"{asked}; it lives where {printable(model.dn)} lives"
    else:
        home, why = _beside_connector(filter(limits.reach, estate.connectors), asked, options)
    return Home(home.store, home.transfer, options.container or home.container), why


def _beside_connector(connectors: Iterable[Connector], asked: str, options: Options) -> tuple[Home, str]:
    """Give the home on the server of the first Microsoft Mail connector."""
    for connector in sorted(connectors, key=lambda item: (not item.is_ms_mail, item.order)):
        if connector.home:
            return connector.home, f"{asked}; it lives on the server of {printable(connector.dn)}"
    raise Refused(
        "A new mailbox is needed, and no connector in the sources shows a server for it. Name an existing mailbox with "
        f"--mailbox, or one to live beside with --new-mailbox {options.new_mailbox or NEW_ALIAS} --like."
    )


def _site_of(home: Home, estate: Estate) -> Site | None:
    """Give the site that a container lies in."""
    container = fold(home.container)
    inside = [site for site in estate.sites if site.dn and container.endswith(fold("," + site.dn))]
    return max(inside, key=lambda site: len(site.dn), default=None)


def _emptied(po: Postoffice) -> CreatePostmaster:
    """Say what to do where the address is held already, or soon will be, and its mailbox takes no mail."""
    if po.holders:
        why = f"{printable(po.holders[0].dn)} holds {po.name.postmaster} already"
    else:
        why = f"Directory synchronisation carries {po.name.postmaster}, or may carry it ({printable(_carrier(po))})"
    what = step(po)
    if po.kind is not PostofficeKind.MSMAIL:
        what = (
            f"{po.name} is {barred(po)}, and gets no POSTMASTER mailbox: take the address out of directory "
            "synchronisation, or away from its holder, then plan again."
        )
    return CreatePostmaster(po.name, f"{why}, so no mailbox may get it too. {what}")


def _carrier(po: Postoffice) -> str:
    """Name what shows that directory synchronisation carries the address."""
    return next(f"{item.source}, {item.where}" for item in po.listings if item.synchronised)
