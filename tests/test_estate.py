"""The estate: what recipients hold, what inventories tell, and that merging loses nothing."""

from dataclasses import replace

import pytest

from remedy.addresses import AddressSpace, MsAddress, PostofficeName, ProxyAddress
from remedy.errors import Fault
from remedy.estate import (
    Connector,
    Estate,
    Evidence,
    EvidenceKind,
    Listing,
    Postoffice,
    Recipient,
    RecipientKind,
    Requestor,
    Sighting,
    Site,
)
from remedy.roster import postoffices

PO1 = PostofficeName("NWTRADERS", "PO1")


def recipient(order: str = "cn=jdoe", *proxies: str, target: str = "", **facts) -> Recipient:
    return Recipient(
        dn=order,
        order=order,
        kind=facts.pop("kind", RecipientKind.MAILBOX),
        source=facts.pop("source", "one"),
        proxies=tuple(map(ProxyAddress.parse, proxies)),
        addresses=facts.pop("addresses", len(proxies)),
        target=ProxyAddress.parse(target) if target else None,
        **facts,
    )


def listing(**facts) -> Listing:
    return Listing(name=PO1, source="list", **facts)


def test_a_recipient_holds_its_proxies_and_its_target():
    holder = recipient("cn=x", "MS$NWTRADERS/PO1/POSTMASTER", "smtp$a@b", target="ms:nwtraders/po1/postmaster")
    assert [str(proxy) for proxy in holder.held] == [
        "MS$NWTRADERS/PO1/POSTMASTER",
        "smtp$a@b",
        "ms:nwtraders/po1/postmaster",
    ]
    assert [str(proxy) for proxy in holder.holds(PO1.postmaster)] == [
        "MS$NWTRADERS/PO1/POSTMASTER",
        "ms:nwtraders/po1/postmaster",
    ]
    assert holder.holds(MsAddress(PO1, "ANNE")) == ()
    assert holder.postmasters == {PO1}


def test_what_is_no_postmaster_address_is_not_counted_as_one():
    assert recipient("cn=x", "ms$NWTRADERS/PO1/POSTMAST0", "ms$NWTRADERS/POSTOFFICE11/POSTMASTER").postmasters == set()


@pytest.mark.parametrize(
    ("listings", "pending", "users", "strategy", "skipped"),
    [
        ([], None, None, "", False),
        ([listing()], None, None, "", False),
        ([listing(pending=0, users=0)], 0, 0, "", False),
        ([listing(pending=7, users=3), listing(), listing(pending=5, users=9)], 7, 9, "", False),
        ([listing(strategy="skip"), listing()], None, None, "skip", True),
        ([listing(strategy="skip"), listing(strategy="both")], None, None, "both", False),
        ([listing(strategy="both"), listing(strategy="skip")], None, None, "skip", True),
    ],
)
def test_what_inventories_tell_of_a_postoffice(listings, pending, users, strategy, skipped):
    po = Postoffice(name=PO1, listings=tuple(listings))
    assert (po.pending, po.users, po.strategy, po.skipped) == (pending, users, strategy, skipped)


def test_different_tellings_are_told_once_each_and_blanks_never():
    po = Postoffice(name=PO1, listings=(listing(users=0), listing(users=5, note="x"), listing(), listing(users=5)))
    assert po.told("users") == (0, 5)
    assert po.told("note") == ("x",)
    assert po.told("postmaster") == ()


def test_a_postoffice_is_defined_by_an_address_space_only():
    kinds = {kind: Evidence("one", "", kind, "") for kind in EvidenceKind}
    defined = {kind for kind, item in kinds.items() if Postoffice(name=PO1, evidence=(item,)).defined}
    assert defined == {EvidenceKind.ROUTING_LIST, EvidenceKind.GWART}


def test_merging_keeps_everything_that_only_one_tells():
    sighting = Sighting(PO1, Evidence("one", "", EvidenceKind.TARGET_ADDRESS, ""))
    one = Estate(
        connectors=(Connector(dn="b", order="b", source="one"),),
        recipients=(recipient("cn=b"),),
        requestors=(Requestor(dn="b", order="b", source="one"),),
        sites=(Site(dn="b", order="b"),),
        sightings=(sighting,),
        listings=(listing(),),
        faults=(Fault("one", 1, "x"),),
        oddities=(Fault("one", 1, "y"),),
        truncated={"one": "cut"},
        hidden={"one": 2},
    )
    other = Estate(
        connectors=(Connector(dn="a", order="a", source="two"),),
        recipients=(recipient("cn=a"),),
        requestors=(Requestor(dn="a", order="a", source="two"),),
        sites=(Site(dn="a", order="a"),),
        sightings=(sighting,),
        listings=(listing(users=4),),
        faults=(Fault("two", 1, "x"),),
        oddities=(Fault("two", 1, "y"),),
        truncated={"two": "cut"},
        hidden={"two": 0},
    )
    both = one.merged(other)
    for part in (both.connectors, both.requestors, both.sites):
        assert [item.order for item in part] == ["a", "b"]
    assert [item.order for item in both.recipients] == ["cn=a", "cn=b"]
    assert len(both.sightings) == len(both.listings) == len(both.faults) == len(both.oddities) == 2
    assert both.truncated == {"one": "cut", "two": "cut"}
    assert both.hidden == {"one": 2, "two": 0}


def test_one_recipient_of_two_sources_holds_what_either_shows():
    both = Estate(recipients=(recipient("cn=x", "MS$FABRIKAM/SEATTLE/X", "ms$NWTRADERS/PO1/POSTMASTER", addresses=4),)).merged(
        Estate(recipients=(recipient("cn=x", "MS$FABRIKAM/SEATTLE/X", "ms$NWTRADERS/PO2/POSTMASTER", target="MS:WINGTIP/A/B", addresses=4),))
    )  # fmt: skip
    (found,) = both.recipients
    assert [str(name) for name in sorted(found.postmasters)] == ["NWTRADERS/PO1", "NWTRADERS/PO2"]
    assert found.addresses == 5
    assert str(found.target) == "MS:WINGTIP/A/B"


def test_one_connector_of_two_sources_shows_the_postoffices_of_both():
    spaces = {source: AddressSpace.parse(f"MS:NWTRADERS/{source};1") for source in ("ONE", "TWO")}
    one, two = (
        Estate(connectors=(Connector(dn="cn=c", order="cn=c", source=source, spaces=(space,)),))
        for source, space in spaces.items()
    )
    assert [str(po.name) for po in postoffices(one.merged(two))] == ["NWTRADERS/ONE", "NWTRADERS/TWO"]


def test_a_postoffice_keeps_the_evidence_from_each_source():
    one, two = (
        Estate(connectors=(Connector(dn="cn=c", order="cn=c", source=source, spaces=(AddressSpace.parse("MS:NWTRADERS/PO1;1"),)),))
        for source in ("one", "two")
    )  # fmt: skip
    (po,) = postoffices(one.merged(two))
    assert [item.source for item in po.evidence] == ["one", "two"]


def mixed(*, owned: bool) -> tuple[Recipient, Recipient]:
    """One mailbox as each of the two directories of a mixed organisation shows it."""
    old = recipient("cn=x,o=a", "MS$FABRIKAM/SEATTLE/X", "ms$NWTRADERS/PO1/POSTMASTER", side="old", addresses=4)
    shown = (
        "SMTP:x@fabrikam.com",
        "MS:FABRIKAM/SEATTLE/X",
        "ms:nwtraders/po1/postmaster",
        "ms:NWTRADERS/PO2/POSTMASTER",
    )
    return old, recipient("cn=x,dc=a", *shown, side="new", twin=old.order, owned=owned, addresses=4)


@pytest.mark.parametrize("owned", [True, False])
def test_a_mailbox_of_two_directories_is_one_where_it_is_owned(owned):
    old, new = mixed(owned=owned)
    for one, two in ((old, new), (new, old)):
        (found,) = Estate(recipients=(one,)).merged(Estate(recipients=(two,))).recipients
        owner, copy = (new, old) if owned else (old, new)
        assert (found.dn, found.side, found.copies) == (owner.dn, owner.side, (copy.dn,))
        assert {str(name) for name in found.postmasters} == {"NWTRADERS/PO1", "NWTRADERS/PO2"}
        assert found.addresses == 4
        assert (copy.source, copy.where) in found.also


def test_entries_of_one_directory_are_never_twins():
    old, new = mixed(owned=True)
    apart = Estate(recipients=(old, replace(new, side="old"))).merged(Estate())
    assert len(apart.recipients) == 2
    alone = Estate(recipients=(new,)).merged(Estate())
    assert [item.dn for item in alone.recipients] == [new.dn]
