"""A reader of change files as ldifde is documented (facts §6.2), which shares no line with the product.

It stops at the first record that fails, as ldifde does without ``-k``.
"""

import base64
import re

from remedy.dn import DN
from remedy.text import fold

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(;[A-Za-z0-9-]+)*")


class RecordError(Exception):
    """A record failed; the rest was not tried."""


def carried_out(data: bytes, directory):
    """Carry a file out on a directory: names in normal form, folded attributes, values."""
    directory = {dn: {name: list(values) for name, values in held.items()} for dn, held in directory.items()}
    for record in records(data):
        carry(record, directory)
    return {dn: {name: frozenset(values) for name, values in held.items()} for dn, held in directory.items()}


def records(data: bytes):
    """Give each record as pairs of name and value; a line with a minus alone has no name."""
    text = data.decode("ascii")
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", ""), "a line that ends as on Unix"
    assert "\r" not in text.replace("\r\n", "")
    for block in text.split("\r\n\r\n"):
        lines = [line for line in block.split("\r\n") if line and not line.startswith("#")]
        if lines:
            yield [pair(line) for line in lines]


def pair(line: str):
    """Read one line."""
    assert not line.startswith(" "), "a wrapped line"
    if line == "-":
        return "", b""
    name, colon, value = line.partition(":")
    assert colon, line
    assert NAME.fullmatch(name), line
    if value.startswith(":"):
        return fold(name), base64.b64decode(value[1:].strip(), validate=True)
    assert not value.startswith("<"), "the value is the name of a file"
    assert value.startswith(" "), f"an empty value is rejected (Q271886): {line}"
    return fold(name), value[1:].encode()


def carry(record, directory):
    """Carry one record out, all of it or nothing."""
    (first, dn), (second, kind), *rest = record
    assert (first, second) == ("dn", "changetype")
    key = DN.parse(dn.decode()).normal
    if kind == b"add":
        if key in directory:
            raise RecordError(f"{key} is there")
        held = {}
        for name, value in rest:
            held.setdefault(name, []).append(value)
        directory[key] = held
        return
    assert kind == b"modify"
    if key not in directory:
        raise RecordError(f"{key} is not there")
    held = {name: list(values) for name, values in directory[key].items()}
    assert rest[-1] == ("", b""), "the last part must end in a line with a minus (Q271886)"
    while rest:
        end = rest.index(("", b""))
        part(rest[:end], held)
        rest = rest[end + 1 :]
    directory[key] = {name: values for name, values in held.items() if values}


def part(lines, held):
    """Carry one part of a modification out."""
    (op, about), *values = lines
    assert op in {"add", "delete"}, f"{op} would take values away that others added"
    assert values
    mine = held.setdefault(fold(about.decode()), [])
    for name, value in values:
        assert name == fold(about.decode())
        if op == "delete":
            if value not in mine:
                raise RecordError(f"no such value: {value!r}")
            mine.remove(value)
        else:
            if value.lower() in {one.lower() for one in mine}:
                raise RecordError(f"attribute or value exists (20): {value!r}")
            mine.append(value)
