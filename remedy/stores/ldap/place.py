"""Where a server is: LDAP URLs, read strictly (RFC 4516)."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import unquote

from remedy.dn import DN
from remedy.errors import UsageError
from remedy.text import printable

__all__ = ["Place"]

_URL = re.compile(r"(ldap|ldaps|ldapi)://([^/?]*)(?:/([^?]*))?(\?.*)?", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:@%\[\]\s]+)(?::(\d{1,5}))?", re.ASCII)
_PORTS = {"ldap": 389, "ldaps": 636, "ldapi": 0}
_FORMS = "Write ldap://host[:port]/[base], ldaps://host[:port]/[base] or ldapi://%2Fpath%2Fto%2Fsocket/[base]."


@dataclass(frozen=True, slots=True)
class Place:
    """One server, and the part of its directory that is meant."""

    scheme: str
    """``ldap``, ``ldaps`` or ``ldapi``."""
    host: str
    """The host, without brackets; for ``ldapi`` the path of the socket."""
    port: int
    """0 for ``ldapi``."""
    base: DN
    """Where to look; the root = everywhere."""
    name: str
    """The URL as it was written, to be shown; nothing secret is in it."""

    @classmethod
    def parse(cls, url: str) -> "Place":
        """Read a URL.

        Raises:
            UsageError: it is none, or says more than where and from where on.
        """
        shown, found = printable(url), _URL.fullmatch(url)
        where = found[2] if found else ""
        if "@" in url and not (_HOST.fullmatch(where) or where.startswith("%2")):  # not shown: it may hold a password
            raise UsageError("An LDAP URL names no user and no password: say --bind-dn and --password-file. " + _FORMS)
        if not found:
            raise UsageError(f"{shown} is no LDAP URL. {_FORMS}")
        scheme, base, more = found[1].lower(), found[3] or "", found[4]
        if more and more.strip("?"):
            raise UsageError(f"{shown}: what stands behind the base is not understood. {_FORMS}")
        try:
            dn = DN.parse(unquote(base, errors="strict"))
        except ValueError as fault:
            raise UsageError(f"{shown}: the base is no distinguished name: {printable(str(fault))}.") from None
        host, port = _socket(where, shown) if scheme == "ldapi" else _address(scheme, where, shown)
        return cls(scheme, host, port, dn, url)

    @property
    def target(self) -> str:
        """The server in one spelling, for a journal: a run goes on only where it began."""
        host = self.host if self.scheme == "ldapi" else f"{self.host.lower()}:{self.port}"
        return f"{self.scheme}://{host}/{self.base.normal}"

    def on(self, port: int) -> "Place":
        """Give the root of what the same host has under another port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return Place(self.scheme, self.host, port, DN(()), f"{self.scheme}://{host}:{port}/")

    @property
    def is_local(self) -> bool:
        """Whether the line never leaves this machine's kernel."""
        return self.scheme == "ldapi"


def _socket(where: str, shown: str) -> tuple[str, int]:
    """Read the path of a socket."""
    path = unquote(where)
    if not path.startswith("/"):
        raise UsageError(f"{shown} names no socket by its whole path. {_FORMS}")
    return path, 0


def _address(scheme: str, where: str, shown: str) -> tuple[str, int]:
    """Read host and port."""
    found = _HOST.fullmatch(where)
    if not found:
        raise UsageError(f"{shown} names no host. {_FORMS}")
    if found[1].startswith("["):
        try:
            IPv6Address(found[1][1:-1])
        except ValueError:
            raise UsageError(f"{shown}: {found[1]} is no IPv6 address. {_FORMS}") from None
    port = int(found[2]) if found[2] else _PORTS[scheme]
    if not 0 < port < 1 << 16:
        raise UsageError(f"{shown}: there is no port {port}. {_FORMS}")
    return found[1].strip("[]"), port
