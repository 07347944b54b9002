"""An export of the Exchange Administrator program, read as a directory; it cannot be changed.

Law: no row is passed over in silence, and what the table leaves out is said: cut values, addresses that were not exported.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count

from remedy.addresses import PostofficeName
from remedy.admincsv import Layout
from remedy.dialects.administrator import COLUMNS, CONTAINER, HIDDEN, NAME, Column, Pair, entry_of, generated, unseen
from remedy.dialects.exchange55 import EXCHANGE55
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import Fault, InputError
from remedy.query import Query
from remedy.stores.base import Notes
from remedy.stores.streams import LINE_LIMIT, lines_of
from remedy.stores.texts import called
from remedy.text import counted, fold, joined, printable

__all__ = ["ADVICE", "AdministratorStore", "begins"]

ADVICE = "Export again with admin.exe /e, and do not save the file from a spreadsheet program."
"""What to do about a table that is not as the program writes it (Q188649)."""

_CUT = 255  # event 156: a longer value is put into a file of its own
_SHOWN = 3
_ROUTING = EXCHANGE55.names.routing
_FIRST = "obj-class"
_IMPORT = "This is what goes into a directory: give an export of it instead (admin.exe /e)."
_NO_NAMES = (
    f"Export again with the columns {NAME} and {CONTAINER} in the first line of the file: without them nobody knows "
    "which object a row is."
)
_SEEN = (
    "Put HiddenObjects=Yes into the [Export] section of its options file (Q160971) and the column "
    f"{HIDDEN} into its first line, and export again."
)
_BEGINS = re.compile(r"[^\w\s-]?\s*obj-class\s*[^\w\s:-]?\s*(?:[^\w\s:-]|\t|$)", re.IGNORECASE)


def begins(line: str) -> bool:
    """Tell whether a first line is the header of such a table: ``Obj-Class`` is the first column (event 226)."""
    return _BEGINS.match(line.lstrip()) is not None


class AdministratorStore:
    """An export on disk, or on standard input (``-``); see `remedy.stores.base.Readable`."""

    def __init__(
        self,
        path: str,
        *,
        layout: Layout | None = None,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> None:
        self.name, self._path, self._used = called(path), path, False
        self._layout, self._progress = layout or Layout(), progress
        self._pass = _Pass(self.name, self._layout)

    def read(self, query: Query) -> Iterator[Entry]:
        """Yield the entries that the query wants, whole as far as the table shows them, then those that show Exchange's own.

        Raises:
            InputError: the file cannot be read or is no export; or, once all is read, what is wrong with its rows.
        """
        if self._used and self._path == "-":
            raise InputError.of(self.name, "it can be read only once", "Save it as a file, and give that file.")
        self._used = True
        self._pass = _Pass(self.name, self._layout)
        lines = lines_of(self._path, self._layout.encoding, self._progress)
        wanted = query.judge()
        with _long_cells():
            yield from filter(wanted, self._pass.entries(lines))
        yield from (entry for entry in self._pass.samples() if not wanted(entry))
        if self._pass.faults:
            raise InputError(self._pass.faults, ADVICE)

    def root(self) -> Entry | None:
        """Give nothing: it is no server."""
        return None

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def notes(self) -> Notes:
        """Say how many rows there are, and what they do not show."""
        seen = self._pass
        return Notes(
            entries=seen.count, truncated=seen.truncated(), dialect=EXCHANGE55.name, recipients=seen.recipients,
            unseen=seen.unseen(), to_see_hidden=_SEEN,
        )  # fmt: skip


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let a cell be as long as a line may be: the members of a list can be many."""
    before = csv.field_size_limit(LINE_LIMIT)
    try:
        yield
    finally:
        csv.field_size_limit(before)


class _Pass:
    """One reading of a file: what was counted, and what was noticed on the way."""

    def __init__(self, name: str, layout: Layout) -> None:
        self.name, self.layout = name, layout
        self.count = self.recipients = self.cuts = self.unrouted = 0
        self.faults: list[Fault] = []
        self.columns: tuple[str, ...] = ()
        self._end = ""
        self._cut: list[str] = []
        self._missing: dict[str, int] = {}
        self._made: dict[tuple[DN, PostofficeName], Entry] = {}
        self._times: Counter[tuple[DN, PostofficeName]] = Counter()

    def entries(self, lines: Iterator[str]) -> Iterator[Entry]:
        """Yield every row as an entry."""
        records = self._records(lines)
        line, header = next(records, (1, []))
        if self.faults:  # those of the header itself
            return
        self._headed(header, line)
        known = [(at, *COLUMNS[name]) for at, name in enumerate(self.columns) if name in COLUMNS]
        for line, cells in records:
            self.count += 1
            if len(cells) != len(header):
                short = "; a spreadsheet program leaves out empty ones at the end (Q188649)"
                text = f"this row has {counted(len(cells), 'field')}, and the header {len(header)}"
                self._fault(line, f"{text} (event 291){short if len(cells) < len(header) else ''}")
            elif entry := self._entry(cells, known, line):
                yield entry

    def samples(self) -> Iterator[Entry]:
        """Yield of each site a mailbox with the postoffice that most of them have: no table shows site addressing."""
        sites: dict[DN, Entry] = {}
        for own, _ in self._times.most_common():
            sites.setdefault(own[0], self._made[own])
        yield from sites.values()

    def truncated(self) -> str:
        """Say which values are not whole, and whether the end is missing."""
        more = f" and {self.cuts - _SHOWN:,} more" if self.cuts > _SHOWN else ""
        cut = f"It is incomplete (event 156): {'; '.join(self._cut)}{more}." if self._cut else ""
        of = counted(self.unrouted, "object")
        unrouted = f"It has no column {_ROUTING}, so the address spaces of {of} of the configuration are not seen."
        return " ".join(filter(None, (cut, unrouted if self.unrouted else "", self._end)))

    def unseen(self) -> str:
        """Say which addresses were not exported."""
        each = (f"{name} (for {counted(number, 'recipient')})" for name, number in self._missing.items())
        lacks = f"the column {next(each)}" if len(self._missing) == 1 else f"the columns {joined(each)}"
        return f"it has not {lacks}, so nobody knows who holds an address" if self._missing else ""

    def _fault(self, line: int, message: str) -> None:
        """Keep what is wrong with a row for the end."""
        self.faults.append(Fault(self.name, line, message))

    def _records(self, lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
        """Yield each record that is not blank, with its first line; keep what is wrong with its quotes."""
        skipped, first = next(((n, text) for n, text in zip(count(), lines) if text.strip()), (0, ""))
        layout = self.layout.headed(first)
        if not first or not begins(first) or layout is None:
            raise self._no_export(first, skipped + 1)
        self.layout = layout
        reader = csv.reader(
            self._whole(chain((first,), lines)), delimiter=layout.column, quotechar=layout.quote, strict=True
        )
        while True:
            line = skipped + reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as fault:
                unclosed = "end of data" in str(fault)
                what = "the quote that opens in this row is never closed" if unclosed else f"it is no CSV: {fault}"
                self._fault(line, what)
                continue
            if cells:
                yield line, cells

    def _whole(self, lines: Iterator[str]) -> Iterator[str]:
        """Pass lines on, and notice if the last one has no end."""
        text = "\n"
        for text in lines:
            yield text
        if not text.endswith("\n"):
            self._end = "The last line has no line end."

    def _no_export(self, first: str, line: int) -> InputError:
        """Say why a table cannot be read."""
        if not first:
            return InputError.of(self.name, "there is nothing in it", ADVICE)
        if not begins(first):
            what = f"its first column is not Obj-Class (event 226), but the line begins with {printable(first[:40].strip())!r}"
            return InputError.of(self.name, what, ADVICE, line=line)
        advice = "Say what separates them: --export-option ColumnSeparator=..., with the mark or its ASCII code."
        return InputError.of(self.name, "its columns are not separated by comma, semicolon or tab", advice, line=line)

    def _headed(self, header: Sequence[str], line: int) -> None:
        """Keep the names of the columns.

        Raises:
            InputError: nothing can be said by them, or they are those of an import.
        """
        self.columns = tuple(fold(name.strip()) for name in header)
        if "mode" in self.columns:
            raise InputError.of(self.name, "it is an import file: it has a column Mode", _IMPORT, line=line)
        twice = [name for folded, (name, _) in COLUMNS.items() if self.columns.count(folded) > 1]
        if twice:
            what = f"the first line names {joined(twice)} more than once"
            raise InputError.of(self.name, what, "Leave one of each, and export again.", line=line)
        named = {fold(NAME), "common-name"} & {*self.columns}
        missing = [*(() if named else (NAME,)), *(() if fold(CONTAINER) in self.columns else (CONTAINER,))]
        if missing:
            what = (
                f"the column{'s' * (len(missing) > 1)} {joined(missing)} {'are' if len(missing) > 1 else 'is'} missing"
            )
            raise InputError.of(self.name, what, _NO_NAMES, line=line)

    def _entry(self, cells: Sequence[str], known: Sequence[tuple[int, str, Column]], line: int) -> Entry | None:
        """Make an entry of a row; keep what is wrong with it for the end."""
        pairs: list[Pair] = []
        for at, name, column in known:
            if cell := cells[at].strip():
                values = self.layout.values(cell) if column.several else (self.layout.text(cells[at]),)
                self._watched(line, name, cells[at], values)
                pairs += map(column.pair, values)
        try:
            entry = entry_of(pairs, f"line {line}")
        except ValueError as fault:
            self._fault(line, str(fault))
            return None
        if own := generated(entry):
            self._made.setdefault(own, entry)
            self._times[own] += 1
        missing = unseen(self.columns, entry)
        self.recipients += missing is not None
        self.unrouted += missing is None and fold(_ROUTING) not in self.columns
        for name in missing or ():
            self._missing[name] = self._missing.get(name, 0) + 1
        return entry

    def _watched(self, line: int, name: str, cell: str, values: Sequence[str]) -> None:
        """Notice a value that is not whole.

        Raises:
            InputError: it is what only an import file says (Q152854, Q184536).
        """
        for value in values:
            if value[:4].lower() == "~del":
                what = f"it is an import file: {name} says {printable(value[:40])}"
                raise InputError.of(self.name, what, _IMPORT, line=line)
        outside = next((value for value in values if value.startswith("=")), "")
        if not outside and len(cell) != _CUT and all(len(value) < _CUT for value in values):
            return
        self.cuts += 1
        if len(self._cut) < _SHOWN:
            stands = f"is in the file {printable(outside[1:41])}" if outside else f"may be cut at {_CUT} characters"
            self._cut.append(f"{name} of line {line} {stands}")
