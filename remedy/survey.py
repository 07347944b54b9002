"""The survey: every postoffice judged, and what there is to say about the estate."""

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from remedy.addresses import PostofficeName
from remedy.checks import checked
from remedy.coverage import Coverage, Row, View, judged
from remedy.errors import Refused
from remedy.estate import Estate
from remedy.findings import Finding, Severity
from remedy.roster import enrolled
from remedy.text import fold, joined

__all__ = ["Scope", "Survey", "survey"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which postoffices are looked at, by patterns on NETWORK/POSTOFFICE without case."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def takes(self, name: PostofficeName) -> bool:
        """Tell whether a postoffice is inside."""
        if not (self.include or self.exclude):
            return True
        text = fold(str(name))
        wanted = not self.include or any(fnmatchcase(text, fold(glob)) for glob in self.include)
        return wanted and not any(fnmatchcase(text, fold(glob)) for glob in self.exclude)


@dataclass(frozen=True, slots=True)
class Survey:
    """The judged postoffices and the findings."""

    view: View
    findings: tuple[Finding, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The real postoffices, sorted by name."""
        return self.view.rows

    @property
    def shadow_rows(self) -> tuple[Row, ...]:
        """The shadow postoffices, which are Exchange itself."""
        return self.view.shadow_rows

    @property
    def estate(self) -> Estate:
        """Everything the sources told."""
        return self.view.estate

    def ignoring(self, codes: tuple[str, ...]) -> "Survey":
        """Give the survey without the findings of some codes."""
        return replace(self, findings=tuple(item for item in self.findings if item.code not in codes))

    @property
    def alarming(self) -> bool:
        """Whether a finding is an error."""
        return any(item.severity is Severity.ERROR for item in self.findings)

    def summary(self) -> dict[str, int]:
        """Count the postoffices by coverage."""
        covers = [row.coverage for row in self.rows]
        covered = {Coverage.EXCHANGE, Coverage.POSTOFFICE, Coverage.BOTH}
        return {
            "postoffices": len(covers),
            "covered": sum(cover in covered for cover in covers),
            "exposed": covers.count(Coverage.EXPOSED),
            "conflict": covers.count(Coverage.CONFLICT),
            "full": covers.count(Coverage.FULL),
            "findings": len(self.findings),
        }


def survey(estate: Estate, *, cap: int | None = None, scope: Scope | None = None) -> Survey:
    """Judge every postoffice of an estate; ``cap`` is what an entry is to hold at most, if not what its directory says.

    Raises:
        Refused: there is no postoffice, or none inside the scope.
    """
    every, own = enrolled(estate)
    if not every and estate.faults:
        faults = "\n".join(map(str, estate.faults))
        raise Refused(f"{faults}\nCorrect these rows: the sources name no other postoffice.")
    if not every:
        raise Refused(
            "No Microsoft Mail postoffice was found in the sources, so nothing can be said. Check that the export "
            "holds the connectors and the custom recipients of an Exchange directory, or give an inventory too."
        )
    rows = tuple(judged(po) for po in every if (scope or Scope()).takes(po.name))
    if not rows:
        known = joined((str(po.name) for po in every), most=5)
        raise Refused(f"--include and --exclude leave no postoffice; the sources show {known}. Widen the patterns.")
    view = View(rows, tuple(judged(po) for po in own), estate, cap)
    return Survey(view, checked(view))
