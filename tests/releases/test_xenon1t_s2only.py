from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.errors import DataError
from bayes_cevns.physics.nuclei import target
from bayes_cevns.rates import NuclearRecoilRate
from bayes_cevns.releases import xenon1t_s2only
from bayes_cevns.sources import source
from bayes_cevns.tables.quadrature import RecoilQuadrature

#: Width of the mini release's bins, 50 PE, inside the region of interest.
SHARE = np.array([0.0, 34.7 / 50.0, 1.0, 21.7 / 50.0])
SNO = 5.25 / 5.46


def build(folder: Path) -> xr.Dataset:
    product = xenon1t_s2only.build(folder.parent)
    return xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")


def test_bins_count_with_their_share_inside(xenon1t_raw: Path) -> None:
    table = build(xenon1t_raw)
    bins = 1.0 + np.arange(4)
    assert table["er"].item() == pytest.approx(0.1 * bins @ SHARE)
    assert table["released_cevns"].item() == pytest.approx(bins @ SHARE)
    assert table["unknown"].item() == 1.0
    for name, energy, scale in (
        ("response", "recoil_energy", 1e-3),
        ("response_electron", "recoil_energy_electron", 2e-3),
    ):
        expected = scale * table[energy].values * (bins @ SHARE)
        np.testing.assert_allclose(table[name].values.ravel(), expected, rtol=1e-4)


def test_cutoffs_and_edges_of_the_region(xenon1t_raw: Path) -> None:
    table = build(xenon1t_raw)
    np.testing.assert_array_equal(table["recoil_energy"], [0.7, 1.0, 2.0, 4.0, 8.0])
    np.testing.assert_array_equal(
        table["recoil_energy_electron"], [0.186, 0.3, 0.6, 1.0, 2.0, 4.0, 8.0]
    )
    assert table["observed"].item() == 3
    assert table["observed"].dims == ("run", "bin")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (xenon1t_s2only.BINNING, "250,300", "250,260", "hold"),
        (xenon1t_s2only.BINNING, "2,200", "2,201", "one beside the other"),
        (xenon1t_s2only.BACKGROUNDS, "3,0.4,4\n", "", "expected 4 bins, found 3"),
        (xenon1t_s2only.NUCLEAR, "0.004,", "4.0,", "in all at most 1"),
        (xenon1t_s2only.ELECTRON, "\n1.0,", "\n0.2,", "increasing energies"),
        (xenon1t_s2only.EVENTS, "s2_area_pe", "s2", "expected columns s2_area_pe, found s2,"),
        (xenon1t_s2only.EVENTS, "271.8", "many", r"row 4 has \['many'\]"),
    ],
)
def test_damaged_input(xenon1t_raw: Path, file: str, old: str, new: str, message: str) -> None:
    path = xenon1t_raw / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        build(xenon1t_raw)
    assert str(path) in str(error.value)


@pytest.mark.releases
def test_released_cevns_in_all_bins(raw_releases: Path) -> None:
    """With the collaboration's cutoff at 0.7 keV and the flux of SNO, bin by bin."""
    folder = raw_releases / xenon1t_s2only.RAW.folder
    table = np.loadtxt(folder / xenon1t_s2only.NUCLEAR, delimiter=",", skiprows=1)
    released = np.loadtxt(folder / xenon1t_s2only.BACKGROUNDS, delimiter=",", skiprows=1)[:, 2]
    fine = np.geomspace(0.7, 6.0, 400)
    rate = NuclearRecoilRate(source=source("solar_8b"), target=target("Xe")).total(fine)
    response = np.array([np.interp(fine, table[:, 0], column) for column in table[:, 3:].T])
    ours = SNO * xenon1t_s2only.EXPOSURE_TONNE_YEAR * np.trapezoid(rate * response, fine, axis=1)
    used = released > 0.005  # bins with nearly all of the 3.8 events
    np.testing.assert_allclose(ours[used], released[used], rtol=0.025)


@pytest.mark.releases
def test_the_table_integrates_as_the_release(raw_releases: Path) -> None:
    table = build(raw_releases / xenon1t_s2only.RAW.folder)
    assert table["observed"].item() == 16
    quadrature = RecoilQuadrature.on_nodes(table["recoil_energy"].values)
    rate = NuclearRecoilRate(source=source("solar_8b"), target=target("Xe"))
    weights = quadrature.weights(rate.total(quadrature.points_kev))
    events = table["exposure"].item() * weights @ table["response"].values.ravel()
    assert SNO * events == pytest.approx(table["released_cevns"].item(), rel=0.025)
