"""SENT.LOG, RECV.LOG and SYSTEM.LOG of a postoffice, as the articles quote them."""

import pytest

from remedy.eventlogs.dates import DateOrder, seconds_of, written
from tests.log_samples import read

RECEIVED = """\
DATE RECEIVED   SIZE  FROM                   TO
-------------   ----  ----                   --
05/17/96 09:39  1239  NETWORK/REMOTEPO/POSTMASTER NETWORK/LOCALPO/ADMIN        *
00000306
"""
SENT = """\
DATE SENT       SIZE  SENDER                   TO
---------       ---  ------                    --
05/17/96 09:44  715  NETWORK/LOCALPO/Admin     NETWORK/REMOTEPO/Postmaster
0000030C 00000403
"""


def at(event, order):
    return written(seconds_of(event.stamp, order))


def test_a_log_tells_which_it_is():
    form, (event,), notes = read(RECEIVED)
    assert (form, event.source, event.where, notes.lines, notes.oddities) == ("sent-log", "RECV.LOG", 3, 0, [])
    assert event.text == "From: NETWORK/REMOTEPO/POSTMASTER\nTo: NETWORK/LOCALPO/ADMIN\nMessage ID <00000306>"
    assert (event.number, at(event, notes.calendar.order)) == (None, "1996-05-17T09:39:00")
    _, (event,), _ = read(SENT)
    assert event.source == "SENT.LOG"
    assert event.text.splitlines()[1:] == [
        "To: NETWORK/REMOTEPO/Postmaster",
        "Message ID <0000030C>",
        "Message ID <00000403>",
    ]


def test_logs_may_follow_one_another_in_one_file():
    for block in (1 << 16, 7, 1):
        _, events, notes = read(RECEIVED + SENT + SENT + RECEIVED, block=block)
        assert [event.source for event in events] == ["RECV.LOG", "SENT.LOG", "SENT.LOG", "RECV.LOG"]
        assert (notes.lines, notes.records) == (0, 0)


def test_without_a_heading_it_may_be_either():
    _, (event,), _ = read(SENT.split("\n", 2)[2])
    assert event.source == "SENT.LOG or RECV.LOG"


@pytest.mark.parametrize("clock", ["11:39p", "11:39 PM", "23:39", "23.39"])
def test_clocks_of_dos(clock):
    _, (event,), notes = read(f"05/17/96 {clock}  1239  A/B/POSTMASTER C/D/ADMIN  0000030C\n")
    assert (at(event, notes.calendar.order), event.text) == (
        "1996-05-17T23:39:00", "From: A/B/POSTMASTER\nTo: C/D/ADMIN\nMessage ID <0000030C>",
    )  # fmt: skip


def test_a_row_without_a_recipient():
    _, (event,), notes = read("  24/02/10 18:01 11689 KEAAU1/KEASYD/POSTMASTER\n")
    assert event.text == "From: KEAAU1/KEASYD/POSTMASTER"
    assert notes.calendar.order is None or notes.calendar.order is DateOrder.DMY
    assert [line for line in notes.oddities if "Q259219" in line and "The year 10" in line]


def test_years_that_programs_got_wrong():
    rows = "  31-12-{}       772  BENSNET/TEAZLE/Postmaster     BENSNET/CACTUS/Admin\n"
    _, events, notes = read("".join(rows.format(day) for day in ("99 23:52", "10 00:01", "10 00:02", "100 00:03")))
    assert [at(event, DateOrder.DMY) for event in events] == [
        "1999-12-31T23:52:00", "2010-12-31T00:01:00", "2010-12-31T00:02:00", "2000-12-31T00:03:00",
    ]  # fmt: skip
    assert [line.split(":")[0][:28] for line in notes.oddities] == [
        "The year 10 may not be 2010",
        "The year 100 is read as 2000",
    ]
    assert all("Q192156" in line for line in notes.oddities)


def test_a_date_of_no_calendar_is_told_and_spoils_nothing():
    row = "{} 09:44  715  A/B/Admin     C/D/Postmaster\n"
    _, events, notes = read(row.format("05/17/96") + row.format("45/45/99"))
    assert (len(events), notes.records, notes.calendar.order) == (1, 1, DateOrder.MDY)
    assert [line.split(" ", 2)[:2] for line in notes.oddities] == [["Line", "2"]]


SYSTEM = """\
System log entry on: 05-14-93 11:32
External program has detected a mail problem.
Message data:
From: TELECOM/NTNETCU1/POSTMASTER
Subject: Mail failure
[016] Message was not sent due to missing message file

System log entry on: 05-15-93 11:33
External program has started.
"""


def test_system_log():
    form, (event,), notes = read(SYSTEM.replace("\n", "\r\n"))
    assert (form, event.source, event.where, notes.lines) == ("system-log", "SYSTEM.LOG", 1, 0)
    assert event.text == SYSTEM.split("\n\n", maxsplit=1)[0].partition("\n")[2]
    assert at(event, notes.calendar.order) == "1993-05-14T11:32:00"


def test_names_are_in_the_code_page_of_postoffices():
    _, (event,), _ = read(SYSTEM.replace("Mail failure", "M\u00fcll").encode("cp850"))
    assert "Subject: M\u00fcll" in event.text
