"""One company through every kind of source: the same postoffices, whatever told of them, and one truth where all are merged."""

from pathlib import Path

import pytest

from remedy import workflow
from remedy.stores.files import SourceKind
from tests.administrator import export
from tests.conftest import INVENTORIES, connector, ldif, mailbox
from tests.formats import FILES, FORMATS, as_listq, as_listuser
from tests.maildata import lay, tree

NAMES = ("NWTRADERS/PO1", "NWTRADERS/PO2", "NWTRADERS/WAREHOUSE", "WINGTIP/TOYS")
ENTRIES = (connector(*(f"MS:{name};1" for name in NAMES)), mailbox("jdoe"))
ROWS = [dict(zip(("network", "postoffice"), name.split("/"), strict=True)) for name in NAMES]


def _file(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8", newline="")
    return str(path)


def _users(folder: Path) -> list[str]:
    files = [(name, folder / f"users{number}.txt") for number, name in enumerate(NAMES)]
    return [f"{name}={_file(path, as_listuser(['Admin', 'jdoe']))}" for name, path in files]


DOORS = {
    "ldif": lambda folder: [_file(folder / "export.ldif", ldif(ENTRIES))],
    "exchange-csv": lambda folder: [_file(folder / "export.csv", export(ENTRIES))],
    "csv": lambda folder: [_file(folder / "list.csv", INVENTORIES["csv"](ROWS))],
    "json": lambda folder: [_file(folder / "list.json", INVENTORIES["json"](ROWS))],
    "toml": lambda folder: [_file(folder / "list.toml", INVENTORIES["toml"](ROWS))],
    "postoffice-folder": lambda folder: [str(lay(folder / "MAILDATA", tree(NAMES)))],
    "listuser": _users,
    "listq": lambda folder: [_file(folder / "queue.txt", as_listq(NAMES))],
    **{kind: lambda folder, kind=kind: [_file(folder / FILES.get(kind, kind), FORMATS[kind](NAMES))] for kind in FORMATS},
}  # fmt: skip


def test_there_is_a_door_for_every_kind_of_source():
    assert {*DOORS} == {str(kind) for kind in SourceKind} - {"ldap"} | {"listq"}


@pytest.mark.parametrize("door", DOORS)
def test_every_kind_of_source_shows_the_same_postoffices(tmp_path, door):
    found = workflow.survey(*DOORS[door](tmp_path))
    assert [str(row.po.name) for row in found.rows] == list(NAMES)
    assert {str(row.po.kind) for row in found.rows} == {"msmail"}


def test_all_of_them_together_show_each_once_with_the_evidence_of_each(tmp_path):
    sources = [source for door in DOORS for source in DOORS[door](tmp_path)]
    found = workflow.survey(*reversed(sources))
    assert found.findings == workflow.survey(*sources).findings
    assert [str(row.po.name) for row in found.rows] == list(NAMES)
    told = {item.source for row in found.rows for item in row.po.evidence}
    assert {source.partition("=")[2] or source for source in sources} == told
    assert "sources-disagree" not in {item.code for item in found.findings}
