"""What a reader of an export keeps of each part of it: the records that can matter, and a gist of those that say but one thing.

Law: of a record a gist is kept only if `remedy.ldif.parse_record` reads it without a fault, and then the one that the entry
itself would give, but for its digest.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from remedy.gists import Brief, Skim
from remedy.query import Query
from remedy.quick import Lines, entry_of, quickly, sound
from remedy.scan import judge
from remedy.sieve import Window, sieve

__all__ = ["Choice", "Found"]

_Record = tuple[int, bytes, bool, Lines | None, tuple[Any, ...] | None]
"""Where it begins, the bytes, whether it can matter, what it says if that is easy; or where its first line is, and its gist.

One that cannot matter has a version, which may be the wrong one.
"""
Found = list[_Record]
"""Records of a window."""

_VERSION = re.compile(rb"(?:[ \r]*+\n|#[^\n]*+(?:\n [^\n]*+)*+\n)*+v", re.IGNORECASE)
"""How a record begins whose first line that says anything may be the version."""
_NAME = re.compile(rb"dn:(?!:) *+([^\n]*+)\n", re.IGNORECASE)


class Choice:
    """Which records can matter, those that the sieve holds back and the judge takes; and of which a gist is enough."""

    def __init__(self, find: Callable[[Window], Iterator[tuple[int, int]]], query: Query, skim: Skim | None) -> None:
        self._find, self._judge, self._fulfils, self._skim = find, judge(query), query.judge(), skim
        self._briefs = [_Brief(brief) for brief in skim.briefs] if skim and not query.bases else []

    @classmethod
    def of(cls, query: Query, skim: Skim | None = None) -> "Choice | None":
        """Choose for a query; None if there is nothing to choose."""
        find = sieve(query)
        return cls(find, query, skim) if find else None

    def takes(self, raw: bytes) -> bool:
        """Tell it of one record."""
        data = b"\n%b\n" % raw
        return self._judge(raw) and any(self._find(Window(data, 1, len(data), 0, last=False)))

    def look(self, window: Window) -> Found:
        """Find the records of a window that can matter, and those with a version, which may be the wrong one."""
        data, shift = window.data, window.place - window.end
        records: Found = []
        for begin, end in self._find(window):
            raw = data[begin:end]
            said, gist = None, self._briefly(raw)
            taken = bool(gist) or self._judge(raw)
            if taken and not gist:
                said = quickly(raw)
                gist = self._gist(said) if said else None
            if gist:
                first = end - len(raw.lstrip(b"\r\n"))
                records.append((first + shift, b"", True, None, gist))
            elif taken or _VERSION.match(raw):
                records.append((begin + shift, raw, taken, said, None))
        return records

    def _briefly(self, raw: bytes) -> tuple[Any, ...] | None:
        """Give the gist of a record that says but one thing."""
        body = sound(raw) if self._briefs else None
        return next(filter(None, (brief.gist(body) for brief in self._briefs)), None) if body else None

    def _gist(self, said: Lines) -> tuple[Any, ...] | None:
        """Give the gist of a record, if that is enough of it."""
        entry = entry_of(said, 0) if self._skim else None
        return self._skim.gist(entry) if self._skim and entry and self._fulfils(entry) else None


class _Brief:
    """Finds records in which, of all that is asked for, but one line is to be seen."""

    def __init__(self, brief: Brief) -> None:
        name = re.escape(brief.attribute.encode())
        self._lines = re.compile(rb"\n%b(?:;[^:\n]*+)?+:([^\n]*+)" % name, re.IGNORECASE).findall
        self._others, self._give = judge(brief.besides), brief.gist

    def gist(self, body: bytes) -> tuple[Any, ...] | None:
        """Give the gist of a sound record, if it is such a one; a value or a name that is in base64 is another matter."""
        lines, name = self._lines(body), _NAME.match(body)
        if len(lines) != 1 or not name or lines[0][:1] == b":" or self._others(body):
            return None
        return self._give(name[1].decode(), lines[0].lstrip(b" ").decode(), hash(body))
