"""The nuisances of experiments as random variables; those with one name are one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import reduce
from operator import mul

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.shape_utils import rv_size_is_none
from pymc.distributions.transforms import Interval, log_exp_m1
from pymc.logprob.transforms import Transform
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.arrays import Array
from bayes_cevns.cards.densities import Normal, Uniform
from bayes_cevns.cards.priors import Prior
from bayes_cevns.density.parts import Place, Variable


class Nuisances:
    """The nuisances of a joint model.

    Parameters
    ----------
    variables
        What they are; random variables are made of them in the model at hand.
    """

    def __init__(self, variables: Iterable[Variable]) -> None:
        self._values: dict[str, list[TensorVariable]] = {}
        for each in variables:
            found = random_variable(each.name, each.prior, each.runs or (), each.dims)
            runs = each.runs
            self._values[each.name] = (
                [found] if runs is None else [found[run] for run in range(len(runs))]
            )

    def at(self, place: Place) -> TensorVariable:
        """Return one number."""
        return self._values[place.name][place.run]

    def factor(self, places: Iterable[Place]) -> TensorVariable:
        """Return the product of several."""
        return reduce(mul, [self.at(place) for place in places])


def random_variable(
    key: str, prior: Prior, runs: tuple[str, ...], dims: str | None
) -> TensorVariable:
    """Return the random variable of a nuisance, or of one in each run, by its kind of prior."""
    density = prior.density
    if isinstance(density, Uniform):
        return pm.Uniform(key, density.low, density.high, dims=dims)
    if not isinstance(density, Normal):
        return _custom(key, prior, dims)
    widths = prior.widths_by_run
    sigma = density.sd if widths is None else np.array([widths[run] for run in runs])
    if prior.lower is None and prior.upper is None:
        return pm.Normal(key, density.mean, sigma, dims=dims)
    ends = {"lower": prior.lower, "upper": prior.upper}
    transform = {} if _transform(prior) is None else {"default_transform": log_exp_m1}
    return pm.TruncatedNormal(key, mu=density.mean, sigma=sigma, dims=dims, **ends, **transform)


def _custom(key: str, prior: Prior, dims: str | None) -> TensorVariable:
    """Return a variable whose density is that of its kind, in PyTensor's functions."""

    def logp(value: TensorVariable) -> TensorVariable:
        return prior.density.log_kernel(value, pt) - prior.log_norm

    def random(rng: np.random.Generator, size: tuple[int, ...] | None) -> Array:
        return prior.drawn(rng, size)

    def median(rv: TensorVariable, size: TensorVariable) -> TensorVariable:  # noqa: ARG001 - PyMC calls it with size
        # Where a sampler begins; PyMC's own choice, zero, may be a bound.
        shape = () if rv_size_is_none(size) else size
        return pt.full(shape, float(prior.quantile(0.5)))

    return pm.CustomDist(
        key,
        logp=logp,
        random=random,
        support_point=median,
        dims=dims,
        default_transform=_transform(prior) or _interval(prior),
    )


def _transform(prior: Prior) -> Transform | None:
    """Return the softplus instead of the default log: half the steps where a scale may vanish."""
    return log_exp_m1 if prior.support == (0.0, math.inf) else None


def _interval(prior: Prior) -> Transform | None:
    low, high = (end if math.isfinite(end) else None for end in prior.support)
    return None if (low, high) == (None, None) else Interval(low, high)
