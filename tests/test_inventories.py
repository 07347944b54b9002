"""Inventories: what each row says, where each fault stands, and what a spreadsheet gets to see."""

import csv
import io
import json
from collections.abc import Mapping

import pytest

from remedy.addresses import PostofficeName
from remedy.errors import Fault, InputError
from remedy.estate import Estate, Listing, PostofficeKind
from remedy.inventories import COLUMNS, READERS, dump_csv
from remedy.inventories.csv_rows import has_header
from remedy.inventories.native import unprotect

SALES = PostofficeName("NWTRADERS", "SALES")
KNOWS = "it knows network, postoffice, kind, postmaster, pending, users, strategy, version, path and note"


def one(text: str, kind: str = "csv") -> Listing:
    estate = READERS[kind](text, "po")
    assert (estate.faults, estate.oddities) == ((), ())
    (listing,) = estate.listings
    return listing


def wrong(text: str, kind: str = "csv") -> list[str]:
    return [str(fault) for fault in READERS[kind](text, "po").faults]


# --- The same company in each format -------------------------------------------------------------------------------

COMPANY = {
    "csv": """\
network,postoffice,kind,postmaster,pending,users,strategy,version,path,note
NWTRADERS,SALES,msmail,yes,4096,500,exchange,3.5,\\\\MAIL\\SALES,"East, ""old"" wing"
fabrikam,depot,,no,,0,,,,
WINGTIP,TOYS,Gateway,,,,SKIP,,,
""",
    "json": r"""{"postoffices": [
  {"network": "NWTRADERS", "postoffice": "SALES", "kind": "msmail", "postmaster": true, "pending": 4096,
   "users": 500, "strategy": "exchange", "version": "3.5", "path": "\\\\MAIL\\SALES", "note": "East, \"old\" wing"},
  {"network": "fabrikam", "postoffice": "depot", "postmaster": false, "pending": null, "users": 0},
  {"network": "WINGTIP", "postoffice": "TOYS", "kind": "Gateway", "strategy": "SKIP"}
]}
""",
    "toml": r"""
[[postoffice]]
network = "NWTRADERS"
postoffice = "SALES"
kind = "msmail"
postmaster = true
pending = 4096
users = 500
strategy = "exchange"
version = "3.5"
path = '\\MAIL\SALES'
note = 'East, "old" wing'

  [[ postoffice ]]  # a branch
network = "fabrikam"
postoffice = "depot"
postmaster = false
users = 0

[["postoffice"]]
network = "WINGTIP"
postoffice = "TOYS"
kind = "Gateway"
strategy = "SKIP"
""",
}


def company(*lines: int) -> tuple[Listing, ...]:
    where = [f"line {line}" for line in lines]
    return (
        Listing(
            name=SALES, source="po", where=where[0], kind=PostofficeKind.MSMAIL, postmaster=True, pending=4096, users=500, strategy="exchange",
            version="3.5", path=r"\\MAIL\SALES", note='East, "old" wing',
        ),
        Listing(name=PostofficeName("FABRIKAM", "DEPOT"), source="po", where=where[1], postmaster=False, users=0),
        Listing(
            name=PostofficeName("WINGTIP", "TOYS"), source="po", where=where[2], kind=PostofficeKind.GATEWAY,
            strategy="skip",
        ),
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "lines"), [("csv", (2, 3, 4)), ("json", (2, 4, 5)), ("toml", (2, 14, 20))])
def test_every_format_tells_of_the_same_company(kind, lines):
    assert READERS[kind](COMPANY[kind], "po") == Estate(listings=company(*lines))


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("text", ["", " \n\r\n\t"])
def test_an_empty_text_tells_nothing(kind, text):
    assert READERS[kind](text, "po") == Estate()


@pytest.mark.parametrize(
    ("kind", "text"), [("csv", "network,postoffice\n"), ("json", '{"postoffices": []}'), ("toml", "postoffice = []")]
)
def test_no_rows_tell_nothing(kind, text):
    assert READERS[kind](text, "po") == Estate()


# --- Columns -------------------------------------------------------------------------------------------------------

GOOD = [
    ("kind", "", "kind", None),
    ("kind", " MsMail ", "kind", PostofficeKind.MSMAIL),
    ("kind", "shadow", "kind", PostofficeKind.SHADOW),
    ("kind", "FFAPI", "kind", PostofficeKind.FFAPI),
    ("kind", "workgroup", "kind", PostofficeKind.WORKGROUP),
    *((column, text, column, truth)
      for column in ["postmaster"]
      for truth, texts in {True: "yes Y TRUE 1", False: "No n false 0"}.items() for text in texts.split()),
    ("postmaster", " ", "postmaster", None),
    ("pending", "0", "pending", 0),
    ("pending", " 4096 ", "pending", 4096),
    ("pending", "0007", "pending", 7),
    ("pending", " ", "pending", None),
    ("users", "500", "users", 500),
    ("strategy", "BOTH", "strategy", "both"),
    ("strategy", "postoffice", "strategy", "postoffice"),
    ("strategy", "", "strategy", ""),
    ("version", "3.2a", "version", "3.2a"),
    ("note", "n" * 32_767, "note", "n" * 32_767),
]  # fmt: skip


@pytest.mark.parametrize(("column", "text", "field", "value"), GOOD)
def test_a_cell_is_read(column, text, field, value):
    assert getattr(one(f"network,postoffice,{column}\nNWTRADERS,SALES,{text}\n"), field) == value


BAD = [
    (
        "kind",
        "exchange",
        "kind is 'exchange'; it must be one of msmail, shadow, ffapi, gateway and workgroup, or blank",
    ),
    ("postmaster", "perhaps", "postmaster is 'perhaps'; it must be yes, no or blank"),
    ("postmaster", "2", "postmaster is '2'; it must be yes, no or blank"),
    ("pending", "4097", "pending is '4097'; it must be a whole number from 0 to 4096 or blank"),
    ("pending", "-1", "pending is '-1'; it must be a whole number from 0 to 4096 or blank"),
    ("pending", "1.5", "pending is '1.5'; it must be a whole number from 0 to 4096 or blank"),
    ("pending", "٣", "pending is '٣'; it must be a whole number from 0 to 4096 or blank"),
    ("users", "501", "users is '501'; it must be a whole number from 0 to 500 or blank"),
    ("users", "9" * 5000, f"users is '{'9' * 39}…'; it must be a whole number from 0 to 500 or blank"),
    ("users", "1\u202e2", "users is '1\\u202e2'; it must be a whole number from 0 to 500 or blank"),
    ("users", "\x1b[2J", "users is '\\u001b[2J'; it must be a whole number from 0 to 500 or blank"),
    ("strategy", "mixed", "strategy is 'mixed'; it must be one of exchange, postoffice, both and skip, or blank"),
    ("note", "n" * 32_768, "note has 32,768 characters; at most 32,767 fit into a cell"),
    ("note", "a\0", "note holds '\\u0000', a character that no text file can hold"),
]


@pytest.mark.parametrize(("column", "text", "message"), BAD)
def test_a_bad_cell_is_a_fault_with_its_line(column, text, message):
    estate = READERS["csv"](f"network,postoffice,{column}\n\nNWTRADERS,SALES,{text}\n", "po")
    assert estate == Estate(faults=(Fault("po", 3, message),))


@pytest.mark.parametrize(
    ("network", "postoffice", "message"),
    [
        ("", "SALES", "the network name is empty"),
        ("NWTRADERS", " ", "the postoffice name is empty"),
        ("NWTRADERS01", "SALES", "the network name 'NWTRADERS01' has 11 characters; at most 10 are allowed"),
        ("NWTRADERS", "S" * 99, f"the postoffice name '{'S' * 39}…' has 99 characters; at most 10 are allowed"),
        ("NW_TRADER", "SALES", "the network name 'NW_TRADER' holds characters other than letters and digits"),
        ("NWTRADERS", "\x07", "the postoffice name '\\u0007' holds characters other than letters and digits"),
    ],
)
def test_a_name_that_cannot_be_is_a_fault(network, postoffice, message):
    assert wrong(f"network,postoffice,note\n{network},{postoffice},x\n") == [f"po:2: {message}"]


def test_all_faults_of_all_rows_are_told_at_once():
    text = "network,postoffice,pending,users\nNWTRADERS,,5000,x\nFABRIKAM,DEPOT,1,1\n,TOYS,,\n"
    estate = READERS["csv"](text, "po")
    assert [str(item.name) for item in estate.listings] == ["FABRIKAM/DEPOT"]
    assert [str(fault) for fault in estate.faults] == [
        "po:2: the postoffice name is empty",
        "po:2: pending is '5000'; it must be a whole number from 0 to 4096 or blank",
        "po:2: users is 'x'; it must be a whole number from 0 to 500 or blank",
        "po:4: the network name is empty",
    ]


def test_rows_of_one_postoffice_are_all_kept():
    text = "network,postoffice,users\nNWTRADERS,SALES,1\nnwtraders,sales,2\nNWTRADERS,SALES,1\n"
    assert [item.users for item in READERS["csv"](text, "po").listings] == [1, 2, 1]


# --- CSV -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("network,postoffice\nNWTRADERS,SALES", 2),
        ("network;postoffice\r\nNWTRADERS;SALES\r\n", 2),
        ("network\tpostoffice\rNWTRADERS\tSALES\r", 2),
        (' "Network" , POSTOFFICE,\nNWTRADERS, "SALES",\n'.replace('" ,', '",'), 2),
        ("\n\n,\nPOSTOFFICE,Network,,\n\n,,,\n  \nSALES,NWTRADERS,,,,\n", 8),
    ],
)
def test_spellings_of_csv(text, line):
    assert one(text) == Listing(name=SALES, source="po", where=f"line {line}")


def test_lines_are_counted_through_cells_of_several_lines():
    text = 'network,postoffice,note\nNWTRADERS,SALES,"a\r\nb\n\nc"\nFABRIKAM,DEPOT,"x\ny"\nWINGTIP,TOYSTOYSTOYS,\n'
    estate = READERS["csv"](text, "po")
    assert [(item.where, item.note) for item in estate.listings] == [("line 2", "a\r\nb\n\nc"), ("line 6", "x\ny")]
    assert [fault.line for fault in estate.faults] == [8]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A,B,C,D", "this row has 4 cells, but the header names 3 columns"),
        ('A,B,"C', "the quote that opens in this row is never closed"),
        ('A,B,"C"D', "it is no CSV: "),
        ("A,B," + "x" * 140_000, "it is no CSV: "),
    ],
)
def test_a_row_that_is_no_row_is_one_fault(row, message):
    estate = READERS["csv"](f"network,postoffice,note\nNWTRADERS,SALES,\n{row}\n", "po")
    assert len(estate.listings) == 1
    (fault,) = estate.faults
    assert fault.line == 3
    assert fault.message.startswith(message)


def test_reading_goes_on_after_a_bad_quote():
    estate = READERS["csv"]('network,postoffice\n"A"x,B\nNWTRADERS,SALES\n', "po")
    assert [item.where for item in estate.listings] == ["line 3"]


def test_an_unknown_column_is_an_oddity_once():
    text = "\nnetwork,postoffice,Colour,colour,,note\nNWTRADERS,SALES,red,blue,,x\nFABRIKAM,DEPOT,red,,,\n"
    estate = READERS["csv"](text, "po")
    assert [item.note for item in estate.listings] == ["x", ""]
    assert estate.faults == ()
    assert [str(fault) for fault in estate.oddities] == [
        f"po:2: remedy does not know the column 'colour'; {KNOWS}",
        f"po:2: remedy does not know the column ''; {KNOWS}",
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("network,office\nA,B", 1, "the first row must name the columns network and postoffice; it is 'network,office'"),
        ("\nNWTRADERS,SALES\n", 2, "the first row must name the columns network and postoffice; it is 'NWTRADERS,SALES'"),
        ("network;postoffice,note", 1, "the first row must name the columns network and postoffice; it is 'network;postoffice,note'"),
        (",,,", 1, "the first row must name the columns network and postoffice; it is ''"),
        ('"network,postoffice', 1, "the quote that opens in this row is never closed"),
        ("network,postoffice,Note,note,NETWORK", 1, "the first row names network and note more than once"),
    ],
)  # fmt: skip
def test_a_table_without_the_columns_is_no_inventory(text, line, message):
    with pytest.raises(InputError) as caught:
        READERS["csv"](text, "po")
    assert caught.value.faults == (Fault("po", line, message),)


@pytest.mark.parametrize(
    ("line", "told"),
    [("network,postoffice", True), ('"Postoffice";"Network"', True), ("network", False), ("", False), ("a,b", False)],
)
def test_a_header_is_known_by_its_columns(line, told):
    assert has_header(line) is told


# --- Writing CSV ---------------------------------------------------------------------------------------------------


def row_of(listing: Listing) -> Mapping[str, object]:
    facts = {column: getattr(listing, column) for column in COLUMNS[2:]}
    return {"network": listing.name.network, "postoffice": listing.name.name, **facts}


def test_what_is_written_is_what_was_read():
    listings = READERS["csv"](COMPANY["csv"], "po").listings
    assert dump_csv(map(row_of, listings)) == (
        "network,postoffice,kind,postmaster,pending,users,strategy,version,path,note\n"
        'NWTRADERS,SALES,msmail,yes,4096,500,exchange,3.5,\\\\MAIL\\SALES,"East, ""old"" wing"\n'
        "FABRIKAM,DEPOT,,no,,0,,,,\n"
        "WINGTIP,TOYS,gateway,,,,skip,,,\n"
    )
    assert READERS["csv"](dump_csv(map(row_of, listings)), "po").listings == listings


def test_no_rows_are_a_header():
    assert dump_csv([]) == "network,postoffice,kind,postmaster,pending,users,strategy,version,path,note\n"


@pytest.mark.parametrize(
    ("note", "cell"),
    [
        ("=1+1", '"\'=1+1"'),
        ("+1", '"\'+1"'),
        ("-1", '"\'-1"'),
        ("@SUM(A1)", '"\'@SUM(A1)"'),
        ("\t=1", '"\'\t=1"'),
        ("\rx", '"\'\rx"'),
        ("\nx", '"\'\nx"'),
        (" =1", '"\' =1"'),
        ("'=1", "\"''=1\""),
        ("''@", "\"'''@\""),
        ("'tis", '"\'tis"'),
        ("a=1", "a=1"),
        (" a", '" a"'),
        ("a ", '"a "'),
        ("a;b", '"a;b"'),
        ('"', '""""'),
    ],
)
def test_no_cell_is_a_formula_and_each_reads_back(note, cell):
    text = dump_csv([{"network": "NWTRADERS", "postoffice": "SALES", "note": note}])
    assert text.partition("\n")[2] == f"NWTRADERS,SALES,,,,,,,,{cell}\n"
    assert one(text).note == note
    (_, cells) = csv.reader(io.StringIO(text, newline=""))
    assert cells[-1].lstrip()[:1] not in {"=", "+", "-", "@"}
    assert cells[-1][:1] not in {"\t", "\r", "\n"}


@pytest.mark.parametrize("cell", ["'tis", "'", "x'=1", "=1", ""])
def test_an_apostrophe_of_the_user_stays(cell):
    assert unprotect(cell) == cell


# --- JSON ----------------------------------------------------------------------------------------------------------


def rows(*objects: str) -> str:
    return '{"postoffices": [\n' + ",\n".join(objects) + "\n]}"


def test_numbers_are_text_where_text_is_due():
    listing = one(
        rows('{"Network": 1, " postoffice ": 2, "version": 3, "postmaster": 1, "pending": "12", "note": -5}'), "json"
    )
    assert (str(listing.name), listing.version, listing.pending, listing.note) == ("1/2", "3", 12, "-5")
    assert listing.postmaster is True


TYPES = [
    ('"pending": true', "pending is 'true'; it must be a whole number from 0 to 4096 or blank"),
    ('"pending": 1.5', "pending must be text or a whole number, not 1.5; quotes make it text"),
    ('"pending": NaN', "pending must be text or a whole number, not nan; quotes make it text"),
    ('"pending": 1e999', "pending must be text or a whole number, not inf; quotes make it text"),
    ('"pending": {"a": 1}', "pending must be text or a whole number, not a list, a table or a date"),
    ('"users": [1]', "users must be text or a whole number, not a list, a table or a date"),
    (f'"users": {"9" * 5000}', f"users is '{'9' * 39}…'; it must be a whole number from 0 to 500 or blank"),
    ('"version": 3.5', "version must be text or a whole number, not 3.5; quotes make it text"),
    ('"note": true', "note must be text, not true; quotes make it text"),
    ('"note": {}', "note must be text or a whole number, not a list, a table or a date"),
    ('"note": "\\ud800"', "note holds '\\ud800', a character that no text file can hold"),
    ('"note": "\\u0000"', "note holds '\\u0000', a character that no text file can hold"),
    ('"kind": false', "kind is 'false'; it must be one of msmail, shadow, ffapi, gateway and workgroup, or blank"),
    ('"strategy": 1', "strategy is '1'; it must be one of exchange, postoffice, both and skip, or blank"),
    ('"users": 1, "Users": 1', "the column 'users' stands twice in this row"),
    ('"users": 1, "users": 2, "users": 3', "the column 'users' stands twice in this row"),
]


@pytest.mark.parametrize(("pair", "message"), TYPES)
def test_a_value_of_the_wrong_type_is_a_fault(pair, message):
    text = rows('{"network": "FABRIKAM", "postoffice": "DEPOT"}', f'{{"network": "A", "postoffice": "B", {pair}}}')
    estate = READERS["json"](text, "po")
    assert [item.where for item in estate.listings] == ["line 2"]
    assert estate.faults == (Fault("po", 3, message),)


@pytest.mark.parametrize("value", ["null", "3", '"x"', "[]", "true"])
def test_a_row_must_be_an_object(value):
    assert wrong(rows(value), "json") == ["po:2: a row must be an object that holds the columns"]


@pytest.mark.parametrize("value", ["true", "null", '""'])
def test_a_name_must_be_a_name(value):
    assert len(wrong(rows(f'{{"network": {value}, "postoffice": {value}}}'), "json")) == 2


def test_unknown_keys_are_oddities_once():
    text = '{\n"made": {"by": [1]},\n' + rows('{"network":"A","postoffice":"B","colour":{}}', '{"Colour":1}')[1:]
    estate = READERS["json"](text, "po")
    assert [str(fault) for fault in estate.oddities] == [
        "po:2: remedy does not know 'made' and did not read it; rows stand under 'postoffices'",
        f"po:4: remedy does not know the column 'colour'; {KNOWS}",
    ]
    assert [fault.line for fault in estate.faults] == [5, 5]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("{", 1, "it is no JSON: Expecting property name enclosed in double quotes (column 2)"),
        ('{"postoffices": [\n{"network": }]}', 2, "it is no JSON: Expecting value (column 13)"),
        ("\n[]", 2, 'it is JSON, but holds no array "postoffices"'),
        ("3", 1, 'it is JSON, but holds no array "postoffices"'),
        ('{"postoffice": []}', 1, 'it is JSON, but holds no array "postoffices"'),
        ('{\n"postoffices": {}}', 2, 'it is JSON, but holds no array "postoffices"'),
        ('{"postoffices": [],\n"postoffices": []}', 2, 'it is JSON, but holds more than one array "postoffices"'),
        ("[" * 100_000, None, "its brackets are nested too deeply"),
    ],
)
def test_json_of_another_shape_is_no_inventory(text, line, message):
    with pytest.raises(InputError) as caught:
        READERS["json"](text, "po")
    assert caught.value.faults == (Fault("po", line, message),)


def test_json_that_the_standard_library_writes():
    rows = [{"network": "NWTRADERS", "postoffice": "SALES"}] * 2
    for indent, wheres in ((None, ["line 1"] * 2), (2, ["line 3", "line 7"])):
        text = json.dumps({"postoffices": rows}, indent=indent)
        assert [item.where for item in READERS["json"](text, "po").listings] == wheres


# --- TOML ----------------------------------------------------------------------------------------------------------

HEAD = 'network = "NWTRADERS"\npostoffice = "SALES"\n'


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f'# [[postoffice]]\n[[postoffice]]\n{HEAD}note = """\n[[postoffice]]\n\\""" """\n[[postoffice]]\n{HEAD}', [2, 8]),
        (f"[[postoffice]]\n{HEAD}note = '''\n[[postoffice]]\n''''\n\n[[postoffice]]\n{HEAD}", [1, 8]),
        (f'[[postoffice]]\n{HEAD}note = "# \\" [["\r\n[[ \'postoffice\' ]]\r\n{HEAD}', [1, 5]),
        ('x = "y"\npostoffice = [\n {network="NWTRADERS", postoffice="SALES"},\n {network="A", postoffice="B"}\n]', [2, 2]),
        (f'[["post\\u006fffice"]]\n{HEAD}', [None]),
    ],
)  # fmt: skip
def test_lines_of_toml_rows(text, lines):
    wheres = [f"line {line}" if line else "" for line in lines]
    assert [item.where for item in READERS["toml"](text, "po").listings] == wheres


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("pending = 1.5", "pending must be text or a whole number, not 1.5; quotes make it text"),
        ("pending = 1979-05-27", "pending must be text or a whole number, not a list, a table or a date"),
        ("note = 07:32:00", "note must be text or a whole number, not a list, a table or a date"),
        ("users = 0x" + "f" * 5000, "users must be text or a whole number, not a number of that length"),
        ("users = {a = 1}", "users must be text or a whole number, not a list, a table or a date"),
        ("users = 1\nUSERS = 1", "the column 'users' stands twice in this row"),
    ],
)
def test_a_toml_value_of_the_wrong_type_is_a_fault(pair, message):
    assert wrong(f"\n[[postoffice]]\n{HEAD}{pair}\n", "toml") == [f"po:2: {message}"]


def test_an_element_that_is_no_table_is_a_fault():
    assert wrong("\npostoffice = [1]", "toml") == ["po:2: a row must be a table that holds the columns"]


def test_what_stands_beside_the_rows_is_an_oddity():
    estate = READERS["toml"](f"[[postoffice]]\n{HEAD}[[postofice]]\n{HEAD}", "po")
    assert len(estate.listings) == 1
    assert [str(fault) for fault in estate.oddities] == [
        "po: remedy does not know 'postofice' and did not read it; rows stand under 'postoffice'"
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a = \n", 1, "it is no TOML: Invalid value"),
        ("a = 1\nb = 'x", 2, "it is no TOML: "),
        ("a = 1\n[b", 2, "it is no TOML: "),
        ("a = 1\nb = " + "1" * 5000, 2, "a number in it is too long"),
        ("a = 1\nb = " + "[" * 100_000, None, "its brackets are nested too deeply"),
        ("a = 1", 1, "it is TOML, but holds no array [[postoffice]]"),
        ("a = 1\n[postoffice]\n", 2, "it is TOML, but holds no array [[postoffice]]"),
        ("a = 1\npostoffice = 3\n", 2, "it is TOML, but holds no array [[postoffice]]"),
    ],
)
def test_toml_of_another_shape_is_no_inventory(text, line, message):
    with pytest.raises(InputError) as caught:
        READERS["toml"](text, "po")
    (fault,) = caught.value.faults
    assert (fault.source, fault.line) == ("po", line)
    assert fault.message.startswith(message)
