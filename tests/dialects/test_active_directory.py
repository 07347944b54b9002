"""Active Directory: the contract of dialects, and what is particular to it."""

from dataclasses import replace

import pytest

from remedy import workflow
from remedy.dialects import DIALECTS, by_root, detect, lift
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import Refused, Stale
from remedy.execution import ApplyWishes, apply
from remedy.intents import CreateMailbox
from remedy.ldif import dump_entry
from remedy.stores.memory import MemoryStore
from remedy.undoing import RollbackWishes, rollback
from tests.active_directory import DOMAIN, ORGANISATION, USERS, as_ad, as_ldifde, peopled_ad, placed
from tests.conftest import (
    COMPANY,
    ENTRIES,
    RECIPIENTS,
    addressing,
    connector,
    custom,
    folder,
    group,
    ldif,
    mailbox,
    requestor,
    system,
)  # fmt: skip
from tests.dialects import contract
from tests.dialects.test_exchange55 import HOME, WHOLE

AD = DIALECTS["active-directory"]
SHOWING = tuple(
    as_ad(entry)
    for entry in (
        connector("MS:NWTRADERS/PO1;1"),
        addressing(),
        requestor(),
        system("NWTRADERS/PO1"),
        custom("asmith", "MS:NWTRADERS/PO1/ASMITH"),
        mailbox("a", "ms$nwtraders/po1/postmaster"),
        mailbox("Postmaster"),
        group("g", "MS$NWTRADERS/PO1/POSTMASTER"),
        folder("f", "MS:NWTRADERS/PO1/Postmaster"),
    )
)
ORDINARY = tuple(
    as_ad(entry)
    for entry in (
        mailbox("jdoe"),
        group("staff", "smtp$staff@fabrikam.com"),
        custom("hidden", "SMTP:x@y", Hide_From_Address_Book="TRUE"),
    )
)
CASE = contract.Case(AD, as_ad(mailbox("jdoe", "smtp$old@fabrikam.com")), HOME, WHOLE, SHOWING, ORDINARY)
WITHOUT = {contract.shows_the_way_back}
"""What is about new mailboxes, too, of which there are none."""


@pytest.mark.parametrize("promise", [p for p in contract.ALL if p not in WITHOUT], ids=lambda promise: promise.__name__)
def test_the_contract(promise):
    promise(CASE)


def test_no_mailbox_is_made():
    with pytest.raises(TypeError, match="active-directory"):
        AD.lower(CreateMailbox("MSPMGATE", HOME, None, ()))


def test_limits_are_the_facts():
    assert (AD.cap, AD.hard_cap, AD.separator, AD.page_size, AD.sweep) == (700, 800, ":", 1000, False)
    assert AD.catalogue == ((389, 3268), (636, 3269))


def level(text, *, kind="crossRefContainer"):
    classes = ("top", kind)
    return Entry.of(f"CN=Partitions,CN=Configuration,{DOMAIN}", {"objectClass": classes, "msDS-Behavior-Version": text})


@pytest.mark.parametrize(
    ("shown", "most"),
    [
        ([], 800),
        ([level("0")], 800),
        ([level("1")], 800),
        ([level("2")], 1200),
        ([level("7")], 1200),
        ([level("x")], 800),
        ([level("7", kind="domainDNS")], 800),
        ([Entry.of(DN(()), {"forestFunctionality": "4"})], 1200),
        ([Entry.of(DN(()), {"forestFunctionality": "4"}), level("0")], 800),
    ],
)
def test_the_cap_rises_with_the_forest_and_the_lower_counts(shown, most):
    assert AD.most(shown) == most


@pytest.mark.parametrize(
    ("classes", "more", "kind"),
    [
        ("user", {"homeMDB": "CN=Store"}, "mailbox"),
        ("user", {"targetAddress": "MS:NWTRADERS/PO1/POSTMASTER"}, "custom-recipient"),
        ("user", {}, "other"),
        ("contact", {}, "custom-recipient"),
        ("group", {}, "distribution-list"),
        ("msExchDynamicDistributionList", {}, "distribution-list"),
        ("publicFolder", {"homeMDB": "CN=Store"}, "other"),
    ],
)
def test_what_a_recipient_is(classes, more, kind):
    entry = Entry.of(f"CN=x,{USERS}", {"objectClass": ("top", classes), "proxyAddresses": "ms:A/B/POSTMASTER", **more})
    (found,) = lift(AD, [entry], "export").recipients
    assert found.kind == kind


@pytest.mark.parametrize(
    ("excluded", "told"),
    [
        ((), True),
        ("{26491CFC-9E50-4857-861B-0CB8DF22B5D7}", False),
        ("{26491cfc-9e50-4857-861b-0cb8df22b5d7}", False),
        ("{00000000-9E50-4857-861B-0CB8DF22B5D7}", True),
    ],
)
def test_policies_are_read_and_never_written(company, excluded, told):
    sink = as_ad(mailbox("Postmaster"))
    entries = (*(as_ad(entry) for entry in ENTRIES if entry.dn.leaf != "Postmaster"), sink.with_values(
        "msExchPoliciesExcluded", (excluded.encode(),) if excluded else ()
    ))  # fmt: skip
    plan = workflow.plan(MemoryStore(entries, name="ad"), wishes=workflow.Wishes(mailbox="Postmaster"))
    assert any(f["code"] == "address-policy" and f["subject"] == str(sink.dn) for f in plan.findings) is told
    assert "msExchPolicies" not in workflow.show(plan, "ldif")
    assert company


def test_hidden_entries_are_no_matter_here(company):
    path = company.folder / "ad.ldif"
    path.write_text(ldif([as_ad(connector("MS:NWTRADERS/PO1;1"))]))
    assert "no-hidden-objects-seen" not in {code for code, _ in company.codes(str(path))}


def test_it_is_told_by_its_root_and_by_its_entries():
    root = Entry.of(DN(()), {"rootDomainNamingContext": DOMAIN})
    assert by_root(root) == "active-directory"
    assert by_root(root, "exchange55") == "exchange55"
    assert by_root(Entry.of(DN(()), {"namingContexts": DOMAIN})) == by_root(None) == "auto"
    assert detect(SHOWING) is AD
    assert detect(ENTRIES).name == "exchange55"


def files(company):
    old, new, packed = (company.folder / name for name in ("e55.ldif", "ad.ldif", "ad.ldf"))
    old.write_text(ldif(ENTRIES))
    new.write_text(ldif(peopled_ad(ENTRIES)))
    packed.write_bytes(as_ldifde(peopled_ad(ENTRIES)))
    return old, new, packed


def test_every_form_of_the_company_gives_the_same(company):
    inventory = company.inventory()
    tables = [company.rows(str(path), inventory) for path in files(company)]
    traces = [company.traces(str(path), inventory) for path in files(company)]
    for table, walked in zip(tables, traces, strict=True):
        judged = {name: (row["coverage"], walked[name]["before"]["outcome"]) for name, row in table.items()}
        assert judged == {name: (coverage, outcome) for name, (_, coverage, outcome, _) in COMPANY.items()}
    assert tables[0].keys() == tables[1].keys() == tables[2].keys()


@pytest.mark.parametrize("form", [1, 2], ids=["ldif", "ldifde"])
def test_there_and_back_on_an_export(company, form):
    path = files(company)[form]
    before = path.read_bytes()
    plan = company.plan(str(path))
    assert plan.dialect == "active-directory"
    assert not plan.hazards  # a version that keeps this directory is past the one that wipes (Q152924)
    journal = company.folder / "journal"
    report = apply(plan, str(path), ApplyWishes(journal=journal), lambda _: True)
    assert report.counts.planned == report.counts.applied > 0
    text = path.read_bytes().decode("utf-16" if form == 2 else "utf-8")
    assert "proxyAddresses: ms:NWTRADERS/PO1/POSTMASTER" in text
    assert not company.plan(str(path)).steps
    assert all(item.landed for item in workflow.verify(str(path), plan=plan).landings)
    rollback(journal, str(path), RollbackWishes(), lambda _: True)
    assert path.read_bytes() == before


def test_without_a_mailbox_to_use_there_is_no_plan(company):
    path = company.folder / "ad.ldif"
    path.write_text(ldif([as_ad(connector("MS:NWTRADERS/PO1;1")), as_ad(mailbox("jdoe"))]))
    with pytest.raises(Refused, match="--mailbox"):
        company.plan(str(path))
    with pytest.raises(Refused, match="--mailbox"):
        company.plan(str(path), new_mailbox="MSPMGATE")
    plan = company.plan(str(path), mailbox="jdoe")
    assert [sink["dn"] for sink in plan.sinks] == [str(placed(f"cn=jdoe,{RECIPIENTS}"))]


def test_past_its_cap_a_further_mailbox_is_needed(company):
    path = company.folder / "ad.ldif"
    spaces = connector(*(f"MS:NET{n}/PO;1" for n in range(5)))
    path.write_text(ldif(map(as_ad, (spaces, mailbox("Postmaster"), mailbox("second", "ms$NET0/OLD/POSTMAST1")))))
    plan = company.plan(str(path), max_proxies=6)
    assert [len(sink["proxies"]) for sink in plan.sinks] == [3, 2]
    assert "over-limit" in {hazard["name"] for hazard in company.plan(str(path), max_proxies=801).hazards}


# --- Two directories, joined by the ADC -------------------------------------------------------------------------------


def twin(entry, *, on55=False, without=()):
    """Give what the connector makes of an entry of 5.5 in Active Directory."""
    made = as_ad(entry)
    path = "/" + "/".join(f"{ava.type}={ava.value}" for rdn in reversed(entry.dn.rdns) for ava in rdn)
    made = made.with_values("legacyExchangeDN", (path.encode(),))
    kept = tuple(value for value in made.exact("proxyAddresses") if value.decode() not in without)
    made = made.with_values("proxyAddresses", kept)
    if on55 and made.has("homeMDB"):
        made = made.with_values("homeMDB", (f"CN=Microsoft Private MDB,CN=EXSRV1,CN=Servers,{ORGANISATION}".encode(),))
    return made


RECIPIENT = [entry for entry in ENTRIES if entry.has("otherMailbox") or entry.has("Target-Address")]
REST = [entry for entry in ENTRIES if entry not in RECIPIENT]


@pytest.mark.parametrize("on55", [True, False], ids=["5.5 owns it", "AD owns it"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_mixed_organisation_is_one(company, on55, order):
    old, new = company.folder / "e55.ldif", company.folder / "ad.ldif"
    old.write_text(ldif(ENTRIES))
    new.write_text(ldif([*(as_ad(entry) for entry in REST), *(twin(entry, on55=on55) for entry in RECIPIENT)]))
    sources = [str(old), str(new)][::order]
    rows = company.rows(*sources, company.inventory())
    assert {name: row["coverage"] for name, row in rows.items()} == {name: facts[1] for name, facts in COMPANY.items()}
    plan = company.plan(*sources)
    sink = f"cn=Postmaster,{RECIPIENTS}"
    assert plan.dialect == ("exchange55" if on55 else "active-directory")
    assert plan.sinks[0]["dn"] == (sink if on55 else str(placed(sink)))
    told = [item for item in plan.findings if item["code"] == "copied-entry" and item["subject"] == plan.sinks[0]["dn"]]
    assert len(told) == 1
    assert (str(placed(sink)) if on55 else sink) in told[0]["message"]
    target = old if on55 else new
    apply(
        plan, str(target), ApplyWishes(journal=company.folder / "j", allow=frozenset({"dirsync-wipe"})), lambda _: True
    )
    assert not company.plan(*sources).steps
    assert all(item.landed for item in workflow.verify(*sources, plan=plan).landings)
    other, wishes = new if on55 else old, ApplyWishes(journal=company.folder / "k", allow=frozenset({"dirsync-wipe"}))
    with pytest.raises(Stale):
        apply(plan, str(other), wishes, lambda _: True)


def test_a_mailbox_of_5_5_is_never_changed_in_its_copy(company):
    old, new = company.folder / "e55.ldif", company.folder / "ad.ldif"
    old.write_text(ldif([*REST, mailbox("jdoe")]))
    sink = twin(mailbox("Postmaster"), on55=True)
    new.write_text(ldif([as_ad(connector("MS:NWTRADERS/PO1;1")), sink]))
    plan = company.plan(str(old), str(new))  # the copy is all that shows a POSTMAST0
    assert plan.dialect == "exchange55"
    assert plan.sinks[0]["action"] == "create"
    alone = company.plan(str(new))
    assert alone.sinks[0]["dn"] == str(sink.dn)
    assert "copied-entry" in {item["code"] for item in alone.findings}


def test_a_named_mailbox_says_which_side(company):
    old, new = company.folder / "e55.ldif", company.folder / "ad.ldif"
    old.write_text(ldif(ENTRIES))
    new.write_text(ldif([as_ad(mailbox("newer"))]))
    assert company.plan(str(old), str(new), mailbox="newer").dialect == "active-directory"
    assert company.plan(str(old), str(new), mailbox="jdoe").dialect == "exchange55"
    assert company.plan(str(old), str(new), new_mailbox="MSPMGATE").dialect == "exchange55"
    wanted = workflow.Wishes(mailbox=str(placed(f"cn=newer,{RECIPIENTS}")).upper())
    assert workflow.plan(str(old), str(new), wishes=wanted).dialect == "active-directory"


def test_a_holder_in_the_other_directory_counts(company):
    old, new = company.folder / "e55.ldif", company.folder / "ad.ldif"
    old.write_text(ldif([*REST, mailbox("Postmaster")]))
    new.write_text(dump_entry(as_ad(mailbox("other", "ms$NWTRADERS/PO1/POSTMASTER"))))
    assert company.rows(str(old), str(new))["NWTRADERS/PO1"]["coverage"] == "exchange-mailbox"
    both = mailbox("third", "ms$NWTRADERS/PO1/POSTMASTER")
    old.write_text(ldif([*REST, both]))
    assert company.rows(str(old), str(new))["NWTRADERS/PO1"]["coverage"] == "conflict"


def test_a_dialect_that_raises_nothing_keeps_its_cap():
    assert replace(AD, raised_cap=None).most([level("7")]) == 800
