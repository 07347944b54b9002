"""Reading a server: with filters it can be trusted with, by name, in parts, and what it does not say."""

from contextlib import closing

import pytest

from remedy.dialects import Wanted
from remedy.dn import DN
from remedy.errors import InputError, Refused, Unreachable
from remedy.query import AllOf, AnyOf, Contains, Equal, Initial, Named, Present, Query
from remedy.reading import Manner, read
from remedy.stores.ldap import LdapStore
from remedy.stores.login import Login
from tests.conftest import ENTRIES, RECIPIENTS
from tests.servers.lies import EndlessPages, without
from tests.servers.people import peopled
from tests.servers.proxy import Proxy
from tests.servers.slapd import Slapd

pytestmark = pytest.mark.server
ALL = peopled(ENTRIES, "o=FABRIKAM")
JDOE = DN.parse(f"CN=JDOE, {RECIPIENTS}")
CONDITIONS = {
    "present": Present("Routing-List"),
    "equal": Equal("uid", "JDOE"),
    "initial": Initial("Target-Address", "ms:wingtip"),
    "contains": Contains("otherMailbox", "/postmaster"),
    "all": AllOf((Present("uid"), Contains("otherMailbox", "postmast"))),
    "any": AnyOf((Equal("uid", "jdoe"), Present("DXA-Remote-Client"), Named(JDOE))),
    "named": Named(JDOE),
    "named deep": AllOf((Named(JDOE), Present("uid"))),
    "nobody": Equal("uid", "nobody (*)\\"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Slapd(tmp_path_factory.mktemp("reading") / "slapd", entries=ENTRIES) as running:
        yield running


def found(url, query, login=None):
    with closing(LdapStore(url, login)) as store:
        return list(store.read(query))


@pytest.mark.parametrize("sweep", [True, False], ids=["everything", "filtered"])
@pytest.mark.parametrize("name", CONDITIONS)
def test_the_server_gives_what_memory_gives(server, name, sweep):
    query = Query(CONDITIONS[name], ("cn", "uid"), sweep=sweep)
    expected = {entry.dn for entry in ALL if query.wants(entry)}
    entries = found(server.local_url, query)
    assert {entry.dn for entry in entries} == expected
    assert len(entries) == len(expected)


def test_entries_wanted_by_name_come_whole_and_the_others_as_asked(server):
    query = Query(AnyOf((Named(JDOE), Equal("uid", "wtsales"))), ("uid",), sweep=True)
    jdoe, other = found(server.local_url, query)
    assert jdoe.has("textEncodedORAddress")
    assert {attribute.name for attribute in other} == {"objectClass", "uid"}


def test_places_to_look(server):
    everything = Query(Present("objectClass"), ())
    assert len(found(server.local_url, everything)) >= len(ALL)
    below = found(f"{server.local_url}/{RECIPIENTS}", everything)
    assert {entry.dn for entry in below} == {e.dn for e in ALL if e.dn.within(DN.parse(RECIPIENTS))}
    one = found(server.local_url, Query(Present("objectClass"), (), bases=(JDOE,)))
    assert [entry.dn for entry in one] == [JDOE]
    with pytest.raises(InputError, match="32 noSuchObject"):
        found(f"{server.local_url}/o=NOWHERE", everything)


def test_a_server_that_says_nothing_of_itself(server):
    login = Login(bind_dn=server.admin, password=lambda: "secret", insecure_plain=True)
    with Proxy(server.port) as proxy:
        proxy.on(lambda m: m.kind == "searchResEntry" and not m.dn, without("namingContexts"))
        with pytest.raises(InputError, match="does not say where its directory begins"):
            found(f"{proxy.url}/", Query(Present("uid"), ()), login)
        assert found(f"{proxy.url}/o=FABRIKAM", Query(Present("uid"), ()), login)


def test_pages_without_an_end(server):
    login = Login(bind_dn=server.admin, password=lambda: "secret", insecure_plain=True, page_size=5)
    with Proxy(server.port, rule=EndlessPages()) as proxy, pytest.raises(Unreachable, match="empty pages"):
        found(f"{proxy.url}/", Query(Present("objectClass"), (), sweep=True), login)


def test_limits_are_told_and_nothing_of_it_counts(tmp_path):
    more = [entry for entry in ENTRIES for _ in range(1)]
    limits = 'limits dn.exact="cn=poor,{suffix}" size=500 size.pr=5 size.prtotal=8'
    with Slapd(tmp_path / "slapd", entries=more, limits=limits) as server:
        poor = Login(bind_dn=server.dn("poor"), password=lambda: "secret", insecure_plain=True, page_size=5)
        with pytest.raises(InputError, match=r"after \d+ entries, which count for nothing: 4 sizeLimitExceeded"):
            found(server.url, Query(Present("objectClass"), (), sweep=True), poor)
        rich = Login(bind_dn=server.dn("poor"), password=lambda: "secret", insecure_plain=True, page_size=1000)
        with pytest.raises(InputError, match="--page-size"):
            found(server.url, Query(Present("objectClass"), (), sweep=True), rich)


def test_an_empty_directory_is_refused(server):
    user = Login(bind_dn=server.dn("user"), password=lambda: "secret", insecure_plain=True)
    with (
        closing(LdapStore(f"{server.url}/cn=HUBPOSYS,{RECIPIENTS}", user)) as store,
        pytest.raises((Refused, InputError)),
    ):
        read([store], Wanted(), Manner())
