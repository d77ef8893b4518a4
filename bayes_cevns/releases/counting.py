"""Tables of counting experiments: read from CSV, one run and one bin, written as netCDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.netcdf import to_netcdf

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

#: Decimals of a response: beyond them its last digits could depend on the machine.
_DECIMALS = 8
RECOIL_ENERGY = "recoil_energy"


def read_numbers(raw: RawFolder, relative: str, *, columns: Sequence[str]) -> Array:
    """Read a CSV file of numbers below one line of column names, with comments above it.

    Parameters
    ----------
    raw
        Raw release.
    relative
        File below it; lines that begin with ``#`` are comments.
    columns
        The names of its first columns.

    Returns
    -------
    ndarray
        All columns, shape (rows, columns).

    Raises
    ------
    DataError
        If the columns are others, or rows are not finite numbers >= 0, as many as columns.
    """
    text = raw.read_text(relative, group=relative)
    lines = [line for line in text.splitlines() if line.strip() and line[0] != "#"]
    names = lines[0].split(",") if lines else []
    if names[: len(columns)] != list(columns):
        found = ",".join(names[: len(columns)]) or "nothing"
        raise raw.error(relative, f"expected the columns {','.join(columns)}, found {found}")
    try:
        values = np.array([[float(cell) for cell in line.split(",")] for line in lines[1:]])
    except ValueError as error:
        raise raw.error(relative, f"expected rows of {len(names)} numbers ({error})") from None
    good = values.shape == (len(lines) - 1, len(names)) and values.size > 0
    if not good or not np.all(np.isfinite(values)) or values.min() < 0:
        raise raw.error(relative, f"expected rows of {len(names)} finite numbers >= 0")
    return values


@dataclass(frozen=True, eq=False)
class Response:
    """The probability that a recoil is counted.

    Attributes
    ----------
    name
        Its variable in the table.
    energy_kev
        Recoil energies, increasing, > 0, shape (n,).
    probability
        Shape (n, *nodes of the axes).
    what
        What it is, in a few words.
    energy
        Name of its energies in the table, which begins with ``recoil_energy``.
    axes
        Nodes of its shape nuisances, by name.
    """

    name: str
    energy_kev: Array
    probability: Array
    what: str
    energy: str = RECOIL_ENERGY
    axes: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class CountingTable:
    """A search with one bin.

    Attributes
    ----------
    run
        Name of its only run.
    exposure_tonne_year
        Exposure in tonne years of 1000 kg and 365.25 d.
    responses
        One for each signal.
    backgrounds
        Name -> expected counts and what they are.
    observed
        Counts, or ``None`` where they are not public.
    attributes
        Title, doi, licence and paper of the release.
    """

    run: str
    exposure_tonne_year: float
    responses: Sequence[Response]
    attributes: Mapping[str, str]
    backgrounds: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    observed: int | None = None

    def netcdf(self, inputs: Mapping[str, str]) -> bytes:
        """Return the table as a netCDF file, the same bytes for the same numbers.

        Parameters
        ----------
        inputs
            Group of raw input files -> digest, kept as the attribute ``input_sha256``.
        """
        import xarray as xr

        data = {response.name: _variable(response) for response in self.responses}
        for name, (counts, what) in self.backgrounds.items():
            data[name] = xr.Variable(
                ("run", "bin"), np.array([[counts]]), {"units": "counts", "long_name": what}
            )
        if self.observed is not None:
            events = np.array([[self.observed]], dtype=np.int32)
            attributes = {"units": "1", "long_name": "observed events"}
            data["observed"] = xr.Variable(("run", "bin"), events, attributes)
        exposure = {"units": "t yr", "long_name": "exposure"}
        data["exposure"] = xr.Variable("run", np.array([self.exposure_tonne_year]), exposure)
        table = xr.Dataset(
            data,
            coords=self._coordinates(),
            attrs=self.attributes,
        )
        return to_netcdf(table, inputs)

    def _coordinates(self) -> dict[str, xr.Variable]:
        import xarray as xr

        found: dict[str, xr.Variable] = {
            "run": xr.Variable("run", np.array([self.run], dtype=object), {"long_name": "run"}),
            "bin": xr.Variable("bin", np.arange(1, dtype=np.int32), {"long_name": "bin"}),
        }
        for response in self.responses:
            attributes = {"units": "keV", "long_name": f"recoil energy, {response.what}"}
            found[response.energy] = xr.Variable(response.energy, response.energy_kev, attributes)
            for axis, nodes in response.axes.items():
                pulls = np.array(nodes, dtype=float)
                text = {"units": "1", "long_name": "standard deviations"}
                found[axis] = xr.Variable(axis, pulls, text)
        return found


def _variable(response: Response) -> xr.Variable:
    import xarray as xr

    values = np.round(response.probability, _DECIMALS).astype(np.float32)
    dims = (response.energy, *response.axes, "run", "bin")
    attributes = {"units": "1", "long_name": response.what}
    return xr.Variable(dims, values[..., None, None], attributes)
