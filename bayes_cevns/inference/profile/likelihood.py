"""The likelihood of a model: its density without Jacobians and uniform priors, compiled once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pymc.logprob.utils import ParameterValueError
from pymc.model.transform.conditioning import remove_value_transforms
from pytensor.graph.replace import graph_replace
from scipy.special import ndtr, ndtri

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.card import NuisanceCard, Prior
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.ends import BOTH_CROSSINGS, End, Ends
from bayes_cevns.errors import ArgumentError
from bayes_cevns.model import assemble, data_at
from bayes_cevns.model.compiling import same_digits
from bayes_cevns.specification.model_spec import ModelSpec, chosen_prior
from bayes_cevns.specification.variables import COORDINATE, PRODUCT, nuisance_name

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
    mean, sigma
        Of its constraint, a normal density; not a number if it is free within its bounds.
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
    mean: float = math.nan
    sigma: float = math.nan
    ends: Ends = BOTH_CROSSINGS
    wider: str = ""

    @property
    def constrained(self) -> bool:
        """Whether it has a constraint."""
        return math.isfinite(self.sigma)

    def constraint(self, value: float) -> tuple[float, float]:
        """Return its pull, (value - mean) / sigma, and the logarithm of the constraint there."""
        pull, low, high = ((v - self.mean) / self.sigma for v in (value, self.lower, self.upper))
        inside = 0.5 * (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2)))
        return pull, -0.5 * pull**2 - math.log(math.sqrt(2 * math.pi) * self.sigma * inside)

    def log_density(self, values: Array) -> Array:
        """Return the log-density of its prior: the constraint, or a uniform density."""
        if not self.constrained:
            return np.full(np.shape(values), -math.log(self.upper - self.lower))
        return np.asarray(
            self.constraint(self.mean)[1] - 0.5 * ((values - self.mean) / self.sigma) ** 2
        )

    def drawn(self, random: np.random.Generator, number: int) -> Array:
        """Return draws from its prior: from the constraint, cut at its bounds, or uniform."""
        if not self.constrained:
            return random.uniform(self.lower, self.upper, number)
        low, high = ndtr((np.array([self.lower, self.upper]) - self.mean) / self.sigma)
        return np.asarray(self.mean + self.sigma * ndtri(random.uniform(low, high, number)))


class Likelihood:
    """Minus the log-likelihood of a model, with its gradient, at any mediator mass.

    It is the density of the model in its parameters, without the Jacobians of the coordinates of
    the sampler and without uniform priors:

        -ln L = - ln P(counts | x, nuisances) - sum_j ln (constraint of nuisance j).

    A constraint is the normal prior of a nuisance; its truncation gives the bounds of the
    parameter. Parameters with a uniform prior are free between its ends: always x, and nuisances
    whose prior, or chosen alternative, is uniform.

    Parameters
    ----------
    spec
        What to fit; the prior of its coupling is not used.
    mass_mev
        Mediator mass to begin with, if the interaction has one.
    free
        Nuisance that is to be measured: its constraint is left out, its bounds are kept.
    """

    def __init__(
        self, spec: ModelSpec, mass_mev: float | None = None, *, free: str | None = None
    ) -> None:
        self.spec = replace(spec, prior="flat")
        self.tables = self.spec.tables()
        model = assemble(self.spec, self.tables, mass_mev)
        # A copy of the model, with its own shared data.
        plain = remove_value_transforms(model, model.free_RVs)
        nuisances = nuisance_parameters(self.spec)
        self._nuisances = [p for several in nuisances.values() for p in several]
        variables = {name: len(several) for name, several in nuisances.items()}
        if spec.interaction is not None:
            variables = {COORDINATE: 1, **variables}
        self._function = _compiled(plain, variables)
        self._shared = {variable.name: variable for variable in plain.data_vars}
        # The part of the log-density of the model that comes from uniform priors.
        self._uniform = sum(
            math.log(p.upper - p.lower) for p in self._nuisances if not p.constrained
        )
        self._freed = next((p for p in self._nuisances if p.name == free and p.constrained), None)
        if self._freed is not None:
            unbound = replace(self._freed, mean=math.nan, sigma=math.nan)
            self._nuisances[self._nuisances.index(self._freed)] = unbound
        self.prior: CouplingPrior | None = None
        self.parameters: tuple[Parameter, ...] = ()
        self.move_to(mass_mev)

    def move_to(self, mass_mev: float | None) -> None:
        """Swap the rate tables for those at another mediator mass.

        Raises
        ------
        ArgumentError, TableError
            As `bayes_cevns.build_model`.
        """
        data, self.prior = data_at(self.spec, self.tables, mass_mev)
        for name, value in data.items():
            self._shared[name].set_value(value)
        first = [] if self.prior is None else [_coupling(self.prior)]
        self.parameters = (*first, *self._nuisances)
        names = [p.name for p in self.parameters]
        self._freed_place = -1 if self._freed is None else names.index(self._freed.name)
        self._lower = np.array([p.lower for p in self.parameters])
        self._upper = np.array([p.upper for p in self.parameters])
        self._mean = np.array([p.mean for p in self.parameters])
        self._weight = np.array([1 / p.sigma**2 if p.constrained else 0 for p in self.parameters])
        self._slope, self._constant = np.zeros(len(self.parameters)), 0.0

    def observe(self, experiments: Sequence[Experiment], centres: Array | None = None) -> None:
        """Replace the observed counts and, if given, the centres of the constraints.

        Parameters
        ----------
        experiments
            Those of the specification, with other counts.
        centres
            Centres of the constraints, one for each parameter: results of the auxiliary
            measurements that the constraints stand for. Those of free parameters are not used.

        Raises
        ------
        ArgumentError
            If bins are merged: which of them may be depends on the counts.
        """
        if self.spec.merged:
            raise ArgumentError("observed counts cannot be exchanged where bins are merged")
        for experiment in experiments:
            variable = self._shared[f"{experiment.name}.observed"]
            variable.set_value(experiment.observed.values.astype(variable.type.dtype))
        if centres is not None:
            # (p - a)^2 - (p - b)^2 is linear in p.
            constrained = self._weight > 0
            old, new = np.where(constrained, [self._mean, centres], 0.0)
            self._slope = self._weight * (old - new)
            self._constant = 0.5 * float(self._weight @ (new**2 - old**2))

    def __call__(self, point: Array) -> tuple[float, Array]:
        """Return -ln L and its gradient at a point, in the order of `parameters`.

        A point outside the bounds, which a minimiser may reach by rounding, is moved to them. -ln L
        is infinite and the gradient zero where expected counts are negative, as a spline may be
        beyond its nodes, or zero in a bin with events.
        """
        inside = np.clip(point, self._lower, self._upper)
        try:
            value, gradient = self._function(inside)
        except ParameterValueError:
            value, gradient = -np.inf, np.zeros(inside.size)
        if not np.isfinite(value):
            return np.inf, np.zeros(inside.size)
        width = 0.0 if self.prior is None else math.log(self.prior.upper - self.prior.lower)
        total = float(self._slope @ inside) + self._constant - self._uniform - width - float(value)
        slope = self._slope - gradient
        if self._freed is not None:
            place = self._freed_place
            pull, logarithm = self._freed.constraint(float(inside[place]))
            total += logarithm
            slope[place] -= pull / self._freed.sigma
        return total, slope

    @property
    def nominal(self) -> Array:
        """Where fits begin, one value for each of `parameters`."""
        return np.array([p.nominal for p in self.parameters])


def _compiled(model: Any, variables: dict[str, int]) -> Any:
    """Compile the log-density of a model and its gradient, as a function of one vector.

    Parameters
    ----------
    model
        A ``pm.Model`` without transforms.
    variables
        Names of its random variables and how many numbers each has, in the vector's order.
    """
    values = {rv.name: model.rvs_to_values[rv] for rv in model.free_RVs}
    vector = pt.vector("parameters", dtype="float64")
    parts, start = {}, 0
    for name, size in variables.items():
        value = values[name]
        parts[value] = vector[start : start + size] if value.type.ndim else vector[start]
        start += size
    (density,) = graph_replace([model.logp(jacobian=False)], parts, strict=True)
    outputs = [density, pt.grad(density, vector)]
    with same_digits():
        return pytensor.function([vector], outputs, mode="NUMBA", trust_input=True)


def _coupling(prior: CouplingPrior) -> Parameter:
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
            key, prior = nuisance_name(experiment, name), chosen_prior(name, entry, alternatives)
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
    kind = "uniform" if prior.uniform is not None else "lower and upper"
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
    if prior.normal is None:
        return Parameter(name, lower, upper, start, 0.05 * (upper - lower))
    mean, width = prior.normal
    sigma = width[str(run)] if isinstance(width, dict) else width
    return Parameter(name, lower, upper, start, sigma, mean, sigma)
