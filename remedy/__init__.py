"""Finds Microsoft Mail postoffices that make mail loops behind an Exchange server, and plans the cure.

The verbs of the command line, values in and values out: ``survey``, ``plan``, ``trace``, ``show``, ``runbook``,
``diagnose``, ``explain``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from remedy.codes import Code
from remedy.errors import Fault, InputError, Refused, RemedyError, Stale, UsageError
from remedy.findings import Finding, Hazard, Severity
from remedy.flow import Outcome, Trace, Walk
from remedy.plan import Plan, Step
from remedy.reading import Manner
from remedy.rendering import runbook
from remedy.survey import Scope, Survey
from remedy.workflow import Wishes, explain, load_plan, plan, show, survey, trace

if TYPE_CHECKING:
    from remedy.diagnosing import LogManner, diagnose
    from remedy.diagnosis import Diagnosis, Loop

__all__ = [
    "Code",
    "Diagnosis",
    "Fault",
    "Finding",
    "Hazard",
    "InputError",
    "LogManner",
    "Loop",
    "Manner",
    "Outcome",
    "Plan",
    "Refused",
    "RemedyError",
    "Scope",
    "Severity",
    "Stale",
    "Step",
    "Survey",
    "Trace",
    "UsageError",
    "Walk",
    "Wishes",
    "__version__",
    "diagnose",
    "explain",
    "load_plan",
    "plan",
    "runbook",
    "show",
    "survey",
    "trace",
]

__version__ = "0.1.0"

_LATE = {"Diagnosis": "diagnosis", "LogManner": "diagnosing", "Loop": "diagnosis", "diagnose": "diagnosing"}
"""Names whose rooms most runs do not need: they are loaded when they are asked for."""


def __getattr__(name: str) -> Any:
    """Load a name that is asked for."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
