"""What the studies of calibration have in common: settings, data, and the limit to begin with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, ConvergenceError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.fit import Fit
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.settings import SamplerSettings, check_seed
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.specification.simulation import drawn
from bayes_cevns.studies.identity import spec_request
from bayes_cevns.summary.limits import limits

#: The level of the limit that truths are measured in.
LEVEL = 0.9

#: Draws that a truth is ranked among. A fit has twice as many effective ones at least.
RANKED = 99


def study_settings() -> SamplerSettings:
    """Return how fits of toys are sampled: shorter than what is quoted, many times over."""
    gate = Gate(rhat_max=1.05, ess_min=2.0 * RANKED)
    return SamplerSettings(draws=400, tune=300, chains=2, cores=2, retries=3, gate=gate)


@dataclass(frozen=True, eq=False, repr=False)
class Study(Displayed):
    """A model whose fits are studied, compiled once.

    Attributes
    ----------
    engine
        Fits data with all bins.
    mass_mev
        Mediator mass.
    seed
        Seed of all random numbers.
    """

    engine: Engine
    mass_mev: float | None
    seed: int

    @classmethod
    def of(
        cls,
        spec: ModelSpec,
        mass_mev: float | None,
        *,
        seed: int,
        settings: SamplerSettings | None,
    ) -> Study:
        """Return the study of a model, after checking what was asked for.

        Raises
        ------
        ArgumentError, TableError
            If the mass lies outside the tables, there is no such prior, or no such seed.
        """
        seed = check_seed(seed)
        whole = replace(spec, experiments=with_whole_counts(spec.experiments, seed))
        mass_mev = checked_mass(spec.interaction, mass_mev)
        asked = study_settings() if settings is None else SamplerSettings.of(settings)
        engine = Engine(whole, asked, monitored=True)
        engine.check([mass_mev], seed=seed)
        return cls(engine, mass_mev, seed)

    @property
    def spec(self) -> ModelSpec:
        """The model."""
        return self.engine.spec

    def request(self, kind: str, **asked: Any) -> dict[str, Any]:
        """Return what decides the outcome, but for the number of fits, which may grow."""
        mass = {} if self.mass_mev is None else {"mass_mev": self.mass_mev}
        settings = self.engine.settings.as_request()
        seeded = {"seed": self.seed, "sampler": settings}
        return {**spec_request(self.spec), "kind": kind, **mass, **seeded, **asked}

    def reference(self) -> Fit:
        """Return the fit of the data of the model itself, with the prior that is quoted.

        Raises
        ------
        ConvergenceError
            If it fails its gate.
        """
        fit = self.engine.fit(self.mass_mev, seed=self.seed)
        if not fit.passed:
            raise ConvergenceError(
                f"the fit of the data that sets the scale of truths failed ({fit.reason}): use "
                "more draws or warm-up"
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
