"""What a strategy is told, and what it decides."""

from collections.abc import Callable
from dataclasses import dataclass

from remedy.addresses import PostofficeName
from remedy.errors import Refused, RemedyError
from remedy.estate import Connector, Estate, Recipient
from remedy.findings import Finding
from remedy.intents import CreatePostmaster, Intent
from remedy.survey import Survey
from remedy.text import fold, joined, printable

__all__ = ["Decision", "Limits", "NameOf", "Options", "Reasoned", "Sink", "Strategy", "find_recipient", "pending"]


@dataclass(frozen=True, slots=True)
class NameOf:
    """A mailbox or container as the user named it."""

    text: str = ""
    order: str = ""
    """The normal form, if it was given as a distinguished name."""

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the directory allows."""

    cap: int
    """Addresses that one entry is to hold at most."""
    generated: int
    """Addresses of its own that a new mailbox has."""
    creates: bool
    """Whether mailboxes can be made over LDAP."""
    side: str = ""
    """The kind of directory to change; what another one shows is only looked at. Empty = whatever there is."""
    mixed: bool = False
    """Whether there are two kinds of directory, so that a mailbox is changed only in the one that owns it."""

    def reach(self, item: Recipient | Connector) -> bool:
        """Tell whether something lies in the directory to change."""
        return self.side in {"", item.side}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user wants."""

    strategy: str = "exchange"
    mailbox: NameOf = NameOf()
    new_mailbox: str = ""
    like: NameOf = NameOf()
    container: str = ""
    include_connector_po: bool = False


@dataclass(frozen=True, slots=True)
class Sink:
    """A mailbox that takes postmaster mail, and why it was chosen."""

    dn: str
    action: str
    """``use`` or ``create``."""
    reason: str
    proxies: tuple[PostofficeName, ...]


@dataclass(frozen=True, slots=True)
class Reasoned:
    """An intent with its reason."""

    reason: str
    intent: Intent


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a strategy decides."""

    sinks: tuple[Sink, ...] = ()
    intents: tuple[Reasoned, ...] = ()
    manual: tuple[CreatePostmaster, ...] = ()
    findings: tuple[Finding, ...] = ()

    def plus(self, other: "Decision") -> "Decision":
        """Give two decisions as one."""
        return Decision(
            sinks=self.sinks + other.sinks,
            intents=self.intents + other.intents,
            manual=tuple(sorted({*self.manual, *other.manual}, key=lambda step: (step.postoffice, step.text))),
            findings=self.findings + other.findings,
        )


Strategy = Callable[[Survey, Options, Limits], Decision]


def pending(survey: Survey) -> tuple[PostofficeName, ...]:
    """Give the postoffices for which something has to be done, sorted."""
    return tuple(sorted(row.po.name for row in survey.rows if row.uncovered and not row.po.skipped))


def find_recipient(estate: Estate, name: NameOf, option: str) -> Recipient:
    """Give the one recipient that a user named by alias or distinguished name.

    Raises:
        RemedyError: there is none.
        Refused: the alias belongs to several.
    """
    wanted = fold(name.text)
    found = [
        item for item in estate.recipients if (item.order == name.order if name.order else fold(item.alias) == wanted)
    ]
    if not found:
        raise RemedyError(
            f"{option}: the sources show no recipient {printable(name.text)}. Check the spelling, "
            "and that the export holds its container."
        )
    if len(found) > 1:
        names = joined(printable(item.dn) for item in found)
        raise Refused(f"{option}: the alias {printable(name.text)} belongs to {names}. Give the distinguished name.")
    return found[0]
