"""Coverage of intervals and regions: what a coverage study has found, and its table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bayes_cevns.display import Displayed
from bayes_cevns.specification.columns import (
    CREDIBLE,
    LABEL_COLUMNS,
    PRIOR_TEXT,
    TOY,
    labels,
    prior_label,
    with_nuisances,
)
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.studies.study import Result

COVERAGE_FILE = "coverage.csv"
_COUNTED = ("interval", "level", "toys", "coverage", "error")
_PRIOR = ("prior", PRIOR_TEXT)

#: Columns of ``coverage.csv``: of one coupling, and of several.
COVERAGE_COLUMNS = ("truth", PRODUCT, "true_coupling", *LABEL_COLUMNS, *_PRIOR, *_COUNTED)
COLUMNS_OF_SEVERAL = ("truth", "true_couplings", *LABEL_COLUMNS, *_PRIOR, "quantity", *_COUNTED)

#: What is quoted of one coupling: limits, the central interval of x (or |x|), and the
#: highest-density region.
INTERVALS = ("limit", "central", "region")

#: What joins the names of two couplings.
PAIR = ":"


class Judged(NamedTuple):
    """What of a fit may hold a truth.

    Attributes
    ----------
    quantity
        Of several couplings: the one, or the two as ``"eps_ee_u:eps_ee_d"``, that it is of, the
        others marginalised. Empty where there is one coupling.
    interval
        ``"limit"``, ``"central"`` or ``"region"``.
    level
        Credible level.
    """

    quantity: str
    interval: str
    level: float

    @property
    def column(self) -> str:
        """Its column of ``toys.csv``."""
        return f"{self.quantity}{'.' if self.quantity else ''}{self.interval}_{self.level:g}"


@dataclass(frozen=True)
class Coverage:
    """How often an interval or a region held a truth.

    Attributes
    ----------
    truth, values
        Name of the truth, and what it is: ``coupling_product`` (x), or every coupling by its name.
    quantity, interval, level
        What held it, see `Judged`.
    toys
        Fits that passed their gate.
    inside
        In how many of them it held the truth.
    """

    truth: str
    values: Mapping[str, float]
    quantity: str
    interval: str
    level: float
    toys: int
    inside: int

    @property
    def coverage(self) -> float:
        """The fraction of fits in which it held the truth; not a number without toys."""
        return self.inside / self.toys if self.toys else math.nan

    @property
    def error(self) -> float:
        """Its binomial standard error, with one more toy to either side so as not to vanish."""
        rate = (self.inside + 1) / (self.toys + 2)
        return math.sqrt(rate * (1 - rate) / (self.toys + 2))

    @property
    def what(self) -> str:
        """What held it, in words."""
        return f"{self.quantity}, {self.interval}" if self.quantity else self.interval

    def row(self) -> dict[str, Any]:
        """Return what ``coverage.csv`` says of this truth, interval and level alone."""
        return {
            "truth": self.truth,
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
    truth, values, toy
        Name of the truth, what it is (see `Coverage`), and the number of the toy.
    inside
        Whether each interval and region holds the truth; empty if the fit failed its gate.
    reason
        Why it failed; empty if it passed.
    seconds
        Time that it took.
    """

    truth: str
    values: Mapping[str, float]
    toy: int
    inside: Mapping[Judged, bool]
    reason: str
    seconds: float

    @property
    def name(self) -> str:
        """Which toy of which truth it is."""
        return f"toy {self.toy} of {self.truth}"


@dataclass(frozen=True, eq=False, repr=False)
class CoverageResult(Result):
    """Coverage of all intervals and regions at all truths.

    Attributes
    ----------
    spec, mass_mev
        The model.
    results
        One for each truth, interval or region, and level.
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

    def truth_text(self, found: Coverage) -> str:
        """Return what the truth is, in short: the coupling that is quoted, or what is not zero.

        Of several couplings those that differ from the Standard Model.
        """
        if self.spec.couplings is None:
            return f"{self._quoted(found):.3g}"
        model = self.spec.couplings
        standard = dict(zip(model.names, model.standard_values.tolist(), strict=True))
        other = [f"{name}={x:.3g}" for name, x in found.values.items() if x != standard[name]]
        return ", ".join(other) or "Standard Model"

    def _quoted(self, found: Coverage) -> float:
        """Return the coupling that is quoted, where there is one."""
        assert self.spec.interaction is not None
        return float(abs(found.values[PRODUCT]) ** self.spec.interaction.coupling.power)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a truth, interval or region, and level, as in ``coverage.csv``."""
        quoted = {**labels(self.spec, CREDIBLE, TOY), "prior": self.spec.prior}
        if self.spec.couplings is not None:
            return [{**quoted, **found.row(), **self._of_several(found)} for found in self.results]
        quoted |= prior_label(self.spec)
        return [
            {
                **quoted,
                **found.row(),
                PRODUCT: f"{found.values[PRODUCT]:.4g}",
                "true_coupling": f"{self._quoted(found):.4g}",
            }
            for found in self.results
        ]

    def _of_several(self, found: Coverage) -> dict[str, str]:
        """Return what a row has of several couplings."""
        assert self.spec.couplings is not None
        units = {c.name: c.unit or "1" for c in self.spec.couplings.couplings}
        of = [units[name] for name in found.quantity.split(PAIR)]
        prior = f"uniform in {', '.join(self.spec.couplings.names)}"
        return {
            "true_couplings": ",".join(f"{name}={x:.4g}" for name, x in found.values.items()),
            "coupling": found.quantity,
            "unit": PAIR.join(dict.fromkeys(of)),
            PRIOR_TEXT: with_nuisances(self.spec, prior),
            "quantity": found.quantity,
        }

    def tables(self) -> dict[str, str]:
        """Return coverage.csv."""
        columns = COVERAGE_COLUMNS if self.spec.couplings is None else COLUMNS_OF_SEVERAL
        return {COVERAGE_FILE: csv_text(columns, self.rows())}

    def report(self) -> dict[str, Any]:
        """Return how many fits were made and failed, and their time."""
        return {"fits": self.fits, "failed": len(self.reasons), "seconds": self.seconds}

    def failures(self) -> dict[str, str]:
        """Return why fits failed."""
        return dict(self.reasons)

    def lines(self) -> list[str]:
        """Return the coverage at each truth."""
        new = self.spec.interaction
        of = "truth: coupling" if new is None else f"truth ({new.coupling.named}): "
        found = [
            f"  {one.truth} ({self.truth_text(one)}): {one.what}, {one.level:g}, "
            f"{one.coverage:.3f} +- {one.error:.3f}"
            for one in self.results
        ]
        return [
            f"{of}{', ' if new is None else ''}interval, level, coverage; prior {self.spec.prior}",
            *found,
            f"{len(self.reasons)} fits failed, {self.seconds:.0f} s",
        ]
