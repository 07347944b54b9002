"""The files that a run on an LDIF file needs for itself: none of them may be another, or take somebody's place."""

from collections.abc import Iterator
from pathlib import Path

from remedy.errors import InputError, Refused, UsageError
from remedy.text import printable

__all__ = ["apart", "backup_of", "beside", "free", "lock_of", "same_file"]


def beside(path: Path) -> Path:
    """Name the file that is written first, and then takes a place whole."""
    return path.with_name(f".{path.name}.remedy-new")


def lock_of(path: Path) -> Path:
    """Name the file whose lock keeps a second run away."""
    return path.with_name(f"{path.name}.lock")


def backup_of(path: Path, digest: str) -> Path:
    """Name the copy that is made before a plan changes a file (contract: TARGET.<first 8 of digest>.bak)."""
    return path.with_name(f"{path.name}.{digest[:8]}.bak")


def apart(target: Path, output: Path | None, journal: Path, digest: str) -> None:
    """Refuse to begin where two of a run's files would be one.

    Raises:
        UsageError: two of them would.
        InputError: one of them is a link that leads nowhere but to itself.
    """
    known: dict[Path, str] = {}
    for role, path in _files(target, output, journal, digest):
        first = known.setdefault(path, role)
        if first != role and {first, role} != {"TARGET", "-o"}:
            raise UsageError(f"{first} and {role} would be one file, {printable(str(path))}. Name another.")


def _files(target: Path, output: Path | None, journal: Path, digest: str) -> Iterator[tuple[str, Path]]:
    """Give each file that a run writes or needs, and what it is."""
    place, changed = _real(target), _real(output or target)
    backup = backup_of(changed, digest)
    yield "TARGET", place
    if output:
        yield "-o", changed
    yield "--journal", _real(journal)
    yield "the lock", lock_of(changed)
    yield "the backup", backup
    for path in (changed, backup, _real(journal)):
        yield f"the new file beside {printable(path.name)}", beside(path)


def _real(path: Path) -> Path:
    """Give the file that a name leads to."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        raise InputError.of(str(path), "it is a link that leads to itself", "Name another file.") from None


def free(output: Path, target: Path) -> None:
    """Refuse to write a copy over something else.

    Raises:
        Refused: something is there.
        InputError: it cannot be looked at.
    """
    try:
        taken = output.exists() and output.resolve() != target.resolve()
    except OSError as fault:
        raise InputError.of(str(output), f"it cannot be looked at: {fault.strerror}", "Name another file.") from None
    if taken:
        raise Refused(f"{printable(str(output))} is there already. Name a new file with -o.")


def same_file(one: str, other: str) -> bool:
    """Tell whether two places may be one file: a folder can move, and then the bytes of its files tell the rest."""
    return Path(one).name == Path(other).name
