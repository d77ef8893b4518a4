"""The evidence of a branch by importance sampling that also covers modes without any draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import logsumexp

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ConvergenceError

#: Points of the first round; every further round has as many as all before.
_POINTS = 4096
_ROUNDS = 5

#: Points are added until the standard error of log Z is this.
_ERROR = 0.015

#: The Student t around the draws: wider than the draws by this factor, and with longer tails.
_WIDENING = 1.2
_DEGREES_OF_FREEDOM = 10


def spread_evidence(
    log_density: Callable[[Array], Array],
    draws: Array,
    *,
    uniform: int,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Return the log of the integral of a density by importance sampling, with its error.

    Parameters
    ----------
    log_density
        Unnormalised log-density on R^d, from points (n, d) to (n,).
    draws
        Draws from it, shape (chain, draw, d), to which the proposal is fitted.
    uniform
        Number of leading coordinates that are logits of numbers in (0, 1). Half of the proposal
        has these numbers uniform in (0, 1), wherever the draws are.
    rng
        Random numbers.

    Returns
    -------
    tuple of float
        log Z and its standard error.

    Raises
    ------
    ConvergenceError
        If no point has a finite density.

    Notes
    -----
    Bridge sampling takes the shape of the posterior from the draws, so that a mode that the sampler
    missed is missing in its result too. Here half of the points have the couplings uniform in the
    prior, and a missed mode makes log Z larger. The other half lies where the draws are, so that
    the error stays small if the posterior is much narrower than the prior (a defensive mixture:
    Hesterberg, Technometrics 37 (1995) 185). Points are added until the error is small enough, in
    five rounds at most.
    """
    flat = draws.reshape(-1, draws.shape[-1])
    near = _student(flat, rng)
    rest = _student(flat[:, uniform:], rng) if flat.shape[1] > uniform else None
    log_weights = np.empty(0)
    log_z, error = -np.inf, np.inf
    for round_ in range(_ROUNDS):
        count = _POINTS * 2 ** max(round_ - 1, 0)
        half = count // 2
        points = rng.logistic(size=(half, uniform))
        if rest is not None:
            points = np.concatenate([points, rest.rvs(size=half).reshape(half, -1)], axis=1)
        points = np.concatenate([points, near.rvs(size=half).reshape(half, -1)])
        logits = points[:, :uniform]
        everywhere = -(np.logaddexp(0.0, logits) + np.logaddexp(0.0, -logits)).sum(axis=1)
        if rest is not None:
            everywhere = everywhere + np.atleast_1d(rest.logpdf(points[:, uniform:]))
        log_proposal = np.logaddexp(everywhere, np.atleast_1d(near.logpdf(points))) - np.log(2.0)
        log_weights = np.concatenate([log_weights, log_density(points) - log_proposal])
        log_z, error = _mean(log_weights)
        if error <= _ERROR:
            break
    if not np.isfinite(log_z):
        raise ConvergenceError("no point of this branch has a finite log-density")
    return log_z, error


def _student(draws: Array, rng: np.random.Generator) -> Any:
    """Return a Student t distribution around draws, shape (n, d), wider than they are."""
    from scipy.stats import multivariate_t

    spread = _WIDENING**2 * np.atleast_2d(np.cov(draws, rowvar=False))
    return multivariate_t(draws.mean(axis=0), spread, df=_DEGREES_OF_FREEDOM, seed=rng)


def _mean(log_weights: Array) -> tuple[float, float]:
    """Return the log of the mean of weights, and its standard error."""
    log_z = float(logsumexp(log_weights) - np.log(log_weights.size))
    if not np.isfinite(log_z):
        return log_z, np.inf
    scaled = np.exp(log_weights - log_z)
    return log_z, float(np.std(scaled, ddof=1) / np.sqrt(scaled.size))
