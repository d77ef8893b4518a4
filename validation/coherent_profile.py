"""Profile likelihood of an experiment with one run, in plain NumPy: a referee of the PyMC model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.tables.shape_axes import ShapeAxis

type Array = NDArray[np.float64]
#: Counts at the nodes of some axes, the axes, and the nuisances that scale them.
type Part = tuple[Array, tuple[str, ...], tuple[str, ...]]

SIGNAL = "sns_yield"


@dataclass(frozen=True)
class Profile:
    """Deviance of an experiment as a function of its nuisances, the scale `SIGNAL` free.

    Attributes
    ----------
    experiment
        One run, a Poisson likelihood, all signals with the same scales.
    held
        Nuisances that stay at their nominal values.
    signal
        Another signal, in counts by bin, in place of the experiment's own.
    """

    experiment: Experiment
    held: frozenset[str] = frozenset()
    signal: Array | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Nuisances that are fitted."""
        return tuple(n for n in self.experiment.nuisances() if n not in self.held)

    @cached_property
    def _parts(self) -> tuple[Part, ...]:
        one = self.experiment
        scales = one.signals[0].scaled_by
        if self.signal is not None:
            first: Part = (self.signal, (), scales)
        else:
            table: xr.DataArray = RateTable(one, None).counts().sel(component="sm")
            axes = tuple(axis.name for axis in one.signal_axes)
            first = (self._at_nominal(table, axes), self._fitted(axes), scales)
        others = []
        for part in one.backgrounds:
            axes = tuple(axis.name for axis in part.axes)
            others.append((self._at_nominal(part.values, axes), self._fitted(axes), part.scaled_by))
        return (first, *others)

    def _fitted(self, axes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(axis for axis in axes if axis not in self.held)

    def _at_nominal(self, table: xr.DataArray, axes: tuple[str, ...]) -> Array:
        """Return counts at the nodes of the axes that are fitted, shape (*nodes, bins)."""
        values = np.asarray(table.transpose(*axes, "run", "bin").isel(run=0).values)
        position = 0
        for axis in axes:
            if axis in self.held:
                nominal = self.experiment.card.nuisance[axis].nominal
                weights = self._axes[axis].weights_at(nominal)
                values = np.tensordot(weights, values, axes=(0, position))
            else:
                position += 1
        return values

    @cached_property
    def _axes(self) -> dict[str, ShapeAxis]:
        parts = self.experiment.backgrounds
        every = (*self.experiment.signal_axes, *(axis for part in parts for axis in part.axes))
        return {axis.name: axis for axis in every}

    def counts(self, at: dict[str, float]) -> list[Array]:
        """Return the expected counts of the signal and of each background."""
        found = []
        for values, axes, scales in self._parts:
            for axis in axes:
                values = np.tensordot(self._axes[axis].weights_at(at[axis]), values, axes=1)
            found.append(values * np.prod([at.get(name, 1.0) for name in scales]))
        return found

    def deviance(self, at: dict[str, float]) -> float:
        """Return minus twice the log-likelihood, with the normal constraints of the card."""
        mean = np.maximum(np.sum(self.counts(at), axis=0), 1e-9)
        observed = self.experiment.observed.values.ravel()
        total = 2.0 * float(np.sum(mean - observed * np.log(mean)))
        for name in self.names:
            if name != SIGNAL:
                centre, width = self._constraint(name)
                total += ((at[name] - centre) / width) ** 2
        return total

    def _constraint(self, name: str) -> tuple[float, float]:
        normal = self.experiment.card.nuisance[name].prior.mean_and_sd
        if normal is None or not isinstance(normal[1], float):
            raise TypeError(f"expected a normal constraint of {name}")
        return normal[0], normal[1]

    def fit(
        self, begin: dict[str, float] | None = None, **fixed: float
    ) -> tuple[dict[str, float], float]:
        """Return the best nuisances and the deviance there, with some nuisances fixed.

        The search begins at nominal nuisances, or at those of `begin`.
        """
        free = [name for name in self.names if name not in fixed]
        widths = [1.0 if n == SIGNAL else self._constraint(n)[1] for n in free]
        priors = [self.experiment.card.nuisance[name].prior for name in free]
        start = [
            begin[name] if begin else self.experiment.card.nuisance[name].nominal for name in free
        ]

        def at(scaled: Array) -> dict[str, float]:
            moved = {n: float(x * w) for n, x, w in zip(free, scaled, widths, strict=True)}
            return moved | fixed

        bounds = [tuple(np.asarray(p.support) / w) for p, w in zip(priors, widths, strict=True)]
        found = minimize(
            lambda scaled: self.deviance(at(scaled)),
            np.divide(start, widths),
            method="L-BFGS-B",
            bounds=bounds,
            options={"ftol": 1e-12, "maxfun": 20_000},
        )
        return at(found.x), float(found.fun)

    def interval(self, name: str, reach: float) -> tuple[float, float, float]:
        """Return the best value of a nuisance and where the deviance has risen by one.

        Parameters
        ----------
        reach
            A distance that is beyond both ends; the lower one is at least zero.
        """
        best, least = self.fit()

        def rise(value: float) -> float:
            return self.fit(best, **{name: value})[1] - least - 1.0

        centre = best[name]
        below = max(centre - reach, 0.0)
        low = brentq(rise, below, centre, xtol=1e-3) if rise(below) > 0 else below
        return centre, low, float(brentq(rise, centre, centre + reach, xtol=1e-3))
