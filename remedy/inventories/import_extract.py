"""An address list that ``IMPORT -x`` wrote: ``A alias … PCM:NETWORK/POSTOFFICE/MAILBOX`` (Q132681, Q147602, Q104869).

Law: a row counts for what it leaves in the list, so deletions, old halves and templates show no postoffice.
"""

import re
from dataclasses import dataclass

from remedy.addresses import POSTMASTER, PostofficeName
from remedy.estate import Estate, EvidenceKind
from remedy.inventories.cells import shown
from remedy.inventories.listings import Gathering, lines_in
from remedy.text import fold

__all__ = ["Transaction", "read_import_extract", "transaction_in"]

_TYPED = re.compile(r"([A-Za-z][A-Za-z0-9_-]{1,31}):(?=\S)", re.ASCII)
_COLUMN = 33  # Q104869: the address type stands in column 34
_CODES = "ADMRT "  # add, delete, modify, replace, template; blank is the new half of a modification (Q132681)
_PASSED_OVER = ("#", "&", "-")  # comments (Q99419), settings of local users (Q111556), templates
_NOTE = "POSTMASTER may take part in directory synchronisation (Q131151)"
_ADVICE = "On the postoffice run: IMPORT ADMIN -x -fFILE with its password, and name that file (Q132681)."


@dataclass(frozen=True, slots=True)
class Transaction:
    """One row: what is done to which address."""

    code: str
    """A letter, or blank for the new half of a modification."""
    type: str
    body: str
    """The address without its type, up to the first blank."""

    @property
    def parts(self) -> list[str]:
        """The parts of a Microsoft Mail address."""
        return self.body.split("/")

    @property
    def postoffice(self) -> str:
        """The postoffice in it, as it stands."""
        return "/".join(self.parts[:2])

    @property
    def is_pcm(self) -> bool:
        """Whether it is an address of Microsoft Mail for PC networks (Q132681)."""
        return fold(self.type) == "pcm"

    @property
    def whole(self) -> bool:
        """Whether it names a mailbox, or what R replaces as a whole: a postoffice (Q96060)."""
        return len(self.parts) == 3 or (len(self.parts) == 2 and self.code == "R")  # noqa: PLR2004 - parts of a name

    @property
    def of_postmaster(self) -> bool:
        """Whether the mailbox is POSTMASTER."""
        return fold("/".join(self.parts[2:]).strip()) == fold(POSTMASTER)


def transaction_in(row: str) -> Transaction | None:
    """Read a row in columns or with tabs; None = it is none."""
    code = row[:1].upper()
    if code not in _CODES or row[1:2] not in {" ", "\t"}:
        return None
    body = row[1:]
    if "\t" in body:
        found = _TYPED.match(body.rpartition("\t")[2].lstrip())
    else:
        found = _TYPED.match(row[_COLUMN:]) if row[_COLUMN - 1 : _COLUMN] == " " else None
    if not found:  # out of its column, as in Q131151
        starts = [at for at in _TYPED.finditer(body) if body[at.start() - 1 : at.start()] in {" ", "\t"}]
        found = starts[-1] if starts else None
    if not found:
        return None
    return Transaction(code, found[1], found.string[found.end() :].split(maxsplit=1)[0])


def read_import_extract(text: str, source: str, whose: PostofficeName | None = None) -> Estate:
    """Read an address list; ``whose`` is the postoffice it was extracted on, if the user says so.

    Raises:
        InputError: no line is a row of such a list.
    """
    found = Gathering(source, EvidenceKind.IMPORT_EXTRACT)
    before = ""
    for line, row in lines_in(text):
        if row.startswith(_PASSED_OVER):
            continue
        what = transaction_in(row)
        if not what or (what.code == " " and before != "M"):
            found.strange(line)
        else:
            _take(found, line, what, whose)
        before = what.code if what else ""
    if found.known:
        found.check(whose, "its rows show")
    for listing in tuple(found.listings.values()):  # users of another postoffice come by synchronisation, or by hand
        away = listing.name != whose if whose else len(found.listings) > 1
        found.tell(listing, synchronised=bool(listing.postmaster and away))
    return found.estate("an address list that IMPORT writes", _ADVICE)


def _take(found: Gathering, line: int, what: Transaction, whose: PostofficeName | None) -> None:
    """Keep what one row shows."""
    found.known += 1
    if what.code not in {"A", "R", " "} or not what.is_pcm:
        return
    if not what.whole:
        found.wrong(line, fold(what.body), f"{shown(what.body)} is not NETWORK/POSTOFFICE/MAILBOX")
        return
    listing = found.see(line, what.postoffice, f"{what.type}:{what.body}")
    if listing and what.of_postmaster:
        found.tell(listing, postmaster=True, note="" if listing.name == whose else _NOTE)
