"""Coverage: how often an interval holds a truth that is kept fixed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import ArgumentError
from bayes_cevns.specification.variables import COORDINATE, PRODUCT
from bayes_cevns.studies import words
from bayes_cevns.studies.calibration.counting_study import CountingStudy
from bayes_cevns.studies.calibration.coverage_result import (
    INTERVALS,
    CoverageResult,
    CoverageToy,
    Judged,
)
from bayes_cevns.studies.calibration.held import held_product
from bayes_cevns.studies.calibration.simulated import SimulatedStudy, farthest_limit, own_prior
from bayes_cevns.studies.calibration.true_values import true_value, truths_by_name
from bayes_cevns.studies.functions import function_of
from bayes_cevns.studies.options import Option, asked, checked
from bayes_cevns.summary.fit import Fit

if TYPE_CHECKING:
    from bayes_cevns.inference.fitting import Fitting
    from bayes_cevns.studies.calibration.simulator import Simulator


def _truths(value: object) -> dict[str, float] | None:
    """Return truths by their names; ``None`` for those that follow from the data."""
    what = "truths by name, such as {'zero': 0.0}"
    return truths_by_name(value, true_value, what=what) or None


Truths = Annotated[dict[str, float] | None, checked(_truths), Option(read=words.truths)]


class CoverageStudy(CountingStudy, SimulatedStudy[CoverageToy, CoverageResult]):
    """Count how often credible intervals hold a coupling that is kept fixed.

    Data are drawn with this coupling, with nuisances drawn from their priors; each data set is
    fitted as if it had been observed, with the prior that is quoted, whose bound is kept.

    Returns
    -------
    CoverageResult
        With binomial errors.

    Raises
    ------
    ArgumentError
        If the toys are too few for the precision; or if something asked for cannot be.
    UnknownNameError, TableError, OutputError, ConvergenceError
        As `bayes_cevns.calibrate`.

    Notes
    -----
    A credible interval holds the truth with its probability on average over the prior, which is
    what `bayes_cevns.calibrate` checks. At one fixed truth it need not: an upper limit on the
    size of x covers x = 0 always, a central interval never.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.coverage(
    ...     "xenonnt_2024_s2", interaction="scalar-universal", mass_mev=10.0, toys=4, precision=0.3
    ... )
    """

    kind = "coverage"

    truths: Truths = asked(
        "True x by name, in a command a comma list; by default zero, the 90% limit from the data "
        "(the weaker one, of two signs) and twice this x.",
        None,
        validate_default=True,
    )

    def check_fields(self) -> None:
        """Check that there is a coupling."""
        if self.interaction is None:
            raise ArgumentError("a coverage study is one of a coupling: name an interaction")
        super().check_fields()

    @cached_property
    def quoted_prior(self) -> CouplingPrior:
        """The prior that is quoted."""
        return own_prior(self.engine.prior(self.mass))

    @cached_property
    def source(self) -> Simulator:
        """Makes data."""
        from bayes_cevns.studies.calibration.simulator import Simulator

        return Simulator(self.spec, self.mass, self.quoted_prior)

    def prepare(self) -> None:
        """Compile the model, and find the truths."""
        self.engine.compile(self.mass)
        _ = self.fixed, self.source

    def mediator(self) -> float | None:
        """Return the mediator mass."""
        return self.mass

    @property
    def columns_of_truth(self) -> tuple[str, ...]:
        """The truth is one number, x."""
        return (PRODUCT,)

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """What is quoted of one coupling."""
        return tuple(("", interval) for interval in INTERVALS)

    @property
    def given(self) -> dict[str, dict[str, float]] | None:
        """The truths that were named."""
        return None if self.truths is None else {n: {PRODUCT: x} for n, x in self.truths.items()}

    def truth_at(self, factor: float) -> dict[str, float]:
        """Return the x that is so many times the limit."""
        return {PRODUCT: factor * farthest_limit(self.reference)}

    def check_truths(self, truths: Mapping[str, Mapping[str, float]]) -> None:
        """Check that truths lie in the range of the prior."""
        prior = self.quoted_prior
        inside = prior.product([prior.lowest, prior.upper])
        for name, truth in truths.items():
            x = truth[PRODUCT]
            if not inside.min() <= x <= inside.max():
                raise ArgumentError(
                    f"truth {name!r}: expected x from {inside.min():.3g} to {inside.max():.3g}, "
                    f"the range of the prior, got {x:.3g}"
                )

    def parameters_at(self, truth: Mapping[str, float]) -> dict[str, float]:
        """Return the coordinate of the coupling."""
        return {COORDINATE: float(self.quoted_prior.coordinate(truth[PRODUCT]))}

    def fitting(self, counts: Mapping[str, Array], seed: int, cores: int | None) -> Fitting:
        """Begin to fit some data, with the prior that is quoted."""
        prior = self.quoted_prior
        return self.engine.begin(self.mass, seed=seed, prior=prior, observed=counts, cores=cores)

    def held(self, fit: Fit, truth: Mapping[str, float]) -> dict[Judged, bool]:
        """Return which limits, intervals and regions hold x."""
        return held_product(fit, truth[PRODUCT], self.levels)


coverage = function_of(CoverageStudy)
