"""The marginal likelihood of the coupling on a grid, and what it gives with any prior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.display import Displayed
from bayes_cevns.ends import CROSSING, Ends
from bayes_cevns.summary.bounds import VANISHING
from bayes_cevns.summary.cross_validation import LEAST_DRAWS
from bayes_cevns.summary.draws import check_level
from bayes_cevns.summary.limits import Limit, side_of
from bayes_cevns.summary.pareto import pareto_k

#: Averages that are further below the maximum, as logarithms, are made from logarithms.
_LEAST_LOG = -600.0


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

        likelihood = self.mean

        def limit(side: str) -> Limit:
            value, error = self._with_error(lambda v: self._limit(v, prior, level, side))
            return Limit(side, value, error, self._ends(likelihood, prior, side))

        return tuple(limit(side) for side in _sides(prior))

    def limit_values(self, prior: CouplingPrior, level: float) -> tuple[float, ...]:
        """Return the values of `limits`, without their errors."""
        return tuple(self._limit(self.mean, prior, level, side) for side in _sides(prior))

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
        return pareto_k(log_weights)

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
        cells = 0.5 * (self.mean[1:] + self.mean[:-1]) * self._steps(prior)
        cumulative = np.concatenate([[0.0], np.cumsum(cells)])
        coordinate = np.clip(prior.coordinate(self.product), prior.lowest, prior.upper)
        return prior.product(np.interp(shares, cumulative / cumulative[-1], coordinate))

    def averaged(self) -> CouplingLikelihood:
        """Return the mean over draws as if it were one draw: the same function, without errors."""
        with np.errstate(divide="ignore"):
            return replace(self, log_draws=np.log(self.mean)[None], block=np.zeros(1, np.int64))

    @cached_property
    def mean(self) -> Array:
        """The marginal likelihood, up to a constant, shape (n,)."""
        return self._mean(np.ones(self.block.size, bool))

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
        steps, top = self._steps(prior), log_values.max(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            heights = np.exp(log_values - top[:, None])
            found = np.log(0.5 * ((heights[:, 1:] + heights[:, :-1]) @ steps)) + top
        # Far below the maximum exponentials lose digits.
        for row in np.flatnonzero(~(found - top > _LEAST_LOG)):
            middle = np.logaddexp(log_values[row, 1:], log_values[row, :-1]) - np.log(2.0)
            found[row] = logsumexp(middle, b=steps)
        return np.asarray(found)

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


def _sides(prior: CouplingPrior) -> tuple[str, ...]:
    return ("positive", "negative") if prior.signed else ("upper",)
