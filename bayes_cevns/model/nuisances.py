"""The nuisances of experiments as random variables; those with one name are one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import mul

import numpy as np
import pymc as pm
from pymc.distributions.transforms import log_exp_m1
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.cards import Experiment, Template
from bayes_cevns.cards.card import Prior
from bayes_cevns.errors import CardError
from bayes_cevns.specification.model_spec import chosen_prior
from bayes_cevns.specification.variables import nuisance_name


class Nuisances:
    """The nuisances of a joint model.

    Parameters
    ----------
    alternatives
        Alternative priors: nuisance -> name of the alternative on its card.
    """

    def __init__(self, alternatives: Mapping[str, str]) -> None:
        self._alternatives = alternatives
        self._values: dict[str, list[TensorVariable]] = {}

    def add(self, experiment: Experiment) -> None:
        """Create the random variables of an experiment that are not there yet."""
        for name in experiment.nuisances():
            entry = experiment.card.nuisance[name]
            key = nuisance_name(experiment, name)
            if key not in self._values:
                prior = chosen_prior(name, entry, self._alternatives)
                dims = f"{experiment.name}.run" if entry.per_run else None
                variable = _random_variable(key, prior, experiment.runs, dims)
                runs = range(len(experiment.runs))
                self._values[key] = [variable[i] for i in runs] if dims else [variable]

    def value(self, experiment: Experiment, name: str, run: int = 0) -> TensorVariable:
        """Return a nuisance, that of one run where each has its own."""
        values = self._values[nuisance_name(experiment, name)]
        return values[run] if experiment.per_run([name]) else values[0]

    def common(self, names: Iterable[str]) -> dict[str, TensorVariable]:
        """Return those of some shared nuisances that the model has, by name."""
        return {name: self._values[name][0] for name in names if name in self._values}

    def factor(self, experiment: Experiment, part: Template, run: int = 0) -> TensorVariable:
        """Return the product of all nuisances that scale a component."""
        return reduce(mul, [self.value(experiment, name, run) for name in part.scaled_by])

    def factors(self, experiment: Experiment, part: Template) -> list[TensorVariable]:
        """Return the factor of a component, or one for each run if these have their own."""
        runs = len(experiment.runs) if experiment.per_run(part.scaled_by) else 1
        return [self.factor(experiment, part, run) for run in range(runs)]


def _random_variable(
    key: str, prior: Prior, runs: tuple[str, ...], dims: str | None
) -> TensorVariable:
    if prior.uniform is not None:
        return pm.Uniform(key, *prior.uniform, dims=dims)
    if prior.normal is None:
        raise CardError(f"nuisance {key!r} has neither a normal nor a uniform prior")
    mean, width = prior.normal
    sigma = np.array([width[run] for run in runs]) if isinstance(width, dict) else width
    if prior.lower is None and prior.upper is None:
        return pm.Normal(key, mean, sigma, dims=dims)
    # Softplus instead of the default log: a nuisance that may vanish is sampled in half the steps.
    positive = prior.lower == 0.0 and prior.upper is None
    options = {"default_transform": log_exp_m1} if positive else {}
    return pm.TruncatedNormal(
        key, mu=mean, sigma=sigma, lower=prior.lower, upper=prior.upper, dims=dims, **options
    )
