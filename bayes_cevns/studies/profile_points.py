"""A point of a profile scan, and where it is kept with the toys that it was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, override

from bayes_cevns.display import Displayed
from bayes_cevns.inference.profile.request import TOY_COLUMNS, TOY_KEY
from bayes_cevns.inference.profile.result import ProfileResult
from bayes_cevns.storage.kept_run import KeptRun, ledger_in
from bayes_cevns.storage.ledger import Row
from bayes_cevns.studies.stores import ValueStore

TOYS_FILE = "toys.csv"


@dataclass(frozen=True, eq=False, repr=False)
class ProfilePoint(Displayed):
    """What a scan has at one mass.

    Attributes
    ----------
    mass_mev
        Mediator mass; ``None`` without a mediator.
    result
        The profile; ``None`` if a fit did not converge.
    reason
        Why it failed; empty if it did not.
    """

    mass_mev: float | None
    result: ProfileResult | None
    reason: str = ""


class ProfileStore(ValueStore[ProfilePoint]):
    """Profiles, each with all the toys that it was made of."""

    def __init__(
        self, folder: KeptRun | None, masses_mev: Sequence[float | None], *, toys: bool
    ) -> None:
        super().__init__(folder, ProfilePoint)
        self.masses = [repr(mass) for mass in masses_mev]
        self.toys = ledger_in(folder, TOYS_FILE, TOY_COLUMNS, key=TOY_KEY) if toys else None

    @override
    def look(self, number: int) -> None:
        """Take the points that are on disk with all their toys; the others are made again."""
        known = set(self.contents)
        super().look(number)
        if self.toys is None:
            return
        rows = {(row["mass_mev"], row["coupling_product"]) for row in self.toys.rows}
        for place, point in list(self.contents.items()):
            truths = [] if point.result is None else point.result.calibrations
            made = {(repr(point.mass_mev), repr(truth.coupling_product)) for truth in truths}
            if place not in known and not made <= rows:
                del self.contents[place]

    def toys_at(self, number: int) -> list[Row]:
        """Return the rows of the toys of a point."""
        rows = [] if self.toys is None else self.toys.rows
        return [row for row in rows if row["mass_mev"] == self.masses[number]]

    def take_toys(self, rows: Sequence[Row]) -> None:
        """Keep rows of toys; those that are there already stay."""
        for row in rows:
            assert self.toys is not None, "a point without toys has no rows of them"
            self.toys.append(row)

    @override
    def finish(self, *, complete: bool, report: Mapping[str, Any]) -> None:
        """Write the final record; the toys of a complete run are in the order of its points."""
        if self.writable is not None and self.toys is not None and complete:
            rows = [row for number in range(len(self.masses)) for row in self.toys_at(number)]
            self.toys.put_in_order([tuple(row[key] for key in TOY_KEY) for row in rows])
        super().finish(complete=complete, report=report)
