"""What studies of fits of simulated data have in common where there are several couplings."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, override

from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.couplings.visible import check_visible
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.ledger import Row
from bayes_cevns.studies import engines
from bayes_cevns.studies.calibration.simulated import (
    settings_or,
    study_settings,
    with_whole_counts,
)
from bayes_cevns.studies.options import asked, checked
from bayes_cevns.studies.several_couplings import SeveralCouplingsStudy

if TYPE_CHECKING:
    from bayes_cevns.inference.engine import Engine


def coupling_settings() -> SamplerSettings:
    """Return how fits of toys with several couplings are sampled.

    Twice as many draws as with one coupling: along a degenerate direction draws are worth less, and
    a retry costs more than they do (`conus_plus` with eps_ee_u and eps_ee_d from -1 to 1: 1.3 s of
    the processor a fit in place of 2.0 s).
    """
    return replace(study_settings(), draws=800, tune=400)


class SimulatedCouplingsStudy[Point, Found](SeveralCouplingsStudy[Row, Point, Found]):
    """A study of fits of data that its own model makes, a row each, with all couplings free."""

    settings: Annotated[SamplerSettings, checked(settings_or(coupling_settings))] = asked(
        "How to sample; by default 2 chains of 800 draws, whose gate asks for 198 effective ones.",
        None,
        validate_default=True,
    )

    @cached_property
    @override
    def spec(self) -> ModelSpec:
        """The model that is fitted; what the data at hand are sets no more than scales."""
        found = super().spec
        return replace(found, experiments=with_whole_counts(found.experiments, self.seed))

    @cached_property
    def engine(self) -> Engine:
        """Fits data with all bins."""
        return engines.engine_for(self.spec, self.settings, monitored=True)

    def check(self) -> None:
        """Check that priors can be made, and that the experiments see every coupling."""
        self.engine.check([None], seed=self.seed)
        check_visible(of_couplings(self.engine.tables), self.engine.box)
