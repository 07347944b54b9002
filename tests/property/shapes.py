"""Writing entries down in every way that a reader of exports must take: encodings, line ends, folds, comments, gaps.

Nothing here is borrowed from the product: what a file says is known because it was written here.
"""

import base64
import codecs
import random
from dataclasses import dataclass

from hypothesis import strategies as st

CODINGS = {
    "utf-8": ("utf-8", b""),
    "utf-8-bom": ("utf-8", codecs.BOM_UTF8),
    "utf-16-le": ("utf-16-le", b""),
    "utf-16-be": ("utf-16-be", b""),
    "utf-16-le-bom": ("utf-16-le", codecs.BOM_UTF16_LE),
    "utf-16-be-bom": ("utf-16-be", codecs.BOM_UTF16_BE),
}
UNREADABLE = {
    "url": (b"thumbnailPhoto:< file:///C:/photos/zz.jpg",),
    "tab": (b"info: first half", b"\tsecond half"),
    "cut": (b"MAPI-Recip",),
    "base64": (b"info:: R3L",),
    "latin-1": (b"info: Gr\xf6\xdfe",),  # last: UTF-16 has no such thing
}
"""Lines that nobody can read; in records that are not needed they may stand."""
NEEDED = {"routing-list", "gateway-proxy", "dxa-remote-client", "target-address", "hide-from-address-book"}
ENDS = {"lf": (b"\n",), "crlf": (b"\r\n",), "mixed": (b"\n", b"\r\n")}


@dataclass(frozen=True)
class Shape:
    """How a file is written."""

    coding: str = "utf-8"
    ends: str = "lf"
    width: int = 76
    """The column at which lines are folded; 0 = nowhere."""
    encoded: float = 0.0
    """How many of the values are in base64."""
    comments: float = 0.0
    gaps: int = 1
    """The most empty lines between two records."""
    final: bool = True
    """Whether the last line has an end."""
    version: str = "apart"
    """``apart``, ``close`` to the first record, or ``none``."""
    additions: bool = False
    odd: bool = False
    """Whether attribute names are in odd cases, blanks behind the colon missing or many, lines in any order."""
    unread: float = 0.0
    """How many of the mailboxes that nobody needs end in a line that nobody can read."""
    seed: int = 0

    def write(self, entries) -> bytes:
        """Write entries down."""
        return _Writer(self).file(entries)

    def text(self, data: bytes) -> bytes:
        """Give a file in this shape as UTF-8 without a mark."""
        codec, mark = CODINGS[self.coding]
        assert data.startswith(mark)
        return data[len(mark) :].decode(codec).encode() if codec != "utf-8" else data[len(mark) :]


shapes = st.builds(
    Shape,
    coding=st.sampled_from(list(CODINGS)),
    ends=st.sampled_from(list(ENDS)),
    width=st.one_of(st.sampled_from([0, 76]), st.integers(1, 80)),
    encoded=st.sampled_from([0.0, 0.0, 0.3, 1.0]),
    comments=st.sampled_from([0.0, 0.2]),
    gaps=st.integers(1, 4),
    final=st.booleans(),
    version=st.sampled_from(["apart", "close", "none"]),
    additions=st.booleans(),
    odd=st.booleans(),
    unread=st.sampled_from([0.0, 0.5, 1.0]),
    seed=st.integers(0, 9999),
)


def is_unneeded(entry):
    """Tell whether an entry is a mailbox that no survey and no plan of these tests looks at."""
    names = {attribute.name.lower() for attribute in entry}
    values = [value.upper() for attribute in entry for value in attribute.values]
    return (
        not names & NEEDED
        and b"ORGANIZATIONALPERSON" in values
        and not any(b"POSTMAST" in value or b"MSPMGATE" in value for value in values)
    )


class _Writer:
    def __init__(self, shape):
        self.shape, self.random = shape, random.Random(shape.seed)

    def file(self, entries):
        blocks = [self._record(entry) for entry in entries]
        if self.shape.version == "close":
            blocks[0].insert(0, b"version: 1")
        elif self.shape.version == "apart":
            blocks.insert(0, [b"version: 1"])
        if self._often(self.shape.comments):
            blocks.insert(1, [b"# a comment that stands alone", b"# dn: cn=nobody"])
        lines = []
        for block in blocks:
            gap = self.random.randint(1, self.shape.gaps)
            lines += [*block, *([b""] * gap)]
        if self.shape.final:
            end = self.random.randint(1, 3)
            lines = [*lines, *([b""] * end)] if self.shape.gaps > 1 else lines
        else:
            while not lines[-1] or lines[-1].startswith(b"#"):
                lines.pop()
        physical = [part for line in lines for part in self._folded(line)]
        data = b"".join(part + self.random.choice(ENDS[self.shape.ends]) for part in physical)
        data = data if self.shape.final else data.rstrip(b"\r\n")
        codec, mark = CODINGS[self.shape.coding]
        return mark + (data if codec == "utf-8" else data.decode().encode(codec))

    def _record(self, entry):
        fields = [(attribute.name, value) for attribute in entry for value in attribute.values]
        if self.shape.odd:
            fields = self._shuffled(fields)
        unread = is_unneeded(entry) and self._often(self.shape.unread)
        encoded = 0.0 if unread else self.shape.encoded  # what is in base64 may be what is looked for
        head = [self._line("dn", str(entry.dn).encode(), encoded)]
        head += [self._spelt("changetype") + b": add"] if self.shape.additions else []
        lines = head + [self._line(name, value, encoded) for name, value in fields]
        if unread:
            kinds = list(UNREADABLE.values())[: None if CODINGS[self.shape.coding][0] == "utf-8" else -1]
            lines += self.random.choice(kinds)
        out = [b"# " + b"above: the record " * 3] if self._often(self.shape.comments) else []
        for number, line in enumerate(lines):
            out.append(line)
            if (number or not self.shape.additions) and self._often(self.shape.comments):
                out.append(b"#comment: " + b"otherMailbox: ms$N/P/POSTMASTER " * self.random.randint(1, 4))
        return out

    def _shuffled(self, fields):
        """Put the attributes in another order, and tear their values apart; each keeps the order of its values."""
        slots = [name for name, _ in fields]
        self.random.shuffle(slots)
        queues = {}
        for name, value in fields:
            queues.setdefault(name, []).append(value)
        return [(name, queues[name].pop(0)) for name in slots]

    def _spelt(self, name):
        base, *options = name.split(";")
        kinds = (str, str, str.lower, str.upper, str.title) if self.shape.odd else (str,)
        return ";".join([self.random.choice(kinds)(base), *options]).encode()

    def _line(self, name, value, encoded):
        blanks = self.random.choice([b" ", b" ", b"", b"   "]) if self.shape.odd else b" "
        must = value[:1] in {b" ", b":", b"<"} or value[-1:] == b" " or any(byte in value for byte in b"\0\r\n")
        if must or self._often(encoded):
            return self._spelt(name) + b"::" + blanks + base64.b64encode(value)
        return self._spelt(name) + b":" + blanks + value

    def _folded(self, line):
        """Fold a line at a column; in UTF-8 that may be inside of a character."""
        width = self.shape.width
        if not width or len(line) <= width:
            return [line]
        if CODINGS[self.shape.coding][0] != "utf-8":
            text = line.decode()
            return [part.encode() for part in self._cut(text, " ", width)]
        return self._cut(line, b" ", width)

    def _cut(self, line, blank, width):
        step = max(1, width - 1)
        return [line[:width], *(blank + line[at : at + step] for at in range(width, len(line), step))]

    def _often(self, share):
        return self.random.random() < share
