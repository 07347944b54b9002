"""The sieve misses nothing: an export read sparsely, in any blocks and by any processes, says what the reference reader says."""

import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy import sieve
from remedy.errors import InputError
from remedy.ldif import parse_record
from remedy.query import matches
from remedy.quick import quickly
from remedy.stores.ldif import LdifStore
from tests.property.exports import Maker
from tests.property.reference_ldif import records

BLOCKS = [1, 2, 3, 5, 17, 64, 300, 1 << 12, 1 << 18, 1 << 20]


def drained(path, query, **options):
    """Give entries, faults and whether there is an entry and an end."""
    store, found, faults = LdifStore(path, **options), [], ()
    try:
        for entry in store.read(query):
            found.append(entry)  # noqa: PERF402 - what came before an error counts
    except InputError as error:
        faults = tuple((fault.line, fault.message) for fault in error.faults)
    notes = store.notes()
    return found, faults, (bool(notes.entries), notes.truncated)


def differences(path, data, query, choices):
    """Say what a sparse reading says otherwise than the reference reader, or than another sparse one."""
    path.write_bytes(data)
    whole = drained(path, query, strict=True)
    sparse = [drained(path, query, block_size=size, processes=processes) for size, processes in choices]
    found = []
    for choice, told in zip(choices, sparse, strict=True):
        if told[0] != whole[0]:
            found.append((choice, "entries", whole[0], told[0]))
        if told[2] != whole[2]:
            found.append((choice, "notes", whole[2], told[2]))
        if told != sparse[0]:
            found.append((choice, "apart", sparse[0], told))
        if not set(told[1]) <= set(whole[1]):
            found.append((choice, "false faults", whole[1], told[1]))
    return found, whole, sparse[0]


def missed_faults(data, query, whole, sparse):
    """Give the lines of faults in records that fulfil the query by their good lines alone, and were not told."""
    must = {line for r in records(data) if r.dn is not None and matches(query.condition, r.entry) for line in r.faults}
    return must & {line for line, _ in whole[1]} - {line for line, _ in sparse[1]}


def check(path, seed, records_a_file, processes=(1,)):
    """Compare one file; give how many records it has."""
    maker = Maker(seed)
    size = maker.random.randint(1, records_a_file)
    data, query = maker.file(size), maker.query()
    gaps = [found.end() for found in re.finditer(rb"\n\r?\n", data)][-2:]  # a block may end where a record begins
    sizes = maker.random.sample((BLOCKS if len(data) < 5000 else BLOCKS[5:]) + gaps, 2)
    choices = [(sizes[0], 1), *((sizes[1], number) for number in processes)]
    found, whole, sparse = differences(path, data, query, choices)
    assert not found, (seed, query, data, found)
    if whole[1] and size < 8:
        assert not missed_faults(data.removeprefix(b"\xef\xbb\xbf"), query, whole, sparse), (seed, query, data)
    return size


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 1 << 40))
def test_a_sparse_reading_says_what_the_reference_says(tmp_path_factory, seed):
    check(tmp_path_factory.getbasetemp() / "sieve.ldif", seed, 6)


def test_two_processes_say_what_one_says(tmp_path):
    for seed in range(60):
        check(tmp_path / "sieve.ldif", seed, 40, processes=(2,))


@pytest.mark.soak
def test_a_million_records_say_what_the_reference_says(tmp_path):
    count, seed = 0, int(os.environ.get("SOAK_SEED", "1000000"))
    while count < int(os.environ.get("SOAK_RECORDS", "1000000")):
        count += check(tmp_path / "sieve.ldif", seed, 250, processes=(2,) if seed % 8 == 0 else (1,))
        seed += 1


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 1 << 40))
def test_what_is_read_quickly_is_read_in_the_same_way(seed):
    maker = Maker(seed)
    for raw in maker.file(6).removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").split(b"\n\n"):
        for text in (raw, raw.replace(b"\n", b"\r\n")):
            if said := quickly(text):
                try:
                    entry = parse_record(text + b"\n", 1, "x")
                except InputError as error:
                    assert [fault.message[:33] for fault in error.faults] == ["malformed distinguished name: no "]  # noqa: PT017
                    continue
                assert (f"line {1 + said[0]}", [tuple(a) for a in entry]) == (entry.where, list(said[2]))


def check_many(path, seeds):
    """Compare files until one differs."""
    for seed in seeds:
        check(path, seed, 12)


PLANTED = {
    "no fold in a name": ("_FOLDED_NAME", "(?!)"),
    "no fold among the first letters": ("_standing", lambda names, place: {
        case for name in names if place < len(name) for case in (name[place].lower(), name[place].upper())
    } | set(": ;")),
    "case of names": ("_spelt", re.escape),
    "case of first letters of values": ("_first", lambda texts: "".join({text[0] for text in texts})),
    "lines that go on": ("_WHOLE", r"\n"),
    "folds within a wanted text": ("pairwise", lambda _: ()),
    "names without end": ("_ENDS", "(?=: )"),
    "a fold that is no end": ("behind", lambda _data, _gap, floor, _at: floor),
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_miss_is_found(tmp_path, monkeypatch, planted):
    name, other = PLANTED[planted]
    monkeypatch.setattr(sieve, name, other)
    with pytest.raises(AssertionError):
        check_many(tmp_path / "sieve.ldif", range(1500))
