"""Finds Microsoft Mail postoffices that make mail loops behind an Exchange server, and plans the cure.

The verbs of the command line, values in and values out: ``survey``, ``plan``, ``trace``, ``show``, ``runbook``,
``diagnose``, ``explain``. Law: a room is loaded when something in it is asked for, so that starting costs next to nothing.
"""

import sys
from types import ModuleType

TYPE_CHECKING = False  # as in typing, which takes longer to load than everything here
if TYPE_CHECKING:
    from typing import Any

    from remedy.codes import Code
    from remedy.courses import Outcome
    from remedy.diagnosing import LogManner, diagnose
    from remedy.diagnosis import Diagnosis, Loop
    from remedy.errors import Fault, InputError, Refused, RemedyError, Stale, UsageError
    from remedy.findings import Finding, Hazard, Severity
    from remedy.flow import Trace, Walk
    from remedy.plan import Plan, Step
    from remedy.reading import Manner
    from remedy.rendering import runbook
    from remedy.saved import load_plan, show
    from remedy.survey import Scope, Survey
    from remedy.workflow import Wishes, explain, plan, survey, trace

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

_ROOMS = {
    "codes": "Code",
    "courses": "Outcome",
    "diagnosing": "LogManner diagnose",
    "diagnosis": "Diagnosis Loop",
    "errors": "Fault InputError Refused RemedyError Stale UsageError",
    "findings": "Finding Hazard Severity",
    "flow": "Trace Walk",
    "plan": "Plan Step",
    "reading": "Manner",
    "rendering": "runbook",
    "saved": "load_plan show",
    "survey": "Scope Survey",
    "workflow": "Wishes explain plan survey trace",
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names.split()}
"""The room of each public name."""


class _House(ModuleType):
    """This package: where a verb has the name of a room (``survey``, ``plan``, ``runbook``), the name is the verb's."""

    def __setattr__(self, name: str, value: object) -> None:
        """Do not let the import system put a room in the place of a verb; ``import remedy.plan`` finds it all the same."""
        if name not in _HOMES or value is not sys.modules.get(f"{__name__}.{name}"):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _House


def __getattr__(name: str) -> "Any":
    """Load a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    globals()[name] = found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    """Name what is here, loaded or not."""
    return sorted({*globals(), *_HOMES})
