"""Ranks of truths: what a calibration has found, and its table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.display import Displayed
from bayes_cevns.specification.columns import CREDIBLE, LABEL_COLUMNS, TOY, labels
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.studies.calibration.uniformity import Uniformity
from bayes_cevns.studies.study import Result

UNIFORMITY_FILE = "uniformity.csv"
UNIFORMITY_COLUMNS = ("quantity", *LABEL_COLUMNS, "fits", "p_value", "inside_band")

#: Draws that a truth is ranked among. A fit has twice as many effective ones at least.
RANKED = 99


@dataclass(frozen=True, eq=False, repr=False)
class RankedFit(Displayed):
    """What one fit tells of its truth.

    Attributes
    ----------
    number
        Number of the fit.
    ranks
        Quantity -> rank of its truth, from 0 to 99; empty if the fit failed its gate.
    reason
        Why it failed; empty if it passed.
    seconds
        Time that it took.
    """

    number: int
    ranks: Mapping[str, int]
    reason: str
    seconds: float


@dataclass(frozen=True, eq=False, repr=False)
class RankResult(Result):
    """Ranks of truths in their posteriors.

    Attributes
    ----------
    spec, mass_mev, prior
        The model, and the prior that its coupling was drawn from, or several were.
    quantities
        What was ranked: parameters, x or several couplings, the expected signal, the
        log-likelihood.
    ranks
        From 0 to 99, shape (fits that passed their gate, quantities).
    reasons
        Number of a fit -> why it failed. To leave them out is no bias: whether a fit converges
        depends on its data, and ranks are uniform for any choice of data.
    seconds
        Time of all fits together.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> ranks = bc.calibrate(
    ...     "xenonnt_2024_s2", interaction="scalar-universal", mass_mev=10.0, fits=20
    ... )
    >>> type(ranks).__name__
    'RankResult'
    """

    spec: ModelSpec
    mass_mev: float | None
    prior: CouplingPrior | BoxPrior | None
    quantities: tuple[str, ...]
    ranks: NDArray[np.int64]
    reasons: Mapping[int, str]
    seconds: float

    @property
    def fits(self) -> int:
        """How many fits were made."""
        return len(self.ranks) + len(self.reasons)

    @cached_property
    def uniformity(self) -> Uniformity:
        """The test that the ranks are to pass."""
        return Uniformity(len(self.ranks), RANKED)

    @cached_property
    def p_values(self) -> dict[str, float]:
        """Quantity -> probability of ranks as far from uniform, if the posterior is right.

        The ranks lie within their 95% simultaneous band if it is above 0.05. Empty without ranks.
        """
        if not len(self.ranks):
            return {}
        columns = zip(self.quantities, self.ranks.T, strict=True)
        return {name: self.uniformity.p_value(ranks) for name, ranks in columns}

    @property
    def outside(self) -> tuple[str, ...]:
        """The quantities whose ranks leave the 95% band. One in twenty does by chance."""
        return tuple(name for name, p in self.p_values.items() if p <= 0.05)

    @property
    def passed(self) -> bool:
        """Whether all ranks together are what chance explains.

        The least p-value is above 0.05 divided by the number of quantities (Bonferroni). Without
        ranks nothing is explained.
        """
        return min(self.p_values.values(), default=0.0) > 0.05 / len(self.quantities)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a quantity, with the columns of ``uniformity.csv``."""
        return [
            {
                "quantity": name,
                **labels(self.spec, CREDIBLE, TOY),
                "fits": len(self.ranks),
                "p_value": f"{p:.4f}",
                "inside_band": p > 0.05,
            }
            for name, p in self.p_values.items()
        ]

    def tables(self) -> dict[str, str]:
        """Return uniformity.csv."""
        return {UNIFORMITY_FILE: csv_text(UNIFORMITY_COLUMNS, self.rows())}

    def report(self) -> dict[str, Any]:
        """Return how many fits were made and failed, and their time."""
        return {"fits": self.fits, "failed": len(self.reasons), "seconds": self.seconds}

    def failures(self) -> dict[str, str]:
        """Return why fits failed."""
        return {f"fit {number}": reason for number, reason in self.reasons.items()}

    def lines(self) -> list[str]:
        """Return the p-values, and what they say together."""
        found = [
            f"  {name}: {p:.3g}{'' if p > 0.05 else ', outside the 95% band'}"
            for name, p in self.p_values.items()
        ]
        verdict = (
            "what chance explains" if self.passed else "more than chance explains: do not quote"
        )
        return [
            "quantity: p-value of uniform ranks",
            *found,
            f"{len(self.outside)} of {len(self.quantities)} outside their bands, {verdict}; "
            f"{self.fits} fits, {len(self.reasons)} failed, {self.seconds:.0f} s",
        ]
