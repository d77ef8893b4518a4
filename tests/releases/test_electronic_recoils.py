"""Tables of electronic recoils: responses against slow twins, and what is taken out of what."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.integrate import quad
from scipy.stats import norm

from bayes_cevns.detectors import GaussianResolution
from bayes_cevns.errors import DataError
from bayes_cevns.rates import rate
from bayes_cevns.releases import BUILDERS, lz_er, pandax4t_er, xenonnt_er
from bayes_cevns.releases.electronic_recoils import (
    ENERGIES_KEV,
    SOLAR,
    TRITIUM_END_POINT_KEV,
    RecoilRun,
    line,
    points_kev,
    tilted,
    tritium_spectrum,
    true_energy_response,
)

NAMES = ("lz_er", "pandax4t_er", "xenonnt_er")


def build(name: str, releases: Path) -> xr.Dataset:
    product = BUILDERS[name](releases)
    return xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")


@pytest.mark.parametrize("name", NAMES)
def test_parts_of_a_background_add_up_to_what_was_published(
    electron_recoils_raw: Path, name: str
) -> None:
    table = build(name, electron_recoils_raw)
    parts = [table[key] for key in ("solar", "ar37", "tritium") if key in table]
    total = sum(parts) + table["background"].sel(tilt=0)
    np.testing.assert_allclose(total, table["published_background"], rtol=0, atol=1e-5)
    for part in (*parts, table["background"]):
        assert part.min() >= 0
        assert part.attrs["units"] == "counts"
    assert table["response"].dtype == np.float32
    assert table["response"].sum("bin").max() <= 1
    assert table["observed"].dtype == np.int32


@pytest.mark.parametrize("name", NAMES)
def test_the_same_release_gives_the_same_bytes(electron_recoils_raw: Path, name: str) -> None:
    first, second = (BUILDERS[name](electron_recoils_raw) for _ in range(2))
    assert first.files == second.files
    assert first.inputs == second.inputs


def test_events_are_where_they_were(electron_recoils_raw: Path) -> None:
    xenonnt = build("xenonnt_er", electron_recoils_raw)["observed"].values[0]
    assert xenonnt[[0, 1, 28]].tolist() == [1, 2, 1]
    assert xenonnt.sum() == 4
    lz = build("lz_er", electron_recoils_raw)["observed"]
    assert lz.values.tolist() == [list(range(1, 20))] * 2
    pandax = build("pandax4t_er", electron_recoils_raw)["observed"]
    assert pandax.values.tolist() == [list(range(1, 30))]


def test_an_efficiency_of_the_reconstructed_energy(electron_recoils_raw: Path) -> None:
    """XENONnT, against adaptive integration over the reconstructed energy."""
    table = build("xenonnt_er", electron_recoils_raw)["response"].isel(run=0)
    for energy, number in ((1.2, 0), (1.2, 1), (5.0, 4), (20.0, 17), (29.6, 28)):
        sigma = 0.310 * np.sqrt(energy) + 0.0037 * energy
        low = 1.0 + number

        def density(x: float, energy: float = energy, sigma: float = sigma) -> float:
            efficiency = np.interp(x, [0.1, 1.0, 2.0, 29.9], [0.0, 0.1, 0.8, 0.8])
            return float(efficiency * norm.pdf(x, energy, sigma))

        expected = quad(density, low, low + 1.0)[0]
        found = float(table.sel(recoil_energy=energy, bin=number))
        assert found == pytest.approx(expected, rel=2e-3)


def test_an_efficiency_of_the_true_energy(electron_recoils_raw: Path) -> None:
    """LZ: the bins share out the efficiency as the resolution does."""
    table = build("lz_er", electron_recoils_raw)["response"].sel(run="ws2024")
    for energy in (1.2, 4.0, 11.2, 18.0):
        sigma = np.sqrt((0.170**2) * energy + (0.0775 * energy) ** 2)
        efficiency = 0.9 * min(energy - 1.0, 1.0) * norm.cdf((20.0 - energy) / 1.726)
        cumulative = norm.cdf(np.arange(1.0, 21.0), energy, sigma)
        expected = efficiency * np.diff(cumulative) / (cumulative[-1] - cumulative[0])
        found = table.sel(recoil_energy=energy, method="nearest")
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=1e-7)


def test_a_response_goes_on_above_a_curve_with_its_plateau() -> None:
    edges = np.arange(0.0, 31.0)
    resolution = GaussianResolution(lambda energy: 0.1 * energy)
    curve = np.array([[0.0, 0.8], [10.0, 0.8], [20.0, 0.1]])
    found = true_energy_response(edges, resolution, curve, last_kev=10.0)
    share = resolution.bin_probabilities(ENERGIES_KEV, edges)
    np.testing.assert_allclose(found, 0.8 * share, rtol=1e-9)
    with pytest.raises(DataError, match="exceeds the share of the resolution"):
        true_energy_response(edges + 5.0, resolution, curve, last_kev=10.0)


def a_run() -> RecoilRun:
    edges = np.arange(1.0, 21.0)
    resolution = GaussianResolution(lambda energy: 0.3 * np.sqrt(energy))
    response = 0.9 * resolution.bin_probabilities(ENERGIES_KEV, edges)
    return RecoilRun("run", 2.0, edges, np.zeros(19), np.full(19, 1e3), response)


def test_solar_neutrinos_are_the_sum_over_energies() -> None:
    """Against a plain sum over a fine grid of energies."""
    run = a_run()
    energy = np.arange(0.2, 44.9, 0.002) + 0.001
    spectrum = sum(rate("electron", source=name, target="Xe").total(energy) for name in SOLAR)
    response = 0.9 * GaussianResolution(lambda e: 0.3 * np.sqrt(e)).bin_probabilities(
        energy, run.edges_kev
    )
    expected = 2.0 * 0.002 * spectrum @ response
    np.testing.assert_allclose(run.solar(), expected, rtol=2e-3)


def test_sizes_of_free_shapes_are_found() -> None:
    run = a_run()
    peak, other = line(run.response, 2.82), line(run.response, 5.2)
    flat = run.fold(20.0 + 0.3 * points_kev())
    run = replace(
        run, published=run.solar() + flat + 50.0 * peak + 9.0 * other, shapes={"ar37": peak}
    )
    without = replace(run, lines=[other]).parts()
    np.testing.assert_allclose(without["ar37"], 50.0 * peak, rtol=1e-6)
    np.testing.assert_allclose(without["background"], flat + 9.0 * other, rtol=1e-6)
    assert run.parts()["ar37"].sum() != pytest.approx(50.0 * peak.sum(), rel=1e-3)


def test_more_solar_neutrinos_than_background_are_an_error() -> None:
    run = replace(a_run(), published=np.full(19, 0.5))
    with pytest.raises(DataError, match=r"run run: the published background is .* at 6 keV"):
        run.parts()


def test_tritium() -> None:
    """Mean energy 5.68 keV, Bodine et al. 2015 and others: 5.7 keV."""
    energy = np.linspace(1e-3, 25.0, 200_001)
    spectrum = tritium_spectrum(energy)
    assert np.average(energy, weights=spectrum) == pytest.approx(5.68, rel=0.01)
    assert not spectrum[energy >= TRITIUM_END_POINT_KEV].any()


def test_a_slope_turns_the_spectrum_about_its_middle() -> None:
    counts = np.arange(1.0, 6.0)
    found = tilted(counts, np.arange(6.0))
    np.testing.assert_allclose(found[3], counts)
    np.testing.assert_allclose(found[4] / counts, 1.0 + 0.05 * np.array([-0.8, -0.4, 0, 0.4, 0.8]))
    np.testing.assert_allclose(found[4] - found[3], found[3] - found[2])
    assert found.min() > 0


XENONNT, LZ = "xenonnt_er_2022", "lz_pandax_digitised/LZ2025"
PANDAX = "lz_pandax_digitised/pandaX/ER2024"


@pytest.mark.parametrize(
    ("module", "file", "old", "new", "message"),
    [
        (xenonnt_er, f"{XENONNT}/data_unbinned_1to30kev.txt", "29.5", "30.5", "expected 4 energ"),
        (xenonnt_er, f"{XENONNT}/data_unbinned_1to30kev.txt", "29.5", "many", "energies in keV"),
        (xenonnt_er, f"{XENONNT}/bkg_model.txt", "0.25 15.0\n", "", "steps of 0.1 keV"),
        (lz_er, f"{LZ}/WS2022_data_hist_data.txt", "3.5 3.0", "3.5 3.2", "whole counts"),
        (lz_er, f"{LZ}/WS2022_data_hist_data.txt", "3.5 3.0\n", "", "20 bins of 1 keV"),
        (lz_er, f"{LZ}/WS2024_1DROI_eff_data.txt", "\n20.0 ", "\n20.5 ", "a curve up to 20 keV"),
        (pandax4t_er, f"{PANDAX}/run1_evts.csv", "3.5,3.04", "3.5,3.4", "nearly whole counts"),
        (pandax4t_er, f"{PANDAX}/run1_bkg.csv", "3.5,", "3.6,", "30 bins of 1 keV"),
    ],
)
def test_damaged_input(
    electron_recoils_raw: Path, module: object, file: str, old: str, new: str, message: str
) -> None:
    path = electron_recoils_raw / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        module.build(electron_recoils_raw)
    assert str(path) in str(error.value)
