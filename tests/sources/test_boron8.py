"""The solar 8B source: totals, shapes, names."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.sources import source
from bayes_cevns.sources.solar import BORON8_FLUX_PER_CM2_S, boron8, published_fluxes


def mean_energy(spec):
    energy, flux = spec.energy_mev, spec.flux_per_cm2_s_mev
    return np.trapezoid(energy * flux, energy) / np.trapezoid(flux, energy)


@pytest.mark.parametrize("name", ["solar_8b", "solar_8b_winter2006"])
def test_total_is_that_of_b16_gs98(name):
    assert source(name).total_per_cm2_s == pytest.approx(5.46e6, rel=1e-12)
    by_flavour = source(name).by_flavour()
    assert set(by_flavour) == {"nu_e", "nu_mu", "nu_tau"}
    assert 0.35 < by_flavour["nu_e"] / 5.46e6 < 0.39  # mostly above the resonance
    assert published_fluxes()["b16-gs98"]["8b"]["per_cm2_s"] == BORON8_FLUX_PER_CM2_S


@pytest.mark.parametrize(
    ("shape", "mean_mev", "last_mev"),
    [("bahcall1996", 6.74, 16.34), ("winter2006", 6.77, 15.2)],
)
def test_shapes(shape, mean_mev, last_mev):
    spec = boron8(shape=shape)
    assert spec.energy_mev[0] == 0.0
    assert spec.flux_per_cm2_s_mev[0] == 0.0
    assert mean_energy(spec) == pytest.approx(mean_mev, abs=0.01)
    assert spec.energy_mev[spec.flux_per_cm2_s_mev > 0][-1] == pytest.approx(last_mev, abs=0.011)


def test_the_digitised_shape_of_ortiz():
    """Like the others in the bulk, and cut 2 MeV below the end point."""
    spec, bahcall = boron8(shape="ortiz2000"), boron8()
    assert spec.total_per_cm2_s == pytest.approx(5.46e6, rel=1e-12)
    bulk = np.linspace(3, 11, 9)
    np.testing.assert_allclose(
        np.interp(bulk, spec.energy_mev, spec.flux_per_cm2_s_mev),
        np.interp(bulk, bahcall.energy_mev, bahcall.flux_per_cm2_s_mev),
        rtol=0.05,
    )
    assert spec.energy_mev[spec.flux_per_cm2_s_mev > 0][-1] == pytest.approx(14.3, abs=0.1)


def test_the_total_only_scales():
    default, other = boron8(), boron8(total_per_cm2_s=5.25e6)
    assert other.total_per_cm2_s == pytest.approx(5.25e6, rel=1e-12)
    np.testing.assert_allclose(
        other.flux_per_cm2_s_mev, default.flux_per_cm2_s_mev * 5.25 / 5.46, rtol=1e-14
    )


def test_each_source_cites_its_shape_and_its_flux():
    for name in ("solar_8b", "solar_8b_winter2006"):
        shape, total = "Bahcall:1996qv", "Vinyoles:2016djt"
        mixing = {"Esteban:2024eli", "Capozzi:2025juno"}
        shape = "Winter:2004kf" if "winter" in name else shape
        assert set(source(name).cite) == {shape, total} | mixing
    assert source("solar_8b").cite != source("solar_8b_winter2006").cite


def test_unknown_names_are_listed():
    with pytest.raises(UnknownNameError, match="did you mean 'solar_8b'"):
        source("solar8b")
    with pytest.raises(UnknownNameError, match="did you mean 'winter2006'"):
        boron8(shape="winter2009")


@pytest.mark.parametrize("total", [-1.0, float("nan"), float("inf")])
def test_bad_totals(total):
    with pytest.raises(ArgumentError, match="total flux"):
        boron8(total_per_cm2_s=total)


@pytest.mark.parametrize("name", ["solar_8b", "solar_8b_winter2006"])
def test_a_shared_source_cannot_be_changed_in_place(name):
    """`source` returns the same object to everybody."""
    (flux,) = source(name).fluxes["nu_e"]
    assert source(name) is source(name)
    assert not flux.energy_mev.flags.writeable
    assert not flux.flux_per_cm2_s_mev.flags.writeable
