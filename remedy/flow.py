"""The message flow of one postoffice: what decides its course, and the walk in its own words (Q175447)."""

from dataclasses import dataclass
from typing import NamedTuple

from remedy.courses import Case, Course, Outcome, Step, courses
from remedy.estate import Postoffice, PostofficeKind
from remedy.own import own_mailbox, points_back
from remedy.text import printable

__all__ = ["Trace", "Walk", "Words", "both_walks", "walk"]


class Words(NamedTuple):
    """What the ways say of one postoffice."""

    po: str
    address: str
    holders: str
    """How many hold the address."""
    holder: str
    connector: str


@dataclass(frozen=True, slots=True)
class Walk:
    """The course that a message takes, and the words of one postoffice."""

    course: Course
    words: Words

    @property
    def outcome(self) -> Outcome:
        """How it ends."""
        return self.course.outcome

    @property
    def path(self) -> tuple[Step, ...]:
        """The way it takes, the words filled in."""
        words = self.words._asdict()
        return tuple(Step(step.place, step.says.format_map(words)) for step in self.course.path)


@dataclass(frozen=True, slots=True)
class Trace:
    """The walks of one postoffice: from the Internet, before and after a plan, and from the Microsoft Mail side."""

    po: Postoffice
    before: Walk
    after: Walk | None
    msmail_side: Walk
    """In the words of ``before``: of the postoffice as it is."""


def walk(po: Postoffice) -> Walk:
    """Follow a list server's reply to the postmaster address of ``po`` along every branch."""
    return Walk(courses(_case(po))[0], _words(po))


def both_walks(po: Postoffice) -> tuple[Walk, Walk]:
    """Follow the list server's reply, and mail from the Microsoft Mail side; both speak in the same words."""
    words = _words(po)
    reply, side = courses(_case(po))
    return Walk(reply, words), Walk(side, words)


def _case(po: Postoffice) -> Case:
    """Give what decides where a message goes."""
    only = po.holders[0] if len(po.holders) == 1 else None
    back = only is not None and points_back(only, po)
    return Case(
        own_mailbox(po), min(len(po.holders), 2), only.kind if only else None, back,
        po.kind is PostofficeKind.SHADOW, po.unseen, po.defined, bool(po.connector),
    )  # fmt: skip


def _words(po: Postoffice) -> Words:
    """Give what the ways say of a postoffice."""
    holder = printable(po.holders[0].dn) if len(po.holders) == 1 else ""
    return Words(str(po.name), str(po.name.postmaster), str(len(po.holders)), holder, printable(po.connector))
