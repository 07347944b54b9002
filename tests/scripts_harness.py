"""Plans for scripts to carry out, over companies that were made up with hostile but legal names; and what must come of it.

    @given(case=plans("exchange55"))
    def test_it(case):
        carried_out = my_reader(scripts_of(case.plan, ["vbscript"]), case.entries)
        assert state(carried_out) == state(applied(case.entries, case.plan))

`applied` is what ``remedy apply`` leaves, `undone` what ``remedy rollback`` leaves behind it on a live directory.
"""

import json
import re
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from remedy import workflow
from remedy.change import Add, Mod, Modify, Op
from remedy.dn import DN
from remedy.entry import Entry
from remedy.plan import Plan, Step
from remedy.stores.memory import MemoryStore
from remedy.text import fold, squeeze
from tests.active_directory import peopled_ad, placed
from tests.conftest import RECIPIENTS, addressing, connector, made, mailbox
from tests.servers.people import peopled

DIALECTS = ("exchange55", "active-directory")
KINDS = ("one", "many", "new", "by-hand")
"""An existing mailbox; several of them, or new ones besides; a new one; values deleted and added by a hand-made plan."""

HOSTILE = (
    "Smith, John", 'John "Jack" Smith', "O'Brien", "#1 Gateway", "R&D <east>", "A+B=C; D", "back\\slash", "C:\\new\\table",
    "north/south", "Größe und Übermaß", "Zürich", "%PATH%", "%%", "50% off", "!VAR!", "^caret^", "$(touch PWNED)", "`touch PWNED`",
    "${HOME}", "$HOME", "$env:PATH", "'; touch PWNED; '", '"; touch PWNED; "', "' & calc & '", '" & WScript.Quit & "', "a|b", "a > b",
    "-rf", "--help", "=cmd|' /C calc'!A0", "@SUM(1)", "*", "(cn=*)", "a*(b)", "~del<x>", "\u2018curly\u2019 \u201cquotes\u201d",
    "\u65e5\u672c\u8a9e", "\U0001f4ee post", "a  b", ": colon", "< less", "{{ 7 * 7 }}", "{% raw %}", "EOF", "@'", "'@", '"@', "REM x", "' x",
)  # fmt: skip
"""Names that a directory takes and that mean something to one language or another."""

_MARKS = " ,+\"\\<>;=#/'`$(){}[]%!^&|*?~@:.-_äßÜé€\u65e5aZ09"
_REASONS = (
    "\n touch PWNED",
    "\r\ntouch PWNED",
    "\x1b[31mred\x07",
    "\u202etxt.exe",
    "\u2028x",
    "\x00",
    "\udc80",
    "' \" ` $(x) %x%",
)
_POSTMASTER = re.compile(rb"ms[$:][^/]+/[^/]+/POSTMASTER", re.IGNORECASE)


def _legal(name: str) -> bool:
    """Tell whether a directory keeps a name as it is."""
    return bool(name.strip()) and name == name.strip() and len(name.encode()) <= 60


names = st.one_of(st.sampled_from(HOSTILE), st.text(st.sampled_from(_MARKS), min_size=1, max_size=12)).filter(_legal)
"""Names of mailboxes and containers."""

reasons = st.one_of(
    st.sampled_from(HOSTILE + _REASONS), st.text(st.characters(), min_size=1, max_size=20), st.just("plain words")
)
"""What a plan file can give as the reason of a change: any text at all."""


@dataclass(frozen=True, repr=False)
class Case:
    """A directory, and a plan for it."""

    dialect: str
    kind: str
    entries: tuple[Entry, ...]
    plan: Plan

    def __repr__(self):
        return f"<{self.dialect}, {self.kind}: {workflow.show(self.plan, 'ldif')!r}>"


def applied(entries, plan: Plan) -> tuple[Entry, ...]:
    """Give what ``remedy apply`` leaves of a directory."""
    room = MemoryStore(entries)
    room.carry_out(*plan.changes)
    return room.entries()


def undone(entries, plan: Plan) -> tuple[Entry, ...]:
    """Give what ``remedy rollback`` leaves of a live directory: a mailbox that was made stays, without what it was made for."""
    made_new = (step.change.entry for step in plan.steps if isinstance(step.change, Add))
    return (*entries, *map(_emptied, made_new))


def _emptied(entry: Entry) -> Entry:
    """Take the postmaster addresses from an entry."""
    for item in entry:
        left = tuple(value for value in item.values if not _POSTMASTER.fullmatch(value))
        entry = entry.with_values(item.name, left)
    return entry


def state(entries) -> dict[str, dict[str, frozenset[bytes]]]:
    """Give a directory in a form in which two are equal if they hold the same values, in whatever order."""
    return {entry.dn.normal: {fold(item.name): frozenset(item.values) for item in entry} for entry in entries}


@st.composite
def plans(draw, dialect: str = "", *, kinds=KINDS, alphabet=names, values=None) -> Case:
    """A directory and a plan for it, of one dialect or either; ``values`` are those that hand-made plans change."""
    dialect = dialect or draw(st.sampled_from(DIALECTS))
    kind = draw(st.sampled_from([kind for kind in kinds if dialect == "exchange55" or kind != "new"]))
    chosen = draw(st.lists(alphabet, min_size=4, max_size=4, unique_by=lambda name: squeeze(fold(name))))
    offices = [f"NWTRADERS/PO{number}" for number in range(1, draw(st.integers(1, 6)) + 1)]
    entries, wishes = _company(chosen, offices, kind)
    if dialect == "active-directory":
        entries = peopled_ad(entries)
        wishes["mailbox"] = str(placed(wishes["mailbox"]))
    else:
        entries = peopled(entries, "o=FABRIKAM")
    plan = workflow.plan(MemoryStore(entries), wishes=workflow.Wishes(**wishes))
    if kind == "by-hand":
        plan, entries = _by_hand(draw, plan, entries, values or alphabet)
    plan = _read_back(replace(plan, steps=tuple(replace(step, reason=draw(reasons)) for step in plan.steps)))
    return Case(dialect, kind, tuple(entries), plan)


def _company(chosen, offices, kind):
    """Give entries of Exchange 5.5, and what to wish for."""
    one, two, three, place = chosen
    container = DN.parse(RECIPIENTS).child("cn", place)
    sink = str(DN.parse(RECIPIENTS).child("cn", one))
    keeper = mailbox("keeper", "ms$WINGTIP/OLD/POSTMASTER", dn=str(DN.parse(RECIPIENTS).child("cn", two)))
    entries = [
        made(RECIPIENTS, {"objectClass": "container", "rdn": "Recipients"}),
        made(str(container), {"objectClass": "container", "rdn": place}),
        addressing(),
        connector(*(f"MS:{name};1" for name in offices), "MS:WINGTIP/OLD;1"),
        mailbox("gate", dn=sink, sn="Gate"),
        keeper.with_values("sn", (b"Keeper",)),
        mailbox("other", dn=str(container.child("cn", three)), sn="Other"),
    ]
    match kind:
        case "new":
            return entries, {"new_mailbox": "MSPMGATE", "like": str(container.child("cn", three)), "max_proxies": 6}
        case "many":  # the sink has room for one or two, the keeper for more
            held = tuple(f"smtp$old{number}@fabrikam.com" for number in range(4))
            entries[4] = entries[4].with_values(
                "otherMailbox", (*entries[4].values("otherMailbox"), *map(str.encode, held))
            )
            return entries, {"mailbox": sink, "max_proxies": 9}
    return entries, {"mailbox": sink}


def _by_hand(draw, plan, entries, values):
    """Give a plan that deletes values and adds others, and the directory that it is for."""
    attribute, mark = {"exchange55": ("otherMailbox", "smtp$"), "active-directory": ("proxyAddresses", "smtp:")}[
        plan.dialect
    ]
    words = st.lists(values, min_size=6, max_size=6, unique_by=lambda name: squeeze(fold(name)))
    steps, changed = [], {}
    for entry in draw(st.permutations([entry for entry in entries if entry.has("sn")])):
        old, new = draw(st.integers(0, 3)), draw(st.integers(0, 3))
        word = [f"{mark}{text}@fabrikam.com".encode() for text in draw(words)]
        if not old + new:
            continue
        changed[entry.dn] = entry.with_values(attribute, (*entry.exact(attribute), *word[:3]))
        parts = ((Op.DELETE, tuple(word[:old])), (Op.ADD, tuple(word[3 : 3 + new])))
        mods = tuple(Mod(op, attribute, some) for op, some in parts if some)
        change = Modify(entry.dn, mods)
        steps.append(Step(id=f"c{len(steps) + 1}", reason="", postoffices=(), change=change, before=changed[entry.dn]))
    entries = tuple(changed.get(entry.dn, entry) for entry in entries)
    return (replace(plan, steps=tuple(steps)) if steps else plan), entries


def _read_back(plan: Plan) -> Plan:
    """Give the plan as a program that reads its file has it; one that no file can hold is an error here."""
    return Plan.from_json(json.dumps(plan.to_dict()), "plan.json")
