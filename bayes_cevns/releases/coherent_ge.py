"""COHERENT's germanium array in time and energy, with the beam on and off."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.releases import coherent_ge_detectors as detectors
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column, Table
from bayes_cevns.releases.germanium import lindhard_column
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_columns, read_records

type Counts = NDArray[np.int32]

RAW = RawRelease("coherent_ge_2024_grid", "from figures 5a and 5b of arXiv:2406.13806")
GRID, TIMING = "counts_grid.csv", "T377_timing_projection.csv"

RUNS: Final = ("on", "off")
#: Bins of the figures: time since the trigger of the beam, and electron-equivalent energy.
TIME_EDGES_US: Final = np.linspace(-4.0, 36.0, 11)
ENERGY_EDGES_KEVEE: Final = np.linspace(1.5, 19.5, 10)
#: The columns in energy that are used: not those from 7.5 to 11.5 keVee, with 68Ge and 71Ge.
COLUMNS: Final = (0, 1, 2, 5, 6, 7, 8)
#: Active mass. The source spreads the protons of the whole run over one year.
MASS_TONNE: Final = 10.66e-3

#: Recoil energies, to above the highest of 70Ge: 27.2 keV from the line of 29.8 MeV, 85.7 keV from
#: the end point of 52.83 MeV. With half the step no column's signal moves by more than 0.1%.
RECOIL_ENERGIES_KEV: Final = {
    "prompt": np.arange(2.0, 29.0, 0.5),
    "delayed": np.arange(2.0, 87.1, 0.5),
}
#: Width of the bins of the published curves in time.
_CURVE_STEP_US = 2.0


@builder(
    RAW,
    detectors.RAW,
    licence="none stated; numbers of a publication, which is to be cited",
    paper="arXiv:2406.13806",
)
def build(grid: RawFolder, public: RawFolder) -> Files:
    """Build ``response.nc`` from the transcribed figures and the public code."""
    counts = _observed(grid)[:, :, COLUMNS]
    arrivals = _arrivals(public)
    responses = {
        name: _in_time_and_energy(
            detectors.mean_response(public, ENERGY_EDGES_KEVEE, energies), arrivals[name]
        )
        for name, energies in RECOIL_ENERGIES_KEV.items()
    }
    return {"response.nc": _table(counts, responses)}


def _observed(raw: RawFolder) -> Counts:
    """Return the counts, shape (run, time, energy)."""
    names = ("t_low_us", "t_high_us", "e_low_keVee", "e_high_keVee")
    counts = {}
    with raw.parsing(GRID, f"rows of sample, {', '.join(names)}, counts"):
        for row in read_records(raw, GRID, ("sample", *names, "counts")):
            key = (row["sample"], *(float(row[name]) for name in names))
            counts[key] = int(row["counts"])
    expected = [
        (run, *times, *energies)
        for run in RUNS
        for times in _bins(TIME_EDGES_US)
        for energies in _bins(ENERGY_EDGES_KEVEE)
    ]
    good = set(counts) == set(expected) and min(counts.values()) >= 0
    raw.expect(GRID, good, "counts >= 0 in 10 bins of 4 us and 9 of 2 keVee, on and off")
    shape = (len(RUNS), TIME_EDGES_US.size - 1, ENERGY_EDGES_KEVEE.size - 1)
    return np.array([counts[key] for key in expected], dtype=np.int32).reshape(shape)


def _bins(edges: Array) -> list[tuple[float, float]]:
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _arrivals(raw: RawFolder) -> dict[str, Array]:
    """Return the share of prompt and of delayed neutrinos in each bin of time, shape (time,)."""
    names = [f"fitted_{name}" for name in RECOIL_ENERGIES_KEV]
    times, *shapes = read_columns(raw, TIMING, ["time_us", *names]).T
    curves = dict(zip(RECOIL_ENERGIES_KEV, shapes, strict=True))
    # The curves end one bin before the counts do, where nothing arrives any more.
    first = TIME_EDGES_US[0] + 0.5 * _CURVE_STEP_US
    even = times.size == 19 and np.allclose(times, first + _CURVE_STEP_US * np.arange(19))
    raw.expect(TIMING, even, "19 times from -3 us in steps of 2 us")
    positive = all(curve.min() >= 0 and curve.sum() > 0 for curve in curves.values())
    raw.expect(TIMING, positive, "curves >= 0")
    return {
        name: np.histogram(times, TIME_EDGES_US, weights=curve / curve.sum())[0]
        for name, curve in curves.items()
    }


def _in_time_and_energy(response: Array, arrival: Array) -> Array:
    """Return the response in the bins used, shape (recoil_energy, lindhard_k_ge, run, bin).

    Time and energy are independent; no neutrinos arrive with the beam off.
    """
    on = arrival[:, None] * response[:, :, None, COLUMNS]
    values = np.stack([on, np.zeros_like(on)], axis=2)
    return np.asarray(values.reshape(*values.shape[:3], -1))


def _table(counts: Counts, responses: dict[str, Array]) -> Table:
    """Return the table; its bins run through the energies of one time first."""
    found: dict[str, Column] = {
        "observed": col.observed(counts.reshape(len(RUNS), -1)),
        "exposure": col.exposure([MASS_TONNE] * len(RUNS), "active mass times one year"),
        "edges_time": Column("edge_time", TIME_EDGES_US, "us", "bin edges"),
        "edges_kevee": Column("edge_kevee", ENERGY_EDGES_KEVEE, "keV", "bin edges, all columns"),
        "columns": Column(
            "column", np.array(COLUMNS, dtype=np.int32), None, "columns that are used"
        ),
        **_steady_state(counts),
    }
    for name, values in responses.items():
        dims = f"recoil_energy_{name} lindhard_k_ge run bin"
        text = f"probability to observe a recoil, {name} neutrinos"
        found[f"response_{name}"] = col.response(dims, values, text)
    return {
        **found,
        "run": col.runs(RUNS, "beam"),
        "bin": col.bins(counts[0].size, "bin of time and energy, energy runs faster"),
        "lindhard_k_ge": lindhard_column(),
        **{f"recoil_energy_{n}": col.recoil_energy(kev) for n, kev in RECOIL_ENERGIES_KEV.items()},
    }


def _steady_state(counts: Counts) -> dict[str, Column]:
    """Return the steady-state background of each column, alike at all times, on and off."""
    found = {}
    for place, column in enumerate(COLUMNS):
        low, high = ENERGY_EDGES_KEVEE[column : column + 2]
        steady = np.zeros(counts.shape)
        # The number with the beam off is the unit in which the free background is counted.
        steady[:, :, place] = counts[1, :, place].mean()
        text = f"steady state from {low:g} to {high:g} keVee, as many as with the beam off"
        values = steady.reshape(len(RUNS), -1)
        found[f"steady_{column + 1}"] = Column("run bin", values, "counts", text)
    return found
