"""The connector's own postoffice of an Exchange server, told by its place (Q168857, Q171259, Q201120)."""

import re

__all__ = ["is_shadow"]

_FOLDER = r"(?:.*[\\/])?connect[\\/]msmcon[\\/]maildata"
_SHARE = r"(?:[\\/]{2}[^\\/]+[\\/]|(?![\\/]{2})(?:.*[\\/])?)maildat\$"
"""Behind the name of its server, or mounted anywhere."""

_PLACE = re.compile(rf"(?:{_FOLDER}|{_SHARE})[\\/]*", re.IGNORECASE | re.DOTALL)


def is_shadow(path: str) -> bool:
    """Tell whether a folder is by its place the connector's own postoffice, a shadow of those that Exchange knows."""
    return _PLACE.fullmatch(path) is not None
