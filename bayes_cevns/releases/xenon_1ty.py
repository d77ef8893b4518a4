"""One tonne year of xenon as a paper projects it: nuclear and electronic recoils."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors.ideal import IdealDetector
from bayes_cevns.releases.columns import Table
from bayes_cevns.releases.ideal_detector import ideal_table
from bayes_cevns.releases.product import Files, builder

EXPOSURE_TONNE_YEAR = 1.0
#: Bins of nuclear and of electronic recoils in electron-equivalent energy.
NUCLEAR_EDGES_KEVEE = np.geomspace(0.1, 100.0, 101)
ELECTRON_EDGES_KEV = np.geomspace(0.1, 1e4, 101)
#: Background over the events of the Standard Model, in each bin: sigma_bg.
BACKGROUND_SHARE = 0.1
NUCLEAR_SOURCE, ELECTRON_SOURCE = "solar_atmospheric_dsnb", "solar"


@builder(paper="arXiv:2112.03309")
def build() -> Files:
    """Build both tables, which need no raw release."""
    return {
        "response.nc": _table(nuclear_detector(), "cevns", NUCLEAR_SOURCE),
        "response_er.nc": _table(electron_detector(), "electron", ELECTRON_SOURCE),
    }


def nuclear_detector() -> IdealDetector:
    """Return the detector of nuclear recoils."""
    from bayes_cevns.detectors.quenching import Lindhard
    from bayes_cevns.physics.nuclei import target

    lindhard = Lindhard(z=54, a=target("Xe").mean_atomic_mass_u)

    def recoil(energy_kevee: Array) -> Array:
        return lindhard.recoil_energy_kev(energy_kevee, within_kev=(0.01, 1000.0))

    return IdealDetector(NUCLEAR_EDGES_KEVEE, recoil)


def electron_detector() -> IdealDetector:
    """Return the detector of electronic recoils."""
    return IdealDetector(ELECTRON_EDGES_KEV, lambda energy_kev: energy_kev)


def _table(detector: IdealDetector, channel: str, source: str) -> Table:
    """Return the table of one channel, its background with the step function of the paper."""
    from bayes_cevns.physics.theory import Theory
    from bayes_cevns.rates import rate
    from bayes_cevns.tables.quadrature import RecoilQuadrature

    quadrature = RecoilQuadrature.on_nodes(detector.nodes_kev())
    theory = Theory(atoms="stepping") if channel == "electron" else Theory()
    spectrum = rate(channel, source=source, target="Xe", theory=theory).total(quadrature.points_kev)
    counts = BACKGROUND_SHARE * (quadrature.weights(spectrum) @ detector.response())
    # Four digits, so that the table is the same on every machine.
    background = np.array([float(f"{value:.3e}") for value in counts])
    return ideal_table(detector, EXPOSURE_TONNE_YEAR, background)
