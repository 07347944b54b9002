"""What we want, in the words of mail: what a dialect lowers into changes, and what people do by hand."""

from dataclasses import dataclass

from remedy.addresses import PostofficeName
from remedy.estate import Home, Recipient, Site
from remedy.text import counted

__all__ = ["AddProxies", "CreateMailbox", "CreatePostmaster", "Intent"]


@dataclass(frozen=True, slots=True)
class AddProxies:
    """A mailbox gets the postmaster addresses of some postoffices as secondary addresses (Q175447, resolution 2)."""

    recipient: Recipient
    postoffices: tuple[PostofficeName, ...]

    def describe(self) -> str:
        """Say it in a sentence."""
        number = counted(len(self.postoffices), "postmaster address", "postmaster addresses")
        return f"add {number} to the mailbox {self.recipient.dn}"


@dataclass(frozen=True, slots=True)
class CreateMailbox:
    """A new mailbox with the postmaster addresses of some postoffices."""

    alias: str
    home: Home
    site: Site | None
    """The site whose address templates it follows; None if the sources show none."""
    postoffices: tuple[PostofficeName, ...]

    def describe(self) -> str:
        """Say it in a sentence."""
        number = counted(len(self.postoffices), "postmaster address", "postmaster addresses")
        return f"create the mailbox {self.alias} in {self.home.container} with {number}"


@dataclass(frozen=True, slots=True)
class CreatePostmaster:
    """Somebody makes or empties the POSTMASTER mailbox of a postoffice by hand (Q175447, resolution 1)."""

    postoffice: PostofficeName
    text: str

    def describe(self) -> str:
        """Say it in a sentence."""
        return self.text


Intent = AddProxies | CreateMailbox
