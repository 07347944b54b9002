"""An inventory and an export merged by ``remedy survey``, beside reading both with what Python users have.

The peers read only: they neither check, nor merge, nor judge. Rounds are shuffled, medians are shown, and every run is a
process of its own, its start-up included. ``BENCH_ROWS``, ``BENCH_EXPORT`` and ``BENCH_ROUNDS`` make it smaller.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tabulate import tabulate

from bench.live import measured, say

ROWS = int(os.environ.get("BENCH_ROWS", "50000"))
EXPORT = int(os.environ.get("BENCH_EXPORT", "100000"))
LIMIT = 1.25  # how much more than its share a larger job may take before the growth is called worse than linear
SIZES = {"1x": (4, 4), "2x": (2, 2), "4x": (1, 1), "4x rows only": (1, 4), "4x entries only": (4, 1)}
"""By what rows and entries are divided."""
SITE = "ou=SEATTLE,o=FABRIKAM"
USER = """\
objectClass: organizationalPerson
cn: U{n}
uid: U{n}
otherMailbox: MS$FABRIKAM/SEATTLE/U{n}
otherMailbox: smtp$U{n}@fabrikam.com
textEncodedORAddress: c=US;a= ;p=FABRIKAM;o=SEATTLE;s=U{n};
Home-MTA: cn=Microsoft MTA,cn=EXSRV1,cn=Servers,cn=Configuration,{site}

"""
CUSTOM = "objectClass: Remote-Address\ncn: U{n}\nTarget-Address: MS:{po}/U{n}\nImported-From: REQ\n\n"
PEER = """\
import csv, ldif, sys
class Kept(ldif.LDIFParser):
    found = []
    def handle(self, dn, entry):
        if b"Remote-Address" in entry.get("objectClass", ()):
            self.found.append((dn, entry))
with open(sys.argv[2], newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
with open(sys.argv[1], "rb") as file:
    Kept(file).parse()
"""


def name_of(number):
    """Name one of many postoffices."""
    return f"NET{number // 500:04d}", f"PO{number % 500:03d}"


def write(folder, rows, entries):
    """Write an inventory, and an export of which every fourth entry shows a postoffice."""
    inventory, export = folder / f"{rows}.csv", folder / f"{entries}.ldif"
    with inventory.open("w", encoding="utf-8") as file:
        file.write("network,postoffice,kind,postmaster,pending,users,version,path\n")
        for number in range(rows):
            there = "yes" if number % 3 == 0 else "no"
            network, name = name_of(number)
            file.write(f"{network},{name},msmail,{there},,{number % 500},3.5,\\\\SRV{number}\\MAILDATA\n")
    with export.open("w", encoding="utf-8") as file:
        file.write("version: 1\n")
        for number in range(entries):
            file.write(f"dn: cn=U{number},cn=Recipients,{SITE}\n")
            shape = USER if number % 4 else CUSTOM
            file.write(shape.format(n=number, site=SITE, po="/".join(name_of(number // 4))))
    return export, inventory


def run(*command):
    """Run a process to its end; give its seconds. A survey ends with 3, since these postoffices are exposed."""
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    spent = time.perf_counter() - began
    assert done.returncode in {0, 3}, done.stderr
    return spent, None


def main():
    """Measure, show, and judge."""
    with tempfile.TemporaryDirectory(prefix="remedy-bench-") as name:
        files = {size: write(Path(name), ROWS // rows, EXPORT // entries) for size, (rows, entries) in SIZES.items()}
        survey = (sys.executable, "-W", "ignore", "-m", "remedy", "survey", "--format", "json")
        runs = {size: lambda _, some=some: run(*survey, *map(str, some)) for size, some in files.items()}
        peer = {
            f"peer {size}": lambda _, some=some: run(sys.executable, "-c", PEER, *map(str, some))
            for size, some in files.items()
        }
        found = measured(runs | peer)
    table = [
        (
            size, f"{ROWS // rows:,}", f"{EXPORT // entries:,}", f"{found[size]:.2f}", f"{found[size] / found['1x']:.2f}",
            f"{found[f'peer {size}']:.2f}", f"{found[f'peer {size}'] / found[size]:.2f}",
        )
        for size, (rows, entries) in SIZES.items()
    ]  # fmt: skip
    heads = ("size", "rows", "entries", "survey, s", "x 1x", "csv + python-ldap, s", "x of it")
    say(f"\nAn inventory merged with an export\n{tabulate(table, heads, disable_numparse=True)}")
    steep = [size for size, times in (("2x", 2), ("4x", 4)) if found[size] > LIMIT * times * found["1x"]]
    say(f"Linear in both: {'no: ' + ', '.join(steep) if steep else 'yes'}")
    sys.exit(1 if steep else 0)


if __name__ == "__main__":
    main()
