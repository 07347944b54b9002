"""The message flow of Q175447: where a reply to the postmaster ends, with the way as the witness."""

import pytest

from remedy.addresses import PostofficeName, ProxyAddress
from remedy.courses import SIDE, TABLE, Outcome, Place
from remedy.estate import Evidence, EvidenceKind, Listing, Postoffice, PostofficeKind, Recipient, RecipientKind
from remedy.flow import both_walks, walk
from remedy.own import Own, own_mailbox

NAME = PostofficeName("NWTRADERS", "PO1")
DEFINED = Evidence("export", "", EvidenceKind.ROUTING_LIST, "MS:NWTRADERS/PO1;1")


def holder(kind: str = "mailbox", *, target: str = "", imported: str = "", dn: str = "cn=x") -> Recipient:
    proxies = () if target == "MS:NWTRADERS/PO1/POSTMASTER" else (ProxyAddress.parse("ms$NWTRADERS/PO1/POSTMASTER"),)
    return Recipient(
        dn=dn,
        order=dn,
        kind=RecipientKind(kind),
        source="export",
        proxies=proxies,
        target=ProxyAddress.parse(target) if target else None,
        imported_from=imported,
    )


def back(*, imported: str = "") -> Recipient:
    return holder("custom-recipient", target="MS:NWTRADERS/PO1/POSTMASTER", imported=imported)


def office(
    *holders: Recipient, kind: PostofficeKind = PostofficeKind.MSMAIL, defined: bool = True, **told
) -> Postoffice:
    listings = (Listing(name=NAME, source="list", **told),) if told else ()
    return Postoffice(name=NAME, kind=kind, evidence=(DEFINED,) if defined else (), holders=holders, listings=listings)


TRUTHS = {"yes": True, "no": False, "": None}


def told(*truths: str, pending: int | None = None, holders: tuple[Recipient, ...] = ()) -> Postoffice:
    listings = tuple(Listing(name=NAME, source="list", postmaster=TRUTHS[truth], pending=pending) for truth in truths)
    return Postoffice(name=NAME, holders=holders, listings=listings)


def places(path) -> list[Place]:
    return [step.place for step in path]


@pytest.mark.parametrize(
    ("po", "own"),
    [
        (told(), Own.UNKNOWN),
        (told(""), Own.UNKNOWN),
        (told("", pending=0), Own.UNKNOWN),
        (told("no"), Own.MISSING),
        (told("no", pending=4096), Own.MISSING),
        (told("yes"), Own.ROOM),
        (told("yes", pending=4095), Own.ROOM),
        (told("yes", pending=4096), Own.FULL),
        (told("", pending=4096), Own.FULL),
        (told("yes", "no"), Own.UNKNOWN),
        (told(holders=(back(imported="HUBPO"),)), Own.ROOM),
        (told("", pending=4096, holders=(back(imported="HUBPO"),)), Own.FULL),
        (told(holders=(back(),)), Own.CLAIMED),
        (told("yes", holders=(back(),)), Own.ROOM),
        (told("no", holders=(back(),)), Own.CLAIMED),
        (told("no", holders=(back(imported="HUBPO"),)), Own.CLAIMED),
        (told(holders=(holder("custom-recipient", target="MS:WINGTIP/A/B", imported="HUBPO"),)), Own.UNKNOWN),
        (told(holders=(holder(),)), Own.UNKNOWN),
    ],
)
def test_what_is_known_of_the_postoffice_s_own_mailbox(po, own):
    assert own_mailbox(po) is own


LOOP = [
    Place.LIST_SERVER,
    Place.IMS,
    Place.DIRECTORY,
    Place.CONNECTOR,
    Place.POSTOFFICE,
    Place.REPORT,
    Place.LIST_SERVER,
]
TO_POSTMASTER = [Place.LIST_SERVER, Place.IMS, Place.DIRECTORY, Place.CONNECTOR, Place.POSTOFFICE, Place.POSTMASTER]
TO_DIRECTORY = [Place.LIST_SERVER, Place.IMS, Place.DIRECTORY]

WALKS = {
    "nobody": (office(), Outcome.LOOPS, LOOP),
    "missing": (office(postmaster=False), Outcome.LOOPS, LOOP),
    "full": (office(postmaster=True, pending=4096), Outcome.LOOPS, LOOP),
    "room": (office(postmaster=True, pending=3), Outcome.UNTIL_FULL, TO_POSTMASTER),
    "mailbox": (office(holder()), Outcome.DELIVERS, [*TO_DIRECTORY, Place.MAILBOX]),
    "mailbox-and-full": (office(holder(), pending=4096), Outcome.DELIVERS, [*TO_DIRECTORY, Place.MAILBOX]),
    "imported": (office(back(imported="HUBPO")), Outcome.UNTIL_FULL, TO_POSTMASTER),
    "by-hand": (office(back()), Outcome.UNKNOWN, LOOP),
    "sent-back-to-a-full-one": (office(back(), pending=4096), Outcome.LOOPS, LOOP),
    "list": (office(holder("distribution-list")), Outcome.UNKNOWN, [*TO_DIRECTORY, Place.ELSEWHERE]),
    "other": (office(holder("other"), postmaster=True), Outcome.UNKNOWN, [*TO_DIRECTORY, Place.ELSEWHERE]),
    "sent-elsewhere": (
        office(holder("custom-recipient", target="SMTP:x@fabrikam.com"), postmaster=True),
        Outcome.UNKNOWN,
        [*TO_DIRECTORY, Place.ELSEWHERE],
    ),
    "two": (office(holder(), holder(dn="cn=y")), Outcome.AMBIGUOUS, [*TO_DIRECTORY, Place.AMBIGUOUS]),
    "shadow": (
        office(kind=PostofficeKind.SHADOW),
        Outcome.LOOPS,
        [*TO_DIRECTORY, Place.REPORT, Place.LIST_SERVER],
    ),
    "shadow-held": (office(holder(), kind=PostofficeKind.SHADOW), Outcome.UNKNOWN, [*TO_DIRECTORY, Place.ELSEWHERE]),
}


@pytest.mark.parametrize(("po", "outcome", "path"), WALKS.values(), ids=WALKS)
def test_the_reply_from_the_internet(po, outcome, path):
    found = walk(po)
    assert found.outcome is outcome
    assert places(found.path) == path
    assert found.path[0].says == ""
    assert all(step.says.endswith(").") or step.says.endswith(".") for step in found.path[1:])


def test_the_witness_speaks_of_this_postoffice_and_this_holder():
    says = " ".join(step.says for step in walk(office(holder(dn="cn=a\x1b[2J"))).path)
    assert "NWTRADERS/PO1/POSTMASTER" in says
    assert "cn=a\\u001b[2J" in says
    assert "2 entries" in walk(office(holder(), holder(dn="cn=y"))).path[-1].says


@pytest.mark.parametrize(
    ("po", "outcome"),
    [
        (office(postmaster=True), Outcome.UNTIL_FULL),
        (office(holder(), postmaster=True), Outcome.UNTIL_FULL),
        (office(postmaster=False), Outcome.BOUNCES),
        (office(holder(), postmaster=False), Outcome.BOUNCES),
        (office(holder(), pending=4096), Outcome.BOUNCES),
        (office(), Outcome.UNKNOWN),
        (office(holder()), Outcome.UNKNOWN),
        (office(back()), Outcome.UNKNOWN),
        (office(defined=False, postmaster=True), Outcome.UNTIL_FULL),
        (office(kind=PostofficeKind.SHADOW), Outcome.UNKNOWN),
    ],
)
def test_mail_from_the_microsoft_mail_side_asks_no_directory(po, outcome):
    found = both_walks(po)[1]
    assert found.outcome is outcome
    assert not {Place.DIRECTORY, Place.MAILBOX, Place.AMBIGUOUS} & set(places(found.path))
    assert places(found.path)[:2] == [Place.MS_MAIL, Place.CONNECTOR]


def test_a_postoffice_the_connector_does_not_define_is_only_supposed_to_be_rerouted():
    assert both_walks(office(defined=False))[1].path[2].says.startswith("If ")
    assert not both_walks(office())[1].path[2].says.startswith("If ")


@pytest.mark.parametrize("table", [TABLE, SIDE], ids=["from-outside", "from-inside"])
def test_every_way_leads_somewhere(table):
    ends = {Place.MAILBOX, Place.POSTMASTER, Place.AMBIGUOUS, Place.ELSEWHERE, Place.RETURNED}
    reached = {way.to for ways in table.values() for way in ways}
    assert reached <= ends | set(table)
