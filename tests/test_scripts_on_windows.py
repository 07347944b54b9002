"""VBScript and PowerShell: what they do is what the plan says, both ways; and what they look like, line by line.

To write the golden files anew after an intended change, and then read the diff: pytest <this file> --update-golden
"""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from remedy import workflow
from remedy.change import Mod, Modify, Op
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import RemedyError, UsageError
from remedy.plan import Step
from remedy.rendering import scripts_of
from remedy.stores.memory import MemoryStore
from tests.active_directory import peopled_ad
from tests.conftest import ENTRIES, RECIPIENTS, connector, mailbox
from tests.readers import ps1, vbs
from tests.readers.carried_out import carried_out
from tests.scripts_harness import applied, plans, state, undone
from tests.windows_scripts import cscript, engine, with_directory

GOLDEN = Path(__file__).parent / "golden" / "scripts"
READERS = {"vbscript": vbs.calls, "powershell": ps1.calls}
LANGUAGES = [("exchange55", "vbscript"), ("active-directory", "vbscript"), ("active-directory", "powershell")]


def company(name):
    """Plan on the company, from its directory alone: the same bytes wherever that is."""
    entries = peopled_ad(ENTRIES) if name == "active-directory" else ENTRIES
    wishes = workflow.Wishes(new_mailbox="GATE") if name == "exchange55-new" else workflow.Wishes()
    return workflow.plan(MemoryStore(entries, name="the directory"), wishes=wishes)


LONGEST = 450
"""No line is longer, whatever a plan holds; where VBScript has its limit is not known."""
COMPANIES = {"exchange55": ["vbscript"], "exchange55-new": ["vbscript"], "active-directory": ["vbscript", "powershell"]}


def rendered(plan, language):
    """Give the scripts by name."""
    return {Path(script.name).name: script.data for script in scripts_of(plan, [language])}


# --- What they do -----------------------------------------------------------------------------------------------------


def both_ways(case, language):
    """Carry the scripts of a plan out, there and back, by the reader of the tests."""
    there, back = rendered(case.plan, language).values()
    assert max(map(len, (there + back).decode("ascii").split("\r\n"))) <= LONGEST
    after = carried_out(READERS[language](there), state(case.entries))
    return after, carried_out(READERS[language](back), after)


@pytest.mark.no_cover
@pytest.mark.parametrize(("dialect", "language"), LANGUAGES)
def test_scripts_leave_what_apply_leaves_and_their_inverse_what_rollback_leaves(dialect, language):
    kinds = ("one", "many", "by-hand") if language == "powershell" else ("one", "many", "new")

    @settings(max_examples=20)
    @given(case=plans(dialect, kinds=kinds))
    def check(case):
        after, back = both_ways(case, language)
        assert after == state(applied(case.entries, case.plan))
        assert back == state(undone(case.entries, case.plan))

    check()


@settings(max_examples=15)
@given(case=plans(kinds=("by-hand",)))
def test_what_one_setinfo_cannot_do_is_refused_and_the_rest_is_equal(case):
    mixed = any(len({mod.op for mod in step.change.mods}) > 1 for step in case.plan.steps)
    if mixed:
        with pytest.raises(RemedyError, match="ADSI cannot send in one request"):
            rendered(case.plan, "vbscript")
        return
    after, back = both_ways(case, "vbscript")
    assert after == state(applied(case.entries, case.plan))
    assert back == state(undone(case.entries, case.plan))


def test_units_are_counted_as_the_plan_counts_them():
    plan = company("exchange55")
    there, back = (vbs.calls(script) for script in rendered(plan, "vbscript").values())
    expected = [(item["id"], item["value"]) for step in plan.steps for item in step.expects()]
    assert [(unit, text) for call in there for unit, _, _, text in call.values] == expected
    assert sorted((unit, text) for call in back for unit, _, _, text in call.values) == sorted(expected)


def test_a_new_mailbox_is_one_unit_and_what_is_left_by_hand_is_said():
    there, back = (vbs.calls(script) for script in rendered(company("exchange55-new"), "vbscript").values())
    assert {unit for call in there for unit, *_ in call.values} == {"c1.1"}
    assert [call.kind for call in there] == ["organizationalPerson"]
    assert "rdn" not in {attribute for call in there for _, _, attribute, _ in call.values}
    assert {(op, attribute) for call in back for _, op, attribute, _ in call.values} == {("delete", "otherMailbox")}
    assert "Q284199" in back[0].by_hand


def test_powershell_fits_active_directory_alone_and_makes_no_entry():
    with pytest.raises(UsageError, match="powershell does not fit"):
        scripts_of(company("exchange55"), ["powershell"])
    new = company("exchange55-new")
    with pytest.raises(RemedyError, match="makes an entry"):
        scripts_of(replace(new, dialect="active-directory"), ["powershell"])


def test_a_new_entry_of_two_classes_is_refused():
    new = company("exchange55-new")
    (step,) = new.steps
    entry = step.change.entry.with_values("objectClass", (b"person", b"organizationalPerson"))
    odd = replace(new, steps=(replace(step, change=replace(step.change, entry=entry)),))
    with pytest.raises(RemedyError, match="exactly one object class"):
        scripts_of(odd, ["vbscript"])


# --- What they look like ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "language"), [(name, each) for name, every in COMPANIES.items() for each in every])
def test_the_scripts_of_the_company_are_the_golden_ones(request, name, language):
    for file, data in rendered(company(name), language).items():
        path = GOLDEN / name / language / file
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        assert data == path.read_bytes()


def golden(suffix):
    """Give the golden files of a language."""
    return [pytest.param(path, id=str(path.relative_to(GOLDEN))) for path in sorted(GOLDEN.rglob(f"*{suffix}"))]


@pytest.mark.parametrize("path", golden(".vbs") + golden(".ps1"))
def test_a_script_is_ascii_in_short_lines_that_end_as_windows_wants(path):
    text = path.read_bytes().decode("ascii")
    lines = text.split("\r\n")
    assert "".join(lines).isprintable()
    assert lines[-1] == ""
    assert max(map(len, lines)) <= 250
    assert re.search(r"sha256:[0-9a-f]{64}", lines[0])


@pytest.mark.parametrize("path", golden(".vbs"))
def test_errors_are_passed_over_in_one_statement_only(path):
    lines = [line.strip() for line in path.read_text().splitlines()]
    places = [number for number, line in enumerate(lines) if line.startswith("On Error Resume Next")]
    assert len(places) == lines.count("On Error GoTo 0") == 10
    assert all(lines[n + 2 : n + 4] == ["failure = Err.Number", "On Error GoTo 0"] for n in places)


@pytest.mark.parametrize("path", golden(".vbs"))
def test_no_comment_can_reach_into_the_next_line(path):
    assert not [line for line in path.read_text().splitlines() if line.rstrip().endswith("_")]


@pytest.mark.parametrize("path", golden(".vbs"))
def test_every_rule_has_its_source_beside_it(path):
    text = path.read_text()
    for rule, source in {
        '"8007200D": Meaning': "Q263520", '"80071392": Meaning': "Q263520", '"80072024": Meaning': "Q146345",
        '"80070005", "46": Meaning': "Q271200", '"80072016": Meaning': "SELFADSI", "GetInfoEx": "ADSIWP", "CStr": "Q263520",
        'Hex(failure) = "8000500D"': "Q252459", "LDAP does not": "Q303028", ".Create(": "Q284199",
    }.items():  # fmt: skip
        places = [found.start() for found in re.finditer(re.escape(rule), text)]
        assert any(source in text[max(0, place - 400) : place + 200] for place in places), rule


@pytest.mark.parametrize("path", golden("undo.vbs") + golden("undo.ps1"))
def test_the_way_back_is_told_what_to_take(path):
    text = path.read_text()
    switch, write = ("-All", "$PSCmdlet.ShouldProcess") if path.suffix == ".ps1" else ("/all", "Then Change all(n)")
    assert 0 < text.index(f"see apply.log, or {switch}.") < text.index(write)


def test_powershell_asks_every_partition_of_the_catalogue_and_says_the_whole_way_back():
    there = rendered(company("active-directory"), "powershell")["apply.ps1"].decode()
    assert "$catalog['SearchBase'] = ''" in there  # without it Get-ADObject looks in the domain of the server alone
    assert there.index("$value.State = 'done' }") < there.index(
        "$Entry.Found = Get-Entry $Entry.Name\r\n    } catch {\r\n        Stop-Half"
    )
    assert "undo.ps1 -All" in there


def test_what_is_said_of_exchange_55_is_not_said_in_active_directory():
    for file, data in rendered(company("active-directory"), "vbscript").items():
        assert not re.findall(r"Q185475|Q224447|Q312501", data.decode()), file


@pytest.mark.parametrize("path", golden(".ps1"))
def test_a_powershell_script_is_one_to_the_grammar_and_never_replaces_or_writes_a_policy(path):
    root = ps1.parsed(path.read_bytes())
    assert not root.has_error
    text = path.read_text()
    assert not re.findall(
        r"-Replace\s+@|-Clear|EmailAddressPolicyEnabled\s*=|-EmailAddressPolicyEnabled|\['Replace'\]", text
    )
    for words in (
        "SupportsShouldProcess = $true",
        "ConfirmImpact = 'High'",
        "Set-StrictMode -Version Latest",
        "Q318072",
        "Q303028",
    ):
        assert words in text
    assert "$ErrorActionPreference = 'Stop'" in text


@pytest.mark.no_cover
def test_5000_postoffices_render_in_seconds():
    plan = company("active-directory")
    values = tuple(f"ms:NWTRADERS/PO{number}/POSTMASTER".encode() for number in range(5000))
    steps = []
    for number in range(10):
        dn = DN.parse(f"CN=gate{number},OU=Recipients,DC=fabrikam,DC=com")
        part = Modify(dn, (Mod(Op.ADD, "proxyAddresses", values[number * 500 : number * 500 + 500]),))
        steps.append(Step(id=f"c{number + 1}", reason="many", postoffices=(), change=part, before=Entry.of(dn, {})))
    big = replace(plan, steps=tuple(steps))
    began = time.monotonic()
    files = scripts_of(big, ["vbscript", "powershell"])
    assert time.monotonic() - began < 10
    assert sum(file.data.count(b"/POSTMASTER") for file in files) == 4 * 5000


# --- By the engine of Wine --------------------------------------------------------------------------------------------

wine = pytest.mark.skipif(bool(engine()), reason=engine() or "there is an engine")
GATE = f"cn=gate,{RECIPIENTS}"
PLACE = f"LDAP://EX:389/{GATE}"
A, B = "ms$N/A/POSTMASTER", "ms$N/B/POSTMASTER"
BARE = {GATE: {"otherMailbox": ["MS$X"]}}
FULL = {GATE: {"otherMailbox": ["MS$X", A, B]}}
GIVES, TAKES = ([f"{control} otherMailbox={text}" for text in (A, B)] for control in (3, 4))
RUNS = {
    # name: (script, the directory, words, how SetInfo fails, exit code, what is written, what is said)
    "a dry run looks and writes nothing": ("apply", BARE, (), "0", 0, [], "to give   c1.2"),
    "an entry is one SetInfo": ("apply", BARE, ("/apply",), "0", 0, [*GIVES, f"set {PLACE}"], "run: undo.vbs"),
    "what is there in any case is left alone": (
        "apply", {GATE: {"otherMailbox": ["MS$n/a/postmaster"]}}, ("/apply",), "0", 0, [GIVES[1], f"set {PLACE}"],
        "undo.vbs with /only:c1.2",
    ),
    "done is done": ("apply", FULL, ("/apply",), "0", 0, [], "nothing left to do"),
    "the way back": ("undo", FULL, ("/apply", "/all"), "0", 0, [*TAKES, f"set {PLACE}"], "done      c1.1"),
    "only what is named": ("undo", FULL, ("/only:c1.2", "/apply"), "0", 0, [TAKES[1], f"set {PLACE}"], "done      c1.2"),
    "no entry": ("apply", {}, ("/apply",), "0", 5, [], "0x80072030"),
    "a value to take is not there": ("undo", BARE, ("/apply",), "0", 5, [], "not there c1.2"),
    "a value to take is there in another case": (
        "undo", {GATE: {"otherMailbox": [A, B.upper()]}}, ("/apply",), "0", 5, [], "not there c1.2",
    ),
    "somebody else holds it": ("apply", {**BARE, f"cn=x,{RECIPIENTS}": {"otherMailbox": ["MS:n/b/postmaster"]}}, ("/apply",), "0", 5, [], "held      c1.2 by LDAP://EX:389/cn=x"),
    "somebody has it for a target": ("apply", {**BARE, f"cn=x,{RECIPIENTS}": {"Target-Address": ["MS:N/B/POSTMASTER"]}}, ("/apply",), "0", 5, [], "held      c1.2"),
    "nobody is looked for": ("apply", {**BARE, f"cn=x,{RECIPIENTS}": {"otherMailbox": ["MS:n/b/postmaster"]}}, ("/apply", "/unsearched"), "0", 0, [*GIVES, f"set {PLACE}"], "done      c1.2"),
    "the limit": ("apply", BARE, ("/apply",), "&H80072024", 1, GIVES, "administrative limit exceeded"),
    "no rights": ("apply", BARE, ("/apply",), "&H80070005", 1, GIVES, "access denied"),
    "there already, the server says": ("apply", BARE, ("/apply",), "&H8007200D", 1, GIVES, "Q263520"),
    "the line is cut": ("apply", BARE, ("/apply",), "&H8007203A", 6, GIVES, "In doubt: c1 was sent, and may be written. Run this without /apply to see.\nStopped. Nothing else was written.\n"),
    "there already, the server says, and all of it is": ("apply", BARE, ("/apply",), "&H8007200D\r\nlate = True", 0, [*GIVES, f"set {PLACE}"], "There was nothing left to do."),
    "a value is not shown": ("apply", BARE, ("/apply",), f'0\r\nforgotten = "{A}"', 6, [*GIVES, f"set {PLACE}"], "The way back from this run: undo.vbs with /only:c1.2\n"),
    "nothing can be read back": ("apply", BARE, ("/apply",), "0\r\ncut = 1", 6, [*GIVES, f"set {PLACE}"], "The way back from this run: undo.vbs with /all\n"),
    "back, but what": ("undo", FULL, ("/apply",), "0", 4, [], "give /only as apply.vbs said it at its end, see apply.log, or /all."),
    "back, only looking": ("undo", FULL, (), "0", 0, [], "Give /apply, and /all or /only, to do it."),
    "a port that is none": ("apply", BARE, ("/port:x", "/apply"), "0", 2, [], "/port"),
    "a word that is none": ("apply", BARE, ("/aply",), "0", 2, [], "What is /aply"),
    "a unit that is none": ("apply", BARE, ("/only:c7", "/apply"), "0", 2, [], "There is no c7"),
    "a password in clear": ("apply", BARE, ("/user:cn=x,dc=y", "/apply"), "0", 2, [], "in clear"),
    "a server with a path": ("apply", BARE, ("/server:EX/cn=x", "/apply"), "0", 2, [], "Which server"),
}  # fmt: skip
NEW = {
    "a new mailbox": ({RECIPIENTS: {}}, 0),
    "a new mailbox without its container": ({}, 5),
    "a new mailbox whose name is taken": ({RECIPIENTS: {}, f"cn=GATE,{RECIPIENTS}": {"uid": ["OTHER"]}}, 5),
}

LEAVE = {
    # name: (words, exit code, what is said)
    "no hazard is allowed": (
        ("/apply",), 4,
        "that nobody allowed. To go on, give /apply /allow:creates-mailbox /allow:dirsync-wipe\n",
    ),
    "one hazard is not allowed": (("/apply", "/allow:Dirsync-Wipe"), 4, "To go on, give /apply /allow:creates-mailbox\n"),
    "a dry run says what is to be allowed": (
        (), 0, "Nothing was written. The plan has hazards, named in the head of this file. To do it, give /apply /allow:creates-mailbox /allow:dirsync-wipe\n",
    ),
    "hazards are allowed in one word": (("/apply", "/allow:creates-mailbox, dirsync-wipe"), 0, "Done: c1"),
    "a dry run with leave": (("/allow:creates-mailbox,dirsync-wipe",), 0, "nothing is in the way. Give /apply"),
    "no name of a hazard": (("/allow:", "/apply"), 2, "Which hazards?"),
}  # fmt: skip

OTHER = f"cn=other,{RECIPIENTS}"


def two_entries(plan):
    """Give the script of a plan that gives one address to each of two mailboxes."""
    parts = [
        Modify(DN.parse(dn), (Mod(Op.ADD, "otherMailbox", (text.encode(),)),)) for dn, text in ((GATE, A), (OTHER, B))
    ]
    steps = (
        Step(id=f"c{n}", reason="x", postoffices=(), change=part, before=Entry.of(part.dn, {}))
        for n, part in enumerate(parts, 1)
    )
    return rendered(replace(plan, steps=tuple(steps)), "vbscript")["apply.vbs"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Give how every run ended, what was said and what was written; they are carried out together."""
    folder = tmp_path_factory.mktemp("wine")
    entries = (mailbox("gate", "ms$N/OLD/POSTMASTER"), connector("MS:N/A;1", "MS:N/B;1"))
    plain_plan = workflow.plan(MemoryStore(entries), wishes=workflow.Wishes(mailbox=GATE))
    plain = rendered(plain_plan, "vbscript")
    new = rendered(company("exchange55-new"), "vbscript")
    every = {name: (plain[f"{script}.vbs"], *rest) for name, (script, *rest) in RUNS.items()}
    domain = rendered(company("active-directory"), "vbscript")["apply.vbs"]
    sink = "cn=Postmaster,OU=Recipients,DC=fabrikam,DC=com"
    asked = ("/apply", "/allow:dirsync-wipe")
    every["in Active Directory"] = (domain, {sink: {"proxyAddresses": ["SMTP:x@y"]}}, asked, "0")
    every["cut between two entries"] = (
        two_entries(plain_plan),
        {**BARE, OTHER: {"otherMailbox": ["MS$Y"]}},
        ("/apply",),
        "0\r\ncut = 2",
    )
    every["in doubt behind one that is written"] = (*every["cut between two entries"][:3], "0\r\nforsaken = True")
    every |= {
        name: (new["apply.vbs"], there, (*asked, "/allow:creates-mailbox"), "0") for name, (there, _) in NEW.items()
    }
    every |= {name: (new["apply.vbs"], {RECIPIENTS: {}}, words, "0") for name, (words, *_) in LEAVE.items()}
    for name, (script, there, _, failing, *_) in every.items():
        text = with_directory(script.decode(), there, folder / f"{name}.txt", failing)
        (folder / f"{name}.vbs").write_bytes(text.encode("ascii"))
    ended = cscript(folder, {name: ("/server:EX", *words) for name, (_, _, words, *_) in every.items()})
    records = {name: folder / f"{name}.txt" for name in every}
    wrote = {name: path.read_text().splitlines() if path.exists() else [] for name, path in records.items()}
    return {name: (*ended[name], wrote[name], folder / f"{name}.log") for name in every}


@wine
@pytest.mark.parametrize("name", RUNS)
def test_the_engine_of_wine_does_what_the_script_says(runs, name):
    *_, code, writes, word = RUNS[name]
    ended, said, wrote, log = runs[name]
    assert word in said
    assert (ended, wrote) == (code, writes)
    assert code == 2 or all(line in log.read_text() for line in said.splitlines())


@wine
@pytest.mark.parametrize("name", NEW)
def test_the_engine_of_wine_makes_a_mailbox_where_there_is_room_for_it(runs, name):
    ended, said, wrote, _ = runs[name]
    assert ended == NEW[name][1], said
    if ended:
        assert wrote == []
    else:
        assert (wrote[0], wrote[-1]) == (
            "create organizationalPerson cn=GATE",
            f"set LDAP://EX:389/cn=GATE,{RECIPIENTS}",
        )
        assert "2 uid=GATE" in wrote
        assert {line[:2] for line in wrote[1:-1]} == {"2 "}


@wine
@pytest.mark.parametrize("name", ["cut between two entries", "in doubt behind one that is written"])
def test_the_engine_of_wine_goes_home_from_between_two_entries(runs, name):
    ended, said, wrote, _ = runs[name]
    assert ended == 6, said
    assert wrote[:2] == [GIVES[0], f"set {PLACE}"]
    assert "Nothing was written" not in said
    assert "The way back from this run: undo.vbs with /only:c1.1\n" in said


@wine
@pytest.mark.parametrize("name", LEAVE)
def test_the_engine_of_wine_writes_nothing_without_leave(runs, name):
    words, code, said = LEAVE[name]
    ended, out, wrote, _ = runs[name]
    assert ended == code, out
    assert said in out
    assert bool(wrote) == (code == 0 and "/apply" in words)


@wine
def test_the_engine_of_wine_writes_to_active_directory_too(runs):
    ended, said, wrote, _ = runs["in Active Directory"]
    assert ended == 0, said
    assert "3 proxyAddresses=ms:NWTRADERS/PO1/POSTMASTER" in wrote
    assert wrote[-1].startswith("set LDAP://EX:389/cn=Postmaster,")
