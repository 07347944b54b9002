"""The landing: reason, intent and change of each step, under one digest.

Law: the digest is over everything else in the file; the LDIF text of a change is the change, all else explains it.
"""

import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remedy.addresses import ms_address
from remedy.change import Add, Change, Delete, Modify, Op, mods_of, reverse, touched
from remedy.codes import CODES, HAZARDS
from remedy.entry import Entry, value_key
from remedy.errors import InputError, Stale
from remedy.json_text import canonical
from remedy.ldif import RESERVED, dump_change, parse_changes
from remedy.shapes import OPTIONAL, misshapen
from remedy.text import fold, joined, printable

__all__ = ["SCHEMA", "Plan", "Step", "digest_of"]

SCHEMA = "remedy/plan/1"

_KEYS = (
    "dialect", "strategy", "options", "estate", "sinks", "changes", "manual", "hazards", "postoffices", "traces",
    "findings", "summary",
)  # fmt: skip
_COUNTS = (
    "postoffices", "covered", "exposed", "conflict", "full", "findings", "changes", "values", "sinks", "manual", "hazards",
)  # fmt: skip
_WALK = {"outcome": str, "path": [{"at": str, "why": str}]}
_SHAPE = {
    "schema": str,
    "digest": str,
    "dialect": str,
    "strategy": str,
    "options": {"*": OPTIONAL((str, int, list))},
    "estate": {"sites": [{"site": str, "shadow": OPTIONAL(str)}], "domain": OPTIONAL(str), "version": OPTIONAL(str)},
    "sinks": [{"dn": str, "action": str, "reason": str, "proxies": [str]}],
    "changes": [
        {
            "id": str, "dn": str, "action": str, "reason": str, "postoffices": [str], "expects": [{"*": str}],
            "before": OPTIONAL({"*": [str]}), "ldif": str, "undo": str,
        }
    ],
    "manual": [{"postoffice": str, "text": str}],
    "hazards": [{"name": str, "detail": str}],
    "postoffices": [
        {
            "address": str, "network": str, "name": str, "kind": str, "coverage": str, "confidence": str,
            "holders": [{"dn": str, "kind": str, "address": str}],
            "evidence": [{"source": str, "where": str, "kind": str, "value": str, "count": int}],
        }
    ],
    "traces": [{"postoffice": str, "kind": str, "before": _WALK, "after": _WALK, "msmail_side": _WALK}],
    "findings": [{"code": str, "severity": str, "subject": str, "message": str, "fix": str}],
    "summary": dict.fromkeys(_COUNTS, int),
}  # fmt: skip

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of one entry, with its reason."""

    id: str
    """``c1``, ``c2``, … in the order they are carried out; a value of it is ``c1.1``."""
    reason: str
    postoffices: tuple[str, ...]
    """The postoffices it covers."""
    change: Change
    before: Entry | None = None
    """The entry as the sources showed it; None for a new one."""

    @property
    def action(self) -> str:
        """``add`` or ``modify``."""
        return "add" if isinstance(self.change, Add) else "modify"

    def expects(self) -> tuple[dict[str, str], ...]:
        """Give what must hold for each value, and nothing else about the entry."""
        if not isinstance(self.change, Modify):
            return ({"id": f"{self.id}.1", "entry": "absent"},)
        pairs = ((mod, value) for mod in self.change.mods for value in mod.values)
        return tuple(
            {
                "id": f"{self.id}.{number}",
                "attribute": mod.attribute,
                "value": _text(value),
                "state": "absent" if mod.op is Op.ADD else "present",
            }
            for number, (mod, value) in enumerate(pairs, 1)
        )

    def to_dict(self) -> dict[str, Any]:
        """Give it as the plan file shows it."""
        return {
            "id": self.id,
            "dn": str(self.change.dn),
            "action": self.action,
            "reason": self.reason,
            "postoffices": list(self.postoffices),
            "expects": list(self.expects()),
            "before": self._image(),
            "ldif": dump_change(self.change),
            "undo": dump_change(reverse(self.change)),
        }

    def _image(self) -> dict[str, list[str]] | None:
        """Give the values of the attributes that change, as they were."""
        if self.before is None or not isinstance(self.change, Modify):
            return None
        names = dict.fromkeys(mod.attribute for mod in self.change.mods)
        return {name: [_text(value) for value in self.before.values(name)] for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be done, why, and what it would bring."""

    dialect: str
    strategy: str
    options: Json
    estate: Json
    sinks: tuple[Json, ...]
    steps: tuple[Step, ...]
    manual: tuple[Json, ...]
    hazards: tuple[Json, ...]
    postoffices: tuple[Json, ...]
    traces: Sequence[Json]
    findings: tuple[Json, ...]
    summary: Json

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes, in the order they are carried out."""
        return tuple(step.change for step in self.steps)

    @property
    def pending(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.steps or self.manual)

    def to_dict(self) -> dict[str, Any]:
        """Give the plan file, its digest included, as plain data."""
        return {**self.document(), "traces": list(self.traces)}

    def document(self) -> dict[str, Any]:
        """Give the plan file, its digest included, for `remedy.json_text`: traces are filled in as they are written."""
        body = self._body()
        return {"schema": SCHEMA, "digest": digest_of(body), **{key: body[key] for key in _KEYS}}

    @property
    def digest(self) -> str:
        """The SHA-256 of everything else in the plan file, in hexadecimal digits."""
        return digest_of(self._body())

    def _body(self) -> dict[str, Any]:
        """Give everything but the digest."""
        return {
            "schema": SCHEMA,
            "dialect": self.dialect,
            "strategy": self.strategy,
            "options": dict(self.options),
            "estate": dict(self.estate),
            "sinks": list(self.sinks),
            "changes": [step.to_dict() for step in self.steps],
            "manual": list(self.manual),
            "hazards": list(self.hazards),
            "postoffices": list(self.postoffices),
            "traces": self.traces,
            "findings": list(self.findings),
            "summary": dict(self.summary),
        }

    @classmethod
    def from_json(cls, text: str, source: str) -> "Plan":
        """Read a plan file.

        Raises:
            InputError: it is no plan file, or its shape is not right.
            Stale: it was changed after it was made.
        """
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as fault:
            raise InputError.of(source, "this is no plan file", _AGAIN, line=getattr(fault, "lineno", None)) from None
        _shaped(data, source)
        body = {key: value for key, value in data.items() if key != "digest"}
        if data["digest"] != digest_of(body):
            raise Stale(source, "digest", expected=printable(data["digest"]), found=digest_of(body))
        steps = tuple(_steps(data["changes"], source))
        lists = {key: tuple(data[key]) for key in _KEYS if isinstance(data[key], list) and key != "changes"}
        kept: dict[str, Any] = {**lists, **{key: data[key] for key in _KEYS if not isinstance(data[key], list)}}
        return cls(steps=steps, **kept)


_AGAIN = "Give a file that `remedy plan -o` wrote, or plan again."


def digest_of(body: Json) -> str:
    """Give the SHA-256 of the canonical JSON: sorted keys, compact, UTF-8 (contract)."""
    digest = hashlib.sha256()
    for piece in canonical(body):
        digest.update(piece.encode(errors="surrogatepass"))
    return digest.hexdigest()


def _shaped(data: Any, source: str) -> None:
    """Refuse what has not the shape of a plan file."""
    schema = data.get("schema") if isinstance(data, dict) else None
    if isinstance(schema, str) and schema != SCHEMA and schema.startswith("remedy/plan/"):
        raise InputError.of(source, f"this plan is of the kind {schema}; this version reads {SCHEMA}", "Update remedy.")
    if schema != SCHEMA:
        raise InputError.of(source, f"this is no plan file of the kind {SCHEMA}", _AGAIN)
    wrong = list(misshapen(data, _SHAPE))
    if not wrong:
        wrong = [f"hazards: {item['name']}" for item in data["hazards"] if item["name"] not in HAZARDS]
        wrong += [f"findings: {item['code']}" for item in data["findings"] if item["code"] not in CODES]
    if wrong:
        parts = joined(map(printable, wrong), most=5)
        raise InputError.of(source, f"this plan has not the shape of one: {parts}", _AGAIN)


def _steps(changes: list[Any], source: str) -> Iterator[Step]:
    """Read the changes back from their LDIF; all else that a change says must be what its LDIF says."""
    seen: dict[Hashable, int] = {}
    for number, item in enumerate(changes, 1):
        place = f"{source}, change {number}"
        step = _step(item, place)
        if step is None or step.to_dict() != item:
            raise InputError.of(place, "its LDIF does not say what the rest of the change says", _AGAIN)
        if wrong := _unfit(step.change) or next(_twice(step, number, seen), ""):
            raise InputError.of(place, wrong, _AGAIN)
        yield step


def _unfit(change: Change) -> str:
    """Say why no plan makes a change like this; empty if one can."""
    if isinstance(change, Delete):
        return "it takes a whole entry away, which no plan does"
    if words := [name for name in touched([change]) if fold(name) in RESERVED]:
        return f"{joined(words)} means something else in LDIF, and is no attribute"
    added, taken = (_keys(change, op) for op in Op)
    both = joined((printable(text) for key, text in added.items() if key in taken), most=3)
    return f"it adds {both} and takes the same value away, in whatever case (RFC 4518)" if both else ""


def _keys(change: Change, op: Op) -> dict[Hashable, str]:
    """Give the values that a change adds or takes away, by what a server takes for one value."""
    some = ((mod.attribute, value) for mod in mods_of(change) if mod.op is op for value in mod.values)
    return {(fold(name), value_key(value)): _text(value) for name, value in some}


def _twice(step: Step, number: int, seen: dict[Hashable, int]) -> Iterator[str]:
    """Say what of a step stood in one before it: its id, its entry, or an address that only one entry may get."""
    added = [value for mod in mods_of(step.change) if mod.op is Op.ADD for value in mod.values]
    found: dict[Hashable, str] = {("id", step.id): f"the id {step.id}", step.change.dn: f"the entry {step.change.dn}"}
    found |= {address: f"the address {address}" for address in map(ms_address, added) if address}
    for key, what in found.items():
        if key in seen:
            yield f"{printable(what)} is that of change {seen[key]} too"
    seen |= dict.fromkeys(found, number)


def _step(item: Mapping[str, Any], place: str) -> Step | None:
    """Read one change back from its LDIF; None if that is not one change, or holds text that stands for no bytes."""
    try:
        every = parse_changes(_bytes(item["ldif"]), place)
        before = item["before"] and {name: list(map(_bytes, values)) for name, values in item["before"].items()}
    except UnicodeEncodeError:
        return None
    if len(every) != 1:
        return None
    return Step(
        id=item["id"],
        reason=item["reason"],
        postoffices=tuple(item["postoffices"]),
        change=every[0],
        before=None if before is None else Entry.of(every[0].dn, before),
    )


def _text(value: bytes) -> str:
    r"""Give a value as text; bytes that are no UTF-8 are kept as lone surrogates, which JSON writes as ``\udcNN``."""
    return value.decode(errors="surrogateescape")


def _bytes(text: str) -> bytes:
    """Give the bytes that a text stands for."""
    return text.encode(errors="surrogateescape")
