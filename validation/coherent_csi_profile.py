"""Profile likelihood of the COHERENT CsI cards: their expected counts and constraints, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.optimize import brentq, minimize

from bayes_cevns.cards import Experiment
from bayes_cevns.tables.shape_axes import ShapeAxis, spline_coefficients

type Array = NDArray[np.float64]
#: Counts at the nodes of the axes, shape (*nodes, bins), with these axes.
type Part = tuple[tuple[ShapeAxis, ...], Array]


@dataclass(frozen=True, eq=False)
class Fit:
    """A maximum of the likelihood.

    Attributes
    ----------
    deviance
        -2 ln(likelihood x constraints), up to a constant of the data.
    nuisances
        Their values.
    signal
        Expected events of the signals.
    """

    deviance: float
    nuisances: Mapping[str, float]
    signal: float


@dataclass(frozen=True, eq=False)
class Profile:
    """Poisson likelihood of an experiment with normal constraints, maximised over nuisances.

    Attributes
    ----------
    experiment
        The experiment: backgrounds, observed counts and nuisances. A scale of the signals is in
        its `shared` or own nuisances, each of which multiplies all of them.
    parts
        Name -> counts of a part of the signal at the nodes of its axes, the same for all.
    free
        Nuisances without their constraint.
    """

    experiment: Experiment
    parts: Mapping[str, Part]
    free: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The nuisances, in the order of the fit."""
        return tuple(self.experiment.nuisances())

    @cached_property
    def _splines(self) -> dict[str, Part]:
        return {n: (axes, spline_coefficients(axes, v)) for n, (axes, v) in self.parts.items()}

    @cached_property
    def _all(self) -> Part:
        axes = next(iter(self._splines.values()))[0]
        return axes, np.sum([values for _, values in self._splines.values()], axis=0)

    @cached_property
    def _observed(self) -> Array:
        return np.asarray(self.experiment.observed.values, dtype=float).ravel()

    def signal(self, at: Mapping[str, float], factors: Mapping[str, float]) -> Array:
        """Return the expected events of the signals in the bins, each part times its factor."""
        total = self.part(None, at)
        for name, factor in factors.items():
            total = total + (factor - 1.0) * self.part(name, at)
        for scale in self.experiment.signals[0].scaled_by:
            total = total * at[scale]
        return total

    def part(self, name: str | None, at: Mapping[str, float]) -> Array:
        """Return the counts of a part, or of all parts together, without its scales."""
        axes, values = self._all if name is None else self._splines[name]
        for axis in axes:
            values = np.tensordot(_basis(axis, at[axis.name]), values, axes=1)
        return values

    def _background(self, at: Mapping[str, float]) -> Array:
        total = np.zeros(self._observed.shape)
        for part in self.experiment.backgrounds:
            total += np.prod([at[name] for name in part.scaled_by]) * part.values.values.ravel()
        return total

    def _constraints(self, at: Mapping[str, float]) -> float:
        found = 0.0
        for name in self.names:
            normal = self.experiment.card.nuisance[name].prior.mean_and_sd
            if normal is not None and name not in self.free and not isinstance(normal[1], dict):
                found += ((at[name] - normal[0]) / normal[1]) ** 2
        return found

    def deviance(self, at: Mapping[str, float], factors: Mapping[str, float]) -> float:
        """Return -2 ln of the likelihood times constraints, 0 for a perfect fit."""
        mean = np.maximum(self.signal(at, factors) + self._background(at), 1e-9)
        observed = self._observed
        ratio = np.where(observed > 0, observed, 1.0) / mean
        terms = mean - observed + np.where(observed > 0, observed * np.log(ratio), 0.0)
        return float(2 * terms.sum() + self._constraints(at))

    def fit(
        self,
        factors: Mapping[str, float] | None = None,
        *,
        fixed: Mapping[str, float] | None = None,
        events: float | None = None,
        start: Mapping[str, float] | None = None,
    ) -> Fit:
        """Return the maximum over the nuisances.

        Parameters
        ----------
        factors
            Factor of each part of the signal, 1 by default.
        fixed
            Nuisances that stay where they are put.
        events
            Number of signal events that the first scale of the signals is put to give.
        start
            Where to begin, by default at the nominal values.
        """
        factors, fixed, start = factors or {}, dict(fixed or {}), start or {}
        scale = self.experiment.signals[0].scaled_by[0]
        card = self.experiment.card.nuisance
        moving = [
            n for n in self.names if n not in fixed and not (events is not None and n == scale)
        ]

        def place(x: Array) -> dict[str, float]:
            at = {**fixed, **dict(zip(moving, map(float, x), strict=True))}
            if events is not None:
                at[scale] = 1.0
                at[scale] = events / float(self.signal(at, factors).sum())
            return at

        bounds = [self._bounds(n) for n in moving]
        first = np.array([start.get(n, card[n].nominal) for n in moving])
        found = minimize(
            lambda x: self.deviance(place(x), factors),
            first,
            method="L-BFGS-B",
            bounds=bounds,
            options={"ftol": 1e-9, "maxiter": 500},
        )
        at = place(found.x)
        return Fit(float(found.fun), at, float(self.signal(at, factors).sum()))

    def _bounds(self, name: str) -> tuple[float | None, float | None]:
        low, high = self.experiment.card.nuisance[name].prior.support
        return (low if np.isfinite(low) else None, high if np.isfinite(high) else None)

    def error_of_background_alone(self) -> float:
        """Return the error of the number of events if the signal itself did not fluctuate.

        N / sqrt(sum s^2 / b) at the best fit, all nuisances known.
        """
        best = self.fit()
        signal, background = self.signal(best.nuisances, {}), self._background(best.nuisances)
        return float(best.signal / np.sqrt(np.sum(signal**2 / background)))

    def events(self) -> tuple[float, float, float]:
        """Return the fitted number of signal events and its 68% interval, from the likelihood."""
        best = self.fit()

        def excess(number: float) -> float:
            fit = self.fit(events=number, start=best.nuisances)
            return fit.deviance - best.deviance - 1.0

        step = 2.0 * np.sqrt(self._observed.sum())
        low = brentq(excess, max(best.signal - step, 1.0), best.signal, xtol=0.2)
        high = brentq(excess, best.signal, best.signal + step, xtol=0.2)
        return best.signal, float(low), float(high)


def interval(at: Array, deviance: Array, rise: float) -> list[tuple[float, float]]:
    """Return where a curve is less than `rise` above its minimum: one interval or several."""
    below = deviance - deviance.min() - rise
    edges = np.flatnonzero(np.sign(below[:-1]) * np.sign(below[1:]) < 0)
    part = below[edges] / (below[edges] - below[edges + 1])
    places = at[edges] + part * (at[edges + 1] - at[edges])
    if below[0] <= 0:
        places = np.append(at[0], places)
    if below[-1] <= 0:
        places = np.append(places, at[-1])
    return [(float(a), float(b)) for a, b in places.reshape(-1, 2)]


@cache
def _splines_of(axis: ShapeAxis) -> BSpline:
    return BSpline(np.asarray(axis.knots), np.eye(len(axis.nodes)), 3)


def _basis(axis: ShapeAxis, at: float) -> Array:
    """Return the values of the B-splines of an axis at a place."""
    return np.asarray(_splines_of(axis)(at))
