"""A desk at a live directory: a server with a small estate, a plan for it, and the runs of a user."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from remedy import workflow
from remedy.codes import HAZARDS
from remedy.dn import DN
from remedy.execution import ApplyWishes, apply
from remedy.journal import read_log
from remedy.ldif import parse_changes
from remedy.stores.login import Login, Pace
from remedy.stores.places import Server
from remedy.undoing import RollbackWishes, rollback
from remedy.wayback.steps import sound_changes
from tests.conftest import RECIPIENTS, addressing, connector, made, mailbox

NAMES = tuple(f"NWTRADERS/PO{number}" for number in range(1, 8))
POSTMASTER = f"cn=Postmaster,{RECIPIENTS}"
ENTRIES = (
    made(RECIPIENTS, {"objectClass": "container", "cn": "Recipients", "rdn": "Recipients"}),
    addressing(),
    connector(*(f"MS:{name};1" for name in NAMES)),
    mailbox("Postmaster", sn="Postmaster"),
    mailbox("jdoe", sn="Doe"),
)


def one_by_one():
    """Give a pace that sends one change at a time and never waits."""
    return Pace(1, lambda: 0.0, lambda _: None)


@dataclass
class Desk:
    """``url`` may be that of a proxy before the server."""

    server: object
    folder: Path
    wishes: dict = field(default_factory=lambda: {"max_proxies": 6})
    proxies: str = "otherMailbox"
    sink: str = POSTMASTER
    other: str = f"cn=jdoe,{RECIPIENTS}"
    url: str = ""
    login: Login | None = None
    pace: Pace | None = None

    def __post_init__(self):
        direct = self.server.direct()
        self.url, self.login = self.url or direct.url, self.login or direct.login
        self.plan = workflow.plan(direct, wishes=workflow.Wishes(**self.wishes))
        self.file = self.folder / "plan.json"
        self.file.write_text(workflow.show(self.plan, "json"))
        self.before = self.server.export()

    @property
    def journal(self):
        return self.folder / "plan.json.journal"

    @property
    def place(self):
        return Server(url=self.url, login=self.login, pace=self.pace)

    def through(self, proxy, *, timeout=5.0, user="admin"):
        """Go through a proxy from now on, with a password in clear."""
        self.url = f"{proxy.url}/"
        name = self.server.admin if user == "admin" else self.server.dn(user)
        self.login = Login(bind_dn=name, password=lambda: self.server.password, insecure_plain=True, timeout=timeout)
        return self

    def meddle(self, dn, value):
        """Add a value to an entry, past everybody."""
        self.server.modify(f"dn: {dn}\nchangetype: modify\nadd: {self.proxies}\n{self.proxies}: {value}\n-\n")

    def shown(self):
        """Give every address that the server shows."""
        return self.server.export(self.proxies)

    def apply(self, **more):
        wishes = {"allow": frozenset(HAZARDS), "journal": self.journal, **more}
        return apply(self.plan, self.place, ApplyWishes(**wishes), lambda _: True)

    def rollback(self, journal=None, **more):
        return rollback(journal or self.journal, self.place, RollbackWishes(**more), lambda _: True)

    def held(self):
        """Give what the server holds now: from each name its values, read past every proxy."""
        store = self.server.direct().reader()
        names = [step.change.dn for step in self.plan.steps]
        found = {str(dn): entry for dn, entry in store.entries(names).items()}
        store.close()
        return found

    def truthful(self):
        """Hold the journal against the server: what it says was done is there, what it says failed is not."""
        log, held = read_log(self.journal), self.held()
        for number, event in log.intends.items():
            change, _ = sound_changes(event)
            entry = held.get(str(DN.parse(event["dn"])))
            result = log.dones.get(number, {}).get("result")
            if result == "applied":
                assert entry, event
                values = [value for mod in getattr(change, "mods", ()) for value in mod.values]
                assert all(entry.shows(self.proxies, value) for value in values)
            later = {name for n, item in log.intends.items() if n > number for name in item["values"]}
            if result == "failed" and not later & set(event["values"]):
                (made_,) = parse_changes(event["do"].encode(), "journal")
                values = [value for mod in getattr(made_, "mods", ()) for value in mod.values]
                assert entry is None or not all(entry.shows(self.proxies, value) for value in values)
        return log

    def planned_is_done(self):
        """Tell whether planning again finds nothing to do."""
        return not workflow.plan(self.server.direct(), wishes=workflow.Wishes(**self.wishes)).steps

    def events(self):
        return [json.loads(line) for line in self.journal.read_text().splitlines()]
