"""The check afterwards: did each change land, was nothing else touched, and does every postoffice deliver."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from remedy.change import Add, Modify, Op
from remedy.dn import DN
from remedy.entry import Entry, same_value
from remedy.plan import Step
from remedy.text import joined, printable

__all__ = ["Landing", "landings"]


@dataclass(frozen=True, slots=True)
class Landing:
    """What became of one change of a plan."""

    id: str
    landed: bool
    missing: tuple[str, ...]
    """Values that are not as the change left them."""
    moved: tuple[str, ...]
    """Other values of the same attributes that came or went since the plan was made."""

    def sentence(self) -> str:
        """Say what moved besides."""
        return f"{self.id}: changed since the plan was made, and not by it: {joined(self.moved, most=5)}."


def landings(steps: Iterable[Step], entries: Mapping[DN, Entry]) -> tuple[Landing, ...]:
    """Compare each change with what is there now."""
    return tuple(_landing(step, entries.get(step.change.dn)) for step in steps)


def _landing(step: Step, entry: Entry | None) -> Landing:
    """Compare one change with its entry."""
    if entry is None:
        return Landing(step.id, landed=False, missing=(f"the entry {printable(str(step.change.dn))}",), moved=())
    missing = tuple(_missing(step, entry))
    return Landing(step.id, landed=not missing, missing=missing, moved=tuple(_moved(step, entry)))


def _missing(step: Step, entry: Entry) -> Iterator[str]:
    """Give the values that should be there and are not, or the other way round."""
    if isinstance(step.change, Add):
        for attribute in step.change.entry:
            for value in attribute.values:
                if not entry.shows(attribute.name, value):
                    yield f"{attribute.name}: {_shown(value)}"
    elif isinstance(step.change, Modify):
        for mod in step.change.mods:
            for value in mod.values:
                if entry.shows(mod.attribute, value) is not (mod.op is Op.ADD):
                    yield f"{mod.attribute}: {_shown(value)}"


def _moved(step: Step, entry: Entry) -> Iterator[str]:
    """Give the other values of the changed attributes that are not as the plan saw them."""
    if step.before is None or not isinstance(step.change, Modify):
        return
    for name in dict.fromkeys(mod.attribute for mod in step.change.mods):
        ours = [value for mod in step.change.mods if mod.attribute == name for value in mod.values]
        before = {value for value in step.before.values(name) if not any(same_value(value, own) for own in ours)}
        now = {value for value in entry.values(name) if not any(same_value(value, own) for own in ours)}
        yield from (f"{name}: {_shown(value)} came" for value in sorted(now - before))
        yield from (f"{name}: {_shown(value)} went" for value in sorted(before - now))


def _shown(value: bytes) -> str:
    """Give a value for a message."""
    return printable(value.decode(errors="backslashreplace"))
