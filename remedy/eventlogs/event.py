"""One entry of a log, whatever the log: when, who wrote it, and what it says, with its addresses still in the text."""

from dataclasses import dataclass

__all__ = ["Event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of a log."""

    stamp: int
    """The date and time as they are written (`remedy.eventlogs.dates.stamp`)."""
    text: str
    """The description; the columns of a log that has some stand in it as ``From:`` and ``To:``."""
    where: int
    """The line it begins at, or the number of its record, counted from 1."""
    source: str = ""
    """Who wrote it: ``MSExchangeMSMI``, the name of an MTA instance (Q152554), or the kind of log."""
    category: str = ""
    """As written; a number where the message file was missing (Q152554)."""
    number: int | None = None
    """The event ID; None in logs that have none."""
    computer: str = ""
