"""Inventories: lists of postoffices that people keep or tools write; each format is a function from its text to an estate.

To add a format, write one file and one line in ``READERS``, or in ``OF_ONE`` if it tells of one postoffice.
"""

from collections.abc import Callable, Mapping

from remedy.addresses import PostofficeName
from remedy.estate import Estate
from remedy.inventories.addr_map import read_addr_map
from remedy.inventories.csv_rows import read_csv
from remedy.inventories.gwart import read_gwart
from remedy.inventories.import_extract import read_import_extract
from remedy.inventories.json_rows import read_json
from remedy.inventories.listds import read_listds
from remedy.inventories.listuser import read_listuser
from remedy.inventories.native import COLUMNS, dump_csv
from remedy.inventories.registry import read_registry
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
    "gwart": read_gwart,
    "reg": read_registry,
    "addr-map": read_addr_map,
}
"""Each format by the word that ``--as`` takes."""

OF_ONE: Mapping[str, ReaderOfOne] = {
    "import-extract": read_import_extract,
    "listds": read_listds,
    "listuser": read_listuser,
}
"""Each format that tells of one postoffice, by the word that ``--as`` takes."""
