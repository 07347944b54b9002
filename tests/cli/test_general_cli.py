"""The program as a process: help, streams, colour, environment, signals, locales (contract: All commands)."""

import errno
import gzip
import os
import pty
import re
import select
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import click
import pytest

import remedy as package
import remedy.cli as porch
from remedy.cli import main
from remedy.demo import sample

ROOT = Path(__file__).parents[2]
SAMPLES = ("fabrikam.ldif", "postoffices.csv")
VERBS = ("survey", "plan", "show", "trace", "explain", "demo", "completion")
ESCAPE = "\x1b"


@pytest.fixture
def started(here):
    """Start a process and leave it to the test."""
    running = []

    def start(*words, env=None, **more):
        surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", **(env or {})}
        command = [sys.executable, "-m", "remedy", *words]
        running.append(subprocess.Popen(command, env=surroundings, cwd=here, **more))
        return running[-1]

    yield start
    for one in running:
        if one.poll() is None:
            one.kill()
        one.wait()
        for stream in (one.stdin, one.stdout, one.stderr):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()


def drained(terminal, process):
    """Give everything that a process writes to a terminal."""
    data = b""
    with suppress(OSError):
        while True:
            ready = select.select([terminal], [], [], 0.2)[0]
            if not ready and process.poll() is not None:
                break
            data += os.read(terminal, 65536) if ready else b""
    return data.decode()


# --- Help and version ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [("--help",), ("-h",), *((verb, "--help") for verb in VERBS), *((verb, "-h") for verb in VERBS)]
)
def test_help_is_data_and_keeps_its_examples_apart(remedy, fits, words):
    ran = remedy(*words, env={"COLUMNS": "80"})
    assert (ran.code, ran.err) == (0, "")
    assert "\\b" not in ran.out
    assert fits(ran.out, but=("--as ",)) == []
    assert re.search(r"(?m)^ {4}remedy \w+", ran.out), "examples, each on a line of its own"


@pytest.mark.parametrize("width", [*range(50, 99)])
def test_the_help_is_as_click_writes_it(width):
    context, formatter = (
        click.Context(main, info_name="remedy", **main.context_settings),
        click.HelpFormatter(width=width),
    )
    main.format_usage(context, formatter)
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(f"{porch._ABOUT}\n\n\b\n{textwrap.dedent(porch._START)}")
    with formatter.section("Options"):
        formatter.write_dl([param.get_help_record(context) for param in main.get_params(context)])
    with formatter.section("Commands"):
        formatter.write_dl(list(porch._VERBS.items()))
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(f"\b\n{textwrap.dedent(porch._CODES)}")
    assert porch.help_text(width) == formatter.getvalue()


@pytest.mark.parametrize("columns", ["1", "20", "52", "53", "80", "100", "101", "500", "wide", ""])
def test_help_at_once_fits_the_terminal_as_all_help_does(process, columns):
    env = {"COLUMNS": columns}
    assert process("--help", env=env).out == process("-h", env=env).out == process("--debug", "--help", env=env).out


def test_what_is_answered_at_once_is_said_alone(process):
    version = f"remedy {package.__version__}\n"
    assert process("--version", "nosuch", env={"REMEDY_COLOR": "no such"}).out == version
    assert process("--version", env={"REMEDY_COLOR": "no such", "REMEDY_HELP": "1"}).out == version
    assert process("--help", "--version").out == process("--help").out
    assert process("--nosuch", "--version").code == 2
    assert process("--version=1").code == 2
    asked = {"_REMEDY_COMPLETE": "bash_complete", "COMP_WORDS": "remedy pl", "COMP_CWORD": "1"}
    assert "plain,plan" in process("--help", env=asked, check=False).out


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_nobody_to_be_answered(here, word):
    for end in (">&-", "| exit 7"):
        line = f'set -o pipefail; "{sys.executable}" -m remedy {word} {end}'
        done = subprocess.run(
            ["bash", "-c", line],
            capture_output=True,
            check=False,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert (done.returncode, done.stderr) == (0 if end == ">&-" else 7, b"")


def test_help_tells_every_exit_code(remedy):
    told = remedy("--help").out
    for code in ("0", "1", "2", "3", "4", "5", "6", "7", "130"):
        assert re.search(rf"(?m)(^|\s){code} [a-z]", told), code


def test_every_verb_is_listed(remedy):
    assert [verb for verb in VERBS if f"\n  {verb}" not in remedy("--help").out] == []


def test_version(remedy, process):
    assert remedy("--version").out == f"remedy {package.__version__}\n"
    assert process("--version").out == f"remedy {package.__version__}\n"


def test_python_m_is_the_same_program(remedy, process):
    wide = {"COLUMNS": "82"}  # click leaves two columns free, its test runner none
    assert process("--help", env=wide).out == remedy("--help").out
    assert process("survey", env=wide).err == remedy("survey").err


@pytest.mark.parametrize("words", [("nosuch",), ("surve",), ("--nosuch",)])
def test_unknown_words_are_2(remedy, words):
    assert remedy(*words).code == 2


def test_the_bare_name_shows_the_help(process):
    ran = process(check=False)
    assert ran.code in {0, 2}
    assert "Usage: remedy" in ran.out + ran.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion(remedy, shell):
    ran = remedy("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert "_REMEDY_COMPLETE" in ran.out
    assert "python -m" not in ran.out


def test_completion_of_another_shell_is_2(remedy):
    assert remedy("completion", "tcsh").code == 2


def test_completion_works(process):
    env = {"_REMEDY_COMPLETE": "bash_complete", "COMP_WORDS": "remedy pl", "COMP_CWORD": "1"}
    assert "plain,plan" in process(env=env, check=False).out
    env = {"_REMEDY_COMPLETE": "bash_complete", "COMP_WORDS": "remedy explain maybe", "COMP_CWORD": "2"}
    assert "plain,maybe-truncated" in process(env=env, check=False).out


# --- Streams ---------------------------------------------------------------------------------------------------------

FORMS = {
    "survey": ("table", "json", "csv", "markdown"),
    "plan": ("text", "json", "ldif", "markdown", "html"),
    "trace": ("table", "json", "markdown", "html"),
}


@pytest.mark.parametrize(("verb", "form"), [(verb, form) for verb, forms in FORMS.items() for form in forms])
def test_data_goes_to_stdout_and_ends_in_one_newline(process, verb, form):
    ran = process(verb, *SAMPLES, "--format", form)
    assert ran.err == ""
    assert ran.out.endswith("\n")
    assert form == "ldif" or not ran.out.endswith("\n\n")
    assert ESCAPE not in ran.out


@pytest.mark.parametrize(
    "words",
    [
        ("survey", "nosuch.ldif"),
        ("plan", "postoffices.csv"),
        ("show", "fabrikam.ldif"),
        ("trace", "fabrikam.ldif", "--po", "N/P"),
    ],
)
def test_a_failure_is_a_sentence_on_stderr(process, words):
    ran = process(*words)
    assert ran.code in {1, 4}
    assert ran.err.startswith("remedy: ")
    assert ran.err.rstrip().endswith((".", "SOURCE", "FOLDER"))


def test_a_traceback_only_with_debug(process):
    fault = {"PYTHONSTARTUP": "", "REMEDY_DEBUG": ""}
    code = "import remedy.workflow as w, sys; from remedy.cli import main; w.survey = None; main(sys.argv[1:], prog_name='remedy')"
    for words, there in ((("survey", "fabrikam.ldif"), False), (("survey", "fabrikam.ldif", "--debug"), True)):
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            capture_output=True,
            check=False,
            env={**os.environ, **fault, "PYTHONPATH": str(ROOT)},
        )
        assert done.returncode == 1
        assert (b"Traceback" in done.stderr) == there
        assert b"--debug" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("survey", "fabrikam.ldif"),
        ("survey", "fabrikam.ldif", "--format", "json"),
        ("plan", "fabrikam.ldif"),
        ("trace", "fabrikam.ldif"),
        ("explain", "exposed"),
        ("completion", "bash"),
        ("--help",),
        ("--version",),
    ],
)
def test_a_full_disk_is_said_in_words(process, words):
    with Path("/dev/full").open("wb") as full:
        ran = process(*words, stdout=full, stderr=subprocess.PIPE)
    assert ran.code == 1
    assert "space" in ran.err.lower()


def test_a_reader_that_goes_away_is_no_fault(started):
    one = started("survey", "fabrikam.ldif", "--format", "json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    one.stdout.close()
    err = one.stderr.read().decode()
    assert one.wait(30) in {3, 141}
    assert "Traceback" not in err
    assert "fault" not in err
    assert "Exception ignored" not in err


@pytest.mark.parametrize("stream", [">&-", "2>&-", "<&-"])
def test_a_stream_that_is_closed_is_no_fault(here, stream):
    line = f'exec "{sys.executable}" -m remedy survey fabrikam.ldif {stream}'
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, check=False, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode in {1, 3}
    assert b"Traceback" not in done.stderr
    assert b"fault of remedy" not in done.stderr


@pytest.mark.parametrize("first", [b"v", b"version: 1\n", b"\xef", b"\x1f"])
def test_a_slow_standard_input_is_waited_for(started, first):
    data = sample("fabrikam.ldif").encode()
    data = {b"\xef": b"\xef\xbb\xbf" + data, b"\x1f": gzip.compress(data, mtime=0)}.get(first, data)
    one = started("survey", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    one.stdin.write(data[: len(first)])
    one.stdin.flush()
    time.sleep(1.5)
    out, err = one.communicate(data[len(first) :], timeout=30)
    assert (one.returncode, err) == (3, b"")
    assert b"9 postoffices" in out


def test_standard_input_serves_once(process):
    assert process("survey", "-", "-", stdin=sample("fabrikam.ldif").encode()).code == 2
    ran = process("plan", "-", "postoffices.csv", "-o", "-", stdin=sample("fabrikam.ldif").encode())
    assert ran.json["schema"] == "remedy/plan/1"


# --- Colour ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "words", "there"),
    [
        ({}, (), False),
        ({}, ("--color", "always"), True),
        ({"FORCE_COLOR": "1"}, (), True),
        ({"FORCE_COLOR": "1"}, ("--color", "never"), False),
        ({"NO_COLOR": "1"}, (), False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, (), False),
        ({"NO_COLOR": "1"}, ("--color", "always"), True),
    ],
)
def test_colour_where_nobody_looks(process, env, words, there):
    for verb in ("survey", "plan", "trace"):
        assert (ESCAPE in process(verb, *SAMPLES, *words, env=env).out) == there


@pytest.mark.parametrize(
    ("verb", "form"), [("survey", "json"), ("survey", "csv"), ("plan", "json"), ("plan", "ldif"), ("trace", "json")]
)
def test_data_is_never_coloured(process, verb, form):
    assert ESCAPE not in process(verb, *SAMPLES, "--format", form, "--color", "always", env={"FORCE_COLOR": "1"}).out


@pytest.mark.parametrize(
    ("env", "there"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)]
)
def test_colour_on_a_terminal(started, env, there):
    terminal, end = pty.openpty()
    one = started("survey", "fabrikam.ldif", env=env, stdin=subprocess.DEVNULL, stdout=end, stderr=subprocess.PIPE)
    os.close(end)
    text = drained(terminal, one)
    assert one.wait(30) == 3
    os.close(terminal)
    assert "9 postoffices" in text
    assert (ESCAPE in text) == there
    assert one.stderr.read() == b""


# --- Environment -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "words", "same"),
    [
        ("REMEDY_SURVEY_FORMAT", "json", ("survey", "fabrikam.ldif"), ("--format", "json")),
        ("REMEDY_SURVEY_INCLUDE", "NWTRADERS/PO1", ("survey", "fabrikam.ldif"), ("--include", "NWTRADERS/PO1")),
        ("REMEDY_SURVEY_EXCLUDE", "WINGTIP/*", ("survey", "fabrikam.ldif"), ("--exclude", "WINGTIP/*")),
        ("REMEDY_SURVEY_IGNORE", "exposed duplicate-address", ("survey", "fabrikam.ldif"), ("--ignore", "exposed", "--ignore", "duplicate-address")),
        ("REMEDY_SURVEY_AS", "json", ("survey", "fabrikam.ldif"), ("--as", "json")),
        ("REMEDY_SURVEY_COLOR", "always", ("survey", "fabrikam.ldif"), ("--color", "always")),
        ("REMEDY_PLAN_FORMAT", "ldif", ("plan", "fabrikam.ldif"), ("--format", "ldif")),
        ("REMEDY_PLAN_STRATEGY", "postoffice", ("plan", "postoffices.csv"), ("--strategy", "postoffice")),
        ("REMEDY_PLAN_MAX_PROXIES", "9", ("plan", "fabrikam.ldif"), ("--max-proxies", "9")),
        ("REMEDY_PLAN_EXCHANGE_VERSION", "5.5", ("plan", "fabrikam.ldif"), ("--exchange-version", "5.5")),
        ("REMEDY_PLAN_MAILBOX", "jdoe", ("plan", "fabrikam.ldif"), ("--mailbox", "jdoe")),
        ("REMEDY_PLAN_NEW_MAILBOX", "GATE", ("plan", "fabrikam.ldif"), ("--new-mailbox", "GATE")),
        ("REMEDY_PLAN_CHECK", "1", ("plan", "fabrikam.ldif"), ("--check",)),
        ("REMEDY_PLAN_INCLUDE_CONNECTOR_PO", "1", ("plan", "fabrikam.ldif"), ("--include-connector-po",)),
        ("REMEDY_TRACE_PO", "NWTRADERS/PO1", ("trace", "fabrikam.ldif"), ("--po", "NWTRADERS/PO1")),
        ("REMEDY_TRACE_FORMAT", "json", ("trace", "fabrikam.ldif"), ("--format", "json")),
        ("REMEDY_EXPLAIN_FORMAT", "json", ("explain", "exposed"), ("--format", "json")),
        ("REMEDY_SURVEY_FORMAT", "xml", ("survey", "fabrikam.ldif"), ("--format", "xml")),
        ("REMEDY_PLAN_MAX_PROXIES", "0", ("plan", "fabrikam.ldif"), ("--max-proxies", "0")),
    ],
)  # fmt: skip
def test_options_have_variables(remedy, name, value, words, same):
    by_hand, by_variable = remedy(*words, *same, colour=True), remedy(*words, env={name: value}, colour=True)
    assert (by_variable.code, by_variable.out) == (by_hand.code, by_hand.out)
    assert by_hand != remedy(*words), "the option makes a difference"


def test_the_output_file_can_come_from_the_environment(remedy):
    remedy("plan", "fabrikam.ldif", env={"REMEDY_PLAN_OUTPUT": "plan.json"})
    assert remedy("show", "plan.json", env={"REMEDY_SHOW_FORMAT": "json"}).out == Path("plan.json").read_text()


def test_the_command_line_is_above_the_environment(remedy):
    ran = remedy("survey", "fabrikam.ldif", "--format", "csv", env={"REMEDY_SURVEY_FORMAT": "json"})
    assert ran.out.startswith("network,postoffice")


def test_allow_never_comes_from_the_environment(remedy):
    Path("cut.ldif").write_text(sample("fabrikam.ldif")[:-1])
    assert remedy("plan", "cut.ldif", "--allow", "maybe-truncated").code == 0
    assert remedy("plan", "cut.ldif", env={"REMEDY_PLAN_ALLOW": "maybe-truncated"}).code == 4
    assert remedy("plan", "cut.ldif", env={"REMEDY_ALLOW": "maybe-truncated"}).code == 4


# --- Terminals, signals, locales -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """An export that takes more than two seconds to read when every line is checked."""
    path = tmp_path_factory.mktemp("slow") / "slow.ldif"
    with path.open("w", encoding="utf-8") as file:
        file.write(sample("fabrikam.ldif"))
        for number in range(30_000):
            file.write(f"\ndn: cn=u{number},cn=Recipients,ou=SEATTLE,o=FABRIKAM\nobjectClass: person\n")
            file.writelines(f"Extension-Attribute-{line}: nothing that matters\n" for line in range(1, 16))
    return path


def test_progress_shows_on_a_terminal_and_goes_away(started, slow):
    terminal, end = pty.openpty()
    with Path("out").open("wb") as file:
        one = started("survey", str(slow), "--strict", stdin=subprocess.DEVNULL, stdout=file, stderr=end)
    os.close(end)
    text = drained(terminal, one)
    assert one.wait(60) == 3
    os.close(terminal)
    out = Path("out").read_text(encoding="utf-8")
    assert "slow.ldif" in text
    assert re.search(r"\d+ ?%", text)
    assert text.endswith("\x1b[K") or text.rstrip(" \r").endswith("\r"), "the line is wiped at the end"
    assert "%" not in out.splitlines()[0]
    assert ESCAPE not in out


def test_no_progress_where_nobody_looks(process, slow):
    assert process("survey", slow, "--strict").err == ""


def test_ctrl_c_while_it_reads_is_130_and_a_sentence(started, slow):
    terminal, end = pty.openpty()
    with Path("out").open("wb") as file:
        one = started("survey", str(slow), "--strict", stdin=subprocess.DEVNULL, stdout=file, stderr=end)
    os.close(end)
    shown = b""
    while b"%" not in shown:
        shown += os.read(terminal, 65536)
    one.send_signal(signal.SIGINT)
    text = drained(terminal, one)
    os.close(terminal)
    assert (one.wait(), Path("out").read_bytes()) == (130, b"")
    assert "interrupted" in text
    assert "Traceback" not in text


def test_ctrl_c_while_standard_input_is_waited_for(started):
    one = started("survey", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    one.send_signal(signal.SIGINT)
    assert one.wait(10) == 130
    assert b"Traceback" not in one.stderr.read()


def test_ctrl_c_while_it_starts(started, tmp_path_factory):
    folder = tmp_path_factory.mktemp("slow-library")
    (folder / "click.py").write_text("import time\nprint('loading', flush=True)\ntime.sleep(60)\n")
    one = started(
        "survey", env={"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert one.stdout.readline() == b"loading\n"
    one.send_signal(signal.SIGINT)
    assert b"Traceback" not in one.communicate(timeout=30)[1]
    assert one.returncode == 130


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX"},
        {"LC_ALL": "en_US.ISO-8859-1"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp437"},
    ],
)
def test_a_locale_that_is_not_utf_8(estate, inventory, env):
    name = "cn=Pr\u00fcfer \u90f5\u4fbf,cn=Recipients,ou=SEATTLE,o=FABRIKAM"
    export = estate(("dn: cn=Postmaster,cn=Recipients,ou=SEATTLE,o=FABRIKAM", f"dn: {name}"))
    settings = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", **env}
    for words in (
        ("survey", export),
        ("plan", export, "--mailbox", "\u90f5"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "remedy", *words],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        )
        assert done.returncode in {0, 1, 3, 4}
        assert b"fault of remedy" not in done.stderr


def test_no_terminal_is_narrower_than_what_is_said(started):
    terminal, end = pty.openpty()
    one = started(
        "survey",
        *SAMPLES,
        env={"COLUMNS": "80", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=end,
        stderr=subprocess.PIPE,
    )
    os.close(end)
    text = drained(terminal, one)
    one.wait(30)
    os.close(terminal)
    assert [line for line in text.replace("\r", "").splitlines() if len(line) > 80] == []


def test_starting_is_quick_and_loads_nothing_that_is_not_used(process):
    code = "import sys, remedy; from remedy.cli import main; print([name for name in ('ldap3', 'jinja2', 'tabulate') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.stdout.strip() == b"[]"


def test_errno_is_not_shown(process):
    for words in (
        ("survey", "x" * 300),
        ("survey", "fabrikam.ldif/x.ldif"),
        ("plan", "fabrikam.ldif", "-o", "x" * 300),
    ):
        ran = process(*words)
        assert ran.code == 1
        assert not re.search(rf"Errno|\b{errno.ENAMETOOLONG}\b", ran.err)
