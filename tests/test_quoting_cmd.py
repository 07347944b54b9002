"""Batch files: only words of a closed alphabet get into one, and what it reads from its data reaches a program as it was.

cmd.exe has no quoting that holds for every text. Wine's, if it is there, runs the very files that are rendered; the
programs that they call are stood in for.
"""

import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from remedy import render as room
from remedy import workflow
from remedy.dn import DN
from remedy.errors import RemedyError
from remedy.quoting import cmd_data, cmd_word
from remedy.rendering import scripts_of
from remedy.scripts import FORMATS
from remedy.stores.memory import MemoryStore
from tests.active_directory import peopled_ad
from tests.conftest import Company, addressing, connector, mailbox
from tests.scripts_harness import plans
from tests.test_windows_scripts import told

TEMPLATES = Path(__file__).parents[1] / "templates"
EVIL = (
    "&calc", "a|b", "a>b", "a<b", "^x", "%PATH%", "%0", "%%a", "!x!", '"', '"&calc&"', "(x)", "a\r\ncalc", "a\ncalc", "\x1a", "\x00", "\x1b[2J",
    "\u202e", "a b", "a;b", "a,b", "a=b", "~x", "*", "?", "`x`", "'x'", "@x", "é", "\u0661", "\udc80", "", "\\", "x\\", " x", "x ", ";x",
    "MS:NWTRADERS/PO1/POSTMASTER", "cn=Smith\\, John,o=F", "apply", "before.1.ldf", "-k",
)  # fmt: skip
texts = st.one_of(st.sampled_from(EVIL), st.lists(st.sampled_from(EVIL), max_size=4).map("".join), st.text())


def said(write, text):
    try:
        return write(text)
    except ValueError as refusal:
        shown = str(refusal)
    assert shown.isascii()
    assert shown.isprintable()
    return None


@given(texts)
@example("apply")
def test_a_word_is_of_the_closed_alphabet_and_as_it_was_or_is_refused(text):
    written = said(cmd_word, text)
    assert written == (text if re.fullmatch(r"[A-Za-z0-9._-]+", text) else None)


@given(texts)
@example("exists cn=Smith\\, John (x),ou=SEATTLE,o=FABRIKAM")
def test_a_line_of_data_is_of_a_closed_alphabet_and_ends_no_quotes_or_is_refused(text):
    written = said(cmd_data, text)
    if written is None:
        return
    assert written == text
    assert not set(text) & set('"%!^&|<>*?~;`\r\n\0\x1a')
    assert text.isascii()
    assert text.isprintable()
    assert text == text.strip()
    assert not text.endswith("\\")  # it would escape the quotation mark that the batch file puts behind it


def batch_files(plan):
    """Give every batch file that any format makes of a plan; a format that refuses the plan makes none."""
    for name, each in FORMATS.items():
        if plan.dialect in each.dialects:
            try:
                yield from (
                    (script.name, script.data) for script in scripts_of(plan, [name]) if script.name.endswith(".cmd")
                )
            except RemedyError as refusal:
                assert name in {"exchange-csv", "msmail", "vbscript", "powershell"}, refusal  # noqa: PT017


@contextmanager
def marked():
    """Let the filter of batch files put marks round what it gives."""
    environment = room._environment(None, strict=True)
    environment.filters["cmd_word"] = lambda text: f"\1{cmd_word(text)}\2"
    try:
        yield
    finally:
        environment.filters["cmd_word"] = cmd_word


def own_text():
    """Give every line of the templates of batch files, and the words that a template itself puts into one."""
    text = "".join(path.read_text() for path in sorted(TEMPLATES.rglob("*.cmd.j2")))
    return set(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "\n", text).split("\n")) | set(
        re.findall(r"['\"]([^'\"{}]*)['\"]", text)
    )


@pytest.mark.no_cover
@settings(max_examples=40)
@given(case=plans())
def test_closed_alphabet_every_batch_file_holds_its_own_text_and_else_only_words_of_it(case):
    own = sorted(own_text(), key=len, reverse=True)
    with marked():
        made = list(batch_files(told(case.plan)))
    for name, data in made:
        text = data.decode("ascii")
        assert text.count("\r\n") == text.count("\n") == text.count("\r"), name
        for word in re.findall("\1([^\2]*)\2", text):
            assert re.fullmatch(r"[A-Za-z0-9._-]+", word), name
        for piece in re.split("\1[^\2]*\2|\r\n", text):
            assert is_made_of(piece, own), (name, piece)


def is_made_of(piece, own):
    """Tell whether a piece of a line is put together from a template's own pieces."""
    while piece:
        first = next((each for each in own if each and piece.startswith(each)), None)
        if first is None:
            return False
        piece = piece[len(first) :]
    return True


@settings(max_examples=40)
@given(case=plans())
def test_names_in_the_data_of_batch_files_are_those_of_the_plan(case):
    names = {change.dn for change in case.plan.changes}
    names |= {dn.parent for dn in names} | {DN(dn.rdns[-size:]) for dn in names for size in range(1, len(dn) + 1)}
    for script in scripts_of(case.plan, ["ldifde"]):
        if script.name.endswith(".check"):
            for line in script.data.decode("ascii").splitlines():
                word, _, dn = line.partition(" ")
                assert word in {"exists", "absent", "below"}
                assert DN.parse(dn) in names


# --- Wine ------------------------------------------------------------------------------------------------------------

WINE = shutil.which("wine64") or shutil.which("wine64", path="/usr/lib/wine")
COMPILER = shutil.which("x86_64-w64-mingw32-gcc")
needs_wine = pytest.mark.skipif(
    not (WINE and COMPILER and os.environ.get("REMEDY_WINE")),
    reason="it takes 20 seconds: set REMEDY_WINE=1 where wine64 and x86_64-w64-mingw32-gcc are installed",
)


@dataclass(frozen=True)
class Case:
    """A batch file that is run, what the stand-ins find, and what must come of it."""

    script: str
    found: dict[str, str]
    words: tuple[str, ...]
    code: int
    tried: bool
    """Whether the import is called at all."""


MARK = "-----"
ME = "cn=admin1,dc=DOMAIN,cn=admin"
SINK = "cn=Postmaster,cn=Recipients,ou=SEATTLE,o=FABRIKAM\n"
ANYBODY = "dn: cn=jdoe,cn=Recipients,ou=SEATTLE,o=FABRIKAM\notherMailbox: MS$FABRIKAM/SEATTLE/JDOE\n"
HELD = f"{ANYBODY}otherMailbox: MS$NWTRADERS/po1/POSTMASTER\n"
ROW = "Mailbox,Postmaster,/o=FABRIKAM/ou=SEATTLE/cn=Recipients,,\n"
GIVEN = ROW[:-1] + "smtp:a@b%ms:nwtraders/po1/postmaster%MS:WINGTIP/DEPOT/POSTMASTER\n"
HALF = ROW[:-1] + "ms:nwtraders/po1/postmaster\n"
ROWS = {"there": ROW, "then": GIVEN}
BACKWARDS = {"there": GIVEN, "then": ROW, "apply-log/begun": "DIGEST\n"}
TARGET = f"{ANYBODY}Target-Address: MS:NWTRADERS/PO1/POSTMASTER\n"
FIT = {"there": SINK, "holders": ANYBODY}
BACK = (ME, "/port:379", "/apply")
LEAVE = ("/allow", "dirsync-wipe")
DO = (*BACK, *LEAVE)
HARD = ("R&D <east>", "%PATH%", "!VAR!", "^caret^", 'John "Jack"', "a|b", "Smith, John", "back\\", "Größe", "C:\\new")
CASES = {
    "ldifde": Case("ldifde/apply", FIT, DO, 0, tried=True),
    "ldifde dry": Case("ldifde/apply", FIT, DO[:2], 0, tried=False),
    "ldifde elsewhere": Case("ldifde/apply", FIT | {"there": "cn=else,o=FABRIKAM\n"}, DO, 5, tried=False),
    "ldifde held": Case("ldifde/apply", FIT | {"holders": HELD}, DO, 5, tried=False),
    "ldifde target": Case("ldifde/apply", FIT | {"holders": TARGET}, DO, 5, tried=False),
    "ldifde cut": Case("ldifde/apply", FIT | {"cut": ""}, DO, 1, tried=False),
    "ldifde blind": Case("ldifde/apply", FIT | {"holders": ""}, DO, 1, tried=False),
    "ldifde err only": Case("ldifde/apply", FIT | {"fail": "0 1"}, DO, 6, tried=True),
    "ldifde code only": Case("ldifde/apply", FIT | {"fail": "8224 0"}, DO, 6, tried=True),
    "ldifde misspelt": Case("ldifde/apply", FIT, (ME, "/aply"), 2, tried=False),
    "ldifde unallowed": Case("ldifde/apply", FIT, BACK, 4, tried=False),
    "ldifde other leave": Case("ldifde/apply", FIT, (*BACK, "/allow", "creates-mailbox"), 4, tried=False),
    "ldifde no leave": Case("ldifde/apply", FIT, (*BACK, "/allow"), 2, tried=False),
    "ldifde back": Case("ldifde/undo", FIT | {"apply-log/begun": "DIGEST\n"}, BACK, 0, tried=True),
    "ldifde back all": Case("ldifde/undo", FIT, (*BACK, "/all"), 0, tried=True),
    "ldifde back alone": Case("ldifde/undo", FIT, BACK, 4, tried=False),
    "ldifde back other": Case("ldifde/undo", FIT | {"apply-log/begun": "0\n"}, BACK, 4, tried=False),
    "ldifde back elsewhere": Case("ldifde/undo", FIT | {"there": ""}, (*BACK, "/all"), 5, tried=False),
    "admin": Case("exchange-csv/apply", ROWS, ("/apply", *LEAVE), 0, tried=True),
    "admin silent": Case("exchange-csv/apply", ROWS | {"then": ROW}, ("/apply", *LEAVE), 6, tried=True),
    "admin half": Case("exchange-csv/apply", ROWS | {"then": HALF}, ("/apply", *LEAVE), 6, tried=True),
    "admin held": Case("exchange-csv/apply", {"there": HALF}, ("/apply", *LEAVE), 5, tried=False),
    "admin unallowed": Case("exchange-csv/apply", ROWS, ("/apply",), 4, tried=False),
    "admin dry": Case("exchange-csv/apply", ROWS, (), 0, tried=False),
    "admin elsewhere": Case(
        "exchange-csv/apply", {"there": "Mailbox,Postmaster2,x\n"}, ("/apply", *LEAVE), 5, tried=False
    ),
    "admin empty": Case("exchange-csv/apply", {"there": ""}, ("/apply", *LEAVE), 1, tried=False),
    "admin err": Case("exchange-csv/apply", ROWS | {"fail": "0 1"}, ("/apply", *LEAVE), 6, tried=True),
    "admin back": Case("exchange-csv/undo", BACKWARDS, ("/apply",), 0, tried=True),
    "admin back alone": Case("exchange-csv/undo", ROWS, ("/apply",), 4, tried=False),
    "admin back err": Case("exchange-csv/undo", BACKWARDS | {"fail": "0 1"}, ("/apply",), 6, tried=True),
    "admin back silent": Case("exchange-csv/undo", BACKWARDS | {"then": HALF}, ("/apply",), 6, tried=True),
    "admin back blind": Case("exchange-csv/undo", BACKWARDS | {"then": ""}, ("/apply",), 6, tried=True),
}


@dataclass(frozen=True)
class Ran:
    """How a batch file ended."""

    codes: list[int]
    """Its exit code, and that of a second run just after it."""
    out: str
    calls: list[list[str]]
    folder: Path

    @property
    def imports(self):
        return [call for call in self.calls if "-i" in call or ("/i" in call and call[0] == "admin")]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Run every case in one go; starting Wine is what takes the time."""
    place = tmp_path_factory.mktemp("wine")
    company = Company(place)
    plan = company.plan(company.directory(), company.inventory())
    runs = {name: written(place / name, plan, case) for name, case in CASES.items()}
    for dialect in ("exchange55", "active-directory"):
        hard = hard_plan(dialect)
        found = {"there": "".join(f"{name}\n" for name in looked_for(hard)), "holders": "dn: x\n"}
        words = (ME, "/apply", "/looked") if dialect == "exchange55" else ("/apply",)
        case = Case("ldifde/apply", found, words, 0, tried=True)
        runs[dialect] = written(place / dialect, hard, case)
    lines = ["@echo off"]
    for folder, script, words in runs.values():
        typed = " ".join((script, "EXSRV1", *(f'"{word}"' for word in words)))
        (folder / "go.cmd").write_text(f"@{typed}\r\n")  # a person types it into a cmd.exe of its own
        lines += [f'pushd "{PureWindowsPath(folder.relative_to(place))}"']
        for at in "12":
            lines += [
                f"echo {MARK}",
                "cmd /c go.cmd",
                f">code{at}.txt echo %ERRORLEVEL%",
                f"if exist calls.txt ren calls.txt calls{at}.txt",
            ]
        lines += ["popd"]
    (place / "all.cmd").write_text("\r\n".join((*lines, "")))
    said = run_wine(place).split(MARK)[1:]
    return plan, {
        name: ended(folder, "".join(said[2 * at : 2 * at + 2])) for at, (name, (folder, *_)) in enumerate(runs.items())
    }


def run_wine(place):
    """Run all.cmd in Wine's cmd.exe, without a display and in a world of its own; give what it says."""
    env = {**os.environ, "WINEPREFIX": str(place / "prefix"), "WINEDEBUG": "-all", "DISPLAY": ""}
    env["WINEDLLOVERRIDES"] = "mscoree,mshtml,winemenubuilder.exe="
    ended = subprocess.run(
        [WINE, "cmd", "/c", "all.cmd"],
        cwd=place,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
    )
    server = shutil.which("wineserver64", path="/usr/lib/wine") or shutil.which("wineserver") or "wineserver"
    subprocess.run([server, "-k"], env=env, check=False)  # that of this world only
    return ended.stdout.decode("latin-1")


def written(place, plan, case):
    """Write the scripts, the stand-ins and what they find; give the folder, the batch file and its words."""
    format_, _, way = case.script.partition("/")
    for script in scripts_of(plan, [format_]):
        (place / script.name).parent.mkdir(parents=True, exist_ok=True)
        (place / script.name).write_bytes(script.data)
    folder = place / format_
    for name, text in case.found.items():
        (folder / f"{name}.txt").parent.mkdir(exist_ok=True)
        (folder / f"{name}.txt").write_text(text.replace("DIGEST", plan.digest))
    program = place.parent / "it.exe"
    if not program.exists():
        subprocess.run([COMPILER, "-O1", "-o", program, Path(__file__).parent / "readers" / "stand_in.c"], check=True)
    for name in ("ldifde", "admin", "findstr"):
        shutil.copy(program, folder / f"{name}.exe")
    return folder, f"{way}.cmd", case.words


def ended(folder, out):
    """Read how a case ended."""
    codes = [int((folder / f"code{at}.txt").read_text()) for at in (1, 2)]
    calls = folder / "calls1.txt"
    text = calls.read_text(encoding="latin-1").replace("\r", "") if calls.exists() else ""
    return Ran(codes, out, [call.split("\n") for call in text.split("\n\n") if call], folder)


@needs_wine
@pytest.mark.parametrize("name", CASES)
def test_wine_runs_the_batch_files(ran, name):
    (plan, every), case = ran, CASES[name]
    end = every[name]
    assert end.codes[0] == case.code, end.out
    way = case.script.partition("/")[2]
    if case.script.startswith("ldifde"):
        records = {"apply": "change.ldf", "undo": "undo.ldf"}[way]
        wanted = ["ldifde", "-i", "-f", records, "-s", "EXSRV1", "-t", "379", "-v", "-j", f"{way}-log", "-a", ME, "*"]
    else:
        sheet = {"apply": "import", "undo": "undo"}[way]
        wanted = ["admin", "/i", f"{way}-log\\{sheet}.csv", "/d", "EXSRV1", "/n", "/o", "import.ini"]
        assert ("238" in end.out) == ("fail" in case.found)
        assert ("NOT PROVEN" in end.out) == (case.code == 6 and "fail" not in case.found)
    assert end.imports == ([wanted] if case.tried else [])
    assert ("nobody allowed; they are in hazards.txt. To go on: /allow dirsync-wipe" in end.out) == (
        case.code == 4 and way == "apply"
    )
    assert ("what others gave, add /all" in end.out) == (case.code == 4 and way == "undo")
    assert ("Plan again from" in end.out) == (case.code == 5 and way == "apply")
    if way == "apply":
        assert (end.folder / "apply-log" / "begun.txt").exists() == case.tried
    assert ("each is to be allowed: /allow dirsync-wipe" in end.out) == name.endswith(" dry")
    if case.code not in {2, 4}:  # wrong usage and a refusal leave nothing behind
        assert (
            plan.digest
            in (end.folder / f"{way}-{'log' if '/apply' in case.words else 'check'}" / "log.txt").read_text()
        )
    if "/apply" in case.words and case.code != 2:
        assert end.codes[1] == 4  # its log is there: nothing is written over, and nothing tried again
    else:
        assert end.codes[1] == case.code


def hard_plan(dialect):
    """Give a plan that changes mailboxes of which each has a name that means something to cmd.exe."""
    container = DN.parse("cn=Recipients,ou=SEATTLE,o=FABRIKAM")
    made = []
    for number, name in enumerate(HARD):
        held = [f"smtp$x{number}{at}@fabrikam.com" for at in range(3)]
        made.append(mailbox("gate", f"ms$WINGTIP/X{number}/POSTMASTER", *held, dn=str(container.child("cn", name))))
    entries = [addressing(), connector(*(f"MS:NWTRADERS/PO{number};1" for number in range(2 * len(HARD)))), *made]
    entries = peopled_ad(entries) if dialect == "active-directory" else entries
    return workflow.plan(MemoryStore(entries), wishes=workflow.Wishes(max_proxies=9))


def looked_for(plan):
    """Give the names that the batch file of ldifde looks for."""
    made = {script.name: script.data.decode() for script in scripts_of(plan, ["ldifde"])}
    return [line[7:] for line in made["ldifde/apply.check"].splitlines() if line.startswith("exists ")]


@needs_wine
@pytest.mark.parametrize("dialect", ["exchange55", "active-directory"])
def test_wine_hands_each_name_on_as_one_word_and_runs_nothing_else(ran, dialect):
    end, names = ran[1][dialect], looked_for(hard_plan(dialect))
    assert end.codes[0] == 0, end.out
    assert [call[call.index("-d") + 1] for call in end.calls if "base" in call] == names
    assert len(end.imports) == 1
    assert {call[0] for call in end.calls} == {"ldifde", "findstr"}


def test_a_batch_file_says_what_it_cannot_look_for_and_wants_a_person_to_look():
    plan = hard_plan("exchange55")
    made = {script.name: script.data.decode() for script in scripts_of(plan, ["ldifde"])}
    assert 0 < len(looked_for(plan)) < len(plan.changes)
    missing = len(plan.changes) - len(looked_for(plan))
    assert f"cannot say {missing} of its checks" in made["ldifde/apply.cmd"]
    assert "if not defined LOOKED goto unlooked" in made["ldifde/apply.cmd"]


def test_in_active_directory_every_name_can_be_said():
    plan = hard_plan("active-directory")
    assert {DN.parse(name) for name in looked_for(plan)} == {change.dn for change in plan.changes}
    assert len(plan.changes) == len(HARD)
