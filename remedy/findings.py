"""Findings and hazards: one thing to know about one subject, under a stable code."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from remedy.codes import CODES, Severity

__all__ = ["Finding", "Hazard", "Severity", "sort_findings"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know, about one subject."""

    code: str
    subject: str
    message: str
    fix: str = ""
    """What to do; empty = what the code says in general."""

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return CODES[self.code].severity or Severity.INFO

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON shows it."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "subject": self.subject,
            "message": self.message,
            "fix": self.fix or CODES[self.code].fix,
        }


@dataclass(frozen=True, slots=True)
class Hazard:
    """One danger of a plan."""

    name: str
    detail: str

    def to_dict(self) -> dict[str, str]:
        """Give it as JSON shows it."""
        return {"name": self.name, "detail": self.detail}


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put errors first, then by code and subject; drop what is said twice."""
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    return tuple(
        sorted(dict.fromkeys(findings), key=lambda item: (rank[item.severity], item.code, item.subject, item.message))
    )
