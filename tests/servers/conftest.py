"""Servers for the tests in this folder.

A test marked ``server`` runs where slapd and its tools are; elsewhere it is skipped and says how to get them, and where
CI is set it fails: a server that is missing there is a mistake that nobody would see. Only ``ds389`` is never owed.
"""

import fcntl
import os
from contextlib import ExitStack

import pytest

from tests.conftest import ENTRIES
from tests.servers import ds389, samba
from tests.servers.certificates import make_certificates
from tests.servers.slapd import EXCHANGE55, HELP, Slapd, missing

NEEDS = {
    "server": (missing, HELP),
    "samba": (samba.missing, samba.HELP),
    "ds389": (ds389.missing, ds389.HELP),
}
OPTIONAL = {"ds389"}
"""What CI does without."""


def pytest_runtest_setup(item):
    """Let no server test pass unseen without a server."""
    for marker, (looked_for, how) in NEEDS.items():
        if item.get_closest_marker(marker) and (gone := looked_for()):
            needed = f"{', '.join(gone)} not found; get it all with: {how}"
            if os.environ.get("CI") and marker not in OPTIONAL:
                pytest.fail(needed, pytrace=False)
            pytest.skip(needed)


@pytest.fixture
def slapd(tmp_path):
    """Give a fresh server that plays Exchange 5.5."""
    with Slapd(tmp_path / "slapd") as server:
        yield server


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """Give authorities and certificates, made once."""
    return make_certificates(tmp_path_factory.mktemp("certificates") / "made")


@pytest.fixture(scope="session")
def template(tmp_path_factory, certificates):
    """Give a provisioned domain, made once a test run, whichever process needs it first."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    with (shared / "samba.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "samba" / "ready").exists():
            samba.make_template(shared / "samba", certificates.good)
            (shared / "samba" / "ready").touch()
    return shared / "samba" / "dc"


@pytest.fixture(scope="module")
def domain(tmp_path_factory, template, certificates):
    """Give a domain controller with the company on it; a module has one of its own."""
    with samba.SambaAD(tmp_path_factory.mktemp("samba") / "dc", template, certificates.good) as server:
        server.add(ENTRIES)
        yield server


@pytest.fixture(scope="session")
def third(tmp_path_factory, certificates):
    """Give a 389 Directory Server with some entries and nothing else; one of a kind is made, when it is first wanted."""
    made = {}
    with ExitStack() as running:

        def give(entries, model=EXCHANGE55, *, unique=False):
            kind = (model.suffix, unique)
            if kind not in made:
                place = tmp_path_factory.mktemp("ds389") / "it"
                made[kind] = running.enter_context(ds389.Ds389(place, model, tls=certificates.good, unique=unique))
            return made[kind].reload(entries)

        yield give
