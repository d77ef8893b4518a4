"""Where a sampler may begin: points in its coordinates, near the middle of the prior or drawn."""

from __future__ import annotations

import math

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.cards.priors import Prior
from bayes_cevns.density import kinds
from bayes_cevns.density.parts import Amplitude, ByValue, Joint, NoCoupling
from bayes_cevns.density.writer import transform_of

#: Chains that begin near the middle do so within this distance in each coordinate.
_REACH = 1.0


def near_middle(joint: Joint, seed: int) -> Array:
    """Return a point within one unit of the medians of all priors, shape (parameters,)."""
    middle = np.array([coordinate(prior, float(prior.quantile(0.5))) for prior in priors(joint)])
    random = np.random.default_rng(seed)
    return np.asarray(middle + random.uniform(-_REACH, _REACH, middle.size))


def drawn(joint: Joint, seed: int) -> Array:
    """Return a draw of the prior, shape (parameters,)."""
    random = np.random.default_rng(seed)
    return np.array([coordinate(prior, float(prior.drawn(random, ()))) for prior in priors(joint)])


def priors(joint: Joint) -> tuple[Prior, ...]:
    """Return the prior of each parameter.

    The coordinate of a coupling, in its range, and those of a part of a box are uniform in (0, 1).
    """
    couplings = joint.couplings
    unit = Prior.uniform(0.0, 1.0)
    first: tuple[Prior, ...] = ()
    if isinstance(couplings, ByValue):
        first = tuple(Prior.uniform(*ends) for ends in couplings.box.bounds.values())
    elif isinstance(couplings, Amplitude):
        first = (unit,)
    elif not isinstance(couplings, NoCoupling):
        first = (unit,) * couplings.size
    return (*first, *(prior for variable in joint.variables for prior in variable.priors))


def coordinate(prior: Prior, value: float) -> float:
    """Return the sampler's coordinate of a parameter: the inverse of `transforms.natural`."""
    low, high = prior.support
    kind = transform_of(prior)
    if kind == kinds.ABOVE:
        return math.log(value - low)
    if kind == kinds.BELOW:
        return math.log(high - value)
    if kind == kinds.POSITIVE:
        return value + math.log(-math.expm1(-value))
    if kind == kinds.BETWEEN:
        share = (value - low) / (high - low)
        return math.log(share) - math.log1p(-share)
    return value
