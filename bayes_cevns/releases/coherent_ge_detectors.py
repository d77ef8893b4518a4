"""The five detectors of COHERENT's germanium array: resolution, efficiency, mean response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors import (
    DetectorResponse,
    GaussianResolution,
    Lindhard,
    TabulatedEfficiency,
    response_table,
)
from bayes_cevns.releases.germanium import LINDHARD_AXIS
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import RawRelease
from bayes_cevns.releases.reading import read_rows

RAW = RawRelease("coherent_ge_2024", "from https://github.com/emmaeline/Ge_paper_signalExpectation")

#: Mean mass number of natural germanium and its proton number, as the collaboration takes them.
PROTONS, NUCLEONS = 32, 72.63

#: Parts of a bin in which the efficiency is taken as constant are not wider than this.
_SUB_BIN_KEVEE = 0.05


@dataclass(frozen=True)
class Detector:
    """One of the five detectors."""

    #: Active mass, and energy of the beam while it measured (campaign2SigExpectation.py).
    mass_kg: float
    beam_gwh: float
    #: Full width at half maximum a + b sqrt(E + c E^2) (ederMatrixGenerator_paper.py).
    a_kev: float
    b_root_kev: float
    c_per_kev: float

    def sigma_kev(self, energy_kev: Array) -> Array:
        """Return the standard deviation of an energy, shape of `energy_kev`."""
        root = np.sqrt(energy_kev + self.c_per_kev * energy_kev**2)
        return np.asarray((self.a_kev + self.b_root_kev * root) / 2.355)


DETECTORS: Final = {
    "Ge21": Detector(2.13, 0.65, 0.132, 0.036, 0.003),
    "Ge23": Detector(2.13, 0.77, 0.114, 0.040, 0.002),
    "Ge25": Detector(2.13, 0.74, 0.157, 0.035, 0.002),
    "Ge26": Detector(2.13, 0.36, 0.140, 0.037, 0.001),
    "Ge28": Detector(2.14, 0.85, 0.126, 0.034, 0.003),
}


def mean_response(raw: RawFolder, edges_kevee: Array, recoil_energies_kev: Array) -> Array:
    """Return the mean response of the detectors, weighed with active mass times beam energy.

    Shape (recoil energies, nodes of `LINDHARD_AXIS`, bins). The bins, in electron-equivalent
    energy, are of equal width. The release has the efficiency of each detector to have a time,
    which must reach the lowest edge.
    """
    weights = np.array([each.mass_kg * each.beam_gwh for each in DETECTORS.values()])
    responses = [_response(raw, name, edges_kevee, recoil_energies_kev) for name in DETECTORS]
    return np.asarray(np.average(responses, axis=0, weights=weights))


def _response(raw: RawFolder, name: str, edges: Array, recoil: Array) -> Array:
    relative = f"timing_efficiencies/eff_{name}.txt"
    rows = np.array(read_rows(raw, relative, "energy in keV, efficiency", separator=None))
    good = rows[:, 1].max() <= 1 and rows[0, 0] <= edges[0]
    raw.expect(relative, good, "efficiencies from 0 to 1, below the region as well")
    # The tables end near 4 keV, where the efficiency has reached its plateau.
    efficiency = TabulatedEfficiency(
        np.append(rows[:, 0], edges[-1] + 1.0), np.append(rows[:, 1], rows[-1, 1])
    )
    table = response_table(
        recoil,
        lambda at: DetectorResponse(
            edges,
            Lindhard(PROTONS, NUCLEONS, k=at[LINDHARD_AXIS.name]),
            resolution=GaussianResolution(DETECTORS[name].sigma_kev),
            efficiency=efficiency,
            sub_bins=round((edges[1] - edges[0]) / _SUB_BIN_KEVEE),
        ),
        [LINDHARD_AXIS],
    )
    return table.values
