"""Convergence of Markov chains: R-hat and effective sample sizes of many quantities at once.

The definitions are those of Vehtari et al., Bayesian Analysis 16 (2021) 667, and the numbers those
of ArviZ, which finds them one quantity after the other, and takes longer to load than a fit takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed

#: Fewest chains and draws for R-hat; an effective sample size needs one chain.
_LEAST_CHAINS, _LEAST_DRAWS = 2, 4

#: Probabilities of the two quantiles whose effective sample size is that of the tails.
_TAILS = (0.05, 0.95)

#: Quantities that are judged at once, to save memory.
_AT_ONCE = 64

#: Draws whose range is smaller than this are constant.
_CONSTANT = float(np.finfo(float).resolution)


@dataclass(frozen=True, eq=False, repr=False)
class Convergence(Displayed):
    """What tells whether chains have converged, of each quantity.

    Attributes
    ----------
    rhat
        Rank-normalised split R-hat, the larger of that of the draws and of their distances from the
        median; shape (n,).
    ess_bulk, ess_tail
        Effective sample sizes: of the rank-normalised draws, and the smaller one of the 5% and 95%
        quantiles; shape (n,).
    """

    rhat: Array
    ess_bulk: Array
    ess_tail: Array


def convergence(values: Array) -> Convergence:
    """Return R-hat and effective sample sizes.

    Parameters
    ----------
    values
        Draws, shape (n, chain, draw).

    Returns
    -------
    Convergence
        NaN for a quantity with a NaN among its draws, and where there are fewer than four draws;
        R-hat also for a single chain, and for draws that are all the same.
    """
    starts = range(0, len(values), _AT_ONCE)
    parts = [np.stack(_together(values[start : start + _AT_ONCE])) for start in starts]
    return Convergence(*np.concatenate([np.empty((3, 0)), *parts], axis=1))


def ess_bulk(values: Array) -> Array:
    """Return the bulk effective sample size of each quantity, from (n, chain, draw) to (n,)."""
    return _where_valid(_effective(_normal_scores(_split(values))), values)


def ess_mean(values: Array) -> Array:
    """Return the effective sample size for the mean, from (n, chain, draw) to (n,)."""
    return _where_valid(_effective(_split(np.asarray(values, dtype=float))), values)


def _together(values: Array) -> tuple[Array, Array, Array]:
    """Return R-hat, bulk and tail effective sample sizes."""
    if values.shape[2] < _LEAST_DRAWS:
        nothing = np.full(len(values), np.nan)
        return nothing, nothing, nothing
    halves = _split(values)
    scores = _normal_scores(halves)
    with np.errstate(invalid="ignore"):  # NaN among the draws
        folded = np.abs(halves - np.median(halves, axis=(1, 2), keepdims=True))
    bulk, spread = _rhat(scores), _rhat(_normal_scores(folded))
    # Of draws that are all equally far from their median, R-hat is that of the draws alone.
    rhat = np.where(spread > bulk, spread, bulk)
    if values.shape[1] < _LEAST_CHAINS:
        rhat = np.full(len(values), np.nan)
    ends = np.quantile(values, _TAILS, axis=(1, 2))[..., None, None]
    tails = [_effective(_split((values <= end).astype(float))) for end in ends]
    return (
        _where_valid(rhat, values),
        _where_valid(_effective(scores), values),
        _where_valid(np.minimum(*tails), values),
    )


def _where_valid(found: Array, values: Array) -> Array:
    """Return NaN for quantities with too few draws, or with NaN among them."""
    if values.shape[2] < _LEAST_DRAWS:
        return np.full(len(values), np.nan)
    return np.where(np.isnan(values).any(axis=(1, 2)), np.nan, found)


def _split(values: Array) -> Array:
    """Return each half of a chain as a chain, from (n, chain, draw) to (n, 2 chain, draw / 2)."""
    half = values.shape[2] // 2
    return np.concatenate([values[..., :half], values[..., -half:]], axis=1)


def _normal_scores(values: Array) -> Array:
    """Return the normal quantiles of the ranks of all draws of a quantity (Blom 1958).

    Equal draws, which a rejected step leaves, have the mean of their ranks.
    """
    flat = values.reshape(len(values), -1)
    size = flat.shape[1]
    order = np.argsort(flat, axis=1)
    in_order = np.take_along_axis(flat, order, axis=1)
    is_first = np.ones(flat.shape, bool)
    is_first[:, 1:] = in_order[:, 1:] != in_order[:, :-1]
    first = np.flatnonzero(is_first)
    counts = np.diff(first, append=flat.size)
    found = np.repeat(_score(first % size + 0.5 * (counts + 1.0), size), counts)
    scores = np.empty(flat.shape)
    np.put_along_axis(scores, order, found.reshape(flat.shape), axis=1)
    return scores.reshape(values.shape)


def _score(ranks: Array, size: int) -> Array:
    return np.asarray(ndtri((ranks - 0.375) / (size + 0.25)))


def _rhat(values: Array) -> Array:
    """Return R-hat of draws as they are, from (n, chain, draw) to (n,)."""
    size = values.shape[2]
    between = size * np.var(values.mean(axis=2), axis=1, ddof=1)
    within = np.var(values, axis=2, ddof=1).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt((between / within + size - 1) / size))


def _effective(values: Array) -> Array:
    """Return the effective sample size of draws as they are, from (n, chain, draw) to (n,).

    Autocorrelations are summed in pairs of an even and the next odd lag up to the first pair
    with a sum below zero (Geyer's initial positive sequence), no pair more than the one before it
    (initial monotone sequence): Geyer, Stat. Sci. 7 (1992) 473.
    """
    chains, size = values.shape[1:]
    covariance = _autocovariance(values)
    variance = covariance[:, 0] * size / (size - 1.0)
    total = covariance[:, 0].copy()
    if chains > 1:
        total += np.var(values.mean(axis=2), axis=1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = 1.0 - (variance[:, None] - covariance) / total[:, None]
    rho[:, 0] = np.where(np.isnan(total), np.nan, 1.0)
    pairs = rho[:, 0 : 2 * (size // 2) : 2] + rho[:, 1 : 2 * (size // 2) : 2]
    last = _last_pair(pairs, size)
    rows = np.arange(len(values))
    kept = np.where(np.arange(pairs.shape[1]) < last[:, None], pairs, 0.0)
    even = rho[rows, 2 * last]
    counted = (even > 0) | (pairs[rows, last] >= 0)
    time = -1.0 + 2.0 * _monotone(kept).sum(axis=1) + np.where(counted, even, 0.0)
    time = np.maximum(time, 1.0 / np.log10(chains * size))
    found = chains * size / np.where(np.isnan(rho[:, 1]), np.nan, time)
    with np.errstate(invalid="ignore"):
        constant = np.ptp(values, axis=(1, 2)) < _CONSTANT
    return np.asarray(np.where(constant, chains * size, found))


def _last_pair(pairs: Array, size: int) -> NDArray[np.intp]:
    """Return the number of the first pair that is not positive, or of the last that may be used."""
    most = max(0, (size - 3) // 2)
    stops = ~(pairs[:, : most + 1] > 0)
    stops[:, most] = True
    return np.argmax(stops, axis=1)


def _monotone(pairs: Array) -> Array:
    """Return pairs none of which is more than the one before it."""
    return np.asarray(np.minimum.accumulate(pairs, axis=1))


def _autocovariance(values: Array) -> Array:
    """Return the autocovariance at every lag, the mean over chains: to shape (n, draw)."""
    size = values.shape[2]
    length = 1 << (2 * size - 1).bit_length()
    spectrum = np.fft.rfft(values - values.mean(axis=2, keepdims=True), n=length, axis=2)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=1)
    return np.asarray(np.fft.irfft(power, n=length, axis=1)[:, :size] / size)
