"""The XENONnT solar-8B release as one table: response, backgrounds and observed counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.netcdf import to_netcdf
from bayes_cevns.releases.product import Product
from bayes_cevns.releases.xenonnt_binning import (
    OBSERVABLE_UNITS,
    OBSERVABLES,
    count_events,
    read_edges,
)
from bayes_cevns.releases.xenonnt_reference import DOI, LICENCE, PAPERS, REFERENCE, TITLE
from bayes_cevns.releases.xenonnt_templates import N_BINS, SHAPE, read_template

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

FOLDER = "xenonnt_cevns_2026"
ORIGIN = f"with 'bayes-cevns data fetch xenonnt_cevns' or from https://doi.org/{DOI}"

RATE_UNIT = "1/(t yr)"
_BIN = ("run", "bin")
_YIELDS = ("tly", "tqy")


@dataclass(frozen=True)
class Layout:
    """The runs and grid points of the release.

    Attributes
    ----------
    exposure_tonne_year
        Run -> exposure. The release has these in its notebook ``plot.ipynb`` (``livetimes``).
    recoil_energies_kev
        Nuclear recoil energies of the mono-energetic templates.
    yield_pulls
        Values of the light-yield and charge-yield parameters, in standard deviations.
    """

    exposure_tonne_year: Mapping[str, float] = field(
        default_factory=lambda: {"sr0": 1.174398, "sr1": 2.342593, "sr2": 3.249665}
    )
    recoil_energies_kev: tuple[float, ...] = tuple(tenth / 10 for tenth in range(5, 51))
    yield_pulls: tuple[float, ...] = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)

    @property
    def runs(self) -> tuple[str, ...]:
        """Names of the science runs."""
        return tuple(self.exposure_tonne_year)


#: The layout of the release of 2026.
RELEASE = Layout()


def build(releases_dir: Path, *, layout: Layout = RELEASE) -> Product:
    """Build ``response.nc`` and its reference from the raw release.

    Raises
    ------
    DataError
        If an input is missing, damaged, or does not fit the others.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    edges = {run: read_edges(raw, run) for run in layout.runs}
    variables = _variables(raw, layout, edges)
    inputs = raw.digests()
    content = to_netcdf(_dataset(variables, layout, edges), inputs)
    return Product(files={"response.nc": content, "REFERENCE": REFERENCE.encode()}, inputs=inputs)


def _variables(raw: RawFolder, layout: Layout, edges: Mapping[str, Array]) -> dict[str, Array]:
    """Read every template and event, as arrays whose first axis is the run."""
    n_yields = len(layout.yield_pulls)
    grid = (n_yields, n_yields, N_BINS)
    response = np.empty((len(layout.runs), len(layout.recoil_energies_kev), *grid))
    neutron = np.empty((len(layout.runs), *grid))
    ac = np.empty((len(layout.runs), N_BINS))
    er = np.empty_like(ac)
    observed = np.empty_like(ac)
    for i, run in enumerate(layout.runs):
        read = _reader(raw, run, edges=edges[run])
        ac[i] = read("ac")
        er[i] = read("er")
        observed[i] = count_events(raw, run, edges=edges[run])
        for (j, tly), (k, tqy) in product(enumerate(layout.yield_pulls), repeat=2):
            pulls = f"_tly_{tly:.1f}_tqy_{tqy:.1f}"
            neutron[i, j, k] = read("rg", after=pulls)
            for e, energy in enumerate(layout.recoil_energies_kev):
                response[i, e, j, k] = read("mono", before=f"_{energy:.3f}", after=pulls)
        _check_probability(raw, run, response[i])
    return {"response": response, "neutron": neutron, "ac": ac, "er": er, "observed": observed}


def _reader(raw: RawFolder, run: str, *, edges: Array) -> Callable[..., Array]:
    """Return a function that reads the template of a component of a run."""

    def read(component: str, *, before: str = "", after: str = "") -> Array:
        name = f"template_XENONnT_{run}_{component}{before}_cevns{after}.h5"
        relative = f"templates/{run}/{component}/{name}"
        return read_template(raw, relative, group=f"{run}/{component}", edges=edges)

    return read


def _check_probability(raw: RawFolder, run: str, response: Array) -> None:
    largest = response.sum(axis=-1).max()
    if largest > 1 + 1e-9:
        raise raw.error(
            f"templates/{run}/mono",
            f"expected detection probabilities that sum to at most 1, found {largest:g}",
        )


def _dataset(
    variables: Mapping[str, Array], layout: Layout, edges: Mapping[str, Array]
) -> xr.Dataset:
    """Name, type and annotate the arrays."""
    import xarray as xr

    def rate(of: str, *, dims: tuple[str, ...], what: str) -> xr.Variable:
        attributes = {"units": RATE_UNIT, "long_name": f"expected {what}"}
        return xr.Variable(dims, variables[of], attributes)

    per_yield = ("run", *_YIELDS, "bin")
    data = {
        "response": xr.Variable(
            ("run", "recoil_energy", *_YIELDS, "bin"),
            variables["response"].astype(np.float32),
            {"units": "1", "long_name": "probability to detect a recoil in a bin"},
        ),
        "neutron": rate("neutron", dims=per_yield, what="radiogenic neutrons"),
        "ac": rate("ac", dims=_BIN, what="accidental coincidences"),
        "er": rate("er", dims=_BIN, what="electronic recoils"),
        "observed": xr.Variable(
            _BIN,
            variables["observed"].astype(np.int32),
            {"units": "1", "long_name": "observed events"},
        ),
        "exposure": xr.Variable(
            "run",
            np.array(list(layout.exposure_tonne_year.values())),
            {"units": "t yr", "long_name": "exposure"},
        ),
    }
    for axis, name in enumerate(OBSERVABLES):
        data[f"edges_{name}"] = xr.Variable(
            ("run", "edge"),
            np.stack([edges[run][axis] for run in layout.runs]),
            {"units": OBSERVABLE_UNITS[name], "long_name": f"bin edges of {name}"},
        )
    attributes = {
        "title": TITLE,
        "doi": DOI,
        "licence": LICENCE,
        "paper": PAPERS,
    }
    return xr.Dataset(data, coords=_coordinates(layout), attrs=attributes)


def _coordinates(layout: Layout) -> dict[str, xr.Variable]:
    import xarray as xr

    pulls = np.array(layout.yield_pulls)
    coordinates = {
        "run": xr.Variable("run", np.array(layout.runs, dtype=object), {"long_name": "run"}),
        "recoil_energy": xr.Variable(
            "recoil_energy",
            np.array(layout.recoil_energies_kev),
            {"units": "keV", "long_name": "nuclear recoil energy"},
        ),
        "tly": xr.Variable("tly", pulls, {"units": "1", "long_name": "light-yield pull"}),
        "tqy": xr.Variable("tqy", pulls, {"units": "1", "long_name": "charge-yield pull"}),
        "bin": xr.Variable("bin", np.arange(N_BINS, dtype=np.int32), {"long_name": "bin"}),
    }
    for name, index in zip(OBSERVABLES, np.unravel_index(np.arange(N_BINS), SHAPE), strict=True):
        coordinates[f"{name}_bin"] = xr.Variable(
            "bin", index.astype(np.int32), {"long_name": f"bin number along {name}"}
        )
    return coordinates
