"""The journal: what is written is read, what is torn is cut off, and garbage is refused in a sentence."""

import errno
import json
import shutil
import threading
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from remedy.errors import InputError, Refused, RemedyError
from remedy.journal import Journal, read_log
from remedy.undoing import RollbackWishes, rollback
from tests.test_execution import Desk

OTHERS = [[], {}, ["c1.1"], {"event": "intend"}, 5, -1, 1.5, 10**400, True, None, "", "intend", "done"]
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


@pytest.fixture(params=["links", "no links"])
def links(request, monkeypatch):
    """Some file systems have no hard links."""

    def refuse(self, target):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if request.param == "no links":
        monkeypatch.setattr(Path, "hardlink_to", refuse)


def test_no_journal_takes_the_place_of_another(tmp_path, links, monkeypatch):
    """Even if the other one comes into being while we look."""
    path = tmp_path / "journal"
    Journal.create(path, BEGIN, resume_hint="").close()
    first = path.read_bytes()
    monkeypatch.setattr(Path, "exists", lambda _: False)
    with pytest.raises(Refused, match="do this"):
        Journal.create(path, {"plan": "sha256:11"}, resume_hint="do this")
    assert path.read_bytes() == first
    assert list(tmp_path.iterdir()) == [path]


def test_many_that_begin_at_once(tmp_path, links):
    path, ends = tmp_path / "journal", []

    def begin(number):
        try:
            journal = Journal.create(path, {"plan": str(number)}, resume_hint="")
        except Refused:
            return
        journal.write({"event": "end", "of": number})
        journal.close()
        ends.append(number)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = read_log(path)
    assert len(ends) == 1
    assert log.begin["plan"] == str(ends[0])
    assert log.end == {"event": "end", "of": ends[0]}
    assert list(tmp_path.iterdir()) == [path]


def test_another_run_that_swept_while_we_wrote_was_faster(tmp_path, monkeypatch):
    path = tmp_path / "journal"
    real = Journal.write

    def write(self, *events):
        real(self, *events)
        for left in tmp_path.iterdir():
            left.unlink()

    monkeypatch.setattr(Journal, "write", write)
    with pytest.raises(Refused):
        Journal.create(path, BEGIN, resume_hint="")


def test_what_a_killed_run_left_does_no_harm(tmp_path):
    path = tmp_path / "journal"
    left = [tmp_path / ".journal.01234567.remedy-new", tmp_path / ".journal.89abcdef.remedy-new"]
    other = tmp_path / ".journal.rollback.01234567.remedy-new"
    for place in (*left, other):
        place.write_bytes(b'{"event": "beg')
    Journal.create(path, BEGIN, resume_hint="").close()
    assert set(tmp_path.iterdir()) == {path, other}
    left[0].hardlink_to(path)  # killed between the two names
    Journal.resume(path).close()
    assert set(tmp_path.iterdir()) == {path, other}
    assert read_log(path).begin["plan"] == "sha256:00"


def test_a_link_that_leads_nowhere_yet_is_followed(tmp_path):
    path, real = tmp_path / "journal", tmp_path / "real"
    path.symlink_to(real)
    Journal.create(path, BEGIN, resume_hint="").close()
    assert path.is_symlink()
    assert read_log(real).begin["plan"] == "sha256:00"


@pytest.mark.parametrize(
    ("name", "advice"),
    [("nonesuch/journal", "Make its folder or name"), ("x" * 254, "a shorter name or"), ("file/journal", "its folder")],
)
def test_the_advice_fits_what_is_wrong(tmp_path, name, advice):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=advice):
        Journal.create(tmp_path / name, BEGIN, resume_hint="")


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


@pytest.mark.parametrize("kind", ["[]", "{}", "5", "null", "true", '"begins"', '["end"]', '{"event": "end"}'])
def test_what_is_no_event(tmp_path, kind):
    path = tmp_path / "journal"
    Journal.create(path, BEGIN, resume_hint="").close()
    with path.open("a") as file:
        file.write(f'{{"event": {kind}}}\n')
    with pytest.raises(InputError, match="no line of a journal"):
        read_log(path)


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("applied"))
    desk.apply()
    shutil.copy(desk.journal, desk.folder / "good")
    return desk


def _with_another_value(draw, lines):
    """Put something of another kind in the place of a value of an event."""
    number = draw(st.integers(0, max(0, len(lines) - 1)))
    for at, line in enumerate(lines):
        try:
            event = json.loads(line) if at == number else None
        except ValueError:
            event = None
        if isinstance(event, dict) and event:
            event[draw(st.sampled_from(sorted(event)))] = draw(st.sampled_from(OTHERS))
        yield json.dumps(event).encode() + b"\n" if isinstance(event, dict) else line


def garbled(draw, data: bytes) -> bytes:
    """Break some bytes of a journal."""
    data = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["cut", "flip", "insert", "drop", "line", "key", "value"]))
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
        elif kind == "value":
            data = bytearray(b"".join(_with_another_value(draw, bytes(data).splitlines(keepends=True))))
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
