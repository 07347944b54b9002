"""The plan file: its keys, its digest, and that nobody changes it unnoticed."""

import hashlib
import json
import os
import random
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy import workflow
from remedy.change import Add, Delete, Mod, Modify, Op
from remedy.entry import Entry
from remedy.errors import InputError, RemedyError, Stale
from remedy.plan import Plan, Step, digest_of
from tests.conftest import ENTRIES, ldif, mailbox

KEYS = [
    "schema",
    "digest",
    "dialect",
    "strategy",
    "options",
    "estate",
    "sinks",
    "changes",
    "manual",
    "hazards",
    "postoffices",
    "traces",
    "findings",
    "summary",
]
INSIDE = {
    "estate": ["sites", "domain", "version"],
    "sinks": ["dn", "action", "reason", "proxies"],
    "changes": ["id", "dn", "action", "reason", "postoffices", "expects", "before", "ldif", "undo"],
    "manual": ["postoffice", "text"],
    "hazards": ["name", "detail"],
    "postoffices": ["address", "network", "name", "kind", "coverage", "confidence", "holders", "evidence"],
    "findings": ["code", "severity", "subject", "message", "fix"],
}
ROOT = Path(__file__).parent.parent


def canonical(document: dict) -> str:
    """The digest, as the contract says it, by no code of ours."""
    rest = {key: value for key, value in document.items() if key != "digest"}

    def write(value) -> str:
        if isinstance(value, dict):
            return "{" + ",".join(f"{write(key)}:{write(value[key])}" for key in sorted(value)) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(write, value)) + "]"
        return json.dumps(value, ensure_ascii=False)

    return hashlib.sha256(write(rest).encode()).hexdigest()


def resealed(document: dict) -> str:
    """A document with a digest that fits, as somebody who knows the contract can make it."""
    return json.dumps({**document, "digest": canonical(document)})


@pytest.fixture
def plan(company) -> Plan:
    return company.plan(company.directory(), company.inventory(), strategy="both")


@pytest.fixture(scope="session")
def whole(lasting_company) -> dict:
    """A plan file in which no list is empty."""
    entries = [*ENTRIES, mailbox("MSPMGATE")]
    return lasting_company.plan(
        lasting_company.directory(entries), lasting_company.inventory(), strategy="both", max_proxies=5
    ).to_dict()


def test_the_keys_are_the_contract_s_and_stand_in_its_order(whole):
    assert list(whole) == KEYS
    assert whole["schema"] == "remedy/plan/1"
    for key, inside in INSIDE.items():
        parts = whole[key] if isinstance(whole[key], list) else [whole[key]]
        assert parts
        assert all(list(part) == inside for part in parts)
    assert all(set(site) == {"site", "shadow"} for site in whole["estate"]["sites"])
    assert {"before", "after", "msmail_side"} <= set(whole["traces"][0])


def test_the_digest_is_over_everything_else(whole):
    assert whole["digest"] == canonical(whole)
    assert digest_of({key: value for key, value in whole.items() if key != "digest"}) == canonical(whole)


def test_a_plan_reads_back(plan):
    document = plan.to_dict()
    for text in (json.dumps(document), json.dumps(document, indent=7), workflow.show(plan, "json")):
        again = Plan.from_json(text, "plan.json")
        assert again.to_dict() == document
        assert again.digest == document["digest"] == plan.digest
        assert again.changes == plan.changes
        assert again.pending


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_is_missing(whole, key):
    document = {name: value for name, value in whole.items() if name != key}
    with pytest.raises(InputError, match=r"plan\.json"):
        Plan.from_json(resealed(document) if key != "digest" else json.dumps(document), "plan.json")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [None, 7, True, [1], {"x": {"y": None}}], ids=str)
def test_a_key_of_another_kind(whole, key, value):
    document = {**whole, key: value}
    with pytest.raises((InputError, Stale)):
        Plan.from_json(resealed(document) if key != "digest" else json.dumps(document), "plan.json")


def test_a_key_that_nobody_knows(whole):
    with pytest.raises(InputError):
        Plan.from_json(resealed({**whole, "more": 1}), "plan.json")


def leaves(value, path=()):
    """Yield the path of everything in a document."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from leaves(part, (*path, key))


def changed(document: dict, path: tuple, rng: random.Random) -> dict:
    """A document in which one part is another."""
    copy = deepcopy(document)
    place = copy
    for key in path[:-1]:
        place = place[key]
    old = place[path[-1]]
    match old:
        case bool() | None:
            place[path[-1]] = 3 if old is None else not old
        case str():
            place[path[-1]] = f"{old}x"
        case int():
            place[path[-1]] = old + 1
        case list():
            place[path[-1]] = [*old, *old] or [1]
        case dict():
            place[path[-1]] = {}
    if rng.random() < 0.3:
        del place[path[-1]]
    return copy


def test_a_plan_that_was_changed_anywhere_is_noticed(whole):
    rng = random.Random(175447)
    places = {tuple(str(key) if isinstance(key, str) else "" for key in path): path for path in leaves(whole) if path}
    assert {path[0] for path in places.values()} == set(KEYS)
    for path in places.values():  # every key there is, at any depth
        if (copy := changed(whole, path, rng)) == whole:
            continue
        with pytest.raises((Stale, InputError)) as caught:
            Plan.from_json(json.dumps(copy), "plan.json")
        assert caught.value.exit_code in {1, 5}


def test_a_change_of_a_text_is_stale_and_says_both_digests(whole):
    copy = deepcopy(whole)
    copy["changes"][0]["ldif"] = copy["changes"][0]["ldif"].replace("PO1", "PO9")
    assert copy != whole
    with pytest.raises(Stale) as caught:
        Plan.from_json(json.dumps(copy), "plan.json")
    assert all(text in str(caught.value) for text in ("plan.json", "digest", whole["digest"], canonical(copy)))


def test_the_gates_stand_in_order_shape_before_digest(whole):
    with pytest.raises(InputError):
        Plan.from_json(json.dumps({**whole, "digest": "0" * 64, "changes": {}}), "plan.json")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "7",
        '"x"',
        "{",
        "\x00",
        "[" * 100000,
        '{"a":' * 100000,
        "9" * 5000,
        '{"schema": 1}',
        '{"schema": "remedy/plan/2"}',
        '{"schema": "remedy/survey/1"}',
        '{"schema": ["remedy/plan/1"]}',
    ],
    ids=range(15),
)
def test_what_is_no_plan(text):
    with pytest.raises(InputError) as caught:
        Plan.from_json(text, "plan.json")
    assert "plan.json" in str(caught.value)


def test_a_deep_document_of_the_right_schema(whole):
    for depth in (10, 300, 900, 2000, 50_000):
        nested = "[" * depth + "]" * depth
        text = json.dumps({**whole, "options": "DEEP"}).replace('"DEEP"', nested)
        with pytest.raises(RemedyError):
            Plan.from_json(text, "plan.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.no_cover
@settings(max_examples=80)
@given(st.text() | JSON.map(json.dumps))
def test_hostile_text_is_no_plan(text):
    with pytest.raises(RemedyError):
        Plan.from_json(text, "plan.json")


@settings(max_examples=120)
@given(data=st.data(), value=JSON)
def test_a_hostile_part_is_read_as_it_is_or_refused(whole, data, value):
    path = data.draw(st.sampled_from([path for path in leaves(whole) if path and path != ("digest",)]))
    copy = deepcopy(whole)
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    try:
        text = resealed(copy)
    except UnicodeEncodeError:  # a lone surrogate: only the tool itself can say the digest
        text = json.dumps({**copy, "digest": digest_of({k: v for k, v in copy.items() if k != "digest"})})
    try:
        plan = Plan.from_json(text, "plan.json")
    except RemedyError:
        return
    assert plan.digest


@pytest.mark.parametrize(
    "text",
    [
        "dn: cn=x\nchangetype: modify\nreplace: a\na: b\n-\n\n",
        "dn: cn=x\nchangetype: modify\ndelete: a\n-\n\n",
        "dn: cn=x\nchangetype: modrdn\nnewrdn: cn=y\n\n",
        "dn: cn=x\nchangetype: modify\nadd: a\na:< file:///etc/passwd\n-\n\n",
        "dn: cn=x\n\n",
        "",
        "dn: cn=x\nchangetype: delete\n\ndn: cn=y\nchangetype: delete\n\n",
        "\ud800",
    ],
    ids=["replace", "delete-all", "rename", "url", "content", "nothing", "two", "surrogate"],
)
def test_a_change_that_could_not_be_taken_back_is_refused(whole, text):
    copy = deepcopy(whole)
    copy["changes"][0]["ldif"] = text
    body = {key: value for key, value in copy.items() if key != "digest"}
    with pytest.raises(InputError):
        Plan.from_json(json.dumps({**body, "digest": digest_of(body)}), "plan.json")


BOX, OTHER = mailbox("jdoe"), mailbox("asmith")
ADDRESS = b"ms$NWTRADERS/PO1/POSTMASTER"


def adding(box, *values, name="otherMailbox", op=Op.ADD):
    return Modify(box.dn, (Mod(op, name, values),))


def respelt(old, new, again="otherMailbox"):
    """A change that servers may take for none: what is added is what is taken away, in another case."""
    return Modify(BOX.dn, (*adding(BOX, old, op=Op.DELETE).mods, *adding(BOX, b"x", new, name=again).mods))


def steps_of(*changes, ids=()):
    """Changes as the steps of a plan file, whole in themselves."""
    names = ids or [f"c{number}" for number in range(1, len(changes) + 1)]
    return [
        Step(
            id=name, reason="r", postoffices=("A/B",), change=change,
            before=Entry(change.dn, ()) if isinstance(change, Modify) else None,
        ).to_dict()
        for name, change in zip(names, changes, strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (steps_of(Delete(Entry(BOX.dn, ()))), "takes a whole entry away"),
        *((steps_of(adding(BOX, b"x", name=name)), f"{name} means something else") for name in ("dn", "changetype", "Version", "control")),
        (steps_of(Add(Entry.of("cn=x,o=y", {"objectClass": "person", "version": "1"}))), "version means something else"),
        (steps_of(adding(BOX, b"x"), adding(OTHER, b"y"), ids=["c1", "c1"]), "the id c1 is that of change 1 too"),
        (steps_of(adding(BOX, b"x"), adding(BOX, b"y")), "the entry cn=jdoe,.* is that of change 1 too"),
        (steps_of(adding(BOX, b"x"), Add(Entry.of(str(BOX.dn).upper(), {"uid": "x"}))), "the entry .* is that of change 1 too"),
        (steps_of(adding(BOX, ADDRESS), adding(OTHER, b"x", b"MS:nwtraders/po1/postmaster")), "the address NWTRADERS/PO1/POSTMASTER"),
        (steps_of(adding(BOX, ADDRESS), Add(Entry.of("cn=x,o=y", {"otherMailbox": ADDRESS.decode()}))), "the address NWTRADERS/PO1"),
        (steps_of(respelt(ADDRESS.upper(), ADDRESS)), "adds ms.NWTRADERS/PO1/POSTMASTER and takes the same value away"),
        (steps_of(respelt(b"a  b", b"A b", again="OtherMailbox")), "adds A b and takes the same value away"),
    ],
)  # fmt: skip
def test_what_no_plan_does_is_refused_though_its_digest_fits(whole, steps, why):
    with pytest.raises(InputError, match=rf"plan\.json, change \d: .*{why}"):
        Plan.from_json(resealed({**whole, "changes": steps}), "plan.json")


@pytest.mark.parametrize(
    "steps",
    [
        steps_of(adding(BOX, ADDRESS), adding(OTHER, ADDRESS, op=Op.DELETE)),
        steps_of(adding(BOX, b"x"), adding(OTHER, b"x")),
        steps_of(*(Add(Entry.of(f"cn=x{n},o=y", {"objectClass": "person", "Home-MDB": "cn=db"})) for n in (1, 2))),
        steps_of(adding(BOX, b"x", name="version;lang-de")),
        steps_of(respelt(b"MS:NWTRADERS/PO1/POSTMASTER", ADDRESS)),
        steps_of(respelt(b"y", b"Y", again="info")),
    ],
)
def test_what_only_looks_like_that_is_a_plan(whole, steps):
    assert len(Plan.from_json(resealed({**whole, "changes": steps}), "plan.json").steps) == len(steps)


# --- Steps ------------------------------------------------------------------------------------------------------------


def test_a_step_says_what_must_hold():
    change = Modify(
        mailbox("jdoe").dn, (Mod(Op.ADD, "otherMailbox", (b"ms$A/B/C", b"\xff")), Mod(Op.DELETE, "mail", (b"x",)))
    )
    step = Step(id="c1", reason="r", postoffices=("A/B",), change=change, before=mailbox("jdoe"))
    assert step.action == "modify"
    assert [(item["id"], item["attribute"], item["state"]) for item in step.expects()] == [
        ("c1.1", "otherMailbox", "absent"),
        ("c1.2", "otherMailbox", "absent"),
        ("c1.3", "mail", "present"),
    ]
    assert step.to_dict()["before"] == {
        "otherMailbox": ["MS$FABRIKAM/SEATTLE/JDOE"],
        "mail": ["jdoe@seattle.fabrikam.com"],
    }


@pytest.mark.parametrize("kind", [Add, Delete])
def test_a_step_of_a_whole_entry(kind):
    step = Step(id="c2", reason="r", postoffices=(), change=kind(Entry.of("cn=x", {"uid": "x"})))
    assert step.expects() == ({"id": "c2.1", "entry": "absent"},)
    assert step.to_dict()["before"] is None
    assert step.action == ("add" if kind is Add else "modify")


def test_values_that_are_no_utf8_keep_their_bytes(company):
    entries = [*ENTRIES[:3], mailbox("Postmaster", b"smtp$\xff\xfe@fabrikam.com")]
    plan = company.plan(company.directory(entries, "memory"))
    again = Plan.from_json(json.dumps(plan.to_dict()), "plan.json")
    assert again.to_dict() == plan.to_dict()
    assert b"smtp$\xff\xfe@fabrikam.com" in again.steps[0].before.values("otherMailbox")


# --- Same input, same bytes -------------------------------------------------------------------------------------------


def test_the_same_input_gives_the_same_bytes(company):
    sources = company.directory(), company.inventory()
    one, two = (workflow.show(company.plan(*sources), "json") for _ in range(2))
    assert one == two


def test_the_seed_of_python_s_hashes_does_not_matter(company):
    sources = company.directory(), company.inventory()
    code = "import sys; from remedy import workflow as w; sys.stdout.write(w.show(w.plan(*sys.argv[1:]), 'json'))"
    said = {
        subprocess.run(
            [sys.executable, "-c", code, *sources],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "175447")
    }
    assert said == {workflow.show(company.plan(*sources), "json").encode()}


def test_the_order_of_the_records_does_not_matter(company):
    def shown(entries):
        path = company.folder / "export.ldif"
        path.write_text(ldif(entries))
        plan = company.plan(str(path), company.inventory(), max_proxies=5).to_dict()
        ends = {item["postoffice"]: (item["before"]["outcome"], item["after"]["outcome"]) for item in plan["traces"]}
        return plan["changes"], plan["sinks"], plan["manual"], ends, plan["summary"]

    orders = [random.Random(seed).sample(ENTRIES, len(ENTRIES)) for seed in range(8)]
    first = shown(ENTRIES)
    assert first[0]
    assert all(shown(order) == first for order in orders)


def test_nothing_of_the_machine_is_in_a_plan(company, monkeypatch):
    monkeypatch.setenv("USER", "anne-of-fabrikam")
    monkeypatch.setenv("HOSTNAME", "host-of-fabrikam")
    text = workflow.show(company.plan(company.directory(door="memory")), "json")
    assert "of-fabrikam" not in text
    assert str(company.folder) not in text
