"""Both resolutions for each postoffice, or one chosen for each, with the reason in a sentence."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from remedy.coverage import Row
from remedy.estate import PostofficeKind
from remedy.findings import Finding
from remedy.intents import CreatePostmaster
from remedy.own import Own, own_mailbox
from remedy.strategies import exchange, postoffice
from remedy.strategies.base import Decision, Limits, Options, pending
from remedy.survey import Survey

__all__ = ["decide_both", "decide_mixed", "unheeded"]


@dataclass(frozen=True, slots=True)
class _Choice:
    """What one postoffice gets, and why."""

    proxy: bool
    """Whether Exchange is to take its postmaster mail; where somebody holds the address already, it cannot."""
    mailbox: bool
    why: str

    def told(self, row: Row) -> Finding:
        """Say it in a sentence."""
        if self.proxy and exchange.is_taken(row.po):
            own = "its own POSTMASTER mailbox" if row.po.kind is PostofficeKind.MSMAIL else "no proxy address yet"
            held = "is held already" if row.po.holders else "comes with directory synchronisation"
            text = f"{own}, because its address {held} and none may hold it twice"
        else:
            gets = (("a proxy address", self.proxy), ("a POSTMASTER mailbox", self.mailbox))
            text = f"{' and '.join(what for what, it in gets if it)}, because {self.why}"
        return Finding("strategy-chosen", str(row.po.name), f"{row.po.name} gets {text}.")


def decide_both(survey: Survey, options: Options, limits: Limits) -> Decision:
    """Plan the proxy address and the mailbox, for each postoffice that can have both."""
    return _decided(survey, options, limits, lambda row: _both(row, "--strategy both asks for both"))


def decide_mixed(survey: Survey, options: Options, limits: Limits) -> Decision:
    """Choose for each postoffice: what an inventory asks for, else the proxy address."""
    return _decided(survey, options, limits, _mixed)


def _decided(survey: Survey, options: Options, limits: Limits, choose: Callable[[Row], _Choice]) -> Decision:
    """Let each resolution decide about its postoffices; no address gets a second holder (Q131151, Q251152)."""
    wanted = set(pending(survey))
    choices = [(row, choose(row)) for row in survey.rows if row.po.name in wanted]
    by_hand = {row.po.name for row, choice in choices if not choice.proxy}
    rows = tuple(row for row in survey.rows if row.po.name not in by_hand)
    decided = exchange.decide(replace(survey, view=replace(survey.view, rows=rows)), options, limits)
    manual = tuple(
        CreatePostmaster(row.po.name, postoffice.step(row.po, beside=choice.proxy))
        for row, choice in choices
        if choice.mailbox and not (choice.proxy and exchange.is_taken(row.po))
    )
    return decided.plus(Decision(manual=manual, findings=tuple(choice.told(row) for row, choice in choices)))


def _both(row: Row, why: str) -> _Choice:
    """Choose both resolutions, as far as a postoffice can have them."""
    if postoffice.can_have_postmaster(row.po):
        return _Choice(proxy=True, mailbox=True, why=why)
    return _Choice(proxy=True, mailbox=False, why=f"{why}, but {postoffice.no_room(row.po)}")


def _mixed(row: Row) -> _Choice:
    """Choose what an inventory asks for, else what is quickly undone."""
    asks = "an inventory asks for it"
    match row.po.strategy:
        case "both":
            return _both(row, "an inventory asks for both")
        case "postoffice" if postoffice.can_have_postmaster(row.po):
            return _Choice(proxy=False, mailbox=True, why=asks)
        case "postoffice":
            why = f"an inventory asks for a POSTMASTER mailbox, but {postoffice.no_room(row.po)}"
            return _Choice(proxy=True, mailbox=False, why=why)
        case "exchange":
            return _Choice(proxy=True, mailbox=False, why=asks)
        case _:
            return _Choice(proxy=True, mailbox=False, why=_usual(row))


def _usual(row: Row) -> str:
    """Say why a postoffice of which no inventory asks anything gets a proxy address."""
    if not postoffice.can_have_postmaster(row.po):
        return postoffice.no_room(row.po)
    if own_mailbox(row.po) is Own.FULL:
        return "its POSTMASTER mailbox is full"
    return "no inventory asks for another, and it is quickly undone"


def unheeded(survey: Survey, strategy: str) -> tuple[Finding, ...]:
    """Name the postoffices for which an inventory asks for another resolution than ``strategy``."""
    wanted = set(pending(survey))
    return tuple(
        Finding("strategy-not-followed", str(row.po.name), _unheeded(row, strategy))
        for row in survey.rows
        if row.po.name in wanted and row.po.strategy not in {"", strategy}
    )


def _unheeded(row: Row, strategy: str) -> str:
    """Say what an inventory asks for, and what is planned instead."""
    return f"{row.po.name}: an inventory asks for the strategy {row.po.strategy}; planned is {strategy}."
