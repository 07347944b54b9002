"""What the bytes of a postoffice's folder tell, and that what does not fit them is said and not believed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from remedy.addresses import RESERVED_NETWORKS, PostofficeName
from remedy.estate import Estate, EvidenceKind, Mailbag, PostofficeKind
from remedy.findings import Finding
from remedy.inventories.maildata import Files, Network, externals, fits, networks, numbers
from remedy.inventories.postoffice_folder import read_postoffice
from remedy.inventories.shadow import is_shadow
from remedy.survey import survey
from tests.conftest import COMPANY
from tests.maildata import CONNECTION, FFAPI, external, network, tree

PO1 = PostofficeName("NWTRADERS", "PO1")
ONE = "00000001"


def files(parts):
    """Take the files of a tree as a door gives them."""
    externals = {path[4:12]: data for path, data in parts.items() if path.startswith("XTN/")}
    read = {"GLB/NETWORK.GLB", *(path for path in parts if path.startswith("XTN/"))}
    sizes = {path: len(data) for path, data in parts.items() if path not in read}
    return Files(networks=parts["GLB/NETWORK.GLB"], externals=externals, sizes=sizes)


def told(parts, whose=PO1, **more) -> Estate:
    return read_postoffice(files(parts), "MAILDATA", whose, **more)


def others(estate: Estate) -> list[str]:
    """The postoffices that records show."""
    return [str(item.name) for item in estate.listings if item.shows]


def said(estate: Estate) -> list[str]:
    return [fault.message for fault in estate.oddities]


def xtn(*records: bytes) -> dict[str, bytes]:
    """A folder with one network whose XTN file is given."""
    return {"GLB/NETWORK.GLB": network("NWTRADERS", ONE), f"XTN/{ONE}.XTN": b"".join(records)}


# --- Sound folders --------------------------------------------------------------------------------------------------


def test_the_sample_of_the_article_is_read():
    """The bytes that Q148666 prints: a gateway's name at 2, no XTN file, its mailbag at 0x21, leavings at the end."""
    record = network("MSMAIL", kind=CONNECTION, bag="0000002E")
    assert record[:8].hex(" ") == "01 10 4d 53 4d 41 49 4c"
    assert record[0x1F:0x2A] == b"\0\x000000002E\0"
    assert networks(record) == (Network(1, 0x10, "MSMAIL", ""),)
    assert numbers(record) == ()


def test_the_company_comes_out_of_a_folder():
    estate = told(tree(COMPANY), None)
    assert sorted(others(estate)) == sorted(COMPANY)
    assert {item.evidence for item in estate.listings} == {EvidenceKind.POSTOFFICE_FOLDER}
    assert (estate.faults, estate.mailbags) == ((), ())
    assert sorted(str(row.po.name) for row in survey(estate).rows) == sorted(COMPANY)


def test_each_record_is_evidence_with_its_place():
    first, second = told(xtn(external("gone", state=0), external("po2"), external("Po3"))).listings[1:]
    assert (str(first.name), first.source, first.where, first.shows) == (
        "NWTRADERS/PO2", "MAILDATA", f"XTN/{ONE}.XTN record 2", f"XTN/{ONE}.XTN record 2",
    )  # fmt: skip
    assert (str(second.name), second.where, second.kind) == ("NWTRADERS/PO3", f"XTN/{ONE}.XTN record 3", None)


def test_the_postoffice_itself_is_listed_by_the_name_that_the_user_gives():
    estate = told(tree(["NWTRADERS/PO2"]))
    own = estate.listings[0]
    assert (own.name, own.path, own.kind, own.users) == (PO1, "MAILDATA", None, None)
    assert own.note == "at most 20 users: ACCESS.GLB counts deleted ones too"
    assert said(estate) == []


def test_without_its_name_one_oddity_says_how_to_give_it():
    estate = told(tree(["NWTRADERS/PO2"], bags={"0000001F": 3}), None)
    (line,) = said(estate)
    way = "write NETWORK/POSTOFFICE=MAILDATA to have it listed and its mailbags measured"
    assert line == f"its own name cannot be read from its files: {way}"
    assert estate.mailbags == ()


def test_an_empty_list_tells_of_no_other():
    assert others(told({"GLB/NETWORK.GLB": b""})) == []


def test_postoffices_of_another_system_are_told_by_the_type():
    estate = told(tree(["NWTRADERS/PO2"], ffapi=["PROXYNET/PROXYPO"]))
    assert {str(item.name): item.kind for item in estate.listings[1:]} == {
        "NWTRADERS/PO2": None, "PROXYNET/PROXYPO": PostofficeKind.FFAPI,
    }  # fmt: skip


# --- Gateways and the connector's own postoffice --------------------------------------------------------------------


def test_gateways_have_no_postoffices_behind_them():
    glb = network("NWTRADERS", ONE) + network("snads", "00000002") + network("AT&T", bag="0000002E")
    glb += network("MACNET", "00000003", CONNECTION)
    parts = {"GLB/NETWORK.GLB": glb} | {f"XTN/0000000{n}.XTN": external(f"NODE{n}") for n in (1, 2, 3)}
    estate = told(parts)
    assert others(estate) == ["NWTRADERS/NODE1"]
    (line,) = said(estate)
    assert line == (
        "GLB/NETWORK.GLB has records taken for gateways, behind which no postoffice is looked for (Q87467, Q148666): record 2 ('snads'), "
        "record 3 ('AT&T') and record 4 ('MACNET')"
    )
    assert numbers(glb) == (ONE,)


@pytest.mark.parametrize("name", sorted(RESERVED_NETWORKS))
def test_every_reserved_name_is_a_gateway(name):
    estate = told({"GLB/NETWORK.GLB": network(name, ONE), f"XTN/{ONE}.XTN": external("NODE1")})
    assert others(estate) == []


@pytest.mark.parametrize(
    ("path", "shadow"),
    [
        ("C:\\EXCHSRVR\\Connect\\Msmcon\\Maildata", True),
        ("/mnt/exchsrvr/CONNECT/MSMCON/MAILDATA/", True),
        ("connect/msmcon/maildata", True),
        ("\\\\EXSRV1\\MAILDAT$", True),
        ("//exsrv1/maildat$/", True),
        ("/mnt/maildat$", True),
        ("\\\\EXSRV1\\x\\MAILDAT$", False),
        ("\\\\NWSRV1\\MAILDATA", False),
        ("/mnt/disconnect/msmcon/maildata", False),
        ("/mnt/maildat$/old", False),
        ("/mnt/xmaildat$", False),
    ],
)
def test_the_connectors_own_postoffice_is_known_by_its_place(path, shadow):
    assert is_shadow(path) is shadow


def test_a_shadow_is_itself_no_postoffice_but_shows_all_that_exchange_knows():
    parts = tree(["NWTRADERS/PO1", "NWTRADERS/PO2"])
    parts["GLB/NETWORK.GLB"] += network("MSMAIL", kind=CONNECTION, bag="0000002E")
    estate = told(parts, PostofficeName("FABRIKAM", "SEATTLE"), shadow=True)
    assert said(estate) == []
    found = survey(estate)
    assert [str(row.po.name) for row in found.rows] == ["NWTRADERS/PO1", "NWTRADERS/PO2"]
    assert [str(row.po.name) for row in found.shadow_rows] == ["FABRIKAM/SEATTLE"]
    text = "MAILDATA by its place calls FABRIKAM/SEATTLE a shadow."
    assert Finding("not-a-postoffice", "FABRIKAM/SEATTLE", text) in found.findings


def test_a_shadow_without_a_name_says_what_it_is():
    (line,) = said(told(tree(["NWTRADERS/PO2"]), None, shadow=True))
    assert line.startswith(
        "it is the connector's own postoffice of an Exchange server, and its own name cannot be read"
    )


# --- Damage ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "unmarked"), [(0, False), (2, True), (0x31, True), (0xFF, True)])
def test_only_active_records_are_believed(state, unmarked):
    estate = told(xtn(external("PO2"), external("PO3", state=state)))
    assert others(estate) == ["NWTRADERS/PO2"]
    text = f"XTN/{ONE}.XTN has records that are marked neither active nor deleted, not believed (Q148666, Q86625): record 2"
    assert said(estate) == ([text] if unmarked else [])
    glb = network("WINGTIP", "00000002", state=state) + network("NWTRADERS", ONE)
    estate = told(xtn(external("PO2")) | {"GLB/NETWORK.GLB": glb, "XTN/00000002.XTN": external("TOYS")})
    assert others(estate) == ["NWTRADERS/PO2"]
    assert len(said(estate)) == unmarked


@pytest.mark.parametrize(("rest", "shown"), [(1, "1 byte"), (223, "223 bytes"), (697, "697 bytes")])
def test_a_partial_record_at_the_end_is_left_out_and_said(rest, shown):
    estate = told(xtn(external("PO2"), external("PO3")[:rest]))
    assert others(estate) == ["NWTRADERS/PO2"]
    assert said(estate) == [f"XTN/{ONE}.XTN ends in {shown} too few for a record, left out (Q128243)"]


def test_a_partial_network_is_left_out_and_said():
    parts = xtn(external("PO2"))
    estate = told(parts | {"GLB/NETWORK.GLB": parts["GLB/NETWORK.GLB"] + network("WINGTIP", "00000002")[:121]})
    assert others(estate) == ["NWTRADERS/PO2"]
    assert said(estate) == ["GLB/NETWORK.GLB ends in 121 bytes too few for a record, left out (Q128243)"]


def test_duplicates_are_taken_once():
    glb = network("NWTRADERS", ONE) + network("NWTRADERS", ONE) + network("NWTRADERS", "00000002")
    parts = {
        "GLB/NETWORK.GLB": glb,
        f"XTN/{ONE}.XTN": external("PO2") + external("po2"),
        "XTN/00000002.XTN": external("PO2") + external("PO3"),
    }
    estate = told(parts)
    assert others(estate) == ["NWTRADERS/PO2", "NWTRADERS/PO3"]
    twice = "has records that repeat what stands above them, taken once (Q164509)"
    assert said(estate) == [
        f"GLB/NETWORK.GLB {twice}: record 2 ('NWTRADERS')",
        f"XTN/{ONE}.XTN {twice}: record 2 ('po2')",
        f"XTN/00000002.XTN {twice}: record 1 ('PO2')",
    ]


def test_two_networks_that_name_one_file_are_no_duplicates():
    glb = network("NWTRADERS", ONE) + network("WINGTIP", ONE)
    estate = told({"GLB/NETWORK.GLB": glb, f"XTN/{ONE}.XTN": external("PO2")})
    assert others(estate) == ["NWTRADERS/PO2", "WINGTIP/PO2"]
    assert said(estate) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", "''"),
        ("MY_PO", "'MY_PO'"),
        ("PO 1", "'PO 1'"),
        ("ELEVENCHARS", "'ELEVENCHARS'"),
        ("MÜNCHEN", "'MÜNCHEN'"),
        (b"M\x9aNCHEN", "'MÜNCHEN'"),
        ("PO1\t", "'PO1\\u0009'"),
        (b"\x1b[2J", "'\\u001b[2J'"),
        ("$SYSTEM", "'$SYSTEM'"),
    ],
)
def test_a_name_that_cannot_be_is_shown_and_left_out(name, shown):
    estate = told(xtn(external(name), external("PO2")))
    assert others(estate) == ["NWTRADERS/PO2"]
    text = "has records without a name of 1 to 10 letters or digits, left out (Q96003): record 1"
    assert said(estate) == [f"XTN/{ONE}.XTN {text} ({shown})"]
    estate = told({"GLB/NETWORK.GLB": network(name, ONE), f"XTN/{ONE}.XTN": external("PO2")})
    assert said(estate) == [f"GLB/NETWORK.GLB {text} ({shown})"]


def test_what_stands_behind_the_nul_is_no_name_and_blanks_are_padding():
    assert others(told(xtn(external(b"PO2\0leaving"), external(" PO3   ")))) == ["NWTRADERS/PO2", "NWTRADERS/PO3"]


def test_a_network_without_its_file_is_said():
    glb = network("NWTRADERS", ONE) + network("WINGTIP", "0000000G") + network("FABRIKAM", "0000000a")
    parts = xtn() | {"GLB/NETWORK.GLB": glb}
    unseen = "; their postoffices are not seen: record"
    assert said(told(parts)) == [
        f"GLB/NETWORK.GLB has networks that do not name their XTN file by eight hexadecimal digits{unseen} 2 ('WINGTIP')",
        f"GLB/NETWORK.GLB has networks whose XTN file is not in the folder{unseen} 3 ('FABRIKAM')",
    ]
    assert others(told(parts | {"XTN/0000000A.XTN": external("DEPOT")})) == ["FABRIKAM/DEPOT"]


def test_much_damage_is_said_in_few_words():
    estate = told(xtn(*(external(f"P_{n}") for n in range(1000))))
    (line,) = said(estate)
    assert line.endswith("record 5 ('P_4') and 995 more")


# --- Sizes ----------------------------------------------------------------------------------------------------------

SIZES = [
    ("GLB/MASTER.GLB", 176, 175), ("GLB/CONTROL.GLB", 8, 16), ("GLB/TID.GLB", 4, 0), ("GLB/ACCESS.GLB", 5860, 5861),
    ("GLB/ACCESS2.GLB", 690, 691), ("GLB/ACCESS3.GLB", 5120, 512 + 1), ("GLB/NETPO.GLB", 47, 43), ("GLB/NETPO.GLB", 4, 0),
    ("GLB/GROUP.GLB", 55, 51), ("GLB/SRVCONF.GLB", 2048, 512), ("KEY/0000001F.KEY", 560, 0), ("KEY/INQUEUE3.KEY", 560, 561),
    ("MBG/0000001F.MBG", 475_136, 475_136 + 116), ("MBG/INQUEUE3.MBG", 0, 1), ("GLB/ODD.GLB", 7, None),
]  # fmt: skip


@pytest.mark.parametrize(("place", "right", "wrong"), SIZES)
def test_a_size_that_no_sound_file_has_is_said(place, right, wrong):
    assert fits(place, right)
    if wrong is not None:
        parts = files(xtn())
        assert not fits(place, wrong)
        estate = read_postoffice(
            Files(networks=parts.networks, externals=parts.externals, sizes={place: wrong}), "x", PO1
        )
        (line,) = said(estate)
        assert line.startswith("the folder has sizes that no sound file has (Q77926, Q132744): " + place + " of ")


def test_a_mailbag_is_bounded_by_its_size():
    """Q146113: 5,452 bytes look like 47 messages, and are 7 after a compress."""
    estate = told(
        tree([], bags={"0000001F": 47, "00000020": 0}) | {"MBG/INQUEUE3.MBG": bytes(116), "MBG/00000021.MBG": b"a"}
    )
    assert estate.mailbags == (
        Mailbag(postoffice=PO1, number="0000001F", records=47, source="MAILDATA", where="MBG/0000001F.MBG"),
        Mailbag(postoffice=PO1, number="00000020", records=0, source="MAILDATA", where="MBG/00000020.MBG"),
        Mailbag(postoffice=PO1, number="00000021", records=1, source="MAILDATA", where="MBG/00000021.MBG"),
    )


def test_no_mailbag_is_said_to_hold_more_than_one_can():
    (bag,) = told(tree([], bags={"0000001F": 5000})).mailbags
    assert bag.records == 4096


# --- Anything at all ------------------------------------------------------------------------------------------------

GOOD = tree(["NWTRADERS/PO2", "NWTRADERS/PO3", "WINGTIP/TOYS"], ffapi=["PROXYNET/PROXYPO"], gateways=["FAX"])
BYTES = st.binary(max_size=1500)


def occur(estate: Estate, parts: dict[str, bytes]) -> None:
    everything = b"\n".join(parts.values()).upper()
    for item in estate.listings:
        assert item.name.network.encode() in everything
        assert item.name.name.encode() in everything
    assert not any(ord(letter) < 32 for fault in estate.oddities for letter in fault.message)
    assert len({item.name for item in estate.listings}) == len(estate.listings)


@given(BYTES, BYTES, st.booleans())
@example(glb=b"\1" * 122, data=b"\1" * 698, shadow=False)
@example(glb=b"\1" * 1220, data=b"\1" * 6980, shadow=True)
def test_arbitrary_bytes_give_only_names_that_stand_there(glb, data, shadow):
    parts = {"GLB/NETWORK.GLB": glb, **{f"XTN/{number}.XTN": data for number in numbers(glb)}}
    occur(told(parts, None, shadow=shadow), parts)


@given(
    st.sampled_from(sorted(GOOD)),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8),
    st.integers(0, 2000),
)
def test_a_good_folder_with_wrong_bytes_gives_only_names_that_stand_there(path, changes, cut):
    data = bytearray(GOOD[path])
    for at, value in changes:
        data[at % len(data)] = value
    parts = GOOD | {path: bytes(data[: len(data) - cut % len(data)])}
    occur(told(parts, None), parts)


@given(st.lists(st.text("ABCDEFGHIJ0123456789", min_size=1, max_size=10), unique=True, max_size=20))
def test_what_is_laid_down_is_read_back(names):
    assert externals(b"".join(map(external, names))) == tuple(enumerate(names, 1))
    assert others(told(xtn(*map(external, names)))) == [f"NWTRADERS/{name}" for name in names]


def test_the_type_of_a_network_is_a_byte_and_nothing_more_is_made_of_it():
    for kind in set(range(256)) - {CONNECTION, FFAPI}:
        (_, item) = told(
            {"GLB/NETWORK.GLB": network("NWTRADERS", ONE, kind), f"XTN/{ONE}.XTN": external("PO2")}
        ).listings
        assert item.kind is None
