"""Every event that the articles quote, in every text format of the application log it can stand in."""

import time

import pytest

from remedy.eventlogs import TEXT_FORMS
from remedy.eventlogs.base import Notes
from remedy.eventlogs.dates import DateOrder, seconds_of, written
from tests.log_samples import AU, CHINA, MATTER, REST, US, Sample, dumpel, quoted, read, vertical, viewer

MIXED = tuple(event for pair in zip(MATTER, (*REST, *REST), strict=False) for event in pair)


def seen(events):
    return [(event.source, event.number, event.computer, event.text) for event in events]


def said(samples, between="\n"):
    return [(event.source, event.number, event.computer, event.text.replace("\n", between)) for event in samples]


@pytest.mark.parametrize("when", [US, AU, CHINA], ids=["us", "au", "cn"])
@pytest.mark.parametrize("mark", ["\t", ",", " ", ";"])
def test_event_viewer(mark, when):
    form, events, notes = read(viewer(MIXED, mark, when))
    assert (form, notes.lines, notes.records, notes.oddities) == ("event-viewer", 0, 0, [])
    assert seen(events) == said(MATTER)


def test_event_viewer_with_quotes():
    form, events, _ = read(viewer(MIXED, ",", US, quoted))
    assert form == "event-viewer"
    assert seen(events) == said(MATTER)


def test_categories_of_several_words_and_none():
    _, events, _ = read(viewer(MATTER, " "))
    assert [event.category for event in events] == [event.category for event in MATTER]
    _, events, _ = read(viewer([Sample(2444, "Information", "", "To: N/P/POSTMASTER")], " "))
    assert [(event.category, event.number) for event in events] == [("", 2444)]


@pytest.mark.parametrize("when", [US, AU, CHINA], ids=["us", "au", "cn"])
def test_copied_properties(when):
    form, events, notes = read(vertical(MIXED, when))
    assert (form, notes.lines, notes.records) == ("event-properties", 0, 0)
    assert seen(events) == said(MATTER)


@pytest.mark.parametrize("old", [True, False], ids=["old", "later"])
@pytest.mark.parametrize("when", [US, AU, CHINA], ids=["us", "au", "cn"])
@pytest.mark.parametrize("mark", ["\t", ",", "  "])
def test_dumpel(mark, when, old):
    samples = [event for event in MIXED if not (old and mark == "  " and " " in event.source)]
    form, events, notes = read(dumpel(samples, mark, when, old=old))
    assert (form, notes.lines, notes.records) == ("dumpel", 0, 0)
    assert seen(events) == said([event for event in samples if event in MATTER], " ")


def test_dumpel_of_nt_3_5():
    _, events, _ = read("4/11/95 4:58:39 AM  1   0   1016    N/A DhcpServer  REDIPSRVP2  POSTMASTER %%20013\r\n")
    assert seen(events) == [("DhcpServer", 1016, "REDIPSRVP2", "POSTMASTER %%20013")]


def test_dumpel_by_a_monitoring_plugin():
    _, events, notes = read("04.01.12,15:37:21,4,0,11707,MsiInstaller,N/A,LAUSSER6,POSTMASTER, and more\r\n")
    assert seen(events) == [("MsiInstaller", 11707, "LAUSSER6", "POSTMASTER, and more")]
    assert notes.calendar.order is None


def test_lines_quoted_by_the_articles_as_they_stand():
    text = (
        "5/22/97 12:55:53 PM MSExchangeMSMI Error Session Error 2375 N/A TRADE MS Mail Connector Interchange has ...\n"
        "5/22/97 12:55:53 PM MSExchangeMSMI Information Routing 2444 N/A TRADE Message ID <00000C9D> processed from INQUEUE\n"
        "To: NET/PO/POSTMASTER\n"
        "5/23/97 12:55:53 AM MSExchangeMSMI Warning  NDR   2117  N/A  EXGAU30003  Non delivery report generated.        \n"
        "\n"
        "From: ANZAUDCU/MEL227TRK0/$SYSTEM\n"
        "[004] Message circular route detected.\n"
    )
    _, events, notes = read(text)
    assert [(event.number, event.where, event.category) for event in events] == [(2444, 2, "Routing"), (2117, 4, "NDR")]
    assert notes.calendar.order is DateOrder.MDY
    assert [written(seconds_of(event.stamp, DateOrder.MDY)) for event in events] == [
        "1997-05-22T12:55:53", "1997-05-23T00:55:53",
    ]  # fmt: skip


@pytest.mark.parametrize("user", ["N/A", r"DOMAIN\admin", r"NT AUTHORITY\SYSTEM"])
def test_users_are_no_sources(user):
    for mark in ("\t", ",", " "):
        text = mark.join([*US, "MSExchangeMSMI", "Information", "Sent", "2448", user, "TRADE", "To: N/P/POSTMASTER"])
        _, events, _ = read(text)
        assert seen(events) == [("MSExchangeMSMI", 2448, "TRADE", "To: N/P/POSTMASTER")]


@pytest.mark.parametrize("mark", ["\t", ","])
@pytest.mark.parametrize("user", [r"DOMAIN\admin", r"NT AUTHORITY\SYSTEM"])
def test_users_of_dumpel(user, mark):
    for who in ((user, "MTA to Vancouver PO"), ("MTA to Vancouver PO", user)):
        _, events, _ = read(mark.join([*US, "4", "2", "2448", *who, "TRADE", "N/P/POSTMASTER"]))
        assert seen(events) == [("MTA to Vancouver PO", 2448, "TRADE", "N/P/POSTMASTER")]


def test_headings_are_known():
    text = "Date,Time,Source,Type,Category,Event,User,Computer,Description\r\n" + viewer(MATTER, ",")
    _, events, notes = read(text)
    assert (len(events), notes.lines) == (len(MATTER), 0)


@pytest.mark.parametrize("user", ["N/A", r"DOMAIN\admin", r"NT AUTHORITY\SYSTEM"])
def test_users_of_dumpel_among_blanks(user):
    for who in (("MSExchangeMSMI", user), (user, "MSExchangeMSMI")):
        _, events, _ = read("  ".join([*US, "4", "2", "2448", *who, "TRADE", "N/P/POSTMASTER"]))
        assert seen(events) == [("MSExchangeMSMI", 2448, "TRADE", "N/P/POSTMASTER")]


def test_numbers_longer_than_python_reads():
    long = "9" * 5000
    for text in (
        "\t".join([*US, "S", "Error", "None", long, "N/A", "C", "postmaster"]),
        f"Event Type: x\nEvent ID: {long}\nDate: 5/22/97\nTime: 12:55:53\nDescription:\npostmaster\n",
    ):
        form = "event-viewer" if "\t" in text else "event-properties"
        _, events, notes = read(text, form=form)
        assert (events, notes.records) == ([], 1)


@pytest.mark.parametrize(
    "filling", [" ", "Error ", "\t", "N/A ", "a\\b ", "1 ", '"', ",", "Error" + " " * 30, "x" * 30 + " "], ids=repr
)
@pytest.mark.parametrize("start", ["5/22/97 12:55:53 S ", "5/22/97 12:55:53 1 1 1 ", "5/22/97\t12:55:53\t1\t1\t1\t"])
def test_patterns_do_not_try_for_ever(start, filling):
    begun = time.process_time()
    text = start + filling * (65_000 // len(filling)) + "postmaster"
    for form in TEXT_FORMS.values():
        form.parse(text, 1, Notes("log"))
    assert time.process_time() - begun < 1


def test_terminal_codes_stay_in_the_text_for_the_printer_to_escape():
    _, (event,), notes = read(viewer([Sample(2444, "Error", "None", "\x1b[2J\x07To: N/P/POSTMASTER\x00")]))
    assert (event.text, notes.oddities) == ("\x1b[2J\x07To: N/P/POSTMASTER\x00", [])


@pytest.mark.parametrize(
    "line", ["5/22/97 12:55:53 PM", "5/22/97\t12:55:53 PM", '"5/22/97","12:55:53 PM"', "5/22/97,12:55:53 PM,"]
)
def test_a_line_that_ends_with_its_time_is_no_event(line):
    assert TEXT_FORMS["event-viewer"].parse(f"{line}\n", 1, Notes("log")) is None
    assert TEXT_FORMS["event-viewer"].parse(line, 1, Notes("log")) is None
