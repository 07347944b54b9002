"""The runbook: what it says follows from the plan, in the order it is done, and every article it names is one of the facts."""

import dataclasses
import itertools
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remedy import containment, handbook
from remedy.codes import CODES, HAZARDS
from remedy.containment import CONTROLS, Control, contained
from remedy.errors import UsageError
from remedy.handbook import Said
from remedy.rendering import runbook
from remedy.runbook import internet_address, runbook_document
from remedy.scripts import FORMATS
from remedy.scripts.running import runnable
from remedy.workflow import VERSIONS
from tests.conftest import COMPANY, listed
from tests.scripts_harness import DIALECTS, company_plan
from tests.test_render import finding, plan_of, row, trace

PARTS = (
    "For the board", "The loop, drawn for this estate", "Postoffices, before and after", "Before you begin",
    "Containment, while a loop runs", "The change, step by step", "Verification", "The way back", "Maintenance",
    "Hazards, findings, unknowns", "Signatures",
)  # fmt: skip
FACTS = frozenset(
    re.findall(
        r"Q[0-9]+",
        """
    Q101749 Q104869 Q108841 Q111556 Q111558 Q116466 Q118675 Q118927 Q123376 Q127003 Q128432 Q128627 Q131151 Q131852 Q138054
    Q146113 Q146126 Q146345 Q147084 Q148339 Q148389 Q149192 Q151473 Q151791 Q152436 Q152554 Q152924 Q153028 Q155414 Q155594
    Q155683 Q155920 Q156063 Q156545 Q156996 Q163020 Q163625 Q164456 Q166163 Q166545 Q166589 Q168367 Q169117 Q169669 Q169682
    Q173344 Q175447 Q175707 Q175965 Q175978 Q176033 Q177938 Q180434 Q182557 Q184532 Q184536 Q185475 Q188649 Q188680 Q191163
    Q193437 Q193926 Q196421 Q197289 Q199534 Q200059 Q200062 Q202295 Q216161 Q216193 Q237695 Q238498 Q245465 Q247296 Q249831
    Q250507 Q251152 Q271575 Q277831 Q284199 Q285860 Q291086 Q303028 Q318072 Q96003 Q99204
""",
    )
)
"""The articles that the facts cite and a runbook may name (facts/ms-mail.md, facts/exchange-directory.md)."""


def sayings(value):
    """Give every sentence in a room of them."""
    match value:
        case Said():
            yield value
        case tuple():
            for each in value:
                yield from sayings(each)
        case dict():
            yield from sayings(tuple(value.values()))
        case Control():
            yield from sayings((value.do, value.effects, value.undo))


SAYINGS = tuple(
    saying for room in (handbook, containment) for name in room.__all__ for saying in sayings(getattr(room, name))
)


def book(plan, name="PLAN"):
    return runbook_document(plan, name)["book"]


def names(controls):
    return [each["control"].name for each in controls]


@pytest.fixture
def both(company):
    """A plan with changes and steps by hand."""
    rows = [listed(name, **facts) for name, (facts, *_) in COMPANY.items()]
    return company.plan(company.directory(), company.inventory(rows), strategy="both")


class TestSentences:
    def test_there_are_many_and_none_twice(self):
        texts = [saying.text for saying in SAYINGS]
        assert len(texts) > 60
        assert {text for text in texts if texts.count(text) > 1} <= {
            "All mail of that host stays out, wanted mail of its lists too.",
        }

    @pytest.mark.parametrize("saying", SAYINGS, ids=lambda saying: saying.text[:40])
    def test_each_is_whole_and_has_a_source_or_says_that_it_is_inferred(self, saying):
        assert saying.text.endswith(".")
        assert saying.text.count("`") % 2 == 0
        unknown = saying in tuple(sayings(dict(handbook.UNKNOWNS)))
        assert saying.kb or saying.inferred or unknown

    def test_every_article_is_one_of_the_facts(self):
        texts = " ".join(f"{saying.text} {saying.kb}" for saying in SAYINGS) + repr(handbook.EVENTS)
        assert set(re.findall(r"Q\d{5,6}", texts)) <= FACTS

    @pytest.mark.parametrize("form", ["markdown", "html"])
    @pytest.mark.parametrize("dialect", DIALECTS)
    @pytest.mark.parametrize("version", [None, *VERSIONS])
    def test_no_page_names_another(self, form, dialect, version):
        plan = company_plan(dialect)
        plan = dataclasses.replace(
            plan,
            estate={**plan.estate, "version": version},
            findings=tuple(finding(code, str(CODES[code].severity), "x") for code in CODES),
            hazards=tuple({"name": name, "detail": "x"} for name in HAZARDS),
        )
        for summary in (False, True):
            named = set(re.findall(r"Q\d{5,6}", runbook(plan, form, summary=summary)))
            assert named <= FACTS
            assert "Q175447" in named

    def test_a_page_marks_what_was_inferred(self):
        text = runbook(company_plan("exchange55"))
        for saying in handbook.TESTING:
            assert ("(inference; " in next(line for line in text.splitlines() if saying.kb in line)) is saying.inferred

    def test_what_nobody_found_out_stands_only_under_unknowns(self):
        text = runbook(company_plan("exchange55"))
        place = text.index("### What nobody could find out")
        for saying in handbook.UNKNOWNS["all"]:
            assert text.index(saying.text[:40]) > place


class TestContainment:
    @pytest.mark.parametrize(
        ("version", "there", "unsure"),
        [
            ("4.0", 2, 0), ("4.0sp3", 3, 0), ("5.0", 3, 1), ("5.5", 4, 2), ("5.5sp4", 4, 0), ("2000", 1, 0), ("2003", 1, 0),
            (None, 4, 3),
        ],
    )  # fmt: skip
    def test_it_fits_the_version(self, version, there, unsure):
        fitting, others = contained(version)
        assert len(fitting) == there
        assert [each["sure"] for each in fitting].count(False) == unsure
        assert {*names(fitting), *(each.name for each in others)} == {each.name for each in CONTROLS}
        assert len(fitting) + len(others) == len(CONTROLS)

    def test_the_one_farthest_outside_stands_first_and_fits_always(self):
        assert all(names(contained(version)[0])[0] == "Firewall or relay host" for version in (None, *VERSIONS))

    @pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
    def test_each_has_its_undo_and_its_side_effects(self, control):
        assert control.do
        assert control.effects
        assert control.undo
        assert control.unsure <= control.versions <= set(VERSIONS)

    @pytest.mark.parametrize("form", ["markdown", "html"])
    def test_what_is_left_out_is_named_with_the_version(self, form):
        plan = company_plan("exchange55")
        told = runbook(dataclasses.replace(plan, estate={**plan.estate, "version": "4.0"}), form)
        assert "Left out, because Exchange 4.0" in told.replace("4\\.0", "4.0")
        assert "Event 4192" not in told
        assert "Event 4192" in runbook(plan, form)
        assert "Left out" not in runbook(plan, form)
        assert "The plan states no version: check it first." in runbook(plan, form)


class TestAddress:
    @pytest.mark.parametrize(
        ("name", "address"),
        [
            ("NWTRADERS/PO1", "IMCEAMS-NWTRADERS_PO1_POSTMASTER@fabrikam.com"),
            ("NET/A-B", "IMCEAMS-NET_A+2DB_POSTMASTER@fabrikam.com"),
            ("NET/É", "IMCEAMS-NET_+C3+89_POSTMASTER@fabrikam.com"),
        ],
    )
    def test_it_is_encapsulated(self, name, address):
        assert internet_address(name, "fabrikam.com") == address

    @given(st.text())
    def test_it_is_one_plain_word_whatever_the_name(self, name):
        assert re.fullmatch(r"IMCEAMS-[A-Za-z0-9_+]*_POSTMASTER@x", internet_address(name, "x"))


class TestDocument:
    @pytest.mark.parametrize("dialect", DIALECTS)
    def test_it_holds_the_plan_as_it_is(self, dialect):
        plan = company_plan(dialect)
        document = runbook_document(plan)
        document.pop("book")
        assert document == plan.to_dict()

    def test_the_lines_carry_the_digest_and_the_hazards(self, both):
        lines = book(both, "plan.json")["lines"]
        assert [hazard["name"] for hazard in both.hazards] == ["dirsync-wipe"]
        assert lines["look"] == f"remedy apply plan.json TARGET --dry-run --expect sha256:{both.digest}"
        assert lines["apply"] == f"remedy apply plan.json TARGET --expect sha256:{both.digest} --allow dirsync-wipe"
        assert lines["resume"] == "remedy apply plan.json TARGET --resume --allow dirsync-wipe"
        assert lines["verify"] == "remedy verify TARGET --plan plan.json"
        assert lines["undo"] == "remedy rollback plan.json.journal TARGET"

    @pytest.mark.parametrize(
        ("name", "word"),
        [
            ("plan.json", "plan.json"), ("my plan.json", "'my plan.json'"), ("-x.json", "./-x.json"), ("a;b", "'a;b'"),
            ("a'b", """'a'"'"'b'"""), ("a\nb", "PLAN"), ("\u202ex", "PLAN"),
        ],
    )  # fmt: skip
    def test_a_file_name_is_one_word_of_a_shell(self, name, word):
        assert book(company_plan("exchange55"), name)["lines"]["show"] == f"remedy show {word}"

    def test_a_journal_whose_name_cannot_be_shown(self):
        assert book(company_plan("exchange55"), "a\nb")["lines"]["undo"] == "remedy rollback PLAN.journal TARGET"

    def test_only_what_is_a_word_is_allowed(self):
        assert "--allow ;" not in book(plan_of("; rm -r /"))["lines"]["apply"]

    def test_what_is_left_as_it_is(self, both):
        assert [(each["outcome"], each["skipped"], each["names"]) for each in book(both)["left"]] == [
            ("ambiguous", False, ["WINGTIP/SALES"]), ("loops", True, ["NWTRADERS/LAB"]), ("unknown", False, ["WINGTIP/TOYS"]),
        ]  # fmt: skip

    def test_every_postoffice_is_tested_once_where_its_mail_must_end(self, both):
        told = {
            message["postoffice"]: (group["end"], group["holder"])
            for group in book(both)["tests"]
            for message in group["messages"]
        }
        sink = both.sinks[0]["dn"]
        assert told == {
            "NWTRADERS/HUBPO": ("postoffice", ""), "NWTRADERS/LAB": ("none", ""), "NWTRADERS/PO1": ("mailbox", sink),
            "NWTRADERS/PO2": ("mailbox", sink), "NWTRADERS/PO3": ("mailbox", sink), "WINGTIP/DEPOT": ("mailbox", sink),
            "WINGTIP/SALES": ("none", ""), "WINGTIP/TOYS": ("open", ""),
        }  # fmt: skip
        assert [group["end"] for group in book(both)["tests"]] == ["mailbox", "postoffice", "open", "none"]

    def test_a_message_goes_to_the_domain_of_the_estate_or_to_a_word_for_it(self, both):
        assert book(both)["tests"][0]["messages"][0]["address"].endswith("@seattle.fabrikam.com")
        bare = dataclasses.replace(both, estate={**both.estate, "domain": None})
        assert book(bare)["tests"][0]["messages"][0]["address"].endswith("@DOMAIN")
        assert "put it in the place of `DOMAIN`" in runbook(bare)

    def test_exchange_itself_is_tested_only_where_it_is_planned(self, company):
        plan = company.plan(company.directory(), include_connector_po=True)
        told = [
            group["end"]
            for group in book(plan)["tests"]
            for each in group["messages"]
            if each["postoffice"] == "FABRIKAM/SEATTLE"
        ]
        assert told == ["open"]
        assert any("postmaster of its own postoffice" in each.text for each in book(plan)["unknowns"])

    def test_a_plan_with_nothing_to_do(self):
        told = book(plan_of(busy=False))
        assert told["formats"] == told["unfit"] == ()
        assert any(said.text.startswith("There is nothing to do") for said in told["gist"])
        assert "so nothing has to be taken back" in runbook(plan_of(busy=False))

    def test_what_is_said_of_imports_and_of_new_mailboxes_stands_where_they_are(self, both, company):
        assert book(company_plan("exchange55"))["importing"] == handbook.IMPORTING
        assert book(company_plan("active-directory"))["importing"] == ()
        assert book(company_plan("exchange55"))["by_hand"] == ()
        assert book(both)["by_hand"] == handbook.BY_HAND
        full = company.plan(
            company.inventory([listed("NET/PO1", postmaster=True, pending=4096)]), strategy="postoffice"
        )
        assert full.manual
        assert book(full)["by_hand"] == ()
        for form in ("markdown", "html"):
            assert "offers the default password" in runbook(both, form)
            assert "from a spreadsheet" in runbook(company_plan("exchange55"), form)

    def test_the_board_is_told_numbers_and_nothing_of_a_source(self):
        assert all("evil" not in said.text for said in book(plan_of("evil"))["gist"])

    def test_a_mailbox_that_is_made_stays(self):
        plan = company_plan("exchange55")
        assert "Q284199" in book(plan)["stays"]
        assert any("stays after a rollback" in said.text for said in book(plan)["gist"])
        assert book(company_plan("active-directory"))["stays"] == ""

    def test_upkeep_is_for_what_there_is(self, both, company):
        only = company.plan(company.inventory([listed("NET/PO1")]), strategy="postoffice")
        texts = {
            name: " ".join(said.text for said in book(plan)["upkeep"])
            for name, plan in (("both", both), ("only", only))
        }
        assert "POSTMASTER mailbox" in texts["both"]
        assert "Read and empty each Exchange mailbox" in texts["both"]
        assert "Read and empty each Exchange mailbox" not in texts["only"]
        assert "Recipient Update Service" in " ".join(
            said.text for said in book(company_plan("active-directory"))["upkeep"]
        )


class TestScripts:
    @pytest.mark.parametrize("dialect", DIALECTS)
    def test_those_that_fit_the_directory_stand_in_the_line(self, dialect):
        plan = company_plan(dialect)
        fitting, unfit = runnable(plan)
        want = [name for name, each in FORMATS.items() if dialect in each.dialects and not each.by_hand]
        assert [form["name"] for form in fitting] == want
        assert unfit == ()
        assert book(plan)["lines"]["render"] == f"remedy render PLAN {' '.join(want)} -d scripts"

    def test_how_each_is_run(self):
        forms = {form["name"]: form for form in runnable(company_plan("exchange55"))[0]}
        assert forms["ldapmodify"]["run"] == ["./apply.sh -H URL -D NAME -y FILE --apply"]
        assert forms["ldifde"]["look"] == ['apply.cmd SERVER "cn=USER,dc=DOMAIN,cn=admin"']
        assert forms["vbscript"]["back"] == ["cscript //nologo undo.vbs /server:SERVER /apply"]
        assert "undo.ldif" in forms["ldif"]["note"]
        forms = {form["name"]: form for form in runnable(company_plan("active-directory"))[0]}
        assert forms["ldifde"]["look"] == ["apply.cmd SERVER"]
        assert forms["powershell"]["look"] == [".\\apply.ps1 -Server SERVER -WhatIf"]

    def test_steps_by_hand_alone_have_texts_alone(self, company):
        plan = company.plan(company.inventory([listed("NET/PO1")]), strategy="postoffice")
        assert [form["name"] for form in runnable(plan)[0]] == ["msmail"]
        assert "Texts for the postoffices" in runbook(plan)

    def test_a_format_that_cannot_hold_the_plan_says_why(self):
        fitting, unfit = runnable(plan_of("x"))
        assert "vbscript" not in [form["name"] for form in fitting]
        assert "in one change" in next(each["why"] for each in unfit if each["name"] == "vbscript")
        assert "in one change" in runbook(plan_of("x"))


class TestPages:
    @pytest.mark.parametrize("form", ["markdown", "html"])
    def test_the_parts_stand_in_the_order_in_which_they_are_done(self, form, both):
        text = runbook(both, form)
        head = "## {}. {}" if form == "markdown" else '<span class="no">{}</span>{}</h2>'
        places = [text.index(head.format(number, part)) for number, part in enumerate(PARTS, 1)]
        assert places == sorted(places)

    @pytest.mark.parametrize("form", ["markdown", "html"])
    @pytest.mark.parametrize("dialect", DIALECTS)
    def test_same_plan_same_bytes(self, form, dialect):
        assert runbook(company_plan(dialect), form) == runbook(company_plan(dialect), form)

    @pytest.mark.parametrize("summary", [False, True])
    def test_a_page_needs_nothing_from_outside(self, both, summary):
        text = runbook(both, "html", summary=summary)
        assert "default-src 'none'" in text
        for word in (
            "<script",
            "<link",
            "<img",
            "url(",
            "@import",
            " onclick",
            "javascript:",
            "src=",
            "<iframe",
            "<form",
        ):
            assert word not in text

    def test_headings_tables_and_landmarks_are_for_everybody(self, both):
        text = runbook(both, "html")
        assert text.count("<h1") == text.count("<main") == text.count("<header") == text.count("<footer") == 1
        assert text.count("<caption>") == text.count("<table")
        assert len(re.findall(r"<th(?=[ >])", text)) == len(re.findall(r'<th scope="(?:col|row)"', text))
        levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
        assert set(re.findall(r'aria-labelledby="(\w+)"', text)) == set(re.findall(r'<h2 id="(\w+)"', text))
        assert set(re.findall(r'href="#(\w+)"', text)) - {"main"} == set(re.findall(r'<h2 id="(\w+)"', text))
        names = re.findall(r'id="(\w+)"', text)
        assert len(names) == len(set(names))

    @pytest.mark.parametrize("form", ["markdown", "html"])
    def test_the_summary_is_short(self, form, both):
        text = runbook(both, form, summary=True)
        assert both.digest in text
        assert "Approved" in text
        assert len(re.sub(r"(?s)<style>.*</style>", "", text)) < 8_000
        assert "dirsync-wipe" in text

    @pytest.mark.parametrize("form", ["markdown", "html"])
    def test_every_postoffice_finding_hazard_and_step_is_there(self, form, both):
        text = runbook(both, form)
        for item in (*both.findings, *both.manual):
            assert (item["code"] if "code" in item else item["postoffice"]) in text
        assert all(name in text for name in COMPANY)
        assert "--allow dirsync-wipe" in text
        for number in ("2444", "2448", "10000"):
            assert number in text

    def test_another_form_is_refused(self):
        with pytest.raises(UsageError, match="There is no form 'pdf' of a runbook; there are markdown and html"):
            runbook(company_plan("exchange55"), "pdf")


def large(count=5000):
    """Give a plan for many postoffices, each exposed."""
    offices = [f"NET{number % 50}/PO{number}" for number in range(count)]
    plan = plan_of("cn=Postmaster", offices)
    return dataclasses.replace(
        plan,
        manual=(),
        postoffices=tuple(row(name, "x") for name in offices),
        traces=tuple(trace(name, "x") for name in offices),
        findings=tuple(finding("exposed", "error", name) for name in offices),
    )


@pytest.mark.no_cover
class TestSize:
    @pytest.mark.parametrize(("form", "most"), [("html", 5_000_000), ("markdown", 5_000_000)])
    def test_five_thousand_postoffices_take_seconds_and_megabytes(self, form, most):
        plan, began = large(), time.monotonic()
        text = runbook(plan, form)
        assert time.monotonic() - began < 20  # a slow machine; it takes about two
        assert len(text.encode()) < most
        assert text.count("IMCEAMS-") == 5000
        assert "bulk" not in re.sub(r"(?s)<style>.*</style>", "", text)

    @pytest.mark.parametrize("form", ["html", "markdown"])
    def test_many_steps_by_hand_are_told_once_and_ticked_each(self, form):
        names = [f"NET/PO{n}" for n in range(5000)]
        steps = [{"postoffice": name, "text": f"On {name} make Postmaster {name}, as on NET/PO1."} for name in names]
        text = runbook(dataclasses.replace(large(), manual=tuple(steps)), form)
        assert len(text.encode()) < 5_000_000
        assert text.count("On NETWORK/PO make Postmaster NETWORK/PO, as on NET/PO1") == 1
        part = text.partition("Steps that are alike")[2].partition("Read everything again")[0]
        tick = "<li><span><code>{}</code></span></li>" if form == "html" else "- [ ] `{}`"
        assert all(part.count(tick.format(name)) == 1 for name in names)
