"""Servers for the tests in this folder.

A test marked ``server`` runs where slapd and its tools are; elsewhere it is skipped and says how to get them, and where
CI is set it fails: a server that is missing there is a mistake that nobody would see.
"""

import os

import pytest

from tests.servers.certificates import make_certificates
from tests.servers.slapd import HELP, Slapd, missing


def pytest_runtest_setup(item):
    """Let no server test pass unseen without a server."""
    if item.get_closest_marker("server") and (gone := missing()):
        needed = f"{', '.join(gone)} not found; get it all with: {HELP}"
        if os.environ.get("CI"):
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
