"""The whole job on a live server as users see it: what is said where, words to paste, the Python API (contract)."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from remedy import execution, undoing, workflow
from remedy.errors import Refused, Unreachable, UsageError
from remedy.execution import ApplyWishes
from remedy.stores.login import Login, Sasl
from remedy.stores.places import Server
from remedy.undoing import RollbackWishes
from tests.conftest import ENTRIES, mailbox
from tests.servers import conftest_live as live
from tests.servers.conftest_live import ADMIN, READER, SECRET, Listener, mute, private
from tests.servers.lies import refusal
from tests.servers.proxy import Action, Proxy, Reply
from tests.servers.slapd import Slapd

pytestmark = pytest.mark.server
desk, run, spawn, typed, house = live.desk, live.run, live.spawn, live.typed, live.house
VERSION = ("--exchange-version", "5.5")
TAKEN = "taken for the kind exchange55, Exchange 5.5 directory; 6 entries show it."


@pytest.fixture
def server(tmp_path, certificates):
    """Give a server with a certificate, to be changed."""
    with Slapd(tmp_path / "slapd", tls=certificates.good) as server:
        yield server


@pytest.fixture
def trusted(server, certificates):
    """Give the words that lead to it; there are blanks and quotes in them."""
    authority = Path("the authority's file.pem")
    authority.write_bytes(certificates.authority.read_bytes())
    return (
        f"{server.secure_url}/o=FABRIKAM",
        "--bind-dn",
        ADMIN,
        "--password-file",
        private("p w", SECRET),
        "--ca-file",
        str(authority),
    )


def held(server):
    """Give the postmaster addresses that the server's entries hold."""
    return sorted(re.findall(r"ms\$\S+/POSTMASTER$", server.export("otherMailbox"), re.MULTILINE))


def pasted(line, **env):
    """Carry out a line in a shell that knows the program by its name."""
    folder = Path("bin")
    folder.mkdir(exist_ok=True)
    (folder / "remedy").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m remedy "$@"\n')
    (folder / "remedy").chmod(0o755)
    surroundings = live.surroundings(PATH=f"{folder.absolute()}:{os.environ['PATH']}", **env)
    return subprocess.run(["sh", "-c", line], env=surroundings, capture_output=True, text=True, check=False)


def way(err, what):
    """Give the line that was printed for a purpose."""
    (line,) = re.findall(rf"^.*{what}: (remedy .*)$", err, re.MULTILINE)
    assert "secret" not in line
    return line


# --- What is said, and where ------------------------------------------------------------------------------------------


def test_data_on_stdout_and_all_else_on_stderr(spawn, house, desk):
    url = house.local_url
    first, second = (spawn("survey", url, "--format", "json") for _ in range(2))
    assert (first.code, first.out) == (3, second.out)
    assert first.json["summary"]["postoffices"] == 3
    assert (
        first.err == f"remedy: {url}: connected over a local socket, bound by SASL EXTERNAL.\nremedy: {url}: {TAKEN}\n"
    )
    assert spawn("plan", url, *VERSION, "--format", "json").out == spawn("plan", url, *VERSION, "--format", "json").out
    assert spawn("survey", url, "--format", "csv").out.startswith("network,postoffice,")


@pytest.mark.parametrize("verb", ["survey", "plan", "trace", "verify"])
def test_the_kind_is_said_aloud(run, house, verb):
    ran = run(verb, house.local_url)
    assert f"{house.local_url}: {TAKEN}\n" in ran.err
    assert TAKEN not in ran.out
    assert TAKEN in run(verb, house.local_url, "--dialect", "exchange55").err
    assert run(verb, house.local_url, "--dialect", "exchange56").code == 2


def test_the_same_as_its_export(run, house):
    Path("export.ldif").write_text(house.export("*"), encoding="utf-8")
    live, export = (run("survey", one, "--format", "json").json for one in (house.local_url, "export.ldif"))
    for one in (live, export):
        for postoffice in one["postoffices"]:
            postoffice["evidence"] = sorted((e["kind"], e["value"]) for e in postoffice["evidence"])
    assert live["postoffices"] == export["postoffices"]
    assert live["summary"] == export["summary"]


def test_names_with_an_at_sign_are_shown_whole(run, server, trusted):
    name = "cn=joe@fabrikam.com,o=FABRIKAM"
    account = "objectClass: organizationalRole\nobjectClass: simpleSecurityObject\nuserPassword: secret\n"
    server.modify(f"dn: {name}\nchangetype: add\n{account}")
    ran = run("survey", *trusted[:1], "--bind-dn", name, *trusted[3:], "--log-file", "log")
    for text in (ran.err, Path("log").read_text()):
        assert f"{trusted[0]}: connected over TLS, bound as {name}.\n" in text


def test_what_is_not_there(run, house):
    for base in ("o=ELSEWHERE", "cn=nobody,o=FABRIKAM"):
        ran = run("survey", f"{house.local_url}/{base}")
        assert ran.code == 1
        assert ran.err.endswith("(Q185475).\n")
    assert run("survey", f"{house.local_url}/cn=reader,o=FABRIKAM").code == 4
    assert run("survey", house.local_url, "--page-size", "0").code == 2
    assert run("survey", house.local_url, "--timeout", "0").code == 2


# --- Words to paste ---------------------------------------------------------------------------------------------------


def test_the_words_that_are_printed_work(run, server, trusted):
    assert run("plan", *trusted, *VERSION, "-o", "my plan.json").code == 0
    ran = run("apply", "my plan.json", *trusted, "--yes", "--timeout", "7.5", "--page-size", "50")
    assert ran.code == 0
    assert len(held(server)) == 3
    prove, back = way(ran.err, "To prove it"), way(ran.err, "To go back")
    said = ["--bind-dn", ADMIN, "--password-file", "p w", "--ca-file", "the authority's file.pem", "--page-size", "50"]
    for line in (prove, back):
        words = shlex.split(line)
        assert all(word in words for word in said)
        assert words[words.index("--timeout") + 1] == "7.5"
        assert "--yes" not in words
    assert pasted(prove).returncode == 0
    asked = pasted(back)
    assert (asked.returncode, "--yes" in asked.stderr) == (4, True)
    undone = pasted(f"{back} --yes")
    assert (undone.returncode, held(server)) == (0, [])
    again = pasted(f"{way(undone.stderr, 'To take it back')} --yes")
    assert (again.returncode, len(held(server))) == (0, 3), again


def said_by(how, server, certificates):
    """Give the words before and after a command that say who binds in some way, and the environment."""
    profile = {"bind-dn": ADMIN, "password-file": "pw", "ca-file": str(certificates.authority)}
    table = "".join(f"{key} = {json.dumps(value)}\n" for key, value in profile.items())
    url, other = f"{server.secure_url}/o=FABRIKAM", f'[apply]\nbind-dn = "{READER}"\npassword-file = "pw"\n'
    name = "remedy.toml" if how in {"profile", "both", "table"} else "other settings.toml"
    text = f'[profile.x]\nurl = "{url}"\n{table}' if how in {"profile", "both", "named"} else f"[apply]\n{table}"
    Path(name).write_text(text + (other if how == "both" else ""), encoding="utf-8")
    env = {f"REMEDY_APPLY_{key.upper().replace('-', '_')}": value for key, value in profile.items()}
    return {
        "profile": ([], "@x", {}),
        "both": ([], "@x", {}),
        "named": (["--config", name], "@x", {}),
        "table": ([], url, {}),
        "environment": (["--no-config"], url, env),
    }[how]


@pytest.mark.parametrize("how", ["profile", "named", "both", "table", "environment"])
def test_the_words_work_wherever_the_login_stands(run, server, certificates, how):
    assert run("--no-config", "plan", server.local_url, *VERSION, "-o", "plan.json").code == 0
    first, target, env = said_by(how, server, certificates)
    ran = run(*first, "apply", "plan.json", target, "--yes", env=env)
    assert (ran.code, len(held(server))) == (0, 3)
    proved = pasted(way(ran.err, "To prove it"))
    assert proved.returncode == 0, (ran.err, proved.stderr)
    assert f"bound as {ADMIN}" in proved.stderr
    undone = pasted(f"{way(ran.err, 'To go back')} --yes")
    assert (undone.returncode, held(server)) == (0, []), (ran.err, undone.stderr)


def test_the_words_after_a_half_way_stop_work(run, server, trusted):
    assert run("plan", *trusted, *VERSION, "-o", "plan.json").code == 0
    with Proxy(server.port) as proxy:
        proxy.on("modifyRequest", Action.CLOSE, nth=1)
        plain = (f"{proxy.url}/o=FABRIKAM", "--bind-dn", ADMIN, "--password-file", "p w", "--insecure-plain")
        words = ["apply", "plan.json", *plain, "--yes", "--timeout", "3"]
        result = live.CliRunner().invoke(live.main, words, prog_name="remedy")
        assert (result.exit_code, held(server)) == (6, []), result.stderr
        onward = way(result.stderr, "To go on")
        assert {"--resume", "--insecure-plain", "--timeout"} <= set(shlex.split(onward))
        done = pasted(f"{onward} --yes")
        assert (done.returncode, len(held(server))) == (0, 3), done
        assert pasted(f"{way(done.stderr, 'To go back')} --yes").returncode == 0
        assert held(server) == []


def test_nothing_is_left_behind_where_nobody_gets_in(run, server, trusted):
    assert run("plan", *trusted, *VERSION, "-o", "plan.json").code == 0
    private("wrong", b"wrong")
    url = f"{server.secure_url}/o=FABRIKAM"
    with Proxy(server.port) as proxy:
        proxy.on("bindRequest", lambda request: Reply(refusal(request, 51, "busy")))
        ways = (
            (url, "--bind-dn", ADMIN, "--password-file", "wrong", *trusted[-2:]),
            (url, *trusted[1:-2]),
            (proxy.url, *trusted[1:-2], "--insecure-plain"),
        )
        for words in ways:
            ran = run("apply", "plan.json", *words, "--yes")
            assert ran.code == 7
            assert "To go" not in ran.err
    assert not list(Path().glob("plan.json.*"))
    assert held(server) == []


def test_a_rollback_sends_no_password_in_clear_text(run, server, trusted):
    run("plan", *trusted, *VERSION, "-o", "plan.json")
    assert run("apply", "plan.json", *trusted, "--yes").code == 0
    with Proxy(server.port) as proxy:
        words = (f"{proxy.url}/o=FABRIKAM", *trusted[1:-2], "--yes")
        ran = run("rollback", "plan.json.journal", *words, env={"REMEDY_ROLLBACK_INSECURE_PLAIN": "1"})
        assert (ran.code, "--insecure-plain" in ran.err, proxy.connections) == (4, True, 0)


# --- At a terminal ----------------------------------------------------------------------------------------------------


def test_asked_for_the_password_and_then_for_the_plan(typed, run, server, trusted):
    run("plan", *trusted, *VERSION, "-o", "plan.json")
    words = ("apply", "plan.json", *trusted[:3], *trusted[-2:])
    ran, seen = typed((SECRET + b"\n", b"n\n"), *words)
    assert (ran.code, ran.out, held(server)) == (4, "", [])
    assert f"Apply 3 values to {trusted[0]}? [y/N]: n" in seen
    ran, seen = typed((SECRET + b"\n", b"y\n"), *words)
    assert (ran.code, len(held(server))) == (0, 3), seen
    assert seen.count("Password of") == 1, "it is asked for once, though the server is asked twice"
    assert "secret" not in seen
    assert "3 applied" in ran.out


def test_progress_shows_at_a_terminal_only(typed, spawn, tmp_path):
    crowd = [mailbox(f"u{number}", f"MS$N/P/U{number}") for number in range(400)]
    with Slapd(tmp_path / "slapd", entries=[*ENTRIES, *crowd]) as server, Proxy(server.port, delay=0.02) as far:
        words = (
            "survey",
            far.url,
            "--bind-dn",
            READER,
            "--password-file",
            "pw",
            "--insecure-plain",
            "--page-size",
            "20",
        )
        quiet = spawn(*words)
        ran, seen = typed((), *words)
    assert quiet.code == ran.code == 3, seen
    assert re.search(r"\r\x1b\[KReading \S+ \[ +\] +[\d.]+ MB", seen), seen
    assert "\r\x1b[K\x1b" not in seen
    assert seen.rindex("\r\x1b[K") < seen.index("taken for the kind"), "the line is wiped at the end"
    assert not re.search(r"Reading|\x1b|\r", quiet.err)


# --- The Python API ---------------------------------------------------------------------------------------------------


def test_python_does_the_whole_job(server, desk, certificates):
    told = []
    login = Login(bind_dn=ADMIN, password=lambda: "secret", ca_file=certificates.authority, timeout=5)
    place = Server(url=f"{server.secure_url}/o=FABRIKAM", login=login, tell=told.append)
    for source in (server.local_url, place, Server(url=server.local_url, login=Login(sasl=Sasl.EXTERNAL))):
        assert [str(row.po.name) for row in workflow.survey(source).rows] == [
            "NWTRADERS/HUBPO",
            "NWTRADERS/PO1",
            "NWTRADERS/PO2",
        ]
    plan = workflow.plan(place, wishes=workflow.Wishes(exchange_version="5.5"))
    report = execution.apply(plan, place, ApplyWishes(journal=Path("j")), lambda _: True)
    assert (report.counts.applied, len(held(server))) == (3, 3)
    undone = undoing.rollback(Path("j"), place, RollbackWishes(), lambda _: True)
    assert (undone.trouble, held(server)) == (None, [])
    assert set(told) == {f"{place.url}: connected over TLS, bound as {ADMIN}."}
    assert "secret" not in repr(place) + Path("j").read_text()


def test_python_gets_errors_of_ours_only(house):
    with Listener(mute) as listener:
        for login, error in (
            (Login(timeout=0.2), Unreachable),
            (Login(bind_dn=READER, password=lambda: "secret"), Refused),
            (Login(bind_dn=READER, insecure_plain=True), Unreachable),
            (Login(bind_dn=READER, sasl=Sasl.EXTERNAL), UsageError),
        ):
            with pytest.raises(error):
                workflow.survey(Server(url=listener.url, login=login))
        assert listener.connections == 1
    with pytest.raises(UsageError):
        workflow.survey("ldap://")
