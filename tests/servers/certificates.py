"""Authorities and certificates of our own, good ones and bad ones, made with openssl."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

CONFIG = """\
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ca]
default_ca = signing
[signing]
database = index.txt
new_certs_dir = .
unique_subject = no
rand_serial = yes
policy = name
default_md = sha256
default_days = 30
[here]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:localhost, IP:127.0.0.1, {addresses}
[elsewhere]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:elsewhere.test
"""
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "openssl.cnf"]
ADDRESSES = tuple(f"127.0.0.{number}" for number in range(11, 75))
"""Where servers whose ports cannot be chosen may sit."""
PAST = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"]


@dataclass(frozen=True)
class Identity:
    """What a server shows, for ``Slapd(tls=…)``."""

    authority: Path
    certificate: Path
    key: Path


@dataclass(frozen=True)
class Certificates:
    """A folder of them; clients trust ``authority``, and ``unknown`` is an authority that signed none of the others."""

    folder: Path

    @property
    def authority(self):
        return self.folder / "authority.pem"

    @property
    def unknown(self):
        return self.folder / "unknown.pem"

    @property
    def good(self):
        """For localhost, 127.0.0.1 and `ADDRESSES`, by the authority."""
        return self._identity("good")

    @property
    def expired(self):
        """The same, but it ended in 2020."""
        return self._identity("expired")

    @property
    def elsewhere(self):
        """By the authority, for another host: elsewhere.test."""
        return self._identity("elsewhere")

    def _identity(self, name):
        return Identity(self.authority, self.folder / f"{name}.pem", self.folder / "server.key")


def make_certificates(folder):
    """Make everything in a new ``folder``; one key serves all the servers."""
    folder.mkdir(parents=True)
    addresses = ", ".join(f"IP:{address}" for address in ADDRESSES)
    (folder / "openssl.cnf").write_text(CONFIG.replace("{addresses}", addresses))
    (folder / "index.txt").touch()
    for name in ("authority", "unknown"):
        own = ["-x509", "-days", "30", "-extensions", "authority", "-subj", f"/CN=remedy test {name}"]
        _openssl(folder, "req", *KEY, *own, "-keyout", f"{name}.key", "-out", f"{name}.pem")
    _openssl(folder, "req", *KEY, "-subj", "/CN=remedy test server", "-keyout", "server.key", "-out", "server.csr")
    for name, extensions, dates in (("good", "here", []), ("expired", "here", PAST), ("elsewhere", "elsewhere", [])):
        sign = ["-batch", "-notext", "-config", "openssl.cnf", "-cert", "authority.pem", "-keyfile", "authority.key"]
        names = ["-in", "server.csr", "-extensions", extensions, "-out", f"{name}.pem"]
        _openssl(folder, "ca", *sign, *names, *dates)
    for key in folder.glob("*.key"):
        key.chmod(0o600)
    return Certificates(folder)


def _openssl(folder, *command):
    done = subprocess.run(["openssl", *command], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
