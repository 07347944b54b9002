"""The table of codes: every name of the contract is there, with its weight and something to say."""

import pytest

from remedy import workflow
from remedy.codes import CODES, HAZARDS, Severity
from remedy.errors import UsageError
from remedy.findings import Finding, Hazard, sort_findings

ERRORS = {"exposed", "duplicate-address", "mailbox-full", "maybe-truncated", "addresses-unseen"}
WARNINGS = {
    "postmast0", "custom-recipient-holds-postmaster", "alias-postmaster", "invalid-address", "reserved-network",
    "wildcard-address-space", "stale-system-recipient", "primary-postmaster", "shadow-postmaster", "near-limit",
    "no-hidden-objects-seen", "smtp-space-on-ms-connector", "sources-disagree", "inventory-row", "user-limit",
    "ten-character-name", "sink-restricted", "sink-exported",
}  # fmt: skip
DANGERS = {"creates-mailbox", "dirsync-wipe", "over-limit", "takes-address", "many-changes"}


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_the_errors_of_the_contract(name):
    assert CODES[name].severity is Severity.ERROR


def test_there_are_no_other_errors():
    assert {name for name, code in CODES.items() if code.severity is Severity.ERROR} == ERRORS


@pytest.mark.parametrize("name", sorted(WARNINGS))
def test_the_warnings_of_the_contract(name):
    assert CODES[name].severity is Severity.WARNING


def test_the_hazards_of_the_contract():
    assert set(HAZARDS) == DANGERS
    assert {code.severity for code in HAZARDS.values()} == {None}


@pytest.mark.parametrize("name", [*CODES, *HAZARDS])
def test_each_is_explained(name):
    code = workflow.explain(name)
    assert all((code.meaning, code.why, code.fix, code.kb))
    assert all(text.endswith(".") for text in (code.meaning, code.why, code.fix))


def test_no_name_is_a_finding_and_a_hazard():
    assert not set(CODES) & set(HAZARDS)


def test_an_unknown_code_is_a_usage_error_that_lists_them():
    with pytest.raises(UsageError, match="dirsync-wipe") as caught:
        workflow.explain("exposd")
    assert all(name in str(caught.value) for name in (*CODES, *HAZARDS))


def test_a_finding_says_its_own_fix_or_the_code_s():
    plain, special = Finding("exposed", "NWTRADERS/PO1", "Loops."), Finding("exposed", "NWTRADERS/PO1", "Loops.", "Do.")
    assert plain.to_dict() == {
        "code": "exposed",
        "severity": "error",
        "subject": "NWTRADERS/PO1",
        "message": "Loops.",
        "fix": CODES["exposed"].fix,
    }
    assert list(plain.to_dict()) == ["code", "severity", "subject", "message", "fix"]
    assert special.to_dict()["fix"] == "Do."


def test_a_hazard_as_json():
    assert Hazard("over-limit", "201").to_dict() == {"name": "over-limit", "detail": "201"}


def test_errors_stand_first_then_by_code_and_subject_and_nothing_twice():
    given = [
        Finding("skipped", "A", "x"),
        Finding("postmast0", "B", "x"),
        Finding("postmast0", "A", "x"),
        Finding("exposed", "Z", "x"),
        Finding("duplicate-address", "Z", "x"),
        Finding("postmast0", "A", "x"),
    ]
    assert [(item.code, item.subject) for item in sort_findings(given)] == [
        ("duplicate-address", "Z"),
        ("exposed", "Z"),
        ("postmast0", "A"),
        ("postmast0", "B"),
        ("skipped", "A"),
    ]
