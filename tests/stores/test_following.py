"""A log that grows, is rotated and is cut: what is read of it, and nothing twice."""

from itertools import chain
from pathlib import Path

import pytest

from remedy.errors import InputError
from remedy.stores.following import followed as followed_texts


def followed(name, wait):
    return chain.from_iterable(followed_texts(name, wait))


class Deeds:
    """Does one thing each time that nothing new is there, and ends when all is done."""

    def __init__(self, *deeds):
        self.left = list(deeds)

    def __call__(self):
        if self.left:
            self.left.pop(0)()
            return True
        return False


def appended(path, data):
    def deed():
        with path.open("ab") as file:
            file.write(data)

    return deed


def test_what_is_written_later_is_read_too(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"one\n")
    blocks = list(followed(str(log), Deeds(appended(log, b"two\n"), lambda: None, appended(log, b"three\n"))))
    assert b"".join(blocks) == b"one\ntwo\nthree\n"
    assert blocks.count(b"") == 4  # each time that nothing more was there


def test_the_rest_of_a_file_that_was_moved_is_read_and_then_the_new_one(tmp_path):
    log, old = tmp_path / "log", tmp_path / "log.1"
    log.write_bytes(b"one\n")

    def rotate():
        log.rename(old)
        appended(old, b"last of the old\n")()
        log.write_bytes(b"\xef\xbb\xbfnew\n")

    assert (
        b"".join(followed(str(log), Deeds(rotate, appended(log, b"more\n"))))
        == b"one\nlast of the old\n\xef\xbb\xbfnew\nmore\n"
    )


def test_a_file_that_is_gone_for_a_moment_is_waited_for(tmp_path):
    log, old = tmp_path / "log", tmp_path / "log.1"
    log.write_bytes(b"one\n")
    deeds = Deeds(lambda: log.rename(old), lambda: None, lambda: log.write_bytes(b"two\n"))
    assert b"".join(followed(str(log), deeds)) == b"one\ntwo\n"


def test_a_file_that_was_cut_is_read_from_its_beginning(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"a long line that is cut away\n")
    assert b"".join(followed(str(log), Deeds(lambda: log.write_bytes(b"new\n")))).endswith(b"away\nnew\n")


def test_no_file_at_all_is_an_error_in_words(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        next(followed(str(tmp_path / "none"), Deeds()))


def test_no_handle_is_left_open(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"one\n")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        list(followed(str(log), Deeds()))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
