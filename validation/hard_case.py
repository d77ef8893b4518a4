"""The rows of the hard cases, and how far their numbers may lie apart.

A case is a posterior; a number is a weight, an evidence, an end of an interval or a limit of it, by
each method. `Number.outside` says what does not meet the targets; `tests/test_hard_cases.py` reads
the tables and holds that nothing does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).parent
CASES, NUMBERS = HERE / "hard_cases.csv", HERE / "hard_cases_numbers.csv"

#: Weights must agree to this, relative, of branches that have more probability than `LEAST`.
WEIGHTS, LEAST = 0.05, 0.02

#: Log-evidences must agree to this, and within so many combined errors.
EVIDENCE, ERRORS = 0.05, 3.0

#: Ends must agree to this share of the length of their interval, or of a limit, plus so many
#: combined errors.
ENDS = 0.02

#: The preview is Laplace's approximation, which has an error of its own: weights, and ends and
#: limits must agree to these, plus so many errors of the package. It quotes no evidence.
LAPLACE_WEIGHTS, LAPLACE = 0.10, 0.05

#: A nested run that is worth fewer draws decides nothing.
ENOUGH = 2000


@dataclass(frozen=True)
class Number:
    """One number of a posterior by each method.

    Attributes
    ----------
    experiment, model
        The case.
    quantity
        What it is, such as ``weight 1``.
    kind
        ``weight``, ``evidence``, ``end`` or ``limit``.
    package, package_error, nested, nested_error
        By the package and by nested sampling, with standard errors; NaN where a nested run has next
        to no points, as for the limit of a sign that is improbable.
    integral, integral_error
        By quadrature along the ridge; NaN if there is no ridge.
    preview
        By the preview; NaN if there is none.
    scale
        What a difference is relative to: a weight, the length of an interval, a limit; one for the
        log-evidence.
    """

    experiment: str
    model: str
    quantity: str
    kind: str
    package: float
    package_error: float
    nested: float
    nested_error: float
    integral: float
    integral_error: float
    preview: float
    scale: float

    @property
    def is_compared(self) -> bool:
        """Whether the number has a target: weights of next to nothing or all have none."""
        if self.kind != "weight":
            return True
        known = [value for value in (self.package, self.nested) if not math.isnan(value)]
        return max(known) > LEAST and min(known) < 1.0 - LEAST

    @property
    def nested_difference(self) -> Difference:
        """The package less nested sampling."""
        return self._difference(self.nested, self.nested_error)

    @property
    def integral_difference(self) -> Difference:
        """The package less the integral along the ridge."""
        return self._difference(self.integral, self.integral_error)

    @property
    def preview_difference(self) -> Difference:
        """The package less the preview."""
        found = self._difference(self.preview, 0.0)
        own = {"evidence": math.inf, "weight": LAPLACE_WEIGHTS}.get(self.kind, LAPLACE)
        allowed = own + ERRORS * found.error
        return replace(found, allowed=allowed)

    def _difference(self, other: float, other_error: float) -> Difference:
        error = math.hypot(self.package_error, other_error) / self.scale
        return Difference((self.package - other) / self.scale, error, self._allowed(error))

    def _allowed(self, error: float) -> float:
        if self.kind == "weight":
            return WEIGHTS
        if self.kind == "evidence":
            return min(EVIDENCE, ERRORS * error)
        return ENDS + ERRORS * error

    @property
    def outside(self) -> str:
        """What does not meet its target; empty if all does."""
        if not self.is_compared:
            return ""
        found = {
            "nested sampling": self.nested_difference,
            "integral": self.integral_difference,
            "preview": self.preview_difference,
        }
        said = "; ".join(f"{name} {one.text}" for name, one in found.items() if one.is_outside)
        if not (self.nested_difference.is_known or self.integral_difference.is_known):
            said = "neither nested sampling nor the integral know it"
        return said and f"{self.experiment}; {self.model}; {self.quantity}: {said}"


@dataclass(frozen=True)
class Difference:
    """The package less another method, relative to the scale of a number.

    Attributes
    ----------
    value, error
        The difference, NaN if the other method does not know the number, and its standard error.
    allowed
        Its largest size.
    """

    value: float
    error: float
    allowed: float

    @property
    def is_known(self) -> bool:
        """Whether there is a difference."""
        return not math.isnan(self.value)

    @property
    def is_outside(self) -> bool:
        """Whether the difference is larger than is allowed."""
        return self.is_known and not abs(self.value) <= self.allowed

    @property
    def pull(self) -> float:
        """The difference in units of its error; NaN where there is none, as of a lone branch."""
        return self.value / self.error if self.error > 0 else math.nan

    @property
    def text(self) -> str:
        """The difference and what is allowed."""
        return f"{self.value:+.3f}, {self.allowed:.3f} allowed"


@dataclass(frozen=True)
class Case:
    """One posterior and how it was computed.

    Attributes
    ----------
    experiment, model
        What was fitted.
    hard
        What is hard about it.
    branches
        How many parts of the posterior were sampled separately.
    distance, distance_of
        Largest difference of the cumulative probability of any parameter, and which it is.
    intervals_90, nested_intervals_90
        Highest-density intervals, ``low:high`` separated by spaces, couplings by semicolons.
    effective
        How many draws the weighted points of the nested run are worth.
    calls
        Calls of the density by the nested run.
    preview_reason
        Why there is no preview, or why it must not be used; empty if it may.
    seconds, nested_seconds, preview_seconds
        Wall time of finding the branches and sampling them, and of the others.
    passed, reason
        Whether the fit passed its gate, and why not.
    version, commit, seed
        Of the package, its code, and of the random numbers.
    """

    experiment: str
    model: str
    hard: str
    branches: int
    distance: float
    distance_of: str
    intervals_90: str
    nested_intervals_90: str
    effective: int
    calls: int
    preview_reason: str
    seconds: float
    nested_seconds: float
    preview_seconds: float
    passed: bool
    reason: str
    version: str
    commit: str
    seed: int

    @property
    def outside(self) -> str:
        """What is wrong with it as a whole; empty if nothing is."""
        where = f"{self.experiment}, {self.model}"
        if not self.passed:
            return f"{where}: failed its gate: {self.reason}"
        if self.effective < ENOUGH:
            return f"{where}: the nested run is worth {self.effective} draws, {ENOUGH} needed"
        return ""
