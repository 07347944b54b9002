"""Settings, -v and the log file as users meet them (contract: All commands)."""

import importlib
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest

import remedy.cli
from remedy.config import NEVER
from remedy.demo import sample

ROOT = Path(__file__).parents[2]
VERBS = tuple(remedy.cli._VERBS)
EXPORT = "fabrikam.ldif"
ESCAPE = "\x1b"
TIMED = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def command(verb):
    """Give a verb's command."""
    return importlib.import_module(f"remedy.cli.{verb}").command


@pytest.fixture
def settings(here):
    """Write the settings of the working folder."""

    def write(text, name="remedy.toml"):
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def plan(remedy):
    """Make a plan."""
    remedy("plan", EXPORT, "--exchange-version", "5.5", "-o", "plan.json")
    return "plan.json"


# --- Precedence: flag, environment, file, default --------------------------------------------------------------------

STEPS = [
    (("survey", EXPORT), "format", "csv", "json", "markdown"),
    (("survey", EXPORT), "include", "NWTRADERS/*", "WINGTIP/*", "*/PO1"),
    (("survey", EXPORT), "ignore", "exposed", "duplicate-address", "wildcard-address-space"),
    (("plan", EXPORT), "format", "markdown", "ldif", "json"),
    (("plan", EXPORT), "max-proxies", "120", "9", "8"),
    (("plan", EXPORT), "exchange-version", "5.5", "4.0", "5.0"),
    (("plan", EXPORT), "mailbox", "jdoe", "Postmaster", "nosuch"),
    (("trace", EXPORT), "po", "NWTRADERS/PO1", "NWTRADERS/PO2", "NWTRADERS/PO3"),
    (("verify", EXPORT), "format", "json", "table", "json"),
    (("explain", "exposed"), "format", "json", "text", "json"),
    (("show", "plan.json"), "format", "json", "ldif", "markdown"),
    (("apply", "plan.json", EXPORT, "--dry-run"), "format", "json", "text", "json"),
    (("survey", EXPORT), "color", "always", "never", "always"),
]


@pytest.mark.parametrize("step", STEPS)
def test_flag_environment_file_default(remedy, settings, plan, step):
    words, option, in_file, in_environment, on_line = step

    def by_hand(value):
        return remedy("--no-config", *words, f"--{option}", value, colour=True)

    env = {f"REMEDY_{words[0]}_{option}".upper().replace("-", "_"): in_environment}
    default = remedy(*words)
    settings(f"[{'all' if option == 'color' else words[0]}]\n{option} = {json.dumps(in_file)}\n")
    assert remedy(*words, colour=True) == by_hand(in_file)
    assert by_hand(in_file) != default, "the setting makes a difference"
    assert remedy(*words, env=env, colour=True) == by_hand(in_environment)
    assert remedy(*words, f"--{option}", on_line, env=env, colour=True) == by_hand(on_line)
    assert remedy("--no-config", *words) == default


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[plan]\ncheck = true\n", ("plan", EXPORT, "--check")),
        ("[plan]\ncheck = false\n", ("plan", EXPORT)),
        ("[plan]\nmax-proxies = 9\n", ("plan", EXPORT, "--max-proxies", "9")),
        ("[plan]\nmax_proxies = 9\n", ("plan", EXPORT, "--max-proxies", "9")),
        ("[plan]\nexchange-version = 5.5\n", ("plan", EXPORT, "--exchange-version", "5.5")),
        ("[plan]\nexchange-version = 2000\n", ("plan", EXPORT, "--exchange-version", "2000")),
        ("[survey]\nignore = ['exposed', 'DUPLICATE-address']\n", ("survey", EXPORT, "--ignore", "exposed", "--ignore", "duplicate-address")),
        ("[survey]\nignore = []\n", ("survey", EXPORT)),
        ("[trace]\npo = ['NWTRADERS/PO1', 'NWTRADERS/PO2']\n", ("trace", EXPORT, "--po", "NWTRADERS/PO1", "--po", "NWTRADERS/PO2")),
        ("survey.strict = true\n", ("survey", EXPORT, "--strict")),
        ("[all]\ncolor = 'never'\n[survey]\ncolor = 'always'\n", ("survey", EXPORT, "--color", "always")),
        ("[profile.hub]\nurl = 'ldaps://dc1.fabrikam.com/'\n", ("survey", EXPORT)),
        ("[trace]\nformat = 'json'\n", ("survey", EXPORT)),
    ],
)  # fmt: skip
def test_values_of_every_kind(remedy, settings, text, words):
    wanted = remedy(*words, colour=True)
    settings(text)
    assert remedy(*words[:2], colour=True) == wanted


def test_what_is_said_before_the_command_counts_as_much(remedy, settings):
    settings("[all]\ncolor = 'always'\n")
    assert ESCAPE in remedy("survey", EXPORT, colour=True).out
    assert ESCAPE not in remedy("--color", "never", "survey", EXPORT).out
    assert ESCAPE not in remedy("survey", EXPORT, "--color", "never", env={"REMEDY_COLOR": "always"}).out
    assert ESCAPE in remedy("--color", "never", "survey", EXPORT, "--color", "always", colour=True).out
    assert ESCAPE not in remedy("--color", "never", "survey", EXPORT, env={"REMEDY_SURVEY_COLOR": "always"}).out
    assert ESCAPE not in remedy("survey", EXPORT, env={"REMEDY_COLOR": "never"}).out


# --- Which file ------------------------------------------------------------------------------------------------------


def test_the_nearest_file_counts(remedy, settings, monkeypatch):
    settings("[survey]\nformat = 'json'\n")
    settings("[tool.remedy.survey]\nformat = 'csv'\n", "a/pyproject.toml")
    Path("a/b").mkdir()
    monkeypatch.chdir("a/b")
    assert remedy("survey", "../../fabrikam.ldif").out.startswith("network,")
    settings("[survey]\nformat = 'markdown'\n", "a/remedy.toml")
    assert remedy("survey", "../../fabrikam.ldif").out.startswith("# Postoffices")
    monkeypatch.chdir("../..")
    assert remedy("survey", EXPORT).json["schema"] == "remedy/survey/1"


def test_a_file_can_be_named(remedy, settings):
    settings("[survey]\nformat = 'json'\n")
    settings("[survey]\nformat = 'csv'\n", "other/any.toml")
    settings("[tool.remedy.survey]\nformat = 'csv'\n", "other/pyproject.toml")
    csv = remedy("--no-config", "survey", EXPORT, "--format", "csv")
    assert remedy("--config", "other/any.toml", "survey", EXPORT) == csv
    assert remedy("--config", "other/pyproject.toml", "survey", EXPORT) == csv
    assert remedy("survey", EXPORT, env={"REMEDY_CONFIG": "other/any.toml"}) == csv
    assert remedy("--config", "other/any.toml", "survey", EXPORT, env={"REMEDY_NO_CONFIG": "1"}) == csv
    assert remedy("--no-config", "survey", EXPORT, env={"REMEDY_CONFIG": "nosuch"}).code == 3
    assert remedy("survey", EXPORT, env={"REMEDY_NO_CONFIG": "1"}).out.startswith("postoffice")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--config", "nosuch.toml"), 1),
        (("--config", "."), 1),
        (("--config", EXPORT), 1),
        (("--config", ""), 2),
        (("--config", "remedy.toml", "--no-config"), 2),
    ],
)
def test_a_file_that_cannot_be_meant(remedy, settings, words, code):
    settings("")
    assert remedy(*words, "survey", EXPORT).code == code


def test_a_strangers_file_is_refused(remedy, settings):
    if os.geteuid() != 0:
        pytest.skip("ONLY ROOT CAN GIVE FILES AWAY: that a stranger's settings are refused is not shown here")
    path = settings("[survey]\nformat = 'json'\n")
    os.chown(path, 54321, -1)
    ran = remedy("survey", EXPORT)
    assert ran.code == 4
    assert f"--config {path}" in ran.err
    assert remedy("--config", "remedy.toml", "survey", EXPORT).json["schema"] == "remedy/survey/1"
    assert remedy("--no-config", "survey", EXPORT).code == 3


def test_a_working_folder_that_is_gone_has_no_settings(here):
    script = f'mkdir gone && cd gone && rmdir ../gone && exec "{sys.executable}" -m remedy -v survey "{here}/{EXPORT}"'
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 3, done.stderr
    assert b"no settings file" in done.stderr


# --- What may not stand in it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[survey]\nformt = 'json'\n", 2, "[survey] formt: there is no such option here. Do you mean format?"),
        ("[surve]\nformat = 'json'\n", 1, "Do you mean survey?"),
        ("[survey]\nformat = 'xml'\n", 2, "[survey] format: 'xml' is not one of 'table', 'json', 'csv', 'markdown'."),
        ("[survey]\nformat = true\n", 2, "[survey] format: it is no text or number."),
        ("[survey]\nformat = ['json']\n", 2, "[survey] format: it is no text or number."),
        ("[survey]\nignore = [true]\n", 2, "it is no text or number, nor a list of them."),
        ("[survey]\nignore = 'exposd'\n", 2, "there is no code exposd. Do you mean exposed"),
        ("[survey]\nformat = 1979-05-27\n", 2, "[survey] format: it is no text or number."),
        ("[plan]\nmax-proxies = 0\n", 2, "[plan] max-proxies: 0 is not in the range x>=1."),
        ("[plan]\nmax-proxies = 'many'\n", 2, "'many' is not a valid integer range."),
        ("[plan]\nmailbox = ''\n", 2, "[plan] mailbox: it is empty."),
        ("[plan]\ncheck = 'yes'\n", 2, "[plan] check: 'yes' is neither true nor false."),
        ("[trace]\npo = 'NWTRADERS'\n", 2, "[trace] po: "),
        ("[all]\nformat = 'json'\n", 2, "[all] format: there is no such option here."),
        ("[completion]\ncolor = 'never'\n", 1, "completion: there is no such table."),
        ("[survey]\nhelp = true\n", 2, "[survey] help: there is no such option here."),
        ("[survey]\nconfig = 'x'\n", 2, "[survey] config: there is no such option here."),
        ("[survey]\nformat = \n", 2, "TOML"),
    ],
)  # fmt: skip
def test_a_fault_names_file_line_and_key(remedy, settings, text, line, words):
    path = settings(text)
    for verb in ("survey", "trace"):
        ran = remedy(verb, EXPORT)
        assert ran.code == 1
        assert f"{path}:{line}: " in ran.err
        assert words in ran.err


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "completion"])
@pytest.mark.parametrize("option", sorted(NEVER))
def test_what_opens_a_gate_is_in_no_file(remedy, settings, verb, option):
    path = settings(f"[{verb}]\n{option} = true\n")
    ran = remedy("survey", EXPORT)
    assert ran.code == 1
    assert f"{path}:2: [{verb}] {option}: it is never taken from a file. Say --{option}" in ran.err


@pytest.mark.parametrize("verb", VERBS)
def test_no_option_that_opens_a_gate_or_is_secret_has_a_variable(verb):
    for option in (param for param in command(verb).params if isinstance(param, click.Option)):
        names = {word.lstrip("-") for word in option.opts}
        if names & NEVER or any("password" in name and name != "password-file" for name in names):
            assert not option.allow_from_autoenv, option.name
            assert option.envvar is None


VARIABLES = {f"REMEDY_{verb}_{option.replace('-', '_')}".upper() for verb in (*VERBS, "") for option in NEVER}


def test_such_variables_are_ignored(remedy, plan):
    env = dict.fromkeys(VARIABLES, "1")
    before = Path(EXPORT).read_bytes()
    ran = remedy("apply", plan, EXPORT, env=env)
    assert (ran.code, "--yes" in ran.err) == (4, True)
    assert Path(EXPORT).read_bytes() == before
    assert remedy("apply", plan, EXPORT, "--yes", env={**env, "REMEDY_APPLY_EXPECT": "sha256:00"}).code == 0
    after = Path(EXPORT).read_bytes()
    ran = remedy("rollback", f"{plan}.journal", EXPORT, env=env)
    assert (ran.code, Path(EXPORT).read_bytes()) == (4, after)
    Path("cut.ldif").write_text(sample(EXPORT)[:-1])
    assert remedy("plan", "cut.ldif", env={**env, "REMEDY_PLAN_ALLOW": "maybe-truncated"}).code == 4


# --- Help, version, completion and the demo go their own way ---------------------------------------------------------

BAD = (
    "[survey]\nformt = 1\n",
    "no TOML at all",
    "[survey]\nformat = 'csv'\ncolor = 'always'\n[plan]\nmax-proxies = 3\n",
)


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("--version",),
        *((verb, "--help") for verb in VERBS),
        ("survey", "-v", "--help"),
        ("completion", "bash"),
        ("--config", "nosuch.toml", "survey", "--help"),
        ("--config", "nosuch.toml", "completion", "zsh"),
    ],
)
def test_help_is_the_same_whatever_is_set(remedy, settings, text, words):
    before = remedy(*words)
    settings(text)
    assert remedy(*words) == before
    assert (before.code, before.err) == (0, "")


@pytest.mark.parametrize("config", [None, *BAD])
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("remedy survey --ignore max", None),
        ("remedy survey --ignore maybe", "maybe-truncated"),
        ("remedy plan --strategy ex", "exchange"),
        ("remedy plan --exchange-version 5.5", "5.5sp4"),
        ("remedy explain dirsync", "dirsync-wipe"),
        ("remedy survey --format m", "markdown"),
        ("remedy survey --log", "--log-file"),
        ("remedy --no", "--no-config"),
        ("remedy apply --allow cre", "creates-mailbox"),
        ("remedy roll", "rollback"),
    ],
)
def test_values_complete_in_bash(process, settings, config, typed, found):
    if config:
        settings(config)
    words = typed.split()
    ran = process(
        env={
            "_REMEDY_COMPLETE": "bash_complete",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(words) - 1),
            "REMEDY_SURVEY_LOG_FILE": "never.log",
        }
    )
    assert (ran.code, ran.err) == (0, "")
    assert (f"plain,{found}" in ran.out.splitlines()) == (found is not None)
    assert not Path("never.log").exists()


def test_bash_itself_completes(here):
    (here / "remedy").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m remedy "$@"\n')
    (here / "remedy").chmod(0o755)
    script = (
        'eval "$(remedy completion bash)"; COMP_WORDS=(remedy plan --strategy po); COMP_CWORD=3;'
        '_remedy_completion remedy po --strategy; echo "${COMPREPLY[*]}"'
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{here}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=False, env=env)
    assert done.stdout.split() == [b"postoffice"], done


def test_the_story_of_the_demo_heeds_no_settings(remedy, settings):
    before = remedy("demo", "one")
    settings("[plan]\nstrategy = 'postoffice'\nformat = 'json'\n[survey]\nformat = 'json'\n")
    after = remedy("demo", "two")
    assert (after.code, after.out) == (0, before.out)
    settings("[all]\ncolor = 'always'\n")
    assert ESCAPE in remedy("demo", "three", colour=True).out


# --- -v --------------------------------------------------------------------------------------------------------------


def test_v_says_what_is_read(remedy, settings):
    quiet = remedy("survey", EXPORT, "postoffices.csv")
    assert quiet.err == ""
    told = remedy("-v", "survey", EXPORT, "postoffices.csv")
    assert (told.code, told.out) == (quiet.code, quiet.out)
    none, *sources = told.err.splitlines()
    assert none.startswith("remedy: no settings file")
    assert sources == ["remedy: reading fabrikam.ldif as ldif", "remedy: reading postoffices.csv as csv"]
    path = settings("")
    assert remedy("survey", EXPORT, "-v").err.splitlines()[0] == f"remedy: settings: {path}"
    assert remedy("--config", "remedy.toml", "survey", EXPORT, "-v").err.splitlines()[0] == f"remedy: settings: {path}"
    assert "--no-config" in remedy("-v", "--no-config", "survey", EXPORT).err
    assert remedy("survey", EXPORT, env={"REMEDY_VERBOSE": "1"}).err.startswith("remedy: settings")
    assert remedy("survey", EXPORT, env={"REMEDY_SURVEY_VERBOSE": "1"}).err.startswith("remedy: settings")
    settings("[all]\nverbose = 1\n")
    assert remedy("survey", EXPORT).err.startswith("remedy: settings")


def test_v_says_what_else_is_read(remedy, plan):
    assert "reading plan.json as a plan" in remedy("show", plan, "-v").err
    assert "reading plan.json as a plan" in remedy("verify", EXPORT, "--plan", plan, "-v").err
    err = remedy("apply", plan, EXPORT, "-v", "--yes", "--journal", "j").err
    assert "reading fabrikam.ldif as ldif" in err
    assert "reading j " not in err
    assert "reading j as a journal" in remedy("rollback", "j", EXPORT, "--dry-run", "-v").err
    assert remedy("survey", "-", "-v", stdin=sample(EXPORT).encode()).err.endswith("reading - as ldif\n")
    assert "reading data as json" in remedy("survey", "data", "--as", "json", "-v").err


@pytest.mark.parametrize(
    "words", [("-vv", "survey", EXPORT), ("survey", EXPORT, "-vv"), ("survey", "-v", EXPORT, "-v")]
)
def test_vv_says_how_long(remedy, words):
    ran = remedy(*words)
    assert ran.out == remedy("survey", EXPORT).out
    *_, start, read, whole = ran.err.splitlines()
    assert re.fullmatch(r"remedy: start: \d+\.\d{3} s", start)
    assert re.fullmatch(r"remedy: read fabrikam.ldif, 7,004 bytes: \d+\.\d{3} s", read)
    assert re.fullmatch(r"remedy: survey: \d+\.\d{3} s", whole)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "demo"])
def test_stdout_is_never_touched(remedy, plan, verb):
    words = {
        "show": (plan,), "explain": ("exposed",), "completion": ("bash",), "rollback": ("j", EXPORT, "--dry-run"),
        "apply": (plan, EXPORT, "--dry-run"), "render": (plan, "ldif", "-d", "scripts"),
    }.get(verb, (EXPORT,))  # fmt: skip
    remedy("apply", plan, EXPORT, "--yes", "--journal", "j")
    quiet = remedy(verb, *words)
    for told in (remedy("-vv", verb, *words), remedy(verb, *words, "-vv", "--log-file", "log")):
        assert (told.code, told.out) == (quiet.code, quiet.out)
        assert told.err.endswith(quiet.err) or quiet.err in told.err
        assert "remedy: start: " in told.err
    assert Path("log").read_text()


def test_a_source_that_cannot_be_read_is_the_commands_to_say(remedy):
    quiet, told = remedy("survey", "nosuch.csv"), remedy("-v", "survey", "nosuch.csv")
    assert told.code == quiet.code
    assert told.err.endswith(quiet.err)
    assert "reading" not in told.err


def test_v_shows_no_password_of_a_url(remedy):
    for url in ("ldap://admin:hunter2@dc1.fabrikam.com/o=FABRIKAM", "LDAPS://:hunter2@dc1/"):
        ran = remedy("survey", url, "-vv", "--log-file", "log")
        assert ran.err.startswith("remedy: ")
        assert "hunter2" not in "".join(line for line in ran.err.splitlines() if "reading" in line)
    assert "hunter2" not in Path("log").read_text()


def test_a_name_moves_nothing_on_the_terminal(remedy):
    name = "a\x1b[2Jb\nc.csv"
    Path(name).write_text("network,postoffice\nNWTRADERS,PO1\n")
    assert "a\\u001b[2Jb\\u000ac.csv as csv" in remedy("-v", "survey", name, "--log-file", "log").err
    assert len(re.findall(rf"(?m)^{TIMED} ", Path("log").read_text())) == len(Path("log").read_text().splitlines())


# --- --log-file ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("--log-file", "log", "survey", EXPORT), ("survey", EXPORT, "--log-file", "log")])
def test_the_log_holds_what_vv_says(remedy, words):
    assert remedy(*words).err == ""
    remedy(*words)
    lines = Path("log").read_text().splitlines()
    assert len(lines) == 10, "the second run is appended"
    assert [line for line in lines if not re.match(rf"{TIMED} info \S", line)] == []
    assert [line.split(" ", 2)[2].split(":")[0] for line in lines[:5]] == [
        "no settings file", "reading fabrikam.ldif as ldif", "start", "read fabrikam.ldif, 7,004 bytes", "survey",
    ]  # fmt: skip


def test_the_log_is_its_owners(remedy):
    mask = os.umask(0)
    try:
        remedy("survey", EXPORT, "--log-file", "log")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(Path("log").stat().st_mode) == 0o600


def test_errors_are_logged_a_line_each(remedy, settings):
    assert remedy("--log-file", "log", "survey", "nosuch.ldif").code == 1
    last = Path("log").read_text().splitlines()[-1]
    assert re.match(rf"{TIMED} error \S", last)
    remedy("--log-file", "log", "survey", EXPORT, "--format", "xml")
    assert "'xml' is not one of" in Path("log").read_text().splitlines()[-1]
    settings("[survey]\nformt = 1\nignor = 1\n")
    remedy("survey", EXPORT, "--log-file", "log")
    *_, one, other, advice = Path("log").read_text().splitlines()
    assert [" error " in line for line in (one, other, advice)] == [True, True, True]
    assert "formt" in one
    assert "ignor" in other


def test_a_log_can_be_set_and_stays_where_it_was_said(remedy, settings):
    settings("[all]\nlog-file = 'all.log'\n")
    remedy("demo")
    assert not Path("remedy-demo/all.log").exists()
    assert "demo: " in Path("all.log").read_text()
    remedy("survey", EXPORT, env={"REMEDY_LOG_FILE": "env.log"})
    assert Path("env.log").exists()


@pytest.mark.parametrize("name", ["nosuch/log", ".", "fabrikam.ldif/log", "/dev/full"])
def test_a_log_that_cannot_be_written_is_one_sentence_before_anything_is_done(remedy, plan, name):
    before = Path(EXPORT).read_bytes()
    ran = remedy("apply", plan, EXPORT, "--yes", "--log-file", name)
    assert (ran.code, ran.out) == (1, "")
    assert "the log cannot be written" in ran.err
    assert ran.err.endswith("--log-file.\n")
    assert Path(EXPORT).read_bytes() == before
    assert not Path("plan.json.journal").exists()


@pytest.mark.parametrize(("name", "word"), [("-", "-v"), ("", "empty")])
def test_a_log_is_a_file_of_its_own(remedy, name, word):
    ran = remedy("survey", EXPORT, "--log-file", name)
    assert ran.code == 2
    assert word in ran.err


def test_a_name_that_no_log_can_have(remedy, settings):
    settings('[all]\nlog-file = "a\\u0000b"\n')
    ran = remedy("survey", EXPORT)
    assert ran.code == 1
    assert "the log cannot be written" in ran.err


def test_a_log_that_fails_later_takes_nothing_back(remedy, monkeypatch):
    from remedy.cli.output import Notes

    write = Notes._append

    def fill(notes, kind, text):
        if notes.log_file and text.startswith("survey: "):
            notes.log_file = "/dev/full"
        write(notes, kind, text)

    monkeypatch.setattr(Notes, "_append", fill)
    ran = remedy("survey", EXPORT, "--log-file", "log")
    assert ran.code == 3
    assert "9 postoffices" in ran.out
    assert "the log cannot be written" in ran.err


def test_debug_may_stand_before_the_command_and_in_the_settings(process, settings):
    code = "import remedy.workflow as w, sys; from remedy.cli import main; w.survey = None; main(sys.argv[1:], prog_name='remedy')"

    def ran(*words):
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ).stderr

    assert b"Traceback" not in ran("survey", EXPORT)
    assert b"Traceback" in ran("--debug", "survey", EXPORT)
    settings("[all]\ndebug = true\n")
    assert b"Traceback" in ran("survey", EXPORT)


def test_logging_is_not_loaded(here):
    code = f"import sys\nfrom remedy.cli import main\ntry:\n main(['-vv', 'survey', '{EXPORT}', '--log-file', 'log'])\nexcept SystemExit: pass\nprint('logging' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.stdout.split()[-1] == b"False"
