"""XLZD as a paper projects it: 200 tonne years above 0.1 keV with the efficiency 1."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bayes_cevns.detectors.ideal import IdealDetector
from bayes_cevns.releases.ideal_detector import ideal_table
from bayes_cevns.releases.product import Product

EXPOSURE_TONNE_YEAR = 200.0
#: From the threshold to where the recoils of solar 8B neutrinos end on xenon.
EDGES_KEV = np.geomspace(0.1, 4.5, 41)

TITLE = "XLZD, projected: 200 t yr of xenon above 0.1 keV"
PAPER = "arXiv:2411.14206"

REFERENCE = f"""\
{TITLE}

Source
  {PAPER}, section 3.1: an exposure of 200 t yr, a threshold of 0.1 keV of nuclear recoil, and an
  efficiency of 1 above it. No data release is behind this table, and no inputs.

What was derived, and how (bayes_cevns.releases.xlzd)
  response.nc
  response   1 in the bin of the recoil energy, 0 elsewhere: sharp bins of true energy.
  edges      40 bins of equal ratio from 0.1 to 4.5 keV. The paper counts the events above the
             threshold in one bin; the bins are ours, so that a spectrum can be fitted.
  exposure   200 t yr.
  Nothing was observed. The paper's resolution is perfect and its only background the Standard Model
  itself, of which its limit of 2.71 events takes no account.

Check values
  Solar 8B of 5.46e6 per cm2 s, Standard Model: 767.18 events per tonne year above 0.1 keV.
"""


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference, which need no raw release."""
    del releases_dir
    detector = IdealDetector(EDGES_KEV, lambda energy_kev: energy_kev)
    content = ideal_table(detector, EXPOSURE_TONNE_YEAR, {"title": TITLE, "paper": PAPER})
    return Product(files={"response.nc": content, "REFERENCE": REFERENCE.encode()}, inputs={})
