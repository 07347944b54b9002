"""Inventories: lists of postoffices that people keep or tools write; each format is a function from its text to an estate.

To add a format, write one file and one line in ``READERS``, or in ``OF_ONE`` if it tells of one postoffice.
"""

from collections.abc import Callable, Mapping

from remedy.addresses import PostofficeName
from remedy.estate import Estate
from remedy.inventories.csv_rows import read_csv
from remedy.inventories.json_rows import read_json
from remedy.inventories.native import COLUMNS, dump_csv
from remedy.inventories.toml_rows import read_toml

__all__ = ["COLUMNS", "OF_ONE", "READERS", "Reader", "ReaderOfOne", "dump_csv"]

Reader = Callable[[str, str], Estate]
"""``(text, source_name)`` to what the inventory tells: listings, the faults of its rows, the oddities of its columns.

A reader raises ``InputError`` only for what makes the whole text unreadable.
"""

ReaderOfOne = Callable[[str, str, PostofficeName | None], Estate]
"""``(text, source_name, postoffice)``: the same for a text of one postoffice, which the user may have named."""

READERS: Mapping[str, Reader] = {
    "csv": read_csv,
    "json": read_json,
    "toml": read_toml,
}
"""Each format by the word that ``--as`` takes."""

OF_ONE: Mapping[str, ReaderOfOne] = {}
"""Each format that tells of one postoffice, by the word that ``--as`` takes."""
