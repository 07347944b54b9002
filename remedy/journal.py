"""The journal: JSON Lines with LDIF inside, on disk before each step, so that the way home is known whatever happens.

Law: an event is flushed to disk before `write` returns; a torn last line is a step that never began.
"""

import base64
import glob
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from remedy.errors import InputError, Refused
from remedy.shapes import misshapen
from remedy.stores.output import remedy_of, sync_folder
from remedy.text import printable

__all__ = ["SCHEMA", "Journal", "Log", "read_log"]

SCHEMA = "remedy/journal/1"

Event = Mapping[str, Any]

_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "begin": {"event": str, "plan": str},
    "intend": {"event": str, "n": int, "id": str, "values": [str], "do": str, "undo": str},
    "done": {"event": str, "n": int, "result": str},
    "end": {"event": str},
}
"""What every event must say; it may say more."""
_TOUCH = {"dn": str, "offset": int, "old": str, "new": str, "old_sha256": str, "new_sha256": str}

_NEW = ".remedy-new"
_AGAIN = "Give the journal that `remedy apply` wrote."


@dataclass(slots=True)
class Log:
    """What a journal says."""

    begin: Event
    intends: dict[int, Event] = field(default_factory=dict)
    dones: dict[int, Event] = field(default_factory=dict)
    end: Event | None = None

    @property
    def in_doubt(self) -> tuple[Event, ...]:
        """The steps of which nobody noted how they ended."""
        return tuple(event for number, event in self.intends.items() if number not in self.dones)

    def applied_ids(self, doubts: Mapping[int, bool]) -> frozenset[str]:
        """Give the ids of the values that were applied; ``doubts`` says of each step in doubt whether it happened."""
        sure = (
            event
            for n, event in self.intends.items()
            if doubts.get(n, self.dones.get(n, {}).get("result") == "applied")
        )
        return frozenset(name for event in sure for name in event["values"])

    def applied(self) -> tuple[Event, ...]:
        """Give the steps that were carried out, in their order."""
        return tuple(event for n, event in self.intends.items() if self.dones.get(n, {}).get("result") == "applied")


class Journal:
    """A journal being written; every line is on disk before the next step."""

    def __init__(self, path: Path, log: Log | None, handle: int) -> None:
        """Keep the open file; `create` and `resume` make one."""
        self.path, self.log, self._handle = path, log, handle
        self._last = max(log.intends if log else (), default=0)

    @classmethod
    def create(cls, path: Path, begin: Event, *, resume_hint: str) -> Self:
        """Begin a new journal.

        Raises:
            Refused: there is one already; ``resume_hint`` is what to do then.
            InputError: it cannot be written.
        """
        there = Refused(f"The journal {printable(str(path))} is there already. {resume_hint}")
        place = Path(os.path.realpath(path))
        beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}{_NEW}")
        try:
            if place.exists():
                raise there
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        except OSError as fault:
            raise _unwritable(path, fault) from None
        journal = cls(path, None, handle)
        try:  # it comes into being with its first line, or not at all
            journal.write({"event": "begin", "schema": SCHEMA, **begin})
            _claim(beside, place)
            _swept(place)
            sync_folder(place.parent)
        except (InputError, OSError) as fault:
            beside.unlink(missing_ok=True)
            journal.close()
            swept = isinstance(fault, FileNotFoundError) and place.parent.is_dir()
            if swept or isinstance(fault, FileExistsError):  # another run was faster
                raise there from None
            raise fault if isinstance(fault, InputError) else _unwritable(path, fault) from None
        return journal

    @classmethod
    def resume(cls, path: Path) -> Self:
        """Go on with a journal, cutting off a line that was torn.

        Raises:
            InputError: it is none, or cannot be written.
        """
        log, whole = _parsed(path)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_APPEND)
            os.ftruncate(handle, whole)
            _swept(Path(os.path.realpath(path)))
        except OSError as fault:
            raise _unwritable(path, fault) from None
        return cls(path, log, handle)

    @property
    def next(self) -> int:
        """The number of the next step."""
        return self._last + 1

    def write(self, *events: Event) -> None:
        """Add events, and see all of them onto the disk by one flush.

        Raises:
            InputError: they cannot be written.
        """
        data = b"".join(json.dumps(event).encode() + b"\n" for event in events)
        self._last = max((event["n"] for event in events if event["event"] == "intend"), default=self._last)
        try:
            while data:
                data = data[os.write(self._handle, data) :]
            os.fsync(self._handle)
        except OSError as fault:
            raise _unwritable(self.path, fault) from None

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)


def _claim(beside: Path, place: Path) -> None:
    """Give a file a name that nobody has; where there are no hard links the name is taken first, then filled.

    Raises:
        FileExistsError: somebody has it.
        OSError: it cannot be done.
    """
    try:
        place.hardlink_to(beside)
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError:
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        beside.replace(place)


def _swept(place: Path) -> None:
    """Take away what runs that were killed left beside a journal that is there: no other can begin under its name."""
    for left in place.parent.glob(f".{glob.escape(place.name)}.????????{_NEW}"):
        left.unlink(missing_ok=True)


def read_log(path: Path) -> Log:
    """Read a journal.

    Raises:
        InputError: it cannot be read, or is none.
    """
    return _parsed(path)[0]


def _parsed(path: Path) -> tuple[Log, int]:
    """Read a journal; give it and the bytes of its whole lines."""
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise InputError.of(str(path), f"the journal cannot be read: {fault.strerror}", _AGAIN) from None
    whole = data.rfind(b"\n") + 1
    log: Log | None = None
    for number, line in enumerate(data[:whole].splitlines(), 1):
        event = _event(line)
        if event is None or (log is None) != (event["event"] == "begin"):
            raise InputError.of(str(path), "this is no line of a journal", _AGAIN, line=number)
        if log is None:
            log = Log(event)
        elif event["event"] == "end":
            log.end = event
        elif event["event"] in {"intend", "done"}:
            (log.intends if event["event"] == "intend" else log.dones)[event["n"]] = event
    if log is None or log.begin.get("schema") != SCHEMA:
        raise InputError.of(str(path), f"this is no journal of the kind {SCHEMA}", _AGAIN)
    return log, whole


def _event(line: bytes) -> dict[str, Any] | None:
    """Read one line; None if it is no event."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    kind = event.get("event") if isinstance(event, dict) else None
    if not isinstance(kind, str) or kind not in _SHAPES:
        return None
    shape = _SHAPES[kind]
    known = {key: value for key, value in event.items() if key in shape}
    whole = next(misshapen(known, shape), None) is None
    return event if whole and (kind != "intend" or "old" not in event or _is_touch(event)) else None


def _is_touch(event: Event) -> bool:
    """Tell whether the bytes that a step touches are there, and are those that were noted."""
    if next(misshapen({key: event.get(key) for key in _TOUCH}, _TOUCH), None) is not None:
        return False
    try:
        ends = {key: base64.b64decode(event[key], validate=True) for key in ("old", "new")}
    except ValueError:
        return False
    return all(hashlib.sha256(data).hexdigest() == event[f"{key}_sha256"] for key, data in ends.items())


def _unwritable(path: Path, fault: OSError) -> InputError:
    """Say that the journal cannot be written."""
    advice = f"{remedy_of(fault)} or name another place with --journal; no step begins without its line in the journal."
    return InputError.of(str(path), f"the journal cannot be written: {fault.strerror}", advice)
