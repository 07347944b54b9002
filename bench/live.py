"""Live directories: our store and our apply beside plain ldap3 and OpenLDAP's own tools, in one run.

Rounds are shuffled, medians are shown, and each client is a process of its own. ``BENCH_ENTRIES``, ``BENCH_CHANGES`` and
``BENCH_ROUNDS`` make it smaller.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from bench.clients import ADMIN, ATTRIBUTES, PASSWORD, SITE, named
from bench.measuring import rounds, run, say, short, shuffled, size, told
from bench.record import FOLDER, Part, Target, finish, panel
from tests.servers.proxy import distant
from tests.servers.slapd import Slapd

ENTRIES = size("BENCH_ENTRIES", 100_000)
CHANGES = size("BENCH_CHANGES", 5_000)
DELAY = 0.0015  # seconds each way
GOAL = 4  # times plain ldap3, for changes at 3 ms there and back
RECORD = """dn: {dn}
objectClass: organizationalPerson
cn: user{n}
sn: User{n}
givenName: John
rdn: user{n}
uid: user{n}
mailPreferenceOption: 0
mail: user{n}@seattle.fabrikam.com
textEncodedORAddress: c=US;a= ;p=FABRIKAM;o=SEATTLE;s=user{n};
otherMailbox: MS$FABRIKAM/SEATTLE/U{n}
otherMailbox: smtp$old{n}@fabrikam.com
otherMailbox: CCMAIL$user{n} at SEATTLE
Home-MDB: cn=Microsoft Private MDB,cn=EXSRV1,cn=Servers,cn=Configuration,{site}
Home-MTA: cn=Microsoft MTA,cn=EXSRV1,cn=Servers,cn=Configuration,{site}
MAPI-Recipient: TRUE
MDB-Use-Defaults: TRUE

"""
PLAIN, TOOL = "plain ldap3", "ldapmodify -f"
PARTS = ("Quarter1", "Quarter2", "Rest")
"""Containers that hold a quarter, a quarter and half of the mailboxes."""


def client(kind, url, *words):
    """Run one of our clients; give what it took, of its seconds only those in which it was connected."""
    spent, said = told(sys.executable, "-m", "bench.clients", kind, url, *words)
    return spent._replace(seconds=json.loads(said)["seconds"])


def search_tool(url, base):
    """Read with ldapsearch; the start-up of OpenLDAP's tools counts, which is next to nothing."""
    bind = ["-x", "-H", url, "-D", ADMIN, "-w", PASSWORD, "-LLL", "-E", "pr=1000/noprompt"]
    return run("ldapsearch", *bind, "-b", base, "(objectClass=*)", *ATTRIBUTES)


def change_tool(url, count, tag):
    """Change with ldapmodify, from a file that is there already."""
    with tempfile.NamedTemporaryFile("w", suffix=".ldif") as file:
        for number in range(count):
            file.write(f"dn: {named(number)}\nchangetype: modify\nadd: otherMailbox\n")
            file.write(f"otherMailbox: ms$B{tag}/P{number}/POSTMASTER\n-\n\n")
        file.flush()
        return run("ldapmodify", "-x", "-H", url, "-D", ADMIN, "-w", PASSWORD, "-f", file.name)


def rows_of(found, count, unit):
    """Give the medians, and how much faster than plain ldap3 each is."""
    return [
        found.row(name, **{f"{unit}/s": count / found.median(name), f"x {PLAIN}": found.ratio(PLAIN, name)})
        for name in found
    ]


def no_worse(found, what):
    """Give what was to be reached by each of ours: no more time than plain ldap3 takes."""
    ours = (name for name in found if name.startswith("remedy"))
    return [Target(f"{what}: {name}", found.ratio(name, PLAIN), 1, f"x {PLAIN}") for name in ours]


def drawn(title, found, names):
    """Draw some of what was found, each by its own name."""
    return panel(title, "s", [(label, found.median(name)) for label, name in names.items()])


def loaded(folder):
    """Make a server with many mailboxes in it."""
    server = Slapd(folder / "slapd", unique=False, sizelimit="unlimited")
    path = folder / "many.ldif"
    with path.open("w", encoding="utf-8") as file:
        for number in range(ENTRIES):
            file.write(RECORD.format(dn=named(number), n=number, site=SITE))
        number = ENTRIES
        for part, size in zip(PARTS, (ENTRIES // 4, ENTRIES // 4, ENTRIES // 2), strict=True):
            file.write(f"dn: cn={part},{SITE}\nobjectClass: Container\ncn: {part}\n\n")
            for _ in range(size):
                file.write(RECORD.format(dn=f"cn=user{number},cn={part},{SITE}", n=number, site=SITE))
                number += 1
    server.load(path)
    path.unlink()
    return server


def reading(url):
    """Measure reading, and how it grows."""
    whole = f"cn=Recipients,{SITE}"
    found = shuffled({
        PLAIN: lambda _: client("read-plain", url, whole, 1000),
        "remedy, the survey's query": lambda _: client("read-survey", url, whole, 1000),
        "remedy, the same in pages of 100": lambda _: client("read-survey", url, whole, 100),
        "remedy, every entry": lambda _: client("read-all", url, whole, 1000),
        "ldapsearch": lambda _: search_tool(url, whole),
    }, rounds(3))  # fmt: skip
    sizes = {"1x": (PARTS[0], ENTRIES // 4), "2x": (PARTS[2], ENTRIES // 2), "4x": ("Recipients", ENTRIES)}
    growth = shuffled({
        name: lambda _, part=part: client("read-survey", url, f"cn={part},{SITE}", 1000) for name, (part, _) in sizes.items()
    }, rounds(3))  # fmt: skip
    steps = [
        growth.row(name, entries=count, **{"x 1x": growth.ratio(name, "1x")}) for name, (_, count) in sizes.items()
    ]
    return found, steps


def changing(url, tag):
    """Measure changing."""
    return shuffled({
        PLAIN: lambda turn: client("change-plain", url, CHANGES, f"{tag}P{turn}"),
        "remedy": lambda turn: client("change-ours", url, CHANGES, f"{tag}O{turn}"),
        "remedy, read and compared": lambda turn: client("change-compared", url, CHANGES, f"{tag}C{turn}"),
        TOOL: lambda turn: change_tool(url, CHANGES, f"{tag}M{turn}"),
    }, rounds(3))  # fmt: skip


def part_of(read, steps, near, there, began):
    """Give all that was found."""
    reads, changes = f"reading {short(ENTRIES)} entries", f"{short(CHANGES)} modifies"
    apply = {"remedy apply": "remedy", "remedy, compared": "remedy, read and compared"}
    peers = {TOOL: TOOL, PLAIN: PLAIN}
    survey = {"remedy survey": "remedy, the survey's query", "remedy, every entry": "remedy, every entry"}
    return Part(
        name="live", title="Live servers", rounds=rounds(3), began=began,
        tables={
            "Reading, pages of 1,000": rows_of(read, ENTRIES, "entries"), "Growth of the survey's reading": steps,
            "Modifies on loopback": rows_of(near, CHANGES, "changes"),
            "Modifies, 1.5 ms each way": rows_of(there, CHANGES, "changes"),
        },
        targets=[
            *no_worse(read, reads), *no_worse(near, f"{changes} on loopback"), *no_worse(there, f"{changes} at 3 ms"),
            Target(
                f"{reads}: remedy, the survey's query", read.ratio(PLAIN, "remedy, the survey's query"), 2,
                f"x as fast as {PLAIN}", most=False,
            ),
            Target(f"{changes} at 3 ms: remedy", there.ratio(PLAIN, "remedy"), GOAL, f"x as fast as {PLAIN}", most=False),
            Target(f"{changes} on loopback: remedy", near.ratio(TOOL, "remedy"), 0.6, "x as fast as ldapmodify", most=False),
            Target(f"{changes} at 3 ms: remedy", there.ratio(TOOL, "remedy"), GOAL, "x as fast as ldapmodify", most=False),
        ],
        panels=[
            drawn(f"Reading {short(ENTRIES)} entries from a server", read, survey | {"ldapsearch": "ldapsearch", PLAIN: PLAIN}),
            drawn(f"{short(CHANGES)} modifies on loopback", near, apply | peers),
            drawn(f"{short(CHANGES)} modifies, 3 ms there and back", there, apply | peers),
        ],
    )  # fmt: skip


def main():
    """Measure, show, and judge."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="remedy-bench-", dir=FOLDER) as name:
        say(f"Loading {2 * ENTRIES:,} mailboxes into slapd …")
        with loaded(Path(name)) as server, distant(server.port, DELAY) as far:
            read, steps = reading(server.url)
            near = changing(server.url, "N")
            there = changing(f"ldap://127.0.0.1:{far}", "F")
        finish(part_of(read, steps, near, there, began), name)


if __name__ == "__main__":
    main()
