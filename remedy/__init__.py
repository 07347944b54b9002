"""Finds Microsoft Mail postoffices that make mail loops behind an Exchange server, and plans the cure.

The verbs of the command line, values in and values out: ``survey``, ``plan``, ``trace``, ``show``, ``runbook``,
``diagnose``, ``explain``.
"""

from remedy.codes import Code
from remedy.diagnose import Diagnosis, Loop
from remedy.diagnosing import LogManner, diagnose
from remedy.errors import Fault, InputError, Refused, RemedyError, Stale, UsageError
from remedy.findings import Finding, Hazard, Severity
from remedy.flow import Outcome, Trace, Walk
from remedy.plan import Plan, Step
from remedy.reading import Manner
from remedy.rendering import runbook
from remedy.survey import Scope, Survey
from remedy.workflow import Wishes, explain, load_plan, plan, show, survey, trace

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
