"""Addresses: what is one, what is the same one, and what an address space means."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remedy.addresses import AddressSpace, MsAddress, PostofficeName, ProxyAddress, SpaceKind, is_mangled

PARTS = st.text(string.ascii_letters + string.digits, min_size=1, max_size=10)
RESERVED = [
    "ATTMAIL",
    "COMPUSERVE",
    "DISOSS",
    "EASYLINK",
    "ENVOY",
    "FAX",
    "GTE",
    "MCI",
    "MHS",
    "MSMAIL",
    "OV",
    "PROFS",
    "SMTP",
    "SNADS",
    "SOURCE",
    "VMGATE",
    "X400",
]


# --- Postoffice names -------------------------------------------------------------------------------------------------


@given(PARTS, PARTS)
def test_a_name_is_compared_without_case_and_printed_upper(network, name):
    parsed = PostofficeName.parse(f"{network}/{name}")
    assert str(parsed) == f"{network}/{name}".upper()
    assert parsed == PostofficeName.parse(f"{network}/{name}".lower())
    assert hash(parsed) == hash(PostofficeName.of(network.swapcase(), f" {name} "))
    assert PostofficeName.parse(str(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("NWTRADERS", "not NETWORK/POSTOFFICE"),
        ("", "not NETWORK/POSTOFFICE"),
        ("/PO1", "network name is empty"),
        ("NWTRADERS/", "postoffice name is empty"),
        ("NWTRADERS/ ", "postoffice name is empty"),
        ("NWTRADERS/POSTOFFICE1", "11 characters"),
        ("NORTHWINDTR/PO1", "11 characters"),
        ("NWTRADERS/PO-1", "other than letters and digits"),
        ("NWTRADERS/PO 1", "other than letters and digits"),
        ("NWTRADERS/PO1/X", "other than letters and digits"),
        ("NWTRADERS/PÖ1", "other than letters and digits"),
        ("NWTRADERS/PO\u0661", "other than letters and digits"),
        ("NWTRADERS/PO1\nX", "other than letters and digits"),
        ("NWTRADERS/$SYSTEM", "other than letters and digits"),
    ],
)
def test_a_name_that_cannot_be(text, why):
    with pytest.raises(ValueError, match=why):
        PostofficeName.parse(text)


def test_a_name_knows_its_postmaster_and_sorts():
    names = [PostofficeName.parse(text) for text in ("WINGTIP/A", "NWTRADERS/PO2", "NWTRADERS/PO1")]
    assert [str(name.postmaster) for name in sorted(names)] == [
        "NWTRADERS/PO1/POSTMASTER",
        "NWTRADERS/PO2/POSTMASTER",
        "WINGTIP/A/POSTMASTER",
    ]


@pytest.mark.parametrize("network", RESERVED)
def test_gateway_networks_are_reserved(network):
    assert PostofficeName.of(network.lower(), "HOST1").reserved


@pytest.mark.parametrize("network", ["NWTRADERS", "MHS1", "XSMTP", "FABRIKAM"])
def test_other_networks_are_not_reserved(network):
    assert not PostofficeName.of(network, "PO1").reserved


# --- Three-part addresses ---------------------------------------------------------------------------------------------


@given(PARTS, PARTS, PARTS)
def test_an_address_reads_back(network, name, box):
    address = MsAddress.parse(f"{network}/{name}/{box}")
    assert str(address) == f"{network}/{name}/{box}".upper()
    assert MsAddress.parse(str(address)) == address
    assert address.is_postmaster == (box.upper() == "POSTMASTER")


@pytest.mark.parametrize(
    ("text", "postmaster", "system"),
    [
        ("NWTRADERS/PO1/POSTMASTER", True, False),
        ("nwtraders/po1/postmaster", True, False),
        ("NWTRADERS/PO1/POSTMAST0", False, False),
        ("NWTRADERS/PO1/$SYSTEM", False, True),
        ("NWTRADERS/PO1/$system", False, True),
        ("NWTRADERS/PO1/ASMITH", False, False),
    ],
)
def test_whose_address_it_is(text, postmaster, system):
    address = MsAddress.parse(text)
    assert (address.is_postmaster, address.is_system) == (postmaster, system)
    assert address.postoffice == PostofficeName("NWTRADERS", "PO1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NWTRADERS/PO1",
        "NWTRADERS/PO1/",
        "NWTRADERS//X",
        "/PO1/X",
        "N/P/Q/R",
        "NWTRADERS/PO1/ELEVENCHARS",
        "NWTRADERS/PO1/AN NE",
        "NWTRADERS/PO1/$",
        "NWTRADERS/PO1/ANN*",
    ],
)
def test_an_address_that_cannot_be(text):
    with pytest.raises(ValueError, match=r"not NETWORK|empty|characters"):
        MsAddress.parse(text)


@pytest.mark.parametrize(
    ("text", "mangled"),
    [
        ("POSTMAST0", True),
        ("postmast7", True),
        (" POSTMAST0 ", True),
        ("POSTMASTER", False),
        ("POSTMAST", False),
        ("POSTMAST10", False),
        ("XPOSTMAST0", False),
    ],
)
def test_what_the_generator_makes(text, mangled):
    assert is_mangled(text) is mangled


# --- Proxies ----------------------------------------------------------------------------------------------------------


@given(st.sampled_from(["MS", "ms", "SMTP", "smtp", "x400"]), st.sampled_from(":$"), PARTS, PARTS, PARTS)
def test_a_proxy_reads_back_in_both_syntaxes(kind, mark, network, name, box):
    text = f"{kind}{mark}{network}/{name}/{box}"
    proxy = ProxyAddress.parse(text)
    assert str(proxy) == text
    assert proxy.primary == kind.isupper()
    assert proxy.is_ms == (kind in {"MS", "ms"})
    assert (proxy.ms == MsAddress.parse(f"{network}/{name}/{box}")) is proxy.is_ms


@given(PARTS, PARTS)
def test_two_spellings_are_one_address(network, name):
    one = ProxyAddress.parse(f"MS:{network}/{name}/POSTMASTER")
    other = ProxyAddress.parse(f" ms${network.swapcase()}/{name.swapcase()}/Postmaster ")
    assert one.key == other.key
    assert one.ms == other.ms


@pytest.mark.parametrize("text", ["", "NWTRADERS/PO1/ANNE", ":NWTRADERS/PO1/ANNE", "$x", "1MS:x", "M S:x", "é:x"])
def test_a_proxy_needs_a_type(text):
    with pytest.raises(ValueError, match="no address type"):
        ProxyAddress.parse(text)


@pytest.mark.parametrize("text", ["ms$NWTRADERS/PO1", "MS:NWTRADERS/POSTOFFICE11/POSTMASTER", "MS:"])
def test_a_malformed_ms_proxy_is_kept_and_is_no_address(text):
    proxy = ProxyAddress.parse(text)
    assert proxy.is_ms
    assert proxy.ms is None


def test_the_case_of_the_type_is_data():
    assert ProxyAddress.parse("MS$A/B/C") != ProxyAddress.parse("ms$A/B/C")
    assert ProxyAddress.parse("ms:A/B/C") == ProxyAddress.parse("ms$A/B/C")
    assert not ProxyAddress.parse("Ms:A/B/C").primary


# --- Address spaces ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "MS:NWTRADERS/PO1;1",
        "MS:NWTRADERS/PO1;;1",
        "MS:NWTRADERS/PO1",
        "MS:NWTRADERS/PO1;",
        "MS:NWTRADERS/PO1; 100 ",
        "ms:nwtraders/po1;1",
        "  MS: NWTRADERS / PO1 ;1",
        "MS:NWTRADERS /PO1   ;;1",
        "MS:NWTRADERS/PO1/;1",
        "MS:NWTRADERS/PO1/ASMITH;1",
    ],
)
def test_a_space_that_names_a_postoffice(text):
    space = AddressSpace.parse(text)
    assert (space.kind, space.postoffice, space.text) == (
        SpaceKind.POSTOFFICE,
        PostofficeName("NWTRADERS", "PO1"),
        text,
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("MS:NWTRADERS/*;1", SpaceKind.WILDCARD),
        ("MS:NWTRADERS/PO%;1", SpaceKind.WILDCARD),
        ("MS:*;1", SpaceKind.WILDCARD),
        ("MS:*/*;1", SpaceKind.WILDCARD),
        ("MS:NWTRADERS;1", SpaceKind.WILDCARD),
        ("MS:NWTRADERS/;1", SpaceKind.WILDCARD),
        ("MS:NWTRADERS/ ;;1", SpaceKind.WILDCARD),
        ("MS:;1", SpaceKind.WILDCARD),
        ("MS:*EMS/HOST;1", SpaceKind.RESERVED),
        *((f"MS:{name}/HOST1;5", SpaceKind.RESERVED) for name in RESERVED),
        ("MS:profs/host1;5", SpaceKind.RESERVED),
        ("MSA:Wingtip Design;1", SpaceKind.APPLETALK),
        ("msa:*;1", SpaceKind.APPLETALK),
        ("SMTP:*;1", SpaceKind.SMTP),
        ("smtp:fabrikam.com;1", SpaceKind.SMTP),
        ("X400:c=US;a=X400admd;p=X400prmd;o=X400org;;1", SpaceKind.OTHER),
        ("CCMAIL:at SITE;1", SpaceKind.OTHER),
        ("MS:NWTRADERS/POSTOFFICE1;1", SpaceKind.INVALID),
        ("MS:NORTHWINDTR/PO1;1", SpaceKind.INVALID),
        ("MS:NWTRADERS/P-1;1", SpaceKind.INVALID),
        ("MS:/PO1;1", SpaceKind.INVALID),
        ("NWTRADERS/PO1;1", SpaceKind.INVALID),
        ("", SpaceKind.INVALID),
    ],
)
def test_a_space_that_names_none(text, kind):
    space = AddressSpace.parse(text)
    assert (space.kind, space.postoffice) == (kind, None)
    assert bool(space.fault) == (kind is SpaceKind.INVALID)


@given(st.text())
def test_any_text_is_some_space(text):
    for space in (AddressSpace.parse(text), AddressSpace.parse(f"MS:{text};1")):
        assert (space.postoffice is not None) == (space.kind is SpaceKind.POSTOFFICE)
