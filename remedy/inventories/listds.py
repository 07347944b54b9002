"""What LISTDS and LISTQ print of directory synchronisation: whose files they are, requestors, transactions (Q96060).

Law: a queue holds what was asked for, not what is there, so it never shows that a mailbox exists.
"""

import re
from collections.abc import Iterator

from remedy.addresses import PostofficeName
from remedy.estate import Estate, EvidenceKind
from remedy.inventories.import_extract import Transaction, transaction_in
from remedy.inventories.listings import Gathering, lines_in
from remedy.text import fold, joined

__all__ = ["read_listds"]

_NAMING = re.compile(r"\s*(Examining\s|Requestor name:|Dir-Sync Server:)\s*(\S+)", re.ASCII | re.IGNORECASE)
_TYPE = re.compile(r"([A-Za-z0-9_-]+):(\S*)", re.ASCII)
_QUEUED = re.compile(  # checksum, date stamp and number, of which LISTQ prints what it was asked for
    r"\s*(?:[0-9A-F]{4}\s+)?(?:[A-Z]{3}\s+[A-Z]{3}\s+[0-9]{1,2}\s+[0-9:]{5,8}\s+[0-9]{2,4}\s+)?[0-9]{4,10}\s+"
    r"(?=[ADMRT][ \t])",
    re.ASCII | re.IGNORECASE,
)
_REST = re.compile(
    r"\s*(?:Microsoft|\(C\)|Highest SrvSync|Server Requestor Record|ReqSync\b|Last update|Checking CRC|"
    r"(?:CRC\s|Date stamp|Sync#).*Transaction)",
    re.ASCII | re.IGNORECASE,
)
_TAB = "<tab>"  # so Q96060 prints it; whether the program does too is not known
_NOTE = "POSTMASTER stands in a queue of directory synchronisation (Q131151)"
_ADVICE = (
    "Run LISTDS ADMIN -S or -R with the password on a postoffice, save what it prints, and name that file (Q96060)."
)


def read_listds(text: str, source: str, whose: PostofficeName | None = None) -> Estate:
    """Read what LISTDS or LISTQ printed; ``whose`` is the postoffice it ran on, if the user says so.

    Raises:
        InputError: no line is one that these programs print.
    """
    found = Gathering(source, EvidenceKind.LISTDS)
    banners: dict[PostofficeName, None] = {}
    for line, row in _unwrapped(text):
        queued, naming = _QUEUED.match(row), _NAMING.match(row)
        if naming:
            own = _named(found, line, naming[2])
            if own and fold(naming[1]).startswith("examining"):
                banners[own] = None
        elif queued and (what := transaction_in(row[queued.end() :])):
            _keep(found, line, what)
        elif _REST.match(row):
            found.known += 1
        else:
            found.strange(line)
    if whose and found.known and whose not in banners:
        says = (
            f"it says itself that it is of {joined(map(str, banners), most=3)}" if banners else "does not say so itself"
        )
        found.odd(None, f"it was named as a listing of {whose}, but {says}")
    return found.estate("what LISTDS or LISTQ prints", _ADVICE)


def _unwrapped(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line; a transaction whose address stands on the next line (Q96060) is one line."""
    held: tuple[int, str] | None = None
    for line, raw in lines_in(text):
        row = raw.replace(_TAB, "\t")
        queued = _QUEUED.match(row)
        if held and not (queued or _NAMING.match(row) or _REST.match(row)):
            yield held[0], held[1] + (row if row.startswith("\t") else f" {row}")
            held = None
            continue
        if held:
            yield held
        held = (line, row) if queued and not transaction_in(row[queued.end() :]) else None
        if not held:
            yield line, row
    if held:
        yield held


def _named(found: Gathering, line: int, text: str) -> PostofficeName | None:
    """Keep a postoffice that a line names; one of another address type is none."""
    typed = _TYPE.fullmatch(text)
    if typed and fold(typed[1]) != "pcm":
        found.known += 1
        return None
    listing = found.see(line, typed[2] if typed else text, text)
    return listing.name if listing else None


def _keep(found: Gathering, line: int, what: Transaction) -> None:
    """Keep what a transaction shows."""
    found.known += 1
    if what.code in {"A", "R"} and what.is_pcm and what.whole:
        listing = found.see(line, what.postoffice, f"{what.type}:{what.body}")
        if listing and what.of_postmaster:
            found.tell(listing, synchronised=True, note=_NOTE)
