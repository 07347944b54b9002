"""How an exporter writes its records, learned from some of them, and one expression that takes each of the others at once.

Law: a record that is taken here, `remedy.quick.sound` takes too, and its name is one; none has to be taken.

How it is kept. The expression is made of names that stood in sound records, each with as much as was met behind it: several
lines, none but one, folds, nothing at all, base64. A value begins in the line of its name unless it is empty, so that no fold
hides what stands behind a colon. Whatever can be wrong in any line is looked for in a window as a whole.
"""

import binascii
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from remedy.dn import DN
from remedy.ldif import unfold
from remedy.windows import Window, piece_end

__all__ = ["Grammar"]

_PATIENCE = 64
"""Records that are looked at before something is made of them; each time twice as many, since that takes milliseconds."""
_TURNS = 6
"""How often in turn more records may be missed than taken before nothing is looked for any more."""
_LONGEST = 1 << 16
"""Bytes of a record from which something is learned."""
_MOST = 500
"""Names in the order."""

_FIRST = rb"[^:<\n\r]"
"""How a value begins that is written as it stands."""
_FOLDS = rb"(?:\n [^\n]*+)*+"
_NAME = rb"dn: *+[A-Za-z][A-Za-z0-9-]*+=[\w.$/()-](?:[\w .$/()-]*[\w.$/()-])?,([A-Za-z][^\n]*+%b)\n" % _FOLDS
"""A name whose first part can be read in one way only."""
_BASE64 = rb" *+([A-Za-z0-9+/]*+(?:\r?+\n [A-Za-z0-9+/]++)*+=?+=?+)\r?+"
"""What may be base64: the number of letters tells."""
_Match = Callable[[bytes, int, int], re.Match[bytes] | None]

_STRAY = re.compile(rb"\r(?!\n)")
_CODED = re.compile(rb"^[^: \n]++:: *+([^\n]*+%b)" % _FOLDS, re.MULTILINE)
_LINE = re.compile(rb"^([^: \n]++):(:?)( *+[^\n]*+)(\n .)?", re.MULTILINE)


class Grammar:
    """What is known of the records of an export."""

    def __init__(self) -> None:
        self._order: list[bytes] = []
        self._traits: dict[bytes, set[str]] = {}
        self._match: _Match | None = None
        self._strange: list[bytes] = []
        self._patience, self._missed, self._taken = _PATIENCE, 0, 0
        self._unfit = 0

    def pieces(self, window: Window) -> Iterator[tuple[int, int, bool]]:
        """Part a window: where each piece begins and ends, and whether it is a record that was taken."""
        data, at, end = window.data, window.begin, window.end
        match = self._match if self._match and _is_harmless(data, at, end) else None
        while at < end:
            if match and (found := match(data, at, end)) and _is_sound(*found.groups()):
                self._taken += 1
                behind = found.end()
                yield at, behind, True
            else:
                stop, behind = piece_end(data, at, end)
                yield at, stop, False
            at = behind

    def learn(self, record: bytes) -> None:
        """Be told a sound record that was not taken."""
        if self._unfit > _TURNS:
            return
        if len(self._strange) < _PATIENCE and len(record) <= _LONGEST:
            self._strange.append(record)
        self._missed += 1
        if self._missed >= self._patience:
            self._unfit = self._unfit + 1 if self._taken < self._missed else 0
            self._match = self._learned() if self._unfit <= _TURNS else None
            self._strange.clear()
            self._patience, self._missed, self._taken = self._patience * 2, 0, 0

    def _learned(self) -> _Match | None:
        """Make what there is of the records that were kept."""
        if self._unfit:  # another exporter
            self._order.clear()
            self._traits.clear()
        known = [(name, set(self._traits[name])) for name in self._order]
        for strange in self._strange:
            self._insert(_LINE.findall(strange.replace(b"\r", b"")))
        if known == [(name, self._traits[name]) for name in self._order]:
            return self._match
        return re.compile(b"".join(self._expression())).match

    def _insert(self, lines: list[tuple[bytes, bytes, bytes, bytes]]) -> None:
        """Put names that are new behind those that stood in front of them, and note what is met behind each."""
        place, counts = 0, Counter(name for name, *_ in lines)
        for name, coded, value, fold in lines[1:]:
            if name in self._order:
                place = max(place, self._order.index(name) + 1)
            elif len(self._order) < _MOST:
                self._order.insert(place, name)
                place += 1
            else:
                return
            met = {"coded": coded, "empty": not value, "folded": fold, "several": counts[name] > 1}
            self._traits.setdefault(name, set()).update(trait for trait, there in met.items() if there)

    def _expression(self) -> Iterator[bytes]:
        """Yield the parts of the expression of a record and the empty lines behind it."""
        yield _NAME
        for name in self._order:
            yield _lines(re.escape(name), self._traits[name])
        yield rb"(?:\r?+\n)++"


def _lines(name: bytes, traits: Iterable[str]) -> bytes:
    """Give the expression of all lines of a name."""
    value = _FIRST + rb"[^\n]*+" + (_FOLDS if "folded" in traits else b"")
    if "empty" in traits:
        value = rb"(?:%b)?+\r?+" % value
    if {"several", "coded"} <= set(traits):
        return rb"((?:%b:(?::[^\n]*+%b|%b)\n)*+)" % (name, _FOLDS, value)
    if "several" in traits:
        return rb"(?:%b:%b\n)*+" % (name, value)
    return rb"(?:%b:%b\n)?+" % (name, rb"(?::%b|%b)" % (_BASE64, value) if "coded" in traits else value)


def _is_harmless(data: bytes, begin: int, end: int) -> bool:
    """Tell whether in a part of a text nothing is wrong that can be wrong anywhere."""
    if data.find(b"\0", begin, end) >= 0 or (b"\r" in data and _STRAY.search(data, begin, end)):
        return False
    try:
        return data.isascii() or bool(data[begin:end].decode())
    except UnicodeDecodeError:
        return False


def _is_sound(parent: bytes, *coded: bytes | None) -> bool:
    """Tell whether the name of a parent is one, and whether what is in base64 can be decoded."""
    for text in coded:
        if text and not _is_base64(text):
            return False
    return _is_name(parent)


def _is_base64(text: bytes) -> bool:
    """Tell whether nothing but the letters of base64, folded, or some lines with base64 in them, can be decoded."""
    if b":" not in text:
        returns = text.count(b"\r") if b"\r" in text else 0
        return not (len(text) - 2 * text.count(b"\n") - returns) % 4
    try:
        for value in _CODED.findall(text):
            binascii.a2b_base64(unfold(value).removesuffix(b"\r"), strict_mode=True)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1 << 12)
def _is_name(written: bytes) -> bool:
    """Tell whether something is a name; an export has few containers, and each many times."""
    try:
        return len(DN.parse(unfold(written).removesuffix(b"\r").decode())) > 0
    except ValueError:
        return False
