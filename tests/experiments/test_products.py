"""Variables of a table that are two factors, because their bins are a grid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.cards import experiment
from bayes_cevns.cards.card_file import read_card
from bayes_cevns.cards.loading import load_experiment
from bayes_cevns.cards.products import with_products
from bayes_cevns.errors import DataError
from bayes_cevns.storage.resources import data_dir, models_dir

NAME = "coherent_csi"


@pytest.fixture(scope="module")
def stored() -> xr.Dataset:
    return xr.load_dataset(data_dir() / NAME / "response.nc", engine="h5netcdf")


def test_bins_run_through_the_columns_of_one_row_after_the_other(stored: xr.Dataset) -> None:
    found = with_products(stored)["response_delayed"]
    assert found.dims[-2:] == ("run", "bin")
    assert found.attrs["units"] == "1"
    energy, time = stored["response_delayed"], stored["arrival_delayed"]
    place = {"recoil_energy_delayed": 7, "quenching": 1, "efficiency": 4}
    for row, column in ((0, 0), (4, 7), (8, 10)):
        expected = float(energy.isel({**place, "row": row, "run": 0})) * float(
            time.isel(onset=2, column=column)
        )
        one = found.isel({**place, "onset": 2, "run": 0, "bin": row * 11 + column})
        assert float(one) == pytest.approx(expected, rel=1e-12)


def test_other_tables_are_as_they_were() -> None:
    table = xr.load_dataset(data_dir() / "xenonnt_cevns" / "response.nc", engine="h5netcdf")
    assert with_products(table) is table


def test_an_experiment_has_the_product(stored: xr.Dataset) -> None:
    signal = experiment(NAME).signals[0]
    expected = with_products(stored)["response_prompt"] * stored["exposure"]
    own = expected.transpose("recoil_energy_prompt", *(a.name for a in signal.axes), "run", "bin")
    np.testing.assert_allclose(signal.values.values, own.values, rtol=1e-12)


def attribute(value: object) -> Callable[[xr.Dataset], xr.Dataset]:
    def spoil(table: xr.Dataset) -> xr.Dataset:
        table["response_prompt"].attrs["times"] = value
        return table

    return spoil


WRONG: dict[str, tuple[Callable[[xr.Dataset], xr.Dataset], str]] = {
    "no such variable": (attribute("arrivals"), "attribute 'times' 'arrivals', expected the name"),
    "no name": (attribute(3), "attribute 'times' .*3.*, expected the name of another variable"),
    "itself": (attribute("response_prompt"), r"'response_prompt' has .*, expected 'column'"),
    "with bins": (
        attribute("brn"),
        r"'brn' has the dimensions \['run', 'bin'\], expected 'column'",
    ),
    "too few columns": (
        lambda table: table.isel(column=slice(10)),
        "has 9 rows, and 'arrival_prompt' 10 columns, expected a grid of the 99 bins",
    ),
    "words": (
        lambda table: table.assign(arrival_prompt=table["arrival_prompt"].astype(str)),
        "'arrival_prompt' has the type .*, expected numbers",
    ),
    "below zero": (
        lambda table: table.assign(arrival_prompt=-table["arrival_prompt"]),
        "'response_prompt' has negative or non-finite numbers",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_factors_that_do_not_fit_are_named(case: str, stored: xr.Dataset, tmp_path: Path) -> None:
    spoil, text = WRONG[case]
    path = tmp_path / "response.nc"
    spoil(stored.copy(deep=True)).to_netcdf(path, engine="h5netcdf")
    file = read_card(models_dir() / f"{NAME}.toml")
    with pytest.raises(DataError, match=text) as error:
        load_experiment(file, table=path)
    assert "\n" not in str(error.value)
