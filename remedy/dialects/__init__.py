"""The kinds of directory: their names here, one file each, and the table of them, which is loaded when it is asked for."""

TYPE_CHECKING = False  # as in typing, which is not needed to start
if TYPE_CHECKING:
    from typing import Any

    from remedy.dialects.table import (
        DIALECTS,
        STAYS,
        Dialect,
        Skim,
        Wanted,
        by_name,
        by_root,
        detect,
        lift,
        query,
        shown,
        skim,
    )

__all__ = [
    "DIALECTS", "NAMES", "STAYS", "Dialect", "Skim", "Wanted", "by_name", "by_root", "detect", "lift", "query", "shown",
    "skim",
]  # fmt: skip

NAMES = ("exchange55", "active-directory")
"""Every dialect, in the order of the table."""


def __getattr__(name: str) -> "Any":
    """Load the table when something in it is asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from remedy.dialects import table

    globals()[name] = found = getattr(table, name)
    return found
