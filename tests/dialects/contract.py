"""What every dialect owes: what is asked for is what is there afterwards, and the query brings whatever matters.

A dialect's own test file gives a `Case` and calls these.
"""

from dataclasses import dataclass

from remedy.addresses import PostofficeName
from remedy.change import Add, Modify, Op, reverse
from remedy.dialects import Dialect, Wanted, lift
from remedy.dn import DN
from remedy.entry import Entry
from remedy.estate import Estate, Home, Recipient, Site
from remedy.intents import AddProxies, CreateMailbox, Intent
from remedy.ldif import dump_change, parse_changes
from remedy.stores.memory import MemoryStore

NAMES = tuple(PostofficeName.parse(text) for text in ("NWTRADERS/PO1", "NWTRADERS/WAREHOUSE1", "WINGTIP/7"))


@dataclass(frozen=True)
class Case:
    """What a dialect shows of itself."""

    dialect: Dialect
    sink: Entry
    """A mailbox."""
    home: Home
    site: Site
    showing: tuple[Entry, ...]
    """Entries each of which shows a postoffice or holds an address."""
    ordinary: tuple[Entry, ...]
    """Entries that do not matter."""


def applied(case: Case, intent: Intent, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Carry an intent out, through the text of its change."""
    room = MemoryStore(entries)
    for change in parse_changes(dump_change(case.dialect.lower(intent)).encode(), "changes"):
        room.carry_out(change)
    return room.entries()


def lifted(case: Case, entries: tuple[Entry, ...]) -> Estate:
    """Lift entries."""
    return lift(case.dialect, entries, "export")


def recipient_of(case: Case, dn: DN, entries: tuple[Entry, ...]) -> Recipient:
    """Find one recipient in lifted entries."""
    (found,) = (item for item in lifted(case, entries).recipients if item.order == dn.normal)
    return found


def shows_proxies(case: Case) -> None:
    """Adding proxies adds exactly these postmaster addresses, as secondary ones, and nothing else."""
    before = recipient_of(case, case.sink.dn, (case.sink,))
    entries = applied(case, AddProxies(before, NAMES), (case.sink,))
    after = recipient_of(case, case.sink.dn, entries)
    assert after.postmasters - before.postmasters == set(NAMES)
    new = after.proxies[len(before.proxies) :]
    assert [proxy.ms for proxy in new] == [name.postmaster for name in NAMES]
    assert not any(proxy.primary for proxy in new)
    assert after.proxies[: len(before.proxies)] == before.proxies
    assert after.addresses == before.addresses + len(NAMES)


def shows_mailbox(case: Case, site: Site | None) -> None:
    """A new mailbox is a mailbox with the alias, the home and the addresses that were asked for."""
    intent = CreateMailbox("MSPMGATE", case.home, site, NAMES)
    change = case.dialect.lower(intent)
    assert isinstance(change, Add)
    made = recipient_of(case, change.dn, applied(case, intent, ()))
    assert (made.kind, made.alias, made.home) == ("mailbox", "MSPMGATE", case.home)
    assert made.postmasters == set(NAMES)
    assert made.dn == f"cn=MSPMGATE,{case.home.container}"
    primaries = [str(proxy.ms) for proxy in made.proxies if proxy.primary and proxy.is_ms]
    assert primaries == ([f"{site.own}/MSPMGATE"] if site and site.own else [])
    assert made.addresses <= case.dialect.generated + len(NAMES)


def shows_the_way_back(case: Case) -> None:
    """Every change can be taken back."""
    before = recipient_of(case, case.sink.dn, (case.sink,))
    for intent in (AddProxies(before, NAMES), CreateMailbox("MSPMGATE", case.home, case.site, NAMES)):
        room = MemoryStore((case.sink,))
        change = case.dialect.lower(intent)
        room.carry_out(change)
        room.carry_out(reverse(change))
        assert room.entries() == (case.sink,)


def shows_only_additions(case: Case) -> None:
    """Nothing but additions comes from an intent."""
    before = recipient_of(case, case.sink.dn, (case.sink,))
    change = case.dialect.lower(AddProxies(before, NAMES))
    assert isinstance(change, Modify)
    assert [mod.op for mod in change.mods] == [Op.ADD]


def shows_query(case: Case) -> None:
    """The query wants every entry that matters, and not those that do not."""
    query = case.dialect.query()
    assert [entry for entry in case.showing if not query.wants(entry)] == []
    assert [entry for entry in case.ordinary if query.wants(entry)] == []
    asked = {name.lower() for name in query.attributes}
    used = {attribute.base for entry in case.showing for attribute in entry if attribute.base in asked}
    assert {"objectclass", case.dialect.names.proxies.lower(), case.dialect.names.routing.lower()} <= used
    assert query.page_size == case.dialect.page_size


def shows_query_of_wishes(case: Case) -> None:
    """What is wanted besides is wanted."""
    alias = case.sink.text(case.dialect.names.alias)
    for wanted in (
        Wanted(mailboxes=(alias.upper(),)),
        Wanted(mailboxes=(str(case.sink.dn).upper(),)),
        Wanted(dns=(case.sink.dn,)),
        Wanted(new_alias=alias[:3]),
    ):
        assert case.dialect.query(wanted).wants(case.sink)
    assert not case.dialect.query(Wanted(mailboxes=("nobody",), new_alias="nobody")).wants(case.sink)


ALL = (shows_proxies, shows_the_way_back, shows_only_additions, shows_query, shows_query_of_wishes)
