"""Running the program against servers, inside this process or as one of its own, and listeners that are no servers.

A test module takes the fixtures that it needs by name: ``desk, run = live.desk, live.run``.
"""

import os
import select
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from remedy.cli import main
from tests.cli.conftest import Ran
from tests.servers.people import PASSWORD
from tests.servers.slapd import Slapd

ROOT = Path(__file__).parents[2]
READER, ADMIN = "cn=reader,o=FABRIKAM", "cn=admin,o=FABRIKAM"
SECRET = PASSWORD.encode()


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Sit down in a working folder with a password file, where no variable changes what is said."""
    for name in [name for name in os.environ if name.startswith("REMEDY_")] + ["NO_COLOR", "FORCE_COLOR"]:
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    private("pw", SECRET + b"\n")
    return folder


def private(name, data):
    """Write a file that its owner alone may read."""
    Path(name).write_bytes(data)
    Path(name).chmod(0o600)
    return name


@pytest.fixture
def run(desk):
    """Run a command inside this process; what holds always is checked always."""

    def run(*words, stdin=b"", env=None):
        result = CliRunner().invoke(main, [str(word) for word in words], input=stdin, env=env, prog_name="remedy")
        return Ran(result.exit_code, result.stdout, result.stderr).sane()

    return run


def surroundings(**env):
    """Give the environment of a process; what it leaves open is an error."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error::ResourceWarning", "TERM": "xterm", **env}


@pytest.fixture
def spawn(desk):
    """Run a command as a process of its own."""

    def run(*words, stdin=b"", env=None):
        done = subprocess.run(
            [sys.executable, "-m", "remedy", *map(str, words)],
            input=stdin,
            env=surroundings(**(env or {})),
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode()).sane()

    return run


@pytest.fixture
def typed(desk):
    """Run a command at a terminal of its own: ``typed(answers, *words)`` types an answer at each question.

    Gives how it ended, and what was to be seen on the terminal, which is standard input and error.
    """

    def run(answers, *words, env=None):
        import pty

        master, end = pty.openpty()
        code = (
            "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
            "sys.argv[0] = 'remedy'; from remedy.__main__ import run; run()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, *map(str, words)],
            stdin=end, stdout=subprocess.PIPE, stderr=end, env=surroundings(**(env or {})), start_new_session=True,
        ) as process:  # fmt: skip
            os.close(end)
            seen = _watched(master, process, list(answers))
            out = process.stdout.read().decode()
        os.close(master)
        return Ran(process.returncode, out, ""), seen

    return run


def _watched(master, process, answers):
    seen, end = b"", time.monotonic() + 30
    with suppress(OSError):
        while time.monotonic() < end:
            if select.select([master], [], [], 0.1)[0]:
                seen += os.read(master, 65536)
                if answers and seen.endswith(b": "):
                    os.write(master, answers.pop(0))
            elif process.poll() is not None:
                break
    try:
        process.wait(max(1, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
    return seen.decode()


@pytest.fixture(scope="session")
def house(tmp_path_factory, certificates):
    """Give a server with a good certificate, for tests that change nothing."""
    with Slapd(tmp_path_factory.mktemp("house") / "slapd", tls=certificates.good) as server:
        yield server


@pytest.fixture(scope="session")
def shown(tmp_path_factory, certificates):
    """Give servers by the certificate that they show, for tests that change nothing."""
    made = {}

    def give(name):
        if name not in made:
            made[name] = Slapd(tmp_path_factory.mktemp(name) / "slapd", tls=getattr(certificates, name)).start()
        return made[name]

    yield give
    for server in made.values():
        server.stop()


class Listener:
    """Something that listens on loopback: ``behave`` gets each connection, and may leave it open."""

    def __init__(self, behave, *, backlog=16):
        self.behave, self.connections, self._open = behave, 0, []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.port = self._socket.getsockname()[1]
        self.url, self.secure_url = f"ldap://127.0.0.1:{self.port}/o=X", f"ldaps://127.0.0.1:{self.port}/o=X"

    def __enter__(self):
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()
        for one in self._open:
            one.close()

    def _serve(self):
        while True:
            try:
                one, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(one)
            with suppress(OSError):
                self.behave(one)


def mute(connection):
    """Say nothing."""


def closing(connection):
    """Hang up at once."""
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def greeting(data):
    """Say something before anybody asks."""
    return lambda connection: connection.sendall(data)


def answering(data, *, end=False):
    """Answer the first request by some bytes."""

    def behave(connection):
        connection.settimeout(10)
        connection.recv(65536)
        connection.sendall(data)
        if end:
            connection.shutdown(socket.SHUT_RDWR)

    return behave
