"""Simulation-based calibration: truths from the prior, their ranks in their posteriors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, override

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.checks import real
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.studies.calibration.rank_result import RANKED, RankedFit, RankResult
from bayes_cevns.studies.calibration.ranking_study import RankingStudy
from bayes_cevns.studies.calibration.ranks import independent_draws
from bayes_cevns.studies.calibration.simulated import (
    SimulatedStudy,
    farthest_limit,
    own_prior,
)
from bayes_cevns.studies.functions import function_of
from bayes_cevns.studies.options import Option, PriorName, asked, checked
from bayes_cevns.studies.stores import RowStore
from bayes_cevns.summary.fit import Fit

#: The name of what all fits have in common.
_TRUTHS = "truth_prior"


def _reach(value: object) -> float:
    reach = real(value, what="reach")
    if not (np.isfinite(reach) and reach > 0):
        raise ArgumentError(f"reach must be positive and finite, got {reach:g}")
    return reach


if TYPE_CHECKING:
    from bayes_cevns.inference.fitting import Fitting


class CalibrateStudy(RankingStudy, SimulatedStudy[RankedFit, RankResult]):
    """Check the posteriors of a model by simulation-based calibration.

    Truths are drawn from the prior, nuisances with the coupling, and data from the likelihood;
    each data set is fitted as if it had been observed. If the sampler, the weights of the
    branches and the likelihood are right, the rank of a truth among draws of its posterior is
    uniform, for every parameter and every function of parameters and data. What the experiments
    observed sets no more than the range of x: where the prior of a quoted limit ends, all truths
    would lie far beyond what the experiments see.

    Returns
    -------
    RankResult
        Ranks with their p-values.

    Raises
    ------
    ArgumentError, UnknownNameError, TableError, OutputError
        If something asked for does not exist or cannot be.
    ConvergenceError
        If the fit of the data at hand, which sets the range of x, fails.

    References
    ----------
    Talts et al., arXiv:1804.06788; Modrak et al., arXiv:2211.02383, for functions of the data;
    Saeilynoja, Buerkner and Vehtari, arXiv:2103.10522, for the bands.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> ranks = bc.calibrate(
    ...     "xenonnt_2024_s2", interaction="scalar-universal", mass_mev=10.0, fits=20
    ... )
    """

    kind = "calibrate"

    prior: PriorName = asked("Prior of the coupling: flat, flat-rate or log.", "flat-rate")
    reach: Annotated[float, checked(_reach), Option(kind=float)] = asked(
        "End of the prior in x, in units of the 90% limit from the data (the weaker of two signs).",
        2.0,
    )

    @cached_property
    def truth_prior(self) -> CouplingPrior | None:
        """The prior of the study's kind that ends at `reach` times the limit."""
        if self.spec.interaction is None:
            return None
        return self._rows_kept.once(CouplingPrior, self._own_truth_prior)

    def _own_truth_prior(self) -> CouplingPrior:
        prior = own_prior(self.reference.prior)
        return prior.up_to(float(prior.quoted(self.reach * farthest_limit(self.reference))))

    @override
    def common(self) -> dict[str, CouplingPrior]:
        """Return the prior of truths."""
        return {} if self.truth_prior is None else {_TRUTHS: self.truth_prior}

    @override
    def kept_common(self) -> dict[str, CouplingPrior]:
        """Return the prior of truths, if the folder has it."""
        found = self._rows_kept.kept_once(CouplingPrior)
        return {} if found is None else {_TRUTHS: found}

    @override
    def take_common(self, values: Mapping[str, CouplingPrior]) -> None:
        """Take the prior of truths, unless it is known."""
        if values:
            prior = self._rows_kept.once(CouplingPrior, lambda: values[_TRUTHS])
            self.__dict__["truth_prior"] = prior  # as its `cached_property` does

    @override
    def store(self, folder: KeptRun | None) -> RowStore:
        """Return where ranks are kept."""
        self.__dict__.pop("truth_prior", None)  # it is kept in the folder of each run
        return super().store(folder)

    def prepare(self) -> None:
        """Compile the model, and find the range of truths."""
        self.engine.compile(self.mass)
        _ = self.source, self.monitor

    def truths(self) -> tuple[float | None, CouplingPrior | None]:
        """Return the mediator mass, and the prior of the truths."""
        return self.mass, self.truth_prior

    def fitting(self, counts: Mapping[str, Array], seed: int, cores: int | None) -> Fitting:
        """Begin to fit some data, with the prior of the truths."""
        prior = self.truth_prior
        return self.engine.begin(self.mass, seed=seed, prior=prior, observed=counts, cores=cores)

    def drawn(
        self, fit: Fit, counts: Mapping[str, Array], random: np.random.Generator
    ) -> dict[str, Array]:
        """Return independent draws; the model monitors all that is ranked."""
        del counts
        return independent_draws(fit, RANKED, random)


calibrate = function_of(CalibrateStudy)
