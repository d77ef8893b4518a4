"""Profile likelihoods of counting experiments, from their cards and tables, without PyMC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline
from scipy.optimize import brentq, minimize

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.physics.interactions import interaction as get_interaction

type Array = NDArray[np.float64]

#: Flux of 8B in 1e6 per cm2 s at which the tables are made.
FLUX_E6 = 5.46
#: -2 ln L above its minimum at 68% and 90% CL for one parameter.
ONE_SIGMA, NINETY = 1.0, 2.71


@dataclass(frozen=True, eq=False)
class Counting:
    """One bin with one background, a signal efficiency and perhaps the axis of a charge yield.

    Attributes
    ----------
    experiment
        With the nuisances ``signal_efficiency`` and ``background``.
    """

    experiment: Experiment

    @classmethod
    def of(cls, name: str) -> Counting:
        """Return an experiment by its name."""
        return cls(bc.experiment(name))

    @property
    def observed(self) -> float:
        """Observed events."""
        return float(self.experiment.observed.item())

    @cached_property
    def background(self) -> float:
        """Expected background."""
        (part,) = self.experiment.backgrounds
        return float(part.values.item())

    def width(self, nuisance: str) -> float:
        """Return the standard deviation of a nuisance of the card."""
        normal = self.experiment.card.nuisance[nuisance].prior.mean_and_sd
        if normal is None or not isinstance(normal[1], float):
            raise ValueError(f"{nuisance} of {self.experiment.name} has no single width")
        return normal[1]

    def signal(self, name: str, mass_mev: float | None) -> Callable[[float], Array]:
        """Return a function: charge yield -> Standard Model, and the factors of x and x^2."""
        table = RateTable(self.experiment, None if name == "sm" else get_interaction(name))
        counts = table.counts(mass_mev).squeeze(("run", "bin"))
        if not self.experiment.signal_axes:
            return lambda _: np.asarray(counts.values)
        (axis,) = self.experiment.signal_axes
        values = counts.transpose(axis.name, "component").values
        spline = make_interp_spline(axis.nodes, values, k=3)
        return lambda pull: np.asarray(spline(pull))

    def poisson(self, mean: float) -> float:
        """Return -2 ln L of a mean, zero where it is what was observed."""
        n = self.observed
        logarithm = n * np.log(n / mean) if n else 0.0
        return float(2.0 * (mean - n + logarithm))

    def profiled(self, expected: Callable[[float], float], *, flux_width: float | None) -> float:
        """Return -2 ln L at its minimum over all nuisances.

        Parameters
        ----------
        expected
            Charge yield -> signal events.
        flux_width
            Relative width of the flux, or ``None`` where the flux is what is measured.
        """
        widths = [self.width("signal_efficiency"), self.width("background"), flux_width or 1.0]

        def value(at: Array) -> float:
            signal, background, flux, pull = at
            mean = signal * (flux if flux_width else 1.0) * expected(pull)
            pulls = (at[:3] - 1.0) / widths
            mean += background * self.background
            return self.poisson(max(mean, 1e-9)) + float(pulls @ pulls) + pull**2

        bounds = [(1e-3, 4.0)] * 3 + [(-3.0, 3.0)]
        return float(minimize(value, [1.0, 1.0, 1.0, 0.0], bounds=bounds).fun)


def flux_interval(searches: Sequence[Counting]) -> tuple[float, float, float]:
    """Return the best flux in 1e6 per cm2 s and its 68% interval, at least zero."""
    standard = [float(one.signal("sm", None)(0.0)[0]) for one in searches]
    grid = np.linspace(0.0, 4.0, 41)

    def total(flux: float) -> float:
        return sum(
            one.profiled(lambda _, sm=sm: flux * sm, flux_width=None)
            for one, sm in zip(searches, standard, strict=True)
        )

    curve = make_interp_spline(grid, [total(float(flux)) for flux in grid])
    fine = np.linspace(0.0, 4.0, 8001)
    above = curve(fine) - curve(fine).min()
    inside = fine[above <= ONE_SIGMA]
    return tuple(FLUX_E6 * float(v) for v in (fine[np.argmin(above)], inside[0], inside[-1]))


def coupling_limit(one: Counting, name: str, mass_mev: float, *, sign: float = 1.0) -> float:
    """Return the 90% CL limit on g of one sign of x, from the best fit of that sign."""
    parts = one.signal(name, mass_mev)

    def value(g: float) -> float:
        x = sign * g**2
        powers = np.array([1.0, x, x**2])
        return one.profiled(lambda pull: float(powers @ parts(pull)), flux_width=0.12)

    standard, _, squared = parts(0.0)
    scale = float(np.sqrt(np.sqrt((standard + one.observed) / squared)))
    grid = scale * np.linspace(0.0, 2.0, 21)
    curve = np.array([value(float(g)) for g in grid])
    best = int(np.argmin(curve))
    level = float(curve[best]) + NINETY
    return float(brentq(lambda g: value(g) - level, grid[best], 4.0 * scale, xtol=1e-3 * scale))
