"""Nasty exports, quickly and by the thousand: whatever may hide a line from a reader that does not read it, beside near misses."""

import base64
import random

from remedy.dialects import Wanted, query
from remedy.dn import DN
from remedy.query import AllOf, AnyOf, Contains, Equal, Initial, Named, Present, Query

LEAVES = [
    Present("Target-Address"),
    Present("2.5.4.3"),
    Present("sn"),
    Present("o"),
    Equal("objectClass", "Remote-Address"),
    Equal("objectClass", "ms-mail-connector"),
    Equal("uid", "POSTMASTER"),
    Equal("cn", "straße"),
    Equal("cn", "\u212aELVIN"),
    Equal("info", ""),
    Equal("info", " x"),
    Equal("dnx", "a"),
    Initial("otherMailbox", "MS$"),
    Initial("Target-Address", "MS"),
    Initial("cn", "ä"),
    Contains("otherMailbox", "POSTMAST"),
    Contains("otherMailbox", "/p"),
    Contains("otherMailbox", "POSTMAST", initial="MS"),
    Contains("uid", "master", initial="p"),
    Contains("cn", "ss"),
    Contains("cn", "\u017f"),
    Contains("uid", "a"),
    Contains("info", " "),
    Named(DN.parse("cn=a,o=F")),
    Named(DN.parse("cn=b c,o=f")),
    Named(DN.parse("CN=JÖRG")),
    Named(DN.parse("")),
]
QUERIES = [
    query(Wanted()),
    query(Wanted(dns=(DN.parse("cn=a,o=F"),), addresses=("N/P/POSTMASTER",), new_alias="MSPMGATE", mailboxes=("a",))),
    query(Wanted(), "exchange55"),
    query(
        Wanted(
            dns=tuple(DN.parse(f"cn={name},o=F") for name in ("a", "b  c", "Jörg", *"defghijklm")),
            addresses=("N/P/POSTMASTER", "N/P/A", *(f"N/P{number}/POSTMASTER" for number in range(20))),
        )
    ),
    Query(AnyOf(tuple(Equal("uid", text) for text in ("POSTMASTER", " a", "a b", "straße", "", *"defghijkl"))), ()),
    Query(AnyOf(tuple(Named(DN.parse(f"cn={text},o=F")) for text in ("a", "b c", "jörg", "ab", *"defghijkl"))), ()),
]
NAMES = [
    "Target-Address",
    "Routing-List",
    "Gateway-Proxy",
    "DXA-Remote-Client",
    "otherMailbox",
    "otherMailbox",
    "otherMailbox",
    "uid",
    "uid",
    "cn",
    "cn",
    "sn",
    "o",
    "objectClass",
    "objectClass",
    "objectClass",
    "Hide-From-Address-Book",
    "info",
    "version",
    "dnx",
    "2.5.4.3",
    "description",
    "Target-Addres",
    "objectClas",
    "uid2",
    "cn-x",
    "otherMailbox2",
    "proxyAddresses",
    "mailNickname",
    "x-uid",
    "Tar_get",
]
VALUES = [
    "Remote-Address", "MS-Mail-Connector", "ms-mail-connector2", "MS$N/P/POSTMASTER", "ms$n/p/postmaster", "MS$", "SMTP$x",
    "SMTP$postmas@x", "x POSTMAST", "POSTMASTER", "postmaster ", "MSPMGATE2", "TRUE", "", " ", "x", "a", "Jörg", "STRASSE",
    "Straße", "\u212aelvin", "kelvin", "po\u017ftmaster", "a b", ":x", "<x", "1", "2", "MS:N/P/A", "äb", "b/P", "nn: dn: x",
    "person", "Top", "postpostmast", "pPostmast", "mast", "MS$N/P/POST",
]  # fmt: skip
DNS = [
    "dn: cn=a,o=F", "dn: CN = A ; O=f", "dn: cn=b c,o=F", "dn: cn=B  C,o=F", "dn:: Y249YSxvPUY=", r"dn: cn=\61,o=F",
    "dn: cn=Jörg", 'dn: cn="a",o=F', "dn: cn=x+sn=y", "dn: sn=y+cn=a,o=F", "dn: cn=x,o=F", "dn: cn=ab,o=F", "dn:", "DN: cn=a,o=F",
    "dn: OID.2.5.4.3=a,o=F", "dn:cn=a,o=F", "dn: cn=y,cn=a,o=F",
]  # fmt: skip
BROKEN = [
    b"no colon", b"cn a", b"cn:: *", b"objectClass:: QQ", b"otherMailbox:< file:///x", b"cn: \xf6", b"info: \xff", b"cn: a\0",
    b"otherMailbox: POSTMAST\0", b"\ttab", b"dn: cn=a", b"-", b": x", b"cn;: y", b"changetype: add", b"Target-Address",
    b"Target-Address x", b"cn: a\rb", b"dn", b"other mailbox: x", b"uid", b"version: 2", b"uid :POSTMASTER", b"objectClass\t: x",
]  # fmt: skip


class Maker:
    """Makes one file after another from a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def query(self):
        """Give something to ask."""
        pick = self.random
        if pick.random() < 0.5:
            return pick.choice(QUERIES)
        leaves = tuple(pick.sample(LEAVES, pick.randint(1, 5)))
        shape = AnyOf(leaves)
        if pick.random() < 0.3:
            shape = AnyOf((AllOf(leaves[:2]), *leaves[2:]))
        if pick.random() < 0.02:
            shape = AnyOf((shape, AllOf(())))
        return Query(shape, pick.choice([(), ("otherMailbox", "info")]))

    def file(self, records):
        """Give the bytes of a file."""
        pick = self.random
        self.folds = pick.choice([0, 0.1, 0.5])
        self.broken = pick.choice([0, 0.01, 0.1])
        self.ascii = pick.random() < 0.5
        ends = pick.choice([[b"\n"], [b"\n"], [b"\r\n"], [b"\n", b"\r\n"]])
        lines = [b"version: 1"] if pick.random() < 0.5 else []
        lines += [b""] * pick.randint(0, 2)
        for _ in range(records):
            lines += self._record()
            lines += [b""] * pick.choice([1, 1, 1, 2, 3])
            if pick.random() < 0.03:
                lines += [pick.choice([b"   ", b"# c", b"version: 1", b"# c\n Target-Address: x"]), b""]
        data = b"".join(line + pick.choice(ends) for line in lines)
        if pick.random() < 0.3:
            data = data.rstrip(b"\r\n")[: -pick.randint(0, 3) or None]
        return (b"\xef\xbb\xbf" if pick.random() < 0.1 else b"") + data

    def _record(self):
        pick = self.random
        head = pick.choice(DNS)
        while self.ascii and not head.isascii():
            head = pick.choice(DNS)
        lines = [b"# c"] if pick.random() < 0.05 else []
        lines += [b"version: 1"] if pick.random() < 0.01 else []
        for line in (head.encode(), *(self._line() for _ in range(pick.randint(0, 7)))):
            lines.append(self._folded(line) if pick.random() < self.folds else line)
        return lines

    def _line(self):
        pick = self.random
        if pick.random() < self.broken:
            return pick.choice(BROKEN)
        if pick.random() < 0.05:
            return b"#" + pick.choice([b"", b" cn: x", b"Target-Address: y"])
        name, value = pick.choice(NAMES), pick.choice(VALUES)
        while self.ascii and not value.isascii():
            value = pick.choice(VALUES)
        case = pick.random()
        if case < 0.4:
            name = "".join(pick.choice((letter.lower(), letter.upper())) for letter in name)
            value = "".join(pick.choice((letter, letter.lower(), letter.upper())) for letter in value)
        if pick.random() < 0.08:
            name += pick.choice([";lang-de", ";x-1;y", ";X"])
        if pick.random() < 0.12:
            return f"{name}::{' ' * pick.randint(0, 2)}".encode() + base64.b64encode(value.encode())
        return f"{name}:{pick.choice(['', ' ', ' ', ' ', ' ', '   '])}{value}{pick.choice(['', '', '', ' '])}".encode()

    def _folded(self, line):
        """Fold a line at some bytes."""
        places = sorted(
            self.random.sample(range(1, len(line) + 1), min(len(line), self.random.choice([1, 1, 2, 3, 30])))
        )
        end = self.random.choice([b"\n ", b"\n ", b"\r\n "])
        return end.join(line[begin:stop] for begin, stop in zip([0, *places], [*places, None], strict=True))
