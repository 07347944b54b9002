"""Logs of events as Windows writes them: .evt, a ring of records, and .evtx, chunks of records in binary XML."""

import struct
import zlib
from dataclasses import dataclass

EVT_HEADER, EVT_END = 0x30, 0x28
SIGNATURE = 0x654C664C
CHUNK = 65_536


@dataclass(frozen=True)
class Logged:
    """One event, as a program reports it."""

    number: int
    strings: tuple[str, ...]
    source: str = "MSExchangeMSMI"
    computer: str = "TRADE"
    when: int = 864_305_753  # 22 May 1997, 12:55:53 in Greenwich
    category: int = 2


def _utf16(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le")


def evt_record(place: int, event: Logged) -> bytes:
    """Write an EVENTLOGRECORD (MS-EVEN 2.2.3)."""
    body = _utf16(event.source) + _utf16(event.computer)
    strings = 56 + len(body)
    body += b"".join(_utf16(text) for text in event.strings)
    data = 56 + len(body)
    body += b"\0" * (-data % 4)
    size = 56 + len(body) + 4
    head = struct.pack(
        "<6I4H6I", size, SIGNATURE, place, event.when, event.when, event.number | 0x4000_0000, 4, len(event.strings),
        event.category, 0, 0, strings, 0, strings, 0, data,
    )  # fmt: skip
    return head + body + struct.pack("<I", size)


def evt(events, *, size=0x10000, first=1, dirty=False) -> bytes:
    """Write a log of at most ``size`` bytes; when the ring is full, its oldest records make room."""
    room = size - EVT_HEADER
    ring, live, at = bytearray(room), [], 0  # what lives: number, beginning and length, in bytes since the log began
    following = first
    for event in events:
        data = evt_record(following, event)
        live.append((following, at, len(data)))
        while at + len(data) + EVT_END - live[0][1] > room:
            live.pop(0)
        for place, byte in enumerate(data):
            ring[(at + place) % room] = byte
        at, following = at + len(data), following + 1
    oldest, begin = (live[0][0], live[0][1]) if live else (0, at)
    start, end = EVT_HEADER + begin % room, EVT_HEADER + at % room
    last = struct.pack(
        "<10I", EVT_END, 0x11111111, 0x22222222, 0x33333333, 0x44444444, start, end, following, oldest, EVT_END
    )
    for place, byte in enumerate(last):
        ring[(at + place) % room] = byte
    flags = (2 if at + EVT_END > room else 0) | (1 if dirty else 0)
    told = (EVT_HEADER, EVT_HEADER, 1, 0) if dirty else (start, end, following, oldest)
    head = struct.pack("<12I", EVT_HEADER, SIGNATURE, 1, 1, *told, size, flags, 0, EVT_HEADER)
    return head + bytes(ring)


def _text(text: str) -> bytes:
    data = text.encode("utf-16-le")
    return b"\x05\x01" + struct.pack("<H", len(data) // 2) + data


def _name(name: str, at: int) -> bytes:
    code = 0
    for letter in name:
        code = (code * 65_599 + ord(letter)) & 0xFFFF_FFFF
    return struct.pack("<IIHH", at + 4, 0, code & 0xFFFF, len(name)) + _utf16(name)


def _element(at: int, tag: str, attributes, below) -> bytes:
    """Write an element whose first byte lies at a place of its chunk: binary XML holds the places of its names."""
    out = _name(tag, at + 5)
    if attributes:
        written = b""
        for place, (name, value) in enumerate(attributes):
            written += b"\x46" if place + 1 < len(attributes) else b"\x06"
            written += _name(name, at + 5 + len(out) + 4 + len(written)) + _text(value)
        out += struct.pack("<I", len(written)) + written
    out += b"\x02" if below else b"\x03"
    for item in below:
        out += _text(item) if isinstance(item, str) else _element(at + 5 + len(out), *item)
    out += b"\x04" if below else b""
    return (b"\x41" if attributes else b"\x01") + struct.pack("<I", len(out)) + out


def _xml(place: int, event: Logged, when: str):
    system = [
        ("Provider", [("Name", event.source)], []),
        ("EventID", [("Qualifiers", "16384")], [str(event.number)]),
        ("Level", [], ["4"]),
        ("Task", [], [str(event.category)]),
        ("TimeCreated", [("SystemTime", when)], []),
        ("EventRecordID", [], [str(place)]),
        ("Computer", [], [event.computer]),
    ]
    return "Event", [], [("System", [], system), ("EventData", [], [("Data", [], [text]) for text in event.strings])]


def evtx(events, *, first=1, dirty=False, when="1997-05-22T12:55:53.0000000Z") -> bytes:
    """Write a log, with as many chunks as it takes."""
    chunks, data, begin, last, place = [], b"", first, 512, first

    def close() -> None:
        head = struct.pack(
            "<8s4Q4I", b"ElfChnk\0", begin, place - 1, begin, place - 1, 128, last, 512 + len(data), zlib.crc32(data)
        )
        chunks.append((head.ljust(512, b"\0") + data).ljust(CHUNK, b"\0"))

    for event in events:
        stamp = 116_444_736_000_000_000 + event.when * 10_000_000
        for _ in range(2):
            body = b"\x0f\x01\x01\x00" + _element(512 + len(data) + 28, *_xml(place, event, when)) + b"\0"
            size = 28 + len(body) + -(28 + len(body)) % 8
            if 512 + len(data) + size <= CHUNK:
                break
            close()
            data, begin = b"", place
        last = 512 + len(data)
        data += (
            struct.pack("<IIQQ", 0x2A2A, size, place, stamp) + body.ljust(size - 28, b"\0") + struct.pack("<I", size)
        )
        place += 1
    close()
    head = struct.pack(
        "<8s3QI4H76s", b"ElfFile\0", 0, len(chunks) - 1, place, 128, 1, 3, 4096, len(chunks), b"\0" * 76
    ) + struct.pack("<I", int(dirty))
    return (head + struct.pack("<I", zlib.crc32(head[:120]))).ljust(4096, b"\0") + b"".join(chunks)
