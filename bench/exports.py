"""Large exports surveyed by ``remedy survey``, beside what searches them and what reads them; against fixed targets.

Every run is a process of its own, its start-up included, in an order shuffled each round; medians are shown. The large
file is read by two processes and, held to one processor, by one. ``BENCH_LARGE``, ``BENCH_SMALL``, ``BENCH_POSTOFFICES`` and
``BENCH_ROUNDS`` make it smaller; ``BENCH_FOLDER`` says where 3 GB are free.
"""

import base64
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from bench.measuring import REMEDY, rounds, run, say, short, shuffled, size
from bench.record import FOLDER, Part, Target, finish, panel

LARGE = size("BENCH_LARGE", 1_000_000)
SMALL = size("BENCH_SMALL", 100_000)
POSTOFFICES = size("BENCH_POSTOFFICES", 20_000)
NAMES = "^(target-address|routing-list|gateway-proxy|dxa-remote-client)"
SITES, CONNECTORS, SHOWN = 8, 60, 300
"""Of postoffices that address spaces and custom recipients show, in all but the files for planning."""
PYTHON_LDAP = """\
import ldif, sys
class Read(ldif.LDIFParser):
    def handle(self, dn, entry):
        pass
with open(sys.argv[1], "rb") as file:
    Read(file).parse()
"""
EVERYTHING = """\
import sys
from remedy.query import AllOf, Query
from remedy.stores.ldif import LdifStore
for _ in LdifStore(sys.argv[1]).read(Query(AllOf(()), ())):
    pass
"""
"""Every entry, checked to the last value; each attribute is decoded when somebody asks for it."""
DECODED = EVERYTHING.replace("for _ in", "for entry in").replace("    pass", "    entry.dn, entry.attributes")
"""The same, and somebody asks for all."""
USER = """\
cn: {alias}
rdn: {alias}
uid: {alias}
sn: Lastname{a}
givenName: Firstname{b}
mail: {alias}@site{site}.fabrikam.com
textEncodedORAddress: c=US;a= ;p=FABRIKAM;o=SITE{site};s={alias};
otherMailbox: MS$FABRIKAM/SITE{site}/{alias}
otherMailbox: SMTP${alias}@old{b}.fabrikam.com
otherMailbox: CCMAIL${alias} at SITE{site}
otherMailbox: X500$/o=FABRIKAM/ou=OLDSITE{site}/cn=Recipients/cn={alias}
{homes}{descriptor}
telephoneNumber: +1 206 555 {c:04d}
department: Department {b}
title: Title {site}
physicalDeliveryOfficeName: {site}/{a}
MAPI-Recipient: TRUE
MDB-Use-Defaults: TRUE
USN-Created: {c}
USN-Changed: {c}
whenCreated: 19991002120000Z
"""


def folded(line):
    """Fold a line at 76 characters."""
    return "\n ".join([line[:76], *(line[at : at + 75] for at in range(76, len(line), 75))])


def encoded(name, data):
    """Write a value in base64."""
    return folded(f"{name}:: {base64.b64encode(data).decode()}")


def place(number):
    """Name a site."""
    return f"ou=SITE{number % SITES},o=FABRIKAM"


def postoffice(number):
    """Name one of many postoffices."""
    return f"NET{number // 500:02d}/PO{number % 500:03d}"


def homes(number):
    """Say where a mailbox lives."""
    server = f"cn=EX{number % CONNECTORS},cn=Servers,cn=Configuration,{place(number)}"
    return (
        f"{folded(f'Home-MTA: cn=Microsoft MTA,{server}')}\n{folded(f'Home-MDB: cn=Microsoft Private MDB,{server}')}\n"
    )


def record(number, shown, descriptors):
    """Write one recipient; every fiftieth is a custom recipient on a postoffice."""
    alias, custom = f"user{number:07d}", number % 50 == 7
    lines = f"dn: cn={alias},cn=Recipients,{place(number)}\nobjectClass: person\nobjectClass: Top\nobjectClass: "
    target = f"Remote-Address\nTarget-Address: MS:{postoffice(number // 50 % shown)}/U{number % 10**6:06d}\n"
    lines += target if custom else "organizationalPerson\n"
    lines += USER.format(
        alias=alias, a=number % 977, b=number % 7, c=number % 9999, site=number % SITES,
        homes="" if custom else homes(number), descriptor=descriptors[number % len(descriptors)],
    )  # fmt: skip
    return f"{lines}{encoded('displayName', f'Jörg {number}'.encode())}\n\n" if number % 20 == 3 else f"{lines}\n"


def write(path, count, shown=SHOWN):
    """Write an export: sites, connectors with address spaces, recipients."""
    pick = random.Random(7)
    descriptors = [encoded("NT-Security-Descriptor", pick.randbytes(300)) for _ in range(509)]
    with path.open("w", encoding="utf-8") as file:
        file.write("version: 1\n\ndn: o=FABRIKAM\nobjectClass: organization\n\n")
        for number in range(SITES):
            for part in ("", "cn=Recipients,", "cn=Configuration,", "cn=Connections,cn=Configuration,"):
                file.write(f"dn: {part}{place(number)}\nobjectClass: container\n\n")
        for number in range(CONNECTORS):
            where = f"cn=MS Mail Connector (EX{number}),cn=Connections,cn=Configuration,{place(number)}"
            file.write(f"dn: {where}\nobjectClass: MS-Mail-Connector\nComputer-Name: EX{number}\n")
            for po in range(number * shown // CONNECTORS, (number + 1) * shown // CONNECTORS):
                file.write(f"Routing-List: MS:{postoffice(po)};1\n")
            file.write("\n")
        for number in range(count):
            file.write(record(number, shown, descriptors))
    return path


def cat(file):
    """Give the command that reads a file and does nothing with it."""
    return ("sh", "-c", 'cat "$0" >/dev/null', file)


def files_in(folder):
    """Write the exports; give, by name, each file and how many entries it has."""
    sizes = {
        "large": (LARGE, SHOWN),
        "half": (LARGE // 2, SHOWN),
        "quarter": (LARGE // 4, SHOWN),
        "small": (SMALL, SHOWN),
        "some": (SMALL, POSTOFFICES // 2),
        "many": (SMALL, POSTOFFICES),
    }
    say(f"Writing exports of {LARGE:,} and {SMALL:,} entries …")
    files = {name: (write(folder / f"{name}.ldif", *wanted), wanted[0]) for name, wanted in sizes.items()}
    windows = folder / "windows.ldif"
    windows.write_bytes(files["small"][0].read_bytes().replace(b"\n", b"\r\n"))
    return files | {"windows": (windows, SMALL)}


def runs_of(files):
    """Give what is measured: its name, the file it reads, and how it is run."""
    survey, plan = (*REMEDY, "survey", "--format", "json"), (*REMEDY, "plan", "--format", "json")
    one = ("taskset", "-c", str(min(os.sched_getaffinity(0))))
    large, half, quarter, small, some, many, windows = (path for path, _ in files.values())
    return {
        "survey": (large, lambda _: run(*survey, large)),
        "survey, one process": (large, lambda _: run(*one, *survey, large)),
        "grep -ciE": (large, lambda _: run("grep", "-ciE", NAMES, large)),
        "cat": (large, lambda _: run(*cat(large))),
        "survey, cold": (large, lambda _: run(*survey, large, cold=large)),
        "cat, cold": (large, lambda _: run(*cat(large), cold=large)),
        "survey of half": (half, lambda _: run(*survey, half)),
        "survey of a quarter": (quarter, lambda _: run(*survey, quarter)),
        "survey, small": (small, lambda _: run(*survey, small)),
        "survey, small, lines as on Windows": (windows, lambda _: run(*survey, windows)),
        "every attribute, small": (small, lambda _: run(sys.executable, "-c", EVERYTHING, small)),
        "every attribute decoded, small": (small, lambda _: run(sys.executable, "-c", DECODED, small)),
        "python-ldap, small": (small, lambda _: run(sys.executable, "-c", PYTHON_LDAP, small)),
        "ldapadd -n, small": (small, lambda _: run("ldapadd", "-n", "-c", "-f", small, codes=range(256))),
        "survey, some postoffices": (some, lambda _: run(*survey, some)),
        "survey, many postoffices": (many, lambda _: run(*survey, many)),
        "plan, small": (small, lambda _: run(*plan, small)),
        "plan, some postoffices": (some, lambda _: run(*plan, some)),
        "plan, many postoffices": (many, lambda _: run(*plan, many)),
    }


def targets_of(found):
    """Give what was to be reached."""
    survey, small, plan = (
        f"survey of {short(LARGE)} entries",
        f"{short(SMALL)} entries",
        f"{short(POSTOFFICES)} postoffices",
    )
    near, ldif, ldapadd = ("survey", "survey of a quarter"), "x as fast as python-ldap", "x as fast as ldapadd -n"
    return [
        Target(f"{survey}, two processes", found.ratio("survey", "grep -ciE"), 0.75, "x grep -ciE"),
        Target(f"{survey}, one process", found.ratio("survey, one process", "grep -ciE"), 1.4, "x grep -ciE"),
        Target(f"{survey}, peak of a process", found.median("survey", "mib"), 64, "MiB"),
        Target(f"{survey}, cold file", found.ratio("cat, cold", "survey, cold"), 0.6, "x the speed of cat", most=False),
        Target(f"four times the entries ({short(LARGE // 4)} → {short(LARGE)})", found.ratio(*near), 4.1, "x the time"),
        Target("four times the entries, peak of a process", found.ratio(*near, "mib"), 1.1, "x the memory"),
        Target(f"survey of {small}", found.ratio("python-ldap, small", "survey, small"), 30, ldif, most=False),
        Target(f"survey of {small}", found.ratio("ldapadd -n, small", "survey, small"), 2, ldapadd, most=False),
        Target(
            f"survey of {small}, lines that end as on Windows",
            found.ratio("survey, small, lines as on Windows", "survey, small"), 1.2, "x the time of the others",
        ),
        Target(
            f"every attribute of {small}, decoded on demand", found.ratio("python-ldap, small", "every attribute, small"), 12,
            ldif, most=False,
        ),
        Target(f"plan of {plan}", found.ratio("plan, many postoffices", "survey, many postoffices"), 2, "x the survey"),
        Target(
            "plan of twice the postoffices", found.ratio("plan, many postoffices", "plan, some postoffices"), 2.5, "x the time"
        ),
    ]  # fmt: skip


def growth(found):
    """Give how time and memory grow, step by step."""
    some, many = f"{short(POSTOFFICES // 2)} postoffices", f"{short(POSTOFFICES)} postoffices"
    steps = [
        ("survey", f"{short(LARGE // 4)} → {short(LARGE // 2)} entries", "survey of half", "survey of a quarter"),
        ("survey", f"{short(LARGE // 2)} → {short(LARGE)} entries", "survey", "survey of half"),
        ("survey", f"{SHOWN} → {some}", "survey, some postoffices", "survey, small"),
        ("survey", f"{some} → {many}", "survey, many postoffices", "survey, some postoffices"),
        ("plan", f"{SHOWN} → {some}", "plan, some postoffices", "plan, small"),
        ("plan", f"{some} → {many}", "plan, many postoffices", "plan, some postoffices"),
    ]
    return [
        {
            "name": name,
            "step": step,
            "x the time": found.ratio(more, less),
            "x the memory": found.ratio(more, less, "mib"),
        }
        for name, step, more, less in steps
    ]


def panels_of(found):
    """Give what is drawn."""
    names = {
        f"Survey of an export of {short(LARGE)} entries": {
            "remedy survey": "survey", "remedy, one process": "survey, one process", "grep -ciE": "grep -ciE", "cat": "cat",
        },
        f"Reading an export of {short(SMALL)} entries": {
            "remedy survey": "survey, small", "remedy, everything": "every attribute, small",
            "remedy, decoded": "every attribute decoded, small",
            "ldapadd -n": "ldapadd -n, small", "python-ldap": "python-ldap, small",
        },
        "Growth with the entries: survey": {
            f"remedy, {short(LARGE // 4)}": "survey of a quarter", f"remedy, {short(LARGE // 2)}": "survey of half",
            f"remedy, {short(LARGE)}": "survey",
        },
        "Growth with the postoffices: plan": {
            f"remedy, {SHOWN}": "plan, small", f"remedy, {short(POSTOFFICES // 2)}": "plan, some postoffices",
            f"remedy, {short(POSTOFFICES)}": "plan, many postoffices",
        },
    }  # fmt: skip
    return [
        panel(title, "s", [(label, found.median(name)) for label, name in bars.items()])
        for title, bars in names.items()
    ]


def main():
    """Measure, show, and judge."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="remedy-bench-", dir=FOLDER) as name:
        files = files_in(Path(name))
        runs, counts = runs_of(files), dict(files.values())
        found = shuffled({label: how for label, (_, how) in runs.items()}, rounds(3))
        rows = []
        for label, (path, _) in runs.items():
            spent = found.median(label)
            rows.append(
                found.row(label, **{"mb_s": path.stat().st_size / spent / 1e6, "entries/s": counts[path] / spent})
            )
        part = Part(
            name="exports", title="Large exports", rounds=rounds(3), began=began,
            tables={"Exports": rows, "Growth": growth(found)}, targets=targets_of(found), panels=panels_of(found),
        )  # fmt: skip
        finish(part, name)


if __name__ == "__main__":
    main()
