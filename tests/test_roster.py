"""The roster: what shows a postoffice, what only looks like one, and where the shadow postoffice is read."""

import pytest

from remedy.addresses import AddressSpace, PostofficeName
from remedy.dialects import DIALECTS, lift
from remedy.entry import Entry
from remedy.estate import Connector, Estate, EvidenceKind, Listing, Mailbag, PostofficeKind
from remedy.roster import own_names, postoffices, shadows, sightings
from tests.conftest import (
    CONNECTIONS,
    RECIPIENTS,
    SITE,
    addressing,
    connector,
    custom,
    folder,
    group,
    made,
    mailbox,
    requestor,
    system,
)

PO1 = "NWTRADERS/PO1"
DIALECT = DIALECTS["exchange55"]


def estate(*entries: Entry, listings: tuple[Listing, ...] = ()) -> Estate:
    return lift(DIALECT, entries, "export").merged(Estate(listings=listings))


def listing(name: str, **facts) -> Listing:
    return Listing(name=PostofficeName.parse(name), source="list", **facts)


def names(found: Estate) -> list[str]:
    return [str(po.name) for po in postoffices(found)]


def shadow_names(found: Estate) -> list[str]:
    return [str(name) for name in sorted(own_names(found))]


SHOWS = {
    "routing-list": ([connector("MS:nwtraders/po1;1")], ["routing-list"]),
    "routing-list-of-another-class": ([connector("MS:NWTRADERS/PO1;1", kind="X400-Link")], ["routing-list"]),
    "routing-list-without-class": ([connector("MS:NWTRADERS/PO1;1", kind="")], ["routing-list"]),
    "routing-list-anywhere": ([connector("MS:NWTRADERS/PO1;1", dn=f"cn=Odd,{SITE}")], ["routing-list"]),
    "routing-list-elsewhere": ([connector("MS:NWTRADERS/PO1;1", dn="cn=Odd,o=WINGTIP")], ["routing-list"]),
    "system-recipient": ([system(PO1)], ["system-recipient"]),
    "system-recipient-with-requestor": ([system(PO1), requestor("SYS")], ["system-recipient", "requestor"]),
    "requestor-of-the-other-kind": ([system(PO1), requestor("SYS", kind="DX-Server-Conn")], ["system-recipient", "requestor"]),
    "target-address": ([custom("asmith", "MS:NWTRADERS/PO1/ASMITH")], ["target-address"]),
    "target-with-dollar": ([custom("asmith", "MS$nwtraders/po1/asmith")], ["target-address"]),
    "target-in-lower-case": ([custom("asmith", "ms:nwtraders/po1/asmith")], ["target-address"]),
    "target-is-postmaster": ([custom("pm", "MS:NWTRADERS/PO1/POSTMASTER")], ["target-address"]),
    "target-without-class": ([made("cn=x,o=FABRIKAM", {"Target-Address": "MS:NWTRADERS/PO1/X"})], ["target-address"]),
    "proxy-of-a-mailbox": ([mailbox("jdoe", "ms$nwtraders/po1/postmaster"), addressing()], ["proxy"]),
    "proxy-with-colon": ([mailbox("jdoe", "ms:NWTRADERS/PO1/POSTMASTER"), addressing()], ["proxy"]),
    "proxy-of-a-list": ([group("all", "ms$NWTRADERS/PO1/POSTMASTER")], ["proxy"]),
    "proxy-of-a-folder": ([folder("all", "ms$NWTRADERS/PO1/POSTMASTER")], ["proxy"]),
}  # fmt: skip


@pytest.mark.parametrize(("entries", "kinds"), SHOWS.values(), ids=SHOWS)
def test_what_shows_a_postoffice(entries, kinds):
    (po,) = postoffices(estate(*entries))
    assert str(po.name) == PO1
    assert [item.kind.value for item in po.evidence] == kinds
    assert {item.source for item in po.evidence} == {"export"}


SHOWS_NONE = {
    "wildcard": [connector("MS:NWTRADERS/*;1", "MS:NWTRADERS/P%;1", "MS:NWTRADERS;1")],
    "appletalk": [connector("MSA:NWTRADERS/PO1;1")],
    "reserved": [connector("MS:PROFS/PO1;1", "MS:*EMS/PO1;1")],
    "reserved-target": [custom("asmith", "MS:FAX/PO1/ASMITH")],
    "eleven-characters": [connector("MS:NWTRADERS/POSTOFFICE1;1")],
    "smtp-space": [connector("SMTP:*;1")],
    "shadow-space": [connector("MS:FABRIKAM/SEATTLE;1"), addressing("MS:FABRIKAM/SEATTLE")],
    "shadow-system": [custom("sys", "MS:FABRIKAM/SEATTLE/$SYSTEM"), addressing("MS:FABRIKAM/SEATTLE")],
    "shadow-proxy": [mailbox("jdoe", "ms$FABRIKAM/SEATTLE/POSTMASTER"), addressing("MS:FABRIKAM/SEATTLE")],
    "other-proxy": [mailbox("jdoe", "ms$NWTRADERS/PO1/JDOE"), addressing()],
    "smtp-target": [custom("asmith", "SMTP:asmith@northwind.example")],
    "broken-target": [custom("asmith", "MS:NWTRADERS"), custom("bking", "nonsense")],
    "requestor-of-nobody": [requestor("GONE"), requestor(name="Slash", client="SYS,x")],
    "requestor-of-a-mailbox": [requestor("jdoe"), mailbox("jdoe"), addressing()],
    "address-book-view": [custom("asmith", "MS:NWTRADERS/PO1/A", dn="cn=asmith,cn=Anne,ou=_ABVIEWS_,o=FABRIKAM")],
    "address-book-view-in-lower-case": [mailbox("j", "ms$NWTRADERS/PO1/POSTMASTER", dn="cn=j,ou=_abviews_,o=fabrikam")],
    "tombstone": [custom("asmith", "MS:NWTRADERS/PO1/A", Is_Deleted="TRUE")],
    "tombstone-connector": [connector("MS:NWTRADERS/PO1;1", Is_Deleted="true")],
}  # fmt: skip


@pytest.mark.parametrize("entries", SHOWS_NONE.values(), ids=SHOWS_NONE)
def test_what_shows_none(entries):
    assert names(estate(*entries)) == []


def test_the_same_postoffice_keeps_all_its_evidence():
    users = [custom(f"user{n}", f"MS:NWTRADERS/PO1/USER{n}") for n in range(5)]
    found = estate(connector("MS:NWTRADERS/PO1;1"), system(PO1), *users, listings=(listing(PO1),))
    (po,) = postoffices(found)
    assert [(item.kind.value, item.source, item.count) for item in po.evidence] == [
        ("routing-list", "export", 1),
        ("system-recipient", "export", 1),
        ("target-address", "export", 5),
        ("inventory", "list", 1),
    ]
    assert po.defined
    assert len(sightings(found)) == 4


def test_custom_recipients_are_counted_for_each_source():
    found = lift(DIALECT, [custom("a", "MS:NWTRADERS/PO1/A")], "one")
    found = found.merged(lift(DIALECT, [custom("b", "MS:NWTRADERS/PO1/B"), custom("c", "MS:NWTRADERS/PO1/C")], "two"))
    (po,) = postoffices(found)
    assert [(item.source, item.count) for item in po.evidence] == [("one", 1), ("two", 2)]
    (po,) = postoffices(found.merged(found))
    assert [(item.source, item.count) for item in po.evidence] == [("one", 2), ("two", 4)]


@pytest.mark.parametrize(
    "template",
    ["MS:FABRIKAM/SEATTLE", "MS:FABRIKAM/SEATTLE/", "ms:fabrikam/seattle", "MS:FABRIKAM/SEATTLE/%M/REST", "MS$FABRIKAM/SEATTLE"],
)  # fmt: skip
def test_the_shadow_is_read_from_site_addressing(template):
    found = estate(addressing("SMTP:@seattle.fabrikam.com", template), connector("MS:NWTRADERS/PO1;1"))
    assert shadow_names(found) == ["FABRIKAM/SEATTLE"]
    assert [(str(po.name), po.kind) for po in shadows(found)] == [("FABRIKAM/SEATTLE", PostofficeKind.SHADOW)]
    assert names(found) == [PO1]


@pytest.mark.parametrize(
    "template", ["SMTP:@fabrikam.com", "MS:FABRIKAM", "MS:FABRIKAM/", "nonsense", "MS:SEATTLESITE1/X"]
)
def test_a_template_without_a_shadow(template):
    assert shadow_names(estate(addressing(template))) == []


def test_the_shadow_is_read_from_an_inventory():
    found = estate(listings=(listing("FABRIKAM/SEATTLE", kind=PostofficeKind.SHADOW), listing(PO1)))
    assert shadow_names(found) == ["FABRIKAM/SEATTLE"]
    assert names(found) == [PO1]


def test_the_shadow_is_read_from_primary_addresses_where_nothing_else_shows_it():
    found = estate(
        mailbox("jdoe", "ms$NWTRADERS/PO1/POSTMASTER"),
        custom("asmith", "MS:NWTRADERS/PO2/ASMITH", "MS$NWTRADERS/PO2/ASMITH"),
        connector("MS:FABRIKAM/SEATTLE;1"),
    )
    assert shadow_names(found) == ["FABRIKAM/SEATTLE"]
    assert names(found) == ["NWTRADERS/PO1", "NWTRADERS/PO2"]


def test_a_shadow_that_a_tool_shows_hides_no_other():
    tool = listing("OTHER/SITE2", kind=PostofficeKind.SHADOW, evidence=EvidenceKind.REGISTRY)
    found = estate(mailbox("jdoe"), listings=(tool, listing("FABRIKAM/SEATTLE"), listing(PO1)))
    assert shadow_names(found) == ["FABRIKAM/SEATTLE", "OTHER/SITE2"]
    assert names(found) == [PO1]


@pytest.mark.parametrize("kind", [PostofficeKind.GATEWAY, PostofficeKind.SHADOW])
@pytest.mark.parametrize("tool", [True, False])
def test_a_postoffice_is_not_lost_to_a_kind_that_does_not_count(kind, tool):
    wrong = listing(PO1, kind=kind, **({"evidence": EvidenceKind.REGISTRY} if tool else {}))
    right = listing(PO1, kind=PostofficeKind.MSMAIL)
    assert names(estate(listings=(wrong, right))) == [PO1]
    assert names(estate(listings=(right, wrong))) == ([PO1] if tool else [])


def test_a_primary_postmaster_address_shows_no_shadow():
    assert shadow_names(estate(made(f"cn=pm,{RECIPIENTS}", {"objectClass": "organizationalPerson", "otherMailbox": "MS$NWTRADERS/PO1/POSTMASTER"}))) == []  # fmt: skip


def test_the_shadow_is_never_computed():
    assert shadow_names(estate(connector("MS:NWTRADERS/PO1;1"), custom("a", "MS:NWTRADERS/PO1/A"))) == []


@pytest.mark.parametrize("kind", [PostofficeKind.GATEWAY, PostofficeKind.SHADOW])
def test_gateways_and_shadows_of_an_inventory_are_no_postoffices(kind):
    assert names(estate(connector("MS:NWTRADERS/PO1;1"), listings=(listing(PO1, kind=kind),))) == []


@pytest.mark.parametrize("kind", [PostofficeKind.MSMAIL, PostofficeKind.FFAPI, PostofficeKind.WORKGROUP])
def test_other_kinds_of_an_inventory_are_postoffices(kind):
    (po,) = postoffices(estate(listings=(listing(PO1, kind=kind),)))
    assert po.kind is kind
    assert not po.defined


def test_holders_are_whoever_holds_the_address_in_the_order_of_their_names():
    found = estate(
        group("zebra", "ms$NWTRADERS/PO1/POSTMASTER"),
        custom("middle", "MS:NWTRADERS/PO1/POSTMASTER"),
        mailbox("Anne", "MS$nwtraders/po1/postmaster"),
        mailbox("other", "ms$NWTRADERS/PO2/POSTMASTER", "ms$NWTRADERS/PO1/POSTMAST0"),
        addressing(),
    )
    po = postoffices(found)[0]
    assert [holder.dn for holder in po.holders] == [f"cn={name},{RECIPIENTS}" for name in ("Anne", "middle", "zebra")]


@pytest.mark.parametrize(
    "name", ["2A864886F71401031F", "2a864886f71401031f", "1.2.840.113556.1.3.31", "ms-mail-connector"]
)
def test_a_connector_is_known_by_name_and_oid(name):
    found = estate(connector("MS:NWTRADERS/PO1;1", kind=name, dn=f"cn=Odd,{CONNECTIONS}"))
    assert [item.is_ms_mail for item in found.connectors] == [True]


def test_a_connector_is_known_by_the_name_of_its_entry():
    ours = connector("MS:NWTRADERS/PO1;1", kind="")
    other = connector("MS:NWTRADERS/PO1;1", kind="", dn=f"cn=Link,{CONNECTIONS}")
    assert [item.is_ms_mail for item in estate(ours, other).connectors] == [False, True]


@pytest.mark.parametrize("name", ["DX-Requestor", "dx-requestor", "1.2.840.113556.1.3.19", "2A864886F714010313"])
def test_a_requestor_that_pulls_is_known_by_name_and_oid(name):
    assert [item.pulls for item in estate(requestor(kind=name)).requestors] == [True]


def test_a_partner_that_exchange_serves_does_not_pull():
    assert [item.pulls for item in estate(requestor(kind="DX-Server-Conn")).requestors] == [False]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("organizationalPerson", "mailbox"),
        ("1.2.840.113556.1.3.22", "mailbox"),
        ("Remote-Address", "custom-recipient"),
        ("custom-recipient", "custom-recipient"),
        ("groupOfNames", "distribution-list"),
        ("Public-Folder", "other"),
        ("", "other"),
    ],
)
def test_recipients_are_known_by_class(name, kind):
    entry = made("cn=x,o=FABRIKAM", {"objectClass": name, "otherMailbox": "ms$NWTRADERS/PO1/POSTMASTER"})
    assert [item.kind.value for item in estate(entry).recipients] == [kind]


@pytest.mark.parametrize(("attribute", "kind"), [("Home-MDB", "mailbox"), ("Target-Address", "custom-recipient")])
def test_recipients_without_class_are_known_by_attribute(attribute, kind):
    entry = made("cn=x,o=FABRIKAM", {attribute: "SMTP:x", "otherMailbox": "ms$NWTRADERS/PO1/POSTMASTER"})
    assert [item.kind.value for item in estate(entry).recipients] == [kind]


def test_every_kind_of_evidence_can_be_shown():
    by_people = {EvidenceKind.INVENTORY}
    by_tools = {
        EvidenceKind(word)
        for word in ("postoffice-folder", "registry", "listds", "import-extract", "listuser", "addr-map")
    }
    listings = tuple(listing(PO1, evidence=kind) for kind in (*by_people, *by_tools))
    found = estate(*(entry for entries, _ in SHOWS.values() for entry in entries), listings=listings)
    table = Connector(
        dn="x", order="x", source="g", spaces=(AddressSpace.parse("MS:NWTRADERS/PO1;1"),), evidence=EvidenceKind.GWART
    )
    found = found.merged(Estate(connectors=(table,)))
    assert {item.evidence.kind for item in sightings(found)} == set(EvidenceKind)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ((), "msmail"),
        (((EvidenceKind.INVENTORY, None),), "msmail"),
        (((EvidenceKind.POSTOFFICE_FOLDER, "ffapi"), (EvidenceKind.INVENTORY, None)), "ffapi"),
        (((EvidenceKind.INVENTORY, "workgroup"), (EvidenceKind.POSTOFFICE_FOLDER, "ffapi")), "workgroup"),
        (((EvidenceKind.INVENTORY, "ffapi"), (EvidenceKind.INVENTORY, "msmail")), "msmail"),
        (((EvidenceKind.POSTOFFICE_FOLDER, "msmail"), (EvidenceKind.REGISTRY, "ffapi")), "ffapi"),
    ],
)
def test_what_people_wrote_counts_before_what_tools_wrote_and_the_last_one_counts(told, kind):
    listings = [listing(PO1, evidence=who, kind=PostofficeKind(what) if what else None) for who, what in told]
    (po,) = postoffices(estate(connector("MS:NWTRADERS/PO1;1"), listings=tuple(listings)))
    assert po.kind == kind


def test_a_mailbag_is_found_by_the_number_that_another_source_tells():
    name = PostofficeName.parse(PO1)
    bags = tuple(
        Mailbag(postoffice=PostofficeName.parse(po), number=number, records=records, source="folder")
        for po, number, records in ((PO1, "00000001", 7), (PO1, "0000001F", 4000), ("NWTRADERS/PO2", "0000001F", 3))
    )
    found = Estate(listings=(listing(PO1), listing(PO1, mailbag="0000001F"), listing("NWTRADERS/PO2")), mailbags=bags)
    assert {str(po.name): po.mailbag and po.mailbag.records for po in postoffices(found)} == {
        PO1: 4000,
        "NWTRADERS/PO2": None,
    }
    assert [po.mailbag for po in postoffices(Estate().merged(found)) if po.name == name] == [bags[1]]


class TestConnector:
    """The picture of a way names the connector, where it is certain which one it is."""

    @staticmethod
    def named(*connectors):
        (po,) = postoffices(Estate(connectors=connectors))
        return po.connector

    @staticmethod
    def one(name, *, is_ms_mail=True):
        space = AddressSpace.parse(f"MS:{PO1};1")
        return Connector(dn=f"cn={name}", order=name, source="x", name=name, spaces=(space,), is_ms_mail=is_ms_mail)

    def test_one_that_a_directory_and_a_routing_table_show_is_one(self):
        assert self.named(self.one("MS Mail Connector (PLUTO)"), self.one("ms mail connector (pluto)")) != ""

    def test_of_two_nobody_knows_which_it_is(self):
        assert self.named(self.one("MS Mail Connector (PLUTO)"), self.one("MS Mail Connector (MARS)")) == ""

    def test_another_kind_of_connector_has_its_mail_elsewhere(self):
        assert self.named(self.one("To Frisco", is_ms_mail=False)) == ""

    def test_it_is_the_last_part_of_its_name(self):
        (po,) = postoffices(estate(connector(f"MS:{PO1};1")))
        assert po.connector == "MS Mail Connector (EXSRV1)"
