"""``remedy diagnose``: its exit codes, its options, and what it makes of logs that mean no good."""

import gzip
import random
from pathlib import Path

import pytest

from tests.logworld import FORMS, Manner, World, written

LOOP = "NET0/PO0/POSTMASTER"
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e"


def line(at, text, number=2444, server="EXSRV1", date="5/19/97"):
    clock = f"{at // 3600 % 24:02}:{at // 60 % 60:02}:{at % 60:02}"
    return f"{date}\t{clock}\tMSExchangeMSMI\tInformation\tRouting\t{number}\tN/A\t{server}\t{text}\r\n"


def loop(laps=40, sender="SMTP:listserv@lists.example.org", to=LOOP, date="5/19/97"):
    rng, at, lines = random.Random(1), 36_000, []
    for lap in range(laps):
        lines.append(
            line(at, f"Message ID <{lap:08X}> processed from INQUEUE\r\n\r\nFrom: {sender}\r\nTo: {to}", date=date)
        )
        at += rng.randint(80, 120)
    return "".join(lines)


QUIET = line(100, "From: SMTP:kim@example.net\r\nTo: NET0/PO0/KIM")


def test_a_loop_exits_3_and_its_absence_0(remedy):
    Path("log.txt").write_text(loop(), encoding="utf-8")
    ran = remedy("diagnose", "log.txt", "--format", "json")
    assert ran.code == 3
    (found,) = ran.json["loops"]
    assert (found["postoffice"], found["peer"], found["domain"]) == (
        "NET0/PO0",
        "listserv@lists.example.org",
        "lists.example.org",
    )
    assert ran.json["schema"] == "remedy/diagnosis/1"
    Path("quiet.txt").write_text(QUIET, encoding="utf-8")
    quiet = remedy("diagnose", "quiet.txt", "--format", "json")
    assert (quiet.code, quiet.json["loops"]) == (0, [])


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_every_format_names_both_ends(remedy, form):
    ran = remedy("diagnose", "-", "--format", form, stdin=loop().encode())
    assert ran.code == 3
    assert "NET0/PO0" in ran.out
    assert "lists.example.org" in ran.out.replace("\\", "")


def test_a_threshold(remedy):
    Path("log.txt").write_text(loop(4), encoding="utf-8")
    assert remedy("diagnose", "log.txt").code == 0
    assert remedy("diagnose", "log.txt", "--threshold", "4").code == 3
    assert remedy("diagnose", "log.txt", "--threshold", "5").code == 0
    assert remedy("diagnose", "log.txt", "--threshold", "1").code == 2


def test_dates_that_tell_no_order_are_said_and_never_guessed(remedy):
    Path("log.txt").write_text(loop(date="5/6/97"), encoding="utf-8")
    ran = remedy("diagnose", "log.txt", "--format", "json").json
    assert ran["logs"][0]["date_order"] == "unsure"
    assert ran["loops"][0]["first"].startswith("05/06/1997")
    assert "date-order" in {item["kind"] for item in ran["advice"]}
    for order, day in (("mdy", "1997-05-06"), ("dmy", "1997-06-05")):
        told = remedy("diagnose", "log.txt", "--format", "json", "--date-order", order).json
        assert told["loops"][0]["first"].startswith(day)
    assert "shows nowhere" in remedy("diagnose", "log.txt").out


def test_what_is_not_understood_is_kept(remedy):
    Path("log.txt").write_text(
        "a stray line\r\n" + loop() + "5/19/97\t11:59:59\tbroken POSTMASTER\r\n", encoding="utf-8"
    )
    ran = remedy("diagnose", "log.txt", "--unread", "rest.txt", "--format", "json")
    assert ran.json["unread"] == {"records": 1, "lines": 1}
    assert Path("rest.txt").read_bytes() == b"a stray line\r\n5/19/97\t11:59:59\tbroken POSTMASTER\r\n"
    assert remedy("diagnose", "log.txt", "--unread", "no/such/folder").code == 1


def test_packed_and_piped_logs(remedy):
    Path("log.gz").write_bytes(gzip.compress(loop().encode()))
    assert remedy("diagnose", "log.gz").code == 3
    assert remedy("diagnose", "-", stdin=gzip.compress(loop().encode())).code == 3
    packed = gzip.compress(loop(2000).encode())
    half = len(packed) // 2
    for bad in (packed[:half], packed[:half] + b"\xff" * 50 + packed[half + 50 :]):
        Path("bad.gz").write_bytes(bad)
        ran = remedy("diagnose", "bad.gz")
        assert ran.code == 1
        assert ran.err == "remedy: bad.gz: its gzip packing is damaged\nPack it again, or unpack it.\n"


@pytest.mark.parametrize("data", [b"no log\nat all\n" * 100, bytes(range(256)) * 100, b"\x00" * 5000])
def test_what_is_no_log(remedy, data):
    Path("log.txt").write_bytes(data)
    ran = remedy("diagnose", "log.txt")
    assert ran.code == 1
    assert "Name one of these" in ran.err


def test_an_empty_log_and_a_missing_one(remedy):
    Path("log.txt").write_bytes(b"")
    assert remedy("diagnose", "log.txt").code == 0
    assert remedy("diagnose", "missing.txt").code == 1


def test_a_source_says_what_covers_the_postoffice(remedy):
    Path("log.txt").write_text(loop(to="NWTRADERS/PO1/POSTMASTER"), encoding="utf-8")
    ran = remedy("diagnose", "log.txt", "--source", "fabrikam.ldif", "--source", "postoffices.csv", "--format", "json")
    assert ran.json["loops"][0]["coverage"] == "exposed"


# --- Logs that mean no good


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
@pytest.mark.parametrize("codec", ["utf-8", "cp1252", "utf-16"])
def test_terminal_codes_reach_no_terminal(remedy, form, codec):
    sender = f"{ESCAPES}LISTSERV{ESCAPES}"
    note = line(1, f"From: {sender}\r\nSubject: {ESCAPES}\r\n[017] full\r\n{LOOP[:-10]}KIM {ESCAPES}", 2117)
    text = note + loop(sender=sender)
    Path("log.txt").write_bytes(text.encode(codec, "replace"))
    ran = remedy("diagnose", "log.txt", "--format", form)  # what may be on stdout is checked there
    assert ran.code == 3


@pytest.mark.parametrize("junk", [b"\x00\xff\xfe\x1a" * 5000, b"x" * 10_000_000, b"5/19/97 " * 100_000, b'"' * 100_000])
def test_junk_between_records_hides_no_loop(remedy, junk):
    half = loop().encode()
    Path("log.txt").write_bytes(half + junk + b"\r\n" + loop(to="NET0/PO1/POSTMASTER").encode())
    found = remedy("diagnose", "log.txt", "--format", "json").json["loops"]
    assert {each["postoffice"] for each in found} == {"NET0/PO0", "NET0/PO1"}


def test_half_a_character_at_the_end(remedy):
    Path("log.txt").write_bytes(loop().encode("utf-16")[:-1])
    assert remedy("diagnose", "log.txt").code == 3


@pytest.mark.parametrize("form", FORMS)
def test_a_log_cut_at_any_place(remedy, form):
    data = written(World(5, loops=1, events=100, days=2), Manner(form=form))
    for begin, end in ((0, 100), (17, 5000), (1, 1501), (333, 20_000)):
        Path("log.txt").write_bytes(data[begin:end])
        assert remedy("diagnose", "log.txt").code in {0, 1}
