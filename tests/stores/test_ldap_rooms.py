"""The parts of the LDAP room that need no server: URLs, filters, results, pace, and what leads to a place."""

import pytest

from remedy.change import Mod, Modify, Op
from remedy.dn import DN
from remedy.errors import InputError, Stale, Unreachable, UsageError
from remedy.query import AllOf, AnyOf, Contains, Equal, Initial, Named, Present, Query
from remedy.stores.ldap.filters import EVERYTHING, filters
from remedy.stores.ldap.place import Place
from remedy.stores.ldap.results import Result, Unasserted, refused_login, refused_read, refused_write
from remedy.stores.ldap.store import _is_known
from remedy.stores.login import Login, Pace
from remedy.stores.places import File, Server, place_of

BASE = DN.parse("o=FABRIKAM")


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port", "base", "target"),
    [
        ("ldap://exsrv1", "ldap", "exsrv1", 389, "", "ldap://exsrv1:389/"),
        ("LDAP://EXSRV1/", "ldap", "EXSRV1", 389, "", "ldap://exsrv1:389/"),
        ("ldaps://exsrv1/o=FABRIKAM", "ldaps", "exsrv1", 636, "o=FABRIKAM", "ldaps://exsrv1:636/o=fabrikam"),
        ("ldap://exsrv1:1389/ou=A%20B, o=X", "ldap", "exsrv1", 1389, "ou=A B,o=X", "ldap://exsrv1:1389/ou=a b,o=x"),
        ("ldap://[::1]:390/", "ldap", "::1", 390, "", "ldap://::1:390/"),
        ("ldap://h/o=X??", "ldap", "h", 389, "o=X", "ldap://h:389/o=x"),
        ("ldapi://%2Frun%2Fslapd%2Fldapi", "ldapi", "/run/slapd/ldapi", 0, "", "ldapi:///run/slapd/ldapi/"),
        ("ldapi://%2Frun%2Fldapi/o=X", "ldapi", "/run/ldapi", 0, "o=X", "ldapi:///run/ldapi/o=x"),
    ],
)
def test_urls(url, scheme, host, port, base, target):  # noqa: PLR0917
    place = Place.parse(url)
    assert (place.scheme, place.host, place.port, place.base) == (scheme, host, port, DN.parse(base))
    assert place.name == url
    assert place.target == target
    assert place.is_local is (scheme == "ldapi")


@pytest.mark.parametrize(
    "url",
    [
        "http://h/", "ldap:h", "ldap://", "ldap:///", "ldap://h:0/", "ldap://h:65536/", "ldap://h:x/", "ldap://a b/",
        "ldap://h/no name", "ldap://h/o=X?cn", "ldap://h/o=X??sub?(cn=*)", "ldapi://", "ldapi://run/ldapi",
        "ldap://[1:2]/", "ldap://[fe80::1%25lo]/", "ldap://h/%ff=x",
    ],
)  # fmt: skip
def test_bad_urls_are_told(url):
    with pytest.raises(UsageError) as caught:
        Place.parse(url)
    assert "ldap://host" in str(caught.value) or "is no distinguished name" in str(caught.value)


@pytest.mark.parametrize(
    "url", ["ldap://joe:geheim@h/", "ldap://joe:ge/heim@h/", "ldap://joe:ge?heim@h/o=X", "ldap://joe:ge heim@h/"]
)
def test_a_url_that_may_hold_a_password_is_not_shown(url):
    with pytest.raises(UsageError, match="names no user and no password") as caught:
        Place.parse(url)
    assert "heim" not in str(caught.value)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Present("cn"), "(cn=*)"),
        (Equal("cn", "a"), "(cn=a)"),
        (Equal("cn", ""), "(cn=*)"),
        (Equal("cn", "a*(b)\\c\0é"), "(cn=a\\2a\\28b\\29\\5cc\\00\\c3\\a9)"),
        (Initial("cn", "MS"), "(cn=MS*)"),
        (Initial("cn", ""), "(cn=*)"),
        (Contains("cn", "x y"), "(cn=*x y*)"),
        (Contains("cn", ""), "(cn=*)"),
        (Contains("cn", "y*", initial="x"), r"(cn=x*y\2a*)"),
        (AllOf((Present("cn"), AnyOf((Equal("a", "b"), Named(BASE))))), f"(&(cn=*)(|(a=b){EVERYTHING}))"),
        (AnyOf((Present("cn"), Present("sn"))), "(|(cn=*)(sn=*))"),
    ],
)
def test_conditions_as_filters(condition, text):
    assert list(filters(Query(condition, ()))) == [text]
    assert list(filters(Query(condition, (), sweep=True))) == [EVERYTHING]


def test_long_filters_are_parted_and_names_are_no_part_of_them():
    parts = (*(Equal("cn", str(number)) for number in range(201)), Named(BASE))
    found = list(filters(Query(AnyOf(parts), ())))
    assert [text.count("(cn=") for text in found] == [100, 100, 1]
    assert found[2] == "(cn=200)"
    assert list(filters(Query(AnyOf((Named(BASE),)), ()))) == []


@pytest.mark.parametrize("code", [*range(1, 130), 4096])
def test_every_result_is_a_sentence(code):
    result = Result(code, "said so\x00", ("ldap://elsewhere/",) if code == 10 else ())
    for error in (refused_login("h", result), refused_read("h", result, 0), refused_write("cn=a", result)):
        text = str(error)
        assert str(code) in text or isinstance(error, Stale)
        assert text.endswith(".")
        assert "\x00" not in text


def test_results_are_of_the_right_kind():
    assert isinstance(refused_login("h", Result(49)), Unreachable)
    assert isinstance(refused_read("h", Result(4), 500), InputError)
    assert "after 500 entries, which count for nothing" in str(refused_read("h", Result(4), 500))
    for code in (16, 19, 20, 32, 68, 122):
        assert isinstance(refused_write("cn=a", Result(code)), Stale)
    assert isinstance(refused_write("cn=a", Result(122)), Unasserted)
    assert isinstance(refused_write("cn=a", Result(50)), InputError)
    assert "ldap://elsewhere/" in Result(10, "", ("ldap://elsewhere/",)).said


def test_a_pace_is_kept_whatever_the_clock_says():
    now, slept = [10.0], []

    def sleep(seconds):
        slept.append(round(seconds, 3))
        now[0] += seconds

    pace = Pace(4, lambda: now[0], sleep)
    for _ in range(3):
        pace.wait()
    now[0] += 5
    pace.wait()
    pace.wait()
    assert slept == [0.25, 0.25, 0.25]


def test_what_leads_to_a_place(tmp_path):
    path = tmp_path / "a.ldif"
    path.write_text("dn: o=X\no: X\n")
    assert place_of(str(path)) == File(path, str(path))
    server = place_of("ldaps://h/o=X")
    assert isinstance(server, Server)
    assert str(server) == server.name == "ldaps://h/o=X"
    assert str(Server(url="ldap://h/", called="@h")) == "@h"
    assert place_of(server) is server
    with pytest.raises(UsageError, match="-o is for LDIF files"):
        server.writer(tmp_path / "copy")
    target = server.writer()
    assert target.window == 128
    assert target.place == "ldaps://h:636/o=x"
    assert Server(url="ldap://h/", pace=Pace(2.5, float, print)).writer().window == 1
    assert not hasattr(server.reader(), "carry_out")
    assert "geheim" not in repr(Login(bind_dn="a", password=lambda: "geheim"))


def test_a_change_says_what_it_finds(tmp_path):
    change = Modify(BASE, (Mod(Op.ADD, "info", (b"x",)),))
    (fact,) = Server(url="ldap://h/").writer().intend((change,), {})
    assert fact == {"dn": "o=FABRIKAM", "before": ""}
    with pytest.raises(InputError, match="there is no such file"):
        place_of(tmp_path / "none.ldif")


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("ldap://dc1/CN=Configuration,DC=fabrikam,DC=com", True),
        ("LDAPS://dc1.fabrikam.com/cn=configuration,%20dc=fabrikam,dc=com??sub", True),
        ("ldap://dc1/DC=DomainDnsZones,DC=fabrikam,DC=com", True),
        ("ldap://other/DC=wingtip,DC=fabrikam,DC=com", False),
        ("ldap://other/", False),
        ("ldap://other", False),
        ("ldap://other/no name", False),
    ],
)
def test_a_reference_to_what_is_searched_anyway_is_no_gap(url, known):
    places = [DN.parse("DC=fabrikam,DC=com"), DN.parse("CN=Configuration,DC=fabrikam,DC=com")]
    assert _is_known(url, places, [DN.parse("DC=DomainDnsZones")]) is known


@pytest.mark.parametrize("url", ["ldap://h/o=X", "ldap://[::1]:389/o=X", "ldaps://h:636/"])
def test_the_same_host_under_another_port(url):
    place = Place.parse(url).on(3268)
    assert place == Place.parse(place.name)
    assert (place.port, place.base, place.host) == (3268, DN(()), Place.parse(url).host)
