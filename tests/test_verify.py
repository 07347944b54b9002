"""Whether changes landed, and what else moved."""

import pytest

from remedy import workflow
from tests.test_execution import NEW, Desk


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def landed(desk):
    return workflow.verify(str(desk.path), plan=desk.plan).landings


def test_before_and_after(desk):
    assert not any(item.landed for item in landed(desk))
    desk.apply()
    assert all(item.landed and not item.moved and not item.missing for item in landed(desk))
    desk.rollback()
    assert not any(item.landed for item in landed(desk))


def test_what_came_and_went_besides(desk):
    desk.apply()
    desk.edit("otherMailbox: ms$nwtraders/po3/postmaster", "otherMailbox: smtp$new@fabrikam.com")
    (item,) = landed(desk)
    assert item.landed
    assert any("smtp$new@fabrikam.com came" in text for text in item.moved)
    assert any("po3/postmaster went" in text for text in item.moved)


def test_a_value_in_another_case_has_landed(desk):
    desk.apply()
    desk.edit(NEW, NEW.lower())
    assert all(item.landed for item in landed(desk))


def test_a_sink_that_is_gone(desk):
    desk.apply()
    desk.edit("dn: cn=Postmaster,", "dn: cn=Renamed,")
    (item,) = landed(desk)
    assert not item.landed
    assert any("cn=Postmaster" in text for text in item.missing)
