"""An LDIF file that can be changed: locked, backed up, rewritten beside itself, and replaced in one step.

Law: the old file or the new one is there, whole, at every moment; nobody else's change is overwritten.
"""

import base64
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from remedy.change import Add, Change, Delete, Modify
from remedy.dn import DN
from remedy.entry import Entry
from remedy.errors import InputError, Partly, Refused, Stale, UsageError
from remedy.stores.apart import beside
from remedy.stores.base import End, Outcome
from remedy.stores.copying import copy_changed
from remedy.stores.ldif import LdifStore
from remedy.stores.locks import locked, without
from remedy.stores.output import remedy_of, sync_folder
from remedy.stores.rewrite import Touch, touches
from remedy.stores.texts import peek_text, plainly
from remedy.text import printable

__all__ = ["LdifTarget", "facts_of", "locked", "target_file"]

_GZIP = b"\x1f\x8b"  # RFC 1952 §2.3.1
_AGAIN = "then give the command again (apply: with --resume if its journal is there)."


class LdifTarget(LdifStore):
    """An LDIF file to change; see `remedy.stores.base.Writable`."""

    def __init__(
        self,
        path: Path | str,
        *,
        name: str | None = None,
        output: Path | None = None,
        writes: bool = True,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> None:
        """Name the file; with ``output`` the changed copy goes there and the file itself stays.

        Without ``writes`` it is only looked at, and may be one that nobody may write.
        """
        self.path = _resolved(Path(path), name or str(path))
        super().__init__(self.path, name=name or str(path), progress=progress)
        self.output = output
        self.place, self.window = str(_resolved(output, str(output)) if output else self.path), 0
        self.seen = _identity(self.path, self.name)
        if writes and not output:
            _replaceable(self.path, self.name)
        self._touches: tuple[tuple[Change, ...], tuple[Touch, ...]] = ((), ())

    def ready(self) -> None:
        """Wait for nobody: a file is changed in one step."""

    def intend(
        self,
        changes: Sequence[Change],
        entries: Mapping[DN, Entry],  # noqa: ARG002 - the records themselves are kept
    ) -> tuple[Mapping[str, Any], ...]:
        """Say which bytes each change touches, old and new."""
        return tuple(map(facts_of, self._planned(tuple(changes))))

    def carry_out_each(self, changes: Sequence[Change]) -> tuple[Outcome, ...]:
        """Make changes, all of them or none, as `carry_out` does."""
        self.carry_out(*changes)
        return tuple(Outcome(End.MADE) for _ in changes)

    def carry_out(self, *changes: Change) -> None:
        """Write the file anew with the changes in it, and put it in the old one's place.

        Raises:
            Stale: the file, or a record in it, is not as it was when it was read.
            InputError: the new file cannot be written; the old one is untouched.
        """
        self.replace(self._planned(changes))

    def replace(self, wanted: Sequence[Touch]) -> None:
        """Put bytes in the place of others, in one step for all.

        Raises:
            Stale: the file changed since it was read.
            InputError: the new file cannot be written, and the old one is untouched.
            Partly: the new file is there, and may not last.
        """
        place = Path(self.place)
        half, name = beside(place), str(self.output) if self.output else self.name
        try:
            with self.path.open("rb") as old, _fresh(half) as new:
                copy_changed(old, new, sorted(wanted, key=lambda touch: touch.offset), self.name)
                new.flush()
                os.fsync(new.fileno())
            _as_before(self.path, half)
            self._same()
            half.replace(place)
        except OSError as fault:
            without(half)
            advice = f"Nothing was changed. {remedy_of(fault)}, {_AGAIN}"
            raise InputError.of(name, f"the new file cannot be written: {fault.strerror}", advice) from None
        except BaseException:
            without(half)
            raise
        try:
            sync_folder(place.parent)
        except OSError as fault:
            what = f"the new file is in place, but the disk did not confirm it: {fault.strerror}"
            raise Partly(f"{printable(name)}: {what}. Check the disk, {_AGAIN}") from None

    def backup(self, path: Path) -> None:
        """Copy the file, once; a copy that is there already must be of this very file.

        Raises:
            Refused: something else is there.
            InputError: it cannot be written.
        """
        if path.exists():
            if _digest(path) != _digest(self.path):
                raise Refused(
                    f"{printable(str(path))} is there and is no copy of {printable(self.name)}. Move it away."
                )
            return
        half = beside(path)
        try:
            with self.path.open("rb") as old, _fresh(half) as new:
                copy_changed(old, new, (), self.name)
                new.flush()
                os.fsync(new.fileno())
            _as_before(self.path, half)
            half.replace(path)
            sync_folder(path.parent)
        except OSError as fault:
            without(half)
            advice = f"Nothing was changed. {remedy_of(fault)}, then give the command again."
            raise InputError.of(str(path), f"the backup cannot be written: {fault.strerror}", advice) from None
        except BaseException:
            without(half)
            raise

    def is_copied_in(self, path: Path) -> bool:
        """Tell whether another file holds the very same bytes."""
        return path.is_file() and _digest(path) == _digest(self.path)

    def bytes_at(self, offset: int, size: int) -> bytes:
        """Give some bytes of the file."""
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def _same(self) -> None:
        """Refuse to replace a file that somebody else changed."""
        if _identity(self.path, self.name) != self.seen:
            raise Stale(self.name, "file", expected="the file that was read", found="another one, or a changed one")

    def _planned(self, changes: tuple[Change, ...]) -> tuple[Touch, ...]:
        """Find what changes touch; remembered, since it takes a pass over the file."""
        if self._touches[0] != changes:
            supported: list[Add | Modify] = []
            for change in changes:
                if isinstance(change, Delete):
                    raise TypeError("records are taken out of a file by their journal, not by name")
                supported.append(change)
            self._touches = (changes, touches(self.path, self.name, supported))
        return self._touches[1]


def _resolved(path: Path, name: str) -> Path:
    """Give what a name leads to."""
    try:
        return path.resolve()
    except (OSError, RuntimeError) as fault:
        what = f"it cannot be found: {getattr(fault, 'strerror', None) or 'the link leads to itself'}"
        raise InputError.of(name, what, "Mend the link, or name the file itself.") from None


def _replaceable(path: Path, name: str) -> None:
    """Refuse a file whose place another cannot take."""
    if not os.access(path, os.W_OK):
        advice = "Run remedy as somebody who may write it, or name another place with -o."
        raise InputError.of(name, "it may not be written", advice)
    if (names := path.stat().st_nlink) > 1:
        what = f"it has {names} names (hard links), and under the others the old file would stay"
        raise InputError.of(name, what, "Work on a copy (apply: name it with -o), or take the other names away.")


def target_file(target: str) -> Path:
    """Give the file to change.

    Raises:
        UsageError: it can never be changed in place, whatever is in it.
        InputError: it is not there, is no file, or is packed.
    """
    if target == "-":
        raise UsageError("Standard input cannot be changed: save it as a file, and name that.")
    if target.lower().endswith(".gz"):
        raise UsageError(f"{printable(target)} cannot be changed in place: unpack it, and name the file.")
    from remedy.stores.administrator import begins

    path = Path(target)
    with plainly(target):
        there, whole = path.exists(), path.is_file()
    if not whole:
        what = "it is no file" if there else "there is no such file"
        raise InputError.of(target, what, "Name the LDIF file to change.")
    with plainly(target), path.open("rb") as file:
        if file.read(len(_GZIP)) == _GZIP:
            what = "it is packed with gzip, and cannot be changed in place"
            raise InputError.of(target, what, "Unpack it, and name the file.")
    if begins(peek_text(target).partition("\n")[0]):
        what = "it is an export of the Exchange Administrator program, and a change of it would change nothing"
        raise InputError.of(target, what, "Name the server itself (ldap://...), or an LDIF export of it.")
    return path


def facts_of(touch: Touch) -> dict[str, Any]:
    """Give a touch as the journal keeps it."""
    return {
        "dn": touch.dn,
        "offset": touch.offset,
        "old": base64.b64encode(touch.old).decode(),
        "new": base64.b64encode(touch.new).decode(),
        "old_sha256": hashlib.sha256(touch.old).hexdigest(),
        "new_sha256": hashlib.sha256(touch.new).hexdigest(),
    }


def _fresh(path: Path) -> BinaryIO:
    """Open a new file that nobody else may read, in the place of what a run that was killed may have left."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _identity(path: Path, name: str) -> tuple[int, ...]:
    """Give what shows that a file is another, or was changed."""
    try:
        stat = path.stat()
    except OSError as fault:
        raise InputError.of(name, f"it cannot be read: {fault.strerror}", "Check the name.") from None
    return (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def _as_before(old: Path, new: Path) -> None:
    """Give a new file the owner and the permissions of the old one."""
    stat = old.stat()
    with suppress(PermissionError):  # a copy that only its owner could give away stays ours
        os.chown(new, stat.st_uid, stat.st_gid)
    new.chmod(stat.st_mode & 0o7777)


def _digest(path: Path) -> bytes:
    """Give the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
