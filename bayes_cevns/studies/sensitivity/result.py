"""Expected and observed limits: what a sensitivity has found, and its table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.priors import CouplingPrior, coupling_prior
from bayes_cevns.display import Displayed
from bayes_cevns.specification.columns import (
    ASIMOV,
    CREDIBLE,
    LABEL_COLUMNS,
    PRIOR_TEXT,
    TOY,
    data_label,
    experiment_label,
    experiments_label,
    labels,
    prior_label,
)
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.studies.sensitivity.limit_record import DataLimits, LimitRecord
from bayes_cevns.studies.sensitivity.standard_model_toys import ToyNuisances
from bayes_cevns.studies.study import Result
from bayes_cevns.summary.limits import Limit
from bayes_cevns.summary.quantiles_of_limits import SIGMAS, ExpectedLimit, expected_limits

OBSERVED = "observed"
FILE = "sensitivity.csv"

#: Standard deviations -> name of the quantile in ``sensitivity.csv``.
QUANTILES = dict(
    zip(
        SIGMAS,
        ("minus_2_sigma", "minus_1_sigma", "median", "plus_1_sigma", "plus_2_sigma"),
        strict=True,
    )
)
COLUMNS = (
    *("experiment", "interaction", "mass_mev", *LABEL_COLUMNS, "prior", PRIOR_TEXT),
    *("level", "side"),
    *(f"{name}{end}" for name in (OBSERVED, ASIMOV) for end in ("", "_error", "_at_bound")),
    *(f"{name}{end}" for name in QUANTILES.values() for end in ("", "_error")),
    *("zero_excluded", "toys", "toys_failed", "toy_nuisances"),
)


@dataclass(frozen=True, repr=False)
class SensitivityPoint(Displayed):
    """What is known of one side at one mass.

    Attributes
    ----------
    mass_mev, side
        Mediator mass, ``None`` without a mediator; ``"upper"``, ``"positive"`` or ``"negative"``.
    observed, asimov
        Limits of the observed counts and of the expected ones; ``None`` if there are none, or
        their fit has failed.
    expected
        Quantiles of the limits of toys.
    toys, toys_failed
        How many are in the quantiles; how many are not, since their fit failed its gate or had no
        draws on this side.
    zero_excluded
        Whether zero lies outside of the region of the observed counts; ``None`` without them.
    """

    mass_mev: float | None
    side: str
    observed: Limit | None
    asimov: Limit | None
    expected: tuple[ExpectedLimit, ...]
    toys: int
    toys_failed: int
    zero_excluded: bool | None = None

    @property
    def text(self) -> str:
        """What is known, in a line."""
        place = "" if self.mass_mev is None else f"{self.mass_mev:g} MeV "
        words = [
            f"{name} {limit.value:.4g}"
            for name, limit in (("observed", self.observed), ("Asimov", self.asimov))
            if limit is not None
        ]
        values = {quantile.sigma: quantile.value for quantile in self.expected}
        if not math.isnan(values[0]):
            words.append(f"median {values[0]:.4g}")
        words += [
            f"{sigma} sigma {values[-sigma]:.4g} to {values[sigma]:.4g}"
            for sigma in (1, 2)
            if not math.isnan(values[sigma])
        ]
        return f"{place}({self.side}): {', '.join(words) or 'no limit'}; {self.toys} toys"


@dataclass(eq=False, repr=False)
class Sensitivity(Result):
    """Expected and observed limits of one interaction over a range of mediator masses.

    Attributes
    ----------
    spec
        What is fitted, with Asimov data.
    experiments
        The experiments as they were given.
    level, seed, toy_nuisances
        What was asked for.
    record
        The limits of every data set at every mass.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.sensitivity("xenonnt_2024_s2", interaction="b-l", masses_mev=[10.0], toys=0)
    >>> type(found).__name__
    'Sensitivity'
    """

    spec: ModelSpec
    experiments: tuple[Experiment, ...]
    level: float
    seed: int
    toy_nuisances: ToyNuisances
    record: LimitRecord

    def _rows(self) -> dict[str, object]:
        return {
            "experiments": [experiment_label(e) for e in self.experiments],
            "interaction": "sm" if self.spec.interaction is None else self.spec.interaction.name,
            "prior": self.spec.prior,
            "level": self.level,
            "seed": self.seed,
            "masses": len(self.masses),
            "sides": self.sides,
            "data sets": len(self.record.data()),
            "failed fits": len(self.record.failed),
            "toy nuisances": self.toy_nuisances,
        }

    @property
    def masses(self) -> list[float | None]:
        """Mediator masses, ``[None]`` without a mediator."""
        return list(self.record.masses)

    @property
    def sides(self) -> tuple[str, ...]:
        """Which limits there are."""
        return self.record.sides

    @property
    def labels(self) -> dict[str, str]:
        """What every row says of coupling and data: those of the limit that is not of a toy."""
        data = data_label(self.experiments)
        return labels(self.spec, CREDIBLE, ASIMOV if "none" in data else data)

    @cached_property
    def priors(self) -> dict[float | None, CouplingPrior]:
        """The prior of the coupling at each mass, with its bounds: that of all data sets."""
        tables = self.spec.tables()
        return {
            mass: coupling_prior(
                self.spec.prior, tables, mass_mev=mass, max_coupling=self.spec.max_coupling
            )
            for mass in self.masses
        }

    def points(self) -> list[SensitivityPoint]:
        """Return what is known, mass by mass, for one side after the other."""
        return [self._point(m, number) for m in self.masses for number in range(len(self.sides))]

    def toy_limits(self, mass_mev: float | None) -> Array:
        """Return the limits of the toys at one mass, shape (toy, side).

        Not a number where a fit failed its gate, or had no draws on that side.
        """
        found = [self.record.get(mass_mev, data) for data in self._toys()]
        values = [
            [limit.value if fit.passed else np.nan for limit in fit.limits] for fit in found if fit
        ]
        return np.array(values, dtype=float).reshape(-1, len(self.sides))

    def rows(self) -> list[dict[str, Any]]:
        """Return rows with the columns of ``sensitivity.csv``."""
        return [self._row(point) for point in self.points()]

    def tables(self) -> dict[str, str]:
        """Return sensitivity.csv."""
        return {FILE: csv_text(COLUMNS, self.rows())}

    def report(self) -> dict[str, Any]:
        """Return the number of toys and of fits that failed, and the ranges of the priors."""
        return {
            "toys": len(self._toys()),
            "fits_failed": len(self.record.failed),
            "prior_range": {f"{mass or 0:g}": p.range_text for mass, p in self.priors.items()},
        }

    def failures(self) -> dict[str, str]:
        """Return which fits did not pass their gate."""
        return {place_of(found): "did not pass its gate" for found in self.record.failed}

    def lines(self) -> list[str]:
        """Return the limits, mass by mass."""
        told = {**self.labels, **prior_label(self.spec)}
        unit = "" if told["unit"] == "1" else f" in {told['unit']}"
        head = f"{100 * self.level:.4g}% credible limits on {told['coupling']}{unit}; prior: "
        failed = len(self.record.failed)
        return [
            head + told[PRIOR_TEXT],
            *(point.text for point in self.points()),
            f"{len(self.record.data())} data sets, {failed} fits failed",
        ]

    def _toys(self) -> list[str]:
        return [data for data in self.record.data() if is_toy(data)]

    def _point(self, mass: float | None, number: int) -> SensitivityPoint:
        values = self.toy_limits(mass)[:, number]
        used = values[np.isfinite(values)]
        one, expected = (self._limit(mass, data, number) for data in (OBSERVED, ASIMOV))
        return SensitivityPoint(
            mass,
            self.sides[number],
            one,
            expected,
            expected_limits(used),
            used.size,
            values.size - used.size,
            self._zero_excluded(mass, number),
        )

    def _limit(self, mass: float | None, data: str, number: int) -> Limit | None:
        found = self.record.get(mass, data)
        return found.limits[number] if found is not None and found.passed else None

    def _zero_excluded(self, mass: float | None, number: int) -> bool | None:
        found = self.record.get(mass, OBSERVED)
        known = found is not None and found.passed and found.zero_excluded
        return found.zero_excluded[number] if found is not None and known else None

    def _row(self, point: SensitivityPoint) -> dict[str, Any]:
        row: dict[str, Any] = {
            "experiment": experiments_label(self.experiments),
            "interaction": "" if self.spec.interaction is None else self.spec.interaction.name,
            "mass_mev": "" if point.mass_mev is None else point.mass_mev,
            **self.labels,
            "prior": self.spec.prior,
            **prior_label(self.spec),
            "level": self.level,
            "side": point.side,
            "toys": point.toys,
            "toys_failed": point.toys_failed,
            "toy_nuisances": self.toy_nuisances,
        }
        if point.zero_excluded is not None:
            row["zero_excluded"] = point.zero_excluded
        for name, limit in ((OBSERVED, point.observed), (ASIMOV, point.asimov)):
            if limit is not None:
                row |= {
                    name: limit.value,
                    f"{name}_error": limit.mc_error,
                    f"{name}_at_bound": limit.ends.at_bound,
                }
        for quantile in point.expected:
            if np.isfinite(quantile.value):
                name = QUANTILES[quantile.sigma]
                row |= {name: quantile.value, f"{name}_error": quantile.mc_error}
        return row


def is_toy(data: str) -> bool:
    """Return whether a data set is a toy."""
    return data.partition(":")[0] == TOY


def toy_number(data: str) -> int:
    """Return the number of a toy from its name."""
    return int(data.partition(":")[2])


def place_of(found: DataLimits) -> str:
    """Return which data set at which mass limits are of, in words."""
    return found.data if found.mass_mev is None else f"{found.data} at {found.mass_mev:g} MeV"
