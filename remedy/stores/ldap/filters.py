"""Conditions as search filters (RFC 4515): what a server is asked; what it gives is judged here again."""

from collections.abc import Iterator

from remedy.query import AllOf, AnyOf, Condition, Contains, Equal, Initial, Named, Present, Query
from remedy.quoting import ldap_filter

__all__ = ["EVERYTHING", "filters"]

EVERYTHING = "(objectClass=*)"
_MOST = 100
"""Terms of one filter; what is more is asked in a further search."""


def filters(query: Query) -> Iterator[str]:
    """Give the filters that together find at least what a query wants, entries that are wanted by name apart."""
    if query.sweep:
        yield EVERYTHING
        return
    parts = query.condition.conditions if isinstance(query.condition, AnyOf) else (query.condition,)
    terms = [_text(part) for part in parts if not isinstance(part, Named)]
    for start in range(0, len(terms), _MOST):
        some = terms[start : start + _MOST]
        yield some[0] if len(some) == 1 else f"(|{''.join(some)})"


def _text(condition: Condition) -> str:
    """Write one condition."""
    match condition:
        case AnyOf(conditions):
            return f"(|{''.join(map(_text, conditions))})"
        case AllOf(conditions):
            return f"(&{''.join(map(_text, conditions))})"
        case Named():
            return EVERYTHING  # a filter cannot ask for a name
        case _:
            return f"({condition.attribute}={_pattern(condition)})"


def _pattern(leaf: Present | Equal | Initial | Contains) -> str:
    """Write what a value must look like."""
    value = "" if isinstance(leaf, Present) else ldap_filter(leaf.value)
    match leaf:
        case Equal() if value:
            return value
        case Contains(initial=initial) if value and initial:
            return f"{ldap_filter(initial)}*{value}*"
        case Contains() if value:
            return f"*{value}*"
        case _:
            return f"{value}*"
