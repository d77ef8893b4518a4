"""The table of an experiment: reading it, with checks of what every table has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from bayes_cevns.experiments.card_file import CardFile

EXPOSURE_UNIT = "t yr"


def read_table(file: CardFile, path: Path) -> xr.Dataset:
    """Read a netCDF table.

    Raises
    ------
    DataError
        If it is missing or damaged.
    """
    try:
        with xr.open_dataset(path, engine="h5netcdf") as opened:
            return opened.load()
    except (OSError, ValueError, KeyError) as error:
        raise file.data_error("table", f"{path} cannot be read ({error})") from None


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
    if likelihood == "normal":
        required["sigma"] = {"run", "bin"}
    for name, dims in required.items():
        _check_shape(file, data, name, dims)
    for key, variable in data.items():
        if variable.dtype.kind in "iuf" and ("bin" in variable.dims or key == "exposure"):
            may_be_negative = key == "observed" and likelihood == "normal"
            values = variable.values
            if not np.all(np.isfinite(values)) or (values.min() < 0 and not may_be_negative):
                raise file.data_error("table", f"{key!r} has negative or non-finite numbers")
    for needed in ("exposure", "sigma"):
        if needed in required and not data[needed].values.all():
            raise file.data_error("table", f"{needed!r} has zeros")
    unit = data["exposure"].attrs.get("units", "")
    if unit != EXPOSURE_UNIT:
        raise file.data_error(
            "table", f"'exposure' has the unit {unit!r}, expected {EXPOSURE_UNIT!r}"
        )
    if likelihood == "poisson" and np.any(data["observed"].values % 1):
        raise file.data_error("table", "'observed' has counts that are not whole")


def _check_shape(file: CardFile, data: xr.Dataset, name: str, dims: set[str]) -> None:
    if name not in data:
        raise file.data_error("table", f"lacks the variable {name!r}")
    if set(data[name].dims) != dims or not data[name].size:
        raise file.data_error(
            "table",
            f"{name!r} has the shape {dict(data[name].sizes)}, expected one value or more along "
            f"{sorted(dims)}",
        )


def observed_counts(file: CardFile, data: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray | None]:
    """Return observed counts, dims (run, bin), and their errors for a normal likelihood.

    Where no counts are public they are not numbers, so that nothing can be made of them.
    """
    likelihood = file.card.likelihood
    if likelihood == "none":
        shape = (data.sizes["run"], data.sizes["bin"])
        coords = {"run": data["run"], "bin": data["bin"]}
        return xr.DataArray(np.full(shape, np.nan), coords, ("run", "bin")), None
    observed = data["observed"].transpose("run", "bin")
    if likelihood == "normal":
        return observed.astype(float), data["sigma"].astype(float).transpose("run", "bin")
    return observed, None
