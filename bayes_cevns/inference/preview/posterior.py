"""What follows from the marginal likelihood of a coupling: its likelihood, and a posterior."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import xarray as xr
from scipy.interpolate import PchipInterpolator

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.valleys import deep_minima
from bayes_cevns.inference.coupling_likelihood import CouplingLikelihood
from bayes_cevns.inference.modes.coupling_branches import DEPTH
from bayes_cevns.inference.preview.marginal_curve import MarginalCurve
from bayes_cevns.specification.variables import COORDINATE, COUPLING, PRODUCT
from bayes_cevns.summary.fit import Fit

#: Points of the finer grid in each interval of a curve.
_FINER = 16

#: The posterior is represented by quantiles at even distances, laid out like draws.
_CHAINS, _DRAWS = 4, 1000


def likelihood_of(curve: MarginalCurve) -> CouplingLikelihood:
    """Return the marginal likelihood of the amplitude x, which gives limits with any prior.

    Notes
    -----
    The logarithm is interpolated by monotone cubic polynomials (Fritsch and Carlson, SIAM J. Numer.
    Anal. 17 (1980) 238), for each sign by itself where a log prior leaves a gap between them.
    """
    prior = curve.prior
    coordinate = prior.lower + (prior.upper - prior.lower) * curve.share
    parts = [np.ones(coordinate.size, bool)]
    if prior.kind == "log" and prior.signed:
        parts = [coordinate < 0.0, coordinate > 0.0]
    finer = [_finer(coordinate[part], curve.log_marginal[part]) for part in parts]
    t, log_likelihood = (np.concatenate(values) for values in zip(*finer, strict=True))
    x = prior.product(t)
    if not np.any(x == 0.0):  # below the least coupling of a log prior nothing changes
        place = int(np.searchsorted(x, 0.0))
        nearest = int(np.argmin(np.abs(x)))
        x = np.insert(x, place, 0.0)
        log_likelihood = np.insert(log_likelihood, place, log_likelihood[nearest])
    return CouplingLikelihood(x, log_likelihood[None], np.zeros(1, np.int64))


def _finer(coordinate: Array, log_marginal: Array) -> tuple[Array, Array]:
    steps = np.arange(_FINER) / _FINER
    inner = coordinate[:-1, None] + np.diff(coordinate)[:, None] * steps
    t = np.append(inner.ravel(), coordinate[-1])
    return t, np.asarray(PchipInterpolator(coordinate, log_marginal)(t))


def limits_of(curve: MarginalCurve, level: float) -> tuple[float, ...]:
    """Return the values of the limits, in the order of `limits`; NaN if it must not be used."""
    found = likelihood_of(curve).limit_values(curve.prior, level)
    return (float("nan"),) * len(found) if curve.reason else found


def posterior_of(curve: MarginalCurve) -> Fit:
    """Return the posterior as a fit whose draws are quantiles at even distances, without noise.

    Limits, bands, regions and figures take it as any fit. Each mode, and each sign, is a branch.
    They are shuffled, always in the same way, so that they count as so many independent draws. The
    nuisances have been integrated out, and are not there.
    """
    prior, likelihood = curve.prior, likelihood_of(curve)
    coordinate = np.clip(prior.coordinate(likelihood.product), prior.lowest, prior.upper)
    height = likelihood.log_draws[0] - likelihood.log_draws.max()
    pieces = _pieces(likelihood.product, height)
    found = [_quantiles(coordinate[piece], np.exp(height[piece])) for piece in pieces]
    weights = np.array([weight for _, weight in found])
    with np.errstate(divide="ignore"):
        log_weight = np.log(weights / weights.sum())
    missing = np.full(weights.size, np.nan)
    columns = {
        "weight": np.exp(log_weight),
        "log_evidence": log_weight,
        "log_evidence_error": np.zeros(weights.size),
        **dict.fromkeys(("rhat", "ess_bulk", "ess_tail"), missing),
        "divergences": np.zeros(weights.size, int),
        "attempts": np.ones(weights.size, int),
        "passed": np.full(weights.size, not curve.reason),
        "reason": np.full(weights.size, curve.reason, dtype=object),
    }
    quality = xr.Dataset({name: ("branch", values) for name, values in columns.items()})
    t = np.stack([points for points, _ in found])
    x = prior.product(t)
    variables = {COORDINATE: t, PRODUCT: x, COUPLING: np.abs(prior.quoted(x))}
    dims = ("branch", "chain", "draw")
    coords = {"chain": np.arange(_CHAINS), "draw": np.arange(_DRAWS)}
    posterior = xr.Dataset({n: (dims, v) for n, v in variables.items()}, coords=coords)
    return Fit(prior, posterior, xr.Dataset(), quality)


def _pieces(product: Array, height: Array) -> Sequence[slice]:
    """Return the parts of a grid between deep minima and on either side of zero."""
    zero = int(np.searchsorted(product, 0.0))
    cuts = sorted({0, zero, *deep_minima(height, DEPTH), product.size - 1})
    return [slice(low, high + 1) for low, high in pairwise(cuts)]


def _quantiles(coordinate: Array, height: Array) -> tuple[Array, float]:
    """Return quantiles at even distances, shape (chain, draw), and the integral."""
    cells = 0.5 * (height[1:] + height[:-1]) * np.diff(coordinate)
    cumulative = np.concatenate([[0.0], np.cumsum(cells)])
    total = float(cumulative[-1])
    if total <= 0.0:
        return np.full((_CHAINS, _DRAWS), coordinate[int(np.argmax(height))]), 0.0
    number = _CHAINS * _DRAWS
    shares = (np.random.default_rng(0).permutation(number) + 0.5) / number
    points = np.interp(shares, cumulative / total, coordinate)
    return points.reshape(_CHAINS, _DRAWS), total
