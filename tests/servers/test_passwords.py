"""Where a password comes from, and that it goes nowhere else (contract: no password is ever an argument, …)."""

import json
import os
from pathlib import Path

import pytest

from remedy.cli.secrets import password_of
from remedy.demo import sample
from remedy.stores.login import Login
from remedy.stores.places import Server
from tests.servers import conftest_live as live
from tests.servers.conftest_live import ADMIN, READER, SECRET, Listener, closing, mute, private
from tests.servers.proxy import Proxy
from tests.servers.slapd import Slapd

pytestmark = pytest.mark.server
desk, run, spawn, typed, house = live.desk, live.run, live.spawn, live.typed, live.house
LOGIN = ("--bind-dn", READER, "--insecure-plain", "--password-file")
ODD = "Passwört-%s-$(x) 'q' & 50%"


@pytest.fixture
def proxy(house):
    """Give a proxy in the clear, which sees what is sent."""
    with Proxy(house.port) as proxy:
        yield proxy


def sent(proxy):
    """Give the passwords that went out."""
    return [message.body[2][1] for message in proxy.seen("bindRequest")]


# --- Files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code", "password"),
    [
        (b"secret", 3, b"secret"),
        (b"secret\n", 3, b"secret"),
        (b"secret\r\n", 3, b"secret"),
        (b"secret\nand more\n", 3, b"secret"),
        (b"\xef\xbb\xbfsecret\r\n", 3, b"secret"),
        (b"wrong\n", 7, b"wrong"),
        (b"secret \n", 7, b"secret "),
        (b" secret\n", 7, b" secret"),
        (b"secret\t", 7, None),
        (ODD.encode() + b"\n", 7, ODD.encode()),
        ("пароль\n".encode(), 7, "пароль".encode()),
        (b" \n", 7, b" "),
        (b"x" * 4000, 7, b"x" * 4000),
    ],
)
def test_the_first_line_is_the_password(run, proxy, data, code, password):
    ran = run("survey", proxy.url, *LOGIN, private("file", data))
    assert (ran.code, sent(proxy)) == (code, [password] if password else [])
    assert ("49 invalidCredentials" in ran.err) == (code == 7 and password is not None)


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n", b"\nsecret\n", b"\xc2\xad\n", b"\xef\xbb\xbf\n"])
def test_an_empty_password_binds_as_nobody_so_it_is_never_sent(run, proxy, data):
    for words in (("file",), ("-",)):
        ran = run("survey", proxy.url, *LOGIN, *words, stdin=data if private("file", data) else b"")
        assert ran.code == 7
        assert "password" in ran.err
        assert "Check that the server runs" not in ran.err
        assert sent(proxy) == []


@pytest.mark.parametrize(
    "data", [b"sec\xffret\n", b"secret\x00\n", b"sec\x07ret", b"\xff\xfes\x00e\x00c\x00\r\x00\n\x00", b"x" * 5000]
)
def test_a_file_that_holds_no_password(run, proxy, data):
    ran = run("survey", proxy.url, *LOGIN, private("file", data))
    assert ran.code in {1, 7}
    assert "Check that the server runs" not in ran.err
    assert not any(part in ran.err for part in ("secret", "sec\\", "xxxx", "codec"))
    assert sent(proxy) == []


def test_a_file_that_cannot_be_read(run, spawn, proxy, desk):
    for name in ("nosuch", ".", "pw/x"):
        ran = run("survey", proxy.url, *LOGIN, name)
        assert ran.code == 1
        assert ran.err.startswith(f"remedy: {name}: ")
    if os.geteuid():  # root may read everything
        Path("pw").chmod(0)
        assert "pw: it may not be read" in run("survey", proxy.url, *LOGIN, "pw").err
    assert run("survey", proxy.url, *LOGIN, "").code == 2
    assert run("survey", proxy.url, "--password-file", "pw").code == 2
    assert proxy.connections == 0


def test_a_file_that_others_may_read(run, house):
    said = "remedy: others may read pw, which holds a password: chmod 600 it.\n"
    for mode, told in ((0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o644, True)):
        Path("pw").chmod(mode)
        ran = run("survey", house.url, *LOGIN, "pw")
        assert (ran.code, ran.err.count(said)) == (3, int(told))


def test_who_is_not_known(run, house):
    for name in ("cn=nobody,o=FABRIKAM", "nonsense", "cn=reader,o=ELSEWHERE"):
        ran = run("survey", house.url, "--bind-dn", name, "--insecure-plain", "--password-file", "pw")
        assert ran.code == 7
        assert "Check --bind-dn and the password; Exchange 5.5 takes dc=DOMAIN,cn=USER (Q182507).\n" in ran.err


# --- Standard input ---------------------------------------------------------------------------------------------------


def test_standard_input(run, spawn, house):
    for ended in (b"secret", b"secret\n", b"secret\r\n"):
        assert run("survey", house.url, *LOGIN, "-", stdin=ended).code == 3
    assert spawn("survey", house.url, *LOGIN, "-", stdin=b"secret\n").code == 3


def test_standard_input_is_read_once(run, spawn, proxy):
    export = sample("fabrikam.ldif").encode()
    for one in (run, spawn):
        for places in (("-", proxy.url), (proxy.url, "-")):
            ran = one("survey", *places, *LOGIN, "-", stdin=export)
            assert (ran.code, "only once" in ran.err) == (2, True)
    assert sent(proxy) == []


def test_a_plan_and_a_password_from_standard_input(run, house, proxy):
    assert run("plan", house.local_url, "-o", "plan.json").code == 0
    plan = Path("plan.json").read_bytes()
    for words in (("apply", "-", proxy.url, "--journal", "j"), ("verify", proxy.url, "--plan", "-")):
        ran = run(*words, *LOGIN, "-", stdin=plan)
        assert (ran.code, "only once" in ran.err) == (2, True)
    assert proxy.connections == 0


# --- Somebody at the terminal -----------------------------------------------------------------------------------------


def test_somebody_is_asked(typed, house):
    ran, seen = typed((SECRET + b"\n",), "survey", house.url, *LOGIN[:-1], "--format", "json")
    assert ran.code == 3, seen
    assert ran.json["schema"] == "remedy/survey/1"
    assert seen.count(f"Password of {READER} on {house.url}: ") == 1
    assert "secret" not in seen


def test_an_empty_answer_is_none(typed, proxy):
    ran, seen = typed((b"\n", b"wrong\n"), "survey", proxy.url, *LOGIN[:-1], "--timeout", "5")
    assert (ran.code, ran.out) == (7, "")
    assert sent(proxy) == [b"wrong"]
    assert "wrong" not in seen
    assert seen.count("Password of") == 2


@pytest.mark.parametrize("keys", [b"\x03", b"half\x03", b"\x04"])
def test_somebody_goes_away(typed, proxy, keys):
    ran, seen = typed((keys,), "survey", proxy.url, *LOGIN[:-1])
    assert (ran.code, ran.out) == (130, "")
    assert seen.endswith("\r\nremedy: interrupted; nothing was written to any directory.\r\n")
    assert "half" not in seen
    assert proxy.connections == 0


def test_nobody_can_be_asked(run, spawn):
    with Listener(mute) as listener:
        for one in (run, spawn):
            for verb in ("survey", "plan"):
                ran = one(verb, listener.url, *LOGIN[:-1])
                assert ran.code == 7
                assert "--password-file FILE (- is standard input)" in ran.err
        assert listener.connections == 0


# --- The keyring ------------------------------------------------------------------------------------------------------


@pytest.fixture
def keyring(desk):
    """Put a keyring where Python finds it, and give the environment for it."""

    def make(answer, start=""):
        folder = desk / "packages" / "keyring"
        folder.mkdir(parents=True)
        (folder / "errors.py").write_text(
            "class KeyringError(Exception): ...\nclass NoKeyringError(KeyringError): ...\n"
        )
        (folder / "__init__.py").write_text(
            f"{start}\nfrom . import errors\ndef get_password(service, user):\n    {answer}\n"
        )
        return {"PYTHONPATH": f"{folder.parent}:{live.ROOT}"}

    return make


def test_the_keyring_answers(spawn, keyring, house):
    known = {f"remedy {house.url}": {READER: "secret"}}
    ran = spawn("survey", house.url, *LOGIN[:-1], env=keyring(f"return {known!r}.get(service, {{}}).get(user)"))
    assert ran.code == 3, ran
    private("wrong", b"wrong")
    env = {"PYTHONPATH": f"packages:{live.ROOT}"}
    assert spawn("survey", house.url, *LOGIN, "wrong", env=env).code == 7, "a file that is named counts more"
    assert spawn("survey", house.url, "--bind-dn", ADMIN, "--insecure-plain", env=env).code == 7


@pytest.mark.parametrize(
    ("answer", "start"),
    [
        ("return None", ""),
        ("return ''", ""),
        ("raise errors.NoKeyringError('none')", ""),
        ("raise RuntimeError('no D-Bus')", ""),
        ("raise OSError('secret service is gone')", ""),
        ("return None", "raise ImportError('half installed')"),
    ],
)
def test_a_keyring_that_does_not_answer_is_none(spawn, keyring, house, answer, start):
    env = keyring(answer, start)
    ran = spawn("survey", house.url, *LOGIN[:-1], env=env)
    assert (ran.code, "--password-file" in ran.err) == (7, True)
    assert spawn("survey", house.url, *LOGIN, "pw", env=env).code == 3


# --- It goes nowhere else ---------------------------------------------------------------------------------------------


def test_no_password_in_anything_that_is_written(run, desk, tmp_path, monkeypatch):
    private("pw", b"Geheim-77\n")
    with Slapd(tmp_path / "slapd") as server:
        server.modify("dn: cn=writer,o=FABRIKAM\nchangetype: modify\nreplace: userPassword\nuserPassword: Geheim-77\n")
        at = (server.url, "--bind-dn", "cn=writer,o=FABRIKAM", "--insecure-plain", "--password-file", "pw")
        quiet = ("-vv", "--log-file", "log", "--debug")
        lines = (
            ("plan", *at, "--exchange-version", "5.5", "-o", "plan.json", "--format", "json"),
            ("apply", "plan.json", *at, "--dry-run"),
            ("apply", "plan.json", *at, "--yes", "--allow", "many-changes", "--format", "json"),
            ("verify", *at, "--plan", "plan.json", "--format", "json"),
            ("rollback", "plan.json.journal", *at, "--yes", "--format", "json"),
            ("survey", *at, "--format", "json"),
            ("survey", server.url.replace("ldap:", "ldaps:"), *at[1:]),
        )
        told = [run(*quiet, *words) for words in lines]
        with Listener(closing) as listener:
            told.append(run(*quiet, "survey", listener.url, *at[1:]))

        def broken(*_):
            raise RuntimeError("broken on purpose")

        monkeypatch.setattr("remedy.stores.ldap.LdapStore.root", broken)
        result = live.CliRunner().invoke(live.main, [*quiet, "survey", *at], prog_name="remedy")
        assert "Traceback" in result.stderr
        told.append(result.stderr)
    assert [ran.code for ran in told[:6]] == [0, 0, 0, 0, 0, 3], told
    assert json.loads(told[4].out)["summary"]["values"] == 3
    files = [path for path in desk.rglob("*") if path.is_file() and path.name != "pw"]
    assert {path.name for path in files} >= {"log", "plan.json", "plan.json.journal", "plan.json.journal.rollback"}
    for text in (*map(str, told), *(path.read_text(encoding="utf-8") for path in files)):
        assert "eheim" not in text


def test_no_password_in_what_a_login_says_of_itself(desk):
    login = Login(bind_dn=READER, password=password_of("ldap://h", READER, "pw"))
    assert login.password() == "secret"
    assert "secret" not in repr(Server(url="ldap://h", login=login))
