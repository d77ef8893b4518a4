"""Detectors that exist on paper alone: their tables, which need no raw release."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.detectors.ideal import IdealDetector
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import Rate, build_rate, rate
from bayes_cevns.releases import xenon_1ty, xlzd
from bayes_cevns.releases.product import Builder
from bayes_cevns.storage.resources import data_file
from bayes_cevns.tables.quadrature import RecoilQuadrature

TABLES = {
    "xlzd": (xlzd.build, ["response.nc"]),
    "xenon_1ty": (xenon_1ty.build, ["response.nc", "response_er.nc"]),
}
DETECTORS = {
    "xlzd": IdealDetector(xlzd.EDGES_KEV, lambda energy: energy),
    "xenon_1ty": xenon_1ty.nuclear_detector(),
    "xenon_1ty_er": xenon_1ty.electron_detector(),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_those_in_the_repository(name: str, tmp_path: Path) -> None:
    build: Builder = TABLES[name][0]
    product = build(tmp_path / "no releases are needed")
    assert product.inputs == {}
    assert set(product.files) == {"REFERENCE", *TABLES[name][1]}
    for file in TABLES[name][1]:
        built = xr.load_dataset(BytesIO(product.files[file]), engine="h5netcdf")
        committed = xr.load_dataset(data_file(f"{name}/{file}"), engine="h5netcdf")
        version = {"builder_version": built.attrs["builder_version"]}
        xr.testing.assert_allclose(built, committed.assign_attrs(version), rtol=1e-6)


@pytest.mark.parametrize("name", DETECTORS)
def test_every_recoil_is_in_the_bin_of_its_energy(name: str) -> None:
    detector = DETECTORS[name]
    edges = detector.recoil_energy_kev(detector.edges_kev)
    energies, response = detector.nodes_kev(), detector.response()
    assert response.shape == (energies.size, edges.size - 1)
    inside = (energies > edges[0]) & (energies < edges[-1])
    np.testing.assert_array_equal(response.sum(axis=1), inside)
    number = np.digitize(energies, edges) - 1
    assert np.all(np.argmax(response[inside], axis=1) == number[inside])


def directly(spectrum: Rate, edges: np.ndarray, mass_mev: float | None) -> np.ndarray:
    """Integrate a spectrum over each bin by itself, in parts of it, shape (components, bins)."""
    x, w = np.polynomial.legendre.leggauss(8)
    bins = []
    for low, high in pairwise(edges):
        parts = np.linspace(low, high, 21)
        half = 0.5 * np.diff(parts)[:, None]
        values = spectrum.components(parts[:-1, None] + half * (1.0 + x), mass_mev)
        bins.append((values * half * w).sum(axis=(-2, -1)))
    return np.stack(bins, axis=-1)


@pytest.mark.parametrize(
    ("name", "channel", "source", "worst"),
    [
        # A spectrum that ends inside the last bins; then with tails beyond it; then with the edges
        # of the 7Be and pep lines and the binding energies inside a bin.
        ("xlzd", "cevns", "solar_8b", 0.02),
        ("xenon_1ty", "cevns", "solar_atmospheric_dsnb", 0.005),
        ("xenon_1ty_er", "electron", "solar", 0.02),
    ],
)
@pytest.mark.parametrize(
    ("new", "mass_mev"), [("vector-universal", 1.0), ("scalar-universal", 1e3)]
)
def test_sharp_bins_are_integrated(
    name: str, channel: str, source: str, worst: float, new: str, mass_mev: float
) -> None:
    """The spline of the response against integrals over the bins, without a response."""
    from bayes_cevns.physics.nuclei import target
    from bayes_cevns.sources import source as get_source

    detector = DETECTORS[name]
    spectrum = build_rate(
        channel, source=get_source(source), target=target("Xe"), interaction=interaction(new)
    )
    quadrature = RecoilQuadrature.on_nodes(detector.nodes_kev())
    found = quadrature.weights(spectrum.components(quadrature.points_kev, mass_mev))
    found = found @ detector.response()
    expected = directly(spectrum, detector.recoil_energy_kev(detector.edges_kev), mass_mev)
    seen = np.abs(expected) > 1e-7 * np.abs(expected).max(axis=1, keepdims=True)
    assert seen[0].sum() >= 38
    np.testing.assert_allclose(found[seen], expected[seen], rtol=worst)
    np.testing.assert_allclose(found.sum(axis=1), expected.sum(axis=1), rtol=1e-3)


@pytest.mark.parametrize(
    ("file", "channel", "source"),
    [
        ("response.nc", "cevns", xenon_1ty.NUCLEAR_SOURCE),
        ("response_er.nc", "electron", xenon_1ty.ELECTRON_SOURCE),
    ],
)
def test_the_background_is_a_tenth_of_the_standard_model(
    file: str, channel: str, source: str
) -> None:
    table = xr.load_dataset(data_file(f"xenon_1ty/{file}"), engine="h5netcdf")
    edges = table["edges"].values
    if channel == "cevns":
        edges = xenon_1ty.nuclear_detector().recoil_energy_kev(edges)
    theory = Theory(atoms="stepping") if channel == "electron" else Theory()  # as in the paper
    expected = directly(rate(channel, source=source, target="Xe", theory=theory), edges, None)[0]
    np.testing.assert_allclose(table["background"].values[0], 0.1 * expected, rtol=0.02)
    assert table["background"].sum() == pytest.approx(0.1 * expected.sum(), rel=1e-3)
