"""What a source can be, by its name and in the words of the command line."""

import re
from enum import StrEnum

__all__ = ["SourceKind", "is_url"]

_URL = re.compile(r"ldap[si]?://", re.IGNORECASE)


class SourceKind(StrEnum):
    """What a source can be (contract, SOURCE and TARGET), in the words of ``--as``."""

    LDAP = "ldap"
    LDIF = "ldif"
    CSV = "csv"
    JSON = "json"
    TOML = "toml"
    EXCHANGE_CSV = "exchange-csv"
    GWART = "gwart"
    IMPORT_EXTRACT = "import-extract"
    LISTDS = "listds"
    REG = "reg"
    ADDR_MAP = "addr-map"
    LISTUSER = "listuser"
    POSTOFFICE_FOLDER = "postoffice-folder"


def is_url(name: str) -> bool:
    """Tell whether a name is that of a server."""
    return _URL.match(name) is not None
