"""The evidence of a whole fit, with or without a coupling, from any number of branches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, logit

from bayes_cevns.arrays import Array
from bayes_cevns.inference.at_draws import ModelAtDraws
from bayes_cevns.inference.modes.bridge import log_evidence
from bayes_cevns.summary.fit import Fit


def fit_evidence(fit: Fit, model: ModelAtDraws, *, seed: int) -> tuple[float, float]:
    """Return the log-evidence of a fit and its standard error.

    Parameters
    ----------
    fit
        The fit.
    model
        Its model, at its mass, with empty bins merged or not: the evidence is the same.
    seed
        Seed of the proposals of bridge sampling.

    Returns
    -------
    tuple of float
        log of the integral of likelihood times prior over all parameters. It has the constants of
        the Poisson or normal density, so that models of the same data can be compared. NaN if the
        evidence of a branch is not known.

    Raises
    ------
    ConvergenceError
        If bridge sampling fails.
    """
    quality = fit.quality
    if fit.prior is None or quality.sizes["branch"] == 1:
        return _bridged(fit, model, seed)
    widths = (quality["high"] - quality["low"]).values
    # Shares of the prior; half of it stands for both halves if they are alike.
    shares = widths / widths.sum()
    log_parts = quality["log_evidence"].values.astype(float) + np.log(shares)
    errors = quality["log_evidence_error"].values.astype(float)
    total = float(np.logaddexp.reduce(log_parts))
    return total, float(np.sqrt(((np.exp(log_parts - total) * errors) ** 2).sum()))


def _bridged(fit: Fit, model: ModelAtDraws, seed: int) -> tuple[float, float]:
    """Return the evidence of one branch by bridge sampling, in coordinates without bounds."""
    ends = [(p.lower, p.upper) for p in model.parameters]
    shift = 0.0
    if fit.prior is not None:
        low, high = (float(fit.quality[name][0]) for name in ("low", "high"))
        ends[0] = (low, high)
        # Half of the prior stands for both halves if they are alike.
        shift = float(np.log((fit.prior.upper - fit.prior.lower) / (high - low)))
    maps = [_Unbounded(*pair) for pair in ends]

    def log_density(at: Array) -> Array:
        columns = [m.natural(at[:, i]) for i, m in enumerate(maps)]
        points = np.stack([values for values, _ in columns], axis=-1)
        slopes = np.sum([slope for _, slope in columns], axis=0)
        of = model.log_likelihood if model.spec.merged else model.log_probability
        total = of(points) + model.log_prior(points).sum(axis=-1) + slopes
        return np.asarray(np.where(np.isnan(total), -np.inf, total))

    points = model.points(fit.posterior.isel(branch=0))
    draws = np.stack([m.unbounded(points[..., i]) for i, m in enumerate(maps)], axis=-1)
    log_z, error = log_evidence(log_density, draws, rng=np.random.default_rng(seed))
    return log_z + shift, error


@dataclass(frozen=True)
class _Unbounded:
    """A map from an interval, which may be infinite on either side, to the real line."""

    lower: float
    upper: float

    def unbounded(self, values: Array) -> Array:
        """Return the logit between two bounds, log(e^distance - 1) from one, or the value."""
        if np.isfinite(self.lower) and np.isfinite(self.upper):
            return np.asarray(logit((values - self.lower) / (self.upper - self.lower)))
        if np.isfinite(self.lower):
            distance = values - self.lower
        elif np.isfinite(self.upper):
            distance = self.upper - values
        else:
            return values
        return np.asarray(distance + np.log(-np.expm1(-distance)))

    def natural(self, at: Array) -> tuple[Array, Array]:
        """Return the value, and the log of its slope."""
        if np.isfinite(self.lower) and np.isfinite(self.upper):
            width = self.upper - self.lower
            slope = log_expit(at) + log_expit(-at) + np.log(width)
            return self.lower + width * expit(at), slope
        if np.isfinite(self.lower):
            return self.lower + np.logaddexp(0.0, at), log_expit(at)
        if np.isfinite(self.upper):
            return self.upper - np.logaddexp(0.0, at), log_expit(at)
        return at, np.zeros_like(at)
