"""Reactor antineutrinos: per fission, inverse beta decay, published fluxes, bad input."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.sources import reactor, reactor_of_flux
from bayes_cevns.sources.reactor import (
    ENERGY_PER_FISSION_MEV,
    FISSION_FRACTIONS,
    ISOTOPES,
    PUBLISHED_FUELS,
    antineutrinos_per_fission,
    fissions_per_s,
    reactor_experiment,
)


def count(energy, density, *, above=0.0):
    grid = np.linspace(above, 13, 26001)
    return np.trapezoid(np.interp(grid, energy, density, right=0.0), grid)


def inverse_beta_decay_cm2(energy):
    """Strumia and Vissani, Phys. Lett. B 564 (2003) 42, eq. (25), good to some per mille."""
    positron = energy - 1.29333
    momentum = np.sqrt(np.clip(positron**2 - 0.511**2, 0, None))
    log = np.log(energy)
    power = -0.07056 + 0.02018 * log - 0.001953 * log**3
    return 1e-43 * momentum * positron * energy**power


@pytest.mark.parametrize(
    ("isotope", "expected"),
    [("u235", 6.08), ("u238", 7.16), ("pu239", 5.50), ("pu241", 6.26)],
)
def test_neutrinos_per_fission(isotope, expected):
    """About six; totals of the summation, which the converted spectra change by up to 2%."""
    energy, density = antineutrinos_per_fission({isotope: 1.0}, captures_per_fission=0)
    assert count(energy, density) == pytest.approx(expected, rel=0.02)
    assert 1.4 < count(energy, density, above=1.806) < 2.6


@pytest.mark.parametrize(
    ("isotope", "expected"),
    [("u235", 6.69), ("u238", 10.10), ("pu239", 4.40), ("pu241", 6.03)],
)
def test_yields_of_inverse_beta_decay(isotope, expected):
    """Huber-Mueller yields in 1e-43 cm^2 per fission, Giunti, Phys. Lett. B 764 (2017) 145."""
    energy, density = antineutrinos_per_fission({isotope: 1.0}, captures_per_fission=0)
    grid = np.linspace(1.805, 9.0, 20001)
    weight = np.interp(grid, energy, density) * inverse_beta_decay_cm2(grid)
    assert np.trapezoid(weight, grid) == pytest.approx(1e-43 * expected, rel=0.012)


def test_the_mean_fuel():
    energy, density = antineutrinos_per_fission()
    assert count(energy, density) == pytest.approx(7.2, rel=0.02)
    assert count(energy, density, above=1.806) == pytest.approx(1.85, rel=0.02)
    assert sum(FISSION_FRACTIONS.values()) == pytest.approx(1, rel=1e-12)
    assert set(FISSION_FRACTIONS) == set(ENERGY_PER_FISSION_MEV) == set(ISOTOPES)


def test_captures_add_two_soft_neutrinos_each():
    energy, without = antineutrinos_per_fission(captures_per_fission=0)
    _, one = antineutrinos_per_fission(captures_per_fission=1)
    assert count(energy, one - without) == pytest.approx(2, rel=1e-4)
    # 239U: 1.263 MeV; 239Np: 0.722 MeV.
    assert not (one - without)[energy > 1.27].any()


def test_every_isotope_enters_linearly():
    half = {"u235": 0.5, "pu239": 0.5}
    _, mixed = antineutrinos_per_fission(half, captures_per_fission=0)
    parts = [antineutrinos_per_fission({each: 1.0}, captures_per_fission=0)[1] for each in half]
    np.testing.assert_allclose(mixed, np.mean(parts, axis=0), rtol=1e-14)


def test_ends_of_the_spectrum():
    energy, density = antineutrinos_per_fission()
    assert energy[0] == density[0] == 0.0
    assert energy[-1] == 12.4875
    assert np.all(density[1:] > 0)
    assert not reactor_of_flux().inverse_moments(12.5).any()


@pytest.mark.parametrize(
    ("name", "power_gw", "baseline_m", "flux"),
    # arXiv:2202.09672: 2.96 GW at 10.39 m; arXiv:2412.13707: 3.6 GW at 20.7 m.
    [("dresden-ii", 2.96, 10.39, 4.8e13), ("conus-plus", 3.6, 20.7, 1.45e13)],
)
def test_published_fluxes_from_the_power(name, power_gw, baseline_m, flux):
    from_power = reactor(thermal_power_gw=power_gw, baseline_m=baseline_m)
    assert from_power.total_per_cm2_s == pytest.approx(flux, rel=0.03)
    given = reactor_of_flux(name)
    assert given.total_per_cm2_s == pytest.approx(flux, rel=1e-12)
    np.testing.assert_allclose(
        given.inverse_moments([1.0, 5.0]) / given.total_per_cm2_s,
        from_power.inverse_moments([1.0, 5.0]) / from_power.total_per_cm2_s,
        rtol=1e-12,
    )


def test_all_are_electron_antineutrinos():
    source = reactor_of_flux(3e12)
    assert source.by_flavour() == {"anti_nu_e": pytest.approx(3e12, rel=1e-12)}
    assert reactor(thermal_power_gw=1.0, baseline_m=10.0).flavours == ("anti_nu_e",)


def test_fissions_per_second():
    """3.1e19 per second and GW, at about 205 MeV each."""
    assert fissions_per_s(1.0, {"u235": 1.0}) == pytest.approx(1e9 / (202.36 * 1.602176634e-13))
    assert fissions_per_s(3.0) == pytest.approx(3 * fissions_per_s(1.0))
    assert fissions_per_s(1.0) == pytest.approx(3.03e19, rel=0.01)


@pytest.mark.parametrize(
    ("fractions", "error", "message"),
    [
        ({"u233": 1.0}, UnknownNameError, "unknown fuel isotope 'u233'.*u235"),
        ({"u235": 0.9}, ArgumentError, "sum to 1, got 0.9"),
        ({}, ArgumentError, "sum to 1, got 0"),
        ({"u235": 1.5, "u238": -0.5}, ArgumentError, "finite and >= 0"),
        ({"u235": np.nan}, ArgumentError, "finite and >= 0"),
    ],
)
def test_bad_fractions(fractions, error, message):
    with pytest.raises(error, match=message):
        antineutrinos_per_fission(fractions)
    with pytest.raises(error, match=message):
        fissions_per_s(1.0, fractions)
    with pytest.raises(error, match=message):
        reactor_of_flux(fission_fractions=fractions)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_bad_numbers(value):
    with pytest.raises(ArgumentError, match="thermal power must be positive and finite, in GW"):
        reactor(thermal_power_gw=value, baseline_m=10.0)
    with pytest.raises(ArgumentError, match="baseline must be positive and finite, in m"):
        reactor(thermal_power_gw=1.0, baseline_m=value)
    if value != 0:
        with pytest.raises(ArgumentError, match="captures per fission must be finite and >= 0"):
            antineutrinos_per_fission(captures_per_fission=value)
        with pytest.raises(ArgumentError, match="total flux must be finite and >= 0"):
            reactor_of_flux(value)


def test_unknown_reactor():
    with pytest.raises(
        UnknownNameError, match=r"unknown reactor 'dresden'.*conus-plus, dresden-ii"
    ):
        reactor_of_flux("dresden")


@pytest.mark.parametrize(
    ("name", "power_gw", "baseline_m"), [("dresden-ii", 2.96, 10.39), ("conus-plus", 3.6, 20.7)]
)
def test_experiments_have_their_own_fuel(name, power_gw, baseline_m):
    """The published flux is what power, distance and this fuel give, within 1.5%."""
    own = reactor_experiment(name)
    fuel = PUBLISHED_FUELS[name]
    assert sum(fuel.values()) == pytest.approx(1, rel=1e-12)
    computed = reactor(thermal_power_gw=power_gw, baseline_m=baseline_m, fission_fractions=fuel)
    assert own.total_per_cm2_s == pytest.approx(computed.total_per_cm2_s, rel=0.015)
    np.testing.assert_allclose(
        own.inverse_moments([1.0, 5.0]) / own.total_per_cm2_s,
        computed.inverse_moments([1.0, 5.0]) / computed.total_per_cm2_s,
        rtol=1e-12,
    )
    with pytest.raises(UnknownNameError, match="unknown reactor 'dresden'"):
        reactor_experiment("dresden")
