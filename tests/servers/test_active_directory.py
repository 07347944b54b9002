"""Active Directory on real servers: one company whichever door it comes in by, its catalogue, its limits and refusals."""

from contextlib import closing
from dataclasses import replace

import pytest

from remedy import workflow
from remedy.dialects import by_name
from remedy.documents import survey_document
from remedy.errors import InputError, Refused, Stale, Unreachable
from remedy.execution import ApplyWishes, apply
from remedy.reading import Manner
from remedy.stores.ldap import LdapStore, LdapTarget
from remedy.stores.login import Login
from remedy.stores.places import Server
from remedy.undoing import RollbackWishes, rollback
from tests.active_directory import DOMAIN, USERS, as_ad, as_ldifde, peopled_ad
from tests.conftest import COMPANY, ENTRIES, ROWS, connector, custom, ldif, mailbox
from tests.servers.lies import Ranges, silent_page_cap
from tests.servers.people import account, peopled
from tests.servers.proxy import Proxy
from tests.servers.samba import PASSWORD, SambaAD, free_address
from tests.servers.slapd import ACTIVE_DIRECTORY, Slapd

SINK = f"CN=Postmaster,{USERS}"


@pytest.fixture(scope="module")
def slapd_ad(tmp_path_factory):
    with Slapd(tmp_path_factory.mktemp("ad") / "slapd", ACTIVE_DIRECTORY, entries=peopled_ad(ENTRIES)) as running:
        yield running


@pytest.fixture(scope="module")
def slapd_55(tmp_path_factory):
    with Slapd(tmp_path_factory.mktemp("e55") / "slapd", entries=ENTRIES) as running:
        yield running


def at(domain, name=None, password=PASSWORD, **more):
    return Server(url=f"{domain.secure_url}/", login=domain.login(*([name] if name else []), password=password, **more))


# --- One company, every door ------------------------------------------------------------------------------------------


def written(path, data):
    path.write_bytes(data)
    return str(path)


DOORS = {
    "5.5 LDIF": lambda folder, _55, _ad, _dc: written(folder / "a.ldif", ldif(peopled(ENTRIES, "o=FABRIKAM")).encode()),
    "AD LDIF": lambda folder, _55, _ad, _dc: written(folder / "b.ldif", ldif(peopled_ad(ENTRIES)).encode()),
    "AD ldifde": lambda folder, _55, _ad, _dc: written(folder / "c.ldf", as_ldifde(peopled_ad(ENTRIES))),
    "slapd 5.5": lambda _folder, e55, _ad, _dc: e55.local_url,
    "slapd AD": lambda _folder, _55, ad, _dc: ad.local_url,
    "Samba": lambda _folder, _55, _ad, dc: at(dc),
    "the export of Samba": lambda folder, _55, _ad, dc: written(folder / "d.ldif", dc.export("*").encode()),
    "the catalogue of Samba": lambda _folder, _55, _ad, dc: Server(url=f"ldaps://{dc.address}:3269/", login=dc.login()),
}


@pytest.mark.server
@pytest.mark.samba
@pytest.mark.parametrize("door", DOORS)
def test_every_door_shows_the_same_company(company, slapd_55, slapd_ad, domain, door):
    source = DOORS[door](company.folder, slapd_55, slapd_ad, domain)
    more = []
    if door == "the export of Samba":  # the configuration is a context of its own
        more = [written(company.folder / "e.ldif", domain.export("*", base=f"CN=Configuration,{DOMAIN}").encode())]
    inventory = company.inventory(ROWS)
    table, traces = company.rows(source, *more, inventory), company.traces(source, *more, inventory)
    judged = {name: (row["coverage"], traces[name]["before"]["outcome"]) for name, row in table.items()}
    assert judged == {name: (coverage, outcome) for name, (_, coverage, outcome, _) in COMPANY.items()}
    plan = workflow.plan(source, *more, inventory)
    planned = {name for change in plan.to_dict()["changes"] for name in change["postoffices"]}
    assert planned == {name for name, (*_, wanted) in COMPANY.items() if wanted}


@pytest.mark.samba
def test_an_inventory_alone_shows_the_same_postoffices(company):
    assert set(company.rows(company.inventory(ROWS))) == set(COMPANY)


@pytest.mark.samba
def test_the_kind_and_the_lines_are_said_aloud(domain):
    said = []
    server = Server(url=f"{domain.secure_url}/", login=domain.login(), tell=said.append)
    found = workflow.survey(server, manner=Manner(tell=said.append))
    assert "taken for the kind active-directory" in said[-1]
    assert any(":3269/: connected over TLS" in text for text in said)
    codes = {finding.code for finding in found.findings}
    assert not codes & {"not-asked", "no-hidden-objects-seen"}


# --- There and back ---------------------------------------------------------------------------------------------------


@pytest.mark.samba
@pytest.mark.parametrize("scheme", ["ldaps", "starttls"])
def test_there_and_back_on_a_domain_controller(tmp_path, tmp_path_factory, template, certificates, scheme):
    with SambaAD(tmp_path_factory.mktemp("back") / "dc", template, certificates.good) as dc:
        dc.add(ENTRIES)
        before = sorted(dc.export("proxyAddresses", base=USERS).splitlines())
        path = tmp_path / "export.ldif"
        path.write_text(ldif(peopled_ad(ENTRIES)))
        url, more = (f"{dc.secure_url}/", {}) if scheme == "ldaps" else (f"{dc.url}/", {"starttls": True})
        server = Server(url=url, login=dc.login(**more))
        plan = workflow.plan(server if scheme == "ldaps" else str(path))  # a plan of an export fits the server too
        assert plan.dialect == "active-directory"
        assert not plan.hazards
        report = apply(plan, server, ApplyWishes(journal=tmp_path / "journal"), lambda _: True)
        assert report.counts.planned == report.counts.applied > 0
        assert report.unseen == ()
        assert not workflow.plan(server).steps
        assert all(item.landed for item in workflow.verify(server, plan=plan).landings)
        undone = rollback(tmp_path / "journal", server, RollbackWishes(), lambda _: True)
        assert set(undone.ends) == {"undone"}
        assert sorted(dc.export("proxyAddresses", base=USERS).splitlines()) == before


@pytest.mark.samba
def test_a_case_variant_is_there_already_though_samba_would_take_it(domain, tmp_path):
    plan = workflow.plan(at(domain))
    value = plan.steps[-1].change.mods[0].values[0].decode().upper()
    swap = f"dn: {SINK}\nchangetype: modify\n{{}}: proxyAddresses\nproxyAddresses: {value}\n-\n"
    domain.modify(swap.format("add"))
    try:
        report = apply(plan, at(domain), ApplyWishes(journal=tmp_path / "j", dry_run=True), lambda _: True)
        assert report.counts.already == 1
    finally:
        domain.modify(swap.format("delete"))


@pytest.mark.samba
def test_the_cap_rises_with_the_functional_level(domain):
    assert {
        hazard["name"] for hazard in workflow.plan(at(domain), wishes=workflow.Wishes(max_proxies=900)).hazards
    } == set()
    over = workflow.plan(at(domain), wishes=workflow.Wishes(max_proxies=1201))
    assert {hazard["name"] for hazard in over.hazards} == {"over-limit"}


# --- Who may, and who may not -----------------------------------------------------------------------------------------


@pytest.mark.samba
@pytest.mark.parametrize(
    "name", ["Administrator@fabrikam.com", "FABRIKAM\\Administrator", f"CN=Administrator,CN=Users,{DOMAIN}"]
)
def test_forms_of_names(domain, name):
    assert workflow.survey(at(domain, name)).rows


@pytest.mark.samba
def test_who_does_not_get_in(domain):
    with pytest.raises(Unreachable, match="invalidCredentials"):
        workflow.survey(at(domain, password="wrong"))
    plain = Server(url=f"{domain.url}/", login=domain.login())
    with pytest.raises(Refused, match="clear text"):
        workflow.survey(plain)
    plain = Server(url=f"{domain.url}/", login=domain.login(insecure_plain=True))
    with pytest.raises(Unreachable, match=r"strongerAuthRequired.*--starttls"):
        workflow.survey(plain)
    with pytest.raises(InputError, match="--bind-dn"):
        workflow.survey(Server(url=f"{domain.url}/"))


@pytest.mark.samba
def test_a_right_that_is_missing_is_named(tmp_path, tmp_path_factory, template, certificates):
    with SambaAD(tmp_path_factory.mktemp("rights") / "dc", template, certificates.good) as dc:
        dc.add(ENTRIES)
        dc.person("clerk")
        plan = workflow.plan(at(dc))
        clerk = at(dc, "clerk@fabrikam.com")
        report = apply(plan, clerk, ApplyWishes(journal=tmp_path / "j"), lambda _: True)
        assert report.counts.failed == report.counts.planned
        assert "insufficientAccessRights" in str(report.trouble)
        assert "the right to write proxyAddresses" in str(report.trouble)
        assert "/PO1/POSTMASTER" not in dc.export("proxyAddresses", base=SINK)
        report = apply(plan, at(dc), ApplyWishes(journal=tmp_path / "j", resume=True), lambda _: True)
        assert report.counts.applied == report.counts.planned


# --- What Samba does not do: caps and parts, told by hand -------------------------------------------------------------


@pytest.mark.server
@pytest.mark.parametrize("size", [1, 3])
def test_a_page_that_is_cut_down_silently(slapd_ad, size):
    reader = Login(bind_dn=slapd_ad.dn("reader"), password=lambda: slapd_ad.password, insecure_plain=True)
    straight = survey_document(workflow.survey(slapd_ad.local_url))
    with Proxy(slapd_ad.port, rule=silent_page_cap(size)) as proxy:
        capped = survey_document(workflow.survey(Server(url=f"{proxy.url}/", login=reader)))
        pages = [m for m in proxy.seen("searchRequest") if "1.2.840.113556.1.4.319" in m.controls]
    assert len(pages) > 5
    assert [row["coverage"] for row in capped["postoffices"]] == [row["coverage"] for row in straight["postoffices"]]


@pytest.mark.server
def test_values_in_parts_of_1500(tmp_path):
    many = [f"smtp:old{number}@fabrikam.com".encode() for number in range(3200)]
    sink = as_ad(mailbox("Postmaster"))
    sink = sink.with_values("proxyAddresses", (*sink.exact("proxyAddresses"), *many, b"ms:NWTRADERS/PO1/POSTMASTER"))
    entries = (*peopled_ad([connector("MS:NWTRADERS/PO1;1", "MS:NWTRADERS/PO2;1")]), sink)
    with (
        Slapd(tmp_path / "slapd", ACTIVE_DIRECTORY, entries=peopled(entries, DOMAIN), unique=False) as server,
        Proxy(server.port, rule=Ranges("proxyAddresses", 1500)) as proxy,
    ):
        login = Login(bind_dn=server.admin, password=lambda: server.password, insecure_plain=True)
        rows = {str(row.po.name): row for row in workflow.survey(Server(url=f"{proxy.url}/", login=login)).rows}
        assert rows["NWTRADERS/PO1"].coverage == "exchange-mailbox"
        (holder,) = rows["NWTRADERS/PO1"].po.holders
        assert holder.addresses == 3 + 3200 + 1
        with pytest.raises(Refused, match="--mailbox"):  # it is past every cap
            workflow.plan(Server(url=f"{proxy.url}/", login=login))


# --- A forest ---------------------------------------------------------------------------------------------------------

FOREST = f"""\
dn:
defaultNamingContext: {DOMAIN}
configurationNamingContext: CN=Configuration,{DOMAIN}
rootDomainNamingContext: {DOMAIN}
forestFunctionality: 0
isGlobalCatalogReady: {{}}
"""
OTHER = "DC=wingtip,DC=com"


@pytest.fixture
def forest(tmp_path):
    """Give two servers on the ports of one domain controller: its domain, and the catalogue of the forest."""
    made = []

    def make(*others, ready="TRUE", catalogue=True):
        address, shows = free_address(), FOREST.format(ready)
        company = peopled_ad(ENTRIES)
        main = Slapd(tmp_path / "main", ACTIVE_DIRECTORY, entries=company, address=address, port=389, root_dse=shows)
        made.append(main.start())
        if catalogue:
            everything = (account("admin", DOMAIN), *company, *others)
            whole = Slapd(
                tmp_path / "whole", replace(ACTIVE_DIRECTORY, suffix="DC=com"), entries=everything, address=address,
                port=3268, root_dse=shows, first='defaultsearchbase "DC=com"', sizelimit="unlimited", unique=False,
            )  # fmt: skip
            made.append(whole.start())
        login = Login(bind_dn=main.admin, password=lambda: main.password, insecure_plain=True)
        return Server(url=f"{main.url}/", login=login)

    yield make
    for server in made:
        server.stop()


def elsewhere(entry):
    found = as_ad(entry)
    return type(found).of(str(found.dn).replace(DOMAIN, OTHER), {item.name: item.values for item in found})


@pytest.mark.server
def test_a_holder_in_another_domain_is_found(forest, tmp_path):
    plan_of_one = workflow.plan(written(tmp_path / "a.ldif", ldif(peopled_ad(ENTRIES)).encode()))
    server = forest(elsewhere(mailbox("bob", "ms$NWTRADERS/PO1/POSTMASTER")))
    rows = {str(row.po.name): row.coverage for row in workflow.survey(server).rows}
    assert rows["NWTRADERS/PO1"] == "exchange-mailbox"
    with pytest.raises(Stale, match=f"(?i){OTHER}"):
        apply(plan_of_one, server, ApplyWishes(journal=tmp_path / "j"), lambda _: True)


@pytest.mark.server
def test_a_contact_in_another_domain_shows_its_postoffice(forest):
    rows = {str(row.po.name) for row in workflow.survey(forest(elsewhere(custom("x", "MS:WINGTIP/FAR/X")))).rows}
    assert rows == {*COMPANY, "WINGTIP/FAR"}


@pytest.mark.server
def test_a_catalogue_that_does_not_answer_is_told(forest, tmp_path):
    server = forest(catalogue=False)
    found = [item for item in workflow.survey(server).findings if item.code == "not-asked"]
    assert [":3268/" in item.message for item in found] == [True]
    report = apply(workflow.plan(server), server, ApplyWishes(journal=tmp_path / "j"), lambda _: True)
    assert any(":3268/" in text for text in report.unseen)
    assert report.counts.applied == report.counts.planned


@pytest.mark.server
def test_a_server_that_is_no_catalogue_is_not_asked_for_one(forest):
    server = forest(ready="FALSE", catalogue=False)
    assert "not-asked" not in {item.code for item in workflow.survey(server).findings}


@pytest.mark.server
def test_the_lower_level_of_a_forest_keeps_the_lower_cap(forest):
    plan = workflow.plan(forest(catalogue=False), wishes=workflow.Wishes(max_proxies=801))
    assert {hazard["name"] for hazard in plan.hazards} == {"over-limit"}


@pytest.mark.samba
def test_a_search_of_the_whole_domain_names_no_gap(domain):
    with closing(LdapStore(f"{domain.secure_url}/", domain.login())) as store:
        assert list(store.read(by_name("active-directory").query()))
        assert store.notes().elsewhere == ()
    with closing(LdapTarget(f"{domain.secure_url}/", domain.login())) as target:
        assert not target.asserts
