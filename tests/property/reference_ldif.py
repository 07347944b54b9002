"""A slow and obvious reader of LDIF for tests: written from RFC 2849 and the contract, sharing no line with remedy.ldif.

It walks bytes one by one, and it borrows from remedy only what has tests of its own: names, entries, conditions.
"""

from dataclasses import dataclass, field

from remedy.dn import DN
from remedy.entry import Attribute, Entry
from remedy.query import matches

LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = b"0123456789"
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@dataclass
class Record:
    """What the good lines of one record say, and where the others stand."""

    dn: str | None = None
    where: int = 0
    values: list[tuple[str, bytes]] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)

    @property
    def entry(self):
        """Give the good lines as an entry."""
        merged = {}
        for name, value in self.values:
            merged.setdefault(name.lower(), (name, []))[1].append(value)
        attributes = tuple(Attribute(name, tuple(values)) for name, values in merged.values())
        return Entry(DN.parse(self.dn or ""), attributes, f"line {self.where}")


def records(data):
    """Give every record of UTF-8 or broken data."""
    found, block = [], []
    for number, line in physical_lines(data):
        if line == b"":
            found.append(block)
            block = []
        else:
            block.append((number, line))
    found.append(block)
    return [record for record in map(read_record, found) if record]


def physical_lines(data):
    """Give each line without its end."""
    lines, line, number = [], b"", 1
    for at in range(len(data)):
        byte = data[at : at + 1]
        if byte == b"\n":
            lines.append((number, line[:-1] if line[-1:] == b"\r" else line))
            line, number = b"", number + 1
        else:
            line += byte
    if line:
        lines.append((number, line))
    return lines


def read_record(block):
    """Read the lines between two empty ones; None if there is no record."""
    logical = []
    for number, line in block:
        if line[:1] == b" " and logical:
            logical[-1][1] += line[1:]
        else:
            logical.append([number, line])
    logical = [(number, line) for number, line in logical if line[:1] != b"#"]
    if all(line.strip() == b"" for _, line in logical):
        return None
    record = Record()
    number, line = logical[0]
    if line[:8].lower() == b"version:":
        del logical[0]
        if line[8:].strip(b" ") != b"1":
            record.faults.append(number)
        if not logical:
            return record if record.faults else None
    read_body(record, logical)
    return record


def read_body(record, logical):
    """Read what stands behind the version."""
    names = [name.lower() for _, name, _ in (read_line(line) for _, line in logical)]
    begin = next((position for position, name in enumerate(names) if name), None)  # the first line that has a name
    for position, (number, line) in enumerate(logical):
        fault, name, value = read_line(line)
        if (
            (position == begin and names[begin] != "dn" and begin == 0)
            or (name.lower() == "dn" and position != begin)
            or (name.lower() == "changetype" and (position != 1 or names[0] != "dn" or value.lower() != b"add"))
        ):
            fault = True
        elif name.lower() == "dn" and not fault:
            try:
                record.dn, record.where = value.decode(), number
                DN.parse(record.dn)
            except ValueError:
                record.dn, fault = None, True
        elif name.lower() != "changetype" and not fault:
            record.values.append((name, value))
        if fault:
            record.faults.append(number)


def read_line(line):
    """Give whether a logical line is faulty, its name, its value."""
    before, colon, after = line.partition(b":")
    if not colon or not is_name(before):
        return True, "", b""
    name = before.decode()
    if after[:1] == b"<":
        return True, name, b""
    if after[:1] == b":":
        value = from_base64(after[1:].lstrip(b" "))
        return value is None, name, value or b""
    value = after.lstrip(b" ")
    if b"\0" in value or b"\r" in value:
        return True, name, b""
    try:
        value.decode()
    except UnicodeDecodeError:
        return True, name, b""
    return False, name, value


def is_name(name):
    """Tell whether bytes are an attribute description."""
    base, *options = name.split(b";")
    if base[:1] and base[0] in LETTERS:
        good = all(byte in LETTERS + DIGITS + b"-_" for byte in base)
    else:
        arcs = base.split(b".")
        good = len(arcs) > 1 and all(arc and all(byte in DIGITS for byte in arc) for arc in arcs)
    return good and all(option and all(byte in LETTERS + DIGITS + b"-" for byte in option) for option in options)


def from_base64(text):
    """Decode base64 by hand; None if it is none."""
    digits = text.rstrip(b"=")
    padding = len(text) - len(digits)
    if any(byte not in BASE64 for byte in digits) or len(text) % 4 or padding > 2:
        return None
    bits = "".join(f"{BASE64.index(byte):06b}" for byte in digits)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))


def wanted(found, query):
    """Give the entries of flawless records that a query wants."""
    return [r.entry for r in found if not r.faults and matches(query.condition, r.entry)]


def fault_lines(found):
    """Give the lines with faults of some records."""
    return [line for record in found for line in sorted(record.faults)]
