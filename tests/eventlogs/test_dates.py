"""Dates of logs: an order is told only by dates that can be read in no other."""

import pytest

from remedy.eventlogs.dates import Calendar, DateOrder, dates, moment, seconds_of, stamp, written

MDY, DMY, YMD = DateOrder


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5/22/97",
        "5/22/97 24:00",
        "5/22/97 12:60",
        "5/22/97 13:00 PM",
        "5/22/97 0:00 AM",
        "45/45/99 1:00",
        "0/0/0 1:00",
    ],
)
def test_what_no_clock_or_calendar_shows(text):
    assert stamp(text) is None


@pytest.mark.parametrize(
    ("text", "order", "shown"),
    [
        ("5/22/97 12:00:00 AM", MDY, "1997-05-22T00:00:00"),
        ("5/22/97 12:00:01 PM", MDY, "1997-05-22T12:00:01"),
        ("31.12.69 23:59", DMY, "2069-12-31T23:59:00"),
        ("31.12.70 23:59", DMY, "1970-12-31T23:59:00"),
        ("01-01-100 00:01", MDY, "2000-01-01T00:01:00"),
        ("1999-9-7 1.2.3", YMD, "1999-09-07T01:02:03"),
        ("5/22/97 11:39p", MDY, "1997-05-22T23:39:00"),
        ("5/22/97 11:39 Program", MDY, "1997-05-22T11:39:00"),
    ],
)
def test_moments(text, order, shown):
    assert written(seconds_of(stamp(text), order)) == shown


def test_the_time_ends_where_it_ends():
    assert moment("5/22/97 12:55 PM\tMSMI")[1] == len("5/22/97 12:55 PM")


def test_an_order_is_told_by_what_fits_no_other():
    calendar = Calendar()
    calendar.see(stamp("1/2/97 1:00"))
    assert (calendar.order, calendar.open, calendar.usual) == (None, True, MDY)
    calendar.see(stamp("13/2/97 1:00"))
    assert (calendar.order, calendar.open, calendar.usual) == (DMY, False, DMY)
    calendar.see(stamp("2/13/97 1:00"))
    assert (calendar.order, calendar.torn, calendar.usual) == (None, True, MDY)


def test_nobody_contradicts_a_user():
    calendar = Calendar(MDY)
    calendar.see(stamp("13/2/97 1:00"))
    assert (calendar.order, calendar.open, calendar.torn) == (MDY, False, False)


def test_looking_at_dates_that_stand_alone():
    finds = dates(rb"\n")
    for text, order in ((b"\n1/13/97 1:00", MDY), (b"\n31/1/97 1:00", DMY), (b"\n1/2/97 1:00\n", None)):
        calendar = Calendar()
        calendar.look(finds.search(text)[1])
        assert calendar.order == order
    calendar.look(b"31/31/97")
    calendar.look(b"1/13/97")
    assert calendar.order == MDY
