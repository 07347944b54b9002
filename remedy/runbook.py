"""From a plan to what people carry out and sign: what to check, to contain, to type, to prove, to take back and to keep.

Law: everything here is the plan, or stands in the handbook; the order is the one in which it is done.
"""

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from remedy.addresses import POSTMASTER
from remedy.arranging import alike
from remedy.change import Add
from remedy.containment import IN_QUEUES, NO_CURE, SOURCE_OF_LOOP, contained
from remedy.coverage import Coverage
from remedy.dialects import STAYS
from remedy.estate import PostofficeKind
from remedy.handbook import (
    BY_HAND,
    ENDINGS,
    EVENTS,
    IMPORTING,
    SIGNS,
    SINK_CHECKS,
    TESTING,
    UNKNOWNS,
    UPKEEP,
    WATCHING,
    Said,
)
from remedy.plan import Plan
from remedy.scripts.running import runnable
from remedy.text import counted, printable

__all__ = ["internet_address", "runbook_document"]

Json = Mapping[str, Any]

_FINE = ("delivers", "delivers-until-full")
_FEW = 20  # steps by hand that are told one by one


def runbook_document(plan: Plan, name: str = "PLAN", logs: Json | None = None) -> dict[str, Any]:
    """Give the plan file with what the runbook adds to it, as ``book``; ``name`` is what commands call the file.

    ``logs`` is what `remedy.diagnosed` made of logs. The same plan, name and logs give the same document: there is no clock,
    host or user in it.
    """
    document = _looping(plan.to_dict(), logs)
    formats, unfit = runnable(plan)
    fitting, others = contained(plan.estate["version"])
    makes = any(isinstance(step.change, Add) for step in plan.steps)
    book = {
        "gist": (*_gist(document, makes=makes), *_in_logs(logs)),
        "logs": logs,
        "left": _left(document),
        "prechecks": _prechecks(plan),
        "source_of_loop": SOURCE_OF_LOOP,
        "controls": fitting,
        "other_controls": others,
        "in_queues": IN_QUEUES,
        "no_cure": NO_CURE,
        "lines": _lines(document, name, formats),
        "formats": formats,
        "unfit": unfit,
        "importing": IMPORTING if "exchange-csv" in {form["name"] for form in formats} else (),
        "alike": alike(plan.manual) if len(plan.manual) > _FEW else (),
        "by_hand": BY_HAND if _makes_by_hand(document) else (),
        "endings": ENDINGS,
        "testing": TESTING,
        "tests": _tests(document),
        "events": EVENTS,
        "watching": WATCHING,
        "stays": STAYS if makes and plan.dialect == "exchange55" else "",
        "upkeep": _upkeep(plan),
        "unknowns": _unknowns(plan),
        "signs": SIGNS,
    }
    return {**document, "book": book}


def _looping(document: dict[str, Any], logs: Json | None) -> dict[str, Any]:
    """Give the traces the names of the list servers that logs show."""
    urgent = reversed(logs["loops"]) if logs else ()  # the loop to repair first has the last word
    servers = {loop["postoffice"]: loop["domain"] for loop in urgent if loop["domain"]}
    named = [
        {**trace, "list_server": servers[trace["postoffice"]]} if trace["postoffice"] in servers else trace
        for trace in document["traces"]
    ]
    return {**document, "traces": named}


def _in_logs(logs: Json | None) -> tuple[Said, ...]:
    """Say what the logs show, in a sentence."""
    if logs is None:
        return ()
    found = logs["summary"]
    if not found["loops"]:
        return (Said("The logs that were read show no loop."),)
    return (
        Said(
            f"The logs that were read show {counted(found['loops'], 'loop')} at "
            f"{counted(found['postoffices'], 'postoffice')}: part 2 names the ends of each, as far as the logs do."
        ),
    )


def internet_address(postoffice: str, domain: str) -> str:
    """Give the address by which the Internet reaches a postmaster (Q175707); the prefix is in upper case (Q271575).

    A slash becomes ``_``, and whatever is no plain letter or digit ``+HH`` (MS-OXCMAIL 2.1.3.1.8).
    """
    marks = {"/": "_"}
    local = "".join(
        letter if letter.isascii() and letter.isalnum() else marks.get(letter) or _numbered(letter)
        for letter in f"{postoffice}/{POSTMASTER}"
    )
    return f"IMCEAMS-{local}@{domain}"


def _numbered(letter: str) -> str:
    """Give a character by the numbers of its bytes."""
    return "".join(f"+{byte:02X}" for byte in letter.encode(errors="surrogatepass"))


def _real(document: Json) -> list[Json]:
    """Give the traces of postoffices; Exchange itself is none."""
    return [trace for trace in document["traces"] if trace["kind"] != "shadow"]


def _end(trace: Json, side: str) -> str:
    """Give how mail ends before or after the plan."""
    return str(trace[side]["outcome"])


def _gist(document: Json, *, makes: bool) -> tuple[Said, ...]:
    """Say in a few sentences what a change board has to know; nothing of a source stands in them but numbers."""
    summary, real = document["summary"], _real(document)
    fine = {side: sum(_end(trace, side) in _FINE for trace in real) for side in ("before", "after")}
    loops = sum(_end(trace, "before") == "loops" for trace in real)
    whole = counted(len(real), "postoffice")
    told = [
        Said(
            "A list server takes the non-delivery report of a postoffice for a request and answers it. Where nobody gets "
            "mail for NETWORK/PO/POSTMASTER, that answer makes the next report, and so on: a loop.",
            "Q175447",
        ),
        Said(f"Of {whole}, {loops:,} can loop like this today."),
    ]
    if document["changes"] or document["manual"]:
        deeds = f"gives {counted(summary['values'], 'postmaster address', 'postmaster addresses')} to "
        deeds += counted(summary["sinks"], "Exchange mailbox", "Exchange mailboxes")
        steps = f" and asks for {counted(summary['manual'], 'step by hand', 'steps by hand')} at postoffices"
        told.append(Said(f"The plan {deeds}{steps if summary['manual'] else ''}."))
        told.append(
            Said(
                f"An answer is delivered at {fine['before']:,} of {whole} before the change, at {fine['after']:,} after it."
            )
        )
    else:
        told.append(Said("There is nothing to do: the plan has no change and no step by hand."))
    if len(real) > fine["after"]:
        told.append(
            Said(f"Of {counted(len(real) - fine['after'], 'postoffice')} it is not shown that an answer is delivered.")
        )
    if document["changes"]:
        told.append(
            Said("Each change has its inverse (`remedy rollback`), and a journal is on disk before it is made.")
        )
    if makes and document["dialect"] == "exchange55":
        told.append(
            Said(
                "On a live server a mailbox that is made stays after a rollback, without its postmaster addresses.",
                "Q284199",
            )
        )
    return tuple(told)


def _makes_by_hand(document: Json) -> bool:
    """Tell whether a step by hand makes a mailbox; the others empty one, or say that there can be none."""
    rows = {row["address"]: row for row in document["postoffices"]}
    asked = (rows.get(step["postoffice"], {}) for step in document["manual"])
    return any(row.get("kind") == PostofficeKind.MSMAIL and row["coverage"] != Coverage.FULL for row in asked)


def _left(document: Json) -> tuple[dict[str, Any], ...]:
    """Give the postoffices that will not deliver, those of one end together, those to be skipped apart."""
    skipped = {item["subject"] for item in document["findings"] if item["code"] == "skipped"}
    groups: dict[tuple[str, bool], list[str]] = {}
    for trace in _real(document):
        if (end := _end(trace, "after")) not in _FINE:
            groups.setdefault((end, trace["postoffice"] in skipped), []).append(trace["postoffice"])
    return tuple({"outcome": end, "skipped": out, "names": names} for (end, out), names in sorted(groups.items()))


def _prechecks(plan: Plan) -> tuple[Said, ...]:
    """Say what has to hold before anything is changed."""
    told = [Said("The digest on this page is the one that was approved; `--expect` holds the plan file to it.")]
    if plan.hazards:
        told.append(Said("Every hazard below was decided by a person, and only those that were approved are allowed."))
    if any(item["severity"] == "error" for item in plan.findings):
        told.append(Said("Every error among the findings is cured by the plan, or somebody decided to leave it."))
    if plan.steps and plan.dialect == "exchange55":
        told += [
            Said("TARGET, if it is a server, runs Exchange 5.5: over LDAP, 5.0 is only searched. Servers of 4.0 and 5.0 in the "
                 "site get the change by replication.", "Platform SDK, Exchange Server Directory"),
            Said("The account that writes has the role Admin. or Permissions Admin. on the container of each mailbox.",
                 "Exchange SDK; Q177938 for imports"),
            Said("It binds with a password and a name that ends in cn=admin, and has View-Only Admin at least: else holders "
                 "that are hidden are not seen. Even so Exchange 5.5 may show none, unless its service account is one of the "
                 "local Administrators.", "Q185475, Q147084"),
        ]  # fmt: skip
    told += SINK_CHECKS if plan.sinks else ()
    if plan.manual:
        told.append(
            Said("At each postoffice with a step by hand somebody has the password of an administrator's mailbox.")
        )
    told.append(
        Said("Diagnostics Logging of MSExchangeMSMI is at Maximum, so that the events of the verification are written.",
             "Q175447, Q151791", inferred=True)
    )  # fmt: skip
    return tuple(told)


def _lines(document: Json, name: str, formats: Iterable[Json]) -> dict[str, str]:
    """Give the lines to type; hazards are allowed by name, and a name that a shell could read twice is left out."""
    file = _word(name)
    expect = f"--expect sha256:{document['digest']}"
    allow = "".join(
        f" --allow {item['name']}" for item in document["hazards"] if item["name"].replace("-", "").isalpha()
    )
    return {
        "show": f"remedy show {file}",
        "look": f"remedy apply {file} TARGET --dry-run {expect}",
        "apply": f"remedy apply {file} TARGET {expect}{allow}",
        "resume": f"remedy apply {file} TARGET --resume{allow}",
        "verify": f"remedy verify TARGET --plan {file}",
        "undo_look": f"remedy rollback {_word(f'{name}.journal')} TARGET --dry-run",
        "undo": f"remedy rollback {_word(f'{name}.journal')} TARGET",
        "render": f"remedy render {file} {' '.join(form['name'] for form in formats)} -d scripts",
    }


def _word(name: str) -> str:
    """Give the name of a file as one word of a shell, or a word that stands for it where that cannot be shown."""
    shown = f"./{name}" if name.startswith("-") else name
    return (
        shlex.quote(shown) if printable(shown) == shown else "PLAN" + (".journal" if name.endswith(".journal") else "")
    )


def _tests(document: Json) -> tuple[dict[str, Any], ...]:
    """Give the test messages, those that are to arrive at one place together."""
    rows = {row["address"]: row for row in document["postoffices"]}
    new = {name: change["dn"] for change in document["changes"] for name in change["postoffices"]}
    domain = document["estate"]["domain"] or "DOMAIN"
    groups: dict[tuple[str, str], list[dict[str, str]]] = {}
    for trace in document["traces"]:
        name = trace["postoffice"]
        if trace["kind"] == "shadow" and name not in new:
            continue
        holders = [new[name]] if name in new else [holder["dn"] for holder in rows.get(name, {}).get("holders", ())]
        key = _place(trace["after"], holders)
        groups.setdefault(key, []).append({"postoffice": name, "address": internet_address(name, domain)})
    order = ("mailbox", "postoffice", "open", "none")
    ranked = sorted(groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    return tuple({"end": end, "holder": holder, "messages": messages} for (end, holder), messages in ranked)


def _place(walk: Json, holders: list[str]) -> tuple[str, str]:
    """Say where a test message is to arrive: in an Exchange mailbox, at the postoffice, to be seen, or nowhere."""
    last = walk["path"][-1]["at"] if walk["path"] else ""
    if walk["outcome"] in _FINE:
        return ("mailbox", holders[0]) if last == "exchange-mailbox" and holders else ("postoffice", "")
    return ("open", "") if walk["outcome"] == "unknown" else ("none", "")


def _upkeep(plan: Plan) -> tuple[Said, ...]:
    """Say what keeps the cure working."""
    ends = {_end(trace, "after") for trace in plan.traces} | {row["coverage"] for row in plan.postoffices}
    at_postoffices = plan.manual or ends & {"delivers-until-full", "postoffice-mailbox", "both"}
    held = plan.sinks or ends & {"exchange-mailbox", "both"}
    told = [*(UPKEEP["exchange"] if held else ()), *(UPKEEP["postoffice"] if at_postoffices else ()), *UPKEEP["all"]]
    return (*told, *UPKEEP.get(plan.dialect, ()))


def _unknowns(plan: Plan) -> tuple[Said, ...]:
    """Give what nobody could find out and this plan comes near to."""
    planned = {name for step in plan.steps for name in step.postoffices}
    shadow = any(trace["kind"] == "shadow" and trace["postoffice"] in planned for trace in plan.traces)
    made = UNKNOWNS["creates"] if any(isinstance(step.change, Add) for step in plan.steps) else ()
    return (*UNKNOWNS["all"], *UNKNOWNS.get(plan.dialect, ()), *made, *(UNKNOWNS["shadow"] if shadow else ()))
