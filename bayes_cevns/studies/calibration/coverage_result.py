"""Coverage of intervals: what a coverage study has found, and its table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayes_cevns.display import Displayed
from bayes_cevns.specification.columns import (
    CREDIBLE,
    LABEL_COLUMNS,
    PRIOR_TEXT,
    TOY,
    labels,
    prior_label,
)
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.studies.study import Result

COVERAGE_FILE = "coverage.csv"
COVERAGE_COLUMNS = (
    *("truth", "coupling_product", "true_coupling", *LABEL_COLUMNS, "prior", PRIOR_TEXT),
    "interval",
    "level",
    "toys",
    "coverage",
    "error",
)

#: What is quoted: limits, the central interval of x (or |x|), and the highest-density region.
INTERVALS = ("limit", "central", "region")


@dataclass(frozen=True)
class Coverage:
    """How often an interval held a truth.

    Attributes
    ----------
    truth, coupling_product, coupling
        Name of the truth, its x, and as the coupling that is quoted.
    interval
        ``"limit"``, ``"central"`` or ``"region"``.
    level
        Credible level.
    toys
        Fits that passed their gate.
    inside
        How many of their intervals held the truth.
    """

    truth: str
    coupling_product: float
    coupling: float
    interval: str
    level: float
    toys: int
    inside: int

    @property
    def coverage(self) -> float:
        """The fraction of intervals that held the truth; not a number without toys."""
        return self.inside / self.toys if self.toys else math.nan

    @property
    def error(self) -> float:
        """Its binomial standard error, with one more toy to either side so as not to vanish."""
        rate = (self.inside + 1) / (self.toys + 2)
        return math.sqrt(rate * (1 - rate) / (self.toys + 2))

    def row(self) -> dict[str, Any]:
        """Return what ``coverage.csv`` says of this truth, interval and level alone."""
        return {
            "truth": self.truth,
            "coupling_product": f"{self.coupling_product:.4g}",
            "true_coupling": f"{self.coupling:.4g}",
            "interval": self.interval,
            "level": self.level,
            "toys": self.toys,
            "coverage": f"{self.coverage:.4f}",
            "error": f"{self.error:.4f}",
        }


@dataclass(frozen=True, eq=False, repr=False)
class CoverageToy(Displayed):
    """What the fit of one toy tells of its truth.

    Attributes
    ----------
    truth, coupling_product, toy
        Name of the truth, its x, and the number of the toy.
    inside
        Column of ``toys.csv``, such as ``"limit_0.9"`` -> whether the interval holds the truth;
        empty if the fit failed its gate.
    reason
        Why it failed; empty if it passed.
    seconds
        Time that it took.
    """

    truth: str
    coupling_product: float
    toy: int
    inside: Mapping[str, bool]
    reason: str
    seconds: float

    @property
    def name(self) -> str:
        """Which toy of which truth it is."""
        return f"toy {self.toy} of {self.truth}"


@dataclass(frozen=True, eq=False, repr=False)
class CoverageResult(Result):
    """Coverage of all intervals at all truths.

    Attributes
    ----------
    spec, mass_mev
        The model.
    results
        One for each truth, interval and level.
    reasons
        Name of a toy -> why its fit failed.
    seconds
        Time of all fits together.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.coverage(
    ...     "xenonnt_2024_s2", interaction="scalar-universal", mass_mev=10.0, toys=4, precision=0.3
    ... )
    >>> type(found).__name__
    'CoverageResult'
    """

    spec: ModelSpec
    mass_mev: float | None
    results: tuple[Coverage, ...]
    reasons: Mapping[str, str]
    seconds: float

    @property
    def fits(self) -> int:
        """How many fits were made."""
        return sum({r.truth: r.toys for r in self.results}.values()) + len(self.reasons)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a truth, interval and level, with the columns of ``coverage.csv``."""
        quoted = {**labels(self.spec, CREDIBLE, TOY), "prior": self.spec.prior}
        quoted |= prior_label(self.spec)
        return [{**found.row(), **quoted} for found in self.results]

    def tables(self) -> dict[str, str]:
        """Return coverage.csv."""
        return {COVERAGE_FILE: csv_text(COVERAGE_COLUMNS, self.rows())}

    def report(self) -> dict[str, Any]:
        """Return how many fits were made and failed, and their time."""
        return {"fits": self.fits, "failed": len(self.reasons), "seconds": self.seconds}

    def failures(self) -> dict[str, str]:
        """Return why fits failed."""
        return dict(self.reasons)

    def lines(self) -> list[str]:
        """Return the coverage at each truth."""
        new = self.spec.interaction
        symbol = "" if new is None else new.coupling.named
        found = [
            f"  {one.truth} ({one.coupling:.3g}): {one.interval}, {one.level:g}, "
            f"{one.coverage:.3f} +- {one.error:.3f}"
            for one in self.results
        ]
        return [
            f"truth ({symbol}): interval, level, coverage; prior {self.spec.prior}",
            *found,
            f"{len(self.reasons)} fits failed, {self.seconds:.0f} s",
        ]


def counted(toys: Sequence[CoverageToy], spec: ModelSpec, interval: str, level: float) -> Coverage:
    """Return how often an interval held the truth of some toys, one or more."""
    assert spec.interaction is not None
    column = column_of(interval, level)
    held = [one.inside[column] for one in toys if one.inside]
    name, x = toys[0].truth, toys[0].coupling_product
    coupling = float(np.abs(x) ** spec.interaction.coupling.power)
    return Coverage(name, x, coupling, interval, level, len(held), sum(held))


def column_of(interval: str, level: float) -> str:
    """Return the column of ``toys.csv`` of an interval at a level."""
    return f"{interval}_{level:g}"
