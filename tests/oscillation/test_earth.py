"""Regeneration in the Earth: geometry, unitarity, a slow twin and the published size."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.constants import HBARC_MEV_FM
from bayes_cevns.physics.oscillation import (
    DEFAULT_MIXING,
    LATITUDES_DEG,
    NsiCouplings,
    OscillationParameters,
    day_night_probability,
    survival_probability,
)
from bayes_cevns.physics.oscillation.day_night import night_exposure
from bayes_cevns.physics.oscillation.earth import Earth, first_state_to_electron, prem
from bayes_cevns.physics.oscillation.matter import hamiltonian_terms
from bayes_cevns.sources import boron8

RADIUS_KM = 6371.0


def test_the_way_through():
    cosines = np.array([0.0, 0.1, 0.5, 0.9, 1.0])
    lengths, electrons, _ = prem().path(cosines)
    np.testing.assert_allclose(lengths.sum(axis=0), RADIUS_KM * cosines, rtol=1e-12)
    assert np.all(lengths >= 0)
    # column depth along a diameter: twice the integral of the density over the radius
    table = prem()
    half = np.trapezoid(table.electrons_mol_per_cm3, table.radius_km)
    assert np.diff(table.radius_km).max() <= 25.0
    assert np.sum(lengths[:, -1] * electrons[:, -1]) == pytest.approx(half, rel=1e-6)


def test_vacuum():
    """Without matter nu_1 is seen as nu_e with |U_e1|^2, from every direction."""
    empty = Earth(np.array([0.0, RADIUS_KM]), np.full(2, 1e-9), np.full(2, 1e-9))
    found = first_state_to_electron([1.0, 10.0], [0.0, 0.3, 1.0], earth=empty)
    np.testing.assert_allclose(found, np.abs(DEFAULT_MIXING.mixing_matrix()[0, 0]) ** 2, rtol=1e-8)


@pytest.mark.parametrize("couplings", [{}, {"eps_emu_d": 0.2, "eps_ee_u": -0.1}])
def test_against_the_equation_of_motion(couplings):
    """An adaptive solver through a smooth Earth, once from end to end."""
    nsi, energy, cosine = NsiCouplings.of(couplings), 9.0, 0.8
    radius = np.linspace(0.0, RADIUS_KM, 3000)
    electrons = 6.0 * np.exp(-((radius / 5000.0) ** 2)) + 0.3
    smooth = Earth(radius, electrons, 1.05 * electrons)
    chord, closest = 2 * RADIUS_KM * cosine, RADIUS_KM * np.sqrt(1 - cosine**2)
    scale = 1e-12 * 1e18 / HBARC_MEV_FM / (4 * energy)

    def slope(way, state):
        r = np.hypot(closest, way - chord / 2)
        density = np.array([6.0 * np.exp(-((r / 5000.0) ** 2)) + 0.3])
        x, s = hamiltonian_terms(energy, density, 1.05 * density, DEFAULT_MIXING, nsi)
        matrix = np.array([[-x[0], s[0]], [np.conj(s[0]), x[0]]])
        return -1j * scale * matrix @ state

    s12 = np.sqrt(DEFAULT_MIXING.sin2_theta12)
    start = np.array([np.sqrt(1 - s12**2), -s12], dtype=complex)
    end = solve_ivp(slope, (0, chord), start, rtol=1e-8, atol=1e-10, method="DOP853").y[:, -1]
    expected = DEFAULT_MIXING.cos2_theta13 * abs(end[0]) ** 2
    found = first_state_to_electron(energy, cosine, couplings=nsi, earth=smooth)[0, 0]
    assert found == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize("latitude", [*LATITUDES_DEG, 0.0, 80.0])
def test_exposure(latitude):
    """Against the Sun followed hour by hour through a year on its ellipse."""
    degrees = LATITUDES_DEG.get(latitude, latitude)
    _, shares = night_exposure(latitude, 20)
    rng = np.random.default_rng(1)
    mean_anomaly, hour = rng.uniform(0, 2 * np.pi, (2, 400_000))
    eccentric = mean_anomaly
    for _ in range(20):
        eccentric = mean_anomaly + 0.0167 * np.sin(eccentric)
    distance = 1 - 0.0167 * np.cos(eccentric)
    true = 2 * np.arctan2(
        np.sqrt(1.0167) * np.sin(eccentric / 2), np.sqrt(0.9833) * np.cos(eccentric / 2)
    )
    declination = np.arcsin(np.sin(np.deg2rad(23.44)) * np.sin(true + np.deg2rad(283.0)))
    height = np.sin(np.deg2rad(degrees)) * np.sin(declination)
    height += np.cos(np.deg2rad(degrees)) * np.cos(declination) * np.cos(hour)
    flux = distance**-2
    counts, _ = np.histogram(-height, 20, (0, 1), weights=flux)
    np.testing.assert_allclose(shares, counts / counts.sum(), atol=2e-3)
    assert counts.sum() / flux.sum() == pytest.approx(0.5, abs=3e-3)


def test_night_and_day_of_boron8():
    """2-3% of P_ee in what scatters, and larger for the smaller dm21 of Super-Kamiokande.

    Cross sections that grow with energy, here as E^2, prefer the large effect.
    """
    boron = boron8()
    energies = np.linspace(5.0, 15.0, 21)
    flux = np.interp(energies, boron.energy_mev, boron.flux_per_cm2_s_mev) * energies**2
    for latitude in ("gran-sasso", "jinping"):
        result = day_night_probability("8b", energies, latitude=latitude)
        np.testing.assert_allclose(result.day, survival_probability("8b", energies))
        assert np.all(result.night > result.day)
        asymmetry = 2 * np.sum(flux * (result.night - result.day))
        asymmetry /= np.sum(flux * (result.night + result.day))
        assert 0.02 < asymmetry < 0.03
        np.testing.assert_allclose(result.average, 0.5 * (result.day + result.night))
    small = OscillationParameters(dm21_ev2=4.8e-5)
    options = {"latitude": "gran-sasso", "parameters": small}
    assert day_night_probability("8b", 10.0, **options).asymmetry > 0.05


def test_beryllium_does_not_know_the_night():
    result = day_night_probability("7be", 0.862, latitude="gran-sasso")
    assert abs(result.asymmetry) < 1e-3


def test_wrong_arguments():
    with pytest.raises(UnknownNameError, match="laboratory 'boulby'"):
        night_exposure("boulby")
    with pytest.raises(ArgumentError, match="between -90 and 90"):
        night_exposure(91.0)
    with pytest.raises(ArgumentError, match="cosines of the nadir angle"):
        first_state_to_electron(10.0, 1.2)
    with pytest.raises(ArgumentError, match="neutrino energy"):
        day_night_probability("8b", -1.0, latitude=0.0)
