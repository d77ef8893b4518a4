"""The rank of a truth among draws from its posterior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import (
    COORDINATE,
    COUPLING,
    EXPECTED_SIGNAL,
    LOG_LIKELIHOOD,
    PRODUCT,
    nuisance_name,
)
from bayes_cevns.summary.fit import Fit

#: They are functions of the coupling product, x; the sign of the coordinate may have no meaning.
_LEFT_OUT = (COORDINATE, COUPLING)

#: The dimensions of draws of a fit.
_ORDER = ("branch", "chain", "draw")


def rank(truth: float, draws: ArrayLike, random: np.random.Generator) -> int:
    """Return how many draws lie below the truth; among equals, its place is drawn.

    Parameters
    ----------
    truth
        The true value.
    draws
        Independent draws from the posterior of it, shape (n,).
    random
        Random numbers for ties.

    Returns
    -------
    int
        From 0 to n; uniform if the posterior is right, for any function of parameters and data.

    References
    ----------
    Cook, Gelman and Rubin, J. Comput. Graph. Stat. 15 (2006) 675; Talts et al.,
    arXiv:1804.06788; with functions of the data, Modrak et al., Bayesian Analysis (2023),
    arXiv:2211.02383.
    """
    values = np.asarray(draws, dtype=float)
    below, equal = int(np.sum(values < truth)), int(np.sum(values == truth))
    return below + int(random.integers(equal + 1))


def independent_draws(fit: Fit, size: int, random: np.random.Generator) -> dict[str, Array]:
    """Return draws of equal weight from a posterior, far enough apart to be independent.

    Parameters
    ----------
    fit
        A fit whose effective sample sizes are larger than `size`.
    size
        How many.
    random
        Random numbers: how many draws each branch has is drawn from its weight, as it must be
        if the draws together are to be those of the whole posterior.

    Returns
    -------
    dict
        Quantity -> shape (size,): parameters, with the run in brackets where each run has its
        own, x and what else the model monitors.
    """
    shares = random.multinomial(size, fit.quality["weight"].values)
    length = fit.posterior.sizes["draw"]
    places = []
    for branch, share in enumerate(shares):
        spaced = (np.arange(share) + random.uniform()) / max(share, 1)
        chain, draw = np.divmod(
            (spaced * fit.posterior.sizes["chain"] * length).astype(int), length
        )
        places.append(np.stack([np.full(share, branch), chain, draw]))
    return scalars(fit.posterior, dict(zip(_ORDER, np.concatenate(places, axis=1), strict=True)))


def scalars(values: xr.Dataset, places: Mapping[str, NDArray[np.int64]]) -> dict[str, Array]:
    """Return the quantities to be ranked one by one, each of shape (n,).

    Parameters
    ----------
    values
        Variables with some dimensions and one more or none.
    places
        Where to take them: dimension -> indices, shape (n,).
    """
    at, found = tuple(places.values()), {}
    for name, variable in values.items():
        if name in _LEFT_OUT:
            continue
        others = [dim for dim in variable.dims if dim not in places]
        order = [variable.dims.index(dim) for dim in (*places, *others)]
        array = np.asarray(variable.values.transpose(order)[at], dtype=float)
        if not others:
            found[str(name)] = array
            continue
        (dim,) = others
        for place, label in enumerate(variable.coords[dim].values):
            found[f"{name}[{label}]"] = array[:, place]
    return found


def monitored(spec: ModelSpec) -> list[str]:
    """Return the functions of parameters and data that are ranked as well."""
    return [*([] if spec.interaction is None else [PRODUCT]), EXPECTED_SIGNAL, LOG_LIKELIHOOD]


def quantities_of(spec: ModelSpec) -> tuple[str, ...]:
    """Return the names of what is ranked of a model, as `scalars` has them, without building it."""
    couplings = () if spec.couplings is None else spec.couplings.names
    nuisances = {
        text: None  # in their order, those that experiments share once
        for one in spec.experiments
        for name in one.nuisances()
        for text in labels_of(nuisance_name(one, name), one.runs if one.per_run([name]) else None)
    }
    return (*monitored(spec), *couplings, *nuisances)


def labels_of(name: str, runs: Sequence[str] | None) -> list[str]:
    """Return the names of a parameter as `scalars` has them, one for each run that has its own."""
    return [name] if runs is None else [f"{name}[{run}]" for run in runs]
