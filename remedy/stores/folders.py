"""A postoffice's folder on a disk: its files found in any case, read until two looks agree, and never written to.

Law: everything is opened for reading alone, no link inside the folder is followed, and only sizes are taken of mailbags.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep

from remedy.addresses import PostofficeName
from remedy.errors import InputError
from remedy.estate import Estate
from remedy.inventories.maildata import NETWORKS, Files, numbers
from remedy.inventories.postoffice_folder import read_postoffice
from remedy.inventories.shadow import is_shadow
from remedy.stores.texts import called, plainly
from remedy.text import fold, joined, printable

__all__ = ["holds_networks", "read_folder"]

LIMIT = 64 << 20
"""Bytes that are read of one folder in all; a thousand postoffices fill less than one MiB."""

_LOOKS = 5
_PAUSE = 0.05  # seconds from one look to the next, so that a write which goes on is seen to go on
_MEASURED = {"GLB": ".glb", "MBG": ".mbg", "KEY": ".key"}
_QUIETLY = getattr(os, "O_NOATIME", 0)
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)

Contents = Mapping[str, tuple[int, int, bytes]]
"""Each file that is read, as ``GLB/NETWORK.GLB`` is written: size, time of the last change, and what is in it."""


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    """Open for reading; the time of the last access stays where the system lets us keep it (the owner may)."""
    try:
        handle = os.open(path, flags | _QUIETLY)
    except PermissionError:
        handle = os.open(path, flags)
    try:
        yield handle
    finally:
        os.close(handle)


def _names(path: Path) -> list[str]:
    """Give the names in a folder."""
    with plainly(str(path)), _opened(path, _FOLDER) as handle, os.scandir(handle) as found:
        return sorted(item.name for item in found)


def holds_networks(folder: Path) -> bool:
    """Tell whether a folder holds GLB/NETWORK.GLB in any case (contract, SOURCE and TARGET)."""
    inner = (folder / name for name in _names(folder) if fold(name) == "glb")
    return any(fold(name) == "network.glb" for glb in inner if glb.is_dir() for name in _names(glb))


def _looked_at(path: Path, *, folder: bool) -> os.stat_result | None:
    """Look at what a path names without opening it; None if it has gone.

    Raises:
        InputError: it is a link, or of another kind than it should be.
    """
    with plainly(str(path)):
        try:
            found = path.lstat()
        except FileNotFoundError:
            return None
    advice = "Name a copy of the folder that holds the thing itself."
    if stat.S_ISLNK(found.st_mode):
        raise InputError.of(str(path), "it is a link, and no link inside a postoffice's folder is followed", advice)
    if not (stat.S_ISDIR if folder else stat.S_ISREG)(found.st_mode):
        raise InputError.of(str(path), "it is no folder" if folder else "it is no ordinary file", advice)
    return found


def _index(path: Path) -> Mapping[str, tuple[Path, ...]]:
    """Give the paths of what is in a folder, by name without case: DOS writes upper case, UNIX may not (Q152903).

    Raises:
        InputError: it cannot be looked into.
    """
    found: dict[str, tuple[Path, ...]] = {}
    for name in _names(path):
        found[fold(name)] = (*found.get(fold(name), ()), path / name)
    return found


def _inside(folder: Path, name: str) -> Mapping[str, tuple[Path, ...]]:
    """Give what is in one of the folders of a postoffice; nothing, if it is not there.

    Raises:
        InputError: it is a link, no folder, or cannot be looked into.
    """
    path = _one(_index(folder), name)
    return _index(path) if path and _looked_at(path, folder=True) else {}


def _one(index: Mapping[str, tuple[Path, ...]], name: str) -> Path | None:
    """Give the path of a name, or None if it is not there.

    Raises:
        InputError: two names differ only by case, and nothing shows which one the postoffice uses.
    """
    first, *others = index.get(fold(name), (None,))
    if first and others:
        what = f"{joined(printable(other.name) for other in others)} beside it differs only by case"
        raise InputError.of(str(first), what, "Name a copy of the folder in which only the right one is.")
    return first


def _content(path: Path | None, left: int) -> tuple[int, int, bytes] | None:
    """Read a file; None if it is not there, or no longer.

    Raises:
        InputError: it cannot be read, or is longer than what is ``left``.
    """
    if not path or not (found := _looked_at(path, folder=False)):
        return None
    if found.st_size > left:
        what = f"with it, more than {LIMIT >> 20} MiB would have to be read"
        raise InputError.of(
            str(path), what, "No postoffice has such a list: check that it is the right file, and undamaged."
        )
    with plainly(str(path)), suppress(FileNotFoundError), _opened(path, _FILE) as handle:
        begun = os.fstat(handle)
        with open(handle, "rb", closefd=False) as file:
            return begun.st_size, begun.st_mtime_ns, file.read(min(begun.st_size, left) + 1)
    return None


def _contents(folder: Path) -> Contents:
    """Read NETWORK.GLB and each XTN file that it names, as they are now."""
    found: dict[str, tuple[int, int, bytes]] = {}
    if not (head := _content(_one(_inside(folder, "GLB"), "NETWORK.GLB"), LIMIT)):
        return found
    found[NETWORKS] = head
    left, files = LIMIT - len(head[2]), _inside(folder, "XTN")
    for number in numbers(head[2]):
        if one := _content(_one(files, f"{number}.XTN"), left):
            found[f"XTN/{number}.XTN"] = one
            left -= len(one[2])
    return found


def _settled(folder: Path) -> Contents:
    """Read until two looks agree, so that nothing is believed that was being written.

    Raises:
        InputError: it never rests, or NETWORK.GLB is not there.
    """
    seen, changed = _contents(folder), [""]
    for _ in range(_LOOKS):
        sleep(_PAUSE)
        before, seen = seen, _contents(folder)
        changed = sorted(path for path in before.keys() | seen.keys() if before.get(path) != seen.get(path))
        if not changed and NETWORKS in seen:
            return seen
    if NETWORKS not in seen:
        raise InputError.of(str(folder), f"{NETWORKS} is not in it", "Name a postoffice's folder.")
    what = f"{joined(changed, most=3)} changed from each look to the next, {_LOOKS} times"
    advice = "Stop External and the Administrator program on this postoffice, or name a copy of the folder."
    raise InputError.of(str(folder), what, advice)


def _sizes(folder: Path) -> Iterator[tuple[str, int]]:
    """Give the size of each file that is only measured; mailbags change all the time, and a size is true by itself."""
    for inner, suffix in _MEASURED.items():
        index = _inside(folder, inner)
        for file in sorted(index):
            path = _one(index, file) if file.endswith(suffix) else None
            if path and (found := _looked_at(path, folder=False)):
                yield f"{inner}/{file.upper()}", found.st_size


def read_folder(name: str, whose: PostofficeName | None) -> Estate:
    """Read a postoffice's folder; ``whose`` is the postoffice, if the user names it.

    Raises:
        InputError: it is no such folder, cannot be read, or is being changed.
    """
    folder = Path(name)
    with plainly(name):
        mode = folder.stat().st_mode if name != "-" else 0  # the user may name a link to the folder
    if not stat.S_ISDIR(mode):
        raise InputError.of(called(name), "it is no folder", "Name the folder of a postoffice: the one that holds GLB.")
    found = {place: data for place, (_, _, data) in _settled(folder).items()}
    files = Files(
        networks=found.pop(NETWORKS),
        externals={Path(place).stem: data for place, data in found.items()},
        sizes=dict(_sizes(folder)),
    )
    return read_postoffice(files, name, whose, shadow=is_shadow(str(folder.absolute())))
