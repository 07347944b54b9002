"""``ADDR_MAP.CFG``, which gives postoffices their Internet domains: ``net1/po1 abc.com`` (Q140951)."""

from remedy.estate import Estate, EvidenceKind
from remedy.inventories.listings import Gathering, lines_in
from remedy.text import fold, joined

__all__ = ["read_addr_map"]

_ADVICE = "Copy ADDR_MAP.CFG from the folder SMTP of the gateway's postoffice, and name that file (Q140951)."


def read_addr_map(text: str, source: str) -> Estate:
    """Read a map of addresses; a postoffice may have more than one domain.

    Raises:
        InputError: no line gives a postoffice a domain.
    """
    found = Gathering(source, EvidenceKind.ADDR_MAP)
    domains: dict[str, dict[str, str]] = {}
    for line, row in lines_in(text):
        words = row.split()
        if len(words) != 2 or "/" not in words[0]:  # noqa: PLR2004 - a postoffice and its domain
            found.strange(line)
        elif listing := found.see(line, words[0]):
            mine = domains.setdefault(str(listing.name), {})
            mine.setdefault(fold(words[1]), words[1])
    for listing in tuple(found.listings.values()):
        mine = domains[str(listing.name)]
        found.tell(listing, note=f"SMTP domain{'s' if len(mine) > 1 else ''} {joined(mine.values())}")
    return found.estate("a map of addresses", _ADVICE)
