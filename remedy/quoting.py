"""The words of other languages: one function a language that writes any text as that text and nothing else.

Law: what is written is plain ASCII, opens and closes nothing but itself, and means exactly the text that was given; a
text that a language cannot say is refused, never bent.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping

from remedy.text import printable

__all__ = [
    "LANGUAGES", "PREPARING", "WORDS", "Encoded", "admin_cell", "admin_deletion", "admin_option", "admin_values", "ads_path",
    "cmd_data", "cmd_word", "codec", "comment", "ldap_dn", "ldap_filter", "powershell", "sh", "vbscript",
]  # fmt: skip

_PLAIN = re.compile(r"[ !#-\[\]-~]*")  # ASCII but for the double quote and the backslash
_CMD = re.compile(r"[A-Za-z0-9._-]+")
_SAYABLE = re.compile(r"[ -~]*")
_IN_FILTERS = frozenset(range(0x20, 0x7F)) - frozenset(b"*()\\")
_CMD_DATA = re.compile(r"[A-Za-z0-9/](?:[A-Za-z0-9 ,=._$/()+@#:\\'-]*[A-Za-z0-9,=._$/()+@#:'-])?")
_OPTION = re.compile(r"[A-Za-z0-9/](?:[^\x00-\x1f\x7f\"%;]*[^\x00-\x20\x7f\"%;])?")
_DELETED = re.compile(r"[^\x00-\x1f\x7f\"%<>\\~=]+")
_RUNS = re.compile(r"([ -~]+)|([^ -~])")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_ADMIN_SPECIAL = str.maketrans({"\\": "\\\\", "%": "\\%", "\r": "\\r", "\n": "\\n"})


class Encoded(str):
    """A text that a codec wrote: it is in its language already."""

    __slots__ = ()


def codec(text: object) -> str:
    """Give a text that a codec wrote, as it stands.

    Raises:
        TypeError: no codec wrote it.
    """
    if not isinstance(text, Encoded):
        raise TypeError(f"only what a codec wrote may stand in a script as it is, and not {comment(text)}")
    return str(text)


def comment(text: object) -> str:
    """Give a text in one line of ASCII, to be read by people only; what is no plain letter is shown by its number."""
    return printable(str(text)).encode("ascii", "backslashreplace").decode()


def sh(text: object) -> str:
    """Write a text as one word of the POSIX shell (XCU 2.2.2): in single quotes nothing has a meaning.

    Raises:
        ValueError: it has a character that is not plain ASCII, which a terminal or an editor could show as something else.
    """
    word = str(text)
    if not _SAYABLE.fullmatch(word):
        raise ValueError(f"{comment(word)} has a character that a script cannot hold safely; write it in ASCII first")
    return "'" + word.replace("'", "'\\''") + "'"


def ldap_dn(dn: object) -> str:
    r"""Write a distinguished name in ASCII: every other character by its bytes, ``\C3\BC`` (RFC 4514 §2.4)."""
    return re.sub("[^ -~]", lambda found: "".join(f"\\{byte:02X}" for byte in found[0].encode()), str(dn))


def ldap_filter(value: str | bytes) -> str:
    """Write a value as a part of a search filter: what has a meaning there, and whatever is not plain ASCII (RFC 4515 §3)."""
    data = value.encode() if isinstance(value, str) else value
    return "".join(chr(byte) if byte in _IN_FILTERS else f"\\{byte:02x}" for byte in data)


def cmd_word(text: object) -> str:
    """Give a text that a Windows batch file may hold: letters, digits, dot, dash and underscore, and no other.

    Raises:
        ValueError: it has another character; cmd.exe has no quoting that holds for all of them.
    """
    word = str(text)
    if not _CMD.fullmatch(word):
        raise ValueError(f"{comment(word)} has a character that a batch file cannot hold safely")
    return word


def cmd_data(text: object) -> str:
    """Give a line of a file of data, which a batch file reads and hands on in double quotes.

    Raises:
        ValueError: it has a character that could end the quotes, or be read twice.
    """
    line = str(text)
    if not _CMD_DATA.fullmatch(line):
        raise ValueError(f"{comment(line)} has a character that a batch file cannot hand on safely")
    return line


def vbscript(text: object) -> str:
    """Write a text as a VBScript expression: runs of ASCII in double quotes, every other UTF-16 unit as ``ChrW(n)``."""
    parts: list[str] = []
    for run, other in _RUNS.findall(str(text)):
        units = other.encode("utf-16-le", "surrogatepass")
        numbers = (int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2))
        parts += ['"' + run.replace('"', '""') + '"'] if run else [f"ChrW({_signed(number)})" for number in numbers]
    return " & ".join(parts) or '""'


def _signed(unit: int) -> int:
    """Give a UTF-16 unit as VBScript's Integer holds it: from 32768 on it is negative."""
    return unit - 0x10000 if unit >= 0x8000 else unit  # noqa: PLR2004 - 16 bits with a sign


def powershell(text: object) -> str:
    """Write a text as a PowerShell expression: runs of ASCII in single quotes, every other UTF-16 unit as ``[char]n``.

    PowerShell takes curly quotes for quotes too, so they are among the others.
    """
    parts: list[str] = []
    for run, other in _RUNS.findall(str(text)):
        units = other.encode("utf-16-le", "surrogatepass")
        numbers = (int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2))
        parts += ["'" + run.replace("'", "''") + "'"] if run else [f"[char]{number}" for number in numbers]
    if not parts:
        return "''"
    return parts[0] if len(parts) == 1 and parts[0].startswith("'") else f"('' + {' + '.join(parts)})"


def ads_path(dn: object) -> str:
    """Write a distinguished name as a part of an ADSI path, where a slash parts the name from the server."""
    return str(dn).replace("/", "\\/")


def admin_values(values: Iterable[object]) -> str:
    r"""Join values as the Exchange Administrator parts them: by ``%``, with ``\%`` and ``\\`` (Q156063, Q165394).

    Raises:
        ValueError: one begins with ``=`` or ``~``, which name a file (Q152436) or a deletion (Q152854).
    """
    return "%".join(_admin_value(str(value)) for value in values)


def _admin_value(value: str) -> str:
    """Write one value."""
    if not value or value[0] in "=~":
        raise ValueError(f"{comment(value) or 'an empty value'} means something else in an import file")
    return value.translate(_ADMIN_SPECIAL)


def admin_deletion(value: object) -> str:
    """Write the cell that takes one value away; nothing else may stand in it (Q184536).

    Raises:
        ValueError: it has a character of which no source says how it is read there.
    """
    text = str(value)
    if not _DELETED.fullmatch(text) or text != text.strip():
        raise ValueError(f"{comment(text) or 'an empty value'} cannot be told from the marks round a deletion")
    return f"~del<{text}>"


def admin_option(text: object) -> str:
    """Give a value of an options file, which has no quoting at all (Q160971).

    Raises:
        ValueError: it has a character that could end the line or be no part of the value, or is not in code page 1252.
    """
    value = str(text)
    value.encode("cp1252")
    if not _OPTION.fullmatch(value):
        raise ValueError(f"{comment(value) or 'an empty value'} cannot be said in an options file")
    return value


def admin_cell(text: object) -> str:
    """Write a text as a cell of an import file, in double quotes if it holds a comma (Q190706).

    Raises:
        ValueError: a spreadsheet or the Administrator would not take it for text, no source says how it is read (double
            quotes, outer blanks), or code page 1252 has no place for it (Q183496).
    """
    cell = str(text)
    if cell[:1] in {"=", "+", "-", "@"} or '"' in cell or cell != cell.strip() or _CONTROLS.search(cell):
        raise ValueError(f"{comment(cell)} would not be taken for text")
    cell.encode("cp1252")
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([cell, ""])
    return out.getvalue()[:-1]


_EACH: tuple[Callable[..., str], ...] = (
    admin_cell,
    admin_deletion,
    admin_option,
    admin_values,
    ads_path,
    cmd_data,
    cmd_word,
    codec,
    comment,
    ldap_dn,
    ldap_filter,
    powershell,
    sh,
    vbscript,
)
WORDS: Mapping[str, Callable[..., str]] = {each.__name__: each for each in _EACH}
"""The filters of scripts, by name."""

PREPARING = frozenset(each.__name__ for each in (admin_deletion, admin_values, ads_path, ldap_dn, ldap_filter))
"""Those that make a text ready for another filter, and are not enough alone."""

LANGUAGES: Mapping[str, frozenset[str]] = {
    "cmd": frozenset({"cmd_word"}),  # cmd.exe has no quoting that holds for all, so no comment is allowed either
    "csv": frozenset({"admin_cell"}),
    "ini": frozenset({"admin_option"}),
    "ldf": frozenset({"codec", "comment"}),
    "ldif": frozenset({"codec", "comment"}),
    "ps1": frozenset({"codec", "comment", "powershell"}),
    "sh": frozenset({"codec", "comment", "sh"}),
    "vbs": frozenset({"codec", "comment", "vbscript"}),
}
"""The words that belong to a language, by the ending of its files; in others, all that are enough do."""
