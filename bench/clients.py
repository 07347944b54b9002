"""One measured client a process: ``python -m bench.clients KIND URL …`` does its work and prints what it did.

The clock of a client starts when it is connected and ends when it is done; what it imports does not count.
"""

import json
import sys
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from remedy.apply import Request, apply_changes
from remedy.change import Mod, Modify, Op
from remedy.dialects.exchange55 import EXCHANGE55
from remedy.dn import DN
from remedy.journal import Journal
from remedy.query import Present, Query
from remedy.stores.ldap import LdapStore, LdapTarget
from remedy.stores.login import Login

SITE = "ou=SEATTLE,o=FABRIKAM"
ADMIN, PASSWORD = "cn=admin,o=FABRIKAM", "secret"
ATTRIBUTES = tuple(dict.fromkeys(("objectClass", *EXCHANGE55.query().attributes)))
PAGED = "1.2.840.113556.1.4.319"


def login(**more):
    """Bind as somebody without limits."""
    return Login(bind_dn=ADMIN, password=lambda: PASSWORD, insecure_plain=True, **more)


def named(number):
    """Name one of the many mailboxes."""
    return f"cn=user{number},cn=Recipients,{SITE}"


def plain(url):
    """Connect as a user of ldap3 does who knows what makes it fast."""
    import ldap3

    place = urlsplit(url)
    server = ldap3.Server(place.hostname, place.port, get_info=ldap3.NONE)
    return ldap3.Connection(server, ADMIN, PASSWORD, auto_bind=True, check_names=False)


def read_ours(url, base, size, query):
    """Read through our store."""
    with_base = f"{url}/{base}"
    store = LdapStore(with_base, login(page_size=size))
    assert store.wire
    began = time.perf_counter()
    wanted = sum(1 for _ in store.read(query))
    spent, count = time.perf_counter() - began, store.notes().entries
    store.close()
    return spent, count, wanted


def read_plain(url, base, size):
    """Read with ldap3, page by page, and make nothing of it."""
    room, cookie, count = plain(url), None, 0
    began = time.perf_counter()
    while cookie != b"":
        room.search(
            base,
            "(objectClass=*)",
            attributes=list(ATTRIBUTES),
            paged_size=size,
            paged_cookie=cookie,
            paged_criticality=True,
        )
        count += len(room.response)
        cookie = room.result["controls"][PAGED]["value"]["cookie"]
    spent = time.perf_counter() - began
    room.unbind()
    return spent, count, count


def change_ours(url, count, tag, *, asserts):
    """Change entries through apply: journalled, flushed, asserted, pipelined."""
    target = LdapTarget(url, login())
    if not asserts:
        LdapTarget.asserts = property(lambda _: False)
    assert target.asserts is asserts
    steps = []
    for number in range(count):
        value = Mod(Op.ADD, "otherMailbox", (f"ms$B{tag}/P{number}/POSTMASTER".encode(),))
        steps.append(Request(f"c{number}", Modify(DN.parse(named(number)), (value,)), (f"c{number}.1",)))
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        journal = Journal.create(Path(folder) / "journal", {"kind": "apply", "plan": "bench"}, resume_hint="")
        outcomes = apply_changes(steps, target, journal, {})
        journal.close()
        spent = time.perf_counter() - began
    target.close()
    made = sum(outcome.end == "made" for outcome in outcomes)
    return spent, made, made


def change_plain(url, count, tag):
    """Change entries with ldap3, one after the other."""
    import ldap3

    room = plain(url)
    began = time.perf_counter()
    made = 0
    for number in range(count):
        value = f"ms$B{tag}/P{number}/POSTMASTER"
        made += room.modify(named(number), {"otherMailbox": [(ldap3.MODIFY_ADD, [value])]})
    spent = time.perf_counter() - began
    room.unbind()
    return spent, made, made


def main():
    """Do what the command line says."""
    warnings.simplefilter("ignore")  # ldap3 and pyasn1 (cannatag/ldap3#1159)
    kind, url, *rest = sys.argv[1:]
    everything = Query(Present("objectClass"), ATTRIBUTES, sweep=True)
    run = {
        "read-survey": lambda base, size: read_ours(url, base, int(size), EXCHANGE55.query()),
        "read-all": lambda base, size: read_ours(url, base, int(size), everything),
        "read-plain": lambda base, size: read_plain(url, base, int(size)),
        "change-ours": lambda count, tag: change_ours(url, int(count), tag, asserts=True),
        "change-compared": lambda count, tag: change_ours(url, int(count), tag, asserts=False),
        "change-plain": lambda count, tag: change_plain(url, int(count), tag),
    }[kind]
    spent, count, wanted = run(*rest)
    sys.stdout.write(json.dumps({"seconds": spent, "count": count, "wanted": wanted}) + "\n")


if __name__ == "__main__":
    main()
