"""An inventory and an export merged by ``remedy survey``, beside reading both with what Python users have.

The peers read only: they neither check, nor merge, nor judge. Rounds are shuffled, medians are shown, and every run is a
process of its own, its start-up included. ``BENCH_ROWS``, ``BENCH_EXPORT`` and ``BENCH_ROUNDS`` make it smaller.
"""

import sys
import tempfile
import time
from pathlib import Path

from bench.measuring import REMEDY, rounds, run, short, shuffled, size
from bench.record import FOLDER, Part, Target, finish, panel

ROWS = size("BENCH_ROWS", 50_000)
EXPORT = size("BENCH_EXPORT", 100_000)
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


def main():
    """Measure, show, and judge."""
    began = time.perf_counter()
    survey = (*REMEDY, "survey", "--format", "json")
    with tempfile.TemporaryDirectory(prefix="remedy-bench-", dir=FOLDER) as name:
        files = {step: write(Path(name), ROWS // rows, EXPORT // entries) for step, (rows, entries) in SIZES.items()}
        ours = {step: lambda _, some=some: run(*survey, *some) for step, some in files.items()}
        peer = {
            f"peer {step}": lambda _, some=some: run(sys.executable, "-c", PEER, *some) for step, some in files.items()
        }
        found = shuffled(ours | peer, rounds(3))
        table = [
            found.row(
                step,
                **{
                    "rows": ROWS // rows, "entries": EXPORT // entries, "x 1x": found.ratio(step, "1x"),
                    "csv + python-ldap, s": found.median(f"peer {step}"), "x of it": found.ratio(f"peer {step}", step),
                },
            )
            for step, (rows, entries) in SIZES.items()
        ]  # fmt: skip
        what = f"{short(ROWS)} rows, {short(EXPORT)} entries"
        targets = [
            Target(
                f"an inventory and an export, {short(ROWS * times // 4)} rows for {short(ROWS // 4)}",
                found.ratio(f"{times}x", "1x"),
                LIMIT * times,
                "x the time",
            )
            for times in (2, 4)
        ]
        bars = [("remedy survey", found.median("4x")), ("csv + python-ldap", found.median("peer 4x"))]
        part = Part(
            name="inventories", title="Inventories", rounds=rounds(3), began=began,
            tables={"An inventory and an export": table}, targets=targets,
            panels=[panel(f"Inventory and export: {what}", "s", bars)],
        )  # fmt: skip
        finish(part, name)


if __name__ == "__main__":
    main()
