"""The servers, certificates and the proxy of this folder do what other tests rely on."""

import ssl
import subprocess
import sys
from contextlib import contextmanager

import pytest

from remedy.ldif import dump_entry
from remedy.query import Present, Query
from remedy.stores.ldif import LdifStore
from tests.conftest import ENTRIES, RECIPIENTS, folder, group
from tests.servers.people import ACCOUNTS, PASSWORD, completed
from tests.servers.proxy import Proxy
from tests.servers.slapd import Slapd, missing

pytestmark = [
    pytest.mark.server,
    pytest.mark.filterwarnings("ignore:(tagMap|typeMap) is deprecated:DeprecationWarning"),
]
JDOE = f"cn=jdoe,{RECIPIENTS}"
ALL = "(objectClass=*)"


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """Give a server with the company, for tests that change nothing that others read."""
    with Slapd(tmp_path_factory.mktemp("company") / "slapd", entries=ENTRIES) as server:
        yield server


@contextmanager
def connected(url, user=None, **options):
    """Connect, and hang up afterwards: ldap3's own way leaves a connection as it was when it was entered, which is open."""
    import ldap3

    server = ldap3.Server(url, get_info=ldap3.NONE, tls=options.pop("tls", None), connect_timeout=5)
    options = {"receive_timeout": 5, "auto_range": False, "auto_referrals": False, "auto_bind": True, **options}
    room = ldap3.Connection(server, user, PASSWORD if user else None, **options)
    try:
        yield room
    finally:
        room.unbind()


def trusting(authority):
    """Verify with the host's name and address, and leave no socket open; ldap3's own way does neither on every Python."""
    import ldap3

    class Strict(ldap3.Tls):
        def wrap_socket(self, connection, do_handshake=False):  # noqa: ARG002, FBT002 - ldap3's signature
            context = ssl.create_default_context(cafile=authority)
            connection.socket = context.wrap_socket(connection.socket, server_hostname=connection.server.host)

    return Strict()


def add(value):
    import ldap3

    return {"otherMailbox": [(ldap3.MODIFY_ADD, [value])]}


def entries_of(answer):
    return [one for one in answer if one["type"] == "searchResEntry"]


def ldap_error():
    from ldap3.core import exceptions

    return exceptions.LDAPExceptionError


# --- slapd ------------------------------------------------------------------------------------------------------------


def test_nothing_of_an_entry_is_lost(tmp_path, company):
    path = tmp_path / "export.ldif"
    path.write_text(company.export("*"))
    held = list(LdifStore(path, strict=True).read(Query(Present("objectClass"), ())))
    names = {entry.dn for entry in ENTRIES}
    assert [dump_entry(one) for one in held if one.dn in names] == [dump_entry(completed(one)) for one in ENTRIES]
    assert [one.dn.leaf for one in held if one.dn not in names] == [
        *("FABRIKAM", "SEATTLE", "Configuration", "Connections", "Recipients"),
        *ACCOUNTS,
    ]


def test_a_killed_server_comes_back_under_its_name(slapd):
    url = slapd.url
    slapd.modify(f"dn: {JDOE}\nchangetype: modify\nadd: otherMailbox\notherMailbox: ms$N/P/KEPT\n")
    slapd.kill()
    with pytest.raises(AssertionError, match="Can't contact"):
        slapd.export()
    slapd.start()
    assert slapd.url == url
    assert "ms$N/P/KEPT" in slapd.export("otherMailbox")
    slapd.reload((group("all"), folder("news")))
    assert "jdoe" not in slapd.export("1.1")
    assert "cn: news" in slapd.export("*")


def test_accounts_may_do_what_they_are_there_for(company):
    def may(name, dn):
        with connected(company.url, company.dn(name)) as room:
            room.modify(dn, add("ms$N/P/RIGHTS"))
            if room.result["result"] == 0:
                room.modify(dn, {"otherMailbox": [("MODIFY_DELETE", ["ms$N/P/RIGHTS"])]})
            room.search(company.suffix, "(Hide-From-Address-Book=TRUE)")
            return len(entries_of(room.response))

    def code(name, dn):
        with connected(company.url, company.dn(name)) as room:
            room.modify(dn, add("ms$N/P/RIGHTS"))
            return room.result["result"]

    connector = str(ENTRIES[1].dn)
    assert [may(name, JDOE) for name in ("reader", "writer", "user")] == [1, 1, 0]
    assert [code(name, connector) for name in ("reader", "writer", "user")] == [50, 50, 50]
    assert code("reader", JDOE) == 50


def said_without_servers(environment, *words):
    """Run tests where no server is found; give what is said."""
    lines = "import sys; import tests.servers.slapd as room; room.PATH = '/nowhere'; import pytest"
    code = f"{lines}; sys.exit(pytest.main({['-q', '-p', 'no:cacheprovider', *words]!r}))"
    environment = {"PATH": "/nowhere", **environment}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_a_missing_server_is_skipped_loudly_and_fails_in_ci():
    assert missing() == []
    for environment, ended in (({}, "1 skipped"), ({"CI": "1"}, "1 error")):
        said = said_without_servers(
            environment, "tests/servers/test_fixtures.py", "-k", "test_nothing_of_an_entry_is_lost"
        )
        assert ended in said
        assert "apt-get install slapd ldap-utils" in said


@pytest.mark.parametrize("environment", [{}, {"CI": "1"}])
def test_the_third_server_is_owed_nowhere(environment):
    said = said_without_servers(environment, "tests/servers/test_389.py", "-k", "pages_go_past")
    assert "1 skipped" in said
    assert "get it all with: make test-389" in said


# --- Certificates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "trusted", "refused"),
    [
        ("good", "authority", ""),
        ("good", "unknown", "unable to get local issuer|self-signed certificate"),
        ("expired", "authority", "certificate has expired"),
        ("elsewhere", "authority", "certificate is not valid for"),
    ],
)
def test_certificates(tmp_path, certificates, shown, trusted, refused):
    tls = trusting(getattr(certificates, trusted))
    with Slapd(tmp_path / "slapd", tls=getattr(certificates, shown)) as server:
        for url, early in ((server.url, "TLS_BEFORE_BIND"), (server.secure_url, True)):
            for named in (url, url.replace("127.0.0.1", "localhost")):
                if refused:
                    refusal = pytest.raises(ldap_error(), match=refused)
                    with refusal, connected(named, server.dn("reader"), tls=tls, auto_bind=early):
                        pass
                else:
                    with connected(named, server.dn("reader"), tls=tls, auto_bind=early) as room:
                        assert room.search(server.suffix, ALL)


def test_a_password_does_not_show_in_tls(tmp_path, certificates):
    with Slapd(tmp_path / "slapd", tls=certificates.good) as server:
        for port, url, early in (
            (server.port, "url", "TLS_BEFORE_BIND"),
            (server.secure_port, "secure_url", True),
            (server.port, "url", True),
        ):
            with Proxy(port) as proxy:
                tls = trusting(certificates.authority)
                with connected(getattr(proxy, url), server.dn("reader"), tls=tls, auto_bind=early) as room:
                    assert room.search(server.suffix, ALL)
                clear = (url, early) == ("url", True)
                assert proxy.saw(PASSWORD.encode()) == clear
                assert bool(proxy.seen("bindRequest")) == clear
                assert len(proxy.seen("extendedReq")) == (early is not True)
                assert proxy.writes() == []
