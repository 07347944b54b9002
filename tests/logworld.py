"""Logs with planted loops: what an Exchange server writes in some days, with traffic that is innocent and traffic that is not.

Everything follows from a seed. What is planted as innocent can be told from a loop by what a log shows; what no log can tell is
not planted, neither way:

- a monitor that writes to a POSTMASTER every few minutes to the second, or a queue of hundreds of messages to one POSTMASTER
  that empties itself at a steady pace, where only one direction is logged: that is how a loop looks;
- a list that sends a POSTMASTER sixty messages an hour, or one whose every message bounces: the article calls that a loop;
- a loop of one direction whose laps vary as chance does (sigma 1), or of fewer laps than show a pace;
- a loop whose reports are seen and whose laps take hours, now more and now less: a list whose letters all bounce does that;
- a loop of which the log has nothing but events 10000: they name no sender.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

__all__ = ["FORMS", "RENDERINGS", "Manner", "World", "written"]

START = datetime(1997, 5, 19, tzinfo=UTC)
"""A Monday whose date can be read in one order only."""
HOUR, DAY = 3600, 86_400
LAPS = {0.05: 10, 0.15: 22, 0.3: 64, 0.45: 130}
"""How many laps a loop of one direction has at least, by how its laps vary; slow ones need the more."""
RENDERINGS: tuple[Callable[[str, str], str], ...] = (
    lambda box, domain: f"[encapsulated X.400<{box}>@<{domain}>]",
    lambda box, domain: f"[encapsulated X.400<{box}@{domain}>]",
    lambda box, domain: f"C=us;a= ;p=Org;o=Site;dda=SMTP:{box}@{domain}",
    lambda box, domain: f"C=US;A= ;P=FABRIKAM;O=SEATTLE;DDA:RFC-822={box}(a){domain};",
    lambda box, domain: f"DDA:RFC-822={box}(040){domain};C=US;A= ;P=FABRIKAM;",
    lambda box, domain: f"SMTP:{box}@{domain}",
)
"""How the connector may write an Internet sender (nobody knows, Q175447; Q262112, Q249349, Q254725)."""
NAMES = ("José Müller", "Zoë Ångström", "Kim Abercrombie", "Françoise Noël", "Lars Øst", "Ana Peña")
OTHERS = (
    ("MSExchangeIS Private", "Information", "Logons", 1009, "{name} logged on as /o=FABRIKAM/ou=SEATTLE/cn=Recipients/cn=U{n}."),
    ("MSExchangeIMC", "Information", "SMTP Interface Events", 2003, "A connection was accepted from host{n}.example.net."),
    ("MSExchangeMTA", "Warning", "X.400 Service", 290, "A non-delivery report (reason code unable-to-transfer) is being generated for message C=US;A= ;P=FABRIKAM;L=EX-{n}. It was originally destined for DN:/O=FABRIKAM/CN={name}."),
    ("NTBackup", "Information", "None", 8001, "End Backup of 'C:' 'Verify: Off'\nMode: Replace\nProcessed {n} bytes."),
    ("MSExchangeDX", "Information", "General", 5001, "Directory synchronization requestor NET{n} processed {n} transactions.\nTo: NETWORK/PO{n}/$SYSTEM"),
    ("MTA to Vancouver PO", "Information", "Session", 4100, "Session with \\\\SRV{n}\\maildata ended: 0 errors [OK]."),
)  # fmt: skip
CODES = {
    "002": "Mail was received that was addressed to unknown addresses",
    "008": "Failure delivering user mail due to mailbag contention",
    "017": "Unable to deliver user mail due to a full mailbag.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a world is written down."""

    form: str = "tab"
    order: str = "mdy"
    codec: str = "cp1252"
    newest_first: bool = False
    set_back: bool = False
    """Whether a server's clock is set back by an hour in the middle of it."""
    cut: bool = False
    """Whether a two-hundredth is missing at the beginning and at the end, wherever that falls."""


@dataclass(frozen=True, slots=True)
class Record:
    """One event."""

    at: float
    server: str
    source: str
    kind: str
    category: str
    number: int
    text: str
    inserts: str
    """What dumpel shows of the text."""


@dataclass
class World:
    """What happened on some servers."""

    seed: int
    loops: int = 1
    events: int = 1000
    days: int = 4
    servers: int = 1
    records: list[Record] = field(default_factory=list)
    planted: set[tuple[str, str]] = field(default_factory=set)
    """Postoffice and domain of each loop."""

    def __post_init__(self):
        self.rng = random.Random(self.seed)
        self.names = [f"EXSRV{number + 1}" for number in range(self.servers)]
        self.message = 0xC00
        for number in range(self.loops):
            self.loop(number)
        self.innocents()
        while len(self.records) < self.events:
            self.background()
        self.records.sort(key=lambda record: record.at)

    # --- What the events say

    def write(self, at, server, number, category, text, inserts, source="MSExchangeMSMI", kind="Information"):  # noqa: PLR0917 - the columns
        self.records.append(Record(at, server, source, kind, category, number, text, inserts))

    def delivered(self, at, server, sender, to, numbers=(10000, 2448, 2444)):
        """A message goes from Exchange to Microsoft Mail."""
        self.message += 1
        mail, told = f"{self.message:08X}", f"From: {sender}\nTo: {to}"
        mts = f"C=US;A= ;P=FABRIKAM;L={server}-{int(at)}Z-{self.message}"
        if 10000 in numbers:
            self.write(at, server, 10000, "Debug Data", f"Recipient is MS:{to}", f"MS:{to}")
        if 2448 in numbers:
            text = f"Message ID\n<{mts}>\nreceived from Exchange\n\nMessage ID <{mail}> created in MS Mail\n\n{told}"
            self.write(at + 0.5, server, 2448, "Sent", text, f"{mts} {mail} {sender} {to}")
        if 2444 in numbers:
            late = at + self.rng.uniform(0.6, 3)
            text = f"Message ID <{mail}> processed from INQUEUE\n\n{told}"
            self.write(late, server, 2444, "Routing", text, f"{mail} {sender} {to}")

    def returned(self, at, server, sender, to, code="002"):
        """A message to Microsoft Mail is not delivered."""
        tail = f"[{code}] {CODES[code]}"
        text = f"Non delivery report generated.\nFrom: {sender}\nSubject: Re: subscribe {self.rng.choice(NAMES)}\n{tail}\nAttempted to send to the following addresses:\n{to}"
        self.write(at, server, 2117, "NDR", text, f"{sender} Re: subscribe {tail} {to}", kind="Warning")

    def sent(self, at, server, box, to):
        """A message goes from Microsoft Mail to Exchange."""
        self.message += 1
        mail = f"{self.message:08X}"
        text = f"Message ID <{mail}> processed from INQUEUE\n\nFrom: {box}\nTo: {to}"
        self.write(at, server, 2444, "Routing", text, f"{mail} {box} {to}")

    def person(self, domain=""):
        domain = domain or f"host{self.rng.randrange(10**6)}.example.com"
        return self.rng.choice(RENDERINGS)(f"user{self.rng.randrange(1000)}", domain)

    # --- Loops

    def loop(self, number):
        rng = self.rng
        net, domain = f"NET{number % 7}", f"lists{number // 2}.example.org"
        postoffice = f"{net}/PO{number // 3 if number % 3 else number}"
        if (postoffice, domain) in self.planted:
            postoffice = f"{net}/X{number}"
        self.planted.add((postoffice, domain))
        server, to = rng.choice(self.names), f"{postoffice}/POSTMASTER"
        style = rng.choice(("one-way", "one-way", "verp", "spread", "bounced", "bounced", "answered"))
        style = "one-way" if style == "spread" and self.servers == 1 else style
        sigma = rng.choice((0.3, 0.6, 1.0)) if style == "bounced" else rng.choice((0.05, 0.15, 0.3))
        least = 6 if style == "bounced" else LAPS[sigma] * (8 if style == "spread" else 1)
        laps = rng.randint(least, 2 * least)
        pace = min(math.exp(rng.uniform(2, 7.4)), (self.days - 1.5) * DAY / 1.3 / laps)
        if style in {"spread", "one-way", "verp"} and sigma > 0.2:
            pace = min(pace, 240)
        pace = max(min(pace, 600 if sigma > 0.5 else pace), 120 / laps)
        at = rng.uniform(0.15, 0.35) * DAY
        pause = rng.randrange(laps // 3, laps) if laps > 60 and style == "one-way" else -1
        numbers = rng.choice(((10000, 2448, 2444), (2448, 2444), (2448,), (2444,)))
        shown, box = rng.choice(RENDERINGS), rng.choice(("listserv", "majordomo", "list-request"))
        self.returned(at - rng.uniform(60, 2000), server, shown("owner-list", domain), f"{postoffice}/USER1", "017")
        for lap in range(laps):
            lasts = rng.lognormvariate(0, sigma) * pace
            here = rng.choice(self.names) if style == "spread" else server
            far = shown(f"bounce-{rng.randrange(10**6)}" if style == "verp" else box, domain)
            self.delivered(at, here, far, to, numbers)
            if style == "bounced":
                self.returned(at + lasts * 0.4 + 3.1, here, far, to)
            if style == "answered":
                self.sent(at + lasts * 0.4 + 3.1, here, to, far)
            at += max(lasts, 5) + (10 * HOUR if lap == pause else 0)

    # --- What is innocent

    def innocents(self):
        rng, end = self.rng, self.days * DAY
        for number in range(12):
            to, server = f"INN{number % 3}/PO{number}/POSTMASTER", rng.choice(self.names)
            self.poisson(server, self.person(), to, rng.uniform(1, 10) * HOUR)
            for _ in range(12):
                self.delivered(rng.uniform(0, end), server, self.person("bigisp.net"), to)
        for number, minutes in enumerate((3, 8, 20)):
            self.poisson(
                rng.choice(self.names),
                self.person(f"chatty{number}.example.net"),
                f"INN9/CH{number}/POSTMASTER",
                minutes * 60,
            )
        for number, period in enumerate((HOUR, HOUR, 1800, DAY, HOUR)):
            self.monitor(f"INN8/MON{number}/POSTMASTER", period, bounces=number in {1, 3})
        self.queue("INN7/QUEUE/POSTMASTER")
        self.tries("INN7/ONCE/POSTMASTER", 1)
        self.tries("INN7/AGAIN/POSTMASTER", 3)
        for number in range(3):
            self.conversation(f"INN6/TALK{number}/POSTMASTER")

    def poisson(self, server, sender, to, mean):
        """Somebody writes now and then."""
        at = self.rng.expovariate(1 / mean)
        while at < self.days * DAY:
            self.delivered(at, server, sender, to)
            at += self.rng.expovariate(1 / mean)

    def monitor(self, to, period, *, bounces):
        """A machine writes by its timer; mail takes some seconds."""
        server, sender, begin = self.rng.choice(self.names), self.person(), self.rng.uniform(0, period)
        for turn in range(int(self.days * DAY / period)):
            at = begin + turn * period + self.rng.expovariate(1 / 8)
            self.delivered(at, server, sender, to)
            if bounces:
                self.returned(at + 4, server, sender, to)

    def queue(self, to):
        """Thirty messages waited, and come in half a minute."""
        at, sender = self.rng.uniform(0, DAY), self.person()
        for turn in range(30):
            self.delivered(at + turn, self.names[0], sender, to)

    def tries(self, to, times):
        """Somebody's letter comes back, and is sent again."""
        at, sender = self.rng.uniform(0, DAY), self.person()
        for _ in range(times):
            self.delivered(at, self.names[0], sender, to)
            self.returned(at + 5, self.names[0], sender, to)
            at += self.rng.uniform(200, 1500)

    def conversation(self, box):
        """Two people write to one another, one of them as POSTMASTER."""
        at, sender, server = self.rng.uniform(0, DAY), self.person(), self.rng.choice(self.names)
        for _ in range(self.rng.randint(6, 14)):
            self.delivered(at, server, sender, box)
            at += self.rng.lognormvariate(0, 1) * 900 + 60
            self.sent(at, server, box, sender)
            at += self.rng.lognormvariate(0, 1) * 900 + 60

    def background(self):
        """Something that has nothing to do with a POSTMASTER; as it is most of the time, mail of a list to a user."""
        rng = self.rng
        at, server, luck = rng.uniform(0, self.days * DAY), rng.choice(self.names), rng.random()
        number = rng.randrange(40)
        if luck < 0.35:
            sender = rng.choice(RENDERINGS[2:])("listserv", f"lists{number % 5}.example.org")
            self.delivered(at, server, sender, f"NET{number % 7}/PO{number % 20}/U{rng.randrange(500)}")
        elif luck < 0.352:  # one event of five hundred
            code = rng.choice(tuple(CODES))
            self.returned(at, server, self.person(), f"NET{number % 7}/PO{number}/U{rng.randrange(500)}", code)
        elif luck < 0.354:
            text = f"A message from postmaster@host{number}.example.net was delivered to {rng.choice(NAMES)}."
            self.write(at, server, 1001, "General", text, text, "MSExchangeIMC")
        else:
            source, kind, category, event, text = rng.choice(OTHERS)
            text = text.format(name=rng.choice(NAMES), n=rng.randrange(1000))
            self.write(at, server, event, category, text, " ".join(text.split()), source, kind)


# --- Writing it down ---------------------------------------------------------------------------------------------------

DATES = {"mdy": "%m/%d/%y", "dmy": "%d/%m/%Y", "ymd": "%Y-%m-%d"}
TYPES = {"Error": 1, "Warning": 2, "Information": 4}


def _moment(at, order):
    moment = START + timedelta(seconds=int(at))
    return moment.strftime(DATES[order]), moment.strftime("%I:%M:%S %p" if order == "mdy" else "%H:%M:%S")


def _tab(record, date, time):
    head = (date, time, record.source, record.kind, record.category, str(record.number), "N/A", record.server)
    return "\t".join((*head, record.text.replace("\n", "\r\n")))


def _comma(record, date, time):
    head = (date, time, record.source, record.kind, record.category + " ", str(record.number), "N/A", record.server)
    return ",".join((*head, '"' + record.text.replace('"', '""').replace("\n", "\r\n") + '"'))


def _blanks(record, date, time):
    head = f"{date} {time} {record.source:<22} {record.kind:<12} {record.category:<14} {record.number} N/A {record.server} "
    return head + record.text.replace("\n", "\r\n")


def _dumpel(record, date, time):
    head = (date, time, str(TYPES[record.kind]), "3", str(record.number), record.source, "N/A", record.server)
    return "\t".join((*head, record.inserts))


def _vertical(record, date, time):
    return (
        f"Event Type:\t{record.kind}\r\nEvent Source:\t{record.source}\r\nEvent Category:\t{record.category}\r\n"
        f"Event ID:\t{record.number}\r\nDate:\t\t{date}\r\nTime:\t\t{time}\r\nUser:\t\tN/A\r\nComputer:\t{record.server}\r\n"
        f"Description:\r\n{record.text.replace(chr(10), chr(13) + chr(10))} \r\n"
    )


FORMS = {"tab": _tab, "comma": _comma, "blanks": _blanks, "dumpel": _dumpel, "vertical": _vertical}


def written(world, manner):
    """Give a log as bytes."""
    back = set(world.names[:1]) if manner.set_back else set()
    half, lines = world.days * DAY / 2, []
    for record in world.records:
        late = HOUR if record.server in back and record.at > half else 0
        lines.append(FORMS[manner.form](record, *_moment(record.at - late, manner.order)))
    if manner.newest_first:
        lines.reverse()
    data = ("\r\n".join(lines) + "\r\n").encode(manner.codec, "replace")
    part = len(data) // 200 if manner.cut else 0
    bom = b"\xff\xfe" if manner.codec == "utf-16-le" else b""
    return bom + data[part - part % 2 : len(data) - part]
