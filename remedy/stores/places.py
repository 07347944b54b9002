"""Places that are named and not yet opened: a file or a server, how it is read, and how it is changed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from remedy.errors import UsageError
from remedy.stores.kinds import is_url
from remedy.stores.ldif import LdifStore
from remedy.stores.login import Login, Pace
from remedy.stores.target import LdifTarget, locked, target_file

if TYPE_CHECKING:
    from remedy.stores.ldap import LdapStore, LdapTarget

__all__ = ["File", "Server", "Target", "is_url", "place_of"]


@dataclass(frozen=True, slots=True)
class File:
    """What leads to an LDIF file."""

    path: Path
    name: str
    """As it was written."""

    def reader(self) -> LdifStore:
        """Give what can be read and has no way to write."""
        return LdifStore(self.path, name=self.name)

    def writer(self, output: Path | None = None) -> LdifTarget:
        """Give what can be changed; with ``output`` the changed copy goes there.

        Raises:
            InputError: it may not be written.
        """
        return LdifTarget(self.path, name=self.name, output=output)

    def held(self, journal: Path, output: Path | None = None) -> AbstractContextManager[None]:  # noqa: ARG002
        """Keep a second run off the file that is written."""
        return locked(output or self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What leads to a live directory; the library that speaks LDAP is loaded when it is asked."""

    url: str
    login: Login = field(default_factory=Login)
    pace: Pace | None = None
    """How fast changes are sent; None = as fast as it takes them."""
    progress: Callable[[int, int | None], None] | None = None
    """Told the bytes that came."""
    tell: Callable[[str], None] | None = None
    """Told in a sentence how we are connected."""
    called: str = ""
    """What somebody wrote to name it, if that was not the URL."""

    @property
    def name(self) -> str:
        """The URL as it was written."""
        return self.url

    def __str__(self) -> str:
        return self.called or self.url

    def reader(self) -> "LdapStore":
        """Give what can be read and has no way to write.

        Raises:
            UsageError: the URL is none.
        """
        from remedy.stores.ldap import LdapStore

        return LdapStore(self.url, self.login, progress=self.progress, tell=self.tell)

    def writer(self, output: Path | None = None) -> "LdapTarget":
        """Give what can be changed.

        Raises:
            UsageError: the URL is none, or a copy is wanted of what is no file.
        """
        from remedy.stores.ldap import LdapTarget

        if output:
            raise UsageError("-o is for LDIF files: a server cannot be written to a file.")
        return LdapTarget(self.url, self.login, pace=self.pace, progress=self.progress, tell=self.tell)

    def held(self, journal: Path, output: Path | None = None) -> AbstractContextManager[None]:  # noqa: ARG002
        """Keep a second run off the same journal; what others do to the server is seen value by value."""
        return locked(journal)


Target = str | Path | File | Server
"""Something to change: an LDIF file or a URL by name, or what leads there."""


def place_of(target: Target) -> File | Server:
    """Give what leads to a target.

    Raises:
        UsageError: it can never be changed in place.
        InputError: there is no such file.
    """
    if isinstance(target, File | Server):
        return target
    name = str(target)
    return Server(url=name) if is_url(name) else File(target_file(name), name)
