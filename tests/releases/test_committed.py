"""The tables in the repository: unaltered, with the published numbers, and reproducible."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.releases import build, verify
from bayes_cevns.storage.resources import data_dir, data_file

RUNS = ["sr0", "sr1", "sr2"]


@pytest.fixture(scope="module")
def table() -> Iterator[xr.Dataset]:
    with xr.open_dataset(data_file("xenonnt_cevns/response.nc"), engine="h5netcdf") as dataset:
        yield dataset


def test_every_file_is_listed_and_unaltered():
    assert {path: text for path, text in verify(data_dir()).items() if text != "ok"} == {}


def test_observed_events(table):
    """Events of the three runs in arXiv:2604.06002."""
    assert table["observed"].sum("bin").sel(run=RUNS).values.tolist() == [9, 28, 25]


@pytest.mark.parametrize(
    ("component", "expected", "tolerance"),
    [
        ("ac", [7.48, 17.77, 14.86], 0.006),
        ("er", [0.126, 0.549, 0.524], 0.0006),
        ("neutron", [0.171, 0.405, 0.175], 0.0006),
    ],
)
def test_nominal_backgrounds(table, component, expected, tolerance):
    """Expected counts of arXiv:2604.06002 at nominal yields."""
    rate = table[component].sum("bin")
    if component == "neutron":
        rate = rate.sel(tly=0, tqy=0)
    counts = (rate * table["exposure"]).sel(run=RUNS)
    np.testing.assert_allclose(counts, expected, rtol=0, atol=tolerance)


def test_response_is_a_probability(table):
    assert table["response"].min() >= 0
    assert table["response"].sum("bin").max() <= 1


def test_axes(table):
    np.testing.assert_array_equal(table["recoil_energy"], np.arange(5, 51) / 10)
    np.testing.assert_array_equal(table["tly"], np.arange(-3, 4))
    np.testing.assert_array_equal(table["tqy"], np.arange(-3, 4))
    assert table["run"].values.tolist() == RUNS
    assert table["exposure"].values.tolist() == [1.174398, 2.342593, 3.249665]
    assert data_file("xenonnt_cevns/response.nc").stat().st_size < 4_000_000


def check_same_table(rebuilt: xr.Dataset, committed: xr.Dataset) -> None:
    """Compare all that two tables hold, double precision to some of its last digits.

    Processors differ in the last digit of exponentials, so that the same release does not give the
    same bytes on all of them; whole numbers, single precision and all words are the same.
    """
    assert rebuilt.attrs == committed.attrs
    assert list(rebuilt.variables) == list(committed.variables)
    for name, variable in committed.variables.items():
        found = rebuilt.variables[name]
        assert (found.dims, found.dtype, found.attrs) == (
            variable.dims, variable.dtype, variable.attrs,
        )  # fmt: skip
        if variable.dtype == np.float64:
            atol = 1e-13 * float(np.abs(variable.values).max(initial=0.0))
            np.testing.assert_allclose(found.values, variable.values, rtol=0, atol=atol)
        else:
            np.testing.assert_array_equal(found.values, variable.values)


@pytest.mark.releases
def test_a_full_build_gives_the_committed_files(raw_releases, tmp_path):
    for path in build(raw_releases, out_dir=tmp_path):
        relative = path.relative_to(tmp_path).as_posix()
        if path.suffix == ".nc":
            with (
                xr.open_dataset(path, engine="h5netcdf") as rebuilt,
                xr.open_dataset(data_file(relative), engine="h5netcdf") as committed,
            ):
                if relative == "xenonnt_cevns/response.nc":
                    version = {"builder_version": rebuilt.attrs["builder_version"]}
                    committed = committed.assign_attrs(version)
                check_same_table(rebuilt, committed)
        elif relative != "checksums.toml":
            assert path.read_bytes() == data_file(relative).read_bytes(), relative
