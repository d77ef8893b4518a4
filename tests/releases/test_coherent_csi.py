from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import integrate, stats
from scipy.interpolate import make_interp_spline

from bayes_cevns.cards.products import with_products
from bayes_cevns.errors import DataError
from bayes_cevns.releases import coherent_csi
from bayes_cevns.sources.pion_decay import timing

PE, US = coherent_csi.PE_EDGES, coherent_csi.TIME_EDGES_US


def build(folder: Path) -> xr.Dataset:
    product = coherent_csi.build(folder.parent)
    table = xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")
    return with_products(table)


def in_bins(table: xr.Dataset, name: str) -> np.ndarray:
    return table[name].values.reshape(PE.size - 1, US.size - 1)


def test_events_are_in_their_bins(csi_raw: Path) -> None:
    """Those above 60 photoelectrons or after 6 us are in none."""
    observed = in_bins(build(csi_raw), "observed")
    assert observed.sum() == 3
    assert observed[1, 0] == observed[1, 10] == observed[5, 2] == 1


def test_backgrounds_have_their_numbers_and_shapes(csi_raw: Path) -> None:
    table = build(csi_raw)
    steady, brn, nin = (in_bins(table, name) for name in ("steady_state", "brn", "nin"))
    assert [float(part.sum()) for part in (steady, brn, nin)] == pytest.approx([1286, 18.4, 5.6])
    np.testing.assert_allclose(steady.sum(axis=1)[[1, 5]], 1286 * np.array([1, 2]) / 3)
    expected = [integrate.quad(decayed, a, b, points=[0.52])[0] for a, b in pairwise(US)]
    np.testing.assert_allclose(steady.sum(axis=0) / 1286, expected / np.sum(expected), rtol=1e-4)
    # Of the neutrons before 0 and after 6 us none, of those at 1.5 us as many as the efficiency.
    np.testing.assert_allclose(brn.sum(axis=1)[1], 18.4)
    np.testing.assert_allclose(brn.sum(axis=0)[8] / brn.sum(axis=0)[1], 3 * decayed(1.5))
    np.testing.assert_allclose(nin.sum(axis=1)[[1, 7]], [2.8, 2.8])


def decayed(time_us: float) -> float:
    return float(np.exp(-0.0494 * max(time_us - 0.52, 0.0)))


def test_names_types_and_units(csi_raw: Path) -> None:
    table = build(csi_raw)
    for name in ("prompt", "delayed"):
        response = table[f"response_{name}"]
        axes = ("quenching", "efficiency", "onset")
        assert response.dims == (f"recoil_energy_{name}", *axes, "run", "bin")
        assert response.attrs["units"] == "1"
        assert float(response.min()) >= 0
        assert float(response.sum("bin").max()) <= 1
    assert table["observed"].dtype == np.int32
    assert table["exposure"].values.tolist() == [0.0146]
    assert {table[n].attrs["units"] for n in ("steady_state", "brn", "nin")} == {"counts"}


def test_the_same_release_gives_the_same_bytes(csi_raw: Path) -> None:
    first, second = (coherent_csi.build(csi_raw.parent) for _ in range(2))
    assert first.files == second.files
    assert first.inputs == second.inputs


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("dataBeamOnC.txt", "9.0 0.1", "9.0", "rows of 2 finite numbers"),
        ("dataBeamOnC.txt", "9.0 0.1", "9.0 many", "expected rows of 2 numbers"),
        ("dataBeamOnAC.txt", "9.0 0.1", "9.0 -0.1", ">= 0, found -0.1"),
        (coherent_csi.EFFICIENCY, "\n1.15 0.3 12.0 -0.25", "", "3 sets of coefficients, found 2"),
        (coherent_csi.SCINTILLATION, "0.055 ", "0.05 ", "symmetric about the nominal"),
        ("brnPE.txt", "9.5 1.0", "8.5 1.0", "increasing centres"),
        ("ninPE.txt", "10.5 1.0\n45.5 1.0", "70.5 1.0\n75.5 1.0", "found none"),
    ],
)
def test_damaged_input(csi_raw: Path, file: str, old: str, new: str, message: str) -> None:
    path = csi_raw / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        build(csi_raw)
    assert str(path) in str(error.value)


# --- the release itself ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table(raw_releases: Path) -> xr.Dataset:
    return build(raw_releases / coherent_csi.RAW.folder)


def test_counts_of_the_release(table: xr.Dataset, raw_releases: Path) -> None:
    """1578 coincident and 1295 anticoincident events below 60 photoelectrons and 6 us."""
    assert int(table["observed"].sum()) == 1578
    events = np.loadtxt(raw_releases / coherent_csi.RAW.folder / "dataBeamOnAC.txt")
    selected = events[(events[:, 0] < 60) & (events[:, 1] < 6)]
    assert len(selected) == 1295
    shares = np.histogram(selected[:, 0], PE)[0] / 1295
    np.testing.assert_allclose(in_bins(table, "steady_state").sum(axis=1), 1286 * shares)


def slow_probability(
    recoil_kev: float, pe: tuple[float, float], pulls: tuple[float, float]
) -> float:
    """Integrate the Gamma density times the efficiency, with the numbers of the release's text."""
    quenching, efficiency = pulls
    x = 1e-3 * recoil_kev
    nominal = np.array([0.0554628, 4.30681, -111.707, 840.384])
    varied = np.array([0.055413, 3.93597, -93.1045, 630.092])
    a, b, c, d = nominal + quenching * (varied - nominal)
    seen_kev = 1e3 * (a * x + b * x**2 + c * x**3 + d * x**4)
    shape = 1 + 9.56 * seen_kev
    density = stats.gamma(shape, scale=seen_kev / (0.0749 * shape))
    first = np.array([1.32045, 0.285979, 10.8646, -0.333322])
    height, steep, place, offset = first + efficiency * (
        np.array([1.3439, 0.285366, 9.84596, -0.356364]) - first
    )

    def detected(photoelectrons: float) -> float:
        accepted = height / (1 + np.exp(-steep * (photoelectrons - place))) + offset
        return float(max(accepted, 0.0) * density.pdf(photoelectrons))

    threshold = place - np.log(-height / offset - 1) / steep
    inside = [threshold] if pe[0] < threshold < pe[1] else None
    return float(integrate.quad(detected, *pe, points=inside, epsabs=1e-10)[0])


def slow_share(flavour: str, us: tuple[float, float], onset_us: float) -> float:
    """Sum the times of a flavour, in steps of 0.1 ns within each of its bins."""
    edges_ns, per_ns = timing(flavour)
    fine = np.arange(0.05, edges_ns[-1], 0.1)
    weight = np.repeat(per_ns * 0.1, round((edges_ns[1] - edges_ns[0]) / 0.1))
    at = 1e-3 * fine + onset_us
    inside = (at >= us[0]) & (at < us[1])
    return float(np.sum(weight[inside] * np.exp(-0.0494 * np.maximum(at[inside] - 0.52, 0.0))))


@pytest.mark.parametrize("pulls", [(-1.0, 1.5), (1.0, 0.0), (3.0, -1.5)])
@pytest.mark.parametrize(("pe_bin", "time_bin"), [(0, 9), (1, 3), (4, 4), (8, 10)])
def test_response_against_slow_integrals(
    table: xr.Dataset, pulls: tuple[float, float], pe_bin: int, time_bin: int
) -> None:
    onset = 0.0625
    pe = (float(PE[pe_bin]), float(PE[pe_bin + 1]))
    us = (float(US[time_bin]), float(US[time_bin + 1]))
    place = {"quenching": pulls[0], "efficiency": pulls[1], "onset": onset}
    for name, flavours in (("prompt", ["nu_mu"]), ("delayed", ["nu_e", "anti_nu_mu"])):
        response = table[f"response_{name}"].sel(place).isel(run=0)
        share = float(np.mean([slow_share(flavour, us, onset) for flavour in flavours]))
        for recoil in (5.0, 10.5 if name == "prompt" else 30.0):
            found = response.sel({f"recoil_energy_{name}": recoil}).values
            number = pe_bin * (US.size - 1) + time_bin
            expected = slow_probability(recoil, pe, pulls) * share
            assert found[number] == pytest.approx(expected, rel=2e-3, abs=1e-6)


def test_times_between_the_tabulated_onsets(table: xr.Dataset) -> None:
    """Halfway between nodes, where splines are worst, and never below zero."""
    response = table["response_prompt"].sel(quenching=1.0, efficiency=0.0).isel(run=0)
    one = response.sel(recoil_energy_prompt=10.5).values.reshape(-1, PE.size - 1, US.size - 1)
    times = one.sum(axis=1) / slow_total(one)
    spline = make_interp_spline(table["onset"].values, times, k=3)
    for onset in (-0.03125, 0.09375):
        expected = [slow_share("nu_mu", (float(a), float(b)), onset) for a, b in pairwise(US)]
        np.testing.assert_allclose(spline(onset), expected, rtol=0, atol=1.5e-3)
    assert spline(np.linspace(-0.25, 0.25, 201)).min() > -1e-4


def slow_total(response: np.ndarray) -> float:
    """Probability of all photoelectrons at no delay, over the share of times that are seen."""
    middle = response.shape[0] // 2
    share = slow_share("nu_mu", (0.0, 6.0), 0.0)
    return float(response[middle].sum() / share)
