"""The flux of 8B neutrinos and the weak mixing angle, experiment by experiment and combined.

Ours are posteriors: median with the central 68%, and in brackets the shortest 68%; flat prior in
the flux, or in sin^2 theta_W with the flux of the solar model (12%). The published ones are best
fits with one standard deviation of a profile likelihood, which the last column has of our models;
what lies close to zero differs from a posterior by nature. arXiv:2411.11749 takes for XENONnT the
37 events of 2024 in bins of S2, and for PandaX-4T the ionisation-only data in bins of electrons;
ours of PandaX-4T are counts, their spectrum is not public.
"""

from __future__ import annotations

from functools import cache

import arviz as az
import numpy as np
from numpy.typing import NDArray
from profile_interval import FLUX_E6, ONE_SIGMA, asymmetric, flux_e6
from rows import Row

import bayes_cevns as bc
from bayes_cevns.physics import constants as const
from bayes_cevns.specification.variables import PRODUCT

type Array = NDArray[np.float64]

PAPER = "2411.11749"

NOTHING = ("", "")

#: Experiments of a fit -> (origin, published flux in 1e6/cm2/s), (origin, published sin^2 theta_W).
FITS: dict[tuple[str, ...], tuple[tuple[str, str], tuple[str, str]]] = {
    ("xenonnt_cevns",): (NOTHING, NOTHING),
    ("xenonnt_2024",): (("XENONnT, 2408.02877", "4.7 +3.6 -2.3"), NOTHING),
    ("xenonnt_2024_s2",): ((PAPER, "5.7 +3.2 -2.8"), (PAPER, "0.25 +0.09 -0.10")),
    ("xenonnt_s2only",): (NOTHING, NOTHING),
    ("pandax4t_paired",): (NOTHING, NOTHING),
    ("pandax4t_us2",): ((PAPER, "7.7 +7.0 -5.9"), (PAPER, "0.30 +0.16 -0.21")),
    ("pandax4t_paired", "pandax4t_us2"): (("PandaX-4T, 2407.10892", "8.4 +- 3.1"), NOTHING),
    ("xenonnt_2024_s2", "pandax4t_us2"): (
        (PAPER, "6.1 +2.8 -2.7"),
        (PAPER, "0.26 +0.08 -0.09"),
    ),
    ("xenonnt_cevns", "pandax4t_paired", "pandax4t_us2"): (NOTHING, NOTHING),
}


def rows() -> list[Row]:
    """Return a row for the flux and one for the mixing angle of each fit."""
    found = []
    for names, (flux, angle) in FITS.items():
        title = " + ".join(names)
        found += [
            Row(
                f"8B flux [1e6 /cm2/s], {title}",
                *flux,
                _text(flux_posterior(names)),
                f"profile: {flux_e6(names)}",
            ),
            Row(
                f"sin^2 theta_W, {title}",
                *angle,
                _text(angle_posterior(names)),
                f"profile: {_profiled_angle(names)}",
            ),
        ]
    return found


@cache
def flux_posterior(names: tuple[str, ...]) -> Array:
    """Return draws of the flux in 1e6/cm2/s."""
    experiments = [bc.experiment(name) for name in names]
    fit = bc.sample(experiments, nuisance_priors={"flux_8b": "flat"})
    return np.asarray(FLUX_E6 * fit.draws()["flux_8b"].values.ravel())


@cache
def angle_posterior(names: tuple[str, ...]) -> Array:
    """Return draws of sin^2 theta_W at zero momentum transfer."""
    experiments = [bc.experiment(name) for name in names]
    fit = bc.sample(experiments, interaction="weak-mixing-angle")
    return np.asarray(const.SIN2_THETA_W + fit.draws()[PRODUCT].values.ravel())


def _profiled_angle(names: tuple[str, ...]) -> str:
    experiments = [bc.experiment(name) for name in names]
    found = bc.profile(experiments, interaction="weak-mixing-angle", level=ONE_SIGMA)
    return asymmetric(found, offset=const.SIN2_THETA_W)


def _text(draws: Array) -> str:
    low, middle, high = np.quantile(draws, [0.16, 0.5, 0.84])
    shortest = az.hdi(draws, prob=0.68)
    ends = " to ".join(f"{end:.3g}" for end in shortest)
    return f"{middle:.3g} +{high - middle:.2g} -{middle - low:.2g} ({ends})"
