"""The contract's table "What the words of a result mean", for every combination, through the real doors."""

from itertools import product

import pytest

from remedy.addresses import PostofficeName
from tests.conftest import RECIPIENTS, addressing, connector, custom, folder, group, listed, made, mailbox

PO, PM = "NWTRADERS/PO1", "NWTRADERS/PO1/POSTMASTER"

HOLDERS = {
    "none": [],
    "mailbox": [mailbox("keeper", f"ms${PM}")],
    "imported": [custom("keeper", f"MS:{PM}", f"MS${PM}", imported="HUBPO Requestor")],
    "by-hand": [custom("keeper", f"MS:{PM}")],
    "list": [group("keeper", f"ms${PM}")],
    "other": [folder("keeper", f"ms${PM}")],
    "elsewhere": [custom("keeper", "SMTP:pm@fabrikam.com", f"ms${PM}")],
    "two": [mailbox("keeper", f"ms${PM}"), custom("second", f"MS:{PM}")],
    "two-mailboxes": [mailbox("keeper", f"MS${PM}"), mailbox("second", f"ms${PM.lower()}")],
}
TRUTHS = {"yes": True, "no": False, "blank": None}
PENDING = (None, 0, 4095, 4096)


def expected(holder: str, truth: str, pending: int | None) -> tuple[str, str, str, bool]:
    """What the table says: coverage, confidence, outcome, planned by exchange. The first row that fits counts."""
    exists = truth == "yes" or (pending == 4096 and truth != "no")  # "its POSTMASTER is full (pending 4096)"
    table = [
        (holder.startswith("two"), ("conflict", "shown", "ambiguous", False)),
        (holder == "mailbox" and exists, ("both", "shown", "delivers", False)),
        (holder == "mailbox", ("exchange-mailbox", "shown", "delivers", False)),
        # Held by what is no mailbox and does not lead to the postoffice: no row of its own, where mail ends is not shown.
        (holder in {"list", "other"}, ("exchange-mailbox", "inferred", "unknown", False)),
        (holder == "elsewhere", ("postoffice-mailbox", "inferred", "unknown", False)),
        (exists and pending == 4096, ("full", "shown", "loops", True)),
        (holder == "by-hand" and not exists, ("postoffice-mailbox", "inferred", "unknown", False)),
        # An inventory denies what the directory shows, so the directory may be stale.
        (holder == "imported" and truth == "no", ("postoffice-mailbox", "inferred", "unknown", False)),
        (holder != "none" or exists, ("postoffice-mailbox", "shown", "delivers-until-full", False)),
        (holder == "none", ("exposed", "shown", "loops", True)),
    ]
    return next(words for fits, words in table if fits)


@pytest.mark.parametrize("strategy", ["", "skip"])
@pytest.mark.parametrize(("holder", "truth", "pending"), list(product(HOLDERS, TRUTHS, PENDING)))
def test_coverage_outcome_and_planning_agree_by_the_table(company, holder, truth, pending, strategy):
    sink = mailbox("Postmaster")
    directory = company.directory([addressing(), connector(f"MS:{PO};1"), sink, *HOLDERS[holder]])
    inventory = company.inventory([listed(PO, postmaster=TRUTHS[truth], pending=pending, strategy=strategy)])
    coverage, confidence, outcome, planned = expected(holder, truth, pending)
    planned = planned and strategy != "skip"

    row = company.rows(directory, inventory)[PO]
    assert (row["coverage"], row["confidence"]) == (coverage, confidence)
    assert len(row["holders"]) == len(HOLDERS[holder])
    assert company.traces(directory, inventory)[PO]["before"]["outcome"] == outcome

    made = company.plan(directory, inventory)
    touched = {name for step in made.steps for name in step.postoffices}
    touched |= {item["postoffice"] for item in made.manual}
    assert touched == ({PO} if planned else set())
    assert bool(made.steps) == (planned and holder == "none")  # an address that is held is never added again
    after = next(item for item in made.traces if item["postoffice"] == PO)["after"]["outcome"]
    assert after == (outcome if not planned else "delivers" if holder == "none" else "delivers-until-full")


@pytest.mark.parametrize("holder", HOLDERS)
def test_the_words_without_an_inventory(company, holder):
    directory = company.directory([addressing(), connector(f"MS:{PO};1"), *HOLDERS[holder]])
    row = company.rows(directory)[PO]
    outcome = company.traces(directory)[PO]["before"]["outcome"]
    assert (row["coverage"], row["confidence"], outcome) == expected(holder, "blank", None)[:3]


@pytest.mark.parametrize("truths", [(True, False), (False, True)])
def test_inventories_that_disagree_prove_nothing(company, truths):
    row = company.rows(*(company.inventory([listed(PO, postmaster=truth)]) for truth in truths))[PO]
    assert row["coverage"] == "exposed"


def test_a_mailbox_is_a_mailbox_whatever_it_forwards_to(company):
    keeper = mailbox("keeper", f"ms${PM}", Target_Address="SMTP:x@fabrikam.com")
    assert company.rows(company.directory([addressing(), keeper]))[PO]["coverage"] == "exchange-mailbox"


def test_a_postoffice_known_from_its_holder_only(company):
    keeper = made(f"cn=k,{RECIPIENTS}", {"objectClass": "Remote-Address", "Target-Address": f"MS:{PM}"})
    assert company.rows(company.directory([keeper]))[str(PostofficeName.parse(PO))]["confidence"] == "inferred"
