"""Density matrices of solar neutrinos against diagonalisation and the equation of motion."""

from __future__ import annotations

import pickle

import numpy as np
import oscillation_twins as twins
import pytest

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.oscillation import (
    COUPLINGS,
    DEFAULT_MIXING,
    METRIC,
    NsiCouplings,
    OscillationParameters,
    Propagation,
    crossing_probability,
    day_night_probability,
    density_matrices,
    flavour_probabilities,
    matter_couplings,
    mean_cos_2theta,
    nucleon_charges,
    three_flavour,
    to_matrix,
    to_vector,
    two_flavour_probabilities,
)
from bayes_cevns.sources import boron8

INVERTED = OscillationParameters(dm31_ev2=-2.4e-3)
ENERGIES = np.array([4.0, 7.0, 10.0, 15.0])


def random_couplings(count: int, size: float, seed: int) -> list[NsiCouplings]:
    values = np.random.default_rng(seed).uniform(-size, size, (count, 12))
    return [NsiCouplings.of(dict(zip(COUPLINGS, row, strict=True))) for row in values]


def charges_squared(couplings: NsiCouplings) -> np.ndarray:
    """Return G^2 on xenon as a vector, shape (9,)."""
    proton, neutron = nucleon_charges(couplings)
    charge = 54 * proton + 77.3 * neutron
    return to_vector(charge @ charge)


def rate(density: np.ndarray, couplings: NsiCouplings) -> np.ndarray:
    return density @ (METRIC * charges_squared(couplings))


@pytest.mark.parametrize("parameters", [DEFAULT_MIXING, INVERTED])
@pytest.mark.parametrize("size", [0.0, 0.1, 0.3, 1.0])
def test_adiabatic_days_are_those_of_diagonalisation(size, parameters):
    """Where no level crosses: shares and rates from all radii, with a library's eigenvectors."""
    way = Propagation(earth="none", parameters=parameters)
    mixing = parameters.mixing_matrix()
    for couplings in random_couplings(12, size, seed=4):
        options = {"couplings": couplings, "parameters": parameters}
        if max(crossing_probability(e, start_radius=0.0, **options) for e in ENERGIES) > 1e-5:
            continue
        matter = matter_couplings(couplings)
        found = way.density(ENERGIES, matter)
        for energy, density in zip(ENERGIES, found, strict=True):
            shares = twins.adiabatic_shares(energy, matter, parameters)
            expected = to_vector((mixing * shares) @ mixing.conj().T)
            np.testing.assert_allclose(density, expected, rtol=0, atol=5e-5)
            assert rate(density, couplings) == pytest.approx(rate(expected, couplings), rel=2e-4)


def test_against_the_twin_of_the_package():
    couplings = NsiCouplings.of({"eps_emu_u": 0.2, "eps_tautau_d": -0.5, "eps_mutau_u": 0.3})
    found = Propagation(earth="none").density(ENERGIES, matter_couplings(couplings))[:, 0]
    expected = three_flavour.survival_probability("8b", ENERGIES, couplings=couplings)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("component", ["pp", "7be", "pep", "hep", "13n", "15o", "17f"])
def test_every_component_has_its_own_zone(component):
    energy = {"pp": 0.35, "7be": 0.8613, "pep": 1.44, "hep": 12.0}.get(component, 1.1)
    matter = matter_couplings(random_couplings(1, 0.5, seed=7)[0])
    density = Propagation(component=component, earth="none").density(energy, matter)[0]
    mixing = DEFAULT_MIXING.mixing_matrix()
    shares = twins.adiabatic_shares(energy, matter, DEFAULT_MIXING, component)
    expected = to_vector((mixing * shares) @ mixing.conj().T)
    np.testing.assert_allclose(density, expected, rtol=0, atol=3e-5)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_year_with_random_couplings(seed):
    """The rate of 8B on xenon, with three flavours in the Sun and through PREM, to 1e-3.

    Energies as many as nights: what oscillates with energy is integrated, as in a detector.
    """
    (couplings,) = random_couplings(1, 1.0, seed)
    matter, latitude = matter_couplings(couplings), 42.4
    energies = np.linspace(4.2, 15.4, 30)
    source = boron8()
    weights = energies**2 * np.interp(energies, source.energy_mev, source.flux_per_cm2_s_mev)
    nights = twins.sky(latitude, 100)
    order = np.random.default_rng(seed).permutation(nights.size)
    mixing, expected, day = DEFAULT_MIXING.mixing_matrix(), np.zeros(9), np.zeros(9)
    for i, (energy, weight) in enumerate(zip(energies, weights, strict=True)):
        shares = twins.adiabatic_shares(energy, matter, DEFAULT_MIXING)
        by_day = (mixing * shares) @ mixing.conj().T
        states = twins.night_states(energy, matter, DEFAULT_MIXING, nights[order[i::30]])
        by_night = np.einsum("k,kij->ij", shares, states)
        expected += weight * to_vector(0.5 * (by_day + by_night))
        day += weight * to_vector(by_day)
    found = weights @ Propagation(latitude_deg=latitude).density(energies, matter)
    assert rate(found, couplings) == pytest.approx(rate(expected, couplings), rel=1e-3)
    effect = abs(rate(expected, couplings) / rate(day, couplings) - 1)
    assert abs(rate(found, couplings) / rate(expected, couplings) - 1) < 0.2 * effect


@pytest.mark.parametrize("energy", [5.0, 12.0])
def test_the_standard_model_by_night(energy):
    """Night minus day through PREM, averaged over 6% in energy as the table is."""
    matter, mixing = np.zeros((3, 9)), DEFAULT_MIXING.mixing_matrix()
    nights = twins.sky(42.4, 150)
    order = np.random.default_rng(0).permutation(nights.size)
    spread = energy * np.linspace(0.94, 1.06, 25)
    states = np.mean(
        [
            twins.night_states(e, matter, DEFAULT_MIXING, nights[order[i::25]])
            for i, e in enumerate(spread)
        ],
        axis=0,
    )
    shares = twins.adiabatic_shares(energy, matter, DEFAULT_MIXING)
    day, night = (mixing * shares) @ mixing.conj().T, np.einsum("k,kij->ij", shares, states)
    expected = 0.5 * (night - day)[0, 0].real
    probabilities = [flavour_probabilities("8b", energy, earth=earth) for earth in ("none", "year")]
    assert probabilities[1][0] - probabilities[0][0] == pytest.approx(expected, rel=0.03)
    np.testing.assert_allclose(np.sum(probabilities, axis=1), 1.0, rtol=1e-12)


def test_two_flavours_are_near():
    """By day a thousandth; by night their difference of P_1 and P_2 counts, a sixth at 4 MeV."""
    day = flavour_probabilities("8b", ENERGIES, earth="none")
    np.testing.assert_allclose(day, two_flavour_probabilities("8b", ENERGIES), atol=1.5e-3)
    two = day_night_probability("8b", ENERGIES, latitude="gran-sasso")
    year = flavour_probabilities("8b", ENERGIES)[0]
    np.testing.assert_allclose(year - day[0], two.average - two.day, rtol=0.2)


def test_complex_couplings_by_day():
    """All phases with the other sign: the density matrix by day is the complex conjugate."""
    matter = np.random.default_rng(5).uniform(-0.5, 0.5, (3, 9))
    conjugate = np.where(np.arange(9) < 6, 1.0, -1.0)
    other = OscillationParameters(delta_cp_rad=-DEFAULT_MIXING.delta_cp_rad)
    found = Propagation(parameters=other, earth="none").density(ENERGIES, matter * conjugate)
    expected = Propagation(earth="none").density(ENERGIES, matter) * conjugate
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_what_is_alike_for_all_flavours_does_nothing():
    matter = np.random.default_rng(6).uniform(-0.5, 0.5, (3, 9))
    same = matter + 0.3 * to_vector(np.eye(3))
    expected = Propagation().density(ENERGIES, matter)
    np.testing.assert_allclose(Propagation().density(ENERGIES, same), expected, atol=1e-12)


def test_batches_are_loops():
    matter = np.random.default_rng(8).uniform(-1, 1, (2, 5, 3, 9))
    way = Propagation()
    found = way.density(ENERGIES, matter)
    assert found.shape == (2, 5, 4, 9)
    for i in np.ndindex(2, 5):
        np.testing.assert_allclose(found[i], way.density(ENERGIES, matter[i]), atol=1e-12)


def test_densities_are_densities():
    matter = np.random.default_rng(9).uniform(-1, 1, (300, 3, 9))
    matrices = to_matrix(Propagation().density(ENERGIES, matter))
    np.testing.assert_allclose(np.trace(matrices, axis1=-2, axis2=-1), 1.0, atol=1e-12)
    assert np.linalg.eigvalsh(matrices).min() > -2e-3


@pytest.mark.parametrize("detection", ["density-matrix", "propagation-basis"])
def test_two_flavours_by_name(detection):
    couplings = NsiCouplings.of({"eps_emu_u": 0.2, "eps_ee_d": -0.3, "eps_mutau_d": 0.1})
    way = Propagation(earth="none", flavours="two", detection=detection)
    constant, slope = density_matrices(DEFAULT_MIXING, detection)
    mean = mean_cos_2theta("8b", ENERGIES, couplings=couplings)
    expected = to_vector(constant) + mean[:, None] * to_vector(slope)
    found = way.density(ENERGIES, matter_couplings(couplings))
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_couplings_to_electrons_are_charged_currents():
    """eps^e_ee = -1 takes them away; a unit matrix does nothing."""
    matter = np.zeros((3, 9))
    matter[2, 0] = -1.0
    found = Propagation().density(10.0, matter)[0, 0]
    expected = np.sum(np.abs(DEFAULT_MIXING.mixing_matrix()[0]) ** 4)
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"earth": "night"}, UnknownNameError, "description of the Earth"),
        ({"component": "9b"}, UnknownNameError, "component"),
        ({"flavours": "four"}, UnknownNameError, "number of flavours"),
        ({"model": "b99"}, UnknownNameError, "solar model"),
        ({"latitude_deg": 90.5}, ArgumentError, "latitude"),
        ({"flavours": "two"}, ArgumentError, 'earth="none"'),
        ({"detection": "propagation-basis"}, ArgumentError, 'flavours="two"'),
    ],
)
def test_what_is_refused(options, error, words):
    with pytest.raises(error, match=words):
        Propagation(**options)


def test_bad_input():
    way = Propagation(earth="none")
    with pytest.raises(ArgumentError, match="energy"):
        way.density(0.0, np.zeros((3, 9)))
    with pytest.raises(ArgumentError, match="shape"):
        way.density(10.0, np.zeros(27))
    with pytest.raises(ArgumentError, match="finite"):
        way.density(10.0, np.full((3, 9), np.inf))
    middle = Propagation(earth="none", parameters=OscillationParameters(dm31_ev2=5e-5))
    with pytest.raises(ArgumentError, match="dm31"):
        middle.density(10.0, np.zeros((3, 9)))


def test_a_way_is_a_value():
    assert Propagation() == pickle.loads(pickle.dumps(Propagation()))
    assert hash(Propagation()) == hash(Propagation(latitude_deg=42.4))
    assert Propagation() != Propagation(latitude_deg=28.15)
