"""``remedy explain``: every stable code of the contract has a meaning, a reason, a fix and a source."""

import pytest

ERRORS = ("exposed", "duplicate-address", "mailbox-full", "maybe-truncated")
WARNINGS = (
    "postmast0", "custom-recipient-holds-postmaster", "alias-postmaster", "invalid-address", "reserved-network",
    "wildcard-address-space", "stale-system-recipient", "primary-postmaster", "shadow-postmaster", "near-limit",
    "no-hidden-objects-seen", "smtp-space-on-ms-connector", "sources-disagree", "inventory-row", "user-limit",
    "ten-character-name", "sink-restricted", "sink-exported",
)  # fmt: skip
HAZARDS = ("creates-mailbox", "dirsync-wipe", "over-limit", "takes-address", "many-changes")


@pytest.mark.parametrize("code", [*ERRORS, *WARNINGS, *HAZARDS])
def test_every_code_of_the_contract_is_explained(remedy, fits, code):
    ran = remedy("explain", code)
    assert (ran.code, ran.err) == (0, "")
    assert fits(ran.out) == []
    assert ran.out.startswith(code)
    document = remedy("explain", code, "--format", "json").json
    assert document["schema"] == "remedy/explain/1"
    kinds = {**dict.fromkeys(ERRORS, "error"), **dict.fromkeys(WARNINGS, "warning"), **dict.fromkeys(HAZARDS, "hazard")}
    assert (document["code"], document["severity"]) == (code, kinds[code])
    assert all(document[key] for key in ("meaning", "why", "fix", "kb"))


@pytest.mark.parametrize("words", [(), ("nosuch",), ("",), ("exposed", "full"), ("exposed", "--format", "xml")])
def test_wrong_usage_is_2(remedy, words):
    assert remedy("explain", *words).code == 2


def test_a_code_is_found_in_every_finding_that_the_sample_gives(remedy):
    findings = remedy("survey", "fabrikam.ldif", "postoffices.csv", "--format", "json").json["findings"]
    for code in {finding["code"] for finding in findings}:
        assert remedy("explain", code).code == 0
