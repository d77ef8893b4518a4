"""Simulation-based calibration of posteriors of several couplings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.studies.calibration.rank_result import RANKED, RankedFit, RankResult
from bayes_cevns.studies.calibration.ranking_study import RankingStudy
from bayes_cevns.studies.calibration.ranks import independent_draws
from bayes_cevns.studies.calibration.simulated_couplings import SimulatedCouplingsStudy
from bayes_cevns.studies.functions import function_of
from bayes_cevns.summary.fit import Fit

if TYPE_CHECKING:
    from bayes_cevns.inference.fitting import Fitting


class CalibrateCouplingsStudy(RankingStudy, SimulatedCouplingsStudy[RankedFit, RankResult]):
    """Check the posteriors of several couplings by simulation-based calibration.

    Truths of the couplings are uniform in their bounds, the nuisances follow their priors, and
    data the likelihood; each data set is fitted as `bayes_cevns.sample_couplings` fits what was
    observed, with one compilation. If the sampler, the parts of the box with their weights and the
    likelihood are right, the rank of a truth among draws of its posterior is uniform, for every
    coupling, every nuisance and every function of them and the data. This holds for any bounds.
    Where they are far beyond what the experiments see, most truths are strong signals, and few are
    near the Standard Model: bounds of a few widths of the posterior test what is quoted.

    Returns
    -------
    RankResult
        Ranks with their p-values. Fits that failed their gate are in `RankResult.reasons`.

    Raises
    ------
    ArgumentError, UnknownNameError, OutputError
        If something asked for does not exist or cannot be, among them a coupling that no
        experiment sees, before anything is sampled.

    References
    ----------
    Talts et al., arXiv:1804.06788; Modrak et al., arXiv:2211.02383, for functions of the data;
    Saeilynoja, Buerkner and Vehtari, arXiv:2103.10522, for the bands.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> ranks = bc.calibrate_couplings("conus_plus", couplings=["ee_u"], fits=20)
    >>> ranks.quantities[:3]
    ('expected_signal', 'log_likelihood', 'eps_ee_u')
    """

    kind = "calibrate-couplings"

    def truths(self) -> tuple[float | None, BoxPrior]:
        """Return the mediator mass, and the box of the couplings, that of the fits."""
        return self.model.mass_mev, self.engine.box

    def prepare(self) -> None:
        """Compile the model."""
        self.engine.compile()
        _ = self.source, self.monitor

    def fitting(self, counts: Mapping[str, Array], seed: int, cores: int | None) -> Fitting:
        """Begin to fit some data, all couplings free."""
        return self.engine.begin(seed=seed, observed=counts, cores=cores)

    def drawn(
        self, fit: Fit, counts: Mapping[str, Array], random: np.random.Generator
    ) -> dict[str, Array]:
        """Return independent draws, with the expected signal and log-likelihood at each."""
        return self.monitor.quantities_of_draws(independent_draws(fit, RANKED, random), counts)


calibrate_couplings = function_of(CalibrateCouplingsStudy)
