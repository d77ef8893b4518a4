from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from bayes_cevns.cards import experiment
from bayes_cevns.cards.products import with_products
from bayes_cevns.errors import DataError
from bayes_cevns.releases import coherent_csi_2017

SHAPE = (12, 12)


def build(folder: Path) -> xr.Dataset:
    product = coherent_csi_2017.build(folder.parent)
    table = xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")
    return with_products(table)


def test_every_number_is_at_its_place(csi_2017_raw: Path) -> None:
    table = build(csi_2017_raw)
    observed = table["observed"].values.reshape(SHAPE)
    expected = np.outer(np.arange(4, 16), np.arange(12) < 2)
    np.testing.assert_array_equal(observed, expected)
    steady = table["steady_state"].values.reshape(SHAPE)
    np.testing.assert_allclose(steady.sum(axis=1), np.arange(4, 16) * 14)
    falling = steady.sum(axis=0)
    np.testing.assert_allclose(falling[1:] / falling[:-1], falling[1] / falling[0])
    neutrons = table["neutrons"].values.reshape(SHAPE)
    # Two bins of one photoelectron around 8 and 20.
    for number, centre in ((1, 8.0), (7, 20.0)):
        seen = slow_acceptance(centre) + slow_acceptance(centre + 1)
        expected_neutrons = 7.47594 * 0.1 * seen * 0.25
        np.testing.assert_allclose(neutrons[number, :4], expected_neutrons, rtol=1e-12)
    assert not np.any(neutrons[:, 4:])


def slow_acceptance(low: float) -> float:
    """Acceptance of the bin of one photoelectron that begins at `low`, 6 or more."""
    return float(0.6655 / (1 + np.exp(-0.4942 * (low + 0.5 - 10.8507))))


def test_names_types_and_units(csi_2017_raw: Path) -> None:
    table = build(csi_2017_raw)
    for name in ("prompt", "delayed"):
        response = table[f"response_{name}"]
        assert response.dims == (f"recoil_energy_{name}", "quenching", "run", "bin")
        assert 0 <= float(response.min()) <= float(response.sum("bin").max()) <= 1
    assert table["observed"].dtype == np.int32
    assert table["exposure"].values.tolist() == [0.01457]


def test_the_same_release_gives_the_same_bytes(csi_2017_raw: Path) -> None:
    first, second = (coherent_csi_2017.build(csi_2017_raw.parent) for _ in range(2))
    assert first.files == second.files
    assert first.inputs == second.inputs


def test_response_against_slow_sums(csi_2017_raw: Path) -> None:
    table = build(csi_2017_raw)
    for pull, recoil, number in ((0.0, 20.0, 4), (-1.0, 16.0, 0), (2.0, 7.5, 2)):
        response = table["response_delayed"].sel(quenching=pull, recoil_energy_delayed=recoil)
        mean = 13.348 * (0.0878 + 0.0166 * pull) * recoil
        density = stats.gamma(mean)
        expected = 0.0
        for low in (6.0 + 2 * number, 7.0 + 2 * number):
            expected += slow_acceptance(low) * (density.cdf(low + 1) - density.cdf(low))
        found = response.values.reshape(SHAPE)[number]
        np.testing.assert_allclose(found, expected / 16, rtol=1e-4, atol=1e-6)


def test_acceptance_at_its_step() -> None:
    """None below 5 photoelectrons, half of it from 5 to 6."""
    found = coherent_csi_2017.acceptance(np.array([4.9, 5.2, 6.0]))
    half = 0.5 * slow_acceptance(5.0)
    np.testing.assert_allclose(found, [0.0, half, slow_acceptance(6.0)], rtol=1e-12)


def test_decay_of_an_exponential() -> None:
    counts = np.exp(-0.3 * 0.5 * np.arange(24))
    assert coherent_csi_2017.decay_per_us(counts, 0.5) == pytest.approx(0.3, rel=1e-9)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("data_coincidence_beamOn.txt", "1.0,0.25,", "1.0,0.3,", "25 x 24 bins"),
        ("data_coincidence_beamOn.txt", "1.0,0.25,1.0", "1.0,0.25,1.5", "whole counts"),
        ("data_anticoincidence_beamOn.txt", "1.0,0.25,2.0", "1.0,0.25,-2.0", ">= 0, found -2"),
        ("promptPDF.txt", "0.5,0.1", "0.5,0.1,1", "rows of 2 finite numbers"),
        ("arrivalTimePDF_promptNeutrons.txt", "0.25,0.25", "0.25,0.2", "sum to one"),
    ],
)
def test_damaged_input(csi_2017_raw: Path, file: str, old: str, new: str, message: str) -> None:
    path = csi_2017_raw / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        build(csi_2017_raw)
    assert str(path) in str(error.value)


# --- the release itself ---------------------------------------------------------------------------


def roi(folder: Path, name: str) -> int:
    """Counts from 6 to 30 photoelectrons before 6 us."""
    path = folder / coherent_csi_2017.RAW.folder / f"data_{name}.txt"
    lines = [line for line in path.read_text().splitlines() if line[0].isdigit()]
    table = np.loadtxt(lines, delimiter=",")
    inside = (table[:, 0] > 6) & (table[:, 0] < 30) & (table[:, 1] < 6)
    return int(table[inside, 2].sum())


def test_counts_of_the_release(raw_releases: Path) -> None:
    """Beam-on, with the beam's window and before it, and beam-off, where they are alike."""
    names = [f"{kind}_beam{beam}" for beam in ("On", "Off") for kind in KINDS]
    assert [roi(raw_releases, name) for name in names] == [547, 405, 209, 207]
    table = build(raw_releases / coherent_csi_2017.RAW.folder)
    assert int(table["observed"].sum()) == 547
    assert float(table["steady_state"].sum()) == pytest.approx(405)
    assert float(table["neutrons"].sum()) == pytest.approx(5.42, abs=0.01)


KINDS = ("coincidence", "anticoincidence")


@pytest.mark.parametrize(("name", "column"), [("chicago", 2), ("tunl", 3)])
def test_measured_quenching_is_in_the_alternatives(
    raw_releases: Path, name: str, column: int
) -> None:
    """Weighted mean from 5 to 30 keV; the scatter and the mean error, added in squares."""
    path = raw_releases / coherent_csi_2017.RAW.folder / f"qfData_{name}.txt"
    table = np.loadtxt(path, delimiter=",")
    table = table[(table[:, 0] > 5) & (table[:, 0] < 30)]
    factor, errors = table[:, column], table[:, column + 1 :].mean(axis=1)
    mean = np.average(factor, weights=errors**-2)
    sd = np.hypot(factor.std(ddof=1), errors.mean())
    nuisance = experiment("coherent_csi_2017").card.nuisance["quenching"]
    prior = nuisance.alternatives[name].prior.mean_and_sd
    assert prior == pytest.approx(((mean - 0.0878) / 0.0166, sd / 0.0166), abs=0.006)
