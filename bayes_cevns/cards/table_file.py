"""Reading of the table of an experiment, with checks of what every table must have."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayes_cevns.cards.card import Card
from bayes_cevns.cards.card_file import CardFile
from bayes_cevns.cards.products import with_products
from bayes_cevns.errors import TableError

EXPOSURE_UNIT = "t yr"
_ENERGY_UNIT = "keV"
#: Variables that are errors of observed numbers.
ERRORS = ("sigma", "sigma_minus", "sigma_plus", "covariance")
_FEWEST_NODES = 4
#: Largest sum of a response over bins at nominal nuisances: 1 and the rounding of single precision.
_LARGEST_NOMINAL = 1.0 + 1e-6
#: The same elsewhere on the shape axes. Releases vary shapes linearly, so that at three standard
#: deviations of two nuisances at once the sum may exceed 1 (1.084 in COHERENT's argon, 1 in all
#: others).
_LARGEST_VARIED = 1.1


#: Runs times bins that have been tried: a mass of a short scan took 33 s of CPU and 0.8 GB. And
#: those whose errors are correlated, since their matrices grow with the square: 0.8 GB each.
MOST_BINS, MOST_CORRELATED = 100_000, 10_000


def read_table(file: CardFile, path: Path) -> xr.Dataset:
    """Read a netCDF table.

    Raises
    ------
    DataError
        If it is missing or damaged, or has a variable whose factors do not fit (`with_products`).
    """
    if not path.is_file():  # opening a pipe would block
        raise file.data_error("table", f"{path} is no file")
    try:
        data = read_netcdf(path)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise file.data_error("table", f"{path} cannot be read ({error})") from None
    try:
        return with_products(data)
    except TableError as error:
        raise file.data_error("table", f"{path}: {error}") from None


def read_netcdf(path: Path) -> xr.Dataset:
    """Read a netCDF file whole.

    Raises
    ------
    OSError, ValueError, KeyError, RuntimeError
        If it is damaged.
    """
    # h5netcdf leaves half an object behind when it cannot open a file or read what the file says of
    # itself, which complains on stderr when it is collected; h5py does not.
    with h5py.File(path, "r") as plain:
        dict(plain.attrs)
    with xr.open_dataset(path, engine="h5netcdf") as opened:
        return opened.load()


def check_table(file: CardFile, data: xr.Dataset) -> None:
    """Check observed counts, exposures and whatever else is binned.

    Raises
    ------
    DataError
        If one of them is missing, has another shape or unit, or numbers that cannot be.
    """
    likelihood = file.card.likelihood
    required = {"exposure": {"run"}}
    if likelihood != "none":
        required["observed"] = {"run", "bin"}
    for name, dims in required.items():
        check_shape(file, data, name, dims)
        check_numbers(file, "table", data[name])
    _check_bins_and_runs(file, data)
    for key, variable in data.items():
        if variable.dtype.kind in "iuf" and ("bin" in variable.dims or key == "exposure"):
            if key in ERRORS:  # checked by `bayes_cevns.cards.table_likelihood`
                continue
            may_be_negative = key == "observed" and likelihood == "normal"
            values = variable.values
            if not np.all(np.isfinite(values)) or (np.any(values < 0) and not may_be_negative):
                raise file.data_error("table", f"{key!r} has negative or non-finite numbers")
    if not data["exposure"].values.all():
        raise file.data_error("table", "'exposure' has zeros")
    check_unit(file, "table", data["exposure"], [EXPOSURE_UNIT])
    if "observed" in required:
        check_unit(file, "table", data["observed"], ["1", "counts"])
    if likelihood == "poisson" and np.any(data["observed"].values % 1):
        raise file.data_error("table", "'observed' has counts that are not whole")


def check_shape(file: CardFile, data: xr.Dataset, name: str, dims: set[str]) -> None:
    """Check that a variable is in a table and has certain dimensions.

    Raises
    ------
    DataError
        If it is not, or has others.
    """
    if name not in data:
        raise file.data_error("table", f"lacks the variable {name!r}")
    if set(data[name].dims) != dims or not data[name].size:
        raise file.data_error(
            "table",
            f"{name!r} has the shape {dict(data[name].sizes)}, expected one value or more along "
            f"{sorted(dims)}",
        )


def _check_bins_and_runs(file: CardFile, data: xr.Dataset) -> None:
    if not data.sizes.get("bin"):
        raise file.data_error("table", "has no dimension 'bin', or nothing along it")
    number = data.sizes["run"] * data.sizes["bin"]
    correlated = "covariance" in data
    most = MOST_CORRELATED if correlated else MOST_BINS
    if number > most:
        of = " of a table with a covariance" if correlated else ""
        raise file.data_error(
            "table", f"has {number} runs x bins, expected {most} at most{of}: join bins"
        )
    for name in ("run", "bin"):
        labels, count = np.unique(data[name].values, return_counts=True)
        if count.max() > 1:
            twice = labels[np.argmax(count)]
            raise file.data_error("table", f"has the {name} {str(twice)!r} more than once")


def check_numbers(file: CardFile, key: str, values: xr.DataArray) -> None:
    """Check that a variable holds real numbers.

    Raises
    ------
    DataError
        If it holds words, dates or anything else.
    """
    if values.dtype.kind not in "iuf":
        raise file.data_error(key, f"{values.name!r} has the type {values.dtype}, expected numbers")


def check_unit(file: CardFile, key: str, values: xr.DataArray, known: list[str]) -> str:
    """Return the unit of a variable.

    Raises
    ------
    DataError
        If it is none of those known.
    """
    unit = str(values.attrs.get("units", ""))
    if unit not in known:
        expected = " or ".join(map(repr, known))
        raise file.data_error(key, f"{values.name!r} has the unit {unit!r}, expected {expected}")
    return unit


def check_response(file: CardFile, key: str, response: xr.DataArray, energy: str) -> None:
    """Check the response of a signal, and the recoil energies at which it is tabulated.

    Raises
    ------
    DataError
        If they are not four or more, increasing and above 0 keV; or if the sum over bins is no
        probability: above 1 and rounding at nominal nuisances, above 1.1 elsewhere.
    """
    if energy not in response.coords:
        raise file.data_error(key, f"{response.name!r} has no values of its dimension {energy!r}")
    energies = response[energy]
    check_numbers(file, key, energies)
    check_unit(file, key, energies, [_ENERGY_UNIT])
    nodes = energies.values
    if nodes.size < _FEWEST_NODES or not np.all(np.diff(nodes, prepend=0.0) > 0):
        raise file.data_error(
            key,
            f"{energy!r}: expected {_FEWEST_NODES} or more increasing recoil energies > 0 keV, got "
            f"{np.array2string(nodes, threshold=6, max_line_width=200)}",
        )
    seen = response.sum("bin")
    for where, values, most in (
        ("at nominal nuisances", at_nominal_nodes(file.card, seen), _LARGEST_NOMINAL),
        ("at the ends of its axes", seen, _LARGEST_VARIED),
    ):
        largest = float(values.max())
        if not 0 < largest <= most:
            raise file.data_error(
                key,
                f"{response.name!r} sums over its bins to {largest:.7g} {where}, expected a "
                f"probability above 0 and at most {most:.7g}: is an efficiency in it twice, or in "
                "percent?",
            )


def at_nominal_nodes(card: Card, values: xr.DataArray) -> xr.DataArray:
    """Return values at the node of each shape axis that is next to its nominal value."""
    for name in set(map(str, values.dims)) & set(card.nuisance):
        distance = np.abs(values[name].values - card.nuisance[name].nominal)
        values = values.isel({name: int(np.argmin(distance))})
    return values


def observed_counts(file: CardFile, data: xr.Dataset) -> xr.DataArray:
    """Return observed counts, dims (run, bin), NaN where no counts are public."""
    if file.card.likelihood == "none":
        shape = (data.sizes["run"], data.sizes["bin"])
        coords = {"run": data["run"], "bin": data["bin"]}
        return xr.DataArray(np.full(shape, np.nan), coords, ("run", "bin"))
    observed = data["observed"].transpose("run", "bin")
    return observed.astype(float) if file.card.likelihood == "normal" else observed


def energy_edges(data: xr.Dataset) -> NDArray[np.float64] | None:
    """Return the edges of the bins in keV, or ``None`` if the table has no such edges.

    They are a variable ``edges...`` in keV with one value more than there are bins; only tables
    that are binned in energy alone have it.
    """
    for key, values in data.items():
        if str(key).startswith("edges") and values.attrs.get("units") == _ENERGY_UNIT:
            edges = values.values.astype(float)
            if edges.shape == (data.sizes["bin"] + 1,) and np.all(np.diff(edges) > 0):
                return np.asarray(edges)
    return None
