"""A proxy before an LDAP server on loopback that writes down what goes by, and goes wrong when it is told to.

    with Proxy(server.port) as proxy:
        proxy.on("modifyResponse", nth=2, action=Action.CLOSE)
        ... connect to proxy.url ...
        assert len(proxy.writes()) == 2

Actions: an `Action`, other bytes (or a list of them) to deliver instead, or a `Reply` to the sender.
A connection that turns into TLS goes through unread; its bytes are kept, see `Proxy.saw`.
"""

import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from queue import SimpleQueue

from tests.servers.ber import Message, length

PLAIN = 0x30
"""The first byte of every LDAP message, and of no TLS record."""


class Action(Enum):
    """What becomes of a message."""

    PASS = "is delivered"
    SWALLOW = "is dropped"
    CLOSE = "is dropped, and both sides of the connection are closed"
    STALL = "is dropped as is all that follows in this direction; the connection stays open"


@dataclass(frozen=True)
class Reply:
    """Drop a message and send its sender this instead: the other side never hears of it."""

    raw: bytes


@dataclass
class _Trap:
    """What shall happen to which messages of a kind."""

    kind: object
    nth: int | None
    action: object
    run: object
    count: int = 0

    def spring(self, message):
        if not (self.kind(message) if callable(self.kind) else self.kind == message.kind):
            return Action.PASS
        self.count += 1
        if self.nth not in {None, self.count}:
            return Action.PASS
        if self.run is not None:
            self.run(message)
        return self.action(message) if callable(self.action) else self.action


@dataclass(eq=False)
class _Link:
    """One connection: the client's socket and the server's, each with what guards writing to it."""

    number: int
    client: socket.socket
    server: socket.socket
    stalled: set = field(default_factory=set)
    open: int = 2
    guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self):
        self.guards = {self.client: threading.Lock(), self.server: threading.Lock()}

    def sink(self, *, to_server):
        return self.server if to_server else self.client

    def send(self, sink, data):
        with self.guards[sink]:
            sink.sendall(data)

    def cut(self):
        for one in (self.client, self.server):
            _shut(one, socket.SHUT_RDWR)

    def end(self, sink):
        """Say that nothing more comes for one side; a server that has ended reads nothing either."""
        if sink is not None:
            _shut(sink, socket.SHUT_WR if sink is self.server else socket.SHUT_RDWR)

    def leave(self):
        with self.guard:
            self.open -= 1
            if not self.open:
                self.client.close()
                self.server.close()


class Proxy:
    """Listens on a port of its own and passes everything to ``port``.

    ``rule`` is asked about every message and gives an action or None. It runs inside the proxy, one message at a time:
    it may change the server's entries by a way of its own, and must not talk through the proxy.
    With a ``delay`` of seconds each way, or ``parse=False``, chunks are passed on unread; with a delay none are kept.
    """

    def __init__(self, port, *, host="127.0.0.1", parse=None, delay=0.0, rule=None):
        self.target, self.delay, self.rule = (host, port), delay, rule
        self.parse = not delay if parse is None else parse
        self.log, self.traps, self.errors, self.connections = [], [], [], 0
        self.raw = defaultdict(bytearray)
        """All bytes by connection and direction (whether to the server)."""
        self._changed, self._links, self._threads = threading.Condition(threading.RLock()), [], []

    def on(self, kind, action=Action.PASS, *, nth=None, run=None):
        """Trap the nth message of a kind from now on, or each; a function of the message may stand for kind or action.

        ``run`` is called with the message before it goes on.
        """
        self.traps.append(_Trap(kind, nth, action, run))

    def writes(self):
        """Give the requests to change something that were seen, delivered or not."""
        return self.seen(lambda message: message.writes)

    def seen(self, kind):
        """Give the messages of a kind, or those that a function chooses."""
        with self._changed:
            return [one for one in self.log if (kind(one) if callable(kind) else one.kind == kind)]

    def saw(self, secret):
        """Tell whether these bytes went over any connection, in clear."""
        assert not self.delay, "a delayed proxy keeps nothing"
        with self._changed:
            return any(secret in data for data in self.raw.values())

    def wait_for(self, kind, count=1, timeout=10):
        """Wait until so many messages of a kind were seen."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.seen(kind)) >= count, timeout), f"no {count} {kind}"

    def cut(self):
        """Close all connections; new ones are welcome."""
        for link in self._links:
            link.cut()

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.url = f"ldap://127.0.0.1:{self.port}"
        self.secure_url = f"ldaps://127.0.0.1:{self.port}"
        self._spawn(self._accept)
        return self

    def __exit__(self, kind, *_):
        _shut(self._listener, socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()
        if self.errors and kind is None:
            raise self.errors[0]

    def _spawn(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, name="proxy", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.target, 5)
            except OSError:
                client.close()
                continue
            for one in (client, server):
                one.settimeout(None)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            link = _Link(self.connections, client, server)
            self._links.append(link)
            for to_server in (True, False):
                self._spawn(self._pump, link, to_server)

    def _pump(self, link, to_server):
        """Carry one direction of a connection."""
        sink = link.sink(to_server=to_server)
        deliver, end = self._queue(link, sink) if self.delay else (lambda data: link.send(sink, data), link.end)
        try:
            for data in self._pieces(link, link.sink(to_server=not to_server), to_server):
                deliver(data)
        except OSError:
            link.cut()
        except Exception as error:  # noqa: BLE001 - a rule's; told when the proxy ends
            self.errors.append(error)
            link.cut()
        finally:
            end(None if to_server in link.stalled else sink)
            link.leave()

    def _queue(self, link, sink):
        """Make a queue that is emptied in time; give how to put something in and how to end it."""
        waiting = SimpleQueue()
        with link.guard:
            link.open += 1
        self._spawn(self._drain, link, sink, waiting)

        def put(data):
            waiting.put((time.monotonic() + self.delay, data))

        return put, lambda ended: put((ended,))

    def _drain(self, link, sink, waiting):
        try:
            while True:
                due, data = waiting.get()
                if (rest := due - time.monotonic()) > 0:
                    time.sleep(rest)
                if isinstance(data, tuple):
                    link.end(*data)
                    return
                link.send(sink, data)
        except OSError:
            link.cut()
        finally:
            link.leave()

    def _pieces(self, link, source, to_server):
        """Yield what is to be delivered."""
        waiting, parse = bytearray(), self.parse
        while data := source.recv(65536):
            if not self.delay:
                with self._changed:
                    self.raw[link.number, to_server] += data
            waiting += data
            while parse and (size := length(waiting)) and len(waiting) >= size:
                parse = waiting[0] == PLAIN
                if parse:
                    message = Message(link.number, to_server, bytes(waiting[:size]))
                    del waiting[:size]
                    yield from self._judged(link, message)
            if not parse and waiting:
                yield bytes(waiting)
                waiting.clear()

    def _judged(self, link, message):
        """Write a message down and give what is to be delivered for it."""
        with self._changed:
            self.log.append(message)
            self._changed.notify_all()
            action = self._action(message)
        if message.to_server in link.stalled:
            return ()
        if action is Action.CLOSE:
            link.cut()
            raise ConnectionAbortedError
        if action is Action.STALL:
            link.stalled.add(message.to_server)
        if isinstance(action, Reply):
            link.send(link.sink(to_server=not message.to_server), action.raw)
        if action is Action.PASS:
            return (message.raw,)
        if isinstance(action, bytes):
            return (action,)
        return tuple(action) if isinstance(action, list | tuple) else ()

    def _action(self, message):
        chosen = [trap.spring(message) for trap in self.traps]
        if self.rule is not None:
            chosen.append(self.rule(message))
        return next((one for one in chosen if one is not None and one is not Action.PASS), Action.PASS)


def _shut(one, how):
    try:
        one.shutdown(how)
    except OSError:
        return  # it is closed already


@contextmanager
def distant(port, delay):
    """Give the port of a delaying proxy in a process of its own, which takes no time from the one that is measured."""
    command = [sys.executable, "-m", "tests.servers.proxy", str(port), str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()  # it ends when it hears that
            process.wait(10)


if __name__ == "__main__":
    with Proxy(int(sys.argv[1]), delay=float(sys.argv[2])) as far:
        print(far.port, flush=True)  # noqa: T201 - that is how it tells
        sys.stdin.read()
