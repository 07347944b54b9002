"""Message tracking logs of both kinds; samples are made by the articles' lists of fields (Q173280, Q246965)."""

import pytest

from remedy.eventlogs.dates import DateOrder, seconds_of, written
from tests.log_samples import read

CONNECTOR = "/o=MSFT/ou=Guitars/cn=configuration/cn=connections/cn=MS Mail Connector (Strat)"
LISTS = "DDA:SMTP=listserv(a)lists.example.com;"


def older(when, *recipients, gateway=CONNECTOR, number=7, sender=LISTS):
    fields = (
        "C=US;A= ;P=MSFT;L=STRAT-970324-17",
        str(number),
        when,
        gateway,
        "MTA",
        "",
        sender,
        "0",
        "0",
        "0",
        "1",
        "",
    )
    return "\t".join((*fields, str(len(recipients)))) + "\n" + "".join(f"{name}\t0\n" for name in recipients)


def at(event, notes):
    return written(seconds_of(event.stamp, notes.calendar.order))


@pytest.mark.parametrize(
    "when", ["1997.3.24 9:5:7", "1997-03-24 09:05:07", "03/24/97 9:05:07 AM", "24.03.1997\t09:05:07"]
)
def test_a_message_and_its_recipients(when):
    form, (event,), notes = read(
        older(when, "/o=MSFT/cn=Bob") + older(when, "MS:NET/PO/POSTMASTER", "MS:NET/PO2/Admin").replace("\n", "\r\n")
    )
    assert (form, notes.lines, notes.records, event.where) == ("message-tracking", 0, 0, 3)
    assert (event.source, event.number, at(event, notes)) == (CONNECTOR, 7, "1997-03-24T09:05:07")
    assert event.text == (
        f"From: {LISTS}\nTo: MS:NET/PO/POSTMASTER\nTo: MS:NET/PO2/Admin\nMessage ID <C=US;A= ;P=MSFT;L=STRAT-970324-17>"
    )


def test_the_partner_stands_in_for_a_gateway_that_is_none():
    _, (event,), _ = read(older("1997.3.24 9:5:7", "MS:A/B/POSTMASTER", gateway=""))
    assert event.source == "MTA"


COLUMNS = (
    "Date\tTime\tClient-IP\tClient-hostname\tPartner-name\tServer-hostname\tServer-IP\tRecipient-address\tEvent-ID\tMSGID\t"
    "Priority\tRecipient-report-status\tTotal-bytes\tNumber-recipients\tOrigination-time\tEncryption\tService-version\t"
    "Linked-MSGID\tMessage-Subject\tSender-Address"
)
HEAD = f"# Message Tracking Log File\r\n# Exchange System Attendant Version 6.0.4417.0\r\n# {COLUMNS}\r\n"


def later(clock="0:0:3 GMT", recipient="IMCEAMS-NET_PO_POSTMASTER@example.com", **other):
    values = {
        "Date": "2003-10-5", "Time": clock, "Partner-name": "SMTP", "Server-hostname": "MAIL1", "Event-ID": "1019",
        "Recipient-address": recipient, "MSGID": "<17@lists.example.com>", "Sender-Address": "listserv@lists.example.com",
    } | other  # fmt: skip
    return "\t".join(values.get(name, "-") for name in COLUMNS.split("\t")) + "\r\n"


@pytest.mark.parametrize("head", [HEAD, ""], ids=["heading", "none"])
@pytest.mark.parametrize("clock", ["0:0:3 GMT", "00:00:03", "00:00:03 GMT"])
def test_a_line_a_recipient(head, clock):
    form, (event,), notes = read(head + later(clock, "bob@example.com") + later(clock))
    assert (form, notes.lines, notes.records, notes.calendar.order) == ("message-tracking", 0, 0, DateOrder.YMD)
    assert (event.source, event.number, event.computer, at(event, notes)) == (
        "SMTP",
        1019,
        "MAIL1",
        "2003-10-05T00:00:03",
    )
    assert event.text == (
        "From: listserv@lists.example.com\nTo: IMCEAMS-NET_PO_POSTMASTER@example.com\nMessage ID <17@lists.example.com>"
    )


def test_the_heading_names_the_columns():
    text = "# Date\tTime\tEvent-ID\tSender-Address\tRecipient-address\r\n2003-10-5\t0:0:3 GMT\t1020\ta@b\tMS:N/P/POSTMASTER\r\n"
    for block in (1 << 16, 5):
        _, events, notes = read(HEAD + later() + text + HEAD + later(), block=block)
        assert [(event.number, event.text.count("\n")) for event in events] == [(1019, 2), (1020, 1), (1019, 2)]
        assert (notes.lines, notes.records) == (0, 0)


def test_a_word_below_a_heading_is_no_record_and_is_told():
    _, events, notes = read(HEAD + later() + HEAD + "something of a postmaster\r\n" + later())
    assert (len(events), notes.lines) == (2, 1)
