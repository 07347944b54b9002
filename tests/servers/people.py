"""Entries as a server takes them: with the parts of the tree that they hang from, and the names that they are under."""

from remedy.dn import DN
from remedy.entry import Entry
from remedy.ldif import dump_entry

PASSWORD = "secret"
ACCOUNTS = {
    "reader": "reads everything, in pages of 1000 at most, and writes nothing",
    "poor": "reads 500 entries in all, 100 a page",
    "writer": "reads everything and writes the recipients of SEATTLE only",
    "user": "sees everything but the hidden entries",
}
"""Whom tests bind as besides the admin; all of them have the one password."""

CLASSES = {"o": "organization", "ou": "organizationalUnit", "cn": "Container", "dc": "domainDNS"}


def completed(entry):
    """Give an entry with the values of its name among its attributes, where a server would put those that miss."""
    for naming in entry.dn.rdns[0]:
        held = {value.decode(errors="replace").lower() for value in entry.values(naming.type)}
        if naming.value.lower() not in held:
            entry = entry.with_values(naming.type, (*entry.exact(naming.type), naming.value.encode()))
    return entry


def peopled(entries, suffix):
    """Give the entries, completed and in their order, each behind the parents that it lacks."""
    given = {entry.dn: entry for entry in entries}
    top = DN.parse(suffix)
    tree = {}
    for dn in (top, *given):
        assert dn.within(top), f"{dn} lies outside {top}"
        for size in range(len(top), len(dn) + 1):
            name = DN(dn.rdns[len(dn) - size :])
            tree.setdefault(name, completed(given.get(name) or _parent(name)))
    return tuple(tree.values())


def account(name, suffix):
    """Give the entry that binds as ``name``."""
    classes = ("organizationalRole", "simpleSecurityObject")
    return Entry.of(f"cn={name},{suffix}", {"objectClass": classes, "cn": name, "userPassword": PASSWORD})


def as_ldif(entries):
    """Write entries as slapadd reads them: it takes no version."""
    return "".join(map(dump_entry, entries))


def _parent(dn):
    kind = dn.rdns[0][0].type.lower()
    return Entry.of(dn, {"objectClass": CLASSES[kind]})
