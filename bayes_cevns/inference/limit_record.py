"""The limits of many data sets at many masses, kept one by one."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from bayes_cevns.inference.scan import csv_text
from bayes_cevns.results import RunDirectory
from bayes_cevns.summary.limits import Limit

FILE = "toys.csv"
COLUMNS = ("mass_mev", "data", "side", "limit", "mc_error", "passed")


@dataclass(frozen=True)
class DataLimits:
    """The limits of one data set at one mass, and whether the fit passed its gate."""

    limits: tuple[Limit, ...]
    passed: bool


@dataclass(eq=False)
class LimitRecord:
    """Limits by mass and data set, on the disk as soon as they are known.

    Attributes
    ----------
    masses
        Mediator masses; ``None`` without a mediator.
    sides
        Sides of the limits of every fit.
    directory
        Where ``toys.csv`` is; nowhere if it is ``None``. What it has already is read.
    """

    masses: Sequence[float | None]
    sides: tuple[str, ...]
    directory: RunDirectory | None = None
    _found: dict[tuple[float | None, str], DataLimits] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.directory is not None:
            text = self.directory.read(FILE)
            self._found = self._parsed(text)
            # Without what a killed process left half written.
            whole = csv_text(COLUMNS, [r for key in self._found for r in self._rows(*key)])
            if whole != text:
                self.directory.write(FILE, whole)

    def get(self, mass_mev: float | None, data: str) -> DataLimits | None:
        """Return the limits of a data set at a mass, if they are known."""
        return self._found.get((mass_mev, data))

    def add(self, mass_mev: float | None, data: str, found: DataLimits) -> None:
        """Keep the limits of a data set at a mass."""
        self._found[mass_mev, data] = found
        if self.directory is not None:
            text = csv_text(COLUMNS, self._rows(mass_mev, data))
            self.directory.append(FILE, text.split("\n", 1)[1])

    def data(self) -> list[str]:
        """Return the names of all data sets that have limits, in the order of their fits."""
        return list(dict.fromkeys(data for _, data in self._found))

    @property
    def failed(self) -> int:
        """How many fits did not pass their gate."""
        return sum(not found.passed for found in self._found.values())

    def _rows(self, mass_mev: float | None, data: str) -> list[dict[str, object]]:
        # All digits: what is read back is what was found.
        found = self._found[mass_mev, data]
        return [
            {
                "mass_mev": "" if mass_mev is None else repr(mass_mev),
                "data": data,
                "side": limit.side,
                "limit": repr(limit.value),
                "mc_error": repr(limit.mc_error),
                "passed": found.passed,
            }
            for limit in found.limits
        ]

    def _parsed(self, text: str) -> dict[tuple[float | None, str], DataLimits]:
        """Return what a file says, but for fits of which it does not have all sides."""
        whole = text[: text.rfind("\n") + 1]
        parts: dict[tuple[float | None, str], list[tuple[Limit, bool]]] = {}
        for row in csv.DictReader(io.StringIO(whole)):
            try:
                mass = float(row["mass_mev"]) if row["mass_mev"] else None
                limit = Limit(row["side"], float(row["limit"]), float(row["mc_error"]))
                passed = {"true": True, "false": False}[row["passed"]]
            except (KeyError, TypeError, ValueError):
                continue
            parts.setdefault((mass, row["data"]), []).append((limit, passed))
        return {
            key: DataLimits(tuple(limit for limit, _ in several), several[0][1])
            for key, several in parts.items()
            if key[0] in self.masses and tuple(limit.side for limit, _ in several) == self.sides
        }
