"""The marginal likelihood of the coupling, with nuisances integrated out, from draws of a fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray
from scipy.special import logsumexp

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import PRIORS, CouplingPrior
from bayes_cevns.display import Displayed
from bayes_cevns.ends import CROSSING, Ends
from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments.rate_table import RateTable
from bayes_cevns.inference.at_draws import ModelAtDraws, thinned
from bayes_cevns.inference.fit import Fit
from bayes_cevns.model import prior_at
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.summary.bounds import VANISHING
from bayes_cevns.summary.cross_validation import GOOD_K, LEAST_DRAWS
from bayes_cevns.summary.draws import check_level
from bayes_cevns.summary.limits import Limit, limits, side_of

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

#: Number of draws whose likelihoods are computed at once, to save memory.
_CHUNK = 20


@dataclass(frozen=True, eq=False, repr=False)
class CouplingLikelihood(Displayed):
    """The marginal likelihood of the amplitude x, up to a constant.

    Attributes
    ----------
    product
        Grid of x, increasing, with zero in it, shape (n,).
    log_draws
        For each draw of the nuisances, the logarithm of L(x, nu) / int L(x', nu) pi(x') dx',
        shape (draws, n). The marginal likelihood is the mean of its exponential over draws.
    block
        Number of the block of draws, for Monte-Carlo errors, shape (draws,).

    Notes
    -----
    For given nuisances nu, the counts are a polynomial of second order in x, so that the likelihood
    is known for all x at once. Its average over draws of a posterior with the prior pi(x) is the
    marginal likelihood (Gelfand and Smith, J. Am. Stat. Assoc. 85 (1990) 398),

        L(x) = mean_i L(x, nu_i) / int L(x', nu_i) pi(x') dx'.

    It is smooth, also far below its maximum, and has no Monte-Carlo noise where nuisances do not
    matter. Times another prior pi'(x) it is the posterior with that prior. This is importance
    sampling with x integrated out, with the importance weights
    r_i = int L(x, nu_i) pi'(x) dx / int L(x, nu_i) pi(x) dx of the draws of nu. Importance weights
    of the draws of x itself would not do: from a flat to a log prior they are 1/x, whose mean is
    infinite.
    """

    product: Array
    log_draws: Array
    block: NDArray[np.int64]

    def limits(self, prior: CouplingPrior, level: float) -> tuple[Limit, ...]:
        """Return the limits with this prior, as `bayes_cevns.limits` would from a fit with it.

        The Monte-Carlo error is a jackknife over blocks of draws.
        """
        check_level(level)

        likelihood = self._mean(np.ones(self.block.size, bool))

        def limit(side: str) -> Limit:
            value, error = self._with_error(lambda v: self._limit(v, prior, level, side))
            return Limit(side, value, error, self._ends(likelihood, prior, side))

        return tuple(limit(side) for side in _sides(prior))

    def limit_values(self, prior: CouplingPrior, level: float) -> tuple[float, ...]:
        """Return the values of `limits`, without their errors."""
        likelihood = self._mean(np.ones(self.block.size, bool))
        return tuple(self._limit(likelihood, prior, level, side) for side in _sides(prior))

    def pareto_k(self, prior: CouplingPrior) -> float:
        """Return the Pareto k of the importance weights of the nuisances for this prior.

        Above 0.7 the weights cannot be trusted (Vehtari et al., J. Mach. Learn. Res. 25 (2024)
        72). It is infinite if there are too few draws to tell.
        """
        log_weights = self.log_average(self.log_draws, prior)
        if np.ptp(log_weights) < 1e-6:  # the prior of the fit itself
            return 0.0
        if log_weights.size < LEAST_DRAWS:
            return np.inf
        # It takes log-likelihoods, the reciprocals of weights.
        return float(array_stats.psislw(-log_weights)[1])

    def log_bayes_factor(self, prior: CouplingPrior) -> tuple[float, float]:
        """Return log(evidence with this prior / evidence of the Standard Model) and its error.

        The Standard Model is x = 0, so that the Bayes factor is the average of the marginal
        likelihood over the prior, over its value at x = 0: Dickey's density ratio (Ann. Math. Stat.
        42 (1971) 204).
        """
        zero = int(np.searchsorted(self.product, 0.0))

        def ratio(likelihood: Array) -> float:
            with np.errstate(divide="ignore"):
                logs = np.log(likelihood)
            return float(self.log_average(logs[None], prior)[0] - logs[zero])

        return self._with_error(ratio)

    def quantiles(self, prior: CouplingPrior, shares: Array) -> Array:
        """Return quantiles of x by the posterior with a prior, shape of `shares`."""
        likelihood = self._mean(np.ones(self.block.size, bool))
        cells = 0.5 * (likelihood[1:] + likelihood[:-1]) * self._steps(prior)
        cumulative = np.concatenate([[0.0], np.cumsum(cells)])
        coordinate = np.clip(prior.coordinate(self.product), prior.lowest, prior.upper)
        return prior.product(np.interp(shares, cumulative / cumulative[-1], coordinate))

    def _mean(self, which: NDArray[np.bool_]) -> Array:
        top = self.log_draws.max()
        return np.asarray(np.exp(self.log_draws[which] - top).mean(axis=0))

    def _with_error(self, quantity: Callable[[Array], float]) -> tuple[float, float]:
        """Return a functional of the marginal likelihood, and its jackknife error over blocks."""
        means = np.array([self._mean(self.block == b) for b in np.unique(self.block)])
        count = len(means)
        left_out = [quantity((means.sum(axis=0) - mean) / (count - 1)) for mean in means]
        spread = np.var(left_out) * (count - 1)
        return quantity(means.mean(axis=0)), float(np.sqrt(spread))

    def _steps(self, prior: CouplingPrior) -> Array:
        """Return the prior probability of each cell of the grid."""
        ends = np.clip(prior.coordinate(self.product), prior.lowest, prior.upper)
        return np.asarray(np.diff(ends) / (prior.upper - prior.lowest))

    def log_average(self, log_values: Array, prior: CouplingPrior) -> Array:
        """Return the log of the average of likelihoods over a prior, from (m, n) to (m,)."""
        middle = np.logaddexp(log_values[:, 1:], log_values[:, :-1]) - np.log(2.0)
        return np.asarray(logsumexp(middle, b=self._steps(prior), axis=1))

    def _limit(self, likelihood: Array, prior: CouplingPrior, level: float, side: str) -> float:
        """Return the quoted coupling below which the posterior has a probability."""
        cells = 0.5 * (likelihood[1:] + likelihood[:-1]) * self._steps(prior)
        cumulative = np.concatenate([[0.0], np.cumsum(cells)])
        zero = int(np.searchsorted(self.product, 0.0))
        if side == "negative":
            within = cumulative[zero] - cumulative[zero::-1]
            grid = self.product[zero::-1]
        else:
            within = cumulative[zero:] - cumulative[zero]
            grid = self.product[zero:]
        if within[-1] <= 0:
            return float("nan")
        x = np.interp(level, within / within[-1], prior.coordinate(grid))
        return float(np.abs(prior.quoted(prior.product(x))))

    def _ends(self, likelihood: Array, prior: CouplingPrior, side: str) -> Ends:
        """Return the ends of a prior on which a limit depends: the likelihood is not zero there."""
        bounds, ends = side_of(prior, side)
        low, high = sorted(bounds)
        coordinate = prior.coordinate(self.product)
        inside = (coordinate >= low) & (coordinate <= high)
        least = VANISHING * likelihood[inside].max()
        at = np.interp(bounds, coordinate, likelihood)
        return Ends(
            *(e if v >= least else CROSSING for e, v in zip((ends.low, ends.high), at, strict=True))
        )


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
    powers = _powers(model, fit.prior, points, tables)
    chains, size = points.shape[:2]
    within = np.arange(size) * _BLOCKS // size
    block = (np.arange(chains)[:, None] * _BLOCKS + within).ravel()
    found = np.concatenate(
        [
            _log_likelihood(tables, [p[:, i : i + _CHUNK] for p in powers], grid)
            for i in range(0, block.size, _CHUNK)
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


def _sides(prior: CouplingPrior) -> tuple[str, ...]:
    return ("positive", "negative") if prior.signed else ("upper",)


def _powers(
    model: ModelAtDraws, prior: CouplingPrior, points: Array, tables: Sequence[RateTable]
) -> list[Array]:
    """Return the factors of 1, x and x^2 in the counts, each shape (3, draws, merged bins).

    They follow from the counts at three values of x, since these are a polynomial of second order.
    """
    largest = float(prior.product(prior.upper))
    shares = np.array(_SHARES)
    moved = np.repeat(points.reshape(1, -1, points.shape[-1]), shares.size, axis=0)
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
    if experiment.sigma is not None:
        pulls = (_polynomial(powers, grid) - counts) / experiment.sigma.values.ravel()
        return np.asarray(-0.5 * (pulls**2).sum(axis=-1))
    seen = counts > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(_polynomial(powers[..., seen], grid)) @ counts[seen]
    expected = _polynomial(powers.sum(axis=-1, keepdims=True), grid)[..., 0]
    return np.where(np.isnan(logs) | (expected < 0), -np.inf, logs - expected)


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
