"""Neutrinos on electrons of xenon: the rate of many-body theory over that of a step function."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_rows

RAW = RawRelease("theory/rrpa_xenon", "from the sources in data/many_body/REFERENCE")
STEPPING, MANY_BODY = "pp.txt", "rrpa_rate.txt"

#: Where the digitised curves are used, in keV, and number of cells of equal width in log energy.
RANGE_KEV = (0.2538, 27.0)
CELLS = 40
#: Points for each cell in the integrals of the curves.
_POINTS = 50


@builder(RAW, paper="arXiv:1610.04177")
def build(raw: RawFolder) -> Files:
    """Build the ratio on xenon."""
    edges = np.geomspace(*RANGE_KEV, CELLS + 1)
    ratio = _integrals(raw, MANY_BODY, edges) / _integrals(raw, STEPPING, edges)
    good = bool(np.all((ratio > 0.5) & (ratio < 1.0)))
    raw.expect(MANY_BODY, good, f"a rate below that of {STEPPING}, and above half of it")
    middle = np.sqrt(edges[:-1] * edges[1:])
    rows = [(float(f"{e:.5g}"), float(f"{r:.4f}")) for e, r in zip(middle, ratio, strict=True)]
    comments = [
        "Solar neutrinos on the electrons of xenon: relativistic random-phase approximation over",
        "step function by recoil energy. Chen et al., arXiv:1610.04177; see REFERENCE.",
    ]
    return {"xenon.csv": csv_text(comments, ["energy_kev", "ratio"], rows)}


def _integrals(raw: RawFolder, relative: str, edges_kev: Array) -> Array:
    """Return the integral of a curve over each cell, up to a factor that all have in common."""
    energy, rate = np.array(read_rows(raw, relative, "energy, rate", separator=None)).T
    low, high = RANGE_KEV
    covers = energy[0] <= low and energy[-1] >= high and bool(np.all(rate > 0))
    raw.expect(relative, covers, f"rates > 0 from {low:g} to {high:g} keV")
    log_edges = np.log(edges_kev)
    step = np.diff(log_edges)[:, None] / _POINTS
    points = log_edges[:-1, None] + step * (np.arange(_POINTS) + 0.5)
    curve = np.exp(np.interp(points, np.log(energy), np.log(rate)))
    return np.asarray((curve * np.exp(points)).sum(axis=1))
