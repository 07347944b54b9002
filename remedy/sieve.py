"""A first look at an export in blocks: the few records that can matter to a query, found without looking at the others.

Law: it may take too many records, never too few. Whatever record holds a line that fits a leaf of the query is taken, and so
is each in which such a line cannot be judged where it stands: base64, a URL, options, a fold within its name.

How it is kept. The first character of a logical line stands right behind a line feed: no fold, case or base64 can hide
it. So the one regular expression is anchored there, and goes on with one class for each of the next bytes: whatever can
stand there if the line is one of a mentioned name, folds included. A line that passes is refused only if it is proven
unfit: its name in one piece, then a value that begins with no wanted character, or a whole line without a wanted value.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from remedy.query import Contains, Equal, Initial, Named, Present, Query
from remedy.scan import is_certain
from remedy.text import fold, squeeze
from remedy.windows import GAP, Window, behind, piece_end

__all__ = ["sieve"]

_Test = Present | Equal | Initial | Contains

_DEPTH = 6
"""Bytes of a line that are looked at one by one, unless a name is shorter."""
_MOST = 64
"""Values of one attribute that are compared in place; of more only the beginnings are."""
_NAMING = "[A-Za-z0-9_.-]"
_ENDS_NAME = "[^A-Za-z0-9_.-]"
_ENDS = f"(?!{_NAMING})"
_WHOLE = r"\n(?![ \t])"
"""The end of a line that does not go on; a tab is somebody's idea of folding."""
_FOLDED_NAME = r"[^:\n]*\n[ ]"
"""A line that goes on in the next one before there was a colon."""


def sieve(query: Query) -> Callable[[Window], Iterator[tuple[int, int]]]:
    """Give what finds, in a window, where records begin and end that can matter."""
    if is_certain(query.condition):
        return _every
    plain, other = (
        re.compile(_expression(query, line).encode("latin-1")) for line in (r"[^\n]", r"[\x00-\x09\x0b-\x7f]")
    )

    def found(window: Window) -> Iterator[tuple[int, int]]:
        data, place, end = window.data, window.begin, window.end
        search = (plain if data.isascii() else other).search
        returns = b"\r" in data
        while hit := search(data, place - 1, end):
            begin = _begin(data, place, hit.start() + 1, returns=returns)
            stop = _end(data, hit.start() + 1, end, returns=returns)
            yield begin, stop
            place = stop + 1
            if place > end:
                return

    return found


def _every(window: Window) -> Iterator[tuple[int, int]]:
    """Find where each piece begins and ends."""
    place = window.begin
    for gap in GAP.finditer(window.data, place, window.end):
        yield place, gap.start()
        place = gap.end()
    if place < window.end:
        yield place, window.end


def _begin(data: bytes, floor: int, at: int, *, returns: bool) -> int:
    """Give where the record begins that the line at a place belongs to."""
    begin = behind(data, b"\n\r\n", floor, at) if returns else floor
    return behind(data, b"\n\n", begin, at)


def _end(data: bytes, at: int, end: int, *, returns: bool) -> int:
    """Give where the line feed stands that an empty line follows; ``end`` if none does."""
    if returns:  # either kind of empty line may be far away, or nowhere
        return piece_end(data, at, end)[0]
    stop = data.find(b"\n\n", at, end)
    return end if stop < 0 else stop


def _expression(query: Query, byte: str) -> str:
    """Give the expression of a line that can matter, with the line feed in front of it; ``byte`` is what can be judged."""
    tests: dict[str, list[_Test]] = defaultdict(list, version=[Present("version")])  # another version is a fault
    names: list[Named] = []
    for leaf in query.leaves():
        if isinstance(leaf, Named):
            names.append(leaf)
        elif leaf.attribute.isascii():  # no line has another name
            tests[fold(leaf.attribute)].append(leaf)
    groups = _groups([name for name in (*tests, *(("dn",) if names else ())) if name])
    ways = []
    for known, depth in groups:
        rests = {name: rest for name in known if (rest := _rest(name, depth, known))}
        unfit = {name: _unfit_name(names) if name == "dn" else _unfit(tests[name], byte) for name in rests}
        refused = "|".join(rests[name] + way for name, proofs in unfit.items() for way in proofs)
        taken = "|".join(_taken(name, depth, known) for name in known)
        within = rf"(?<!\n[^\n]{{{depth}}})"  # a fold among the first bytes
        ways.append(f"(?!{refused or '(?!)'})(?:{taken}|{_FOLDED_NAME}|{within})")
    shared = min(depth for _, depth in groups) - (len(groups) > 1)
    first = "".join(_class(set().union(*(_standing(known, place) for known, _ in groups))) for place in range(shared))
    own = ["".join(_class(_standing(known, place)) for place in range(shared, depth)) for known, depth in groups]
    return rf"(?s:\n{first}(?:{'|'.join(map(str.__add__, own, ways))}))"


def _groups(names: Sequence[str]) -> list[tuple[list[str], int]]:
    """Part names by length, so that a short one does not keep us from looking at more bytes of the others."""
    long = [name for name in names if len(name) >= _DEPTH]
    short = [name for name in names if len(name) < _DEPTH]
    return [(long, _DEPTH)] * bool(long) + [(short, min(map(len, short), default=0) + 1)] * bool(short)


def _standing(names: Iterable[str], place: int) -> set[str]:
    """Give what can stand at a place of a line of one of some names: a letter of the name, moved by folds, or a fold."""
    found = {"\r", "\n"} if place else set()
    found |= {" "} if place > 1 else set()
    for name in names:
        for letter in (place, *range(1, place - 1)):  # a fold is two bytes or more, and stands behind the first letter
            if letter < len(name):
                found |= {name[letter].lower(), name[letter].upper()}
            elif letter == len(name):
                found |= {chr(code) for code in range(256) if not re.match(_NAMING, chr(code))}
    return found


def _class(characters: Iterable[str]) -> str:
    """Give the expression of one of some characters."""
    return f"[{''.join(map(re.escape, sorted(characters)))}]"


def _spelt(text: str) -> str:
    """Give the expression of a text in any case; the class in front lets the engine pass by quickly."""
    if not text:
        return ""
    return _class({text[0].lower(), text[0].upper()}) + (f"(?i:{re.escape(text[1:])})" if text[1:] else "")


def _taken(name: str, depth: int, names: Sequence[str]) -> str:
    """Give the expression of a name behind the first bytes, and of its end; among short ones all of it is compared."""
    if depth > len(name):
        return f"(?<={_plain(name)}{_ENDS_NAME})"
    begins = f"(?<={_plain(name[:depth])})" if depth > min(map(len, names)) or depth == len(name) else ""
    return f"{begins}{_spelt(name[depth:])}{_ENDS}"


def _rest(name: str, depth: int, names: Sequence[str]) -> str:
    """Give the expression of a name behind the first bytes, and of the colon; nothing if it could be that of another.

    Behind a short name there may be options, so that the first bytes are compared as well. Of a longer one with folds among
    its first bytes, two letters fewer or still less have been seen.
    """
    rest = name[depth:]
    if depth > min(map(len, names)):
        begins = _plain(name[:depth])
        return f"(?<={begins}:)" if depth > len(name) else f"(?<={begins}){_spelt(rest)}:"
    for other in names:
        seen = {depth} if other != name else set()
        if any(other[place:] == rest for place in seen | set(range(depth - 1))):
            return ""
    return f"{_spelt(rest)}:"


def _unfit(tests: Iterable[_Test], byte: str) -> tuple[str, ...]:
    """Give the expressions of values that are proven unfit, from behind the colon, the quickest first."""
    parts: list[str] = []
    others: list[tuple[str, bool]] = []
    begins: list[str] = []
    for test in tests:
        text = "" if isinstance(test, Present) else fold(test.value)
        if not text:
            return ()
        if isinstance(test, Contains):
            parts.append(text)
            begins.append(fold(test.initial))
        else:
            others.append((text, isinstance(test, Equal)))
            begins.append(text)
    others = [(text, equal) for text, equal in others if not any(part in text for part in parts)]
    first = (rf" [^\x00-\x20:<\x80-\xff{_first(begins)}]",) if all(begins) else ()
    if len(others) + len(parts) > _MOST:
        return first
    fitting = [f"(?! *{_plain(text)}{' *[^!-~]' if equal else ''})" for text, equal in others if text.isascii()]
    holding = "".join(look for text in parts if text.isascii() for look in _holding(text))
    folded = () if others else (f" {_unfit_folded(parts, holding, byte)}",)
    return (*first, f" {''.join(fitting)}{holding}{byte}*+{_WHOLE}", *folded)


def _first(texts: Iterable[str]) -> str:
    """Give what some texts begin with, for a class; a byte that is not ASCII is in it anyway."""
    letters = {case for text in texts if text[0].isascii() for case in (text[0].lower(), text[0].upper())}
    return "".join(map(re.escape, sorted(letters)))


def _plain(text: str) -> str:
    """Give the expression of a text in any case."""
    return f"(?i:{re.escape(text)})"


def _holding(text: str) -> list[str]:
    """Give the expressions that refuse the rest of a line if a text is in it: one character in front is found quickly."""
    return [rf"(?![^\n]*{re.escape(case)}{_plain(text[1:])})" for case in sorted({text[0].lower(), text[0].upper()})]


def _unfit_folded(parts: Iterable[str], holding: str, byte: str) -> str:
    """Give the expression of folded values that hold none of some texts: not within a line, and not across a fold."""
    pairs = sorted({pair for text in parts if text.isascii() for pair in pairwise(text)})
    cross = [rf"(?<=[{_cases(one)}])\r?\n [{_cases(two)}\r\n]" for one, two in pairs]
    cross += [rf"(?<=[{_cases(one)}]\r)\n [{_cases(two)}\r\n]" for one, two in pairs]
    line = f"{holding}{byte}*+"
    return rf"(?:{line}(?!{'|'.join(cross) or '(?!)'})\n )++{line}{_WHOLE}"


def _cases(letter: str) -> str:
    """Give both cases of a character, for a class."""
    return "".join(map(re.escape, sorted({letter.lower(), letter.upper()})))


def _unfit_name(names: Sequence[Named]) -> tuple[str, ...]:
    """Give the expressions of a name whose first value is easy to read and another; the parents hardly ever decide."""
    leaves = [words for name in names if (words := squeeze(fold(name.dn.leaf)))]
    easy = r'[^\\"#+,;\x00-\x1f\x7f-\xff]*+'
    other = rf'[^ "#+,;\\\x00-\x1f\x7f-\xff{_first(leaves)}]'
    spelt = [" +".join(map(_plain, words.split(" "))) for words in leaves if words.isascii()]
    fitting = f"(?! *(?:{'|'.join(spelt)}) *[,;\\n])" if spelt else ""
    begins = (other,) if len(spelt) > _MOST else (other, fitting)
    return tuple(rf" [A-Za-z0-9.-]++={begin}{easy}(?:[,;]|{_WHOLE})" for begin in begins)
