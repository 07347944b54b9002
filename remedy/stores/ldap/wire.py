"""Messages to a server and back: sent in windows, received in any order, each with its number (RFC 4511 §4.1).

Law: nothing is ever sent twice, no referral is followed, and no wait is without an end.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from remedy.change import Change
from remedy.errors import Unreachable
from remedy.stores.ldap import messages
from remedy.stores.ldap.messages import ASSERTION, DONE, MADE, PAGED, REFERENCE, Found, Message, NotLdapError
from remedy.stores.ldap.results import Result
from remedy.text import printable

__all__ = ["ASSERTION", "PAGED", "Found", "Lost", "Wire"]

_BLOCK = 1 << 16
_FEW = 4  # changes that are sent together
_EMPTY = 100  # empty pages one after the other


class Lost(Unreachable):
    """The connection broke, or nothing came; what was on its way may or may not have happened."""


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

    def _queue(self, build: Callable[..., bytes], *words: Any) -> int:
        """Put a request into the window; give its number."""
        self._number += 1
        self._ready += build(self._number, *words)
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

    def _receive(self) -> Message:
        """Give the next answer to something that was asked."""
        end = self._clock() + self._timeout if self._clock else None
        while True:
            try:
                message = messages.received(self._frame(end))
            except NotLdapError:
                raise self._lost("what came is no LDAP") from None
            if message.number == 0 and message.result:  # a notice of disconnection (RFC 4511 §4.4.1)
                raise self._lost(f"the server ends it: {message.result.said}")
            if message.number in self._open:
                return message

    def _frame(self, end: float | None) -> bytes:
        """Take one message off the line, which must be there before the clock shows ``end``."""
        while True:
            size = messages.frame_size(bytes(self._buffer[self._place : self._place + 10]))
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

    # --- Asking -------------------------------------------------------------------------------------------------------

    def pages(
        self, base: str, text: str, attributes: Sequence[str], size: int, references: set[str]
    ) -> Iterator[tuple[list[Found], Result]]:
        """Yield a search page by page, each with its result; it ends after the last, or after one that is no success."""
        cookie, empty = b"", 0
        while True:
            number = self._queue(messages.page, base, text, attributes, size, cookie)
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
        numbers = [self._queue(messages.look, dn, tuple(attributes)) for dn, attributes in wanted]
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
            if message.found:
                found[message.number].append(message.found)
            elif message.kind == REFERENCE:
                if references is not None:
                    references.update(message.urls)
            elif message.kind == DONE:
                ended[message.number] = self._ended(message)
        return {number: (found[number], ended[number]) for number in numbers}

    def make(
        self,
        changes: Sequence[Change],
        on_result: Callable[[int, Result], None],
        pause: Callable[[], None] | None = None,
        *,
        asserted: bool = False,
    ) -> None:
        """Send changes, and tell how each ended; ``asserted`` ones are made only where what they expect holds.

        ``pause`` is called between two. Whatever was not told when `Lost` is raised may have happened or not.
        """
        places: dict[int, int] = {}
        write = partial(messages.change, asserted=asserted)
        for place, change in enumerate(changes):
            if pause and place:
                pause()
            places[self._queue(write, change)] = place
            if pause or place % _FEW == 0:  # the server works on these while the next ones are written
                self._flush(places)
        self._flush(places)
        while places:
            message = self._receive()
            if message.kind in MADE:
                on_result(places.pop(message.number), self._ended(message))

    def _ended(self, message: Message) -> Result:
        """Read how a request ended; nothing more is heard of it."""
        self._open.discard(message.number)
        if message.result is None:
            raise self._lost("what came is no LDAP")
        return message.result
