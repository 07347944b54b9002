"""Applying a plan when things go wrong: each fault of the contract, and what is there afterwards."""

import json
import multiprocessing
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from remedy import execution, workflow
from remedy.codes import HAZARDS
from remedy.errors import InputError, Refused, RemedyError, Stale, UsageError
from remedy.execution import ApplyWishes
from remedy.judging import Result
from remedy.ldif import dump_entry
from remedy.plan import Plan, digest_of
from remedy.scan import RECORD_LIMIT
from remedy.stores import target as target_room
from remedy.undoing import RollbackWishes, rollback
from tests.conftest import ENTRIES, RECIPIENTS, ldif, made, mailbox

ROOT = Path(__file__).parents[1]
CONTAINER = made(RECIPIENTS, {"objectClass": "container", "rdn": "Recipients"})
SINK = f"cn=Postmaster,{RECIPIENTS}"
NEW = "ms$NWTRADERS/PO1/POSTMASTER"
ROOTED = os.geteuid() == 0
needs_root = pytest.mark.skipif(
    not ROOTED, reason="mounting a small disk needs root: nothing about full disks was shown"
)


@dataclass
class Desk:
    """A file, a plan for it, and the verbs."""

    folder: Path

    def __post_init__(self):
        self.path = self.folder / "export.ldif"
        self.path.write_text(ldif((CONTAINER, *ENTRIES)))
        self.replan()

    def replan(self, **wishes):
        self.old = self.path.read_bytes()
        self.plan = workflow.plan(str(self.path), wishes=workflow.Wishes(**wishes))
        self.file = self.folder / "plan.json"
        self.file.write_text(workflow.show(self.plan, "json"))
        self.journal = self.folder / "plan.json.journal"

    def apply(self, *, confirm=lambda _: True, target=None, **more):
        wishes = ApplyWishes(**{"allow": frozenset(HAZARDS), "journal": self.journal, **more})
        return execution.apply(self.plan, str(target or self.path), wishes, confirm)

    def rollback(self, journal=None, *only, dry_run=False):
        wishes = RollbackWishes(only=frozenset(only), dry_run=dry_run)
        return rollback(journal or self.journal, str(self.path), wishes, lambda _: True)

    @property
    def data(self):
        return self.path.read_bytes()

    def edit(self, old, new, count=1):
        data = self.path.read_bytes()
        assert old.encode() in data
        self.path.write_bytes(data.replace(old.encode(), new.encode(), count))

    def names(self):
        return {path.name for path in self.folder.iterdir()}

    def snapshot(self):
        return {
            path.name: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino)
            for path in self.folder.iterdir()
        }


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def results(report):
    return {value.id: value.result for value in report.values}


# --- what goes well ---------------------------------------------------------------------------------------------------


def test_there_and_back_and_the_counts_add_up(desk):
    report = desk.apply()
    counts = report.counts
    assert counts.planned == counts.applied + counts.already + counts.skipped + counts.conflict + counts.failed
    assert counts.applied == counts.planned > 0
    assert NEW.encode() in desk.data
    assert Path(report.backup).name == f"export.ldif.{desk.plan.digest[:8]}.bak"
    assert Path(report.backup).read_bytes() == desk.old
    assert desk.names() == {"export.ldif", "plan.json", "plan.json.journal", Path(report.backup).name}
    desk.rollback()
    assert desk.data == desk.old


def test_a_second_run_is_refused_and_names_resume(desk):
    desk.apply()
    with pytest.raises(Refused, match="--resume"):
        desk.apply()
    report = desk.apply(resume=True)
    assert set(results(report).values()) == {Result.ALREADY}


def test_with_another_journal_everything_is_there_already(desk):
    desk.apply()
    new = desk.data
    report = desk.apply(journal=desk.folder / "other.journal")
    assert set(results(report).values()) == {Result.ALREADY}
    assert desk.data == new
    assert not (desk.folder / "other.journal").exists()


def test_a_rollback_twice_does_nothing_the_second_time(desk):
    desk.apply()
    desk.rollback()
    before = desk.snapshot()
    assert desk.rollback().way == ()
    assert desk.snapshot() == before


def test_resume_after_a_rollback_does_not_say_that_what_is_gone_is_there(desk):
    desk.apply()
    desk.rollback()
    try:
        report = desk.apply(resume=True)
    except RemedyError:
        assert desk.data == desk.old
        return
    assert Result.ALREADY not in results(report).values()
    assert NEW.encode() in desk.data
    desk.rollback()
    assert desk.data == desk.old


def test_the_owner_and_the_mode_stay(desk):
    desk.path.chmod(0o640)
    desk.apply()
    assert stat.S_IMODE(desk.path.stat().st_mode) == 0o640
    assert stat.S_IMODE(desk.journal.stat().st_mode) == 0o600


# --- gates, in their order --------------------------------------------------------------------------------------------


def test_a_wrong_digest_is_stale(desk):
    with pytest.raises(Stale, match="digest"):
        desk.apply(expect="sha256:" + "0" * 64)
    assert desk.apply(expect=f"sha256:{desk.plan.digest}").counts.applied


def test_a_plan_edited_by_hand_is_stale(desk):
    text = desk.file.read_text()
    desk.file.write_text(text.replace("NWTRADERS/PO1/POSTMASTER", "NWTRADERS/PO9/POSTMASTER"))
    with pytest.raises(Stale, match="digest"):
        workflow.load_plan(str(desk.file))


def test_a_plan_edited_with_its_digest_is_still_held_to_its_shape(desk):
    data = json.loads(desk.file.read_text())
    data["changes"][0]["ldif"] = data["changes"][0]["ldif"].replace("PO1", "PO9")
    data["digest"] = digest_of({key: value for key, value in data.items() if key != "digest"})
    with pytest.raises(InputError):
        Plan.from_json(json.dumps(data), "plan.json")
    data["dialect"] = "nonesuch"
    data["digest"] = digest_of({key: value for key, value in data.items() if key != "digest"})
    with pytest.raises(RemedyError):
        Plan.from_json(json.dumps(data), "plan.json")


def test_hazards_stand_behind_preconditions_and_before_the_question(tmp_path):
    desk = Desk(tmp_path)
    desk.path.write_text(ldif((CONTAINER, *(entry for entry in ENTRIES if entry.dn.leaf != "Postmaster"))))
    desk.replan(new_mailbox="MSPMGATE")
    asked = []
    with pytest.raises(Refused, match="--allow creates-mailbox"):
        desk.apply(allow=frozenset(), confirm=asked.append)
    assert asked == []
    with desk.path.open("a") as file:
        file.write(dump_entry(made(f"cn=MSPMGATE,{RECIPIENTS}", {"objectClass": "container"})))
    with pytest.raises(Stale):
        desk.apply(allow=frozenset(), confirm=asked.append)
    assert asked == []


def test_without_a_yes_nothing_is_written(desk):
    before = desk.snapshot()
    with pytest.raises(Refused, match="--yes"):
        desk.apply(confirm=lambda _: False)
    assert desk.snapshot() == before


# --- the target is not as the plan expects it -------------------------------------------------------------------------


def test_the_file_was_changed_elsewhere_between_plan_and_apply(desk):
    desk.edit("jdoe of Fabrikam", "Jane Doe of Fabrikam")
    old = desk.data
    assert desk.apply().counts.applied
    desk.rollback()
    assert desk.data == old


@pytest.mark.parametrize(
    "hold",
    [
        lambda desk: desk.edit(f"dn: {SINK}", f"dn: cn=Renamed,{RECIPIENTS}"),
        lambda desk: desk.path.write_text(ldif((CONTAINER, *(e for e in ENTRIES if e.dn.leaf != "Postmaster")))),
    ],
    ids=["renamed", "deleted"],
)
def test_the_sink_is_gone(desk, hold):
    hold(desk)
    before = desk.snapshot()
    with pytest.raises(Stale, match="Postmaster"):
        desk.apply()
    assert desk.snapshot() == before


def test_another_mailbox_took_an_address(desk):
    with desk.path.open("a") as file:
        file.write(dump_entry(mailbox("thief", "MS:nwtraders/po1/postmaster")))
    before = desk.snapshot()
    with pytest.raises(Stale, match="cn=thief") as caught:
        desk.apply()
    assert caught.value.exit_code == 5
    assert desk.snapshot() == before


def test_keep_going_leaves_the_conflict_out_and_resume_finishes(desk):
    desk.edit("WINGTIP/DEPOT;1", "WINGTIP/DEPOT;1\nRouting-List: MS:NWTRADERS/PO7;1")
    desk.replan()
    thief = dump_entry(mailbox("thief", "ms$NWTRADERS/PO7/POSTMASTER")).encode()
    desk.path.write_bytes(desk.old + thief)
    dry = desk.apply(dry_run=True, keep_going=True)
    report = desk.apply(keep_going=True)
    assert results(dry) == results(report)
    counts = report.counts
    assert (counts.conflict, counts.applied) == (1, counts.planned - 1)
    assert counts.applied > 0
    (lost,) = (value for value in report.values if value.result is Result.CONFLICT)
    assert "cn=thief" in lost.found
    with pytest.raises(Stale, match="cn=thief"):
        desk.apply(resume=True)
    desk.path.write_bytes(desk.data.replace(thief, b""))
    again = desk.apply(resume=True)
    assert again.counts.applied == 1
    assert again.counts.already == counts.applied
    desk.rollback()
    assert desk.data == desk.old


def test_keep_going_then_rollback(desk):
    desk.edit("WINGTIP/DEPOT;1", "WINGTIP/DEPOT;1\nRouting-List: MS:NWTRADERS/PO7;1")
    desk.replan()
    desk.path.write_bytes(desk.old + dump_entry(mailbox("thief", "ms$NWTRADERS/PO7/POSTMASTER")).encode())
    old = desk.data
    desk.apply(keep_going=True)
    assert desk.data != old
    desk.rollback()
    assert desk.data == old


def test_a_value_that_is_there_in_another_case_is_there_already(desk):
    desk.edit(
        "otherMailbox: ms$NWTRADERS/PO2/POSTMASTER",
        "otherMailbox: ms$NWTRADERS/PO2/POSTMASTER\notherMailbox: MS$nwtraders/po1/Postmaster",
    )
    before = desk.data
    report = desk.apply()
    (value,) = (value for value in report.values if "PO1" in value.what)
    assert value.result is Result.ALREADY
    assert desk.data.count(b"PO1/POSTMASTER") == before.count(b"PO1/POSTMASTER")


def test_two_records_with_the_name_of_the_sink(desk):
    with desk.path.open("a") as file:
        file.write(dump_entry(mailbox("Postmaster")))
    before = desk.snapshot()
    for dry_run in (True, False):
        with pytest.raises(Stale, match="second"):
            desk.apply(dry_run=dry_run)
    assert desk.snapshot() == before


def test_a_change_between_reading_and_the_rename_is_not_lost(desk, monkeypatch):
    copied = target_room.copy_changed

    def copy(*args):
        copied(*args)
        if args[2]:
            with desk.path.open("ab") as file:
                file.write(b"\n")

    monkeypatch.setattr(target_room, "copy_changed", copy)
    with pytest.raises(Stale, match="file that was read"):
        desk.apply()
    assert desk.data == desk.old + b"\n"
    monkeypatch.undo()
    desk.apply(resume=True)
    assert NEW.encode() in desk.data
    desk.rollback()
    assert desk.data == desk.old + b"\n"
    assert not [name for name in desk.names() if "remedy-new" in name or name.endswith(".lock")]


@pytest.mark.parametrize("kind", ["replaced", "same-size", "deleted"])
def test_another_file_in_its_place_before_the_rename(desk, monkeypatch, kind):
    copied = target_room.copy_changed

    def copy(*args):
        copied(*args)
        if args[2] and kind == "deleted":
            desk.path.unlink()
        elif args[2]:
            other = desk.folder / "other"
            other.write_bytes(b"x" * (len(desk.old) if kind == "same-size" else 3))
            other.replace(desk.path)

    monkeypatch.setattr(target_room, "copy_changed", copy)
    with pytest.raises(RemedyError):
        desk.apply()
    assert not desk.path.exists() if kind == "deleted" else set(desk.data) == {ord("x")}


def test_the_touched_record_was_changed_before_the_rollback(desk):
    desk.apply()
    desk.edit("cn: Postmaster of Fabrikam", "cn: Somebody else")
    before = desk.snapshot()
    with pytest.raises(Stale, match="changed since"):
        desk.rollback()
    assert desk.snapshot() == before


def test_another_record_was_changed_before_the_rollback(desk):
    desk.apply()
    desk.edit("cn: jdoe of Fabrikam", "cn: Jane Doe of Fabrikam")
    desk.rollback()
    assert desk.data == desk.old.replace(b"cn: jdoe of Fabrikam", b"cn: Jane Doe of Fabrikam")


def test_the_touched_record_is_gone_before_the_rollback(desk):
    desk.apply()
    desk.edit(f"dn: {SINK}", f"dn: cn=Renamed,{RECIPIENTS}")
    with pytest.raises(Stale, match="Postmaster"):
        desk.rollback()


def test_only_an_id_that_was_never_applied(desk):
    desk.apply()
    with pytest.raises(RemedyError, match=r"c9\.9"):
        desk.rollback(None, "c9.9")


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_link_stays_a_link(desk):
    real = desk.folder / "real"
    real.mkdir()
    desk.path.rename(real / "data.ldif")
    desk.path.symlink_to(real / "data.ldif")
    desk.apply()
    assert desk.path.is_symlink()
    assert NEW.encode() in (real / "data.ldif").read_bytes()
    desk.rollback()
    assert desk.path.is_symlink()
    assert (real / "data.ldif").read_bytes() == desk.old
    assert not [path for path in (*real.iterdir(), *desk.folder.iterdir()) if "remedy-new" in path.name]


@pytest.mark.parametrize(
    ("name", "error"),
    [("export.ldif.gz", UsageError), ("-", UsageError), ("nonesuch.ldif", InputError), (".", InputError)],
)
def test_what_cannot_be_changed_in_place(desk, monkeypatch, name, error):
    monkeypatch.chdir(desk.folder)
    (desk.folder / "export.ldif.gz").write_bytes(b"x")
    before = desk.snapshot()
    with pytest.raises(error):
        desk.apply(target=name)
    assert desk.snapshot() == before


def test_elsewhere_the_target_is_left_alone(desk):
    place = desk.folder / "new.ldif"
    identity = desk.path.stat()
    desk.apply(output=place)
    assert desk.data == desk.old
    assert (desk.path.stat().st_ino, desk.path.stat().st_mtime_ns) == (identity.st_ino, identity.st_mtime_ns)
    assert NEW.encode() in place.read_bytes()
    desk.path = place
    desk.rollback()
    assert place.read_bytes() == desk.old


def test_elsewhere_must_be_free(desk):
    place = desk.folder / "new.ldif"
    place.write_text("mine")
    before = desk.snapshot()
    with pytest.raises(Refused, match=r"new\.ldif"):
        desk.apply(output=place)
    assert desk.snapshot() == before


def test_a_backup_of_something_else_is_never_overwritten(desk):
    place = desk.folder / f"export.ldif.{desk.plan.digest[:8]}.bak"
    place.write_text("mine")
    with pytest.raises(Refused, match="bak"):
        desk.apply()
    assert place.read_text() == "mine"
    assert desk.data == desk.old
    assert not desk.journal.exists()


def test_the_folder_of_the_journal_is_gone(desk):
    with pytest.raises(InputError, match="journal cannot be written"):
        desk.apply(journal=desk.folder / "gone" / "x.journal")
    assert desk.data == desk.old
    assert not [name for name in desk.names() if "remedy-new" in name or name.endswith(".lock")]


def test_a_link_laid_in_the_way_of_the_new_file_is_not_followed(desk):
    victim = desk.folder / "victim"
    victim.write_text("precious")
    for name in (".export.ldif.remedy-new", f".export.ldif.{desk.plan.digest[:8]}.bak.remedy-new"):
        (desk.folder / name).symlink_to(victim)
    desk.apply()
    assert victim.read_text() == "precious"
    assert NEW.encode() in desk.data
    assert not desk.path.is_symlink()


def test_a_dry_run_writes_nothing_and_predicts(desk):
    before = desk.snapshot()
    dry = desk.apply(dry_run=True)
    assert desk.snapshot() == before
    assert dry.dry_run
    real = desk.apply()
    assert results(dry) == results(real)
    new = desk.snapshot()
    assert [back.ids for back in desk.rollback(dry_run=True).way]
    assert desk.snapshot() == new


def test_two_at_once(desk):
    """The second is refused at once; it neither waits nor writes."""
    inside, leave = threading.Event(), threading.Event()

    def confirm(_):
        inside.set()
        assert leave.wait(30)
        return True

    ended = []
    thread = threading.Thread(target=lambda: ended.append(desk.apply(confirm=confirm)))
    thread.start()
    assert inside.wait(30)
    start = time.monotonic()
    with pytest.raises(Refused, match="Another run"):
        desk.apply(journal=desk.folder / "other.journal")
    with pytest.raises((Refused, InputError)):
        desk.rollback()
    assert time.monotonic() - start < 5
    assert desk.data == desk.old
    leave.set()
    thread.join()
    assert ended[0].counts.applied
    assert NEW.encode() in desk.data


def _try_apply(folder, plan, number, ready, queue):
    wishes = ApplyWishes(allow=frozenset(HAZARDS), journal=Path(folder) / f"{number}.journal")
    loaded = workflow.load_plan(plan)
    ready.wait()
    try:
        report = execution.apply(loaded, f"{folder}/export.ldif", wishes, lambda _: True)
    except RemedyError as error:
        queue.put(error.exit_code)
    else:
        queue.put("applied" if report.counts.applied else "already")


def test_many_at_once(desk):
    """Whoever gets the lock, the values are written once."""
    context = multiprocessing.get_context("fork" if sys.version_info < (3, 12) else "spawn")
    queue, ready = context.Queue(), context.Barrier(4)
    runs = [
        context.Process(target=_try_apply, args=(str(desk.folder), str(desk.file), number, ready, queue))
        for number in range(4)
    ]
    for run in runs:
        run.start()
    ends = [queue.get(timeout=60) for _ in runs]
    for run in runs:
        run.join()
    assert ends.count("applied") == 1
    assert set(ends) <= {"applied", "already", 4}
    assert desk.data.count(NEW.encode()) == 1
    assert not [name for name in desk.names() if "remedy-new" in name]


# --- as somebody else, on other disks ---------------------------------------------------------------------------------


@pytest.fixture
def nobody(tmp_path_factory):
    """Run the program without the rights of root, in a world where some files belong to somebody else."""
    if not ROOTED or not shutil.which("setpriv"):
        pytest.skip("only root can give files away: nothing about rights was shown")

    def run(*words, cwd):
        done = subprocess.run(
            ["setpriv", "--bounding-set=-all", "--inh-caps=-all", sys.executable, "-m", "remedy", *map(str, words)],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=cwd, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert "fault of remedy" not in done.stderr, done.stderr
        return done

    return run, tmp_path_factory.mktemp("open")


def test_a_folder_that_is_read_only(nobody):
    run, folder = nobody
    desk = Desk(folder)
    folder.chmod(0o755)
    os.chown(folder, 65534, 65534)
    before = desk.snapshot()
    done = run("apply", "plan.json", "export.ldif", "--yes", cwd=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert desk.snapshot() == before
    dry = run(
        "apply", "plan.json", "export.ldif", "--dry-run", "--allow", "dirsync-wipe", "--format", "json", cwd=folder
    )
    assert (dry.returncode, dry.stderr) == (0, "")
    assert json.loads(dry.stdout)["summary"]["applied"] > 0
    assert desk.snapshot() == before


def test_a_file_that_may_not_be_written(nobody):
    run, folder = nobody
    desk = Desk(folder)
    os.chown(desk.path, 65534, 65534)
    desk.path.chmod(0o644)
    done = run("apply", "plan.json", "export.ldif", "--yes", cwd=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "may not be written" in done.stderr
    assert desk.data == desk.old
    assert desk.path.stat().st_uid == 65534
    done = run("apply", "plan.json", "export.ldif", "--yes", "--allow", "dirsync-wipe", "-o", "copy.ldif", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert desk.data == desk.old


def test_a_journal_that_may_not_be_read(nobody):
    run, folder = nobody
    desk = Desk(folder)
    desk.apply()
    os.chown(desk.journal, 65534, 65534)
    done = run("rollback", "plan.json.journal", "export.ldif", "--yes", cwd=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "journal" in done.stderr


@pytest.fixture
def disk(tmp_path):
    """Give a function that makes a small disk."""
    places = []

    def mount(size):
        place = tmp_path / f"disk{len(places)}"
        place.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=False)
        if done.returncode:
            pytest.skip("no small disk can be mounted here: nothing about full disks was shown")
        places.append(place)
        return place

    yield mount
    for place in places:
        subprocess.run(["umount", "-l", place], check=True)


@needs_root
@pytest.mark.parametrize("what", ["everything", "journal"])
def test_a_full_disk(disk, tmp_path, what):
    """At each size of what is left the file is the old or the new one, and the way on and the way back are open."""
    seen = set()
    place = disk("256k")
    (tmp_path / "desk").mkdir()
    for room in range(0, 64 << 10, 4096):
        desk = Desk(place if what == "everything" else tmp_path / "desk")
        if what == "journal":
            desk.journal = place / "x.journal"
            desk.journal.unlink(missing_ok=True)
        filler = place / "filler"
        filler.write_bytes(b"")
        free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
        filler.write_bytes(b"x" * max(0, free - room))
        try:
            desk.apply()
            seen.add("fine")
        except InputError as error:
            seen.add(str(error).split(": ")[1])
        new = desk.data if desk.data != desk.old else None
        filler.unlink()
        if room % 8192 and desk.journal.exists():
            desk.rollback()
            assert desk.data == desk.old
        else:
            desk.apply(resume=desk.journal.exists())
            assert NEW.encode() in desk.data
            assert new in {None, desk.data}
            assert not [name for name in desk.names() if "remedy-new" in name or name.endswith(".lock")]
            desk.rollback()
            assert desk.data == desk.old
        for path in desk.folder.iterdir():
            path.unlink()
    assert "fine" in seen
    assert len(seen) > 1, seen


@needs_root
def test_a_disk_that_is_mounted_read_only(disk):
    place = disk("256k")
    desk = Desk(place)
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    before = desk.snapshot()
    with pytest.raises(InputError, match="Read-only"):
        desk.apply()
    dry = desk.apply(dry_run=True)
    assert dry.counts.applied == dry.counts.planned
    assert desk.snapshot() == before


# --- too much -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["end", "middle"])
@pytest.mark.parametrize("verb", ["survey", "apply", "rollback"])
def test_a_hole_of_four_gibibytes(desk, where, verb):
    """Refused in a sentence, in seconds, in little memory."""
    desk.apply()
    if verb == "apply":
        desk.rollback()
        desk.journal.unlink()
    with desk.path.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        file.truncate(4 << 30)
        if where == "middle":
            file.seek(0, os.SEEK_END)
            file.write(b"\n\n" + dump_entry(mailbox("last")).encode())
    words = {
        "survey": ["survey", desk.path],
        "apply": ["apply", desk.file, desk.path, "--yes"],
        "rollback": ["rollback", desk.journal, desk.path, "--yes"],
    }[verb]
    code = (
        "import resource, sys; from remedy.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    spent = time.monotonic() - start
    said, _, kilobytes = done.stderr.strip().rpartition("\n")
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert f"{RECORD_LIMIT >> 20} MiB" in said
    assert "Traceback" not in said
    assert int(kilobytes) < 6 * (RECORD_LIMIT >> 10)
    assert spent < 20
    assert not (desk.folder / "export.ldif.lock").exists()
