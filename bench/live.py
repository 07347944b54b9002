"""Live directories: our store and our apply beside plain ldap3 and OpenLDAP's own tools, in one run.

Rounds are shuffled, medians are shown, and each client is a process of its own. ``BENCH_ENTRIES``, ``BENCH_CHANGES`` and
``BENCH_ROUNDS`` make it smaller.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tabulate import tabulate

from bench.clients import ADMIN, ATTRIBUTES, PASSWORD, SITE, named
from tests.servers.proxy import distant
from tests.servers.slapd import PATH, Slapd

ENTRIES = int(os.environ.get("BENCH_ENTRIES", "100000"))
CHANGES = int(os.environ.get("BENCH_CHANGES", "5000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
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
PARTS = ("Quarter1", "Quarter2", "Rest")
"""Containers that hold a quarter, a quarter and half of the mailboxes."""


def say(text):
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def client(kind, url, *words):
    """Run one of our clients; give its seconds and what it counted."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.clients", kind, url, *map(str, words)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    return found["seconds"], found["count"]


def tool(*command, stdin=None):
    """Run one of OpenLDAP's tools; its start-up counts, which is next to nothing."""
    began = time.perf_counter()
    subprocess.run(
        command, input=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, text=True,
        env={**os.environ, "PATH": PATH},
    )  # fmt: skip
    return time.perf_counter() - began


def search_tool(url, base):
    """Read with ldapsearch."""
    bind = ["-x", "-H", url, "-D", ADMIN, "-w", PASSWORD, "-LLL", "-E", "pr=1000/noprompt"]
    return tool("ldapsearch", *bind, "-b", base, "(objectClass=*)", *ATTRIBUTES), None


def change_tool(url, count, tag):
    """Change with ldapmodify, from a file that is there already."""
    with tempfile.NamedTemporaryFile("w", suffix=".ldif") as file:
        for number in range(count):
            file.write(f"dn: {named(number)}\nchangetype: modify\nadd: otherMailbox\n")
            file.write(f"otherMailbox: ms$B{tag}/P{number}/POSTMASTER\n-\n\n")
        file.flush()
        return tool("ldapmodify", "-x", "-H", url, "-D", ADMIN, "-w", PASSWORD, "-f", file.name), count


def measured(runs, rounds=ROUNDS):
    """Run everything in a new order each round; give the median of the seconds of each."""
    seconds = {name: [] for name in runs}
    for turn in range(rounds):
        order = list(runs)
        random.Random(turn).shuffle(order)
        for name in order:
            seconds[name].append(runs[name](turn)[0])
    return {name: statistics.median(spent) for name, spent in seconds.items()}


def table(title, medians, count, unit, plain):
    """Show medians, and how much faster than plain ldap3 each is."""
    rows = [
        (name, f"{spent:.2f}", f"{count / spent:,.0f}", f"{medians[plain] / spent:.2f}")
        for name, spent in medians.items()
    ]
    say(f"\n{title}\n{tabulate(rows, ('client', 'seconds', unit + '/s', 'x ' + plain), disable_numparse=True)}")


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
    """Measure reading; give what is worse than plain ldap3."""
    whole = f"cn=Recipients,{SITE}"
    medians = measured({
        "plain ldap3": lambda _: client("read-plain", url, whole, 1000),
        "ours, the survey's query": lambda _: client("read-survey", url, whole, 1000),
        "ours, the same in pages of 100": lambda _: client("read-survey", url, whole, 100),
        "ours, every entry": lambda _: client("read-all", url, whole, 1000),
        "ldapsearch": lambda _: search_tool(url, whole),
    })  # fmt: skip
    table(f"Reading {ENTRIES:,} entries, pages of 1,000", medians, ENTRIES, "entries", "plain ldap3")
    sizes = {"1x": (PARTS[0], ENTRIES // 4), "2x": (PARTS[2], ENTRIES // 2), "4x": ("Recipients", ENTRIES)}
    growth = measured({
        name: lambda _, part=part: client("read-survey", url, f"cn={part},{SITE}", 1000) for name, (part, _) in sizes.items()
    })  # fmt: skip
    rows = [
        (name, f"{size:,}", f"{growth[name]:.2f}", f"{growth[name] / growth['1x']:.2f}")
        for name, (_, size) in sizes.items()
    ]
    say(
        f"\nGrowth of the survey's reading\n{tabulate(rows, ('size', 'entries', 'seconds', 'x 1x'), disable_numparse=True)}"
    )
    return [name for name, spent in medians.items() if name.startswith("ours") and spent > medians["plain ldap3"]]


def changing(title, url, tag):
    """Measure changing; give the medians."""
    medians = measured({
        "plain ldap3": lambda turn: client("change-plain", url, CHANGES, f"{tag}P{turn}"),
        "ours": lambda turn: client("change-ours", url, CHANGES, f"{tag}O{turn}"),
        "ours, read and compared": lambda turn: client("change-compared", url, CHANGES, f"{tag}C{turn}"),
        "ldapmodify -f": lambda turn: change_tool(url, CHANGES, f"{tag}M{turn}"),
    })  # fmt: skip
    table(f"{CHANGES:,} modifies, {title}", medians, CHANGES, "changes", "plain ldap3")
    return medians


def main():
    """Measure, show, and judge."""
    with tempfile.TemporaryDirectory(prefix="remedy-bench-") as name:
        say(f"Loading {2 * ENTRIES:,} mailboxes into slapd …")
        with loaded(Path(name)) as server, distant(server.port, DELAY) as far:
            worse = reading(server.url)
            near = changing("on loopback", server.url, "N")
            there = changing("1.5 ms each way", f"ldap://127.0.0.1:{far}", "F")
    worse += [
        f"{name} {where}"
        for where, found in (("on loopback", near), ("far away", there))
        for name, spent in found.items()
        if name.startswith("ours") and spent > found["plain ldap3"]
    ]
    times = there["plain ldap3"] / there["ours"]
    say(f"\nNothing worse than plain ldap3: {'no: ' + ', '.join(worse) if worse else 'yes'}")
    say(
        f"Changes at 3 ms at least {GOAL} times as fast as plain ldap3: {'yes' if times >= GOAL else 'no'} ({times:.1f})"
    )
    sys.exit(1 if worse or times < GOAL else 0)


if __name__ == "__main__":
    main()
