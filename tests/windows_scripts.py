"""Wine's cscript, where this machine has it, with a directory of its own in the place of ADSI.

Only the words that reach for ADSI are put in other words for that; the rest of a script runs as it is. ChrW and AscW
are given where Wine 8 lacks them.
"""

import fcntl
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

WINE = shutil.which("wine")
PREFIX = Path(tempfile.gettempdir()) / f"remedy-wine-{os.getuid()}"
ENVIRONMENT = {
    **os.environ, "WINEPREFIX": str(PREFIX), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml=", "DISPLAY": "",
}  # fmt: skip

DIRECTORY = r"""
Class Fake
    Public Place
    Public Held
    Public Cache
    Public Controls
    Public Stored

    Private Sub Class_Initialize
        Set Held = CreateObject("Scripting.Dictionary")
        Set Cache = CreateObject("Scripting.Dictionary")
        Set Controls = CreateObject("Scripting.Dictionary")
        Stored = True
    End Sub

    Sub GetInfoEx(names, reserved)
        If touched And cut > 0 Then
            If cut = 1 Then Err.Raise &H8007203A
            cut = cut - 1
        End If
    End Sub

    Function GetEx(name)
        If Not Held.Exists(LCase(name)) Then Err.Raise &H8000500D
        GetEx = Held.Item(LCase(name)).Items
    End Function

    Function Create(kind, leaf)
        Dim made
        Set made = New Fake
        made.Place = Left(Place, InStrRev(Place, "/")) & leaf & "," & Mid(Place, InStrRev(Place, "/") + 1)
        made.Stored = False
        Record "create " & kind & " " & leaf
        Set Create = made
    End Function

    Sub PutEx(control, name, texts)
        Dim text
        For Each text In texts
            Record control & " " & name & "=" & text
        Next
        Cache.Item(name) = texts
        Controls.Item(name) = control
    End Sub

    Sub SetInfo
        Dim name, text
        If failing <> 0 And Not late Then Err.Raise failing
        If forsaken And touched Then Err.Raise &H8007203A
        touched = True
        Record "set " & Place
        For Each name In Cache.Keys
            For Each text In Cache.Item(name)
                If Controls.Item(name) = 4 Then Drop LCase(name), text
                If Controls.Item(name) <> 4 Then Give LCase(name), text
            Next
        Next
        If Not Stored Then entries.Add LCase(Place), Me
        Stored = True
        Cache.RemoveAll
        If failing <> 0 Then Err.Raise failing
    End Sub

    Sub Give(name, text)
        If forgotten = text Then Exit Sub
        If Not Held.Exists(name) Then Held.Add name, CreateObject("Scripting.Dictionary")
        Held.Item(name).Add text, text
    End Sub

    Sub Drop(name, text)
        Held.Item(name).Remove text
    End Sub
End Class

Function Known(place)
    If Not entries.Exists(LCase(place)) Then Err.Raise &H80072030
    Set Known = entries.Item(LCase(place))
End Function

Class Table
    Public Number

    Private Sub Class_Initialize
        Number = 0
    End Sub

    Public Property Get EOF
        EOF = (Number >= entries.Count)
    End Property

    Public Sub MoveNext
        Number = Number + 1
    End Sub

    Public Function Fields(name)
        Dim every, entry, found
        every = entries.Items
        Set entry = every(Number)
        Set found = New Cell
        found.Value = Null
        If name = "ADsPath" Then found.Value = entry.Place
        If entry.Held.Exists(LCase(name)) Then found.Value = entry.Held.Item(LCase(name)).Items
        Set Fields = found
    End Function
End Class

Class Cell
    Public Value
End Class

Function Everybody(filter)
    Set Everybody = New Table
End Function

Sub There(place)
    Set latest = New Fake
    latest.Place = place
    entries.Add LCase(place), latest
End Sub

Sub Record(text)
    Dim stream
    Set stream = CreateObject("Scripting.FileSystemObject").OpenTextFile(records, 8, True)
    stream.WriteLine text
    stream.Close
End Sub
"""
WORDS = r"""
Function AscW(char)
    AscW = Asc(char)
End Function

Function ChrW(code)
    ChrW = "[U" & code & "]"
End Function
"""


@functools.cache
def engine() -> str:
    """Say why there is no engine; empty if there is one."""
    if not WINE:
        return "Wine is not installed, so VBScript is read by the reader of the tests alone"
    with (PREFIX.parent / f"{PREFIX.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (PREFIX / "drive_c/windows/system32/cscript.exe").is_file():
            subprocess.run(["wine", "wineboot", "-i"], env=ENVIRONMENT, capture_output=True, timeout=300, check=False)
    return "" if (PREFIX / "drive_c/windows/system32/vbscript.dll").is_file() else "this Wine has no VBScript"


def cscript(folder: Path, jobs: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[int, str]]:
    """Run scripts of a folder one after the other, each with its words; give its exit code and what it said.

    It is one session of Wine, since each takes seconds to begin.
    """
    place = "Z:" + str(folder).replace("/", "\\")
    lines = ["@echo off"]
    for name, words in jobs.items():
        given = " ".join(f'"{word}"' for word in words)
        lines += [f'cscript //nologo "{place}\\{name}.vbs" {given} > "{place}\\{name}.out"']
        lines += [f'echo %ERRORLEVEL% > "{place}\\{name}.code"']
    (folder / "run.cmd").write_bytes("\r\n".join((*lines, "")).encode("ascii"))
    command = ["wine", "cmd", "/c", f"{place}\\run.cmd"]
    subprocess.run(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)
    return {
        name: (
            int((folder / f"{name}.code").read_text()),
            (folder / f"{name}.out").read_bytes().decode("cp437").replace("\r\n", "\n"),
        )
        for name in jobs
    }


def with_directory(script: str, entries: dict[str, dict[str, list[str]]], records: Path, failing: str = "0") -> str:
    """Give a script that reaches for a directory made here; what it writes there is recorded.

    ``failing`` is the HRESULT of SetInfo, and on further lines: ``late = True``, it has written for all that; ``cut = 1``,
    nothing can be read behind the first SetInfo (2: but once, and so on); ``forgotten = "text"``, that value is not kept;
    ``forsaken = True``, the second SetInfo does not reach the server.
    """
    assert script.count("GetObject(place)") == 1
    assert script.count('GetObject("LDAP:")') == 1
    assert script.count("Set rows = Searched(filter)") == 1
    script = script.replace("GetObject(place)", "Known(place)").replace("= Searched(filter)", "= Everybody(filter)")
    head, start, rest = script.partition("\r\nStart\r\n")
    assert start
    lines = [
        "Dim entries, latest, records, failing, late, touched, cut, forgotten, forsaken",
        'Set entries = CreateObject("Scripting.Dictionary")',
        f'records = "Z:{str(records).replace("/", chr(92))}"',
        f"failing = {failing}",
    ]
    for place, attributes in entries.items():
        lines.append(f'There "LDAP://EX:389/{place}"')
        lines += [f'latest.Give "{name.lower()}", "{text}"' for name, values in attributes.items() for text in values]
    return "\r\n".join((head, *lines, "Start", rest, DIRECTORY, WORDS))
