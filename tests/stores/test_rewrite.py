"""Rewriting an LDIF file: where new values and records stand, and that all else stays."""

import pytest

from remedy.change import Add, Mod, Modify, Op
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import InputError, Stale
from remedy.stores.rewrite import is_end, leading, records, touches

BOX = DN.parse("cn=gate,o=FABRIKAM")
ADD = Modify(BOX, (Mod(Op.ADD, "otherMailbox", (b"ms$WINGTIP/TOYS/POSTMASTER",)),))
NEW = Add(Entry.of("cn=MSPMGATE,o=FABRIKAM", {"objectClass": "person", "cn": "MSPMGATE"}))


def rewritten(tmp_path, data, *changes):
    path = tmp_path / "export.ldif"
    path.write_bytes(data)
    for touch in sorted(touches(path, "export.ldif", changes), key=lambda touch: -touch.offset):
        assert data[touch.offset :].startswith(touch.old)
        data = data[: touch.offset] + touch.new + data[touch.offset + len(touch.old) :]
    return data


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"dn: cn=gate,o=FABRIKAM\nothermailbox: a\ncn: b\n", b"dn: cn=gate,o=FABRIKAM\nothermailbox: a\n+othermailbox: {}\ncn: b\n"),
        (b"dn: cn=gate,o=FABRIKAM\r\ncn: b\r\n\r\n", b"dn: cn=gate,o=FABRIKAM\r\ncn: b\r\n+otherMailbox: {}\r\n\r\n"),
        (b"dn: cn=gate,o=FABRIKAM\ncn: b", b"dn: cn=gate,o=FABRIKAM\ncn: b\n+otherMailbox: {}"),
        (b"dn: cn=gate,o=FABRIKAM\ncn: b\n# the end\n", b"dn: cn=gate,o=FABRIKAM\ncn: b\n+otherMailbox: {}\n# the end\n"),
        (b"dn: CN=Gate, O=Fabrikam\notherMailbox;lang-de: a\n", b"dn: CN=Gate, O=Fabrikam\notherMailbox;lang-de: a\n+otherMailbox: {}\n"),
        (b"dn:: Y249Z2F0ZSxvPUZBQlJJS0FN\ncn: b\n", b"dn:: Y249Z2F0ZSxvPUZBQlJJS0FN\ncn: b\n+otherMailbox: {}\n"),
    ],
)  # fmt: skip
def test_where_a_value_stands(tmp_path, old, new):
    assert rewritten(tmp_path, old, ADD) == new.replace(b"+", b"").replace(b"{}", b"ms$WINGTIP/TOYS/POSTMASTER")


def test_a_new_record_in_a_file_of_additions_that_is_folded_narrowly(tmp_path):
    """The line of the change type stands behind the name, wherever that is folded."""
    old = b"dn: o\n =FAB\n RIKA\n M\ncha\n nge\n typ\n e: a\n dd\no: F\n\n"
    data = rewritten(tmp_path, old, NEW)
    path = tmp_path / "export.ldif"
    path.write_bytes(data)
    text = data.replace(b"\n ", b"")
    assert b"\n\ndn: cn=MSPMGATE,o=FABRIKAM\nchangetype: add\nobjectClass: person\n" in text
    assert records(path, "export.ldif", [NEW.dn])[NEW.dn].entry.values("cn") == (b"MSPMGATE",)


def test_a_deleted_value_takes_its_line_with_it(tmp_path):
    gone = Modify(BOX, (Mod(Op.DELETE, "cn", (b"b",)),))
    assert (
        rewritten(tmp_path, b"dn: cn=gate,o=FABRIKAM\ncn: a\nCN: b\nsn: c\n", gone)
        == b"dn: cn=gate,o=FABRIKAM\ncn: a\nsn: c\n"
    )
    assert rewritten(tmp_path, b"dn: cn=gate,o=FABRIKAM\nsn: c\ncn:: Yg==", gone) == b"dn: cn=gate,o=FABRIKAM\nsn: c"


@pytest.mark.parametrize("data", [b"dn: o=FABRIKAM\n", b"dn: cn=gate,o=FABRIKAM\n\ndn: cn=GATE,o=fabrikam\n"])
def test_no_record_or_two(tmp_path, data):
    with pytest.raises(Stale):
        rewritten(tmp_path, data, ADD)


def test_half_a_character_at_the_end_is_kept(tmp_path):
    old = "\ufeffdn: cn=gate,o=FABRIKAM\ncn: b\n\ndn: cn=x\ncn: y\n".encode("utf-16-le") + b"a"
    data = rewritten(tmp_path, old, ADD)
    assert data.endswith(b"a")
    assert "otherMailbox: ms$WINGTIP/TOYS/POSTMASTER\n\n" in data[:-1].decode("utf-16")


def test_what_is_no_utf16(tmp_path):
    with pytest.raises(InputError, match="UTF-16"):
        rewritten(tmp_path, b"\xff\xfed\x00\x00\xd8\x00\xd8\n\x00", ADD)


def test_what_cannot_be_opened(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        touches(tmp_path / "nonesuch", "nonesuch", [ADD])


@pytest.mark.parametrize(
    "last",
    [b"thumbnailPhoto:< file:///C:/x.jpg", b"info: Gr\xf6\xdfe", b"info: one\n\ttwo", b"MAPI-Recip", b"info:: R3L", b"\t", b"-"],
)  # fmt: skip
@pytest.mark.parametrize("tail", [b"", b"\n# a comment\n# that is\n  folded"])
def test_a_new_record_stands_behind_a_line_that_nobody_can_read(tmp_path, last, tail):
    near = b"dn: cn=a,o=FABRIKAM\ncn: a\n" + last
    old = near + tail + b"\n\ndn: cn=b,o=WINGTIP\ncn: b\n"
    new = b"\n\ndn: cn=MSPMGATE,o=FABRIKAM\nobjectClass: person\ncn: MSPMGATE"
    data = rewritten(tmp_path, old, NEW)
    assert data == near + new + old[len(near) :]
    path = tmp_path / "export.ldif"
    assert is_end(path, "export.ldif", len(near))
    path.write_bytes(data)
    assert is_end(path, "export.ldif", len(near))
    record = records(path, "export.ldif", [NEW.dn])[NEW.dn]
    assert record.raw == new.lstrip()
    assert record.offset == len(near) + 2


@pytest.mark.parametrize("last", [b"MAPI-Recip", b"MAPI-Recip\n", b"info: \xc3"])
def test_a_record_in_which_the_file_was_cut_stays_the_last_one(tmp_path, last):
    first, cut = b"dn: o=FABRIKAM\no: FABRIKAM", b"\n\ndn: cn=a,o=FABRIKAM\ncn: a\n" + last
    new = b"\n\ndn: cn=MSPMGATE,o=FABRIKAM\nobjectClass: person\ncn: MSPMGATE"
    assert rewritten(tmp_path, first + cut, NEW) == first + new + cut


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
@pytest.mark.parametrize("gap", range(1, 6))
def test_a_record_begins_at_its_first_line(tmp_path, gap, ends):
    """Empty lines in front of it are nobody's, however many there are."""
    record = b"# the gate\ndn: cn=gate,o=FABRIKAM\ncn: b".replace(b"\n", ends)
    head = b"dn: o=FABRIKAM" + ends * gap
    path = tmp_path / "export.ldif"
    path.write_bytes(head + ends + record + ends * gap)
    found = records(path, "export.ldif", [BOX])[BOX]
    assert (found.offset, found.raw) == (len(head + ends), record)
    (touch,) = touches(path, "export.ldif", [ADD])
    assert (touch.offset, touch.old) == (found.offset, record)


def test_where_records_end(tmp_path):
    path = tmp_path / "export.ldif"
    path.write_bytes(b"dn: cn=a\ncn: a\n\n# c\ndn: cn=b\ncn: b\n# d\n")
    ends = [at for at in range(50) if is_end(path, "export.ldif", at)]
    assert ends == [14, 34]


def test_how_many_bytes_of_line_ends_stand_in_front(tmp_path):
    path = tmp_path / "export.ldif"
    path.write_bytes("dn: o=A\n".encode("utf-16"))
    text = "\n\ndn: cn=a,o=A\n".encode("utf-16-le")
    assert leading(path, text) == 4
    assert leading(path, text[:-1]) >= 0  # half a character, in a journal that somebody has edited
    path.write_bytes(b"dn: o=A\n")
    assert leading(path, b"\r\n\ndn: cn=a") == 3
