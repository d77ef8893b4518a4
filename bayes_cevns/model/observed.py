"""The likelihood of the observed counts of one experiment."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.arrays import Array
from bayes_cevns.cards.likelihoods import CountLikelihood, NormalErrors, PoissonCounts
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.specification.variables import expected_name


def observe(table: RateTable, mean: TensorVariable) -> TensorVariable:
    """Compare the expected counts of an experiment, flat, with what was observed.

    Returns the log-likelihood, which the model has already.
    """
    experiment = table.experiment
    name = experiment.name
    if table.merges:
        counts = table.merge(experiment.observed.values.ravel())
        bins: tuple[str, ...] = (f"{name}.merged_bin",)
        pm.modelcontext(None).add_coord(bins[0], list(range(counts.size)))
    else:
        counts = experiment.observed.values
        bins = (f"{name}.run", f"{name}.bin")
        mean = mean.reshape(counts.shape)
    mean.name = expected_name(experiment)
    likelihood = experiment.likelihood
    if isinstance(likelihood, NormalErrors):
        observed = pm.Data(f"{name}.observed", counts, dims=bins)
        sigma = likelihood.error.values
        counts_rv = pm.Normal(f"{name}.counts", mean, sigma, observed=observed, dims=bins)
    elif not isinstance(likelihood, PoissonCounts):
        observed = pm.Data(f"{name}.observed", counts.astype(np.float64), dims=bins)
        counts_rv = _custom(f"{name}.counts", likelihood, mean, observed, bins)
    elif experiment.data == "asimov":
        # Poisson's formula goes on between whole counts, pm.Poisson does not.
        observed = pm.Data(f"{name}.observed", counts, dims=bins)
        # Where none are expected, neither by the data, 0 log 0 = 0 with its gradient.
        occupied = pt.switch(pt.gt(observed, 0.0), mean, 1.0)
        density = observed * pt.log(occupied) - mean - pt.gammaln(observed + 1.0)
        return pm.Potential(f"{name}.counts", density.sum())
    else:
        # As pm.Data whole numbers have 32 bits, so that 3e9 events would be -1294967296.
        observed = pm.Data(f"{name}.observed", counts.astype(np.float64), dims=bins)
        counts_rv = pm.Poisson(f"{name}.counts", mu=mean, observed=observed, dims=bins)
    return pm.logp(counts_rv, observed).sum()


def _custom(
    name: str,
    likelihood: CountLikelihood,
    mean: TensorVariable,
    observed: TensorVariable,
    dims: tuple[str, ...],
) -> TensorVariable:
    """Return counts whose density is that of their likelihood, in PyTensor's functions."""

    def logp(value: TensorVariable, expected: TensorVariable) -> TensorVariable:
        return likelihood.log_terms(value, expected, pt)

    def random(expected: Array, rng: np.random.Generator, size: object) -> Array:  # noqa: ARG001 - PyMC calls it with size
        return likelihood.drawn(expected, rng)

    return pm.CustomDist(name, mean, logp=logp, random=random, observed=observed, dims=dims)
