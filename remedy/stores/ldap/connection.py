"""Getting in: the socket, TLS that is verified, and the bind; a password goes to nobody who is not trusted.

Law: no password crosses a network in clear text unless somebody says so each time, and none gets into a message.
"""

import re
import ssl
from typing import Any
from urllib.parse import quote

import ldap3
from ldap3.core.exceptions import (
    LDAPExceptionError,
    LDAPInvalidServerError,
    LDAPSASLPrepError,
    LDAPSessionTerminatedByServerError,
)

from remedy.errors import InputError, Refused, RemedyError, Unreachable, UsageError
from remedy.stores.ldap.place import Place
from remedy.stores.ldap.results import Result, refused_login
from remedy.stores.ldap.wire import Wire
from remedy.stores.login import Login, Sasl
from remedy.text import printable

__all__ = ["connect", "described"]

_CAUSE = re.compile(r"\[Errno -?\d+\] ([^'\")\]]+)")
_REACH = "Check that the server runs, and that host and port are right."
_TROUBLE = (LDAPExceptionError, OSError, ValueError, LookupError, TypeError, AttributeError, AssertionError)
"""What the library raises: its own errors, and whatever its decoder makes of an answer that is no LDAP."""
_STRANGERS = 1 << 20  # bytes that a server may say before it lets us in
_CHECKS = {
    9: "Check this computer's clock", 10: "Have the certificate renewed, and check this computer's clock",
    62: "Write the URL with the name that the certificate is for",
    64: "Write the URL with the name that the certificate is for",
}  # fmt: skip
"""What to do where a certificate is refused for its dates or its name (OpenSSL's numbers)."""


class _Trust(ldap3.Tls):
    """TLS that Python itself verifies: chain, dates and name (ldap3's own check fails on addresses from Python 3.12)."""

    def __init__(self, login: Login) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.authorities = str(login.ca_file) if login.ca_file else None
        self.fault: Exception | None = None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - ldap3's own
        """Protect the socket of a connection, or keep what is wrong."""
        try:
            context = ssl.create_default_context(cafile=self.authorities)
            plain = getattr(connection.socket, "real", connection.socket)
            connection.socket = context.wrap_socket(plain, server_hostname=connection.server.host)
        except Exception as fault:
            self.fault = fault
            connection.socket.close()
            raise


class _Stranger:
    """The socket of a server that has not let us in yet: it may neither talk for ever nor say a lot."""

    def __init__(self, real: Any, login: Login) -> None:
        self.real, self._left, self._clock = real, _STRANGERS, login.clock
        self._end = login.clock() + login.timeout if login.clock else 0.0

    def recv(self, size: int) -> bytes:
        """Take what came, within the limits."""
        if self._clock and self._clock() > self._end:
            raise TimeoutError("timed out")
        data: bytes = self.real.recv(size)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("it says too much")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def connect(place: Place, login: Login) -> Wire:
    """Open a line to a server, and bind.

    Raises:
        Unreachable: it cannot be reached or trusted, or does not let us in.
        Refused: the password would be readable on its way.
        UsageError: the options contradict one another.
        InputError: the file of authorities cannot be used.
    """
    sasl = _sasl(place, login)
    trust = _Trust(login)
    connection = None
    try:
        connection = _prepared(place, login, sasl, trust)
        connection.open(read_server_info=False)
        connection.socket.settimeout(login.timeout)
        if login.starttls:
            connection.socket = _Stranger(connection.socket, login)
            connection.start_tls(read_server_info=False)
        connection.socket = stranger = _Stranger(connection.socket, login)
        connection.bind(read_server_info=False)
        connection.socket = stranger.real
    except RemedyError:
        raise
    except _TROUBLE as fault:
        _hang_up(connection)
        raise _unreachable(place, login, fault, trust.fault) from None
    said = connection.result
    if said["result"]:
        _hang_up(connection)
        raise refused_login(place.name, Result(said["result"], said["message"] or ""))
    return Wire(connection, place.name, login.timeout, login.clock)


def described(place: Place, login: Login) -> str:
    """Say in words how we are connected."""
    plain = "over TLS" if login.starttls else "without encryption"
    line = {"ldaps": "over TLS", "ldapi": "over a local socket"}.get(place.scheme, plain)
    sasl = _sasl(place, login)
    who = (
        f"by SASL {sasl.upper()}" if sasl is not Sasl.NONE else f"as {login.bind_dn}" if login.bind_dn else "as nobody"
    )
    return printable(f"{place.name}: connected {line}, bound {who}")


def _sasl(place: Place, login: Login) -> Sasl:
    """Settle how we prove who we are."""
    if login.starttls and place.scheme != "ldap":
        raise UsageError(f"--starttls is for ldap:// only; {printable(place.name)} needs none.")
    sasl = login.sasl or (Sasl.EXTERNAL if place.is_local and not login.bind_dn else Sasl.NONE)
    if sasl is not Sasl.NONE and login.bind_dn:
        raise UsageError(f"--bind-dn and --sasl {sasl} are two ways to bind: say one of them.")
    protected = login.starttls or place.scheme != "ldap"
    if login.bind_dn and not protected and not login.insecure_plain:
        raise Refused(
            f"{printable(place.name)}: the password would cross the network in clear text. Use ldaps:// or --starttls, "
            "or accept it with --insecure-plain."
        )
    return sasl


def _prepared(place: Place, login: Login, sasl: Sasl, trust: _Trust) -> Any:
    """Make a connection that is not open yet."""
    if login.ca_file:
        try:
            ssl.create_default_context(cafile=str(login.ca_file))
        except (OSError, ValueError) as fault:
            other = f"it cannot be read: {fault.args[-1]}"
            what = "there is no PEM certificate in it" if isinstance(fault, ssl.SSLError) else other
            raise InputError.of(str(login.ca_file), what, "Name a file of PEM certificates with --ca-file.") from None
    host = f"ldapi://{quote(place.host, safe='')}" if place.is_local else place.host
    server = ldap3.Server(
        host, port=place.port or None, use_ssl=place.scheme == "ldaps", get_info=ldap3.NONE, tls=trust,
        connect_timeout=login.timeout,
    )  # fmt: skip
    more: dict[str, Any] = {"authentication": ldap3.ANONYMOUS}
    if sasl is not Sasl.NONE:
        if sasl is Sasl.GSSAPI:
            _needs_gssapi()
        more = {"authentication": ldap3.SASL, "sasl_mechanism": sasl.upper(), "sasl_credentials": ()}
    elif login.bind_dn:
        more = {"authentication": ldap3.SIMPLE, "user": login.bind_dn, "password": _password(login)}
    return ldap3.Connection(
        server, client_strategy=ldap3.SYNC, auto_bind=ldap3.AUTO_BIND_NONE, auto_referrals=False, check_names=False,
        raise_exceptions=False, **more,
    )  # fmt: skip


def _password(login: Login) -> str:
    """Get the password; an empty one would bind as nobody (RFC 4513 §5.1.2)."""
    password = login.password() if login.password else ""
    if not password:
        raise Unreachable(
            f"There is no password for {printable(login.bind_dn)}. Name its file with --password-file FILE."
        )
    return password


def _needs_gssapi() -> None:
    """Refuse to go on without the library that knows Kerberos."""
    from importlib.util import find_spec

    if not find_spec("gssapi"):
        raise Unreachable("--sasl gssapi needs the package gssapi: pip install 'remedy[gssapi]'.")


def _unreachable(place: Place, login: Login, fault: Exception, tls: Exception | None) -> Unreachable:
    """Say why we did not get in."""
    name = printable(place.name)
    if isinstance(tls, ssl.SSLCertVerificationError):
        why = tls.verify_message.rstrip(".")
        named = (
            "The file named by --ca-file does not vouch for it"
            if login.ca_file
            else "Name its authority with --ca-file"
        )
        named = _CHECKS.get(tls.verify_code, named)
        return Unreachable(
            f"{name}: the server's certificate is not trusted: {why}. No password was sent. {named}, or this is not the "
            "server that you think it is."
        )
    if tls is not None:
        hint = _REACH if isinstance(tls, TimeoutError) else "Is this a port without TLS (ldap:// with --starttls)?"
        return Unreachable(
            f"{name}: TLS cannot be set up: {printable(_words(tls, login))}. No password was sent. {hint}"
        )
    if isinstance(fault, LDAPSASLPrepError):
        return Unreachable(f"{name}: the password has a character that no LDAP password can have. Look into its file.")
    return Unreachable(f"{name}: cannot connect: {printable(_words(fault, login))}. {_REACH}")


def _words(fault: Exception, login: Login) -> str:
    """Give the cause out of what a library says."""
    if isinstance(fault, ssl.SSLError):
        return str(fault.reason or fault).replace("_", " ").lower()
    if isinstance(fault, LDAPInvalidServerError | UnicodeError) or "invalid server address" in str(fault):
        return "there is no host of this name"
    if isinstance(fault, LDAPSessionTerminatedByServerError):
        return "the server hangs up; is this a TLS port (ldaps://)?"
    if not isinstance(fault, LDAPExceptionError | OSError):
        return "what came is no LDAP"
    text = str(fault)
    if "timed out" in text:
        return f"no answer within {login.timeout:g} s; --timeout says how long to wait"
    causes = dict.fromkeys(found[1] for found in _CAUSE.finditer(text))
    return next(iter(causes), text)


def _hang_up(connection: Any) -> None:
    """Close what may be open."""
    if connection is None:
        return
    if connection.socket is not None:
        connection.socket.close()
    connection.closed = True
