"""Whatever a plan holds: in a shell script it is that text and nothing else, and a comment is one harmless line."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from remedy.change import Mod, Modify, Op
from remedy.dn import DN
from remedy.entry import Entry
from remedy.quoting import Encoded, codec, comment, ldap_dn, ldap_filter, sh
from remedy.rendering import scripts_of
from tests.scripts_harness import HOSTILE, plans

PLAIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)
WORDS = st.one_of(st.sampled_from([text for text in HOSTILE if text.isascii()]), PLAIN)
ANY = st.one_of(
    st.sampled_from(
        [*HOSTILE, "\n touch PWNED", "a\r\nb", "\x1b[31m", "\u202etxt.exe", "\u2028", "\x00", "\udc80", "\x9b31m"]
    ),
    st.text(st.characters(), max_size=40),
)
SHELLS = [shell for shell in (["sh"], ["dash"], ["bash", "--posix"], ["busybox", "sh"]) if shutil.which(shell[0])]
FOLDER = Path(__file__).parents[1] / "templates" / "scripts"


def said(shell, words, folder):
    """Give the words that a shell hands on, each with a NUL behind it."""
    script = f"printf '%s\\0' {' '.join(map(sh, words))} x"
    done = subprocess.run([*shell, "-c", script], capture_output=True, cwd=folder, check=True, timeout=20)
    assert done.stderr == b""
    return [word.decode() for word in done.stdout.split(b"\0")[:-2]]


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_shell_hands_on_the_very_words(tmp_path_factory, shell):
    folder = tmp_path_factory.mktemp("empty")

    @settings(max_examples=60)
    @given(words=st.lists(WORDS, min_size=1, max_size=20))
    @example(words=["'", "''", "\\", "\\'", "'\\''", "!", "!!", "~", "*", "$0", "-n", "", " ", "%s%n"])
    def check(words):
        assert said(shell, words, folder) == words
        assert not any(folder.iterdir())

    check()


def test_what_a_terminal_could_show_as_something_else_is_no_word():
    with pytest.raises(ValueError, match="cannot hold safely"):
        sh("Z\u00fcrich")


@given(text=ANY)
def test_what_is_not_plain_is_refused_and_never_bent(text):
    if all(" " <= char <= "~" for char in text):
        assert sh(text).isascii()
    else:
        with pytest.raises(ValueError, match="cannot hold safely") as caught:
            sh(text)
        assert comment(caught.value) == str(caught.value)


@given(text=ANY)
@example(text="\u2028\u2029\x85\x0b\x0c")
def test_a_comment_is_one_line_of_plain_ascii(text):
    line = comment(text)
    assert re.fullmatch("[ -~]*", line)
    assert line == text or any(not " " <= char <= "~" for char in text)


@given(text=ANY)
def test_only_what_a_codec_wrote_goes_in_as_it_is(text):
    assert codec(Encoded(text)) == text
    with pytest.raises(TypeError, match="codec"):
        codec(text)


@given(name=ANY.filter(lambda text: text.strip() and text.isprintable()))
def test_a_distinguished_name_in_ascii_is_the_same_name(name):
    dn = DN.parse("cn=Recipients,o=FABRIKAM").child("cn", name)
    assert re.fullmatch("[ -~]*", ldap_dn(dn))
    assert DN.parse(ldap_dn(dn)) == dn
    assert DN.parse(ldap_dn(dn)).leaf == dn.leaf


@given(value=st.one_of(st.binary(max_size=30), ANY.filter(lambda text: text.isprintable()).map(str.encode)))
def test_a_value_in_a_filter_is_one_value(value):
    text = ldap_filter(value)
    assert re.fullmatch(r"(?:[ -'+-\[\]-~]|\\[0-9a-f]{2})*", text)
    assert re.sub(rb"\\(..)", lambda found: bytes([int(found[1], 16)]), text.encode()) == value


def functions(script):
    """Give a script with its machinery left out: what the plan says calls functions that only show their words."""
    entries = script[script.index("\nentries() {") : script.index("\n# --- First look")]
    show = 'printf "%s\\0" "$name" "$@"'
    names = ("entry", "part", "value", "unlooked", "asks", "finish")
    return "".join(f"{name}() {{ name={name}; {show}; }}\n" for name in names) + entries + "\nentries\n"


def test_no_plan_breaks_out_of_a_rendered_script(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")

    @settings(max_examples=20)
    @given(case=plans(), values=st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=3), reason=ANY)
    def check(case, values, reason):
        first, *rest = case.plan.steps
        if isinstance(first.change, Modify):  # values of any bytes at all
            change = Modify(first.change.dn, (Mod(Op.ADD, "info", tuple(values)),))
            first = replace(first, change=change, before=Entry(first.change.dn, ()), reason=reason)
        plan = replace(case.plan, steps=(first, *rest))
        for script in scripts_of(plan, ["ldapmodify"]):
            text = script.data.decode("ascii")
            assert re.fullmatch(r"[ -~\n]*", text)
            done = subprocess.run(
                ["sh", "-eu"], input=functions(text).encode(), capture_output=True, cwd=folder, check=True
            )
            assert done.stderr == b""
            words = done.stdout.decode().split("\0")
            assert words.count("entry") == words.count("finish") == len(plan.steps)
            for step in plan.steps:
                assert ldap_dn(step.change.dn) in words
            assert not any(folder.iterdir())

    check()


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.sh.j2")), ids=lambda path: path.name)
def test_in_a_shell_template_a_comment_stands_behind_a_hash_and_a_word_by_itself(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        assert "| comment" not in line or re.match(r" *#", line), line
        for found in re.finditer(r"\{\{.*?\| sh \}\}", line):
            before = line[: found.start()]
            assert before.count("'") % 2 == before.count('"') % 2 == 0, line
