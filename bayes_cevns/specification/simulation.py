"""Data that were not observed: what is expected, and toys."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.bounds import within
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.given import one_experiment
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.interactions import STANDARD_MODEL, Interaction
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory, theory_of
from bayes_cevns.specification.expected_counts import binned_counts, checked_interaction

#: Counts below zero, over the largest of all bins, that come from rounding alone.
_ROUNDING = 1e-6


def asimov(
    experiment: Experiment | str,
    *,
    interaction: str | Interaction = STANDARD_MODEL,
    mass_mev: float | None = None,
    coupling_product: float = 0.0,
    theory: Theory = STANDARD_THEORY,
) -> Experiment:
    """Return an experiment whose observed counts are the expected ones.

    Parameters
    ----------
    experiment
        The experiment, or its name.
    interaction, mass_mev, coupling_product
        What is true: the Standard Model, or an interaction with its mediator mass and x.
    theory
        What is true of nuclei, weak charges and atoms: a `bayes_cevns.Theory`.

    Returns
    -------
    Experiment
        With counts at nominal nuisances, not rounded: its likelihood is Poisson's formula
        between whole counts. Its limit is close to the median limit of toys.

    Raises
    ------
    UnknownNameError, ArgumentError
        As `bayes_cevns.expected_counts`; or if fewer than no events are expected in a bin.

    References
    ----------
    Cowan, Cranmer, Gross and Vitells, Eur. Phys. J. C 71 (2011) 1554.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> data = bc.asimov("xenonnt_2024_s2")
    >>> data.data
    'asimov'
    """
    experiment = one_experiment(experiment)
    expected = _expected(experiment, interaction, mass_mev, coupling_product, theory)
    return replace(
        experiment,
        observed=expected,
        data="asimov",
        origin={**experiment.origin, "data": "asimov"},
    )


def toy(
    experiment: Experiment | str,
    *,
    seed: int,
    interaction: str | Interaction = STANDARD_MODEL,
    mass_mev: float | None = None,
    coupling_product: float = 0.0,
    theory: Theory = STANDARD_THEORY,
) -> Experiment:
    """Return an experiment whose observed counts are drawn at random.

    Parameters
    ----------
    experiment
        The experiment, or its name.
    seed
        Seed of the random numbers. Experiments of other names draw others from the same seed,
        so that one seed serves a joint fit.
    interaction, mass_mev, coupling_product, theory
        What is true, as in `asimov`; nuisances have their nominal values.

    Returns
    -------
    Experiment
        With counts drawn from its likelihood, such as Poisson ones.

    Raises
    ------
    UnknownNameError, ArgumentError
        As `asimov`; or if the seed is not a whole number from 0 to 2^32 - 1.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> data = bc.toy("xenonnt_2024_s2", seed=1)
    >>> data.data
    'toy:1'
    """
    seed, experiment = within("seed", seed), one_experiment(experiment)
    expected = _expected(experiment, interaction, mass_mev, coupling_product, theory)
    random = np.random.default_rng([seed, *experiment.name.encode()])
    found = drawn(replace(experiment, observed=expected), random)
    data = f"toy:{seed}"
    return replace(found, data=data, origin={**experiment.origin, "data": data})


def drawn(experiment: Experiment, random: np.random.Generator) -> Experiment:
    """Return a toy of an experiment whose observed counts are the expected ones, as of `asimov`."""
    expected = experiment.observed
    counts = experiment.likelihood.drawn(expected.values, random)
    events = experiment.likelihood.counts_events
    observed = expected.copy(data=counts.astype(np.int64) if events else counts)
    return replace(experiment, observed=observed, data="toy")


def _expected(
    experiment: Experiment,
    name: str | Interaction,
    mass_mev: float | None,
    coupling_product: float,
    theory: Theory,
) -> xr.DataArray:
    """Return the expected counts of all components together, dims (run, bin)."""
    new = checked_interaction(name, mass_mev, coupling_product)
    parts = binned_counts(experiment, new, mass_mev, coupling_product, theory_of(theory))
    total = np.sum([part.transpose("run", "bin").values for part in parts.values()], axis=0)
    if experiment.likelihood.counts_events:
        _check_not_negative(experiment, total)
        total = np.maximum(total, 0.0)
    return experiment.observed.astype(float).copy(data=total)


def _check_not_negative(experiment: Experiment, total: Array) -> None:
    """Check counts but for rounding, which may leave them below zero where none are expected."""
    if total.min() < -_ROUNDING * total.max():
        run, number = np.unravel_index(int(np.argmin(total)), total.shape)
        raise ArgumentError(
            f"{experiment.name} expects {total.min():.3g} events in bin {number} of "
            f"{experiment.runs[run]}, and data cannot be made of that: its response is too coarse "
            "for this spectrum, or the mass and the coupling are out of its reach"
        )
