"""What the articles quote of logs, and how each format of logs shows it."""

from dataclasses import dataclass

from remedy.eventlogs import TEXT_FORMS, form_of
from remedy.eventlogs.base import Notes
from remedy.eventlogs.sparse import records


@dataclass(frozen=True)
class Sample:
    number: int
    kind: str
    category: str
    text: str
    source: str = "MSExchangeMSMI"
    computer: str = "TRADE"


CIRCULAR = """Non delivery report generated.
From: ANZAUDCU/MEL227TRK0/$SYSTEM
Subject: SrvTx R=3 S=87298 (was 0), I=2 15603 sen
[004] Message circular route detected.
Message followed the following route:
  ANZAUDCU  /MEL227TRK
  ANZAUDCU  /MEL227TRK0
Attempted to send to the following addresses:
ANZAUDCU/MEL227TRK/SYSTEM1"""

FULL = r"""A mail delivery problem has been detected on 35NET/35PO1.
MESSAGE DATA:
SOURCE MESSAGE ID: \\MailSrv\mailpo\35po1\MAI\MA8\000252B8.MAI
FROM: 35NET/35PO2/Admin
DATE: 08/14/95
TIME: 17:36
SUBJECT: Test Message
[017] Unable to deliver user mail due to a full mailbag.
Message was not delivered to Administrator (35NET/35PO1/Admin)"""

SENDER = "[encapsulated X.400 listserv@lists.example.com]"
MATTER = (
    Sample(2444, "Information", "Routing", f"Message ID <00000C9D> processed from INQUEUE\nFrom: {SENDER}\nTo: NET/PO/POSTMASTER"),
    Sample(
        2448, "Information", "Sent",
        "Message ID <C=xx;A= ;P=xxxx;l=xxxx> received from Exchange\nMessage ID <00000C9D> created in MS Mail\n"
        f"From: {SENDER}\nTo: NET/PO/POSTMASTER",
    ),
    Sample(10000, "Information", "Debug Data", "Recipient is MS:NET/PO/POSTMASTER"),
    Sample(2117, "Warning", "NDR", CIRCULAR, computer="EXGAU30003"),
    Sample(2117, "Warning", "NDR", "Non delivery report generated.\nFrom: Administrator\n[029] This mail message could not be parsed correctly"),
    Sample(2010, "Information", "Debug Data", "Disk error encountered while inserting data into 00000004.MBG from 00004950."),
    Sample(
        4254, "Warning", "Session",
        "Unable to deliver mail to \\\\servername\\maildata\\P1\\XXXXXXXX.0lk\nMS Mail Connector (PC) MTA will retry in the next cycle.",
        source="MTA to Vancouver PO",
    ),
    Sample(4100, "Warning", "Session", FULL, source="Microsoft PC MTA"),
    Sample(
        2446, "Error", "Session Error",
        "MS Mail Connector Interchange has failed processing message from Exchange. The message is left in the delivery queue.\n"
        "This message is from NET/PO/POSTMASTER",
    ),
    Sample(
        2444, "Information", "(3)",
        "The description for Event ID ( 2444 ) in Source ( MSExchangeMSMI ) could not be found. It contains the following "
        "insertion string(s): 00000C9D, NET/PO/POSTMASTER.",
    ),
)  # fmt: skip
"""What matters, of every kind (Q175447, Q162841, Q175958, Q163020, Q152903, Q138054, Q243701, Q152554)."""

REST = (
    Sample(2371, "Warning", "NDR", "Invalid recipient(s) found in CA/TCAHQPO/00000C9D. Generating non-delivery report."),
    Sample(
        2375, "Error", "Session Error",
        "MS Mail Connector Interchange has detected a configuration problem. No mailbag on the MS Mail Connector Post Office "
        "was found for recipient: SMTP:user1@domain1.com in the message with message id CA/TCAHQPO/00000C9D.",
    ),
    Sample(10003, "Error", "Session Error", "Fatal Assert: File sfsems.cpp line 837. Mailer thread failed."),
    Sample(5, "Warning", "None", "Microsoft Mail address failure. The Mailbox name 'MS:Microsoft/testproxy/User02, MacGroovy' is not valid. There must be 1-10 valid characters.", source="MSProxy"),
    Sample(10000, "Information", "Debug Data", "MDBEF parsing failed in Rich text information"),
    Sample(2302, "Error", "None", "The mailer failed to start: 0x20", source="Service Control Manager"),
    Sample(2113, "Information", "Sent", "Message ID delivered to exchange"),
    Sample(2335, "Error", "Session Error", "...failed in om_read(). Return code is 0x15."),
    Sample(2335, "Information", "Session Data", "...established an MTA session for downloading messages from the Exchange server."),
    Sample(2380, "Error", "Session Error", "A memory access violation has occurred ..."),
    Sample(10000, "Information", "Debug Data", "MDBEF Parsing failed for unknown reason"),
    Sample(10000, "Information", "Debug Data", "...value=:"),
    Sample(
        2117, "Warning", "NDR",
        "Delivery to (SMTP:user1@domain1.com) failed.\nReason: unable to transfer diagnostic: no route to intended MS Mail recipient.",
    ),
    Sample(2117, "Warning", "NDR", "Delivery failed to MS:NETWORK/PO/MAILBOX\nReason: 0 (transfer failed)"),
)  # fmt: skip
"""What is passed over (Q169117, Q175965, Q193842, Q166589, Q168857, Q159305, Q165485, Q149387, Q169682, Q151791, Q166597)."""

US = ("5/22/97", "12:55:53 PM")
AU = ("31/12/96", "19:56:34")
CHINA = ("1999-9-7", "19:56:34")


def viewer(samples, mark="\t", when=US, quote=str, end="\r\n") -> str:
    def row(event: Sample) -> str:
        fields = (*when, event.source, event.kind, event.category, str(event.number), "N/A", event.computer)
        return mark.join((*map(quote, fields), quote(event.text.replace("\n", end)))) + end

    return "".join(map(row, samples))


def quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"'


TYPES = {"Error": 1, "Warning": 2, "Information": 4}


def dumpel(samples, mark="\t", when=US, *, old=False, between=" ") -> str:
    def row(event: Sample) -> str:
        who = ("N/A", event.source) if old else (event.source, "N/A")
        fields = (*when, str(TYPES[event.kind]), "2", str(event.number), *who, event.computer)
        return mark.join((*fields, event.text.replace("\n", between))) + "\r\n"

    return "".join(map(row, samples))


def vertical(samples, when=US) -> str:
    return "".join(
        f"Event Type:\t{event.kind}\r\nEvent Source:\t{event.source}\r\nEvent Category:\t{event.category}\r\n"
        f"Event ID:\t{event.number}\r\nDate:\t\t{when[0]}\r\nTime:\t\t{when[1]}\r\nUser:\t\tN/A\r\nComputer:\t{event.computer}\r\n"
        f"Description:\r\n{event.text}\r\n\r\n".replace("\r\n", "\n").replace("\n", "\r\n")
        for event in samples
    )


def read(data: str | bytes, *, form="", block=1 << 16):
    """Read a log as the program does: what it is, its events, and the notes."""
    raw = data.encode("cp1252") if isinstance(data, str) else data
    known = TEXT_FORMS[form] if form else form_of(raw[: 1 << 16])
    assert known
    notes = Notes("log")
    events = []
    blocks = (raw[place : place + block] for place in range(0, len(raw), block))
    for line, record in records(blocks, known, notes):
        event = known.parse(record.decode("cp850" if known.dos else "cp1252", "replace"), line, notes)
        if event:
            events.append(event)
        else:
            notes.record(record)
    return known.name, events, notes
