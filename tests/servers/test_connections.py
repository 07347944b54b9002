"""Getting to a server as users see it: TLS, downgrades, sockets, servers that are none, URLs (contract: live options)."""

import re
import socket
import time
from contextlib import closing as closed
from contextlib import suppress
from urllib.parse import quote

import pytest

from tests.servers import conftest_live as live
from tests.servers.conftest_live import ADMIN, READER, SECRET, Listener, answering, closing, greeting, mute, private
from tests.servers.lies import refusal, result
from tests.servers.proxy import Action, Proxy, Reply
from tests.servers.slapd import Slapd

pytestmark = pytest.mark.server
desk, run, house, shown = live.desk, live.run, live.house, live.shown
LOGIN = ("--bind-dn", READER, "--password-file", "pw")
WAYS = ("ldaps", "starttls")
STARTTLS, HELLO, ALERT = "1.3.6.1.4.1.1466.20037", 0x16, 0x15


def way(scheme, server, proxy=None, host="127.0.0.1"):
    """Give the words that lead to a server over TLS."""
    port = proxy.port if proxy else server.secure_port if scheme == "ldaps" else server.port
    return [f"ldaps://{host}:{port}"] if scheme == "ldaps" else [f"ldap://{host}:{port}", "--starttls"]


def before(server, scheme):
    """Put a proxy before the port that a scheme means."""
    return Proxy(server.secure_port if scheme == "ldaps" else server.port)


def nothing_went_out(proxy):
    """Nobody was told who we are, and in clear text no more than the wish for TLS was said."""
    assert proxy.connections >= 1
    assert not proxy.saw(SECRET)
    assert not proxy.seen("bindRequest")
    assert [message.oid for message in proxy.seen("extendedReq")] in ([], [STARTTLS])
    for number, to_server in proxy.raw:
        asked = b"".join(m.raw for m in proxy.seen(lambda m: m.to_server and m.connection == number))  # noqa: B023
        rest = bytes(proxy.raw[number, to_server])[len(asked) :] if to_server else b""
        assert not rest or rest[0] in {HELLO, ALERT}, "only TLS follows"


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("scheme", WAYS)
def test_a_certificate_that_is_trusted(run, house, certificates, scheme, host):
    with before(house, scheme) as proxy:
        ran = run("survey", *way(scheme, house, proxy, host), *LOGIN, "--ca-file", certificates.authority)
        assert ran.code == 3, ran
        assert f"connected over TLS, bound as {READER}.\n" in ran.err
        nothing_went_out(proxy)
    system = {"SSL_CERT_FILE": str(certificates.authority)}
    assert run("survey", *way(scheme, house, host=host), *LOGIN, env=system).out == ran.out


@pytest.mark.parametrize("scheme", WAYS)
@pytest.mark.parametrize(
    "case",
    [
        ("good", None, "127.0.0.1", "Name its authority with --ca-file"),
        ("good", "unknown", "127.0.0.1", "The file named by --ca-file does not vouch for it"),
        ("expired", "authority", "localhost", "certificate has expired. No password was sent. Have the certificate renewed"),
        ("elsewhere", "authority", "localhost", "certificate is not valid for 'localhost'. No password was sent. Write the URL"),
        ("elsewhere", "authority", "127.0.0.1", "certificate is not valid for '127.0.0.1'. No password was sent. Write the URL"),
    ],
)  # fmt: skip
def test_a_wrong_certificate_never_gets_a_password(run, shown, certificates, scheme, case):
    name, trusted, host, said = case
    more = ["--ca-file", getattr(certificates, trusted)] if trusted else []
    with before(shown(name), scheme) as proxy:
        ran = run("survey", *way(scheme, shown(name), proxy, host), *LOGIN, *more)
        assert ran.code == 7
        assert said in ran.err
        assert ran.err.count("\n") == 1
        nothing_went_out(proxy)


def refused(code):
    return lambda request: Reply(refusal(request, code, "not today"))


def forged(kind, *numbers):
    """Answer StartTLS by success, and in the same breath say that the bind to come succeeded."""
    return lambda request: Reply(b"".join(result(kind, number or request.id) for number in numbers))


STRIPPERS = [
    *(refused(code) for code in (1, 2, 8, 52, 53, 80, 10)), forged("extendedResp", 0), forged("bindResponse", 0),
    forged("extendedResp", 0, 2, 3), forged("searchResDone", 0), Reply(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    Reply(b"\x30\x03\x02\x01\x01"), Action.CLOSE, Action.SWALLOW,
]  # fmt: skip


@pytest.mark.parametrize("answer", STRIPPERS)
def test_starttls_that_somebody_strips_off(run, house, certificates, answer):
    with before(house, "starttls") as proxy:
        proxy.on("extendedReq", answer)
        words = (*way("starttls", house, proxy), *LOGIN, "--ca-file", certificates.authority, "--timeout", "0.4")
        ran = run("survey", *words)
        assert ran.code == 7, ran
        nothing_went_out(proxy)


def test_what_is_slipped_in_before_tls_counts_for_nothing(run, house, certificates):
    private("wrong", b"wrong")
    with before(house, "starttls") as proxy:
        slipped = b"".join(result("bindResponse", number) for number in (2, 3, 4))
        proxy.on("extendedResp", lambda message: message.raw + slipped)
        words = (*way("starttls", house, proxy), "--bind-dn", ADMIN, "--ca-file", certificates.authority)
        ran = run("survey", *words, "--password-file", "wrong", "--timeout", "2")
        assert ran.code == 7
        assert "connected" not in ran.err
        assert not proxy.saw(b"wrong")


@pytest.mark.parametrize("url", ["ldaps://127.0.0.1:{}", "ldapi://%2Fno%2Fsocket{}"])
def test_starttls_is_for_ldap_only(run, url):
    with Listener(mute) as listener:
        ran = run("survey", url.format(listener.port), "--starttls", *LOGIN)
        assert (ran.code, listener.connections) == (2, 0)
        assert "--starttls is for ldap:// only" in ran.err


def test_a_file_of_authorities_that_is_none(run, certificates):
    private("empty", b"")
    private("torn", certificates.authority.read_bytes()[:100])
    bad = ("nosuch", "empty", "pw", ".", "torn", certificates.folder / "server.key", certificates.folder / "server.csr")
    with Listener(mute) as listener:
        for name in bad:
            ran = run("survey", listener.secure_url, *LOGIN, "--ca-file", name)
            assert ran.code == 1
            assert ran.err.startswith(f"remedy: {name}: ")
            assert ran.err.endswith("Name a file of PEM certificates with --ca-file.\n")
            assert not re.search(r"_ssl|[\[_]", ran.err)
        assert run("survey", listener.secure_url, "--ca-file", "").code == 2
        assert listener.connections == 0


@pytest.mark.parametrize("verb", ["survey", "plan", "trace", "verify", "apply"])
def test_no_password_goes_in_clear_text(run, house, verb):
    assert run("plan", house.local_url, "-o", "plan.json").code == 0
    plan, env = ["plan.json"] * (verb == "apply"), {f"REMEDY_{verb.upper()}_INSECURE_PLAIN": "1"}
    with before(house, "ldap") as proxy:
        for file in ("pw", "nosuch", "-"):
            ran = run(verb, *plan, proxy.url, "--bind-dn", READER, "--password-file", file, stdin=SECRET, env=env)
            assert (ran.code, ran.err.count("--insecure-plain")) == (4, 1)
        assert proxy.connections == 0


def test_clear_text_where_it_is_wanted(run, house, tmp_path):
    with before(house, "ldap") as proxy:
        ran = run("survey", proxy.url, *LOGIN, "--insecure-plain")
        assert ran.code == 3
        assert f"{proxy.url}: connected without encryption, bound as {READER}.\n" in ran.err
        assert proxy.saw(SECRET)
    with Slapd(tmp_path / "open", access="access to * by * read\n") as server, before(server, "ldap") as proxy:
        anonymous = run("survey", proxy.url)
        assert (anonymous.code, anonymous.out) == (3, ran.out)
        assert "without encryption, bound as nobody" in anonymous.err
        (bind,) = proxy.seen("bindRequest")
        assert (bind.dn, bind.body[2][1]) == ("", b"")


def test_ldapi_binds_by_who_runs_it(run, house):
    local = run("survey", house.local_url)
    assert local.code == 3
    assert f"{house.local_url}: connected over a local socket, bound by SASL EXTERNAL.\n" in local.err
    for more in (("--sasl", "external"), LOGIN, (*LOGIN, "--sasl", "none")):
        ran = run("survey", house.local_url, *more)
        assert (ran.code, ran.out) == (3, local.out)
        assert (f"bound as {READER}" in ran.err) == ("--bind-dn" in more)
    nobody = run("survey", house.local_url, "--sasl", "none")
    assert nobody.code == 1
    assert "bound as nobody" in nobody.err
    assert "--bind-dn" in nobody.err
    assert run("survey", house.local_url, *LOGIN, "--sasl", "external").code == 2


@pytest.mark.parametrize("name", ["plain", "a b", "a%41", "50%", "münchen", "a@b", "q?x#y", "UPPER"])
def test_sockets_of_any_name(run, house, tmp_path, name):
    (tmp_path / name).symlink_to(house.socket)
    ran = run("survey", f"ldapi://{quote(str(tmp_path / name), safe='')}/o=FABRIKAM")
    assert ran.code == 3, ran


def test_sasl_that_cannot_be(run, house, certificates):
    trusted = ("--ca-file", certificates.authority)
    for words in ((house.url,), (house.secure_url, *trusted), (house.url, "--starttls", *trusted)):
        ran = run("survey", *words, "--sasl", "external")
        assert ran.code == 7
        assert "7 authMethodNotSupported" in ran.err
        assert "--bind-dn" in ran.err
    assert run("survey", house.url, "--sasl", "digest").code == 2
    with Listener(mute) as listener:
        ran = run("survey", listener.url, "--sasl", "gssapi")
        assert (ran.code, listener.connections, "pip install 'remedy[gssapi]'" in ran.err) == (7, 0, True)


# --- Servers that are none --------------------------------------------------------------------------------------------


def test_nobody_there(run, desk, monkeypatch):
    with closed(socket.create_server(("127.0.0.1", 0))) as gone:
        port = gone.getsockname()[1]
    for url in (f"ldap://127.0.0.1:{port}", f"ldaps://localhost:{port}", f"ldap://[::1]:{port}/"):
        ran = run("survey", url)
        assert ran.code == 7
        assert ran.err.startswith(f"remedy: {url}: cannot connect: ")
        assert ran.err.endswith("Check that the server runs, and that host and port are right.\n")
    for path in (desk / "none", "/" + "x" * 200):
        assert run("survey", f"ldapi://{quote(str(path), safe='')}").code == 7

    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for host in ("exsrv9.fabrikam.com", "a..b", "x" * 70):
        ran = run("survey", f"ldap://{host}/o=X")
        assert ran.code == 7
        assert "there is no host of this name" in ran.err


def test_waiting_ends_when_it_was_said(run, house):
    with Listener(mute) as listener, socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        full_port, crowd = full.getsockname()[1], [socket.socket() for _ in range(8)]
        for one in crowd:
            one.settimeout(0)
            with suppress(BlockingIOError):
                one.connect(("127.0.0.1", full_port))
        crowded = f"ldap://127.0.0.1:{full_port}"
        for words in ((listener.url,), (listener.secure_url,), (listener.url, "--starttls"), (crowded,)):
            began = time.monotonic()
            ran = run("survey", *words, "--timeout", "0.3")
            assert 0.3 <= time.monotonic() - began < 5, words
            assert ran.code == 7
            assert "no answer within 0.3 s; --timeout says how long to wait" in ran.err, ran.err
        for one in crowd:
            one.close()
    for kind in ("bindResponse", "searchResEntry"):
        with before(house, "ldap") as proxy:
            proxy.on(kind, Action.STALL)
            ran = run("survey", proxy.url, *LOGIN, "--insecure-plain", "--timeout", "0.3")
            assert (ran.code, "--timeout" in ran.err) == (7, True)


GARBAGE = ["300702010165020a00", "3003020101", "308100", "3080020101", "300c02010160070a010004000400", "30060201016100", "00" * 8, "ff" * 9]  # fmt: skip
HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
MANNERS = [
    closing, greeting(b"SSH-2.0-OpenSSH_9.2\r\n"), greeting(b"220 mail.fabrikam.com ESMTP\r\n"), answering(HTTP),
    answering(HTTP, end=True), *(answering(bytes.fromhex(text), end=True) for text in GARBAGE),
]  # fmt: skip


@pytest.mark.parametrize("behave", MANNERS)
def test_what_speaks_no_ldap(run, behave):
    with Listener(behave) as listener:
        for words in ((listener.url,), (listener.secure_url,), (listener.url, "--starttls")):
            ran = run("survey", *words, "--timeout", "0.3")
            assert ran.code == 7, ran
            assert re.search(r"cannot connect|TLS cannot be set up|does not let us in|connection is lost", ran.err)


# --- URLs -------------------------------------------------------------------------------------------------------------


NO_URLS = [
    "ldap://", "ldap:///", "ldap:///o=X", "ldaps://:636/", "ldap://h:0/", "ldap://h:65536/", "ldap://h:x/", "ldap://a b/",
    "ldap://::1/", "ldap://[1:2]/", "ldap://[1:2:3]/", "ldap://[fe80::1%25eth0]/", "ldap://[]/", "ldap://h/notadn",
    "ldap://h/o=X??sub", "ldap://h/o=X?cn", "ldap://h/o=%ff", "ldapi://", "ldapi:///", "ldapi://tmp", "LDAP://h/x",
]  # fmt: skip


@pytest.mark.parametrize("url", NO_URLS)
def test_urls_that_are_none(run, url):
    for verb in ("survey", "plan", "verify"):
        ran = run(verb, url)
        assert (ran.code, ran.err.count("\n")) == (2, 1)


SECRET_URLS = [
    "ldap://joe:geheim@h/", "LDAPS://joe:geheim@h:636/o=X", "ldap://joe:/geheim@h/", "ldap://joe:x?geheim@h/o=X",
    "ldap://joe:x geheim@h", "ldap://joe:x@geheim@h/", "ldap://geheim@h/", "ldapi://joe:geheim@%2Ftmp%2Fx/",
]  # fmt: skip


@pytest.mark.parametrize("url", SECRET_URLS)
def test_a_password_in_a_url_is_refused_and_not_shown(run, desk, url):
    for verb in ("survey", "plan", "verify"):
        ran = run("-vv", "--log-file", "log", "--debug", verb, url)
        assert ran.code == 2
        assert "geheim" not in ran.err + (desk / "log").read_text()
        assert "--password-file" in ran.err
