"""One contract, three kinds of store: memory, a file, and a server of each kind in each of its moods."""

from contextlib import closing

import pytest

from remedy.change import Add
from remedy.dn import DN
from remedy.entry import Entry
from remedy.stores.ldap import LdapTarget
from remedy.stores.memory import MemoryStore
from remedy.stores.target import LdifTarget
from tests.active_directory import USERS, as_ad, as_ldifde, in_words, peopled_ad
from tests.conftest import ldif
from tests.servers.samba import SambaAD
from tests.servers.slapd import ACTIVE_DIRECTORY, Slapd
from tests.stores.contract import ENTRIES, StoreContract, Words


class TestMemory(StoreContract):
    @pytest.fixture
    def store(self):
        return MemoryStore(ENTRIES)


class TestFile(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        path = tmp_path / "export.ldif"
        path.write_text(ldif(ENTRIES), encoding="utf-8")
        return LdifTarget(path)

    def settled(self, store):
        return LdifTarget(store.path)


@pytest.mark.server
class TestServer(StoreContract):
    @pytest.fixture(params=["unique", "not unique"])
    def server(self, tmp_path, request):
        with Slapd(tmp_path / "slapd", entries=ENTRIES, unique=request.param == "unique") as running:
            yield running

    @pytest.fixture(params=["asserted", "read and compared"])
    def store(self, server, request, monkeypatch):
        if request.param != "asserted":
            monkeypatch.setattr(LdapTarget, "asserts", False)
        with closing(LdapTarget(server.local_url)) as target:
            assert target.asserts is (request.param == "asserted")
            yield target


def _contact(alias):
    classes = ("top", "person", "organizationalPerson", "contact")
    proxies = (b"SMTP:new@fabrikam.com", b"ms:NWTRADERS/PO9/POSTMASTER")
    return Add(Entry.of(f"CN={alias},{USERS}", {"objectClass": classes, "cn": alias, "proxyAddresses": proxies}))


AD = Words(
    tuple(map(as_ad, ENTRIES)), "proxyAddresses", lambda text: in_words(text.encode()),
    lambda leaf: DN.parse(f"{leaf},{USERS}"), _contact,
)  # fmt: skip


class TestMemoryOfActiveDirectory(StoreContract):
    words = AD

    @pytest.fixture
    def store(self):
        return MemoryStore(AD.entries)


class TestFileOfActiveDirectory(TestFile):
    words = AD

    @pytest.fixture(params=["utf-8", "ldifde"])
    def store(self, tmp_path, request):
        path = tmp_path / "export.ldf"
        path.write_bytes(as_ldifde(AD.entries) if request.param == "ldifde" else ldif(AD.entries).encode())
        return LdifTarget(path)


@pytest.mark.server
class TestSlapdOfActiveDirectory(TestServer):
    words = AD

    @pytest.fixture(params=["unique", "not unique"])
    def server(self, tmp_path, request):
        entries = peopled_ad(ENTRIES)
        with Slapd(tmp_path / "ad", ACTIVE_DIRECTORY, entries=entries, unique=request.param == "unique") as running:
            yield running


@pytest.fixture(scope="module")
def samba(tmp_path_factory, template, certificates):
    with SambaAD(tmp_path_factory.mktemp("contract") / "dc", template, certificates.good) as server:
        yield server


@pytest.mark.samba
class TestSamba(StoreContract):
    words = AD

    @pytest.fixture
    def store(self, samba):
        samba.refill(ENTRIES)
        with closing(LdapTarget(f"{samba.secure_url}/", samba.login())) as target:
            assert target.asserts is False
            yield target
