"""CONUS+ bin by bin: the published excess, and the response to nuclear and electronic recoils."""

from __future__ import annotations

from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors import (
    ConstantQuenching,
    DetectorResponse,
    Lindhard,
    Quenching,
    response_table,
)
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column
from bayes_cevns.releases.conus_plus import (
    DOI,
    GERMANIUM,
    NOISE_KEV,
    PAPER,
    PULLS,
    THRESHOLD_ERROR_KEV,
    recoil_nodes_kev,
)
from bayes_cevns.releases.germanium import (
    LINDHARD_AXIS,
    PAIR_ENERGY_KEV,
    lindhard_column,
    resolution,
)
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_columns
from bayes_cevns.tables.shape_axes import ShapeAxis

RAW = RawRelease("conus_plus_2025_spectrum", "from the figure of the excess in arXiv:2501.05206")
SPECTRUM = "excess_c3.csv"
COLUMNS: Final = ("e_low_eVee", "e_high_eVee", "excess", "sigma")

EDGES_KEV: Final = 1e-3 * np.linspace(160.0, 350.0, 20)
#: The excess is that of one kilogram during the 119 days with the reactor on.
EXPOSURE_TONNE_YEAR: Final = 1e-3 * 119.0 / 365.25
#: Electronic recoils: no more than 7 sigma above the last bin, in steps of half a sigma.
ELECTRON_NODES_KEV: Final = np.concatenate([[PAIR_ENERGY_KEV], np.arange(0.01, 0.505, 0.01)])

_SCALE = ShapeAxis("energy_scale", PULLS)


@builder(
    RAW,
    doi=DOI,
    licence="numbers read off a figure of a publication, which is to be cited",
    paper=PAPER,
)
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the digitised excess."""
    excess, sigma = _excess(raw)
    nuclear, electron = nuclear_response(), electron_response()
    what = "probability to observe a recoil in a bin"
    table = {
        "observed": Column("run bin", excess, "counts", "reactor on above background"),
        "sigma": Column("run bin", sigma, "counts", "standard deviation of `observed`"),
        "exposure": col.exposure([EXPOSURE_TONNE_YEAR], "one kilogram during 119 days"),
        "edges_energy": Column("edge", EDGES_KEV, "keV", "bin edges of ionisation energy"),
        "response_nuclear": col.response(
            "recoil_energy_nuclear lindhard_k_ge energy_scale run bin",
            nuclear[1],
            f"{what}, nuclear",
        ),
        "response_electron": col.response(
            "recoil_energy_electron energy_scale run bin", electron[1], f"{what}, electron"
        ),
        "run": col.runs(["run1"]),
        "bin": col.bins(excess.size),
        "lindhard_k_ge": lindhard_column(),
        "energy_scale": col.axis(PULLS, "pull of the energy scale"),
        "recoil_energy_nuclear": col.recoil_energy(nuclear[0], "energy of the recoil, nuclear"),
        "recoil_energy_electron": col.recoil_energy(electron[0], "energy of the recoil, electron"),
    }
    return {"response.nc": table}


def _excess(raw: RawFolder) -> tuple[Array, Array]:
    """Return the excess and its error, shape (bin,)."""
    rows = read_columns(raw, SPECTRUM, COLUMNS)
    edges = np.stack([EDGES_KEV[:-1], EDGES_KEV[1:]], axis=1)
    same = len(rows) == len(edges) and np.allclose(1e-3 * rows[:, :2], edges)
    raw.expect(SPECTRUM, same, "19 bins of 10 eV from 160 to 350 eV")
    good = np.all(np.isfinite(rows)) and np.all(rows[:, 3] > 0)
    raw.expect(SPECTRUM, good, "finite numbers and errors > 0")
    return rows[:, 2], rows[:, 3]


def _detector(seen: Quenching, scale: float) -> DetectorResponse:
    # A scale that reads high lets more events pass: it acts as lower edges.
    edges = EDGES_KEV - THRESHOLD_ERROR_KEV * scale
    return DetectorResponse(edges, seen, resolution=resolution(NOISE_KEV))


def nuclear_response() -> tuple[Array, Array]:
    """Return recoil energies, and the response, shape (energy, k, energy_scale, bin)."""
    table = response_table(
        recoil_nodes_kev(),
        lambda at: _detector(
            Lindhard(*GERMANIUM, k=at[LINDHARD_AXIS.name]),
            at["energy_scale"],
        ),
        [LINDHARD_AXIS, _SCALE],
    )
    return table.recoil_energy_kev, table.values


def electron_response() -> tuple[Array, Array]:
    """Return recoil energies, and the response, shape (energy, energy_scale, bin)."""
    table = response_table(
        ELECTRON_NODES_KEV,
        lambda at: _detector(ConstantQuenching(1.0), at["energy_scale"]),
        [_SCALE],
    )
    return table.recoil_energy_kev, table.values
