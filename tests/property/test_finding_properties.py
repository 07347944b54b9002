"""The finder misses nothing: what it takes out of any export, in any blocks, is what a look at each piece takes."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.dn import DN
from remedy.editing import name_of
from remedy.errors import RemedyError
from remedy.stores import finding, rewrite
from remedy.stores.finding import Finder
from remedy.stores.pieces import coding_of, pieces
from tests.property.exports import Maker

WANTED = [
    "cn=a,o=F", "cn=b c,o=f", "CN=JÖRG", "", "cn=x,o=F", "cn=x+sn=y", "cn=ab,o=F", "cn=y,cn=a,o=F", "cn=jörg,ou=\u212aelvin",
    "cn=-x,o=F",
]  # fmt: skip
MORE = [
    b"D\n N: cn=a,o=F", b"dn\n : cn=a,o=F", b"d\r\n n: cn=x,o=F", b"dn: cn=a\n ,o=F", b"dn: cn=b\n  c,o=F", b"dn: cn\n =a,o=F",
    b"\rdn: cn=a,o=F", b"dn;x: cn=a,o=F", b"dn :cn=a,o=F", b"dNSHostName: a", b"dn\n s: x", b"dn: cn=A;o=F", b"dn: cn=-X,o=F",
    b"dn:   cn=a  ,o=F", b"dn:: Y249YSx\n vPUY=", b"dn: cn=JO\xcc\x88RG", b"dn: cn=a,o=F\0", b"dn: cn=x\n", b"dn:< file:///x",
    b"#dn: cn=a,o=F", b"description: x\n dn: cn=a,o=F", b" dn: cn=a,o=F", b"dn: cn=a\n\t,o=F", b"dn: o=F\n", b"dn: cn=\n a,o=F",
    b"dn\n \n : cn=x,o=F",
]  # fmt: skip
BLOCKS = [1, 2, 3, 7, 40, 300, 1 << 12, 1 << 20]


def made(seed):
    """Give a file and the names that are looked for."""
    maker = Maker(seed)
    pick = maker.random
    lines = re.split(rb"(?<=\n)", maker.file(pick.randint(1, 12)))
    for _ in range(pick.choice([0, 1, 4])):
        lines.insert(pick.randint(0, len(lines)), pick.choice(MORE) + pick.choice([b"\n", b"\r\n"]))
        lines.insert(pick.randint(0, len(lines)), pick.choice([b"\n", b"\r\n", b"", b"\r"]))
    wanted = {DN.parse(name) for name in pick.sample(WANTED, pick.randint(1, 4))}
    return b"".join(lines), wanted, pick


def taken(found, wanted):
    return [(piece.offset, piece.text) for piece in found if name_of(piece.text) in wanted]


def check(path, seed, processes=(1,)):
    """Hold the finder against a look at each piece."""
    data, wanted, pick = made(seed)
    path.write_bytes(data)
    coding = coding_of(path, "x")
    if not coding.plain:
        return
    whole = taken(pieces(path, "x", coding), wanted)
    for number in processes:
        finder = Finder(path, "x", coding, wanted)
        size = pick.choice(BLOCKS)
        assert taken(finder.pieces(number, size), wanted) == whole, (seed, size, wanted, data)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 40))
def test_the_finder_finds_what_a_look_at_each_piece_finds(tmp_path_factory, seed):
    check(tmp_path_factory.getbasetemp() / "finding.ldif", seed)


def test_two_processes_find_what_one_finds(tmp_path):
    for seed in range(60):
        check(tmp_path / "finding.ldif", seed, processes=(1, 2))


@pytest.mark.soak
def test_many_files_are_searched_as_by_a_look_at_each_piece(tmp_path):
    for seed in range(200_000):
        check(tmp_path / "finding.ldif", seed, processes=(1, 2) if seed % 50 == 0 else (1,))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 40))
def test_records_and_faults_are_those_of_the_slow_search(tmp_path_factory, seed):
    """The same rules over the reference and over the finder: places, bytes, values, and what is said of faults."""
    data, wanted, _ = made(seed)
    path = tmp_path_factory.getbasetemp() / "finding.ldif"
    path.write_bytes(data)
    told = []
    for parents in ((), {DN.parse("cn=nobody,o=nowhere")}):  # who looks for a container looks at each piece
        try:
            search = rewrite._Search(path, "x", wanted, parents)
            told.append({dn: (r.offset, r.text, tuple(r.entry)) for dn, r in search.found.items()})
        except RemedyError as fault:
            told.append(str(fault))
    assert told[0] == told[1], (seed, data)


def check_many(path, seeds):
    """Hold the finder against many files until it fails."""
    for seed in seeds:
        check(path, seed)


PLANTED = {
    "no fold in the name": ("_FOLD", b"(?!)"),
    "one case": ("_FIRST", b"d"),
    "folds behind the value": ("_ENDS", rb"[,;]|\r?\n"),
    "quotes": ("_VALUE", rb"[^,;\n]*+"),
    "no fold of case": ("squeeze", lambda text: text.upper()),
    "a return in front": ("_RETURNS", None),
    "where records begin": ("_begin", lambda _data, floor, _at: floor),
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_miss_is_found(tmp_path, monkeypatch, planted):
    name, other = PLANTED[planted]
    monkeypatch.setattr(finding, name, finding._PLAIN if other is None else other)
    if isinstance(other, bytes):
        monkeypatch.setattr(finding, "_PLAIN", finding._lines_of(b"\n"))
        monkeypatch.setattr(finding, "_RETURNS", finding._lines_of(rb"\n\r*+"))
    with pytest.raises(AssertionError):
        check_many(tmp_path / "finding.ldif", range(3000))
