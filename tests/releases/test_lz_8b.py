from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.errors import DataError
from bayes_cevns.releases import lz_8b


def build(folder: Path) -> xr.Dataset:
    product = lz_8b.build(folder.parents[1])
    return xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")


def test_it_goes_through_the_released_points_and_ends_with_them(lz_8b_raw: Path) -> None:
    table = build(lz_8b_raw)
    assert table["recoil_energy"].values[[0, -1]].tolist() == [0.5, 2.0]
    found = table["response"].interp(recoil_energy=[0.5, 1.0, 1.5, 2.0]).values.ravel()
    np.testing.assert_allclose(found, [0.0002, 0.01, 0.04, 0.09], rtol=1e-5)
    assert np.all(np.diff(table["response"].values.ravel()) > 0)


def test_it_has_one_number_and_no_events(lz_8b_raw: Path) -> None:
    """(3.1 +2.1 -1.3)e6 per cm2 s over 5.46e6, as an amplitude."""
    table = build(lz_8b_raw)
    errors = {"observed": 0.568, "sigma_minus": 0.238, "sigma_plus": 0.385}
    assert set(table.data_vars) == {"response", "exposure", *errors}
    for name, value in errors.items():
        assert table[name].item() == pytest.approx(value, abs=0.001)
        assert table[name].attrs["units"] == "1"
    assert table["exposure"].values.tolist() == [5.7]
    assert table["response"].dims == ("recoil_energy", "run", "bin")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Efficiency\n", "Energy\n", "expected the columns Nuclear Recoil"),
        ("1.5,0.04", "1.5,many", "expected rows of 2 numbers"),
        ("1.5,0.04", "1.5,0.04,1", "expected rows of 2"),
        ("1.5,0.04", "1.5,-0.04", "finite numbers >= 0"),
        ("1.5,0.04", "0.7,0.04", "increasing energies"),
        ("1.5,0.04", "1.5,1.4", "in 0 to 1"),
    ],
)
def test_damaged_input(lz_8b_raw: Path, old: str, new: str, message: str) -> None:
    path = lz_8b_raw / lz_8b.EFFICIENCY
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        build(lz_8b_raw)
    assert str(path) in str(error.value)
