"""What events say: every text that an article quotes, and what is made of it."""

import pytest

from remedy.eventlogs.event import Event
from remedy.traffic import Kind, Peer, moves, peer_of
from tests.log_samples import CIRCULAR, FULL

LIST = Peer("listserv@lists.example.org", "lists.example.org")


def said(text, number=None):
    event = Event(stamp=0, text=text, where=1, number=number)
    return [(m.kind, m.postoffice and str(m.postoffice), m.peer.name, m.code) for m in moves(event)]


SENDERS = (
    "[encapsulated X.400<listserv@lists.example.org>]", "[encapsulated X.400<listserv>@<lists.example.org>]",
    "[encapsulated X.400 listserv@lists.example.org]", "C=us;a= ;p=Org;o=Site;dda=SMTP:listserv@lists.example.org",
    "DDA:RFC-822=listserv(a)lists.example.org", "C=US;A= ;P=FAB;DDA:SMTP=LISTSERV(040)Lists.Example.ORG;",
    "/c=US/dda.type=RFC-822/dda.value=listserv(a)lists.example.org", "SMTP:listserv@lists.example.org",
    '"Majordomo" <listserv@lists.example.org>', "DDA:RFC-822=listserv+40lists.example.org", "C=US;A= ;P=FAB;\r\n  DDA:SMTP=listserv(a)lists.example.org;",
)  # fmt: skip


@pytest.mark.parametrize("sender", SENDERS)
def test_an_internet_sender_in_every_disguise(sender):
    text = f"Message ID <00000C9D> processed from INQUEUE\r\n\r\nFrom: {sender}\r\nTo: NET/PO1/POSTMASTER"
    assert said(text, 2444) == [(Kind.REPLY, "NET/PO1", LIST.name, "")]


@pytest.mark.parametrize(
    ("text", "peer"),
    [
        ("FAB/SEA/JOHN", Peer("fab/sea/john")),
        ("LISTSERV", Peer("listserv")),
        ("  Two  Words ", Peer("two words")),
        ("listserv@localhost", Peer("listserv@localhost")),
        ("IMCEAMS-NET_PO1_POSTMASTER@fabrikam.com", Peer("imceams-net_po1_postmaster@fabrikam.com")),
        ("a@b(c", Peer("a@b(c")),
        ("", Peer()),
    ],
)
def test_whoever_has_no_internet_address_stays_as_written(text, peer):
    assert peer_of(text) == peer


def test_the_three_events_of_the_article():
    assert said("Recipient is MS:NET/PO1/POSTMASTER", 10_000) == [(Kind.HINT, "NET/PO1", "", "")]
    sent = "Message ID\n<C=xx;A= ;P=xxxx;l=xxxx>\nreceived from Exchange\n\nMessage ID <00000C9D> created in MS Mail\n\nFrom: SMTP:listserv@lists.example.org\nTo: net/po1/Postmaster"
    assert said(sent, 2448) == [(Kind.REPLY, "NET/PO1", LIST.name, "")]
    back = (
        "Message ID <00000C9D> processed from INQUEUE\n\nFrom: NET/PO1/POSTMASTER\nTo: SMTP:listserv@lists.example.org"
    )
    assert said(back, 2444) == [(Kind.REPORT, "NET/PO1", LIST.name, "")]
    user = "From: SMTP:listserv@lists.example.org\nTo: NET/PO1/USER\nabout POSTMASTER"
    assert said(user, 2444) == []


def test_reports_that_name_a_postmaster():
    tail = "Subject: Re: x\n[002] Mail was received that was addressed to unknown addresses\nAttempted to send to the following addresses:\n"
    lost = f"Non delivery report generated.\nFrom: SMTP:listserv@lists.example.org\n{tail}NET       /PO1/POSTMASTER"
    assert said(lost, 2117) == [(Kind.REPORT, "NET/PO1", LIST.name, "002")]
    again = f"Non delivery report generated.\nFrom: NET/PO1/POSTMASTER\n{tail}SMTP:listserv@lists.example.org"
    assert said(again, 2117) == [(Kind.REPORT, "NET/PO1", LIST.name, "002")]
    nobody = f"Non delivery report generated.\nFrom: NET/PO1/POSTMASTER\n{tail}"
    assert said(nobody, 2117) == [(Kind.REPORT, "NET/PO1", "", "002")]
    named = f"Non delivery report generated.\nFrom: Administrator\n{tail}NET/PO1/POSTMASTER"
    assert said(named, 2117) == [(Kind.REPORT, "NET/PO1", "administrator", "002")]
    strings = "listserv@lists.example.org Re: x [002] Mail was received NET/PO1/POSTMASTER"
    assert said(strings, 2117) == [(Kind.REPORT, "NET/PO1", LIST.name, "002")]
    codeless = "Non delivery report generated.\nFrom: SMTP:listserv@lists.example.org\nTo: NET/PO1/POSTMASTER"
    assert said(codeless, 2117) == [(Kind.REPORT, "NET/PO1", LIST.name, "")]
    both = f"From: NET/PO2/POSTMASTER\n{tail}NET/PO1/POSTMASTER\nNET/PO1/USER"
    assert [each[1] for each in said(both, 2117)] == ["NET/PO2", "NET/PO1"]


def test_systemlog_entries_are_reports_that_failed():
    text = "External program has detected a mail problem.\nMessage data:\nFrom: TELECOM/NTNETCU1/POSTMASTER\nTo: NET/PO2/KIM\nSubject: Mail failure\n[005] Mail retry count exceeded sending to: NET/PO2"
    assert said(text) == [(Kind.REPORT, "TELECOM/NTNETCU1", "net/po2/kim", "005")]


def test_a_message_by_the_words_of_a_report_is_a_proper_one():
    for subject, proper in (("Mail failure", True), ("Lunch", False)):
        text = f"From: NET/PO1/POSTMASTER\nTo: a@b.org\nSubject: {subject}"
        (move,) = moves(Event(stamp=0, text=text, where=1, number=2444))
        assert move.proper is proper


def test_troubles_of_others():
    assert said(CIRCULAR, 2117) == [(Kind.TROUBLE, "ANZAUDCU/MEL227TRK", "anzaudcu/mel227trk0/$system", "004")]
    assert said(FULL) == [(Kind.TROUBLE, "35NET/35PO1", "35net/35po2/admin", "017")]
    assert said(FULL.rpartition("\n")[0]) == [(Kind.TROUBLE, "35NET/35PO1", "35net/35po2/admin", "017")], (
        "by the place alone"
    )
    assert said("From: KIM\n[017] Unable to deliver") == []
    (disk,) = moves(
        Event(
            stamp=0,
            number=2010,
            where=1,
            text="Disk error encountered while inserting data into 00000004.MBG from 00004950.",
        )
    )
    assert (disk.kind, disk.code, disk.mailbag) == (Kind.TROUBLE, "mailbag", "00000004.MBG")
    retry = "Unable to deliver mail to \\\\servername\\maildata\\P1\\XXXXXXXX.0lk\nMS Mail Connector (PC) MTA will retry in the next cycle."
    assert said(retry, 4254) == [(Kind.TROUBLE, None, "", "retry")]
    (bagless,) = moves(Event(stamp=0, number=2010, where=1, text="inserting data into nothing"))
    assert bagless.mailbag == ""


def test_insertion_strings():
    missing = "The description for Event ID ( 2444 ) in Source ( MSExchangeMSMI ) could not be found. It contains the following insertion string(s): 00000C9D, SMTP:listserv@lists.example.org, NET/PO1/POSTMASTER."
    assert said(missing, 2444) == [(Kind.REPLY, "NET/PO1", LIST.name, "")]
    assert said("00000C9D NET/PO1/POSTMASTER listserv@lists.example.org", 2444) == [
        (Kind.REPORT, "NET/PO1", LIST.name, "")
    ]
    assert said("00000C9D NET/PO1/POSTMASTER listserv@lists.example.org", 2448) == [
        (Kind.REPLY, "NET/PO1", LIST.name, "")
    ]
    assert said("x NET/PO1/POSTMASTER", 2448) == [(Kind.REPLY, "NET/PO1", "", "")]
    assert said("00000C9D NET/PO1/POSTMASTER", 2444) == [(Kind.REPLY, "NET/PO1", "", "")]
    assert said("This message is from NET/PO1/POSTMASTER", 2446) == [(Kind.HINT, "NET/PO1", "", "")]
    assert said("IMCEAMS-NET_PO1_POSTMASTER@fabrikam.com", 1) == [(Kind.HINT, "NET/PO1", "", "")]


def test_what_only_looks_like_a_postmaster():
    for text in (
        "NET/PO1/POSTMAST0",
        "A/B/NET/PO1/POSTMASTERS",
        "postmaster@lists.example.org",
        "\\SRV/NET/PO1x/POSTMASTER",
        "TOOLONGNETWORK/PO1/POSTMASTER",
    ):
        assert said(text, 2444) == [], text


def test_long_texts_are_read_and_not_remembered():
    text = "x" * 5000 + " [002] lost NET/PO1/POSTMASTER " + "y" * 60_000
    assert said(text, 2117) == [(Kind.REPORT, "NET/PO1", "", "002")]


@pytest.mark.parametrize("word", ["Subject:", "SUBJECT:", "  Subject :"])
def test_a_subject_says_nothing_about_postmasters(word):
    passing = f"From: SMTP:kim@example.net\n{word} To: NET9/PO9/POSTMASTER [002] NET9/PO9/POSTMASTER\nTo: NET/PO/KIM"
    assert list(moves(Event(stamp=1, where=1, number=2444, text=passing))) == []
    report = f"From: SMTP:kim@example.net\n{word} [002] NET9/PO9/POSTMASTER\n[008] mailbag contention\nNET/PO1/KIM"
    (move,) = moves(Event(stamp=1, where=1, number=2117, text=report))
    assert (move.kind, str(move.postoffice), move.code) == (Kind.TROUBLE, "NET/PO1", "008")
