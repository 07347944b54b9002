"""Messages as bytes: questions and changes on their way out, answers taken apart (RFC 4511 §4).

Law: what is asked often is written here and held equal to what the library writes; what is no answer is refused whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ldap3 import BASE, DEREF_NEVER, SUBTREE
from ldap3.operation.add import add_operation
from ldap3.operation.search import search_operation
from ldap3.protocol.convert import build_controls_list
from ldap3.protocol.rfc2696 import paged_search_control
from ldap3.protocol.rfc4511 import ProtocolOp
from ldap3.strategy.base import BaseStrategy
from ldap3.utils.asn1 import decode_message_fast
from ldap3.utils.asn1 import encode as _encode  # type: ignore[attr-defined]

from remedy.change import Add, Change, Mod, Modify, Op
from remedy.entry import Attribute
from remedy.stores.ldap.filters import EVERYTHING
from remedy.stores.ldap.results import Result

__all__ = [
    "ASSERTION", "DONE", "ENTRY", "EXTENDED", "MADE", "PAGED", "REFERENCE",
    "Found", "Message", "NotLdapError", "change", "frame_size", "look", "page", "received",
]  # fmt: skip

ASSERTION = "1.3.6.1.1.12"
"""The assertion control (RFC 4528)."""
PAGED = "1.2.840.113556.1.4.319"
"""Results in pages (RFC 2696)."""

ENTRY, DONE, REFERENCE, EXTENDED = 4, 5, 19, 24
"""What an answer can be, by its tag."""
MADE = frozenset({7, 9})
"""The answers to modify and add."""

_ENDS = MADE | {DONE}
_LIMIT = 256 << 20  # bytes of one message
_NUMBER, _OCTETS, _SEQUENCE, _SET, _SEARCH, _FOUND, _MODIFY = (
    0x02,
    0x04,
    0x30,
    0x31,
    0x63,
    0x64,
    0x66,
)  # tags (X.690 §8.1.2)
_CONTROLS, _AND, _NOT, _EQUAL = 0xA0, 0xA0, 0xA2, 0xA3  # tags of their own context (RFC 4511 §4.1.11, §4.5.1.7)
_CRITICAL = b"\x01\x01\xff"  # TRUE (RFC 4511 §5.1)
_LONG = 0x80  # from here on a length says how many bytes hold it (X.690 §8.1.3)
_APPLIED = 0x60  # what the tag of an operation adds to its number (X.690 §8.1.2)
_REFERRAL, _REFERRED = 3, 0xA3  # the tag of the URLs in a result
_OPS = {Op.ADD: b"\x0a\x01\x00", Op.DELETE: b"\x0a\x01\x01"}
_STUMBLES = (
    IndexError, KeyError, TypeError, ValueError, AttributeError, AssertionError, OverflowError, RecursionError,
)  # fmt: skip
"""What decoders raise on what is no answer."""


class NotLdapError(ValueError):
    """What came is no LDAP message."""


class Found(NamedTuple):
    """An entry as it came: its name, and its attributes."""

    name: bytes
    attributes: tuple[Attribute, ...]


class Message(NamedTuple):
    """One answer: the number of its request, what it is by its tag, and what is in it of the three."""

    number: int
    kind: int
    found: Found | None = None
    urls: tuple[str, ...] = ()
    result: Result | None = None


# --- On their way out -------------------------------------------------------------------------------------------------


def look(number: int, dn: str, attributes: tuple[str, ...]) -> bytes:
    """Ask for one entry by its name."""
    return _message(number, _element(_SEARCH, _text(dn.encode()) + _looked_for(attributes)))


@lru_cache(maxsize=64)
def _looked_for(attributes: tuple[str, ...]) -> bytes:
    """Encode what all questions for an entry's attributes share: everything that follows the name."""
    request = _operation("searchRequest", _search("", EVERYTHING, attributes, BASE))
    ((_, start, end),) = _elements(request, 0, len(request))
    _, _, name_ends = next(_elements(request, start, end))
    return request[name_ends:end]


def page(number: int, base: str, text: str, attributes: Sequence[str], size: int, cookie: bytes) -> bytes:  # noqa: PLR0913, PLR0917 - what makes a page
    """Ask for one page of what a filter finds below a base."""
    controls = build_controls_list([paged_search_control(True, size, cookie or None)])  # noqa: FBT003
    return _message(
        number, _operation("searchRequest", _search(base, text, attributes, SUBTREE)), bytes(_encode(controls))
    )


def change(number: int, wanted: Change, *, asserted: bool = False) -> bytes:
    """Ask for a change; ``asserted`` makes it fail unless its entry is as the change expects it (RFC 4528)."""
    match wanted:
        case Modify(dn, mods):
            request = _element(_MODIFY, _text(str(dn).encode()) + _list(map(_mod, mods)))
            return _message(number, request, _asserting(mods) if asserted else b"")
        case Add(entry):  # fails by itself where an entry is
            values = {attribute.name: list(attribute.values) for attribute in entry}
            return _message(number, _operation("addRequest", add_operation(str(entry.dn), values, False)))  # noqa: FBT003
    raise TypeError("entries are never deleted from a server (Q284199)")


def _asserting(mods: Iterable[Mod]) -> bytes:
    """Write the assertion control, which is critical (RFC 4528 §3)."""
    control = _list((_text(ASSERTION.encode()), _CRITICAL, _text(_expected(mods))))
    return _element(_CONTROLS, control)


def _expected(mods: Iterable[Mod]) -> bytes:
    """Write the filter that holds where the values to add are not there, and those to delete are (RFC 4511 §4.5.1.7)."""
    terms = [
        equal if mod.op is Op.DELETE else _element(_NOT, equal)
        for mod in mods
        for equal in (_element(_EQUAL, _text(mod.attribute.encode()) + _text(value)) for value in mod.values)
    ]
    return terms[0] if len(terms) == 1 else _element(_AND, b"".join(terms))


def _mod(mod: Mod) -> bytes:
    """Write what happens to the values of one attribute (RFC 4511 §4.6)."""
    values = _element(_SET, b"".join(map(_text, mod.values)))
    return _list((_OPS[mod.op], _list((_text(mod.attribute.encode()), values))))


def _message(number: int, operation: bytes, controls: bytes = b"") -> bytes:
    """Write a message with its number, and with controls if there are some (RFC 4511 §4.1.1)."""
    return _list((_element(_NUMBER, number.to_bytes(number.bit_length() // 8 + 1, "big")), operation, controls))


def _operation(kind: str, request: Any) -> bytes:
    """Let the library encode an operation."""
    return bytes(_encode(ProtocolOp().setComponentByName(kind, request)))


def _search(base: str, text: str, attributes: Sequence[str], scope: str) -> Any:
    """Build a search that follows no alias."""
    return search_operation(base, text, scope, DEREF_NEVER, list(attributes), 0, 0, False, False, False)  # noqa: FBT003


def _list(parts: Iterable[bytes]) -> bytes:
    """Write a sequence of elements."""
    return _element(_SEQUENCE, b"".join(parts))


def _text(value: bytes) -> bytes:
    """Write an octet string."""
    return _element(_OCTETS, value)


def _element(tag: int, content: bytes) -> bytes:
    """Write an element with its length (X.690 §8.1.3)."""
    size = len(content)
    if size < _LONG:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG | len(octets))) + octets + content


# --- On their way in --------------------------------------------------------------------------------------------------


def frame_size(head: bytes) -> int:
    """Give the bytes that the message takes which begins here; -1 if its head is not there yet.

    Raises:
        NotLdapError: no message begins so, or it is too long to be meant.
    """
    size = int(BaseStrategy.compute_ldap_message_size(head)) if head else -1
    if (head and head[0] != _SEQUENCE) or size > _LIMIT:
        raise NotLdapError
    return size


def received(frame: bytes) -> Message:
    """Take an answer apart.

    Raises:
        NotLdapError: it is none.
    """
    try:
        return _usual(frame) or _other(frame)
    except _STUMBLES:
        raise NotLdapError from None


def _usual(frame: bytes) -> Message | None:
    """Take an entry, or an end without controls, out of its message; None if something else is in it."""
    ((_, start, end),) = _elements(frame, 0, len(frame))
    (_, number, number_ends), (kind, start, end), *controls = _elements(frame, start, end)
    named = int.from_bytes(frame[number:number_ends], "big")
    if kind == _FOUND:
        return Message(named, ENTRY, _entry(frame, start, end))
    if kind - _APPLIED in _ENDS and not controls:
        return Message(named, kind - _APPLIED, result=_end(frame, start, end))
    return None


def _entry(frame: bytes, start: int, end: int) -> Found:
    """Read an entry (RFC 4511 §4.5.2)."""
    (_, name, name_ends), (_, start, end) = _elements(frame, start, end)
    return Found(frame[name:name_ends], tuple(_attribute(frame, *part) for part in _elements(frame, start, end)))


def _end(frame: bytes, start: int, end: int) -> Result:
    """Read how an operation ended (RFC 4511 §4.1.9)."""
    (_, code, code_ends), _, (_, text, text_ends), *more = _elements(frame, start, end)
    urls = (url for tag, first, last in more if tag == _REFERRED for url in _elements(frame, first, last))
    referrals = tuple(frame[url:url_ends].decode(errors="replace") for _, url, url_ends in urls)
    return Result(
        int.from_bytes(frame[code:code_ends], "big"), frame[text:text_ends].decode(errors="replace"), referrals, {}
    )


def _attribute(frame: bytes, _: int, start: int, end: int) -> Attribute:
    """Read an attribute with its values (RFC 4511 §4.1.7)."""
    (_, name, name_ends), (_, start, end) = _elements(frame, start, end)
    values = tuple(frame[value:value_ends] for _, value, value_ends in _elements(frame, start, end))
    return Attribute(frame[name:name_ends].decode(), values)


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the elements of a stretch of bytes: their tag, and where their content begins and ends (X.690 §8.1)."""
    while start < end:
        tag, size = data[start], data[start + 1]
        start += 2
        if size >= _LONG:
            width = size - _LONG
            size = int.from_bytes(data[start : start + width], "big")
            start += width
        if start + size > end:
            raise NotLdapError
        yield tag, start, start + size
        start += size


def _other(frame: bytes) -> Message:
    """Take an answer apart that is no entry."""
    decoded = decode_message_fast(frame)
    number, kind, payload = int(decoded["messageID"]), int(decoded["protocolOp"]), decoded["payload"]
    if kind == REFERENCE:
        return Message(number, kind, urls=tuple(item[3].decode(errors="replace") for item in payload))
    if kind in _ENDS or (kind == EXTENDED and not number):
        return Message(number, kind, result=_result(payload, decoded["controls"] or ()))
    return Message(number, kind)


def _result(payload: Any, controls: Any) -> Result:
    """Read how an operation ended."""
    code, _, text, *more = payload
    referrals = tuple(url[3].decode(errors="replace") for item in more if item[2] == _REFERRAL for url in item[3])
    values: dict[str, bytes] = {}
    for control in controls:
        oid, content = BaseStrategy.decode_control_fast(control[3])
        if oid == PAGED:
            values[PAGED] = bytes(content["value"]["cookie"] or b"")
    return Result(int(code[3]), bytes(text[3]).decode(errors="replace"), referrals, values)
