"""A private OpenLDAP server on loopback, made from nothing in 50 ms; it dies with the test process."""

import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from remedy.stores.places import Server as Place
from tests.servers.exchange_schema import for_slapd
from tests.servers.people import ACCOUNTS, PASSWORD, account, as_ldif, peopled

HERE = Path(__file__).parent
PATH = os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin:/sbin"
"""Distributions keep slapd where users do not look."""
TOOLS = ("slapd", "slapadd", "ldapmodify", "ldapsearch", "openssl")
HELP = "apt-get install slapd ldap-utils openssl"


@dataclass(frozen=True)
class Model:
    """Which directory a server plays."""

    suffix: str
    schema: str
    addresses: str
    """The attribute that no two entries may share a value of."""
    access: str
    """The rights of the accounts, see `ACCOUNTS`; the admin has every right and no limit."""
    seed: Path | None = None


CONFIG = """\
include {root}/schema
modulepath /usr/lib/ldap
moduleload back_mdb.so
moduleload unique.so
pidfile {root}/slapd.pid
argsfile {root}/slapd.args
threads 4
sizelimit {sizelimit}
{tls}
{root_dse}
{first}
authz-regexp "gidNumber={gid}.uidNumber={uid},cn=peercred,cn=external,cn=auth" "cn=admin,{model.suffix}"
database mdb
suffix "{model.suffix}"
rootdn "cn=admin,{model.suffix}"
rootpw {password}
directory {root}/db
maxsize 4294967296
dbnosync
index objectClass eq
index {model.addresses} eq,sub
index cn,mail eq
{limits}
limits dn.exact="cn=reader,{model.suffix}" size=unlimited size.pr=1000 size.prtotal=unlimited
limits dn.exact="cn=poor,{model.suffix}" size=500 size.pr=100 size.prtotal=500
access to attrs=userPassword by anonymous auth by * none
{access}
access to * by users read by * none
{extra}
"""
ACCESS = """\
access to filter=(Hide-From-Address-Book=TRUE) by dn.exact="cn=user,{suffix}" none by * break
access to dn.subtree="cn=Recipients,ou=SEATTLE,{suffix}" by dn.exact="cn=writer,{suffix}" write by * break
"""
ACCESS_AD = """\
access to dn.subtree="OU=Recipients,{suffix}" by dn.exact="cn=writer,{suffix}" write by * break
"""
EXCHANGE55 = Model("o=FABRIKAM", (HERE / "exchange55.schema").read_text(), "otherMailbox", ACCESS, HERE / "seed55.ldif")
ACTIVE_DIRECTORY = Model("DC=fabrikam,DC=com", for_slapd(), "proxyAddresses", ACCESS_AD)
UNIQUE = "overlay unique\nunique_uri ldap:///{model.suffix}?{model.addresses}?sub\n"
TLS = "TLSCACertificateFile {0.authority}\nTLSCertificateFile {0.certificate}\nTLSCertificateKeyFile {0.key}"


def missing():
    """Give the names of the tools that are not on this machine."""
    return [tool for tool in TOOLS if not shutil.which(tool, path=PATH)]


class Private:
    """A server on loopback: ``with Slapd(tmp_path / "a") as server: server.url …``; its folder must not exist yet.

    It keeps its ports for life: `kill` or `stop` and `start` bring it back under the same URL with the same entries.
    Call `start` from a thread that lives as long as the server has to: the kernel ends it with that thread.
    A kind of server gives the ``command`` that runs it in the foreground.
    """

    def __init__(self, root, model, admin, *, tls=None, address="127.0.0.1", port=None):
        self.root, self.model, self.tls, self.process = Path(root), model, tls, None
        self.suffix, self.admin, self.password = model.suffix, admin, PASSWORD
        self.address, self.port, self.secure_port = address, port or _free_port(), _free_port()
        self.url, self.secure_url = f"ldap://{address}:{self.port}", f"ldaps://{address}:{self.secure_port}"
        self.socket = self.root / "ldapi"
        self.local_url = f"ldapi://{self.socket}".replace("/", "%2F").replace("%2F%2F", "//", 1)
        self.log = self.root / "log"

    def direct(self):
        """Give what leads here past every proxy, with every right."""
        return Place(url=self.local_url)

    def dn(self, name):
        """Give the name that one of the `ACCOUNTS` binds as."""
        return f"cn={name},{self.suffix}"

    def start(self):
        """Start it, and wait until it answers."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PATH": PATH},
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no pipe tells it that we died, so the kernel must
            )
        self._wait()
        return self

    def stop(self):
        """End it in order; a server that is not running stays so."""
        self._end(signal.SIGTERM)

    def kill(self):
        """End it at once: no answer goes out any more."""
        self._end(signal.SIGKILL)

    def __enter__(self):
        """Start it."""
        return self.start()

    def __exit__(self, *_):
        """Stop it."""
        self.stop()

    def modify(self, ldif, *options):
        """Carry out change records with ldapmodify; give what it says."""
        return self._run("ldapmodify", "-x", "-H", self.url, "-D", self.admin, "-w", self.password, *options, text=ldif)

    def export(self, *attributes, base=None, user=None):
        """Give the directory as ldapsearch -LLL exports it."""
        bind = ["-x", "-LLL", "-H", self.url, "-D", user or self.admin, "-w", self.password]
        return self._run("ldapsearch", *bind, "-b", base or self.suffix, "(objectClass=*)", *attributes)

    def _run(self, *command, text=None):
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, env={**os.environ, "PATH": PATH}, check=False
        )
        if done.returncode:
            raise AssertionError(f"{command[0]} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def _end(self, how):
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(10)
            self.process = None

    def _wait(self):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.process.poll() is not None:
                name = self.command()[0]
                raise AssertionError(f"{name} ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
            try:
                socket.create_connection((self.address, self.port), 1).close()
                with socket.socket(socket.AF_UNIX) as local:
                    local.connect(str(self.socket))
            except OSError:
                time.sleep(0.002)
            else:
                return
        raise AssertionError(f"{self.command()[0]} does not answer")


class Slapd(Private):
    """One server of OpenLDAP."""

    def __init__(
        self,
        root,
        model=EXCHANGE55,
        *,
        entries=None,
        tls=None,
        unique=True,
        sizelimit=500,
        limits="",
        access=None,
        extra="",
        root_dse="",
        first="",
        address="127.0.0.1",
        port=None,
    ):
        super().__init__(root, model, f"cn=admin,{model.suffix}", tls=tls, address=address, port=port)
        self.config, self.seed = self.root / "slapd.conf", self.root / "seed.ldif"
        (self.root / "db").mkdir(parents=True)
        (self.root / "schema").write_text(model.schema)
        (self.root / "root.ldif").write_text(root_dse)
        self.config.write_text(
            CONFIG.format(
                model=model,
                root=self.root,
                password=PASSWORD,
                tls=TLS.format(tls) if tls else "",
                extra=extra + (UNIQUE.format(model=model) if unique else ""),  # an overlay stands behind its database
                access=(model.access if access is None else access).replace("{suffix}", model.suffix),
                first=first,
                root_dse=f"rootDSE {self.root}/root.ldif" if root_dse else "",
                limits=limits.replace("{suffix}", model.suffix),
                sizelimit=sizelimit,
                uid=os.getuid(),
                gid=os.getgid(),
            )
        )
        people = model.seed.read_text() if entries is None else as_ldif(peopled(entries, model.suffix))
        self.seed.write_text(people + "\n" + as_ldif(account(name, model.suffix) for name in ACCOUNTS))
        self.load(self.seed)

    def load(self, ldif):
        """Put entries from a file into the database of a server that is not running."""
        self._run("slapadd", "-q", "-f", self.config, "-l", ldif)

    def command(self):
        """Run it in the foreground, and silently."""
        urls = [self.url, self.local_url, *([self.secure_url] if self.tls else [])]
        return ["slapd", "-d", "0", "-f", self.config, "-h", " ".join(urls)]

    def reload(self, entries):
        """Start afresh with other entries, under the same URL."""
        self.stop()
        for file in (self.root / "db").iterdir():
            file.unlink()
        people = as_ldif(peopled(entries, self.suffix))
        self.seed.write_text(people + as_ldif(account(name, self.suffix) for name in ACCOUNTS))
        self.load(self.seed)
        return self.start()


def _free_port():
    """Choose below the ports that connections get, or one of those might sit on it while the server is down."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _die_with_parent():
    ctypes.CDLL("libc.so.6").prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
