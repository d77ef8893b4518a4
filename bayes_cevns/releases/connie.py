"""CONNIE's skipper CCDs as a projection: the digitised efficiency, and an assumed response."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors import (
    DetectorResponse,
    GaussianResolution,
    Lindhard,
    response_table,
)
from bayes_cevns.detectors.efficiency import TabulatedEfficiency
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_records
from bayes_cevns.tables.shape_axes import ShapeAxis

RAW = RawRelease("connie_2024", "from https://github.com/cesar12-12/CEvNS-Interaction")
EFFICIENCY = "CONNIE_Skipper_Eff_Uncertenties.csv"
BACKGROUND = "CONNIE_Bkg_Un.csv"

#: Of the abstract, with the reactor on.
EXPOSURE_KG_DAY = 14.9e-3
#: From where the digitised efficiency begins (the threshold is 15 eV) to where it ends.
EDGES_KEVEE = np.geomspace(0.02, 0.84, 13)
#: Assumed: Lindhard's k of silicon within 0.015, where 0.133 Z^(2/3) A^(-1/2) is 0.146.
SILICON = (14, 28.0855)
K = ShapeAxis("lindhard_k_si", (0.101, 0.116, 0.131, 0.146, 0.161, 0.176, 0.191))
#: Assumed: readout noise in electrons, energy of a pair in keV, Fano factor.
NOISE_ELECTRONS, PAIR_ENERGY_KEV, FANO = 0.15, 3.75e-3, 0.12
#: Assumed unit of the digitised background: thousands of events per kg, day and keV.
BACKGROUND_UNIT = 1e3

_DAYS_PER_YEAR, _KG_PER_TONNE = 365.25, 1e3
_RECOIL_KEV = np.geomspace(0.04, 4.5, 140)


@builder(RAW, licence="digitised from figures, without a licence file", paper="arXiv:2403.15976")
def build(raw: RawFolder) -> Files:
    """Build ``response.nc``; nothing observed is public."""
    efficiency = _efficiency(raw)
    seen = response_table(_RECOIL_KEV, partial(_detector, efficiency), [K])
    per_kg_day_kev = BACKGROUND_UNIT * _background(raw)
    widths = np.diff(EDGES_KEVEE)
    per_tonne_year = per_kg_day_kev * widths * _KG_PER_TONNE * _DAYS_PER_YEAR
    table = {
        "response": col.probability(
            f"recoil_energy {K.name} run bin", seen.values[..., None, :], "probability of a bin"
        ),
        "background": Column(
            "run bin", np.round(per_tonne_year[None], 0), col.RATE, "flat background, assumed"
        ),
        "exposure": col.exposure([EXPOSURE_KG_DAY / _KG_PER_TONNE / _DAYS_PER_YEAR]),
        "edges": Column("edge", EDGES_KEVEE, "keV", "bin edges, electron equivalent"),
        "run": col.runs(["on"]),
        "bin": col.bins(widths.size),
        "recoil_energy": col.recoil_energy(seen.recoil_energy_kev),
        K.name: col.axis(K.nodes, "Lindhard's k of silicon"),
    }
    return {"response.nc": table}


def _efficiency(raw: RawFolder) -> TabulatedEfficiency:
    """Return the central curve; of points at one energy the first one is kept."""
    rows = read_records(raw, EFFICIENCY, ["x", "Curve1", "Curve2", "Curve3"])
    with raw.parsing(EFFICIENCY, "energies in keVee and three efficiencies"):
        points = np.array([[float(row["x"]), float(row["Curve1"])] for row in rows])
        energies, first = np.unique(points[:, 0], return_index=True)
        values = points[first, 1]
    good = energies.size > 1 and np.all((values >= 0) & (values <= 1))
    raw.expect(EFFICIENCY, good, "efficiencies between 0 and 1")
    reached = energies[0] <= EDGES_KEVEE[0] and EDGES_KEVEE[-1] <= energies[-1]
    what = f"energies from {EDGES_KEVEE[0]:g} to {EDGES_KEVEE[-1]:g} keVee or more"
    raw.expect(EFFICIENCY, bool(reached), what)
    return TabulatedEfficiency(energies, values)


def _background(raw: RawFolder) -> float:
    """Return the background of the first bin, 0.17 to 2.16 keVee, in the unit of the figure."""
    lines = raw.read_text(BACKGROUND, group=BACKGROUND).splitlines()
    with raw.parsing(BACKGROUND, "a centre and a background in each row"):
        centre, value = map(float, lines[1].split(",")[:2])
    good = value > 0 and EDGES_KEVEE[0] < centre
    raw.expect(BACKGROUND, good, f"a background > 0 above {EDGES_KEVEE[0]:g} keVee")
    return value


def _detector(efficiency: TabulatedEfficiency, at: Mapping[str, float]) -> DetectorResponse:
    return DetectorResponse(
        EDGES_KEVEE,
        Lindhard(*SILICON, k=at[K.name]),
        resolution=GaussianResolution(sigma_kev),
        efficiency=efficiency,
    )


def sigma_kev(energy_kev: Array) -> Array:
    """Return the standard deviation of an ionisation energy: noise and the number of pairs."""
    noise = NOISE_ELECTRONS * PAIR_ENERGY_KEV
    return np.sqrt(noise**2 + FANO * PAIR_ENERGY_KEV * energy_kev)
