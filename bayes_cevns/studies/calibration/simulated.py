"""What the studies of calibration have in common: settings, data, and the limit to begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import PrivateAttr

from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import ArgumentError, ConvergenceError
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.specification.simulation import drawn
from bayes_cevns.storage.ledger import Row
from bayes_cevns.studies import engines, words
from bayes_cevns.studies.calibration.rank_result import RANKED
from bayes_cevns.studies.options import Mass, asked, checked
from bayes_cevns.studies.stores import RowStore
from bayes_cevns.studies.study import SampledStudy
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.limits import limits

if TYPE_CHECKING:
    from bayes_cevns.inference.engine import Engine

#: The level of the limit that truths are measured in.
LEVEL = 0.9


def study_settings() -> SamplerSettings:
    """Return how fits of toys are sampled: shorter than what is quoted, many times over."""
    gate = Gate(rhat_max=1.05, ess_min=2.0 * RANKED)
    return SamplerSettings(draws=400, tune=300, chains=2, cores=2, retries=3, gate=gate)


def settings_or(usual: Callable[[], SamplerSettings]) -> Callable[[Any], SamplerSettings]:
    """Return the check of settings of fits of toys: words change the usual ones."""

    def settings(value: Any) -> SamplerSettings:
        if value is None:
            return usual()
        if isinstance(value, Mapping):
            return words.sampler_settings(value, usual())
        return SamplerSettings.of(value)

    return settings


class SimulatedStudy[Point, Found](SampledStudy[Row, Point, Found]):
    """A study of fits of data that its own model makes, a row each, with one compilation."""

    mass_mev: Mass = asked("Mediator mass in MeV, if there is a mediator.", None)
    settings: Annotated[SamplerSettings, checked(settings_or(study_settings))] = asked(
        "How to sample; by default 2 chains of 400 draws, whose gate asks for 198 effective ones.",
        None,
        validate_default=True,
    )

    #: Where the rows are: the truths follow from what is there already.
    _rows_kept: RowStore = PrivateAttr()

    def check_fields(self) -> None:
        """Check that there is a mass if there is a mediator, and none without."""
        _ = self.spec, self.mass

    @cached_property
    def spec(self) -> ModelSpec:
        """The model that is fitted; what the data at hand are sets no more than scales."""
        found = self.spec_of(self.experiments)
        return replace(found, experiments=with_whole_counts(found.experiments, self.seed))

    @cached_property
    def mass(self) -> float | None:
        """The mediator mass; ``None`` without a mediator."""
        return checked_mass(self.spec.interaction, self.mass_mev)

    @cached_property
    def engine(self) -> Engine:
        """Fits data with all bins."""
        return engines.engine_for(self.spec, self.settings, monitored=True)

    @cached_property
    def reference(self) -> Fit:
        """The fit of the data at hand, with the prior that is quoted.

        Raises
        ------
        ConvergenceError
            If it fails its gate.
        """
        return that_passed(self.engine.fit(self.mass, seed=self.seed))

    def check(self) -> None:
        """Check that the tables reach the mass, and that a prior can be made."""
        self.engine.check([self.mass], seed=self.seed)


def that_passed(fit: Fit) -> Fit:
    """Return the fit of the data at hand, that truths follow from.

    Raises
    ------
    ConvergenceError
        If it failed its gate.
    """
    if not fit.passed:
        raise ConvergenceError(
            f"the fit of the data that sets the scale of truths failed ({fit.reason}): use more "
            "draws or warm-up"
        )
    return fit


def farthest_limit(fit: Fit) -> float:
    """Return the 90% credible limit on |x|, the weaker one where each sign has its own."""
    quoted = np.nanmax([limit.value for limit in limits(fit, LEVEL)])
    return float(quoted ** (1.0 / own_prior(fit.prior).coupling.power))


def own_prior(prior: CouplingPrior | None) -> CouplingPrior:
    """Return the prior of a coupling, if there is one.

    Raises
    ------
    ArgumentError
        If there is none: in the Standard Model.
    """
    if prior is None:
        raise ArgumentError("this study is one of a coupling: name an interaction")
    return prior


def with_whole_counts(experiments: tuple[Experiment, ...], seed: int) -> tuple[Experiment, ...]:
    """Return experiments whose likelihood takes whole counts.

    Asimov data, which are fractions of events, are exchanged for a toy of them: they decide no
    more than the scale of truths.
    """
    return tuple(
        drawn(e, np.random.default_rng([seed, *e.name.encode()])) if e.data == "asimov" else e
        for e in experiments
    )
