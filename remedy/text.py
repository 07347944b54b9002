"""Comparing and showing text: the one case-blind comparison, and what may reach a terminal."""

import re
from collections.abc import Collection, Iterable

__all__ = ["counted", "fold", "joined", "printable", "squeeze"]

# Controls (C0, DEL, C1), line and paragraph separators, bidirectional marks, and lone surrogates:
# none of them may reach a terminal or a one-line message as it is.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def fold(text: str) -> str:
    """Give the form in which two texts are compared without case (RFC 4518 §2.2: Unicode case folding)."""
    return text.lower() if text.isascii() else text.casefold()


def squeeze(text: str) -> str:
    """Drop outer blanks and make inner runs of blanks one (RFC 4518 §2.6.1, insignificant spaces)."""
    if "  " not in text and not text.startswith(" ") and not text.endswith(" "):
        return text
    return " ".join(part for part in text.split(" ") if part)


def printable(text: str) -> str:
    """Give text in which nothing can move the cursor, change a colour, break a line or turn the reading order."""
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def counted(number: int, one: str, many: str | None = None) -> str:
    """Give a number with its noun: ``1 postoffice``, ``1,200 postoffices``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def joined(items: Iterable[str], *, most: int = 0) -> str:
    """Give ``a, b and c``; past ``most`` items (0 = all of them) ``a, b and 7 more``."""
    words: Collection[str] = tuple(items)
    if most and len(words) > most:
        words = (*tuple(words)[:most], f"{len(words) - most:,} more")
    *rest, last = words or ("",)
    return f"{', '.join(rest)} and {last}" if rest else last
