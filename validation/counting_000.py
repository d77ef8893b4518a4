"""Limits of arXiv:2411.14206 by its own procedure: events that new physics may add, its eq. 3.1."""

from __future__ import annotations

from functools import cache

import numpy as np

import bayes_cevns as bc
from bayes_cevns.cards import Experiment

#: Least and most events that may be added at 90% CL: its eq. 3.1, and 2.71 for its projection.
ADDED = {
    "PandaX-4T S1+S2": (-2.10, 2.01),
    "PandaX-4T S2 only": (-5.79, 35.59),
    "XENONnT": (-10.50, 9.71),
    "200 t yr": (-2.71, 2.71),
}


@cache
def search(name: str) -> Experiment:
    """Return the experiment of the package whose exposure and events are those of a search."""
    if name == "XENONnT":
        return bc.experiment("xenonnt_cevns").select_runs(["sr0", "sr1"])
    names = {"PandaX-4T S1+S2": "pandax4t_paired", "PandaX-4T S2 only": "pandax4t_us2"}
    return bc.experiment(names.get(name, "xlzd"))


@cache
def coefficients(name: str, interaction: str, mass_mev: float) -> tuple[float, float]:
    """Return a and b of the events a x + b x^2 that a mediator adds to a search."""
    runs = bc.expected_counts(
        search(name), interaction=interaction, mass_mev=mass_mev, coupling_product=1.0
    ).values()
    linear, quadratic = (sum(run[part] for run in runs) for part in ("interference", "new_physics"))
    return linear, quadratic


def largest_coupling(name: str, interaction: str, mass_mev: float, sign: int = -1) -> float:
    """Return g = sqrt(|x|) beyond which a search has too many events, for x of one sign."""
    a, b = coefficients(name, interaction, mass_mev)
    x = (-sign * a + np.sqrt(a**2 + 4.0 * b * ADDED[name][1])) / (2.0 * b)
    return float(np.sqrt(x))


def excluded_deficit(name: str, interaction: str, mass_mev: float) -> tuple[float, float]:
    """Return between which g = sqrt(x), x > 0, a search lacks too many events; NaN if never."""
    a, b = coefficients(name, interaction, mass_mev)
    root = a**2 + 4.0 * b * ADDED[name][0]
    if root <= 0.0:
        return np.nan, np.nan
    low, high = ((-a + sign * np.sqrt(root)) / (2.0 * b) for sign in (-1.0, 1.0))
    return float(np.sqrt(low)), float(np.sqrt(high))
