"""Electronic recoils of 200 t yr of xenon as one table: response, and backgrounds one by one."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.constants import Avogadro

from bayes_cevns.arrays import Array
from bayes_cevns.detectors import GaussianResolution
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import RATE, Column
from bayes_cevns.releases.double_beta import sum_spectrum
from bayes_cevns.releases.electronic_recoils import ENERGIES_KEV, line, points_kev
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_rows
from bayes_cevns.releases.xenonnt_er import sigma_kev
from bayes_cevns.tables.quadrature import RecoilQuadrature

RAW: Final = RawRelease("xlzd_backgrounds", "from github.com/SNuDD/SNuDD, snudd/data/exps/xlzd")

EXPOSURE_TONNE_YEAR: Final = 200.0
EDGES_KEV: Final = np.arange(1.0, 31.0)
#: 2 nu beta beta of 136Xe: half-life of EXO-200, arXiv:1306.6106; abundance in natural xenon, mean
#: atomic mass, and energy released.
HALF_LIFE_YEAR, ABUNDANCE, XENON_U, Q_KEV = 2.165e21, 0.08857, 131.293, 2457.83
#: Energy below which the digitised curve of 124Xe is the capture of two L electrons.
_DOUBLE_L_BELOW_KEV: Final = 20.0
_DIGITS: Final = 6


@builder(RAW, licence="numbers read off a figure (SNuDD, GPL-3.0)", paper="arXiv:2607.22817")
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the digitised backgrounds."""
    response = response_matrix()
    quadrature = RecoilQuadrature.on_nodes(ENERGIES_KEV)

    def fold(spectrum: Array) -> Array:
        return np.asarray(quadrature.weights(spectrum) @ response).round(_DIGITS)

    energy, events = double_capture(raw)
    rates = {
        "radon": (fold(_curve(raw, "radon.csv")), "222Rn, beta decays of 214Pb"),
        "krypton": (fold(_curve(raw, "krypton.csv")), "85Kr"),
        "xe136": (fold(double_beta_per_tonne_year(points_kev())), "double beta decay of 136Xe"),
        "xe124": ((events * line(response, energy)).round(_DIGITS), "two L electrons of 124Xe"),
    }
    table = {
        **{name: Column("run bin", values, RATE, text) for name, (values, text) in rates.items()},
        "response": col.response("recoil_energy run bin", response[:, None, :]),
        "exposure": col.exposure([EXPOSURE_TONNE_YEAR]),
        "edges_energy": Column("edge", EDGES_KEV, "keV", "bin edges of the energy"),
        "run": col.runs(["all"]),
        "recoil_energy": col.recoil_energy(ENERGIES_KEV, "electronic recoil energy"),
        "bin": col.bins(EDGES_KEV.size - 1),
    }
    return {"response.nc": table}


def response_matrix() -> Array:
    """Return the probability of each bin at `ENERGIES_KEV`, shape (energies, bins).

    The resolution of XENON1T, and an efficiency of 1.
    """
    return GaussianResolution(sigma_kev).bin_probabilities(ENERGIES_KEV, EDGES_KEV)


def double_beta_per_tonne_year(energy_kev: Array) -> Array:
    """Return the rate of 136Xe in natural xenon in 1/(t yr keV), shape of `energy_kev`."""
    atoms = 1e6 / XENON_U * Avogadro * ABUNDANCE
    spectrum = sum_spectrum(energy_kev, q_kev=Q_KEV, z=56, a=136)
    return np.asarray(np.log(2.0) / HALF_LIFE_YEAR * atoms * spectrum)


def double_capture(raw: RawFolder) -> tuple[float, float]:
    """Return energy in keV and events per tonne year of the line of two L electrons of 124Xe."""
    energy, rate = _points(raw, "xe124_ee.csv")
    order = np.argsort(energy)
    energy, rate = energy[order], rate[order]
    low = energy < _DOUBLE_L_BELOW_KEV
    events = float(np.trapezoid(rate[low], energy[low]))
    return float(np.trapezoid(rate[low] * energy[low], energy[low])) / events, events


def _curve(raw: RawFolder, relative: str) -> Array:
    """Return a digitised rate at `points_kev`, constant beyond its ends."""
    rows = read_rows(raw, relative, "energy, rate", skip=1)
    return np.asarray(np.interp(points_kev(), *np.array(rows).T))


def _points(raw: RawFolder, relative: str) -> tuple[Array, Array]:
    """Return energies in keV and rates in 1/(t yr keV), as they were read off, shape (n,)."""
    _, *lines = raw.read_text(relative, group=relative).split() or [""]
    with raw.parsing(relative, "rows of energy, rate"):
        points = [tuple(map(float, each.split(",")[:2])) for each in lines]
    good = len(points) > 3 and all(len(p) == 2 and p[0] > 0 <= p[1] < np.inf for p in points)
    raw.expect(relative, good, "four or more rows of an energy > 0 and a rate >= 0")
    energy, rate = np.array(points).T
    return energy, rate
