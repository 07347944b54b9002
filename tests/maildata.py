"""Makes the folder of a postoffice from a list of postoffices, by the layout that the knowledge base documents."""

from collections.abc import Iterable, Mapping
from pathlib import Path

FFAPI, CONNECTION = 0x64, 0x10
ORDINARY = 0x01
"""Any other value: the one of an ordinary network is published nowhere."""


def network(name: str | bytes, number: str = "", kind: int = ORDINARY, *, state: int = 1, bag: str = "") -> bytes:
    """A record of NETWORK.GLB (Q148666), with leavings in its unused end, as the sample there has them."""
    record = bytearray(122)
    record[0], record[1] = state, kind
    _put(record, 0x02, name, 11)
    _put(record, 0x0D, number, 9)
    _put(record, 0x21, bag, 9)
    record[-6:] = b"ete a "
    return bytes(record)


def external(name: str | bytes, number: str = "0000002F", *, state: int = 1) -> bytes:
    """A record of an XTN file (Q86625)."""
    record = bytearray(698)
    record[0] = state
    _put(record, 0x001, name, 11)
    _put(record, 0x00C, number, 9)
    record[0x289] = 2
    return bytes(record)


def _put(record: bytearray, at: int, text: str | bytes, room: int) -> None:
    data = text if isinstance(text, bytes) else text.encode("cp850")
    assert len(data) <= room
    record[at : at + len(data)] = data


def tree(
    postoffices: Iterable[str],
    *,
    ffapi: Iterable[str] = (),
    gateways: Iterable[str] = (),
    bags: Mapping[str, int] | None = None,
) -> dict[str, bytes]:
    """The files of a postoffice that knows others; ``bags`` gives the messages in each mailbag."""
    ffapi = set(ffapi)
    by_network: dict[str, list[str]] = {}
    for address in (*postoffices, *ffapi):
        name, _, postoffice = address.partition("/")
        by_network.setdefault(name, []).append(postoffice)
    glb, files = [], {}
    for number, (name, members) in enumerate(by_network.items(), 1):
        kind = FFAPI if any(f"{name}/{member}" in ffapi for member in members) else ORDINARY
        glb.append(network(name, f"{number:08X}", kind))
        files[f"XTN/{number:08X}.XTN"] = b"".join(
            external(member, f"{0x2F + at:08X}") for at, member in enumerate(members)
        )
    glb += [network(name, "", 0x02, bag=f"{0xA0 + at:08X}") for at, name in enumerate(gateways)]
    files |= {"GLB/NETWORK.GLB": b"".join(glb), "GLB/MASTER.GLB": bytes(176), "GLB/ACCESS.GLB": bytes(586 * 20)}
    for number, messages in (bags or {}).items():
        files |= {f"MBG/{number}.MBG": bytes(116 * messages), f"KEY/{number}.KEY": bytes(560)}
    return files


def lay(folder: Path, files: Mapping[str, bytes], *, case=str) -> Path:
    """Write files into a folder, their names in another case."""
    for name, data in files.items():
        path = folder / case(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
