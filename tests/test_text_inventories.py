"""The texts that tools write: samples as they are documented, the same company in each format, and hostile text."""

import string
import time

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from remedy import workflow
from remedy.addresses import PostofficeName
from remedy.cli import main
from remedy.errors import InputError, Refused, UsageError
from remedy.estate import Estate, EvidenceKind, Listing, PostofficeKind
from remedy.inventories import OF_ONE, READERS
from remedy.inventories.listings import postoffice_in
from remedy.roster import postoffices, sightings
from remedy.stores.files import SourceKind, detect, open_source
from remedy.text import printable
from tests.formats import (
    ADMIN,
    FILES,
    FORMATS,
    PCMTA,
    SECRET,
    as_addr_map,
    as_gwart,
    as_import_extract,
    as_listq,
    as_listuser,
    as_reg,
    row,
)

NAMES = ("NWTRADERS/PO1", "NWTRADERS/PO2", "WINGTIP/TOYS")
PO1 = PostofficeName("NWTRADERS", "PO1")
KINDS = (*FORMATS, "listuser")
WINDOWS = ("gwart", "reg")


def read(kind: str, text: str, whose: PostofficeName | None = None) -> Estate:
    return READERS[kind](text, "po") if kind in READERS else OF_ONE[kind](text, "po", whose)


def sound(kind: str, text: str, whose: PostofficeName | None = None) -> Estate:
    estate = read(kind, text, whose)
    assert (estate.faults, estate.oddities) == ((), ())
    return estate


def names(estate: Estate) -> list[str]:
    return [str(po.name) for po in postoffices(estate)]


def oddities(estate: Estate) -> list[str]:
    return [str(fault) for fault in estate.oddities]


def faults(estate: Estate) -> list[str]:
    return [str(fault) for fault in estate.faults]


# --- The same company in each format ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_postoffices(kind):
    assert names(sound(kind, FORMATS[kind](NAMES))) == list(NAMES)


@pytest.mark.parametrize("kind", FORMATS)
def test_each_postoffice_is_told_once_with_its_line_and_its_evidence(kind):
    text = FORMATS[kind](NAMES) * 2
    lines = text.splitlines()
    evidence = EvidenceKind({"reg": "registry"}.get(kind, kind))
    found = sightings(sound(kind, text))
    assert [str(item.name) for item in found] == list(NAMES)
    for item in found:
        assert (item.evidence.source, item.evidence.kind) == ("po", evidence)
        assert str(item.name) in lines[int(item.evidence.where.removeprefix("line ")) - 1].upper()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", " \r\n\f\r\n\t", "\x1a", "\x1aNWTRADERS"])
def test_an_empty_text_tells_nothing(kind, text):
    if kind in WINDOWS:  # there Ctrl-Z ends nothing
        text = text.removesuffix("NWTRADERS")
    assert read(kind, text, PO1) == Estate()


@pytest.mark.parametrize("kind", WINDOWS)
def test_what_stands_behind_a_ctrl_z_in_a_text_of_windows_is_not_lost(kind):
    head, sign, tail = FORMATS[kind](NAMES).partition(NAMES[0])
    before = '"x"="a\x1ab"\r\n"' if kind == "reg" else "X,a\x1ab,1,c,\nMS,"
    text = head.removesuffix('"' if kind == "reg" else "MS,") + before + sign + tail
    assert names(read(kind, f"{text}\x1a", None)) == list(NAMES)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text", ["Dear all,\n\nplease stop.\n", "<html>\n", "network,postoffice\nNWTRADERS,PO1\n", "\0\1\2"]
)
def test_a_foreign_text_is_refused_with_advice(kind, text):
    with pytest.raises(InputError) as caught:
        read(kind, text, PO1)
    assert caught.value.faults[0].source == "po"
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_lines_that_nobody_knows_are_one_oddity_with_their_number(kind):
    text = as_listuser(["Admin"]) if kind == "listuser" else FORMATS[kind](NAMES)
    strange = "Continued\n" if kind != "reg" else '"Other"=dword:00000001\n'
    estate = read(kind, text.replace(PCMTA, ADMIN) + strange * 3 if kind == "reg" else text + strange * 3, PO1)
    assert estate.listings or estate.connectors
    (said,) = [text for text in oddities(estate) if "understood" in text]
    assert "lines, this one first, are not understood" in said
    assert [text.split(":")[1] for text in (said,)] == [str(len(text.splitlines()) + 1)] or kind == "reg"


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "gwart"])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("NWTRADERS01/PO1", "the network name 'NWTRADERS01' has 11 characters; at most 10 are allowed"),
        ("NW_T/PO1", "the network name 'NW_T' holds characters other than letters and digits"),
        ("NW/", "the postoffice name is empty"),
    ],
)
def test_a_name_that_cannot_be_is_one_fault(kind, name, message):
    text = FORMATS[kind]((*NAMES, name, name))
    estate = read(kind, text if kind == "addr-map" else text.replace(name.lower(), name))
    assert names(estate) == list(NAMES)
    assert [fault.message.upper() for fault in estate.faults] == [message.upper()]


@pytest.mark.parametrize("kind", KINDS)
def test_pages_of_dos_text(kind):
    text = as_listuser(["Admin", "Postmaster"]) if kind == "listuser" else FORMATS[kind](NAMES)
    plain = text.replace("\r\n", "\n")
    for pages in (
        plain.replace("\n", "\r\n"),
        plain.replace("\n", "\r"),
        plain + "\x1a" + "Dear all" * (kind not in WINDOWS),
        "\f" * (kind != "reg") + plain.rstrip("\n"),
        plain.replace("\n", "\f\n"),
        plain.replace("\n", "  \n"),
    ):
        assert sound(kind, pages, PO1) == sound(kind, plain, PO1)


def test_a_name_without_a_network_is_none():
    with pytest.raises(ValueError, match="'PO1' is not NETWORK/POSTOFFICE"):
        postoffice_in("PO1")


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", KINDS)
def test_fifty_thousand_lines_take_no_time(kind):
    many = [f"N{number // 1000}/P{number}" for number in range(16_000)]
    users = [f"u{number}" for number in range(50_000)]
    text = as_listuser(users) if kind == "listuser" else FORMATS[kind](many)
    hostile = text + "A" + " " * 50_000 + "x\n" + "\t" * 50_000 + "x\n" + ":" * 50_000 + "\n" + "a," * 50_000 + "\n"
    hostile += '"' + "\\" * 50_001 + "\n" + "- " * 25_000 + "x\n" + "A a:" * 20_000 + "\n" + "1234 " * 20_000 + "\n"
    began = time.process_time()
    read(kind, hostile, PO1)
    assert time.process_time() - began < 3  # a second on a quiet machine


# --- Routing tables --------------------------------------------------------------------------------------------------

GWART = """\
  EX,/O=WYNNWARE/OU=FRISCO;,1, Connection to Frisco
  EX,/O=MICROSOFT/OU=BSD;,1,Site Connector (BSD),
  MS,MSNET/PO1;,1,MS Mail Connector (PLUTO),
  MS,MSNET/PO2;,1,MS Mail Connector (PLUTO),
  SMTP,*;,1,Internet Mail Connector (SATURN),
  X400,c=GB;a=TMAILUK;p=*,1,Connection to Frisco,
  X400,c=US;a= ;p=MICROSOFT;o=BSD;,1,Site Connector (BSD),
"""  # Q149121


def test_the_documented_routing_table():
    estate = sound("gwart", GWART)
    assert names(estate) == ["MSNET/PO1", "MSNET/PO2"]
    assert [(item.dn, item.where, item.is_ms_mail, item.spaces[0].text) for item in estate.connectors] == [
        ("MS Mail Connector (PLUTO)", "line 3", True, "MS:MSNET/PO1;1"),
        ("MS Mail Connector (PLUTO)", "line 4", True, "MS:MSNET/PO2;1"),
        ("Internet Mail Connector (SATURN)", "line 5", False, "SMTP:*;1"),
    ]
    assert all(po.defined for po in postoffices(estate))


def test_each_connector_of_a_row_has_the_space():
    estate = sound("gwart", "MS,NWTRADERS/PO1;,12,MS Mail Connector (A), Site Connector (B) ,\nX400,a,b;,1,c")
    assert [(item.dn, item.spaces[0].text) for item in estate.connectors] == [
        ("MS Mail Connector (A)", "MS:NWTRADERS/PO1;12"),
        ("Site Connector (B)", "MS:NWTRADERS/PO1;12"),
    ]


def test_a_routing_table_goes_through_the_checks_of_connectors(tmp_path):
    path = tmp_path / "GWART0.MTA"
    rows = ("NWTRADERS/PO1", "NWTRADERS/*", "", "FAX/HOST", "NW_T/PO1")
    more = "MSA,x;,1,MS Mail Connector (A),\nSMTP,*;,1,MS Mail Connector (A),\nMS,NWTRADERS/PO2;,1,,\n"
    path.write_text(as_gwart(rows, "MS Mail Connector (A)") + more)
    found = [(item.code, item.subject) for item in workflow.survey(str(path)).findings]
    connector = "MS Mail Connector (A)"
    assert sorted(found) == [
        ("appletalk-address-space", connector),
        ("exposed", "NWTRADERS/PO1"),
        ("invalid-address", connector),
        ("inventory-row", f"{path}:10"),
        ("reserved-network", connector),
        ("smtp-space-on-ms-connector", connector),
        ("wildcard-address-space", connector),
        ("wildcard-address-space", connector),
    ]


@pytest.mark.parametrize(
    "text", ["MS,NWTRADERS/PO1;,cheap,A,", "MS,NWTRADERS/PO1", "MS NWTRADERS/PO1 1 A", "MS,a,b,1,A,"]
)
def test_a_row_of_another_shape_is_not_guessed_at(text):
    estate = read("gwart", f"{text}\nEX,/O=A;,1,B,\n")
    assert (estate.connectors, oddities(estate)) == (
        (),
        ["po:1: this line is not understood"],
    )


def test_a_connector_of_a_routing_table_is_none_of_a_directory(company):
    path = company.folder / "GWART0.MTA"
    path.write_text(as_gwart(["NWTRADERS/PO1", "NWTRADERS/NEW"]))
    both = company.rows(company.directory(), str(path))
    assert both["NWTRADERS/NEW"]["coverage"] == "exposed"
    assert [item["kind"] for item in both["NWTRADERS/PO1"]["evidence"]] == ["routing-list", "gwart", "target-address"]
    assert company.plan(company.directory(), str(path)).changes


# --- Address lists ---------------------------------------------------------------------------------------------------

EXTRACT = """\
A g10to4                         PCM:NET1/PO1/g10to4
A Administrator                  PCM:NET1/PO1/Admin
A PO1 User One                   PCM:NET1/PO1/one1
A Administrator                  PCM:NET2/PO2/Admin
A adminsch                       PCM:NET2/PO2/adminsch
"""  # Q132681


def listed(text: str, whose: PostofficeName | None = None) -> list[tuple[str, bool | None, str]]:
    return [(str(item.name), item.postmaster, item.shows) for item in sound("import-extract", text, whose).listings]


def test_the_documented_address_list():
    assert listed(EXTRACT) == [("NET1/PO1", None, "PCM:NET1/PO1/g10to4"), ("NET2/PO2", None, "PCM:NET2/PO2/Admin")]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("A PO1 Postmaster                 PCM:NET1/PO1/POSTMASTER", True),
        (row("a", "Postmaster", "pcm:net1/po1/postmaster"), True),
        ("A\tPostmaster\tPCM:NET1/PO1/Postmaster", True),
        ("A Postmaster\tPCM:NET1/PO1/POSTMASTER", True),
        ("A  Postmaster                   PCM:NET1/PO1/POSTMASTER", True),
        (row("R", "Postmaster", "PCM:NET1/PO1/POSTMASTER & x"), True),
        ("R PCM:NET1/PO1", None),
        (row("A", "POSTMASTER", "PCM:NET1/PO1/POSTMAST0"), None),
        (row("A", "PCM:NET9/PO9/POSTMASTER", "PCM:NET1/PO1/x"), None),
        (row("A", "Fax: PCM:NET9/PO9/POSTMASTER re", "PCM:NET1/PO1/x"), None),
        (row("M", "a", "PCM:NET9/PO9/POSTMASTER") + "\n" + row(" ", "a", "PCM:NET1/PO1/POSTMASTER"), True),
    ],
)
def test_a_row_in_each_of_its_shapes(text, seen):
    assert [(name, postmaster) for name, postmaster, _ in listed(text)] == [("NET1/PO1", seen)]


@pytest.mark.parametrize(
    "text",
    [
        row("D", "Postmaster", "PCM:NET1/PO1/POSTMASTER"),
        row("T", "Postmaster", "PCM:NET1/PO1/POSTMASTER"),
        row("A", "Fax", "FAX:555-1234"),
        row("A", "User", "PROFS:VMGATE/NODE1/user2"),
        row("M", "a", "PCM:NET1/PO1/one2"),
    ],
)
def test_rows_that_leave_no_address_of_a_postoffice_tell_nothing(text):
    assert listed(f"# a comment\n- template\n&PASSWORD x\n{text}\n") == []


def test_a_blank_row_counts_only_behind_a_modification():
    estate = read("import-extract", row(" ", "a", "PCM:NET1/PO1/x") + "\n" + EXTRACT)
    assert oddities(estate) == ["po:1: this line is not understood"]


def test_an_address_of_two_parts_is_a_fault():
    assert faults(read("import-extract", row("A", "a", "PCM:NET1/PO1"))) == [
        "po:1: 'NET1/PO1' is not NETWORK/POSTOFFICE/MAILBOX"
    ]


@pytest.mark.parametrize(
    ("whose", "note"), [(PO1, ""), (None, "POSTMASTER may take part in directory synchronisation (Q131151)")]
)
def test_a_postmaster_in_an_address_list(whose, note):
    (listing,) = sound("import-extract", as_import_extract(["NWTRADERS/PO1"], ["Admin", "POSTMASTER"]), whose).listings
    assert (listing.postmaster, listing.note, listing.where) == (True, note, "line 1")


def test_an_address_list_of_somebody_else_is_odd():
    estate = read("import-extract", EXTRACT, PO1)
    assert oddities(estate) == ["po: it was named as a text of NWTRADERS/PO1, but its rows show NET1/PO1 and NET2/PO2"]
    assert names(estate) == ["NET1/PO1", "NET2/PO2"]


# --- Directory synchronisation ---------------------------------------------------------------------------------------

SERVER = """\
  Microsoft Mail for the PC v3.2, ListDS v3.2
  (C) Microsoft Corp. 1993-1994. All rights reserved

  Examining POLYNOMIAL/MONTGOMERY Server Configuration Record
  Highest SrvSync is 80, Current Dirsync Cycle is 11

       Server Requestor Record #1
  Requestor name: PCM:POLYNOMIAL/MONTGOMERY
  ReqSync = 17, SrvSync = 80, Last Cycle = 11
  Last update received Fri Feb 18 13:11:58 1994

       Server Requestor Record #2
  Requestor name: PCM:POLYNOMIAL/NOVEMBER
"""  # Q96060
REQUESTOR = """\
  Examining POLYNOMIAL/OCTOBER Requestor Configuration Record

  Dir-Sync Server: POLYNOMIAL/MONTGOMERY
  ReqSync = 17, SrvSync = 80
"""  # Q96060
QUEUE = """\
  Microsoft Mail for the PC v3.2, LISTQ v3.2.0.1

  Examining POLYNOMIAL/MONTGOMERY Dirsync transaction file: REQTRANS

  Checking CRC...

  CRC  Date stamp               Sync#  Transaction
  FB16 Thu Apr 07 12:13:52 1994 000001 R PCM:POLYNOMIAL/MONTGOMERY
  B4A2 Thu Apr 07 12:13:52 1994 000002 A able is he who knows his
  limit<tab>PCM:POLYNOMIAL/NOVEMBER/able
  2FC1 Thu Apr 07 12:13:52 1994 000003 A apple
\tPCM:POLYNOMIAL/OCTOBER/apple
"""  # Q96060


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SERVER, ["MONTGOMERY", "NOVEMBER"]),
        (REQUESTOR, ["MONTGOMERY", "OCTOBER"]),
        (QUEUE, ["MONTGOMERY", "NOVEMBER", "OCTOBER"]),
        ("FB16 Thu Apr 07 12:13:52 1994 000001 R PCM:POLYNOMIAL/MAY", ["MAY"]),
        ("000001 A able\tPCM:POLYNOMIAL/MAY/able", ["MAY"]),
        ("Requestor name: MSMAIL:POLYNOMIAL/APRIL\nRequestor name: POLYNOMIAL/MAY", ["MAY"]),
    ],
)
def test_the_documented_listings(text, found):
    assert names(sound("listds", text)) == [f"POLYNOMIAL/{name}" for name in found]


def test_a_queue_is_no_proof_of_a_mailbox():
    text = as_listq(NAMES).replace("/able", "/POSTMASTER")
    for listing in sound("listds", text).listings[1:]:
        assert listing.postmaster is None
        assert listing.note == "POSTMASTER stands in a queue of directory synchronisation (Q131151)"


@pytest.mark.parametrize("code", ["D", "M", "T"])
def test_other_transactions_show_no_postoffice(code):
    assert names(sound("listds", f"{REQUESTOR}000001 {code} a\tPCM:NET1/PO1/a\n")) == [
        "POLYNOMIAL/MONTGOMERY", "POLYNOMIAL/OCTOBER",
    ]  # fmt: skip


@pytest.mark.parametrize("tail", ["", REQUESTOR])
def test_a_transaction_without_an_address_is_not_understood(tail):
    assert oddities(read("listds", f"{REQUESTOR}000001 A able\n{tail}")) == ["po:5: this line is not understood"]


@pytest.mark.parametrize(
    ("text", "whose", "said"),
    [
        (SERVER, "POLYNOMIAL/MONTGOMERY", []),
        (SERVER, "POLYNOMIAL/NOVEMBER", ["it says itself that it is of POLYNOMIAL/MONTGOMERY"]),
        ("Requestor name: PCM:NET1/PO1", "NET1/PO1", ["does not say so itself"]),
    ],
)
def test_a_listing_that_is_of_somebody_else_is_odd(text, whose, said):
    estate = read("listds", text, PostofficeName.parse(whose))
    assert oddities(estate) == [f"po: it was named as a listing of {whose}, but {text}" for text in said]


# --- Registry exports ------------------------------------------------------------------------------------------------


def admin(*values: str, key: str = ADMIN, header: str = "REGEDIT4") -> str:
    return "\n".join((header, "", f"[{key}]", *values, ""))


def paths(text: str) -> list[tuple[str, str]]:
    return [(str(item.name), item.path) for item in sound("reg", text).listings]


UNC = r"\\mailserver\maildata"
ANSI = ",".join(f"{octet:02x}" for octet in f"{UNC} /Z\0".encode("cp1252"))
WIDE = ",".join(f"{octet:02x}" for octet in f"{UNC} /Z\0".encode("utf-16-le"))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (admin(r'"Microsoft/Redmond"="\\\\mailserver\\maildata /Z"'), UNC),  # Q177417
        (admin(r'"MICROSOFT/REDMOND"="\\\\mailserver\\maildata /z  "'), UNC),
        (admin(r'"Microsoft/Redmond" = "\\\\Server\\Vol 1\\My \"data\""'), r'\\Server\Vol 1\My "data"'),  # Q158812
        (admin(f'"Microsoft/Redmond"=hex(1):{ANSI}'), UNC),
        (admin(f'"Microsoft/Redmond"=hex(2):{ANSI[:30]}\\\n  {ANSI[30:]}'), UNC),
        (admin(f'"Microsoft/Redmond"=hex(1):{WIDE}', header="Windows Registry Editor Version 5.00"), UNC),
        (admin(f'"Microsoft/Redmond"="{UNC[1:]} /Z /secret"'.replace("\\", "\\\\"), key=ADMIN.upper()), UNC[1:]),
        (admin('"Microsoft/Redmond"=""', key=ADMIN.replace("CurrentControlSet", "ControlSet002")), ""),
    ],
)
def test_a_value_gives_a_path(text, path):
    assert paths(text) == [("MICROSOFT/REDMOND", path)]


def test_a_comment_does_not_go_on_behind_a_backslash():
    text = admin("; it was \\\\mailserver\\old\\", r'"Microsoft/Redmond"="\\\\mailserver\\maildata /Z"')
    assert paths(text) == [("MICROSOFT/REDMOND", UNC)]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (r"\\\\EXSRV1\\MAILDAT$", PostofficeKind.SHADOW),
        (r"\\\\EXSRV1\\maildat$ /Z", PostofficeKind.SHADOW),
        (r"D:\\Exchsrvr\\Connect\\Msmcon\\Maildata\\", PostofficeKind.SHADOW),
        (r"\\\\EXSRV1\\MAILDATA", None),
        (r"\\\\EXSRV1\\x\\MAILDAT$", None),
    ],
)
def test_the_connector_s_own_postoffice_shows_by_its_place(path, kind):
    (listing,) = sound("reg", admin(f'"FABRIKAM/SEATTLE"="{path}"')).listings
    assert listing.kind is kind


@pytest.mark.parametrize(
    "value", ['"NET1/PO1"=dword:1', '"NET1/PO1"=-', '"NET1/PO1"=hex(1):zz', '"Timeout"="5"', '"NET1', "x"]
)
def test_another_value_of_the_key_is_odd(value):
    assert oddities(read("reg", admin(value, '@="default"', "; ours"))) == [
        "po:4: this line is not understood"
    ]  # fmt: skip


@pytest.mark.parametrize("key", [f"-{ADMIN}", f"{ADMIN}\\Sub", PCMTA, ADMIN.replace("MSMI", "IMC")])
def test_an_export_of_other_keys_says_which_one_is_wanted(key):
    with pytest.raises(InputError) as caught:
        read("reg", admin(rf'"{SECRET}/PO1"="\\\\{SECRET}"', key=key))
    assert "export the key HKEY_LOCAL_MACHINE" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_an_empty_key_lists_no_postoffice():
    assert sound("reg", admin()) == Estate()


DAMAGE = ["", '"', f'"{SECRET}/X"=hex:{SECRET}', f'"{SECRET}\\', f"{SECRET}/PO7 {SECRET}"]


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
def test_what_other_keys_hold_is_never_repeated(tmp_path, damage, form):
    path = tmp_path / "msmi.reg"
    path.write_text(as_reg(NAMES) + f'[{PCMTA}]\n{damage}\n[{ADMIN}]\n"NETWORK0001/A"=""\nx\n')
    result = CliRunner().invoke(main, ["survey", str(path), "--format", form])
    assert result.exit_code == 3, result.output
    assert SECRET not in result.output
    assert SECRET not in repr(open_source(str(path)))


# --- Maps of addresses -----------------------------------------------------------------------------------------------


def test_the_documented_map():
    assert [
        (str(item.name), item.shows, item.note)
        for item in sound("addr-map", "net1/po1 abc.com\nnet2/po2 def.com").listings
    ] == [
        ("NET1/PO1", "net1/po1", "SMTP domain abc.com"),
        ("NET2/PO2", "net2/po2", "SMTP domain def.com"),
    ]


def test_a_postoffice_may_have_two_domains():
    (listing,) = sound("addr-map", "NET1/PO1   po1.abc.com\nnet1/po1\tABC.com\nNET1/PO1 abc.com\n").listings
    assert (listing.note, listing.where) == ("SMTP domains po1.abc.com and ABC.com", "line 1")


# --- Lists of users --------------------------------------------------------------------------------------------------

USERS = """\
Name           ID number
Admin          00000000
User1          00000001
User2          00000002
User3          00000003
User4          00000004
NewUser1       00000000
NewUser2       00000001
NewUser3       00000002
NewUser4       00000003
NewUser5       00000004
"""  # Q117738


def users(text: str) -> tuple[Listing, list[str]]:
    estate = read("listuser", text, PO1)
    assert estate.faults == ()
    (listing,) = estate.listings
    assert (listing.name, listing.evidence) == (PO1, EvidenceKind.LISTUSER)
    return listing, oddities(estate)


def test_the_documented_list_of_users():
    listing, said = users(USERS)
    assert (listing.users, listing.postmaster, listing.mailbag, listing.where) == (10, False, "", "line 2")
    assert said == ["po: 5 numbers in it stand for more than one mailbox (Q117738)"]


def test_one_row_alone():
    listing, said = users("Admin   00000000")
    assert (listing.users, listing.postmaster, said) == (1, False, [])


@pytest.mark.parametrize("name", ["POSTMASTER", "Postmaster", "postmaster"])
def test_a_postmaster_and_the_number_of_its_mailbag(name):
    listing, said = users(as_listuser(["Admin", name]).replace("00000001", "0000abcd") + f"{name} 0000ABCD\n")
    assert (listing.users, listing.postmaster, listing.mailbag, said) == (2, True, "0000ABCD", [])


@pytest.mark.parametrize("name", ["Postmaster PO1", "POSTMASTER2", "postmaster of all"])
def test_a_name_that_only_begins_so_proves_nothing(name):
    listing, said = users(as_listuser(["Admin", name]))
    assert (listing.users, listing.postmaster, listing.mailbag) == (2, None, "")
    assert said == ["po:3: this name begins with POSTMASTER, but may be the full name of another mailbox"]


@pytest.mark.parametrize("tail", ["POSTMASTER 0000000A deleted", "POSTMASTER", "asmith 0000000A 4096"])
def test_a_row_with_more_than_a_name_and_a_number_proves_nothing(tail):
    listing, said = users(as_listuser(["Admin"]) + tail)
    assert (listing.users, listing.postmaster) == (None, None)
    assert [text[:55] for text in said] == ["po:3: 1 row, this one first, not made of a name and a n"]


@pytest.mark.parametrize(("count", "believed"), [(500, 500), (501, None)])
def test_more_users_than_a_postoffice_takes_are_not_believed(count, believed):
    listing, said = users(as_listuser(["POSTMASTER", *(f"u{number}" for number in range(count - 1))]))
    assert (listing.users, listing.postmaster) == (believed, True if believed else None)
    assert len(said) == (0 if believed else 1)


def test_a_list_of_users_must_be_given_a_name():
    with pytest.raises(InputError) as caught:
        read("listuser", USERS)
    assert str(caught.value) == (
        "po: a list of LISTUSER does not say which postoffice it is of\n"
        "Write NETWORK/POSTOFFICE= in front of the file's name, for example NWTRADERS/PO1=users.txt."
    )


def test_a_header_alone_tells_nothing():
    banner = "Microsoft Mail for the PC v3.2, ListUser\n(C) Microsoft Corp.\n----\n"
    assert sound("listuser", banner + as_listuser([])) == Estate()


# --- From files ------------------------------------------------------------------------------------------------------

SAMPLES = [
    (GWART, "gwart"),
    ("MS,MSNET/PO1;,1,MS Mail Connector (PLUTO),", "gwart"),
    (EXTRACT, "import-extract"),
    ("# - Microsoft(R) Mail Group Import Program v3.0b\n\n" + EXTRACT, "import-extract"),
    ("A\tadmin\tPCM:NET1/PO1/Admin", "import-extract"),
    (row("A", "Fax", "FAX:555-1234"), "import-extract"),
    ("R PCM:NET1/PO1", "import-extract"),
    (SERVER, "listds"),
    (REQUESTOR, "listds"),
    (QUEUE, "listds"),
    ("Requestor name: PCM:NET1/PO1", "listds"),
    (USERS, "listuser"),
    (as_reg(NAMES), "reg"),
    ("net1/po1 abc.com\r\n", "addr-map"),
]


@pytest.mark.parametrize(("text", "kind"), SAMPLES)
@pytest.mark.parametrize(
    "encode", [str.encode, lambda text: text.encode("utf-16"), lambda text: text.encode("cp850") + b"\x1a\0\x81"]
)
def test_a_text_shows_its_kind(tmp_path, text, kind, encode):
    path = tmp_path / "listing.txt"
    path.write_bytes(encode(text))
    assert detect(str(path)) is SourceKind(kind)


@pytest.mark.parametrize(
    "text", ["A plan: see below\n", "and/or either.\n", "Name: x\n", "MS, the company, is\n", "Examining this\n"]
)
def test_prose_shows_no_kind(tmp_path, text):
    path = tmp_path / "listing.txt"
    path.write_text(text)
    with pytest.raises(UsageError, match="Nothing shows what"):
        detect(str(path))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_is_read_by_its_name_or_by_what_it_holds(tmp_path, kind):
    for name in {FILES.get(kind, "listing.txt"), "listing.txt"}:
        path = tmp_path / name
        path.write_bytes(FORMATS[kind](NAMES).encode())
        assert names(open_source(str(path))) == list(NAMES)
        assert {item.evidence.source for item in sightings(open_source(str(path)))} == {str(path)}


ENCODINGS = {
    "import-extract": ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp850"],
    "listds": ["utf-8", "cp850"],
    "addr-map": ["utf-8", "cp1252"],
    "gwart": ["utf-8", "cp1252", "utf-16"],
    "reg": ["utf-8-sig", "utf-16", "cp1252"],
}


@pytest.mark.parametrize(("kind", "encoding"), [(kind, one) for kind, many in ENCODINGS.items() for one in many])
def test_a_file_is_read_in_each_encoding(tmp_path, kind, encoding):
    text = FORMATS[kind](NAMES)
    text = text.replace("Admin of", "Dürr of").replace("EXSRV1", "ZÜRICH").replace("MAIL\\", "MÜLL\\")
    if kind == "reg" and encoding == "utf-16":
        text = text.replace("REGEDIT4", "Windows Registry Editor Version 5.00")
    path = tmp_path / FILES.get(kind, "listing.txt")
    path.write_bytes(text.encode(encoding))
    assert (
        open_source(str(path)) == READERS[kind](text, str(path))
        if kind in READERS
        else OF_ONE[kind](text, str(path), None)
    )


@pytest.mark.parametrize("kind", ["import-extract", "listds", "listuser"])
def test_a_text_of_one_postoffice_can_be_given_its_name(tmp_path, kind):
    path = tmp_path / "listing.txt"
    path.write_text(as_listuser(["Admin"]) if kind == "listuser" else FORMATS[kind](["NWTRADERS/PO1"]))
    estate = open_source(f"nwtraders/po1={path}")
    assert (names(estate), estate.oddities) == (["NWTRADERS/PO1"], ())


def test_other_texts_say_themselves_what_they_are_of(tmp_path):
    path = tmp_path / "ADDR_MAP.CFG"
    path.write_text(as_addr_map(NAMES))
    with pytest.raises(UsageError, match="addr-map says itself which postoffices it tells of"):
        open_source(f"NWTRADERS/PO1={path}")


def test_a_text_without_a_postoffice_is_refused(tmp_path):
    path = tmp_path / "listing.txt"
    path.write_text(row("A", "Fax", "FAX:555-1234"))
    with pytest.raises(Refused, match="lists no postoffice"):
        workflow.survey(str(path))


def test_what_a_survey_says_of_every_text_at_once(tmp_path):
    sources = []
    for kind, make in FORMATS.items():
        path = tmp_path / FILES.get(kind, f"{kind}.txt")
        path.write_text(make(NAMES))
        sources.append(str(path))
    (tmp_path / "users.txt").write_text(as_listuser(["Admin", "POSTMASTER"]))
    found = workflow.survey(*sources, f"NWTRADERS/PO2={tmp_path / 'users.txt'}")
    assert {str(item.po.name): str(item.coverage) for item in found.rows} == {
        "NWTRADERS/PO1": "exposed", "NWTRADERS/PO2": "postoffice-mailbox", "WINGTIP/TOYS": "exposed",
    }  # fmt: skip
    assert {item.kind.value for item in found.rows[1].po.evidence} == {
        "gwart", "registry", "listds", "import-extract", "listuser", "addr-map",
    }  # fmt: skip
    assert {item.code for item in found.findings} == {"exposed"}


# --- Hostile text ----------------------------------------------------------------------------------------------------

ARBITRARY = st.text(st.characters() | st.sampled_from('\0\x1a\f\r\n\t "\\/:;,[]=$*PCMADR0123'), max_size=120)
GOOD = {
    "gwart": (GWART, as_gwart(NAMES)),
    "import-extract": (EXTRACT, as_import_extract(NAMES)),
    "listds": (SERVER, REQUESTOR, QUEUE),
    "reg": (as_reg(NAMES),),
    "addr-map": (as_addr_map(NAMES),),
    "listuser": (USERS, as_listuser(["Admin", "Postmaster"])),
}


@st.composite
def mutated(draw, kind):
    text = draw(st.sampled_from(GOOD[kind]))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        size = draw(st.integers(0, 12))
        text = (
            text[:at] + draw(ARBITRARY | st.sampled_from(["", "\x1a", "/", text[at : at + 40] * 2])) + text[at + size :]
        )
    return text


def judged(kind: str, text: str) -> None:
    try:
        estate = read(kind, text, PO1)
    except InputError as error:
        estate = Estate(faults=error.faults)
    shown = text.upper()
    for item in sightings(estate):
        parts = (item.name.network, item.name.name)
        assert item.name == PO1 or all(part in shown for part in parts)
        assert set("".join(parts)) <= set(string.ascii_uppercase + string.digits)
    for fault in (*estate.faults, *estate.oddities):
        assert printable(str(fault)) == str(fault)
        assert len(fault.message) < 300


@pytest.mark.parametrize("kind", KINDS)
@given(text=ARBITRARY)
@example(text="A\t:")
@example(text="MS,,1,")
@example(text='REGEDIT4\n"\\')
def test_arbitrary_text_gives_an_estate_or_an_input_error(kind, text):
    judged(kind, text)


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_damaged_text_gives_an_estate_or_an_input_error(kind, data):
    judged(kind, data.draw(mutated(kind)))


@given(st.text(string.ascii_letters + string.digits + '/\\"=[] \n', max_size=60))
def test_no_text_of_other_keys_comes_out(noise):
    text = f'REGEDIT4\n[{PCMTA}]\n"{SECRET}"="{SECRET}"\n{noise.replace("[", "")}{SECRET}\n[{ADMIN}]\n"NET1/PO1"="x"\n'
    try:
        said = repr(read("reg", text))
    except InputError as error:
        said = str(error)
    assert SECRET not in said


@pytest.mark.parametrize(
    ("whose", "carried"),
    [
        (None, ["NWTRADERS/PO1", "NWTRADERS/PO2"]),
        ("NWTRADERS/PO1", ["NWTRADERS/PO2"]),
        ("NWTRADERS/PO3", ["NWTRADERS/PO1", "NWTRADERS/PO2"]),
    ],
)
def test_a_postmaster_of_another_postoffice_in_a_list_came_by_synchronisation(whose, carried):
    rows = [f"A {'Postmaster ' + str(n):<30} PCM:NWTRADERS/PO{n}/POSTMASTER" for n in (1, 2)]
    rows.append(f"A {'User':<30} PCM:NWTRADERS/PO3/USER")
    estate = OF_ONE["import-extract"]("\n".join(rows), "list", PostofficeName.parse(whose) if whose else None)
    assert [str(item.name) for item in estate.listings if item.synchronised] == carried


def test_a_queue_shows_that_synchronisation_carries_a_postmaster():
    text = "Examining NWTRADERS/PO1 queue\nFB16 Thu Apr 07 12:13:52 1994 000001 A Postmaster\tPCM:NWTRADERS/PO2/POSTMASTER\n"
    found = {str(item.name): item for item in OF_ONE["listds"](text, "queue", None).listings}
    assert (found["NWTRADERS/PO2"].synchronised, found["NWTRADERS/PO2"].postmaster) == (True, None)
    assert not found["NWTRADERS/PO1"].synchronised


def test_a_list_of_one_postoffice_may_be_its_own():
    rows = [f"A {'Postmaster':<30} PCM:NWTRADERS/PO1/POSTMASTER", f"A {'User':<30} PCM:NWTRADERS/PO1/USER"]
    (listing,) = OF_ONE["import-extract"]("\n".join(rows), "list", None).listings
    assert (listing.postmaster, listing.synchronised) == (True, False)
