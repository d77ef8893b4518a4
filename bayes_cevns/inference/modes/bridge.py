"""Evidence of a sampled posterior by bridge sampling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ConvergenceError
from bayes_cevns.summary.diagnostics import ess_mean

_ITERATIONS = 1000
_TOLERANCE = 1e-8


def log_evidence(
    log_density: Callable[[Array], Array], draws: Array, *, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the log of the integral of a density by bridge sampling, with its error.

    Parameters
    ----------
    log_density
        Unnormalised log-density on R^d, from points (n, d) to (n,).
    draws
        Draws from it, shape (chain, draw, d).
    rng
        Random numbers for the proposal.

    Returns
    -------
    tuple of float
        log Z and its standard error.

    Raises
    ------
    ConvergenceError
        If the draws are too few for a proposal, the log-density of one is not finite, or the
        iteration does not converge.

    Notes
    -----
    The optimal bridge of Meng and Wong, Statistica Sinica 6 (1996) 831, iterated as in
    Gronau et al., J. Math. Psychol. 81 (2017) 80: a normal proposal is fitted to the first
    half of each chain, the second half and as many draws of the proposal enter the bridge,
    the former with their effective sample size. The error is that of Fruehwirth-Schnatter,
    Econometrics Journal 7 (2004) 143, eq. 9.
    """
    half = draws.shape[1] // 2
    dimension = draws.shape[2]
    fit = draws[:, :half].reshape(-1, dimension)
    kept = draws[:, half:]
    posterior = kept.reshape(-1, dimension)
    try:
        proposal = _Normal.of(fit)
    except np.linalg.LinAlgError:
        raise ConvergenceError(
            f"bridge sampling cannot fit a normal density in {dimension} dimensions to "
            f"{len(fit)} draws"
        ) from None
    proposed = proposal.drawn(len(posterior), rng)

    # log of (density / proposal) on draws of either.
    ratio_posterior = log_density(posterior) - proposal.log_density(posterior)
    ratio_proposal = log_density(proposed) - proposal.log_density(proposed)
    if not np.all(np.isfinite(ratio_posterior)):
        raise ConvergenceError("bridge sampling met draws whose log-density is not finite")
    effective = float(ess_mean(ratio_posterior.reshape(1, *kept.shape[:2]))[0])
    s1 = effective / (effective + len(proposed))
    s2 = 1.0 - s1

    log_z = float(np.median(ratio_posterior))
    for _ in range(_ITERATIONS):
        upper = ratio_proposal - np.logaddexp(np.log(s1) + ratio_proposal, np.log(s2) + log_z)
        lower = -np.logaddexp(np.log(s1) + ratio_posterior, np.log(s2) + log_z)
        new = float(logsumexp(upper) - np.log(upper.size) - logsumexp(lower) + np.log(lower.size))
        converged = abs(new - log_z) < _TOLERANCE
        log_z = new
        if converged:
            break
    else:
        raise ConvergenceError(f"bridge sampling did not converge in {_ITERATIONS} iterations")

    f1 = np.exp(upper - np.log(np.mean(np.exp(upper - upper.max()))) - upper.max())
    f2 = np.exp(lower - np.log(np.mean(np.exp(lower - lower.max()))) - lower.max())
    variance = np.var(f1) / len(proposed) + np.var(f2) / effective
    return log_z, float(np.sqrt(variance))


@dataclass(frozen=True, eq=False)
class _Normal:
    """A normal density: its mean, and the Cholesky factor of its covariance."""

    mean: Array
    factor: Array

    @classmethod
    def of(cls, points: Array) -> _Normal:
        """Return the one with mean and covariance of some points; `LinAlgError` if it has none."""
        covariance = np.atleast_2d(np.cov(points, rowvar=False))
        if not np.all(np.isfinite(covariance)):
            raise np.linalg.LinAlgError("too few points")
        return cls(points.mean(axis=0), np.linalg.cholesky(covariance))

    def drawn(self, number: int, rng: np.random.Generator) -> Array:
        return self.mean + rng.standard_normal((number, self.mean.size)) @ self.factor.T

    def log_density(self, points: Array) -> Array:
        scaled = solve_triangular(self.factor, (points - self.mean).T, lower=True)
        constant = np.log(self.factor.diagonal()).sum() + 0.5 * self.mean.size * np.log(2.0 * np.pi)
        return np.asarray(-0.5 * (scaled**2).sum(axis=0) - constant)
