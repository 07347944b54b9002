"""The strategies: from a survey and the user's options to intents and steps by hand."""

from collections.abc import Mapping
from types import MappingProxyType

from remedy.strategies import combined, exchange, postoffice
from remedy.strategies.base import Strategy

__all__ = ["STRATEGIES"]

STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {
        "exchange": exchange.decide,
        "postoffice": postoffice.decide,
        "both": combined.decide_both,
        "mixed": combined.decide_mixed,
    }
)
