"""A reader of import files as the Administrator of Exchange 5.5 is documented (facts §5), sharing no line with the product.

Where its documents are silent it takes nothing: a double quote inside of a field, blanks round it, an unknown column.
"""

import re

from remedy.dn import DN, Ava

COLUMNS = {
    "Alias Name": "uid", "Last name": "sn", "Display Name": "cn", "Admin-Description": "admin-description",
    "Delivery-Mechanism": "mailpreferenceoption",
}  # fmt: skip
DEFAULTS = {"objectclass": b"organizationalPerson", "mapi-recipient": b"TRUE", "mdb-use-defaults": b"TRUE"}
"""What the program gives to a mailbox that it creates."""


class RowError(ValueError):
    """The program writes the row to the .err file; the message begins with the number of the event."""


def fields(line: str):
    """Part a line at its commas; a field in double quotes may hold some (Q190706)."""
    found, at = [], 0
    while True:
        quoted = re.compile(r'"([^"]*)"(?=,|$)').match(line, at)
        plain = quoted or re.compile(r'([^",]*)(?=,|$)').match(line, at)
        if not plain:
            raise RowError(f"no rule says how to read {line[at:]!r}")
        found.append(plain[1])
        at = plain.end() + 1
        if at > len(line):
            return found


def parted(text: str):
    r"""Part a field of many values at each per cent sign, with ``\%``, ``\\``, ``\r`` and ``\n`` (Q156063, Q165394)."""
    values = [""]
    for escaped, mark, other in re.findall(r"\\(.)|(%)|([^\\%])", text, re.DOTALL):
        if mark:
            values.append("")
        elif escaped:
            values[-1] += {"r": "\r", "n": "\n", "%": "%", "\\": "\\"}[escaped]
        else:
            values[-1] += other
    if any(value[:1] in {"", "=", "~"} for value in values):
        raise RowError("295 a file is named, or a deletion stands beside other values (268)")
    return values


def rows(data: bytes):
    """Give each row by its columns."""
    text = data.decode("cp1252")
    assert text.endswith("\r\n")
    lines = text[:-2].split("\r\n")
    assert not any(mark in line for line in lines for mark in "\r\n\0\t\x1b\x07")
    head, *rest = map(fields, lines)
    assert head[:2] == ["Obj-Class", "Mode"], "226, 222"
    assert "Directory Name" in head, "219, 225"
    assert set(head) <= {
        "Obj-Class",
        "Mode",
        "Directory Name",
        "Obj-Container",
        "Home-Server",
        "Secondary-Proxy-Addresses",
        *COLUMNS,
    }
    for row in rest:
        if len(row) != len(head):
            raise RowError("291 another number of fields")
        if not row[-1]:
            raise RowError("the last column is empty (Q188649)")
        if any(cell[:1] in {"=", "+", "-", "@", "\t"} for cell in row):
            raise RowError("295 a file is named, or a spreadsheet would reckon")
        yield dict(zip(head, row, strict=True))


def imported(data: bytes, directory, options: str):
    """Carry a file out on a directory: names in normal form, folded attributes, values."""
    assert options.startswith("[Import]\r\n"), "without its section the options are passed over (Q268485)"
    given = dict(line.split("=", 1) for line in options.split("\r\n")[1:] if line)
    assert given["OverwriteProperties"] == "No"
    assert given["CreateNTAccounts"] == "No"
    assert given["RawMode"] == "No"
    directory = {dn: {name: list(values) for name, values in held.items()} for dn, held in directory.items()}
    for row in rows(data):
        carry(row, directory)
    return {dn: {name: frozenset(v) for name, v in held.items() if v} for dn, held in directory.items()}


def carry(row, directory):
    """Carry one row out."""
    place = slashed(row["Obj-Container"])
    key = place.child("cn", row["Directory Name"]).normal
    assert row["Obj-Class"] in {"Mailbox", "DL"}
    if row["Mode"] == "Create":
        if key in directory:
            raise RowError("it is there already")
        directory[key] = created(row, place, directory)
    elif key not in directory:
        raise RowError("there is no such object")
    held = directory[key]
    cell = row["Secondary-Proxy-Addresses"]
    if cell.startswith("~del<"):
        assert row["Mode"] == "Modify", "241"
        assert re.fullmatch(r"~del<[^<>%\\]+>", cell), "one value, and nothing beside it (Q184536)"
        taken = stored(cell[5:-1])
        if taken not in held.get("othermailbox", ()):
            raise RowError("there is no such value")
        held["othermailbox"].remove(taken)
        return
    for value in map(stored, parted(cell)):
        append(value, key, directory)


def stored(text: str) -> bytes:
    """Give a secondary address as LDAP shows it: its type in lower case (Q153028)."""
    kind, colon, body = text.partition(":")
    assert colon, text
    assert kind == kind.upper(), text
    assert len(kind) <= 8, "232"
    return f"{kind.lower()}${body}".encode()


def append(value: bytes, key, directory):
    """Append an address; that of somebody else is refused, one in another case is replaced (SDK:directry_2hdf)."""
    for dn, held in directory.items():
        like = [one for one in held.get("othermailbox", ()) if one.decode().casefold() == value.decode().casefold()]
        if like and dn != key:
            raise RowError(f"238 held by {dn}")
        for one in like:
            held["othermailbox"].remove(one)
    directory[key].setdefault("othermailbox", []).append(value)


def slashed(text: str) -> DN:
    """Read the slash form of a name, which knows no escapes."""
    assert text.startswith("/")
    pairs = [part.split("=", 1) for part in text[1:].split("/")]
    return DN(tuple((Ava(kind, value),) for kind, value in reversed(pairs)))


def created(row, place: DN, directory):
    """Make a mailbox, with an address of each type by the rules of the site (Q146128)."""
    if not row["Home-Server"]:
        raise RowError("292 Home-Server is missing")
    site = DN(place.rdns[-2:])
    server = site.child("cn", "Configuration").child("cn", "Servers").child("cn", row["Home-Server"])
    held = {name: [value] for name, value in DEFAULTS.items()}
    held |= {COLUMNS[name]: [cell.encode()] for name, cell in row.items() if name in COLUMNS and cell}
    held["home-mdb"] = [str(server.child("cn", "Microsoft Private MDB")).encode()]
    held["home-mta"] = [str(server.child("cn", "Microsoft MTA")).encode()]
    alias = row["Alias Name"]
    for template in directory[site.child("cn", "Configuration").child("cn", "Site-Addressing").normal]["gateway-proxy"]:
        kind, _, body = template.decode().partition(":")
        match kind:
            case "MS":
                held.setdefault("othermailbox", []).append(f"MS${body}/{alias.upper()}".encode())
            case "SMTP":
                held["mail"] = [f"{alias.lower()}{body}".encode()]
            case "X400":
                held["textencodedoraddress"] = [f"{body}s={alias};".encode()]
    return held
