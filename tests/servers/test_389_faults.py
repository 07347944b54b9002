"""389 Directory Server under fire: it passes what the others pass; it is no part of CI, see test_389."""

import pytest

from tests.servers import test_live_faults
from tests.servers.ds389 import borrowed
from tests.servers.livedesk import ENTRIES

pytestmark = pytest.mark.ds389
desk, proxy = test_live_faults.desk, test_live_faults.proxy
globals().update(borrowed(test_live_faults))


@pytest.fixture(params=["unique", "not unique"])
def server(third, request):
    return third(ENTRIES, unique=request.param == "unique")
