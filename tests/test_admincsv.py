"""The layout of the Administrator's tables: options in its own words, and what a cell holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remedy.admincsv import OPTIONS, Layout
from remedy.errors import UsageError
from tests.administrator import Style

CELLS = {
    "MS:A/B/C": ("MS:A/B/C",),
    "MS:A/B/C%SMTP:x@y": ("MS:A/B/C", "SMTP:x@y"),
    r"50\%": ("50%",),
    r"a\\b": (r"a\b",),
    r"a\\%b": ("a\\", "b"),
    r"a\r\nb": ("a\r\nb",),
    r"FABRIKAM\jdoe": (r"FABRIKAM\jdoe",),
    "a\\": ("a\\",),
    "a%%b%": ("a", "b"),
    "": (),
    "  ": (),
}
GOOD = {
    "ColumnSeparator=59": Layout(column=";"),
    "columnseparator=;": Layout(column=";"),
    "ColumnSeparator=9": Layout(column="\t"),
    "ColumnSeparator=\t": Layout(column="\t"),
    "ColumnSeparator==": Layout(column="="),
    "QuoteCharacter=39": Layout(quote="'"),
    "QuoteSeparator='": Layout(quote="'"),
    "MVSeparator=38": Layout(several="&"),
    "MVSeparator = #": None,
    "CodePage=Unicode": Layout(encoding="utf-16"),
    "CodePage=850": Layout(encoding="cp850"),
    "CodePage=01252": Layout(encoding="cp1252"),
    "CodePage=65001": Layout(encoding="utf-8"),
}
BAD = {
    "ColumnSeparator": "NAME=VALUE",
    "Separator=44": "MVSeparator",
    "ColumnSeparator=": "ASCII code",
    "ColumnSeparator=a": "ASCII code",
    "ColumnSeparator=65": "ASCII code",
    "ColumnSeparator=92": "ASCII code",
    "ColumnSeparator=13": "ASCII code",
    "ColumnSeparator=999": "ASCII code",
    "ColumnSeparator=²": "ASCII code",
    "QuoteCharacter=''": "ASCII code",
    "MVSeparator=59": "% & ^ # @ ! $",
    "CodePage=": "number of a code page",
    "CodePage=99999": "number of a code page",
    "CodePage=rot13": "number of a code page",
}


@pytest.mark.parametrize(("cell", "values"), CELLS.items())
def test_a_cell_holds(cell, values):
    assert Layout().values(cell) == values


def test_a_cell_of_one_value_is_not_parted():
    assert Layout().text("a%b") == Layout().text(r"a\%b") == "a%b"
    assert Layout().text("plain") == "plain"


def test_another_separator_leaves_the_usual_one_alone():
    layout = Layout(several="&")
    assert layout.values(r"50%&b\&c\%") == ("50%", "b&c%")


@pytest.mark.parametrize(("text", "layout"), GOOD.items())
def test_options_are_those_of_the_program(text, layout):
    if layout is None:
        with pytest.raises(UsageError):
            Layout.of([text])
    else:
        assert Layout.of([text]) == layout


def test_the_last_one_of_a_name_counts():
    assert Layout.of(["ColumnSeparator=59", "CodePage=437", "ColumnSeparator=9"]) == Layout("\t", encoding="cp437")


@pytest.mark.parametrize(("text", "says"), BAD.items())
def test_what_is_no_option_says_what_there_is(text, says):
    with pytest.raises(UsageError, match=r"--export-option") as caught:
        Layout.of([text])
    assert says in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("options", [['MVSeparator="'], ["ColumnSeparator=34"], ["ColumnSeparator=37"]])
def test_one_mark_cannot_mean_two_things(options):
    with pytest.raises(UsageError, match="must differ"):
        Layout.of(options)
    assert Layout.of(['MVSeparator="', "QuoteCharacter='"]) == Layout(quote="'", several='"')


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("Obj-Class,Mode\r\n", ","),
        ("obj-class ; Mode", ";"),
        ('"OBJ-CLASS"\tMode', "\t"),
        ("Obj-Class|Mode", None),
        ("Obj-Class", None),
        ("", None),
    ],
)
def test_the_header_shows_the_column_separator(line, column):
    found = Layout().headed(line)
    assert (found.column if found else None) == column
    assert Layout(column="|").headed(line).column == "|"


def test_every_option_is_a_part_of_the_layout():
    assert len(OPTIONS) == len(Layout.__slots__)


VALUES = st.lists(st.text(st.sampled_from("aZ0%\\&;\r\n\"',=$: é"), min_size=1).filter(str.strip), max_size=4)


@given(VALUES, st.sampled_from("%&^#@!$"))
def test_what_the_program_writes_reads_back(values, several):
    cell = several.join(map(Style(several=several).escaped, values))
    assert Layout(several=several).values(cell) == tuple(values)


@given(st.text(st.sampled_from("a%\\rn&")), st.sampled_from("%&"))
def test_any_cell_can_be_read(cell, several):
    layout = Layout(several=several)
    assert all(value.strip() for value in layout.values(cell))
    assert len(layout.text(cell)) <= len(cell)
