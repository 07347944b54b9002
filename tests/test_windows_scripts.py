"""The scripts for ldifde and for the Administrator leave a directory as ``remedy apply`` does, and their inverse as it was."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remedy.change import Add, Mod, Modify, Op
from remedy.dn import DN
from remedy.errors import RemedyError
from remedy.plan import Step
from remedy.rendering import scripts_of
from remedy.stores.memory import MemoryStore
from tests.active_directory import peopled_ad
from tests.conftest import ENTRIES
from tests.readers import admin, ldifde
from tests.scripts_harness import applied, plans, state, undone

TAME = st.text(st.sampled_from("ABCxyz019 .-_'()&^!`$é€ß"), min_size=1, max_size=12).filter(
    lambda text: text == " ".join(text.split()) and text[0] not in "-+@=~"
)
"""Names that the Administrator can be told."""


def files(plan, name):
    """Give the files of one format by their names."""
    return {script.name.partition("/")[2]: script.data for script in scripts_of(plan, [name])}


def told(plan):
    """Give a plan that shows what it changes to be mailboxes."""
    sinks = ({"dn": str(c.dn), "action": "modify", "reason": "", "proxies": []} for c in plan.changes)
    return replace(plan, sinks=tuple(sinks))


def is_unique(case):
    """Tell whether no address belongs to two entries, before or after: the Administrator refuses that (event 238)."""
    holders = {}
    for entry in (*case.entries, *applied(case.entries, case.plan)):
        for value in entry.values("otherMailbox"):
            holders.setdefault(value.decode().casefold(), set()).add(entry.dn)
    return all(len(dns) == 1 for dns in holders.values())


def by_administrator(entries, plan):
    """Carry the import files out there and back; give both ends."""
    made = files(plan, "exchange-csv")
    parts = sorted({name.rpartition("/")[0] for name in made})
    there = back = None
    there = state(entries)
    for part in parts:
        there = admin.imported(*_sheet(made, part, "import", there))
    back = there
    for part in reversed(parts):
        back = admin.imported(*_sheet(made, part, "undo", back))
    return there, back


def _sheet(made, part, name, directory):
    prefix = f"{part}/" if part else ""
    return made[f"{prefix}{name}.csv"], directory, made[f"{prefix}import.ini"].decode()


@settings(max_examples=40)
@given(case=plans())
def test_ldifde_leaves_the_directory_as_apply_does_and_its_inverse_as_it_was(case):
    made = files(case.plan, "ldifde")
    there = ldifde.carried_out(made["change.ldf"], state(case.entries))
    assert there == state(applied(case.entries, case.plan))
    assert ldifde.carried_out(made["undo.ldf"], there) == state(undone(case.entries, case.plan))


@settings(max_examples=40)
@given(case=plans("exchange55", alphabet=TAME))
def test_the_administrator_leaves_the_directory_as_apply_does_and_its_inverse_as_it_was(case):
    assume(is_unique(case))
    there, back = by_administrator(case.entries, told(case.plan))
    assert there == state(applied(case.entries, case.plan))
    assert back == state(undone(case.entries, case.plan))


@settings(max_examples=40)
@given(case=plans("exchange55"))
def test_the_administrator_is_told_hostile_names_rightly_or_not_at_all(case):
    assume(is_unique(case))
    try:
        there, back = by_administrator(case.entries, told(case.plan))
    except RemedyError as refusal:
        assert "cannot be told" in str(refusal)  # noqa: PT017 - either end is right
        return
    assert there == state(applied(case.entries, case.plan))
    assert back == state(undone(case.entries, case.plan))


GOLDEN = Path(__file__).parent / "golden" / "scripts"


@pytest.fixture
def golden_folder(request):
    """Compare files with those of a folder below tests/golden/scripts, byte by byte; see tests/cli/conftest.py."""

    def check(folder, made):
        place = GOLDEN / folder
        if request.config.getoption("--update-golden", default=False):
            place.mkdir(parents=True, exist_ok=True)
            for name, data in made.items():
                (place / name).write_bytes(data)
        assert {path.name: path.read_bytes() for path in place.iterdir()} == made

    return check


@pytest.mark.parametrize("format_", ["ldifde", "exchange-csv"])
@pytest.mark.parametrize(("folder", "wishes"), [("exchange55", {}), ("exchange55-new", {"new_mailbox": "MSPMGATE"})])
def test_golden_files_of_the_company_in_exchange_55(company, golden_folder, format_, folder, wishes):
    plan = company.plan(company.directory(), company.inventory(), **wishes)
    golden_folder(f"{folder}/{format_}", files(plan, format_))


def test_golden_files_of_the_company_in_active_directory(company, golden_folder):
    plan = company.plan(MemoryStore(peopled_ad(ENTRIES)), company.inventory())
    assert plan.dialect == "active-directory"
    golden_folder("active-directory/ldifde", files(plan, "ldifde"))
