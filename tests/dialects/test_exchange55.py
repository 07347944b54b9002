"""Exchange 5.5: the contract of every dialect, and the shapes that are its own."""

from dataclasses import replace

import pytest

from remedy.addresses import PostofficeName
from remedy.change import Add
from remedy.dialects import DIALECTS, by_name, detect, lift, query
from remedy.dialects.base import Wanted, named
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import UsageError
from remedy.estate import Home, Site
from remedy.intents import CreateMailbox, CreatePostmaster
from tests.conftest import (
    CONNECTIONS,
    RECIPIENTS,
    SERVERS,
    SITE,
    addressing,
    connector,
    custom,
    folder,
    group,
    made,
    mailbox,
    requestor,
    system,
)
from tests.dialects import contract

EXCHANGE = DIALECTS["exchange55"]
HOME = Home(f"cn=Microsoft Private MDB,cn=EXSRV1,{SERVERS}", f"cn=Microsoft MTA,cn=EXSRV1,{SERVERS}", RECIPIENTS)
X400 = "X400:c=US;a= ;p=FABRIKAM;o=SEATTLE;"
WHOLE = Site(
    dn=SITE,
    order=SITE.lower(),
    own=PostofficeName("FABRIKAM", "SEATTLE"),
    domain="seattle.fabrikam.com",
    templates=("MS:FABRIKAM/SEATTLE", "SMTP:@seattle.fabrikam.com", X400, "CCMAIL:at SEATTLE"),
)
SHOWING = (
    connector("MS:NWTRADERS/PO1;1"),
    connector(kind="1.2.840.113556.1.3.31", server="B"),
    addressing(),
    requestor(),
    made(f"cn=r,{CONNECTIONS}", {"objectClass": "2A864886F714010313"}),
    system("NWTRADERS/PO1"),
    custom("asmith", "MS:NWTRADERS/PO1/ASMITH"),
    custom("asmith", "ms$nwtraders/po1/asmith"),
    custom("hidden", "SMTP:x@y", Hide_From_Address_Book="TRUE"),
    mailbox("a", "ms$nwtraders/po1/postmaster"),
    mailbox("Postmaster"),
    made("cn=x,o=FABRIKAM", {"uid": "postmaster"}),
    group("g", "MS$NWTRADERS/PO1/POSTMASTER"),
    folder("f", "MS:NWTRADERS/PO1/Postmaster"),
)
ORDINARY = (
    mailbox("jdoe"),
    group("staff", "smtp$staff@fabrikam.com"),
    made(SITE, {"objectClass": "organizationalUnit"}),
)
CASE = contract.Case(EXCHANGE, mailbox("jdoe", "smtp$old@fabrikam.com"), HOME, WHOLE, SHOWING, ORDINARY)


@pytest.mark.parametrize("promise", contract.ALL, ids=lambda promise: promise.__name__)
def test_the_contract(promise):
    promise(CASE)


@pytest.mark.parametrize(
    "site", [WHOLE, None, replace(WHOLE, own=None), replace(WHOLE, templates=()), replace(WHOLE, templates=("x", "SMTP:x"))]
)  # fmt: skip
def test_the_contract_of_a_new_mailbox(site):
    contract.shows_mailbox(CASE, site)


def entry_of(site: Site | None) -> Entry:
    change = EXCHANGE.lower(CreateMailbox("MsPmGate", HOME, site, (PostofficeName("NWTRADERS", "PO1"),)))
    assert isinstance(change, Add)
    return change.entry


def test_a_new_mailbox_has_what_public_practice_shows_to_work():
    entry = entry_of(WHOLE)
    assert entry.texts("objectClass") == ("organizationalPerson",)  # facts 2.4: the leaf class only, and no rdn
    assert not entry.has("rdn")
    assert {name: entry.text(name) for name in ("uid", "mailPreferenceOption", "MAPI-Recipient", "MDB-Use-Defaults")} == {
        "uid": "MsPmGate", "mailPreferenceOption": "0", "MAPI-Recipient": "TRUE", "MDB-Use-Defaults": "TRUE",
    }  # fmt: skip
    assert (entry.text("Home-MDB"), entry.text("Home-MTA")) == (HOME.store, HOME.transfer)
    assert entry.text("mail") == "mspmgate@seattle.fabrikam.com"
    assert entry.text("textEncodedORAddress") == "c=US;a= ;p=FABRIKAM;o=SEATTLE;s=MsPmGate;"
    assert entry.texts("otherMailbox") == ("MS$FABRIKAM/SEATTLE/MSPMGATE", "ms$NWTRADERS/PO1/POSTMASTER")


def test_a_new_mailbox_of_a_site_that_nothing_shows():
    entry = entry_of(None)
    assert entry.texts("otherMailbox") == ("ms$NWTRADERS/PO1/POSTMASTER",)
    assert not entry.has("mail")
    assert not entry.has("textEncodedORAddress")


def test_limits_are_the_facts():
    assert (EXCHANGE.cap, EXCHANGE.hard_cap, EXCHANGE.separator, EXCHANGE.page_size) == (150, 200, "$", 100)


def home(entry: Entry) -> Home | None:
    (found,) = lift(EXCHANGE, [entry], "export").connectors
    return found.home


@pytest.mark.parametrize(
    ("changes", "server"),
    [
        ({}, "EXSRV1"),
        ({"Home_MTA": f"cn=Microsoft MTA,cn=EXSRV2,{SERVERS}"}, "EXSRV2"),
        ({"Home_MTA": "", "Computer_Name": "EXSRV3"}, "EXSRV3"),
        ({"Home_MTA": "", "Computer_Name": ""}, "EXSRV1"),
        ({"Home_MTA": "no name", "Computer_Name": ""}, "EXSRV1"),
    ],
)
def test_a_new_mailbox_lives_on_the_server_of_the_connector(changes, server):
    found = home(connector("MS:NWTRADERS/PO1;1", **changes))
    assert found == Home(
        f"cn=Microsoft Private MDB,cn={server},{SERVERS}", f"cn=Microsoft MTA,cn={server},{SERVERS}", RECIPIENTS
    )


def test_a_connector_of_no_server_or_no_site_is_no_home():
    bare = {"Routing-List": "MS:NWTRADERS/PO1;1"}
    assert home(made(f"cn=Link,{CONNECTIONS}", bare)) is None
    assert home(made("cn=Link (EXSRV1),o=FABRIKAM", bare)) is None
    assert home(made("cn=Link (EXSRV1),CN=configuration,ou=SEATTLE,o=FABRIKAM", bare)) is not None


def test_a_site_is_named_by_where_its_addressing_lies():
    (site,) = lift(EXCHANGE, [addressing()], "export").sites
    assert (site.dn, site.domain, str(site.own)) == (SITE, "seattle.fabrikam.com", "FABRIKAM/SEATTLE")


def test_what_a_mailbox_shows():
    entry = mailbox(
        "jdoe", "nonsense", Hide_From_Address_Book="true", Deliv_Cont_Length="10", Auth_Orig=["cn=a", "cn=b"]
    )
    (found,) = lift(EXCHANGE, [entry], "export").recipients
    assert found.hidden
    assert found.restrictions == ("Auth-Orig: cn=a", "Auth-Orig: cn=b", "Deliv-Cont-Length: 10")
    assert [str(proxy) for proxy in found.proxies] == ["MS$FABRIKAM/SEATTLE/JDOE"]
    assert found.addresses == 4
    assert found.home == Home(entry.text("Home-MDB"), entry.text("Home-MTA"), RECIPIENTS)


@pytest.mark.parametrize(
    ("attributes", "alias"),
    [({"uid": "a", "rdn": "b"}, "a"), ({"rdn": "b"}, "b"), ({}, "c")],
)
def test_the_alias_is_uid_or_else_the_name(attributes, alias):
    (found,) = lift(EXCHANGE, [made("cn=c,o=FABRIKAM", {"objectClass": "Mailbox", **attributes})], "export").recipients
    assert found.alias == alias


def test_a_requestor_shows_what_it_exports():
    entry = requestor("SYS", Export_Containers=[RECIPIENTS.upper(), "/o=FABRIKAM/ou=SEATTLE/cn=Sub", "no name"])
    (found,) = lift(EXCHANGE, [entry], "export").requestors
    assert found.client == DN.parse(f"cn=SYS,{RECIPIENTS}").normal
    assert found.exports == (DN.parse(RECIPIENTS).normal, DN.parse(f"cn=Sub,{SITE}").normal)


@pytest.mark.parametrize(
    "wanted",
    [Wanted(mailboxes=("asmith",)), Wanted(dns=(DN.parse(f"cn=asmith,{RECIPIENTS}"),)), Wanted(new_alias="ASM")],
)
def test_an_ordinary_custom_recipient_is_kept_if_it_is_wanted(wanted):
    entry = custom("asmith", "MS:NWTRADERS/PO1/ASMITH")
    assert [item.alias for item in lift(EXCHANGE, [entry], "export", wanted).recipients] == ["asmith"]
    assert lift(EXCHANGE, [entry], "export").recipients == ()


# --- The dict of dialects ---------------------------------------------------------------------------------------------


def test_a_dialect_is_found_by_name():
    assert by_name("exchange55") is EXCHANGE
    with pytest.raises(UsageError, match="exchange55"):
        by_name("x400")


def test_a_dialect_is_detected():
    assert detect([], "exchange55") is EXCHANGE
    assert detect([connector("MS:NWTRADERS/PO1;1")]) is EXCHANGE
    assert detect([]) is next(iter(DIALECTS.values()))
    assert not EXCHANGE.knows(made("cn=x,o=FABRIKAM", {"uid": "x"}))


@pytest.mark.parametrize("name", ["auto", "exchange55"])
def test_a_query_asks_for_what_every_dialect_needs(name):
    asked = query(Wanted(new_alias="MSPM"), name)
    assert all(asked.wants(entry) for entry in SHOWING)
    assert set(EXCHANGE.query().attributes) <= set(asked.attributes)
    assert asked.page_size == 100


@pytest.mark.parametrize(
    "text", ["cn=jdoe, CN=Recipients,ou=SEATTLE,o=FABRIKAM", "/o=FABRIKAM/ou=SEATTLE/cn=Recipients/cn=jdoe"]
)
def test_a_name_is_read_in_both_forms(text):
    assert named(text) == DN.parse(f"cn=jdoe,{RECIPIENTS}")


def test_a_directory_without_new_mailboxes_says_so():
    with pytest.raises(TypeError, match="exchange55"):
        replace(EXCHANGE, new_mailbox=None).lower(CreateMailbox("GATE", HOME, None, ()))


def test_plain_functions_stand_in_for_what_a_dialect_does_not_say():
    plain = replace(EXCHANGE, home_of=type(EXCHANGE).__dataclass_fields__["home_of"].default)
    assert plain.home_of(connector("MS:NWTRADERS/PO1;1")) is None
    assert type(EXCHANGE).__dataclass_fields__["site_of"].default(addressing()) == str(addressing().dn)


def test_a_cap_rises_with_the_level_where_one_shows():
    def level_of(entry):
        return int(entry.text("level")) if entry.has("level") else None

    rising = replace(EXCHANGE, raised_cap=(2, 1200), level_of=level_of)
    shown = [made("cn=x", {"level": "2"}), made("cn=y", {"uid": "y"})]
    assert rising.most(shown) == 1200
    assert rising.most([*shown, made("cn=z", {"level": "1"})]) == EXCHANGE.hard_cap
    assert rising.most(shown[1:]) == rising.most([]) == EXCHANGE.most(shown) == EXCHANGE.hard_cap


def test_a_directory_that_hides_nothing_counts_nothing_hidden():
    entry = system("NWTRADERS/PO1")
    assert lift(EXCHANGE, [entry], "export").hidden == {"export": 1}
    open_ = replace(EXCHANGE, hides=False)
    assert lift(open_, [entry], "export").hidden == {}
    asked = {leaf.attribute for leaf in open_.query().leaves() if hasattr(leaf, "attribute")}
    assert EXCHANGE.names.hidden not in asked


# --- What is wanted, in words -----------------------------------------------------------------------------------------


def test_an_intent_says_itself():
    names = (PostofficeName("NWTRADERS", "PO1"),)
    (sink,) = lift(EXCHANGE, [mailbox("jdoe")], "export").recipients
    assert (
        contract.AddProxies(sink, names).describe() == f"add 1 postmaster address to the mailbox cn=jdoe,{RECIPIENTS}"
    )
    assert "2 postmaster addresses" in contract.AddProxies(sink, names * 2).describe()
    assert CreateMailbox("GATE", HOME, None, names).describe() == (
        f"create the mailbox GATE in {RECIPIENTS} with 1 postmaster address"
    )
    assert CreatePostmaster(names[0], "Do it.").describe() == "Do it."
