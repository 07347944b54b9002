"""The journal: what is written is read, what is torn is cut off, and garbage is refused in a sentence."""

import json
import shutil

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from remedy.errors import InputError, Refused, RemedyError
from remedy.journal import Journal, read_log
from remedy.undoing import RollbackWishes, rollback
from tests.test_execution import Desk

BEGIN = {"plan": "sha256:00"}


def intend(n):
    return {"event": "intend", "n": n, "id": f"c{n}", "values": [f"c{n}.1"], "do": "", "undo": ""}


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "journal"
    journal = Journal.create(path, BEGIN, resume_hint="")
    journal.write(intend(1))
    assert [event["n"] for event in read_log(path).in_doubt] == [1]
    journal.write({"event": "done", "n": 1, "result": "applied"})
    assert read_log(path).applied()[0]["id"] == "c1"
    journal.write({"event": "end"})
    journal.close()
    assert read_log(path).end
    assert not read_log(path).in_doubt
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Refused, match="do this"):
        Journal.create(path, BEGIN, resume_hint="do this")


def test_a_torn_line_is_cut_off_by_the_next_run(tmp_path):
    path = tmp_path / "journal"
    journal = Journal.create(path, BEGIN, resume_hint="")
    journal.write(intend(1))
    journal.close()
    whole = path.read_bytes()
    for size in range(1, len(json.dumps(intend(2)))):
        path.write_bytes(whole + json.dumps(intend(2)).encode()[:size])
        assert list(read_log(path).intends) == [1]
        Journal.resume(path).close()
        assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "text",
    [
        "", "{}\n", "[]\n", "null\n", "1\n", "[" * 100_000 + "\n", '{"event": []}\n', '{"event": "begin"}\n',
        '{"event": "begin", "plan": 1, "schema": "remedy/journal/1"}\n', '{"event": "begin", "plan": "x", "schema": "remedy/journal/9"}\n',
        '{"event": "done", "n": 1, "result": "applied"}\n', "dn: cn=x\n",
    ],
)  # fmt: skip
def test_what_is_no_journal(tmp_path, text):
    path = tmp_path / "journal"
    path.write_text(text)
    for verb in (read_log, Journal.resume):
        with pytest.raises(InputError):
            verb(path)
    assert path.read_text() == text


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("applied"))
    desk.apply()
    shutil.copy(desk.journal, desk.folder / "good")
    return desk


def garbled(draw, data: bytes) -> bytes:
    """Break some bytes of a journal."""
    data = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["cut", "flip", "insert", "drop", "line", "key"]))
        if kind == "cut":
            del data[at:]
        elif kind == "flip" and at < len(data):
            data[at] = draw(st.integers(0, 255))
        elif kind == "insert":
            data[at:at] = draw(st.binary(max_size=5))
        elif kind == "drop":
            del data[at : at + draw(st.integers(1, 40))]
        elif kind == "line":
            lines = bytes(data).splitlines(keepends=True) or [b""]
            data = bytearray(b"".join(draw(st.permutations(lines))))
        elif kind == "key":
            word = draw(
                st.sampled_from([b'"old"', b'"new"', b'"n"', b'"values"', b'"do"', b'"dn"', b"add", b"c1.1", b"modify"])
            )
            data = bytearray(bytes(data).replace(word, draw(st.sampled_from([b'"x"', b"0", b"null", b""])), 1))
    return bytes(data)


@settings(max_examples=150, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_a_garbled_journal_never_does_harm(applied, data):
    """Whatever a journal says: a sentence, or a way back to the old file or to a place on the way."""
    good = (applied.folder / "good").read_bytes()
    applied.journal.write_bytes(garbled(data.draw, good))
    new = applied.data
    try:
        rollback(applied.journal, str(applied.path), RollbackWishes(), lambda _: True)
    except RemedyError:
        assert applied.data == new
    finally:
        ended = applied.data
        applied.path.write_bytes(new)
        for path in applied.folder.glob("*.rollback*"):
            path.unlink()
    assert ended in {new, applied.old}
