"""Exports of the Exchange Administrator program: the same company as through LDIF, and nothing unseen taken for absent."""

import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remedy import workflow
from remedy.admincsv import Layout
from remedy.coverage import Coverage
from remedy.dialects import by_name
from remedy.dialects.administrator import COLUMNS
from remedy.documents import survey_document, trace_document
from remedy.entry import Entry
from remedy.errors import InputError, Refused, RemedyError
from remedy.query import AnyOf, Present, Query
from remedy.reading import Manner
from remedy.stores.administrator import ADVICE, AdministratorStore
from remedy.stores.memory import MemoryStore
from remedy.stores.places import place_of
from remedy.text import fold
from tests.administrator import CONNECTIONS, EVERYTHING, RECIPIENTS, STYLE, Style, export
from tests.conftest import ENTRIES, SITE, addressing, connector, custom, group, mailbox, system
from tests.formats import as_import_extract

PLACE = "/o=FABRIKAM/ou=SEATTLE/cn=Recipients"
PO1 = "NWTRADERS/PO1"
SPACES = connector("MS:NWTRADERS/PO1;1")
ALL = Query(AnyOf((Present("rdn"), Present("objectClass"))), ())
Q155594 = (
    "Obj-Class,First Name,Last name,Display Name,Alias Name,Directory Name,E-mail Address,Secondary-Proxy-Addresses,"
    "Obj-Container\r\n"
    f"Remote,User,1,User1,User1,User1,SMTP:User1@org.com,SMTP:User1@org2.com%SMTP:User1@org3.com,{PLACE}\r\n"
)
"""The row of the article, with a header for it and a last column that says where it lies."""


@pytest.fixture
def write(tmp_path):
    def write(content, name="export.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


HEADER = ",".join(RECIPIENTS)


def rows(*lines, header=HEADER):
    return "\r\n".join((header, *lines, ""))


def read(name, layout=None):
    store = AdministratorStore(name, layout=layout)
    return tuple(store.read(ALL)), store.notes()


def only(name, layout=None) -> Entry:
    ((entry,), _) = read(name, layout)
    return entry


def without(*names, of=EVERYTHING):
    return tuple(name for name in of if name not in names)


def without_places(document):
    def clean(item):
        if isinstance(item, dict):
            return {key: clean(value) for key, value in item.items() if key not in {"source", "where", "digest"}}
        return [clean(one) for one in item] if isinstance(item, list) else item

    return clean(json.loads(json.dumps(document)))


# --- The same company -------------------------------------------------------------------------------------------------

STYLES = {
    "as the program writes it": (STYLE, "cp1252", ()),
    "tabs": (Style(column="\t"), "cp1252", ()),
    "semicolons, LF": (Style(column=";", end="\n"), "utf-8-sig", ()),
    "Unicode": (STYLE, "utf-16", ()),
    "Unicode without a mark": (STYLE, "utf-16-le", ()),
    "marks by code": (Style("|", "'", "#"), "cp1252", ("ColumnSeparator=124", "QuoteCharacter=39", "MVSeparator=35")),
    "quotes as values": (Style(several='"', quote="'"), "cp850", ("QuoteCharacter='", 'MVSeparator="', "CodePage=850")),
}
WISHES = ({}, {"strategy": "both"}, {"max_proxies": 4}, {"new_mailbox": "GATE"}, {"mailbox": "jdoe"})
WISHES += ({"new_mailbox": "GATE", "like": "jdoe"}, {"include_connector_po": True})


@pytest.mark.parametrize("style", STYLES)
def test_the_company_is_the_same_as_through_ldif(company, write, style):
    style, encoding, options = STYLES[style]
    table = write(export(ENTRIES, style=style).encode(encoding))
    manner, other = Manner(export=Layout.of(options)), company.directory()
    found = survey_document(workflow.survey(table, manner=manner))
    assert without_places(found) == without_places(survey_document(workflow.survey(other)))
    assert trace_document(workflow.trace(table, manner=manner)) == trace_document(workflow.trace(other))
    for wished in WISHES:
        wishes = workflow.Wishes(**wished)
        one = workflow.plan(table, wishes=wishes, manner=manner)
        two = workflow.plan(other, wishes=wishes)
        assert one.changes == two.changes
        assert sets(one) == sets(two)


def sets(plan):
    """The document of a plan, but for places and the order of values, which is no data (Q190706)."""
    document = without_places(plan.to_dict())
    for change in document["changes"]:
        change["before"] = change["before"] and {
            name: sorted(map(str, held)) for name, held in change["before"].items()
        }
    return document


def test_two_tables_of_two_containers_are_one_directory(company, write):
    whole = (addressing(), *ENTRIES[1:])
    tables = (
        write(export(whole[:3], (*CONNECTIONS, "Gateway-Proxy", "DXA-Remote-Client")), "connections.csv"),
        write(export(whole[3:], RECIPIENTS), "recipients.csv"),
    )
    for order in (tables, tables[::-1]):
        assert company.plan(*order).changes == company.plan(company.directory()).changes
        assert "no-hidden-objects-seen" not in {code for code, _ in company.codes(*order)}
        assert "addresses-unseen" not in {code for code, _ in company.codes(*order)}


def test_the_headers_of_the_facts_show_postoffices_and_holders(company, write):
    tables = write(export(ENTRIES[1:2], CONNECTIONS), "c.csv"), write(export(ENTRIES[3:], RECIPIENTS), "r.csv")
    found = {name: row["coverage"] for name, row in company.rows(*tables).items()}
    assert found == {name: row["coverage"] for name, row in company.rows(company.directory(ENTRIES[1:])).items()}


def test_a_plan_of_a_table_applies_to_the_ldif_of_the_same_directory(company, write):
    plan = company.plan(write(export(ENTRIES)))
    room = MemoryStore(ENTRIES)
    for change in plan.changes:
        room.carry_out(change)
    assert not company.plan(MemoryStore(room.entries(), name="after")).pending


def test_the_row_of_the_article(write):
    entry = only(write(Q155594))
    assert str(entry.dn) == f"cn=User1,cn=Recipients,{SITE}"
    assert entry.texts("otherMailbox") == ("smtp$User1@org2.com", "smtp$User1@org3.com")
    assert entry.text("Target-Address") == "SMTP:User1@org.com"
    assert (entry.texts("objectClass"), entry.text("uid"), entry.where) == (("Remote-Address",), "User1", "line 2")


def test_addresses_stand_where_ldap_shows_them(write):
    primary = "MS:FABRIKAM/SEATTLE/JDOE%SMTP:j@f.com%X400:c=US;a= ;p=F;o=S;s=j;%CCMAIL:j at S"
    line = f'Mailbox,jdoe,jdoe,J,EXSRV1,{PLACE},0,,"{primary}",MS:N/P/POSTMASTER%ms:n/q/x%X400:c=DE;,'
    entry = only(write(rows(line)))
    assert entry.texts("otherMailbox") == (
        "MS$FABRIKAM/SEATTLE/JDOE", "CCMAIL$j at S", "ms$N/P/POSTMASTER", "ms$n/q/x", "x400$c=DE;",
    )  # fmt: skip
    assert (entry.text("mail"), entry.text("textEncodedORAddress")) == ("j@f.com", "c=US;a= ;p=F;o=S;s=j;")
    home = f"cn=EXSRV1,cn=Servers,cn=Configuration,{SITE}"
    assert entry.text("Home-MDB") == f"cn=Microsoft Private MDB,{home}"
    assert entry.text("Home-MTA") == f"cn=Microsoft MTA,{home}"


def test_raw_mode_shows_both_in_one_column(write):
    header = "Obj-Class,Common-Name,Obj-Container,Proxy-Addresses,Target-Address,Mail-nickname,Hide-From-Address-Book"
    line = f"Mailbox,jdoe,{PLACE},MS:F/S/JDOE%ms:N/P/POSTMASTER%SMTP:j@f.com%smtp:k@f.com%nonsense,,jd,1"
    found, notes = read(write(rows(line, header=header)))
    assert found[0].texts("otherMailbox") == ("MS$F/S/JDOE", "ms$N/P/POSTMASTER", "smtp$k@f.com", "nonsense")
    assert (found[0].text("mail"), found[0].text("uid")) == ("j@f.com", "jd")
    assert found[0].text("Hide-From-Address-Book") == "TRUE"
    assert notes.unseen == ""


@pytest.mark.parametrize(
    ("name", "container", "dn"),
    [
        ('"Doe, John"', PLACE, rf"cn=Doe\, John,cn=Recipients,{SITE}"),
        ('"a+b=""c"" \\\\ #"', PLACE, rf"cn=a\+b\=\"c\" \\ #,cn=Recipients,{SITE}"),
        ("Müller", PLACE, f"cn=Müller,cn=Recipients,{SITE}"),
        ("x", '"/o=Fabrikam, Inc/ou=A+B/cn=Recipients"', r"cn=x,cn=Recipients,ou=A\+B,o=Fabrikam\, Inc"),
        ("x", f"{PLACE}/cn=SUB", f"cn=x,cn=SUB,cn=Recipients,{SITE}"),
    ],
)
def test_names_are_escaped_as_names(write, name, container, dn):
    assert str(only(write(rows(f"Mailbox,{name},x,,,{container},0,,,,"))).dn) == dn


@pytest.mark.parametrize(
    ("cell", "text"), [("1", "TRUE"), ("TRUE", "TRUE"), ("0", "FALSE"), ("No", "FALSE"), ("7", "7")]
)
def test_truths(write, cell, text):
    assert only(write(rows(f"Mailbox,x,x,,,{PLACE},{cell},,,,"))).text("Hide-From-Address-Book") == text


def test_names_in_columns_are_written_as_ldap_does(write):
    header = (
        "Obj-Class,Directory Name,Obj-Container,DXA-Remote-Client,Export-Containers,Alt-Recipient,Deliv-Cont-Length"
    )
    line = f"DX-Requestor,R,/o=F/cn=Configuration,{PLACE}/cn=SYS,{PLACE}%{PLACE}/cn=X,a/b,5"
    entry = only(write(rows(line, header=header)))
    assert entry.text("DXA-Remote-Client") == f"cn=SYS,cn=Recipients,{SITE}"
    assert entry.texts("Export-Containers") == (f"cn=Recipients,{SITE}", f"cn=X,cn=Recipients,{SITE}")
    assert (entry.text("Alt-Recipient"), entry.text("Deliv-Cont-Length")) == ("a/b", "5")


def test_every_attribute_that_the_dialect_looks_at_has_a_column():
    names, told = by_name("exchange55").names, {column.pair("x")[0] for _, column in COLUMNS.values()}
    told |= {column.pair(value)[0] for _, column in COLUMNS.values() for value in ("SMTP:x", "X400:x", "MS:x")}
    asked = {name for name in by_name("exchange55").query().attributes if name not in {names.display, "rfc822Mailbox"}}
    assert asked <= told


def test_only_what_a_query_wants_comes_and_everything_is_counted(write):
    store = AdministratorStore(write(export(ENTRIES)))
    found = list(store.read(Query(AnyOf((Present("Routing-List"),)), ())))
    assert [entry.dn for entry in found if entry.has("Routing-List")] == [ENTRIES[1].dn]
    notes = store.notes()
    assert (notes.entries, notes.recipients, notes.dialect, notes.truncated, notes.unseen) == (
        11,
        8,
        "exchange55",
        "",
        "",
    )
    assert store.root() is None
    store.close()
    assert list(store.read(ALL))


def test_the_kind_of_directory_is_known_beside_another(company, write):
    other = company.directory([Entry.of("cn=c,dc=x", {"objectClass": "mSMailConnector", "routingList": "MS:A/B;1"})])
    table = write(export([mailbox("a", "ms$A/B/POSTMASTER")], without("Home-Server", "Home-MTA")))
    (holder,) = company.rows(other, table)["A/B"]["holders"]
    assert holder["dn"] == f"cn=a,cn=Recipients,{SITE}"


# --- What is not seen -------------------------------------------------------------------------------------------------

BLIND = {
    "no secondaries": (("Secondary-Proxy-Addresses",), "Secondary-Proxy-Addresses (for 8 recipients)"),
    "no primaries": (("E-mail Addresses",), "E-mail Addresses (for 8 recipients)"),
    "no targets": (("E-mail Address",), "E-mail Address (for 4 recipients)"),
}


@pytest.mark.parametrize("case", BLIND)
def test_a_missing_column_is_blindness_and_not_absence(company, write, case):
    missing, says = BLIND[case]
    table = write(export(ENTRIES, without(*missing)))
    found = workflow.survey(table)
    exposed = [row for row in found.rows if row.coverage is Coverage.EXPOSED]
    assert exposed
    assert all(row.inferred for row in exposed)
    assert all(row.walk.outcome == "unknown" for row in exposed)
    (finding,) = [item for item in found.findings if item.code == "addresses-unseen"]
    assert says in finding.message
    assert finding.severity == "error"
    assert all("Nobody is seen" in item.message for item in found.findings if item.code == "exposed")
    with pytest.raises(Refused, match="--allow addresses-unseen") as caught:
        company.plan(table)
    assert caught.value.exit_code == 4
    assert company.plan(table, allow=frozenset({"addresses-unseen"})).pending


@pytest.mark.parametrize("strategy", ["exchange", "postoffice", "both", "mixed"])
def test_what_was_not_seen_before_is_not_seen_afterwards(company, write, strategy):
    table = write(export(ENTRIES, without("Secondary-Proxy-Addresses")))
    left = next(str(row.po.name) for row in workflow.survey(table).rows if row.coverage is Coverage.EXPOSED)
    skipped = company.inventory(
        [dict(zip(("network", "postoffice"), left.split("/"), strict=True)) | {"strategy": "skip"}]
    )
    plan = company.plan(table, skipped, allow=frozenset({"addresses-unseen"}), strategy=strategy)
    covered = {name for step in plan.steps for name in step.postoffices}
    traces = [item for item in plan.traces if item["kind"] != "shadow"]
    assert {item["before"]["outcome"] for item in traces if item["postoffice"] in covered} <= {"unknown", "loops"}
    for item in traces:
        assert item["after"]["outcome"] != "loops"
        assert (item["after"]["outcome"] == "delivers") or item["postoffice"] not in covered


def test_blindness_of_one_source_spreads_to_all(company, write):
    table = write(export([mailbox("a")], without("Secondary-Proxy-Addresses")))
    row = company.rows(company.directory([SPACES]), table)["NWTRADERS/PO1"]
    assert (row["coverage"], row["confidence"]) == ("exposed", "inferred")
    whole = write(export([mailbox("a")]), "whole.csv")
    assert company.rows(company.directory([SPACES]), whole)["NWTRADERS/PO1"]["confidence"] == "shown"


@pytest.mark.parametrize("entries", [[mailbox("a")], [group("a")], [mailbox("a"), group("b")]])
def test_a_target_column_is_missed_only_where_a_target_may_be(write, entries):
    assert read(write(export(entries, without("E-mail Address"))))[1].unseen == ""
    assert (
        "E-mail Address ("
        in read(write(export([*entries, custom("c", "MS:A/B/C")], without("E-mail Address"))))[1].unseen
    )


def test_an_object_of_an_unknown_class_may_hold_addresses(write):
    header = "Obj-Class,Directory Name,Obj-Container"
    assert "E-mail Address " in read(write(rows(f"Public Folder,x,{PLACE}", header=header)))[1].unseen
    assert read(write(rows("Public Folder,x,/o=F/cn=Configuration/cn=Connections", header=header)))[1].unseen == ""


def test_connectors_alone_show_no_holders(company, write):
    table = write(export([SPACES], CONNECTIONS))
    found = {item.code: item for item in workflow.survey(table).findings}
    assert "no recipient in it" in found["addresses-unseen"].message
    assert "no-hidden-objects-seen" not in found
    with pytest.raises(Refused, match="--allow addresses-unseen"):
        company.plan(table, new_mailbox="GATE")
    seen = {code for code, _ in company.codes(table, company.directory([mailbox("jdoe")]))}
    assert "addresses-unseen" not in seen


def test_hidden_objects_are_asked_for_in_the_programs_words(write):
    table = write(export([SPACES, mailbox("a")]))
    (finding,) = [item for item in workflow.survey(table).findings if item.code == "no-hidden-objects-seen"]
    assert "HiddenObjects=Yes" in finding.fix
    assert "cn=admin" not in finding.fix
    unmarked = write(export([SPACES, system("NWTRADERS/PO1")], without("Hide from AB")), "unmarked.csv")
    assert "no-hidden-objects-seen" not in {item.code for item in workflow.survey(unmarked).findings}


CUT = {
    "a file": ("=postmaster.blt", "is in the file postmaster.blt"),
    "a file among values": ("MS:A/B/C%=x.blt", "is in the file x.blt"),
    "a long value": (f"MS:A/B/{'x' * 250}%MS:A/B/C", "may be cut at 255 characters"),
    "a cell of that size": ("%".join(["MS:NWTRADERS/PO1/" + "x" * 14] * 8), "may be cut at 255 characters"),
}


@pytest.mark.parametrize("case", CUT)
def test_a_value_that_is_not_whole_makes_the_source_incomplete(company, write, case):
    cell, says = CUT[case]
    table = write(export([SPACES]) + f"Mailbox,x,x,,,,,,,,{PLACE},0,,SMTP:x@y,{cell},\r\n")
    (finding,) = [item for item in workflow.survey(table).findings if item.code == "maybe-truncated"]
    assert f"Secondary-Proxy-Addresses of line 3 {says}" in finding.message
    with pytest.raises(Refused, match="--allow maybe-truncated") as caught:
        company.plan(table, new_mailbox="GATE")
    assert caught.value.exit_code == 4
    assert company.plan(table, new_mailbox="GATE", allow=frozenset({"maybe-truncated"})).pending


def test_many_cut_values_are_counted_and_long_lists_are_none(write):
    lines = [f"Mailbox,x{n},x,,,{PLACE},0,,,=f{n}.blt," for n in range(9)]
    truncated = read(write(rows(*lines)))[1].truncated
    assert truncated.startswith("It is incomplete (event 156): Secondary-Proxy-Addresses of line 2 ")
    assert truncated.endswith(" and 6 more.")
    several = "%".join(f"MS:NWTRADERS/PO{n}/POSTMASTER" for n in range(100))
    assert read(write(rows(f"Mailbox,x,x,,,{PLACE},0,,,{several},")))[1].truncated == ""
    folder = f'Mailbox,x,x,"{"y" * 300}",,{PLACE},0,,,,'
    assert read(write(rows(folder)))[1].truncated == ""


@pytest.mark.parametrize(
    ("cut", "truncated"), [(0, ""), (1, "The last line has no line end."), (3, "The last line has no line end.")]
)
def test_an_end_that_may_be_missing(write, cut, truncated):
    text = export(ENTRIES[:5])
    assert read(write(text[: len(text) - cut]))[1].truncated == truncated


# --- What cannot be read ----------------------------------------------------------------------------------------------

NO_EXPORT = {
    "an import": ("Obj-Class,Mode,Directory Name,Obj-Container\r\nMailbox,Modify,x,/o=F\r\n", 1, "import file"),
    "a deletion": (rows(f"Mailbox,x,x,,,{PLACE},0,,,~DEL,"), 2, "import file: Secondary-Proxy-Addresses says ~DEL"),
    "of one value": (rows(f"Mailbox,x,x,,,{PLACE},0,,,~del<MS:A/B/C>,"), 2, "import file"),
    "no container": ("Obj-Class,Directory Name\r\nMailbox,x\r\n", 1, "the column Obj-Container is missing"),
    "no names": ("Obj-Class,Alias Name\r\n", 1, "the columns Directory Name and Obj-Container are missing"),
    "twice": ("Obj-Class,Directory Name,Obj-Container,directory name\r\n", 1, "names Directory Name more than once"),
    "another first": ("\r\nDirectory Name,Obj-Class,Obj-Container\r\n", 2, "first column is not Obj-Class (event 226)"),
    "bars": ("Obj-Class|Directory Name|Obj-Container\r\n", 1, "not separated by comma, semicolon or tab"),
    "nothing": ("\r\n\r\n", None, "there is nothing in it"),
    "a broken header": ('Obj-Class,"Directory Name\r\nMailbox,x\r\n', 1, "never closed"),
    "gzip": (b"\x1f\x8b\x08\0", None, "packed with gzip"),
    "NUL": (rows().encode() + b"Mailbox,a\0b\r\n", 1, "binary data"),
}


@pytest.mark.parametrize("case", NO_EXPORT)
def test_what_is_no_export_is_refused_in_a_sentence(write, case):
    content, line, says = NO_EXPORT[case]
    with pytest.raises(InputError) as caught:
        read(write(content))
    assert says in str(caught.value)
    assert caught.value.faults[0].line == line
    assert caught.value.exit_code == 1


def test_how_names_can_be_known_is_said(write):
    with pytest.raises(InputError, match="Export again with the columns Directory Name and Obj-Container"):
        read(write("Obj-Class,Directory Name\r\n"))


def test_all_faults_of_a_table_are_said_at_once(write):
    lines = (
        f"Mailbox,x,x,,,{PLACE},0,,",
        f"Mailbox,x,x,,,{PLACE},0,,,,,,",
        f"Mailbox,,x,,,{PLACE},0,,,,",
        "Mailbox,x,x,,,Recipients,0,,,,",
        f'Mailbox,"x"y,x,,,{PLACE},0,,,,',
        '"Mailbox,x',
    )
    with pytest.raises(InputError) as caught:
        read(write(rows(*lines)))
    assert [fault.line for fault in caught.value.faults] == [2, 3, 4, 5, 6, 7]
    said = [fault.message for fault in caught.value.faults]
    assert "this row has 9 fields, and the header 11 (event 291); a spreadsheet program" in said[0]
    assert said[1] == "this row has 13 fields, and the header 11 (event 291)"
    assert said[2] == "Directory Name is blank"
    assert "Obj-Container is 'Recipients', and not a whole name" in said[3]
    assert "it is no CSV" in said[4]
    assert "never closed" in said[5]
    assert str(caught.value).endswith(ADVICE)


def test_rows_over_several_lines_keep_their_numbers(write):
    lines = (f'Mailbox,x,x,"two\r\nlines",,{PLACE},0,,,,', "", f"Mailbox,y,y,,,{PLACE},0,,,,")
    assert [entry.where for entry in read(write(rows(*lines)))[0]] == ["line 2", "line 5"]


@pytest.mark.parametrize(
    ("encoding", "options", "name"),
    [
        ("cp1252", (), "Müller"),
        ("utf-8", (), "Müller"),
        ("utf-8-sig", (), "Müller"),
        ("utf-16", (), "Łódź"),
        ("cp850", ("CodePage=850",), "Müller"),
        ("cp1250", ("CodePage=1250",), "Łódź"),
        ("utf-16-be", ("CodePage=Unicode",), "Łódź"),
        ("utf-16", ("CodePage=1252",), "Łódź"),
    ],
)
def test_encodings(write, encoding, options, name):
    entry = only(write(rows(f"Mailbox,{name},x,,,{PLACE},0,,,,").encode(encoding)), Layout.of(options))
    assert entry.dn.leaf == name


@pytest.mark.parametrize("tail", ["é", "Ã", "€uro", "éÃ¼"])
def test_the_first_letter_beyond_ascii_shows_the_encoding(write, tail):
    for encoding in ("cp1252", "utf-8"):
        text = rows(header="Obj-Class,Directory Name,Obj-Container") + f"Mailbox,x,/o=F/cn={tail}"
        assert only(write(text.encode(encoding))).dn.parent.leaf == tail


def test_text_of_dos_is_said_where_it_can_be_known(write):
    with pytest.raises(InputError, match=r"OEM.*Q183496") as caught:
        read(write(rows(f"Mailbox,Müller,x,,,{PLACE},0,,,,").encode("cp850")))
    assert caught.value.faults[0].line == 2
    assert "CodePage=850" in str(caught.value)


def test_a_letter_may_stand_between_two_blocks(write):
    head = rows(header="Obj-Class,Directory Name,Obj-Container,Note") + f"Mailbox,x,{PLACE},"
    for encoding in ("utf-8", "cp1252"):
        for shift in (1, 2, 3):
            filler = "x" * ((1 << 18) - len(head) - shift)
            found, _ = read(write(f"{head}{filler}€\r\nMailbox,ü,{PLACE},\r\n".encode(encoding)))
            assert [entry.dn.leaf for entry in found] == ["x", "ü"]


def test_a_long_cell_that_nobody_reads_is_no_fault(write):
    members = "%".join(f"{PLACE}/cn=user{n}" for n in range(10_000))
    text = rows(f"DL,x,{PLACE},{members}", header="Obj-Class,Directory Name,Obj-Container,Members")
    assert only(write(text)).dn.leaf == "x"


def test_a_line_without_an_end_is_bounded(write, monkeypatch):
    monkeypatch.setattr("remedy.stores.streams.LINE_LIMIT", 1 << 20)
    with pytest.raises(InputError, match="million characters"):
        read(write("Obj-Class," + "x" * (2 << 20)))


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(export(ENTRIES).encode())))
    store = workflow.survey("-")
    assert len(store.rows) == 8
    again = AdministratorStore("-")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(export(ENTRIES).encode())))
    assert list(again.read(ALL))
    with pytest.raises(InputError, match="only once"):
        list(again.read(ALL))


def test_progress_is_told(write):
    told = []
    table = write(export(ENTRIES))
    workflow.survey(table, manner=Manner(progress=lambda *words: told.append(words)))
    size = Path(table).stat().st_size
    assert told == [(table, size, size)]


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read(str(tmp_path / "missing.csv"))


def test_an_export_is_no_target(write):
    with pytest.raises(InputError, match="Administrator program") as caught:
        place_of(write(export(ENTRIES)))
    assert caught.value.advice == "Name the server itself (ldap://...), or an LDIF export of it."


# --- Whatever comes ---------------------------------------------------------------------------------------------------

HOSTILE = st.text(st.sampled_from("aZ9%\\&;\t\r\n\"',=#+<> é$:/~"), min_size=1, max_size=12).filter(str.strip)
TAME = HOSTILE.filter(lambda text: not text.startswith(("=", "~")))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    TAME, TAME, st.lists(TAME, max_size=3, unique_by=fold), st.sampled_from([STYLE, Style(";"), Style("\t", "'", "&")]),
    st.sampled_from(["utf-16", "utf-8-sig", "cp1252"]),
)  # fmt: skip
def test_any_values_come_back(tmp_path, name, alias, bodies, style, encoding):  # noqa: PLR0917 - what is given
    options = {"'": ("ColumnSeparator=9", "QuoteCharacter='", "MVSeparator=38")}.get(style.quote, ())
    proxies = tuple(f"ms${body.strip()}" for body in bodies)
    entry = mailbox("x", *proxies, dn="cn=x,o=F", uid=alias).with_values("rdn", (name.encode(),))
    entry = Entry(entry.dn.parent.child("cn", name), entry.attributes)
    path = tmp_path / "any.csv"
    path.write_bytes(export([entry], style=style).encode(encoding))
    found = only(str(path), Layout.of(options))
    assert found.dn == entry.dn
    assert found.text("uid") == alias
    assert set(found.texts("otherMailbox")) == set(entry.texts("otherMailbox"))


@pytest.mark.no_cover
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_table_gives_clean_errors_only(tmp_path, data):
    whole = export(ENTRIES, style=data.draw(st.sampled_from([STYLE, Style(";")]))).encode(
        data.draw(st.sampled_from(["cp1252", "utf-16"]))
    )
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    junk = data.draw(st.binary(max_size=8) | st.sampled_from([b'"', b"%", b"\\", b"\r", b"\n", b",", b"=", b"~DEL"]))
    path = tmp_path / "any.csv"
    path.write_bytes(whole[:start] + junk + whole[data.draw(st.sampled_from([start, end])) :])
    for verb in (workflow.survey, workflow.plan):
        said = failure(verb, str(path))
        assert said is None or (said.exit_code in {1, 4} and str(said).strip() and "fault of remedy" not in str(said))


def failure(verb, name):
    try:
        verb(name, manner=Manner(as_kind="exchange-csv"))
    except RemedyError as error:
        return error
    return None


# --- What the documented columns do not show --------------------------------------------------------------------------


def test_exchange_itself_is_known_without_site_addressing(write):
    moved = mailbox("moved", otherMailbox=("MS$NWTRADERS/PO2/MOVED",))
    people = [moved, mailbox("jdoe"), mailbox("asmith"), custom("bking", "MS:NWTRADERS/PO1/BKING")]
    extract = as_import_extract([PO1, "NWTRADERS/PO2", "FABRIKAM/SEATTLE"])
    sources = (
        write(export(people, RECIPIENTS), "recipients.csv"),
        write(export([SPACES], CONNECTIONS), "connections.csv"),
        write(extract, "po1.txt"),
    )
    found = workflow.survey(*sources)
    assert [str(row.po.name) for row in found.rows] == [PO1, "NWTRADERS/PO2"]
    assert [str(row.po.name) for row in found.shadow_rows] == ["FABRIKAM/SEATTLE"]


def test_connections_without_their_address_spaces_are_not_whole(company, write):
    whole = write(export(ENTRIES))
    assert not workflow.survey(whole).estate.truncated
    table = write(export(ENTRIES, without("Routing-List")))
    (said,) = workflow.survey(table).estate.truncated.values()
    assert "no column Routing-List" in said
    with pytest.raises(Refused, match="--allow maybe-truncated"):
        company.plan(table)
    people = write(export([item for item in ENTRIES if "configuration" not in item.dn.normal], without("Routing-List")))
    assert not workflow.survey(people, company.directory()).estate.truncated
