from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import bayes_cevns as bc
from bayes_cevns.cards import experiment
from bayes_cevns.cards.products import with_products
from bayes_cevns.errors import DataError
from bayes_cevns.releases import coherent_lar
from bayes_cevns.releases import coherent_lar_timing as timing
from bayes_cevns.releases.coherent_lar import EDGES_US, EFFICIENCY
from bayes_cevns.releases.coherent_lar_templates import AXES, f90_shapes, morph
from bayes_cevns.specification.expected_counts import binned_counts

NODES = {name: list(nodes) for name, (nodes, _) in AXES.items()}


def build(folder: Path) -> xr.Dataset:
    product = coherent_lar.build(folder.parent)
    table = xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")
    return with_products(table)


def cube(values: xr.DataArray) -> np.ndarray:
    return values.values.reshape(12, 8, 10)


def test_every_number_is_at_its_place(lar_raw: Path) -> None:
    table = build(lar_raw).sel(run="cenns10")
    np.testing.assert_array_equal(table["observed"], np.arange(960))
    assert cube(table["steady_state"]) == pytest.approx(1.0)
    assert cube(table["delayed_brn"])[..., 3] == pytest.approx(0.1)
    assert table["delayed_brn"].sum() == pytest.approx(9.6)
    assert cube(table["released_cevns"])[1, 2, 5] == pytest.approx(140 * 2 / 7 * 3 / 36 / 10)
    assert float(table["exposure"]) == 0.0244


def test_names_types_and_units(lar_raw: Path) -> None:
    table = build(lar_raw)
    for signal in ("prompt", "delayed"):
        dims = (f"recoil_energy_{signal}", "f90", "timing", "run", "bin")
        assert table[f"response_{signal}"].dims == dims
    assert table["brn"].dims == ("brn_energy", "brn_time", "brn_width", "run", "bin")
    units = {table[name].attrs["units"] for name in ("brn", "delayed_brn", "steady_state")}
    assert units == {"counts"}
    for name, nodes in NODES.items():
        assert table[name].values.tolist() == nodes


def test_the_same_release_gives_the_same_bytes(lar_raw: Path) -> None:
    first, second = (coherent_lar.build(lar_raw.parent) for _ in range(2))
    assert first.files == second.files
    assert first.inputs == second.inputs


def test_neutrons_are_the_variants_of_the_release_at_their_nodes(lar_raw: Path) -> None:
    brn = build(lar_raw)["brn"].sel(run="cenns10")
    centre = {"brn_energy": 0.0, "brn_time": 0.0, "brn_width": 0.0}
    times = cube(brn.sel(centre)).sum(axis=(0, 1))
    np.testing.assert_allclose(times, 10 * np.array([1, 4, 2, *[0] * 7]), rtol=1e-3)
    narrow = cube(brn.sel({**centre, "brn_width": 1.0})).sum(axis=(0, 1))
    # The mean of the narrow variant is another one: only the width is taken from it.
    assert narrow[1] > 1.3 * times[1]
    flat = cube(brn.sel(centre)).sum(axis=(1, 2))
    for pull in (-1, 1):
        moved = cube(brn.sel({**centre, "brn_energy": pull})).sum(axis=(1, 2))
        tilt = 1 + 0.02 * pull * np.arange(12)
        np.testing.assert_allclose(moved, flat * tilt * 12 / tilt.sum(), rtol=1e-3)
    np.testing.assert_allclose(brn.sum("bin"), 70.0, rtol=1e-3)


def test_response_is_the_product_of_its_steps(lar_raw: Path) -> None:
    """Slow twin of one energy: quadrature over the reconstructed energy."""
    table = build(lar_raw)["response_delayed"].sel(run="cenns10")
    found = cube(table.sel(recoil_energy_delayed=36.0, f90=1.0, timing=0.75))
    energy = (0.246 + 0.00078 * 36.0) * 36.0
    seen = np.linspace(0.0, 30.0, 30_001)
    density = stats.norm.pdf(seen, energy, 0.58 * np.sqrt(energy))
    density *= np.interp(seen, [0, 0.25, 2.25, 39.75], [0, 0, 0.5, 0.9])
    f90 = np.arange(1.0, 9.0) ** 1.5
    protons = stats.norm(0.44 + 0.75 * 0.2, 0.15)
    born = np.linspace(-1.0, 2.0, 3001)
    for index, (low, high) in enumerate(((0, 10), (10, 20), (20, 30))):
        inside = (seen >= low) & (seen <= high)
        in_energy = np.trapezoid(density[inside], seen[inside])
        # The life of a muon alone: the pion's is 1% of it.
        since = np.maximum(2.9 - born, 0), np.maximum(3.4 - born, 0)
        decays = np.exp(-since[0] / 2.197) - np.exp(-since[1] / 2.197)
        in_time = np.trapezoid(protons.pdf(born) * decays, born)
        expected = in_energy * f90 / f90.sum() * in_time
        np.testing.assert_allclose(found[index, :, 6], expected, rtol=0.02, atol=2e-6)


@pytest.mark.parametrize(("name", "in_window"), [("prompt", 0.9999), ("delayed", 0.8668)])
def test_expected_energies_against_a_rectangle_sum(
    raw_releases: Path, name: str, in_window: float
) -> None:
    """Slow twin of the table in the repository, from recoils to bins of energy."""
    energy, _, efficiency = np.loadtxt(raw_releases / coherent_lar.RAW.folder / EFFICIENCY).T
    recoil = np.arange(0.5, 169.0, 0.05)
    rate = bc.rate(source=f"sns_lar_2020_{name}", target="Ar").total(recoil)
    mean = (0.246 + 0.00078 * recoil) * recoil
    edges = np.arange(0.0, 120.01, 0.1)
    below = stats.norm.cdf(edges, mean[:, None], 0.58 * np.sqrt(mean)[:, None])
    accepted = np.diff(below) * np.interp(0.5 * (edges[1:] + edges[:-1]), energy, efficiency)
    fine = 0.05 * 0.0244 * in_window * rate @ accepted
    expected = fine.reshape(12, 100).sum(axis=1)
    counts = binned_counts(experiment("coherent_lar"), None)[f"{name}.sm"]
    found = counts.values.reshape(12, 8, 10).sum(axis=(1, 2))
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)


def test_times_against_random_numbers() -> None:
    rng = np.random.default_rng(3)
    size = 1_000_000
    protons = rng.normal(0.64, 0.15, size) + rng.exponential(0.026033, size)
    for found, times in (
        (timing.prompt_fractions(EDGES_US, mean_us=0.64), protons),
        (
            timing.delayed_fractions(EDGES_US, mean_us=0.64),
            protons + rng.exponential(2.1969811, size),
        ),
    ):
        expected = np.histogram(times, EDGES_US)[0] / size
        np.testing.assert_allclose(found, expected, rtol=0, atol=0.002)


def test_a_normal_distribution_is_found_from_its_fractions() -> None:
    window = EDGES_US[:4]
    fractions = timing.normal_fractions(window, mean_us=0.7, width_us=0.2)
    assert fractions.sum() == pytest.approx(1.0)
    assert timing.normal_through(window, 5 * fractions) == pytest.approx((0.7, 0.2))


def test_morphing() -> None:
    nominal, plus, minus = np.array([4.0, 6.0]), np.array([5.0, 5.0]), np.array([1.0, 9.0])
    for pull, expected in ((0, nominal), (1, plus), (-1, minus)):
        np.testing.assert_allclose(morph(nominal, plus=plus, minus=minus, pull=pull), expected)
    # The parabola 4 + 2 t - t^2 is flat at 1, and steep at -1, where it leads below zero.
    np.testing.assert_allclose(morph(nominal, plus=plus, minus=minus, pull=3), plus)
    np.testing.assert_allclose(morph(nominal, plus=plus, minus=minus, pull=-3), [0.0, 10.0])


def test_bins_of_energy_without_signal_take_the_f90_of_the_last_with_some() -> None:
    nominal = np.zeros((4, 2, 3))
    nominal[0], nominal[1] = [[3.0], [1.0]], [[1.0], [1.0]]
    nominal[2] = 1e-9
    shapes = f90_shapes(nominal, plus=nominal, minus=nominal)
    assert shapes.shape == (len(NODES["f90"]), 4, 2)
    np.testing.assert_allclose(shapes[2], [[0.75, 0.25], *[[0.5, 0.5]] * 3])


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("brnpdf.txt", "5 0.525 0.15 ", "6 0.525 0.15 ", "960 bins of Table 1"),
        ("bkgpdf.txt", "5 0.525 0.15 1", "5 0.525 0.15 -1", "counts >= 0, found -1"),
        ("bkgpdf.txt", "5 0.525 0.15 1", "5 0.525 0.15", "rows of 4 "),
        ("bkgpdf.txt", "5 0.525 0.15 1", "5 0.525 0.15 one", "rows of 4 numbers"),
        ("bkgpdf.txt", "5 0.525 0.15 1", "5 0.525 0.15 nan", "rows of 4 finite numbers"),
        ("datanobkgsub.txt", "5 0.525 0.65 1", "5 0.525 0.65 1.5", "whole counts"),
        ("CENNS10AnlAEfficiency.txt", "9 0.5", "9 1.5", "efficiencies from 0 to 1"),
        ("CENNS10AnlAEfficiency.txt", "0.25 1 0", "0.25 1 0.1", "from an efficiency of 0"),
        ("CENNS10AnlAEfficiency.txt", "2.25 9", "0.2 9", "increasing energies"),
    ],
)
def test_damaged_input(lar_raw: Path, file: str, old: str, new: str, message: str) -> None:
    path = lar_raw / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        build(lar_raw)
    assert str(path) in str(error.value)
