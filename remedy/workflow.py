"""The verbs, values in and values out: this is the Python API, and each command is one of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from remedy.addresses import PostofficeName
from remedy.change import touched
from remedy.codes import CODES, HAZARDS, Code
from remedy.dialects import Wanted
from remedy.dialects.base import named
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import InputError, Refused, RemedyError, UsageError
from remedy.findings import Finding, sort_findings
from remedy.flow import Trace
from remedy.plan import Plan
from remedy.planning import DELIVERED, after, planned, traced
from remedy.reading import Manner, Reading, Side, Source, read, unhidden
from remedy.saved import FORMS, load_plan, show
from remedy.strategies import STRATEGIES
from remedy.strategies.base import Decision, Limits, NameOf, Options
from remedy.strategies.combined import unheeded
from remedy.strategies.exchange import NEW_ALIAS, first_choice
from remedy.survey import Scope, Survey
from remedy.survey import survey as judge
from remedy.text import joined, printable
from remedy.verify import Landing, landings
from remedy.words import VERSIONS

__all__ = ["FORMS", "VERSIONS", "Wishes", "explain", "load_plan", "plan", "show", "survey", "trace", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Everything a user can ask of a plan."""

    strategy: str = "exchange"
    mailbox: str = ""
    """An existing mailbox to use, by alias or distinguished name."""
    new_mailbox: str = ""
    """The alias of a mailbox to create."""
    like: str = ""
    """The mailbox that a new one lives beside."""
    container: str = ""
    max_proxies: int | None = None
    """Addresses that one entry is to hold at most; None = the dialect's default."""
    exchange_version: str = ""
    include_connector_po: bool = False
    allow: frozenset[str] = frozenset()
    """Those of `GATES` that are to stand open: what a source may not show."""


def survey(*sources: Source, scope: Scope | None = None, manner: Manner | None = None) -> Survey:
    """Say how each postoffice is covered, and what else there is to know.

    Raises:
        InputError: a source is unreadable or malformed.
        Refused: a source is empty, or there is no postoffice.
    """
    reading = read(sources, Wanted(), manner or Manner())
    return judge(reading.estate, scope=scope)


def plan(
    *sources: Source, wishes: Wishes | None = None, scope: Scope | None = None, manner: Manner | None = None
) -> Plan:
    """Plan the smallest change set that covers every exposed or full postoffice; nothing is written.

    Raises:
        InputError: a source is malformed, or an inventory row is bad.
        Refused: a source is empty or may be cut, or the strategy finds no way.
        UsageError: the wishes contradict one another.
    """
    asked = wishes or Wishes()
    if asked.strategy not in STRATEGIES:
        raise UsageError(f"There is no strategy {asked.strategy!r}; there are {joined(STRATEGIES)}.")
    reading = read(sources, _wanted(asked), manner or Manner())
    _sound(reading, asked)
    options = _options(asked)
    side = _side(reading, options)
    cap = asked.max_proxies or side.dialect.cap
    view = judge(reading.estate, cap=asked.max_proxies, scope=scope)
    limits = Limits(
        cap=cap, generated=side.dialect.generated, creates=side.dialect.new_mailbox is not None, side=side.dialect.name,
        mixed=len(reading.sides) > 1,
    )  # fmt: skip
    decision = STRATEGIES[asked.strategy](view, options, limits)
    if asked.strategy != "mixed":
        decision = decision.plus(Decision(findings=unheeded(view, asked.strategy)))
    return planned(reading, side, view, decision, _stated(asked, scope or Scope(), cap))


def trace(
    *sources: Source,
    plan: Plan | None = None,
    only: Iterable[PostofficeName] = (),
    scope: Scope | None = None,
    manner: Manner | None = None,
) -> tuple[Trace, ...]:
    """Walk the article's message flow for each postoffice, and with ``plan`` once more as if it were carried out.

    Raises:
        InputError: a source is unreadable or malformed.
        Refused: a source is empty, or a postoffice in ``only`` is not known.
        Stale: the sources are not as the plan expects them.
    """
    wanted = (
        Wanted(dns=tuple(change.dn for change in plan.changes), attributes=touched(plan.changes)) if plan else Wanted()
    )
    reading = read(sources, wanted, manner or Manner())
    view = judge(reading.estate, scope=scope)
    later = None
    if plan:
        later = after(
            reading, plan.dialect, plan.steps, [PostofficeName.parse(item["postoffice"]) for item in plan.manual]
        )
    return _picked(traced(view, later), tuple(only))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a fresh look at the sources proves."""

    survey: Survey
    landings: tuple[Landing, ...]

    @property
    def proven(self) -> bool:
        """Whether every postoffice that is not skipped delivers, and every change of the plan has landed."""
        rows = (row for row in self.survey.rows if not row.po.skipped)
        return all(row.walk.outcome in DELIVERED for row in rows) and all(item.landed for item in self.landings)


def verify(
    *sources: Source, plan: Plan | None = None, scope: Scope | None = None, manner: Manner | None = None
) -> Verification:
    """Read the sources anew and prove each postoffice; with ``plan``, also that each of its changes has landed.

    Raises:
        InputError: a source is unreadable or malformed.
        Refused: a source is empty, or there is no postoffice.
    """
    steps = plan.steps if plan else ()
    changes = [step.change for step in steps]
    wanted = Wanted(dns=tuple(change.dn for change in changes), attributes=touched(changes))
    reading = read(sources, wanted, manner or Manner())
    view = judge(reading.estate, scope=scope)
    found = landings(steps, {entry.dn: entry for entry in reading.entries})
    moved = (Finding("moved-besides", item.id, item.sentence()) for item in found if item.moved)
    return Verification(survey=replace(view, findings=sort_findings((*view.findings, *moved))), landings=found)


def explain(code: str) -> Code:
    """Say what a finding or a hazard means.

    Raises:
        UsageError: there is none of that name.
    """
    table: Mapping[str, Code] = {**HAZARDS, **CODES}
    if code not in table:
        raise UsageError(f"There is no finding or hazard {code!r}. There are {joined(sorted(table))}.")
    return table[code]


def _wanted(asked: Wishes) -> Wanted:
    """Say which entries a plan needs besides those that show postoffices."""
    mailboxes = tuple(filter(None, (asked.mailbox, asked.like)))
    for option, text in (("--mailbox", asked.mailbox), ("--like", asked.like), ("--container", asked.container)):
        if "=" in text:
            _name(option, text)
    containers = (_name("--container", asked.container),) if asked.container else ()
    alias = (asked.new_mailbox or NEW_ALIAS)[:6]  # a number of up to four digits takes the place of the rest
    return Wanted(mailboxes=mailboxes, dns=containers, new_alias=alias, containers=containers)


def _name(option: str, text: str) -> DN:
    """Read a distinguished name that the user gave."""
    try:
        return named(text)
    except ValueError as fault:
        raise UsageError(f"{option}: {fault}.") from None


def _options(asked: Wishes) -> Options:
    """Give a strategy the wishes it understands, names in normal form."""
    return Options(
        strategy=asked.strategy,
        mailbox=_name_of("--mailbox", asked.mailbox),
        new_mailbox=asked.new_mailbox,
        like=_name_of("--like", asked.like),
        container=str(_name("--container", asked.container)) if asked.container else "",
        include_connector_po=asked.include_connector_po,
    )


def _name_of(option: str, text: str) -> NameOf:
    """Give a name as typed, with its normal form if it is a distinguished one."""
    return NameOf(text, _name(option, text).normal if "=" in text else "")


def _sound(reading: Reading, asked: Wishes) -> None:
    """Refuse to plan on what may not be whole."""
    if reading.estate.faults:
        raise InputError(reading.estate.faults, "Correct these inventory rows, then plan again.")
    unhidden(reading.estate, asked.allow)
    if asked.container and not any(_is_at(entry, _name("--container", asked.container)) for entry in reading.entries):
        raise RemedyError(f"--container: the sources show no entry {printable(asked.container)}. Check the spelling.")
    if asked.strategy != "postoffice" and not reading.directories:
        raise Refused(
            f"The strategy {asked.strategy} needs a directory: add an LDIF export as a source, or plan with "
            "--strategy postoffice."
        )


def _is_at(entry: Entry, dn: DN) -> bool:
    """Tell whether an entry has a name or lies right below it."""
    return dn in {entry.dn, entry.dn.parent}


def _side(reading: Reading, options: Options) -> Side:
    """Give the side to plan on: that of the mailbox to use; else one on which a mailbox can be made."""
    if len(reading.sides) == 1:
        return reading.sides[0]
    best = first_choice(reading.estate, options)
    made = (side for side in reading.sides if side.dialect.new_mailbox)
    return reading.side(best.side) if best else next(made, reading.sides[0])


def _stated(asked: Wishes, scope: Scope, cap: int) -> dict[str, Any]:
    """Give the options as the plan file keeps them."""
    return {
        "strategy": asked.strategy,
        "mailbox": asked.mailbox or None,
        "new_mailbox": asked.new_mailbox or None,
        "like": asked.like or None,
        "container": asked.container or None,
        "max_proxies": cap,
        "exchange_version": asked.exchange_version or None,
        "include_connector_po": asked.include_connector_po,
        "include": list(scope.include),
        "exclude": list(scope.exclude),
    }


def _picked(traces: tuple[Trace, ...], only: tuple[PostofficeName, ...]) -> tuple[Trace, ...]:
    """Keep the traces of some postoffices."""
    known = {item.po.name for item in traces}
    if missing := [str(name) for name in only if name not in known]:
        raise Refused(f"The sources show no postoffice {joined(missing)}. `remedy survey` lists those they show.")
    return tuple(item for item in traces if not only or item.po.name in only)
