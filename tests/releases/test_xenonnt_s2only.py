from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.errors import DataError
from bayes_cevns.releases import xenonnt_s2only


def build(folder: Path) -> xr.Dataset:
    product = xenonnt_s2only.build(folder.parent)
    return xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")


def test_every_number_is_at_its_place(s2only_raw: Path) -> None:
    table = build(s2only_raw)
    bins = 1 + np.arange(7)
    for number, run in enumerate(("sr0", "sr1", "sr2")):
        one = table.sel(run=run)
        np.testing.assert_allclose(one["de"], (3 + number) * bins)
        np.testing.assert_allclose(one["ae"], (4 + number) * bins)
        for pull in range(-3, 4):
            shifted = bins + 0.1 * pull
            np.testing.assert_allclose(one["cathode"].sel(tsys=pull), (10 + number) * shifted)
            np.testing.assert_allclose(one["released_cevns"].sel(tqy=pull), (2 + number) * shifted)
            for energy in (0.5, 2.0):
                found = one["response"].sel(recoil_energy=energy, tqy=pull)
                expected = (1e-3 * energy + number * 1e-4) * shifted
                np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert table["observed"].sel(run="sr1").values.tolist() == [1, 1, 0, 0, 0, 0, 1]


def test_names_types_and_units(s2only_raw: Path) -> None:
    table = build(s2only_raw)
    assert table["response"].dims == ("run", "recoil_energy", "tqy", "bin")
    assert table["response"].dtype == np.float32
    assert table["observed"].dtype == np.int32
    assert {table[name].attrs["units"] for name in ("cathode", "de", "ae")} == {"1/(t yr)"}
    assert table["exposure"].values.tolist() == [1.50, 2.44, 3.89]
    assert all("long_name" in table[name].attrs for name in table.variables)


def test_the_same_release_gives_the_same_bytes(s2only_raw: Path) -> None:
    first, second = (xenonnt_s2only.build(s2only_raw.parent) for _ in range(2))
    assert first.files == second.files
    assert first.inputs == second.inputs


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("events_SR1.csv", "499.0", "501.0", "from 80 to 500 PE, found 501"),
        ("events_SR1.csv", "499.0", "many", r"row 1 has \['many', "),
        ("response/response_nr_tqy_0_sr2.csv", "\n2.0,", "\n2.5,", "energies of the other files"),
        ("response/response_nr_tqy_0_sr2.csv", "\n2.0,", "\n2.0,9", "at most 1"),
        ("response/response_nr_tqy_0_sr2.csv", "s2_bin_6", "s2_bin_7", "expected the columns"),
        (xenonnt_s2only.TEMPLATES, "sr1_template_de,", "sr1_template_d,", "sr1_template_de, found"),
        (xenonnt_s2only.TEMPLATES, "sr1_template_de,", "sr1_template_de,-", "numbers >= 0"),
        (xenonnt_s2only.TEMPLATES, "sr1_template_de,", "sr1_template_de,1,", "rows of 8 cells"),
    ],
)
def test_damaged_input(s2only_raw: Path, file: str, old: str, new: str, message: str) -> None:
    path = s2only_raw / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        build(s2only_raw)
    assert str(path) in str(error.value)
