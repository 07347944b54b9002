"""A second process that reads half of a file: it may die, hang or be unneeded, and nothing is lost, left over or said twice."""

import os
import re
import signal
import sys
from itertools import chain
from pathlib import Path

import pytest

from remedy.errors import InputError
from remedy.query import AllOf, Present, Query
from remedy.stores import choice, halves
from remedy.stores.halves import Half, pays
from remedy.stores.ldif import LdifStore

QUERY = Query(Present("Target-Address"), ())
EVERYTHING = Query(AllOf(()), ())
QUERIES = pytest.mark.parametrize("query", [QUERY, EVERYTHING])
RECORD = "dn: cn=user{0},o=FABRIKAM\ncn: user{0}\n{1}\n"


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "export.ldif"
    path.write_text("".join(RECORD.format(n, "" if n % 3 else "Target-Address: MS:N/P/A\n") for n in range(9000)))
    return path


def held():
    """Name the open files of this process, and its children, those that nobody has waited for too."""
    children = (path.read_text().split() for path in Path("/proc/self/task").glob("*/children"))
    return sorted(Path("/proc/self/fd").iterdir()), sorted(chain.from_iterable(children))


@pytest.fixture(autouse=True)
def nothing_left():
    before = held()  # a server for other tests may run
    yield
    assert held() == before


def read(path, processes, query=QUERY, **options):
    return list(LdifStore(path, processes=processes, block_size=5000, **options).read(query))


@QUERIES
def test_two_processes_find_what_one_finds_in_the_same_order(export, query):
    seen = []
    found = read(export, 2, query, progress=lambda done, total: seen.append((done, total)))
    assert found == read(export, 1, query) == read(export, 1, query, strict=True)
    assert len(found) == (3000 if query is QUERY else 9000)
    assert seen == sorted(seen)
    assert seen[-1] == (export.stat().st_size,) * 2


@QUERIES
@pytest.mark.parametrize("after", [0, 1, 40])
def test_a_second_process_may_die(export, monkeypatch, after, query):
    kind = type(choice.choice_of(query))
    whole, look, parent, looks = read(export, 1, query), kind.look, os.getpid(), []

    def dying(self, window):
        looks.append(1)
        if os.getpid() != parent and len(looks) > after:
            os.kill(os.getpid(), signal.SIGKILL)
        return look(self, window)

    monkeypatch.setattr(kind, "look", dying)
    assert read(export, 2, query) == whole


def test_a_second_process_may_fail_half_way_through_a_word(export, monkeypatch):
    whole = read(export, 1)

    def tell(told, pipe):
        pipe.write(b"\0\0\1\0half")

    monkeypatch.setattr(halves, "_tell", tell)
    assert read(export, 2) == whole


@pytest.mark.parametrize("broken", ["fork", "pipe"])
def test_there_may_be_no_second_process(export, monkeypatch, broken):
    def refused():
        raise OSError("no more")

    whole = read(export, 1)
    monkeypatch.setattr(os, broken, refused)
    assert read(export, 2) == whole


def test_who_stops_early_leaves_nothing_behind(export):
    entries = LdifStore(export, processes=2, block_size=5000).read(QUERY)
    assert next(entries)
    assert next(entries)
    entries.close()


def test_more_is_told_than_is_kept(monkeypatch):
    monkeypatch.setattr(halves, "_MOST_KEPT", 1000)
    half = Half(lambda: iter([(n, b"x" * 5000) for n in range(100)]))
    half.take_in()
    half.take_in()
    assert [n for n, _ in half.told()] == list(range(100))
    half.close()
    half.close()


def test_when_a_second_process_pays(tmp_path, export, monkeypatch):
    large = tmp_path / "large.ldif"
    with large.open("wb") as file:
        file.truncate(64 << 20)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert pays(str(large), None) == 64 << 20
    assert pays(str(large), 1) == pays(str(export), None) == pays(str(tmp_path), 2) == pays("none", None) == 0
    assert pays(str(export), 2) == export.stat().st_size
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert pays(str(large), None) == 0
    monkeypatch.setattr(sys, "platform", "win32")
    assert pays(str(large), 2) == 0


@pytest.mark.parametrize("begins", [b"\x1f\x8b", b"\xff\xfe", b"d\0n\0", b"dn: cn=a\ncn: b\n" * 100])
def test_some_files_are_not_parted(tmp_path, begins):
    path = tmp_path / "export.ldif"
    path.write_bytes(begins + b"x" * 100)
    assert halves._cut(str(path), path.stat().st_size) == 0


@pytest.mark.parametrize("change", ["replaced", "shorter", "gone"])
@pytest.mark.parametrize("processes", [1, 2])
def test_a_file_that_changes_meanwhile_is_not_read_as_two(export, processes, change):
    whole = read(export, processes)
    other = export.with_name("other.ldif")
    other.write_text("dn: cn=else,o=FABRIKAM\nTarget-Address: MS:N/P/POSTMASTER\n" * 3)
    store = LdifStore(export, processes=processes, block_size=5000)
    entries = store.read(QUERY)
    found = [next(entries)]
    if change == "replaced":
        other.replace(export)
    elif change == "shorter":
        os.truncate(export, 20_000)
    else:
        export.unlink()
    said = ""
    try:
        found += entries
    except InputError as error:
        said = str(error)
    if said:
        assert len(found) < len(whole)
        assert re.search("changed while it was read|no such file", said)
    else:
        assert processes == 1  # which holds on to the file that it opened
        assert found == whole or (change == "shorter" and store.notes().truncated)


def test_what_a_second_process_told_is_not_taken_for_what_is_written_over_it(export, monkeypatch):
    """The same file, as long as before: only what is in it tells."""
    told = Half.told

    def later(half):
        while half._pipe >= 0:  # everything was told
            half.take_in()
        with export.open("r+b") as file:
            file.seek(export.stat().st_size - 40_000)
            file.write(b"#" * 20_000)
        yield from told(half)

    monkeypatch.setattr(Half, "told", later)
    with pytest.raises(InputError, match="changed while it was read"):
        read(export, 2, EVERYTHING)


def test_a_file_that_grows_meanwhile_is_read_to_its_end(export):
    whole = read(export, 2)
    entries = LdifStore(export, processes=2, block_size=5000).read(QUERY)
    found = [next(entries)]
    with export.open("a") as file:
        file.write("\ndn: cn=last,o=FABRIKAM\nTarget-Address: MS:N/P/B\n")
    assert len([*found, *entries]) == len(whole) + 1
