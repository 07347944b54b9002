"""The findings: for each a case that raises it, and beside it one that does not."""

import pytest

from remedy import workflow
from remedy.addresses import PostofficeName
from remedy.checks import judged_sinks
from remedy.codes import CODES
from remedy.coverage import View
from remedy.estate import Estate, EvidenceKind, Listing, Mailbag, Recipient, RecipientKind
from remedy.reading import Manner
from remedy.survey import survey
from tests.conftest import (
    CONNECTIONS,
    RECIPIENTS,
    ROWS,
    SITE,
    addressing,
    connector,
    custom,
    folder,
    group,
    ldif,
    listed,
    mailbox,
    requestor,
    system,
)

PO, PM = "NWTRADERS/PO1", "NWTRADERS/PO1/POSTMASTER"
SPACES = connector(f"MS:{PO};1")
THERE = listed(PO, postmaster=True)
CONNECTOR = f"cn=MS Mail Connector (EXSRV1),{CONNECTIONS}"


def at(alias: str) -> str:
    return f"cn={alias},{RECIPIENTS}"


def spaces(*more: str):
    """The connector, with further address spaces."""
    return connector(f"MS:{PO};1", *more)


def full_of(number: int, alias: str = "keeper"):
    """A mailbox with so many addresses in all, one of them a postmaster address."""
    return mailbox(alias, f"ms${PM}", *(f"smtp$old{n}@fabrikam.com" for n in range(number - 4)))


RAISED = {
    "exposed": ([SPACES], [], PO),
    "duplicate-address": ([mailbox("a", f"ms${PM}"), group("b", f"ms${PM}")], [], PO),
    "duplicate-address/hidden": ([mailbox("a", f"ms${PM}"), custom("b", f"MS:{PM}", Hide_From_Address_Book="TRUE")], [], PO),
    "mailbox-full": ([], [listed(PO, postmaster=True, pending=4096)], PO),
    "mailbox-full/nothing-said": ([], [listed(PO, pending=4096)], PO),
    "mailbox-full/proxy": ([mailbox("a", f"ms${PM}")], [listed(PO, pending=4096)], PO),
    "postmast0": ([SPACES, mailbox("Postmaster")], [], at("Postmaster")),
    "postmast0/other-digit": ([SPACES, mailbox("a", "ms$wingtip/toys/postmast7")], [], at("a")),
    "postmast0/custom-recipient": ([SPACES, custom("a", "MS:NWTRADERS/PO1/POSTMAST0")], [], at("a")),
    "custom-recipient-holds-postmaster": ([custom("a", f"MS:{PM}")], [], at("a")),
    "custom-recipient-holds-postmaster/imported": ([custom("a", f"MS:{PM}", imported="HUBPO Requestor")], [], at("a")),
    "holder-is-not-a-mailbox": ([group("a", f"ms${PM}")], [], at("a")),
    "holder-is-not-a-mailbox/folder": ([folder("a", f"ms${PM}")], [], at("a")),
    "alias-postmaster": ([SPACES, mailbox("POSTMASTER")], [], at("POSTMASTER")),
    "alias-postmaster/case": ([SPACES, mailbox("postmaster")], [], at("postmaster")),
    "invalid-address": ([spaces("MS:NWTRADERS/POSTOFFICE1;1")], [], CONNECTOR),
    "invalid-address/no-type": ([spaces("NWTRADERS/PO1;1")], [], CONNECTOR),
    "invalid-address/postmaster": ([SPACES, mailbox("a", "ms$NWTRADERS/POSTOFFICE1/POSTMASTER")], [], at("a")),
    "invalid-address/target": ([SPACES, custom("a", "MS:NWTRADERS/POSTOFFICE1/POSTMASTER")], [], at("a")),
    "reserved-network": ([spaces("MS:PROFS/HOST1;1")], [], CONNECTOR),
    "reserved-network/ems": ([spaces("MS:*EMS/HOST1;1")], [], CONNECTOR),
    "reserved-network/postmaster": ([SPACES, mailbox("a", "ms$FAX/HOST1/POSTMASTER")], [], at("a")),
    "reserved-network/inventory": ([SPACES], [listed("FAX/HOST1")], "FAX/HOST1"),
    "wildcard-address-space": ([spaces("MS:NWTRADERS/*;1")], [], CONNECTOR),
    "wildcard-address-space/one": ([spaces("MS:NWTRADERS/P%1;1")], [], CONNECTOR),
    "wildcard-address-space/blank": ([spaces("MS:NWTRADERS;1")], [], CONNECTOR),
    "appletalk-address-space": ([spaces("MSA:Wingtip Design;1")], [], CONNECTOR),
    "stale-system-recipient": ([system(PO)], [], at("SYS")),
    "stale-system-recipient/other": ([system(PO), requestor("OTHER")], [], at("SYS")),
    "primary-postmaster": ([mailbox("a", f"MS${PM}")], [], at("a")),
    "shadow-postmaster": ([SPACES, addressing()], [], "FABRIKAM/SEATTLE"),
    "shadow-postmaster/held": ([SPACES, addressing(), mailbox("a", "ms$FABRIKAM/SEATTLE/POSTMASTER")], [], "FABRIKAM/SEATTLE"),
    "near-limit/pending": ([], [listed(PO, postmaster=True, pending=3277)], PO),
    "near-limit/addresses": ([full_of(120)], [], at("keeper")),
    "no-hidden-objects-seen": ([SPACES], [], None),
    "smtp-space-on-ms-connector": ([spaces("SMTP:*;1")], [], CONNECTOR),
    "sources-disagree/kind": ([], [THERE | {"kind": "msmail"}, listed(PO, kind="ffapi")], PO),
    "sources-disagree/postmaster": ([], [THERE, listed(PO, postmaster=False)], PO),
    "sources-disagree/pending": ([], [THERE | {"pending": 1}, listed(PO, pending=2)], PO),
    "sources-disagree/users": ([], [THERE | {"users": 1}, listed(PO, users=0)], PO),
    "sources-disagree/strategy": ([], [THERE | {"strategy": "both"}, listed(PO, strategy="skip")], PO),
    "sources-disagree/directory": ([custom("a", f"MS:{PM}")], [listed(PO, postmaster=False)], PO),
    "sources-disagree/itself": ([SPACES], [listed(PO, postmaster=False, pending=3)], PO),
    "inventory-row": ([SPACES], [listed("NWTRADERS/POSTOFFICE1")], None),
    "user-limit": ([], [listed(PO, users=500)], PO),
    "user-limit/missing": ([], [listed(PO, users=500, postmaster=False)], PO),
    "ten-character-name": ([connector("MS:NWTRADERS/WAREHOUSE1;1")], [], "NWTRADERS/WAREHOUSE1"),
    "ten-character-name/network": ([connector("MS:NORTHWINDT/PO1;1")], [], "NORTHWINDT/PO1"),
    "sink-restricted/limit": ([mailbox("a", f"ms${PM}", Deliv_Cont_Length="2048")], [], at("a")),
    "sink-restricted/forwarding": ([mailbox("a", f"ms${PM}", Alt_Recipient=at("b"))], [], at("a")),
    "sink-restricted/senders": ([mailbox("a", f"ms${PM}", Auth_Orig=at("b"))], [], at("a")),
    "sink-exported": ([mailbox("a", f"ms${PM}"), requestor(Export_Containers=RECIPIENTS)], [], at("a")),
    "sink-exported/slashes": ([mailbox("a", f"ms${PM}"), requestor(Export_Containers="/o=fabrikam/ou=seattle/cn=recipients")], [], at("a")),
    "sink-exported/below": ([mailbox("a", f"ms${PM}"), requestor(Export_Containers=SITE)], [], at("a")),
    "not-a-postoffice": ([SPACES], [listed("FABRIKAM/SEATTLE", kind="shadow")], "FABRIKAM/SEATTLE"),
    "not-a-postoffice/gateway": ([SPACES], [listed("WINGTIP/MHSGATE", kind="gateway")], "WINGTIP/MHSGATE"),
    "skipped": ([SPACES], [listed(PO, strategy="skip")], PO),
}  # fmt: skip

NOT_RAISED = {
    "exposed": ([mailbox("a", f"ms${PM}")], []),
    "exposed/skip": ([SPACES], [listed(PO, strategy="skip")]),
    "exposed/full-is-another": ([SPACES], [listed(PO, postmaster=True, pending=4096)]),
    "exposed/shadow": ([mailbox("a", f"ms${PM}"), addressing()], []),
    "duplicate-address": ([mailbox("a", f"ms${PM}", f"MS:{PM}"), custom("b", "MS:NWTRADERS/PO1/B")], []),
    "duplicate-address/tombstone": ([mailbox("a", f"ms${PM}"), mailbox("b", f"ms${PM}", Is_Deleted="TRUE")], []),
    "duplicate-address/view": ([mailbox("a", f"ms${PM}"), mailbox("b", f"ms${PM}", dn="cn=b,ou=_ABVIEWS_,o=X")], []),
    "duplicate-address/skip": ([mailbox("a", f"ms${PM}"), group("b", f"ms${PM}")], [listed(PO, strategy="skip")]),
    "mailbox-full": ([], [listed(PO, postmaster=True, pending=4095)]),
    "mailbox-full/none-there": ([SPACES], [listed(PO, postmaster=False, pending=4096)]),
    "mailbox-full/skip": ([SPACES], [listed(PO, pending=4096, strategy="skip")]),
    "postmast0": ([SPACES, mailbox("a", "ms$NWTRADERS/PO1/POSTMAST", "smtp$postmast0@fabrikam.com")], []),
    "custom-recipient-holds-postmaster": ([custom("a", "MS:NWTRADERS/PO1/PM"), custom("b", "SMTP:postmaster@x.y")], []),
    "holder-is-not-a-mailbox": ([group("a", "ms$NWTRADERS/PO1/ALL"), mailbox("b", f"ms${PM}")], []),
    "alias-postmaster": ([SPACES, mailbox("MSPMGATE"), custom("postmaster", "MS:NWTRADERS/PO1/PM")], []),
    "invalid-address": ([SPACES, mailbox("a", "ms$NWTRADERS/POSTOFFICE1/JDOE", f"ms${PM}")], []),
    "reserved-network": ([spaces("X400:c=US;;1"), mailbox("a", "ms$FAX/HOST1/JDOE")], []),
    "wildcard-address-space": ([spaces("SMTP:*;1", "MSA:*;1")], []),
    "appletalk-address-space": ([SPACES], []),
    "stale-system-recipient": ([system(PO), requestor("SYS")], []),
    "stale-system-recipient/shadow": ([SPACES, addressing(), system("FABRIKAM/SEATTLE")], []),
    "primary-postmaster": ([mailbox("a", f"ms${PM}")], []),
    "primary-postmaster/custom-recipient": ([custom("a", f"MS:{PM}", f"MS${PM}")], []),
    "shadow-postmaster": ([SPACES], []),
    "near-limit/pending": ([], [listed(PO, postmaster=True, pending=3276)]),
    "near-limit/addresses": ([full_of(119)], []),
    "near-limit/no-sink": ([SPACES, mailbox("a", *(f"smtp$old{n}@fabrikam.com" for n in range(140)))], []),
    "no-hidden-objects-seen": ([SPACES, custom("a", "SMTP:a@b", Hide_From_Address_Book="TRUE")], []),
    "no-hidden-objects-seen/system": ([system(PO)], []),
    "no-hidden-objects-seen/inventory": ([], [THERE]),
    "smtp-space-on-ms-connector": ([SPACES, connector("SMTP:*;1", kind="Internet-Connector", dn=f"cn=IMC,{CONNECTIONS}")], []),
    "sources-disagree": ([custom("a", f"MS:{PM}")], [THERE, listed(PO, users=4, pending=0, note="x"), listed(PO, users=4, note="y")]),
    "inventory-row": ([SPACES], [THERE]),
    "inventory-column": ([SPACES], [THERE]),
    "user-limit": ([], [listed(PO, users=499)]),
    "user-limit/has-one": ([], [listed(PO, users=500, postmaster=True)]),
    "user-limit/skip": ([], [listed(PO, users=500, strategy="skip")]),
    "ten-character-name": ([connector("MS:NWTRADERS/WAREHOUSE;1")], []),
    "sink-restricted": ([SPACES, mailbox("a", Deliv_Cont_Length="2048"), mailbox("b", f"ms${PM}")], []),
    "sink-exported": ([mailbox("a", f"ms${PM}"), requestor(Export_Containers=f"cn=Other,{SITE}")], []),
    "sink-exported/alike": ([mailbox("a", f"ms${PM}"), requestor(Export_Containers=f"cn=cipients,{SITE}")], []),
    "not-a-postoffice": ([SPACES], [listed(PO, kind="ffapi")]),
    "skipped": ([SPACES], [THERE]),
}  # fmt: skip


def sources(company, entries, rows):
    return (*([company.directory(entries)] if entries else []), *([company.inventory(rows)] if rows else []))


@pytest.mark.parametrize(("name", "entries", "rows", "subject"), [(k, *v) for k, v in RAISED.items()], ids=list(RAISED))
def test_raised(company, name, entries, rows, subject):
    found = company.codes(*sources(company, entries, rows))
    subjects = {about for code, about in found if code == name.partition("/")[0]}
    assert subjects
    assert subject is None or subject in subjects


@pytest.mark.parametrize(("name", "entries", "rows"), [(k, *v) for k, v in NOT_RAISED.items()], ids=list(NOT_RAISED))
def test_not_raised(company, name, entries, rows):
    found = company.codes(*sources(company, entries, rows))
    assert name.partition("/")[0] not in {code for code, _ in found}


def test_the_tables_hold_every_code():
    elsewhere = {
        "maybe-truncated", "inventory-column", "strategy-chosen", "strategy-not-followed", "moved-besides", "not-asked",
        "address-policy", "copied-entry", "addresses-unseen",
    }  # fmt: skip
    assert {name.partition("/")[0] for name in RAISED} | elsewhere == set(CODES)
    assert {name.partition("/")[0] for name in NOT_RAISED} >= set(CODES) - elsewhere


@pytest.mark.parametrize(("cut", "raised"), [(0, False), (1, False), (2, True)])
def test_maybe_truncated(company, cut, raised):
    text = ldif([SPACES])
    path = company.folder / "export.ldif"
    path.write_text(text[: len(text) - cut])
    assert (("maybe-truncated", str(path)) in company.codes(str(path))) is raised


def test_inventory_column_names_the_column(company):
    path = company.folder / "list.csv"
    path.write_text("network,postoffice,postmastr\nNWTRADERS,PO1,yes\n")
    (said,) = [item.message for item in workflow.survey(str(path)).findings if item.code == "inventory-column"]
    assert "postmastr" in said


def test_every_bad_row_is_reported_in_one_run(company):
    source = company.inventory(
        [listed("NWTRADERS/POSTOFFICE1"), THERE, listed("NWTRADERS/P-2"), listed(PO, pending=5000)]
    )
    assert {about for code, about in company.codes(source) if code == "inventory-row"} == {
        f"{source}:{line}" for line in (2, 4, 5)
    }  # fmt: skip


def test_no_hidden_objects_is_said_of_each_source(company):
    clean, blind = company.directory([system(PO)]), company.directory([SPACES])
    found = company.codes(clean, blind)
    assert {about for code, about in found if code == "no-hidden-objects-seen"} == {blind}


def test_a_duplicate_lists_every_holder_and_says_what_to_decide(company):
    entries = [mailbox("a", f"ms${PM}"), group("b", f"ms${PM}"), custom("c", f"MS:{PM}")]
    (found,) = [f for f in workflow.survey(company.directory(entries)).findings if f.code == "duplicate-address"]
    assert all(at(name) in found.message for name in "abc")
    assert "Decide" in found.to_dict()["message"] + found.to_dict()["fix"]


def test_a_custom_recipient_made_by_hand_says_how_to_check(company):
    (found,) = [
        f for f in workflow.survey(company.directory([custom("a", f"MS:{PM}")])).findings if f.code.startswith("custom")
    ]
    assert "Local-Admin" in found.to_dict()["fix"]  # fmt: skip


def test_only_ms_addresses_are_judged(company):
    odd = mailbox("a", "smtp$postmaster@x", "x400$c=US;s=POSTMAST0;", "CCMAIL$POSTMASTER at X", f"ms${PM}")
    quiet = {"no-hidden-objects-seen"}
    assert {code for code, _ in company.codes(company.directory([SPACES, odd]))} - quiet == {"shadow-postmaster"}


def test_no_finding_can_move_the_cursor(company):
    odd = [
        mailbox("a\x1b[2J", f"MS${PM}", "ms$\x1b[2J/\x07/POSTMASTER"),
        connector("MS:\x1b[2J;1", "MS:A\x07/*;1", "SMTP:\x1b;1"),
    ]
    rows = [listed(PO, users=3, note="\x1b[2J")]
    found = workflow.survey(company.directory(odd, "memory"), company.inventory(rows, "json"), manner=Manner())
    assert not any("\x1b" in item.message or "\x07" in item.message for item in found.findings)


def test_every_postoffice_with_a_finding_of_the_company(company):
    codes = company.codes(company.directory(), company.inventory(ROWS))
    assert {
        ("exposed", "NWTRADERS/PO1"),
        ("duplicate-address", "WINGTIP/SALES"),
        ("mailbox-full", "WINGTIP/DEPOT"),
        ("skipped", "NWTRADERS/LAB"),
        ("shadow-postmaster", "FABRIKAM/SEATTLE"),
    } <= codes


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({}, set()),
        ({"policy": "policies write to it"}, {"address-policy"}),
        ({"copies": ("cn=a,dc=b",)}, {"copied-entry"}),
        ({"owned": False}, {"copied-entry"}),
        ({"addresses": 79, "cap": 100}, set()),
        ({"addresses": 80, "cap": 100}, {"near-limit"}),
    ],
)
def test_what_a_directory_says_of_a_sink(facts, codes):
    sink = Recipient(dn="cn=a", order="cn=a", kind=RecipientKind.MAILBOX, source="export", **facts)
    assert {finding.code for finding in judged_sinks(View((), (), Estate()), [sink])} == codes


def measured(records: int, *, pending: int | None = None, number: str = "0000001F") -> dict[str, str]:
    """Survey a POSTMASTER whose number a listing shows and whose mailbag a folder measures; give its findings."""
    name = PostofficeName.parse(PO)
    shown = Listing(
        name=name,
        source="users.txt",
        evidence=EvidenceKind.LISTUSER,
        postmaster=True,
        mailbag="0000001F",
        pending=pending,
    )
    bag = Mailbag(postoffice=name, number=number, records=records, source="MAILDATA", where=f"MBG/{number}.MBG")
    found = survey(Estate(listings=(shown,), mailbags=(bag,)))
    assert [row.coverage.value for row in found.rows] == ["full" if pending == 4096 else "postoffice-mailbox"]
    return {item.code: item.message for item in found.findings}


def test_a_mailbag_near_its_limit_is_a_bound_and_never_full():
    text = f"The POSTMASTER mailbox of {PO} holds at most {{:,}} of 4,096 messages (MAILDATA MBG/0000001F.MBG)."
    for records in (3277, 4096):
        assert measured(records) == {"near-limit": text.format(records)}
    assert measured(3276) == measured(0) == measured(4096, number="00000020") == {}


def test_a_mailbag_bound_says_to_compress_first():
    name = PostofficeName.parse(PO)
    shown = Listing(name=name, source="users.txt", mailbag="0000001F")
    bag = Mailbag(postoffice=name, number="0000001F", records=4000, source="MAILDATA")
    (fix,) = [
        item.fix for item in survey(Estate(listings=(shown,), mailbags=(bag,))).findings if item.code == "near-limit"
    ]
    assert fix == "Compress the postoffice, which drops deleted messages (Q146113), then measure again."


@pytest.mark.parametrize(
    ("records", "pending", "codes"),
    [
        (10, 10, set()),
        (9, 10, {"sources-disagree"}),
        (0, 4096, {"sources-disagree", "mailbox-full"}),
        (4096, 4000, {"near-limit"}),
        (4096, 4096, {"mailbox-full"}),
        (4096, 5, {"near-limit"}),
    ],
)
def test_an_inventory_that_says_more_than_a_mailbag_can_hold(records, pending, codes):
    found = measured(records, pending=pending)
    assert set(found) == codes
    if "sources-disagree" in codes:
        says = f"pending: an inventory says {pending:,}, but MAILDATA MBG/0000001F.MBG shows at most {records:,}."
        assert found["sources-disagree"] == says
