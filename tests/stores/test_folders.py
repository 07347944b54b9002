"""A postoffice's folder on a disk: found in any case, read whole or not at all, and left as it was."""

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remedy import workflow
from remedy.addresses import PostofficeName
from remedy.errors import InputError
from remedy.stores import folders
from remedy.stores.files import SourceKind, detect, open_source
from remedy.stores.folders import read_folder
from tests.conftest import COMPANY
from tests.maildata import external, lay, network, tree

ROOT = Path(__file__).parents[2]
PO1 = PostofficeName("NWTRADERS", "PO1")
ONE = "XTN/00000001.XTN"
PARTS = tree(["NWTRADERS/PO2", "NWTRADERS/PO3", "WINGTIP/TOYS"], gateways=["FAX"], bags={"0000001F": 3277})
NAMES = ["NWTRADERS/PO2", "NWTRADERS/PO3", "WINGTIP/TOYS"]


@pytest.fixture
def folder(tmp_path):
    return lay(tmp_path / "MAILDATA", PARTS)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(folders, "_PAUSE", 0)


def names(estate) -> list[str]:
    return [str(item.name) for item in estate.listings if item.shows]


def refused(folder, whose=None) -> str:
    with pytest.raises(InputError) as caught:
        read_folder(str(folder), whose)
    return str(caught.value)


# --- Found ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [str.upper, str.lower, str.title, str.swapcase])
def test_names_are_found_in_any_case(tmp_path, case):
    estate = read_folder(str(lay(tmp_path / "MAILDATA", PARTS, case=case)), PO1)
    assert names(estate) == NAMES
    assert [(bag.number, bag.records, bag.where) for bag in estate.mailbags] == [("0000001F", 3277, "MBG/0000001F.MBG")]
    assert [fault.message.partition(" has ")[0] for fault in estate.oddities] == ["GLB/NETWORK.GLB"]


def test_the_company_is_the_same_through_this_door(company, tmp_path):
    name = str(lay(tmp_path / "po", tree(COMPANY)))
    assert detect(name) is SourceKind.POSTOFFICE_FOLDER
    assert sorted(company.rows(name)) == sorted(COMPANY)
    listed = [{"network": n, "postoffice": p} for n, p in (address.split("/") for address in COMPANY)]
    from_inventory = company.rows(company.inventory(listed))
    for address, row in company.rows(name).items():
        assert row | {"evidence": []} == from_inventory[address] | {"evidence": []}
        (evidence,) = row["evidence"]
        assert (evidence["kind"], evidence["source"]) == ("postoffice-folder", name)
        assert re.fullmatch(r"XTN/0000000[12]\.XTN record \d+", evidence["value"])
        assert evidence["where"] == evidence["value"]


def test_the_name_of_the_postoffice_stands_in_front(folder):
    estate = open_source(f"NWTRADERS/PO1={folder}")
    own = estate.listings[0]
    assert (str(own.name), own.source, own.path) == ("NWTRADERS/PO1", str(folder), str(folder))
    assert len(estate.mailbags) == 1


def test_a_folder_is_read_as_one_where_the_user_says_so(folder):
    assert names(open_source(str(folder), as_kind="postoffice-folder")) == NAMES


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("-", "standard input: it is no folder"),
        ("no/such", "no/such: there is no such file"),
        ("a\0b", "a\\u0000b: no file can"),
    ],
)
def test_what_is_no_folder_is_refused(name, says):
    with pytest.raises(InputError) as caught:
        open_source(name, as_kind="postoffice-folder")
    assert str(caught.value).startswith(says)


def test_a_file_is_no_folder(folder):
    assert refused(folder / "GLB/NETWORK.GLB").endswith(
        "GLB/NETWORK.GLB: it is no folder\nName the folder of a postoffice: the one that holds GLB."
    )


@pytest.mark.parametrize("gone", ["GLB/NETWORK.GLB", "GLB"])
def test_a_folder_without_its_list_is_refused(folder, gone):
    path = folder / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert refused(folder) == f"{folder}: GLB/NETWORK.GLB is not in it\nName a postoffice's folder."


@pytest.mark.parametrize("gone", [ONE, "XTN"])
def test_a_file_that_is_not_there_is_said(folder, gone):
    path = folder / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    estate = read_folder(str(folder), PO1)
    assert names(estate) == ([] if gone == "XTN" else ["WINGTIP/TOYS"])
    assert any("'NWTRADERS'" in fault.message and "not in the folder" in fault.message for fault in estate.oddities)


def test_a_shadow_is_known_by_its_place_even_from_within(tmp_path, monkeypatch):
    place = lay(tmp_path / "EXCHSRVR/Connect/Msmcon/Maildata", PARTS)
    monkeypatch.chdir(place)
    found = workflow.survey("FABRIKAM/SEATTLE=.")
    assert [str(row.po.name) for row in found.rows] == NAMES
    assert [str(row.po.name) for row in found.shadow_rows] == ["FABRIKAM/SEATTLE"]


# --- What is not believed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["GLB/NETWORK.GLB", ONE, "MBG/0000001F.MBG", "KEY/0000001F.KEY", "GLB", "XTN", "MBG"])
def test_two_names_that_differ_by_case_are_refused(folder, place):
    path = folder / place
    twin = path.with_name(path.name.lower())
    shutil.copytree(path, twin) if path.is_dir() else shutil.copy(path, twin)
    assert refused(folder) == (
        f"{path}: {twin.name} beside it differs only by case\nName a copy of the folder in which only the right one is."
    )


@pytest.mark.parametrize("place", ["GLB/NETWORK.GLB", ONE, "MBG/0000001F.MBG", "GLB", "XTN", "MBG"])
def test_no_link_inside_the_folder_is_followed(folder, tmp_path, place):
    path = folder / place
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert refused(folder) == (
        f"{path}: it is a link, and no link inside a postoffice's folder is followed\n"
        "Name a copy of the folder that holds the thing itself."
    )


def test_a_link_that_leads_nowhere_is_a_link(folder):
    (folder / ONE).unlink()
    (folder / ONE).symlink_to("/no/such/file")
    assert "it is a link" in refused(folder)


def test_a_link_to_the_folder_may_be_named(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert names(read_folder(str(tmp_path / "link"), None)) == NAMES


def test_a_link_is_not_followed_that_comes_between_the_look_and_the_reading(folder, tmp_path, monkeypatch):
    (tmp_path / "secret").write_bytes(external("SECRET"))
    real = os.open

    def swapped(path, flags, *more, **named):
        if Path(path).name == "00000001.XTN":
            Path(path).unlink()
            Path(path).symlink_to(tmp_path / "secret")
        return real(path, flags, *more, **named)

    monkeypatch.setattr(folders.os, "open", swapped)
    assert refused(folder).startswith(f"{folder / ONE}: Too many levels of symbolic links")


@pytest.mark.parametrize("place", ["GLB/NETWORK.GLB", ONE, "MBG/0000001F.MBG"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_ordinary_file_is_never_opened(folder, place, make):
    (folder / place).unlink()
    make(folder / place)
    assert refused(folder).startswith(f"{folder / place}: it is no ordinary file")


@pytest.mark.parametrize("place", ["GLB", "XTN", "KEY"])
def test_what_should_be_a_folder_and_is_none(folder, place):
    shutil.rmtree(folder / place)
    (folder / place).write_bytes(b"")
    assert refused(folder).startswith(f"{folder / place}: it is no folder")


@pytest.mark.parametrize("place", ["GLB/NETWORK.GLB", ONE])
def test_a_giant_is_refused_before_it_is_read(folder, place):
    with (folder / place).open("r+b") as file:
        file.truncate(4 << 30)
    assert refused(folder) == (
        f"{folder / place}: with it, more than 64 MiB would have to be read\n"
        "No postoffice has such a list: check that it is the right file, and undamaged."
    )


def test_many_files_that_are_a_giant_together_are_refused(folder, monkeypatch):
    monkeypatch.setattr(folders, "LIMIT", sum(len(PARTS[p]) for p in ("GLB/NETWORK.GLB", ONE, "XTN/00000002.XTN")))
    assert names(read_folder(str(folder), None)) == NAMES
    monkeypatch.setattr(folders, "LIMIT", folders.LIMIT - 1)
    assert refused(folder).startswith(f"{folder / 'XTN/00000002.XTN'}: with it, more than")


def test_a_giant_mailbag_is_only_measured(folder):
    with (folder / "MBG/0000001F.MBG").open("r+b") as file:
        file.truncate(8 << 30)
    (bag,) = read_folder(str(folder), PO1).mailbags
    assert bag.records == 4096


@pytest.mark.parametrize("place", ["GLB/NETWORK.GLB", ONE, "XTN"])
def test_what_may_not_be_read_is_refused(folder, monkeypatch, place):
    real = os.open

    def denied(path, *more, **named):
        if Path(path) == folder / place:
            raise PermissionError(13, "Permission denied")
        return real(path, *more, **named)

    monkeypatch.setattr(folders.os, "open", denied)
    says = "it may not be read\nRun remedy as somebody who may read it, or name a copy."
    assert refused(folder) == f"{folder / place}: {says}"


def test_a_folder_of_somebody_else_is_read_all_the_same(folder, monkeypatch):
    """Only the owner may ask that the time of the last access stays."""
    real = os.open

    def denied(path, flags, *more, **named):
        if flags & os.O_NOATIME:
            raise PermissionError(1, "Operation not permitted")
        return real(path, flags, *more, **named)

    monkeypatch.setattr(folders.os, "open", denied)
    assert names(read_folder(str(folder), None)) == NAMES


# --- What changes under the reader ----------------------------------------------------------------------------------


def between(monkeypatch, change, *, times=1):
    """Change something just before each of the first looks after the first one."""
    done = []

    def pause(_):
        if len(done) < times:
            change(len(done))
            done.append(1)

    monkeypatch.setattr(folders, "sleep", pause)
    return done


@pytest.mark.parametrize("times", [1, 4])
def test_what_changes_is_read_again(folder, monkeypatch, times):
    between(monkeypatch, lambda n: (folder / ONE).write_bytes(external(f"NEW{n}") * (n + 1)), times=times)
    assert names(read_folder(str(folder), None)) == [f"NWTRADERS/NEW{times - 1}", "WINGTIP/TOYS"]


def test_a_record_that_is_half_written_is_never_believed(folder, monkeypatch):
    half, whole = external("PO2") + external("P"), external("PO2") + external("PO33")
    (folder / ONE).write_bytes(half)
    os.utime(folder / ONE, ns=(0, 0))

    def finish(_):
        (folder / ONE).write_bytes(whole)
        os.utime(folder / ONE, ns=(0, 0))  # as on a file system that keeps no fine times

    between(monkeypatch, finish)
    assert names(read_folder(str(folder), None)) == ["NWTRADERS/PO2", "NWTRADERS/PO33", "WINGTIP/TOYS"]


def test_what_changed_and_looks_the_same_is_read_again(folder, monkeypatch):
    looks = []
    real = folders._contents
    monkeypatch.setattr(folders, "_contents", lambda path: looks.append(1) or real(path))
    between(monkeypatch, lambda n: os.utime(folder / ONE, ns=(n, n)))
    assert names(read_folder(str(folder), None)) == NAMES
    assert len(looks) == 3


@pytest.mark.parametrize("place", ["GLB/NETWORK.GLB", ONE])
def test_a_file_that_comes_back_is_found(folder, monkeypatch, place):
    data = (folder / place).read_bytes()
    (folder / place).unlink()
    between(monkeypatch, lambda _: (folder / place).write_bytes(data))
    assert names(read_folder(str(folder), None)) == NAMES


def test_a_file_that_goes_while_it_is_opened_is_looked_for_again(folder, monkeypatch):
    real, gone = os.open, []

    def flees(path, *more, **named):
        if Path(path) == folder / ONE and not gone:
            gone.append(1)
            raise FileNotFoundError(2, "No such file or directory")
        return real(path, *more, **named)

    monkeypatch.setattr(folders.os, "open", flees)
    assert names(read_folder(str(folder), None)) == NAMES
    assert gone


def test_a_postoffice_that_never_rests_is_refused(folder, monkeypatch):
    done = between(monkeypatch, lambda n: (folder / ONE).write_bytes(external(f"NEW{n}")), times=99)
    assert refused(folder) == (
        f"{folder}: {ONE} changed from each look to the next, 5 times\n"
        "Stop External and the Administrator program on this postoffice, or name a copy of the folder."
    )
    assert len(done) == 5


def test_a_real_writer_beside_the_reader_shows_old_or_new_or_a_refusal(folder, monkeypatch):
    monkeypatch.setattr(folders, "_PAUSE", 0.002)
    old, new = external("OLD"), external("NEW")
    stop = threading.Event()

    def write():
        with (folder / ONE).open("r+b", buffering=0) as file:
            while not stop.is_set():
                for record in (old, new):
                    for at in (0, 349):  # in two halves, as over a slow line
                        file.seek(at)
                        file.write(record[at : at + 349])
                    stop.wait(0.02)

    (folder / ONE).write_bytes(old)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(20):
            try:
                assert names(read_folder(str(folder), None)) in (
                    ["NWTRADERS/OLD", "WINGTIP/TOYS"], ["NWTRADERS/NEW", "WINGTIP/TOYS"],
                )  # fmt: skip
            except InputError as error:
                assert "changed from each look" in str(error)  # noqa: PT017 - both ends are right
    finally:
        stop.set()
        writer.join()


def test_a_growing_mailbag_disturbs_nobody(folder, monkeypatch):
    between(monkeypatch, lambda n: (folder / "MBG/0000001F.MBG").write_bytes(bytes(116 * n)), times=99)
    assert names(read_folder(str(folder), None)) == NAMES


# --- Nothing is written ---------------------------------------------------------------------------------------------

WATCHED = """
import os, sys
from pathlib import Path
import remedy.stores.files, remedy.cli
root, events = sys.argv[1], []
WRITES = ("os.rename", "os.remove", "os.unlink", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink", "os.utime",
          "os.chmod", "os.chown", "os.setxattr", "os.removexattr", "os.mknod", "shutil.")
def hook(event, args):
    if event == "open" and str(args[0]).startswith(root):
        events.append((str(args[0]), args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)))
    elif event.startswith(WRITES):
        raise SystemExit(f"{event} {args}")
sys.addaudithook(hook)
try:
    remedy.cli.main(["survey", f"NWTRADERS/PO1={root}"], standalone_mode=False)
except SystemExit as end:
    if isinstance(end.code, str):
        raise
assert {flags for _, flags in events} == {0}, events
print(sorted({os.path.relpath(path, root) for path, _ in events}), file=sys.stderr)
"""


def state(paths: list[Path]) -> list[tuple]:
    """Everything that the system keeps of files and folders; asking for it changes nothing."""
    found = [path.lstat() for path in paths]
    return [(it.st_mode, it.st_size, it.st_mtime_ns, it.st_ctime_ns, it.st_atime_ns, it.st_nlink) for it in found]


@pytest.fixture
def sealed(folder):
    """A folder in which nothing may be written, whose times of access are old enough to be renewed by a reader."""
    paths = [*sorted(folder.rglob("*"), reverse=True), folder]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
        os.utime(path, ns=(10**18, 2 * 10**18))
    before = state(paths)
    yield folder
    assert state(paths) == before
    assert {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.is_file()} == PARTS
    for path in reversed(paths):
        path.chmod(0o755)


def test_a_sealed_folder_is_read_and_stays_as_it_was(sealed):
    assert detect(str(sealed)) is SourceKind.POSTOFFICE_FOLDER
    assert names(read_folder(str(sealed), PO1)) == NAMES


def test_no_file_of_the_folder_is_opened_but_for_reading(sealed):
    run = subprocess.run(
        [sys.executable, "-B", "-c", WATCHED, str(sealed)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "NWTRADERS/PO3" in run.stdout
    opened = run.stderr.splitlines()[-1]
    assert opened == str([".", "GLB", "GLB/NETWORK.GLB", "KEY", "MBG", "XTN", ONE, "XTN/00000002.XTN"])


def traceable() -> bool:
    return (
        bool(shutil.which("strace"))
        and subprocess.run(["strace", "-o", os.devnull, "true"], check=False).returncode == 0
    )


@pytest.mark.skipif(not traceable(), reason="strace is not on this machine, or may not look at processes")
def test_the_system_sees_no_write(sealed, tmp_path):
    log = tmp_path / "calls"
    calls = "trace=%file,ftruncate,fchmod,fchown,fsetxattr,write,pwrite64"
    command = ["strace", "-f", "-y", "-o", str(log), "-e", calls]
    run = subprocess.run(
        [*command, sys.executable, "-B", "-m", "remedy", "survey", f"NWTRADERS/PO1={sealed}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "NWTRADERS/PO3" in run.stdout, run.stderr
    lines = [
        line for line in log.read_text(errors="replace").splitlines() if str(sealed) in line and "execve" not in line
    ]
    assert lines
    kinds = {re.sub(r"^\d+ +(\w+)\(.*", r"\1", line) for line in lines}
    assert kinds <= {
        "openat",
        "open",
        "stat",
        "lstat",
        "newfstatat",
        "statx",
        "readlink",
        "getcwd",
        "access",
        "readlinkat",
    }
    assert not [line for line in lines if re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND", line)]


# --- Anything at all ------------------------------------------------------------------------------------------------


@given(st.binary(max_size=400), st.binary(max_size=1500))
def test_any_bytes_give_an_estate(tmp_path_factory, glb, data):
    folder = lay(tmp_path_factory.mktemp("po"), {"GLB/NETWORK.GLB": network("A", "00000001") + glb, ONE: data})
    estate = read_folder(str(folder), None)
    assert all(item.name.name.encode() in data.upper() for item in estate.listings)
    shutil.rmtree(folder)
