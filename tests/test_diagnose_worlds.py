"""Generated worlds: every planted loop is found by its two ends, and nothing innocent is called one (see also make bench)."""

import pytest

from bench.diagnosis import manner_of
from remedy.diagnosing import LogManner as How
from remedy.diagnosing import diagnose
from remedy.eventlogs.dates import DateOrder
from tests.logworld import Manner, World, written


def ends(path, **more):
    found = diagnose(str(path), **more)
    return {(str(loop.pair.postoffice), loop.pair.domain) for loop in found.diagnosis.loops}, found


@pytest.mark.parametrize("seed", range(300, 305))
def test_every_loop_and_nothing_else(seed, tmp_path):
    manner, loops, servers = manner_of(seed)
    world = World(seed, loops=min(loops, 6), events=500, servers=servers, days=2)
    (tmp_path / "log").write_bytes(written(world, manner))
    assert ends(tmp_path / "log")[0] == world.planted


def test_a_quiet_world_has_none(tmp_path):
    (tmp_path / "log").write_bytes(written(World(1, loops=0, events=500, days=2), Manner()))
    assert ends(tmp_path / "log")[0] == set()


def test_overlapping_logs_tell_the_same_as_one(tmp_path):
    world = World(2, loops=2, events=500, days=2)
    data = written(world, Manner())
    lines = data.split(b"\r\n")
    whole, early, late = (tmp_path / name for name in ("whole", "early", "late"))
    whole.write_bytes(data)
    early.write_bytes(b"\r\n".join(lines[: len(lines) * 2 // 3]))
    late.write_bytes(b"\r\n".join(lines[len(lines) // 3 :]))
    once = {loop.pair: loop.found.count for loop in ends(whole)[1].diagnosis.loops}
    parts = diagnose(str(late), str(early)).diagnosis.loops
    assert {loop.pair: loop.found.count for loop in parts} == once


def test_a_user_who_says_the_order_of_dates_is_obeyed(tmp_path):
    (tmp_path / "log").write_bytes(written(World(3, events=300, days=2), Manner(order="dmy")))
    found, logs = ends(tmp_path / "log", manner=How(order=DateOrder.DMY))
    assert found
    assert logs.notes[0].calendar.order is DateOrder.DMY
