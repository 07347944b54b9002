"""What the writer writes, OpenLDAP takes; what OpenLDAP exports, the reader reads."""

import subprocess

import pytest

from remedy.change import Add, Delete, Mod, Modify, Op, modified, reverse
from remedy.dn import DN
from remedy.entry import Entry
from remedy.ldif import dump_change, dump_changes, dump_entry
from remedy.query import Present, Query
from remedy.stores.ldif import LdifStore
from tests.servers.slapd import PATH

pytestmark = pytest.mark.server

RECIPIENTS = DN.parse("cn=Recipients,ou=SEATTLE,o=FABRIKAM")
GATE = RECIPIENTS.child("cn", "MSPMGATE")
HOSTILE = [
    "Jörg",
    " blank in front",
    "blank behind ",
    ":colon",
    "<less",
    "#hash",
    "line\nfeed",
    "car\rriage",
    "-",
    "x" * 300,
    "ä" * 100,
    "MS$N/P/A",
    "\t",
    "\x1b[2J",
    "dn: cn=evil",
]
BOX = Entry.of(
    GATE,
    {
        "objectClass": "organizationalPerson",
        "cn": ["MSPMGATE", "MS Mail Postmaster (Q175447)", "Größe"],
        "sn": "Gate",
        "uid": "MSPMGATE",
        "mailPreferenceOption": "0",
        "otherMailbox": ["MS$FABRIKAM/SEATTLE/MSPMGATE", *(f"ms$NWTRADERS/PO{n}/POSTMASTER" for n in range(1, 40))],
        "Home-MDB": "cn=Microsoft Private MDB,cn=EXSRV1,cn=Servers,cn=Configuration,ou=SEATTLE,o=FABRIKAM",
        "MDB-Use-Defaults": "TRUE",
        "info": HOSTILE,
    },
)
MODIFY = Modify(
    RECIPIENTS.child("cn", "Postmaster"),
    (
        Mod(Op.ADD, "otherMailbox", tuple(f"ms$WINGTIP/PO{n}/POSTMASTER".encode() for n in range(5))),
        Mod(Op.DELETE, "otherMailbox", (b"CCMAIL$postmaster at SEATTLE",)),
        Mod(Op.ADD, "cn;lang-de", ("Postmeister für alle".encode(),)),
        Mod(Op.ADD, "NT-Security-Descriptor", (bytes(range(256)),)),
    ),
)


@pytest.mark.parametrize("width", [0, 40, 76])
@pytest.mark.parametrize(
    "change",
    [
        Add(BOX),
        Modify(GATE, (Mod(Op.ADD, "info", tuple(v.encode() for v in HOSTILE)),)),
        MODIFY,
        Delete(BOX),
        Add(Entry.of(r"cn=Größe\, \#1\ ,o=x", {"cn": "x"})),
    ],
)
def test_ldapmodify_understands_every_change(change, width):
    text = dump_changes([change], comments=["a\nb", "c"], width=width)
    done = subprocess.run(
        ["ldapmodify", "-n", "-v", "-H", "ldap://127.0.0.1:1"],
        input=text,
        capture_output=True,
        text=True,
        env={"PATH": PATH},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("entry") == 1
    done = subprocess.run(
        ["ldapmodify", "-n"],
        input=dump_change(change, comments=["x"], width=width),
        capture_output=True,
        text=True,
        env={"PATH": PATH},
        check=False,
    )
    assert done.returncode == 0, done.stderr


def held(server, tmp_path, *attributes):
    """Give the directory by name, read from an export."""
    path = tmp_path / "export.ldif"
    path.write_text(server.export(*attributes))
    store = LdifStore(path, strict=True)
    entries = {
        entry.dn: {a.name.lower(): set(a.values) for a in entry}
        for entry in store.read(Query(Present("objectClass"), ()))
    }
    assert not store.notes().truncated
    return entries


def test_the_seed_comes_back_as_it_was_loaded(slapd, tmp_path):
    seed = {
        e.dn: {a.name.lower(): set(a.values) for a in e}
        for e in LdifStore(slapd.seed, strict=True).read(Query(Present("objectClass"), ()))
    }
    assert held(slapd, tmp_path) == seed
    assert len(seed) == 20


def test_a_change_is_carried_out_and_taken_back(slapd, tmp_path):
    before = held(slapd, tmp_path)
    sink = Entry.of(MODIFY.dn, {name: tuple(values) for name, values in before[MODIFY.dn].items()})

    slapd.modify(dump_changes([Add(BOX), MODIFY], comments=["there"]))
    after = held(slapd, tmp_path)
    assert after[GATE] == {a.name.lower(): set(a.values) for a in BOX}
    assert after[MODIFY.dn] == {a.name.lower(): set(a.values) for a in modified(sink, MODIFY)}
    assert {dn: after[dn] for dn in before if dn != MODIFY.dn} == {dn: v for dn, v in before.items() if dn != MODIFY.dn}

    slapd.modify(dump_changes([reverse(MODIFY), reverse(Add(BOX))], comments=["and back"]))
    assert held(slapd, tmp_path) == before


def test_a_value_that_is_there_in_another_case_is_refused_by_the_server_too(slapd):
    taken = Modify(
        MODIFY.dn, (Mod(Op.ADD, "otherMailbox", (b"ms$wingtip/po1/postmaster", b"ccmail$POSTMASTER  at   seattle")),)
    )
    with pytest.raises(AssertionError, match="Type or value exists"):
        slapd.modify(dump_change(taken))
    assert "wingtip" not in slapd.export("otherMailbox")


def test_slapadd_takes_our_entries(slapd, tmp_path):
    path = tmp_path / "more.ldif"
    path.write_text(dump_entry(BOX))
    slapd.stop()
    slapd.load(path)
    slapd.start()
    assert held(slapd, tmp_path)[GATE] == {a.name.lower(): set(a.values) for a in BOX}
