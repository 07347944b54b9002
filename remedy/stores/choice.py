"""What a reader of an export keeps of each part of it: the records that can matter, and a gist of those that say but one thing.

Law: of a record a gist is kept only if `remedy.ldif.parse_record` reads it without a fault, and then the one that the entry
itself would give, but for its digest.
"""

import re
from typing import Any, Protocol

from remedy.gists import Brief, Skim
from remedy.grammar import Grammar
from remedy.query import Query
from remedy.quick import entry_of, name_in, sound
from remedy.scan import is_certain, judge
from remedy.sieve import sieve
from remedy.windows import Window

__all__ = ["Choice", "Found", "Seen", "choice_of"]

_Run = tuple[Any, int, list[tuple[int, int, int]]]
"""A text, its lines, and sound records in it: how many lines below its first one each is, where it begins, where it ends."""
Seen = tuple[int, bytes, bool, bytes | _Run | None, tuple[Any, ...] | None]
"""Where it begins, the bytes, and whether it can matter; or, if it is sound, where its first line is, and its lines or a gist;
or where a text begins, and a run of such records in it.

One that cannot matter has a version, which may be the wrong one.
"""
Found = list[Seen]
"""Records of a window."""

_VERSION = re.compile(rb"(?:[ \r]*+\n|#[^\n]*+(?:\n [^\n]*+)*+\n)*+v", re.IGNORECASE)
"""How a record begins whose first line that says anything may be the version."""


class Choice(Protocol):
    """Which records can matter."""

    share: float
    """How much of a file the first of two processes looks at: it has to do with what the other one finds, too."""

    def takes(self, raw: bytes) -> bool:
        """Tell it of one record."""

    def look(self, window: Window) -> Found:
        """Find the records of a window that can matter, and those with a version, which may be the wrong one."""


def choice_of(query: Query, skim: Skim | None = None) -> Choice:
    """Choose what a query asks for."""
    return _Every() if is_certain(query.condition) and not skim else _Chosen(query, skim)


class _Every:
    """Each record: most are read by the grammar of the export."""

    share = 0.46

    def __init__(self) -> None:
        self._grammar = Grammar()

    def takes(self, _raw: bytes) -> bool:
        """Take any record."""
        return True

    def look(self, window: Window) -> Found:
        """Find each record."""
        data, start, shift = window.data, window.begin, window.place - window.end
        found: list[Seen | list[tuple[int, int, int]]] = []
        run: list[tuple[int, int, int]] = []
        below, known = 0, start
        for begin, end, taken in self._grammar.pieces(window):
            first = begin if taken else self._first(data[begin:end], end)
            if first < 0:
                found.append((begin + shift, data[begin:end], True, None, None))
                run = []
                continue
            if not run:
                found.append(run)
            below += data.count(b"\n", known, first)
            known = first
            run.append((below, first - start, end - start))
        text, lines = data[start : window.end], below + data.count(b"\n", known, window.end)
        return [
            (window.start, b"", True, (text, lines, seen), None) if isinstance(seen, list) else seen for seen in found
        ]

    def _first(self, piece: bytes, end: int) -> int:
        """Give where the first line of a sound record is that ends somewhere; -1 if it is not sound."""
        body = sound(piece)
        if body is None or entry_of(body) is None:
            return -1
        self._grammar.learn(piece)
        return end - len(piece.lstrip(b"\r\n"))


class _Chosen:
    """Which records can matter, those that the sieve holds back and the judge takes; and of which a gist is enough."""

    share = 0.5

    def __init__(self, query: Query, skim: Skim | None = None) -> None:
        self._find, self._judge, self._fulfils, self._skim = sieve(query), judge(query), query.judge(), skim
        self._briefs = [_Brief(brief) for brief in skim.briefs] if skim and not query.bases else []

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
            body = sound(raw) if self._briefs else None
            gist = self._briefly(body) if body else None
            taken = bool(gist) or self._judge(raw)
            body = sound(raw) if taken and not self._briefs else body
            entry = entry_of(body) if body and taken and not gist else None
            if entry and self._skim and self._fulfils(entry):
                gist = self._skim.gist(entry)
            if gist or entry:
                first = end - len(raw.lstrip(b"\r\n"))
                records.append((first + shift, b"", True, None if gist else body, gist))
            elif taken or _VERSION.match(raw):
                records.append((begin + shift, raw, taken, None, None))
        return records

    def _briefly(self, body: bytes) -> tuple[Any, ...] | None:
        """Give the gist of a sound record that says but one thing."""
        return next(filter(None, (brief.gist(body) for brief in self._briefs)), None)


class _Brief:
    """Finds records in which, of all that is asked for, but one line is to be seen."""

    def __init__(self, brief: Brief) -> None:
        name = re.escape(brief.attribute.encode())
        self._lines = re.compile(rb"\n%b(?:;[^:\n]*+)?+:([^\n]*+)" % name, re.IGNORECASE).findall
        self._others, self._give = judge(brief.besides), brief.gist

    def gist(self, body: bytes) -> tuple[Any, ...] | None:
        """Give the gist of a sound record, if it is such a one; a value in base64 is another matter."""
        lines = self._lines(body)
        if len(lines) != 1 or lines[0][:1] == b":" or self._others(body) or (name := name_in(body)) is None:
            return None
        return self._give(name, lines[0].lstrip(b" ").decode(), hash(body))
