"""CONUS+ bin by bin: the published excess, and the response to nuclear and electronic recoils."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Final

import numpy as np

from bayes_cevns.detectors import (
    ConstantQuenching,
    DetectorResponse,
    Lindhard,
    Quenching,
    response_table,
)
from bayes_cevns.releases.conus_plus import (
    GERMANIUM,
    NOISE_KEV,
    PULLS,
    THRESHOLD_ERROR_KEV,
    recoil_nodes_kev,
)
from bayes_cevns.releases.conus_plus_spectrum_reference import (
    DOI,
    LICENCE,
    PAPER,
    REFERENCE,
    TITLE,
)
from bayes_cevns.releases.germanium import LINDHARD_AXIS, PAIR_ENERGY_KEV, resolution
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.netcdf import to_netcdf
from bayes_cevns.releases.product import Product
from bayes_cevns.tables.shape_axes import ShapeAxis

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

FOLDER, SPECTRUM = "conus_plus_2025_spectrum", "excess_c3.csv"
ORIGIN = "from the figure of the excess in arXiv:2501.05206"
COLUMNS: Final = ("e_low_eVee", "e_high_eVee", "excess", "sigma")

RUN = "run1"
EDGES_KEV: Final = 1e-3 * np.linspace(160.0, 350.0, 20)
#: The excess is that of one kilogram during the 119 days with the reactor on.
EXPOSURE_TONNE_YEAR: Final = 1e-3 * 119.0 / 365.25
#: Electronic recoils: no more than 7 sigma above the last bin, in steps of half a sigma.
ELECTRON_NODES_KEV: Final = np.concatenate([[PAIR_ENERGY_KEV], np.arange(0.01, 0.505, 0.01)])

_SCALE = ShapeAxis("energy_scale", PULLS)


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference from the digitised excess.

    Raises
    ------
    DataError
        If the file is missing, damaged, or has other bins than expected.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    excess, sigma = _excess(raw)
    inputs = raw.digests()
    content = to_netcdf(_dataset(excess, sigma), inputs)
    return Product(files={"response.nc": content, "REFERENCE": REFERENCE.encode()}, inputs=inputs)


def _excess(raw: RawFolder) -> tuple[Array, Array]:
    """Return the excess and its error, shape (bin,)."""
    table = csv.DictReader(StringIO(raw.read_text(SPECTRUM, group=SPECTRUM)))
    try:
        rows = np.array([[float(row[name]) for name in COLUMNS] for row in table])
    except (KeyError, TypeError, ValueError) as error:
        raise raw.error(SPECTRUM, f"expected columns {', '.join(COLUMNS)} ({error})") from None
    bins = np.stack([EDGES_KEV[:-1], EDGES_KEV[1:]], axis=1)
    if rows.shape != (bins.shape[0], len(COLUMNS)) or not np.allclose(1e-3 * rows[:, :2], bins):
        raise raw.error(SPECTRUM, "expected 19 bins of 10 eV from 160 to 350 eV")
    if not (np.all(np.isfinite(rows)) and np.all(rows[:, 3] > 0)):
        raise raw.error(SPECTRUM, "expected finite numbers and errors > 0")
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


def _dataset(excess: Array, sigma: Array) -> xr.Dataset:
    """Name, type and annotate the arrays."""
    import xarray as xr

    def noted(dims: str | tuple[str, ...], values: Array, units: str, what: str) -> xr.Variable:
        return xr.Variable(dims, values, {"units": units, "long_name": what})

    data = {
        "observed": noted(("run", "bin"), excess[None], "counts", "reactor on above background"),
        "sigma": noted(("run", "bin"), sigma[None], "counts", "standard deviation of `observed`"),
        "exposure": noted(
            "run", np.array([EXPOSURE_TONNE_YEAR]), "t yr", "one kilogram during 119 days"
        ),
        "edges_energy": noted("edge", EDGES_KEV, "keV", "bin edges of ionisation energy"),
    }
    coordinates = {
        "run": xr.Variable("run", np.array([RUN], dtype=object), {"long_name": "run"}),
        "bin": xr.Variable("bin", np.arange(excess.size, dtype=np.int32), {"long_name": "bin"}),
        LINDHARD_AXIS.name: noted(
            LINDHARD_AXIS.name, np.array(LINDHARD_AXIS.nodes), "1", "Lindhard's k"
        ),
        "energy_scale": noted("energy_scale", np.array(PULLS), "1", "pull of the energy scale"),
    }
    signals = {
        "nuclear": (nuclear_response(), (LINDHARD_AXIS.name, "energy_scale")),
        "electron": (electron_response(), ("energy_scale",)),
    }
    for name, ((energies, values), axes) in signals.items():
        dim = f"recoil_energy_{name}"
        coordinates[dim] = noted(dim, energies, "keV", f"energy of the recoil, {name}")
        what = f"probability to observe a recoil in a bin, {name}"
        response = noted((dim, *axes, "run", "bin"), values[..., None, :], "1", what)
        data[f"response_{name}"] = response.astype(np.float32)
    attributes = {"title": TITLE, "doi": DOI, "licence": LICENCE, "paper": PAPER}
    return xr.Dataset(data, coords=coordinates, attrs=attributes)
