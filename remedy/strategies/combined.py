"""Both resolutions for each postoffice, or one chosen for each."""

from dataclasses import replace

from remedy.addresses import PostofficeName
from remedy.coverage import Row
from remedy.findings import Finding
from remedy.strategies import exchange, postoffice
from remedy.strategies.base import Decision, Limits, Options, pending
from remedy.survey import Survey

__all__ = ["decide_both", "decide_mixed", "unheeded"]


def decide_both(survey: Survey, options: Options, limits: Limits) -> Decision:
    """Plan the proxy address and the mailbox; POSTMASTER stays out of directory synchronisation (facts §8.4)."""
    steps = postoffice.decide(survey, options, limits)
    possible = {row.po.name for row in survey.rows if postoffice.can_have_postmaster(row.po)}
    manual = tuple(step for step in steps.manual if step.postoffice in possible)
    return exchange.decide(survey, options, limits).plus(Decision(manual=manual))


def decide_mixed(survey: Survey, options: Options, limits: Limits) -> Decision:
    """Choose one resolution for each postoffice: what an inventory asks for, else the proxy address."""
    by_hand = {row.po.name for row in survey.rows if row.po.name in set(pending(survey)) and _by_hand(row)}
    both = {row.po.name for row in survey.rows if row.po.strategy == "both"}
    first = exchange.decide(_without(survey, by_hand - both), options, limits)
    decided = first.plus(postoffice.decide(_only(survey, by_hand | both), options, limits))
    chosen = (_chosen(row, by_hand, both) for row in survey.rows if row.po.name in set(pending(survey)))
    return replace(decided, findings=(*decided.findings, *chosen))


def _chosen(row: Row, by_hand: set[PostofficeName], both: set[PostofficeName]) -> Finding:
    """Say which resolution a postoffice gets, and why."""
    asked = row.po.strategy
    if row.po.name in both:
        text = "a proxy address and a POSTMASTER mailbox, because an inventory asks for both"
    elif row.po.name in by_hand:
        text = "a POSTMASTER mailbox, because an inventory asks for it"
    elif asked == "postoffice":
        text = "a proxy address: an inventory asks for a POSTMASTER mailbox, but this postoffice cannot have one more"
    else:
        why = (
            "an inventory asks for it"
            if asked == "exchange"
            else "no inventory asks for another, and it is quickly undone"
        )
        text = f"a proxy address, because {why}"
    return Finding("strategy-chosen", str(row.po.name), f"{row.po.name} gets {text}.")


def _unheeded(row: Row, strategy: str) -> str:
    """Say what an inventory asks for, and what is planned instead."""
    return f"{row.po.name}: an inventory asks for the strategy {row.po.strategy}; planned is {strategy}."


def unheeded(survey: Survey, strategy: str) -> tuple[Finding, ...]:
    """Name the postoffices for which an inventory asks for another resolution than ``strategy``."""
    return tuple(
        Finding("strategy-not-followed", str(row.po.name), _unheeded(row, strategy))
        for row in survey.rows
        if row.po.name in set(pending(survey)) and row.po.strategy not in {"", strategy}
    )


def _by_hand(row: Row) -> bool:
    """Tell whether a postoffice is to get a POSTMASTER mailbox."""
    return row.po.strategy in {"postoffice", "both"} and postoffice.can_have_postmaster(row.po)


def _without(survey: Survey, names: set[PostofficeName]) -> Survey:
    """Leave some postoffices out."""
    rows = tuple(row for row in survey.rows if row.po.name not in names)
    return replace(survey, view=replace(survey.view, rows=rows))


def _only(survey: Survey, names: set[PostofficeName]) -> Survey:
    """Keep some postoffices only."""
    rows = tuple(row for row in survey.rows if row.po.name in names)
    return replace(survey, view=replace(survey.view, rows=rows))
