"""Spin-dependent cross sections of a nucleus of any spin, by summing over all spin states.

The nucleus is slow: its operator is a matrix O_k in the multiplet J, along and across q, and its
state is normalised to 2m. The neutrino current is made of explicit Dirac spinors.
"""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.physics.spin_kinematics import (
    axial_kinematics,
    pseudoscalar_kinematics,
    tensor_kinematics,
    tensor_spin_kinematics,
    tensor_spin_kinematics_paper_002,
)

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
MASS = 120046.65
POINTS = [(9.0, 2e-4), (12.0, 1e-3), (16.0, 4e-3)]
SPINS = [0.5, 1.5, 4.5]


def angular_momentum(j):
    m = np.arange(j, -j - 1, -1)
    raising = np.diag(np.sqrt(j * (j + 1) - m[1:] * (m[1:] + 1)), 1)
    return np.array([(raising + raising.T) / 2, (raising - raising.T) / 2j, np.diag(m)])


def directions(energy, recoil):
    after = energy - recoil
    cos = 1 - MASS * recoil / (energy * after)
    before, behind = np.array([0, 0, 1.0]), np.array([np.sqrt(1 - cos**2), 0, cos])
    q = energy * before - after * behind
    return before, behind, q / np.linalg.norm(q), np.linalg.norm(q)


def weyl(direction, helicity):
    """Two-spinor of given helicity, of norm one."""
    values, vectors = np.linalg.eigh(np.einsum("k,kab->ab", direction, PAULI))
    return vectors[:, int(np.argmin(np.abs(values - helicity)))]


def operators(j, transverse, longitudinal, along):
    """Matrices O_k with squared charges w_T, w_L: for J = 1/2 and charge one they are sigma_k."""
    spins = angular_momentum(j) * np.sqrt(3 / (j * (j + 1)))
    part = np.einsum("k,l,lab->kab", along, along, spins)
    return np.sqrt(transverse) * (spins - part) + np.sqrt(longitudinal) * part


def summed(current, matrices, j, energy):
    """dsigma/dT: final spins summed, initial spins averaged; |M|^2 (2m)^2 / (32 pi m E^2)."""
    amplitudes = np.einsum("k,kab->ab", current, matrices) * 2 * MASS
    squared = np.sum(np.abs(amplitudes) ** 2) / (2 * j + 1)
    return squared / (32 * np.pi * MASS * energy**2)


def folded(coefficients, energy):
    return np.tensordot(coefficients, energy ** -np.arange(3.0), axes=(-1, 0))


@pytest.mark.parametrize(("energy", "recoil"), POINTS)
@pytest.mark.parametrize("j", SPINS)
def test_axial_exchange_sees_the_transverse_spin(energy, recoil, j):
    before, behind, along, _ = directions(energy, recoil)
    norm = np.sqrt(4 * energy * (energy - recoil))
    bra, ket = weyl(behind, -1).conj(), weyl(before, -1)
    # ubar_L(k') gamma^k u_L(k) = -chi'^+ sigma_k chi
    current = -norm * np.einsum("a,kab,b->k", bra, PAULI, ket)
    kinematics = folded(axial_kinematics(recoil, MASS), energy)
    for w_t, w_l in ((0.7, 0.7), (0.7, 0.0), (0.7, 3.0)):
        expected = summed(current, operators(j, w_t, w_l, along), j, energy)
        assert w_t * kinematics == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("energy", "recoil"), POINTS)
@pytest.mark.parametrize("j", SPINS)
def test_tensor_exchange_sees_both(energy, recoil, j):
    before, behind, along, _ = directions(energy, recoil)
    norm = np.sqrt(4 * energy * (energy - recoil))
    bra, ket = weyl(behind, 1).conj(), weyl(before, -1)
    # sigma_kl sigma^kl in both orders is 2 Sigma_k Sigma_k; a slow nucleus has no sigma_0k.
    current = 2 * norm * np.einsum("a,kab,b->k", bra, PAULI, ket)
    both = folded(tensor_spin_kinematics(recoil, MASS), energy)
    for w_t, w_l in ((0.7, 0.7), (0.7, 0.0), (0.0, 0.4)):
        expected = summed(current, operators(j, w_t, w_l, along), j, energy)
        assert w_t * both[0] + w_l * both[1] == pytest.approx(expected, rel=1e-6)
    simple = folded(tensor_kinematics(recoil, MASS), energy)
    assert both.sum() == pytest.approx(simple - MASS / np.pi * 4 * recoil / energy, rel=1e-12)


@pytest.mark.parametrize(("energy", "recoil"), POINTS)
@pytest.mark.parametrize("j", SPINS)
def test_pseudoscalar_exchange_sees_the_longitudinal_spin(energy, recoil, j):
    before, behind, along, q = directions(energy, recoil)
    norm = np.sqrt(4 * energy * (energy - recoil))
    lepton = norm * weyl(behind, 1).conj() @ weyl(before, -1)
    # A nucleon of coupling c and mass m_N gives c sigma.q / (2 m_N): Q_P^2 = c^2 (m/m_N)^2 w_L.
    coupling, nucleon = 3.0, 938.9
    current = lepton * coupling * q * along / (2 * nucleon)
    for w_t, w_l in ((0.7, 0.7), (3.0, 0.7)):
        expected = summed(current, operators(j, w_t, w_l, along), j, energy)
        charge = coupling**2 * (MASS / nucleon) ** 2 * w_l
        found = charge * folded(pseudoscalar_kinematics(recoil, MASS), energy)
        assert found == pytest.approx(expected, rel=1e-6)


def test_the_printed_tensor_is_8_and_32_times_lower():
    """De Romeri, Papoulias and Ternes (2025), eq. 8, with the functions of its eq. 7."""
    energy, recoil, j = 12.0, 1e-3, 1.5
    w_t, w_l = 0.7, 0.4
    # eq. 7 is the axial cross section: 2m/(2J+1) S_T (...) = (m w_T / 4 pi) (...).
    s_t = w_t * (2 * j + 1) / (8 * np.pi)
    s_l = w_l * (2 * j + 1) / (16 * np.pi)
    x, y = recoil / energy, MASS * recoil / energy**2
    printed = MASS / (2 * j + 1) * ((2 - y - 2 * x) * s_t + (1 - x) * s_l)
    variant = folded(tensor_spin_kinematics_paper_002(recoil, MASS), energy)
    assert w_t * variant[0] + w_l * variant[1] == pytest.approx(printed, rel=1e-12)
    ours = folded(tensor_spin_kinematics(recoil, MASS), energy)
    np.testing.assert_allclose(ours / variant, [8, 32], rtol=1e-12)


@pytest.mark.parametrize("function", [axial_kinematics, tensor_kinematics, pseudoscalar_kinematics])
def test_shapes_and_positivity_below_the_end_point(function):
    recoil = np.array([[1e-5, 1e-4, 1e-3], [2e-3, 3e-3, 4e-3]])
    assert function(recoil, MASS).shape == (3, 2, 3)
    assert tensor_spin_kinematics(recoil, MASS).shape == (2, 3, 2, 3)
    assert function(1e-3, MASS).shape == (3,)
    least = 0.5 * (recoil + np.sqrt(recoil**2 + 2 * MASS * recoil))
    for energy in (least, 2 * least):
        powers = np.stack([energy**-n for n in range(3)])
        assert np.all(np.sum(function(recoil, MASS) * powers, axis=0) > 0)
        both = np.sum(tensor_spin_kinematics(recoil, MASS) * powers, axis=1)
        assert np.all(both >= -1e-9 * MASS)
