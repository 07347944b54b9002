"""The real program at 389 Directory Server: it passes what the others pass; it is no part of CI, see test_389."""

import pytest

from tests.servers import test_live_runs
from tests.servers.ds389 import borrowed
from tests.servers.livedesk import ENTRIES

pytestmark = pytest.mark.ds389
desk, proxy = test_live_runs.desk, test_live_runs.proxy
globals().update(borrowed(test_live_runs))


@pytest.fixture
def server(third):
    return third(ENTRIES)
