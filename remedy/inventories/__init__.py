"""Inventories: lists of postoffices that people keep; each format is a function from its text to an estate.

To add a format, write one file and one line in ``READERS``.
"""

from collections.abc import Callable, Mapping

from remedy.estate import Estate
from remedy.inventories.csv_rows import read_csv
from remedy.inventories.json_rows import read_json
from remedy.inventories.native import COLUMNS, dump_csv
from remedy.inventories.toml_rows import read_toml

__all__ = ["COLUMNS", "READERS", "Reader", "dump_csv"]

Reader = Callable[[str, str], Estate]
"""``(text, source_name)`` to what the inventory tells: listings, the faults of its rows, the oddities of its columns.

A reader raises ``InputError`` only for what makes the whole text unreadable.
"""

READERS: Mapping[str, Reader] = {
    "csv": read_csv,
    "json": read_json,
    "toml": read_toml,
}
"""Each format by the word that ``--as`` takes."""
