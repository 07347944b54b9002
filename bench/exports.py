"""Large exports surveyed by ``remedy survey``, beside what searches them and what reads them; against fixed targets.

Every run is a process of its own, its start-up included, in an order shuffled each round; medians are shown. The large
file is read by two processes and, held to one processor, by one. ``BENCH_LARGE``, ``BENCH_SMALL``, ``BENCH_POSTOFFICES`` and
``BENCH_ROUNDS`` make it smaller; ``BENCH_FOLDER`` says where 2 GB are free.
"""

import base64
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tabulate import tabulate

from bench.live import ROUNDS, say
from tests.servers.slapd import PATH

LARGE = int(os.environ.get("BENCH_LARGE", "1000000"))
SMALL = int(os.environ.get("BENCH_SMALL", "100000"))
POSTOFFICES = int(os.environ.get("BENCH_POSTOFFICES", "20000"))
FOLDER = os.environ.get("BENCH_FOLDER")
NAMES = "^(target-address|routing-list|gateway-proxy|dxa-remote-client)"
SITES, CONNECTORS, SHOWN = 8, 60, 300
"""Of postoffices that address spaces and custom recipients show, in all but the file for planning."""
PYTHON_LDAP = """\
import ldif, sys
class Read(ldif.LDIFParser):
    def handle(self, dn, entry):
        pass
with open(sys.argv[1], "rb") as file:
    Read(file).parse()
"""
DROP = "import os, sys\nf = os.open(sys.argv[1], os.O_RDONLY)\nos.posix_fadvise(f, 0, 0, os.POSIX_FADV_DONTNEED)\n"
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


def run(*command, cold=None, codes=(0, 3)):
    """Run a process to its end; give its seconds, its seconds of processor, and the MiB of its largest process."""
    if cold:
        subprocess.run([sys.executable, "-c", DROP, str(cold)], check=True)
    began = time.perf_counter()
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C", "PATH": PATH},
    ) as process:  # fmt: skip
        while process.stdout.read(1 << 16):  # not /dev/null: grep would stop at the first hit
            pass
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in codes, command
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def cat(file):
    """Give the command that reads a file and does nothing with it."""
    return ("sh", "-c", 'cat "$0" >/dev/null', file)


def runs_of(files):
    """Give what is measured: its name, the file it reads, and how it is run."""
    remedy = (sys.executable, "-W", "ignore", "-m", "remedy")
    survey = (*remedy, "survey", "--format", "json")
    one = ("taskset", "-c", str(min(os.sched_getaffinity(0))))
    large, small, quarter, many = (files[name] for name in ("large", "small", "quarter", "many"))
    return {
        "survey": (large, lambda: run(*survey, large)),
        "survey, one process": (large, lambda: run(*one, *survey, large)),
        "grep -ciE": (large, lambda: run("grep", "-ciE", NAMES, large)),
        "cat": (large, lambda: run(*cat(large))),
        "survey, cold": (large, lambda: run(*survey, large, cold=large)),
        "cat, cold": (large, lambda: run(*cat(large), cold=large)),
        "survey of a quarter": (quarter, lambda: run(*survey, quarter)),
        "survey, small": (small, lambda: run(*survey, small)),
        "python-ldap, small": (small, lambda: run(sys.executable, "-c", PYTHON_LDAP, small)),
        "ldapadd -n, small": (small, lambda: run("ldapadd", "-n", "-c", "-f", small, codes=range(256))),
        "survey, many postoffices": (many, lambda: run(*survey, many)),
        "plan, many postoffices": (many, lambda: run(*remedy, "plan", "--format", "json", many)),
        "survey, half the postoffices": (files["half"], lambda: run(*survey, files["half"])),
        "plan, half the postoffices": (files["half"], lambda: run(*remedy, "plan", "--format", "json", files["half"])),
    }


def measured(runs):
    """Run everything in a new order each round; give, for each, what every round took."""
    found = {name: [] for name in runs}
    for turn in range(ROUNDS):
        order = list(runs)
        random.Random(turn).shuffle(order)
        for name in order:
            found[name].append(runs[name][1]())
    return found


def judged(found):
    """Give each target: what it is, what was found, what it has to be, whether it may not be more, and how near it is."""

    def ratio(one, other, what=0):
        return statistics.median(a[what] / b[what] for a, b in zip(found[one], found[other], strict=True))

    def memory(name):
        return statistics.median(used[2] for used in found[name])

    return [
        ("survey / grep -ciE", ratio("survey", "grep -ciE"), 0.75, True),
        ("survey, one process / grep -ciE", ratio("survey, one process", "grep -ciE"), 1.4, True),
        ("peak MiB of a process", memory("survey"), 64, True),
        ("python-ldap / survey", ratio("python-ldap, small", "survey, small"), 30, False),
        ("ldapadd -n / survey", ratio("ldapadd -n, small", "survey, small"), 2, False),
        ("time of four times the entries", ratio("survey", "survey of a quarter"), 4.1, True),
        ("memory of four times the entries", ratio("survey", "survey of a quarter", 2), 1.1, True),
        ("plan / survey", ratio("plan, many postoffices", "survey, many postoffices"), 2, True),
        ("plan of twice the postoffices", ratio("plan, many postoffices", "plan, half the postoffices"), 2.5, True),
        ("speed of cat on a cold file", ratio("cat, cold", "survey, cold"), 0.6, False),
    ]


def main():
    """Measure, show, and judge."""
    with tempfile.TemporaryDirectory(prefix="remedy-bench-", dir=FOLDER) as name:
        folder = Path(name)
        say(f"Writing exports of {LARGE:,} and {SMALL:,} entries …")
        files = {
            "large": write(folder / "large.ldif", LARGE),
            "quarter": write(folder / "quarter.ldif", LARGE // 4),
            "small": write(folder / "small.ldif", SMALL),
            "many": write(folder / "many.ldif", SMALL, POSTOFFICES),
            "half": write(folder / "half.ldif", SMALL, POSTOFFICES // 2),
        }
        entries = {files["large"]: LARGE, files["quarter"]: LARGE // 4}
        runs = runs_of(files)
        found = measured(runs)
        rows = []
        for label, (path, _) in runs.items():
            spent, used, memory = (statistics.median(row[what] for row in found[label]) for what in range(3))
            speed = f"{path.stat().st_size / spent / 1e6:,.0f}", f"{entries.get(path, SMALL) / spent:,.0f}"
            rows.append((label, f"{spent:.2f}", f"{used:.2f}", *speed, f"{memory:.0f}"))
    heads = ("what", "s", "CPU s", "MB/s", "entries/s", "MiB")
    say(f"\nMedians of {ROUNDS} rounds\n{tabulate(rows, heads, disable_numparse=True)}")
    targets = judged(found)
    missed = [label for label, value, goal, most in targets if (value > goal if most else value < goal)]
    rows = [
        (
            label, f"{value:.2f}", f"{'≤' if most else '≥'} {goal}", "missed" if label in missed else "met",
            f"{100 * (goal / value if most else value / goal):.0f} %",
        )
        for label, value, goal, most in targets
    ]  # fmt: skip
    say(f"\nTargets\n{tabulate(rows, ('ratio', 'found', 'target', '', 'of the target'), disable_numparse=True)}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
