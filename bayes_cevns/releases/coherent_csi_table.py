"""What the tables of both COHERENT CsI releases have in common: bins in two observables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.netcdf import to_netcdf
from bayes_cevns.tables.shape_axes import ShapeAxis

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

RUN = "all"
#: Responses are rounded to a multiple of this, 1e-6: some 0.001 events in a bin.
ROUNDING = 2.0**-20


@dataclass(frozen=True, eq=False)
class Response:
    """Probability to observe a recoil in each bin of photoelectrons and of time.

    Attributes
    ----------
    recoil_energy_kev
        Recoil energies, shape (n,).
    axes
        Shape nuisances.
    values
        Probabilities, shape (n, *nodes, PE bins, time bins).
    """

    recoil_energy_kev: Array
    axes: tuple[ShapeAxis, ...]
    values: Array

    def variable(self, name: str, what: str) -> xr.DataArray:
        """Return the response as a variable of the table, its bins in one dimension."""
        import xarray as xr

        energy = f"recoil_energy_{name}"
        shape = (*self.values.shape[:-2], 1, self.values.shape[-2] * self.values.shape[-1])
        rounded = np.round(self.values.reshape(shape) / ROUNDING) * ROUNDING
        nodes = {axis.name: np.asarray(axis.nodes) for axis in self.axes}
        return xr.DataArray(
            rounded.astype(np.float32),
            {energy: (energy, self.recoil_energy_kev, {"units": "keV"}), **nodes},
            (energy, *nodes, "run", "bin"),
            attrs={"units": "1", "long_name": f"probability to observe a recoil, {what}"},
        )


@dataclass(frozen=True, eq=False)
class Release:
    """Everything that a table of bins in photoelectrons and time holds.

    Attributes
    ----------
    pe_edges, time_edges_us
        Edges of the bins.
    mass_tonne
        Mass of the detector; its protons on target are spread over one year by the source.
    responses
        Name of the neutrinos -> their response.
    backgrounds
        Name -> expected events, shape (PE bins, time bins).
    observed
        Events, same shape.
    """

    pe_edges: Array
    time_edges_us: Array
    mass_tonne: float
    responses: Mapping[str, Response]
    backgrounds: Mapping[str, Array]
    observed: NDArray[np.int32]

    def to_bytes(self, attributes: Mapping[str, str], inputs: Mapping[str, str]) -> bytes:
        """Return the table as a netCDF file, the same bytes from the same numbers."""
        return to_netcdf(self._dataset().assign_attrs(attributes), inputs)

    def _dataset(self) -> xr.Dataset:
        import xarray as xr

        def flat(values: NDArray[np.generic], units: str, what: str) -> xr.Variable:
            attributes = {"units": units, "long_name": what}
            return xr.Variable(("run", "bin"), values.reshape(1, -1), attributes)

        data: dict[str, xr.DataArray | xr.Variable] = {
            f"response_{name}": response.variable(name, f"{name} neutrinos")
            for name, response in self.responses.items()
        }
        for name, counts in self.backgrounds.items():
            data[name] = flat(counts, "counts", f"expected events, {name.replace('_', ' ')}")
        observed = np.asarray(self.observed, dtype=np.int32)
        data["observed"] = flat(observed, "1", "observed events")
        data["exposure"] = xr.Variable(
            "run", [self.mass_tonne], {"units": "t yr", "long_name": "mass times one year"}
        )
        for name, edges, units in (
            ("edges_pe", self.pe_edges, "PE"),
            ("edges_time", self.time_edges_us, "us"),
        ):
            data[name] = xr.Variable(
                name.replace("edges", "edge"), edges, {"units": units, "long_name": "bin edges"}
            )
        names = np.array([RUN], dtype=object)
        coordinates = {
            "run": xr.Variable("run", names, {"long_name": "run"}),
            "bin": xr.Variable(
                "bin",
                np.arange(observed.size, dtype=np.int32),
                {"long_name": "bin of photoelectrons and time, time runs faster"},
            ),
        }
        return xr.Dataset(data, coords=coordinates)


def read_numbers(
    raw: RawFolder, relative: str, columns: int, *, separator: str | None = None
) -> Array:
    """Return the rows of a table below comments and at most one line of column names.

    Raises
    ------
    DataError
        If there is no row, or one is not so many finite numbers.
    """
    text = raw.read_text(relative, group=relative)
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if lines and lines[0].lstrip()[0].isalpha():
        lines = lines[1:]
    try:
        rows = [[float(cell) for cell in line.split(separator)] for line in lines]
    except ValueError as error:
        raise raw.error(relative, f"expected rows of {columns} numbers ({error})") from None
    if not rows or any(len(row) != columns for row in rows) or not np.all(np.isfinite(rows)):
        raise raw.error(relative, f"expected {columns} finite numbers in each row")
    return np.array(rows)


def outer_response(
    recoil_energy_kev: Array,
    energy_axes: tuple[ShapeAxis, ...],
    energy: Array,
    time_axes: tuple[ShapeAxis, ...],
    time: Array,
) -> Response:
    """Return the response whose two observables are independent.

    Parameters
    ----------
    recoil_energy_kev
        Recoil energies, shape (n,).
    energy_axes, energy
        Nuisances, and probability of the bins of photoelectrons, shape (n, *nodes, PE bins).
    time_axes, time
        Nuisances, and probability of the bins of time, shape (*nodes, time bins).
    """
    lead, pe = energy.shape[:-1], energy.shape[-1]
    nodes, bins = time.shape[:-1], time.shape[-1]
    values = np.einsum("ap,bt->abpt", energy.reshape(-1, pe), time.reshape(-1, bins))
    axes = (*energy_axes, *time_axes)
    return Response(recoil_energy_kev, axes, values.reshape(*lead, *nodes, pe, bins))
