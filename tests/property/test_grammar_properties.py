"""What is taken by the grammar of an export is what the reference reader says of it, whatever the exporter writes."""

import base64
import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy import grammar
from remedy.errors import InputError
from remedy.grammar import Grammar
from remedy.query import AllOf, Query
from remedy.stores.ldif import LdifStore
from tests.property.exports import Maker

EVERYTHING = Query(AllOf(()), ())
NAMES = [
    "cn",
    "CN",
    "sn",
    "otherMailbox",
    "mail",
    "mail;lang-de",
    "uid",
    "NT-Security-Descriptor",
    "displayName",
    "description",
]
VALUES = ["", "x", " x", "MS$N/P/A", "a: b", "a:: b", "x:: QQ==", "nn: dn: x", "w" * 90, "end ", "QUJD"]
LEAVES = ["a", "b c", "user0001", "x.y", "A-1"]
PARENTS = [
    "o=F",
    "ou=S,o=F",
    "OU = s ; o=f",
    r"ou=a\,b,o=F",
    'ou="q",o=F',
    "cn=Recipients,ou=SITE1,o=FABRIKAM",
    "nonsense",
    "ou=,o=F",
]
DAMAGE = [
    b"\n",
    b"\n\n",
    b"\r",
    b"\r\n",
    b" ",
    b"\n ",
    b":",
    b"<",
    b"::",
    b"\0",
    b"=",
    b"#",
    b"\xc3",
    b"\xff",
    b"A",
    b"-",
    b"\n:",
    b"\n<",
]


class Exporter:
    """Writes records with the same attributes in the same order, but for a few."""

    def __init__(self, seed):
        pick = self.pick = random.Random(seed)
        self.shape = [(name, pick.randint(1, 3), pick.random()) for name in pick.sample(NAMES, pick.randint(1, 6))]
        self.end = pick.choice([b"\n", b"\n", b"\r\n"])
        self.width = pick.choice([0, 0, 20, 76])
        self.coded, self.damage, self.odd = pick.choice([0, 0.2]), pick.choice([0, 0.03, 0.3]), pick.choice([0, 0.1])

    def line(self, name):
        """Give one line of a name."""
        value = self.pick.choice(VALUES)
        if self.pick.random() < self.coded:
            text = base64.b64encode(value.encode())
            if self.pick.random() < 0.1:
                text = text[: self.pick.randint(0, len(text))] + self.pick.choice([b"", b"=", b"==", b" ", b"A"])
            return b"%b:: %b" % (name.encode(), text)
        return f"{name}: {value}".encode() if self.pick.random() < 0.9 else f"{name}:{value}".encode()

    def folded(self, line):
        """Fold a line as it does, or at any place."""
        if self.pick.random() < 0.05:
            at = self.pick.randint(0, len(line))
            return line[:at] + self.end + b" " + line[at:]
        if not self.width:
            return line
        width = self.width
        return (self.end + b" ").join(line[at : at + width] for at in range(0, len(line), width))

    def record(self):
        """Give one record."""
        pick = self.pick
        parent = pick.choice(PARENTS[:2] if pick.random() < 0.9 else PARENTS)
        lines = [f"dn: cn={pick.choice(LEAVES)},{parent}".encode()]
        if pick.random() < 0.03:
            lines = [
                pick.choice(
                    [b"dn:", b"DN: cn=a,o=F", b"dn:: Y249YSxvPUY=", b"# c\ndn: cn=a,o=F", b"dn: cn=J\xc3\xb6rg,o=F"]
                )
            ]
        shape = pick.sample(self.shape, len(self.shape)) if pick.random() < self.odd else self.shape
        for name, most, there in shape:
            if pick.random() < there:
                lines += [self.line(name) for _ in range(pick.randint(1, most))]
        text = b"".join(self.folded(line) + self.end for line in lines)
        return self.damaged(text) if pick.random() < self.damage else text

    def damaged(self, text):
        """Give a record into which something fell."""
        at = self.pick.randint(0, len(text))
        return text[:at] + self.pick.choice(DAMAGE) + text[at + self.pick.choice([0, 0, 1]) :]

    def file(self, records):
        """Give a file."""
        text = b"".join(self.record() + self.end * self.pick.choice([1, 1, 1, 2, 3]) for _ in range(records))
        return b"dn: o=F" + self.end * 2 + text


def told(path, **options):
    """Give entries and faults."""
    store, found, faults = LdifStore(path, **options), [], ()
    try:
        found += store.read(EVERYTHING)
    except InputError as error:
        faults = tuple((fault.line, fault.message) for fault in error.faults)
    return [(entry.where, entry.dn, str(entry.dn), tuple(entry.attributes)) for entry in found], faults


def check(path, seed, records, processes, maker=Exporter):
    """Compare one file."""
    path.write_bytes(maker(seed).file(records))
    whole = told(path, strict=True)
    for count in processes:
        assert told(path, block_size=random.Random(seed).choice([64, 500, 4000, 1 << 18]), processes=count) == whole, (
            seed
        )


@pytest.fixture
def hasty(monkeypatch):
    """Learn from the first records, and see how many are taken."""
    monkeypatch.setattr(grammar, "_PATIENCE", 3)


@pytest.mark.usefixtures("hasty")
def test_every_record_is_read_as_by_the_reference(tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "grammar.ldif"

    @settings(max_examples=400, deadline=None)
    @given(st.integers(0, 1 << 40))
    def compared(seed):
        check(path, seed, 40, (1,))

    compared()


@pytest.mark.usefixtures("hasty")
def test_by_two_processes_too(tmp_path):
    for seed in range(80):
        check(tmp_path / "grammar.ldif", seed, 60, (2,))


def watched(monkeypatch):
    """Note of each piece whether it was taken at once."""
    taken, pieces = [], Grammar.pieces
    monkeypatch.setattr(Grammar, "pieces", lambda self, window: (taken.append(p[2]) or p for p in pieces(self, window)))
    return taken


@pytest.mark.usefixtures("hasty")
def test_nasty_exports_are_read_so_too(tmp_path):
    for seed in range(400):
        check(tmp_path / "grammar.ldif", seed, 40, (1,), Maker)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("coded", [0, 0.2])
def test_it_is_no_empty_word(tmp_path, monkeypatch, end, coded):
    """Of a common export most records are taken at once, whatever they have."""
    taken = watched(monkeypatch)
    exporter = Exporter(7)
    exporter.end, exporter.width, exporter.coded, exporter.damage, exporter.odd = end, 76, coded, 0, 0
    (tmp_path / "x.ldif").write_bytes(exporter.file(4000))
    told(tmp_path / "x.ldif", block_size=1 << 12)
    assert sum(taken) > 2800


def test_another_exporter_is_learned_too(tmp_path, monkeypatch):
    """Files that were put together: the order of the first one says nothing of the second."""
    monkeypatch.setattr(grammar, "_PATIENCE", 8)
    one = "".join(f"dn: cn=a{n},o=F\nuid: {n}\nsn: x\ncn: y\n\n" for n in range(300))
    other = "".join(f"dn: cn=b{n},o=F\ncn: y\nsn: x\nuid: {n}\n\n" for n in range(300))
    (tmp_path / "x.ldif").write_text(one + other, encoding="utf-8")
    taken = watched(monkeypatch)
    found, _ = told(tmp_path / "x.ldif", block_size=1 << 10)
    assert len(found) == 600
    assert sum(taken[-150:]) == 150


def test_what_cannot_be_learned_is_not_kept():
    """However many records are written in another order each, or have names that no other one has."""
    known = Grammar()
    for number in range(5000):
        names = random.Random(number).sample(["a", "b", "c", "d", f"x{number}"], 5)
        known.learn(b"dn: o=F\n" + b"".join(b"%b: x\n" % name.encode() for name in names))
    known.learn(b"dn: o=F\ncn: " + b"x" * 10**6)
    assert len(known._strange) <= grammar._PATIENCE
    assert len(known._order) <= grammar._MOST
    assert set(known._traits) == set(known._order)
    assert sum(map(len, known._strange)) < 10**6


def test_where_nothing_fits_nothing_is_looked_for(tmp_path, monkeypatch):
    """What is looked for in vain costs time; records that are alike are looked for again and again."""
    monkeypatch.setattr(grammar, "_PATIENCE", 2)
    taken = watched(monkeypatch)
    names = ["a", "b", "c", "d", "e", "f", "g", "h"]
    lines = (random.Random(number).sample(names, 8) for number in range(3000))
    text = "".join(
        f"dn: cn=x{n},o=F\n" + "".join(f"{name}: x\n" for name in some) + "\n" for n, some in enumerate(lines)
    )
    (tmp_path / "x.ldif").write_text(text, encoding="utf-8")
    grammars = []
    monkeypatch.setattr(
        Grammar, "_learned", lambda self, learned=Grammar._learned: grammars.append(self) or learned(self)
    )
    told(tmp_path / "x.ldif", block_size=1 << 12)
    assert sum(taken) < 100
    assert len(grammars) == grammar._TURNS
    assert grammars[0]._match is None


@pytest.mark.soak
@pytest.mark.usefixtures("hasty")
def test_of_many_files(tmp_path):
    first = int(os.environ.get("SOAK_SEED", "1000000"))
    for seed in range(first, first + int(os.environ.get("SOAK_FILES", "20000"))):
        check(tmp_path / "grammar.ldif", seed, 60, (2,) if seed % 16 == 0 else (1,))
        check(tmp_path / "grammar.ldif", seed, 30, (2,) if seed % 16 == 1 else (1,), Maker)


def check_many(path):
    """Compare files until one differs."""
    for seed in range(3000):
        check(path, seed, 40, (1,))


PLANTED = {
    "what is wrong anywhere": ("_is_harmless", lambda _data, _begin, _end: True),
    "letters of base64 left over": ("_is_base64", lambda _text: True),
    "names that are none": ("_is_name", lambda _text: True),
    "a fold behind the colon": ("_FIRST", rb"[^:<]"),
    "a colon behind the colon": ("_FIRST", rb"[^<\n\r]"),
    "a URL behind the colon": ("_FIRST", rb"[^:\n\r]"),
    "an easy part of a name": ("_NAME", grammar._NAME.replace(rb"[\w.$/()-](?:[\w .$/()-]*[\w.$/()-])?", rb"[^,\n]*")),
}  # fmt: skip


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_fault_is_found(tmp_path, monkeypatch, planted):
    name, other = PLANTED[planted]
    monkeypatch.setattr(grammar, name, other)
    with pytest.raises((AssertionError, InputError, ValueError)):
        check_many(tmp_path / "grammar.ldif")
