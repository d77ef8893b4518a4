"""When neutrinos and beam-related neutrons reach CENNS-10: probabilities of bins of time."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from bayes_cevns.arrays import Array

#: Mean life times of the Particle Data Group 2022, Prog. Theor. Exp. Phys. 2022, 083C01.
PION_LIFE_US: Final = 0.026033
MUON_LIFE_US: Final = 2.1969811
#: ``snsPOTTraceTiming`` of the release: the protons arrive as a normal distribution in time, with
#: a mean, its uncertainty and a standard deviation.
PROTONS_MEAN_US: Final = 0.440
PROTONS_MEAN_ERROR_US: Final = 0.200
PROTONS_WIDTH_US: Final = 0.150


def prompt_fractions(edges_us: Array, *, mean_us: float = PROTONS_MEAN_US) -> Array:
    """Return the probability of each bin of time for neutrinos of pion decay, shape (bins,).

    Protons of a normal distribution with mean `mean_us`, then the life of a pion.
    """
    return np.diff(_decay_cdf(edges_us - mean_us, PROTONS_WIDTH_US, PION_LIFE_US))


def delayed_fractions(edges_us: Array, *, mean_us: float = PROTONS_MEAN_US) -> Array:
    """Return the probability of each bin of time for neutrinos of muon decay, shape (bins,).

    As `prompt_fractions`, and then the life of a muon: the sum of two exponential times has
    the density (e^(-t/a) - e^(-t/b)) / (a - b).
    """
    since = edges_us - mean_us
    muon = _decay_cdf(since, PROTONS_WIDTH_US, MUON_LIFE_US)
    pion = _decay_cdf(since, PROTONS_WIDTH_US, PION_LIFE_US)
    cumulative = (MUON_LIFE_US * muon - PION_LIFE_US * pion) / (MUON_LIFE_US - PION_LIFE_US)
    return np.diff(cumulative)


def normal_fractions(edges_us: Array, *, mean_us: float, width_us: float) -> Array:
    """Return the probability of each bin of time for a normal distribution, shape (bins,).

    The first and the last bin hold all that is earlier or later: they add up to one.
    """
    inner = ndtr((edges_us[1:-1] - mean_us) / width_us)
    return np.diff(np.concatenate([[0.0], inner, [1.0]]))


def normal_through(edges_us: Array, fractions: Array) -> tuple[float, float]:
    """Return mean and standard deviation of the normal distribution with given fractions.

    Parameters
    ----------
    edges_us
        Edges of three bins, shape (4,).
    fractions
        What `normal_fractions` returns, > 0, shape (3,); any sum.
    """
    low, high = ndtri(np.cumsum(fractions)[:2] / fractions.sum())
    width = (edges_us[2] - edges_us[1]) / (high - low)
    return float(edges_us[1] - low * width), float(width)


def _decay_cdf(since_us: Array, width_us: float, life_us: float) -> Array:
    """Return the distribution function of a normal time (mean zero) plus an exponential one."""
    scaled, ratio = since_us / width_us, width_us / life_us
    tail = np.exp(0.5 * ratio**2 - since_us / life_us + log_ndtr(scaled - ratio))
    return np.asarray(ndtr(scaled) - tail)
