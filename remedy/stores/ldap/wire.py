"""Messages to a server and back: sent in windows, received in any order, each with its number (RFC 4511 §4.1).

Law: nothing is ever sent twice, no referral is followed, and no wait is without an end.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ldap3 import BASE, DEREF_NEVER, SUBTREE
from ldap3.operation.add import add_operation
from ldap3.operation.modify import modify_operation
from ldap3.operation.search import compile_filter, parse_filter, search_operation
from ldap3.protocol.convert import build_controls_list
from ldap3.protocol.rfc2696 import paged_search_control
from ldap3.protocol.rfc4511 import LDAPMessage, MessageID, ProtocolOp
from ldap3.strategy.base import BaseStrategy
from ldap3.utils.asn1 import decode_message_fast
from ldap3.utils.asn1 import encode as _encode  # type: ignore[attr-defined]

from remedy.change import Add, Change, Modify, Op
from remedy.entry import Attribute
from remedy.errors import Unreachable
from remedy.stores.ldap.filters import EVERYTHING
from remedy.stores.ldap.results import Result
from remedy.text import printable

__all__ = ["ASSERTION", "PAGED", "Found", "Lost", "Wire"]

ASSERTION = "1.3.6.1.1.12"
"""The assertion control (RFC 4528)."""
PAGED = "1.2.840.113556.1.4.319"
"""Results in pages (RFC 2696)."""

_ENTRY, _DONE, _REFERENCE, _EXTENDED = 4, 5, 19, 24  # what an answer can be, by its tag (RFC 4511 §4)
_MADE = {7, 9}  # the answers to modify and add
_BLOCK = 1 << 16
_FEW = 4  # changes that are sent together
_LIMIT = 256 << 20  # bytes of one message
_EMPTY = 100  # empty pages one after the other
_OPS = {Op.ADD: 0, Op.DELETE: 1}
_NO_LDAP = (IndexError, KeyError, TypeError, ValueError, AttributeError, AssertionError)
"""What the library raises on what is no answer."""


class Lost(Unreachable):
    """The connection broke, or nothing came; what was on its way may or may not have happened."""


class Found(NamedTuple):
    """An entry as it came: its name, and its attributes."""

    name: bytes
    attributes: tuple[Attribute, ...]


class _Message(NamedTuple):
    """One answer."""

    number: int
    kind: int
    payload: Any
    controls: Any


class Wire:
    """An open line to a server that has let us in."""

    def __init__(self, connection: Any, name: str, timeout: float, clock: Callable[[], float] | None = None) -> None:
        """Take over the socket of a connection; ``timeout`` is in seconds, for each answer.

        Without a ``clock`` only silence is timed, and an answer that comes in drips may take longer.
        """
        self.name, self.taken, self._clock = name, 0, clock
        self._connection, self._socket, self._timeout = connection, connection.socket, timeout
        self._socket.settimeout(timeout)
        self._buffer, self._place = bytearray(), 0
        self._number = 1 << 16  # past those that the library used
        self._open: set[int] = set()
        self._ready = b""

    def close(self) -> None:
        """Hang up, without waiting for anybody."""
        self._socket.close()
        self._connection.closed = True

    # --- Sending ------------------------------------------------------------------------------------------------------

    def _queue(self, kind: str, request: Any, controls: Sequence[Any] = ()) -> int:
        """Put a request into the window; give its number."""
        self._number += 1
        message = LDAPMessage()
        message["messageID"] = MessageID(self._number)
        message["protocolOp"] = ProtocolOp().setComponentByName(kind, request)
        if controls:
            message["controls"] = build_controls_list(list(controls))
        self._ready += _encode(message)
        return self._number

    def _flush(self, numbers: Iterable[int]) -> None:
        """Send the window."""
        data, self._ready = self._ready, b""
        self._open.update(numbers)
        try:
            self._socket.sendall(data)
        except OSError as fault:
            raise self._lost(fault) from None

    # --- Receiving ----------------------------------------------------------------------------------------------------

    def _receive(self) -> _Message:
        """Give the next answer to something that was asked."""
        end = self._clock() + self._timeout if self._clock else None
        while True:
            frame = self._frame(end)
            try:
                decoded = decode_message_fast(frame)
                kind, payload = int(decoded["protocolOp"]), decoded["payload"]
                message = _Message(int(decoded["messageID"]), kind, payload, decoded["controls"] or ())
                last = _result(message) if message.number == 0 and message.kind == _EXTENDED else None
            except _NO_LDAP:
                raise self._garbled() from None
            if last:  # a notice of disconnection (RFC 4511 §4.4.1)
                raise self._lost(f"the server ends it: {last.said}")
            if message.number in self._open:
                return message

    def _frame(self, end: float | None) -> bytes:
        """Take one message off the line, which must be there before the clock shows ``end``."""
        while True:
            head = bytes(self._buffer[self._place : self._place + 10])
            size = int(BaseStrategy.compute_ldap_message_size(head)) if head else -1
            if (head and head[0] != 0x30) or size > _LIMIT:  # noqa: PLR2004 - every message is a sequence
                raise self._garbled()
            if 0 <= size <= len(self._buffer) - self._place:
                self._place += size
                return bytes(self._buffer[self._place - size : self._place])
            del self._buffer[: self._place]
            self._place = 0
            try:
                if end is not None and self._clock and self._clock() > end:
                    raise TimeoutError
                data = self._socket.recv(_BLOCK)
            except OSError as fault:
                raise self._lost(fault) from None
            if not data:
                raise self._lost("the server hung up")
            self.taken += len(data)
            self._buffer += data

    def _lost(self, fault: OSError | str) -> Lost:
        """Hang up, and say why."""
        self.close()
        if isinstance(fault, TimeoutError):
            what = f"no answer within {self._timeout:g} s; --timeout says how long to wait"
        else:
            what = fault if isinstance(fault, str) else fault.strerror or str(fault)
        return Lost(
            f"{printable(self.name)}: the connection is lost: {what}. Check server and network, then try again."
        )

    def _garbled(self) -> Lost:
        """Hang up on something that speaks no LDAP."""
        return self._lost("what came is no LDAP")

    # --- Asking -------------------------------------------------------------------------------------------------------

    def pages(
        self, base: str, text: str, attributes: Sequence[str], size: int, references: set[str]
    ) -> Iterator[tuple[list[Found], Result]]:
        """Yield a search page by page, each with its result; it ends after the last, or after one that is no success."""
        cookie, empty = b"", 0
        while True:
            request = _search(base, text, attributes, SUBTREE)
            number = self._queue("searchRequest", request, [paged_search_control(True, size, cookie or None)])  # noqa: FBT003
            self._flush([number])
            entries, result = self._answer(number, references)
            yield entries, result
            control = (result.values or {}).get(PAGED, b"")
            if result.code or not control:
                return
            empty = 0 if entries else empty + 1
            if empty > _EMPTY or (empty and control == cookie):
                raise self._lost("the server gives empty pages without an end")
            cookie = control

    def bases(self, wanted: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[Found | None, Result]]:
        """Read some entries by name, all of them asked for at once; each with the attributes it is to show."""
        numbers = [self._queue("searchRequest", _search(dn, EVERYTHING, attributes, BASE)) for dn, attributes in wanted]
        self._flush(numbers)
        answers = self._answers(numbers)
        return [(next(iter(answers[number][0]), None), answers[number][1]) for number in numbers]

    def _answer(self, number: int, references: set[str]) -> tuple[list[Found], Result]:
        """Wait for all that one search brings."""
        return self._answers([number], references)[number]

    def _answers(
        self, numbers: Sequence[int], references: set[str] | None = None
    ) -> dict[int, tuple[list[Found], Result]]:
        """Wait for all that some searches bring."""
        found: dict[int, list[Found]] = {number: [] for number in numbers}
        ended: dict[int, Result] = {}
        while len(ended) < len(numbers):
            message = self._receive()
            if message.kind == _ENTRY:
                found[message.number].append(self._entry(message.payload))
            elif message.kind == _REFERENCE:
                if references is not None:
                    references.update(self._urls(message.payload))
            elif message.kind == _DONE:
                ended[message.number] = self._ended(message)
        return {number: (found[number], ended[number]) for number in numbers}

    def _urls(self, payload: Any) -> list[str]:
        """Read the URLs of a reference."""
        try:
            return [item[3].decode(errors="replace") for item in payload]
        except _NO_LDAP:
            raise self._garbled() from None

    def _entry(self, payload: Any) -> Found:
        """Take an entry out of its message."""
        try:
            attributes = tuple(
                Attribute(kind[3].decode(), tuple(value[3] for value in values[3]))
                for _, _, _, (kind, values) in payload[1][3]
            )
            return Found(bytes(payload[0][3]), attributes)
        except _NO_LDAP:
            raise self._garbled() from None

    def make(
        self,
        changes: Sequence[tuple[Change, str]],
        on_result: Callable[[int, Result], None],
        pause: Callable[[], None] | None = None,
    ) -> None:
        """Send changes, each with the filter that must hold for its entry (empty = none), and tell how each ended.

        ``pause`` is called between two. Whatever was not told when `Lost` is raised may have happened or not.
        """
        places: dict[int, int] = {}
        for place, (change, asserted) in enumerate(changes):
            controls = [(ASSERTION, True, _filter(asserted))] if asserted else []
            if pause and place:
                pause()
            places[self._queue(*_request(change), controls)] = place
            if pause or place % _FEW == 0:  # the server works on these while the next ones are written
                self._flush(places)
        self._flush(places)
        while places:
            message = self._receive()
            if message.kind in _MADE:
                on_result(places.pop(message.number), self._ended(message))

    def _ended(self, message: _Message) -> Result:
        """Read how a request ended; nothing more is heard of it."""
        self._open.discard(message.number)
        try:
            return _result(message)
        except _NO_LDAP:
            raise self._garbled() from None


def _search(base: str, text: str, attributes: Sequence[str], scope: str) -> Any:
    """Build a search that follows no alias."""
    return search_operation(base, text, scope, DEREF_NEVER, list(attributes), 0, 0, False, False, False)  # noqa: FBT003


def _filter(text: str) -> bytes:
    """Encode a filter by itself, as an assertion holds it (RFC 4528 §3)."""
    tree = parse_filter(text, None, False, False, None, False)  # noqa: FBT003
    return bytes(_encode(compile_filter(tree.elements[0])))


def _request(change: Change) -> tuple[str, Any]:
    """Build the request that makes a change."""
    match change:
        case Modify(dn, mods):
            listed: dict[str, list[Any]] = {}
            for mod in mods:
                listed.setdefault(mod.attribute, []).append((_OPS[mod.op], list(mod.values)))
            return "modifyRequest", modify_operation(str(dn), listed, False)  # noqa: FBT003
        case Add(entry):
            values = {attribute.name: list(attribute.values) for attribute in entry}
            return "addRequest", add_operation(str(entry.dn), values, False)  # noqa: FBT003
    raise TypeError("entries are never deleted from a server (Q284199)")


def _result(message: _Message) -> Result:
    """Read how an operation ended."""
    code, _, text, *more = message.payload
    referrals = tuple(url[3].decode(errors="replace") for item in more if item[2] == 3 for url in item[3])  # noqa: PLR2004
    values: dict[str, bytes] = {}
    for control in message.controls:
        oid, content = BaseStrategy.decode_control_fast(control[3])
        if oid == PAGED:
            values[PAGED] = bytes(content["value"]["cookie"] or b"")
    return Result(int(code[3]), bytes(text[3]).decode(errors="replace"), referrals, values)
