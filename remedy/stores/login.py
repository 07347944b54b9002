"""How to get at a server: who we are, how the line is protected, and how long to wait; known to no library."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

__all__ = ["Login", "Pace", "Sasl"]


class Sasl(StrEnum):
    """How somebody proves who he is without a password of his own."""

    NONE = "none"
    EXTERNAL = "external"
    """By what lies below: the user of the operating system on ``ldapi://`` (RFC 4422 appendix A)."""
    GSSAPI = "gssapi"
    """By a Kerberos ticket (RFC 4752); needs the extra ``remedy[gssapi]``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What the live options say."""

    bind_dn: str = ""
    """Who to bind as, in whatever form the server takes; empty = nobody."""
    password: Callable[[], str] | None = field(default=None, repr=False)
    """Gives the password once it is needed."""
    sasl: Sasl | None = None
    """None = EXTERNAL on ``ldapi://`` where no name is given, else none."""
    starttls: bool = False
    ca_file: Path | None = None
    """The authorities to trust, in PEM; None = those of the operating system."""
    insecure_plain: bool = False
    """Whether a password may cross the network in clear text."""
    page_size: int | None = None
    """Entries a page; None = what the dialect says."""
    timeout: float = 30.0
    """Seconds to wait for a connection, and for each answer."""
    clock: Callable[[], float] | None = field(default=None, repr=False, compare=False)
    """Gives the time in seconds, from whenever; without it only silence is timed."""


@dataclass(slots=True)
class Pace:
    """How fast changes are sent; clock and sleep come from whoever has them."""

    rate: float
    """Changes a second at most."""
    clock: Callable[[], float]
    """Gives the time in seconds, from whenever."""
    sleep: Callable[[float], None]
    _next: float = field(default=0.0, init=False)

    def wait(self) -> None:
        """Wait until the next change may be sent."""
        now = self.clock()
        if self._next > now:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self.rate
