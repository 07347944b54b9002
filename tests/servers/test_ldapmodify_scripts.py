"""The scripts for ldapmodify on real servers: they leave what `remedy apply` leaves, and give back what was there."""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from remedy import workflow
from remedy.codes import HAZARDS
from remedy.dn import DN
from remedy.execution import ApplyWishes, apply
from remedy.plan import Plan
from remedy.rendering import scripts_of
from remedy.stores.output import write_files
from remedy.undoing import RollbackWishes, rollback
from tests.active_directory import DOMAIN
from tests.scripts_harness import plans
from tests.servers.livedesk import ENTRIES, POSTMASTER
from tests.servers.proxy import Action, Proxy
from tests.servers.slapd import ACTIVE_DIRECTORY, Slapd

FEW = settings(
    max_examples=4, phases=[Phase.explicit, Phase.generate], database=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
TOOLS = "ldapsearch ldapmodify awk mkdir date tail tr dirname cat cp rm"


@dataclass
class Bench:
    """A plan as scripts in a folder of their own, and the server that they are run against."""

    server: object
    plan: Plan
    folder: Path
    login: list = field(default_factory=list)
    env: dict = field(default_factory=dict)

    def __post_init__(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        write_files(
            self.folder, {each.name: (each.data, each.executable) for each in scripts_of(self.plan, ["ldapmodify"])}
        )
        self.home = self.folder / "ldapmodify"
        self.secret = self.folder / "pw"
        self.secret.write_text(self.server.password)
        self.secret.chmod(0o600)

    def words(self, way, *more, url="", user="", shell=("sh",)):
        login = self.login or ["-D", user or self.server.admin, "-y", str(self.secret), "--insecure-plain"]
        return [*shell, str(self.home / f"{way}.sh"), "-H", url or self.server.url, *login, *more]

    def run(self, way, *more, code=0, **where):
        done = subprocess.run(
            self.words(way, *more, **where), capture_output=True, text=True, env={**os.environ, **self.env},
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        assert self.server.password not in done.stdout + done.stderr
        return done.stdout + done.stderr

    def state(self):
        """Give what the server shows, each record as the set of its lines."""
        text = self.server.export("*").replace("\n ", "")
        records = [frozenset(record.splitlines()) for record in text.split("\n\n") if record.strip()]
        return {frozenset(line for line in record if not line.startswith(OWN)) for record in records}

    def kept(self, ending):
        return sorted(self.home.glob(f"*{ending}"))

    def remedy(self, place):
        """Do what ``remedy apply`` and then ``remedy rollback`` do; give what each left."""
        journal = self.folder / "remedy.journal"
        journal.unlink(missing_ok=True)
        apply(self.plan, place, ApplyWishes(allow=frozenset(HAZARDS), journal=journal), lambda _: True)
        there = self.state()
        rollback(journal, place, RollbackWishes(), lambda _: True)
        return there, self.state()


OWN = (
    "whenChanged:",
    "uSNChanged:",
    "whenCreated:",
    "uSNCreated:",
    "objectGUID",
    "objectSid",
    "lastLogon",
    "logonCount:",
    "sAMAccountName",
)
"""What Active Directory writes by itself."""


def alike(case, server, folder, refill, **more):
    """Hold the scripts against ``remedy`` in one case."""
    refill(case.entries)
    bench = Bench(server, case.plan, folder, **more)
    before = bench.state()
    bench.run("apply")
    assert bench.state() == before
    bench.run("apply", "--apply")
    there = bench.state()
    assert there != before
    assert "Nothing is left to do" in bench.run("apply", "--apply")
    bench.run("undo", "--apply")
    back = bench.state()
    if case.kind != "new" and not any(step.action == "add" for step in case.plan.steps):
        assert back == before
    refill(case.entries)
    for ours, theirs in zip((there, back), bench.remedy(server.direct()), strict=True):
        assert sorted(map(sorted, ours - theirs)) == sorted(map(sorted, theirs - ours))


@pytest.fixture(scope="module")
def slapd_55(tmp_path_factory):
    with Slapd(tmp_path_factory.mktemp("e55") / "slapd", entries=ENTRIES) as running:
        yield running


@pytest.fixture(scope="module")
def slapd_ad(tmp_path_factory):
    with Slapd(tmp_path_factory.mktemp("ad") / "slapd", ACTIVE_DIRECTORY, entries=()) as running:
        yield running


@pytest.mark.server
def test_they_do_what_remedy_does_on_exchange(slapd_55, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "scripts"

    @FEW
    @given(case=plans("exchange55"))
    def check(case):
        alike(case, slapd_55, folder, slapd_55.reload)

    check()


@pytest.mark.server
def test_they_do_what_remedy_does_on_active_directory(slapd_ad, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "scripts"

    @FEW
    @given(case=plans("active-directory"))
    def check(case):
        alike(case, slapd_ad, folder, slapd_ad.reload)

    check()
