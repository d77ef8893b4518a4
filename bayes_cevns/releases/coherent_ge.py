"""COHERENT's germanium array in time and energy, with the beam on and off."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Final

import numpy as np

from bayes_cevns.releases import coherent_ge_detectors as detectors
from bayes_cevns.releases.coherent_ge_detectors import mean_response
from bayes_cevns.releases.coherent_ge_reference import LICENCE, PAPER, REFERENCE, TITLE
from bayes_cevns.releases.germanium import LINDHARD_AXIS
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.netcdf import to_netcdf
from bayes_cevns.releases.product import Product

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]
    type Counts = NDArray[np.int32]

FOLDER, ORIGIN = "coherent_ge_2024_grid", "from figures 5a and 5b of arXiv:2406.13806"
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


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference from the transcribed figures and the public code.

    Raises
    ------
    DataError
        If an input is missing, damaged, or has other bins than expected.
    """
    grid = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    public = RawFolder(releases_dir / detectors.FOLDER, origin=detectors.ORIGIN)
    observed = _observed(grid)[:, :, COLUMNS]
    arrivals = _arrivals(public)
    responses = {
        name: _in_time_and_energy(
            mean_response(public, ENERGY_EDGES_KEVEE, energies), arrivals[name]
        )
        for name, energies in RECOIL_ENERGIES_KEV.items()
    }
    inputs = {**grid.digests(), **public.digests()}
    content = to_netcdf(_dataset(observed, responses), inputs)
    return Product(files={"response.nc": content, "REFERENCE": REFERENCE.encode()}, inputs=inputs)


def _observed(raw: RawFolder) -> Counts:
    """Return the counts, shape (run, time, energy)."""
    rows = csv.DictReader(StringIO(raw.read_text(GRID, group=GRID)))
    names = ("t_low_us", "t_high_us", "e_low_keVee", "e_high_keVee")
    counts = {}
    try:
        for row in rows:
            key = (row["sample"], *(float(row[name]) for name in names))
            counts[key] = int(row["counts"])
    except (KeyError, TypeError, ValueError) as error:
        raise raw.error(
            GRID, f"expected rows of sample, {', '.join(names)}, counts ({error})"
        ) from None
    expected = [
        (run, *times, *energies)
        for run in RUNS
        for times in _bins(TIME_EDGES_US)
        for energies in _bins(ENERGY_EDGES_KEVEE)
    ]
    if set(counts) != set(expected) or min(counts.values()) < 0:
        raise raw.error(
            GRID, "expected counts >= 0 in 10 bins of 4 us and 9 of 2 keVee, on and off"
        )
    shape = (len(RUNS), TIME_EDGES_US.size - 1, ENERGY_EDGES_KEVEE.size - 1)
    return np.array([counts[key] for key in expected], dtype=np.int32).reshape(shape)


def _bins(edges: Array) -> list[tuple[float, float]]:
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _arrivals(raw: RawFolder) -> dict[str, Array]:
    """Return the share of prompt and of delayed neutrinos in each bin of time, shape (time,)."""
    rows = list(csv.DictReader(StringIO(raw.read_text(TIMING, group=TIMING))))
    try:
        times = np.array([float(row["time_us"]) for row in rows])
        curves = {
            name: np.array([float(row[f"fitted_{name}"]) for row in rows])
            for name in RECOIL_ENERGIES_KEV
        }
    except (KeyError, TypeError, ValueError) as error:
        raise raw.error(
            TIMING, f"expected columns time_us, fitted_prompt, fitted_delayed ({error})"
        ) from None
    # The curves end one bin before the counts do, where nothing arrives any more.
    first = TIME_EDGES_US[0] + 0.5 * _CURVE_STEP_US
    if times.size != 19 or not np.allclose(times, first + _CURVE_STEP_US * np.arange(19)):
        raise raw.error(TIMING, "expected 19 times from -3 us in steps of 2 us")
    if any(curve.min() < 0 or curve.sum() <= 0 for curve in curves.values()):
        raise raw.error(TIMING, "expected curves >= 0")
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


def _dataset(observed: Counts, responses: dict[str, Array]) -> xr.Dataset:
    """Name, type and annotate the arrays; the bins run through the energies of one time first."""
    import xarray as xr

    def noted(dims: str, values: Array, units: str, what: str) -> xr.Variable:
        return xr.Variable(dims, values, {"units": units, "long_name": what})

    data = {
        "observed": _binned(observed, "1", "observed events"),
        "exposure": noted(
            "run", np.full(len(RUNS), MASS_TONNE), "t yr", "active mass times one year"
        ),
        "edges_time": noted("edge_time", TIME_EDGES_US, "us", "bin edges"),
        "edges_kevee": noted("edge_kevee", ENERGY_EDGES_KEVEE, "keV", "bin edges, all columns"),
        "columns": xr.Variable(
            "column", np.array(COLUMNS, dtype=np.int32), {"long_name": "columns that are used"}
        ),
        **_steady_state(observed),
    }
    coordinates = {
        "run": xr.Variable("run", np.array(RUNS, dtype=object), {"long_name": "beam"}),
        "bin": xr.Variable(
            "bin",
            np.arange(observed[0].size, dtype=np.int32),
            {"long_name": "bin of time and energy, energy runs faster"},
        ),
        "lindhard_k_ge": noted("lindhard_k_ge", np.array(LINDHARD_AXIS.nodes), "1", "Lindhard's k"),
    }
    for name, values in responses.items():
        dim = f"recoil_energy_{name}"
        coordinates[dim] = noted(dim, RECOIL_ENERGIES_KEV[name], "keV", "nuclear recoil energy")
        data[f"response_{name}"] = xr.Variable(
            (dim, "lindhard_k_ge", "run", "bin"),
            values.astype(np.float32),
            {"units": "1", "long_name": f"probability to observe a recoil, {name} neutrinos"},
        )
    attributes = {"title": TITLE, "licence": LICENCE, "paper": PAPER}
    return xr.Dataset(data, coords=coordinates, attrs=attributes)


def _steady_state(observed: Counts) -> dict[str, xr.Variable]:
    """Return the steady-state background of each column, alike at all times, on and off."""
    found = {}
    for place, column in enumerate(COLUMNS):
        low, high = ENERGY_EDGES_KEVEE[column : column + 2]
        counts = np.zeros(observed.shape)
        # The number with the beam off is the unit in which the free background is counted.
        counts[:, :, place] = observed[1, :, place].mean()
        what = f"steady state from {low:g} to {high:g} keVee, as many as with the beam off"
        found[f"steady_{column + 1}"] = _binned(counts, "counts", what)
    return found


def _binned(values: NDArray[np.generic], units: str, what: str) -> xr.Variable:
    """Return counts of shape (run, time, energy) as a variable of the table."""
    import xarray as xr

    attributes = {"units": units, "long_name": what}
    return xr.Variable(("run", "bin"), values.reshape(len(RUNS), -1), attributes)
