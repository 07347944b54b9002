"""The plans that scripts are held against are such as ``remedy`` makes and reads, and cover what there is."""

from hypothesis import Phase, given, settings

from remedy.change import Add, Modify, Op
from tests.scripts_harness import DIALECTS, KINDS, applied, plans, state, undone


@settings(max_examples=25)
@given(case=plans())
def test_each_case_is_a_plan_that_can_be_applied_and_taken_back(case):
    there, back = applied(case.entries, case.plan), undone(case.entries, case.plan)
    assert state(there) != state(case.entries)
    if any(isinstance(change, Add) for change in case.plan.changes):
        assert set(state(back)) == set(state(there))
        assert b"POSTMASTER" not in b"".join(back[-1].values("otherMailbox"))
    else:
        assert state(back) == state(case.entries)


def features(case):
    """Name what there is to see in a case."""
    yield from (case.dialect, case.kind)
    for change in case.plan.changes:
        yield "comma" if "\\," in str(change.dn) else "no comma"
        yield "new" if isinstance(change, Add) else "modified"
        yield from (mod.op for mod in change.mods) if isinstance(change, Modify) else ()
    yield "several sinks" if len(case.plan.steps) > 1 and case.kind == "many" else "one sink"


def test_every_kind_of_plan_comes_up():
    seen = set()

    @settings(max_examples=60, database=None, derandomize=True, phases=[Phase.generate])
    @given(case=plans())
    def look(case):
        seen.update(features(case))

    look()
    assert seen >= {*DIALECTS, *KINDS, "comma", "new", "modified", Op.ADD, Op.DELETE, "several sinks"}
