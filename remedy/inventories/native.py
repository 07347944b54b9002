"""The rows of an inventory (contract, SOURCE and TARGET): raw values in, listings and faults out, and back as CSV."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from remedy.addresses import PostofficeName
from remedy.errors import Fault
from remedy.estate import Estate, Listing
from remedy.inventories import cells
from remedy.text import fold, joined

__all__ = ["COLUMNS", "REQUIRED", "Row", "dump_csv", "gather", "lines_of", "stray", "unknown", "unprotect"]

_READ: Mapping[str, Callable[[str, object], object]] = {
    "network": cells.read_part,
    "postoffice": cells.read_part,
    "kind": cells.read_kind,
    "postmaster": cells.read_truth,
    "pending": cells.read_number,
    "users": cells.read_number,
    "strategy": cells.read_strategy,
    "version": cells.read_text,
    "path": cells.read_text,
    "note": cells.read_text,
}

COLUMNS = tuple(_READ)
"""The columns of the contract, in its order."""

REQUIRED = COLUMNS[:2]
"""The columns without which a table is no inventory."""

# A spreadsheet takes such a cell for a formula; an apostrophe in front makes it text, and one more marks our own.
_RISKY = re.compile(r"'*(?:[\t\r\n]|\s*[=+@-])")
_QUOTED = re.compile(r"[\",;'\t\r\n]|^\s|\s$")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a file has it."""

    line: int | None
    """The physical line on which it begins, counted from 1."""
    cells: tuple[tuple[str, object], ...]
    """Each column as it is written, with its raw value."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in the form in which they are compared: trimmed, without case."""
        return _folded(tuple(column for column, _ in self.cells))


@lru_cache(maxsize=64)
def _folded(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Fold the names of columns; most rows have those of the row before."""
    return tuple(fold(column.strip()) for column in columns)


def lines_of(text: str) -> Callable[[int], int]:
    """Give the function that tells on which line an offset of the text lies."""
    ends = [found.start() for found in re.finditer("\n", text)]
    return lambda offset: bisect_left(ends, offset) + 1


def unknown(columns: Iterable[str], source: str, line: int | None) -> Iterator[tuple[str, Fault]]:
    """Yield each column that the contract does not have, with the oddity it is."""
    for column in columns:
        if column not in _READ:
            text = f"remedy does not know the column {cells.shown(column)}; it knows {joined(COLUMNS)}"
            yield column, Fault(source, line, text)


def stray(key: str, source: str, line: int | None, rows: str) -> Fault:
    """Give the oddity of something that stands beside the rows: it may be a postoffice under a misspelt name."""
    return Fault(
        source, line, f"remedy does not know {cells.shown(key)} and did not read it; rows stand under {rows!r}"
    )


def _meaning(row: Row) -> tuple[dict[str, Any], list[str]]:
    """Read every column of a row: what each means, and everything that is wrong."""
    columns = row.columns
    faults = []
    if len(set(columns)) < len(columns):
        twice = dict.fromkeys(column for column in columns if columns.count(column) > 1)
        faults += [f"the column {cells.shown(column)} stands twice in this row" for column in twice]
    raw = dict(zip(columns, (raw for _, raw in row.cells), strict=True))
    means: dict[str, Any] = {}
    for column, read in _READ.items():
        try:
            means[column] = read(column, raw.get(column))
        except ValueError as fault:
            faults.append(str(fault))
    return means, faults


def _listing(row: Row, means: dict[str, Any], source: str) -> Listing:
    """Make the listing of a row that has no fault."""
    name = PostofficeName(means.pop("network"), means.pop("postoffice"))
    return Listing(name=name, source=source, where="" if row.line is None else f"line {row.line}", **means)


def gather(rows: Iterable[Row | Fault], source: str) -> Estate:
    """Give the estate that the rows tell: a listing of each, or all its faults, and each unknown column once."""
    listings: list[Listing] = []
    faults: list[Fault] = []
    oddities: dict[str, Fault] = {}
    for row in rows:
        if isinstance(row, Fault):
            faults.append(row)
            continue
        for column, oddity in unknown(row.columns, source, row.line):
            oddities.setdefault(column, oddity)
        means, wrong = _meaning(row)
        faults += [Fault(source, row.line, message) for message in wrong]
        listings += [] if wrong else [_listing(row, means, source)]
    return Estate(listings=tuple(listings), faults=tuple(faults), oddities=tuple(oddities.values()))


def unprotect(cell: str) -> str:
    """Take off the apostrophe that ``dump_csv`` put before what a spreadsheet would calculate."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell


def _cell(value: object) -> str:
    """Write one value as a cell (RFC 4180 §2), so that no spreadsheet calculates it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
    text = str(value)
    text = f"'{text}" if _RISKY.match(text) else text
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def dump_csv(rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows, each a mapping of column to value, as the CSV that ``READERS["csv"]`` reads back to the same values.

    A column that a row does not have is blank.
    """
    lines = (",".join(_cell(row.get(column)) for column in COLUMNS) for row in rows)
    return "".join(f"{line}\n" for line in (",".join(COLUMNS), *lines))
