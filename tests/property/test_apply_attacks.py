"""What a hostile review of the finder and the copying tried: odd spellings of names, and a system that copies as it likes."""

import base64
import os
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.dn import DN
from remedy.editing import core, logical, name_of
from remedy.entry import Attribute
from remedy.ldif import parse_record
from remedy.quick import quickly
from remedy.stores.copying import copy_changed
from remedy.stores.finding import Finder
from remedy.stores.pieces import coding_of, pieces
from remedy.stores.rewrite import Touch

TYPES = [
    "cn=",
    "CN=",
    "cn =",
    "cn= ",
    "OID.2.5.4.3=",
    "2.5.4.3=",
    "Common-Name=",
    "commonName = ",
    "sn=",
    "cn=\t",
    " cn=",
]
VALUES = [
    "a", "A", "k", "\u212a", "ss", "\u00df", "\u017f", "fi", "\ufb01", " ", "  ", "\t", "\\ ", "\\20", "\\2C", "\\,", "+", "\\+", "=", "\\=", '"', '\\"',
    "#", "#0401", "\\#", "\u00a0", "\u2003", "\x0b", "\x0c", "\x1c", "\x85", "\u00e9", "e\u0301", "\u0130", ";", "<", "\\C3\\9F", "\\41", "-", ".", "_",
]  # fmt: skip
LINES = [
    b"cn: x", b"#c", b" z", b"a:: YQ==", b"a:: YQ=", b"changetype: add", b"Changetype: delete", b"X;Y: q", b"x;y: z", b"v:", b"v:\x0c", b"a: \xff",
    b"version: 1", b"1.2: x", b"-", b"dn;a: x", b"a: b\r", b"\r", b"a\0: b",
]  # fmt: skip
SIZES = [1, 2, 3, 5, 17, 1 << 20]


def a_name(pick):
    """Give what may be a name."""
    parts = (
        pick.choice(TYPES) + "".join(pick.choices(VALUES, k=pick.randint(1, 3))) for _ in range(pick.randint(1, 2))
    )
    return pick.choice([",", ", ", ";", "+", " , "]).join(parts)


def spelt(pick, name):
    """Spell a name in another way, or nearly so."""
    ways = [name, name, name.upper(), name.casefold(), str(DN.parse(name)), DN.parse(name).normal]
    text = pick.choice(ways).encode()
    line = pick.choice([b"dn: ", b"dn:", b"DN:  "]) + text if pick.random() < 0.8 else b"dn:: " + base64.b64encode(text)
    at = pick.randint(1, len(line) - 1)
    return line if pick.random() < 0.5 else line[:at] + pick.choice([b"\n ", b"\r\n "]) + line[at:]


def names(pick):
    """Give three names that can be read."""
    found = []
    while len(found) < 3:
        try:
            DN.parse(name := a_name(pick))
        except ValueError:
            continue
        found.append(name)
    return found


def a_file(pick, known):
    """Give an export in which they stand in odd spellings."""
    data = b""
    for _ in range(pick.randint(1, 6)):
        end = pick.choice([b"\n", b"\n", b"\r\n"])
        lines = [spelt(pick, pick.choice(known)), *pick.choices(LINES, k=pick.randint(0, 3))]
        gap = pick.choice([end * 2, end * 2, end * 3, end, b"\n\r\n", b"\r\n\n", b"\n\n\r", end + b" " + end])
        data += end.join(lines) + gap
    return data


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 40))
def test_a_name_is_found_however_it_is_spelt_and_its_record_read_as_by_the_slow_ways(tmp_path_factory, seed):
    pick = random.Random(seed)
    known = names(pick)
    path = tmp_path_factory.getbasetemp() / "spelt.ldif"
    path.write_bytes(a_file(pick, known))
    wanted = {DN.parse(name) for name in known[:2]}
    coding = coding_of(path, "x")
    whole = list(pieces(path, "x", coding))
    found = Finder(path, "x", coding, wanted).pieces(2 if seed % 20 == 0 else 1, pick.choice(SIZES))
    told = [[(item.offset, item.text) for item in some if name_of(item.text) in wanted] for some in (found, whole)]
    assert told[0] == told[1]
    for text in (piece.text for piece in whole):
        assert core(text) == text[: next((line.content for line in reversed(logical(text)) if line.says), 0)]
        if said := quickly(text):
            entry = parse_record(text, 0, "x")
            assert entry.dn == name_of(text)
            assert entry.attributes == tuple(Attribute(*item) for item in said[2])


def moody(pick, real):
    """Give a system that copies a little, all, nothing, or not at all."""

    def copied(source, target, count, offset):
        mood = pick.random()
        if mood < 0.2:
            raise OSError(5, "a fault of the disk")
        return 0 if mood < 0.4 else real(source, target, count if mood < 0.6 else pick.randint(0, count % 5000), offset)

    return copied


@pytest.mark.skipif(not hasattr(os, "copy_file_range"), reason="the system copies nothing")
@settings(max_examples=200, deadline=None)
@given(st.integers(0, 1 << 40))
def test_not_a_byte_is_lost_whatever_the_system_copies(tmp_path_factory, seed):
    pick = random.Random(seed)
    data = pick.randbytes(pick.choice([0, 1, 10, 5000, 70_000]))
    cuts = sorted({0, len(data), *(pick.randint(0, len(data)) for _ in range(pick.choice([0, 2, 6])))})
    parts = [(begin, data[begin:end], pick.randbytes(pick.choice([0, 3, 9000]))) for begin, end in pairwise(cuts)]
    touched = [part for part in parts if pick.random() < 0.5]
    folder = tmp_path_factory.getbasetemp()
    (folder / "old").write_bytes(data)
    real = os.copy_file_range
    os.copy_file_range = moody(pick, real)
    try:
        with (folder / "old").open("rb") as old, (folder / "new").open("wb") as new:
            copy_changed(old, new, [Touch("x", *part) for part in touched], "old")
    finally:
        os.copy_file_range = real
    assert (folder / "new").read_bytes() == b"".join(part[2] if part in touched else part[1] for part in parts)
