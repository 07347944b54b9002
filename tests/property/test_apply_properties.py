"""The laws of applying and going back, over made-up estates written in every way that the reader takes."""

import base64
import io
import json
import random
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import ldif
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from remedy import execution, workflow
from remedy.change import Add, Modify
from remedy.codes import HAZARDS
from remedy.dn import DN
from remedy.entry import Attribute, Entry
from remedy.errors import Refused
from remedy.execution import ApplyWishes
from remedy.undoing import RollbackWishes, rollback
from tests.conftest import ENTRIES, RECIPIENTS, ROWS, as_csv, made, mailbox
from tests.property import reference_ldif
from tests.property.shapes import CODINGS, ENDS, Shape, shapes
from tests.property.test_estate_properties import estates

pytestmark = pytest.mark.no_cover

FAST = [p for p in Phase if p not in (Phase.shrink, Phase.explain)]
CONTAINER = made(RECIPIENTS, {"objectClass": "container", "rdn": "Recipients"})
ALLOWED = frozenset(HAZARDS) | {"maybe-truncated"}


@dataclass
class Bench:
    """One file to work on, with what was planned for it."""

    folder: Path
    shape: Shape
    entries: tuple[Entry, ...]
    rows: tuple[dict, ...]
    cap: int = 150

    def __post_init__(self):
        for path in self.folder.iterdir():
            path.unlink()
        self.path = self.folder / "export.ldif"
        self.old = self.shape.write(self.entries)
        self.path.write_bytes(self.old)
        self.plan = self.planned()
        self.journal = self.folder / "plan.json.journal"

    def planned(self):
        sources = [str(self.path)]
        if self.rows:
            (self.folder / "rows.csv").write_text(as_csv(self.rows))
            sources.append(str(self.folder / "rows.csv"))
        wishes = workflow.Wishes(max_proxies=self.cap, allow=ALLOWED)
        return workflow.plan(*sources, wishes=wishes)

    def apply(self, **more):
        wishes = ApplyWishes(**{"allow": frozenset(HAZARDS), "journal": self.journal, **more})
        return execution.apply(self.plan, str(self.path), wishes, lambda _: True)

    def rollback(self, journal=None, *only):
        wishes = RollbackWishes(only=frozenset(only))
        return rollback(journal or self.journal, str(self.path), wishes, lambda _: True)

    @property
    def data(self):
        return self.path.read_bytes()

    @property
    def intends(self):
        events = map(json.loads, self.journal.read_text().splitlines())
        return [event for event in events if event["event"] == "intend"]


def plain(shape):
    """Leave out what the other reader cannot read: DN: in odd case, additions, folds within a character of UTF-8."""
    width = shape.width if CODINGS[shape.coding][0] != "utf-8" else 0
    return replace(shape, additions=False, odd=False, width=width, unread=0.0)


def bench_of(folder, estate, shape, seed) -> Bench:
    """Write an estate down; some entries get what the estates do not have: options, and letters beyond ASCII."""
    chance = random.Random(seed)
    entries = [_decorated(entry, chance) for entry in estate.entries]
    for entry in (CONTAINER, mailbox("quiet1"), mailbox("quiet2")):
        entries.insert(chance.choice([chance.randint(0, len(entries)), len(entries)]), entry)
    try:
        bench = Bench(folder, shape, tuple(entries), estate.rows, estate.cap + 4)
    except Refused as refused:
        assume("No Microsoft Mail postoffice" not in str(refused))
        raise
    assume(bench.plan.steps)
    return bench


def _decorated(entry, chance):
    extra = {
        "otherMailbox;lang-de": ["smtp$ein.langer.name.mit.option@fabrikam.com"],
        "info": ["Größe und Übermaß, in Zürich", " blank in front", "<less", "x" * 90],
        "Heuristics": ["1"],
    }
    picked = {name: values for name, values in extra.items() if chance.random() < 0.4}
    more = tuple(Attribute(name, tuple(value.encode() for value in values)) for name, values in picked.items())
    return Entry(entry.dn, (*entry.attributes, *more))


def read(data):
    """Read a file by the slow and obvious reader: names and values in the order they stand; and how many faults."""
    found = reference_ldif.records(data)
    return [
        (record.dn, [(name.lower(), value) for name, value in record.values], len(record.faults)) for record in found
    ]


def expected(records, changes):
    """Carry changes out on what the slow reader read, by the words of the contract."""
    found = [(dn, list(values), faults) for dn, values, faults in records]
    for change in changes:
        if isinstance(change, Modify):
            (place,) = [number for number, (dn, *_) in enumerate(found) if DN.parse(dn) == change.dn]
            for mod in change.mods:
                name, values = mod.attribute.lower(), found[place][1]
                same = [number for number, (held, _) in enumerate(values) if held == name]
                at = same[-1] + 1 if same else len(values)
                values[at:at] = [(name, value) for value in mod.values]
        else:
            assert isinstance(change, Add)
            near = [number for number, (dn, *_) in enumerate(found) if DN.parse(dn).parent == change.dn.parent]
            at = near[-1] + 1 if near else len(found)
            if at == len(found) and found[-1][2]:  # a record that may be cut stays the last one
                at -= 1
            new = [(attribute.name.lower(), value) for attribute in change.entry for value in attribute.values]
            found.insert(at, (str(change.dn), new, 0))
    return found


def splices(bench):
    """Take the added bytes out of the new file, each a run of whole physical lines; the old file must be left."""
    data = bench.data
    shift, unit = 0, 2 if CODINGS[bench.shape.coding][0] != "utf-8" else 1
    for event in sorted(bench.intends, key=lambda event: event["offset"]):
        old, new = base64.b64decode(event["old"]), base64.b64decode(event["new"])
        place = event["offset"] + shift
        assert bench.old[event["offset"] : event["offset"] + len(old)] == old
        assert data[place : place + len(new)] == new
        more = len(new) - len(old)
        fits = [at for at in range(0, len(old) + 1, unit) if old[:at] + new[at : at + more] + old[at:] == new]
        assert fits, "something else than an insertion"
        codec = CODINGS[bench.shape.coding][0]
        runs = [
            (
                new[at : at + more].decode(codec, "replace"),
                data[place + at + more :][: 2 * unit].decode(codec, "replace"),
            )
            for at in fits
        ]
        # an end of line stands in front of what was added, and what follows begins with one: whole lines were added
        assert any(
            run.startswith(("\n", "\r\n")) and (not behind or behind.startswith(("\n", "\r\n"))) for run, behind in runs
        )
        shift += more
    rest = data
    for event in sorted(bench.intends, key=lambda event: (-event["offset"], -event["n"])):
        old, new = base64.b64decode(event["old"]), base64.b64decode(event["new"])
        before = sum(
            len(base64.b64decode(e["new"])) - len(base64.b64decode(e["old"]))
            for e in bench.intends
            if (e["offset"], e["n"]) < (event["offset"], event["n"])
        )
        rest = rest[: event["offset"] + before] + old + rest[event["offset"] + before + len(new) :]
    return rest


def without_additions(old, new):
    """Take lines out of a new text until the old one is left, if that can be; no journal and no reader is asked."""
    wanted, left = lines_of(old), []
    for line in lines_of(new):
        left += [line] if wanted[len(left) :][:1] == [line] else []
    return b"".join(left)


def lines_of(text):
    """Give each line with the line end in front of it: what is added stands in front of the end of the line above."""
    return re.findall(rb"(?:\A|\r?\n)[^\r\n]*", text)


def additions(old, new):
    """Give the lines that a new text has and the old one has not, each taken apart, whatever their order is."""
    more = Counter(unfolded(new)) - Counter(unfolded(old))
    assert not Counter(unfolded(old)) - Counter(unfolded(new))
    return Counter({taken_apart(line): count for line, count in more.items() if line})


def unfolded(text):
    return text.replace(b"\r\n", b"\n").replace(b"\n ", b"").split(b"\n")


def taken_apart(line):
    name, mark, value = re.fullmatch(rb"([^:]+)(::?) *(.*)", line).groups()
    return name.decode().lower(), base64.b64decode(value) if mark == b"::" else value


def planned_lines(bench):
    """Give what a plan adds, line by line, by its words alone."""
    lines = Counter()
    for change in bench.plan.changes:
        if isinstance(change, Modify):
            lines.update((mod.attribute.lower(), value) for mod in change.mods for value in mod.values)
        else:
            lines["dn", str(change.dn).encode()] += 1
            lines["changetype", b"add"] += bench.shape.additions
            lines.update((item.name.lower(), value) for item in change.entry for value in item.values)
    return +lines


def check_there(bench):
    """Apply, and hold the new file against everything that is known about it."""
    report = bench.apply()
    counts = report.counts
    assert counts.planned == counts.applied == sum(len(step.expects()) for step in bench.plan.steps)
    new = bench.data
    assert new != bench.old
    assert splices(bench) == bench.old
    changes = bench.plan.changes
    before, after = read(bench.shape.text(bench.old)), read(bench.shape.text(new))
    wanted = expected(before, changes)
    assert [rest for _, *rest in after] == [rest for _, *rest in wanted]
    assert [DN.parse(dn) for dn, *_ in after] == [DN.parse(dn) for dn, *_ in wanted]
    texts = bench.shape.text(bench.old), bench.shape.text(new)
    assert without_additions(*texts) == texts[0]
    assert additions(*texts) == planned_lines(bench)
    old_lines = set(bench.shape.text(bench.old).splitlines(keepends=True))
    ends = {line[len(line.rstrip(b"\r\n")) :] for line in old_lines} - {b""}
    assert {line[len(line.rstrip(b"\r\n")) :] for line in bench.shape.text(new).splitlines(keepends=True)} - {
        b""
    } <= ends
    assert not bench.planned().steps
    assert Path(report.backup).read_bytes() == bench.old
    assert {path.name for path in bench.folder.iterdir()} == {
        "export.ldif", "plan.json.journal", Path(report.backup).name, *(["rows.csv"] if bench.rows else [])
    }  # fmt: skip
    return new


def check_back(bench, new):
    """Go back, there again, and back again: to the very bytes each time."""
    undone = bench.rollback()
    assert bench.data == bench.old
    again = bench.rollback(Path(undone.journal))
    assert bench.data == new
    bench.rollback(Path(again.journal))
    assert bench.data == bench.old


@settings(max_examples=60, phases=FAST)
@given(estate=estates(), shape=shapes, seed=st.integers(0, 99))
def test_there_and_back(lasting_company, estate, shape, seed):
    bench = bench_of(lasting_company.folder, estate, shape, seed)
    check_back(bench, check_there(bench))


@pytest.mark.soak
@settings(max_examples=3000)
@given(estate=estates(), shape=shapes, seed=st.integers(0, 99))
def test_there_and_back_many_times(lasting_company, estate, shape, seed):
    bench = bench_of(lasting_company.folder, estate, shape, seed)
    check_back(bench, check_there(bench))


@settings(max_examples=30, phases=FAST)
@given(estate=estates(), shape=shapes, data=st.data())
def test_the_way_back_value_by_value_in_any_order(lasting_company, estate, shape, data):
    bench = bench_of(lasting_company.folder, estate, shape, 1)
    bench.apply()
    new = bench.data
    ids = [item["id"] for step in bench.plan.steps for item in step.expects()]
    order = data.draw(st.permutations(ids))
    size = data.draw(st.integers(0, min(6, len(ids))))
    for name in order[:size]:
        before = bench.data
        undone = bench.rollback(None, name)
        assert [back.ids for back in undone.way] == [(name,)]
        partly = bench.data
        again = bench.rollback(Path(undone.journal))  # and each of them can be taken back too
        if len(ids) == 1:
            assert bench.data == new
        bench.rollback(Path(again.journal))
        assert bench.data == partly != before
    bench.rollback()
    assert bench.data == bench.old


@settings(max_examples=40, phases=FAST)
@given(
    estate=estates(),
    shape=shapes.map(plain),
    seed=st.integers(0, 99),
)
def test_another_reader_of_ldif_sees_the_same(lasting_company, estate, shape, seed):
    bench = bench_of(lasting_company.folder, estate, shape, seed)
    before = other_reader(shape.text(bench.old))
    bench.apply()
    after = other_reader(shape.text(bench.data))
    for change in bench.plan.changes:
        if isinstance(change, Modify):
            held = before[change.dn.normal]
            for mod in change.mods:
                held.setdefault(mod.attribute.lower(), []).extend(mod.values)
        else:
            assert isinstance(change, Add)
            before[change.dn.normal] = {item.name.lower(): list(item.values) for item in change.entry}
    assert after == before


def other_reader(text):
    """Read a file with python-ldap."""
    parser = ldif.LDIFRecordList(io.BytesIO(text.replace(b"\r\n", b"\n")))
    parser.parse()
    found = {}
    for dn, attributes in parser.all_records:
        entry = found.setdefault(DN.parse(dn).normal, {})
        for name, values in attributes.items():
            entry.setdefault(name.lower(), []).extend(values)
    return found


COLUMNS = range(1, 81)


def fold_at(tmp_path, ends, columns):
    entries = (*ENTRIES, made("cn=Größe,o=FABRIKAM", {"objectClass": "container", "info": "ä" * 60}))
    codings = list(CODINGS)
    for width in columns:
        shape = Shape(
            coding=codings[width % len(codings)], ends=ends, width=width, final=width % 3 > 0, additions=width % 4 == 0
        )
        bench = Bench(tmp_path, shape, entries, ROWS)
        check_back(bench, check_there(bench))


@pytest.mark.parametrize(("start", "ends"), list(enumerate(ENDS)))
def test_every_column_of_folding(tmp_path, start, ends):
    fold_at(tmp_path, ends, COLUMNS[start % 2 :: 2])  # each column at least once; every one with all ends in the soak


@pytest.mark.soak
@pytest.mark.parametrize("ends", ENDS)
def test_every_column_of_folding_with_all_ends(tmp_path, ends):
    fold_at(tmp_path, ends, COLUMNS)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("additions", [False, True])
def test_every_column_of_folding_with_a_new_mailbox(tmp_path, coding, additions):
    entries = [entry for entry in ENTRIES if entry.dn.leaf != "Postmaster"]
    for width in COLUMNS[::7]:
        shape = Shape(coding=coding, ends=list(ENDS)[width % 3], width=width, additions=additions, final=width % 2 > 0)
        bench = Bench(tmp_path, shape, (CONTAINER, *entries, mailbox("zz")), (), cap=150)
        assert any(isinstance(change, Add) for change in bench.plan.changes) or bench.plan.changes
        check_back(bench, check_there(bench))
