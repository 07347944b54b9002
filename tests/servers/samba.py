"""A private Active Directory domain controller (Samba) on a loopback address of its own; it dies with the test process.

A domain is provisioned once a test run, with what Exchange adds to the schema; each server is a clone of it. The LDAP
ports of Samba cannot be chosen, so that each server has an address of its own.
"""

import os
import random
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from remedy.dn import DN
from remedy.ldif import dump_entry
from remedy.stores.login import Login
from remedy.stores.places import Server as Place
from tests.active_directory import DOMAIN, USERS, peopled_ad
from tests.servers.certificates import ADDRESSES
from tests.servers.exchange_schema import for_samba
from tests.servers.slapd import PATH

TOOLS = ("samba", "samba-tool", "ldapmodify", "ldapsearch", "openssl")
HELP = "apt-get install samba samba-dsdb-modules samba-vfs-modules samba-ad-provision ldap-utils openssl (and be root)"
PASSWORD = "Passw0rd.123"
ADMIN = "Administrator@fabrikam.com"
THERE = (DOMAIN, f"CN=Configuration,{DOMAIN}", f"CN=Services,CN=Configuration,{DOMAIN}")
ENV = {**os.environ, "PATH": PATH, "TDB_NO_FSYNC": "1"}
"""Ten times as many writes a second; for tests only."""


def missing():
    """Give what is not on this machine."""
    gone = [tool for tool in TOOLS if not shutil.which(tool, path=PATH)]
    return gone or ([] if os.geteuid() == 0 else ["root"])


def make_template(folder, tls):
    """Provision a domain in a new ``folder`` and extend its schema."""
    folder.mkdir(parents=True)
    (folder / "empty.conf").touch()  # or the configuration of the system would be merged in
    place = folder / "dc"
    _run(
        "samba-tool", "domain", "provision", "-s", folder / "empty.conf", f"--targetdir={place}",
        "--realm=FABRIKAM.COM", "--domain=FABRIKAM", "--server-role=dc", "--dns-backend=NONE", "--host-name=dc1",
        "--host-ip=127.0.0.1", f"--adminpass={PASSWORD}", "--option=interfaces=lo",
        "--option=bind interfaces only=yes", f"--option=posix:eadb={place}/private/eadb.tdb",
        "--option=vfs objects=dfs_samba4 acl_xattr",
    )  # fmt: skip
    with SambaAD(folder / "first", place, tls, ["dsdb:schema update allowed=true"]) as server:
        server.modify(for_samba(DOMAIN))
    shutil.rmtree(place)
    (folder / "first").rename(place)
    _moved(place, folder / "first", place)
    return place


class SambaAD:
    """One server: ``with SambaAD(tmp_path / "a", template, tls) as server: server.secure_url …``."""

    suffix, admin, password = DOMAIN, ADMIN, PASSWORD

    def __init__(self, root, template, tls, options=()):
        self.root, self.tls, self.process, self.options = Path(root), tls, None, options
        _run("cp", "-a", "--sparse=always", template, self.root)
        _moved(self.root, template, self.root)
        self.address = free_address()
        self.url, self.secure_url = f"ldap://{self.address}", f"ldaps://{self.address}"
        self.port, self.secure_port = 389, 636
        self.log, self.full = self.root / "out", ()

    def start(self):
        """Start it, and wait until it answers."""
        self.stop()
        options = [
            "server services=ldap", f"interfaces={self.address}/8", "bind interfaces only=yes",
            f"log file={self.root}/log.%m", f"tls keyfile={self.tls.key}", f"tls certfile={self.tls.certificate}",
            f"tls cafile={self.tls.authority}", f"pid directory={self.root}", *self.options,
        ]  # fmt: skip
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # it ends by itself when the pipe of its standard input closes
                ["samba", "-i", "-M", "single", "-s", self.root / "etc/smb.conf", "--debug-stdout",
                 *(f"--option={option}" for option in options)],
                stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, env=ENV,
            )  # fmt: skip
        _answers(self)
        return self

    def stop(self):
        """End it in order."""
        if self.process is not None:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
            self.process.wait(10)
            self.process = None

    def kill(self):
        """End it at once: no answer goes out any more."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process.stdin.close()
            self.process = None

    def __enter__(self):
        """Start it."""
        return self.start()

    def __exit__(self, *_):
        """Stop it."""
        self.stop()

    def modify(self, ldif):
        """Carry out change records with ldapmodify."""
        return self._tool("ldapmodify", text=ldif)

    def add(self, entries):
        """Put entries, as Exchange 5.5 has them, into the directory."""
        return self._tool("ldapmodify", "-a", text="".join(map(dump_entry, peopled_ad(entries, there=THERE))))

    def direct(self):
        """Give what leads here past every proxy, with every right."""
        return Place(url=f"{self.secure_url}/", login=self.login())

    def person(self, name):
        """Make somebody with no rights to speak of."""
        _run("samba-tool", "user", "create", name, self.password, "-s", self.root / "etc/smb.conf")

    def refill(self, entries):
        """Take all recipients away, and put entries into the directory."""
        gone = (
            [line for line in self.export("1.1", base=USERS).splitlines() if line.startswith("dn: ")]
            if self.full
            else []
        )
        self.modify("".join(f"{line}\nchangetype: delete\n\n" for line in sorted(gone, key=len, reverse=True)))
        new = peopled_ad(entries, there=(*THERE, *self.full))
        self._tool("ldapmodify", "-a", text="".join(map(dump_entry, new)))
        self.full += tuple(str(entry.dn) for entry in new if not entry.dn.within(DN.parse(USERS)))

    def login(self, name=ADMIN, password=PASSWORD, **more):
        """Give what gets somebody in."""
        return Login(bind_dn=name, password=lambda: password, ca_file=self.tls.authority, **more)

    def export(self, *attributes, base=None):
        """Give the directory as ldapsearch -LLL exports it."""
        return self._tool(
            "ldapsearch",
            "-LLL",
            "-o",
            "ldif_wrap=no",
            "-E",
            "pr=1000/noprompt",
            "-b",
            base or self.suffix,
            "(objectClass=*)",
            *attributes,
        )

    def _tool(self, name, *words, text=None):
        bind = ["-x", "-H", self.secure_url, "-D", self.admin, "-w", self.password]
        return _run(name, *bind, *words, text=text, env={**ENV, "LDAPTLS_REQCERT": "never"})


def _run(*command, text=None, env=ENV):
    done = subprocess.run(command, input=text, capture_output=True, text=True, env=env, check=False)
    if done.returncode:
        raise AssertionError(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}{done.stdout[-500:]}")
    return done.stdout


def _moved(root, old, new):
    config = root / "etc/smb.conf"  # it holds absolute paths
    config.write_text(config.read_text().replace(str(old), str(new)))


def free_address():
    while True:
        address = random.SystemRandom().choice(ADDRESSES)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, 389))
            except OSError:
                continue
            return address


def _answers(server):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if server.process.poll() is not None:
            raise AssertionError(f"samba ended with {server.process.returncode}: {server.log.read_text()[-2000:]}")
        try:
            for port in (389, 636, 3268, 3269):
                socket.create_connection((server.address, port), 1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise AssertionError("samba does not answer")
