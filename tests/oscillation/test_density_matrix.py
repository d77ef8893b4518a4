"""Flavour at the detector, and coherent scattering on it."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics.constants import SIN2_THETA_W
from bayes_cevns.physics.oscillation import (
    COUPLINGS,
    DE_SALAS_2020,
    DEFAULT_MIXING,
    NO_NSI,
    PAIRS,
    NsiCouplings,
    charge_traces,
    density_matrices,
    electron_probability,
    mass_state_probabilities,
    nucleon_charges,
)
from bayes_cevns.physics.oscillation.density_matrix import DETECTIONS, quadratic_form

G_P, G_N = 0.5 - 2 * SIN2_THETA_W, -0.5
Z, N = 54, 77


@pytest.mark.parametrize("detection", DETECTIONS)
@pytest.mark.parametrize("parameters", [DEFAULT_MIXING, DE_SALAS_2020])
@pytest.mark.parametrize("mean", [-1.0, -0.83, 0.2, 1.0])
def test_they_are_states(detection, parameters, mean):
    constant, slope = density_matrices(parameters, detection)
    density = constant + mean * slope
    np.testing.assert_allclose(density, density.conj().T, atol=1e-15)
    assert np.trace(density).real == pytest.approx(1.0)
    assert np.linalg.eigvalsh(density).min() > -1e-12


@pytest.mark.parametrize("mean", [-0.8, 0.4])
def test_mass_eigenstates_one_by_one(mean):
    mixing = DEFAULT_MIXING.mixing_matrix()
    shares = mass_state_probabilities(mean, DEFAULT_MIXING)
    expected = sum(p * np.outer(u, u.conj()) for p, u in zip(shares, mixing.T, strict=True))
    constant, slope = density_matrices(DEFAULT_MIXING)
    np.testing.assert_allclose(constant + mean * slope, expected, atol=1e-15)
    found = (constant + mean * slope)[0, 0].real
    assert found == pytest.approx(float(electron_probability(mean, DEFAULT_MIXING)))


@pytest.mark.parametrize("mean", [-0.8, 0.4])
def test_the_propagation_basis_as_printed(mean):
    """arXiv:2409.02003, eqs. 17-19: Q_i^2 of rotated couplings, weights P_ee and 1 - P_ee."""
    p = DE_SALAS_2020
    couplings = NsiCouplings.of(dict(zip(COUPLINGS, np.linspace(-0.4, 0.5, 12), strict=True)))
    basis = p.propagation_basis().real
    up, down = (basis.T @ matrix @ basis for matrix in (couplings.up, couplings.down))
    charges = []
    for i in range(2):
        own = N * (G_N + up[i, i] + 2 * down[i, i]) + Z * (G_P + 2 * up[i, i] + down[i, i])
        others = [
            N * (up[i, j] + 2 * down[i, j]) + Z * (2 * up[i, j] + down[i, j])
            for j in range(3)
            if j != i
        ]
        charges.append(own**2 + sum(q**2 for q in others))
    survival = float(electron_probability(mean, p))
    expected = survival * charges[0] + (1 - survival) * charges[1]
    constant, slope = density_matrices(p, "propagation-basis")
    traces = charge_traces(constant + mean * slope, *nucleon_charges(couplings))
    assert np.dot([Z**2, Z * N, N**2], traces) == pytest.approx(expected, rel=1e-12)


def weak_charge_squared(couplings: NsiCouplings, a: int) -> float:
    """Q_a^2 of the conventions: final flavours added up, one initial flavour."""
    total = 0.0
    for b in range(3):
        up, down = couplings.up[a, b], couplings.down[a, b]
        standard = (Z * G_P + N * G_N) * (a == b)
        total += (standard + Z * (2 * up + down) + N * (up + 2 * down)) ** 2
    return total


@pytest.mark.parametrize("name", COUPLINGS)
def test_charges_of_pure_flavours(name):
    """Tr[rho G^2] of a pure flavour is Q_a^2, diagonal couplings and others."""
    couplings = NsiCouplings.of({name: 0.17})
    for a in range(3):
        pure = np.zeros((3, 3), dtype=complex)
        pure[a, a] = 1.0
        traces = charge_traces(pure, *nucleon_charges(couplings))
        found = np.dot([Z**2, Z * N, N**2], traces)
        assert found == pytest.approx(weak_charge_squared(couplings, a), rel=1e-12)


def test_off_diagonal_couplings_interfere_in_a_superposition():
    """Amplitude by amplitude for (nu_mu + nu_tau)/sqrt2, where flavour weights would be wrong."""
    couplings = NsiCouplings.of({"eps_mutau_u": 0.1})
    state = np.array([0.0, 1.0, 1.0]) / np.sqrt(2)
    charge = (Z * G_P + N * G_N) * np.eye(3) + (2 * Z + N) * couplings.up
    expected = sum(abs(amplitude) ** 2 for amplitude in charge @ state)
    traces = charge_traces(np.outer(state, state).astype(complex), *nucleon_charges(couplings))
    assert np.dot([Z**2, Z * N, N**2], traces) == pytest.approx(expected, rel=1e-12)
    weighted = 0.5 * sum(weak_charge_squared(couplings, a) for a in (1, 2))
    assert abs(expected / weighted - 1) > 0.3


def test_the_standard_model_does_not_know_flavour():
    for detection in DETECTIONS:
        constant, slope = density_matrices(DEFAULT_MIXING, detection)
        charges = nucleon_charges(NO_NSI)
        np.testing.assert_allclose(
            charge_traces(constant, *charges), [G_P**2, 2 * G_P * G_N, G_N**2], rtol=1e-12
        )
        np.testing.assert_allclose(charge_traces(slope, *charges), 0.0, atol=1e-15)


def test_quadratic_form():
    rng = np.random.default_rng(5)
    s, t = rng.normal(size=(2, 6))
    first, second = np.zeros((2, 3, 3))
    for position, (a, b) in enumerate(PAIRS.values()):
        first[a, b] = first[b, a] = s[position]
        second[a, b] = second[b, a] = t[position]
    for detection in DETECTIONS:
        for density in density_matrices(DEFAULT_MIXING, detection):
            expected = 0.5 * np.trace(density @ (first @ second + second @ first)).real
            assert s @ quadratic_form(density) @ t == pytest.approx(expected, rel=1e-12)


def test_unknown_description():
    with pytest.raises(UnknownNameError, match=r"detection 'flavour' \(available: density-matrix"):
        density_matrices(DEFAULT_MIXING, "flavour")
