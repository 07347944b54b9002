"""Connections that stand in the settings, and whose word counts (contract: All commands; README, Live servers)."""

import json
import re
from pathlib import Path

import pytest

from remedy.config import PROFILE
from remedy.demo import sample
from tests.servers import conftest_live as live
from tests.servers.conftest_live import ADMIN, READER, Listener, mute, private
from tests.servers.proxy import Proxy

pytestmark = pytest.mark.server
desk, run, house, shown = live.desk, live.run, live.house, live.shown
USER = "cn=user,o=FABRIKAM"


@pytest.fixture
def settings(desk):
    """Write the settings: a table of its own for each keyword, ``x`` being the profile of that name."""

    def write(name="remedy.toml", **tables):
        lines = []
        for table, keys in tables.items():
            lines.append(f"[{'profile.x' if table == 'x' else table}]")
            lines += [f"{key.replace('_', '-')} = {json.dumps(value)}" for key, value in keys.items()]
        Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return desk / name

    return write


@pytest.fixture
def secure(house, certificates):
    """Give a profile that says all there is to say."""
    return {
        "url": f"{house.secure_url}/o=FABRIKAM", "bind-dn": READER, "password-file": "pw", "sasl": "none",
        "starttls": False, "ca-file": str(certificates.authority), "page-size": 3, "timeout": 12.5, "dialect": "exchange55",
    }  # fmt: skip


def bound(ran):
    """Give who was bound, as it was said."""
    return re.findall(r": connected .*, bound (.*)\.$", ran.err, re.MULTILINE)


def test_a_profile_says_it_all(run, settings, house, secure):
    assert set(secure) == set(PROFILE)
    settings(x=secure)
    plain = run("survey", house.local_url)
    ran = run("survey", "@x")
    assert (ran.code, ran.out) == (3, plain.out)
    assert f"{secure['url']}: connected over TLS, bound as {READER}.\n" in ran.err
    assert run("plan", "@x", "--exchange-version", "5.5", "-o", "plan.json").code == 0
    assert run("trace", "@x").code == run("verify", "@x", "--plan", "plan.json").code == 3
    assert run("apply", "plan.json", "@x", "--dry-run").code == 0
    assert (
        json.loads(run("survey", "@x", "--format", "json").out)["postoffices"][0]["evidence"][0]["source"]
        == secure["url"]
    )


def test_several_at_once(run, settings, house, secure):
    settings(x=secure, **{"profile.local": {"url": house.local_url}, "profile.'two words'": {"url": house.local_url}})
    ran = run("survey", "@x", "@local", "@two words", house.local_url)
    assert ran.code == 3
    assert bound(ran) == [f"as {READER}", *["by SASL EXTERNAL"] * 3]


def test_starttls_and_pages_of_a_profile(run, settings, house, certificates):
    with Proxy(house.port) as proxy:
        settings(
            x={
                "url": proxy.url,
                "starttls": True,
                "ca-file": str(certificates.authority),
                "bind-dn": READER,
                "password-file": "pw",
            }
        )
        assert bound(run("survey", "@x")) == [f"as {READER}"]
        assert (len(proxy.seen("extendedReq")), proxy.saw(b"secret")) == (1, False)
    with Proxy(house.port) as proxy:
        settings(x={"url": proxy.url, "page-size": 2, "bind-dn": READER, "password-file": "pw"})
        assert run("survey", "@x").code == 4, "that a password may go in the clear is said anew each time"
        assert run("survey", "@x", "--insecure-plain").code == 3
        many = len(proxy.seen("searchRequest"))
        assert run("survey", "@x", "--insecure-plain", "--page-size", "100").code == 3
        assert len(proxy.seen("searchRequest")) - many < many


def test_the_timeout_of_a_profile(run, settings):
    with Listener(mute) as listener:
        settings(x={"url": listener.url, "timeout": 0.2})
        assert "no answer within 0.2 s" in run("survey", "@x").err
        assert "no answer within 0.1 s" in run("survey", "@x", "--timeout", "0.1").err


# --- Whose word counts ------------------------------------------------------------------------------------------------


def test_line_environment_profile_table_default(run, settings, house):
    said, table, profile = ("--bind-dn", ADMIN), {"bind-dn": USER, "password-file": "pw"}, {"url": house.local_url}
    env = {"REMEDY_SURVEY_BIND_DN": "cn=writer,o=FABRIKAM", "REMEDY_SURVEY_PASSWORD_FILE": "pw"}
    settings(x=profile)
    assert bound(run("survey", "@x")) == ["by SASL EXTERNAL"]
    settings(survey=table, x=profile)
    assert bound(run("survey", "@x")) == bound(run("survey", house.local_url)) == [f"as {USER}"]
    settings(survey=table, x={**profile, "bind-dn": READER, "password-file": "pw"})
    assert bound(run("survey", "@x")) == [f"as {READER}"]
    assert bound(run("survey", house.local_url)) == [f"as {USER}"]
    assert bound(run("survey", "@x", env=env)) == ["as cn=writer,o=FABRIKAM"]
    assert bound(run("survey", "@x", *said, "--password-file", "pw", env=env)) == [f"as {ADMIN}"]
    settings(all={"color": "never"}, plan=table, x=profile)
    assert bound(run("survey", "@x")) == ["by SASL EXTERNAL"]


def test_a_password_goes_with_its_name(run, settings, house):
    profile = {"url": house.local_url, "bind-dn": READER, "password-file": "pw"}
    settings(x=profile)
    ran = run("survey", "@x", "--bind-dn", ADMIN)
    assert (ran.code, f"nobody can be asked for the password of {ADMIN}" in ran.err) == (7, True)
    private("other", b"secret")
    assert bound(run("survey", "@x", "--bind-dn", ADMIN, "--password-file", "other")) == [f"as {ADMIN}"]
    settings(survey={"password-file": "pw"})
    assert bound(run("survey", house.local_url, "--bind-dn", ADMIN)) == [f"as {ADMIN}"]


def test_the_kind_of_directory_of_a_profile(run, settings, house):
    settings(survey={"dialect": "auto"}, x={"url": house.local_url, "dialect": "exchange55"})
    for words in (("@x",), ("@x", "--dialect", "auto"), ("@x", "--dialect", "exchange55")):
        assert "taken for the kind exchange55, " in run("survey", *words).err
    settings(x={"url": house.local_url, "dialect": "exchange56"})
    assert run("survey", house.local_url).code == 1


# --- What cannot be meant ---------------------------------------------------------------------------------------------


def test_profiles_that_are_not_there(run, settings, house):
    assert "There is no profile @y; the settings have none. A file of that name is ./@y." in run("survey", "@y").err
    settings(x={"url": house.local_url}, **{"profile.a": {"url": "ldap://h"}})
    for words in (("survey", "@y"), ("plan", "@"), ("verify", "@X"), ("rollback", "j", "@y"), ("survey", "@x", "@y")):
        ran = run(*words)
        assert (ran.code, "there are a and x." in ran.err) == (2, True)
    assert "the settings have none" in run("--no-config", "survey", "@x").err


def test_a_profile_without_a_url(run, settings):
    settings(x={"bind-dn": READER})
    ran = run("survey", "@x")
    assert (ran.code, ran.err) == (2, "remedy: The profile @x has no url.\n")
    assert run("survey", "ldap://127.0.0.1:1").code == 7, "nobody asked for it"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("url", 5, "no URL"),
        ("url", "http://x", "no URL"),
        ("url", "", "no URL"),
        ("page-size", "x", "'x' is not a valid integer"),
        ("page-size", 0, "0 is not in the range"),
        ("page-size", True, "no text or number"),
        ("page-size", 1.5, "'1.5' is not a valid integer"),
        ("timeout", -1, "not in the range"),
        ("timeout", 0, "not in the range"),
        ("timeout", "soon", "not a valid float"),
        ("timeout", True, "no text or number"),
        ("timeout", [5], "no text or number"),
        ("sasl", "foo", "'foo' is not one of"),
        ("sasl", True, "no text or number"),
        ("bind-dn", "", "it is empty"),
        ("bind-dn", True, "no text or number"),
        ("ca-file", "", "it is empty"),
        ("ca-file", False, "no text or number"),
        ("password-file", "", "it is empty"),
        ("starttls", "yes", "neither true nor false"),
        ("starttls", 1, "neither true nor false"),
        ("dialect", "foo", "'foo' is not one of"),
        ("dialect", 5, "'5' is not one of"),
        ("insecure-plain", True, "never taken from a file. Say --insecure-plain"),
        ("password", "secret-word", "passwords never stand in a settings file"),
        ("bind-password", "secret-word", "passwords never stand in a settings file"),
        ("pagesize", 5, "no such option here. Do you mean page-size"),
        ("format", "json", "no such option here"),
        ("include", "A/*", "no such option here"),
        ("color", "never", "no such option here"),
        ("yes", True, "never taken from a file"),
    ],
)
def test_a_bad_key_is_told_with_its_line(run, settings, key, value, said):
    path = settings(survey={"format": "table"}, x={**({} if key == "url" else {"url": "ldap://h"}), key: value})
    line = path.read_text().splitlines().index(f"{key} = {json.dumps(value)}") + 1
    for words in (("survey", "@x"), ("survey", "nothing.csv")):
        ran = run(*words)
        assert ran.code == 1
        assert f"remedy: {path}:{line}: [profile.x] {key}: " in ran.err
        assert said in ran.err
        assert "secret-word" not in ran.err


def test_all_faults_at_once(run, settings):
    settings(x={"url": "x://", "timeout": -1, "sasl": "foo"}, **{"profile.y": {"ursl": "ldap://h"}})
    assert len(re.findall(r"remedy\.toml:\d+: \[profile\.[xy]\]", run("survey", "@x").err)) == 4


def test_a_url_that_is_none_or_holds_a_password(run, settings):
    for url, code in (("ldap://", 2), ("ldap://h:x", 2), ("ldap://joe:geheim@h", 2), ("ldap://joe:/geheim@h", 2)):
        settings(x={"url": url})
        ran = run("-vv", "--log-file", "log", "survey", "@x")
        assert (ran.code, "geheim" in ran.err + Path("log").read_text()) == (code, False)


def test_a_file_of_such_a_name(run, settings, house):
    settings(x={"url": house.local_url})
    for name in ("@x", "@y.ldif"):
        Path(name).write_text(sample("fabrikam.ldif"), encoding="utf-8")
        assert "9 postoffices" in run("survey", f"./{name}").out
    assert "3 postoffices" in run("survey", "@x").out
    assert "A file of that name is ./@y.ldif." in run("survey", "@y.ldif").err


def test_v_names_the_settings_and_the_profile(run, settings, secure):
    path = settings(x=secure)
    ran = run("-v", "survey", "@x", "--log-file", "log")
    assert ran.err.startswith(f"remedy: settings: {path}\nremedy: reading @x as ldap\n")
    for text in (ran.err, Path("log").read_text()):
        assert f"{secure['url']}: connected over TLS, bound as {READER}." in text
