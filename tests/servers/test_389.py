"""389 Directory Server, a third vendor: it passes what the others pass, and where it differs remedy is not wrong.

It is not owed: ``make test-389`` installs it and runs what is marked so.
"""

import json
from contextlib import closing
from pathlib import Path

import pytest

from remedy import workflow
from remedy.change import Add, Mod, Modify, Op
from remedy.dn import DN
from remedy.documents import survey_document
from remedy.errors import InputError, Refused
from remedy.query import Present, Query
from remedy.stores.ldap import LdapStore, LdapTarget
from remedy.stores.ldap.wire import ASSERTION
from remedy.stores.login import Login
from tests.active_directory import peopled_ad
from tests.conftest import ENTRIES, RECIPIENTS, SITE, custom, ldif
from tests.servers import conftest_live as live
from tests.servers import test_reading_live, test_same_survey
from tests.servers.conftest_live import SECRET, private
from tests.servers.ds389 import Ds389, borrowed
from tests.servers.people import completed
from tests.servers.slapd import ACTIVE_DIRECTORY
from tests.servers.test_store_contract import AD
from tests.stores.contract import ENTRIES as BOXES
from tests.stores.contract import StoreContract

pytestmark = pytest.mark.ds389
desk, run = live.desk, live.run
POSTMASTER = f"cn=Postmaster,{RECIPIENTS}"
EVERYTHING = Query(Present("objectClass"), (), sweep=True)

globals().update(
    borrowed(test_same_survey, but={"test_there_and_back", "test_views_repeat_recipients_and_do_not_count"})
)
globals().update(
    borrowed(test_reading_live, but={"test_places_to_look", "test_limits_are_told_and_nothing_of_it_counts"})
)


@pytest.fixture
def server(third):
    """Give a server with the company."""
    return third(ENTRIES)


def somebody(server, name, **more):
    return Login(bind_dn=server.dn(name), password=lambda: server.password, insecure_plain=True, **more)


def test_active_directory_on_it_shows_the_same(third, tmp_path):
    entries = peopled_ad(ENTRIES)
    (tmp_path / "export.ldif").write_text(ldif(entries), encoding="utf-8")
    server = third(entries, ACTIVE_DIRECTORY)
    shown = (survey_document(workflow.survey(one)) for one in (server.local_url, str(tmp_path / "export.ldif")))
    assert len({json.dumps(test_same_survey.without_places(one)) for one in shown}) == 1


# --- The contract of every store --------------------------------------------------------------------------------------


class TestContract(StoreContract):
    @pytest.fixture(params=["unique", "not unique"])
    def server(self, third, request):
        return third(BOXES, unique=request.param == "unique")

    @pytest.fixture
    def store(self, server):
        with closing(LdapTarget(server.local_url)) as target:
            assert target.asserts is False
            yield target


class TestContractOfActiveDirectory(TestContract):
    words = AD

    @pytest.fixture(params=["unique", "not unique"])
    def server(self, third, request):
        return third(peopled_ad(BOXES), ACTIVE_DIRECTORY, unique=request.param == "unique")


# --- The whole job ----------------------------------------------------------------------------------------------------


def test_there_and_back_by_one_who_may_write_recipients_only(server, run, certificates):
    before = sorted(server.export().splitlines())
    Path("ca.pem").write_bytes(certificates.authority.read_bytes())
    there = (
        f"{server.secure_url}/", "--bind-dn", server.dn("writer"), "--password-file", private("pw", SECRET),
        "--ca-file", "ca.pem",
    )  # fmt: skip
    assert run("survey", *there).code == 3
    assert run("plan", *there, "-o", "plan.json").code == 0
    done = run("apply", "plan.json", *there, "--yes", "--allow", "dirsync-wipe", "--format", "json")
    assert done.code == 0, done.err
    assert {item["result"] for item in done.json["values"]} == {"applied"}
    assert sorted(server.export().splitlines()) != before
    assert run("verify", *there, "--plan", "plan.json").code == 3
    undone = run("rollback", "plan.json.journal", *there, "--yes")
    assert undone.code == 0, undone.err
    assert sorted(server.export().splitlines()) == before


# --- Where it differs -------------------------------------------------------------------------------------------------


def adding(name, value, dn=POSTMASTER):
    return Modify(DN.parse(dn), (Mod(Op.ADD, name, (value,)),))


def refused(server, change, name="writer"):
    """Send a change that is refused; give what is said, nothing of it was made."""
    before = server.export()
    with closing(LdapTarget(f"{server.url}/", somebody(server, name))) as target, pytest.raises(InputError) as caught:
        target.carry_out(change)
    assert server.export() == before
    return str(caught.value)


def test_an_assertion_that_it_does_not_know_is_refused_by_it_and_changes_nothing(server, monkeypatch):
    with closing(LdapTarget(server.local_url)) as target:
        assert not target.offers(ASSERTION)
    monkeypatch.setattr(LdapTarget, "asserts", True)
    said = refused(server, adding("otherMailbox", b"ms$N/P/POSTMASTER"))
    assert "12 unavailableCriticalExtension" in said


def test_an_attribute_that_it_does_not_know_breaks_the_class(server):
    said = refused(server, adding("Extension-Attribute-99", b"x"))
    assert "the server refuses the change: 65 objectClassViolation" in said
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("name", "dn"), [("reader", POSTMASTER), ("writer", f"cn=Site-Addressing,cn=Configuration,{SITE}")]
)
def test_who_may_not_write_is_told_which_right_it_takes(server, name, dn):
    attribute = "otherMailbox" if name == "reader" else "Gateway-Proxy"
    said = refused(server, adding(attribute, b"MS:N/P", dn), name)
    assert "50 insufficientAccessRights" in said
    assert f"The account lacks the right to write {attribute} of this entry." in said
    assert "Permissions Admin" in said


def test_who_may_not_add_is_told_which_right_it_takes(server):
    entry = completed(custom("new", "MS:N/P/NEW"))
    assert "The account lacks the right to make this entry." in refused(server, Add(entry), "reader")


def test_a_base_that_is_not_there_is_refused_though_its_pages_end_in_success(server):
    for base in ("o=NOWHERE", f"cn=nobody,{RECIPIENTS}"):
        with closing(LdapStore(f"{server.local_url}/{base}")) as store:
            assert list(store.read(EVERYTHING)) == []
        with pytest.raises(Refused, match=r"shows no entry\. Check the base in the URL"):
            workflow.survey(f"{server.local_url}/{base}")


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Give a server with more entries than it gives to one search, for tests that change nothing but its limits."""
    with Ds389(tmp_path_factory.mktemp("many") / "it") as running:
        more = (completed(custom(f"more{number}", f"MS:N/P/M{number}")) for number in range(2100))
        yield running.reload((*ENTRIES, *more))


def seen(server, **more):
    with closing(LdapStore(f"{server.url}/", somebody(server, "reader", **more))) as store:
        return len(list(store.read(EVERYTHING)))


def test_pages_go_past_the_limit_of_one_search(many):
    everything = sum(line.startswith("dn:") for line in many.export("1.1").splitlines())
    assert everything > 2100
    with pytest.raises(AssertionError, match=r"Size limit exceeded \(4\)"):
        many.export("1.1", user=many.dn("reader"))
    assert seen(many) == seen(many, page_size=300) == everything


def test_a_page_larger_than_the_limit_counts_for_nothing(many):
    with pytest.raises(InputError, match="4 sizeLimitExceeded") as caught:
        seen(many, page_size=5000)
    assert "--page-size" in str(caught.value)


@pytest.mark.parametrize("name", ["nsslapd-lookthroughlimit", "nsslapd-pagedlookthroughlimit"])
def test_who_may_not_look_through_it_all_is_told_and_nothing_of_it_counts(many, name):
    many.modify(LIMIT.format(name=name, value=1000))
    try:
        with pytest.raises(InputError, match=r"the server ends the search.*: 11 adminLimitExceeded"):
            seen(many)
    finally:
        many.modify(LIMIT.format(name=name, value=5000 if name == "nsslapd-lookthroughlimit" else 0))


LIMIT = """\
dn: cn=config,cn=ldbm database,cn=plugins,cn=config
changetype: modify
replace: {name}
{name}: {value}
-
"""
