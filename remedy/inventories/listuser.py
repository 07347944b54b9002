"""What LISTUSER prints of one postoffice: its mailboxes and the numbers of their mailbags (Q99419, Q117738).

Law: a row that may stand for something else than a mailbox is no proof, neither that there is one nor that there is none.
"""

import re
from collections import Counter

from remedy.addresses import POSTMASTER, PostofficeName
from remedy.errors import InputError
from remedy.estate import USER_LIMIT, Estate, EvidenceKind
from remedy.inventories.listings import Gathering, lines_in
from remedy.text import counted, fold

__all__ = ["read_listuser"]

_HEADER = re.compile(r"\s*Name\s.*\bID number", re.ASCII | re.IGNORECASE)
_BANNER = re.compile(r"Microsoft|\(C\)\s|[-=\s]+$", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[0-9A-Fa-f]{8}", re.ASCII)
_ADVICE = "On the postoffice run: LISTUSER ADMIN with its password, save what it prints, and name that file (Q99419)."
_NAME_IT = "Write NETWORK/POSTOFFICE= in front of the file's name, for example NWTRADERS/PO1=users.txt."
_NAME = fold(POSTMASTER)

_Rows = dict[tuple[str, str], int]
"""Each mailbox in the form in which it is compared and its number, with the line."""


def read_listuser(text: str, source: str, whose: PostofficeName | None = None) -> Estate:
    """Read a list of mailboxes; ``whose`` is the postoffice it is of, which nothing in it says.

    Raises:
        InputError: no line is a row of such a list, or nobody said whose it is.
    """
    found = Gathering(source, EvidenceKind.LISTUSER)
    rows: _Rows = {}
    doubtful: list[int] = []
    for line, row in lines_in(text):
        words = row.split()
        number = next((at for at, word in enumerate(words) if at and _NUMBER.fullmatch(word)), 0)
        if _HEADER.match(row) or (not number and _BANNER.match(row.strip())):
            found.known += 1
        elif number and number == len(words) - 1:
            rows.setdefault((fold(" ".join(words[:number])), words[number].upper()), line)
        elif number or fold(words[0]).startswith(_NAME):
            doubtful.append(line)
        else:
            found.strange(line)
    found.known += len(rows) + len(doubtful)
    if rows or doubtful:
        _conclude(found, whose, rows, doubtful)
    return found.estate("a list that LISTUSER prints", _ADVICE)


def _conclude(found: Gathering, whose: PostofficeName | None, rows: _Rows, doubtful: list[int]) -> None:
    """Say what the rows show of the postoffice."""
    listing = found.see(min((*rows.values(), *doubtful)), str(whose)) if whose else None
    if not listing:
        raise InputError.of(found.source, "a list of LISTUSER does not say which postoffice it is of", _NAME_IT)
    if len(rows) > USER_LIMIT:
        text = f"it lists {counted(len(rows), 'mailbox', 'mailboxes')}, and a postoffice takes {USER_LIMIT} (Q123376)"
        found.odd(None, f"{text}: deleted ones may be among them, so neither their number nor a POSTMASTER is believed")
        return
    numbers = [number for name, number in rows if name == _NAME]
    alike = [line for (name, _), line in rows.items() if name.startswith(_NAME) and name != _NAME]
    shared = sum(times > 1 for times in Counter(number for _, number in rows).values())
    if doubtful:
        text = f"{counted(len(doubtful), 'row')}, this one first, not made of a name and a number alone"
        found.odd(doubtful[0], f"{text}: that may be a deleted mailbox (LISTUSER -x), so the mailboxes are not counted")
    if alike and not numbers:
        found.odd(alike[0], "this name begins with POSTMASTER, but may be the full name of another mailbox")
    if shared:
        found.odd(None, f"{counted(shared, 'number')} in it stand for more than one mailbox (Q117738)")
    found.tell(
        listing,
        users=None if doubtful else len(rows),
        postmaster=True if numbers else None if alike or doubtful else False,
        mailbag=numbers[0] if len(numbers) == 1 else "",
    )
