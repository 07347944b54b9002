"""What changes an export, each a process of its own: our changes, our way back, and python-ldap's reader and writer.

``python -m bench.rewriters VERB FILE ENTRIES CHANGES`` prints seconds, seconds of processor (its children's too) and MiB. The
journal, or what python-ldap writes, lies beside FILE.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import ldif

from bench.exports import place
from remedy.apply import Request, apply_changes
from remedy.change import Mod, Modify, Op
from remedy.dn import DN
from remedy.journal import Journal
from remedy.stores.locks import locked
from remedy.stores.target import LdifTarget
from remedy.undoing import RollbackWishes, rollback


def changes(entries, count):
    """Give changes of recipients spread over the file: one more address each."""
    for turn in range(count):
        number = turn * (entries // count)
        dn = DN.parse(f"cn=user{number:07d},cn=Recipients,{place(number)}")
        value = f"MS$BENCH{turn // 1000}/PO{turn % 1000}/POSTMASTER".encode()
        yield Modify(dn, (Mod(Op.ADD, "otherMailbox", (value,)),))


def change(path, wanted):
    """Carry changes out: found, journalled, flushed, put in place."""
    journal = path.with_suffix(".journal")
    with locked(path):
        target = LdifTarget(path)
        begin = {"kind": "apply", "plan": "sha256:", "dialect": "exchange55", "target": target.place, "backup": ""}
        log = Journal.create(journal, {**begin, "changes": len(wanted)}, resume_hint="")
        ends = apply_changes(wanted, target, log, {})
        log.write({"event": "end"})
        log.close()
    assert len(ends) == len(wanted)


def go_back(path, count):
    """Roll everything back."""
    undone = rollback(path.with_suffix(".journal"), str(path), RollbackWishes(), lambda _: True)
    assert len(undone.way) == count


class Rewrite(ldif.LDIFParser):
    """Python-ldap's reader, which hands each entry to its writer."""

    def __init__(self, file, writer, wanted):
        super().__init__(file)
        self.writer, self.wanted = writer, wanted

    def handle(self, dn, entry):
        """Write an entry, with its new value if there is one."""
        if dn in self.wanted:
            entry["otherMailbox"].append(self.wanted[dn])
        self.writer.unparse(dn, entry)


def rewritten(path, wanted):
    """Change a file as python-ldap's users do; flushed."""
    values = {str(item.dn): item.mods[0].values[0] for item in wanted}
    with path.open("rb") as old, path.with_suffix(".new").open("w") as new:
        Rewrite(old, ldif.LDIFWriter(new), values).parse()
        new.flush()
        os.fsync(new.fileno())


def main():
    """Do one thing, and say what it took."""
    verb, path, entries, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    given = {
        "change": lambda: [Request(f"c{n}", item, (f"c{n}.1",)) for n, item in enumerate(changes(entries, count), 1)],
        "rollback": lambda: count,
        "python-ldap": lambda: list(changes(entries, count)),
    }[verb]()
    do = {"change": change, "rollback": go_back, "python-ldap": rewritten}[verb]
    began = time.perf_counter()
    do(path, given)
    spent = time.perf_counter() - began
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    memory = max(item.ru_maxrss for item in used) / 1024
    sys.stdout.write(json.dumps([spent, sum(item.ru_utime + item.ru_stime for item in used), memory]))


if __name__ == "__main__":
    main()
