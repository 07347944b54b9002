"""Inventories as CSV (RFC 4180), separated by commas, semicolons or tabs, as spreadsheets write them."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

from remedy.errors import Fault, InputError
from remedy.estate import Estate
from remedy.inventories.cells import shown
from remedy.inventories.native import COLUMNS, REQUIRED, Row, gather, unknown, unprotect
from remedy.text import counted, fold, joined

__all__ = ["has_header", "read_csv"]

_SEPARATORS = ",;\t"
_ADVICE = f"Name the columns in the first row: {joined(COLUMNS)}; all but the first two may be left out."


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str], str]]:
    """Yield each record that is not blank: its first physical line, its cells, and what is wrong with its quotes."""
    lines = io.StringIO(text, newline="")  # CR, LF and CRLF each end a line, and stay as they are inside of quotes
    records = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
    while True:
        line = records.line_num + 1
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as fault:
            unclosed = "end of data" in str(fault)
            yield line, [], "the quote that opens in this row is never closed" if unclosed else f"it is no CSV: {fault}"
            continue
        if any(cell.strip() for cell in cells):
            yield line, _trimmed(cells), ""


def _trimmed(cells: Sequence[str]) -> list[str]:
    """Drop the empty cells at the end, which spreadsheets add."""
    last = max((at for at, cell in enumerate(cells) if cell), default=-1)
    return list(cells[: last + 1])


def _header(text: str) -> tuple[str, list[str]] | None:
    """Find the separator under which the first record names the required columns, and its columns."""
    for separator in _SEPARATORS:
        _, cells, _ = next(_records(text, separator), (1, [], ""))
        columns = [fold(cell.strip()) for cell in cells]
        if set(REQUIRED) <= set(columns):
            return separator, columns
    return None


def has_header(line: str) -> bool:
    """Tell whether a line is the header of an inventory."""
    return _header(line) is not None


def _checked(text: str, source: str) -> tuple[str, list[str]]:
    """Give separator and columns.

    Raises:
        InputError: a required column is missing, or one stands twice.
    """
    line, cells, fault = next(_records(text, _SEPARATORS[0]), (1, [], ""))
    found = _header(text)
    if not found:
        message = fault or f"the first row must name the columns {joined(REQUIRED)}; it is {shown(','.join(cells))}"
        raise InputError.of(source, message, _ADVICE, line=line)
    twice = [column for column in COLUMNS if found[1].count(column) > 1]
    if twice:
        message = f"the first row names {joined(twice)} more than once"
        raise InputError.of(source, message, "Leave one of each and read it again.", line=line)
    return found


def read_csv(text: str, source: str) -> Estate:
    """Read an inventory; an empty one tells nothing.

    Raises:
        InputError: the header is no inventory's.
    """
    if not text.strip():
        return Estate()
    separator, columns = _checked(text, source)
    (line, *_), *body = _records(text, separator)
    estate = gather(_rows(body, columns, source), source)
    return replace(estate, oddities=tuple(dict(unknown(columns, source, line)).values()))


def _rows(body: list[tuple[int, list[str], str]], columns: list[str], source: str) -> Iterator[Row | Fault]:
    """Give each record its columns; those that nobody knows were reported with the header."""
    for line, cells, fault in body:
        if fault:
            yield Fault(source, line, fault)
        elif len(cells) > len(columns):
            message = (
                f"this row has {counted(len(cells), 'cell')}, but the header names {counted(len(columns), 'column')}"
            )
            yield Fault(source, line, message)
        else:
            pairs = zip(columns, map(unprotect, cells), strict=False)  # cells left out at the end are blank
            yield Row(line, tuple(pair for pair in pairs if pair[0] in COLUMNS))
