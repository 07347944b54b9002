"""Errors a user can act on: each builds its own sentence and carries its exit code (design: one tree).

RemedyError
├── InputError     1   something read is unreadable or malformed; holds every fault that was found
├── UsageError     2   an option names something that cannot be
├── Refused        4   a safety gate stands in the way; the sentence ends in the flag that opens it
├── Stale          5   a precondition does not hold: which entry, which value, expected, found
├── Partly         6   a run that writes stopped half-way; the journal says what was done
├── Unreachable    7   a server cannot be reached, or takes neither name nor password
└── Interrupted  130   somebody stopped a run that writes; the journal says what was done
"""

from collections.abc import Iterable
from dataclasses import dataclass

from remedy.text import printable

__all__ = [
    "Fault", "InputError", "Interrupted", "Partly", "Refused", "RemedyError", "Stale", "Unreachable", "UsageError",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input, and where it stands."""

    source: str
    """The file as the user named it."""
    line: int | None
    """The physical line, counted from 1; None when the fault is the whole file's."""
    message: str
    """What is wrong, without the place."""

    def __str__(self) -> str:
        """Give the fault as ``file:line: message``."""
        place = printable(self.source)
        return f"{place}: {self.message}" if self.line is None else f"{place}:{self.line}: {self.message}"


class RemedyError(Exception):
    """The root: something the user can act on."""

    exit_code = 1


class InputError(RemedyError):
    """Something that was read is unreadable or malformed."""

    exit_code = 1

    def __init__(self, faults: Iterable[Fault], advice: str) -> None:
        """Keep every fault of ``faults``; ``advice`` says what to do about them."""
        self.faults = tuple(faults)
        self.advice = advice
        super().__init__("\n".join([*map(str, self.faults), advice]))

    @classmethod
    def of(cls, source: str, message: str, advice: str, *, line: int | None = None) -> "InputError":
        """Make the error of one fault."""
        return cls([Fault(source, line, message)], advice)


class UsageError(RemedyError):
    """An option's value cannot be meant."""

    exit_code = 2


class Refused(RemedyError):  # noqa: N818 - a refusal is no error of anybody's
    """A safety gate stands in the way."""

    exit_code = 4


class Partly(RemedyError):  # noqa: N818 - a state of things
    """A run that writes was stopped by something after its journal had begun."""

    exit_code = 6


class Unreachable(RemedyError):  # noqa: N818 - the same
    """A server cannot be reached, cannot be trusted, or does not let us in."""

    exit_code = 7


class Interrupted(RemedyError):  # noqa: N818 - somebody wanted it
    """A run that writes was stopped after its journal had begun."""

    exit_code = 130


class Stale(RemedyError):  # noqa: N818 - the world moved on; nobody erred
    """A precondition of a change does not hold."""

    exit_code = 5

    def __init__(self, entry: str, what: str, *, expected: str, found: str, advice: str = "") -> None:
        """Say which ``entry`` and ``what`` of it differ, and how; ``advice`` says what to do."""
        self.entry, self.what, self.expected, self.found = entry, what, expected, found
        advice = advice or "Plan again from what is there now."
        super().__init__(f"{entry}: {what}: expected {expected}, found {found}. {advice}")
