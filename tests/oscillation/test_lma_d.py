"""The LMA-D: theta_12 above 45 degrees with a matter potential of the other sign.

Coloma and Schwetz, Phys. Rev. D 94 (2016) 055005, arXiv:1604.05772: H goes over into -H* with
theta_12 -> 90 deg - theta_12, delta -> 180 deg - delta, dm31 -> -dm31 + dm21, and a potential V
(charged currents included) into -V*. In the phases of the PDG this holds up to the sign of nu_e:
H' = -D H* D + const with D = diag(-1, 1, 1).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import oscillation_twins as twins
import pytest

from bayes_cevns.physics.oscillation import (
    DEFAULT_MIXING,
    NsiCouplings,
    OscillationParameters,
    Propagation,
    matter_couplings,
    to_matrix,
    to_vector,
)

ENERGIES = np.array([1.0, 5.0, 10.0, 15.0])
SIGNS = np.diag([-1.0, 1.0, 1.0])


def other(parameters: OscillationParameters) -> OscillationParameters:
    return replace(
        parameters,
        sin2_theta12=1.0 - parameters.sin2_theta12,
        dm31_ev2=parameters.dm21_ev2 - parameters.dm31_ev2,
        delta_cp_rad=np.pi - parameters.delta_cp_rad,
    )


def turned(matter: np.ndarray) -> np.ndarray:
    """Return couplings whose potential is -D V* D, that of charged currents included."""
    up, down, electron = to_matrix(matter)
    found = [-SIGNS @ each.conj() @ SIGNS for each in (up, down, electron)]
    found[2] = found[2] - np.diag([2.0, 0.0, 0.0])
    return to_vector(np.array(found))


def some(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.4, 0.4, (3, 9))


@pytest.mark.parametrize("seed", range(3))
def test_the_hamiltonian_goes_over_into_minus_its_conjugate(seed):
    """By the twin: eigenvectors of a library, at some electron densities and Y_n."""
    matter, parameters = some(seed), DEFAULT_MIXING
    for ratio, scale in ((0.17, 2e-5), (0.5, 1.5e-4)):
        h = twins.vacuum(parameters) + scale * twins.potential(matter, ratio)
        found = twins.vacuum(other(parameters)) + scale * twins.potential(turned(matter), ratio)
        expected = -SIGNS @ h.conj() @ SIGNS
        difference = found - expected
        constant = np.trace(difference) / 3.0 * np.eye(3)
        np.testing.assert_allclose(difference, constant, rtol=0, atol=1e-10 * np.abs(h).max())


@pytest.mark.parametrize("earth", ["none", "year"])
@pytest.mark.parametrize("seed", range(4))
def test_neutrinos_arrive_alike(earth, seed):
    """Through the Sun and the Earth the density matrix is D rho* D, to 1e-10."""
    matter = some(seed)
    way = Propagation(earth=earth)
    dark = Propagation(earth=earth, parameters=other(DEFAULT_MIXING))
    rho = to_matrix(way.density(ENERGIES, matter))
    found = to_matrix(dark.density(ENERGIES, turned(matter)))
    np.testing.assert_allclose(found, SIGNS @ rho.conj() @ SIGNS, rtol=0, atol=1e-10)


def test_where_levels_cross_as_well():
    matter = matter_couplings(NsiCouplings.of({"eps_emu_u": -0.6}))
    rho = to_matrix(Propagation(earth="none").density(ENERGIES, matter))
    dark = Propagation(earth="none", parameters=other(DEFAULT_MIXING))
    found = to_matrix(dark.density(ENERGIES, turned(matter)))
    np.testing.assert_allclose(found, SIGNS @ rho.conj() @ SIGNS, rtol=0, atol=1e-10)


def test_with_quarks_alone():
    """(2 + Y_n) u + (1 + 2 Y_n) d = -2 for every Y_n: u = -4/3, d = 2/3."""
    matter = matter_couplings(NsiCouplings.of({"eps_ee_u": -4.0 / 3.0, "eps_ee_d": 2.0 / 3.0}))
    rho = Propagation().density(ENERGIES, matter_couplings())
    found = Propagation(parameters=other(DEFAULT_MIXING)).density(ENERGIES, matter)
    np.testing.assert_allclose(found[:, :3], rho[:, :3], rtol=0, atol=1e-10)


def test_the_ordering_hardly_matters():
    """With dm31 as it is the survival probability is that of the other octant to 3e-3."""
    matter = matter_couplings(NsiCouplings.of({"eps_ee_u": -4.0 / 3.0, "eps_ee_d": 2.0 / 3.0}))
    dark = replace(DEFAULT_MIXING, sin2_theta12=1.0 - DEFAULT_MIXING.sin2_theta12)
    rho = Propagation().density(ENERGIES, matter_couplings())
    found = Propagation(parameters=dark).density(ENERGIES, matter)
    assert 1e-6 < np.abs(found[:, 0] - rho[:, 0]).max() < 3e-3
    plain = Propagation(parameters=dark).density(ENERGIES, matter_couplings())
    assert np.abs(plain[2:, 0] - rho[2:, 0]).min() > 0.2
