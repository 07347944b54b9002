"""A directory that does what the calls of a script say: strict where a server is, and no code of the product's."""

from dataclasses import dataclass, field

from remedy.dn import DN
from remedy.text import fold


@dataclass
class Call:
    """What a script says of one entry."""

    name: str = ""
    kind: str = ""
    leaf: str = ""
    parent: str = ""
    reason: str = ""
    by_hand: str = ""
    values: list[list[str]] = field(default_factory=list)
    """Unit, ``add`` or ``delete``, attribute, text."""


def carried_out(calls, before):
    """Carry calls out on a directory as ``state`` of the harness gives it."""
    after = {name: {attribute: set(values) for attribute, values in entry.items()} for name, entry in before.items()}
    for call in calls:
        name = DN.parse(call.name).normal
        if call.kind:
            assert name not in after
            assert DN.parse(call.parent).normal in after
            assert DN.parse(f"{call.leaf},{call.parent}").normal == name
            after[name] = {"objectclass": {call.kind.encode()}}
        entry = after[name]
        for _, op, attribute, text in call.values:
            held = entry.setdefault(fold(attribute), set())
            if op == "add":
                assert fold(text) not in {fold(value.decode()) for value in held}
                held.add(text.encode())
            else:
                held.remove(text.encode())
    return {
        name: {attribute: frozenset(values) for attribute, values in entry.items() if values}
        for name, entry in after.items()
    }
