"""Data that were not observed: what is expected, and toys."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from bayes_cevns.counts import binned_counts, checked_interaction
from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments import Experiment
from bayes_cevns.physics.interactions import STANDARD_MODEL

#: What data an experiment may be given in place of its own.
SIMULATIONS = ("asimov", "toy")


def asimov(
    experiment: Experiment,
    *,
    interaction: str = STANDARD_MODEL,
    mass_mev: float | None = None,
    coupling_product: float = 0.0,
) -> Experiment:
    """Return an experiment whose observed counts are the expected ones.

    Parameters
    ----------
    experiment
        The experiment.
    interaction, mass_mev, coupling_product
        What is true: the Standard Model, or an interaction with its mediator mass and x.

    Returns
    -------
    Experiment
        With counts at nominal nuisances, not rounded: its likelihood is Poisson's formula
        between whole counts. Its limit is close to the median limit of toys.

    Raises
    ------
    UnknownNameError, ArgumentError
        As `bayes_cevns.expected_counts`.

    References
    ----------
    Cowan, Cranmer, Gross and Vitells, Eur. Phys. J. C 71 (2011) 1554.
    """
    expected = _expected(experiment, interaction, mass_mev, coupling_product)
    return replace(experiment, observed=expected, data="asimov")


def toy(
    experiment: Experiment,
    *,
    seed: int,
    interaction: str = STANDARD_MODEL,
    mass_mev: float | None = None,
    coupling_product: float = 0.0,
) -> Experiment:
    """Return an experiment whose observed counts are drawn at random.

    Parameters
    ----------
    experiment
        The experiment.
    seed
        Seed of the random numbers.
    interaction, mass_mev, coupling_product
        What is true, as in `asimov`; nuisances have their nominal values.

    Returns
    -------
    Experiment
        With Poisson counts, or normal ones where that is the likelihood.

    Raises
    ------
    UnknownNameError, ArgumentError
        As `bayes_cevns.expected_counts`; or if the seed is not a whole number >= 0.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ArgumentError(f"expected a seed, a whole number >= 0, got {seed!r}")
    expected = _expected(experiment, interaction, mass_mev, coupling_product)
    return drawn(replace(experiment, observed=expected), np.random.default_rng(seed))


def drawn(experiment: Experiment, random: np.random.Generator) -> Experiment:
    """Return a toy of an experiment whose observed counts are the expected ones, as of `asimov`."""
    expected = experiment.observed
    if experiment.sigma is None:
        counts = random.poisson(expected.values)
    else:
        counts = random.normal(expected.values, experiment.sigma.values)
    return replace(experiment, observed=expected.copy(data=counts), data="toy")


def _expected(
    experiment: Experiment, name: str, mass_mev: float | None, coupling_product: float
) -> xr.DataArray:
    """Return the expected counts of all components together, dims (run, bin)."""
    new = checked_interaction(name, mass_mev, coupling_product)
    parts = binned_counts(experiment, new, mass_mev, coupling_product)
    total = experiment.observed.astype(float).copy(data=np.zeros(experiment.observed.shape))
    for values in parts.values():
        total = total + values.transpose("run", "bin").values
    return total
