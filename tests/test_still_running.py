"""Whether a loop goes on to the end of its log: told by the first and the last record, whatever they tell of."""

import datetime as dt

import pytest

from remedy.diagnosed import diagnosis_document
from remedy.diagnosing import diagnose

BEGIN = dt.datetime(1999, 1, 14, 21, 0, tzinfo=dt.UTC)


def record(minutes, text="nothing to do with mail"):
    at = BEGIN + dt.timedelta(minutes=minutes)
    return f"{at.month}/{at.day}/{at:%y}\t{at:%H:%M:%S}\tMSExchangeMSMI\tInformation\tRouting\t2444\tN/A\tEXSRV1\t{text}\r\n"


def passing(minutes, po="PO1"):
    return record(minutes, f"From: SMTP:listserv@lists.proseware.com\r\nTo: NWTRADERS/{po}/POSTMASTER")


def loop(tmp_path, *logs, **more):
    for number, log in enumerate(logs):
        (tmp_path / f"log{number}").write_bytes("".join(log).encode())
    found = diagnose(*(str(tmp_path / f"log{number}") for number in range(len(logs))))
    (only,) = diagnosis_document(found.diagnosis, found.notes)["loops"]
    return only["running"], only["log_end"]


LOOP = [passing(5 * n) for n in range(20)]  # the last pass is in minute 95


@pytest.mark.parametrize(("after", "running"), [(96, True), (120, True), (126, False), (3000, False)])
def test_it_runs_as_long_as_it_is_not_silent_for_six_laps(tmp_path, after, running):
    end = (BEGIN + dt.timedelta(minutes=after)).strftime("%Y-%m-%dT%H:%M:%S")
    assert loop(tmp_path, [record(-5), *LOOP, record(after)]) == (running, end)


def test_the_newest_record_may_stand_first(tmp_path):
    assert loop(tmp_path, [record(3000), *reversed(LOOP), record(-5)])[0] is False
    assert loop(tmp_path, [record(96), *reversed(LOOP), record(-5)])[0] is True


def test_of_several_logs_the_one_that_goes_on_longest_counts(tmp_path):
    half = len(LOOP) // 2
    assert loop(tmp_path, [record(-5), *LOOP[:half], record(51)], [*LOOP[half:], passing(3000)])[0] is False
    other = [record(4000), record(5000)]  # it does not show this postoffice
    assert loop(tmp_path, [record(-5), *LOOP, record(96)], other)[0] is True


def test_where_the_end_cannot_be_read_nobody_knows(tmp_path):
    assert loop(tmp_path, [*LOOP, "1/15/99 nothing\r\n", record(3000)[:12]]) in {
        (True, "1999-01-14T22:35:00"),
        (None, None),
    }


def test_a_log_of_one_record_tells_nothing_wrong(tmp_path):
    (tmp_path / "log").write_bytes(passing(0).encode())
    assert diagnose(str(tmp_path / "log")).diagnosis.loops == ()
