"""The laws of a plan, over made-up estates, through the text of real exports and real change files."""

import json
import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remedy import workflow
from remedy.change import Add, Delete, Mod, Modify, Op
from remedy.documents import inventory_rows
from remedy.entry import Entry
from remedy.errors import Refused
from remedy.inventories.native import dump_csv
from remedy.ldif import parse_changes
from remedy.plan import Plan
from remedy.stores.memory import MemoryStore
from tests.conftest import addressing, connector, custom, folder, group, listed, mailbox, requestor, system

pytestmark = pytest.mark.no_cover

NETWORKS = ("NWTRADERS", "WINGTIP", "NORTHWINDT", "NW2")
OFFICES = ("PO1", "PO2", "HUB", "TOYS", "WAREHOUSE1", "7")
GATEWAYS = ("PROFS/HOST1", "FAX/A", "SMTP/X")
SHADOW = "FABRIKAM/SEATTLE"


@dataclass(frozen=True)
class Made:
    """An estate as it was made up: what is in it is known without asking remedy."""

    entries: tuple[Entry, ...]
    rows: tuple[dict, ...]
    cap: int
    gateways: frozenset[str]
    skipped: frozenset[str]


@st.composite
def cased(draw, text: str) -> str:
    """The same text in some case."""
    return draw(st.sampled_from([text, text, text.lower(), text.title()]))


@st.composite
def holder(draw, alias: str, name: str) -> Entry:
    """Somebody who holds the postmaster address of a postoffice."""
    address = draw(cased(f"{name}/POSTMASTER"))
    mark = draw(st.sampled_from(["MS$", "ms$", "MS:", "ms:"]))
    kind = draw(st.sampled_from(["mailbox", "mailbox", "imported", "by-hand", "list", "folder"]))
    match kind:
        case "mailbox":
            return mailbox(alias, mark + address)
        case "imported":
            return custom(alias, f"MS:{address}", f"MS${address}", imported="HUB Requestor")
        case "by-hand":
            return custom(alias, mark + address)
        case "list":
            return group(alias, mark + address)
        case _:
            return folder(alias, mark + address)


@st.composite
def sightings(draw, number: int, name: str) -> tuple[list[str], list[Entry], bool]:
    """What shows a postoffice: address spaces, entries, and whether an inventory does."""
    kinds = draw(st.sets(st.sampled_from(["space", "system", "requestor", "user", "list"]), min_size=1))
    shown = draw(cased(name))
    spaces = [draw(st.sampled_from(["MS:{};1", "MS:{};;1", "MS:{}", "ms:{} ;10", "MS:{}/;1"])).format(shown)]
    entries = []
    if {"system", "requestor"} & kinds:
        entries.append(system(shown, f"sys{number}"))
    if "requestor" in kinds:
        entries.append(requestor(f"sys{number}", f"Requestor {number}"))
    if "user" in kinds:
        entries.append(custom(f"user{number}", draw(st.sampled_from(["MS:{}/ANNE", "ms${}/anne"])).format(shown)))
    return (spaces if "space" in kinds else []), entries, "list" in kinds


@st.composite
def rows(draw, name: str) -> dict:
    """What an inventory says of a postoffice."""
    return listed(
        draw(cased(name)),
        postmaster=draw(st.sampled_from([None, None, True, False])),
        pending=draw(st.sampled_from([None, None, 0, 4095, 4096])),
        strategy=draw(st.sampled_from(["", "", "", "skip", "exchange"])),
    )


@st.composite
def estates(draw) -> Made:
    """An estate with everything at once."""
    every = [f"{network}/{office}" for network in NETWORKS for office in OFFICES]
    names = draw(st.lists(st.sampled_from(every), min_size=1, max_size=10, unique=True))
    spaces = draw(st.lists(st.sampled_from(["MS:NWTRADERS/*;1", "MSA:x;1", "SMTP:*;1", f"MS:{SHADOW};1"]), unique=True))
    spaces += [f"MS:{gateway};5" for gateway in draw(st.lists(st.sampled_from(GATEWAYS), unique=True))]
    entries, table = [], []
    for number, name in enumerate(names):
        shown, more, in_list = draw(sightings(number, name))
        spaces += shown
        entries += more
        table += [draw(rows(name))] if in_list else []
        count = draw(st.sampled_from([0, 0, 0, 1, 1, 2]))
        entries += [draw(holder(f"keeper{number}x{n}", name)) for n in range(count)]
    for number in range(draw(st.integers(0, 3))):
        others = (f"smtp$old{n}@fabrikam.com" for n in range(draw(st.integers(0, 5))))
        entries.append(mailbox(draw(st.sampled_from(["Postmaster", "gate", "MSPMGATE"])) + str(number or ""), *others))
    gateway = draw(st.sampled_from([None, "NWTRADERS/GATE", "WINGTIP/FAXES"]))
    table += [listed(gateway, kind="gateway")] if gateway else []
    entries += [
        addressing(draw(st.sampled_from(["MS:FABRIKAM/SEATTLE", "ms:fabrikam/seattle/", "MS:FABRIKAM/SEATTLE/X"])))
    ]
    entries += [connector(*spaces)]
    skipped = {f"{row['network']}/{row['postoffice']}".upper() for row in table if row.get("strategy") == "skip"}
    return Made(
        entries=tuple(draw(st.permutations(entries))),
        rows=tuple(table),
        cap=draw(st.sampled_from([5, 8, 150])),
        gateways=frozenset({*GATEWAYS, gateway or "FAX/A"}),
        skipped=frozenset(skipped),
    )  # fmt: skip


def sources(company, estate: Made, entries=None) -> list[str]:
    """Write an estate down."""
    for path in company.folder.iterdir():
        path.unlink()
    lists = [company.inventory(estate.rows)] if estate.rows else []
    return [company.directory(estate.entries if entries is None else entries), *lists]


def planned(company, estate: Made, entries=None, **wishes) -> Plan:
    """Plan on an estate; one without any postoffice is none for these tests."""
    try:
        return company.plan(*sources(company, estate, entries), max_proxies=estate.cap, **wishes)
    except Refused as refused:
        assume("No Microsoft Mail postoffice" not in str(refused))
        raise


def carried_out(entries, text: str) -> tuple[Entry, ...]:
    """Carry out a change file."""
    room = MemoryStore(entries)
    for change in parse_changes(text.encode(), "changes.ldif"):
        room.carry_out(change)
    return room.entries()


def addresses(entries) -> list[str]:
    """Every postmaster address that an entry holds, by no code of ours."""
    found = []
    for entry in entries:
        held = {
            text.upper().replace("$", ":") for name in ("otherMailbox", "Target-Address") for text in entry.texts(name)
        }
        found += [text.removeprefix("MS:").removesuffix("/POSTMASTER") for text in held if text.startswith("MS:")
                  and text.endswith("/POSTMASTER")]  # fmt: skip
    return found


@settings(max_examples=30)
@given(estate=estates())
def test_a_plan_that_was_carried_out_leaves_nothing_to_plan(lasting_company, estate):
    plan = planned(lasting_company, estate)
    after = carried_out(estate.entries, workflow.show(plan, "ldif"))
    again = planned(lasting_company, estate, after)
    assert again.changes == ()
    assert again.sinks == ()
    assert {item["postoffice"] for item in again.manual} == {item["postoffice"] for item in plan.manual}


@settings(max_examples=30)
@given(estate=estates())
def test_the_way_back_gives_the_very_entries(lasting_company, estate):
    plan = planned(lasting_company, estate)
    after = carried_out(estate.entries, workflow.show(plan, "ldif"))
    undo = "".join(step.to_dict()["undo"] for step in reversed(plan.steps))
    assert carried_out(after, undo) == estate.entries
    assert (after != estate.entries) == bool(plan.changes)


def without(plan: Plan, position: int, value: bytes) -> Plan:
    """A plan in which one value is missing."""
    step = plan.steps[position]
    if isinstance(step.change, Modify):
        (mod,) = step.change.mods
        left = tuple(item for item in mod.values if item != value)
        change = Modify(step.change.dn, (Mod(mod.op, mod.attribute, left),)) if left else None
    else:
        left = tuple(item for item in step.change.entry.values("otherMailbox") if item != value)
        change = Add(step.change.entry.with_values("otherMailbox", left))
    steps = list(plan.steps)
    steps[position : position + 1] = [replace(step, change=change)] if change else []
    return replace(plan, steps=tuple(steps))


@settings(max_examples=12)
@given(estate=estates())
def test_each_planned_value_is_needed(lasting_company, estate):
    plan = planned(lasting_company, estate)
    files = sources(lasting_company, estate)
    whole = lasting_company.traces(*files, plan=plan)
    for position, step in enumerate(plan.steps):
        for name in step.postoffices:
            assert whole[name]["before"]["outcome"] == "loops"
            assert whole[name]["after"]["outcome"] == "delivers"
            lacking = lasting_company.traces(*files, plan=without(plan, position, f"ms${name}/POSTMASTER".encode()))
            changed = {
                other for other in whole if lacking[other]["after"]["outcome"] != whole[other]["after"]["outcome"]
            }
            assert changed == {name}
            assert lacking[name]["after"]["outcome"] == "loops"


@settings(max_examples=30)
@given(estate=estates())
def test_the_same_estate_gives_the_same_bytes(lasting_company, estate):
    files = sources(lasting_company, estate)
    one, two = (workflow.show(lasting_company.plan(*files, max_proxies=estate.cap), "json") for _ in range(2))
    assert one == two
    assert Plan.from_json(one, "plan.json").to_dict() == json.loads(one)


@settings(max_examples=25)
@given(estate=estates(), seed=st.integers(0, 99))
def test_the_order_of_records_does_not_matter(lasting_company, estate, seed):
    plan = planned(lasting_company, estate)
    shuffled = list(estate.entries)
    random.Random(seed).shuffle(shuffled)
    other = planned(lasting_company, estate, shuffled)
    assert other.changes == plan.changes
    assert other.sinks == plan.sinks
    ends = [[(t["postoffice"], t["before"]["outcome"], t["after"]["outcome"]) for t in p.traces] for p in (plan, other)]
    assert ends[0] == ends[1]


@settings(max_examples=50)
@given(estate=estates())
def test_every_address_is_planned_once_if_it_must_be_and_never_otherwise(lasting_company, estate):
    plan = planned(lasting_company, estate)
    covered = [name for step in plan.steps for name in step.postoffices]
    held = addresses(estate.entries)
    assert len(covered) == len(set(covered))
    assert not set(covered) & {*held, *estate.skipped, *estate.gateways, SHADOW}
    open_rows = {
        row["address"] for row in plan.postoffices if row["coverage"] in {"exposed", "full"} and not row["holders"]
    }
    assert set(covered) == open_rows - estate.skipped
    assert not {row["address"] for row in plan.postoffices} & {*estate.gateways, SHADOW}
    for row in plan.postoffices:  # the survey sees every holder that stands in the text
        assert len(row["holders"]) == held.count(row["address"])


@settings(max_examples=30)
@given(estate=estates(), strategy=st.sampled_from(["exchange", "both", "mixed"]))
def test_only_secondary_addresses_are_added_and_no_entry_passes_its_cap(lasting_company, estate, strategy):
    plan = planned(lasting_company, estate, strategy=strategy)
    taken = {str(entry.dn) for entry in estate.entries}
    for change in plan.changes:
        assert not isinstance(change, Delete)
        if isinstance(change, Modify):
            assert str(change.dn) in taken
            assert [(mod.op, mod.attribute) for mod in change.mods] == [(Op.ADD, "otherMailbox")]
            assert all(value.startswith(b"ms$") and value.endswith(b"/POSTMASTER") for value in change.mods[0].values)
        else:
            assert str(change.dn) not in taken
            primary, *rest = change.entry.values("otherMailbox")
            assert primary == f"MS$FABRIKAM/SEATTLE/{change.dn.leaf}".encode()
            assert all(value.startswith(b"ms$") and value.endswith(b"/POSTMASTER") for value in rest)
    for entry in carried_out(estate.entries, workflow.show(plan, "ldif")):
        if str(entry.dn) in {str(change.dn) for change in plan.changes}:
            assert len(entry.values("otherMailbox")) + 2 <= estate.cap  # mail and textEncodedORAddress


@settings(max_examples=30)
@given(estate=estates())
def test_the_columns_of_a_survey_read_back(lasting_company, estate):
    assume(not any(row.get("postmaster") is False and row.get("pending") for row in estate.rows))  # it says two things
    found = workflow.survey(*sources(lasting_company, estate))
    facts = inventory_rows(found)
    path = lasting_company.folder / "survey.csv"
    path.write_text(dump_csv(facts))
    assert inventory_rows(workflow.survey(str(path))) == facts
    assert [f"{row['network']}/{row['postoffice']}" for row in facts] == [str(row.po.name) for row in found.rows]
