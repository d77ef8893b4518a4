"""Draws from the branches of a posterior, with their weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.bounds import within
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.checks import between, decimal, numbers
from bayes_cevns.summary.diagnostics import ess_mean

#: Least number of draws a chain with which a branch is used.
_LEAST = 8


@dataclass(frozen=True, eq=False, repr=False)
class WeightedDraws(Displayed):
    """Draws of one quantity from all branches.

    Attributes
    ----------
    values
        Shape (branch, chain, draw).
    weight
        Posterior probability of each branch, shape (branch,), sums to one.
    log_evidence_error
        Standard error of the log-evidence of each branch, shape (branch,).
    """

    values: Array
    weight: Array
    log_evidence_error: Array

    @classmethod
    def of(cls, name: str, posterior: xr.Dataset, quality: xr.Dataset) -> WeightedDraws:
        """Take one variable of a posterior with dims (branch, chain, draw)."""
        return cls(
            posterior[name].transpose("branch", "chain", "draw").values,
            quality["weight"].values,
            np.nan_to_num(quality["log_evidence_error"].values.astype(float)),
        )

    def mapped(self, values: Array) -> WeightedDraws:
        """Return the same draws with other values, of the same shape."""
        return WeightedDraws(values, self.weight, self.log_evidence_error)

    def where(self, condition: NDArray[np.bool_]) -> WeightedDraws:
        """Return the draws that fulfil a condition, shape of `values`.

        The draws of a branch are arranged in the same number of chains, in their order. Branches
        with fewer than `_LEAST` draws a chain are left out; there may be no branch left.
        """
        chains = self.values.shape[1]
        parts, weights, errors = [], [], []
        size = self.values.shape[1] * self.values.shape[2]
        for values, inside, weight, error in zip(
            self.values, condition, self.weight, self.log_evidence_error, strict=True
        ):
            found = values[inside]
            if found.size >= _LEAST * chains and weight > 0:
                parts.append(found)
                weights.append(weight * found.size / size)
                errors.append(error)
        if not parts:
            return WeightedDraws(np.empty((0, *self.values.shape[1:])), np.empty(0), np.empty(0))
        longest = max(part.size for part in parts) // chains
        places = [np.linspace(0, part.size - 1, longest * chains).round() for part in parts]
        laid = [
            part[at.astype(int)].reshape(chains, longest)
            for part, at in zip(parts, places, strict=True)
        ]
        shares = np.array(weights) / np.sum(weights)
        return WeightedDraws(np.stack(laid), shares, np.array(errors))

    def flat(self) -> tuple[Array, Array]:
        """Return all draws in increasing order with their weights, which sum to one."""
        values = self.values.ravel()
        per_draw = np.repeat(self.weight / self.values[0].size, self.values[0].size)
        order = np.argsort(values, kind="stable")
        return values[order], per_draw[order]

    def probability(self, low: float, high: float) -> float:
        """Return the posterior probability of low <= value < high."""
        inside = (self.values >= low) & (self.values < high)
        return float(inside.mean(axis=(1, 2)) @ self.weight)

    def resampled(self) -> Array:
        """Return draws of equal weight, evenly thinned from each branch, shape (n,)."""
        size = self.values[0].size
        parts = [
            branch.T.ravel()[np.linspace(0, size - 1, round(w * size)).astype(int)]
            for branch, w in zip(self.values, self.weight, strict=True)
            if round(w * size) > 0
        ]
        return np.concatenate(parts)

    def quantile(self, level: float, *, where: NDArray[np.bool_] | None = None) -> Quantile:
        """Return a quantile with its Monte-Carlo error.

        Parameters
        ----------
        level
            In (0, 1).
        where
            Condition, shape of `values`: the quantile of the draws that fulfil it.

        Notes
        -----
        The standard error of the distribution function at the quantile comes from the
        effective sample size of its ratio estimator in each branch and from the errors of
        the evidences; the quantiles at level +- that error give the error of the quantile
        (as `arviz.mcse` does for one branch).
        """
        check_level(level)
        inside = np.ones(self.values.shape, dtype=bool) if where is None else where
        weights = np.broadcast_to(
            (self.weight / self.values[0].size)[:, None, None], self.values.shape
        )
        values, weights = self.values[inside], weights[inside]
        total = float(weights.sum())
        if values.size == 0 or total <= 0:
            return Quantile(np.nan, np.nan, 0.0)
        order = np.argsort(values, kind="stable")
        values, cumulative = values[order], np.cumsum(weights[order]) / total
        point = _invert(values, cumulative, level)

        variance = 0.0
        below = (self.values <= point) & inside
        score = (below.astype(float) - level * inside) / total
        for branch, weight, error in zip(score, self.weight, self.log_evidence_error, strict=True):
            spread = float(np.var(branch))
            if spread > 0:
                effective = float(ess_mean(branch[None])[0])
                variance += weight**2 * spread / effective
            variance += (weight * float(np.mean(branch)) * error) ** 2
        step = float(np.sqrt(variance))
        low = _invert(values, cumulative, max(level - step, 0.0))
        high = _invert(values, cumulative, min(level + step, 1.0))
        return Quantile(point, 0.5 * (high - low), total)


@dataclass(frozen=True)
class Quantile:
    """A quantile, its Monte-Carlo standard error and the probability of its condition."""

    value: float
    mc_error: float
    probability: float


def check_level(level: float, *, what: str = "a credible level") -> float:
    """Return a level as a plain float, after checking that it lies between 0 and 1.

    Raises
    ------
    ArgumentError
        If it does not.
    """
    return between(level, 0.0, 1.0, what=what, example="0.9")


def check_levels(levels: ArrayLike) -> tuple[float, ...]:
    """Return credible levels in increasing order, after checking each of them.

    Raises
    ------
    ArgumentError
        If there is none, one does not lie between 0 and 1, or one comes twice.
    """
    numbers(levels, what="credible levels")
    given = np.atleast_1d(decimal(levels))
    found = sorted(check_level(level) for level in given.ravel())
    if not found or len({f"{level:g}" for level in found}) < len(found):
        texts = ", ".join(f"{level:g}" for level in found[:20]) or "none"
        raise ArgumentError(f"expected one credible level or more, each once, got {texts}")
    within("levels", len(found))
    return tuple(found)


def _invert(values: Array, cumulative: Array, level: float) -> float:
    """Invert a distribution function, linear between its steps."""
    return float(np.interp(level, cumulative, values))
