"""One contract, three kinds of store: memory, a file, and a server in each of its moods."""

from contextlib import closing

import pytest

from remedy.stores.ldap import LdapTarget
from remedy.stores.memory import MemoryStore
from remedy.stores.target import LdifTarget
from tests.conftest import ldif
from tests.servers.slapd import Slapd
from tests.stores.contract import ENTRIES, StoreContract


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
