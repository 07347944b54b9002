"""The scripts for ldifde and for the Administrator leave a directory as ``remedy apply`` does, and their inverse as it was."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remedy.change import Add, Mod, Modify, Op
from remedy.dn import DN
from remedy.errors import RemedyError, UsageError
from remedy.plan import Step
from remedy.rendering import scripts_of
from remedy.scripts import exchange_csv
from remedy.stores.memory import MemoryStore
from tests.active_directory import peopled_ad
from tests.conftest import ENTRIES, addressing, connector
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


@pytest.mark.no_cover
@settings(max_examples=40)
@given(case=plans())
def test_ldifde_leaves_the_directory_as_apply_does_and_its_inverse_as_it_was(case):
    made = files(case.plan, "ldifde")
    there = ldifde.carried_out(made["change.ldf"], state(case.entries))
    assert there == state(applied(case.entries, case.plan))
    assert ldifde.carried_out(made["undo.ldf"], there) == state(undone(case.entries, case.plan))


@pytest.mark.no_cover
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
        if request.config.getoption("--update-golden"):
            place.mkdir(parents=True, exist_ok=True)
            for name, data in made.items():
                (place / name).write_bytes(data)
        assert {path.name: path.read_bytes() for path in place.iterdir()} == made

    return check


@pytest.fixture
def sources(company, tmp_path, monkeypatch):
    """Give the directory of the company and its inventory under names that are always the same, as the digest wants it."""
    monkeypatch.chdir(tmp_path)
    inventory = Path(company.inventory()).name
    return lambda entries=ENTRIES: (MemoryStore(entries, name="memory"), inventory)


@pytest.mark.parametrize("format_", ["ldifde", "exchange-csv"])
@pytest.mark.parametrize(("folder", "wishes"), [("exchange55", {}), ("exchange55-new", {"new_mailbox": "MSPMGATE"})])
def test_golden_files_of_the_company_in_exchange_55(company, sources, golden_folder, format_, folder, wishes):  # noqa: PLR0917
    golden_folder(f"{folder}/{format_}", files(company.plan(*sources(), **wishes), format_))


def test_golden_files_of_the_company_in_active_directory(company, sources, golden_folder):
    plan = company.plan(*sources(peopled_ad(ENTRIES)))
    assert plan.dialect == "active-directory"
    golden_folder("active-directory/ldifde", files(plan, "ldifde"))


@pytest.mark.parametrize("path", sorted(GOLDEN.rglob("*.cmd")), ids=lambda path: str(path.relative_to(GOLDEN)))
def test_a_search_that_fails_is_not_taken_for_one_that_finds_nothing(path):
    lines = path.read_text().splitlines()
    places = [number for number, line in enumerate(lines) if line.startswith("findstr ") and "/g:" in line]
    assert all(
        lines[number + 1].startswith("if errorlevel 2 goto un") or lines[number + 1] == "if errorlevel 2 exit /b 1"
        for number in places
    )
    assert places or path.name == "undo.cmd"


# --- What the Administrator and ldifde cannot be told ---------------------------------------------------------------------

PLACE = "cn=Recipients,ou=SEATTLE,o=FABRIKAM"


def by_hand(company, *changes, kind="mailbox"):
    """Give a plan that makes some changes, to entries that it shows to be of a kind."""
    plan = company.plan(company.directory(), company.inventory())
    steps = tuple(Step(id=f"c{n}", reason="", postoffices=(), change=c) for n, c in enumerate(changes, 1))
    holders = [{"dn": str(change.dn), "kind": kind, "address": ""} for change in changes]
    return replace(plan, steps=steps, postoffices=({**plan.postoffices[0], "holders": holders},), sinks=())


def modify(op, *values, attribute="otherMailbox", dn=f"cn=gate,{PLACE}"):
    """Give a change of one attribute."""
    return Modify(DN.parse(dn), (Mod(op, attribute, tuple(map(str.encode, values))),))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (modify(Op.ADD, "x", attribute="sn"), "sn is no list of addresses"),
        (modify(Op.ADD, "MS$N/P/POSTMASTER"), "no secondary address"),  # a primary one
        (modify(Op.ADD, "ms:N/P/POSTMASTER"), "no secondary address"),  # it would come back as ms$
        (modify(Op.ADD, "ninechars$x"), "no secondary address"),  # event 232
        (modify(Op.ADD, "ms$"), "no secondary address"),
        (modify(Op.ADD, "ms$ x"), "no secondary address"),
        (modify(Op.ADD, 'smtp$"x"@y'), "would not be taken for text"),
        (modify(Op.ADD, "smtp$\u65e5@y"), "code page 1252"),
        (modify(Op.DELETE, "smtp$a%b@y"), "cannot be told from the marks"),
        (modify(Op.DELETE, "smtp$a>b@y"), "cannot be told from the marks"),
        (modify(Op.ADD, "ms$N/P/X", dn=f"cn==cmd,{PLACE}"), "something else in an import file"),
        (modify(Op.ADD, "ms$N/P/X", dn=f"cn=~del,{PLACE}"), "something else in an import file"),
        (modify(Op.ADD, "ms$N/P/X", dn=f"cn=50%,{PLACE}"), "from a list of values"),
        (modify(Op.ADD, "ms$N/P/X", dn=f"cn=@x,{PLACE}"), "would not be taken for text"),
        (modify(Op.ADD, "ms$N/P/X", dn=f"cn=x,cn=a/b,{PLACE}"), "between slashes"),
        (modify(Op.ADD, "ms$N/P/X", dn="cn=x,cn=a\\;b,ou=S,o=F"), "options file"),
        (modify(Op.ADD, "ms$N/P/X", dn="cn=x,ou=S,o=F"), "in no container of a site"),
        (modify(Op.ADD, "ms$N/P/X", dn="cn=x,cn=y,cn=z,dc=F"), "in no container of a site"),
    ],
)
def test_what_the_administrator_has_no_words_for_is_refused_in_a_sentence(company, change, why):
    with pytest.raises(
        RemedyError, match=r"so the Administrator cannot be told\. Leave the format exchange-csv out"
    ) as refusal:
        files(by_hand(company, change), "exchange-csv")
    assert why in str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "why"), [("custom-recipient", "Q157007"), ("other", "does not show that it is a mailbox")]
)
def test_only_mailboxes_and_lists_are_imported(company, kind, why):
    with pytest.raises(RemedyError, match=why):
        files(by_hand(company, modify(Op.ADD, "ms$N/P/X"), kind=kind), "exchange-csv")
    made = files(by_hand(company, modify(Op.ADD, "ms$N/P/X"), kind="distribution-list"), "exchange-csv")
    assert made["import.csv"].splitlines()[1].startswith(b"DL,Modify,gate,")


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ({"title": "x"}, "title is none of what it gives"),
        ({"sn": ["a", "b"]}, "sn is none of what it gives"),
        ({"mailPreferenceOption": "1"}, "mailPreferenceOption is none of what it gives"),
        ({"cn": []}, "without alias or display name"),
        ({"otherMailbox": ["MS$FABRIKAM/SEATTLE/OTHER", "ms$N/P/POSTMASTER"]}, "no secondary address"),
        ({"uid": "POSTMASTER", "otherMailbox": "MS$FABRIKAM/SEATTLE/POSTMASTER"}, "would be given POSTMAST0"),
        ({"Home-MTA": "cn=Microsoft MTA,cn=EXSRV2,cn=Servers,cn=Configuration,ou=SEATTLE,o=FABRIKAM"}, "of one server"),
        ({"Home-MDB": "cn=Own MDB,cn=EXSRV1,cn=Servers,cn=Configuration,ou=SEATTLE,o=FABRIKAM"}, "of one server"),
        ({"Home-MDB": "nonsense"}, "so the Administrator cannot be told"),
    ],
)
def test_a_mailbox_is_created_as_the_administrator_makes_it_or_not_at_all(company, attributes, why):
    plan = company.plan(company.directory(), company.inventory(), new_mailbox="MSPMGATE")
    (step,) = plan.steps
    entry = step.change.entry
    for name, value in attributes.items():
        many = [value] if isinstance(value, str) else value
        entry = entry.with_values(name, tuple(map(str.encode, many)))
    with pytest.raises(RemedyError, match=why):
        files(replace(plan, steps=(replace(step, change=Add(entry)),)), "exchange-csv")


def test_a_mailbox_without_a_secondary_address_has_no_row(company):
    (step,) = company.plan(company.directory(), company.inventory(), new_mailbox="MSPMGATE").steps
    entry = step.change.entry.with_values("otherMailbox", (b"MS$FABRIKAM/SEATTLE/MSPMGATE",))
    with pytest.raises(ValueError, match="leave the last column empty"):
        list(exchange_csv._created(entry, {}))


def test_twenty_five_addresses_stand_in_a_row_and_a_new_mailbox_gets_the_rest_in_more_rows(company):
    offices = [f"NWTRADERS/X{number}" for number in range(60)]
    entries = [addressing(), connector(*(f"MS:{name};1" for name in offices))]
    plan = company.plan(MemoryStore(entries), new_mailbox="MSPMGATE")
    made = list(admin.rows(files(plan, "exchange-csv")["import.csv"]))
    assert [row["Mode"] for row in made] == ["Create", "Modify", "Modify"]
    assert [row["Secondary-Proxy-Addresses"].count("%") + 1 for row in made] == [25, 25, 10]
    assert [row["Alias Name"] for row in made] == ["MSPMGATE", "", ""]
    back = list(admin.rows(files(plan, "exchange-csv")["undo.csv"]))
    assert len(back) == 60


def test_each_container_has_its_own_import_and_they_are_carried_out_in_order(company):
    other = modify(Op.ADD, "ms$N/P2/X", dn="cn=y,cn=Sub,cn=Other,ou=SEATTLE,o=FABRIKAM")
    made = files(by_hand(company, modify(Op.ADD, "ms$N/P/X"), other), "exchange-csv")
    assert {name.partition("/")[0] for name in made} == {"part1", "part2"}
    assert b"Container=Other\r\n" in made["part2/export.ini"]
    assert b"This is part2; carry the parts out in order.\r\n" in made["part2/apply.cmd"]
    assert b"order, the last one first.\r\n" in made["part1/undo.cmd"]
    assert b"/o=FABRIKAM/ou=SEATTLE/cn=Other/cn=Sub," in made["part2/import.csv"]


def test_holders_whose_names_are_none_are_passed_over(company):
    plan = by_hand(company, modify(Op.ADD, "ms$N/P/X"))
    plan.postoffices[0]["holders"].append({"dn": "nonsense", "kind": "mailbox", "address": ""})
    assert "import.csv" in files(plan, "exchange-csv")


def test_a_name_that_an_export_would_put_in_quotes_is_left_to_a_person(company):
    made = files(by_hand(company, modify(Op.ADD, "ms$N/P/X", dn=f"cn=O'Brien & Co,{PLACE}")), "exchange-csv")
    assert made["apply.check"] == b""
    assert b"cannot say 1 of its checks" in made["apply.cmd"]


def test_ldifde_takes_no_empty_value(company):
    with pytest.raises(RemedyError, match=r"takes no empty value \(Q271886\)"):
        files(by_hand(company, modify(Op.ADD, "", attribute="sn")), "ldifde")


def test_attributes_that_a_batch_file_cannot_name_are_all_kept(company):
    made = files(by_hand(company, modify(Op.ADD, "x", attribute="sn;lang-en")), "ldifde")
    assert b'"(objectClass=*)" -j' in made["apply.cmd"]
    assert (
        b" -l sn,otherMailbox -j"
        in files(by_hand(company, modify(Op.ADD, "x", attribute="sn"), modify(Op.ADD, "ms$N/P/X")), "ldifde")[
            "apply.cmd"
        ]
    )


def test_an_address_that_moves_or_is_none_of_microsoft_mail_is_looked_for_by_a_person(company):
    moved = "ms$N/P/POSTMASTER"
    changes = modify(Op.DELETE, moved, dn=f"cn=old,{PLACE}"), modify(Op.ADD, moved, "smtp$x@y", "junk")
    made = files(by_hand(company, *changes), "ldifde")
    assert "apply.addresses" not in made
    assert b"cannot say 3 of its checks" in made["apply.cmd"]


def test_an_import_file_does_not_fit_active_directory(company):
    plan = company.plan(MemoryStore(peopled_ad(ENTRIES)), company.inventory())
    with pytest.raises(UsageError, match=r"exchange-csv does not fit a plan for active-directory; these are: .*ldifde"):
        files(plan, "exchange-csv")
