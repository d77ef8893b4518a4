"""Simulation-based calibration of posteriors of several couplings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, override

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.couplings.visible import check_visible
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.ledger import Row
from bayes_cevns.studies import engines
from bayes_cevns.studies.calibration.rank_result import RANKED, RankedFit, RankResult
from bayes_cevns.studies.calibration.ranking_study import RankingStudy
from bayes_cevns.studies.calibration.ranks import independent_draws
from bayes_cevns.studies.calibration.simulated import (
    settings_or,
    study_settings,
    with_whole_counts,
)
from bayes_cevns.studies.functions import function_of
from bayes_cevns.studies.options import asked, checked
from bayes_cevns.studies.several_couplings import SeveralCouplingsStudy
from bayes_cevns.summary.fit import Fit

if TYPE_CHECKING:
    from bayes_cevns.inference.engine import Engine


def coupling_settings() -> SamplerSettings:
    """Return how fits of toys with several couplings are sampled.

    Twice as many draws as with one coupling: along a degenerate direction draws are worth less, and
    a retry costs more than they do (`conus_plus` with eps_ee_u and eps_ee_d from -1 to 1: 1.3 s of
    the processor a fit in place of 2.0 s).
    """
    return replace(study_settings(), draws=800, tune=400)


class CalibrateCouplingsStudy(RankingStudy, SeveralCouplingsStudy[Row, RankedFit, RankResult]):
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

    settings: Annotated[SamplerSettings, checked(settings_or(coupling_settings))] = asked(
        "How to sample; by default 2 chains of 800 draws, whose gate asks for 198 effective ones.",
        None,
        validate_default=True,
    )

    @cached_property
    @override
    def spec(self) -> ModelSpec:
        """The model that is fitted; the data at hand set no more than default bounds."""
        found = super().spec
        return replace(found, experiments=with_whole_counts(found.experiments, self.seed))

    @cached_property
    def engine(self) -> Engine:
        """Fits data with all bins."""
        return engines.engine_for(self.spec, self.settings, monitored=True)

    def truths(self) -> tuple[float | None, BoxPrior]:
        """Return the mediator mass, and the box of the couplings, that of the fits."""
        return self.model.mass_mev, self.engine.box

    def check(self) -> None:
        """Check that priors can be made, and that the experiments see every coupling."""
        self.engine.check([None], seed=self.seed)
        check_visible(of_couplings(self.engine.tables), self.engine.box)

    def prepare(self) -> None:
        """Compile the model."""
        self.engine.compile()
        _ = self.source, self.monitor

    def fitted(self, counts: Mapping[str, Array], seed: int) -> Fit:
        """Return the fit of some data, all couplings free."""
        return self.engine.fit(seed=seed, observed=counts)

    def drawn(
        self, fit: Fit, counts: Mapping[str, Array], random: np.random.Generator
    ) -> dict[str, Array]:
        """Return independent draws, with the expected signal and log-likelihood at each."""
        return self.monitor.quantities_of_draws(independent_draws(fit, RANKED, random), counts)


calibrate_couplings = function_of(CalibrateCouplingsStudy)
