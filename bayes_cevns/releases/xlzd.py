"""XLZD as a paper projects it: 200 tonne years above 0.1 keV with the efficiency 1."""

from __future__ import annotations

import numpy as np

from bayes_cevns.detectors.ideal import IdealDetector
from bayes_cevns.releases.ideal_detector import ideal_table
from bayes_cevns.releases.product import Files, builder

EXPOSURE_TONNE_YEAR = 200.0
#: From the threshold to where the recoils of solar 8B neutrinos end on xenon.
EDGES_KEV = np.geomspace(0.1, 4.5, 41)


@builder(paper="arXiv:2411.14206")
def build() -> Files:
    """Build ``response.nc``, which needs no raw release."""
    detector = IdealDetector(EDGES_KEV, lambda energy_kev: energy_kev)
    return {"response.nc": ideal_table(detector, EXPOSURE_TONNE_YEAR)}
