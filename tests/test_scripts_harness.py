"""The plans that scripts are held against are such as ``remedy`` makes and reads, and cover what there is."""

from hypothesis import find, given, settings

from remedy.change import Add, Modify, Op
from tests.scripts_harness import DIALECTS, KINDS, applied, plans, state, undone


@settings(max_examples=40)
@given(case=plans())
def test_each_case_is_a_plan_that_can_be_applied_and_taken_back(case):
    there, back = applied(case.entries, case.plan), undone(case.entries, case.plan)
    assert state(there) != state(case.entries)
    if any(isinstance(change, Add) for change in case.plan.changes):
        assert set(state(back)) == set(state(there))
        assert b"POSTMASTER" not in b"".join(back[-1].values("otherMailbox"))
    else:
        assert state(back) == state(case.entries)


def test_every_kind_of_plan_comes_up():
    wanted = {
        "several sinks": lambda case: len(case.plan.steps) > 1 and case.kind == "many",
        "a new mailbox": lambda case: any(isinstance(change, Add) for change in case.plan.changes),
        "values are deleted": lambda case: any(
            mod.op is Op.DELETE for change in case.plan.changes if isinstance(change, Modify) for mod in change.mods
        ),
        "a name with a comma in it": lambda case: any("\\," in str(change.dn) for change in case.plan.changes),
        **{kind: lambda case, kind=kind: case.kind == kind for kind in KINDS},
        **{name: lambda case, name=name: case.dialect == name for name in DIALECTS},
    }
    for name, is_it in wanted.items():
        assert find(plans(), is_it, settings=settings(max_examples=300, database=None, derandomize=True)), name
