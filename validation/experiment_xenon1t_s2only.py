"""XENON1T's ionisation-only search, 165.3 to 271.7 PE: its release beside the card.

The likelihood is one-sided, as backgrounds were not released: limits only.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from rows import Row, number
from scipy.optimize import brentq
from scipy.stats import norm, poisson

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.physics.dark_matter import WimpRate
from bayes_cevns.storage.resources import data_file
from bayes_cevns.tables.quadrature import RecoilQuadrature

RELEASE = "1907.11485, release"
SNO = 5.25 / 5.46


def rows() -> list[Row]:
    """Return events, expectations and the limit on signal events."""
    search = bc.experiment("xenon1t_s2only")
    counts = bc.expected_counts(search)["search"]
    with xr.open_dataset(data_file("xenon1t_s2only/response.nc"), engine="h5netcdf") as table:
        released = table["released_cevns"].item()
    return [
        Row("observed events", RELEASE, "16", f"{search.observed.item()}"),
        number(
            "electronic recoils",
            RELEASE,
            0.147,
            counts["er"],
            "0.147 is the bins that lie in the region as a whole; here those at its edges count "
            "with their share of width",
        ),
        number("CEvNS as released", RELEASE, 1.89, released, "the same"),
        number(
            "CEvNS, response x 8B at 5.46e6",
            RELEASE,
            released,
            counts["cevns.sm"],
            f"{SNO * counts['cevns.sm'] / released - 1:+.1%} at 5.25e6 (SNO); its flux and "
            "form factor are not stated",
        ),
        Row(
            "neutrino-electron scattering, pp to 17F",
            "",
            "",
            f"{counts['electron.sm']:.4f}",
            "no number published; part of the flat electronic recoils",
        ),
        number(
            "dark matter of 4 GeV, 1e-45 cm2",
            "the release's example_analysis.ipynb, section 4",
            0.0382292,
            _dark_matter(search),
            "its halo is that of wimprates; a check of the response",
        ),
        Row(
            "limit on signal events, 90% CL",
            "the release's example_analysis.ipynb, section 4",
            "24.6 to 24.8",
            f"{_limit(search):.1f}",
            "P(N <= 16; signal) = 0.1 with 13.6% on the efficiency and no background taken away; "
            f"{_limit(search, width=1e-6):.1f} without an uncertainty",
        ),
    ]


def _dark_matter(search: Experiment) -> float:
    signal = search.signals[0]
    quadrature = RecoilQuadrature.on_nodes(signal.recoil_energy_kev)
    rate = WimpRate(search.target, mass_gev=4.0, cross_section_cm2=1e-45)
    weights = quadrature.weights(rate.recoil(quadrature.points_kev))
    return float(weights @ signal.values.values.ravel())


def _limit(search: Experiment, width: float | None = None) -> float:
    normal = search.card.nuisance["signal_efficiency"].prior.mean_and_sd
    if normal is None:
        raise ValueError("expected a normal prior of the signal efficiency")
    pull = np.linspace(-4.0, 4.0, 801)
    weight = norm.pdf(pull) / norm.pdf(pull).sum()
    efficiency = 1.0 + (normal[1] if width is None else width) * pull

    def excess(signal: float) -> float:
        mean = np.maximum(efficiency * signal, 0.0)
        return float(weight @ poisson.cdf(search.observed.item(), mean)) - 0.1

    return float(brentq(excess, 5.0, 80.0))
