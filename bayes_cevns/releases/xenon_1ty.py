"""One tonne year of xenon as a paper projects it: nuclear and electronic recoils."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.detectors.ideal import IdealDetector
from bayes_cevns.releases.ideal_detector import ideal_table
from bayes_cevns.releases.product import Product

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

EXPOSURE_TONNE_YEAR = 1.0
#: Bins of nuclear and of electronic recoils in electron-equivalent energy.
NUCLEAR_EDGES_KEVEE = np.geomspace(0.1, 100.0, 101)
ELECTRON_EDGES_KEV = np.geomspace(0.1, 1e4, 101)
#: Background over the events of the Standard Model, in each bin: sigma_bg.
BACKGROUND_SHARE = 0.1
NUCLEAR_SOURCE, ELECTRON_SOURCE = "solar_atmospheric_dsnb", "solar"

TITLE = "Xenon, projected: 1 t yr above 0.1 keVee"
PAPER = "arXiv:2112.03309"

REFERENCE = f"""\
{TITLE}

Source
  {PAPER}, sections 4.1 and 4.2: an exposure of 1 t yr, perfect efficiency and resolution, 100
  logarithmic bins of 0.1 to 100 keVee (CEvNS) and of 0.1 to 1e4 keVee (electron scattering), and
  a background of 10% of the Standard-Model events of each bin (below its eq. 26). No data release
  is behind these tables, and no inputs.

What was derived, and how (bayes_cevns.releases.xenon_1ty)
  response.nc     nuclear recoils, seen in electron-equivalent energy after Lindhard with
                  k = 0.133 Z^(2/3) A^(-1/2) (its eq. 20 prints Z^(-2/3), 0.0008 for xenon).
  response_er.nc  electronic recoils.
  response        1 in the bin of the detected energy, 0 elsewhere.
  edges           edges of the bins in keVee.
  background      10% of the package's own Standard-Model events, with four digits: solar,
                  atmospheric and diffuse supernova neutrinos on nuclei, solar ones on electrons
                  with the step-function binding.
  exposure        1 t yr.
  Nothing was observed.

Check values
  Standard-Model events in all bins: 204.27 of CEvNS, 521.79 of electron scattering.
"""


def build(releases_dir: Path) -> Product:
    """Build both tables and their reference, which need no raw release."""
    del releases_dir
    files = {
        "response.nc": _table(nuclear_detector(), "cevns", NUCLEAR_SOURCE),
        "response_er.nc": _table(electron_detector(), "electron", ELECTRON_SOURCE),
        "REFERENCE": REFERENCE.encode(),
    }
    return Product(files=files, inputs={})


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


def _table(detector: IdealDetector, channel: str, source: str) -> bytes:
    """Return the table of one channel."""
    from bayes_cevns.rates import rate
    from bayes_cevns.tables.quadrature import RecoilQuadrature

    quadrature = RecoilQuadrature.on_nodes(detector.nodes_kev())
    spectrum = rate(channel, source=source, target="Xe").total(quadrature.points_kev)
    counts = BACKGROUND_SHARE * (quadrature.weights(spectrum) @ detector.response())
    # Four digits, so that the table is the same on every machine.
    background = np.array([float(f"{value:.3e}") for value in counts])
    attributes = {"title": TITLE, "paper": PAPER}
    return ideal_table(detector, EXPOSURE_TONNE_YEAR, attributes, {"background": background})
