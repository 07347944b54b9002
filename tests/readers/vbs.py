"""A reader of the expressions that quoting.vbscript writes, and of the calls in front of a script's machinery.

It knows string literals, ``ChrW`` and ``&``, and the names of a few procedures; everything else is an error.
"""

import re

from tests.readers.carried_out import Call

_ATOM = re.compile(r'"((?:[ !#-~]|"")*)"|ChrW\((-?\d{1,5})\)')
_CALL = re.compile(r"([A-Z][A-Za-z]*) (.*)")
_TEXTS = {"Entry": "name", "Reason": "reason", "Leaf": "leaf", "Parent": "parent", "ByHand": "by_hand"}


def evaluated(expression: str) -> bytes:
    """Give the UTF-16 units of the text that an expression is."""
    units, place = evaluated_from(expression, 0)
    assert place == len(expression), expression[place:]
    return units


def evaluated_from(line: str, place: int) -> tuple[bytes, int]:
    """Read one expression; give its units and the place behind it."""
    units = b""
    while True:
        atom = _ATOM.match(line, place)
        assert atom, line[place:]
        if atom[2] is None:
            units += atom[1].replace('""', '"').encode("utf-16-le")
        else:
            number = int(atom[2])
            assert -0x8000 <= number < 0x8000, "an Integer of VBScript has 16 bits with a sign"
            units += (number & 0xFFFF).to_bytes(2, "little")
        place = atom.end()
        if not line.startswith(" & ", place):
            return units, place
        place += 3


def calls(script: bytes) -> list[Call]:
    """Give the calls that stand between Start and Finish."""
    assert script.decode("ascii").replace("\r\n", "").isprintable()
    lines = script.decode("ascii").split("\r\n")
    found: list[Call] = []
    last: list = []
    for line in lines[lines.index("Start") + 1 : lines.index("Finish")]:
        if line and not line.startswith("'"):
            last = _read(line, found, last)
    for call in found:
        call.name, call.leaf, call.parent = map(_plain_name, (call.name, call.leaf, call.parent))
    return found


def _read(line, found, last):
    """Read one line; give where the text that it begins lies."""
    word = _CALL.fullmatch(line)
    assert word, line
    arguments, place = [], word.start(2)
    while place <= len(line):
        units, place = evaluated_from(line, place)
        arguments.append(units.decode("utf-16-le"))
        assert place == len(line) or line.startswith(", ", place)
        place += 2
    if word[1] == "Entry":
        found.append(Call())
        _, *arguments = arguments
    call = found[-1]
    if word[1] in {"Add", "Remove"}:
        unit, attribute, text = arguments
        call.values.append([unit, {"Add": "add", "Remove": "delete"}[word[1]], attribute, text])
        return [call.values[-1], 3]
    (text,) = arguments
    if word[1] == "More":
        place, key = last
        if isinstance(place, list):
            place[key] += text
        else:
            setattr(place, key, getattr(place, key) + text)
        return last
    key = "kind" if word[1] == "Fresh" else _TEXTS[word[1]]
    assert not getattr(call, key)
    setattr(call, key, text)
    return [call, key]


def _plain_name(path: str) -> str:
    """Give the name that a path of ADSI has: every slash in it has a backslash in front."""
    assert not re.search(r"(?<!\\)(?:\\\\)*/", path)
    return re.sub(r"\\(.)", lambda found: found[1] if found[1] == "/" else found[0], path)
