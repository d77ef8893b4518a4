"""The limits that are committed in validation/, read from its tables into one form.

A row without a limit (a fit that failed its gate, or data that cannot see the interaction) is no
limit but a gap: nothing may draw one there, nor a line across it.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VALIDATION = Path(__file__).parents[2] / "validation"
sys.path.append(str(VALIDATION))

from limit_table import SETS  # noqa: E402

__all__ = ["LEVEL", "SETS", "Curve", "Gap", "Limit", "committed", "curves", "gaps"]

#: Level of every committed limit.
LEVEL = 0.9

CREDIBLE, CONFIDENCE = "credible", "CL"

#: Method in a table -> kind and prior. Rules of other papers are no limits of this package.
_METHODS = {
    "flat": (CREDIBLE, "flat"),
    "flat-rate": (CREDIBLE, "flat-rate"),
    "log": (CREDIBLE, "log"),
    "flat prior (credible)": (CREDIBLE, "flat"),
    "profile (CL)": (CONFIDENCE, ""),
}

#: Tables, and what their columns do not say. Of a limit that two have, that of the first is taken.
_TABLES = {
    "limits.csv": {"method": "flat"},
    "limits_by_prior.csv": {"experiments": "xenonnt_cevns"},
    "sterile.csv": {"side": "upper"},
}

#: What the limits of one curve have in common: experiments, interaction, kind, prior, side.
type Curve = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Limit:
    """One committed limit.

    Attributes
    ----------
    experiments, interaction
        What was fitted, with which interaction.
    kind, prior
        ``"credible"`` with a prior, or ``"CL"`` with none.
    side
        ``"upper"``, ``"positive"`` or ``"negative"``.
    mass_mev
        Mass in MeV; ``None`` where the interaction has none.
    value, mc_error
        The limit on the quoted coupling, and its Monte-Carlo error if it has one.
    """

    experiments: str
    interaction: str
    kind: str
    prior: str
    side: str
    mass_mev: float | None
    value: float
    mc_error: float | None

    @property
    def curve(self) -> Curve:
        """What it has in common with the other limits of its curve."""
        return self.experiments, self.interaction, self.kind, self.prior, self.side


@dataclass(frozen=True)
class Gap:
    """A mass at which there is no limit; without a side, for none of the sides."""

    curve: Curve
    mass_mev: float

    def cuts(self, curve: Curve) -> bool:
        """Return whether it is a gap of this curve."""
        return self.curve[:-1] == curve[:-1] and self.curve[-1] in ("", curve[-1])


def committed() -> list[Limit]:
    """Return every committed limit once."""
    found: dict[tuple[object, ...], Limit] = {}
    for curve, mass, row in _rows():
        if row["limit"]:
            error = row.get("mc_error", "")
            limit = Limit(*curve, mass, float(row["limit"]), float(error) if error else None)
            found.setdefault((curve, mass), limit)
    return list(found.values())


@cache
def gaps() -> tuple[Gap, ...]:
    """Return the masses without a limit."""
    return tuple(
        Gap(curve, mass) for curve, mass, row in _rows() if not row["limit"] and mass is not None
    )


def curves(limits: Iterable[Limit]) -> dict[Curve, list[Limit]]:
    """Return limits by their curve, in the order of their masses."""
    found: dict[Curve, list[Limit]] = {}
    for limit in sorted(limits, key=lambda one: (*one.curve, one.mass_mev or 0.0)):
        found.setdefault(limit.curve, []).append(limit)
    return found


def _rows() -> Iterator[tuple[Curve, float | None, dict[str, str]]]:
    """Return what is in the tables: curve, mass and the row itself."""
    for name, fixed in _TABLES.items():
        with (VALIDATION / name).open(encoding="utf-8", newline="") as stream:
            for given in csv.DictReader(stream):
                row = given | fixed
                if row["method"] in _METHODS:
                    experiments = row.get("experiments") or row["experiment"]
                    mass = float(row["mass_mev"]) if row["mass_mev"] else None
                    kind = _METHODS[row["method"]]
                    yield (experiments, row["interaction"], *kind, row["side"]), mass, row
