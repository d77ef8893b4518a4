"""Projected 90% limits of experiments without data, from the rate tables of their cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import bayes_cevns as bc
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.physics.interactions import interaction

type Array = NDArray[np.float64]

#: Delta chi^2 of 90% CL with one degree of freedom.
CHI2 = 2.705543
#: Projections of papers count electrons with the step function.
STEPPING = bc.Theory(atoms="stepping")
_DRAWS = {"draws": 1000, "tune": 300, "chains": 4, "cores": 2}


@cache
def components(name: str, new: str, mass_mev: float) -> Array:
    """Return the factors of 1, x and x^2 in each bin of a card, shape (3, bins)."""
    table = RateTable(bc.experiment(name), interaction(new), STEPPING)
    counts = table.counts(mass_mev).sum("run")
    return np.asarray(counts.isel({axis.name: 0 for axis in table.experiment.signal_axes}).values)


def first_crossing(statistic: Callable[[float], float], level: float) -> float:
    """Return g at which a statistic first exceeds a level, coming from zero."""
    g = np.geomspace(1e-9, 1e2, 111)
    for _ in range(3):
        first = next((i for i, value in enumerate(g) if statistic(float(value)) > level), None)
        if first is None:
            return float("nan")
        if first == 0:
            return float(g[0])
        g = np.geomspace(g[first - 1], g[first], 11)
    return float(g[-1])


def profile_limit(name: str, new: str, mass_mev: float, sign: float = 1.0) -> float:
    """Return g of 90% CL from Poisson's likelihood of Asimov data, its nuisances profiled."""
    parts = components(name, new, mass_mev)
    card = bc.experiment(name).card
    backgrounds = [b.values.values.ravel() for b in bc.experiment(name).backgrounds]
    data = parts[0] + sum(backgrounds)
    (signal,) = card.signal.values()
    scales = [*signal.scaled_by, *(b.scaled_by[0] for b in card.background.values())]
    widths = np.array([card.nuisance[scale].prior.mean_and_sd[1] for scale in scales])

    def deviance(pulls: Array, x: float) -> float:
        scale = np.maximum(1.0 + widths * pulls, 1e-6)
        mean = scale[0] * (parts[0] + x * parts[1] + x**2 * parts[2])
        mean = np.maximum(mean + sum(s * b for s, b in zip(scale[1:], backgrounds, strict=True)), 0)
        with np.errstate(divide="ignore"):
            logarithm = np.where(data > 0, data * np.log(data / np.maximum(mean, 1e-300)), 0.0)
        return float(2.0 * (mean - data + logarithm).sum() + (pulls**2).sum())

    def profiled(g: float) -> float:
        start = np.zeros(widths.size)
        if deviance(start, sign * g**2) > 1e9:  # far beyond any limit
            return np.inf
        found = minimize(deviance, start, args=(sign * g**2,), method="Nelder-Mead")
        return float(found.fun)

    return first_crossing(profiled, CHI2)


def credible_limits(
    name: str, new: str, masses_mev: Sequence[float], side: str = "upper"
) -> list[float]:
    """Return g of 90% credibility with a flat prior in x from Asimov data."""
    found = bc.scan(
        [bc.asimov(bc.experiment(name), theory=STEPPING)],
        interaction=new,
        atoms=STEPPING.atoms,
        masses_mev=list(masses_mev),
        seed=1,
        settings=bc.SamplerSettings(**_DRAWS),
    )
    limits = [bc.limits(point.fit, level=0.9) for point in found.points]
    return [next(limit.value for limit in each if limit.side == side) for each in limits]


def text(values: Sequence[float]) -> str:
    """Return limits as a row prints them."""
    return " / ".join(f"{value:.3g}" for value in values)
