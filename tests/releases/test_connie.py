from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.stats import norm

import bayes_cevns as bc
from bayes_cevns.errors import DataError
from bayes_cevns.releases import connie
from bayes_cevns.storage.resources import data_file


@pytest.fixture(scope="module")
def table() -> xr.Dataset:
    with xr.open_dataset(data_file("connie/response.nc"), engine="h5netcdf") as dataset:
        return dataset.load()


def test_the_background_is_a_flat_rate(table):
    """3.7113 in thousands per kg, day and keV, over 14.9 g d and the width of a bin."""
    expected = 3711.3 * 14.9e-3 * np.diff(table["edges"].values)
    counts = (table["background"] * table["exposure"]).values[0]
    np.testing.assert_allclose(counts, expected, rtol=1e-5)
    assert counts.sum() == pytest.approx(45.34, abs=0.01)


def test_the_response_is_lindhard_smeared_and_seen(table):
    """A recoil of 1 keV by hand: Lindhard, a Gaussian, and the digitised efficiency."""
    k, recoil = 0.146, float(table["recoil_energy"][90])
    reduced = 11.5 * 14 ** (-7 / 3) * recoil
    stopping = k * (3 * reduced**0.15 + 0.7 * reduced**0.6 + reduced)
    mean = recoil * stopping / (1 + stopping)
    sigma = np.sqrt((0.15 * 3.75e-3) ** 2 + 0.12 * 3.75e-3 * mean)
    bins = np.diff(norm.cdf((table["edges"].values - mean) / sigma))
    found = table["response"].sel(lindhard_k_si=k, run="on")[90].values
    share = found.sum() / bins.sum()
    assert 0.5 < share < 0.8  # the efficiency there
    np.testing.assert_allclose(found / share, bins, atol=0.02)


def test_expected_counts():
    """0.14 recoils in 14.9 g d: a projection, which shows nothing by itself."""
    counts = bc.expected_counts("connie")["on"]
    assert counts["sm"] == pytest.approx(0.1395, rel=1e-3)
    assert counts["background"] == pytest.approx(45.34, rel=1e-3)
    assert bc.experiment("connie").data == "none"


def build(raw):
    return connie.build(raw.parent)


def test_points_at_one_energy(connie_raw):
    assert set(build(connie_raw).files) == {"REFERENCE", "response.nc"}


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (connie.EFFICIENCY, "0.7,", "1.7,", "efficiencies between 0 and 1"),
        (connie.EFFICIENCY, "0.0195", "0.05", "energies from 0.02 to 0.84 keVee"),
        (connie.EFFICIENCY, "0.9,", "0.8,", "energies from 0.02 to 0.84 keVee"),
        (connie.EFFICIENCY, "0.5,0.6", "many,0.6", "three efficiencies"),
        (connie.BACKGROUND, "4.0", "-4.0", "a background > 0"),
        (connie.BACKGROUND, "4.0", "many", "a centre and a background"),
    ],
)
def test_damaged_input_is_named(connie_raw, file, old, new, message):
    text = (connie_raw / file).read_text()
    assert old in text
    (connie_raw / file).write_text(text.replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        build(connie_raw)
    assert file in str(caught.value)
