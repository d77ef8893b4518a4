"""How a described table is written."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.releases.columns import (
    Column,
    Table,
    axis,
    bins,
    csv_text,
    exposure,
    netcdf,
    observed,
    probability,
    response,
    runs,
)

TABLE: Table = {
    "response": response("recoil_energy shape run bin", np.full((2, 3, 4), 0.1)),
    "small": probability("recoil_energy run bin", np.full((2, 1, 4), 1.23456789e-3), "other"),
    "flat": Column("run bin", np.arange(4.0), "counts"),
    "observed": observed([0.0, 1.0, 2.0, 3.0]),
    "exposure": exposure([2.0]),
    "run": runs(["all"]),
    "bin": bins(4),
    "pe_bin": Column("bin", [0, 0, 1, 1]),
    "recoil_energy": axis([1.0, 2.0], "recoil energy", "keV"),
    "shape": axis((-1, 0, 1), "pull"),
}


def written(table: Table, inputs: dict[str, str] | None = None) -> xr.Dataset:
    content = netcdf(table, {"title": "A table"}, inputs)
    return xr.load_dataset(BytesIO(content), engine="h5netcdf")


def test_a_run_of_one_may_be_left_out() -> None:
    table = written(TABLE)
    assert table["response"].dims == ("recoil_energy", "shape", "run", "bin")
    assert table["response"].shape == (2, 3, 1, 4)
    assert table["flat"].values.tolist() == [[0.0, 1.0, 2.0, 3.0]]


def test_one_number_is_one_run_and_one_bin() -> None:
    table = written({"sigma": Column("run bin", 6.7, "counts"), "bin": bins(1)})
    assert table["sigma"].values.tolist() == [[6.7]]


def test_other_dimensions_may_not_be_left_out() -> None:
    with pytest.raises(ValueError, match="dimension"):
        netcdf({"response": response("recoil_energy shape run bin", np.zeros(4))}, {})


def test_types_units_and_coordinates() -> None:
    table = written(TABLE)
    assert table["response"].dtype == table["small"].dtype == np.float32
    assert table["observed"].dtype == np.int32
    assert table["shape"].dtype == np.float64
    assert float(table["small"][0, 0, 0]) == np.float32(0.00123457)
    assert table["exposure"].attrs == {"units": "t yr", "long_name": "exposure"}
    assert table["flat"].attrs == {"units": "counts"}
    assert set(table.coords) == {"run", "bin", "pe_bin", "recoil_energy", "shape"}


def test_inputs_are_noted_where_there_is_a_release() -> None:
    assert "input_sha256" not in written(TABLE).attrs
    assert written(TABLE, {"a.txt": "12"}).attrs["input_sha256"] == '{"a.txt": "12"}'
    assert netcdf(TABLE, {}) == netcdf(TABLE, {})


def test_csv_keeps_text_and_all_digits() -> None:
    text = csv_text(["a comment"], ["name", "value"], [("one", 0.1), ("two", 3)])
    assert text == "# a comment\nname,value\none,0.1\ntwo,3.0\n"
