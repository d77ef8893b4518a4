"""The marginal likelihood of the coupling, with nuisances integrated out, from draws of a fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.cards.likelihoods.base import NUMPY
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.priors import PRIORS, CouplingPrior
from bayes_cevns.density.data import prior_at
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.at_draws import ModelAtDraws, thinned
from bayes_cevns.inference.coupling_likelihood import CouplingLikelihood
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.summary.cross_validation import GOOD_K
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.limits import limits

#: Number of draws of the nuisances. Ratios of limits need fewer, since the same draws enter both.
#: And the number of blocks in each chain for the jackknife.
_DRAWS, _DRAWS_OF_RATIOS = 600, 200
_BLOCKS = 5

#: Points of the grid of x: in log|x| on either side, at quantiles of the draws, evenly over the
#: range of the draws and this share of it beyond, and evenly over the range of the prior.
_LOG_POINTS, _QUANTILES, _TAIL_POINTS, _EVEN_POINTS = 90, 150, 120, 40
_TAIL = 0.4

#: The least |x| of the grid over the bound: below the lower end of a log prior.
_LOG_DEPTH = 1e-7

#: Values of x, over the largest one, at which counts are evaluated. Zero is not among them: a log
#: prior does not reach it.
_SHARES = (0.3, 0.6, 1.0)

#: Limits from the marginal likelihood and from the draws may differ by this share of the limit plus
#: so many Monte-Carlo errors.
_TOLERANCE, _SIGMAS = 0.05, 3.0

#: Bins with the same counts that are multiplied before a logarithm is taken.
_MULTIPLIED = 16

#: Expected counts of the Standard Model by which others may be divided.
_LEAST_SCALE = 1e-100

#: Number of draws whose likelihoods are computed at once, of values of x at least, and of counts of
#: bins at both, which then stay in the caches of the processor.
_CHUNK, _X_AT_ONCE, _COUNTS_AT_ONCE = 20, 8, 400_000


def coupling_likelihood(model: ModelAtDraws, fit: Fit, number: int = _DRAWS) -> CouplingLikelihood:
    """Return the marginal likelihood of the coupling from a fit.

    Parameters
    ----------
    model
        The model of the fit, at its mass.
    fit
        The fit.
    number
        How many draws of the nuisances are used, about.

    Raises
    ------
    ArgumentError
        If it has no coupling.
    """
    if fit.prior is None:
        raise ArgumentError("the Standard Model has no coupling")
    draws = fit.draws()
    grid = _grid(fit.prior, draws[PRODUCT].values.ravel())
    points = model.points(thinned(draws, number))
    tables = model.tables if model.spec.merged else model.spec.merging_bins().tables()
    chains, size = points.shape[:2]
    flat = points.reshape(chains * size, -1)
    bins = max(one.observed.size for one in model.spec.experiments)
    step = min(max(1, _COUNTS_AT_ONCE // (_X_AT_ONCE * bins)), _CHUNK)
    within = np.arange(size) * _BLOCKS // size
    block = (np.arange(chains)[:, None] * _BLOCKS + within).ravel()
    found = np.concatenate(
        [
            _log_likelihood(tables, _powers(model, fit.prior, flat[i : i + step], tables), grid)
            for i in range(0, block.size, step)
        ]
    )
    raw = CouplingLikelihood(grid, found, block)
    return replace(raw, log_draws=found - raw.log_average(found, fit.prior)[:, None])


def prior_ratios(
    model: ModelAtDraws, fit: Fit, mass_mev: float | None, level: float
) -> dict[str, tuple[float, ...]]:
    """Return the ratio of limits with every named prior to those with the prior of a fit.

    Parameters
    ----------
    model
        The model of the fit, at its mass.
    fit
        The fit.
    mass_mev
        Its mediator mass.
    level
        Credible level.

    Returns
    -------
    dict
        Name of the prior -> ratio for each of the fit's limits. NaN where the draws of the fit are
        not enough: Pareto k above 0.7, or `agreeing` does not hold.
    """
    assert fit.prior is not None
    likelihood = coupling_likelihood(model, fit, _DRAWS_OF_RATIOS)
    quoted = likelihood.limit_values(fit.prior, level)
    agreed = agreeing(likelihood, fit, level)
    ratios = {}
    for kind in PRIORS:
        if kind == fit.prior.kind:
            ratios[kind] = (1.0,) * len(quoted)
            continue
        other = prior_at(replace(model.spec, prior=kind), model.tables, mass_mev)
        trusted = likelihood.pareto_k(other) <= GOOD_K
        values = likelihood.limit_values(other, level)
        ratios[kind] = tuple(
            new / old if trusted and agrees else np.nan
            for new, old, agrees in zip(values, quoted, agreed, strict=True)
        )
    return ratios


def agreeing(likelihood: CouplingLikelihood, fit: Fit, level: float) -> tuple[bool, ...]:
    """Tell for each limit of a fit whether draws and marginal likelihood agree on it.

    They need not agree for a sign of x with a small probability: the draws of the nuisances are
    those of the whole posterior, and may not cover what goes with that sign.
    """
    assert fit.prior is not None
    values = likelihood.limit_values(fit.prior, level)
    return tuple(
        bool(abs(value - limit.value) <= _TOLERANCE * limit.value + _SIGMAS * limit.mc_error)
        for value, limit in zip(values, limits(fit, level), strict=True)
    )


def _powers(
    model: ModelAtDraws, prior: CouplingPrior, points: Array, tables: Sequence[RateTable]
) -> list[Array]:
    """Return the factors of 1, x and x^2 in the counts, each shape (3, draws, merged bins).

    At points of shape (draws, parameters).

    They follow from the counts at three values of x, since these are a polynomial of second order.
    """
    largest = float(prior.product(prior.upper))
    shares = np.array(_SHARES)
    moved = np.repeat(points[None], shares.size, axis=0)
    moved[..., 0] = prior.coordinate(largest * shares)[:, None]
    solve = np.linalg.inv(np.vander(largest * shares, increasing=True))
    found = []
    for table, counts in zip(tables, model.expected(moved), strict=True):
        flat = counts.reshape(*moved.shape[:2], -1)
        bins = flat if model.spec.merged else table.merge(flat)
        found.append(np.tensordot(solve, bins, axes=1))
    return found


def _log_likelihood(tables: Sequence[RateTable], powers: Sequence[Array], grid: Array) -> Array:
    """Return the log-likelihood of every x, up to a constant, shape (draws, n)."""
    total = np.zeros((powers[0].shape[1], grid.size))
    for table, parts in zip(tables, powers, strict=True):
        total += _log_probability(table, parts, grid)
    return total


def _log_probability(table: RateTable, powers: Array, grid: Array) -> Array:
    """Return the log of the probability of the observed counts, up to a constant."""
    experiment = table.experiment
    counts = table.merge(experiment.observed.values.ravel().astype(float))
    if not table.merges:
        shaped = counts.reshape(experiment.observed.shape)

        def log_terms(mean: Array) -> Array:
            each = mean.reshape(*mean.shape[:-1], *shaped.shape)
            terms = experiment.likelihood.log_terms(shaped, each, NUMPY)
            return np.asarray(terms.sum(axis=(-1, -2)))

        return _in_pieces(log_terms, powers, grid)
    seen = counts > 0
    logs = _log_products(powers[..., seen], counts[seen], grid)
    expected = _polynomial(powers.sum(axis=-1, keepdims=True), grid)[..., 0]
    return np.where(np.isnan(logs) | (expected < 0), -np.inf, logs - expected)


def _log_products(powers: Array, counts: Array, grid: Array) -> Array:
    """Return the sum of counts times logarithms of what is expected, shape (draws, n).

    From shape (3, draws, bins). A logarithm takes as long as ten products: bins with the same
    counts are multiplied before it is taken. Where a product is out of range, or a bin of it is not
    positive everywhere, each has its own logarithm.
    """
    _, draws, _ = powers.shape
    rows = np.ascontiguousarray(np.moveaxis(powers, (2, 1), (0, 1)))  # (bins, draws, 3)
    # A scale takes nothing from the result, and keeps products in range.
    scales = np.abs(rows[..., 0]).mean(axis=1)
    scales[scales < _LEAST_SCALE] = 1.0
    rows /= scales[:, None, None]
    positive = (_least(rows, grid[0], grid[-1]) > 0).all(axis=1)
    columns = np.vander(grid, 3, increasing=True).T
    total = np.full((draws, grid.size), float(counts @ np.log(scales)))
    with np.errstate(all="ignore"):
        for number in np.unique(counts):
            alike = np.flatnonzero(counts == number)
            for first in range(0, alike.size, _MULTIPLIED):
                some = alike[first : first + _MULTIPLIED]
                means = (rows[some].reshape(-1, 3) @ columns).reshape(-1, draws, grid.size)
                logs = np.log(np.multiply.reduce(means, axis=0))
                if not (positive[some].all() and np.isfinite(logs).all()):
                    logs = np.log(means).sum(axis=0)
                total += number * logs
    return total


def _least(rows: Array, low: float, high: float) -> Array:
    """Return the least values of polynomials from one end to the other, from (..., 3) to (...)."""
    zeroth, first, second = np.moveaxis(rows, -1, 0)
    with np.errstate(all="ignore"):
        turning = np.clip(np.nan_to_num(-0.5 * first / second), low, high)
    places = np.stack([np.full_like(turning, low), turning, np.full_like(turning, high)])
    return np.asarray((zeroth + places * (first + places * second)).min(axis=0))


def _in_pieces(function: Callable[[Array], Array], powers: Array, grid: Array) -> Array:
    """Return a function of the counts at every x, shape (draws, n), from some x at once."""
    each = max(1, _COUNTS_AT_ONCE // max(1, powers[0].size))
    starts = range(0, grid.size, each)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = [function(_polynomial(powers, grid[i : i + each])) for i in starts]
    return np.concatenate(found, axis=-1)


def _polynomial(powers: Array, grid: Array) -> Array:
    """Return counts at every x, from shape (3, draws, bins) to (draws, n, bins)."""
    return np.asarray(np.vander(grid, 3, increasing=True) @ np.moveaxis(powers, 0, 1))


def _grid(prior: CouplingPrior, drawn: Array) -> Array:
    """Return a grid of x that is fine near zero and where the posterior is, and has the bounds."""
    low, high = (float(v) for v in prior.product([prior.lowest, prior.upper]))
    low = min(low, 0.0)  # the least coupling of a log prior is not zero
    decades = np.geomspace(_LOG_DEPTH, 1.0, _LOG_POINTS)
    quantiles = np.quantile(drawn, np.linspace(0.0, 1.0, _QUANTILES))
    reach = np.ptp(quantiles) * _TAIL
    tails = np.linspace(quantiles[0] - reach, quantiles[-1] + reach, _TAIL_POINTS)
    even = np.linspace(low, high, _EVEN_POINTS)
    parts = [np.zeros(1), high * decades, low * decades, quantiles, tails, even]
    return np.unique(np.clip(np.concatenate(parts), low, high))
