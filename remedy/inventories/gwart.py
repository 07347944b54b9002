"""Exchange's routing table as text, ``GWART0.MTA`` or ``GWART1.MTA``: ``TYPE,address;,cost,connector,…`` (Q149121).

Law: each row is one routing entry of each connector in it, judged like those that a directory shows.
"""

import re
from dataclasses import replace

from remedy.addresses import AddressSpace
from remedy.estate import Connector, Estate, EvidenceKind
from remedy.inventories.listings import Gathering, lines_in
from remedy.text import fold

__all__ = ["read_gwart"]

_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}", re.ASCII)
_COST = re.compile(r"[0-9]{1,9}", re.ASCII)
_ELSEWHERE = re.compile(r",\s*[0-9]{1,9}\s*(?:,|$)", re.ASCII)  # addresses of other types may hold commas
_JUDGED = frozenset(("ms", "msa", "smtp"))
_MS_MAIL = "ms mail connector"  # Q149121, Q155592: "MS Mail Connector (SERVER)"
_ADVICE = r"Copy GWART0.MTA from EXCHSRVR\MTADATA of an Exchange server, and name that file (Q149121)."


def read_gwart(text: str, source: str) -> Estate:
    """Read a routing table; an empty one tells nothing.

    Raises:
        InputError: no line is a row of such a table.
    """
    found = Gathering(source, EvidenceKind.GWART)
    connectors: dict[tuple[str, str], Connector] = {}
    for line, row in lines_in(text, dos=False):
        kind, _, rest = row.partition(",")
        kind = kind.strip()
        if not _TYPE.fullmatch(kind) or not _ELSEWHERE.search(rest):
            found.strange(line)
        elif fold(kind) not in _JUDGED:
            found.known += 1
        elif not (parts := _parts(rest)):
            found.strange(line)
        elif not parts[2]:
            found.wrong(line, fold(rest), "this row names no connector")
        else:
            found.known += 1
            space = AddressSpace.parse(f"{kind}:{parts[0]};{parts[1]}")
            for name in parts[2]:
                connectors.setdefault((fold(name), fold(space.text)), _connector(name, space, source, line))
    return replace(found.estate("a routing table", _ADVICE), connectors=tuple(connectors.values()))


def _parts(rest: str) -> tuple[str, str, tuple[str, ...]] | None:
    """Part what follows the type into address, cost and connectors."""
    address, _, rest = rest.partition(",")
    cost, _, names = rest.partition(",")
    if not _COST.fullmatch(cost.strip()):
        return None
    connectors = dict.fromkeys(name.strip() for name in names.split(",") if name.strip())
    return address.strip().rstrip("; \t"), cost.strip(), tuple(connectors)


def _connector(name: str, space: AddressSpace, source: str, line: int) -> Connector:
    """Give a connector as one row shows it: so the evidence for each postoffice has its own line."""
    return Connector(
        dn=name,
        order=f"gwart {source} {fold(name)}",  # no normal form of a directory's name has a blank before its first "="
        source=source,
        where=f"line {line}",
        name=name,
        spaces=(space,),
        is_ms_mail=fold(name).startswith(_MS_MAIL),
        evidence=EvidenceKind.GWART,
    )
