"""What is inside the wheel, and that an installed copy finds its templates and samples."""

import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("remedy-*.whl"))


def test_wheel_holds_code_templates_and_samples(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        f"remedy/templates/{path.relative_to(ROOT / 'templates')}" for path in (ROOT / "templates").rglob("*.j2")
    }
    assert expected
    assert expected <= names
    assert {"remedy/samples/fabrikam.ldif", "remedy/samples/postoffices.csv", "remedy/cli/plan.py"} <= names
    assert not [name for name in names if name.startswith("tests/")]


def test_runtime_needs_four_packages_and_no_other(wheel):
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(next(name for name in archive.namelist() if name.endswith("METADATA"))).decode()
    needed = [line for line in metadata.splitlines() if line.startswith("Requires-Dist:") and "extra ==" not in line]
    assert {re.split("[<>=!~;]", line.split()[1])[0] for line in needed} == {"ldap3", "jinja2", "click", "tabulate"}


def test_installed_copy_works_away_from_the_checkout(wheel, tmp_path):
    venv.create(tmp_path / "env", system_site_packages=True, symlinks=True)
    python = tmp_path / "env" / "bin" / "python"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    script = "import remedy, remedy.demo as d; d.write_sample('e'); print(remedy.show(remedy.plan('e/fabrikam.ldif'), 'markdown'))"
    env = {"PYTHONPATH": f"{tmp_path / 'site'}:{':'.join(p for p in sys.path if 'site-packages' in p)}"}
    done = subprocess.run([python, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "NWTRADERS" in done.stdout
