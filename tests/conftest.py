"""One small company: the same people and postoffices, described once and given through every door."""

import gzip
import json
import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings

from remedy import workflow
from remedy.documents import postoffice_rows, trace_rows
from remedy.entry import Entry
from remedy.errors import InputError
from remedy.inventories import COLUMNS
from remedy.journal import Journal
from remedy.ldif import dump_entry
from remedy.stores.memory import MemoryStore

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a job in the background is deaf, and so would its children be
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each of a thousand processes would compile the program anew
os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(__file__).parents[1] / ".pytest_cache" / "compiled"))
settings.register_profile("ci", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("ci")


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write tests/golden from what the program says now")


SITE = "ou=SEATTLE,o=FABRIKAM"
RECIPIENTS = f"cn=Recipients,{SITE}"
CONNECTIONS = f"cn=Connections,cn=Configuration,{SITE}"
SERVERS = f"cn=Servers,cn=Configuration,{SITE}"

Values = str | bytes | Iterable[str | bytes]


# --- Entries, in the words of the people who keep them ---------------------------------------------------------------


def made(dn: str, attributes: Mapping[str, Values]) -> Entry:
    """Make an entry, without the attributes that are blank."""
    return Entry.of(dn, {name: value for name, value in attributes.items() if value})


def mailbox(alias: str, *proxies: str | bytes, dn: str = "", server: str = "EXSRV1", **more: Values) -> Entry:
    """A mailbox with three addresses of its own, as every site makes them, besides ``proxies``."""
    generated = "POSTMAST0" if alias.upper() == "POSTMASTER" else alias.upper()
    attributes = {
        "objectClass": ("organizationalPerson", "person", "Top"),
        "rdn": alias,
        "cn": f"{alias} of Fabrikam",
        "uid": alias,
        "mail": f"{alias.lower()}@seattle.fabrikam.com",
        "textEncodedORAddress": f"c=US;a= ;p=FABRIKAM;o=SEATTLE;s={alias};",
        "otherMailbox": (f"MS$FABRIKAM/SEATTLE/{generated}", *proxies),
        "Home-MDB": f"cn=Microsoft Private MDB,cn={server},{SERVERS}",
        "Home-MTA": f"cn=Microsoft MTA,cn={server},{SERVERS}",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return made(dn or f"cn={alias},{RECIPIENTS}", attributes)


def custom(alias: str, target: str, *proxies: str, imported: str = "", dn: str = "", **more: Values) -> Entry:
    """A custom recipient."""
    attributes = {
        "objectClass": ("Remote-Address", "person", "Top"),
        "rdn": alias,
        "uid": alias,
        "Target-Address": target,
        "otherMailbox": proxies,
        "Imported-From": imported,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return made(dn or f"cn={alias},{RECIPIENTS}", attributes)


def system(postoffice: str, alias: str = "SYS") -> Entry:
    """The hidden recipient that stands for a postoffice in directory synchronisation."""
    return custom(alias, f"MS:{postoffice}/$SYSTEM", Hide_From_Address_Book="TRUE")


def group(alias: str, *proxies: str) -> Entry:
    """A distribution list."""
    attributes = {"objectClass": "groupOfNames", "rdn": alias, "uid": alias, "otherMailbox": proxies}
    return made(f"cn={alias},{RECIPIENTS}", attributes)


def folder(alias: str, *proxies: str) -> Entry:
    """Something that has addresses and is neither mailbox nor custom recipient nor list."""
    attributes = {"objectClass": "Public-Folder", "rdn": alias, "uid": alias, "otherMailbox": proxies}
    return made(f"cn={alias},{RECIPIENTS}", attributes)


def connector(*spaces: str, server: str = "EXSRV1", kind: str = "MS-Mail-Connector", dn: str = "", **more) -> Entry:
    """A Microsoft Mail connector with its address spaces."""
    attributes = {
        "objectClass": (kind, "Mail-Gateway", "Top") if kind else (),
        "rdn": f"MS Mail Connector ({server})",
        "Routing-List": spaces,
        "Home-MTA": f"cn=Microsoft MTA,cn={server},{SERVERS}",
        "Computer-Name": server,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return made(dn or f"cn=MS Mail Connector ({server}),{CONNECTIONS}", attributes)


def addressing(*templates: str) -> Entry:
    """The addressing of the site."""
    shown = templates or ("MS:FABRIKAM/SEATTLE", "SMTP:@seattle.fabrikam.com", "X400:c=US;a= ;p=FABRIKAM;o=SEATTLE;")
    attributes = {"objectClass": "Site-Addressing", "rdn": "Site-Addressing", "Gateway-Proxy": shown}
    return made(f"cn=Site-Addressing,cn=Configuration,{SITE}", attributes)


def requestor(client: str = "SYS", name: str = "HUBPO Requestor", kind: str = "DX-Requestor", **more: Values) -> Entry:
    """A directory synchronisation requestor: Exchange asks a postoffice."""
    attributes = {
        "objectClass": (kind, "Remote-DXA", "Top"),
        "rdn": name,
        "DXA-Remote-Client": f"cn={client},{RECIPIENTS}",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return made(f"cn={name},{CONNECTIONS}", attributes)


def ldif(entries: Iterable[Entry]) -> str:
    """Write an export."""
    return "version: 1\n\n" + "".join(map(dump_entry, entries))


# --- Inventories: one list of rows in each format --------------------------------------------------------------------

Cells = Mapping[str, object]


def listed(postoffice: str, **facts: object) -> dict[str, object]:
    """One row of an inventory."""
    network, _, name = postoffice.partition("/")
    return {"network": network, "postoffice": name, **facts}


def as_csv(rows: Iterable[Cells]) -> str:
    """Write rows as CSV, with yes and no for truths."""
    words = {True: "yes", False: "no", None: ""}
    cells = ([row.get(column, "") for column in COLUMNS] for row in rows)
    lines = (",".join(words[c] if c is None or isinstance(c, bool) else str(c) for c in line) for line in cells)
    return "\n".join((",".join(COLUMNS), *lines)) + "\n"


def as_json(rows: Iterable[Cells]) -> str:
    """Write rows as JSON."""
    return json.dumps({"postoffices": list(rows)})


def as_toml(rows: Iterable[Cells]) -> str:
    """Write rows as TOML; JSON's strings, numbers and truths are TOML's."""
    tables = ("".join(f"{k} = {json.dumps(v)}\n" for k, v in row.items() if v is not None) for row in rows)
    return "\n".join(f"[[postoffice]]\n{table}" for table in tables)


INVENTORIES = {"csv": as_csv, "json": as_json, "toml": as_toml}


# --- The company ------------------------------------------------------------------------------------------------------

COMPANY = {
    # postoffice: (facts of the inventory, coverage, outcome, planned)
    "NWTRADERS/HUBPO": ({}, "postoffice-mailbox", "delivers-until-full", False),
    "NWTRADERS/LAB": ({"strategy": "skip"}, "exposed", "loops", False),
    "NWTRADERS/PO1": ({"users": 20}, "exposed", "loops", True),
    "NWTRADERS/PO2": ({"postmaster": True, "pending": 12}, "both", "delivers", False),
    "NWTRADERS/PO3": ({}, "exchange-mailbox", "delivers", False),
    "WINGTIP/DEPOT": ({"postmaster": True, "pending": 4096}, "full", "loops", True),
    "WINGTIP/SALES": ({}, "conflict", "ambiguous", False),
    "WINGTIP/TOYS": ({}, "postoffice-mailbox", "unknown", False),
}
"""Each postoffice with what the table of the contract says of it."""

ROWS = tuple(listed(name, **facts) for name, (facts, *_) in COMPANY.items())
"""The inventory of the company."""

ENTRIES = (
    addressing(),
    connector(*(f"MS:{name};1" for name in COMPANY)),
    requestor("HUBPOSYS"),
    system("NWTRADERS/HUBPO", "HUBPOSYS"),
    custom("hubpostm", "MS:NWTRADERS/HUBPO/POSTMASTER", "MS$NWTRADERS/HUBPO/POSTMASTER", imported="HUBPO Requestor"),
    mailbox("Postmaster", "ms$NWTRADERS/PO2/POSTMASTER", "ms$nwtraders/po3/postmaster"),
    mailbox("wtadmin", "ms$WINGTIP/SALES/POSTMASTER"),
    mailbox("wtsales", "ms$WINGTIP/SALES/POSTMASTER"),
    custom("toyspostm", "MS:WINGTIP/TOYS/POSTMASTER"),
    custom("asmith", "MS:NWTRADERS/PO1/ASMITH", "MS$NWTRADERS/PO1/ASMITH", imported="HUBPO Requestor"),
    mailbox("jdoe"),
)
"""The directory of the company."""

DIRECTORIES = {
    "ldif": lambda path, text: path.with_suffix(".ldif").write_bytes(text.encode()),
    "ldf-bom": lambda path, text: path.with_suffix(".ldf").write_bytes(b"\xef\xbb\xbf" + text.encode()),
    "ldif-crlf": lambda path, text: path.with_suffix(".ldif").write_bytes(text.replace("\n", "\r\n").encode()),
    "ldif-utf16": lambda path, text: path.with_suffix(".ldif").write_bytes(text.encode("utf-16")),
    "ldif-gz": lambda path, text: path.with_suffix(".ldif.gz").write_bytes(gzip.compress(text.encode(), mtime=0)),
    "ldif-add": lambda path, text: path.with_suffix(".ldif").write_bytes(_as_additions(text).encode()),
    "memory": None,
}
"""The ways in which a directory comes in."""


def _as_additions(text: str) -> str:
    """Write an export as some exporters do, as additions."""
    head, *records = text.split("\n\n")
    lines = (record.replace("\n ", "").split("\n", 1) for record in records if record)
    return "\n\n".join((head, *(f"{dn}\nchangetype: add\n{rest}" for dn, rest in lines))) + "\n"


@dataclass
class Company:
    """Gives directories and inventories as files, and looks at what the verbs make of them."""

    folder: Path
    count: int = field(default=0)

    def directory(self, entries: Iterable[Entry] = ENTRIES, door: str = "ldif"):
        """Give entries as a source."""
        write = DIRECTORIES[door]
        if write is None:
            return MemoryStore(entries, name="memory")
        self.count += 1
        write(self.folder / f"export{self.count}", ldif(entries))
        (path,) = self.folder.glob(f"export{self.count}.*")
        return str(path)

    def inventory(self, rows: Iterable[Cells] = ROWS, kind: str = "csv") -> str:
        """Give rows as a source."""
        self.count += 1
        path = self.folder / f"postoffices{self.count}.{kind}"
        path.write_text(INVENTORIES[kind](rows))
        return str(path)

    def rows(self, *sources, **options) -> dict[str, dict]:
        """Survey sources; give the rows by address."""
        return {row["address"]: row for row in postoffice_rows(workflow.survey(*sources, **options).rows)}

    def codes(self, *sources) -> set[tuple[str, str]]:
        """Survey sources; give each finding's code and subject."""
        return {(finding.code, finding.subject) for finding in workflow.survey(*sources).findings}

    def traces(self, *sources, **options) -> dict[str, dict]:
        """Trace sources; give the rows by postoffice."""
        return {row["postoffice"]: row for row in trace_rows(workflow.trace(*sources, **options))}

    def plan(self, *sources, scope=None, **wishes):
        """Plan on sources."""
        return workflow.plan(*sources, scope=scope, wishes=workflow.Wishes(**wishes))


@pytest.fixture
def company(tmp_path) -> Company:
    """Give the company, in a folder of its own."""
    return Company(tmp_path)


@pytest.fixture(scope="session")
def lasting_company(tmp_path_factory) -> Company:
    """Give the company for tests that run many examples."""
    return Company(tmp_path_factory.mktemp("company"))


@pytest.fixture
def no_room_for_ends(monkeypatch):
    """Let a journal take every line but those that note how a step ended; give what ends that."""
    write = Journal.write

    def fails(self, *events):
        if any(event["event"] == "done" for event in events):
            raise InputError.of("journal", "no room", "Make room.")
        write(self, *events)

    monkeypatch.setattr(Journal, "write", fails)
    return lambda: monkeypatch.setattr(Journal, "write", write)
