"""The hazards: each with and without what makes it one."""

from types import SimpleNamespace

import pytest

from remedy import workflow
from remedy.change import Add, Delete, Mod, Modify, Op
from remedy.dn import DN
from remedy.entry import Entry
from remedy.estate import Estate, Requestor
from remedy.hazards import hazards, hazards_of
from remedy.workflow import VERSIONS
from tests.conftest import addressing, connector, mailbox, requestor, system

PULLING = Estate(requestors=(Requestor(dn="cn=r", order="cn=r", source="s", pulls=True),))
SERVING = Estate(requestors=(Requestor(dn="cn=r", order="cn=r", source="s"),))


def adds(number: int) -> list[Modify]:
    mod = Mod(Op.ADD, "otherMailbox", (b"ms$NWTRADERS/PO1/POSTMASTER",))
    return [Modify(DN.parse(f"cn=m{n},o=FABRIKAM"), (mod,)) for n in range(number)]


def creates(number: int) -> list[Add]:
    return [Add(Entry.of(f"cn=m{n},o=FABRIKAM", {"uid": "x"})) for n in range(number)]


TAKES = Modify(DN.parse("cn=m,o=FABRIKAM"), (Mod(Op.DELETE, "otherMailbox", (b"ms$NWTRADERS/PO1/POSTMASTER",)),))
MOVES = Modify(TAKES.dn, (*TAKES.mods, *adds(1)[0].mods))
REMOVES = Delete(Entry.of("cn=m,o=FABRIKAM", {"uid": "x"}))


@pytest.mark.parametrize(
    ("estate", "changes", "asked", "names"),
    [
        (Estate(), [], {}, []),
        (Estate(), adds(1), {}, []),
        (Estate(), creates(1), {}, ["creates-mailbox"]),
        (Estate(), creates(20), {}, ["creates-mailbox"]),
        (Estate(), creates(21), {}, ["creates-mailbox", "many-changes"]),
        (Estate(), adds(500), {}, []),
        (Estate(), adds(500) + creates(3), {}, ["creates-mailbox"]),
        (Estate(), [TAKES], {}, ["takes-address", "many-changes"]),
        (Estate(), [MOVES], {}, ["takes-address", "many-changes"]),
        (Estate(), [REMOVES], {}, ["takes-address", "many-changes"]),
        (Estate(), adds(1), {"cap": 200}, []),
        (Estate(), adds(1), {"cap": 201}, ["over-limit"]),
        (Estate(), [], {"cap": 201}, []),
        (PULLING, adds(1), {}, ["dirsync-wipe"]),
        (PULLING, [], {}, []),
        (SERVING, adds(1), {}, []),
        (PULLING, adds(1), {"version": "4.0"}, ["dirsync-wipe"]),
        *((PULLING, adds(1), {"version": version}, []) for version in VERSIONS if version != "4.0"),
        (SERVING, adds(1), {"version": "4.0"}, []),
        (PULLING, [*creates(21), TAKES], {"cap": 999}, ["creates-mailbox", "dirsync-wipe", "over-limit", "takes-address", "many-changes"]),
    ],
)  # fmt: skip
def test_each_danger_has_its_cause(estate, changes, asked, names):
    found = hazards(estate, changes, **{"version": "", "cap": 150, "hard_cap": 200, **asked})
    assert [item.name for item in found] == names
    assert all(item.detail for item in found)


@pytest.mark.parametrize(
    ("changes", "named", "names"),
    [
        ([], [], []),
        (adds(1), [], []),
        (adds(1), ["over-limit"], ["over-limit"]),
        ([*creates(21), TAKES], [], ["creates-mailbox", "many-changes", "takes-address"]),
        ([TAKES], ["over-limit", "takes-address"], ["over-limit", "takes-address", "many-changes"]),
    ],
)
def test_what_is_to_be_allowed_is_what_a_plan_names_and_what_its_changes_show(changes, named, names):
    plan = SimpleNamespace(changes=tuple(changes), hazards=tuple({"name": name, "detail": "its own"} for name in named))
    found = hazards_of(plan)
    assert [item.name for item in found] == names
    assert all(item.detail if item.name not in named else item.detail == "its own" for item in found)


def test_the_numbers_and_names_are_in_the_detail():
    found = {item.name: item.detail for item in hazards(PULLING, creates(21), version="4.0", cap=201, hard_cap=200)}
    assert "21" in found["creates-mailbox"]
    assert "cn=r" in found["dirsync-wipe"]
    assert "4.0" in found["dirsync-wipe"]
    assert "201" in found["over-limit"]
    assert "200" in found["over-limit"]
    assert "21" in found["many-changes"]


def test_a_requestor_that_two_sources_show_is_named_once():
    twice = Estate(requestors=PULLING.requestors * 2)
    (found,) = hazards(twice, adds(1), version="", cap=150, hard_cap=200)
    assert found.detail.count("cn=r") == 1


def entries(*more: Entry) -> list[Entry]:
    spaces = (f"MS:NWTRADERS/P{n:03};1" for n in range(60))
    return [addressing(), connector(*spaces), system("NWTRADERS/P001"), *more]


@pytest.mark.parametrize(
    ("more", "wishes", "names"),
    [
        ([mailbox("Postmaster")], {}, set()),
        ([], {}, {"creates-mailbox"}),
        ([], {"max_proxies": 5}, {"creates-mailbox", "many-changes"}),
        ([mailbox(f"m{n}", "ms$A/B/POSTMAST1") for n in range(30)], {"max_proxies": 6}, set()),
        ([mailbox("Postmaster")], {"max_proxies": 200}, set()),
        ([mailbox("Postmaster")], {"max_proxies": 201}, {"over-limit"}),
        ([mailbox("Postmaster"), requestor("SYS")], {}, {"dirsync-wipe"}),
        ([mailbox("Postmaster"), requestor("SYS")], {"exchange_version": "4.0"}, {"dirsync-wipe"}),
        ([mailbox("Postmaster"), requestor("SYS")], {"exchange_version": "4.0sp3"}, set()),
        ([mailbox("Postmaster"), requestor("SYS", kind="DX-Server-Conn")], {}, set()),
        ([requestor("SYS")], {"strategy": "postoffice"}, set()),
    ],
)
def test_the_dangers_of_a_plan(company, more, wishes, names):
    plan = company.plan(company.directory(entries(*more)), **wishes)
    assert {item["name"] for item in plan.hazards} == names
    assert all(set(item) == {"name", "detail"} for item in plan.hazards)
    assert plan.summary["hazards"] == len(names)


def test_no_plan_takes_an_address_from_anybody(company):
    plan = company.plan(company.directory(), company.inventory())
    assert "takes-address" not in {item["name"] for item in plan.hazards}
    assert "delete:" not in workflow.show(plan, "ldif")
