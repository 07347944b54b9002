"""A writer of Exchange Administrator exports: the same entries as everywhere, in the table that the program makes of them.

It knows nothing of the reader: columns, marks and escapes are written here as the articles describe them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from remedy.dn import DN
from remedy.entry import Entry

RECIPIENTS = (
    "Obj-Class", "Directory Name", "Alias Name", "Display Name", "Home-Server", "Obj-Container", "Hide from AB",
    "E-mail Address", "E-mail Addresses", "Secondary-Proxy-Addresses", "Imported-From",
)  # fmt: skip
CONNECTIONS = (
    "Obj-Class", "Directory Name", "Routing-List", "Home-Server", "Home-MTA", "Computer-Name", "Obj-Container",
)  # fmt: skip
EVERYTHING = (
    *RECIPIENTS[:5], *(name for name in CONNECTIONS if name not in RECIPIENTS), "Gateway-Proxy", "DXA-Remote-Client",
    *RECIPIENTS[5:],
)  # fmt: skip
CLASSES = {"organizationalperson": "Mailbox", "remote-address": "Remote", "groupofnames": "DL"}


@dataclass(frozen=True)
class Style:
    """How a table is written."""

    column: str = ","
    quote: str = '"'
    several: str = "%"
    end: str = "\r\n"

    def escaped(self, value: str) -> str:
        for plain, written in (("\\", "\\\\"), (self.several, f"\\{self.several}"), ("\r", "\\r"), ("\n", "\\n")):
            value = value.replace(plain, written)
        return value

    def cell(self, values: Iterable[str]) -> str:
        text = self.several.join(map(self.escaped, values))
        if self.quote in text or self.column in text or text.startswith(" "):
            return f"{self.quote}{text.replace(self.quote, 2 * self.quote)}{self.quote}"
        return text

    def row(self, cells: Iterable[Sequence[str]]) -> str:
        return self.column.join(map(self.cell, cells)) + self.end

    def table(self, header: Sequence[str], rows: Iterable[Sequence[Sequence[str]]]) -> str:
        return self.row((name,) for name in header) + "".join(map(self.row, rows))


STYLE = Style()


def slashed(dn: DN | str) -> str:
    """Write a name organisation first."""
    name = DN.parse(dn) if isinstance(dn, str) else dn
    return "".join(f"/{rdn[0].type}={rdn[0].value}" for rdn in reversed(name.rdns))


def typed(value: str) -> tuple[str, str]:
    """Part an address of ``otherMailbox``."""
    mark = min(at for sign in "$:" if (at := value.find(sign)) >= 0)
    return value[:mark], value[mark + 1 :]


def cells(entry: Entry) -> dict[str, tuple[str, ...]]:
    """Give what each column shows of an entry."""
    proxies = list(map(typed, entry.texts("otherMailbox")))
    own = [("SMTP", text) for text in entry.texts("mail")] + [
        ("X400", text) for text in entry.texts("textEncodedORAddress")
    ]
    classes = entry.texts("objectClass")
    home = entry.text("Home-MDB")
    return {
        "Obj-Class": (CLASSES.get(classes[0].lower(), classes[0]),) if classes else (),
        "Directory Name": (entry.dn.leaf,),
        "Alias Name": entry.texts("uid"),
        "Display Name": entry.texts("cn"),
        "Home-Server": (DN.parse(home).rdns[1][0].value,) if home else (),
        "Home-MTA": tuple(map(slashed, entry.texts("Home-MTA"))),
        "Obj-Container": (slashed(entry.dn.parent),),
        "Hide from AB": ("1" if entry.text("Hide-From-Address-Book") == "TRUE" else "0",),
        "E-mail Address": entry.texts("Target-Address"),
        "E-mail Addresses": tuple(f"{kind}:{body}" for kind, body in own + proxies if kind.isupper()),
        "Secondary-Proxy-Addresses": tuple(f"{k.upper()}:{body}" for k, body in reversed(proxies) if not k.isupper()),
        "Imported-From": entry.texts("Imported-From"),
        "Routing-List": entry.texts("Routing-List"),
        "Computer-Name": entry.texts("Computer-Name"),
        "Gateway-Proxy": entry.texts("Gateway-Proxy"),
        "DXA-Remote-Client": tuple(map(slashed, entry.texts("DXA-Remote-Client"))),
    }


def export(entries: Iterable[Entry], header: Sequence[str] = EVERYTHING, style: Style = STYLE) -> str:
    """Write an export."""
    shown = map(cells, entries)
    return style.table(header, ([row.get(name, ()) for name in header] for row in shown))
