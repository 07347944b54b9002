"""Text logs cut into any blocks: what is found is what a reader finds that splits everything and looks at all of it."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from remedy.eventlogs import TEXT_FORMS, form_of, sparse
from remedy.eventlogs.base import Notes
from remedy.eventlogs.sparse import CODE, RECORD_LIMIT, WORDS, records
from tests.log_samples import AU, MATTER, REST, US, dumpel, read, vertical, viewer

SENT = (
    "DATE SENT       SIZE  SENDER                   TO\n---------       ---  ------                    --\n"
    "05/17/96 09:44  715  NETWORK/LOCALPO/Admin     NETWORK/REMOTEPO/Admin\n0000030C 00000403\n"
    "05/17/96 09:44  715  NETWORK/LOCALPO/Admin     NETWORK/REMOTEPO/Postmaster\n0000030C 00000403\n"
    "DATE RECEIVED   SIZE  FROM                   TO\n"
    "05/17/96 09:39  1239  NETWORK/REMOTEPO/POSTMASTER NETWORK/LOCALPO/ADMIN        *\n00000306\n"
)
SYSTEM = (
    "System log entry on: 05-14-93 11:32\nFrom: TELECOM/NTNETCU1/POSTMASTER\n[016] Message was not sent\n\n"
    "System log entry on: 05-15-93 11:33\nExternal program has started.\n"
)
TRACKED = (
    "# Message Tracking Log File\n# Date\tTime\tRecipient-address\tEvent-ID\tMSGID\tSender-Address\n"
    "2003-10-5\t0:0:3 GMT\ta@b\t1019\t<1@a>\tc@d\n2003-10-5\t0:0:3 GMT\tMS:N/P/POSTMASTER\t1019\t<1@a>\tc@d\n"
    "C=US;A= ;P=X\t7\t1997.3.24 9:5:7\t\tMTA\t\tS\t0\t0\t0\t1\t\t1\nMS:NET/PO/POSTMASTER\t0\n"
)
MIXED = (*REST[:2], *MATTER[:2], REST[2], *MATTER[2:5])
LOGS = {
    "event-viewer": viewer(MIXED, "\t", US) + viewer(MATTER[5:], ",", US),
    "dumpel": dumpel(MIXED, "\t", AU),
    "event-properties": vertical(MIXED),
    "system-log": SYSTEM.replace("\n", "\r\n"),
    "sent-log": SENT,
    "message-tracking": TRACKED,
}
SCRAPS = st.sampled_from(
    [line + "\n" for text in LOGS.values() for line in text.split("\n")]
    + [
        "\n",
        "[0",
        "post",
        "master ",
        "postmaster\n",
        "DATE SENT\n",
        "Date,Time,\r\n",
        "1/1/99 10:00",
        "\x1b[2J\n",
        "  \n",
    ]
)


def blocks_of(data, sizes):
    """Cut data into blocks of the sizes, over and over."""
    place = turn = 0
    while place < len(data):
        yield data[place : place + sizes[turn % len(sizes)]]
        place, turn = place + sizes[turn % len(sizes)], turn + 1


def plainly(data, form):
    """Split all records, and keep those that hold a word: the reference."""
    found, unknown, kept = [], [], None
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        if form.begins.match(line):
            kept = [number, line]
            found.append(kept)
        elif kept:
            kept[1] += line
        elif not form.heading.match(line):
            unknown.append(line)
    for item in [item for item in found if form.heading.match(item[1].split(b"\n")[0] + b"\n")]:
        below = item[1].partition(b"\n")[2]
        unknown += [below] if holds_a_word(below) else []
        found.remove(item)
    return [(number, text) for number, text in found if holds_a_word(text)], sorted(unknown)


def holds_a_word(data):
    return any(word in data.lower() for word in WORDS) or CODE.search(data) is not None


def sparsely(data, form, sizes):
    kept: list[bytes] = []
    notes = Notes("log", keep=kept.append)
    return list(records(blocks_of(data, sizes), form, notes)), sorted(kept), notes


SIZES = st.lists(st.integers(1, 300), min_size=1, max_size=4)


@pytest.mark.parametrize("name", LOGS)
@given(scraps=st.lists(SCRAPS, max_size=12), sizes=SIZES, whole=st.booleans())
@settings(max_examples=120)
def test_sparse_reading_finds_what_plain_reading_finds(name, scraps, sizes, whole):
    data = ("".join(scraps) + (LOGS[name] if whole else "")).encode("cp1252")
    form = TEXT_FORMS[name]
    found, kept, notes = sparsely(data, form, sizes)
    expected, unknown = plainly(data, form)
    assert found == expected
    assert [line.rstrip(b"\n") for line in kept] == [line.rstrip(b"\n") for line in unknown]
    assert notes.lines == len(unknown)


@pytest.mark.parametrize("name", LOGS)
@given(cut=st.integers(0, 3000), sizes=SIZES)
@settings(max_examples=60)
def test_a_log_cut_anywhere_gives_its_whole_records(name, cut, sizes):
    data = LOGS[name].encode("cp1252")
    _, whole, _ = read(data, form=name)
    form = TEXT_FORMS[name]
    begun = [number for number, _ in plainly(data[:cut], form)[0]]
    notes = Notes("log")
    found = [
        form.parse(record.decode("cp1252"), line, notes)
        for line, record in records(blocks_of(data[:cut], sizes), form, notes)
    ]
    assert len(found) == len(begun)
    assert [event for event in found[:-1] if event] == whole[: max(0, len(found) - 1)]


@pytest.mark.parametrize("name", LOGS)
def test_formats_are_told_by_their_records(name):
    data = LOGS[name].encode("cp1252")
    form = form_of(data)
    assert form
    assert form.name == name


@given(st.binary(max_size=600), SIZES)
@example(b"\xff\xfe5\0/", [1])
@example(b"5/22/97 12:55:53 PM\tpostmaster\xff\x00\x1b[2J", [3])
def test_junk_gives_notes_and_no_exception(junk, sizes):
    form_of(junk)
    for form in TEXT_FORMS.values():
        notes = Notes("log")
        for line, record in records(blocks_of(junk, sizes), form, notes):
            form.parse(record.decode("cp1252", "replace"), line, notes)


@given(st.text('0123456789/-.:,;\t "#PMpmN/A\\[postmaster\nDATE', max_size=200))
@settings(max_examples=300)
def test_what_looks_like_records_gives_events_or_none(text):
    for form in TEXT_FORMS.values():
        for start in (
            "",
            "5/22/97 12:55:53 PM",
            "5/22/97\t12:55\t",
            "Event Type: x\n",
            "System log entry on: 05-14-93 11:32\n",
            "x\t7\t",
        ):
            form.parse(start + text, 1, Notes("log"))


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("block", [1 << 16, 1 << 20])
def test_a_line_of_ten_megabytes(name, block):
    first = LOGS[name].encode("cp1252").rstrip(b"\r\n")
    data = first + b" " + b"x" * (10 << 20) + b" postmaster\n" + LOGS[name].encode("cp1252")
    form = TEXT_FORMS[name]
    notes = Notes("log")
    found = list(records((data[place : place + block] for place in range(0, len(data), block)), form, notes))
    assert max(len(record) for _, record in found) <= RECORD_LIMIT
    events = [form.parse(record.decode("cp1252"), line, notes) for line, record in found]
    wanted = [event.text for event in read(LOGS[name].encode("cp1252"), form=name)[1]]
    assert [event.text for event in events if event][-len(wanted) :] == wanted
    assert len(found) + notes.lines >= 2 * len(wanted)


def word_lines(data, form, limit):
    """Give the lines that hold a word and are near enough to the beginning of their record."""
    begin = place = 0
    for line in data.splitlines(keepends=True):
        begin = place if form.begins.match(line) else begin
        if holds_a_word(line) and place + len(line) - begin <= limit:
            yield line.rstrip(b"\r\n")
        place += len(line)


@given(scraps=st.lists(SCRAPS, min_size=3, max_size=25), sizes=SIZES, limit=st.integers(80, 400))
@settings(max_examples=300)
def test_whatever_holds_a_word_is_taken_or_told(scraps, sizes, limit):
    data = "".join(scraps).encode("cp1252")
    for form in TEXT_FORMS.values():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sparse, "RECORD_LIMIT", limit)
            found, kept, notes = sparsely(data, form, sizes)
        told = [text for _, text in found] + kept
        assert [line for line in word_lines(data, form, limit) if not any(line in text for text in told)] == []
        assert notes.lines == len(kept)
        assert all(len(text) <= limit for _, text in found)
        assert [number for number, _ in found] == sorted({number for number, _ in found})


@pytest.mark.parametrize("name", LOGS)
def test_ten_megabytes_of_no_log(name):
    notes = Notes("log")
    assert not list(records((b"postmaster " * 10_000 for _ in range(100)), TEXT_FORMS[name], notes))
    assert notes.lines
