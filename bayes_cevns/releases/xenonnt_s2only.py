"""The XENONnT ionisation-only release as one table: response, backgrounds and observed counts."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.netcdf import to_netcdf
from bayes_cevns.releases.product import Product
from bayes_cevns.releases.xenonnt_s2only_reference import (
    DOI,
    LICENCE,
    PAPER,
    REFERENCE,
    TITLE,
)

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

FOLDER = "xenonnt_s2only_2026"
ORIGIN = "from https://github.com/XENONnT/s2_only_data_release"

#: Run -> exposure in tonne years: livetime_sr0, ... of ``s2_only_statistical_model.yaml``.
EXPOSURE_TONNE_YEAR = {"sr0": 1.50, "sr1": 2.44, "sr2": 3.89}
#: Values of the charge-yield and cathode-shape parameters, in standard deviations.
PULLS = (-3, -2, -1, 0, 1, 2, 3)
#: Bin edges of the S2 area without lifetime correction: ``np.linspace(80, 500, 8)`` of the YAML.
EDGES_PE = np.linspace(80.0, 500.0, 8)

TEMPLATES = "background_templates_all_variations.csv"
RATE_UNIT = "1/(t yr)"
_N_BINS = EDGES_PE.size - 1
_BINS = [f"s2_bin_{i}" for i in range(_N_BINS)]
_TEMPLATE_BINS = [f"cS2_{a:g}_{b:g}PE" for a, b in pairwise(EDGES_PE)]


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference from the raw release.

    Raises
    ------
    DataError
        If an input is missing, damaged, or does not fit the others.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    energies, response = _response(raw)
    variables = {"response": response, "observed": _observed(raw), **_backgrounds(raw)}
    inputs = raw.digests()
    content = to_netcdf(_dataset(energies, variables), inputs)
    return Product(files={"response.nc": content, "REFERENCE": REFERENCE.encode()}, inputs=inputs)


def _rows(raw: RawFolder, relative: str, *, group: str, header: list[str]) -> list[list[str]]:
    """Return the rows of a CSV file below a header that must be the one expected."""
    rows = list(csv.reader(io.StringIO(raw.read_text(relative, group=group))))
    if not rows or rows[0] != header:
        found = ",".join(rows[0]) if rows else "nothing"
        raise raw.error(relative, f"expected the columns {','.join(header)}, found {found}")
    return rows[1:]


def _numbers(raw: RawFolder, relative: str, cells: list[str], size: int) -> Array:
    """Return the numbers of a row, finite and not negative."""
    try:
        values = np.array([float(cell) for cell in cells])
    except ValueError as error:
        raise raw.error(relative, f"expected numbers ({error})") from None
    if values.size != size or not np.all(np.isfinite(values)) or values.min() < 0:
        raise raw.error(relative, f"expected {size} finite numbers >= 0, found {','.join(cells)}")
    return values


def _response(raw: RawFolder) -> tuple[Array, Array]:
    """Return recoil energies, shape (n,), and response, shape (run, n, tqy, bin)."""
    energies = np.empty(0)
    runs = []
    for run in EXPOSURE_TONNE_YEAR:
        pulls = []
        for pull in PULLS:
            relative = f"response/response_nr_tqy_{pull}_{run}.csv"
            rows = _rows(raw, relative, group="response", header=["energy_kev", *_BINS])
            table = np.array([_numbers(raw, relative, row, 1 + _N_BINS) for row in rows])
            if not energies.size:
                energies = table[:, 0]
            if not np.array_equal(table[:, 0], energies) or np.any(np.diff(energies) <= 0):
                raise raw.error(relative, "expected the increasing energies of the other files")
            if table[:, 1:].sum(axis=1).max() > 1:
                raise raw.error(relative, "expected probabilities that sum to at most 1")
            pulls.append(table[:, 1:])
        runs.append(np.stack(pulls, axis=1))
    return energies, np.stack(runs)


def _backgrounds(raw: RawFolder) -> dict[str, Array]:
    """Return rates of the backgrounds and of the release's own CEvNS column."""
    header = ["template_events_per_tonne_year", *_TEMPLATE_BINS]
    rows = _rows(raw, TEMPLATES, group=TEMPLATES, header=header)
    rates = {row[0]: row[1:] for row in rows if row}

    def read(run: str, name: str) -> Array:
        key = f"{run}_template_{name}"
        # The release has no after-emission in SR2: its template is empty, 1e-11 a bin.
        if key not in rates:
            raise raw.error(TEMPLATES, f"expected the template {key}, found none")
        return _numbers(raw, TEMPLATES, rates[key], _N_BINS)

    def read_pulls(run: str, name: str) -> list[Array]:
        return [read(run, f"{name}_{pull}") for pull in PULLS]

    runs = tuple(EXPOSURE_TONNE_YEAR)
    return {
        "cathode": np.array([read_pulls(run, "cathode_tsys") for run in runs]),
        "de": np.array([read(run, "de") for run in runs]),
        "ae": np.array([read(run, "ae") for run in runs]),
        "released_cevns": np.array([read_pulls(run, "cevns_tqy") for run in runs]),
    }


def _observed(raw: RawFolder) -> Array:
    """Return the events of each run in the bins; one outside them is an error."""
    counts = []
    for run in EXPOSURE_TONNE_YEAR:
        relative = f"events_{run.upper()}.csv"
        rows = _rows(raw, relative, group="events", header=["cs2_wo_elifecorr", "source"])
        area = np.concatenate([_numbers(raw, relative, row[:1], 1) for row in rows])
        binned, _ = np.histogram(area, EDGES_PE)
        if binned.sum() != area.size:
            raise raw.error(relative, f"expected events from 80 to 500 PE, found {area.max():g}")
        counts.append(binned)
    return np.array(counts)


def _dataset(energies: Array, variables: Mapping[str, Array]) -> xr.Dataset:
    """Name, type and annotate the arrays."""
    import xarray as xr

    def variable(name: str, dims: tuple[str, ...], units: str, what: str) -> xr.Variable:
        return xr.Variable(dims, variables[name], {"units": units, "long_name": what})

    data = {
        "response": variable(
            "response",
            ("run", "recoil_energy", "tqy", "bin"),
            "1",
            "probability to detect a recoil in a bin",
        ).astype(np.float32),
        "cathode": variable(
            "cathode", ("run", "tsys", "bin"), RATE_UNIT, "expected cathode events"
        ),
        "de": variable("de", ("run", "bin"), RATE_UNIT, "expected delayed electrons"),
        "ae": variable("ae", ("run", "bin"), RATE_UNIT, "expected after-emission"),
        "released_cevns": variable(
            "released_cevns", ("run", "tqy", "bin"), RATE_UNIT, "CEvNS column of the release"
        ),
        "observed": variable("observed", ("run", "bin"), "1", "observed events").astype(np.int32),
        "exposure": xr.Variable(
            "run",
            np.array(list(EXPOSURE_TONNE_YEAR.values())),
            {"units": "t yr", "long_name": "exposure"},
        ),
        "edges_s2": xr.Variable("edge", EDGES_PE, {"units": "PE", "long_name": "bin edges of S2"}),
    }
    pulls = np.array(PULLS, dtype=float)
    names = np.array(list(EXPOSURE_TONNE_YEAR), dtype=object)
    coordinates = {
        "run": xr.Variable("run", names, {"long_name": "run"}),
        "recoil_energy": xr.Variable(
            "recoil_energy", energies, {"units": "keV", "long_name": "nuclear recoil energy"}
        ),
        "tqy": xr.Variable("tqy", pulls, {"units": "1", "long_name": "charge-yield pull"}),
        "tsys": xr.Variable("tsys", pulls, {"units": "1", "long_name": "cathode-shape pull"}),
        "bin": xr.Variable("bin", np.arange(_N_BINS, dtype=np.int32), {"long_name": "bin"}),
    }
    attributes = {
        "title": TITLE,
        "doi": DOI,
        "licence": LICENCE,
        "paper": PAPER,
    }
    return xr.Dataset(data, coords=coordinates, attrs=attributes)
