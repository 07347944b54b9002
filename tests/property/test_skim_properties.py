"""Of ordinary custom recipients no entry is kept, and the estate is the one that all entries make: on nasty exports by the thousand."""

import os
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy import quick
from remedy.dialects import DIALECTS, Skim, Wanted, ordinary
from remedy.dn import DN
from remedy.errors import InputError, Refused
from remedy.query import AnyOf, Equal, Present, Query
from remedy.stores import choice
from remedy.stores.ldif import LdifStore
from remedy.taking import lifted, take
from tests.property.exports import BROKEN, Maker

WANTED = [
    Wanted(),
    Wanted(),
    Wanted(),
    Wanted(dns=(DN.parse("cn=a,o=F"),)),
    Wanted(new_alias="MSPMGA"),
    Wanted(new_alias="MSPMGA"),
    Wanted(mailboxes=("a",)),
    Wanted(addresses=("N/P/A",)),
]
DNS = [
    *(f"dn: cn=u{number},o=F" for number in range(600)), *["dn: cn=a,o=F", "dn: CN=A, o=f"] * 3, *["dn:: Y249eCxvPUY="] * 8, "dn: cn=Jörg,o=F", "dn:",
    "dn: cn=x,ou=_ABVIEWS_,o=F", "dn: cn=x,ou=_abviews_,o=F", *["dn: cn=MSPMGATE,o=F"] * 6, "dn: cn", "DN:cn=a;o=F", "dn: cn=u1 ,o=F",
]  # fmt: skip
TARGETS = [
    "MS:N/P/A", "MS:N/P/B", "MS:N/P2/A", "ms:n/p/c", "MS:NETWORK/PO1/X", "MS:N/P/POSTMASTER", "MS:N/P/postmaster", "MS:N/P/POSTMAST0",
    "MS:N/P/$SYSTEM", "MS:N/P", "MS:N/P/TOOLONGNAME", "SMTP:a@x", "MSA:N/P/A", " MS:N/P/A", "MS: N/P/A", "MS$N/P/A", "MS:N/P/A ", "MS:Ñ/P/A", "\tMS:N/P/A",
]  # fmt: skip
OTHERS = [
    "cn: x", "uid: a", "uid: POSTMASTER", "rdn: a", "uid: MSPMGATE2", "rdn: MSPMGATE", "otherMailbox: MS$N/P/POSTMASTER",
    "otherMailbox: MS$N/P/USER", "otherMailbox: SMTP$x@y", "otherMailbox: ms$n/p/postmast1", "otherMailbox: MS$N/P/A", "Is-Deleted: TRUE",
    "Is-Deleted: FALSE", "isDeleted: TRUE", "Hide-From-Address-Book: TRUE", "hide-from-address-book: true", "objectClass: person",
    "objectClass: Remote-Address", "objectClass: MS-Mail-Connector", "objectClass: dx-requestor", "objectClass: contact",
    "Routing-List: MS:N/P;1", "Gateway-Proxy: MS:N/P/", "DXA-Remote-Client: cn=a,o=F", "targetAddress: MS:N/P/A", "mailNickname: a",
    "proxyAddresses: ms:N/P/POSTMASTER", "Home-MDB: cn=x", "homeMDB: cn=x", "cn:: w7Y=", "CN: y", "description: a:: b",
]  # fmt: skip


class Recipients(Maker):
    """Makes files that are full of custom recipients, most of them ordinary."""

    def _record(self):
        pick = self.random
        name, own = pick.choice(DNS), pick.random()
        lines = [name.encode()]
        if own < 0.9:
            attribute = "Target-Address" if pick.random() < self.kind else "targetAddress"
            mark = pick.choice(["", "", "", "", "", ";x"])
            lines.append(f"{attribute}{mark}: {pick.choice(TARGETS[:5] if own < 0.7 else TARGETS)}".encode())
        odd = pick.random() < 0.4
        lines += [(pick.choice(OTHERS) if odd else "cn: x").encode() for _ in range(pick.randint(0, 3))]
        if not self.whole and pick.random() < self.broken:
            lines.append(pick.choice([b"cn:: *", *BROKEN]))
        return [self._folded(line) if pick.random() < self.folds else line for line in lines]

    def recipients(self, count):
        """Give the bytes of a file in which one kind of directory, or two, are to be seen."""
        self.whole = self.random.random() < 0.6
        self.kind = self.random.choice([1, 1, 1, 0, 0.95])
        return self.file(count)


def outcome(store, wanted, kind, *, alone):
    """Say what a store means, or why nobody can tell; and how many entries were not kept."""
    try:
        taken = take(store, wanted, kind, alone=alone)
    except InputError as error:
        return ("faults", Counter(error.faults)), 0
    except Refused as error:
        return ("refused", str(error)), 0
    known = (
        taken
        if taken.kind in DIALECTS
        else type(taken)(store, taken.entries, "exchange55", None, taken.sightings, taken.hidden)
    )
    return (taken.kind, lifted(known, wanted)), sum(sighting.evidence.count for sighting in taken.sightings)


def check(path, seed, processes=1):
    """Compare one file; give how many entries were not kept."""
    maker = Recipients(seed)
    pick = maker.random
    path.write_bytes(maker.recipients(pick.choice([1, 3, 8, 40])))
    wanted, kind = pick.choice(WANTED), pick.choice(["auto", "auto", "exchange55", "active-directory"])
    options = {"block_size": pick.choice([7, 64, 500, 1 << 18]), "processes": processes, "strict": pick.random() < 0.1}
    whole, none = outcome(LdifStore(path, **options), wanted, kind, alone=False)
    told, skimmed = outcome(LdifStore(path, **options), wanted, kind, alone=True)
    assert none == 0
    assert told == whole, (seed, wanted, kind, path.read_bytes())
    return skimmed


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 1 << 40))
def test_an_estate_is_the_same_whether_it_was_skimmed_or_not(tmp_path_factory, seed):
    check(tmp_path_factory.getbasetemp() / "skim.ldif", seed)


def test_two_processes_skim_as_one_does(tmp_path):
    assert sum(check(tmp_path / "skim.ldif", seed, processes=2) for seed in range(100)) > 60


def test_it_is_no_empty_word(tmp_path, monkeypatch):
    """Many are skimmed, and most of them from their bytes alone."""
    briefly, seen = choice._Chosen._briefly, []
    monkeypatch.setattr(choice._Chosen, "_briefly", lambda self, raw: seen.append(briefly(self, raw)) or seen[-1])
    assert sum(check(tmp_path / "skim.ldif", seed) for seed in range(300)) > 200
    assert sum(map(bool, seen)) > 200


def test_so_it_is_in_a_file_from_windows(tmp_path, monkeypatch):
    """Each line of it ends in two characters, and neither is in the way."""
    text = b"dn: o=F\nobjectClass: organization\n\n"
    for number in range(20):
        head = b"dn: cn=%d,cn=Recipients,o=F\nobjectClass: Remote-Address\n" % number
        text += head + b"cn: %d\nTarget-Address: MS:N/P%d/A\n\n" % (number, number % 3)
    (tmp_path / "skim.ldif").write_bytes(text.replace(b"\n", b"\r\n"))
    briefly, seen = choice._Chosen._briefly, []
    monkeypatch.setattr(choice._Chosen, "_briefly", lambda self, raw: seen.append(briefly(self, raw)) or seen[-1])
    take(LdifStore(tmp_path / "skim.ldif"), Wanted(), "auto", alone=True)
    assert sum(map(bool, seen)) >= 18  # the last one is at the end of the file


def without(*kinds):
    """Drop some conditions from what an ordinary recipient must not fulfil."""
    return lambda asked, names: Query(AnyOf(tuple(c for c in asked.conditions if not isinstance(c, kinds))), names)


NOTHING = re.compile(rb"(?!)")
PLANTED = {
    "nothing else is looked at": (choice, "judge", lambda _: lambda _: False),
    "not whether something is there": (ordinary, "Query", without(Present)),
    "not whether something is hidden or a connector": (ordinary, "Query", without(Equal)),
    "base64 is not looked into": (quick, "_CODED", NOTHING),
    "a second name is passed over": (quick, "_MISPLACED_LINE", NOTHING),
    "any record is sound": (choice, "sound", quick._body),
    "no doubt": (Skim, "fits", lambda *_: True),
}  # fmt: skip


def check_many(path, seeds):
    """Compare files until one differs."""
    for seed in seeds:
        check(path, seed)


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_miss_is_found(tmp_path, monkeypatch, planted):
    monkeypatch.setattr(*PLANTED[planted])
    with pytest.raises((AssertionError, UnicodeDecodeError, ValueError)):
        check_many(tmp_path / "skim.ldif", range(1500))


@pytest.mark.soak
def test_many_thousand_files_are_skimmed_without_a_difference(tmp_path):
    for seed in range(10**6, 10**6 + int(os.environ.get("SOAK_FILES", "20000"))):
        check(tmp_path / "skim.ldif", seed, processes=2 if seed % 16 == 0 else 1)
