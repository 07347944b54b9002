"""Builders: the same postoffices as each text that tools of Microsoft Mail and Exchange write."""

from collections.abc import Callable, Iterable, Mapping

SECRET = "hunter2"
"""What stands in the other keys of every registry export made here, and must never be repeated."""

ADMIN = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\MSExchangeMSMI\Parameters\Admin"
PCMTA = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\PCMTA\Parameters"


def as_gwart(names: Iterable[str], connector: str = "MS Mail Connector (EXSRV1)") -> str:
    """Write a routing table as Q149121 shows it."""
    rows = [f"MS,{name};,1,{connector}," for name in names]
    return "\n".join(("EX,/O=FABRIKAM/OU=TACOMA;,1,Site Connector (TACOMA),", *rows, "SMTP,*;,1,IMC (EXSRV1),", ""))


def row(code: str, alias: str, address: str) -> str:
    """Write one row in the columns of Q104869: code in 1, alias in 3-32, address in 34."""
    return f"{code} {alias:<30.30} {address}"


def as_import_extract(names: Iterable[str], mailboxes: Iterable[str] = ("Admin", "asmith")) -> str:
    """Write an address list as Q132681 shows it."""
    boxes = tuple(mailboxes)
    rows = [row("A", f"{box} of {name}", f"PCM:{name}/{box}") for name in names for box in boxes]
    return "".join(f"{line}\r\n" for line in rows)


def as_listds(names: Iterable[str], own: str = "") -> str:
    """Write what LISTDS -S prints, as Q96060 shows it; the first postoffice is the server unless another is given."""
    every = list(names)
    head = [
        "Microsoft Mail for the PC v3.2, ListDS v3.2",
        "(C) Microsoft Corp. 1993-1994. All rights reserved",
        "",
        f"Examining {own or every[0]} Server Configuration Record",
        "Highest SrvSync is 80, Current Dirsync Cycle is 11",
    ]
    for number, name in enumerate(every, 1):
        head += [
            "",
            f"     Server Requestor Record #{number}",
            f"Requestor name: PCM:{name}",
            "ReqSync = 17, SrvSync = 80, Last Cycle = 11",
            "Last update received Fri Feb 18 13:11:58 1994",
        ]
    return "\r\n".join((*head, ""))


def as_listq(names: Iterable[str]) -> str:
    """Write what LISTQ -C -T prints, as Q96060 shows it."""
    every = list(names)
    stamp = "FB16 Thu Apr 07 12:13:52 1994"
    rows = [f"{stamp} {number:06} A able\tPCM:{name}/able" for number, name in enumerate(every, 2)]
    head = (
        "Microsoft Mail for the PC v3.2, LISTQ v3.2.0.1",
        f"Examining {every[0]} Dirsync transaction file: REQTRANS",
        "Checking CRC...",
        "CRC  Date stamp               Sync#  Transaction",
        f"{stamp} 000001 R PCM:{every[0]}",
    )
    return "\r\n".join((*head, *rows, ""))


def as_reg(names: Iterable[str], header: str = "REGEDIT4", key: str = ADMIN) -> str:
    """Write an export of the registry, with keys beside the one that matters."""
    values = [f'"{name}"="\\\\\\\\MAIL\\\\PO{number} /Z"' for number, name in enumerate(names)]
    other = (f"[{PCMTA}]", f'"DrivesUNC"="\\\\\\\\MAIL\\\\PO1 /Z {SECRET}"', f'"{SECRET}/PO9"="{SECRET}"', "")
    return "\r\n".join((header, "", *other, f"[{key}]", *values, "", *other))


def as_addr_map(names: Iterable[str]) -> str:
    """Write a map of addresses as Q140951 shows it."""
    return "".join(f"{name.lower()} {name.partition('/')[2].lower()}.fabrikam.com\r\n" for name in names)


def as_listuser(users: Iterable[str], first: int = 0) -> str:
    """Write what LISTUSER prints, as Q117738 shows it."""
    rows = (f"{user:<14} {number:08X}" for number, user in enumerate(users, first))
    return "\r\n".join(("Name           ID number", *rows, ""))


FORMATS: Mapping[str, Callable[[Iterable[str]], str]] = {
    "gwart": as_gwart,
    "import-extract": as_import_extract,
    "listds": as_listds,
    "reg": as_reg,
    "addr-map": as_addr_map,
}
"""Each format that tells of many postoffices, by the word that ``--as`` takes."""

FILES = {"gwart": "GWART0.MTA", "reg": "msmi.reg", "addr-map": "ADDR_MAP.CFG"}
"""What a file of a format is called, where its name tells the format."""
