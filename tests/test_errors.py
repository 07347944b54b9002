"""Errors: each carries its exit code and says what to do."""

import pytest

from remedy.errors import Fault, InputError, Refused, RemedyError, Stale, UsageError


@pytest.mark.parametrize(("kind", "code"), [(RemedyError, 1), (UsageError, 2), (Refused, 4)])
def test_the_exit_codes_are_the_contract_s(kind, code):
    error = kind("The disk is full. Make room.")
    assert isinstance(error, RemedyError)
    assert (error.exit_code, str(error)) == (code, "The disk is full. Make room.")


@pytest.mark.parametrize(("line", "said"), [(7, "export.ldif:7: no colon"), (None, "export.ldif: no colon")])
def test_a_fault_names_its_place(line, said):
    assert str(Fault("export.ldif", line, "no colon")) == said


def test_an_input_error_holds_every_fault_and_ends_in_advice():
    faults = [Fault("a.csv", 2, "no network"), Fault("a.csv", 9, "no name")]
    error = InputError(iter(faults), "Mend the rows.")
    assert isinstance(error, RemedyError)
    assert error.exit_code == 1
    assert error.faults == tuple(faults)
    assert str(error).splitlines() == ["a.csv:2: no network", "a.csv:9: no name", "Mend the rows."]


def test_an_input_error_of_one_fault():
    error = InputError.of("a.csv", "it is empty", "Name another.", line=3)
    assert error.faults == (Fault("a.csv", 3, "it is empty"),)
    assert error.advice == "Name another."
    assert InputError.of("a.csv", "it is empty", "Name another.").faults[0].line is None


def test_stale_says_entry_attribute_expected_and_found():
    error = Stale("cn=jdoe", "otherMailbox", expected="no value", found="one")
    assert isinstance(error, RemedyError)
    assert error.exit_code == 5
    assert (error.entry, error.what, error.expected, error.found) == ("cn=jdoe", "otherMailbox", "no value", "one")
    assert all(word in str(error) for word in ("cn=jdoe", "otherMailbox", "expected no value", "found one"))
