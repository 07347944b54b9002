"""The format msmail: what IMPORT gets is the plan, whatever a plan file holds; and a name never outgrows its column."""

import dataclasses
import itertools
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.addresses import PostofficeName
from remedy.errors import RemedyError
from remedy.inventories.import_extract import read_import_extract
from remedy.plan import Plan
from remedy.rendering import scripts_of
from remedy.scripts.msmail import tasks, transaction
from remedy.strategies.postoffice import FULL_NAME_LIMIT, full_name
from tests.conftest import listed
from tests.formats import row

LINE = re.compile(rb"[ -~]*")
parts = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=10)
names = st.builds(PostofficeName, parts, parts)
FACTS = {"PO1": {}, "PO2": {"users": 500}, "PO3": {"kind": "ffapi"}, "PO4": {"postmaster": True, "pending": 4096}}


def plan_of(company, facts=FACTS, network="NET"):
    rows = [listed(f"{network}/{name}", **more) for name, more in facts.items()]
    return company.plan(company.inventory(rows), strategy="postoffice")


@pytest.fixture(scope="module")
def plan(lasting_company):
    return plan_of(lasting_company)


def files(plan):
    return {script.name.removeprefix("msmail/"): script.data for script in scripts_of(plan, ["msmail"])}


def in_columns(data):
    """Read a transaction file by its columns alone, as Q104869 and Q131151 describe them."""
    for line in data.decode("ascii").removesuffix("\r\n").split("\r\n"):
        code, gap, alias, gap2, kind, address = line[0], line[1], line[2:32], line[32], line[33:37], line[37:]
        assert (gap, gap2, kind) == (" ", " ", "PCM:")
        yield code, alias.rstrip(" "), address


class TestTransactions:
    @pytest.mark.parametrize(("file", "code"), [("import", "A"), ("undo", "D")])
    def test_each_postoffice_that_lacks_the_mailbox_has_one_in_its_columns(self, plan, file, code):
        found = {name: list(in_columns(data)) for name, data in files(plan).items() if name.endswith(f"/{file}.txt")}
        assert found == {
            f"NET-{po}/{file}.txt": [(code, f"Postmaster NET/{po}", f"NET/{po}/POSTMASTER")] for po in ("PO1", "PO2")
        }

    def test_our_own_reader_finds_a_postmaster_on_just_these_postoffices(self, plan):
        made = [data for name, data in files(plan).items() if name.endswith("/import.txt")]
        estate = read_import_extract(b"".join(made).decode("cp850"), "import.txt")
        assert {(str(each.name), each.postmaster) for each in estate.listings} == {("NET/PO1", True), ("NET/PO2", True)}
        gone = [data for name, data in files(plan).items() if name.endswith("/undo.txt")]
        assert read_import_extract(b"".join(gone).decode("cp850"), "undo.txt").listings == ()

    def test_a_row_is_the_one_of_the_article(self):
        name = PostofficeName("NET1", "PO1")
        assert transaction("A", name) == row("A", "Postmaster NET1/PO1", "PCM:NET1/PO1/POSTMASTER")

    @given(names, st.sampled_from("AD"))
    def test_every_name_reads_back(self, name, code):
        ((found, alias, address),) = in_columns(transaction(code, name).encode() + b"\r\n")
        assert (found, alias, address) == (code, full_name(name), f"{name}/POSTMASTER")
        (listing,) = read_import_extract(transaction("A", name), "x").listings
        assert (listing.name, listing.postmaster) == (name, True)


class TestFullNames:
    def test_every_length_fits_and_the_longest_needs_all_of_it(self):
        lengths = {
            (a, b): len(full_name(PostofficeName("N" * a, "P" * b)))
            for a, b in itertools.product(range(1, 11), repeat=2)
        }
        assert max(lengths.values()) == FULL_NAME_LIMIT == 30
        assert full_name(PostofficeName("N" * 10, "P" * 8)) == "Postmaster NNNNNNNNNN/PPPPPPPP"
        assert full_name(PostofficeName("N" * 10, "P" * 9)) == "Postmstr NNNNNNNNNN/PPPPPPPPP"
        assert full_name(PostofficeName("N" * 10, "P" * 10)) == "Postmstr NNNNNNNNNN/PPPPPPPPPP"

    @given(names, names)
    def test_two_postoffices_have_two(self, one, other):
        assert (full_name(one) == full_name(other)) is (one == other)

    def test_the_plan_the_steps_and_the_transaction_say_the_same(self, lasting_company):
        plan = plan_of(lasting_company, {"0123456789": {}}, "ABCDEFGHIJ")
        whole = "Postmstr ABCDEFGHIJ/0123456789"
        assert f'"{whole}"' in plan.manual[0]["text"]
        made = files(plan)
        assert whole.encode() in made["ABCDEFGHIJ-0123456789/import.txt"]
        assert whole.encode() in made["ABCDEFGHIJ-0123456789/steps.txt"]


class TestSteps:
    def test_each_kind_of_step_is_told_from_the_plan_file_alone(self, plan):
        again = Plan.from_json(json.dumps(plan.to_dict()), "plan.json")
        assert [(task.postoffice, task.what, task.crowded) for _, task in tasks(again)] == [
            ("NET/PO1", "make", False), ("NET/PO2", "make", True), ("NET/PO3", "none", False), ("NET/PO4", "empty", False),
        ]  # fmt: skip

    def test_only_who_makes_a_mailbox_gets_transactions(self, plan):
        assert sorted(files(plan)) == [
            "NET-PO1/import.txt", "NET-PO1/steps.txt", "NET-PO1/undo.txt", "NET-PO2/import.txt", "NET-PO2/steps.txt",
            "NET-PO2/undo.txt", "NET-PO3/steps.txt", "NET-PO4/steps.txt", "README.txt",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("po", "sources"),
        [
            ("PO1", "Q95939 Q96003 Q96060 Q99419 Q104869 Q108841 Q111556 Q112204 Q112897 Q117738 Q118927 Q123376 Q131151"),
            ("PO1", "Q132681 Q138054 Q146113 Q166545 Q175447 Q216193"),
            ("PO3", "Q175447"),
            ("PO4", "Q96060 Q101749 Q118927 Q138054 Q146113 Q175447"),
        ],
    )  # fmt: skip
    def test_every_rule_has_its_source(self, plan, po, sources):
        text = files(plan)[f"NET-{po}/steps.txt"].decode()
        assert [source for source in sources.split() if not re.search(rf"\b{source}\b", text)] == []

    def test_what_is_not_documented_is_not_told_as_a_fact(self, plan):
        text = b"".join(files(plan).values()).decode()
        assert "&" not in text, "tokens of local users, whose names nobody knows"
        made = files(plan)["NET-PO1/steps.txt"].decode()
        assert made.index("ADMIN.EXE, Local-Admin, Create") < made.index("IMPORT.EXE, only if")
        assert "3.2.18 or later" in made
        assert made.index("IMPORT.EXE, only if") < min(
            made.index(f"IMPORT ADMIN -pPASSWORD -dM {word}") for word in ("-f", "-x")
        )
        assert re.search(r"named under B, and no other:\r\n +IMPORT ADMIN \S+ -dM -x", made)
        assert "3.5.33 or later" in made
        assert "documented\r\n       nowhere" in made

    def test_a_full_postoffice_is_said_on_its_sheet_and_in_the_overview(self, plan):
        made = files(plan)
        assert b"One mailbox has to go first" in made["NET-PO2/steps.txt"]
        assert b"One mailbox has to go first" not in made["NET-PO1/steps.txt"]
        assert re.search(rb"NET/PO2 +make !", made["README.txt"])

    def test_the_overview_has_a_box_for_each(self, plan):
        assert re.findall(rb"(?m)^\[ \]  (\S+) +(\w+)", files(plan)["README.txt"]) == [
            (b"NET/PO1", b"make"), (b"NET/PO2", b"make"), (b"NET/PO3", b"none"), (b"NET/PO4", b"empty"),
        ]  # fmt: skip

    @pytest.mark.parametrize("kind", ["ffapi", "workgroup", "gateway"])
    def test_a_kind_that_can_have_none_is_told_why(self, lasting_company, kind):
        plan = plan_of(lasting_company)
        rows = tuple({**each, "kind": kind} for each in plan.postoffices)
        text = files(dataclasses.replace(plan, postoffices=rows))["NET-PO1/steps.txt"].decode()
        assert "nothing to do at this postoffice" in text
        assert ("Q132560" in text) is (kind == "workgroup")

    def test_what_can_have_none_is_neither_emptied_nor_short_of_room(self, plan):
        rows = tuple({**each, "kind": "ffapi"} for each in plan.postoffices)
        assert {task.what for _, task in tasks(dataclasses.replace(plan, postoffices=rows))} == {"none"}
        (crowded,) = (each for each in plan.findings if each["code"] == "user-limit")
        every = tuple({**crowded, "subject": each["address"]} for each in plan.postoffices)
        found = {task.what: task.crowded for _, task in tasks(dataclasses.replace(plan, findings=every))}
        assert found == {"make": True, "none": False, "empty": False}


HOSTILE = st.one_of(
    st.text(max_size=200),
    st.sampled_from([
        "\r\nA Postmaster               PCM:X/Y/Z", "\x1b]0;owned\x07", "\u202etxt.exe", "a\u2028b", "{{ 7 * 7 }}", "\x1a", "\x00",
        "{% include '/etc/passwd' %}", "\udc80", "x" * 500, "[x] done", "",
    ]),
)  # fmt: skip


class TestHostilePlans:
    @settings(max_examples=40)
    @given(text=HOSTILE)
    def test_a_text_breaks_no_line_and_reaches_no_transaction(self, plan, text):
        first, *rest = plan.manual
        hostile = dataclasses.replace(plan, manual=({**first, "text": text}, *rest))
        before, after = files(plan), files(hostile)
        assert set(before) == set(after)
        for name, data in after.items():
            assert all(LINE.fullmatch(line) for line in data.split(b"\r\n")), name
            assert max(map(len, data.split(b"\r\n"))) <= 80
            if name.endswith(("import.txt", "undo.txt")):
                assert data == before[name]
        mine, theirs = (each["NET-PO1/steps.txt"].partition(b"Carry the steps")[2] for each in (before, after))
        assert mine == theirs

    def test_a_text_is_no_template(self, plan):
        hostile = dataclasses.replace(plan, manual=({**plan.manual[0], "text": "{{ 7 * 7 }}{% if %}"},))
        assert b"\r\n    {{ 7 * 7 }}{% if %}\r\n" in files(hostile)["NET-PO1/steps.txt"]

    @pytest.mark.parametrize(
        "name", ["../../etc/X", "NET/..", "NET\\X/PO1", "NET/PO1/X", "NET/PO 1", "N\u00c9T/PO1", ""]
    )
    def test_a_name_that_is_none_is_refused(self, plan, name):
        first, *rest = plan.manual
        with pytest.raises(RemedyError, match="which is no postoffice") as caught:
            files(dataclasses.replace(plan, manual=({**first, "postoffice": name}, *rest)))
        assert "\n" not in str(caught.value)

    def test_a_postoffice_that_the_plan_does_not_show_is_refused(self, plan):
        first, *rest = plan.manual
        with pytest.raises(RemedyError, match="does not show"):
            files(dataclasses.replace(plan, manual=({**first, "postoffice": "NET/OTHER"}, *rest)))

    def test_two_texts_for_one_postoffice_make_one_folder(self, plan):
        first = plan.manual[0]
        twice = dataclasses.replace(plan, manual=({**first, "text": "one"}, {"postoffice": "net/po1", "text": "two"}))
        made = files(twice)
        assert sorted(made) == ["NET-PO1/import.txt", "NET-PO1/steps.txt", "NET-PO1/undo.txt", "README.txt"]
        assert b"    one\r\n    two\r\n" in made["NET-PO1/steps.txt"]


@pytest.mark.no_cover
def test_thousands_of_postoffices_are_rendered(lasting_company):
    plan = plan_of(lasting_company, {f"PO{number}": {} for number in range(1000)})
    made = files(plan)
    assert len(made) == 3001
    rows = b"".join(data for name, data in made.items() if name.endswith("/import.txt"))
    assert [address for _, _, address in in_columns(rows)] == sorted(
        f"NET/PO{number}/POSTMASTER" for number in range(1000)
    )
