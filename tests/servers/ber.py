"""As much BER as LDAP messages are made of: reading one, building one (RFC 4511)."""

from dataclasses import dataclass
from functools import cached_property

KINDS = {
    0: "bindRequest", 1: "bindResponse", 2: "unbindRequest", 3: "searchRequest", 4: "searchResEntry",
    5: "searchResDone", 6: "modifyRequest", 7: "modifyResponse", 8: "addRequest", 9: "addResponse", 10: "delRequest",
    11: "delResponse", 12: "modDNRequest", 13: "modDNResponse", 14: "compareRequest", 15: "compareResponse",
    16: "abandonRequest", 19: "searchResRef", 23: "extendedReq", 24: "extendedResp", 25: "intermediateResponse",
}  # fmt: skip
"""The operations by the number of their tag."""
TAGS = {
    name: (0x40 if name in {"unbindRequest", "delRequest", "abandonRequest"} else 0x60) | n for n, name in KINDS.items()
}
REQUESTS = {"modifyRequest", "addRequest", "delRequest", "modDNRequest"}
PASSWORD_MODIFY = "1.3.6.1.4.1.4203.1.11.1"
CONTROLS = 0xA0


def length(data):
    """Give the bytes that the first element of ``data`` takes, or None if its head is not there yet."""
    if len(data) < 2:
        return None
    if data[1] < 0x80:
        return 2 + data[1]
    head = 2 + (data[1] & 0x7F)
    return head + int.from_bytes(data[2:head], "big") if len(data) >= head else None


def elements(data):
    """Give the tag and content of each element in ``data``."""
    found, position = [], 0
    while position < len(data):
        size = length(data[position : position + 10])
        head = 2 + (data[position + 1] & 0x7F if data[position + 1] & 0x80 else 0)
        found.append((data[position], data[position + head : position + size]))
        position += size
    return found


def element(tag, *parts):
    """Build one element."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def octets(value, tag=4):
    """Build an octet string."""
    return element(tag, value.encode() if isinstance(value, str) else value)


def number(value, tag=2):
    """Build an integer or, with tag 10, an enumeration."""
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def message(identity, kind, *parts, controls=b""):
    """Build a message; ``controls`` are built already, one behind the other."""
    return element(
        0x30, number(identity), element(TAGS[kind], *parts), element(CONTROLS, controls) if controls else b""
    )


def control(oid, value=None, *, critical=False):
    """Build a control."""
    return element(0x30, octets(oid), element(1, b"\xff") if critical else b"", b"" if value is None else octets(value))


@dataclass(frozen=True, eq=False)
class Message:
    """One message that went through the proxy."""

    connection: int
    """Which connection, counted from 1."""
    to_server: bool
    raw: bytes

    @cached_property
    def parts(self):
        """The identity, the operation and perhaps the controls, each as tag and content."""
        return elements(elements(self.raw)[0][1])

    @property
    def id(self):
        return int.from_bytes(self.parts[0][1], "big")

    @property
    def kind(self):
        """What it is: a key of `TAGS`."""
        return KINDS[self.parts[1][0] & 0x1F]

    @property
    def body(self):
        """The elements of the operation."""
        return elements(self.parts[1][1])

    @property
    def controls(self):
        """The value of each control by its OID; None if it has none."""
        found = {}
        for _, content in elements(self.parts[2][1]) if len(self.parts) > 2 else ():
            oid, *rest = elements(content)
            found[oid[1].decode()] = next((value for tag, value in rest if tag == 4), None)
        return found

    @property
    def raw_controls(self):
        """The controls as they came, to go into another message."""
        return self.parts[2][1] if len(self.parts) > 2 else b""

    @property
    def code(self):
        """The result code of a response that has one."""
        return int.from_bytes(self.body[0][1], "big")

    @property
    def dn(self):
        """The entry that a request or a searchResEntry is about; of a bind the name that binds."""
        if self.kind == "delRequest":
            return self.parts[1][1].decode()
        return self.body[1 if self.kind == "bindRequest" else 0][1].decode()

    @property
    def oid(self):
        """What an extended request asks for."""
        return self.body[0][1].decode()

    @property
    def attributes(self):
        """The names and values of a searchResEntry."""
        found = {}
        for _, content in elements(self.body[1][1]):
            (_, name), (_, values) = elements(content)
            found[name.decode()] = [value for _, value in elements(values)]
        return found

    @property
    def asked(self):
        """The attributes that a searchRequest asks for."""
        return [name.decode() for _, name in elements(self.body[7][1])]

    @property
    def writes(self):
        """Whether it is a request that changes the directory."""
        return self.kind in REQUESTS or (self.kind == "extendedReq" and self.oid == PASSWORD_MODIFY)

    def __repr__(self):
        return f"<{self.kind} {self.id} {'to server' if self.to_server else 'to client'} on {self.connection}>"
