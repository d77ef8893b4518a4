"""The parameters of a likelihood: the coupling and the nuisances, with what constrains them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.cards.card import NuisanceCard
from bayes_cevns.cards.priors import Prior
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.ends import BOTH_CROSSINGS, End, Ends
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.nuisance_priors import chosen_prior
from bayes_cevns.specification.variables import PRODUCT, nuisance_name

#: Where fits of the coupling begin, and their first step, in units of the bound on x, at which
#: the signal is ten times the data.
_COUPLING_START = 0.03


@dataclass(frozen=True)
class Parameter:
    """One parameter of a likelihood.

    Attributes
    ----------
    name
        Of a nuisance, with the run in brackets if each run has its own, such as
        ``"xenonnt_cevns.ac[sr0]"``; or ``"coupling_product"``, for x in units of its bound.
    lower, upper
        Bounds, which may be infinite.
    nominal
        Starting value of fits, and the truth of toys.
    step
        First step of a fit.
    prior
        Of a nuisance; ``None`` for couplings, which have a uniform one between their bounds.
    free
        Whether the measurement behind the prior is left out.
    ends
        What the bounds are: of a range, or physical.
    wider
        What a user can do to give it a wider range.
    """

    name: str
    lower: float
    upper: float
    nominal: float
    step: float
    prior: Prior | None = None
    free: bool = False
    ends: Ends = BOTH_CROSSINGS
    wider: str = ""

    @property
    def constrained(self) -> bool:
        """Whether it has a constraint: its prior stands for a measurement."""
        return self.prior is not None and self.prior.measured and not self.free

    def log_density(self, values: Array) -> Array:
        """Return the log-density of its prior."""
        if self.prior is None:
            return np.full(np.shape(values), -math.log(self.upper - self.lower))
        return self.prior.log_density(values)

    def drawn(self, random: np.random.Generator, number: int) -> Array:
        """Return draws from its prior."""
        if self.prior is None:
            return random.uniform(self.lower, self.upper, number)
        return self.prior.drawn(random, number)


def coupling_parameter(prior: CouplingPrior) -> Parameter:
    """Return the parameter of x; where its sign has no meaning, x = 0 lies inside the range."""
    start = min(_COUPLING_START, 0.5 * prior.upper)
    wider = "the data do not limit it where the signal is ten times the data"
    return Parameter(PRODUCT, prior.lower, prior.upper, start, start, ends=prior.ends, wider=wider)


def nuisance_parameters(spec: ModelSpec) -> dict[str, list[Parameter]]:
    """Return the nuisances of a model: name of the random variable -> its parameters."""
    alternatives = dict(spec.nuisance_priors)
    found: dict[str, list[Parameter]] = {}
    for experiment in spec.experiments:
        for name in experiment.nuisances():
            entry = experiment.card.nuisance[name]
            key = nuisance_name(experiment, name)
            prior = chosen_prior(experiment, name, alternatives)
            runs = experiment.runs if entry.per_run else (None,)
            found[key] = [
                replace(_nuisance(key, run, prior, entry.nominal), **_range(key, entry, prior))
                for run in runs
            ]
    return found


def _range(name: str, entry: NuisanceCard, prior: Prior) -> dict[str, Any]:
    """Return of which kind the bounds of a nuisance are, and how to widen them.

    A scale that ends at zero has a physical end, since counts cannot be negative.
    """
    low, high = prior.support
    physical = low == 0.0 and not entry.axis
    ends = Ends(End("physical" if physical else "range", name, low), End("range", name, high))
    kind = "lower and upper" if prior.measured else "uniform"
    wider = f"{kind} of its prior on the card"
    if entry.theory:
        wider = f"theory nodes, and {wider}"
    elif entry.axis:
        wider = f"nodes of its table, and {wider}"
    return {"ends": ends, "wider": wider}


def _nuisance(key: str, run: str | None, prior: Prior, nominal: float) -> Parameter:
    name = key if run is None else f"{key}[{run}]"
    lower, upper = prior.support
    start = min(max(nominal, lower), upper)
    own = prior.of_run(run)
    return Parameter(name, lower, upper, start, own.density.width, own)
