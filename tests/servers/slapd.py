"""A private OpenLDAP server on loopback, made from nothing in 50 ms; it dies with the test process."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PATH = os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin:/sbin"
"""Distributions keep slapd where users do not look."""


@dataclass(frozen=True)
class Model:
    """Which directory a server plays."""

    suffix: str
    schema: Path
    seed: Path
    addresses: str
    """The attribute that no two entries may share a value of."""


EXCHANGE55 = Model("o=FABRIKAM", HERE / "exchange55.schema", HERE / "seed55.ldif", "otherMailbox")

CONFIG = """\
include /etc/ldap/schema/core.schema
include {model.schema}
modulepath /usr/lib/ldap
moduleload back_mdb.so
moduleload unique.so
pidfile {root}/slapd.pid
argsfile {root}/slapd.args
threads 4
sizelimit 500
{tls}
authz-regexp "gidNumber={gid}.uidNumber={uid},cn=peercred,cn=external,cn=auth" "cn=admin,{model.suffix}"
database mdb
suffix "{model.suffix}"
rootdn "cn=admin,{model.suffix}"
rootpw secret
directory {root}/db
maxsize 1073741824
dbnosync
index objectClass eq
index {model.addresses} eq,sub
index cn,mail eq
limits dn.exact="cn=reader,{model.suffix}" size=unlimited size.pr=1000 size.prtotal=unlimited
limits dn.exact="cn=poor,{model.suffix}" size=500 size.pr=100 size.prtotal=500
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
{extra}
"""
UNIQUE = "overlay unique\nunique_uri ldap:///{model.suffix}?{model.addresses}?sub\n"
TLS = "TLSCACertificateFile {tls}/ca.pem\nTLSCertificateFile {tls}/server.pem\nTLSCertificateKeyFile {tls}/server.key"


def is_installed():
    """Tell whether the server and its tools are on this machine."""
    return all(shutil.which(tool, path=PATH) for tool in ("slapd", "slapadd", "ldapmodify"))


def make_certificates(folder):
    """Make an authority of our own, and a certificate for loopback, in ``folder``; give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "extensions").write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
    )
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout"]
    ca = [
        "-x509",
        "-days",
        "30",
        "-addext",
        "basicConstraints=critical,CA:TRUE",
        "-addext",
        "keyUsage=critical,keyCertSign",
    ]
    for command in (
        [*new, "ca.key", "-out", "ca.pem", "-subj", "/CN=remedy test authority", *ca],
        [*new, "server.key", "-out", "server.csr", "-subj", "/CN=localhost"],
        [
            "openssl",
            "x509",
            "-req",
            "-in",
            "server.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "30",
            "-extfile",
            "extensions",
            "-out",
            "server.pem",
        ],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


class Slapd:
    """One server: ``with Slapd(tmp_path / "a") as server: server.url …``; its folder must not exist yet."""

    def __init__(self, root, model=EXCHANGE55, *, tls=None, unique=True, extra=""):
        self.root, self.model, self.tls = Path(root), model, tls
        self.suffix, self.admin, self.password = model.suffix, f"cn=admin,{model.suffix}", "secret"
        (self.root / "db").mkdir(parents=True)
        more = extra + (UNIQUE.format(model=model) if unique else "")  # an overlay stands behind its database
        secured = TLS.format(tls=tls) if tls else ""
        self.config = self.root / "slapd.conf"
        self.config.write_text(
            CONFIG.format(model=model, root=self.root, tls=secured, extra=more, uid=os.getuid(), gid=os.getgid())
        )
        self.load(model.seed)

    def load(self, ldif):
        """Put entries into the database of a server that is not running."""
        self._run("slapadd", "-q", "-f", self.config, "-l", ldif)

    def __enter__(self):
        """Start it, and wait until it answers."""
        port, secure = _free_port(), _free_port()
        self.url, self.secure_url = f"ldap://127.0.0.1:{port}", f"ldaps://127.0.0.1:{secure}"
        self.local_url = "ldapi://" + f"{self.root}/ldapi".replace("/", "%2F")
        urls = [self.url, self.local_url, *([self.secure_url] if self.tls else [])]
        self.log = self.root / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["slapd", "-d", "0", "-f", self.config, "-h", " ".join(urls)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PATH": PATH},
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no pipe tells slapd that we died, so the kernel must
            )
        self._wait_for(port)
        return self

    def __exit__(self, *_):
        """Stop it."""
        self.process.terminate()
        self.process.wait(10)

    def modify(self, ldif, *options):
        """Carry out change records with ldapmodify; give what it says."""
        return self._run("ldapmodify", "-x", "-H", self.url, "-D", self.admin, "-w", self.password, *options, text=ldif)

    def export(self, *attributes, base=None):
        """Give the directory as ldapsearch -LLL exports it."""
        bind = ["-x", "-LLL", "-H", self.url, "-D", self.admin, "-w", self.password]
        return self._run("ldapsearch", *bind, "-b", base or self.suffix, "(objectClass=*)", *attributes)

    def _run(self, *command, text=None):
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, env={**os.environ, "PATH": PATH}, check=False
        )
        if done.returncode:
            raise AssertionError(f"{command[0]} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def _wait_for(self, port):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"slapd ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.01)
            else:
                return
        raise AssertionError("slapd does not answer")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _die_with_parent():
    ctypes.CDLL("libc.so.6").prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
