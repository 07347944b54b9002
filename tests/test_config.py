"""Settings: which file counts, whose it may be, and what may stand in it."""

import os
from functools import partial
from pathlib import Path

import pytest

from remedy import config
from remedy.config import named, nearest, settled
from remedy.errors import InputError, Refused

ME = os.geteuid()
STRANGER = 54321


def number(value):
    """Take a number, as an option does."""
    if not isinstance(value, int):
        raise ValueError(f"{value!r} is no number.")  # noqa: TRY004 - as checks do
    return value


TABLES = {
    "survey": partial(dict, {"format": str, "ignore": list}),
    "plan": partial(dict, {"max-proxies": number, "strategy": str}),
    "all": partial(dict, {"color": str}),
}


@pytest.fixture
def write(tmp_path):
    """Write a settings file somewhere below the test's folder."""

    def put(text, name="remedy.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return put


def read(path):
    """Read and judge a file."""
    return settled(named(path), TABLES)


def faults(path):
    """Give every fault of a file as line and message."""
    with pytest.raises(InputError) as caught:
        read(path)
    assert {fault.source for fault in caught.value.faults} == {str(path)}
    assert "--no-config" in caught.value.advice
    return [(fault.line, fault.message) for fault in caught.value.faults]


# --- Which file ------------------------------------------------------------------------------------------------------


def test_there_need_be_none(tmp_path):
    assert nearest(tmp_path, ME) is None


def test_the_nearest_counts(write, tmp_path):
    write('[all]\ncolor = "never"\n')
    near = write("", "a/remedy.toml")
    (tmp_path / "a" / "b").mkdir()
    assert nearest(tmp_path / "a" / "b", ME).path == near
    assert nearest(tmp_path, ME).path == tmp_path / "remedy.toml"


def test_in_one_folder_remedy_toml_wins(write, tmp_path):
    write("[tool.remedy.survey]\nformat = 'csv'\n", "pyproject.toml")
    assert settled(nearest(tmp_path, ME), TABLES) == {"survey": {"format": "csv"}}
    write("[survey]\nformat = 'json'\n")
    assert settled(nearest(tmp_path, ME), TABLES) == {"survey": {"format": "json"}}


def test_a_nearer_pyproject_wins_over_a_farther_remedy_toml(write, tmp_path):
    write("")
    near = write("[tool.remedy]\n", "a/pyproject.toml")
    assert nearest(tmp_path / "a", ME).path == near


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[project]\nname = 'remedy'\n",
        "[tool.ruff]\n",
        "tool = 'remedy'\n",
        "not TOML, and nobody of us is named",
        b"\xff\xfe not even text",
    ],
)
def test_a_pyproject_that_says_nothing_of_us_is_passed_by(write, tmp_path, text):
    above = write("")
    assert nearest(write(text, "a/pyproject.toml").parent, ME).path == above


def test_what_is_no_file_is_passed_by(write, tmp_path):
    (tmp_path / "a" / "remedy.toml").mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").symlink_to("nowhere")
    assert nearest(tmp_path / "a", ME) is None
    os.mkfifo(tmp_path / "remedy.toml")
    assert nearest(tmp_path, ME) is None


def test_a_folder_that_cannot_be_looked_at_is_passed_by(tmp_path, monkeypatch):
    def shut(path):
        raise PermissionError

    monkeypatch.setattr(Path, "is_file", shut)
    assert nearest(tmp_path, ME) is None


# --- Whose file ------------------------------------------------------------------------------------------------------


@pytest.fixture
def foreign(write):
    """Write a file that belongs to somebody else."""
    if ME != 0:
        pytest.skip("ONLY ROOT CAN GIVE FILES AWAY: that a stranger's settings are refused is not shown here")

    def put(text, name="remedy.toml"):
        path = write(text, name)
        os.chown(path, STRANGER, -1)
        return path

    return put


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "remedy.toml"),
        ("no TOML", "remedy.toml"),
        ("[tool.remedy]\n", "pyproject.toml"),
        ("[tool.remedy]\nsurve = 1\n", "pyproject.toml"),
    ],
)
def test_a_strangers_file_is_refused(foreign, tmp_path, text, name):
    path = foreign(text, name)
    with pytest.raises(Refused) as caught:
        nearest(tmp_path, ME)
    assert f"--config {path}" in str(caught.value)
    assert "--no-config" in str(caught.value)


def test_a_strangers_pyproject_that_says_nothing_of_us_is_none_of_ours(foreign, tmp_path):
    foreign("[project]\nname = 'remedy'\n", "pyproject.toml")
    assert nearest(tmp_path, ME) is None


def test_a_strangers_link_to_our_file_is_refused(foreign, write, tmp_path):
    target = write("", "elsewhere/remedy.toml")
    (tmp_path / "remedy.toml").symlink_to(target)
    os.chown(tmp_path / "remedy.toml", STRANGER, -1, follow_symlinks=False)
    with pytest.raises(Refused):
        nearest(tmp_path, ME)


def test_who_names_a_strangers_file_trusts_it(foreign):
    assert read(foreign("[all]\ncolor = 'never'\n")) == {"all": {"color": "never"}}


def test_a_file_of_root_is_nobodys_trap(write, tmp_path):
    if ME != 0:
        pytest.skip("ONLY ROOT HAS FILES OF ROOT: not shown here")
    path = write("")
    assert nearest(tmp_path, STRANGER).path == path


def test_where_nobody_owns_files_all_are_ours(write, tmp_path):
    path = write("")
    os.chown(path, STRANGER if ME == 0 else -1, -1)
    assert nearest(tmp_path, None).path == path


# --- What is no settings file ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "line", "word"),
    [
        ("[survey]\nformat = \n", 2, "TOML"),
        ("[survey]\nformat = 'json", 2, "TOML"),
        ('[survey]\nignore = """\n\n', 2, "TOML"),
        ("a = 1\na = 2\n", 2, "TOML"),
        (b"[survey]\nformat = '\xe4'\n", 2, "UTF-8"),
        ("[survey]\n".encode("utf-16"), 1, "UTF-8"),
        ("a = " + "1" * 5000, None, "TOML"),
        ("a = " + "[" * 100_000, None, "nested"),
        (b"#" * (config._LIMIT + 1), None, "longer"),
    ],
)
def test_what_is_no_toml_is_said_with_its_line(write, data, line, word):
    path = write(data)
    with pytest.raises(InputError) as caught:
        named(path)
    [fault] = caught.value.faults
    assert (fault.source, fault.line) == (str(path), line)
    assert word in fault.message


def test_a_byte_order_mark_is_no_fault(write):
    assert read(write(b"\xef\xbb\xbf[survey]\r\nformat = 'csv'\r\n")) == {"survey": {"format": "csv"}}


@pytest.mark.parametrize("name", ["nosuch.toml", "a\0b", "."])
def test_a_file_that_cannot_be_read(tmp_path, name):
    with pytest.raises(InputError):
        named(tmp_path / name)


def test_a_named_pyproject_has_to_say_something_of_us(write):
    with pytest.raises(InputError, match=r"no \[tool\.remedy\]"):
        named(write("[tool.ruff]\n", "pyproject.toml"))


# --- What may stand in it --------------------------------------------------------------------------------------------


def test_tables_are_given_as_they_are(write):
    text = (
        '[survey]\nformat = "json"\nignore = ["exposed"]\n[plan]\nmax_proxies = 120\n'
        '[profile.hub]\nurl = "ldaps://dc1.fabrikam.com/"\nbind-dn = "cn=reader"\npassword-file = "/run/pw"\n'
        'starttls = false\nca_file = "ca.pem"\npage-size = 500\ntimeout = 30\ndialect = "auto"\n'
    )
    assert read(write(text)) == {
        "survey": {"format": "json", "ignore": ["exposed"]},
        "plan": {"max-proxies": 120},
        "profile": {
            "hub": {
                "url": "ldaps://dc1.fabrikam.com/", "bind-dn": "cn=reader", "password-file": "/run/pw",
                "starttls": False, "ca-file": "ca.pem", "page-size": 500, "timeout": 30, "dialect": "auto",
            }
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[survey]\n\nformt = 'x'\n", 3, "[survey] formt: there is no such option here. Do you mean format?"),
        ("survey.formt = 'x'\n", 1, "[survey] formt: there is no such option here. Do you mean format?"),
        ("survey = {format = 'x', formt = 'x'}\n", 1, "Do you mean format?"),
        ("# formt = 1\n[plan]\n[survey]\nformt = [ # formt\n 'formt',\n]\n#formt", 4, "Do you mean format?"),
        ("[plan]\nMax_Proxie = 1\n", 2, "Do you mean max-proxies?"),
        ("[plan]\nxyzzy = 1\n", 2, "[plan] xyzzy: there is no such option here."),
        ("[all]\nformat = 'json'\n", 2, "[all] format: there is no such option here."),
        ("[[survey]]\nformat = 'json'\n", 1, "survey: it is no table."),
        ("[plans]\nmax-proxies = 3\n", 1, "plans: there is no such table. Do you mean plan?"),
        ("[profiles.a]\n", 1, "profiles: there is no such table. Do you mean profile?"),
        ("format = 'json'\n", 1, "format: there is no such table."),
        ("survey = 'json'\n", 1, "survey: it is no table."),
        ("profile = 'hub'\n", 1, "profile: it is no table."),
        ("[profile]\nurl = 'ldap://'\n", 2, "[profile] url: it is no table."),
        ("[profile.hub]\nuri = 'ldap://'\n", 2, "[profile.hub] uri: there is no such option here. Do you mean url?"),
        ("[profile.hub]\nurl = []\n", 2, "[profile.hub] url: it is neither a text nor a number"),
        ("[plan]\nmax-proxies = 'x'\n", 2, "[plan] max-proxies: 'x' is no number."),
        ("[plan]\nmax-proxies = 1\nmax_proxies = 2\n", 3, "[plan] max_proxies: it is given twice."),
        ('[survey]\n"for\\u006d" = 1\n', None, "[survey] form: there is no such option here."),
        ("[survey]\n'f\\u001b' = 1\n", 2, "[survey] f\\u001b: there is no such option here."),
    ],
)  # fmt: skip
def test_what_cannot_stand_there_is_said_with_its_line(write, text, line, words):
    [(where, message)] = faults(write(text))
    assert (where, words in message) == (line, True), message


@pytest.mark.parametrize("key", sorted(config.NEVER))
@pytest.mark.parametrize("table", ["survey", "all", "profile.hub"])
def test_what_opens_a_gate_is_said_each_time(write, table, key):
    [(line, message)] = faults(write(f"[{table}]\n{key.replace('-', '_')} = true\n"))
    assert line == 2
    assert f"Say --{key} on the command line" in message


def test_not_even_where_an_option_would_take_it(write):
    with pytest.raises(InputError, match="never taken from a file"):
        settled(named(write("[apply]\nyes = true\n")), {"apply": lambda: {"yes": bool}})


@pytest.mark.parametrize("key", ["password", "bind-password", "bind_password"])
@pytest.mark.parametrize("table", ["survey", "profile.hub"])
def test_passwords_never_stand_in_a_file_and_are_not_repeated(write, table, key):
    [(line, message)] = faults(write(f"[{table}]\n{key} = 'hunter2'\n"))
    assert line == 2
    assert "passwords never stand in a settings file" in message
    assert "hunter2" not in message


def test_all_faults_come_in_one_run(write):
    path = write("[survey]\nformt = 1\n[surve]\n[plan]\nyes = true\nmax-proxies = 'x'\n")
    assert [line for line, _ in faults(path)] == [2, 3, 5, 6]


def test_in_a_pyproject_the_whole_name_is_said(write):
    [(line, message)] = faults(write("[tool.ruff]\nformt = 1\n[tool.remedy.survey]\nformt = 1\n", "pyproject.toml"))
    assert (line, message.startswith("[tool.remedy.survey] formt:")) == (4, True)
    [(line, message)] = faults(write("[tool]\nremedy = 1\n", "pyproject.toml"))
    assert (line, message.startswith("[tool] remedy: it is no table")) == (2, True)


def test_the_line_is_found_in_a_long_file(write):
    others = "".join(f"[tool.other{number}]\nformat = {number}\n" for number in range(3000))
    [(line, _)] = faults(
        write(f"{others}[tool.remedy.survey]\nformats = 1\n{others.replace('other', 'more')}", "pyproject.toml")
    )
    assert line == 6002
