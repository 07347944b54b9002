"""The raw bytes of an export: where its records lie, whether one can matter to a query, whether the last one is cut.

Law of `judge`: it may take too many records, never too few. It takes each record that fulfils the query, and each in
which a line of an attribute that the condition mentions cannot be judged as it stands: base64, a URL, anything but
ASCII, malformed.

How it is kept. Only an ASCII value can be judged, and of ASCII text `remedy.text.fold` is the lower case, which C gives
for a whole record at once. So each alternative of the one regular expression begins at the start of an unfolded line
with a mentioned name, and then *refuses* the line only if it is a plain, printable, whole line whose value does not
fit; whatever else may stand there is a hit.
"""

import codecs
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

from remedy.dn import DN
from remedy.errors import InputError
from remedy.ldif import parse_line, split_records, unfold
from remedy.query import AllOf, AnyOf, Condition, Contains, Equal, Initial, Leaf, Named, Present, Query
from remedy.text import fold, squeeze

__all__ = ["RECORD_LIMIT", "batches", "bounded", "is_certain", "is_cut", "judge"]

RECORD_LIMIT = 64 << 20
"""Bytes of one record; a longer one is no record (a hole in the file, binary data)."""

_END = rb"\n(?!\t)"
"""The end of a line; a tab behind it is somebody's idea of folding, so that the line may go on."""
_TEXT = rb"[\x01-\x09\x0b\x0c\x0e-\x7f]*"
"""What a plain value is made of when it can be judged."""
_OPTIONS = rb"(?:;[a-z0-9-]+)*"
_NAME_ENDS = rb"(?![a-z0-9_.-])"
_EASY_NAME = rb'[^\\"#+,;\x00-\x1f\x7f-\xff]*'
"""The first part of a distinguished name when no escape, quote, encoding or second part can hide in it."""

_FEW = 8
"""Leaves of one kind and attribute that are compared one by one; of more a line is read and looked up."""

_CUT = re.compile(rb"([^:;]*)[^:]*(?:|:: *[A-Za-z0-9+/]*=?)")
"""A line that ends within its name or within its base64."""


def batches(blocks: Iterable[bytes]) -> Iterator[tuple[list[bytes], bytes]]:
    """Cut a stream into the pieces between empty lines (see `split_records`), holding hardly more than a block.

    Each batch comes with the piece behind it, which may go on: it comes again in a later batch, or was the last one.
    """
    rest, fresh, size = b"", [b""], 0
    for block in blocks:
        fresh.append(block)
        size += len(block)
        if size >= len(rest) or size + len(rest) > RECORD_LIMIT:  # of a record larger than a block, as much again
            batch, rest = _pieces(b"".join((rest, *fresh)))
            yield batch, rest
            fresh, size = [], 0
    yield _pieces(b"".join((rest, *fresh)))


def bounded(size: int, name: str, line: int) -> None:
    """Refuse to hold more than one record can be.

    Raises:
        InputError: there is no empty line for too long.
    """
    if size > RECORD_LIMIT:
        what = f"a record of more than {RECORD_LIMIT >> 20} MiB"
        raise InputError.of(name, what, "Export again, and check that the file has no hole.", line=line)


def _pieces(data: bytes) -> tuple[list[bytes], bytes]:
    """Cut data at empty lines; apart from the others the last piece that is more than empty lines."""
    body = data.rstrip(b"\r\n")
    pieces = split_records(body)
    return pieces[:-1], pieces[-1] + data[len(body) :]


def is_cut(text: bytes, wanted: Collection[str], *, whole: bool) -> bool:
    """Tell whether the last logical line of a file looks as if more had followed.

    It does if it ends within a name or within base64. A line with a line end behind it (``whole``) is somebody's
    mistake, though, unless its attribute is one of ``wanted``, or could have become one.
    """
    try:
        name, value = parse_line(text)
    except ValueError:
        found = _CUT.fullmatch(text)
        if not found or not whole:
            return not whole and (bool(found) or _ends_inside(text))
        base = found[1].decode(errors="replace").lower()
        return base in wanted if found[1] != text else any(name.startswith(base) for name in wanted)
    try:
        DN.parse(value.decode() if name.lower() == "dn" else "")
    except ValueError:
        return True
    return False


def _ends_inside(text: bytes) -> bool:
    """Tell whether text ends within a character of UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(text)
    return bool(decoder.getstate()[0])


def judge(query: Query) -> Callable[[bytes], bool]:
    """Give the judge for a query: from the physical bytes of one record, whether the record can matter."""
    if is_certain(query.condition):
        return _take
    few, many = _sorted_out(query)
    search = re.compile(rb"\n(?:%b)" % b"|".join(_alternatives(few))).search

    def can_matter(raw: bytes) -> bool:
        lines = unfold(b"\n%b\n" % raw.lower())
        return search(lines) is not None or any(hold(lines) for hold in many)

    return can_matter


def _sorted_out(query: Query) -> tuple[list[Leaf], list[Callable[[bytes], bool]]]:
    """Part the leaves of a query: those that are compared one by one, and what looks up the others of an attribute at once."""
    equals: dict[str, set[bytes]] = defaultdict(set)
    names: set[bytes] = set()
    few: list[Leaf] = []
    leaves = [((type(leaf), fold(getattr(leaf, "attribute", ""))), leaf) for leaf in query.leaves()]
    counts = Counter(kind for kind, _ in leaves)
    for kind, leaf in leaves:
        if not isinstance(leaf, Equal | Named) or counts[kind] <= _FEW:
            few.append(leaf)
        elif isinstance(leaf, Named):
            names.add(squeeze(fold(leaf.dn.leaf)).encode(errors="surrogatepass"))
        else:
            equals[fold(leaf.attribute)].add(fold(leaf.value).strip(" ").encode(errors="surrogatepass"))
    many = [_among(_value_lines(name), values) for name, values in equals.items()]
    return few, [*many, _among(_dn_lines(), names)] if names else many


def _among(lines: re.Pattern[bytes], wanted: Collection[bytes]) -> Callable[[bytes], bool]:
    """Give what tells whether a line says one of many things, or cannot be judged; blanks count as in `squeeze`, if at all."""
    find = lines.findall
    return lambda text: any(
        odd or said.strip(b" ") in wanted or b" ".join(said.split()) in wanted for said, odd in find(text)
    )


def _value_lines(name: str) -> re.Pattern[bytes]:
    """Compile what finds the lines of a name, with the value if it can be judged, else with something of the line."""
    return re.compile(
        rb"\n%b%b(?:%b:(?![:<])(%b)(?=%b)|(?s:(.)))" % (_literally(name), _NAME_ENDS, _OPTIONS, _TEXT, _END)
    )


def _dn_lines() -> re.Pattern[bytes]:
    """Compile the same for the first value of the line of a name."""
    easy = rb": *[a-z0-9.-]+ *=(%b)(?=[,;]|%b)" % (_EASY_NAME, _END)
    return re.compile(rb"\ndn%b(?:%b|(?s:(.)))" % (_NAME_ENDS, easy))


def _take(_raw: bytes) -> bool:
    """Take any record."""
    return True


def is_certain(condition: Condition) -> bool:
    """Tell whether a condition holds without looking at anything: all of nothing.

    Of any other condition that holds, at least one leaf holds, so that the leaves alone may decide.
    """
    match condition:
        case AllOf(conditions):
            return all(map(is_certain, conditions))
        case AnyOf(conditions):
            return any(map(is_certain, conditions))
        case _:
            return False


def _alternatives(leaves: Iterable[Leaf]) -> Iterator[bytes]:
    """Yield, for each name that is mentioned, the expression that finds a line of it which can matter."""
    yield rb"(?!)"
    values: dict[str, list[bytes]] = defaultdict(list)
    for leaf in leaves:
        if isinstance(leaf, Named):
            yield _dn_line(leaf)
        else:
            values[fold(leaf.attribute)].append(_fitting(leaf))
    for name, fitting in values.items():
        yield _literally(name) + _NAME_ENDS + _unless_plain(b"|".join(fitting))


def _literally(text: str) -> bytes:
    """Give the expression of a text; one that is not ASCII fits no line that can be judged."""
    return re.escape(text.encode(errors="surrogatepass"))


def _fitting(leaf: Present | Equal | Initial | Contains) -> bytes:
    """Give the expression of the plain values that fit, from behind the colon."""
    if isinstance(leaf, Present):
        return b""
    text = _literally(fold(leaf.value))
    if isinstance(leaf, Contains) and leaf.initial:
        return rb"\s*%b[^\n]*%b" % (_literally(fold(leaf.initial)), text)
    if isinstance(leaf, Equal):
        return rb" *%b *\n" % text
    return (rb" *%b" if isinstance(leaf, Initial) else rb"[^\n]*%b") % text


def _unless_plain(fitting: bytes) -> bytes:
    """Give the expression that refuses the rest of a line if it is plain and not ``fitting``."""
    # Blanks are matched inside of the inner look-ahead: outside, one given back would let a fitting value pass.
    return rb"(?!%b:(?![:<])(?!%b)%b%b)" % (_OPTIONS, fitting, _TEXT, _END)


def _dn_line(leaf: Named) -> bytes:
    """Give the expression that refuses the line of a name whose first value is easy to read, and another.

    The type in front of the value has several spellings, and the parents hardly ever decide: neither is looked at.
    """
    words = squeeze(fold(leaf.dn.leaf)).split(" ")
    unfit = rb"(?! *%b *[,;\n])" % rb" +".join(map(_literally, words))
    return rb"dn%b(?!: *[a-z0-9.-]+ *=%b%b(?:[,;]|%b))" % (_NAME_ENDS, unfit, _EASY_NAME, _END)
