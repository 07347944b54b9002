"""Where a password comes from: a file, standard input, the keyring, or whoever sits there; it is shown nowhere.

Law: no password is an argument, an environment value, or a word of a message.
"""

import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress

import click

from remedy.cli.output import say
from remedy.errors import InputError, Unreachable
from remedy.text import printable

__all__ = ["password_of"]

_LIMIT = 4096  # bytes of a password file that are read


def password_of(url: str, bind_dn: str, file: str | None) -> Callable[[], str] | None:
    """Give what gets a password once it is needed, and then keeps it; None if nobody is to be named."""
    if not bind_dn:
        return None
    kept: list[str] = []

    def password() -> str:
        if not kept:
            kept.append(_from_file(file) if file else _from_keyring(url, bind_dn) or _asked(url, bind_dn))
        return kept[0]

    return password


def _from_file(name: str) -> str:
    """Read the first line of a file, or of standard input; blanks belong to the password, the line end does not."""
    from pathlib import Path

    from remedy.stores.texts import plainly, spend_stdin

    if name == "-":
        spend_stdin()
        data = sys.stdin.buffer.readline(_LIMIT)
    else:
        with plainly(name), Path(name).open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.readline(_LIMIT)
        if stat.S_ISREG(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO) and os.name == "posix":
            say(f"remedy: others may read {printable(name)}, which holds a password: chmod 600 it.")
    if len(data) == _LIMIT and not data.endswith(b"\n"):
        what = f"its first line is longer than {_LIMIT:,} bytes"
        raise InputError.of(name, what, "Name the file whose first line is the password.")
    try:
        return data.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError.of(name, "the password in it is no UTF-8 text", "Save the file as UTF-8.") from None


def _from_keyring(url: str, bind_dn: str) -> str | None:
    """Ask the keyring of the desktop, if its package is there (the extra ``remedy[keyring]``)."""
    with suppress(Exception):  # a keyring that does not answer is none, whatever it says
        import keyring  # type: ignore[import-not-found, unused-ignore]

        found: str | None = keyring.get_password(f"remedy {url}", bind_dn)
        return found
    return None


def _asked(url: str, bind_dn: str) -> str:
    """Ask whoever sits at the terminal."""
    if not (sys.stdin and sys.stdin.isatty()):
        raise Unreachable(
            f"{printable(url)}: nobody can be asked for the password of {printable(bind_dn)}. Name a file that holds it "
            "with --password-file FILE (- is standard input)."
        )
    answer: str = click.prompt(f"Password of {printable(bind_dn)} on {printable(url)}", hide_input=True, err=True)
    return answer
