"""Binary logs: written by our own writer, which knows the layout that Microsoft published, and read by the real libraries."""

import io
import sys
import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.errors import InputError
from remedy.eventlogs import BINARY_FORMS, binary_form_of
from remedy.eventlogs.base import Notes
from remedy.eventlogs.dates import DateOrder, seconds_of
from tests.binary_logs import CHUNK, EVT_END, EVT_HEADER, Logged, evt, evtx
from tests.log_samples import MATTER, REST

pytest.importorskip("pyevt")
pytest.importorskip("evtx")

WRITERS = {"evt": evt, "evtx": evtx}
both = pytest.mark.parametrize("name", WRITERS)


def logged(samples):
    return [
        Logged(event.number, tuple(event.text.split("\n")), event.source, event.computer, category=3)
        for event in samples
    ]


def read(data):
    form = binary_form_of(data[:64])
    assert form
    notes = Notes("log")
    return form.name, list(form.read(io.BytesIO(data), notes)), notes


MANY = [
    Logged(2444, ("<00000C9D>", f"event {place}", "NET/PO/POSTMASTER"), when=900_000_000 + place) for place in range(40)
]


@both
def test_every_event_that_is_quoted(name):
    form, events, notes = read(WRITERS[name](logged((*REST, *MATTER))))
    assert (form, notes.utc, notes.records, notes.oddities) == (name, True, 0, [])
    assert notes.calendar.order is DateOrder.YMD
    assert [(event.source, event.number, event.computer, event.text, event.category) for event in events] == [
        (event.source, event.number, event.computer, event.text, "3") for event in MATTER
    ]
    assert [event.where for event in events] == [len(REST) + place for place in range(1, len(MATTER) + 1)]
    assert {seconds_of(event.stamp, DateOrder.YMD) for event in events} == {864_305_753}


def test_a_ring_that_wraps_anywhere():
    for size in range(0x700, 0x800, 4):
        _, events, notes = read(evt(MANY, size=size))
        assert (events[-1].where, notes.oddities, notes.records) == (40, [], 0)
        numbers = [event.where for event in events]
        assert numbers == list(range(numbers[0], 41))
        assert len(numbers) > 7


def test_a_copy_made_while_the_service_ran():
    whole = [event.where for event in read(evt(MANY, size=0x800))[1]]
    for size in (0x800, 0x7F4):
        _, events, notes = read(evt(MANY, size=size, dirty=True))
        assert [event.where for event in events][-9:] == whole[-9:]
        assert [line for line in notes.oddities if "Q255861" in line]
        assert not [line for line in notes.oddities if "missing" in line]


def test_a_log_that_was_cut():
    _, events, notes = read(evt(MANY)[:0x500])
    assert [event.where for event in events] == list(range(1, len(events) + 1))
    assert f"{40 - len(events)} of 40 records are missing" in notes.oddities[-1]
    assert "The record that ends the log is missing" in notes.oddities[0]


def test_a_log_of_several_chunks_that_was_cut():
    data = evtx(MANY * 10)
    assert len(read(data)[1]) == 400
    _, events, notes = read(data[: 4096 + 2 * CHUNK + 3000])
    assert [event.where for event in events] == list(range(1, len(events) + 1))
    assert "the file is cut" in notes.oddities[0]
    assert "records are missing" in notes.oddities[1]


def test_a_chunk_that_is_damaged():
    data = bytearray(evtx(MANY * 10))
    data[4096 + CHUNK : 4096 + CHUNK + 8] = b"damaged!"
    _, events, notes = read(bytes(data))
    assert [event.where for event in events][-1] == 400
    assert len(events) < 400
    assert [line for line in notes.oddities if line.startswith("1 of 6 chunks of records are damaged")]


def test_a_log_of_vista_that_was_not_closed():
    _, events, notes = read(evtx(MANY, dirty=True))
    assert (len(events), len(notes.oddities)) == (40, 1)


@both
def test_an_empty_log(name):
    assert read(WRITERS[name]([]))[1] == []


def test_records_that_cannot_be_read_are_counted_and_kept():
    data = bytearray(evtx(MANY))
    data[data.index(b"\x2a\x2a\0\0", 4096 + 600) + 24] = 0xFF
    form, kept, notes = binary_form_of(bytes(data[:64])), [], Notes("log")
    notes.keep = kept.append
    assert len(list(form.read(io.BytesIO(bytes(data)), notes))) == 39
    assert (notes.records, len(kept)) == (1, 1)
    half = bytearray(evt(MANY[:3]))
    place = half.index("MSExchangeMSMI".encode("utf-16-le"))
    half[place : place + 2] = b"\0\xd8"  # half a character
    _, events, notes = read(bytes(half))
    assert len(events) + notes.records == 3


@pytest.mark.parametrize(("name", "module"), [("evt", "pyevt"), ("evtx", "evtx")])
def test_a_library_that_is_missing_is_named(monkeypatch, name, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=rf"pip install 'remedy\[{name}\]'"):
        read(WRITERS[name](MANY))


def read_or_refused(data):
    form = binary_form_of(data[:64])
    if not form:
        return
    notes = Notes("log")
    try:
        events = list(form.read(io.BytesIO(data), notes))
    except InputError:
        return
    assert all(seconds_of(event.stamp, DateOrder.YMD) is not None for event in events)


SPOTS = st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=4)), max_size=12)


@both
@given(spots=SPOTS, cut=st.none() | st.integers(0, 8000))
@settings(max_examples=150)
def test_hostile_bytes_give_events_or_our_own_error(name, spots, cut):
    data = bytearray(GOOD[name])
    for place, spot in spots:
        at = place if name == "evt" or place < 128 else 4096 + place - 128
        data[at : at + len(spot)] = spot
    read_or_refused(bytes(data[:cut]))


GOOD = {name: writer(MANY[:8]) for name, writer in WRITERS.items()}


@both
@given(tail=st.binary(max_size=300))
def test_junk_behind_a_signature(name, tail):
    read_or_refused(GOOD[name][:8] + tail)


@given(cut=st.integers(EVT_HEADER, EVT_HEADER + 1600))
def test_whatever_is_cut_off_is_told(cut):
    data = evt(MANY[:8], size=EVT_HEADER + 8 * 256 + EVT_END)
    try:
        _, events, notes = read(data[:cut])
    except InputError:
        return
    assert [event.where for event in events] == list(range(1, len(events) + 1))
    assert len(events) == 8 or [line for line in notes.oddities if f"{8 - len(events)} of 8 records" in line]


def test_forms_are_told_apart():
    assert [form.name for form in BINARY_FORMS] == ["evt", "evtx"]
    assert binary_form_of(b"5/22/97 12:55:53 PM") is None
    assert binary_form_of(b"") is None


def test_what_looks_like_an_end_is_none():
    data = bytearray(evt(MANY[:4]))
    data[-60:-40] = data[data.index(b"\x11\x11\x11\x11") - 4 :][:20]
    assert read(bytes(data))[2].oddities == []


def test_a_log_without_any_record_that_libevt_finds():
    _, events, notes = read(GOOD["evt"][:8] + b"\0" * 16 + b"a" * 8 + b"\0" * 400)
    assert events == []
    assert notes.oddities


class Parser:
    """A stand-in with the interface of the library evtx, for what its own records cannot be made to show."""

    records = ()

    def __init__(self, log):
        assert log.read(8) == b"ElfFile\0"

    def records_json(self):
        return self

    def __iter__(self):
        return self

    def __next__(self):
        item = next(self.records, None)
        if isinstance(item, Exception):
            raise item
        if item is None:
            raise StopIteration
        return {"event_record_id": 7, "timestamp": "", "data": item}


def stand_in(monkeypatch, records):
    monkeypatch.setitem(sys.modules, "evtx", types.SimpleNamespace(PyEvtxParser=Parser))
    monkeypatch.setattr(Parser, "records", iter(records))
    return read(evtx(MANY[:1]))


SYSTEM = (
    '"System":{"Provider":{"#attributes":{"Name":"X","EventSourceName":"MSExchangeMSMI"}},"EventID":2444,"Task":null,'
    '"TimeCreated":{"#attributes":{"SystemTime":"1997-05-22 12:55:53.123456 UTC"}},"Computer":"TRADE"}'
)


@pytest.mark.parametrize(
    "data",
    [
        '"EventData":{"#attributes":{"Name":"postmaster"},"Data":"N/P/POSTMASTER"}',
        '"EventData":{"Data":[{"#attributes":{"Name":"param1"},"#text":"N/P/POSTMASTER"},null]}',
        '"EventData":null,"UserData":{"To":{"#text":["N/P/POSTMASTER"]}}',
    ],
)
def test_shapes_of_json(monkeypatch, data):
    _, (event,), notes = stand_in(monkeypatch, [f'{{"Event":{{{SYSTEM},{data}}}}}'])
    assert (event.source, event.number, event.category, event.text, event.where) == (
        "MSExchangeMSMI", 2444, "", "N/P/POSTMASTER", 7,
    )  # fmt: skip
    assert notes.records == 0


@pytest.mark.parametrize(
    "data", ["", "[]", "{}", '{"Event":[]}', '{"Event":{"System":1,"EventData":"postmaster"}}', "[" * 9999]
)
def test_json_that_is_none_of_an_event(monkeypatch, data):
    _, events, _ = stand_in(monkeypatch, [data])
    assert events == []


def test_a_library_that_fails_for_ever_is_left(monkeypatch):
    _, events, notes = stand_in(monkeypatch, (RuntimeError("again") for _ in range(100_000)))
    assert events == []
    assert notes.records < 3000
