"""The prefactors from the Lagrangian, with 4 x 4 Dirac matrices and a spin-1/2 nucleus.

dsigma/dT = <|M|^2> / (32 pi m E^2), summed over final and averaged over initial spins of the
nucleus; the neutrino is left-handed. A spin-1/2 nucleus differs from a heavy one of spin zero
by T^2/(2 E^2) (vector) and T/(2m) (scalar): below 1e-6 at solar energies.
"""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.physics.cevns import scalar_kinematics, vector_kinematics
from bayes_cevns.physics.form_factors import point_like
from bayes_cevns.physics.interactions import interaction, standard_model
from bayes_cevns.physics.nuclei import target

G_F = 1.1663787e-11
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
GAMMA = np.array(
    [
        np.kron(np.diag([1, -1]), np.eye(2)),
        *(np.kron(np.array([[0, 1], [-1, 0]]), s) for s in PAULI),
    ]
)
METRIC = np.diag([1.0, -1, -1, -1])
GAMMA_5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
LEFT = (np.eye(4) - GAMMA_5) / 2


def slash(p):
    return np.einsum("m,mab->ab", METRIC @ p, GAMMA)


def momenta(energy, recoil, m):
    """Neutrino in, neutrino out, nucleus in, nucleus out."""
    after = energy - recoil
    q = np.sqrt(recoil**2 + 2 * m * recoil)
    cos = (energy**2 + after**2 - q**2) / (2 * energy * after)
    k = np.array([energy, 0, 0, energy])
    k2 = after * np.array([1, np.sqrt(1 - cos**2), 0, cos])
    p = np.array([m, 0, 0, 0])
    return k, k2, p, k + p - k2


def vector_trace(energy, recoil, m):
    """Sum over spins of |ubar(k') gamma^mu P_L u(k) ubar(p') gamma_mu u(p)|^2."""
    k, k2, p, p2 = momenta(energy, recoil, m)
    lower = np.einsum("mn,nab->mab", METRIC, GAMMA)
    total = 0
    for mu in range(4):
        for nu in range(4):
            lepton = np.trace(slash(k2) @ GAMMA[mu] @ LEFT @ slash(k) @ GAMMA[nu])
            nucleus = np.trace(
                (slash(p2) + m * np.eye(4)) @ lower[mu] @ (slash(p) + m * np.eye(4)) @ lower[nu]
            )
            total += lepton * nucleus
    return total.real


def scalar_trace(energy, recoil, m):
    """Sum over spins of |ubar(k') P_L u(k) ubar(p') u(p)|^2."""
    k, k2, p, p2 = momenta(energy, recoil, m)
    right = (np.eye(4) + GAMMA_5) / 2
    lepton = np.trace(slash(k2) @ LEFT @ slash(k) @ right)
    nucleus = np.trace((slash(p2) + m * np.eye(4)) @ (slash(p) + m * np.eye(4)))
    return (lepton * nucleus).real


def cross_section(amplitude_squared, energy, m):
    return 0.5 * amplitude_squared / (32 * np.pi * m * energy**2)


def folded(coefficients, energy):
    return float(coefficients @ energy ** -np.arange(3.0))


XE132 = target("Xe").isotopes[6]
POINTS = [(9.0, 2e-4), (12.0, 1e-3), (16.0, 4e-3), (5.0, 1e-5)]


@pytest.mark.parametrize(("energy", "recoil"), POINTS)
def test_vector_current(energy, recoil):
    m = XE132.mass_mev
    # L = -sqrt2 G_F Q (nubar_L gamma nu_L)(Nbar gamma N), with Q = 1.
    squared = 2 * G_F**2 * vector_trace(energy, recoil, m)
    expected = cross_section(squared, energy, m)
    found = folded(vector_kinematics(XE132, recoil, point_like), energy)
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("energy", "recoil"), POINTS)
def test_scalar_exchange(energy, recoil):
    m = XE132.mass_mev
    # L = g (nubar_R nu_L) phi + Q (Nbar N) phi without the propagator, g = Q = 1.
    expected = cross_section(scalar_trace(energy, recoil, m), energy, m)
    found = folded(scalar_kinematics(XE132, recoil, point_like), energy)
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("x", [5e-10, -5e-10])
def test_amplitudes_of_a_vector_mediator_add(x):
    """Z exchange is -sqrt2 G_F Q; a mediator of L = g_nu J_nu Z' + g_q J_q Z' is -x / (q^2 + m^2).

    Integrating out Z' of L = (m^2/2) Z'^2 + Z' J leaves -J^2 / (2 m^2): the same sign as the
    Standard Model's for like-sign couplings and a positive weak charge.
    """
    energy, recoil, mass = 10.0, 6e-4, 20.0
    m, z, n = XE132.mass_mev, 54, 78
    q2 = 2 * m * recoil
    z_boson = -np.sqrt(2) * G_F * (z * (0.5 - 2 * 0.23857) - n / 2)
    mediator = -x * 3 * (z + n) / (q2 + mass**2)
    squared = (z_boson + mediator) ** 2 * vector_trace(energy, recoil, m)
    parts = interaction("vector-universal").components(XE132, recoil, mass, point_like)
    found = folded(parts[0] + x * parts[1] + x**2 * parts[2], energy)
    assert found == pytest.approx(cross_section(squared, energy, m), rel=1e-6)
    sm = folded(standard_model(XE132, recoil, point_like), energy)
    assert (found < sm) == (x > 0)
