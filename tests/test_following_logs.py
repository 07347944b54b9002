"""A log that is followed: each record is read once, however its writer cuts it and whatever file has its name."""

import os
from pathlib import Path

import pytest

from remedy.diagnosing import LogManner, follow
from remedy.errors import InputError
from remedy.eventlogs.base import Notes
from remedy.eventlogs.dates import DateOrder
from remedy.stores.logs import events_as_they_come
from remedy.survey import Scope

RECORDS = [
    f"5/19/97\t10:00:{second:02}\tMSExchangeMSMI\tInformation\tRouting\t2444\tN/A\tEXSRV1\tMessage ID <{second:08X}> "
    "processed from INQUEUE\r\n\r\nFrom: SMTP:listserv@lists.example.org\r\nTo: NET0/PO0/POSTMASTER\r\n"
    for second in range(4)
]
FIRST, SECOND = "".join(RECORDS[:2]), "".join(RECORDS[2:])
LOG = Path("log")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(*deeds, silent=0):
    """Read a log while things happen to it, each after so many moments of silence; give the texts."""
    left = [deed for each in deeds for deed in (*[lambda: None] * silent, each)]

    def wait():
        if left:
            left.pop(0)()
            return True
        return False

    notes = Notes("log")
    texts = [event.text for event in events_as_they_come("log", notes, wait)]
    assert (notes.records, notes.lines) == (0, 0)
    return texts


def written(data):
    def deed():
        with LOG.open("ab") as file:
            file.write(data)

    return deed


def moved(data):
    def deed():
        LOG.rename("old")
        LOG.write_bytes(data)

    return deed


@pytest.mark.parametrize("silent", [0, 1, 3])
@pytest.mark.parametrize("word", ["10:00", "listserv", "To:", "/PO0", "POST", "MASTER"])
def test_a_record_that_comes_in_two_halves_is_one(word, silent):
    LOG.write_bytes(RECORDS[0].encode())
    halves = []
    for record in RECORDS[1:]:
        cut = record.index(word) + 2
        halves += [written(record[:cut].encode()), written(record[cut:].encode())]
    assert len(read(*halves, silent=silent)) == 4


def test_a_record_that_goes_on_after_it_was_given_is_not_given_again():
    LOG.write_bytes(RECORDS[0].encode())
    assert len(read(written(b"one more line with POSTMASTER\r\n"), written(RECORDS[1].encode()), silent=40)) == 2


def test_the_last_record_is_given_while_the_log_is_silent():
    LOG.write_bytes("".join(RECORDS).encode())
    seen, silences = [], []
    events = events_as_they_come("log", Notes("log"), lambda: silences.append(len(seen)) or len(silences) < 9)
    seen.extend(events)
    assert silences[-1] == 4


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_new_file_begins_a_text_of_its_own(codec, lost):
    data = FIRST.encode(codec)
    LOG.write_bytes(data[: len(data) - lost])  # the old one may end in the middle of a line or of a character
    assert len(read(moved(SECOND.encode(codec)))) == 4
    LOG.write_bytes(FIRST.encode(codec))
    assert len(read(lambda: LOG.write_bytes(RECORDS[2].encode(codec)))) == 3


def test_an_encoding_that_shows_late():
    data = FIRST.encode("utf-16")
    LOG.write_bytes(b"")
    assert len(read(written(data[:1]), written(data[1:3]), written(data[3:]))) == 2


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"hello\nworld\n", "no log that is known"),
        (b"\x1f\x8b\x08" + bytes(50), "only text can be followed"),
        (b"ElfFile\0" + bytes(5000), "only text can be followed"),
        (b"\x30\0\0\0LfLe" + bytes(5000), "only text can be followed"),
    ],
)
def test_what_can_never_be_followed_is_said_at_once(data, what):
    LOG.write_bytes(data)
    with pytest.raises(InputError, match=what):
        list(events_as_they_come("log", Notes("log"), lambda: pytest.fail("it waits for ever")))


def test_a_folder_and_a_pipe_are_refused():
    LOG.mkdir()
    with pytest.raises(InputError, match="it is a folder"):
        read()
    LOG.rmdir()
    os.mkfifo(LOG)
    with pytest.raises(InputError, match="it is no file"):
        read()


def news(*deeds, **more):
    """Follow a log, and give what is told of it."""
    left = list(deeds)

    def wait(notes, watch):
        del notes, watch
        if left:
            left.pop(0)()
            return True
        return False

    return [each for _, each in follow("log", wait, lambda: 0.0, manner=LogManner(**more), threshold=4)]


def test_only_the_postoffices_that_are_looked_at_are_told_of():
    LOG.write_bytes("".join(RECORDS).encode())
    assert len(news()) == 1
    assert len(news(scope=Scope(include=("NET0/*",)))) == 1
    assert news(scope=Scope(exclude=("NET0/*",))) == []


def test_an_order_of_dates_that_cannot_be_is_said_and_not_waited_for():
    LOG.write_bytes("".join(RECORDS).encode())
    with pytest.raises(InputError, match="the order dmy gives no day for 1 entry"):
        news(order=DateOrder.DMY)
