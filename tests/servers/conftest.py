"""Servers for the tests in this folder; the whole folder is left out where no slapd is installed."""

import pytest

from tests.servers.slapd import Slapd, is_installed


@pytest.fixture
def slapd(tmp_path):
    """Give a fresh server that plays Exchange 5.5."""
    if not is_installed():
        pytest.skip("slapd is not installed")
    with Slapd(tmp_path / "slapd") as server:
        yield server
