"""Finding records in large files: what is too long, what is cut, and a second process that dies."""

import os
import signal

import pytest

from remedy import scan
from remedy.dn import DN
from remedy.errors import InputError, Stale
from remedy.stores import finding
from remedy.stores.finding import Finder, line_at, nothing_from
from remedy.stores.pieces import coding_of
from remedy.stores.rewrite import records

BOX = DN.parse("cn=gate,o=FABRIKAM")
ONE = b"dn: cn=gate,o=FABRIKAM\ncn: b\n\n"
OTHER = b"dn: cn=other,o=FABRIKAM\ncn: b\n\n"


def test_a_record_that_is_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(scan, "RECORD_LIMIT", 1 << 20)
    path = tmp_path / "export.ldif"
    path.write_bytes(OTHER * 3 + b"dn: cn=long,o=FABRIKAM\n" + b"x: y\n" * 600_000 + b"\n" + ONE)
    with pytest.raises(InputError, match=r"ldif:10:"):
        records(path, "export.ldif", [BOX])


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_cut_record_is_the_last_one_or_a_fault(tmp_path, mark):
    path, cut = tmp_path / "export.ldif", ONE.rstrip() + b"\nMAPI-Recip"
    path.write_bytes(mark + OTHER + cut + b"\n\n   \n")
    assert records(path, "export.ldif", [BOX])[BOX].raw == cut
    path.write_bytes(mark + OTHER + cut + b"\n\n" + OTHER)
    with pytest.raises(InputError, match=r"ldif:6:"):
        records(path, "export.ldif", [BOX])


def test_a_second_record_of_a_name_is_named_by_its_line(tmp_path):
    path = tmp_path / "export.ldif"
    path.write_bytes(OTHER + ONE + OTHER + ONE)
    with pytest.raises(Stale, match="line 10"):
        records(path, "export.ldif", [BOX])


def test_places(tmp_path):
    path = tmp_path / "export.ldif"
    path.write_bytes(ONE + b" \n")
    assert [line_at(path, "x", at) for at in (0, 22, 23, len(ONE))] == [1, 1, 2, 4]
    assert nothing_from(path, "x", len(ONE))
    assert not nothing_from(path, "x", len(ONE) - 3)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no second process")
@pytest.mark.parametrize("after", [0, 1, 5])
def test_what_a_process_that_died_has_not_told_is_read(tmp_path, monkeypatch, after):
    path = tmp_path / "export.ldif"
    path.write_bytes((OTHER * 30 + ONE) * 20)
    told = Finder._told

    def dies(self, begin, size):
        for number, item in enumerate(told(self, begin, size)):
            if number == after:
                os.kill(os.getpid(), signal.SIGKILL)
            yield item

    finder = Finder(path, "x", coding_of(path, "x"), [BOX])
    alone = list(finder.pieces(1, 512))
    monkeypatch.setattr(finding.Finder, "_told", dies)
    assert list(finder.pieces(2, 512)) == alone
    assert len(alone) == 20


def test_a_file_that_is_gone_when_its_lines_are_counted_is_said_so(tmp_path):
    for look in (line_at, nothing_from):
        with pytest.raises(InputError, match="export: there is no such file"):
            look(tmp_path / "gone", "export", 5)
